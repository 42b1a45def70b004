//! A tenant that has moved since its plan was made.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::{Somebody, Tenant, application, half_done, principal, read, set_organization};
use pp_testing::{TestResult, child};
use serde_json::{Value, json};
use tenant_twin::{Fault, FaultKind, On, Policy};

/// The plan is refused in these words, when it is looked at and when nobody is asked, and nothing is written.
fn refuses(tenant: &Tenant, path: &Path, hash: &str, steps: &Value, words: &str) -> TestResult {
    let unasked = tenant.op("applyKept", &json!({"path": path, "hash": hash, "steps": steps}))?;
    for said in [tenant.look(path)?, unasked] {
        let (id, message) = said.refused()?;
        assert!(id == "PPFederation.PlanMoved" && message.contains(words), "{words}: {id}: {message}");
    }
    assert_eq!(tenant.writes(), Vec::<String>::new(), "{words}");
    Ok(())
}

#[test]
fn what_the_changes_build_on_refuses_when_it_has_moved_and_is_named() -> TestResult {
    let cases: [(&str, Somebody, Somebody); 8] = [
        ("the application (was not there, is {\"id\":", |_| (), half_done),
        (
            "directory synchronization (onPremisesSyncEnabled was true, is false",
            |_| (),
            |twin| {
                set_organization(twin, "onPremisesSyncEnabled", &json!(false));
            },
        ),
        (
            "the app management policy (tenant.",
            |_| (),
            |twin| {
                let policy =
                    Policy { enabled: true, max_secret_lifetime: Some(Duration::from_hours(1)), ..Policy::default() };
                twin.edit(|d| d.set_policy(&policy));
            },
        ),
        ("what the application declares (tags[0] was not there, is 'mine')", half_done, |twin| {
            let id = application(twin);
            twin.edit(|d| d.set("applications", &id, "tags", &json!(["mine"])));
        }),
        ("the consent for delegated permissions (was not there, is {\"id\":", half_done, |twin| {
            let id = principal(twin);
            twin.edit(|d| d.add_grant(&id, "User.Read Mail.Read"));
        }),
        ("the consents for application permissions ([0] was not there", half_done, |twin| {
            let id = principal(twin);
            twin.edit(|d| d.add_app_role(&id, "Group.Create"));
        }),
        ("the client secrets PPToken (passwordCredentials[0] was not there", half_done, |twin| {
            let id = application(twin);
            twin.edit(|d| d.add_secret(&id, "PPToken", Duration::from_hours(1)));
        }),
        ("the service principal (accountEnabled was true, is false)", half_done, |twin| {
            let id = principal(twin);
            twin.edit(|d| d.set("servicePrincipals", &id, "accountEnabled", &json!(false)));
        }),
    ];
    for (words, before, somebody) in cases {
        let tenant = Tenant::start()?;
        before(&tenant.twin);
        let (path, hash) = tenant.plan()?;
        let steps = read(&path)?["wanted"]["steps"].clone();
        somebody(&tenant.twin);
        refuses(&tenant, &path, &hash, &steps, words)?;
    }
    Ok(())
}

#[test]
fn what_they_do_not_build_on_may_move() -> TestResult {
    let cases: [Somebody; 6] = [
        |twin| set_organization(twin, "onPremisesLastSyncDateTime", &json!("2026-01-02T03:04:05Z")),
        |twin| set_organization(twin, "displayName", &json!("Contoso Ltd")),
        |twin| twin.edit(|d| d.set_policy(&Policy { enabled: false, block_secrets: true, ..Policy::default() })),
        |twin| {
            let id = application(twin);
            twin.edit(|d| d.set("applications", &id, "displayName", &json!("Renamed")));
        },
        |twin| {
            twin.edit(|d| {
                let other = d.add_foreign_service_principal("Other");
                d.add_role(&other, "62e90394-69f5-4237-9190-012177145e10");
                d.add_app_role(&other, "Group.Create")
            });
        },
        |twin| {
            let id = application(twin);
            twin.edit(|d| d.add_secret(&id, "of somebody else", Duration::from_hours(1)));
        },
    ];
    for (number, somebody) in cases.into_iter().enumerate() {
        let tenant = Tenant::start()?;
        half_done(&tenant.twin);
        let (path, _) = tenant.plan()?;
        somebody(&tenant.twin);
        assert_eq!(tenant.look(&path)?.failed, None, "case {number}");
    }
    Ok(())
}

/// A tenant that is federated but for directory synchronization.
fn all_but_synchronization() -> Result<Tenant, Box<dyn std::error::Error>> {
    let tenant = Tenant::start()?;
    let path = tenant.path("rest.json");
    assert_eq!(tenant.op("changes", &json!({"path": path, "skip": ["DirSync"]}))?.failed, None);
    assert_eq!(tenant.carry_out(&path)?.failed, None);
    Ok(tenant)
}

