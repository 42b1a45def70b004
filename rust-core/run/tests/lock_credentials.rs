//! The lock of the service principal's credentials: made where it is wanted, never loosened, and no hindrance to PPToken.

use std::time::Duration;

use pp_run::outcome::StepResult;
use pp_runbook::change::ChangeKind;
use pp_runbook::step::StepName;
use pp_runbook::undo::{Undo, undo};
use pp_runbook::wanted::{DEFAULT_DISPLAY_NAME, Wanted};
use pp_testing::{Tenant, TestResult, results};
use serde_json::{Value, json};
use tenant_twin::Options;

fn options() -> Options {
    Options { latency: Duration::ZERO, ..Options::default() }
}

fn locking() -> Wanted {
    Wanted { lock_credentials: true, ..Wanted::everything() }
}

/// The application that the run made.
fn application(tenant: &Tenant) -> Value {
    let state = tenant.twin.state();
    let ours = state["applications"].as_array().into_iter().flatten();
    ours.into_iter().find(|app| app["displayName"] == DEFAULT_DISPLAY_NAME).cloned().unwrap_or_default()
}

fn id(application: &Value) -> &str {
    application["id"].as_str().unwrap_or_default()
}

#[test]
fn a_new_application_is_locked_and_gets_its_secret_all_the_same() -> TestResult {
    let tenant = Tenant::start(&options())?;
    let outcome = tenant.apply(&locking())?;
    let app = application(&tenant);
    assert_eq!(app["servicePrincipalLockConfiguration"]["isEnabled"], true);
    assert_eq!(app["servicePrincipalLockConfiguration"]["allProperties"], true);
    assert!(outcome.secret.is_some(), "the secret hangs on the application, which isn't locked");
    tenant.twin.clear_requests();
    let another = tenant.apply(&Wanted { new_secret: true, ..locking() })?;
    assert!(another.secret.is_some());
    assert_eq!(results(&another)[1], (StepName::Application, StepResult::AlreadyDone));
    let detail = &another.steps[1].detail;
    assert!(detail.contains("its service principal's credentials are locked"), "{detail}");
    Ok(())
}

#[test]
fn an_application_without_a_lock_gets_it_only_where_it_is_wanted_and_one_time() -> TestResult {
    let tenant = Tenant::start(&options())?;
    tenant.apply(&Wanted::everything())?;
    assert_eq!(application(&tenant)["servicePrincipalLockConfiguration"], Value::Null);
    let outcome = tenant.apply(&locking())?;
    assert_eq!(results(&outcome)[1], (StepName::Application, StepResult::Done));
    assert_eq!(application(&tenant)["servicePrincipalLockConfiguration"]["allProperties"], true);
    tenant.twin.clear_requests();
    tenant.apply(&locking())?;
    tenant.apply(&Wanted::everything())?;
    assert_eq!(tenant.writes(), 0, "and a run that doesn't ask for it leaves it");
    Ok(())
}

#[test]
fn a_lock_in_part_is_made_whole_and_turned_round_to_what_it_was() -> TestResult {
    let tenant = Tenant::start(&options())?;
    tenant.apply(&Wanted::everything())?;
    let part = json!({"isEnabled": true, "allProperties": false, "tokenEncryptionKeyId": true});
    let object_id = id(&application(&tenant)).to_owned();
    tenant.twin.edit(|d| d.set("applications", &object_id, "servicePrincipalLockConfiguration", &part));
    let planned = tenant.judge(&locking())?;
    let change = planned[1].assessment.changes.first().ok_or("nothing to change")?;
    let ChangeKind::UpdateApplication { to, before, .. } = &change.kind else { return Err("another change".into()) };
    assert_eq!(json!(before), json!({ "servicePrincipalLockConfiguration": part }));
    let whole = json!({"isEnabled": true, "allProperties": true, "tokenEncryptionKeyId": true});
    assert_eq!(json!(to), json!({ "servicePrincipalLockConfiguration": whole }));
    let Undo::Change(back) = undo(change, None) else { return Err("no way back".into()) };
    let ChangeKind::UpdateApplication { to: back, .. } = back.kind else { return Err("another change".into()) };
    assert_eq!(&back, before);
    Ok(())
}
