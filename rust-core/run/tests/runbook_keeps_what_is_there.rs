//! What a tenant has already is adopted, kept and never guessed at.

use std::error::Error;
use std::time::Duration;

use pp_run::apply::{RunError, apply};
use pp_run::outcome::StepResult;
use pp_runbook::permissions::{Kind, of_kind, peculiarities};
use pp_runbook::problem::Problem;
use pp_runbook::step::{State, StepName};
use pp_runbook::wanted::{DEFAULT_DISPLAY_NAME, UNIQUE_NAME, Wanted};
use pp_testing::{Tenant, TestResult, results};
use serde_json::{Value, json};
use tenant_twin::{ErrorBody, Fault, FaultKind, On, Options, RetryAfter};

const YEAR: Duration = Duration::from_hours(365 * 24);
const GRAPH: &str = "00000003-0000-0000-c000-000000000000";

fn adopting() -> Wanted {
    Wanted { adopt: true, ..Wanted::everything() }
}

fn applications(tenant: &Tenant) -> Vec<Value> {
    let state = tenant.twin.state();
    state["applications"].as_array().cloned().unwrap_or_default()
}

fn named(tenant: &Tenant) -> Vec<Value> {
    applications(tenant).into_iter().filter(|app| app["displayName"] == DEFAULT_DISPLAY_NAME).collect()
}

#[test]
fn an_app_made_by_hand_is_left_alone_without_adopt() -> TestResult {
    let tenant = Tenant::start(&Options::default())?;
    let ids = tenant.twin.edit(|directory| directory.add_application(DEFAULT_DISPLAY_NAME));
    let refused = tenant.apply(&Wanted::everything());
    let Err(RunError::Problem(Problem::NotAdopted(label))) = refused else { return Err("not refused".into()) };
    assert_eq!((label.object_id, label.app_id), (ids.object_id, ids.app_id));
    assert_eq!(tenant.writes(), 0);
    Ok(())
}

#[test]
fn an_app_made_by_hand_is_adopted_once_and_is_ours_from_then_on() -> TestResult {
    let tenant = Tenant::start(&Options::default())?;
    let other = json!([{"resourceAppId": "00000002-0000-0ff1-ce00-000000000000", "resourceAccess": [{"id": "dc50a0fb-09a3-484d-be87-e023b12c6440", "type": "Role"}]}]);
    let ids = tenant.twin.edit(|directory| {
        let ids = directory.add_application(DEFAULT_DISPLAY_NAME);
        directory.set("applications", &ids.object_id, "requiredResourceAccess", &other);
        directory.set("applications", &ids.object_id, "tags", &json!(["keep"]));
        ids
    });
    tenant.apply(&adopting())?;
    let apps = named(&tenant);
    assert_eq!(apps.len(), 1);
    assert_eq!(apps[0]["id"], ids.object_id.as_str());
    assert_eq!(apps[0]["tags"], json!(["keep", UNIQUE_NAME]));
    let declared = apps[0]["requiredResourceAccess"].as_array().ok_or("no declared permissions")?;
    assert_eq!(declared[0], other[0], "what others declared is kept");
    assert_eq!(declared[1]["resourceAppId"], GRAPH);
    assert_eq!(declared[1]["resourceAccess"].as_array().map(Vec::len), Some(18));
    tenant.twin.clear_requests();
    tenant.apply(&Wanted::everything())?;
    assert_eq!(tenant.writes(), 0, "the next run needs no -Adopt");
    Ok(())
}

#[test]
fn two_apps_of_the_name_are_an_error_that_lists_both() -> TestResult {
    let tenant = Tenant::start(&Options::default())?;
    let (one, two) =
        tenant.twin.edit(|d| (d.add_application(DEFAULT_DISPLAY_NAME), d.add_application(DEFAULT_DISPLAY_NAME)));
    let Err(RunError::Problem(problem)) = tenant.apply(&adopting()) else { return Err("not refused".into()) };
    let text = problem.to_string();
    assert!(text.contains(&one.app_id) && text.contains(&two.app_id), "{text}");
    assert_eq!(tenant.writes(), 0);
    Ok(())
}

