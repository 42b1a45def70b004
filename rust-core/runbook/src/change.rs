//! What a run can change in a tenant: values, made by planning, carried out by `apply`. They can be written down and read
//! back without loss; what each is sent as is in [`crate::change_request`], how it is taken back in [`crate::undo`].

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::stage::Stage;
use crate::step::StepName;
use crate::types::{CredentialLock, RequiredResourceAccess};

/// One change of one step. Ids of things the same run makes first are filled in when it is carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The step it belongs to.
    pub step: StepName,
    /// What is changed, and from what to what.
    #[serde(flatten)]
    pub kind: ChangeKind,
}

/// The alternate key of a new application, by which it can't be made twice.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AppKey {
    /// Ours.
    #[default]
    Ours,
    /// One beside ours, which the deleted application with this application id keeps: its mark leads to the new one.
    Beside(String),
    /// None, since it isn't known whether a deleted one keeps ours: its mark leads to it, and it is made by `POST`.
    None,
}

impl AppKey {
    fn is_ours(&self) -> bool {
        *self == Self::Ours
    }
}

/// The kinds of changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all_fields = "camelCase")]
pub enum ChangeKind {
    /// `PATCH /organization/{id}`: can't be cancelled, nor taken back before it is complete.
    SwitchSyncOff {
        /// Tenant id.
        organization: String,
    },
    /// A new application.
    CreateApplication {
        /// Its name.
        display_name: String,
        /// Its declared permissions.
        permissions: Vec<RequiredResourceAccess>,
        /// The lock of its service principal's credentials, where one is wanted.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lock: Option<CredentialLock>,
        /// The alternate key that it gets.
        #[serde(default, skip_serializing_if = "AppKey::is_ours")]
        key: AppKey,
    },
    /// A deleted application back, with the ids and the secrets it had.
    RestoreApplication {
        /// Object id.
        id: String,
        /// Application (client) id.
        app_id: String,
    },
    /// A deleted application is deleted for good, which frees its alternate key.
    PurgeApplication {
        /// Object id.
        id: String,
        /// Application (client) id.
        app_id: String,
    },
    /// An application that is there: what it lacks is added, what others added is kept.
    UpdateApplication {
        /// Object id.
        id: String,
        /// What is set; what is left out stays.
        to: ApplicationProperties,
        /// The same as it was.
        before: ApplicationProperties,
    },
    /// The application's service principal.
    CreateServicePrincipal,
    /// The deleted service principal of the application back.
    RestoreServicePrincipal {
        /// Object id.
        id: String,
    },
    /// Let a disabled service principal sign in, or disable it.
    SetServicePrincipalEnabled {
        /// Object id.
        id: String,
        /// Whether it may sign in; before, it was the other way round.
        enabled: bool,
    },
    /// Admin consent for delegated permissions, where there is none yet.
    CreateGrant {
        /// Microsoft Graph's service principal.
        resource: String,
        /// Names.
        scopes: Vec<String>,
    },
    /// Other delegated permissions in the grant that is there.
    SetGrantScope {
        /// The grant's id.
        id: String,
        /// All names: those there and those added.
        to: String,
        /// All names as they were.
        before: String,
    },
    /// One application permission.
    AssignAppRole {
        /// Microsoft Graph's service principal.
        resource: String,
        /// The role's id in this tenant.
        role: String,
        /// Its name.
        name: String,
    },
    /// Global Administrator for the whole directory.
    AssignGlobalAdministrator,
    /// A client secret.
    AddSecret {
        /// How long it lives. The start is taken when it is sent.
        end: SecretEnd,
    },
    /// Takes a client secret away.
    RemoveSecret {
        /// The secret's id.
        key_id: String,
    },
    /// Takes away an object that a change made.
    Remove {
        /// What it is.
        object: Object,
        /// Its id.
        id: String,
    },
}

/// An object that a change makes and another takes away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Object {
    /// The application.
    Application,
    /// Its service principal.
    ServicePrincipal,
    /// A delegated permission grant.
    Grant,
    /// An app role assignment.
    AppRoleAssignment {
        /// The service principal whose role it is.
        resource: String,
    },
    /// An assignment of a directory role.
    RoleAssignment,
    /// A service principal that was deleted and can be restored until then.
    DeletedServicePrincipal,
}

impl Object {
    /// What taking it away means, in words.
    pub(crate) fn removal(&self, id: &str) -> String {
        match self {
            Self::Application => format!("Delete the application {id}"),
            Self::ServicePrincipal => format!("Delete the service principal {id}"),
            Self::Grant => format!("Withdraw the consent for delegated permissions, grant {id}"),
            Self::AppRoleAssignment { .. } => format!("Withdraw an application permission, assignment {id}"),
            Self::RoleAssignment => format!("Take the role Global Administrator away, role assignment {id}"),
            Self::DeletedServicePrincipal => format!("Delete the deleted service principal {id} for good"),
        }
    }
}

/// Properties of an application that a change sets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApplicationProperties {
    /// The whole collection, which is replaced as one: what is there and what was missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required_resource_access: Option<Vec<RequiredResourceAccess>>,
    /// All tags, with the mark that says it is ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    /// The audience.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign_in_audience: Option<String>,
    /// The lock of its service principal's credentials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_principal_lock_configuration: Option<CredentialLock>,
}

/// When a new secret ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SecretEnd {
    /// A hundred years after its start.
    Runbook,
    /// So long after its start.
    After(time::Duration),
}