#[test]
fn what_was_done_when_the_plan_was_made_refuses_what_cannot_be_taken_back_once_it_is_so_no_more() -> TestResult {
    let cases: [(&str, Somebody); 4] = [
        ("step GlobalAdministrator, which was done", |twin| {
            let id = crate::id(twin, "roleAssignments", "principalId", &principal(twin));
            assert!(twin.edit(|d| d.erase("roleAssignments", &id)));
        }),
        ("step ClientSecret, which was done", |twin| {
            let id = application(twin);
            twin.edit(|d| d.set("applications", &id, "passwordCredentials", &json!([])));
        }),
        ("step ServicePrincipal, which was done", |twin| {
            let id = principal(twin);
            twin.edit(|d| d.set("servicePrincipals", &id, "accountEnabled", &json!(false)));
        }),
        ("what comes before them", |twin| {
            let id = application(twin);
            twin.edit(|d| d.delete_application(&id));
        }),
    ];
    for (words, somebody) in cases {
        let tenant = all_but_synchronization()?;
        let (path, hash) = tenant.plan()?;
        assert_eq!(tenant.look(&path)?.all("Step"), ["DirSync"], "{words}");
        tenant.twin.clear_requests();
        somebody(&tenant.twin);
        refuses(&tenant, &path, &hash, &json!(["DirSync"]), words)?;
    }
    Ok(())
}

#[test]
fn what_is_undone_while_the_plan_is_confirmed_holds_it_back() -> TestResult {
    let tenant = all_but_synchronization()?;
    let (path, hash) = tenant.plan()?;
    let look = tenant.look(&path)?;
    let plan: u64 = look.all("Plan").first().ok_or("no plan")?.parse()?;
    let id = crate::id(&tenant.twin, "roleAssignments", "principalId", &principal(&tenant.twin));
    assert!(tenant.twin.edit(|d| d.erase("roleAssignments", &id)));
    tenant.twin.clear_requests();
    let said = tenant.op("applyKept", &json!({"path": path, "hash": hash, "plan": plan, "steps": ["DirSync"]}))?;
    assert!(said.warnings.contains("held back") && said.warnings.contains("GlobalAdministrator"), "{said:?}");
    assert_eq!(tenant.writes(), Vec::<String>::new());
    Ok(())
}

#[test]
fn where_all_else_still_stands_or_was_left_out_it_is_carried_out() -> TestResult {
    for skip in [json!([]), json!(["GlobalAdministrator"])] {
        let tenant = all_but_synchronization()?;
        let path = tenant.path("plan.json");
        assert_eq!(tenant.op("changes", &json!({"path": path, "skip": skip}))?.failed, None);
        if skip != json!([]) {
            let id = crate::id(&tenant.twin, "roleAssignments", "principalId", &principal(&tenant.twin));
            assert!(tenant.twin.edit(|d| d.erase("roleAssignments", &id)));
        }
        assert_eq!(tenant.carry_out(&path)?.failed, None, "{skip}");
        assert_eq!(tenant.twin.state()["organization"][0]["onPremisesSyncEnabled"], json!(false), "{skip}");
    }
    Ok(())
}

#[test]
fn a_run_that_was_stopped_half_way_is_told_and_nothing_of_it_is_done_again() -> TestResult {
    let tenant = Tenant::start()?;
    let (path, _) = tenant.plan()?;
    tenant.twin.add_fault(Fault::new(On::call("POST", "*/addPassword"), FaultKind::Denied).for_ever());
    assert_eq!(tenant.carry_out(&path)?.refused()?.0, "PPFederation.AccessDenied");
    tenant.twin.clear_faults();
    tenant.twin.clear_requests();
    let said = tenant.look(&path)?;
    let (id, message) = said.refused()?;
    let done = "Application, ServicePrincipal, DelegatedConsent, ApplicationConsent, GlobalAdministrator";
    assert!(id == "PPFederation.PlanMoved" && message.contains(done), "{id}: {message}");
    assert_eq!(tenant.writes(), Vec::<String>::new());
    let (path, _) = tenant.plan()?;
    assert_eq!(tenant.look(&path)?.all("Step"), ["DirSync", "ClientSecret"], "a plan anew holds the rest");
    assert_eq!(tenant.carry_out(&path)?.failed, None);
    Ok(())
}

