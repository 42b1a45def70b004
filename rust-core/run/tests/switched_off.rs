//! An application that gets no tokens, by somebody's will: told with cause and remedy, and waited for by nobody. Source: Entra
//! documentation, "Deactivate an app registration" and "Conditional Access for workload identities".

use std::error::Error;
use std::time::Duration;

use pp_run::application_sign_in::doubts;
use pp_run::outcome::{Outcome, StepResult};
use pp_runbook::permissions::{Kind, of_kind};
use pp_runbook::step::{State, StepName};
use pp_runbook::wanted::Wanted;
use pp_testing::{Tenant, TestResult, results};
use serde_json::{Value, json};
use tenant_twin::{Fault, FaultKind, On, Options, Target};

fn tenant() -> Result<Tenant, Box<dyn Error>> {
    Tenant::start(&Options { users: 3, groups: 1, contacts: 1, latency: Duration::ZERO, ..Options::default() })
}

fn row(outcome: &Outcome, step: StepName) -> Result<(StepResult, &str), &'static str> {
    let row = outcome.steps.iter().find(|row| row.step == step).ok_or("no row")?;
    Ok((row.result, row.detail.as_str()))
}

/// Sets a property of the application, or of its service principal.
fn set(tenant: &Tenant, outcome: &Outcome, collection: &str, property: &str, value: &Value) -> TestResult {
    let application = outcome.application.as_ref().map(|application| &application.id);
    let principal = outcome.principal.as_ref().map(|principal| &principal.id);
    let id = if collection == "applications" { application } else { principal }.ok_or("nothing was made")?;
    tenant.twin.edit(|directory| directory.set(collection, id, property, value));
    Ok(())
}

fn token_requests(tenant: &Tenant) -> usize {
    tenant.twin.requests().iter().filter(|request| request.path.ends_with("/oauth2/v2.0/token")).count()
}

#[test]
fn one_that_was_deactivated_is_not_done_and_a_run_changes_nothing_about_it() -> TestResult {
    let by_microsoft = json!("DisabledDueToViolationOfServicesAgreement");
    for (collection, property, value, step, words) in [
        ("applications", "isDisabled", json!(true), StepName::Application, "activates it again"),
        ("servicePrincipals", "isDisabled", json!(true), StepName::ServicePrincipal, "activates it again"),
        (
            "applications",
            "disabledByMicrosoftStatus",
            by_microsoft.clone(),
            StepName::Application,
            "Microsoft's support",
        ),
        (
            "servicePrincipals",
            "disabledByMicrosoftStatus",
            by_microsoft,
            StepName::ServicePrincipal,
            "Microsoft's support",
        ),
    ] {
        let tenant = tenant()?;
        let without_sync = Wanted { steps: StepName::ALL[1..].to_vec(), ..Wanted::everything() };
        let made = tenant.apply(&without_sync)?;
        set(&tenant, &made, collection, property, &value)?;
        let judged = tenant.judge(&without_sync)?;
        let open: Vec<StepName> =
            judged.iter().filter(|one| one.assessment.state != State::Done).map(|one| one.name).collect();
        assert_eq!(open, [step], "{collection} {property}");
        tenant.twin.clear_requests();
        let outcome = tenant.apply(&Wanted::everything())?;
        let (result, detail) = row(&outcome, step)?;
        assert!(result == StepResult::NotDone && detail.contains(words), "{result:?} {detail}");
        assert_eq!(row(&outcome, StepName::DirSync)?.0, StepResult::NotDone, "what can't be taken back waits for it");
        assert_eq!(tenant.writes(), 0);
    }
    Ok(())
}

#[test]
fn the_status_of_one_that_was_never_disabled_is_no_deactivation() -> TestResult {
    let tenant = tenant()?;
    let made = tenant.apply(&Wanted::everything())?;
    set(&tenant, &made, "applications", "disabledByMicrosoftStatus", &json!("NotDisabled"))?;
    set(&tenant, &made, "servicePrincipals", "isDisabled", &json!(false))?;
    let judged = tenant.judge(&Wanted::everything())?;
    assert!(judged.iter().skip(1).all(|step| step.assessment.state == State::Done), "{judged:?}");
    Ok(())
}

#[test]
fn a_sign_in_that_is_refused_for_good_is_tried_once_and_leaves_the_other_steps_confirmed() -> TestResult {
    for (code, words) in [(53003, "Conditional Access"), (50105, "can't sign in"), (7_000_112, "switched off")] {
        let tenant = tenant()?;
        let wanted = Wanted { steps: StepName::ALL[..6].to_vec(), ..Wanted::everything() };
        tenant.apply(&wanted)?;
        tenant.twin.clear_requests();
        tenant.twin.add_fault(Fault::new(On::every(Target::Token), FaultKind::SignInRefused(code)).for_ever());
        let outcome = tenant.apply(&Wanted::everything())?;
        assert_eq!(token_requests(&tenant), 1, "{code}");
        assert!(outcome.secret.is_some(), "{code}");
        for (step, result) in results(&outcome) {
            let expected = match step {
                StepName::ClientSecret => StepResult::NotConfirmed,
                StepName::DirSync => StepResult::Pending,
                _ => StepResult::AlreadyDone,
            };
            assert_eq!(result, expected, "{code} {step}");
        }
        let detail = row(&outcome, StepName::ClientSecret)?.1;
        assert!(detail.contains(words) && detail.contains(&format!("AADSTS{code}")), "{detail}");
        assert!(tenant.warnings.lock().iter().any(|warning| warning.contains(words)), "{:?}", tenant.warnings.lock());
    }
    Ok(())
}

