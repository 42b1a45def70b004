//! One action in many tenants: a row each, whatever becomes of the others; who is asked what; and what a ledger has of it.

#[path = "op/fleet.rs"]
mod op;

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use pp_base::call::Call;
use pp_base::cancel::{Cancel, CancelSource};
use pp_base::gate::Gate;
use pp_base::retry::Budget;
use pp_ledger::line::{Choices, Event};
use pp_ledger::state::State;
use pp_ledger::{Taken, file};
use pp_report::error::OpError;
use pp_run::connection;
use pp_run::journal::Journal;
use pp_run::unclaimed;
use pp_testing::start::{exempt, forbid_secrets_but_for_the_exempt};
use pp_testing::street::Street;
use pp_testing::{TestResult, connect};
use serde_json::{Value, json};
use tempfile::tempdir;
use tenant_twin::{AppIds, ErrorBody, Fault, FaultKind, On, Options, RetryAfter, Twin, VaultAccess};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

fn with_ledger(path: &std::path::Path, street: &Street) -> Value {
    json!({"ledger": path, "options": {"skip": ["DirSync"], "sink": {"kind": "KeyVault", "vaultUri": street.vaults()}}})
}

fn writes(street: &Street) -> usize {
    street.tenants.iter().map(|twin| twin.requests().iter().filter(|request| request.write).count()).sum()
}

/// The runbook's applications: at most one.
fn ours(twin: &Twin) -> Vec<Value> {
    let state = twin.state();
    let ours = |app: &&Value| app["displayName"] == "Practice Protect Federation";
    let apps: Vec<Value> = state["applications"].as_array().into_iter().flatten().filter(ours).cloned().collect();
    assert!(apps.len() < 2, "{apps:?}");
    apps
}

/// The secrets of the runbook's application: their key ids and starts.
fn secrets(twin: &Twin) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let apps = ours(twin);
    let all = apps.iter().flat_map(|app| app["passwordCredentials"].as_array().into_iter().flatten());
    all.map(|secret| (text(&secret["keyId"]), text(&secret["startDateTime"]))).collect()
}

/// How many secrets the tenant's vault has.
fn versions(twin: &Twin) -> usize {
    twin.edit_vault(|vault| vault.versions("pptoken"))
}

/// The key of the newest secret in the tenant's vault.
fn in_vault(twin: &Twin) -> String {
    twin.edit_vault(|vault| vault.about("pptoken"))["tags"]["keyId"].as_str().unwrap_or_default().to_owned()
}

fn failed(ended: Result<(), OpError>) -> String {
    match ended {
        Err(OpError::Failed(report)) => report.id.to_owned(),
        other => format!("{other:?}"),
    }
}

#[test]
fn a_tenant_that_fails_is_its_row_and_an_error_with_its_name_and_stops_none() -> TestResult {
    let street = Street::of(5)?;
    let (mut request, secrets) = street.fleet("Status", &json!({}))?;
    let broken = street.tenants[2].tenant_id();
    request["tenants"][2]["clientSecret"]["len"] = json!(5);
    let (said, ended) = op::run(&(request, secrets))?;
    ended?;
    assert_eq!((said.rows().len(), said.count("Done"), said.count("Failed")), (5, 4, 1));
    assert!(said.row(broken)?.contains("PPFederation.ClientSecretWrong"), "{said:?}");
    assert_eq!(said.errors.len(), 1);
    assert!(said.errors[0].contains(broken), "{said:?}");
    for twin in &street.tenants {
        let row = said.row(twin.tenant_id())?;
        assert_eq!(row.contains("0 of 7 steps done"), twin.tenant_id() != broken, "{row}");
    }
    Ok(())
}

#[test]
fn one_tenant_that_is_throttled_costs_no_other_a_request() -> TestResult {
    let street = Street::of(4)?;
    let request = street.fleet("Status", &json!({"throttleLimit": 1}))?;
    op::run(&request)?.1?;
    let counts = |street: &Street| -> Vec<usize> { street.tenants.iter().map(|twin| twin.requests().len()).collect() };
    let usual = counts(&street);
    street.tenants.iter().for_each(Twin::clear_requests);
    let throttled = FaultKind::Throttled(RetryAfter::Seconds(1));
    street.tenants[1].add_fault(Fault::new(On { path: Some("/$batch".into()), ..On::default() }, throttled));
    let (said, ended) = op::run(&request)?;
    ended?;
    assert_eq!(said.count("Done"), 4, "{said:?}");
    let now = counts(&street);
    assert!(now[1] > usual[1], "{now:?} {usual:?}");
    assert_eq!([now[0], now[2], now[3]], [usual[0], usual[2], usual[3]]);
    Ok(())
}

#[test]
fn a_limit_of_the_application_over_all_tenants_holds_the_other_lanes_back() -> TestResult {
    let street = Street::of(4)?;
    let client = |twin: &Twin| twin.client("admin").map(|client| client.client_id.clone()).ok_or("no admin");
    let shared = client(&street.tenants[0])?;
    let (mut request, secrets) = street.fleet("Status", &json!({"throttleLimit": 4}))?;
    for (tenant, twin) in request["tenants"].as_array_mut().into_iter().flatten().zip(&street.tenants).skip(1) {
        let own = client(twin)?;
        twin.edit(|directory| directory.set_client_id(&own, &shared));
        tenant["clientId"] = json!(shared);
        // So these are still at work when the first one is refused.
        twin.set_latency(Duration::from_millis(700));
    }
    let held_back = |said: &op::Said, twin: &Twin| {
        said.texts.iter().any(|text| {
            text.starts_with(twin.tenant_id()) && text.contains("this application's requests to all tenants: waiting")
        })
    };
    for (fault, expected) in [
        (FaultKind::ApplicationThrottled(RetryAfter::Seconds(4)), true),
        (FaultKind::Throttled(RetryAfter::Seconds(1)), false),
    ] {
        let first = &street.tenants[0];
        first.add_fault(Fault::new(On { path: Some("/$batch".into()), ..On::default() }, fault));
        let (said, ended) = op::run(&(request.clone(), secrets.clone()))?;
        ended?;
        assert_eq!(said.count("Done"), 4, "{said:?}");
        assert_eq!(street.tenants.iter().skip(1).any(|twin| held_back(&said, twin)), expected, "{said:?}");
    }
    Ok(())
}