#[test]
fn a_token_that_is_there_is_kept_and_another_is_made_on_demand_only() -> TestResult {
    let tenant = Tenant::start(&Options::default())?;
    let first = tenant.apply(&Wanted::everything())?.secret.ok_or("no secret")?;
    assert!(tenant.apply(&Wanted::everything())?.secret.is_none());
    let second =
        tenant.apply(&Wanted { new_secret: true, ..Wanted::everything() })?.secret.ok_or("no second secret")?;
    let kept = named(&tenant)[0]["passwordCredentials"].as_array().cloned().unwrap_or_default();
    let ids: Vec<&str> = kept.iter().filter_map(|secret| secret["keyId"].as_str()).collect();
    assert_eq!(ids.len(), 2);
    assert!(ids.contains(&first.key_id.as_str()) && ids.contains(&second.key_id.as_str()));
    Ok(())
}

#[test]
fn consent_and_role_that_are_half_there_are_completed_and_what_others_granted_is_kept() -> TestResult {
    let tenant = Tenant::start(&Options::default())?;
    let (grant, role) = tenant.twin.edit(|directory| {
        let ids = directory.add_application(DEFAULT_DISPLAY_NAME);
        let principal = directory.add_service_principal(&ids.app_id);
        directory.add_secret(&ids.object_id, "PPToken", YEAR);
        let grant = directory.add_grant(&principal, "User.Read Mail.Read");
        (grant, directory.add_app_role(&principal, "Group.Create"))
    });
    let outcome = tenant.apply(&adopting())?;
    assert!(outcome.secret.is_none(), "the PPToken made by hand is kept");
    let state = tenant.twin.state();
    let find = |list: &str, id: &str| {
        let all = state[list].as_array().cloned().unwrap_or_default();
        all.into_iter().find(|object| object["id"] == id)
    };
    let scope = find("oauth2PermissionGrants", &grant).ok_or("the grant is gone")?["scope"].clone();
    let scopes: Vec<&str> = scope.as_str().unwrap_or_default().split(' ').collect();
    assert!(scopes.contains(&"Mail.Read") && scopes.len() == 10, "{scopes:?}");
    assert!(find("appRoleAssignments", &role).is_some());
    tenant.twin.clear_requests();
    tenant.apply(&Wanted::everything())?;
    assert_eq!(tenant.writes(), 0);
    Ok(())
}

#[test]
fn what_is_granted_beside_is_named_whatever_order_it_comes_in() -> TestResult {
    let tenant = Tenant::start(&Options::default())?;
    let outcome = tenant.apply(&Wanted::everything())?;
    let principal = outcome.observed.principal().ok_or("no service principal")?.id.clone();
    let told = || -> Result<[String; 2], Box<dyn Error>> {
        let judged = tenant.judge(&Wanted::everything())?;
        let of = |step| judged.iter().find(|row| row.name == step).map(|row| row.assessment.clone());
        let told = |step| of(step).filter(|told| told.state == State::Done).map(|told| told.detail);
        Ok([StepName::DelegatedConsent, StepName::ApplicationConsent].map(told).map(Option::unwrap_or_default))
    };
    for detail in told()? {
        assert!(detail.starts_with("9 of 9 granted") && !detail.contains("beside"), "{detail}");
    }
    let other = tenant.twin.edit(|directory| {
        let other = directory.add_foreign_service_principal("Another API");
        for role in ["RoleManagement.ReadWrite.Directory", "Mail.Send"] {
            directory.add_app_role(&principal, role);
        }
        let ours = of_kind(Kind::Delegated).map(|permission| permission.name);
        let scopes: Vec<&str> = ["offline_access"].into_iter().chain(ours).chain(["Mail.Read"]).collect();
        // It has the id of the one that is there, and takes its place.
        directory.add_grant(&principal, &scopes.join(" "));
        other
    });
    let [delegated, application] = told()?;
    assert!(delegated.ends_with("; granted beside them: Mail.Read, offline_access"), "{delegated}");
    let others = "; granted beside them: Mail.Send, RoleManagement.ReadWrite.Directory";
    assert!(application.ends_with(others), "{application}");
    // What is of another API says of which.
    tenant.twin.edit(|directory| {
        let role = directory.add_app_role(&principal, "User.Read.All");
        directory.set("appRoleAssignments", &role, "resourceId", &json!(other));
    });
    let [_, application] = told()?;
    assert!(application.contains(&format!(" of service principal {other}")), "{application}");
    Ok(())
}

