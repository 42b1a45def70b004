//! What is shown and written, and that it is carried out as it stands.

use std::path::Path;
use std::time::Duration;
use std::{env, fs};

use crate::{Somebody, Tenant, application, half_done, principal, read};
use pp_runbook::kept_plan::KeptPlan;
use pp_runbook::wanted::{DEFAULT_DISPLAY_NAME, Wanted};
use pp_testing::TestResult;
use pp_testing::shape::shape;
use serde_json::json;
use tenant_twin::{Options, Policy};

#[test]
fn a_plan_is_a_row_a_change_and_reads_only() -> TestResult {
    let tenant = Tenant::start()?;
    let said = tenant.op("changes", &json!({"secretLifetime": "P2Y"}))?;
    let steps = said.all("Step");
    assert_eq!((steps.len(), steps.iter().filter(|step| **step == "ApplicationConsent").count()), (15, 9));
    assert_eq!(said.all("Reversible").iter().filter(|can| **can == "false").count(), 1, "{}", said.objects);
    assert!(said.objects.contains("Microsoft doesn't let synchronization be switched on again"), "{}", said.objects);
    assert!(
        said.objects.contains("{servicePrincipal}") && said.objects.contains("{start} + P730D"),
        "{}",
        said.objects
    );
    assert_eq!((said.all("PlanHash"), said.information.as_str()), (Vec::new(), ""));
    assert_eq!(tenant.writes(), Vec::<String>::new());
    Ok(())
}

#[test]
fn the_file_is_canonical_and_whoever_reads_it_sees_no_secret() -> TestResult {
    let tenant = Tenant::start()?;
    let application = tenant.twin.edit(|directory| {
        let ids = directory.add_application(DEFAULT_DISPLAY_NAME);
        directory.add_secret(&ids.object_id, "PPToken", Duration::from_hours(1));
        ids.object_id
    });
    let path = tenant.path("plan.json");
    let wanted = json!({"path": path, "which": {"adopt": true}, "newSecret": true, "secretLifetime": "90.00:00:00"});
    let said = tenant.op("changes", &wanted)?;
    let text = fs::read_to_string(&path)?;
    let plan = read(&path)?;
    assert!(text.starts_with("{\n  \"schema\": 3,\n  \"module\": \"") && text.ends_with("}\n"), "{text}");
    assert!(!text.contains('\r') && text.is_ascii(), "{text}");
    let names: Vec<&String> = plan.as_object().into_iter().flat_map(|plan| plan.keys()).collect();
    assert_eq!(names, ["schema", "module", "tenantId", "tenantName", "time", "wanted", "buildsOn", "changes"]);
    assert_eq!(plan["wanted"]["clientSecretLifetime"], "P90D");
    assert!(plan["time"].as_str().is_some_and(|time| time.len() == 20 && time.ends_with('Z')), "{}", plan["time"]);
    assert_eq!(plan["buildsOn"]["application"]["id"], application.as_str());
    let secret = &plan["buildsOn"]["clientSecrets"]["passwordCredentials"][0];
    assert!(secret["keyId"].is_string() && secret.get("hint").is_none(), "a hint begins the text: {secret}");
    assert!(said.information.contains(said.all("PlanHash")[0]), "{}", said.information);
    assert_eq!(fs::read_dir(tenant.folder.path())?.count(), 1, "nothing is left beside it");
    Ok(())
}

#[cfg(unix)]
#[test]
fn the_file_is_its_owners_alone() -> TestResult {
    use std::os::unix::fs::PermissionsExt as _;

    let tenant = Tenant::start()?;
    let (path, _) = tenant.plan()?;
    assert_eq!(fs::metadata(path)?.permissions().mode() & 0o777, 0o600);
    Ok(())
}

#[test]
fn a_file_that_is_there_stays_without_force() -> TestResult {
    let tenant = Tenant::start()?;
    let path = tenant.path("plan.json");
    fs::write(&path, "mine")?;
    let kept = tenant.op("changes", &json!({"path": path}))?;
    assert_eq!(kept.refused()?.0, "PPFederation.PlanFileExists");
    assert_eq!(fs::read_to_string(&path)?, "mine");
    assert_eq!(tenant.twin.requests().len(), 0, "refused before anything is read");
    let nowhere = tenant.op("changes", &json!({"path": tenant.path("none/plan.json")}))?;
    assert_eq!(nowhere.refused()?.0, "PPFederation.PlanFileNotWritable");
    tenant.plan()?;
    assert_ne!(fs::read_to_string(&path)?, "mine");
    Ok(())
}

