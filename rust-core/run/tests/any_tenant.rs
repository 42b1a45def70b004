//! Whatever a tenant starts with: after a run the runbook holds, nothing of others has changed, and a second run plans
//! nothing.

use std::error::Error;
use std::time::Duration;

use pp_runbook::permissions::{Kind, of_kind};
use pp_runbook::step::State;
use pp_runbook::wanted::{DEFAULT_DISPLAY_NAME, Wanted};
use pp_testing::Tenant;
use pp_testing::shape::shape;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::subsequence;
use serde_json::{Value, json};
use tenant_twin::{Editor, Options};

const YEAR: Duration = Duration::from_hours(365 * 24);
const OTHER_SCOPES: [&str; 3] = ["Mail.Read", "Files.Read.All", "offline_access"];
/// Application permissions of Microsoft Graph that the runbook doesn't name.
const OTHER_ROLES: [&str; 2] = ["Policy.Read.All", "AuditLog.Read.All"];

/// An application of the runbook's name, made by hand.
#[derive(Debug, Clone)]
struct ByHand {
    principal: bool,
    disabled: bool,
    scopes: Option<Vec<String>>,
    roles: Vec<String>,
    administrator: bool,
    secrets: usize,
}

#[derive(Debug, Clone)]
struct Begin {
    by_hand: Option<ByHand>,
    deleted: bool,
    others: Vec<String>,
    sync: bool,
    upsert: bool,
}

fn names(kind: Kind, others: &[&str]) -> Vec<String> {
    of_kind(kind).map(|permission| permission.name).chain(others.iter().copied()).map(str::to_owned).collect()
}

fn by_hand() -> impl Strategy<Value = ByHand> {
    let scopes = names(Kind::Delegated, &OTHER_SCOPES);
    let roles = names(Kind::Application, &OTHER_ROLES);
    let scopes = proptest::option::of(subsequence(scopes.clone(), 0..=scopes.len()));
    let roles = subsequence(roles.clone(), 0..=roles.len());
    let flags = (any::<bool>(), any::<bool>(), any::<bool>());
    (flags, scopes, roles, 0..3_usize).prop_map(|((principal, disabled, administrator), scopes, roles, secrets)| {
        ByHand { principal, disabled, scopes, roles, administrator, secrets }
    })
}

fn begin() -> impl Strategy<Value = Begin> {
    let flags = (any::<bool>(), any::<bool>(), any::<bool>());
    (proptest::option::of(by_hand()), vec("[A-Za-z ']{1,20}", 0..3), flags)
        .prop_map(|(by_hand, others, (deleted, sync, upsert))| Begin { by_hand, deleted, others, sync, upsert })
}

fn prepare(begin: &Begin, directory: &mut Editor<'_>) {
    for name in &begin.others {
        let ids = directory.add_application(name);
        directory.add_secret(&ids.object_id, "PPToken", YEAR);
        let principal = directory.add_service_principal(&ids.app_id);
        directory.add_grant(&principal, "User.Read");
        directory.add_app_role(&principal, "Group.Create");
    }
    if begin.deleted {
        let ids = directory.add_application(DEFAULT_DISPLAY_NAME);
        directory.delete_application(&ids.object_id);
    }
    if let Some(by_hand) = &begin.by_hand {
        prepare_by_hand(by_hand, directory);
    }
}

fn prepare_by_hand(by_hand: &ByHand, directory: &mut Editor<'_>) {
    let ids = directory.add_application(DEFAULT_DISPLAY_NAME);
    for _ in 0..by_hand.secrets {
        directory.add_secret(&ids.object_id, "PPToken", YEAR);
    }
    directory.add_secret(&ids.object_id, "somebody's own", YEAR);
    if !by_hand.principal {
        return;
    }
    let principal = directory.add_service_principal(&ids.app_id);
    if by_hand.disabled {
        directory.set("servicePrincipals", &principal, "accountEnabled", &json!(false));
    }
    if let Some(scopes) = &by_hand.scopes {
        directory.add_grant(&principal, &scopes.join(" "));
    }
    for role in &by_hand.roles {
        directory.add_app_role(&principal, role);
    }
    if by_hand.administrator {
        directory.add_role(&principal, pp_runbook::steps::global_administrator::GLOBAL_ADMINISTRATOR);
    }
}

/// Every object that was there and is not the runbook's own, by collection and id.
fn of_others(state: &Value) -> Vec<(String, Value)> {
    let ours = |object: &Value| object["displayName"] == DEFAULT_DISPLAY_NAME;
    let mut all = Vec::new();
    for collection in
        ["applications", "servicePrincipals", "oauth2PermissionGrants", "appRoleAssignments", "roleAssignments"]
    {
        let objects = state[collection].as_array().cloned().unwrap_or_default();
        all.extend(objects.into_iter().filter(|object| !ours(object)).map(|object| (collection.to_owned(), object)));
    }
    all
}

fn check(begin: &Begin) -> Result<(), Box<dyn Error>> {
    let options = Options {
        users: 2,
        groups: 1,
        contacts: 1,
        dir_sync: begin.sync,
        upsert: begin.upsert,
        latency: Duration::ZERO,
        ..Options::default()
    };
    let tenant = Tenant::start(&options)?;
    tenant.twin.edit(|directory| prepare(begin, directory));
    let before = of_others(&tenant.twin.state());
    let wanted = Wanted { adopt: true, ..Wanted::everything() };
    let outcome = tenant.apply(&wanted)?;
    let had_secret = begin.by_hand.as_ref().is_some_and(|by_hand| by_hand.secrets > 0);
    if outcome.secret.is_some() == had_secret {
        return Err("a secret is made only where there is none".into());
    }
    let state = tenant.twin.state();
    let after = of_others(&state);
    for (collection, object) in &before {
        // The one object that is widened: the grant for everybody.
        let kept = |(c, o): &(String, Value)| c == collection && o["id"] == object["id"] && keeps(o, object);
        if !after.iter().any(kept) {
            return Err(format!("{collection} {object} was changed").into());
        }
    }
    let shape = shape(&state);
    if (&shape["principals"], &shape["directoryRoles"]) != (&json!(1), &json!(1)) {
        return Err(format!("the runbook doesn't hold: {shape}").into());
    }
    let open: Vec<_> = tenant
        .judge(&wanted)?
        .into_iter()
        .filter(|step| !matches!(step.assessment.state, State::Done | State::Pending))
        .collect();
    if !open.is_empty() {
        return Err(format!("{open:?}").into());
    }
    tenant.twin.clear_requests();
    tenant.apply(&Wanted::everything())?;
    if tenant.writes() > 0 { Err("the second run wrote".into()) } else { Ok(()) }
}

/// The same, or a grant that holds at least what it held.
fn keeps(now: &Value, before: &Value) -> bool {
    let names = |grant: &Value| {
        grant["scope"].as_str().unwrap_or_default().split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    now == before
        || (now["clientId"] == before["clientId"]
            && !before["clientId"].is_null()
            && names(before).iter().all(|name| names(now).contains(name)))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_runbook_holds_afterwards_and_what_others_have_is_untouched(begin in begin()) {
        let outcome = check(&begin).map_err(|error| error.to_string());
        prop_assert_eq!(outcome, Ok(()));
    }
}