#[test]
fn a_disabled_service_principal_is_enabled() -> TestResult {
    let tenant = Tenant::start(&Options::default())?;
    let outcome = tenant.apply(&Wanted::everything())?;
    let principal = outcome.observed.principal().ok_or("no service principal")?.id.clone();
    tenant.twin.edit(|d| d.set("servicePrincipals", &principal, "accountEnabled", &json!(false)));
    let again = tenant.apply(&Wanted::everything())?;
    assert!(results(&again).contains(&(StepName::ServicePrincipal, StepResult::Done)));
    let enabled = tenant.twin.edit(|d| d.get("servicePrincipals", &principal));
    assert_eq!(enabled.ok_or("gone")?["accountEnabled"], json!(true));
    Ok(())
}

#[test]
fn a_cloud_without_the_alternate_key_gets_one_marked_app() -> TestResult {
    let tenant = Tenant::start(&Options { upsert: false, ..Options::default() })?;
    tenant.apply(&Wanted::everything())?;
    let apps = named(&tenant);
    assert_eq!(apps.len(), 1);
    assert_eq!(apps[0]["tags"], json!([UNIQUE_NAME]));
    tenant.twin.clear_requests();
    tenant.apply(&Wanted::everything())?;
    assert_eq!((tenant.writes(), named(&tenant).len()), (0, 1));
    Ok(())
}

#[test]
fn the_tenants_own_permission_ids_are_used_and_differences_are_said() -> TestResult {
    let tenant = Tenant::start(&Options::default())?;
    let own = "11111111-2222-3333-4444-555555555555";
    tenant.twin.edit(|directory| -> Result<(), &'static str> {
        let id = directory.graph_id();
        let graph = directory.get("servicePrincipals", &id).ok_or("no Microsoft Graph")?;
        let mut roles = graph["appRoles"].as_array().cloned().ok_or("no app roles")?;
        for role in &mut roles {
            if role["value"] == "Group.Create" {
                role["id"] = json!(own);
            }
        }
        let mut scopes = graph["oauth2PermissionScopes"].as_array().cloned().ok_or("no scopes")?;
        scopes.retain(|scope| scope["value"] != "User.ManageIdentities.All");
        directory.set("servicePrincipals", &id, "appRoles", &json!(roles));
        directory.set("servicePrincipals", &id, "oauth2PermissionScopes", &json!(scopes));
        Ok(())
    })?;
    let catalogue = tenant.observe(&Wanted::everything())?.catalogue.map_err(|unread| unread.to_string())?;
    let said = peculiarities(&catalogue).join("\n");
    assert!(said.contains("Group.Create") && said.contains(own), "{said}");
    assert!(said.contains("User.ManageIdentities.All") && said.contains("doesn't offer"), "{said}");
    tenant.apply(&Wanted { steps: vec![StepName::Application], ..Wanted::everything() })?;
    let declared = named(&tenant)[0]["requiredResourceAccess"][0]["resourceAccess"].clone();
    let declared = declared.as_array().ok_or("nothing declared")?;
    assert!(declared.iter().any(|access| access["id"] == own));
    assert_eq!(declared.len(), 17);
    Ok(())
}

/// Another API that somebody has declared beside the runbook's, in a tenant that is finished: its application's object id.
fn declares_another(tenant: &Tenant) -> Result<String, Box<dyn Error>> {
    let made = tenant.apply(&Wanted::everything())?.application.ok_or("no application")?.id;
    let mut declared = named(tenant)[0]["requiredResourceAccess"].as_array().cloned().unwrap_or_default();
    declared.push(json!({"resourceAppId": "00000002-0000-0ff1-ce00-000000000000", "resourceAccess": [{"id": "dc50a0fb-09a3-484d-be87-e023b12c6440", "type": "Role"}]}));
    tenant.twin.edit(|directory| directory.set("applications", &made, "requiredResourceAccess", &json!(declared)));
    Ok(made)
}