impl SecretEnd {
    /// The end of a secret that starts at `start`.
    pub fn at(self, start: OffsetDateTime) -> OffsetDateTime {
        match self {
            Self::Runbook => crate::wanted::runbook_end(start),
            Self::After(time) => start.saturating_add(time),
        }
    }
}

impl std::fmt::Display for SecretEnd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Runbook => f.write_str("100 years"),
            Self::After(time) => f.write_str(&crate::duration::text(*time)),
        }
    }
}

/// What an answer tells that later requests are built on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Yields {
    /// Nothing.
    Nothing,
    /// The application.
    Application,
    /// Its service principal.
    ServicePrincipal,
    /// What was read as deleted: the answer needn't show all of it.
    Restored,
    /// The text of a secret.
    Secret,
}

impl ChangeKind {
    /// What it does with what was deleted, as a confirmation shows it.
    pub fn of_deleted(&self) -> Option<String> {
        match self {
            Self::RestoreApplication { app_id, .. } => {
                Some(format!("Restore the deleted application {app_id}, whose client secrets work again then"))
            }
            Self::PurgeApplication { app_id, .. } => {
                Some(format!("Delete the deleted application {app_id} for good, and register the application anew"))
            }
            Self::RestoreServicePrincipal { id } => Some(format!("Restore the deleted service principal {id}")),
            _ => None,
        }
    }

    /// As a change of a step.
    pub fn of(self, step: StepName) -> Change {
        Change { step, kind: self }
    }
}

impl Change {
    /// The stage in which it is sent.
    pub fn stage(&self) -> Stage {
        match &self.kind {
            ChangeKind::SwitchSyncOff { .. } => Stage::Irreversible,
            ChangeKind::CreateApplication { .. }
            | ChangeKind::RestoreApplication { .. }
            | ChangeKind::PurgeApplication { .. }
            | ChangeKind::UpdateApplication { .. }
            | ChangeKind::Remove { object: Object::Application, .. } => Stage::Application,
            ChangeKind::CreateServicePrincipal
            | ChangeKind::RestoreServicePrincipal { .. }
            | ChangeKind::SetServicePrincipalEnabled { .. }
            | ChangeKind::Remove { object: Object::ServicePrincipal, .. } => Stage::Principal,
            ChangeKind::CreateGrant { .. }
            | ChangeKind::SetGrantScope { .. }
            | ChangeKind::AssignAppRole { .. }
            | ChangeKind::AssignGlobalAdministrator
            | ChangeKind::AddSecret { .. }
            | ChangeKind::RemoveSecret { .. }
            | ChangeKind::Remove { .. } => Stage::Consents,
        }
    }

    /// The steps that must have made what it builds on, in order.
    pub fn builds_on(&self) -> &'static [StepName] {
        match &self.kind {
            ChangeKind::CreateServicePrincipal
            | ChangeKind::RestoreServicePrincipal { .. }
            | ChangeKind::AddSecret { .. }
            | ChangeKind::RemoveSecret { .. } => &[StepName::Application],
            ChangeKind::CreateGrant { .. }
            | ChangeKind::SetGrantScope { .. }
            | ChangeKind::AssignAppRole { .. }
            | ChangeKind::AssignGlobalAdministrator => &[StepName::Application, StepName::ServicePrincipal],
            ChangeKind::SwitchSyncOff { .. }
            | ChangeKind::CreateApplication { .. }
            | ChangeKind::RestoreApplication { .. }
            | ChangeKind::PurgeApplication { .. }
            | ChangeKind::UpdateApplication { .. }
            | ChangeKind::SetServicePrincipalEnabled { .. }
            | ChangeKind::Remove { .. } => &[],
        }
    }

    /// What its answer yields.
    pub fn yields(&self) -> Yields {
        match &self.kind {
            ChangeKind::CreateApplication { .. } => Yields::Application,
            ChangeKind::RestoreApplication { .. } | ChangeKind::RestoreServicePrincipal { .. } => Yields::Restored,
            ChangeKind::CreateServicePrincipal => Yields::ServicePrincipal,
            ChangeKind::AddSecret { .. } => Yields::Secret,
            _ => Yields::Nothing,
        }
    }

    /// What was done, in words; what its answer yields is named beside.
    pub fn done(&self) -> String {
        match &self.kind {
            ChangeKind::SwitchSyncOff { .. } => "Switched off".into(),
            ChangeKind::CreateApplication { .. } => "Registered application".into(),
            ChangeKind::UpdateApplication { .. } => "Updated".into(),
            ChangeKind::RestoreApplication { app_id, .. } => format!("Restored application {app_id}"),
            ChangeKind::PurgeApplication { app_id, .. } => format!("Deleted application {app_id} for good"),
            ChangeKind::RestoreServicePrincipal { id } => format!("Restored service principal {id}"),
            ChangeKind::CreateServicePrincipal => "Created service principal".into(),
            ChangeKind::SetServicePrincipalEnabled { enabled: true, .. } => "Enabled".into(),
            ChangeKind::SetServicePrincipalEnabled { enabled: false, .. } => "Disabled".into(),
            ChangeKind::CreateGrant { scopes, .. } => format!("Granted {} permissions", scopes.len()),
            ChangeKind::SetGrantScope { .. } => "Added the missing permissions".into(),
            ChangeKind::AssignAppRole { name, .. } => format!("Granted {name}"),
            ChangeKind::AssignGlobalAdministrator => "Assigned".into(),
            ChangeKind::AddSecret { .. } => "Created secret".into(),
            ChangeKind::RemoveSecret { key_id } => format!("Removed secret {key_id}"),
            ChangeKind::Remove { id, .. } => format!("Removed {id}"),
        }
    }
}
