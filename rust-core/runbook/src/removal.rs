//! Taking the application away again: in which order, and what goes with it that the runbook hasn't made. Pure.
//!
//! What hangs on the service principal goes first: role, consents; then the service principal, then the application. Only what
//! the runbook grants is taken away by itself. What others have granted to this service principal goes with it, and is named
//! before; what belongs to another one is never touched.

use serde_json::Value;
use time::OffsetDateTime;

use crate::change::{ChangeKind, Object};
use crate::client_secrets::Standing;
use crate::deleted::{DeletedApplication, DeletedServicePrincipal};
use crate::observed::Observed;
use crate::permissions::{Kind, of_kind};
use crate::problem::Problem;
use crate::request::Request;
use crate::step::StepName;
use crate::steps::application::is_marked;
use crate::steps::delegated_consent::grant_for_all;
use crate::steps::global_administrator::GLOBAL_ADMINISTRATOR;
use crate::steps::offered;
use crate::take_back::{Item, known, removal};
use crate::types::{AppRoleAssignment, Application, Grant, PasswordCredential, RoleAssignment, ServicePrincipal};
use crate::wanted::Wanted;

/// What is to be taken away, in order; nothing where there is no application.
pub fn plan(observed: &Observed, wanted: &Wanted) -> Result<Vec<Item>, Problem> {
    let found = known(StepName::Application, &observed.application)?;
    let Some(application) = found.resolve(wanted)? else { return Ok(Vec::new()) };
    let mut items = match known(StepName::ServicePrincipal, &observed.service_principal)? {
        Some(principal) => of_principal(observed, principal)?,
        None => Vec::new(),
    };
    items.push(removal(StepName::Application, Object::Application, &application.id));
    Ok(items)
}

fn of_principal(observed: &Observed, principal: &ServicePrincipal) -> Result<Vec<Item>, Problem> {
    use StepName::{ApplicationConsent, DelegatedConsent, GlobalAdministrator};
    let administrators = known(GlobalAdministrator, &observed.global_administrators)?;
    known(DelegatedConsent, &observed.grants)?;
    let assignments = known(ApplicationConsent, &observed.assignments)?;
    let graph = known(ApplicationConsent, &observed.catalogue)?;
    let mut items: Vec<Item> = administrators
        .iter()
        .filter(|one| is_role_of(one, principal))
        .map(|one| removal(GlobalAdministrator, Object::RoleAssignment, &one.id))
        .collect();
    let (roles, _) = offered(graph, Kind::Application);
    // In the runbook's order, whatever that of the answer.
    for (name, id) in roles {
        let of_it = |one: &&AppRoleAssignment| {
            one.resource_id.eq_ignore_ascii_case(&graph.id) && one.app_role_id.eq_ignore_ascii_case(id)
        };
        for one in assignments.iter().filter(of_it) {
            let object = Object::AppRoleAssignment { resource: graph.id.clone() };
            items.push(removal(ApplicationConsent, object, &one.id).of_permission(name));
        }
    }
    items.extend(grant_for_all(observed, &graph.id).map(|one| removal(DelegatedConsent, Object::Grant, &one.id)));
    items.push(removal(StepName::ServicePrincipal, Object::ServicePrincipal, &principal.id));
    Ok(items)
}

/// Global Administrator for the whole directory.
pub(crate) fn is_role_of(one: &RoleAssignment, principal: &ServicePrincipal) -> bool {
    one.principal_id.eq_ignore_ascii_case(&principal.id) && one.directory_scope_id.as_deref() == Some("/")
}

/// What is to be known before: who is locked out, and what others have granted that goes along.
pub fn warnings(observed: &Observed, wanted: &Wanted, now: OffsetDateTime) -> Vec<String> {
    let Some(application) = observed.app(wanted.adopt) else { return Vec::new() };
    let valid = |secret: &&PasswordCredential| Standing::of(secret, now) == Standing::Valid;
    let working: Vec<&str> =
        application.password_credentials.iter().filter(valid).map(|secret| secret.key_id.as_str()).collect();
    let mut words = Vec::new();
    if !working.is_empty() {
        words.push(format!(
            "the application has client secrets that work: {}. Whoever signs in with one is locked out, and where Practice \
             Protect does, its provisioning of Microsoft 365 stops",
            working.join(", ")
        ));
    }
    words.extend(of_others(observed));
    words
}

/// What others have granted to the service principal, and that is read anyway.
fn of_others(observed: &Observed) -> Vec<String> {
    let (Ok(graph), Ok(grants), Ok(assignments)) = (&observed.catalogue, &observed.grants, &observed.assignments)
    else {
        return Vec::new();
    };
    let runbooks = |name: &str| of_kind(Kind::Delegated).any(|permission| permission.name.eq_ignore_ascii_case(name));
    let own = grant_for_all(observed, &graph.id);
    let mut said = Vec::new();
    let scope = own.and_then(|own| own.scope.as_deref()).unwrap_or_default();
    let more: Vec<&str> = scope.split_whitespace().filter(|name| !runbooks(name)).collect();
    if !more.is_empty() {
        said.push(goes_along("delegated permissions beside the runbook's in its consent", &more));
    }
    let named = |grant: &&Grant| own.is_none_or(|own| own.id != grant.id);
    let others: Vec<String> = grants
        .iter()
        .filter(named)
        .map(|one| format!("{} on {} ({})", one.scope.as_deref().unwrap_or_default().trim(), one.resource_id, one.id))
        .collect();
    if !others.is_empty() {
        said.push(goes_along("delegated permission grants of others", &others));
    }
    let (roles, _) = offered(graph, Kind::Application);
    let own = |role: &str| roles.iter().any(|(_, id)| id.eq_ignore_ascii_case(role));
    let others: Vec<String> = assignments
        .iter()
        .filter(|one| !one.resource_id.eq_ignore_ascii_case(&graph.id) || !own(&one.app_role_id))
        .map(|one| format!("{} on {}", one.app_role_id, one.resource_id))
        .collect();
    if !others.is_empty() {
        said.push(goes_along("application permissions of others", &others));
    }
    said
}

