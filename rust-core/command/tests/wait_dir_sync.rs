//! A wait for directory synchronization lasts as long as its caller lets it, whatever a look in between meets.

mod op;

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use pp_base::clock::Clock;
use pp_report::error::OpError;
use pp_run::connection::open;
use pp_runbook::step::StepName;
use pp_runbook::wanted::Wanted;
use pp_testing::{Tenant, TestResult, TwinClock, connect};
use serde_json::json;
use tenant_twin::{ErrorBody, Fault, FaultKind, On, Options, RetryAfter, Target, Twin};

/// A tenant whose synchronization was switched off a moment ago.
fn twin() -> Result<Arc<Twin>, Box<dyn Error>> {
    let tenant = Tenant::start(&Options { users: 30, latency: Duration::ZERO, ..Options::default() })?;
    tenant.apply(&Wanted { steps: vec![StepName::DirSync], ..Wanted::everything() })?;
    Ok(tenant.twin)
}

/// Waits by the twin's clock, a look an hour; the objects that came, and how it ended.
fn wait(twin: &Arc<Twin>, hours: u64) -> Result<(String, Result<(), OpError>), Box<dyn Error>> {
    let connection = open(connect(twin, "admin")?)?;
    let request =
        json!({"op": "waitDirSync", "connection": connection, "timeoutSeconds": hours * 3600, "pollSeconds": 3600});
    op::run(&request)
}

fn busy() -> FaultKind {
    FaultKind::Failed { status: 503, body: ErrorBody::Html, retry_after: RetryAfter::Absent }
}

#[test]
fn looks_that_fail_for_hours_do_not_end_it() -> TestResult {
    let (calls, tokens) = (On::every(Target::Graph), On::every(Target::Token));
    let troubles = [
        ("Graph is down", Fault::new(calls.clone(), busy()).nth(3).times(100)),
        ("one read is", Fault::new(On::call("GET", "/users*"), busy()).nth(3).times(100)),
        ("the sign-in is", Fault::new(tokens, busy()).nth(2).times(100)),
        ("answers are lost", Fault::new(calls, FaultKind::AnswerLost { reset: true }).nth(3).times(100)),
    ];
    for (what, trouble) in troubles {
        let twin = twin()?;
        twin.add_fault(trouble);
        let (objects, ended) = wait(&twin, 24 * 7)?;
        assert!(ended.is_ok(), "{what}: {ended:?}");
        assert!(objects.contains(">Off<"), "{what}: {objects}");
        assert!(twin.faults_shown() >= 100, "{what}: the trouble lasted {} requests", twin.faults_shown());
    }
    Ok(())
}

#[test]
fn its_own_end_is_kept_in_trouble_too_and_the_error_says_what_the_last_look_met() -> TestResult {
    let twin = twin()?;
    twin.add_fault(Fault::new(On::every(Target::Graph), busy()).nth(3).for_ever());
    let clock = TwinClock::of(&twin);
    let begun = clock.elapsed();
    let (_, ended) = wait(&twin, 5)?;
    let Err(OpError::Failed(report)) = ended else { return Err(format!("{ended:?}").into()) };
    assert_eq!(report.id, "PPFederation.DirSyncWaitTimedOut");
    assert!(report.message.contains("503"), "{}", report.message);
    assert_eq!(clock.elapsed() - begun, Duration::from_hours(5));
    Ok(())
}

#[test]
fn what_does_not_pass_ends_it_at_once() -> TestResult {
    let twin = twin()?;
    twin.add_fault(Fault::new(On::call("GET", "/organization*"), FaultKind::Denied).for_ever());
    let clock = TwinClock::of(&twin);
    let begun = clock.elapsed();
    let (_, ended) = wait(&twin, 72)?;
    let Err(OpError::Failed(report)) = ended else { return Err(format!("{ended:?}").into()) };
    assert_ne!(report.id, "PPFederation.DirSyncWaitTimedOut");
    assert_eq!(clock.elapsed(), begun);
    Ok(())
}
