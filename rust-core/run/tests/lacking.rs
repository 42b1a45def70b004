//! A cloud that lacks some of the runbook's permissions gets those it has, at once.

use std::error::Error;
use std::time::Duration;

use pp_base::clock::Clock;
use pp_run::outcome::{Outcome, StepResult};
use pp_runbook::permission_rows::{GrantStatus, rows};
use pp_runbook::permissions::{PERMISSIONS, lacks, of_kind};
use pp_runbook::plan::PlannedStep;
use pp_runbook::step::{State, StepName};
use pp_runbook::wanted::Wanted;
use pp_testing::shape::shape;
use pp_testing::{Tenant, TestResult, TwinClock, results};
use serde_json::json;
use tenant_twin::{Fault, FaultKind, On, Options, Target};

fn lacking(names: &[&str]) -> Result<Tenant, Box<dyn Error>> {
    let options = Options { users: 3, groups: 1, contacts: 1, latency: Duration::ZERO, ..Options::default() };
    let tenant = Tenant::start(&options)?;
    tenant.twin.edit(|directory| names.iter().for_each(|name| directory.withhold(name)));
    Ok(tenant)
}

fn detail(outcome: &Outcome, step: StepName) -> &str {
    outcome.steps.iter().find(|row| row.step == step).map(|row| row.detail.as_str()).unwrap_or_default()
}

#[test]
fn what_it_offers_is_granted_without_waiting_for_the_rest() -> TestResult {
    let tenant = lacking(&["User.ManageIdentities.All"])?;
    let clock = TwinClock::of(&tenant.twin);
    let planned = tenant.judge(&Wanted::everything())?;
    for (step, count) in
        [(StepName::Application, " 16 "), (StepName::DelegatedConsent, " 8 "), (StepName::ApplicationConsent, " 8 ")]
    {
        let action = planned.iter().find(|planned| planned.name == step).map(PlannedStep::action);
        assert!(action.as_ref().is_some_and(|action| action.contains(count)), "{step}: {action:?}");
    }
    let begun = clock.elapsed();
    let outcome = tenant.apply(&Wanted::everything())?;
    for (step, result) in results(&outcome) {
        let wanted = if step == StepName::DirSync { StepResult::Pending } else { StepResult::Done };
        assert_eq!(result, wanted, "{step}: {}", detail(&outcome, step));
    }
    // The two looks that agree, and nothing else.
    let waited = clock.elapsed().saturating_sub(begun);
    assert!(waited < Duration::from_secs(15), "waited {waited:?}");
    let consent = detail(&outcome, StepName::ApplicationConsent);
    assert!(consent.contains("8 of 8 granted") && consent.contains("8 of 8 in a fresh token"), "{consent}");
    let declared = detail(&outcome, StepName::Application);
    assert!(declared.contains("16 of 16 permissions declared of those that this cloud offers"), "{declared}");
    for step in [StepName::Application, StepName::DelegatedConsent, StepName::ApplicationConsent] {
        assert!(detail(&outcome, step).contains("User.ManageIdentities.All"), "{}", detail(&outcome, step));
    }
    tenant.twin.clear_requests();
    let again = tenant.apply(&Wanted::everything())?;
    assert_eq!(tenant.writes(), 0, "{:?}", results(&again));
    Ok(())
}

#[test]
fn what_is_lacking_is_one_sentence_that_says_what_it_means() -> TestResult {
    let tenant = lacking(&["User.ManageIdentities.All", "Group.Create"])?;
    let outcome = tenant.apply(&Wanted::everything())?;
    let graph = outcome.observed.catalogue.as_ref().map_err(ToString::to_string)?;
    let said = lacks(graph).ok_or("nothing is said")?;
    for part in [
        "3 of the runbook's 18",
        "User.ManageIdentities.All (Delegated)",
        "Group.Create (Application)",
        "create groups",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let application = outcome.application.as_ref().ok_or("no application")?;
    let statuses = rows(&outcome.observed, application);
    let not_offered = statuses.iter().filter(|row| row.status == GrantStatus::NotOffered).count();
    let granted = statuses.iter().filter(|row| row.status == GrantStatus::Granted).count();
    assert_eq!((not_offered, granted), (3, PERMISSIONS.len() - 3));
    Ok(())
}

#[test]
fn a_list_that_has_none_of_them_is_no_success() -> TestResult {
    let names: Vec<&str> = of_kind(pp_runbook::permissions::Kind::Application).map(|one| one.name).collect();
    let tenant = lacking(&names)?;
    let judged = tenant.judge(&Wanted::everything())?;
    let consent = judged.iter().find(|step| step.name == StepName::ApplicationConsent).ok_or("no row")?;
    assert_eq!(consent.assessment.state, State::NotDone, "{}", consent.assessment.detail);
    Ok(())
}

/// No application can be asked for by its unique name, nor made with it.
fn without_key(tenant: &Tenant) {
    let on = On { target: Target::Call, path: Some("/applications(uniqueName=*".into()), ..On::default() };
    tenant.twin.add_fault(Fault::new(on, FaultKind::PropertyUnknown("uniqueName".into())).for_ever());
}

#[test]
fn a_cloud_without_the_properties_that_came_late_is_read_without_them() -> TestResult {
    let clean = lacking(&[])?;
    clean.apply(&Wanted::everything())?;
    for property in ["isDisabled", "servicePrincipalLockConfiguration", "uniqueName"] {
        let tenant = lacking(&[])?;
        if property == "uniqueName" {
            without_key(&tenant);
        }
        let on = On { target: Target::Call, path: Some(format!("*$select=*{property}*")), ..On::default() };
        tenant.twin.add_fault(Fault::new(on, FaultKind::PropertyUnknown(property.to_owned())).for_ever());
        let outcome = tenant.apply(&Wanted::everything())?;
        assert!(outcome.secret.is_some() && outcome.failed.is_none(), "{property}");
        assert_eq!(shape(&tenant.twin.state()), shape(&clean.twin.state()), "{property}");
        assert_eq!(tenant.twin.state()["organization"][0]["onPremisesSyncEnabled"], json!(false), "{property}");
        assert!(tenant.twin.faults_shown() > 0);
        tenant.twin.clear_requests();
        let again = tenant.apply(&Wanted::everything())?;
        assert_eq!(tenant.writes(), 0, "{property}: {:?}", results(&again));
    }
    Ok(())
}
