//! What ops say of where an application stands: its service principal, its client secrets.

mod op;

use std::error::Error;
use std::time::Duration;

use pp_command::event::Kind;
use pp_report::error::OpError;
use pp_run::connection::open;
use pp_run::placed::remember;
use pp_runbook::observed::AppIds;
use pp_runbook::step::StepName;
use pp_runbook::wanted::{DeletedApp, Wanted};
use pp_testing::{Tenant, TestResult, connect};
use serde_json::json;
use tenant_twin::Options;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

fn options(seed: u64) -> Options {
    Options { seed, users: 1, groups: 0, contacts: 0, latency: Duration::ZERO, ..Options::default() }
}

/// All but what can't be taken back.
fn wanted() -> Wanted {
    Wanted { steps: StepName::ALL[1..].to_vec(), ..Wanted::everything() }
}

#[test]
fn a_disabled_one_is_warned_of_before_it_is_enabled_and_the_plan_asks_about_it() -> TestResult {
    let tenant = Tenant::start(&options(5201))?;
    let principal = tenant.apply(&wanted())?.principal.ok_or("no service principal")?.id;
    tenant.twin.edit(|directory| directory.set("servicePrincipals", &principal, "accountEnabled", &json!(false)));
    let connection = open(connect(&tenant.twin, "admin")?)?;
    let plan = json!({"op": "plan", "connection": connection, "steps": ["ServicePrincipal"]});
    let (row, ended) = op::run(&plan)?;
    assert!(ended.is_ok(), "{ended:?}");
    for part in [r#"N="Impact">High<"#, "is disabled, which somebody has done"] {
        assert!(row.contains(part), "{part}: {row}");
    }
    let (warned, _) = op::told(&plan, Kind::Warning)?;
    assert!(warned.contains(&format!("has disabled the service principal {principal}")), "{warned}");
    Ok(())
}

#[test]
fn a_deleted_one_ends_a_plan_with_its_own_error_and_is_restored_by_choice() -> TestResult {
    let tenant = Tenant::start(&options(5202))?;
    let made = tenant.apply(&wanted())?;
    let principal = made.principal.ok_or("no service principal")?.id;
    let application = made.application.ok_or("no application")?.id;
    tenant.twin.edit(|directory| directory.delete_application(&application));
    let restoring = Wanted { deleted_app: Some(DeletedApp::Restore), steps: vec![StepName::Application], ..wanted() };
    tenant.apply(&restoring)?;
    let connection = open(connect(&tenant.twin, "admin")?)?;
    let (row, ended) = op::run(&json!({"op": "status", "connection": connection, "steps": ["ServicePrincipal"]}))?;
    assert!(ended.is_ok(), "{ended:?}");
    assert!(row.contains(&principal) && row.contains("restorable until"), "{row}");
    let (_, ended) = op::run(&json!({"op": "plan", "connection": connection}))?;
    let Err(OpError::Failed(report)) = ended else { return Err(format!("{ended:?}").into()) };
    assert_eq!(report.id, "PPFederation.ServicePrincipalDeleted", "{report:?}");
    let (row, ended) = op::run(&json!({"op": "plan", "connection": connection, "deletedApp": "RestoreOnly"}))?;
    assert!(ended.is_ok(), "{ended:?}");
    assert!(row.contains(&format!("Restore the deleted service principal {principal}")), "{row}");
    Ok(())
}

/// What the hand-over says of the client secret.
fn handed_over(connection: u64) -> Result<String, Box<dyn Error>> {
    let (rows, ended) = op::run(&json!({"op": "handover", "connection": connection}))?;
    ended.map_err(|error| format!("{error:?}"))?;
    let row = rows.split("Client Secret Key").nth(1).ok_or("no such row")?;
    let value = row.split("N=\"Value\">").nth(1).and_then(|rest| rest.split('<').next());
    Ok(value.ok_or("no value")?.to_owned())
}

/// Another client secret, which is said to be in place where it is to be.
fn another(tenant: &Tenant, placed: bool) -> Result<String, Box<dyn Error>> {
    let another = Wanted { steps: vec![StepName::ClientSecret], new_secret: true, ..wanted() };
    tenant.twin.advance(Duration::from_hours(1));
    let made = tenant.apply(&another)?;
    let (application, key_id) = (made.application.ok_or("no application")?, made.secret.ok_or("no secret")?.key_id);
    if placed {
        tenant.with(|graph, _| remember(graph, &another, &AppIds::of(&application), &key_id))?;
    }
    Ok(key_id)
}

#[test]
fn the_hand_over_names_the_secret_in_place_and_else_the_newest() -> TestResult {
    let tenant = Tenant::start(&options(5203))?;
    let first = tenant.apply(&wanted())?.secret.ok_or("no secret")?.key_id;
    let connection = open(connect(&tenant.twin, "admin")?)?;
    assert!(handed_over(connection)?.starts_with(&format!("The text of PPToken {first}, which was given once")));
    let second = another(&tenant, false)?;
    let said = handed_over(connection)?;
    assert!(said.starts_with(&format!("The text of PPToken {second}, the newest")) && said.ends_with(&first), "{said}");
    let third = another(&tenant, true)?;
    let fourth = another(&tenant, false)?;
    let said = handed_over(connection)?;
    for part in [
        format!("The text of PPToken {third}, which is in place since"),
        format!("due to go once its overlap is over: {second}, {first}"),
        format!("not known to be in place: {fourth}"),
    ] {
        assert!(said.contains(&part), "{part}: {said}");
    }
    Ok(())
}

#[test]
fn a_secret_that_starts_later_is_neither_handed_over_nor_tested_as_one_that_works() -> TestResult {
    let tenant = Tenant::start(&Options { dir_sync: false, ..options(5204) })?;
    let made = tenant.apply(&wanted())?;
    let application = made.application.ok_or("no application")?.id;
    let connection = open(connect(&tenant.twin, "admin")?)?;
    let passed = || -> Result<bool, Box<dyn Error>> {
        let (row, ended) = op::run(&json!({"op": "test", "connection": connection}))?;
        ended.map_err(|error| format!("{error:?}"))?;
        Ok(row.contains("N=\"Passed\">true<"))
    };
    assert!(passed()?);
    let secret = made.secret.ok_or("no secret")?;
    let start = (OffsetDateTime::from(tenant.twin.now()) + Duration::from_hours(3 * 24)).format(&Rfc3339)?;
    let later = json!([{"keyId": secret.key_id, "displayName": "PPToken", "startDateTime": start, "endDateTime": "2120-01-01T00:00:00Z"}]);
    tenant.twin.edit(|directory| directory.set("applications", &application, "passwordCredentials", &later));
    assert!(!passed()?);
    let said = handed_over(connection)?;
    assert!(said.starts_with(&format!("PPToken {} starts at", secret.key_id)), "{said}");
    Ok(())
}