#[test]
fn a_plan_sends_no_write_writes_no_line_and_asks_once_for_all() -> TestResult {
    let (street, folder) = (Street::of(3)?, tempdir()?);
    let ledger = folder.path().join("ledger.jsonl");
    let (mut request, secrets) = street.fleet("Runbook", &with_ledger(&ledger, &street))?;
    request["plan"] = json!(true);
    request["options"]["skip"] = json!([]);
    let (said, ended) = op::run(&(request, secrets))?;
    ended?;
    assert_eq!((writes(&street), ledger.exists()), (0, false));
    assert_eq!(said.count("Open"), 3, "{said:?}");
    let questions: Vec<&String> = said.objects.iter().filter(|text| text.contains("FleetQuestion")).collect();
    let [question] = questions[..] else { return Err(format!("{questions:?}").into()) };
    for part in [
        "Switch directory synchronization off in 3",
        "Global Administrator in 3",
        "warnings, which -WhatIf shows, for 3",
        "Customer 2 Pty Ltd",
    ] {
        assert!(question.contains(part), "{part}: {question}");
    }
    Ok(())
}

#[test]
fn what_a_plan_warns_of_is_in_the_row_of_a_tenant_that_was_not_planned_before() -> TestResult {
    let (street, folder) = (Street::of(2)?, tempdir()?);
    let twin = &street.tenants[0];
    forbid_secrets_but_for_the_exempt(twin);
    exempt(twin)?;
    let mut fields = with_ledger(&folder.path().join("ledger.jsonl"), &street);
    fields["options"]["skip"] = json!([]);
    let (mut request, secrets) = street.fleet("Runbook", &fields)?;
    request["plan"] = json!(true);
    let request = (request, secrets);
    let (planned, ended) = op::run(&request)?;
    ended?;
    let (mut request, secrets) = request;
    request["plan"] = json!(false);
    let (done, ended) = op::run(&(request, secrets))?;
    ended?;
    let as_read = done.texts.iter().filter(|text| text.contains("it is acted on as it was read")).count();
    assert_eq!(as_read, street.tenants.len(), "the tenant is read once: {:?}", done.texts);
    for said in [planned, done] {
        for one in &street.tenants {
            let row = said.row(one.tenant_id())?;
            assert!(row.contains("synchronization client is running"), "{row}");
            let exempts = row.contains("exempts some callers");
            assert_eq!(exempts, one.tenant_id() == twin.tenant_id(), "{row}");
        }
    }
    Ok(())
}

#[test]
fn what_the_ledger_says_is_done_is_not_asked_for_again() -> TestResult {
    let (street, folder) = (Street::of(3)?, tempdir()?);
    let ledger = folder.path().join("ledger.jsonl");
    let request = street.fleet("Runbook", &with_ledger(&ledger, &street))?;
    let (said, ended) = op::run(&request)?;
    ended?;
    assert_eq!(said.count("Done"), 3, "{said:?}");
    for twin in &street.tenants {
        let made = secrets(twin);
        let [(key_id, _)] = &made[..] else { return Err(format!("{made:?}").into()) };
        assert!(said.row(twin.tenant_id())?.contains(key_id), "{said:?}");
        assert!(twin.edit_vault(|vault| vault.text("pptoken").is_some()));
        twin.clear_requests();
    }
    let states = file::read(&ledger)?.states;
    assert!(states.iter().all(|state| state.state == State::Done && state.orphans().count() == 0), "{states:?}");
    assert!(states.iter().all(|state| state.secrets.len() == 1 && state.secrets[0].place.is_some()), "{states:?}");
    let (said, ended) = op::run(&request)?;
    ended?;
    assert_eq!(said.count("Done"), 3);
    assert!(street.tenants.iter().all(|twin| twin.requests().is_empty()));
    Ok(())
}

#[test]
fn what_is_done_of_a_tenant_are_the_steps_that_were_taken() -> TestResult {
    let (street, folder) = (Street::of(1)?, tempdir()?);
    let (twin, ledger) = (&street.tenants[0], folder.path().join("ledger.jsonl"));
    let of = |skip: Value| {
        let mut more = with_ledger(&ledger, &street);
        more["options"]["skip"] = skip;
        street.fleet("Runbook", &more)
    };
    let (fewer, more) = (of(json!(["DirSync", "ClientSecret"]))?, of(json!(["DirSync"]))?);
    for (request, made) in [(&fewer, 0), (&more, 1)] {
        let (said, ended) = op::run(request)?;
        ended?;
        assert_eq!((said.count("Done"), secrets(twin).len()), (1, made), "{said:?}");
    }
    twin.clear_requests();
    for request in [&more, &fewer] {
        let (said, ended) = op::run(request)?;
        ended?;
        let row = said.row(twin.tenant_id())?;
        assert!(said.count("Done") == 1 && row.contains("By the ledger"), "{row}");
    }
    assert!(twin.requests().is_empty(), "all of that is done");
    let mut other = more.clone();
    other.0["options"]["which"] = json!({"displayName": "Another"});
    op::run(&other)?.1?;
    assert!(!twin.requests().is_empty(), "another application is another matter");
    Ok(())
}

