//! What is known of a tenant: facts, and for each that could not be read the reason; never "none" in its place.

use std::fmt;

use serde::Deserialize;

use crate::deleted::{DeletedApplication, DeletedServicePrincipal};
use crate::denial::{Cause, Denial};
use crate::problem::{AppLabel, Problem};
use crate::types::{
    AppManagementPolicy, AppPolicy, AppRoleAssignment, Application, Grant, Organization, ResourceServicePrincipal,
    RoleAssignment, RoleInstance, ServicePrincipal,
};
use crate::wanted::Wanted;

/// A fact of the tenant, or why it isn't known.
pub type Fact<T> = Result<T, Unread>;

/// Something that is looked up, and the Microsoft Graph permissions that allow it (one is enough).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subject {
    /// In words.
    pub what: &'static str,
    /// Least first.
    pub permissions: &'static [&'static str],
}

/// Of a tenant that nothing was read of.
const NOT_ASKED_FOR: Subject = Subject { what: "this", permissions: &[] };

/// A look-up that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// What was looked up.
    pub subject: Subject,
    /// The service's words.
    pub why: String,
    /// The service refuses to show it, and why.
    pub denied: Option<Denial>,
    /// It passes by itself: a replica that lags, a service that stumbles.
    pub passing: bool,
    /// There is nothing to read here: a licence the tenant doesn't have, a cloud that doesn't know it.
    pub lacking: bool,
}

impl Unread {
    /// False where nobody asked for it: nothing follows from that.
    pub fn was_asked_for(&self) -> bool {
        self.subject != NOT_ASKED_FOR
    }
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} could not be read: {}", self.subject.what, self.why)?;
        match &self.denied {
            Some(denial) if self.why.ends_with('.') => write!(f, " {}", denial.words),
            Some(denial) => write!(f, ". {}", denial.words),
            None => Ok(()),
        }
    }
}

/// What a step can ask to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LookUp {
    /// The organization.
    Organization,
    /// How many users, groups and contacts still are synchronized.
    SyncedObjects,
    /// The application.
    Application,
    /// What was deleted and can be restored, where there may be no application.
    Deleted,
    /// Microsoft Graph's own service principal: which permissions there are.
    Catalogue,
    /// The tenant's default app management policy.
    Policy,
    /// Who is Global Administrator.
    GlobalAdministrators,
    /// The application's service principal.
    ServicePrincipal,
    /// Its delegated permission grants.
    Grants,
    /// Its app role assignments.
    Assignments,
}

/// The application, as far as it can be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// None.
    None,
    /// Ours: it has our alternate key or our mark.
    Ours(Application),
    /// The only one of the wanted name or id, made by hand.
    SameName(Application),
    /// Several of the wanted name, none of them ours; or several with our mark.
    Several(Vec<Application>),
    /// Ours, and not what is meant.
    NotMeant(Vec<Application>),
}

/// Objects that directory synchronization still masters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncedObjects {
    /// Users.
    pub users: Fact<Synced>,
    /// Groups.
    pub groups: Fact<Synced>,
    /// Organizational contacts.
    pub contacts: Fact<Synced>,
}

/// Those of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Synced {
    /// How many.
    pub count: u64,
    /// The first of them.
    pub first: Vec<SyncedObject>,
}

/// One of them, as far as an admin needs it to find it again. It may be a person.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SyncedObject {
    /// Object id.
    #[serde(default)]
    pub id: Option<String>,
    /// What it is called.
    #[serde(default)]
    pub display_name: Option<String>,
    /// What a user signs in with.
    #[serde(default)]
    pub user_principal_name: Option<String>,
}

impl fmt::Display for SyncedObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = self.id.as_deref().unwrap_or("no id");
        match (&self.display_name, &self.user_principal_name) {
            (Some(name), Some(sign_in)) => write!(f, "{name}, {sign_in} ({id})"),
            (Some(name), None) | (None, Some(name)) => write!(f, "{name} ({id})"),
            (None, None) => f.write_str(id),
        }
    }
}

/// The tenant as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// The organization.
    pub organization: Fact<Organization>,
    /// Synchronized objects.
    pub synced: SyncedObjects,
    /// The application.
    pub application: Fact<Found>,
    /// All deleted applications of the tenant.
    pub deleted_applications: Fact<Vec<DeletedApplication>>,
    /// All deleted service principals, where something is to be restored, or the application has none.
    pub deleted_principals: Fact<Vec<DeletedServicePrincipal>>,
    /// Which permissions Microsoft Graph offers here.
    pub catalogue: Fact<ResourceServicePrincipal>,
    /// The default app management policy.
    pub policy: Fact<AppManagementPolicy>,
    /// App management policies of the application's own, which win over the default one.
    pub app_policies: Fact<Vec<AppPolicy>>,
    /// All assignments of Global Administrator.
    pub global_administrators: Fact<Vec<RoleAssignment>>,
    /// The same as Privileged Identity Management has them, with their ends. Nothing is missing where a tenant can't show them.
    pub administrator_instances: Fact<Vec<RoleInstance>>,
    /// The application's service principal.
    pub service_principal: Fact<Option<ServicePrincipal>>,
    /// Its delegated permission grants.
    pub grants: Fact<Vec<Grant>>,
    /// Its app role assignments.
    pub assignments: Fact<Vec<AppRoleAssignment>>,
}

/// Ids of an application that is known already, so that everything can be read at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppIds {
    /// Object id.
    pub object_id: String,
    /// Application (client) id.
    pub app_id: String,
}

