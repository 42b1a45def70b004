//! What a run says of others: of secrets whose text it doesn't hand over, and of somebody who writes to the same objects.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use pp_base::call::Call;
use pp_base::cancel::CancelSource;
use pp_base::retry::{Budget, DEFAULT_BUDGET};
use pp_run::apply::{Limits, Voice, apply, apply_only};
use pp_run::outcome::{Outcome, StepResult};
use pp_runbook::other_secrets::beside;
use pp_runbook::step::{Impact, StepName};
use pp_runbook::wanted::{DeletedApp, Wanted};
use pp_testing::{Tenant, TestResult, connect};
use serde_json::{Value, json};
use tenant_twin::{Fault, FaultKind, On, Options, Target, Twin};

fn options() -> Options {
    Options { users: 1, groups: 0, contacts: 0, latency: Duration::ZERO, ..Options::default() }
}

/// Ids and starts of all secrets PPToken of the tenant.
fn secrets(twin: &Twin) -> Vec<(String, String)> {
    let state = twin.state();
    let applications = state["applications"].as_array().cloned().unwrap_or_default();
    let all = applications.iter().flat_map(|app| app["passwordCredentials"].as_array().cloned().unwrap_or_default());
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let ours = all.filter(|secret| secret["displayName"] == "PPToken");
    ours.map(|secret| (text(&secret["keyId"]), text(&secret["startDateTime"]))).collect()
}

/// As texts have it.
fn to_the_second(start: &str) -> String {
    start.get(..19).unwrap_or(start).replace('T', " ")
}

#[test]
fn a_rerun_names_the_secret_it_keeps_by_id_and_start_with_the_way_out() -> TestResult {
    let tenant = Tenant::start(&options())?;
    tenant.apply(&Wanted::everything())?;
    let rerun = tenant.apply(&Wanted::everything())?;
    let (id, start) = secrets(&tenant.twin).pop().ok_or("no secret")?;
    let row = rerun.steps.iter().find(|row| row.step == StepName::ClientSecret).ok_or("no row")?;
    for part in [id.as_str(), &to_the_second(&start), "-NewSecret", "Remove-PPClientSecret -KeyId"] {
        assert!(row.detail.contains(part), "{part}: {}", row.detail);
    }
    assert!(tenant.warnings.lock().is_empty(), "one secret is how it should be");
    Ok(())
}

#[test]
fn secrets_beside_the_new_one_are_named_with_the_command_that_removes_them() -> TestResult {
    let tenant = Tenant::start(&options())?;
    let old = tenant.apply(&Wanted::everything())?.secret.ok_or("no secret")?.key_id;
    let another = Wanted { new_secret: true, ..Wanted::everything() };
    let said = beside(&tenant.observe(&another)?, &another, tenant.connection.clock().now()).join("\n");
    assert!(said.contains(&format!("Remove-PPClientSecret -KeyId {old}")), "before anything is written: {said}");
    tenant.apply(&another)?.secret.ok_or("no secret")?;
    assert_eq!(secrets(&tenant.twin).len(), 2, "nothing is removed unasked");
    Ok(())
}

#[test]
fn somebody_who_writes_first_is_noticed_and_what_they_made_is_taken_over() -> TestResult {
    for (method, path) in [("PATCH", "/applications*"), ("POST", "/servicePrincipals"), ("POST", "*/addPassword")] {
        let tenant = Tenant::start(&options())?;
        tenant.twin.add_fault(Fault::new(On::call(method, path), FaultKind::SecondWriter));
        tenant.apply(&Wanted::everything())?;
        let warnings = tenant.warnings.lock().join("\n");
        assert!(warnings.contains("someone else is at work"), "{method} {path}: {warnings}");
        let named = |kind: &str| {
            tenant.twin.state()[kind].as_array().map_or(0, |all| {
                all.iter().filter(|object| object["displayName"] == "Practice Protect Federation").count()
            })
        };
        assert_eq!((named("applications"), named("servicePrincipals")), (1, 1), "{method} {path}");
    }
    Ok(())
}

#[test]
fn two_runs_at_once_end_in_one_application_with_one_secret() -> TestResult {
    let twin = Arc::new(Twin::start(&Options { latency: Duration::from_millis(20), ..options() })?);
    let run = || {
        let connection = connect(&twin, "admin").map_err(|e| e.to_string())?;
        let (cancel, budget) = (pp_base::cancel::Cancel::never(), Budget::new(DEFAULT_BUDGET));
        let call = Call { cancel: &cancel, budget: &budget, log: &|_| () };
        let voice = Voice { progress: &|_, _| (), warning: &|_| (), debug: &|_| () };
        let outcome = apply(connection.graph(call), voice, &Wanted::everything(), None).map_err(|e| e.to_string())?;
        Ok::<_, String>(usize::from(outcome.secret.is_some()))
    };
    let made = thread::scope(|scope| {
        let both = [scope.spawn(run), scope.spawn(run)];
        let joined = both.map(|run| run.join().unwrap_or_else(|_| Err("a run panicked".into())));
        joined.into_iter().sum::<Result<usize, String>>()
    })?;
    let applications = twin.state()["applications"].as_array().cloned().unwrap_or_default();
    let ours = applications.iter().filter(|app| app["displayName"] == "Practice Protect Federation").count();
    assert_eq!(ours, 1);
    assert_eq!(
        (secrets(&twin).len(), made),
        (1, 1),
        "one of them has handed its secret over, the other has taken it back"
    );
    Ok(())
}

