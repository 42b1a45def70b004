//! The client secrets that are there: which of them may be removed, and that a removal is carried out and seen whatever
//! the service does meanwhile.

use std::time::Duration;

use pp_run::apply::RunError;
use pp_run::outcome::StepResult;
use pp_run::remove_secret::{Gone, look, remove};
use pp_runbook::client_secrets::{Standing, plan_removal};
use pp_runbook::problem::Problem;
use pp_runbook::step::{State, StepName};
use pp_runbook::wanted::Wanted;
use pp_testing::{Tenant, TestResult};
use serde_json::json;
use tenant_twin::{ErrorBody, Fault, FaultKind, On, Options, RetryAfter};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

fn options() -> Options {
    Options { users: 1, groups: 0, contacts: 0, latency: Duration::ZERO, ..Options::default() }
}

/// A tenant with two secrets: the older and the newer one's id.
fn two_secrets(options: &Options) -> Result<(Tenant, String, String), Box<dyn std::error::Error>> {
    let tenant = Tenant::start(options)?;
    let old = tenant.apply(&Wanted::everything())?.secret.ok_or("no secret")?.key_id;
    let new = tenant.apply(&Wanted { new_secret: true, ..Wanted::everything() })?.secret.ok_or("no secret")?.key_id;
    Ok((tenant, old, new))
}

/// Plans and removes, as the ops do.
fn remove_one(tenant: &Tenant, key_id: &str, force: bool) -> Result<Gone, RunError> {
    let wanted = Wanted::everything();
    tenant.with(|graph, voice| {
        let (_, removal) = look(graph, &wanted, key_id, force)?;
        remove(graph, voice, &wanted, &removal)
    })
}

fn ids(tenant: &Tenant) -> Vec<String> {
    let applications = tenant.twin.state()["applications"].as_array().cloned().unwrap_or_default();
    let ours = applications.into_iter().find(|app| app["displayName"] == "Practice Protect Federation");
    let secrets = ours.and_then(|app| app["passwordCredentials"].as_array().cloned()).unwrap_or_default();
    secrets.iter().filter_map(|secret| Some(secret["keyId"].as_str()?.to_owned())).collect()
}

#[test]
fn a_secret_is_removed_by_id_in_any_case_and_seen_to_be_gone() -> TestResult {
    let (tenant, old, new) = two_secrets(&options())?;
    assert_eq!(remove_one(&tenant, &old.to_uppercase(), false)?, Gone::Removed);
    assert_eq!(ids(&tenant), [new]);
    Ok(())
}

#[test]
fn the_last_one_that_works_goes_with_force_only() -> TestResult {
    let (tenant, old, new) = two_secrets(&options())?;
    remove_one(&tenant, &old, false)?;
    let refused = remove_one(&tenant, &new, false);
    assert!(matches!(refused, Err(RunError::Problem(Problem::LastSecret(_)))), "{refused:?}");
    assert_eq!(ids(&tenant), std::slice::from_ref(&new));
    remove_one(&tenant, &new, true)?;
    assert_eq!(ids(&tenant), [] as [String; 0]);
    Ok(())
}

#[test]
fn an_ended_secret_does_not_count_as_one_that_works() -> TestResult {
    let (tenant, old, new) = two_secrets(&options())?;
    let mut observed = tenant.observe(&Wanted::everything())?;
    let now = tenant.connection.clock().now();
    let Ok(pp_runbook::observed::Found::Ours(application)) = &mut observed.application else {
        return Err("no application".into());
    };
    for secret in application.password_credentials.iter_mut().filter(|secret| secret.key_id == new) {
        secret.end_date_time = Some(now);
        assert_eq!(Standing::of(secret, now), Standing::Expired);
    }
    let kept = plan_removal(&observed, &Wanted::everything(), &old, false, now);
    assert!(matches!(kept, Err(Problem::LastSecret(_))), "{kept:?}");
    assert!(plan_removal(&observed, &Wanted::everything(), &new, false, now).is_ok());
    Ok(())
}

#[test]
fn an_unknown_id_is_named_with_the_application() -> TestResult {
    let (tenant, ..) = two_secrets(&options())?;
    let id = "00000000-0000-0000-0000-00000000abcd";
    let refused = remove_one(&tenant, id, true);
    let Err(RunError::Problem(problem @ Problem::SecretNotFound { .. })) = refused else {
        return Err(format!("{refused:?}").into());
    };
    assert!(problem.to_string().contains(id) && problem.to_string().contains("Practice Protect Federation"));
    Ok(())
}

#[test]
fn a_conflict_right_after_another_write_and_lagging_replicas_are_waited_out() -> TestResult {
    let lag = Options { max_lag: Duration::from_secs(20), replicas: 3, ..options() };
    let (tenant, old, new) = two_secrets(&lag)?;
    // Where the other one is not visible yet, it is refused, which a caller tries again.
    let removed = (0..20).find_map(|_| match remove_one(&tenant, &old, false) {
        Err(RunError::Problem(Problem::LastSecret(_))) => None,
        done => Some(done),
    });
    assert_eq!(removed.ok_or("never removed")??, Gone::Removed);
    assert_eq!(ids(&tenant), [new]);
    Ok(())
}

