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
use crate::types::{Application, Grant, PasswordCredential, RoleAssignment, ServicePrincipal};
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
    for one in assignments.iter().filter(|one| one.resource_id.eq_ignore_ascii_case(&graph.id)) {
        if let Some((name, _)) = roles.iter().find(|(_, id)| id.eq_ignore_ascii_case(&one.app_role_id)) {
            let object = Object::AppRoleAssignment { resource: graph.id.clone() };
            let what = format!("Withdraw the consent for the application permission {name}");
            items.push(Item { what, ..removal(ApplicationConsent, object, &one.id) });
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
/// first: it isn't deleted with its application then (azure-docs PR 110002), and nothing but that leads to it.
pub fn plan_for_good(
    applications: &[DeletedApplication],
    principals: &[DeletedServicePrincipal],
    just_deleted: &[String],
) -> Vec<Item> {
    let ours = |one: &&DeletedApplication| just_deleted.contains(&one.application.id) || is_marked(&one.application);
    let mut items = Vec::new();
    for Application { id, app_id, .. } in applications.iter().filter(ours).map(|one| &one.application) {
        let of_it = principals.iter().filter(|one| one.principal.app_id.eq_ignore_ascii_case(app_id));
        items.extend(
            of_it.map(|one| removal(StepName::ServicePrincipal, Object::DeletedServicePrincipal, &one.principal.id)),
        );
        let purge = ChangeKind::PurgeApplication { id: id.clone(), app_id: app_id.clone() };
        items.push(Item::of(purge.of(StepName::Application)));
    }
    items
}