/// A tenant that lacks the secret alone, and in which somebody else makes one just before the run does; `ahead` by so much
/// of the run's own.
fn rival(ahead: Duration) -> Result<Tenant, Box<dyn std::error::Error>> {
    let tenant = Tenant::start(&options())?;
    let outcome = tenant.apply(&Wanted { steps: StepName::ALL[..6].to_vec(), ..Wanted::everything() })?;
    let application = outcome.application.ok_or("no application")?.id;
    let made =
        json!({"edit": "addSecret", "applicationId": application, "displayName": "PPToken", "lifeSeconds": 86_400});
    let seconds = -i64::try_from(ahead.as_secs())?;
    for fault in [FaultKind::Skewed { seconds }, FaultKind::Edited(made)] {
        tenant.twin.add_fault(Fault::new(On::call("POST", "*/addPassword"), fault));
    }
    Ok(tenant)
}

#[test]
fn of_two_secrets_made_at_the_same_moment_the_first_by_its_start_stays() -> TestResult {
    let tenant = rival(Duration::from_mins(1))?;
    let outcome = tenant.apply(&Wanted::everything())?;
    assert!(outcome.secret.is_none(), "somebody else's was first");
    assert_eq!(secrets(&tenant.twin).len(), 1);
    let (id, _) = secrets(&tenant.twin).pop().ok_or("theirs is gone")?;
    let row = outcome.steps.iter().find(|row| row.step == StepName::ClientSecret).ok_or("no row")?;
    assert!(row.result == StepResult::AlreadyDone && row.detail.contains(&id), "{row:?}");
    let warnings = tenant.warnings.lock().join("\n");
    assert!(warnings.contains("was taken back") && warnings.contains(&id), "{warnings}");

    let tenant = rival(Duration::ZERO)?;
    let own = tenant.apply(&Wanted::everything())?.secret.ok_or("its own was first")?.key_id;
    assert_eq!(secrets(&tenant.twin).len(), 2, "the other one is for the other run to take back");
    assert!(secrets(&tenant.twin).iter().any(|(id, _)| *id == own));
    let warnings = tenant.warnings.lock().join("\n");
    assert!(warnings.contains("appeared while this run was at work"), "{warnings}");
    Ok(())
}

#[test]
fn a_secret_that_was_asked_for_by_itself_is_not_taken_back() -> TestResult {
    for wanted in [
        Wanted { new_secret: true, ..Wanted::everything() },
        Wanted { steps: vec![StepName::ClientSecret], ..Wanted::everything() },
    ] {
        let tenant = rival(Duration::from_mins(1))?;
        assert!(tenant.apply(&wanted)?.secret.is_some(), "{wanted:?}");
        assert_eq!(secrets(&tenant.twin).len(), 2, "{wanted:?}");
    }
    Ok(())
}

#[test]
fn of_two_renewals_at_the_same_moment_the_first_stays() -> TestResult {
    let tenant = rival(Duration::from_mins(1))?;
    let renewal =
        Wanted { steps: vec![StepName::ClientSecret], new_secret: true, renews: true, ..Wanted::everything() };
    assert!(tenant.apply(&renewal)?.secret.is_none(), "somebody else's was first");
    assert_eq!(secrets(&tenant.twin).len(), 1);
    let warnings = tenant.warnings.lock().join("\n");
    assert!(warnings.contains("was taken back") && warnings.contains("the next renewal makes another"), "{warnings}");
    Ok(())
}

#[test]
fn a_secret_that_was_being_made_when_the_caller_cancelled_is_taken_back() -> TestResult {
    for max_lag in [Duration::ZERO, Duration::from_secs(10)] {
        let tenant = Tenant::start(&Options { max_lag, replicas: 3, ..options() })?;
        // The answer to every write is late: the secret is made long before its answer comes.
        let late = FaultKind::Delayed(Duration::from_secs(5));
        tenant.twin.add_fault(Fault::new(
            On { target: Target::Item, path: Some("*/addPassword".into()), ..On::default() },
            late,
        ));
        let (source, cancel) = CancelSource::new();
        let outcome = thread::scope(|scope| {
            let run = scope.spawn(|| {
                let budget = Budget::new(DEFAULT_BUDGET);
                let log = |_: &str| ();
                let call = Call { cancel: &cancel, budget: &budget, log: &log };
                let voice = Voice { progress: &|_, _| (), warning: &|_| (), debug: &|_| () };
                apply(tenant.connection.graph(call), voice, &Wanted::everything(), None).map(drop).is_err()
            });
            while secrets(&tenant.twin).is_empty() && !run.is_finished() {
                thread::yield_now();
            }
            source.cancel();
            run.join()
        });
        assert!(matches!(outcome, Ok(true)), "the run ended with its cancellation");
        assert_eq!(secrets(&tenant.twin), [], "{max_lag:?}: nobody has its text");
    }
    Ok(())
}

