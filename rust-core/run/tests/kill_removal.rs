//! The process is killed at every request boundary of a removal: the next one takes up what is left, and nothing of ours stays.

use std::thread;
use std::time::Duration;

use pp_run::removal::{remove, remove_for_good};
use pp_run::take_back::Answers;
use pp_runbook::wanted::{DEFAULT_DISPLAY_NAME, Wanted};
use pp_testing::shape::shape;
use pp_testing::{Tenant, TestResult, child};
use serde_json::{Value, json};
use tenant_twin::{Fault, FaultKind, On, Options, Target};

/// What the child process does; nothing where no parent started it.
#[test]
fn child() -> TestResult {
    child::run(|graph, voice, _, _| {
        let ended = remove(graph, voice, &Wanted::everything(), Answers::ALL)?;
        ended.failed.map_or(Ok(()), Err)?;
        remove_for_good(graph, voice, &[])?.failed.map_or(Ok(()), Err)?;
        Ok(())
    })
}

fn federated() -> Result<Tenant, Box<dyn std::error::Error>> {
    let options = Options { users: 3, groups: 1, contacts: 1, latency: Duration::ZERO, ..Options::default() };
    let tenant = Tenant::start(&options)?;
    tenant.apply(&Wanted::everything())?;
    tenant.twin.clear_requests();
    Ok(tenant)
}

fn remove_whole(tenant: &Tenant) -> TestResult {
    tenant.with(|graph, voice| {
        remove(graph, voice, &Wanted::everything(), Answers::ALL)?;
        remove_for_good(graph, voice, &[])
    })?;
    Ok(())
}

fn end(tenant: &Tenant) -> Value {
    let state = tenant.twin.state();
    let left = |name: &str| {
        let all = state[name].as_array().into_iter().flatten();
        all.into_iter().filter(|one| one["displayName"] == DEFAULT_DISPLAY_NAME).count()
    };
    json!([shape(&state), left("deletedApplications"), left("deletedServicePrincipals")])
}

#[test]
fn killed_at_any_boundary_the_next_removal_leaves_nothing_of_ours() -> TestResult {
    let model = federated()?;
    remove_whole(&model)?;
    let (clean, requests) = (end(&model), model.twin.requests().len());
    for n in 1..=requests {
        // After the request was carried out, before its answer.
        let tenant = federated()?;
        let late = FaultKind::Delayed(Duration::from_mins(1));
        tenant.twin.add_fault(Fault::new(On::every(Target::Request), late).nth(u64::try_from(n)?));
        let mut child = child::start(&tenant.twin, usize::MAX)?;
        while tenant.twin.requests().len() < n && child.try_wait()?.is_none() {
            thread::yield_now();
        }
        child.kill()?;
        child.wait()?;
        tenant.twin.clear_faults();
        remove_whole(&tenant)?;
        assert_eq!(end(&tenant), clean, "killed before answer {n}");
        // After its answer, before the next one is sent.
        let tenant = federated()?;
        child::start(&tenant.twin, n)?.wait()?;
        remove_whole(&tenant)?;
        assert_eq!(end(&tenant), clean, "killed after answer {n}");
    }
    Ok(())
}
