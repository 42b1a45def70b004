//! A Global Administrator for a time, as Privileged Identity Management assigns it: told with its end, and no obstacle where that can't be
//! seen.

use std::error::Error;
use std::time::Duration;

use pp_run::outcome::StepResult;
use pp_runbook::plan::PlannedStep;
use pp_runbook::step::{State, StepName};
use pp_runbook::steps::global_administrator::GLOBAL_ADMINISTRATOR;
use pp_runbook::wanted::Wanted;
use pp_testing::{Tenant, TestResult, results};
use serde_json::{Value, json};
use tenant_twin::{Fault, FaultKind, On, Options};

const END: &str = "2031-05-06T07:08:09Z";

fn wanted() -> Wanted {
    Wanted { steps: StepName::ALL[1..].to_vec(), ..Wanted::everything() }
}

/// A tenant that is through, whose role Privileged Identity Management lists with these ends.
fn tenant(ends: &[Value]) -> Result<Tenant, Box<dyn Error>> {
    let tenant =
        Tenant::start(&Options { users: 3, groups: 1, contacts: 1, latency: Duration::ZERO, ..Options::default() })?;
    let principal = tenant.apply(&wanted())?.principal.ok_or("no service principal")?.id;
    tenant.twin.edit(|directory| {
        for end in ends {
            directory.add_role_instance(&principal, GLOBAL_ADMINISTRATOR, end);
        }
    });
    Ok(tenant)
}

/// The role's step.
fn judged(tenant: &Tenant) -> Result<PlannedStep, Box<dyn Error>> {
    let mut steps = tenant.judge(&wanted())?.into_iter();
    Ok(steps.find(|step| step.name == StepName::GlobalAdministrator).ok_or("no such step")?)
}

#[test]
fn one_that_ends_is_not_done_and_says_when_and_a_run_changes_nothing_about_it() -> TestResult {
    let tenant = tenant(&[json!("2030-01-01T00:00:00Z"), json!(END)])?;
    let step = judged(&tenant)?.assessment;
    assert!(step.state == State::NotDone && step.changes.is_empty(), "{step:?}");
    assert!(step.detail.contains("ends at 2031-05-06 07:08:09Z"), "{step:?}");
    tenant.twin.clear_requests();
    let outcome = tenant.apply(&Wanted::everything())?;
    for (step, result) in results(&outcome) {
        let expected = match step {
            StepName::GlobalAdministrator | StepName::DirSync => StepResult::NotDone,
            _ => StepResult::AlreadyDone,
        };
        assert_eq!(result, expected, "{step}");
    }
    assert_eq!(tenant.writes(), 0);
    Ok(())
}

#[test]
fn one_that_does_not_end_is_done() -> TestResult {
    for ends in [vec![], vec![Value::Null], vec![json!(END), Value::Null]] {
        let step = judged(&tenant(&ends)?)?.assessment;
        assert!(step.state == State::Done && !step.detail.contains("end"), "{ends:?} {step:?}");
    }
    Ok(())
}

#[test]
fn where_it_cannot_be_seen_nothing_fails_and_nobody_is_warned() -> TestResult {
    let not_in_cloud = FaultKind::NotInCloud { status: 400 };
    for (fault, words) in [(FaultKind::Unlicensed, ""), (not_in_cloud, ""), (FaultKind::Denied, "could not be read")] {
        let tenant = tenant(&[json!(END)])?;
        tenant.twin.clear_requests();
        judged(&tenant)?;
        let requests = tenant.twin.requests().len();
        let on = On::call("GET", "/roleManagement/directory/roleAssignmentScheduleInstances*");
        tenant.twin.add_fault(Fault::new(on, fault.clone()).for_ever());
        tenant.twin.clear_requests();
        let step = judged(&tenant)?.assessment;
        assert!(step.state == State::Done && step.detail.contains(words), "{fault:?} {step:?}");
        assert_eq!(step.detail.contains("could not be read"), !words.is_empty(), "{fault:?} {step:?}");
        assert_eq!(tenant.twin.requests().len(), requests, "{fault:?}");
        tenant.warnings.lock().clear();
        let outcome = tenant.apply(&wanted())?;
        assert!(results(&outcome).iter().all(|(_, result)| *result == StepResult::AlreadyDone), "{fault:?}");
        assert_eq!(*tenant.warnings.lock(), [] as [String; 0], "{fault:?}");
    }
    Ok(())
}
