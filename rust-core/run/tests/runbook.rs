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

/// The longest chain of dependent requests of a run after the sign-in.
fn chain(tenant: &Tenant) -> Result<usize, Box<dyn std::error::Error>> {
    tenant.with(|graph, _| graph.tokens.get(&graph.call).map(drop))?;
    tenant.twin.clear_requests();
    tenant.apply(&Wanted::everything())?;
    Ok(tenant.twin.chain().longest)
}

#[test]
fn the_chain_of_requests_is_six_seven_where_synchronization_is_switched_off_and_two_for_a_finished_tenant() -> TestResult
{
    for (dir_sync, longest) in [(false, 6), (true, 7)] {
        // So much latency that requests which are sent at once overlap on a busy machine too.
        let tenant = Tenant::start(&Options { dir_sync, latency: Duration::from_millis(400), ..Options::default() })?;
        let fresh = chain(&tenant)?;
        assert!(fresh <= longest, "{fresh}: {:#?}", tenant.twin.requests());
        let finished = chain(&tenant)?;
        assert!(finished <= 2, "{finished}: {:#?}", tenant.twin.requests());
        assert_eq!(tenant.writes(), 0);
    }
    Ok(())
}
