//! The runbook against a tenant, over HTTP.

use std::time::Duration;

use pp_run::outcome::StepResult;
use pp_runbook::step::StepName;
use pp_runbook::wanted::Wanted;
use pp_testing::{Tenant, TestResult, results};
use tenant_twin::Options;

#[test]
fn a_fresh_tenant_is_federated_and_a_second_run_changes_nothing() -> TestResult {
    let tenant = Tenant::start(&Options::default())?;
    let wanted = Wanted::everything();
    let outcome = tenant.apply(&wanted)?;
    for row in &outcome.steps {
        let expected = if row.step == StepName::DirSync { StepResult::Pending } else { StepResult::Done };
        assert_eq!(row.result, expected, "{row:?}");
    }
    assert!(outcome.secret.is_some());
    tenant.twin.clear_requests();
    let again = tenant.apply(&wanted)?;
    assert_eq!(tenant.writes(), 0);
    assert!(again.secret.is_none());
    let expected = |step| if step == StepName::DirSync { StepResult::Pending } else { StepResult::AlreadyDone };
    assert_eq!(results(&again), StepName::ALL.map(|step| (step, expected(step))));
    assert_eq!(tenant.twin.violations(), Vec::<String>::new(), "what was sent keeps to Graph's own description");
    Ok(())
}

#[test]
fn the_chain_of_requests_is_six_for_a_fresh_tenant_and_two_for_a_finished_one() -> TestResult {
    // So much latency that requests which are sent at once overlap on a busy machine too.
    let tenant = Tenant::start(&Options { latency: Duration::from_millis(400), ..Options::default() })?;
    tenant.with(|graph, _| graph.tokens.get(&graph.call).map(drop))?;
    tenant.twin.clear_requests();
    tenant.apply(&Wanted::everything())?;
    let fresh = tenant.twin.chain();
    assert!(fresh.longest <= 6, "{fresh:?}: {:#?}", tenant.twin.requests());
    tenant.twin.clear_requests();
    tenant.apply(&Wanted::everything())?;
    let finished = tenant.twin.chain();
    assert!(finished.longest <= 2, "{finished:?}");
    assert_eq!(tenant.writes(), 0);
    Ok(())
}
