//! What ops say of where an application stands: its service principal, its client secrets.

mod op;

use std::time::Duration;

use pp_command::event::Kind;
use pp_report::error::OpError;
use pp_run::connection::open;
use pp_runbook::step::StepName;
use pp_runbook::wanted::{DeletedApp, Wanted};
use pp_testing::{Tenant, TestResult, connect};
use serde_json::json;
use tenant_twin::Options;

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