fn goes_along(what: &str, which: &[impl AsRef<str>]) -> String {
    let which: Vec<&str> = which.iter().map(AsRef::as_ref).collect();
    format!("the runbook hasn't made all that goes with the service principal: {what}: {}", which.join(", "))
}

/// Something that hangs on the application or its service principal and that no step reads.
#[derive(Debug)]
pub struct Hanging {
    /// What it is.
    pub what: &'static str,
    /// How it is read.
    pub request: fn(&Application, &ServicePrincipal) -> Request,
    /// What of it the runbook makes itself.
    ours: fn(&Value) -> bool,
    /// The property that names it.
    name: &'static str,
}

/// All of it.
pub static HANGING: &[Hanging] = &[
    Hanging {
        what: "other directory roles (role definition ids)",
        request: |_, principal| {
            let filter = format!("$filter=principalId%20eq%20'{}'", principal.id);
            Request::get(format!("/roleManagement/directory/roleAssignments?{filter}"))
        },
        ours: |one| one["roleDefinitionId"] == GLOBAL_ADMINISTRATOR && one["directoryScopeId"] == "/",
        name: "roleDefinitionId",
    },
    Hanging {
        what: "assignments of users, groups or clients to it",
        request: |_, principal| Request::get(format!("/servicePrincipals/{}/appRoleAssignedTo", principal.id)),
        ours: |_| false,
        name: "principalDisplayName",
    },
    Hanging {
        what: "owners of the application",
        request: |application, _| Request::get(format!("/applications/{}/owners?$select=id", application.id)),
        ours: |_| false,
        name: "id",
    },
];

impl Hanging {
    /// What is to be said of an answer, where it holds something.
    pub fn words(&self, answer: &Value) -> Option<String> {
        let all = answer["value"].as_array().map(Vec::as_slice).unwrap_or_default();
        let name = |one: &Value| one[self.name].as_str().unwrap_or("without a name").to_owned();
        let others: Vec<String> = all.iter().filter(|one| !(self.ours)(one)).map(name).collect();
        (!others.is_empty()).then(|| goes_along(self.what, &others))
    }
}

/// Deletes for good what was deleted and is ours: it has our key or mark, or it is one of these. The service principal goes
/// first: it isn't deleted with its application then (azure-docs PR 110002), and once that is gone only its id leads to it.
pub fn plan_for_good(
    applications: &[DeletedApplication],
    principals: &[DeletedServicePrincipal],
    just_deleted: &[String],
) -> Vec<Item> {
    let ours = |one: &&Application| just_deleted.contains(&one.id) || is_marked(one);
    let applications: Vec<&Application> = applications.iter().map(|one| &one.application).filter(ours).collect();
    // A replica that lags shows the one without the other.
    let of_ours = |one: &&ServicePrincipal| {
        just_deleted.contains(&one.id) || applications.iter().any(|app| app.app_id.eq_ignore_ascii_case(&one.app_id))
    };
    let mut items: Vec<Item> = principals
        .iter()
        .map(|one| &one.principal)
        .filter(of_ours)
        .map(|one| removal(StepName::ServicePrincipal, Object::DeletedServicePrincipal, &one.id))
        .collect();
    items.extend(applications.into_iter().map(|Application { id, app_id, .. }| {
        let purge = ChangeKind::PurgeApplication { id: id.clone(), app_id: app_id.clone() };
        Item::of(purge.of(StepName::Application))
    }));
    items
}

#[cfg(test)]
mod tests {
    use serde_json::{from_value, json};

    use super::*;

    #[test]
    fn a_service_principal_that_was_just_deleted_goes_for_good_where_its_application_is_not_shown() {
        let of =
            |id: &str| json!({"id": id, "appId": "a", "displayName": "d", "deletedDateTime": "2026-11-01T00:00:00Z"});
        let principals: Vec<DeletedServicePrincipal> =
            ["ours", "theirs"].into_iter().filter_map(|id| from_value(of(id)).ok()).collect();
        assert_eq!(principals.len(), 2);
        let items = plan_for_good(&[], &principals, &["ours".to_owned()]);
        let removed: Vec<&ChangeKind> = items.iter().filter_map(|item| Some(&item.change()?.kind)).collect();
        let object = Object::DeletedServicePrincipal;
        assert_eq!(removed, [&ChangeKind::Remove { object, id: "ours".to_owned() }]);
    }
}