#[test]
fn the_whole_runbook_in_a_tenant_that_blocks_its_sign_in_confirms_all_but_the_secret() -> TestResult {
    let tenant = tenant()?;
    tenant.with(|graph, _| graph.tokens.get(&graph.call).map(drop))?;
    tenant.twin.add_fault(Fault::new(On::every(Target::Token), FaultKind::SignInRefused(53003)).for_ever());
    let outcome = tenant.apply(&Wanted::everything())?;
    for (step, result) in results(&outcome) {
        let expected = match step {
            StepName::ClientSecret => StepResult::NotConfirmed,
            StepName::DirSync => StepResult::NotDone,
            _ => StepResult::Done,
        };
        assert_eq!(result, expected, "{step}");
    }
    Ok(())
}

#[test]
fn one_whose_service_principal_was_enabled_moments_ago_is_waited_for() -> TestResult {
    let tenant = tenant()?;
    let made = tenant.apply(&Wanted { steps: StepName::ALL[1..6].to_vec(), ..Wanted::everything() })?;
    set(&tenant, &made, "servicePrincipals", "accountEnabled", &json!(false))?;
    tenant.twin.add_fault(Fault::new(On::every(Target::Token), FaultKind::SignInRefused(7_000_112)).times(2));
    let outcome = tenant.apply(&Wanted { steps: StepName::ALL[1..].to_vec(), ..Wanted::everything() })?;
    assert_eq!(row(&outcome, StepName::ClientSecret)?.0, StepResult::Done);
    assert_eq!(row(&outcome, StepName::ServicePrincipal)?.0, StepResult::Done);
    Ok(())
}

#[test]
fn one_that_is_deactivated_besides_is_not_waited_for() -> TestResult {
    let steps = Wanted { steps: StepName::ALL[1..6].to_vec(), ..Wanted::everything() };
    for missing in [false, true] {
        let tenant = tenant()?;
        let made = tenant.apply(&steps)?;
        set(&tenant, &made, "applications", "isDisabled", &json!(true))?;
        if missing {
            let id = made.principal.as_ref().ok_or("no principal")?.id.clone();
            tenant.twin.edit(|directory| directory.erase("servicePrincipals", &id));
        } else {
            set(&tenant, &made, "servicePrincipals", "accountEnabled", &json!(false))?;
        }
        tenant.twin.clear_requests();
        let outcome = tenant.apply(&Wanted { steps: StepName::ALL[1..].to_vec(), ..Wanted::everything() })?;
        for (step, result) in results(&outcome) {
            match step {
                StepName::Application => assert_eq!(result, StepResult::NotDone),
                StepName::ClientSecret => assert_eq!(result, StepResult::NotConfirmed),
                _ => {
                    assert!(
                        matches!(result, StepResult::Done | StepResult::AlreadyDone),
                        "{missing} {step} {result:?}"
                    );
                }
            }
        }
        let detail = row(&outcome, StepName::ClientSecret)?.1;
        assert!(detail.contains("switched off") && !detail.contains("yet"), "{missing} {detail}");
        assert_eq!(token_requests(&tenant), 1, "{missing}");
    }
    Ok(())
}

#[test]
fn a_secret_that_is_given_is_signed_in_with_and_what_its_token_lacks_is_said() -> TestResult {
    let tenant = tenant()?;
    let wanted = Wanted { steps: StepName::ALL[1..].to_vec(), ..Wanted::everything() };
    let outcome = tenant.apply(&wanted)?;
    let secret = outcome.secret.as_ref().ok_or("no secret")?.text.clone();
    let app_id = outcome.application.as_ref().ok_or("no application")?.app_id.clone();
    let nine: Vec<_> = of_kind(Kind::Application).map(|permission| permission.name).collect();
    let doubts = || tenant.with(|graph, _| doubts(graph, &app_id, &secret, &nine));
    assert_eq!(doubts()?, Vec::<String>::new());
    let role = tenant.twin.state()["roleAssignments"].as_array().cloned().unwrap_or_default();
    let principal = outcome.principal.as_ref().ok_or("no principal")?.id.clone();
    let held = role.iter().find(|role| role["principalId"] == json!(principal)).ok_or("no role")?;
    tenant.twin.edit(|directory| directory.erase("roleAssignments", held["id"].as_str().unwrap_or_default()));
    assert!(doubts()?.iter().any(|doubt| doubt.contains("Global Administrator")), "{:?}", doubts()?);
    set(&tenant, &outcome, "applications", "isDisabled", &json!(true))?;
    let refused = doubts()?;
    assert!(refused.len() == 1 && refused[0].contains("switched off"), "{refused:?}");
    Ok(())
}
