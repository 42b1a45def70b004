//! Files that are not what was approved, or not of this tenant.

use std::fs;
use std::time::Duration;

use crate::{Tenant, read, write};
use pp_testing::TestResult;
use serde_json::{Value, json};
use tenant_twin::Options;

#[test]
fn a_file_with_whatever_edit_is_refused_with_its_place() -> TestResult {
    let tenant = Tenant::start()?;
    let (path, hash) = tenant.plan()?;
    let plan = read(&path)?;
    let change = |step: &str| {
        let all = plan["changes"].as_array().into_iter().flatten();
        all.enumerate().find(|(_, change)| change["step"] == step).map_or(usize::MAX, |(index, _)| index)
    };
    let (application, secret, role) = (change("Application"), change("ClientSecret"), change("GlobalAdministrator"));
    let at = |place: &str, value: Value| {
        let mut edited = plan.clone();
        *edited.pointer_mut(place).unwrap_or(&mut Value::Null) = value;
        (place.to_owned(), edited)
    };
    let without = |list: &str, index: usize| {
        let mut edited = plan.clone();
        edited[list].as_array_mut().map(|all| all.remove(index));
        (format!("without {list}[{index}]"), edited)
    };
    let mut named = ("/wanted/displayName".to_owned(), plan.clone());
    named.1["wanted"]["displayName"] = json!("Another");
    let mut edits = vec![
        at(&format!("/changes/{application}/request/body/displayName"), json!("Another")),
        at(&format!("/changes/{application}/request/path"), json!("/applications")),
        at(&format!("/changes/{application}/value/displayName"), json!("Another")),
        at(&format!("/changes/{secret}/value/end"), json!({"After": [60, 0]})),
        at(&format!("/changes/{role}/change"), json!("Something harmless")),
        at(&format!("/changes/{role}/reversible"), json!(false)),
        named,
        at("/wanted/clientSecretLifetime", json!("P1D")),
        at("/wanted/steps", json!(["Application"])),
        at("/buildsOn/organization/onPremisesSyncEnabled", json!(false)),
        at("/buildsOn/permissions/appRoles/0/id", json!("another")),
    ];
    edits.extend((0..plan["changes"].as_array().map_or(0, Vec::len)).map(|index| without("changes", index)));
    for (what, edited) in edits {
        assert!(edited != plan, "{what} is no edit");
        write(&path, &edited)?;
        let said = tenant.look(&path)?;
        assert_eq!(said.refused()?.0, "PPFederation.PlanAltered", "{what}");
    }
    // The same values in other letters, and what only the hash can tell: a plan that is whole in itself.
    write(&path, &plan)?;
    assert_eq!(tenant.look(&path)?.failed, None);
    fs::write(&path, format!("{plan:#}\r\n"))?;
    assert_eq!(tenant.look(&path)?.refused()?.0, "PPFederation.PlanAltered");
    write(&path, &at("/tenantName", json!("Another")).1)?;
    let said = tenant.op("keptPlan", &json!({"path": path, "hash": hash}))?;
    let (id, message) = said.refused()?;
    assert!(id == "PPFederation.PlanAltered" && message.contains(&hash), "{message}");
    assert_eq!(tenant.writes(), Vec::<String>::new());
    Ok(())
}

#[test]
fn what_is_no_plan_is_refused_with_a_sentence() -> TestResult {
    let tenant = Tenant::start()?;
    let (path, _) = tenant.plan()?;
    let text = fs::read_to_string(&path)?;
    let other_schema = text.replacen("\"schema\": 3,", "\"schema\": 1,", 1);
    let cases = [
        (&text[..text.len() / 2], "PPFederation.PlanAltered", "no plan that Get-PPPlan has written"),
        ("# A page\n", "PPFederation.PlanAltered", "no plan that Get-PPPlan has written"),
        ("{\"a\": 1}", "PPFederation.PlanAltered", "no schema number"),
        ("", "PPFederation.PlanAltered", "no plan that Get-PPPlan has written"),
        (&other_schema, "PPFederation.PlanOfAnotherSchema", "schema 1, and this version of the module reads schema 3"),
    ];
    for (content, id, words) in cases {
        fs::write(&path, content)?;
        let said = tenant.look(&path)?;
        let (refused, message) = said.refused()?;
        assert!(refused == id && message.contains(words) && message.contains("plan.json"), "{refused}: {message}");
    }
    for path in [tenant.path("none.json"), tenant.folder.path().to_owned()] {
        assert_eq!(tenant.look(&path)?.refused()?.0, "PPFederation.PlanNotReadable");
    }
    Ok(())
}

#[test]
fn a_plan_of_another_tenant_is_refused_with_its_name() -> TestResult {
    let tenant = Tenant::start()?;
    let (path, _) = tenant.plan()?;
    let other = Tenant::of(&Options { seed: 7, latency: Duration::ZERO, ..Options::default() })?;
    let said = other.look(&path)?;
    let (id, message) = said.refused()?;
    assert!(id == "PPFederation.PlanOfAnotherTenant" && message.contains("Contoso Accounting"), "{id}: {message}");
    assert!(message.contains(tenant.twin.tenant_id()) && message.contains(other.twin.tenant_id()), "{message}");
    assert_eq!(other.twin.requests().len(), 0);
    Ok(())
}