#[test]
fn a_lock_that_is_asked_for_later_is_made() -> TestResult {
    let (street, folder) = (Street::of(1)?, tempdir()?);
    let twin = &street.tenants[0];
    let of = |lock: bool| {
        let mut more = with_ledger(&folder.path().join("ledger.jsonl"), &street);
        more["options"]["lockCredentials"] = json!(lock);
        street.fleet("Runbook", &more)
    };
    for lock in [false, true] {
        let (said, ended) = op::run(&of(lock)?)?;
        ended?;
        assert_eq!(said.count("Done"), 1, "{said:?}");
        assert_eq!(ours(twin)[0]["servicePrincipalLockConfiguration"]["isEnabled"] == json!(true), lock);
    }
    twin.clear_requests();
    for lock in [true, false] {
        let (said, ended) = op::run(&of(lock)?)?;
        ended?;
        let row = said.row(twin.tenant_id())?;
        assert!(said.count("Done") == 1 && row.contains("By the ledger"), "{row}");
    }
    assert!(twin.requests().is_empty(), "all of that is done");
    Ok(())
}

/// The same as a plan.
fn planned((request, secrets): &(Value, String)) -> (Value, String) {
    let mut request = request.clone();
    request["plan"] = json!(true);
    (request, secrets.clone())
}

/// A sealed file as the sink.
fn sealed(path: &str) -> Value {
    let recipient = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/op/recipient.pem");
    json!({"kind": "SealedFile", "path": path, "certificatePath": recipient})
}

/// Writes what a worker leaves that ends after a secret was asked for.
fn left(ledger: &std::path::Path, action: &str, twin: &Twin, start: &str, choices: Choices) -> TestResult {
    let (cancel, budget) = (Cancel::never(), Budget::new(Duration::ZERO));
    let call = Call { cancel: &cancel, budget: &budget, log: &|_| () };
    let opened = file::open(ledger, "earlier")?.ledger;
    let Taken::Held(hold) = opened.take(twin.tenant_id().parse()?, action, &call)? else {
        return Err("taken".into());
    };
    hold.record(Event::Begun { tenant_name: None, choices }, &call)?;
    let app_id = ours(twin).first().and_then(|app| app["appId"].as_str()?.parse().ok()).ok_or("no application")?;
    hold.record(Event::SecretAsked { start: OffsetDateTime::parse(start, &Rfc3339)?, app_id }, &call)?;
    Ok(())
}

#[test]
fn taking_up_removes_the_secret_that_nobody_has_and_only_that() -> TestResult {
    let (street, folder) = (Street::of(1)?, tempdir()?);
    let twin = &street.tenants[0];
    let (said, ended) =
        op::run(&street.fleet("Runbook", &with_ledger(&folder.path().join("another.jsonl"), &street))?)?;
    ended?;
    assert_eq!(said.count("Done"), 1, "{said:?}");
    let app = ours(twin).first().and_then(|app| app["id"].as_str().map(str::to_owned)).ok_or("no application")?;
    twin.advance(Duration::from_mins(1));
    twin.edit(|directory| directory.add_secret(&app, "PPToken", Duration::from_hours(8760)));
    let two = secrets(twin);
    let [(first, _), (second, start)] = &two[..] else { return Err(format!("{two:?}").into()) };
    let ledger = folder.path().join("ledger.jsonl");
    left(&ledger, "Runbook", twin, start, Choices::default())?;
    twin.advance(Duration::from_mins(1));
    let request = street.fleet("Runbook", &with_ledger(&ledger, &street))?;
    let (said, ended) = op::run(&planned(&request))?;
    ended?;
    let row = said.row(twin.tenant_id())?;
    assert!(row.contains(&format!("Would: remove client secret {second}, ")), "{row}");
    assert_eq!((said.count("Open"), secrets(twin).len()), (1, 2), "{row}");
    let (said, ended) = op::run(&request)?;
    ended?;
    assert_eq!(said.count("Done"), 1, "{said:?}");
    let left: Vec<String> = secrets(twin).into_iter().map(|(key_id, _)| key_id).collect();
    assert_eq!(left, std::slice::from_ref(first), "{second} was the one");
    let states = file::read(&ledger)?.states;
    assert_eq!(states[0].state, State::Done);
    assert_eq!(states[0].orphans().count(), 0);
    Ok(())
}

#[test]
fn a_rotation_of_what_is_due_reckons_with_what_it_removes_before() -> TestResult {
    let (street, folder) = (Street::with(1, &Options { seed: 40, ..Options::default() })?, tempdir()?);
    let twin = &street.tenants[0];
    let mut runbook = with_ledger(&folder.path().join("runbook.jsonl"), &street);
    runbook["options"]["skip"] = json!(["DirSync", "ClientSecret"]);
    op::run(&street.fleet("Runbook", &runbook)?)?.1?;
    let app = ours(twin).first().and_then(|app| app["id"].as_str().map(str::to_owned)).ok_or("no application")?;
    twin.edit(|directory| directory.add_secret(&app, "PPToken", Duration::from_hours(8760)));
    let (orphan, start) = secrets(twin).pop().ok_or("no secret")?;
    let ledger = folder.path().join("rotation.jsonl");
    left(&ledger, "Rotate", twin, &start, Choices::default())?;
    twin.advance(Duration::from_mins(2));
    let mut more = with_ledger(&ledger, &street);
    more["options"] = json!({"sink": more["options"]["sink"], "overlapSeconds": 0, "renewWithinSeconds": 86_400});
    let request = street.fleet("Rotate", &more)?;
    let (said, ended) = op::run(&planned(&request))?;
    ended?;
    let row = said.row(twin.tenant_id())?;
    assert!(row.contains(&format!("remove client secret {orphan}")), "{row}");
    assert!(row.contains("Create the client secret") && !row.contains("SecretPlaceUnknown"), "{row}");
    // Removed it still shows, as a replica may have it.
    let removal = On::call("POST", "/applications/*/removePassword");
    let answered = FaultKind::Failed { status: 204, body: ErrorBody::Empty, retry_after: RetryAfter::Absent };
    twin.add_fault(Fault::new(removal, answered));
    let (said, ended) = op::run(&request)?;
    ended?;
    assert_eq!(said.count("Done"), 1, "{said:?}");
    assert!(secrets(twin).iter().any(|(key_id, _)| *key_id == in_vault(twin)), "{said:?}");
    Ok(())
}

