//! Directory synchronization that doesn't end, whose client runs, or that is on again.

mod op;

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use pp_command::event::Kind;
use pp_report::error::OpError;
use pp_run::connection::open;
use pp_runbook::step::StepName;
use pp_runbook::steps::global_administrator::GLOBAL_ADMINISTRATOR;
use pp_runbook::wanted::Wanted;
use pp_testing::{Tenant, TestResult, connect};
use pp_words::instant;
use serde_json::{Value, json};
use tenant_twin::{Fault, FaultKind, On, Options, Twin};
use time::OffsetDateTime;

fn started() -> Result<Tenant, Box<dyn Error>> {
    Tenant::start(&Options { users: 30, groups: 2, contacts: 1, latency: Duration::ZERO, ..Options::default() })
}

/// A tenant whose synchronization was switched off a moment ago.
fn switched_off() -> Result<Tenant, Box<dyn Error>> {
    let tenant = started()?;
    tenant.apply(&Wanted { steps: vec![StepName::DirSync], ..Wanted::everything() })?;
    Ok(tenant)
}

fn set(twin: &Twin, property: &str, value: &Value) {
    twin.edit(|directory| directory.set("organization", twin.tenant_id(), property, value));
}

/// The client reports so long ago.
fn last_sync(twin: &Twin, ago: Duration) -> OffsetDateTime {
    let last = OffsetDateTime::from(twin.now()).replace_nanosecond(0).unwrap_or(OffsetDateTime::UNIX_EPOCH) - ago;
    set(twin, "onPremisesLastSyncDateTime", &json!(instant(last).replace(' ', "T")));
    last
}

fn state(twin: &Arc<Twin>) -> Result<String, Box<dyn Error>> {
    let (objects, ended) = op::run(&json!({"op": "dirSync", "connection": open(connect(twin, "admin")?)?}))?;
    ended.map_err(|error| format!("{error:?}"))?;
    Ok(objects)
}