#[test]
fn a_lost_answer_is_looked_up_and_errors_that_pass_are_waited_out() -> TestResult {
    let faults = [
        FaultKind::AnswerLost { reset: true },
        FaultKind::RequestLost { reset: false },
        FaultKind::ResetInBody,
        FaultKind::Throttled(RetryAfter::Seconds(3)),
        FaultKind::Concurrency,
    ];
    for fault in faults {
        let (tenant, old, new) = two_secrets(&options())?;
        tenant.twin.add_fault(Fault::new(On::call("POST", "*/removePassword"), fault.clone()));
        assert_eq!(remove_one(&tenant, &old, false)?, Gone::Removed, "{fault:?}");
        assert_eq!(ids(&tenant), [new], "{fault:?}");
    }
    Ok(())
}

#[test]
fn a_replica_that_does_not_know_the_application_says_nothing_of_its_secrets() -> TestResult {
    let not_found = || FaultKind::Failed { status: 404, body: ErrorBody::Json, retry_after: RetryAfter::Absent };
    let looks = || On::call("GET", "/applications/*passwordCredentials*");
    let (tenant, old, new) = two_secrets(&options())?;
    tenant.twin.add_fault(Fault::new(On::call("POST", "*/removePassword"), not_found()));
    tenant.twin.add_fault(Fault::new(looks(), not_found()).times(3));
    assert_eq!(remove_one(&tenant, &old, false)?, Gone::Removed);
    assert_eq!(ids(&tenant), [new]);
    // Where no look shows the application, nothing is said to be gone.
    let (tenant, old, _) = two_secrets(&options())?;
    tenant.twin.add_fault(Fault::new(looks(), not_found()).for_ever());
    let removed = remove_one(&tenant, &old, false);
    assert!(matches!(&removed, Err(RunError::NotConverged(why)) if why.contains("isn't shown")), "{removed:?}");
    Ok(())
}

#[test]
fn one_whose_removal_was_lost_and_that_a_lagging_replica_still_shows_is_gone_all_the_same() -> TestResult {
    for seed in 5301..=5304 {
        let lag = Options { seed, max_lag: Duration::from_secs(10), replicas: 3, ..options() };
        let (tenant, old, new) = two_secrets(&lag)?;
        tenant.twin.advance(lag.max_lag);
        let removals = || On::call("POST", "*/removePassword");
        tenant.twin.add_fault(Fault::new(removals(), FaultKind::AnswerLost { reset: true }));
        // What is gone is refused, whichever replica answers.
        let refused = FaultKind::Failed { status: 400, body: ErrorBody::Json, retry_after: RetryAfter::Absent };
        tenant.twin.add_fault(Fault::new(removals(), refused).nth(2));
        assert_eq!(remove_one(&tenant, &old, false)?, Gone::Removed, "{seed}");
        assert_eq!(ids(&tenant), [new], "{seed}");
    }
    Ok(())
}

#[test]
fn one_that_starts_later_is_not_done_holds_synchronization_back_and_none_is_made_beside_it() -> TestResult {
    let tenant = Tenant::start(&options())?;
    let made = tenant.apply(&Wanted { steps: StepName::ALL[1..].to_vec(), ..Wanted::everything() })?;
    let application = made.application.ok_or("no application")?.id;
    let mut secrets = tenant.twin.state()["applications"].as_array().cloned().unwrap_or_default();
    secrets.retain(|app| app["id"] == application.as_str());
    let mut secrets = secrets.pop().ok_or("no application")?["passwordCredentials"].clone();
    let start = (OffsetDateTime::from(tenant.twin.now()) + Duration::from_hours(3 * 24)).format(&Rfc3339)?;
    secrets[0]["startDateTime"] = json!(start);
    tenant.twin.edit(|directory| directory.set("applications", &application, "passwordCredentials", &secrets));
    tenant.twin.clear_requests();
    let outcome = tenant.apply(&Wanted::everything())?;
    for (step, expected) in [
        (StepName::ClientSecret, StepResult::NotDone),
        (StepName::DirSync, StepResult::NotDone),
        (StepName::GlobalAdministrator, StepResult::AlreadyDone),
    ] {
        let row = outcome.steps.iter().find(|row| row.step == step).ok_or("no row")?;
        assert_eq!(row.result, expected, "{row:?}");
        assert!(step != StepName::ClientSecret || row.detail.contains("it starts at"), "{row:?}");
    }
    assert_eq!((tenant.writes(), ids(&tenant).len()), (0, 1));
    tenant.twin.advance(Duration::from_hours(4 * 24));
    let judged = tenant.judge(&Wanted::everything())?;
    let step = judged.iter().find(|step| step.name == StepName::ClientSecret).ok_or("no step")?;
    assert_eq!(step.assessment.state, State::Done, "{step:?}");
    Ok(())
}
