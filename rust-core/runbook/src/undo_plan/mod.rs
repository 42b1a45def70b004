//! Undoing a plan that was carried out: each of its changes turned round, the last one first. Pure.
//!
//! Only what still is as the plan has made it is taken back, found by its key in the tenant as it is now: nothing that was there
//! before, and nothing that somebody has changed since. An object on which others have built is left, and that is said.

mod properties;

use time::{Duration, OffsetDateTime};

use crate::change::{ApplicationProperties, Change, ChangeKind, SecretEnd};
use crate::client_secrets::Standing;
use crate::kept_plan::{KeptPlan, in_words};
use crate::observed::{Found, Observed};
use crate::other_secrets::{named, removal};
use crate::problem::Problem;
use crate::removal::is_role_of;
use crate::step::StepName;
use crate::steps::application::is_marked;
use crate::steps::client_secret::valid_secrets;
use crate::steps::delegated_consent::grant_for_all;
use crate::take_back::{Item, Way, known};
use crate::types::{Application, PasswordCredential, RequiredResourceAccess, ServicePrincipal};
use crate::undo::{Undo, undo};
use crate::wanted::Wanted;
use properties::{Properties, same_permissions};

const GONE: &str = "it is not there any more";
const AS_BEFORE: &str = "it is as it was before";
const NO_SECRET: &str = "no client secret that the plan has made is there any more";

/// From the application to its client secret a run takes no longer, unless a long retry budget lets it: that secret is left then.
const ONE_RUN: Duration = Duration::hours(1);

/// What has become of what a change has made.
enum Now {
    /// As it was made; with the id of what was made.
    There(Option<String>),
    /// Gone, or as before.
    Back(&'static str),
    /// Something else.
    Changed(String),
}

/// What is to be taken back, the last change first.
pub fn plan(kept: &KeptPlan, observed: &Observed, wanted: &Wanted, now: OffsetDateTime) -> Result<Vec<Item>, Problem> {
    let found = known(StepName::Application, &observed.application)?;
    let application = match found {
        // Made by hand, and not the plan's.
        Found::SameName(_) if !wanted.adopt => None,
        Found::Several(all) if !wanted.adopt && !all.iter().any(is_marked) => None,
        // The plan's is told by its id, and what has its key or mark now is another one.
        Found::NotMeant(_) if wanted.which.object_id.is_some() => None,
        found => found.resolve(wanted)?,
    };
    let principal = known(StepName::ServicePrincipal, &observed.service_principal)?.as_ref();
    known(StepName::DelegatedConsent, &observed.grants)?;
    known(StepName::ApplicationConsent, &observed.assignments)?;
    known(StepName::GlobalAdministrator, &observed.global_administrators)?;
    let makes_application = makes_application(kept);
    let tenant = Tenant { observed, application, principal, since: kept.time, now, makes_application };
    let mut items: Vec<Item> = Vec::new();
    for change in kept.approved().iter().rev() {
        items.push(tenant.item(change, &items));
    }
    Ok(items)
}

/// Whether the plan has made the application, by whose age its client secret is known: else a rotation's of later looks the same.
pub fn makes_application(kept: &KeptPlan) -> bool {
    kept.approved().iter().any(|change| matches!(change.kind, ChangeKind::CreateApplication { .. }))
}

/// The tenant as it is now.
struct Tenant<'a> {
    observed: &'a Observed,
    application: Option<&'a Application>,
    principal: Option<&'a ServicePrincipal>,
    /// When the plan was made.
    since: OffsetDateTime,
    now: OffsetDateTime,
    /// The plan has made the application, too.
    makes_application: bool,
}

