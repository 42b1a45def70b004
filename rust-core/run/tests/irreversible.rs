//! Switching directory synchronization off can't be taken back: it goes last and alone, once all else is confirmed.

use std::time::Duration;

use pp_run::apply::{Limits, apply, apply_only};
use pp_run::outcome::{Outcome, StepResult};
use pp_runbook::step::StepName;
use pp_runbook::wanted::Wanted;
use pp_testing::matrix::{self, Who};
use pp_testing::start::Start;
use pp_testing::{Tenant, TestResult};
use serde_json::{Value, json};
use tenant_twin::{Fault, FaultKind, On, Options, Target};

const ORGANIZATION: &str = "/organization/*";

fn tenant() -> Result<Tenant, Box<dyn std::error::Error>> {
    Tenant::start(&Options { users: 3, groups: 1, contacts: 1, latency: Duration::ZERO, ..Options::default() })
}

fn is_on(tenant: &Tenant) -> bool {
    let sync: Value = tenant.twin.state()["organization"][0]["onPremisesSyncEnabled"].clone();
    sync == json!(true)
}

fn sync_row(outcome: &Outcome) -> Result<(StepResult, &str), &'static str> {
    let row = outcome.steps.iter().find(|row| row.step == StepName::DirSync).ok_or("no row")?;
    Ok((row.result, row.detail.as_str()))
}

#[test]
fn it_is_the_last_write_of_a_run_and_no_other_goes_with_it() -> TestResult {
    let tenant = tenant()?;
    let outcome = tenant.apply(&Wanted::everything())?;
    assert_eq!(sync_row(&outcome)?.0, StepResult::Pending);
    assert_eq!(outcome.steps[0].step, StepName::DirSync, "the rows keep the runbook's order");
    let writes: Vec<_> = tenant.twin.requests().into_iter().filter(|request| request.write).collect();
    let written = writes.last().ok_or("nothing was written")?;
    let items: Vec<_> = written.batch.iter().filter(|item| item.method != "GET").collect();
    assert!(items.len() == 1 && items[0].path.starts_with("/organization/"), "{items:?}");
    Ok(())
}

#[test]
fn whatever_fails_before_it_leaves_synchronization_on() -> TestResult {
    for (method, path) in [
        ("PATCH", "/applications*"),
        ("POST", "/servicePrincipals"),
        ("POST", "/oauth2PermissionGrants"),
        ("POST", "*/appRoleAssignedTo"),
        ("POST", "/roleManagement/directory/roleAssignments"),
        ("POST", "*/addPassword"),
    ] {
        let tenant = tenant()?;
        tenant.twin.add_fault(Fault::new(On::call(method, path), FaultKind::Denied).for_ever());
        assert!(tenant.apply(&Wanted::everything()).is_err(), "{method} {path}");
        assert!(is_on(&tenant), "{method} {path}");
    }
    Ok(())
}

#[test]
fn a_row_that_is_not_confirmed_holds_it_back_with_a_sentence_and_the_next_run_does_it() -> TestResult {
    let tenant = tenant()?;
    // Requests: sign-in, reads, application, service principal, consents and secret; then all fail.
    let lost = FaultKind::RequestLost { reset: true };
    tenant.twin.add_fault(Fault::new(On::every(Target::Request), lost).nth(6).for_ever());
    let outcome = tenant.apply(&Wanted::everything())?;
    assert!(outcome.secret.is_some());
    let (result, detail) = sync_row(&outcome)?;
    assert_eq!(result, StepResult::NotDone);
    assert!(detail.contains("held back") && detail.contains("ClientSecret"), "{detail}");
    assert!(tenant.warnings.lock().iter().any(|warning| warning.contains("held back")));
    assert!(is_on(&tenant));
    tenant.twin.clear_faults();
    assert_eq!(sync_row(&tenant.apply(&Wanted::everything())?)?.0, StepResult::Pending);
    assert!(!is_on(&tenant));
    Ok(())
}