impl AppIds {
    /// Of an application.
    pub fn of(application: &Application) -> Self {
        Self { object_id: application.id.clone(), app_id: application.app_id.clone() }
    }
}

impl Found {
    /// The application the run works with, where there is exactly one and it may be taken.
    pub fn usable(&self, adopt: bool) -> Option<&Application> {
        match self {
            Self::Ours(application) => Some(application),
            Self::SameName(application) if adopt => Some(application),
            Self::SameName(_) | Self::None | Self::Several(_) | Self::NotMeant(_) => None,
        }
    }

    /// The same, with the reason where there is none that may be taken. `Ok(None)`: there is none at all.
    pub fn resolve(&self, wanted: &Wanted) -> Result<Option<&Application>, Problem> {
        match self {
            Self::None => Ok(None),
            Self::Ours(application) => Ok(Some(application)),
            Self::SameName(application) if wanted.adopt => Ok(Some(application)),
            Self::SameName(application) => Err(Problem::NotAdopted(label(application))),
            Self::Several(applications) => Err(Problem::Ambiguous(applications.iter().map(label).collect())),
            Self::NotMeant(others) => Err(wanted.which.not_meant(others)),
        }
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by = |f: &mut fmt::Formatter<'_>, application: &Application, by: &str| {
            let AppLabel { display_name, app_id, .. } = label(application);
            write!(f, "application '{display_name}' ({app_id}): {by}")
        };
        match self {
            Self::None => f.write_str("no application is ours, and none has the name"),
            Self::Ours(application) => by(f, application, "chosen by its unique name or tag, which are this module's"),
            Self::SameName(application) => {
                by(f, application, "the only one of the name or id, made otherwise: for -Adopt alone")
            }
            Self::NotMeant(_) => f.write_str("this module's application is not the one that is meant"),
            Self::Several(applications) => {
                write!(f, "{} applications could be meant: none is chosen", applications.len())
            }
        }
    }
}

impl Observed {
    /// The tenant as a fresh reader knows it: nothing.
    pub fn unread() -> Self {
        let synced = SyncedObjects { users: unasked(), groups: unasked(), contacts: unasked() };
        Self {
            organization: unasked(),
            synced,
            application: unasked(),
            deleted_applications: unasked(),
            deleted_principals: unasked(),
            catalogue: unasked(),
            policy: unasked(),
            app_policies: unasked(),
            global_administrators: unasked(),
            administrator_instances: unasked(),
            service_principal: unasked(),
            grants: unasked(),
            assignments: unasked(),
        }
    }

    /// The application the run works with.
    pub fn app(&self, adopt: bool) -> Option<&Application> {
        self.application.as_ref().ok()?.usable(adopt)
    }

    /// Takes over what a later look has read.
    pub fn take_over(&mut self, later: Self) {
        take(&mut self.organization, later.organization);
        take(&mut self.synced.users, later.synced.users);
        take(&mut self.synced.groups, later.synced.groups);
        take(&mut self.synced.contacts, later.synced.contacts);
        take(&mut self.application, later.application);
        take(&mut self.deleted_applications, later.deleted_applications);
        take(&mut self.deleted_principals, later.deleted_principals);
        take(&mut self.catalogue, later.catalogue);
        take(&mut self.policy, later.policy);
        take(&mut self.app_policies, later.app_policies);
        take(&mut self.global_administrators, later.global_administrators);
        take(&mut self.administrator_instances, later.administrator_instances);
        take(&mut self.service_principal, later.service_principal);
        take(&mut self.grants, later.grants);
        take(&mut self.assignments, later.assignments);
    }

    /// True where something was refused for want of a permission: another token may hold it.
    pub fn lacks_permission(&self) -> bool {
        let Self { organization, synced, application, catalogue, policy, .. } = self;
        let Self { app_policies, global_administrators, service_principal, grants, assignments, .. } = self;
        let refused = [
            organization.as_ref().err(),
            synced.users.as_ref().err(),
            synced.groups.as_ref().err(),
            synced.contacts.as_ref().err(),
            application.as_ref().err(),
            catalogue.as_ref().err(),
            policy.as_ref().err(),
            app_policies.as_ref().err(),
            global_administrators.as_ref().err(),
            service_principal.as_ref().err(),
            grants.as_ref().err(),
            assignments.as_ref().err(),
        ];
        let lacks = |denial: &Denial| matches!(denial.cause, Cause::Permission | Cause::OldToken);
        refused.into_iter().flatten().filter_map(|unread| unread.denied.as_ref()).any(lacks)
    }

    /// The application's service principal.
    pub fn principal(&self) -> Option<&ServicePrincipal> {
        self.service_principal.as_ref().ok()?.as_ref()
    }
}

/// Unless it was not asked for.
fn take<T>(fact: &mut Fact<T>, later: Fact<T>) {
    if !matches!(&later, Err(unread) if !unread.was_asked_for()) {
        *fact = later;
    }
}

fn unasked<T>() -> Fact<T> {
    Err(Unread {
        subject: NOT_ASKED_FOR,
        why: "it was not asked for".into(),
        denied: None,
        passing: false,
        lacking: false,
    })
}

/// An application, as far as an admin needs it to tell two apart.
pub fn label(application: &Application) -> AppLabel {
    AppLabel {
        display_name: application.display_name.clone().unwrap_or_default(),
        app_id: application.app_id.clone(),
        object_id: application.id.clone(),
    }
}