impl Tenant<'_> {
    /// The way back of one change, after those that come before it.
    fn item(&self, change: &Change, before: &[Item]) -> Item {
        if let ChangeKind::UpdateApplication { id, to, before } = &change.kind {
            return self.properties(change.step, id, to, before);
        }
        let what = format!("Undo: {}", in_words(&change.kind));
        let way = match self.now(change, before) {
            Now::Back(why) => Way::Nothing(why.to_owned()),
            Now::Changed(why) => Way::Impossible(why),
            Now::There(made) => match undo(change, made.as_deref()) {
                Undo::Change(back) => {
                    let item = Item::of(back);
                    let ChangeKind::AssignAppRole { name, .. } = &change.kind else { return item };
                    return item.of_permission(name);
                }
                Undo::Impossible(why) => Way::Impossible(why.to_owned()),
            },
        };
        Item { step: change.step, what, way }
    }

    fn now(&self, change: &Change, before: &[Item]) -> Now {
        match &change.kind {
            ChangeKind::SwitchSyncOff { .. } => match &self.observed.organization {
                Ok(organization) if organization.on_premises_sync_enabled == Some(true) => Now::Back("it is on"),
                Ok(_) | Err(_) => Now::There(None),
            },
            ChangeKind::CreateApplication { permissions, .. } => {
                self.application.map_or(Now::Back(GONE), |app| self.made_application(app, permissions, before))
            }
            ChangeKind::CreateServicePrincipal => {
                self.principal.map_or(Now::Back(GONE), |principal| self.made_principal(principal, before))
            }
            ChangeKind::RestoreApplication { id, .. } => match self.application {
                Some(app) if app.id != *id => Now::Changed(other(&app.id)),
                Some(app) => self.restored_application(app, before),
                None => Now::Back(GONE),
            },
            ChangeKind::RestoreServicePrincipal { id } => match self.principal {
                Some(principal) if principal.id != *id => Now::Changed(other(&principal.id)),
                Some(principal) => self.made_principal(principal, before),
                None => Now::Back(GONE),
            },
            ChangeKind::SetServicePrincipalEnabled { id, enabled } => match self.principal {
                Some(principal) if principal.id != *id => Now::Changed(other(&principal.id)),
                Some(principal) if principal.account_enabled == Some(*enabled) => Now::There(None),
                Some(_) => Now::Back(AS_BEFORE),
                None => Now::Back(GONE),
            },
            ChangeKind::CreateGrant { resource, scopes } => self.grant(resource, &scopes.join(" "), None),
            ChangeKind::SetGrantScope { id, to, before } => self.scope(id, to, before),
            ChangeKind::AssignAppRole { resource, role, .. } => self.assignment(resource, role),
            ChangeKind::AssignGlobalAdministrator => self.role(),
            ChangeKind::AddSecret { end } => self.secret(*end),
            // There is no way back, or no plan of a run holds it.
            ChangeKind::PurgeApplication { .. }
            | ChangeKind::RemoveSecret { .. }
            | ChangeKind::Remove { .. }
            | ChangeKind::UpdateApplication { .. } => Now::There(None),
        }
    }

    /// The application is taken away where nobody has built on it since.
    fn made_application(&self, app: &Application, permissions: &[RequiredResourceAccess], before: &[Item]) -> Now {
        if !same_permissions(&app.required_resource_access, permissions) {
            return Now::Changed(format!("what {} declares was changed since the plan", app.app_id));
        }
        self.unless_built_on(app, app.password_credentials.iter().collect(), before)
    }

    /// Likewise one that was restored; the client secrets that came back with it go with it again.
    fn restored_application(&self, app: &Application, before: &[Item]) -> Now {
        let since = |secret: &&PasswordCredential| secret.start_date_time.is_some_and(|start| start >= self.since);
        self.unless_built_on(app, app.password_credentials.iter().filter(since).collect(), before)
    }

    /// There, unless one of these secrets or the service principal stays.
    fn unless_built_on(&self, app: &Application, secrets: Vec<&PasswordCredential>, before: &[Item]) -> Now {
        let secrets = secrets.into_iter().map(|secret| secret.key_id.as_str());
        let left: Vec<&str> = secrets.filter(|id| !takes_secret(before, id)).collect();
        if !left.is_empty() {
            return Now::Changed(format!("it has client secrets that stay: {}", left.join(", ")));
        }
        match self.principal {
            Some(principal) if !takes(before, &principal.id) => {
                Now::Changed(format!("its service principal {} stays", principal.id))
            }
            Some(_) | None => Now::There(Some(app.id.clone())),
        }
    }

    /// Likewise the service principal, made or restored.
    fn made_principal(&self, principal: &ServicePrincipal, before: &[Item]) -> Now {
        let grants = self.observed.grants.iter().flatten().map(|one| one.id.as_str());
        let assignments = self.observed.assignments.iter().flatten().map(|one| one.id.as_str());
        let own = |id: &str| principal.id.eq_ignore_ascii_case(id);
        let roles = self.observed.global_administrators.iter().flatten();
        let roles = roles.filter(|one| own(&one.principal_id)).map(|one| one.id.as_str());
        let left: Vec<&str> = grants.chain(assignments).chain(roles).filter(|id| !takes(before, id)).collect();
        if left.is_empty() {
            Now::There(Some(principal.id.clone()))
        } else {
            Now::Changed(format!("{} is granted more than the plan takes back: {}", principal.id, left.join(", ")))
        }
    }

    fn grant(&self, resource: &str, scope: &str, before: Option<&str>) -> Now {
        let Some(grant) = grant_for_all(self.observed, resource) else { return Now::Back(GONE) };
        let is = grant.scope.as_deref().unwrap_or_default();
        if same_names(is, scope) {
            Now::There(Some(grant.id.clone()))
        } else if before.is_some_and(|before| same_names(is, before)) {
            Now::Back(AS_BEFORE)
        } else {
            Now::Changed(format!("the consent {} was changed since the plan: it is now {is}", grant.id))
        }
    }

    fn scope(&self, id: &str, to: &str, before: &str) -> Now {
        let grants = self.observed.grants.iter().flatten();
        match grants.into_iter().find(|one| one.id == id) {
            Some(grant) => match self.grant(&grant.resource_id, to, Some(before)) {
                Now::There(_) => Now::There(None),
                now @ (Now::Back(_) | Now::Changed(_)) => now,
            },
            None => Now::Back(GONE),
        }
    }

    fn assignment(&self, resource: &str, role: &str) -> Now {
        let mut all = self.observed.assignments.iter().flatten();
        let own = all
            .find(|one| one.resource_id.eq_ignore_ascii_case(resource) && one.app_role_id.eq_ignore_ascii_case(role));
        own.map_or(Now::Back(GONE), |one| Now::There(Some(one.id.clone())))
    }

    fn role(&self) -> Now {
        let Some(principal) = self.principal else { return Now::Back(GONE) };
        let mut all = self.observed.global_administrators.iter().flatten();
        let own = all.find(|one| is_role_of(one, principal));
        own.map_or(Now::Back(GONE), |one| Now::There(Some(one.id.clone())))
    }

    /// A plan can't know the key id: its secret has the name, has started since and ends as planned, and came with the application where
    /// the plan has made that. Else the last one that works is left.
    fn secret(&self, end: SecretEnd) -> Now {
        let Some(app) = self.application else { return Now::Back(NO_SECRET) };
        let all = valid_secrets(&app.password_credentials, self.since).into_iter();
        let planned: Vec<&PasswordCredential> = all
            .filter(|one| is_planned(one, self.since, end))
            .filter(|one| !self.makes_application || came_with(one, app))
            .collect();
        match planned.as_slice() {
            [] => Now::Back(NO_SECRET),
            [one] if !self.makes_application && self.is_last(one, app) => Now::Changed(format!(
                "{}, is the last client secret of the application that works, and whether the plan has made it or a rotation since can't be \
                 told. {} -Force",
                named(one),
                removal(&one.key_id)
            )),
            [one] => Now::There(Some(one.key_id.clone())),
            several => {
                let ids: Vec<&str> = several.iter().map(|one| one.key_id.as_str()).collect();
                let ids = ids.join(", ");
                Now::Changed(format!("several client secrets could be the plan's: {ids}. Remove-PPClientSecret -KeyId"))
            }
        }
    }

    fn is_last(&self, secret: &PasswordCredential, app: &Application) -> bool {
        let works = |one: &&PasswordCredential| Standing::of(one, self.now) == Standing::Valid;
        works(&secret) && !app.password_credentials.iter().filter(works).any(|other| other.key_id != secret.key_id)
    }

    /// Of an application's properties those that still are as the plan has set them.
    fn properties(&self, step: StepName, id: &str, to: &ApplicationProperties, before: &ApplicationProperties) -> Item {
        let update = |to: &ApplicationProperties, before: &ApplicationProperties| ChangeKind::UpdateApplication {
            id: id.to_owned(),
            to: to.clone(),
            before: before.clone(),
        };
        let item = |way| Item { step, what: format!("Undo: {}", in_words(&update(to, before))), way };
        let Some(app) = self.application else { return item(Way::Nothing(GONE.into())) };
        if app.id != id {
            return item(Way::Impossible(other(&app.id)));
        }
        let Properties { set, before, changed } = Properties::of(app, to, before);
        let since = format!("changed since the plan: {}", changed.join(", "));
        match (before == ApplicationProperties::default(), changed.is_empty()) {
            (true, true) => item(Way::Nothing(AS_BEFORE.into())),
            (true, false) => item(Way::Impossible(since)),
            (false, true) => Item::of(update(&before, &set).of(step)),
            (false, false) => {
                let back = Item::of(update(&before, &set).of(step));
                Item { what: format!("{}; {since}", back.what), ..back }
            }
        }
    }
}