/// What a process leaves that ends before these lines are written.
fn without(ledger: &std::path::Path, events: &[&str]) -> TestResult {
    let ends = |line: &&str| events.iter().any(|event| line.contains(&format!(r#""event":"{event}""#)));
    let lines = std::fs::read_to_string(ledger)?;
    let left: Vec<&str> = lines.lines().filter(|line| !ends(line)).collect();
    Ok(std::fs::write(ledger, left.join("\n") + "\n")?)
}

#[test]
fn a_new_secret_is_made_once_however_often_the_same_ledger_is_taken_up() -> TestResult {
    let (street, folder) = (Street::of(1)?, tempdir()?);
    let twin = &street.tenants[0];
    let mut more = with_ledger(&folder.path().join("ledger.jsonl"), &street);
    (more["options"]["skip"], more["options"]["newSecret"]) = (json!([]), json!(true));
    more["retryBudgetSeconds"] = json!(0);
    let request = street.fleet("Runbook", &more)?;
    let again = |result: &str| -> TestResult {
        let (said, ended) = op::run(&request)?;
        ended?;
        assert_eq!(said.count(result), 1, "{said:?}");
        Ok(())
    };
    // Synchronization is on its way to off.
    again("Open")?;
    let made = secrets(twin);
    again("Open")?;
    assert_eq!((secrets(twin), made.len(), versions(twin)), (made.clone(), 1, 1));
    // What is gone is made anew.
    twin.advance(Duration::from_mins(1));
    let app = ours(twin).first().and_then(|app| app["id"].as_str().map(str::to_owned)).ok_or("no application")?;
    twin.edit(|directory| directory.set("applications", &app, "passwordCredentials", &json!([])));
    again("Open")?;
    let anew = secrets(twin);
    assert!(anew.len() == 1 && anew != made, "{anew:?} {made:?}");
    twin.advance(Duration::from_hours(80));
    again("Done")?;
    assert_eq!((secrets(twin), versions(twin), in_vault(twin)), (anew.clone(), 2, anew[0].0.clone()));
    Ok(())
}

#[test]
fn a_rotation_that_is_taken_up_goes_on_with_the_secret_that_is_in_place() -> TestResult {
    let (street, folder) = (Street::of(2)?, tempdir()?);
    let of = |name: &str| {
        let mut more = with_ledger(&folder.path().join(name), &street);
        more["retryBudgetSeconds"] = json!(0);
        more
    };
    op::run(&street.fleet("Runbook", &of("runbook.jsonl"))?)?.1?;
    street.tenants.iter().for_each(|twin| twin.advance(Duration::from_mins(1)));
    let mut more = of("rotation.jsonl");
    more["options"] = json!({"sink": more["options"]["sink"], "overlapSeconds": 0});
    let mut rotation = street.fleet("Rotate", &more)?;
    // In one tenant the older secret can't be removed; the process ends before the ledger has the end of the other.
    let refused = &street.tenants[0];
    let removal = On::call("POST", "/applications/*/removePassword");
    refused.add_fault(Fault::new(removal, FaultKind::Denied).for_ever());
    let (said, ended) = op::run(&rotation)?;
    ended?;
    assert_eq!((said.count("Done"), said.count("Failed")), (1, 1), "{said:?}");
    assert_eq!(secrets(refused).len(), 2);
    refused.clear_faults();
    without(&folder.path().join("rotation.jsonl"), &["done"])?;
    rotation.0["retryFailed"] = json!(true);
    // What was removed a moment ago may still show.
    street.tenants.iter().for_each(|twin| twin.advance(Duration::from_mins(1)));
    let (said, ended) = op::run(&planned(&rotation))?;
    ended?;
    for (twin, would) in street.tenants.iter().zip(["Would: Remove client secret", "Nothing is left to change"]) {
        let row = said.row(twin.tenant_id())?;
        assert!(row.contains(would) && !row.contains("Create the client secret"), "{row}");
        assert!(!row.contains(&in_vault(twin)), "what is in place stays: {row}");
    }
    let (said, ended) = op::run(&rotation)?;
    ended?;
    assert_eq!(said.count("Done"), 2, "{said:?}");
    for twin in &street.tenants {
        let left: Vec<String> = secrets(twin).into_iter().map(|(key_id, _)| key_id).collect();
        assert_eq!((left, versions(twin)), (vec![in_vault(twin)], 2), "the one before is gone, and there is no third");
        assert!(said.row(twin.tenant_id())?.contains("was in place already"), "{said:?}");
    }
    Ok(())
}

#[test]
fn of_one_that_the_tenant_remembers_the_ledger_learns_where_it_lies() -> TestResult {
    let (street, folder) = (Street::of(1)?, tempdir()?);
    let ledger = folder.path().join("ledger.jsonl");
    let mut request = street.fleet("Runbook", &with_ledger(&ledger, &street))?;
    request.0["retryBudgetSeconds"] = json!(0);
    op::run(&request)?.1?;
    let made = secrets(&street.tenants[0]);
    for lines in [["secretPlaced", "done"].as_slice(), &["secretMade", "secretPlaced", "done"]] {
        without(&ledger, lines)?;
        let (said, ended) = op::run(&request)?;
        ended?;
        assert_eq!((said.count("Done"), secrets(&street.tenants[0])), (1, made.clone()), "{said:?}");
        let states = file::read(&ledger)?.states;
        assert_eq!((states[0].state, states[0].orphans().count()), (State::Done, 0), "{states:?}");
        let placed: Vec<_> = states[0].secrets.iter().filter(|secret| secret.place.is_some()).collect();
        assert_eq!(placed.len(), 1, "{states:?}");
        assert_eq!(placed[0].key_id.map(|id| id.to_string()).as_ref(), Some(&made[0].0));
    }
    Ok(())
}

#[test]
fn taking_up_overwrites_the_file_that_the_ledger_names_and_no_other() -> TestResult {
    let (street, folder) = (Street::of(1)?, tempdir()?);
    let twin = &street.tenants[0];
    let first = json!({"options": {"skip": ["DirSync", "ClientSecret"]}});
    op::run(&street.fleet("Runbook", &first)?)?.1?;
    let text = |name: &str| folder.path().join(name).display().to_string();
    let (ledger, own, other) = (folder.path().join("ledger.jsonl"), text("own.cms"), text("other.cms"));
    // An earlier worker had put its secret into the file, and the secret is gone since.
    let choices = Choices { file: Some(own.clone()), machine: Some("THERE".into()), ..Choices::default() };
    left(&ledger, "Runbook", twin, "2026-11-29T10:00:00Z", choices)?;
    for file in [&own, &other] {
        std::fs::write(file, "what was there")?;
    }
    let run = |file: &str, machine: &str| {
        let options = json!({"skip": ["DirSync"], "sink": sealed(file)});
        let more = json!({"ledger": ledger, "machine": machine, "options": options, "retryFailed": true});
        op::run(&street.fleet("Runbook", &more)?)
    };
    // On another machine its path is another file's.
    for (file, machine) in [(&other, "THERE"), (&own, "HERE")] {
        let (said, ended) = run(file, machine)?;
        ended?;
        assert!(said.row(twin.tenant_id())?.contains("is there already"), "{said:?}");
        assert_eq!((std::fs::read_to_string(file)?.as_str(), secrets(twin).len()), ("what was there", 0));
    }
    // Its name in another case is the same machine's.
    let (said, ended) = run(&own, "there")?;
    ended?;
    assert_eq!(said.count("Done"), 1, "{said:?}");
    assert!(std::fs::read_to_string(&own)?.contains("BEGIN CMS"));
    Ok(())
}

#[test]
fn taking_up_overwrites_no_file_in_which_another_applications_secret_lies() -> TestResult {
    // In the second tenant it is only found while it is taken up that the secret lies there: its process was killed before that was written.
    for (seed, lost) in (300..).zip([[].as_slice(), &["secretMade", "secretPlaced", "done"]]) {
        let (street, folder) = (Street::with(1, &Options { seed, ..Options::default() })?, tempdir()?);
        let (twin, ledger, file) =
            (&street.tenants[0], folder.path().join("ledger.jsonl"), folder.path().join("own.cms"));
        let by_hand = |name: &str| {
            let made = twin.edit(|tenant| tenant.add_application(name));
            twin.edit(|tenant| tenant.add_service_principal(&made.app_id));
            made
        };
        let sink = sealed(&file.display().to_string());
        let options = json!({"steps": ["ClientSecret"], "which": {"adopt": true}, "sink": sink});
        let (request, texts) = street.fleet("Runbook", &json!({"ledger": ledger, "options": options}))?;
        let run = |app: &AppIds| {
            let mut request = request.clone();
            request["tenants"][0]["appId"] = json!(app.app_id);
            op::run(&(request, texts.clone()))
        };
        let secrets = |app: &AppIds| {
            let found = twin.edit(|tenant| tenant.get("applications", &app.object_id)).unwrap_or_default();
            found["passwordCredentials"].as_array().map(Vec::len)
        };
        let (first, second) = (by_hand("Ours"), by_hand("Ours, too"));
        let (said, ended) = run(&first)?;
        ended?;
        assert_eq!((said.count("Done"), secrets(&first)), (1, Some(1)), "{said:?}");
        let only_text = std::fs::read(&file)?;
        without(&ledger, lost)?;
        twin.advance(Duration::from_mins(1));
        let (said, ended) = run(&second)?;
        ended?;
        assert!(
            std::fs::read(&file)? == only_text,
            "{seed}: the only text of the first one's secret is gone: {said:?}"
        );
        let row = said.row(twin.tenant_id())?;
        assert!(row.contains("PPFederation.SealedFileExists"), "{seed}: {row}");
        assert_eq!((secrets(&first), secrets(&second)), (Some(1), Some(0)), "{seed}");
    }
    Ok(())
}

/// The tenant remembers that a secret was put in place, as `Update-PPClientSecret -Complete` has it do.
fn remember(twin: &Twin, key_id: &str) {
    let apps = ours(twin);
    for app in &apps {
        let mut tags = app["tags"].as_array().cloned().unwrap_or_default();
        tags.push(json!(format!("practice-protect-federation:placed:{key_id}:2026-11-29T10:00:00Z")));
        let id = app["id"].as_str().unwrap_or_default();
        assert!(twin.edit(|directory| directory.set("applications", id, "tags", &json!(tags))));
    }
}

#[test]
fn a_secret_that_its_sink_did_not_take_is_left_to_whoever_has_it_until_they_say_so() -> TestResult {
    let (street, folder) = (Street::of(1)?, tempdir()?);
    let (twin, ledger) = (&street.tenants[0], folder.path().join("ledger.jsonl"));
    let mut request = street.fleet("Runbook", &with_ledger(&ledger, &street))?;
    twin.edit_vault(|vault| vault.set_access(VaultAccess::User));
    let (said, ended) = op::run(&request)?;
    ended?;
    assert!(said.row(twin.tenant_id())?.contains("PPFederation.SecretNotPlaced"), "{said:?}");
    twin.edit_vault(|vault| vault.set_access(VaultAccess::Officer));
    let made = secrets(twin);
    let [(key_id, _)] = &made[..] else { return Err(format!("{made:?}").into()) };
    request.0["retryFailed"] = json!(true);
    // While this session holds it; then a person has taken it out and entered it somewhere, or another session runs.
    for held in [true, false] {
        for request in [planned(&request), request.clone()] {
            let (said, ended) = op::run(&request)?;
            ended?;
            let row = said.row(twin.tenant_id())?;
            assert_eq!((said.count("Open"), said.errors.len()), (1, 0), "{row}");
            assert!(row.contains(&format!("Update-PPClientSecret -Complete -KeyId {key_id}")), "{row}");
            assert_eq!(row.contains("Save-PPClientSecret puts it in place"), held, "{row}");
        }
        assert_eq!(secrets(twin), made, "nobody may remove it");
        assert_eq!(file::read(&ledger)?.states[0].state, State::Open);
        unclaimed::claim(key_id);
    }
    remember(twin, key_id);
    for request in [planned(&request), request] {
        let (said, ended) = op::run(&request)?;
        ended?;
        assert_eq!(said.count("Done"), 1, "{said:?}");
    }
    assert_eq!(secrets(twin), made);
    let states = file::read(&ledger)?.states;
    assert!(states[0].secrets.len() == 1 && states[0].secrets[0].place.is_some(), "{states:?}");
    Ok(())
}

#[test]
fn a_comparison_that_is_stopped_while_it_judges_users_is_not_done() -> TestResult {
    let (street, folder) = (Street::of(1)?, tempdir()?);
    let (twin, place) = (&street.tenants[0], |name: &str| folder.path().join(name));
    twin.edit(|tenant| tenant.add_user(&json!({"userPrincipalName": "ann@contoso.example", "displayName": "Ann"})));
    std::fs::write(place("all.csv"), "Username\nann@contoso.example\nnobody@contoso.example\n")?;
    std::fs::write(place("endless.js"), "if (source.Username) for (;;) {}")?;
    let options = json!({"portalUserPath": place("all.csv"), "scriptPath": place("endless.js")});
    let request = street.fleet("Compare", &json!({"ledger": place("ledger.jsonl"), "options": options}))?;
    let (source, cancel) = CancelSource::new();
    // The walk is over, and nobody is judged yet.
    let hear = move |text: &str| {
        if text.contains("the index of who holds what") {
            source.cancel();
        }
    };
    let (said, ended) = op::run_until(&request, cancel, hear)?;
    assert!(matches!(ended, Err(OpError::Cancelled(_))), "{ended:?} {said:?}");
    assert!(said.objects.iter().all(|text| !text.contains("it was cancelled")), "{said:?}");
    assert_eq!(said.count("Open"), 1, "{said:?}");
    let states = file::read(&place("ledger.jsonl"))?.states;
    assert_eq!(states.iter().map(|state| state.state).collect::<Vec<_>>(), [State::Open], "{states:?}");
    Ok(())
}

#[test]
fn one_whose_client_secret_lies_nobody_knows_where_is_not_done() -> TestResult {
    let (street, folder) = (Street::of(2)?, tempdir()?);
    let mut first = with_ledger(&folder.path().join("first.jsonl"), &street);
    first["options"]["skip"] = json!(["DirSync", "ClientSecret"]);
    op::run(&street.fleet("Runbook", &first)?)?.1?;
    // In one tenant somebody has made the secret by hand.
    let twin = &street.tenants[0];
    street.tenants.iter().for_each(|twin| twin.advance(Duration::from_mins(1)));
    let app = ours(twin).first().and_then(|app| app["id"].as_str().map(str::to_owned)).ok_or("no application")?;
    twin.edit(|directory| directory.add_secret(&app, "PPToken", Duration::from_hours(8760)));
    let theirs = secrets(twin);
    let second = street.fleet("Runbook", &with_ledger(&folder.path().join("second.jsonl"), &street))?;
    for (request, done) in [(planned(&second), 0), (second, 1)] {
        let (said, ended) = op::run(&request)?;
        ended?;
        assert_eq!((said.count("Done"), said.count("Open")), (done, 2 - done), "{said:?}");
        let row = said.row(twin.tenant_id())?;
        assert!(row.contains("where it lies is not known") && row.contains(&theirs[0].0), "{row}");
    }
    assert_eq!(secrets(twin), theirs, "it is left alone");
    // What the row says makes it done.
    let mut again = with_ledger(&folder.path().join("second.jsonl"), &street);
    again["options"]["newSecret"] = json!(true);
    twin.advance(Duration::from_mins(1));
    let (said, ended) = op::run(&street.fleet("Runbook", &again)?)?;
    ended?;
    assert_eq!(said.count("Done"), 2, "{said:?}");
    assert_eq!(secrets(twin).len(), 2);
    Ok(())
}

#[test]
fn a_place_that_is_made_of_a_tenants_name_waits_for_it_and_is_none_where_it_is_not_known() -> TestResult {
    let street = Street::of(1)?;
    let twin = &street.tenants[0];
    let sink = json!({"kind": "KeyVault", "vaultUri": street.vaults(), "secretName": "pp-{Name}"});
    let request = street.fleet("Runbook", &json!({"options": {"skip": ["DirSync"], "sink": sink}}))?;
    twin.add_fault(Fault::new(On::call("GET", "/organization*"), FaultKind::Denied).for_ever());
    let (said, ended) = op::run(&request)?;
    ended?;
    let row = said.row(twin.tenant_id())?;
    assert!(row.contains("PPFederation.LookUpFailed") && row.contains("TenantName"), "{row}");
    assert_eq!(secrets(twin).len(), 0);
    for field in ["portalUserPath", "scriptPath", "since"] {
        let options = json!({"options": {field: "/none/{Name}.txt"}});
        let (said, ended) = op::run(&street.fleet("Compare", &options)?)?;
        ended?;
        let row = said.row(twin.tenant_id())?;
        assert!(row.contains("PPFederation.LookUpFailed") && row.contains("TenantName"), "{field}: {row}");
    }
    twin.clear_faults();
    // Longer than anybody waits for a name that nothing hangs on.
    let first = On { path: Some("/$batch".into()), ..On::default() };
    twin.add_fault(Fault::new(first, FaultKind::Throttled(RetryAfter::Seconds(3))));
    let (said, ended) = op::run(&request)?;
    ended?;
    assert_eq!(said.count("Done"), 1, "{said:?}");
    assert!(twin.edit_vault(|vault| vault.text("pp-customer-1-pty-ltd").is_some()), "{said:?}");
    Ok(())
}

#[test]
fn what_failed_by_the_ledger_is_left_until_it_is_asked_for() -> TestResult {
    let (street, folder) = (Street::of(2)?, tempdir()?);
    let request = street.fleet("Runbook", &with_ledger(&folder.path().join("ledger.jsonl"), &street))?;
    let mut wrong = request.clone();
    wrong.0["tenants"][1]["clientSecret"]["len"] = json!(5);
    let (said, ended) = op::run(&wrong)?;
    ended?;
    assert_eq!((said.count("Done"), said.count("Failed")), (1, 1), "{said:?}");
    let failed = &street.tenants[1];
    failed.clear_requests();
    let (said, ended) = op::run(&request)?;
    ended?;
    let row = said.row(failed.tenant_id())?;
    assert!(row.contains(">Skipped<") && row.contains("-Retry Failed takes it up"), "{row}");
    assert!(failed.requests().is_empty() && said.errors.is_empty());
    let mut again = request.clone();
    again.0["retryFailed"] = json!(true);
    let (said, ended) = op::run(&again)?;
    ended?;
    assert_eq!(said.count("Done"), 2, "{said:?}");
    Ok(())
}

/// A tenant that is lost once a secret was made there, or whose ledger doesn't take where that lies.
#[derive(Debug)]
struct Losing {
    made: AtomicBool,
    tenant: bool,
}

impl Gate for Losing {
    fn may_write(&self) -> Result<(), String> {
        if self.tenant && self.made.load(Ordering::SeqCst) { Err("the lease ran out".into()) } else { Ok(()) }
    }
}

impl Journal for Losing {
    fn asking(&self, _: OffsetDateTime, _: &str) -> Result<(), String> {
        Ok(())
    }

    fn made(&self, _: OffsetDateTime, _: &str, _: &str) -> Result<(), String> {
        self.made.store(true, Ordering::SeqCst);
        Ok(())
    }

    fn placed(&self, _: &str, _: &str) -> Result<(), String> {
        Err("the disk is full".into())
    }

    fn unclaimed(&self, _: &str) -> Result<(), String> {
        Ok(())
    }

    fn removed(&self, _: &str) -> Result<(), String> {
        Ok(())
    }

    fn lost(&self, _: OffsetDateTime, _: Option<&str>) -> Result<(), String> {
        Ok(())
    }
}

/// Makes a client secret on such a connection, for a vault or a file.
fn into_sink(losing: bool, file: Option<&std::path::Path>) -> Result<(op::Said, Arc<Twin>), Box<dyn Error>> {
    let twin = pp_testing::sign_in::twin_of(901)?;
    let journal = Arc::new(Losing { made: AtomicBool::new(false), tenant: losing });
    let number = connection::open(connect(&twin, "admin")?.with_journal(journal))?;
    let certificate = pp_testing::sign_in::file("certificate.pem");
    let sink = match file {
        Some(path) => json!({"kind": "SealedFile", "path": path, "certificatePath": certificate}),
        None => json!({"kind": "KeyVault", "vaultUri": twin.vault()}),
    };
    let steps = ["Application", "ServicePrincipal", "ClientSecret"];
    let request = json!({"op": "apply", "connection": number, "steps": steps, "sink": sink});
    let (said, ended) = op::run(&(request, String::new()))?;
    ended?;
    Ok((said, twin))
}

#[test]
fn a_secret_is_put_nowhere_once_its_tenant_is_lost() -> TestResult {
    let folder = tempdir()?;
    let path = folder.path().join("secret.p7m");
    for file in [None, Some(path.as_path())] {
        let (said, twin) = into_sink(true, file)?;
        assert_eq!(said.errors.len(), 1, "{said:?}");
        for words in ["PPFederation.SecretNotPlaced", "the lease ran out", &secrets(&twin)[0].0] {
            assert!(said.errors[0].contains(words), "{words}: {said:?}");
        }
        assert_eq!((versions(&twin), path.exists()), (0, false), "{file:?}");
    }
    Ok(())
}

#[test]
fn a_secret_whose_place_the_ledger_does_not_take_is_an_error_that_names_both() -> TestResult {
    let (said, twin) = into_sink(false, None)?;
    assert_eq!((said.errors.len(), versions(&twin)), (1, 1), "{said:?}");
    for words in ["PPFederation.LedgerNotWritable", "the disk is full", "/secrets/pptoken/", &in_vault(&twin)] {
        assert!(said.errors[0].contains(words), "{words}: {said:?}");
    }
    Ok(())
}

#[test]
fn tenants_for_which_there_is_no_time_are_rows_that_are_open() -> TestResult {
    let street = Street::of(3)?;
    // Of two requests it takes longer than the budget.
    street.tenants[0].set_latency(Duration::from_millis(700));
    let more = json!({"throttleLimit": 1, "timeBudgetMilliseconds": 1000});
    let (said, ended) = op::run(&street.fleet("Status", &more)?)?;
    ended?;
    assert_eq!((said.rows().len(), said.count("Done"), said.count("Open")), (3, 1, 2), "{said:?}");
    for twin in &street.tenants[1..] {
        assert!(said.row(twin.tenant_id())?.contains("The time budget doesn"), "{said:?}");
        assert!(twin.requests().is_empty());
    }
    Ok(())
}

#[test]
fn a_part_takes_its_tenants_and_no_others() -> TestResult {
    let street = Street::of(5)?;
    let mut all = 0;
    for shard in ["1/2", "2/2"] {
        let (said, ended) = op::run(&street.fleet("DirSync", &json!({"shard": shard}))?)?;
        ended?;
        all += said.count("Done");
    }
    assert_eq!(all, 5);
    Ok(())
}

#[test]
fn a_tenant_that_the_list_names_by_id_and_by_domain_is_worked_on_once() -> TestResult {
    let street = Street::of(2)?;
    let options = json!({"skip": ["DirSync"], "sink": {"kind": "KeyVault", "vaultUri": street.vaults()}});
    let (mut request, block) = street.fleet("Runbook", &json!({"options": options}))?;
    let (twin, domain) = (&street.tenants[0], "customer2ptyltd.onmicrosoft.com");
    let tenants = request["tenants"].as_array_mut().ok_or("no tenants")?;
    let mut by_domain = tenants[0].clone();
    by_domain["tenantId"] = json!(domain);
    tenants.insert(0, by_domain);
    let (said, ended) = op::run(&(request, block))?;
    ended?;
    assert_eq!((said.count("Done"), said.count("Failed"), said.errors.len()), (2, 1, 1), "{said:?}");
    let row = said.row(domain)?;
    assert!(row.contains("PPFederation.FleetListInvalid") && row.contains(twin.tenant_id()), "{row}");
    assert_eq!((ours(twin).len(), secrets(twin).len()), (1, 1));
    Ok(())
}

#[test]
fn what_cannot_be_taken_is_refused_before_anything_is_asked() -> TestResult {
    let street = Street::of(2)?;
    let one = json!({"kind": "KeyVault", "vaultUri": street.tenants[0].vault()});
    let by_tenant = json!({"kind": "KeyVault", "vaultUri": street.vaults()});
    let cases = [
        ("Runbook", json!({}), "PPFederation.FleetNeedsSink"),
        ("Rotate", json!({}), "PPFederation.FleetNeedsSink"),
        ("Runbook", json!({"options": {"sink": one}}), "PPFederation.SecretSinkInvalid"),
        ("Runbook", json!({"options": {"sink": {"kind": "ScriptBlock"}}}), "PPFederation.SecretSinkInvalid"),
        ("Runbook", json!({"options": {"sink": {"vaultUri": street.vaults()}}}), "PPFederation.FleetNeedsSink"),
        ("Runbook", json!({"options": {"sink": sealed("{Name}.cms")}}), "PPFederation.SecretSinkInvalid"),
        ("Backup", json!({}), "PPFederation.FleetOptionInvalid"),
        ("Backup", json!({"options": {"path": "/tmp/{Name}.jsonl"}}), "PPFederation.FleetOptionInvalid"),
        ("Backup", json!({"options": {"path": "/tmp/all.jsonl"}}), "PPFederation.FleetOptionInvalid"),
        ("Status", json!({"timeBudgetMilliseconds": 0}), "PPFederation.FleetOptionInvalid"),
        ("Status", json!({"shard": "3/2"}), "PPFederation.FleetOptionInvalid"),
        ("Status", json!({"throttleLimit": 0}), "PPFederation.FleetOptionInvalid"),
        ("Rotate", json!({"retryFailed": true, "options": {"sink": by_tenant}}), "PPFederation.FleetOptionInvalid"),
        ("Status", json!({"ledgerSas": {"at": 0, "len": 1}}), "PPFederation.FleetOptionInvalid"),
        ("Status", json!({"tenants": []}), "PPFederation.FleetEmpty"),
        ("Status", json!({"tenants": [{"tenantId": "contoso.com"}]}), "PPFederation.FleetSignInMissing"),
    ];
    for (action, more, id) in cases {
        let (said, ended) = op::run(&street.fleet(action, &more)?)?;
        assert_eq!(failed(ended), id, "{action} {more}");
        assert_eq!(said.rows().len(), 0, "{action} {more}");
    }
    let (mut request, secrets) = street.fleet("Status", &json!({}))?;
    request["tenants"][1]["tenantId"] = request["tenants"][0]["tenantId"].clone();
    assert_eq!(failed(op::run(&(request, secrets))?.1), "PPFederation.FleetListInvalid");
    let (mut request, secrets) = street.fleet("Status", &json!({}))?;
    request["tenants"][1]["environment"] = json!("Globl");
    let told = match op::run(&(request, secrets))?.1 {
        Err(OpError::Failed(report)) => format!("{}: {}", report.id, report.message),
        other => format!("{other:?}"),
    };
    for words in ["PPFederation.FleetListInvalid", street.tenants[1].tenant_id(), "'Globl' is not one of Global, "] {
        assert!(told.contains(words), "{words}: {told}");
    }
    assert!(street.tenants.iter().all(|twin| twin.requests().is_empty()));
    Ok(())
}

#[test]
fn a_choice_that_the_action_would_pass_over_is_refused_by_its_name() -> TestResult {
    let street = Street::of(2)?;
    let sink = json!({"kind": "KeyVault", "vaultUri": street.vaults()});
    let cases = [
        ("Status", json!({"skip": ["DirSync"]}), "-Skip is not for the action Status, but for Runbook"),
        ("Status", json!({"sink": sink}), "-SecretSink, with what belongs to it, is not for the action Status"),
        ("DirSync", json!({"which": {"adopt": true}}), "-Adopt is not for the action DirSync"),
        ("Rotate", json!({"sink": sink, "newSecret": true}), "-NewSecret is not for the action Rotate"),
        ("Runbook", json!({"sink": sink, "overlapSeconds": 1}), "-OverlapDays is not for the action Runbook"),
        ("Runbook", json!({"sink": sink, "path": "p"}), "-Path, other than that of the sink SealedFile, is not for"),
        ("Compare", json!({"which": {"appId": "a"}}), "-AppId is not for the action Compare"),
        ("Backup", json!({"path": "{TenantId}", "federatedDomain": ["d"]}), "-FederatedDomain is not for the action"),
    ];
    for (action, options, why) in cases {
        match op::run(&street.fleet(action, &json!({"options": options}))?)?.1 {
            Err(OpError::Failed(report)) => {
                assert_eq!(report.id, "PPFederation.FleetOptionInvalid", "{report:?}");
                assert!(report.message.contains(why), "{report:?}");
            }
            other => return Err(format!("{action} {options}: {other:?}").into()),
        }
    }
    assert!(street.tenants.iter().all(|twin| twin.requests().is_empty()));
    Ok(())
}
