//! The runbook under replication lag and the service's own time: it ends where a clean run ends.

mod support;

use std::time::Duration;

use ppfederation::runbook::apply::StepResult;
use ppfederation::runbook::step::{State, StepName};
use ppfederation::runbook::wanted::{DEFAULT_DISPLAY_NAME, Wanted};
use support::{Tenant, TestResult};
use tenant_twin::Options;

#[test]
fn lag_on_replicas_that_disagree_makes_nothing_twice() -> TestResult {
    for seed in 0..20 {
        let options = Options { seed, replicas: 3, max_lag: Duration::from_secs(20), ..Options::default() };
        let tenant = Tenant::start(&options)?;
        let outcome = tenant.apply(&Wanted::everything()).map_err(|e| format!("seed {seed}: {e}"))?;
        for row in outcome.steps.iter().filter(|row| row.step != StepName::DirSync) {
            assert_eq!(row.result, StepResult::Done, "seed {seed}: {row:?}");
        }
        let state = tenant.twin.state();
        let apps = state["applications"].as_array().cloned().unwrap_or_default();
        let ours: Vec<_> = apps.iter().filter(|app| app["displayName"] == DEFAULT_DISPLAY_NAME).collect();
        assert_eq!(ours.len(), 1, "seed {seed}");
        assert_eq!(ours[0]["passwordCredentials"].as_array().map(Vec::len), Some(1), "seed {seed}");
    }
    Ok(())
}

#[test]
fn directory_sync_is_pending_until_the_last_object_is_converted() -> TestResult {
    let tenant = Tenant::start(&Options { users: 30, ..Options::default() })?;
    let sync = Wanted { steps: vec![StepName::DirSync], ..Wanted::everything() };
    let state = || Ok::<_, Box<dyn std::error::Error>>(tenant.judge(&sync)?[0].assessment.state);
    assert_eq!(state()?, State::NotDone);
    assert_eq!(tenant.apply(&sync)?.steps[0].result, StepResult::Pending);
    tenant.twin.advance(Duration::from_hours(36));
    assert_eq!(state()?, State::Pending);
    tenant.twin.advance(Duration::from_hours(36));
    assert_eq!(state()?, State::Done, "72 hours on; the token of before has ended and is renewed");
    assert_eq!(tenant.apply(&sync)?.steps[0].result, StepResult::AlreadyDone);
    Ok(())
}

#[test]
fn tokens_that_cannot_be_read_do_not_stop_a_run() -> TestResult {
    let tenant = Tenant::start(&Options { opaque_tokens: true, ..Options::default() })?;
    let outcome = tenant.apply(&Wanted::everything())?;
    assert!(outcome.steps.iter().all(|row| matches!(row.result, StepResult::Done | StepResult::Pending)));
    Ok(())
}
