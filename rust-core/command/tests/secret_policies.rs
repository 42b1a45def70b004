//! App management policies that refuse a client secret, before anything is written or only when it is made: told alike, with a way out.

mod op;

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use pp_command::event::Kind;
use pp_report::error::{OpError, Report};
use pp_run::connection::open;
use pp_runbook::step::StepName;
use pp_runbook::wanted::Wanted;
use pp_testing::start::forbid_secrets_but_for_the_exempt;
use pp_testing::{Tenant, TestResult, connect};
use serde_json::json;
use tenant_twin::{Fault, FaultKind, On, Options, Policy, Twin};

fn started() -> Result<Tenant, Box<dyn Error>> {
    Tenant::start(&Options { users: 1, groups: 0, contacts: 0, latency: Duration::ZERO, ..Options::default() })
}

/// The error of a run for everything but directory synchronization.
fn failure(twin: &Arc<Twin>, lifetime: Option<&str>) -> Result<Report, Box<dyn Error>> {
    let steps = StepName::ALL[1..].iter().map(|step| step.name()).collect::<Vec<_>>();
    let connection = open(connect(twin, "admin")?)?;
    let run = json!({"op": "apply", "connection": connection, "steps": steps, "secretLifetime": lifetime});
    match op::run(&run)?.1 {
        Err(OpError::Failed(report)) => Ok(*report),
        other => Err(format!("{other:?}").into()),
    }
}

fn holds(report: &Report, id: &str, parts: &[&str]) {
    assert_eq!(report.id, format!("PPFederation.{id}"), "{report:?}");
    let advice = report.advice.clone().unwrap_or_default();
    for part in parts {
        assert!(report.message.contains(part) || advice.contains(part), "{part}: {report:?}");
    }
}

#[test]
fn one_that_refuses_only_when_the_secret_is_made_is_told_with_the_way_out() -> TestResult {
    let tenant = started()?;
    forbid_secrets_but_for_the_exempt(&tenant.twin);
    let parts = ["as per assigned policy", "Invoke-PPRunbook -Skip ClientSecret, DirSync", "passwordLifetime", "P180D"];
    holds(&failure(&tenant.twin, None)?, "SecretsForbiddenByPolicy", &parts);

    let tenant = started()?;
    let rule = json!({"restrictionType": "passwordLifetime", "state": "enabled", "maxLifetime": "P180D"});
    let name = "defaultAppManagementPolicy";
    tenant.twin.edit(|directory| {
        directory.set(name, name, "applicationRestrictions", &json!({"passwordCredentials": [rule]}));
        directory.set(name, name, "isEnabled", &json!(true));
    });
    // Nobody can read it, so that the longest that it allows isn't known.
    tenant.twin.add_fault(Fault::new(On::call("GET", &format!("/policies/{name}*")), FaultKind::Unlicensed).for_ever());
    for lifetime in [None, Some("Longest")] {
        let parts = ["Credential lifetime exceeds", "-ClientSecretLifetime P180D"];
        holds(&failure(&tenant.twin, lifetime)?, "LifetimeForbiddenByPolicy", &parts);
    }
    let plan = json!({"op": "plan", "connection": open(tenant.connection)?, "secretLifetime": "Longest"});
    let (warned, ended) = op::told(&plan, Kind::Warning)?;
    ended?;
    assert!(
        warned.contains("It is tried with 100 years") && warned.contains("-ClientSecretLifetime P180D"),
        "{warned}"
    );
    Ok(())
}

#[test]
fn one_that_is_the_applications_own_is_to_be_changed_and_no_other_is_assigned() -> TestResult {
    let tenant = started()?;
    let steps = vec![StepName::Application, StepName::ServicePrincipal];
    let app = tenant.apply(&Wanted { steps, ..Wanted::everything() })?.application.ok_or("no application")?;
    let policy = Policy { enabled: true, block_secrets: true, max_secret_lifetime: None };
    let own = tenant.twin.edit(|directory| directory.add_app_policy(&app.id, &policy));
    let report = failure(&tenant.twin, None)?;
    holds(&report, "SecretsForbiddenByPolicy", &["the application's own app management policy", &own, "changes it"]);
    assert!(!report.advice.unwrap_or_default().contains("New-MgPolicyAppManagementPolicy"));
    let limits = json!({"passwordCredentials": [
        {"restrictionType": "passwordLifetime", "state": "enabled", "maxLifetime": "P180D"}
    ]});
    tenant.twin.edit(|directory| directory.set("appManagementPolicies", &own, "restrictions", &limits));
    let parts = ["the application's own app management policy", "180 days", "-ClientSecretLifetime P180D"];
    holds(&failure(&tenant.twin, None)?, "LifetimeForbiddenByPolicy", &parts);
    Ok(())
}
