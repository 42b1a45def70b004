//! The runbook against a tenant, over HTTP.

use std::error::Error;
use std::time::Duration;

use pp_run::outcome::StepResult;
use pp_runbook::permissions::peculiarities;
use pp_runbook::step::{State, StepName};
use pp_runbook::types::GRAPH_APP_ID;
use pp_runbook::wanted::Wanted;
use pp_testing::{Tenant, TestResult, results};
use serde_json::json;
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

/// How often the permissions that Microsoft Graph offers, a megabyte of them, were asked for.
fn catalogue_reads(tenant: &Tenant) -> usize {
    let asks = |item: &&tenant_twin::BatchItem| item.path.contains(GRAPH_APP_ID) && item.method == "GET";
    tenant.twin.requests().iter().map(|request| request.batch.iter().filter(asks).count()).sum()
}

#[test]
fn what_does_not_change_within_a_connection_is_read_once() -> TestResult {
    let tenant = Tenant::start(&Options { latency: Duration::ZERO, ..Options::default() })?;
    tenant.apply(&Wanted::everything())?;
    tenant.apply(&Wanted::everything())?;
    let state = tenant.judge(&Wanted::everything())?;
    assert_eq!(catalogue_reads(&tenant), 1);
    let granted = state.iter().find(|step| step.name == StepName::ApplicationConsent).ok_or("no such step")?;
    assert_eq!(granted.assessment.state, State::Done, "{granted:?}");
    Ok(())
}

#[test]
fn permissions_of_which_one_is_missing_are_read_again() -> TestResult {
    let tenant = Tenant::start(&Options { latency: Duration::ZERO, ..Options::default() })?;
    let id = tenant.twin.edit(|directory| directory.graph_id());
    let graph = tenant.twin.edit(|directory| directory.get("servicePrincipals", &id)).ok_or("no Graph")?;
    let whole = graph["appRoles"].as_array().cloned().ok_or("no roles")?;
    let part: Vec<_> = whole.iter().filter(|role| role["value"] != "Group.Create").cloned().collect();
    let peculiar = |roles| {
        tenant.twin.edit(|directory| directory.set("servicePrincipals", &id, "appRoles", &json!(roles)));
        Ok::<_, Box<dyn Error>>(peculiarities(&tenant.observe(&Wanted::everything())?.catalogue.map_err(|e| e.why)?))
    };
    let missing = peculiar(part)?;
    assert!(missing.len() == 1 && missing[0].contains("Group.Create"), "{missing:?}");
    assert_eq!(peculiar(whole)?, [] as [String; 0], "it is there by now");
    assert_eq!(catalogue_reads(&tenant), 2);
    Ok(())
}

/// The longest chain of dependent requests of a run after the sign-in.
fn chain(tenant: &Tenant) -> Result<usize, Box<dyn Error>> {
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
