//! What a removal and an undoing ask, where the first look meets a replica that lags.

mod op;

use std::error::Error;
use std::time::Duration;

use pp_run::connection::open;
use pp_runbook::wanted::{DEFAULT_DISPLAY_NAME, UNIQUE_NAME, Wanted};
use pp_testing::{Tenant, TestResult, connect};
use serde_json::{Value, json};
use tempfile::TempDir;
use tenant_twin::{ErrorBody, Fault, FaultKind, On, Options, RetryAfter};

/// A tenant that a plan in a file has federated, and what it is to be asked: of its removal, and of the plan's undoing.
fn federated(folder: &TempDir, seed: u64) -> Result<(Tenant, [Value; 2]), Box<dyn Error>> {
    let options = Options { users: 3, groups: 1, contacts: 1, latency: Duration::ZERO, seed, ..Options::default() };
    let tenant = Tenant::start(&options)?;
    let connection = open(connect(&tenant.twin, "admin")?)?;
    let path = folder.path().join(format!("{seed}.json"));
    op::run(&json!({"op": "changes", "connection": connection, "skip": ["DirSync"], "path": path}))?.1?;
    tenant.apply(&Wanted::everything())?;
    let removal = json!({"op": "planAppRemoval", "connection": connection});
    Ok((tenant, [removal, json!({"op": "planUndo", "connection": connection, "path": path})]))
}

fn ours(tenant: &Tenant) -> Result<Value, &'static str> {
    let applications = tenant.twin.state()["applications"].as_array().cloned().unwrap_or_default();
    applications.into_iter().find(|one| one["displayName"] == DEFAULT_DISPLAY_NAME).ok_or("no application")
}

/// The first look finds no application; the ones after that do.
fn hide_application(tenant: &Tenant) -> TestResult {
    let application = ours(tenant)?;
    let (hidden, shown) = (
        [("displayName", json!("hidden")), ("tags", json!([])), ("uniqueName", Value::Null)],
        [
            ("displayName", json!(DEFAULT_DISPLAY_NAME)),
            ("tags", application["tags"].clone()),
            ("uniqueName", json!(UNIQUE_NAME)),
        ],
    );
    for (look, properties) in [(1, hidden), (2, shown)] {
        for (property, value) in properties {
            let edit = json!({"edit": "set", "collection": "applications", "id": application["id"], "property": property, "value": value});
            let first = On::call("GET", "/applications?$filter=displayName*");
            tenant.twin.add_fault(Fault::new(first, FaultKind::Edited(edit)).nth(look));
        }
    }
    Ok(())
}

/// The first look finds the application without its service principal.
fn hide_service_principal(tenant: &Tenant) -> TestResult {
    let app_id = ours(tenant)?["appId"].as_str().unwrap_or_default().to_owned();
    let absent = FaultKind::Failed { status: 404, body: ErrorBody::Json, retry_after: RetryAfter::Absent };
    let read = On::call("GET", &format!("/servicePrincipals(appId='{app_id}')?$select*"));
    tenant.twin.add_fault(Fault::new(read, absent));
    Ok(())
}

#[test]
fn all_of_it_is_asked_for_though_the_first_look_shows_none_or_half_of_it() -> TestResult {
    let folder = TempDir::new()?;
    let steps = ["GlobalAdministrator", "ApplicationConsent", "DelegatedConsent", "ServicePrincipal", "Application"];
    for (seed, of, hide) in [
        (11, 0, hide_application as fn(&Tenant) -> TestResult),
        (12, 1, hide_application),
        (13, 0, hide_service_principal),
        (14, 1, hide_service_principal),
    ] {
        let (tenant, requests) = federated(&folder, seed)?;
        hide(&tenant)?;
        let (questions, ended) = op::run(&requests[of])?;
        ended?;
        assert!(tenant.twin.faults_shown() > 0, "{seed}: nothing was hidden");
        for step in steps {
            assert!(questions.contains(&format!(r#"<S N="Step">{step}</S>"#)), "{seed}, {step}: {questions}");
        }
    }
    Ok(())
}

#[test]
fn what_is_removed_is_what_was_asked_about_and_not_what_has_its_name_by_then() -> TestResult {
    let tenant = Tenant::start(&Options { users: 1, latency: Duration::ZERO, seed: 16, ..Options::default() })?;
    let connection = open(connect(&tenant.twin, "admin")?)?;
    let by_hand = || tenant.twin.edit(|directory| directory.add_application(DEFAULT_DISPLAY_NAME).object_id);
    let first = by_hand();
    let request = json!({"op": "planAppRemoval", "connection": connection, "which": {"adopt": true}});
    let (questions, ended) = op::run(&request)?;
    ended?;
    let plan = questions.split(r#"N="Plan">"#).nth(1).and_then(|rest| rest.split('<').next()).ok_or("no plan")?;
    tenant.twin.edit(|directory| directory.delete_application(&first));
    let second = by_hand();
    tenant.twin.clear_requests();
    let (rows, ended) = op::run(&json!({
        "op": "removeApp", "connection": connection, "which": {"adopt": true}, "steps": ["Application"],
        "plan": plan.parse::<u64>()?,
    }))?;
    ended?;
    assert_eq!((rows.as_str(), tenant.writes()), ("", 0));
    assert_eq!(ours(&tenant)?["id"], second);
    Ok(())
}

#[test]
fn where_looks_agree_that_there_is_nothing_nothing_is_asked() -> TestResult {
    let tenant = Tenant::start(&Options { users: 1, latency: Duration::ZERO, seed: 15, ..Options::default() })?;
    let removal = json!({"op": "planAppRemoval", "connection": open(connect(&tenant.twin, "admin")?)?});
    let begun = tenant.connection.clock().elapsed();
    let (questions, ended) = op::run(&removal)?;
    ended?;
    assert_eq!(questions, "");
    assert_eq!(
        tenant.connection.clock().elapsed(),
        begun + Duration::from_secs(5),
        "two looks, as far apart as elsewhere"
    );
    Ok(())
}
