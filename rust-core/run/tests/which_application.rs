//! Which application is meant: a name filters what is read and removed and names what is made, an id chooses.

use pp_run::apply::RunError;
use pp_runbook::client_secrets::application;
use pp_runbook::problem::Problem;
use pp_runbook::step::StepName;
use pp_runbook::types::Application;
use pp_runbook::wanted::{DEFAULT_DISPLAY_NAME, UNIQUE_NAME, Wanted};
use pp_runbook::which::{Name, Which};
use pp_testing::{Tenant, TestResult};
use serde_json::json;
use tenant_twin::Options;

fn like(pattern: &str) -> Result<Wanted, Problem> {
    let which = Which { name: Some(Name::of(pattern, false)?), ..Which::default() };
    Ok(Wanted { steps: vec![StepName::ClientSecret], which, ..Wanted::everything() })
}

fn made(name: &str) -> Result<Wanted, Problem> {
    let which = Which { name: Some(Name::of(name, true)?), takes_over: true, ..Which::default() };
    Ok(Wanted { which, ..Wanted::everything() })
}

fn with_id(app_id: &str) -> Wanted {
    let which = Which { app_id: Some(app_id.to_owned()), ..Which::default() };
    Wanted { steps: vec![StepName::ClientSecret], which, ..Wanted::everything() }
}

/// A run with every step on the application with this id.
fn run_on(app_id: &str) -> Wanted {
    let meant = with_id(app_id);
    Wanted { steps: StepName::ALL.to_vec(), adopt: true, which: Which { takes_over: true, ..meant.which }, ..meant }
}

fn found(tenant: &Tenant, wanted: &Wanted) -> Result<Result<Application, Problem>, Box<dyn std::error::Error>> {
    Ok(application(&tenant.observe(wanted)?, wanted).cloned())
}

#[test]
fn a_name_filters_what_is_read() -> TestResult {
    let tenant = Tenant::start(&Options::default())?;
    tenant.apply(&Wanted::everything())?;
    for pattern in [DEFAULT_DISPLAY_NAME, "practice protect FEDERATION", "Practice*", "*federation", "P?actice [a-z]*"]
    {
        let application = found(&tenant, &like(pattern)?)??;
        assert_eq!(application.display_name.as_deref(), Some(DEFAULT_DISPLAY_NAME), "{pattern}");
    }
    for pattern in ["Contoso HR", "Conto?", "*hr", "Practice"] {
        let refused = found(&tenant, &like(pattern)?)?;
        let Err(Problem::AppNotMeant { meant, there }) = refused else {
            return Err(format!("{pattern}: {refused:?}").into());
        };
        assert!(meant.contains(pattern) && there[0].display_name == DEFAULT_DISPLAY_NAME, "{meant}");
    }
    Ok(())
}

#[test]
fn one_made_by_hand_is_read_by_its_name_beside_this_modules_own() -> TestResult {
    let tenant = Tenant::start(&Options::default())?;
    tenant.apply(&Wanted::everything())?;
    let by_hand = tenant.twin.edit(|directory| directory.add_application("It's Contoso's (old)"));
    for pattern in ["It's Contoso's (old)", "it's*", "*(OLD)"] {
        let wanted = like(pattern)?;
        let refused = found(&tenant, &wanted)?;
        assert!(matches!(refused, Err(Problem::NotAdopted(_))), "{pattern}: {refused:?}");
        assert_eq!(found(&tenant, &Wanted { adopt: true, ..wanted })??.app_id, by_hand.app_id, "{pattern}");
    }
    let by_id = found(&tenant, &Wanted { adopt: true, ..with_id(&by_hand.app_id) })??;
    assert_eq!(by_id.app_id, by_hand.app_id);
    Ok(())
}

#[test]
fn an_id_chooses_where_several_could_be_meant() -> TestResult {
    let tenant = Tenant::start(&Options::default())?;
    let ids = tenant.twin.edit(|directory| {
        ["one", "two"].map(|name| {
            let ids = directory.add_application(name);
            directory.set("applications", &ids.object_id, "tags", &json!([UNIQUE_NAME]));
            ids
        })
    });
    assert!(matches!(found(&tenant, &Wanted::everything())?, Err(Problem::Ambiguous(both)) if both.len() == 2));
    for one in &ids {
        assert_eq!(found(&tenant, &with_id(&one.app_id))??.id, one.object_id);
        let which = Which { object_id: Some(one.object_id.clone()), ..Which::default() };
        assert_eq!(found(&tenant, &Wanted { which, ..Wanted::everything() })??.app_id, one.app_id);
    }
    let outcome = tenant.apply(&run_on(&ids[1].app_id))?;
    assert_eq!(outcome.application.map(|application| application.app_id), Some(ids[1].app_id.clone()));
    Ok(())
}

#[test]
fn a_run_makes_no_application_for_an_id_that_is_none() -> TestResult {
    let tenant = Tenant::start(&Options::default())?;
    let nobodys = "8f69709d-4d80-4f9c-a404-24a0d96e5646";
    let refused = tenant.apply(&run_on(nobodys));
    let Err(RunError::Problem(Problem::AppNotFound(which))) = refused else { return Err("not refused".into()) };
    assert_eq!(which, format!("with the application id {nobodys}"));
    assert_eq!(tenant.writes(), 0);
    Ok(())
}

#[test]
fn a_run_under_another_name_neither_renames_what_is_there_nor_makes_a_second() -> TestResult {
    let tenant = Tenant::start(&Options::default())?;
    let first = tenant.apply(&made("Contoso sign-on")?)?;
    assert_eq!(first.application.and_then(|made| made.display_name).as_deref(), Some("Contoso sign-on"));
    let by_hand = tenant.twin.edit(|directory| directory.add_application("Another"));
    tenant.twin.clear_requests();
    for wanted in [made("Another")?, Wanted { adopt: true, ..made("Another")? }, run_on(&by_hand.app_id)] {
        let refused = tenant.apply(&wanted);
        assert!(matches!(refused, Err(RunError::Problem(Problem::AppNotMeant { .. }))), "{:?}", refused.err());
    }
    tenant.apply(&Wanted::everything())?;
    tenant.apply(&made("CONTOSO sign-on")?)?;
    assert_eq!(tenant.writes(), 0, "without a name, or with its own, it is the one");
    Ok(())
}
