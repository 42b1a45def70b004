//! The facts, one table: what each reads, the permissions that take, the request, how its answer is parsed, and what it is
//! called when it can't be read. What is sent together, what is unread and what a sign-in needs come from it.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::observed::{AppIds, Fact, Found, LookUp, Observed, Subject, Unread};
use crate::parse::{
    counted, entity, first, list, none_or, none_or_list, own_policies, read_runbook_part, runbook_part, tenant_policy,
    whole_runbook_part,
};
use crate::pattern::Pattern;
use crate::request::Request;
use crate::steps::global_administrator::GLOBAL_ADMINISTRATOR;
use crate::types::{AppManagementPolicy, AppPolicy, Application, GRAPH_APP_ID};
use crate::wanted::{UNIQUE_NAME, Wanted};
use crate::which::{Name, Which};

/// What can be known of a tenant, a row each; of rows for the same fact a later one is surer.
#[derive(Debug)]
pub struct Row {
    /// The look-ups that ask for it; the first is its own.
    pub asked_by: &'static [LookUp],
    /// What it is called, and the permissions that allow to read it.
    pub subject: Subject,
    /// How it is read.
    pub ask: Ask,
    /// Failures that say: there is none.
    pub none_where: NoneWhere,
    /// Parses the answer, and keeps it.
    pub keep: fn(&mut Observed, Reading<'_>),
    /// As much of the answer, from its JSON, as is needed, where that is little.
    pub part: Option<fn(&str) -> Option<Value>>,
    /// What of that stays so while a connection is open: it is read once.
    pub lasting: Option<fn(&Value) -> Option<Value>>,
}

/// The request of a fact.
#[derive(Debug)]
pub enum Ask {
    /// Of the tenant.
    Tenant(fn() -> Request),
    /// Finds the application by what is known beforehand, its name among that; none where that takes another way.
    Find(fn(&Which) -> Option<Request>),
    /// The application itself, once it is known.
    Known(fn(&AppIds) -> Request),
    /// Hangs on the application.
    OfApplication(fn(&AppIds) -> Request),
    /// Is asked where something is to be restored, or could be: where the application has no service principal.
    Restoring(fn() -> Request),
}

/// Failures that say: there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoneWhere {
    /// None of them: what fails is unknown.
    Nowhere,
    /// A read by key answers 404.
    NotFound,
    /// Likewise; assumption: a cloud that doesn't know the alternate key answers 400. The mark then finds the application.
    NotFoundOrUnknownKey,
}

/// What came of a request.
#[derive(Debug)]
pub struct Reading<'a> {
    /// What was read.
    pub subject: Subject,
    /// Method and path.
    pub request: &'a str,
    /// Which application is meant.
    pub which: &'a Which,
    /// The body, null where there is none of it; or why it isn't known.
    pub answer: Result<&'a Value, Unread>,
}

impl Reading<'_> {
    fn parsed<T>(self, parse: impl FnOnce(&Value) -> Result<T, String>) -> Fact<T> {
        let Self { subject, request, answer, .. } = self;
        parse(answer?).map_err(|what| {
            let why = format!("Microsoft Graph's answer to {request} can't be read: {what}");
            Unread { subject, why, denied: None, passing: true, lacking: false }
        })
    }

    /// The same of a policy: what the tenant can't show, or what can't be read of it, is unknown and keeps nothing from being tried.
    fn policy<T>(self, parse: impl FnOnce(&Value) -> Result<T, String>, unknown: impl FnOnce(String) -> T) -> Fact<T> {
        let answered = self.answer.is_ok();
        match self.parsed(parse) {
            Err(unread) if answered || unread.lacking => Ok(unknown(unread.to_string())),
            fact => fact,
        }
    }

    /// What this way to the application has found, of what is meant; the ways come from the less sure to the surer, and none may fail.
    fn found(self, so_far: &mut Fact<Found>, parse: impl FnOnce(&Value) -> Result<Vec<Application>, String>) {
        let current = match so_far {
            Ok(found) => found.clone(),
            Err(unread) if !unread.was_asked_for() => Found::None,
            Err(_) => return,
        };
        let which = self.which;
        *so_far = self.parsed(parse).map(|found| which.prefer(current, which.narrow(found)));
    }
}

const READ_ORGANIZATION: &[&str] = &["Organization.Read.All", "Directory.Read.All"];
const READ_APPLICATIONS: &[&str] = &["Application.Read.All", "Directory.Read.All"];
const READ_ROLES: &[&str] = &["RoleManagement.Read.Directory", "Directory.Read.All"];
const APPLICATION: Subject = Subject { what: "the application", permissions: READ_APPLICATIONS };
/// The app management policies, whose rules a step may not be able to read either.
pub const POLICY: Subject = Subject { what: "the app management policy", permissions: &["Policy.Read.All"] };