#[test]
fn killed_at_any_boundary_a_plan_is_refused_as_soon_as_something_was_written() -> TestResult {
    for answers in 1.. {
        let tenant = Tenant::start()?;
        let (path, _) = tenant.plan()?;
        let before = tenant.twin.state();
        let ended = child::start(&tenant.twin, answers)?.wait()?;
        tenant.twin.clear_requests();
        let said = tenant.look(&path)?;
        let carried_out = said.warnings.contains("carried out already");
        match &said.failed {
            None if carried_out => assert_ne!(tenant.twin.state(), before, "killed after answer {answers}"),
            None => assert_eq!(tenant.twin.state(), before, "killed after answer {answers}"),
            Some((id, message)) => {
                assert_eq!(*id, "PPFederation.PlanMoved", "killed after answer {answers}: {message}");
                assert_ne!(tenant.twin.state(), before, "killed after answer {answers}");
            }
        }
        assert_eq!(tenant.writes(), Vec::<String>::new());
        if ended.success() {
            assert!(carried_out, "{said:?}");
            return Ok(());
        }
    }
    Err("the child never ended by itself".into())
}

#[test]
fn who_comes_between_in_the_middle_of_a_run_ends_it() -> TestResult {
    let tenant = Tenant::start()?;
    half_done(&tenant.twin);
    let (path, _) = tenant.plan()?;
    let grant = json!({"edit": "addGrant", "principalId": principal(&tenant.twin), "scope": "Mail.Read"});
    tenant.twin.add_fault(Fault::new(On::call("POST", "/oauth2PermissionGrants"), FaultKind::Edited(grant)));
    let said = tenant.carry_out(&path)?;
    let (id, message) = said.refused()?;
    assert!(id == "PPFederation.PlanMoved" && message.contains("step DelegatedConsent"), "{id}: {message}");
    assert!(tenant.writes().iter().all(|write| !write.starts_with("PATCH /oauth2PermissionGrants")));
    Ok(())
}

#[test]
fn a_plan_that_restores_a_deleted_application_is_carried_out_as_it_stands() -> TestResult {
    for choice in ["Restore", "Purge", "Ignore"] {
        let tenant = Tenant::start()?;
        half_done(&tenant.twin);
        let id = application(&tenant.twin);
        tenant.twin.edit(|d| d.delete_application(&id));
        let path = tenant.path("plan.json");
        let refused = tenant.op("changes", &json!({"path": path, "force": true}))?;
        assert_eq!(refused.refused()?.0, "PPFederation.ApplicationDeleted");
        let said = tenant.op("changes", &json!({"path": path, "force": true, "deletedApp": choice}))?;
        assert_eq!(said.failed, None);
        let first = tenant.carry_out(&path)?;
        assert_eq!(first.failed, None, "{choice}");
        let again = tenant.op("status", &json!({}))?;
        let open: Vec<&str> =
            again.all("State").into_iter().filter(|state| !["Done", "Pending"].contains(state)).collect();
        assert_eq!(open, [] as [&str; 0], "{choice}: {}", again.objects);
    }
    Ok(())
}

/// A deleted application that somebody had worked on before, and the file of the plan that restores it.
fn deleted_after(somebody: Somebody) -> Result<(Tenant, PathBuf), Box<dyn Error>> {
    let tenant = Tenant::start()?;
    half_done(&tenant.twin);
    somebody(&tenant.twin);
    let id = application(&tenant.twin);
    tenant.twin.edit(|d| d.delete_application(&id));
    let path = tenant.path("plan.json");
    let said = tenant.op("changes", &json!({"path": path, "force": true, "deletedApp": "Restore"}))?;
    assert_eq!(said.failed, None);
    Ok((tenant, path))
}

#[test]
fn a_plan_that_restores_a_disabled_service_principal_enables_it_too() -> TestResult {
    let (tenant, path) = deleted_after(|twin| {
        let id = principal(twin);
        twin.edit(|d| d.set("servicePrincipals", &id, "accountEnabled", &json!(false)));
    })?;
    assert!(tenant.look(&path)?.warnings.contains("has disabled the service principal"));
    assert_eq!(tenant.carry_out(&path)?.failed, None);
    let state = tenant.twin.state();
    let mut all = state["servicePrincipals"].as_array().into_iter().flatten();
    let own = all.find(|one| one["id"] == principal(&tenant.twin)).ok_or("no service principal")?;
    assert_eq!(own["accountEnabled"], true);
    Ok(())
}

#[test]
fn what_came_back_in_part_with_a_service_principal_is_told_as_that_and_not_as_somebody_elses_work() -> TestResult {
    let (tenant, path) = deleted_after(|twin| {
        let id = principal(twin);
        twin.edit(|d| d.add_grant(&id, "User.Read Mail.Read"));
    })?;
    let said = tenant.carry_out(&path)?;
    let (id, message) = said.refused()?;
    assert!(id == "PPFederation.PlanMoved" && message.contains("came back with the restored"), "{id}: {message}");
    assert!(!message.contains("someone else"), "{message}");
    let (path, _) = tenant.plan()?;
    assert_eq!(tenant.carry_out(&path)?.failed, None, "a plan anew holds the rest");
    Ok(())
}