#[test]
fn what_is_carried_out_is_what_stands_in_the_file_and_a_second_time_nothing() -> TestResult {
    let model = pp_testing::Tenant::start(&Options { users: 3, groups: 1, contacts: 1, ..Options::default() })?;
    model.apply(&Wanted::everything())?;
    let tenant = Tenant::start()?;
    let (path, hash) = tenant.plan()?;
    let shown = read(&path)?["changes"].as_array().map(Vec::len);
    let refused = tenant.op("keptPlan", &json!({"path": path, "hash": hash.to_lowercase()}))?;
    assert_eq!(refused.failed, None, "in either case of letters");
    tenant.twin.clear_requests();
    let ran = tenant.carry_out(&path)?;
    assert_eq!((ran.failed.as_ref(), ran.all("Result")[0]), (None, "Pending"), "{ran:?}");
    assert_eq!(shape(&tenant.twin.state()), shape(&model.twin.state()), "as a run without a plan");
    assert_eq!(Some(tenant.writes().len()), shown, "{:?}", tenant.writes());
    tenant.twin.clear_requests();
    let again = tenant.look(&path)?;
    assert!(again.warnings.contains("carried out already"), "{}", again.warnings);
    let again = tenant.carry_out(&path)?;
    assert_eq!(again.all("ClientSecretResult"), ["AlreadyDone"]);
    assert_eq!(tenant.writes(), Vec::<String>::new());
    Ok(())
}

#[test]
fn steps_that_were_done_are_no_part_of_it() -> TestResult {
    let tenant = Tenant::start()?;
    half_done(&tenant.twin);
    let path = tenant.path("plan.json");
    tenant.op("changes", &json!({"path": path, "steps": ["ServicePrincipal", "GlobalAdministrator"]}))?;
    assert_eq!(tenant.look(&path)?.all("Step"), ["GlobalAdministrator"]);
    let ran = tenant.carry_out(&path)?;
    assert_eq!((ran.failed.as_ref(), ran.all("Result")[0]), (None, "Done"), "{ran:?}");
    assert_eq!(tenant.writes().len(), 1, "{:?}", tenant.writes());
    let nothing = tenant.op("changes", &json!({"path": path, "steps": ["GlobalAdministrator"], "force": true}))?;
    assert_eq!(nothing.all("Step"), Vec::<&str>::new());
    assert!(tenant.look(&path)?.warnings.contains("holds no change"));
    Ok(())
}

/// What is kept of earlier plans, with `PPFEDERATION_WRITE` written anew. Where a file isn't taken any more, what is written has
/// changed: then `SCHEMA` is raised, and they are written anew.
#[test]
fn a_plan_of_this_schema_is_taken_as_long_as_the_schema_stays() -> TestResult {
    let partly: Somebody = |twin| {
        half_done(twin);
        let (application, principal) = (application(twin), principal(twin));
        twin.edit(|d| {
            d.set("applications", &application, "signInAudience", &json!("AzureADMultipleOrgs"));
            d.set("servicePrincipals", &principal, "accountEnabled", &json!(false));
            d.add_grant(&principal, "Mail.Read User.Read");
            d.add_app_role(&principal, "Group.Create");
            d.set_policy(&Policy {
                enabled: true,
                max_secret_lifetime: Some(Duration::from_hours(24 * 90)),
                ..Policy::default()
            });
        });
    };
    let nothing: Somebody = |_| ();
    let small = json!(["DirSync", "ServicePrincipal", "ClientSecret"]);
    for (name, before, steps) in
        [("fresh.json", nothing, json!([])), ("partly.json", partly, json!([])), ("small.json", partly, small)]
    {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/kept_plan").join(name);
        if env::var_os("PPFEDERATION_WRITE").is_some() {
            let tenant = Tenant::start()?;
            before(&tenant.twin);
            let wanted = json!({"path": file, "force": true, "secretLifetime": "Longest", "steps": steps});
            let said = tenant.op("changes", &wanted)?;
            assert_eq!(said.failed, None);
        }
        let text = fs::read(&file)?;
        let plan = KeptPlan::parse(&text)?;
        plan.check(&text).map_err(|error| format!("{name}: {error}"))?;
        assert!(!plan.changes.is_empty());
    }
    Ok(())
}