/// A fact of the tenant.
const fn tenant(
    look_up: &'static [LookUp],
    what: &'static str,
    permissions: &'static [&'static str],
    request: fn() -> Request,
    keep: fn(&mut Observed, Reading<'_>),
) -> Row {
    let subject = Subject { what, permissions };
    Row {
        asked_by: look_up,
        subject,
        ask: Ask::Tenant(request),
        none_where: NoneWhere::Nowhere,
        keep,
        part: None,
        lasting: None,
    }
}

/// A way to the application.
const fn application(ask: Ask, none_where: NoneWhere, keep: fn(&mut Observed, Reading<'_>)) -> Row {
    Row { asked_by: &[LookUp::Application], subject: APPLICATION, ask, none_where, keep, part: None, lasting: None }
}

/// What was deleted and can be restored.
const fn deleted_ones(what: &'static str, ask: Ask, keep: fn(&mut Observed, Reading<'_>)) -> Row {
    let subject = Subject { what, permissions: READ_APPLICATIONS };
    Row { asked_by: &[LookUp::Deleted], subject, ask, none_where: NoneWhere::Nowhere, keep, part: None, lasting: None }
}

/// A fact that hangs on the application.
const fn of_application(
    asked_by: &'static [LookUp],
    subject: Subject,
    none_where: NoneWhere,
    request: fn(&AppIds) -> Request,
    keep: fn(&mut Observed, Reading<'_>),
) -> Row {
    Row { asked_by, subject, ask: Ask::OfApplication(request), none_where, keep, part: None, lasting: None }
}

/// The table. Source of the permissions: microsoft-graph-devx-content, permissions.json; least first, one is enough.
pub static FACTS: &[Row] = &[
    tenant(
        &[LookUp::Organization],
        "the organization",
        READ_ORGANIZATION,
        || {
            Request::get(
                "/organization?$select=id,displayName,verifiedDomains,onPremisesSyncEnabled,onPremisesLastSyncDateTime",
            )
        },
        |o, r| o.organization = r.parsed(first),
    ),
    tenant(
        &[LookUp::SyncedObjects],
        "the number of synchronized users",
        &["User.Read.All", "Directory.Read.All"],
        || synced("users", "id,displayName,userPrincipalName"),
        |o, r| o.synced.users = r.parsed(counted),
    ),
    tenant(
        &[LookUp::SyncedObjects],
        "the number of synchronized groups",
        &["GroupMember.Read.All", "Group.Read.All", "Directory.Read.All"],
        || synced("groups", "id,displayName"),
        |o, r| o.synced.groups = r.parsed(counted),
    ),
    tenant(
        &[LookUp::SyncedObjects],
        "the number of synchronized contacts",
        &["OrgContact.Read.All", "Directory.Read.All"],
        || synced("contacts", "id,displayName"),
        |o, r| o.synced.contacts = r.parsed(counted),
    ),
    // By name or id, by our mark (which a cloud without the alternate key keeps instead) and by alternate key.
    application(Ask::Find(applications_of_name), NoneWhere::Nowhere, |o, r| {
        r.found(&mut o.application, list);
    }),
    application(
        Ask::Find(|which| which.app_id.as_ref().map(|id| applications(&format!("(appId='{id}')?")))),
        NoneWhere::NotFound,
        |o, r| r.found(&mut o.application, one_or_none),
    ),
    application(
        Ask::Find(|which| which.object_id.as_ref().map(|id| applications(&format!("/{id}?")))),
        NoneWhere::NotFound,
        |o, r| r.found(&mut o.application, one_or_none),
    ),
    application(
        Ask::Find(|_| Some(applications(&format!("?$filter=tags/any(t:t%20eq%20'{UNIQUE_NAME}')&")))),
        NoneWhere::Nowhere,
        |o, r| r.found(&mut o.application, list),
    ),
    application(
        Ask::Find(|_| Some(applications(&format!("(uniqueName='{UNIQUE_NAME}')?")))),
        NoneWhere::NotFoundOrUnknownKey,
        |o, r| r.found(&mut o.application, one_of_our_key),
    ),
    application(Ask::Known(|ids| applications(&format!("/{}?", ids.object_id))), NoneWhere::NotFound, |o, r| {
        o.application = r.parsed(|answer| none_or(answer, Found::None, Found::Ours));
    }),
    deleted_ones(
        "the list of deleted applications",
        Ask::Find(|_| Some(deleted("application", APPLICATION_PROPERTIES))),
        |o, r| o.deleted_applications = r.parsed(list),
    ),
    deleted_ones(
        "the list of deleted service principals",
        Ask::Restoring(|| deleted("servicePrincipal", PRINCIPAL_PROPERTIES)),
        |o, r| o.deleted_principals = r.parsed(list),
    ),
    Row {
        part: Some(read_runbook_part),
        lasting: Some(whole_runbook_part),
        ..tenant(
            &[LookUp::Catalogue],
            "the list of Microsoft Graph's permissions",
            READ_APPLICATIONS,
            || {
                let select = "$select=id,appRoles,oauth2PermissionScopes";
                Request::get(format!("/servicePrincipals(appId='{GRAPH_APP_ID}')?{select}"))
            },
            |o, r| o.catalogue = r.parsed(|answer| entity(answer).map(runbook_part)),
        )
    },
    tenant(
        &[LookUp::Policy],
        POLICY.what,
        POLICY.permissions,
        || Request::get("/policies/defaultAppManagementPolicy"),
        |o, r| o.policy = r.policy(tenant_policy, AppManagementPolicy::unknown),
    ),
    tenant(
        &[LookUp::GlobalAdministrators],
        "the list of Global Administrators",
        READ_ROLES,
        || global_administrators("roleAssignments"),
        |o, r| o.global_administrators = r.parsed(list),
    ),
    // What ends of it. By the data the first of the permissions lets it be read; nobody is asked for more on its account.
    tenant(
        &[LookUp::GlobalAdministrators],
        "until when Global Administrators are so",
        READ_ROLES,
        || global_administrators("roleAssignmentScheduleInstances"),
        |o, r| o.administrator_instances = r.parsed(list),
    ),
    // Source: Graph documentation, app management policies: a policy of an application's own wins over the default.
    of_application(
        &[LookUp::Policy],
        POLICY,
        NoneWhere::Nowhere,
        |ids| Request::get(format!("/applications/{}?$select=id&$expand=appManagementPolicies", ids.object_id)),
        // A cloud that knows no such policy has none.
        |o, r| {
            o.app_policies = match r.answer {
                Err(unread) if unread.lacking => Ok(Vec::new()),
                answer => Reading { answer, ..r }.policy(own_policies, |why| vec![AppPolicy::unknown(why)]),
            }
        },
    ),
    of_application(
        &[LookUp::ServicePrincipal, LookUp::Grants, LookUp::Assignments],
        Subject { what: "the service principal", permissions: READ_APPLICATIONS },
        NoneWhere::NotFound,
        |ids| of_principal(ids, &format!("?$select={PRINCIPAL_PROPERTIES}")),
        |o, r| o.service_principal = r.parsed(|answer| none_or(answer, None, Some)),
    ),
    of_application(
        &[LookUp::Grants],
        Subject {
            what: "the delegated permission grants",
            permissions: &["Directory.Read.All", "DelegatedPermissionGrant.ReadWrite.All"],
        },
        NoneWhere::Nowhere,
        |ids| of_principal(ids, "/oauth2PermissionGrants"),
        |o, r| o.grants = r.parsed(none_or_list),
    ),
    of_application(
        &[LookUp::Assignments],
        Subject { what: "the app role assignments", permissions: READ_APPLICATIONS },
        NoneWhere::Nowhere,
        |ids| of_principal(ids, "/appRoleAssignments"),
        |o, r| o.assignments = r.parsed(none_or_list),
    ),
];

fn global_administrators(of: &str) -> Request {
    let filter = format!("$filter=roleDefinitionId%20eq%20'{GLOBAL_ADMINISTRATOR}'");
    Request::get(format!("/roleManagement/directory/{of}?{filter}"))
}

/// The count, and in the same answer the first ten.
fn synced(kind: &str, select: &str) -> Request {
    Request::count(format!("/{kind}?$filter=onPremisesSyncEnabled%20eq%20true&$count=true&$top=10&$select={select}"))
}

/// An application that is asked for by a key.
fn one_or_none(answer: &Value) -> Result<Vec<Application>, String> {
    none_or(answer, Vec::new(), |one| vec![one])
}

/// One that is asked for by ours has it.
fn one_of_our_key(answer: &Value) -> Result<Vec<Application>, String> {
    let ours = |one| vec![Application { unique_name: Some(UNIQUE_NAME.to_owned()), ..one }];
    none_or(answer, Vec::new(), ours)
}

fn applications_of_name(which: &Which) -> Option<Request> {
    let quoted = |name: &str| utf8_percent_encode(&name.replace('\'', "''"), NON_ALPHANUMERIC).to_string();
    let like = |pattern: &Pattern| match (pattern.is_plain(), pattern.beginning()) {
        (true, name) => format!("?$filter=displayName%20eq%20'{}'&", quoted(&name)),
        // All of them: Microsoft Graph compares no end of a name.
        (false, none) if none.is_empty() => "?$top=999&".to_owned(),
        (false, beginning) => format!("?$filter=startswith(displayName,'{}')&$top=999&", quoted(&beginning)),
    };
    let how = match &which.name {
        _ if which.by_id() => return None,
        Some(Name::Like(pattern)) => like(pattern),
        Some(Name::Made(_)) | None => format!("?$filter=displayName%20eq%20'{}'&", quoted(which.new_name())),
    };
    Some(applications(&how))
}

/// Properties that came to Microsoft Graph after the others. Where a cloud lacks one, nothing there is deactivated or locked by it.
const LATE: [&str; 3] = [",isDisabled", ",disabledByMicrosoftStatus", ",servicePrincipalLockConfiguration"];

/// The alternate key, which is asked for on unless the cloud says that it lacks this one: the mark finds the application then.
const KEY: &str = ",uniqueName";

/// The path of a read without the properties that a cloud may lack, `key` with it where it lacks the alternate key; none where it asks
/// for none of them.
pub fn without_late_properties(path: &str, key: bool) -> Option<String> {
    let late = LATE.iter().chain(key.then_some(&KEY));
    let less = late.fold(path.to_owned(), |path, property| path.replace(property, ""));
    (less != path).then_some(less)
}

const APPLICATION_PROPERTIES: &str = "id,appId,displayName,uniqueName,createdDateTime,signInAudience,tags,requiredResourceAccess,\
                                      passwordCredentials,isDisabled,disabledByMicrosoftStatus,servicePrincipalLockConfiguration";
const PRINCIPAL_PROPERTIES: &str = "id,appId,accountEnabled,isDisabled,disabledByMicrosoftStatus";

fn applications(which: &str) -> Request {
    Request::get(format!("/applications{which}$select={APPLICATION_PROPERTIES}"))
}

/// Whether `$filter` on `uniqueName` works there is on no page: all are read, and compared here.
fn deleted(kind: &str, properties: &str) -> Request {
    Request::get(format!("/directory/deletedItems/microsoft.graph.{kind}?$select={properties},deletedDateTime"))
}

fn of_principal(ids: &AppIds, rest: &str) -> Request {
    Request::get(format!("/servicePrincipals(appId='{}'){rest}", ids.app_id))
}

/// What a look-up reads, with the permissions that take.
pub fn subjects(look_up: LookUp) -> impl Iterator<Item = Subject> {
    FACTS.iter().filter(move |row| row.asked_by[0] == look_up).map(|row| row.subject)
}

type Asked = (&'static Row, Request);

/// What can be asked for at once: all of it where the application is known.
pub fn at_once(look_ups: &[LookUp], wanted: &Wanted, known: Option<&AppIds>) -> Vec<Asked> {
    let request = |row: &Row| match (&row.ask, known) {
        (Ask::Tenant(request), _) => Some(request()),
        (Ask::Find(request), None) => request(&wanted.which),
        (Ask::Restoring(request), _) => wanted.restores().then(request),
        (Ask::Known(request) | Ask::OfApplication(request), Some(ids)) => Some(request(ids)),
        (Ask::Find(_), Some(_)) | (Ask::Known(_) | Ask::OfApplication(_), None) => None,
    };
    asked(look_ups).filter_map(|row| Some((row, request(row)?))).collect()
}

/// What hangs on an application that was found.
pub fn of_found(look_ups: &[LookUp], ids: &AppIds) -> Vec<Asked> {
    let request = |row: &Row| if let Ask::OfApplication(request) = &row.ask { Some(request(ids)) } else { None };
    asked(look_ups).filter_map(|row| Some((row, request(row)?))).collect()
}

/// The same where there is no application, or where it isn't known whether there is one.
pub fn of_none(observed: &mut Observed, look_ups: &[LookUp], which: &Which, why: Option<&Unread>) {
    for row in asked(look_ups).filter(|row| matches!(row.ask, Ask::OfApplication(_))) {
        let answer = why.map_or(Ok(&Value::Null), |unread| Err(unread.clone()));
        (row.keep)(observed, Reading { subject: row.subject, request: "", which, answer });
    }
}

/// What could be restored of an application that is seen to have no service principal, where it wasn't asked for anyway.
pub fn of_missing_principal(observed: &Observed, look_ups: &[LookUp], wanted: &Wanted) -> Vec<Asked> {
    let missing = observed.app(wanted.adopt).is_some() && observed.service_principal == Ok(None);
    let request = |row: &Row| match &row.ask {
        Ask::Restoring(request) if missing && !wanted.restores() => Some(request()),
        _ => None,
    };
    asked(look_ups).filter_map(|row| Some((row, request(row)?))).collect()
}

/// Where there is no service principal, its lists answer 404: they are empty, not unreadable.
pub fn complete(observed: &mut Observed) {
    if observed.service_principal == Ok(None) {
        observed.grants = Ok(Vec::new());
        observed.assignments = Ok(Vec::new());
    }
}

fn asked(look_ups: &[LookUp]) -> impl Iterator<Item = &'static Row> {
    FACTS.iter().filter(move |row| row.asked_by.iter().any(|one| look_ups.contains(one)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use time::macros::datetime;

    use super::*;
    use crate::secret_policy::{allowed_end, doubts};
    use crate::step::Situation;

    /// The tenant with these answers about its policy and the application's own.
    fn tenant(policy: &Value, own: &Value) -> Observed {
        let mut observed = Observed { application: Ok(Found::None), ..Observed::unread() };
        let which = Wanted::everything().which;
        for row in FACTS.iter().filter(|row| row.subject == POLICY) {
            let answer = if matches!(row.ask, Ask::Tenant(_)) { policy } else { own };
            let reading = Reading { subject: row.subject, request: "GET /policies", which: &which, answer: Ok(answer) };
            (row.keep)(&mut observed, reading);
        }
        observed
    }

    /// What is doubted of a client secret, which is tried.
    fn tried(observed: &Observed) -> Vec<String> {
        let (wanted, now) = (Wanted::everything(), datetime!(2026-11-29 06:00 UTC));
        assert!(allowed_end(&Situation { observed, wanted: &wanted, now }).is_ok(), "{observed:?}");
        doubts(observed, &wanted, now)
    }

    #[test]
    fn a_policy_that_cannot_be_read_is_a_doubt_and_no_obstacle() {
        let forbids = json!([{"restrictionType": "passwordAddition", "state": "enabled"}]);
        let policy = |rules: &Value| json!({"id": null, "isEnabled": true, "applicationRestrictions": {"passwordCredentials": rules}});
        for unreadable in [
            json!({}),
            json!(null),
            policy(&json!("none")),
            policy(&json!([{"restrictForAppsCreatedAfterDateTime": "soon"}])),
        ] {
            let doubts = tried(&tenant(&unreadable, &json!({})));
            assert!(
                doubts.len() == 1 && doubts[0].contains("isn't known") && doubts[0].contains("can't be read"),
                "{doubts:?}"
            );
        }
        let own = json!({"appManagementPolicies": [{"isEnabled": true, "restrictions": 5}]});
        let doubts = tried(&tenant(&policy(&forbids), &own));
        assert!(doubts.iter().any(|doubt| doubt.contains("can't be read")), "{doubts:?}");
        assert!(doubts.iter().any(|doubt| doubt.contains("may forbid client secrets")), "{doubts:?}");
    }

    #[test]
    fn a_policy_is_read_as_far_as_it_can_be() {
        let rules = json!([
            null,
            {"restrictionType": null, "state": "enabled"},
            {"restrictionType": "passwordLifetime", "maxLifetime": 365, "restrictForAppsCreatedAfterDateTime": ""},
        ]);
        let policy = json!({"isEnabled": true, "applicationRestrictions": {"passwordCredentials": rules}});
        let observed = tenant(&policy, &json!({"appManagementPolicies": [null]}));
        assert_eq!(observed.app_policies, Ok(Vec::new()));
        let doubts = tried(&observed);
        assert!(doubts.len() == 1 && doubts[0].contains("'365', which is no duration"), "{doubts:?}");
    }

    #[test]
    fn only_a_cloud_without_the_alternate_key_is_asked_without_it_and_the_read_by_key_stays_one() {
        let request = applications(&format!("(uniqueName='{UNIQUE_NAME}')?"));
        let less = without_late_properties(&request.path, false).unwrap_or_default();
        assert!(less.contains(",uniqueName,") && !less.contains("isDisabled"), "{less}");
        let least = without_late_properties(&request.path, true).unwrap_or_default();
        assert!(least.contains("(uniqueName='") && !least.contains(",uniqueName"), "{least}");
        assert_eq!(without_late_properties(&least, true), None);
    }
}