#[test]
fn what_is_undone_after_the_plan_has_seen_it_holds_it_back_though_nothing_else_is_made() -> TestResult {
    let tenant = tenant()?;
    let wanted = Wanted::everything();
    let rest = StepName::ALL.into_iter().filter(|step| *step != StepName::DirSync).collect();
    tenant.apply(&Wanted { steps: rest, ..wanted.clone() })?;
    let seen = tenant.observe(&wanted)?;
    let roles = tenant.twin.state()["roleAssignments"].as_array().cloned().unwrap_or_default();
    let own = seen.principal().ok_or("no service principal")?.id.clone();
    let role = roles.iter().find(|role| role["principalId"] == own.as_str()).ok_or("no role")?;
    tenant.twin.edit(|directory| directory.erase("roleAssignments", role["id"].as_str().unwrap_or_default()));
    tenant.twin.clear_requests();
    let outcome = tenant.with(|graph, voice| apply(graph, voice, &wanted, Some(seen)))?;
    let (result, detail) = sync_row(&outcome)?;
    assert_eq!(result, StepResult::NotDone);
    assert!(detail.contains("held back") && detail.contains("GlobalAdministrator"), "{detail}");
    assert!(is_on(&tenant));
    assert_eq!(tenant.writes(), 0);
    Ok(())
}

#[test]
fn a_step_that_was_declined_holds_it_back() -> TestResult {
    let tenant = tenant()?;
    let declined = StepName::GlobalAdministrator;
    let steps = StepName::ALL.into_iter().filter(|step| *step != declined).collect();
    let wanted = Wanted { steps, ..Wanted::everything() };
    let limits = Limits { declined: vec![declined], ..Limits::default() };
    let outcome = tenant.with(|graph, voice| apply_only(graph, voice, &wanted, None, limits))?;
    let (result, detail) = sync_row(&outcome)?;
    assert_eq!(result, StepResult::NotDone);
    assert!(detail.contains("GlobalAdministrator (declined)"), "{detail}");
    assert!(is_on(&tenant) && outcome.secret.is_some(), "all else is done");
    assert_eq!(sync_row(&tenant.apply(&wanted)?)?.0, StepResult::Pending, "left out, nothing waits for it");
    Ok(())
}

#[test]
fn asked_for_alone_it_waits_for_nothing() -> TestResult {
    let tenant = tenant()?;
    let sync = Wanted { steps: vec![StepName::DirSync], ..Wanted::everything() };
    assert_eq!(sync_row(&tenant.apply(&sync)?)?.0, StepResult::Pending);
    assert!(!is_on(&tenant));
    Ok(())
}

#[test]
fn a_secret_reaches_its_caller_where_it_is_refused_and_the_error_comes_too() -> TestResult {
    let tenant = tenant()?;
    tenant.twin.add_fault(Fault::new(On::call("PATCH", ORGANIZATION), FaultKind::Denied).for_ever());
    let outcome = tenant.apply(&Wanted::everything())?;
    assert!(outcome.secret.is_some() && outcome.failed.is_some(), "{:?}", outcome.failed);
    assert_eq!(sync_row(&outcome)?.0, StepResult::NotDone);
    let others = outcome.steps.iter().filter(|row| row.step != StepName::DirSync);
    assert!(others.into_iter().all(|row| row.result == StepResult::Done));
    Ok(())
}

#[test]
fn an_answer_that_is_lost_is_looked_for_and_nothing_is_sent_twice() -> TestResult {
    for kind in [FaultKind::AnswerLost { reset: true }, FaultKind::Truncated { announced: true }] {
        let tenant = tenant()?;
        // Requests: sign-in, reads, application, service principal, consents, two reads and a sign-in beside them.
        tenant.twin.add_fault(Fault::new(On::every(Target::Graph), kind).nth(7));
        assert_eq!(sync_row(&tenant.apply(&Wanted::everything())?)?.0, StepResult::Pending);
        let of_organization = |request: &tenant_twin::Request| {
            request.batch.iter().any(|item| item.method == "PATCH" && item.path.starts_with("/organization/"))
        };
        assert_eq!(tenant.twin.requests().iter().filter(|request| of_organization(request)).count(), 1);
    }
    Ok(())
}

#[test]
fn what_only_a_lagging_replica_lacks_is_looked_at_again_and_holds_nothing_back() -> TestResult {
    let mut there_already = 0;
    for seed in 1..=20 {
        let tenant = matrix::tenant(Who::Application, Start::Deactivated, Some(seed))?;
        Start::Deactivated.lift(&tenant.twin)?;
        let granted = On::call("POST", "/roleManagement/directory/roleAssignments");
        tenant.twin.add_fault(Fault::new(granted, FaultKind::AnswerLost { reset: true }));
        let outcome = tenant.apply(&Wanted::everything())?;
        assert_eq!(sync_row(&outcome)?.0, StepResult::Pending, "{seed}: {:?}", outcome.steps);
        there_already += usize::from(tenant.verbose.lock().iter().any(|line| line.contains("already exists")));
    }
    assert!(there_already > 0, "no replica lagged");
    Ok(())
}