/// There is one application, and what others declared is kept.
fn assert_kept(tenant: &Tenant) {
    let apps = named(tenant);
    let declared = apps.iter().filter_map(|app| app["requiredResourceAccess"].as_array().map(Vec::len));
    assert_eq!(declared.collect::<Vec<_>>(), [2], "{apps:?}");
}

#[test]
fn an_application_that_was_made_since_the_plan_is_not_written_over() -> TestResult {
    let tenant = Tenant::start(&Options::default())?;
    let wanted = Wanted::everything();
    let plan = || tenant.observe(&wanted).map(|seen| tenant.connection.keep_plan(wanted.clone(), seen));
    let at_once = plan()?;
    assert!(tenant.connection.take_plan(at_once, &wanted).is_some(), "a run that asks nobody reads once");
    let planned = plan()?;
    declares_another(&tenant)?;
    tenant.twin.advance(Duration::from_secs(10));
    let seen = tenant.connection.take_plan(planned, &wanted);
    tenant.with(|graph, voice| apply(graph, voice, &wanted, seen))?;
    assert_kept(&tenant);
    let finished = plan()?;
    tenant.twin.advance(Duration::from_mins(4));
    assert!(tenant.connection.take_plan(finished, &wanted).is_some(), "where it was there, nothing is made");
    Ok(())
}

/// As a replica answers that doesn't know the application yet.
fn not_found() -> FaultKind {
    FaultKind::Failed { status: 404, body: ErrorBody::Json, retry_after: RetryAfter::Absent }
}

/// A look at the application by its id.
fn look() -> On {
    On::call("GET", "/applications/*passwordCredentials*")
}

#[test]
fn an_application_that_a_later_look_does_not_find_is_not_made_again() -> TestResult {
    let tenant = Tenant::start(&Options::default())?;
    declares_another(&tenant)?;
    let state = tenant.twin.state();
    let mut principals = state["servicePrincipals"].as_array().into_iter().flatten();
    let principal = principals.find(|one| one["displayName"] == DEFAULT_DISPLAY_NAME).map(|one| &one["id"]);
    let roles = state["roleAssignments"].as_array().into_iter().flatten();
    for role in roles.filter(|role| Some(&role["principalId"]) == principal) {
        let id = role["id"].as_str().unwrap_or_default();
        assert!(tenant.twin.edit(|directory| directory.erase("roleAssignments", id)));
    }
    tenant.twin.add_fault(Fault::new(On::call("POST", "/roleManagement/*"), FaultKind::Concurrency));
    tenant.twin.add_fault(Fault::new(look(), not_found()));
    let outcome = tenant.apply(&Wanted::everything())?;
    assert!(results(&outcome).contains(&(StepName::GlobalAdministrator, StepResult::Done)), "{outcome:?}");
    assert_kept(&tenant);
    Ok(())
}

#[test]
fn looks_that_do_not_find_the_application_do_not_say_that_it_has_no_secret() -> TestResult {
    let tenant = Tenant::start(&Options::default())?;
    let id = tenant.apply(&Wanted::everything())?.application.ok_or("no application")?.id;
    let secrets = named(&tenant)[0]["passwordCredentials"].clone();
    // As a replica shows it that lags, and then as it is.
    tenant.twin.edit(|directory| directory.set("applications", &id, "passwordCredentials", &json!([])));
    tenant.twin.add_fault(Fault::new(look(), not_found()).times(3));
    let shown = json!({"edit": "set", "collection": "applications", "id": id, "property": "passwordCredentials", "value": secrets});
    tenant.twin.add_fault(Fault::new(look(), FaultKind::Edited(shown)).nth(4));
    assert!(tenant.apply(&Wanted::everything())?.secret.is_none());
    assert_eq!(named(&tenant)[0]["passwordCredentials"], secrets);
    Ok(())
}