/// A run whose caller was asked about these steps.
fn asked_about(tenant: &Tenant, wanted: &Wanted, steps: &[StepName]) -> Result<Outcome, Box<dyn std::error::Error>> {
    let limits = Limits { asked: Some(steps.to_vec()), ..Limits::default() };
    Ok(tenant.with(|graph, voice| apply_only(graph, voice, wanted, None, limits))?)
}

#[test]
fn what_somebody_took_away_after_the_question_is_not_given_again_unasked() -> TestResult {
    let tenant = Tenant::start(&Options { seed: 5101, ..options() })?;
    let wanted = Wanted { steps: StepName::ALL[1..].to_vec(), ..Wanted::everything() };
    let principal = tenant.apply(&wanted)?.principal.ok_or("no service principal")?.id;
    let roles = tenant.twin.state()["roleAssignments"].as_array().cloned().unwrap_or_default();
    let own = roles.iter().find(|one| one["principalId"] == principal.as_str());
    let role = own.and_then(|one| one["id"].as_str()).ok_or("no role assignment")?;
    tenant.twin.edit(|directory| directory.erase("roleAssignments", role));
    tenant.twin.clear_requests();
    let outcome = asked_about(&tenant, &wanted, &[StepName::ApplicationConsent])?;
    for row in &outcome.steps {
        let is_held = row.step == StepName::GlobalAdministrator;
        let result = if is_held { StepResult::NotDone } else { StepResult::AlreadyDone };
        assert_eq!((row.result, row.detail.contains("Run again to be asked about it")), (result, is_held), "{row:?}");
    }
    assert_eq!(tenant.writes(), 0);
    assert!(tenant.warnings.lock().iter().any(|warning| warning.starts_with("GlobalAdministrator: ")));
    let asked = asked_about(&tenant, &wanted, &[StepName::GlobalAdministrator])?;
    assert!(asked.steps.iter().any(|row| row.step == StepName::GlobalAdministrator && row.result == StepResult::Done));
    Ok(())
}

#[test]
fn an_application_that_was_deleted_after_the_question_is_not_restored_unasked_nor_built_on() -> TestResult {
    let tenant = Tenant::start(&Options { seed: 5102, ..options() })?;
    let wanted =
        Wanted { steps: StepName::ALL[1..].to_vec(), deleted_app: Some(DeletedApp::Restore), ..Wanted::everything() };
    let application = tenant.apply(&wanted)?.application.ok_or("no application")?.id;
    tenant.twin.edit(|directory| directory.delete_application(&application));
    tenant.twin.clear_requests();
    let outcome = asked_about(&tenant, &wanted, &[])?;
    let of = |step| outcome.steps.iter().find(|row| row.step == step).map(|row| row.result);
    for step in [StepName::Application, StepName::ServicePrincipal, StepName::DelegatedConsent] {
        assert_eq!(of(step), Some(StepResult::NotDone), "{step}: {:?}", outcome.steps);
    }
    assert_eq!(tenant.writes(), 0);
    Ok(())
}

#[test]
fn a_service_principal_that_somebody_has_disabled_is_grave_to_enable_and_not_enabled_unasked() -> TestResult {
    let tenant = Tenant::start(&Options { seed: 5103, ..options() })?;
    let wanted = Wanted { steps: StepName::ALL[1..].to_vec(), ..Wanted::everything() };
    let principal = tenant.apply(&wanted)?.principal.ok_or("no service principal")?.id;
    tenant.twin.edit(|directory| directory.set("servicePrincipals", &principal, "accountEnabled", &json!(false)));
    let planned = tenant.judge(&wanted)?;
    for step in planned {
        let enables = step.name == StepName::ServicePrincipal;
        assert_eq!(step.changes(), enables, "{step:?}");
        if enables {
            assert_eq!(step.impact(), Impact::High, "{step:?}");
            assert!(step.action().contains("which somebody has disabled"), "{}", step.action());
        }
    }
    tenant.twin.clear_requests();
    let outcome = asked_about(&tenant, &wanted, &[])?;
    let row = |outcome: &Outcome| outcome.steps.iter().find(|row| row.step == StepName::ServicePrincipal).cloned();
    let held = row(&outcome).ok_or("no row")?;
    assert_eq!(held.result, StepResult::NotDone, "{held:?}");
    assert!(held.detail.contains("Run again to be asked about it"), "{held:?}");
    assert_eq!(tenant.writes(), 0);
    let asked = asked_about(&tenant, &wanted, &[StepName::ServicePrincipal])?;
    assert_eq!(row(&asked).ok_or("no row")?.result, StepResult::Done);
    Ok(())
}