fn holds(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn one_that_never_ends_says_since_when_which_objects_and_whose_turn_it_is() -> TestResult {
    let tenant = switched_off()?;
    let twin = &tenant.twin;
    let sync = Wanted { steps: vec![StepName::DirSync], ..Wanted::everything() };
    let first = tenant.observe(&sync)?.synced.users.map_err(|unread| unread.to_string())?.first;
    let users: Vec<String> = first.into_iter().filter_map(|user| user.id).take(3).collect();
    twin.advance(Duration::from_hours(100 * 24));
    for id in &users {
        twin.edit(|directory| directory.set("users", id, "onPremisesSyncEnabled", &json!(true)));
    }
    let row = state(twin)?;
    let since = instant(last_sync(twin, Duration::from_hours(100 * 24)));
    let row_then = state(twin)?;
    holds(&row, &["Pending", "3 users, 0 groups, 0 contacts", "support case with Microsoft", "Silent"]);
    holds(&row_then, &[&since, "100 days ago"]);
    for id in &users {
        holds(&row, &[id]);
    }
    Ok(())
}

#[test]
fn a_client_that_runs_is_said_before_the_switch_and_while_it_goes_on() -> TestResult {
    let tenant = started()?;
    let twin = &tenant.twin;
    let last = instant(last_sync(twin, Duration::from_mins(2)));
    holds(&state(twin)?, &["On", "Running", "a synchronization client is running", &last]);
    holds(&warned(twin)?, &["A synchronization client is running", &last, "Uninstall Entra Connect"]);
    let tenant = switched_off()?;
    let last = instant(last_sync(&tenant.twin, Duration::from_mins(2)));
    holds(&state(&tenant.twin)?, &["Pending", "A synchronization client reported at", &last]);
    Ok(())
}

/// What the plan of the switch warns of.
fn warned(twin: &Arc<Twin>) -> Result<String, Box<dyn Error>> {
    let plan = json!({"op": "plan", "connection": open(connect(twin, "admin")?)?, "steps": ["DirSync"]});
    let (warned, ended) = op::told(&plan, Kind::Warning)?;
    ended.map_err(|error| format!("{error:?}"))?;
    Ok(warned)
}

#[test]
fn a_client_that_is_dead_is_told_apart() -> TestResult {
    let tenant = started()?;
    last_sync(&tenant.twin, Duration::from_hours(60 * 24));
    holds(&state(&tenant.twin)?, &["On", "Silent", "60 days ago", "2.5.79", "2026-09-30"]);
    let warned = warned(&tenant.twin)?;
    assert!(!warned.contains("client"), "{warned}");
    Ok(())
}

#[test]
fn a_client_that_may_come_back_is_no_dead_one() -> TestResult {
    for hours in [4, 70] {
        let tenant = started()?;
        let last = instant(last_sync(&tenant.twin, Duration::from_hours(hours)));
        let row = state(&tenant.twin)?;
        holds(&row, &["On", "Silent", &last, "Uninstall Entra Connect"]);
        assert!(!row.contains("2.5.79") && !row.contains("takes nothing away"), "{row}");
        holds(&warned(&tenant.twin)?, &[&last, "come back", "Uninstall Entra Connect"]);
    }
    Ok(())
}

#[test]
fn a_client_that_reports_while_it_is_off_is_said_by_everything_that_looks() -> TestResult {
    let tenant = started()?;
    let twin = &tenant.twin;
    tenant.apply(&Wanted::everything())?;
    twin.advance(Duration::from_hours(73));
    let connection = open(connect(twin, "admin")?)?;
    let test = json!({"op": "test", "connection": connection});
    assert_eq!(op::told(&test, Kind::Warning)?.0, "");
    let last = instant(last_sync(twin, Duration::from_mins(2)));
    holds(&state(twin)?, &[">Off<", "Running", &last, "though synchronization is off"]);
    for request in [test, wait(twin, &json!({}))?] {
        let (warned, ended) = op::told(&request, Kind::Warning)?;
        assert!(ended.is_ok(), "{ended:?}");
        holds(&warned, &[&last, "though synchronization is off", "uninstall Entra Connect"]);
    }
    Ok(())
}

#[test]
fn the_plan_of_the_switch_says_what_it_takes_for_good() -> TestResult {
    let tenant = started()?;
    let twin = &tenant.twin;
    let said = [
        "switched on again before it is completely off",
        "no longer takes over accounts that have a Microsoft Entra role",
    ];
    holds(&warned(twin)?, &said);
    let kept = json!({"op": "changes", "connection": open(connect(twin, "admin")?)?, "steps": ["DirSync"]});
    holds(&op::told(&kept, Kind::Warning)?.0, &said);
    tenant.apply(&Wanted { steps: vec![StepName::DirSync], ..Wanted::everything() })?;
    assert_eq!(warned(twin)?, "", "of a switch that is behind");
    Ok(())
}

#[test]
fn where_the_last_synchronization_is_not_told_support_is_named_all_the_same() -> TestResult {
    let tenant = switched_off()?;
    set(&tenant.twin, "onPremisesLastSyncDateTime", &Value::Null);
    let row = state(&tenant.twin)?;
    holds(&row, &["Pending", "Unknown", "tell when it last synchronized", "support case with Microsoft"]);
    Ok(())
}

#[test]
fn a_client_that_reports_after_the_switch_is_warned_of_once_while_it_is_waited_for() -> TestResult {
    let tenant = switched_off()?;
    let twin = &tenant.twin;
    let last = instant(OffsetDateTime::from(twin.now()) + Duration::from_hours(2));
    let reports = json!({"edit": "set", "collection": "organization", "id": twin.tenant_id(), "property": "onPremisesLastSyncDateTime", "value": last.replace(' ', "T")});
    twin.add_fault(Fault::new(On::call("GET", "/organization*"), FaultKind::Edited(reports)).nth(3));
    let (warned, ended) = op::told(&wait(twin, &json!({}))?, Kind::Warning)?;
    assert!(ended.is_ok(), "{ended:?}");
    holds(&warned, &["A synchronization client is still running", &last, "or this doesn't end"]);
    assert_eq!(warned.matches("still running").count(), 1, "{warned}");
    Ok(())
}

fn wait(twin: &Arc<Twin>, more: &Value) -> Result<Value, Box<dyn Error>> {
    let connection = open(connect(twin, "admin")?)?;
    let mut request =
        json!({"op": "waitDirSync", "connection": connection, "timeoutSeconds": 72 * 3600, "pollSeconds": 3600});
    for (name, value) in more.as_object().into_iter().flatten() {
        request[name] = value.clone();
    }
    Ok(request)
}

fn ended_as(ended: Result<(), OpError>) -> String {
    match ended {
        Err(OpError::Failed(report)) => report.id.to_owned(),
        other => format!("{other:?}"),
    }
}

#[test]
fn one_that_is_on_again_ends_the_wait_and_a_replica_that_lags_does_not() -> TestResult {
    let on = |twin: &Twin| json!({"edit": "set", "collection": "organization", "id": twin.tenant_id(), "property": "onPremisesSyncEnabled", "value": true});
    let tenant = switched_off()?;
    let edited = FaultKind::Edited(on(&tenant.twin));
    tenant.twin.add_fault(Fault::new(On::call("GET", "/organization*"), edited).nth(2));
    let (_, ended) = op::run(&wait(&tenant.twin, &json!({}))?)?;
    assert_eq!(ended_as(ended), "PPFederation.DirSyncIsOnAgain");
    let tenant = started()?;
    let (_, ended) = op::run(&wait(&tenant.twin, &json!({"switchedOff": true}))?)?;
    assert_eq!(ended_as(ended), "PPFederation.DirSyncIsOnAgain");
    let (_, ended) = op::run(&wait(&tenant.twin, &json!({}))?)?;
    assert_eq!(ended_as(ended), "PPFederation.DirSyncIsOn");
    let off = json!({"edit": "set", "collection": "organization", "id": tenant.twin.tenant_id(), "property": "onPremisesSyncEnabled", "value": false});
    let tenant = switched_off()?;
    set(&tenant.twin, "onPremisesSyncEnabled", &json!(true));
    tenant.twin.add_fault(Fault::new(On::call("GET", "/organization*"), FaultKind::Edited(off)).nth(2));
    let (objects, ended) = op::run(&wait(&tenant.twin, &json!({"switchedOff": true, "timeoutSeconds": 80 * 3600}))?)?;
    assert!(ended.is_ok() && objects.contains(">Off<"), "{ended:?} {objects}");
    Ok(())
}

/// A tenant that was switched off, of which the next look doesn't know yet, and the ones after that do.
fn lags() -> Result<Tenant, Box<dyn Error>> {
    let tenant = switched_off()?;
    let twin = &tenant.twin;
    let off = json!({"edit": "set", "collection": "organization", "id": twin.tenant_id(), "property": "onPremisesSyncEnabled", "value": false});
    set(twin, "onPremisesSyncEnabled", &json!(true));
    twin.add_fault(Fault::new(On::call("GET", "/organization*"), FaultKind::Edited(off)).nth(2));
    Ok(tenant)
}

#[test]
fn a_first_look_that_does_not_know_of_the_switch_ends_no_wait_and_is_not_what_the_switch_returns() -> TestResult {
    let tenant = lags()?;
    let (objects, ended) = op::run(&wait(&tenant.twin, &json!({"timeoutSeconds": 80 * 3600}))?)?;
    assert!(ended.is_ok() && objects.contains(">Off<"), "{ended:?} {objects}");
    let tenant = lags()?;
    let connection = open(connect(&tenant.twin, "admin")?)?;
    let (row, ended) = op::run(&json!({"op": "dirSync", "connection": connection, "switchedOff": true}))?;
    assert!(ended.is_ok(), "{ended:?}");
    holds(&row, &[">Pending<"]);
    Ok(())
}

#[test]
fn a_switch_that_no_question_was_about_is_held_back_until_one_is() -> TestResult {
    let off = Options { seed: 5103, users: 3, dir_sync: false, latency: Duration::ZERO, ..Options::default() };
    let tenant = Tenant::start(&off)?;
    let twin = &tenant.twin;
    let connection = open(connect(twin, "admin")?)?;
    let (planned, ended) = op::run(&json!({"op": "plan", "connection": connection}))?;
    ended?;
    assert!(planned.contains("GlobalAdministrator"), "{planned}");
    // The prompt stays open for so long, and somebody switches synchronization on.
    twin.advance(Duration::from_mins(6));
    set(twin, "onPremisesSyncEnabled", &json!(true));
    let apply = |asked: &[&str]| {
        let steps = StepName::ALL.map(StepName::name);
        let (row, ended) =
            op::run(&json!({"op": "apply", "connection": connection, "plan": 1, "steps": steps, "asked": asked}))?;
        let mut sent = twin.requests().into_iter().flat_map(|request| request.batch);
        let switched = sent.any(|item| item.method == "PATCH" && item.path.starts_with("/organization/"));
        Ok::<_, Box<dyn Error>>((ended.map(|()| row)?, switched))
    };
    let (row, switched) = apply(&["ApplicationConsent", "GlobalAdministrator"])?;
    holds(&row, &[r#"N="DirSync">NotDone<"#, r#"N="GlobalAdministrator">Done<"#, "Run again to be asked about it"]);
    assert!(!switched, "{row}");
    let (row, switched) = apply(&["DirSync"])?;
    assert!(switched && !row.contains("NotDone"), "{row}");
    Ok(())
}

#[test]
fn a_switch_that_every_run_would_hold_back_is_warned_of_in_the_plan_and_told_of_without_a_promise() -> TestResult {
    let tenant = Tenant::start(&Options { seed: 5104, users: 3, latency: Duration::ZERO, ..Options::default() })?;
    let twin = &tenant.twin;
    let others = Wanted { steps: StepName::ALL[1..].to_vec(), ..Wanted::everything() };
    let principal = tenant.apply(&others)?.principal.ok_or("no service principal")?.id;
    let end = json!("2031-05-06T07:08:09Z");
    twin.edit(|directory| directory.add_role_instance(&principal, GLOBAL_ADMINISTRATOR, &end));
    let connection = open(connect(twin, "admin")?)?;
    let (warned, ended) = op::told(&json!({"op": "plan", "connection": connection}), Kind::Warning)?;
    ended?;
    holds(&warned, &["DirSync: ", "GlobalAdministrator is not done", "ends at 2031-05-06", "-Step DirSync"]);
    let steps = StepName::ALL.map(StepName::name);
    let (row, ended) = op::run(&json!({"op": "apply", "connection": connection, "plan": 1, "steps": steps}))?;
    ended?;
    holds(&row, &["Not done: DirSync, GlobalAdministrator. Detail of each in Steps says why"]);
    assert!(!row.contains("in some minutes"), "{row}");
    // Without what holds it back there is nothing to warn of.
    let (warned, _) =
        op::told(&json!({"op": "plan", "connection": connection, "skip": ["GlobalAdministrator"]}), Kind::Warning)?;
    assert!(!warned.contains("holds it back"), "{warned}");
    Ok(())
}