fn other(id: &str) -> String {
    format!("what has its key now is another object, {id}")
}

fn takes(items: &[Item], id: &str) -> bool {
    let taken =
        |kind: &ChangeKind| matches!(kind, ChangeKind::Remove { id: taken, .. } if taken.eq_ignore_ascii_case(id));
    items.iter().any(|item| item.change().is_some_and(|change| taken(&change.kind)))
}

fn takes_secret(items: &[Item], id: &str) -> bool {
    let taken = |kind: &ChangeKind| matches!(kind, ChangeKind::RemoveSecret { key_id } if key_id == id);
    items.iter().any(|item| item.change().is_some_and(|change| taken(&change.kind)))
}

fn is_planned(secret: &PasswordCredential, since: OffsetDateTime, end: SecretEnd) -> bool {
    let near = |one: OffsetDateTime, other: OffsetDateTime| (one - other).abs() < Duration::seconds(1);
    secret
        .start_date_time
        .is_some_and(|start| start >= since && secret.end_date_time.is_some_and(|ends| near(ends, end.at(start))))
}

/// A run makes the secret right after the application; what was made later is a rotation's, or somebody else's.
fn came_with(secret: &PasswordCredential, app: &Application) -> bool {
    let dates = secret.start_date_time.zip(app.created_date_time);
    dates.is_some_and(|(start, created)| (start - created).abs() <= ONE_RUN)
}

fn same_names(one: &str, other: &str) -> bool {
    let sorted = |text: &str| {
        let mut names: Vec<String> = text.split_whitespace().map(str::to_ascii_lowercase).collect();
        names.sort_unstable();
        names
    };
    sorted(one) == sorted(other)
}

#[cfg(test)]
mod tests {
    use super::same_names;

    #[test]
    fn order_and_case_of_names_make_no_difference() {
        assert!(same_names("A b", "B  a"));
        assert!(!same_names("A", "A B"));
    }
}
