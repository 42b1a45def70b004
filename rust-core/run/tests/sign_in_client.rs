//! The public client of one's own: made once whatever the service does meanwhile, found again, opened to others, removed,
//! and brought back.

use std::time::Duration;

use pp_run::apply::RunError;
use pp_run::remove_secret::Gone;
use pp_run::sign_in_client::{Ready, look_to_remove, make, remove};
use pp_runbook::problem::Problem;
use pp_runbook::sign_in_client::{ClientChange, UNIQUE_NAME, WantedClient};
use pp_testing::{Tenant, TestResult, child};
use serde_json::{Value, json};
use tenant_twin::{DeletedNames, ErrorBody, Fault, FaultKind, On, Options, RetryAfter, Target};

fn options() -> Options {
    Options { users: 1, groups: 0, contacts: 0, latency: Duration::ZERO, ..Options::default() }
}

fn wanted(multi_tenant: bool) -> Result<WantedClient, Problem> {
    WantedClient::new(None, multi_tenant)
}

fn made(tenant: &Tenant, multi_tenant: bool) -> Result<Ready, RunError> {
    let wanted = wanted(multi_tenant)?;
    tenant.with(|graph, voice| make(graph, voice, &wanted))
}

fn removed(tenant: &Tenant) -> Result<Gone, RunError> {
    tenant.with(|graph, voice| {
        let client = look_to_remove(graph)?;
        remove(graph, voice, &client)
    })
}

/// The clients that the tenant has, as they are kept.
fn clients(tenant: &Tenant) -> Vec<Value> {
    let ours = |app: &Value| app["uniqueName"] == UNIQUE_NAME || app["tags"] == json!([UNIQUE_NAME]);
    let state = tenant.twin.state();
    state["applications"].as_array().into_iter().flatten().filter(|app| ours(app)).cloned().collect()
}

/// One client, whole, and one service principal of it.
fn assert_whole(tenant: &Tenant, what: &str) -> TestResult {
    let clients = clients(tenant);
    let [client] = clients.as_slice() else { return Err(format!("{what}: {} clients", clients.len()).into()) };
    assert_eq!(client["isFallbackPublicClient"], true, "{what}");
    assert_eq!(client["publicClient"]["redirectUris"], json!(["http://localhost"]), "{what}");
    assert_eq!(client["requiredResourceAccess"], json!([]), "{what}");
    assert_eq!(client["passwordCredentials"], json!([]), "{what}");
    let state = tenant.twin.state();
    let principals = state["servicePrincipals"].as_array().into_iter().flatten();
    assert_eq!(principals.filter(|principal| principal["appId"] == client["appId"]).count(), 1, "{what}");
    Ok(())
}

#[test]
fn it_is_made_whole_and_another_run_changes_nothing() -> TestResult {
    let tenant = Tenant::start(&options())?;
    let first = made(&tenant, false)?;
    assert_eq!(first.done.len(), 2, "{:?}", first.done);
    assert_eq!(first.client.sign_in_audience.as_deref(), Some("AzureADMyOrg"));
    assert_whole(&tenant, "made")?;
    tenant.twin.clear_requests();
    let again = made(&tenant, false)?;
    assert_eq!((again.done.as_slice(), again.client.app_id), (&[] as &[ClientChange], first.client.app_id));
    assert!(again.principal.is_some_and(|id| Some(id) == first.principal));
    assert_eq!(tenant.writes(), 0);
    Ok(())
}

#[test]
fn one_that_is_there_is_opened_to_other_tenants_and_not_closed_again() -> TestResult {
    let tenant = Tenant::start(&options())?;
    let first = made(&tenant, false)?;
    let opened = made(&tenant, true)?;
    assert_eq!(opened.client.app_id, first.client.app_id);
    assert_eq!(clients(&tenant)[0]["signInAudience"], "AzureADMultipleOrgs");
    assert_eq!(made(&tenant, false)?.done, []);
    assert_eq!(clients(&tenant)[0]["signInAudience"], "AzureADMultipleOrgs");
    Ok(())
}

#[test]
fn it_is_made_once_whatever_the_service_does_meanwhile() -> TestResult {
    let faults = [
        FaultKind::AnswerLost { reset: true },
        FaultKind::RequestLost { reset: false },
        FaultKind::ResetInBody,
        FaultKind::Throttled(RetryAfter::Seconds(3)),
        FaultKind::Concurrency,
    ];
    for fault in faults {
        for upsert in [true, false] {
            for nth in 1..=6 {
                let tenant =
                    Tenant::start(&Options { upsert, max_lag: Duration::from_secs(9), replicas: 2, ..options() })?;
                // No read is told of another write.
                let write = matches!(fault, FaultKind::Concurrency).then_some(true);
                let on = On { write, ..On::every(Target::Graph) };
                tenant.twin.add_fault(Fault::new(on, fault.clone()).nth(nth));
                let what = format!("{fault:?} at request {nth}, upsert {upsert}");
                made(&tenant, false).map_err(|error| format!("{what}: {error}"))?;
                assert_whole(&tenant, &what)?;
            }
        }
    }
    Ok(())
}

#[test]
fn one_whose_answer_was_lost_and_that_shows_late_is_made_once_in_a_cloud_without_the_key() -> TestResult {
    for seed in 101..=112 {
        let lag = Options { upsert: false, max_lag: Duration::from_secs(12), seed, ..options() };
        let tenant = Tenant::start(&lag)?;
        tenant.twin.add_fault(Fault::new(On::call("POST", "/applications"), FaultKind::AnswerLost { reset: true }));
        made(&tenant, false)?;
        assert_whole(&tenant, &format!("seed {seed}"))?;
    }
    Ok(())
}

#[test]
fn a_replica_that_does_not_know_it_yet_does_not_make_it_gone() -> TestResult {
    let not_found = || FaultKind::Failed { status: 404, body: ErrorBody::Json, retry_after: RetryAfter::Absent };
    let tenant = Tenant::start(&options())?;
    made(&tenant, false)?;
    tenant.twin.add_fault(Fault::new(On::call("DELETE", "/applications/*"), not_found()));
    tenant.twin.add_fault(Fault::new(On::call("GET", "/applications(uniqueName*"), not_found()).nth(2).times(3));
    assert_eq!(removed(&tenant)?, Gone::Removed);
    assert_eq!(clients(&tenant), [] as [Value; 0]);
    Ok(())
}

#[test]
fn one_that_somebody_else_removes_at_the_same_time_is_gone_already() -> TestResult {
    let tenant = Tenant::start(&options())?;
    made(&tenant, false)?;
    let gone = tenant.with(|graph, voice| {
        let client = look_to_remove(graph)?;
        tenant.twin.edit(|directory| directory.delete_application(&client.id));
        remove(graph, voice, &client)
    });
    assert_eq!(gone?, Gone::Already);
    Ok(())
}

#[test]
fn it_is_removed_and_brought_back_with_the_client_id_it_had() -> TestResult {
    for deleted_names in
        [DeletedNames::Free, DeletedNames::Conflict, DeletedNames::BadRequest, DeletedNames::BadRequestBare]
    {
        let tenant = Tenant::start(&Options { deleted_names, ..options() })?;
        let first = made(&tenant, false)?;
        let principal = first.principal.as_ref().ok_or("no service principal")?.id.clone();
        let consent = tenant.twin.edit(|directory| directory.add_grant(&principal, "User.Read"));
        assert_eq!(removed(&tenant)?, Gone::Removed);
        assert_eq!(clients(&tenant), [] as [Value; 0]);
        let back = made(&tenant, false)?;
        let done = back.done.as_slice();
        assert!(
            matches!(done, [ClientChange::Restore { .. }, ClientChange::RestorePrincipal { .. }]),
            "{deleted_names:?} {done:?}"
        );
        assert_eq!(back.client.app_id, first.client.app_id, "{deleted_names:?}");
        assert_eq!(back.principal.map(|principal| principal.id), Some(principal), "{deleted_names:?}");
        let consents = tenant.twin.state()["oauth2PermissionGrants"].to_string();
        assert!(consents.contains(&consent), "{deleted_names:?} {consents}");
        assert_whole(&tenant, "restored")?;
    }
    Ok(())
}

#[test]
fn a_replica_that_lags_does_not_cost_a_restored_client_its_service_principal() -> TestResult {
    let tenant = Tenant::start(&options())?;
    let first = made(&tenant, false)?;
    let id = first.principal.as_ref().ok_or("no service principal")?.id.clone();
    assert_eq!(removed(&tenant)?, Gone::Removed);
    // The second look doesn't show it: as of another application it isn't this one's.
    for (nth, app_id) in [(2, "00000000-0000-0000-0000-000000000001"), (3, first.client.app_id.as_str())] {
        let on = On::call("GET", "/directory/deletedItems/microsoft.graph.servicePrincipal*");
        let edit = json!({"edit": "set", "collection": "deletedServicePrincipals", "id": id, "property": "appId", "value": app_id});
        tenant.twin.add_fault(Fault::new(on, FaultKind::Edited(edit)).nth(nth));
    }
    let back = made(&tenant, false)?;
    assert!(matches!(back.done.last(), Some(ClientChange::RestorePrincipal { .. })), "{:?}", back.done);
    assert_eq!(back.principal.map(|principal| principal.id), Some(id));
    assert_whole(&tenant, "restored")
}

#[test]
fn a_restored_client_whose_service_principal_is_gone_gets_another() -> TestResult {
    for listed in [true, false] {
        let tenant = Tenant::start(&options())?;
        let first = made(&tenant, false)?;
        let principal = first.principal.as_ref().ok_or("no service principal")?.id.clone();
        assert_eq!(removed(&tenant)?, Gone::Removed);
        tenant.twin.edit(|directory| directory.erase("deletedServicePrincipals", &principal));
        if !listed {
            let on = On::call("GET", "/directory/deletedItems/microsoft.graph.servicePrincipal*");
            tenant.twin.add_fault(Fault::new(on, FaultKind::NotInCloud { status: 400 }).for_ever());
        }
        let back = made(&tenant, false)?;
        assert!(matches!(back.done.last(), Some(ClientChange::CreatePrincipal { .. })), "{listed} {:?}", back.done);
        assert_whole(&tenant, "restored")?;
    }
    Ok(())
}

#[test]
fn a_list_of_deleted_service_principals_that_cannot_be_read_is_no_empty_one() -> TestResult {
    let tenant = Tenant::start(&options())?;
    made(&tenant, false)?;
    assert_eq!(removed(&tenant)?, Gone::Removed);
    tenant.twin.clear_requests();
    let on = On::call("GET", "/directory/deletedItems/microsoft.graph.servicePrincipal*");
    tenant.twin.add_fault(Fault::new(on, FaultKind::Denied).for_ever());
    assert!(made(&tenant, false).is_err());
    assert_eq!(tenant.writes(), 0);
    Ok(())
}

#[test]
fn where_there_is_none_a_removal_says_so_and_an_application_of_the_name_is_left_alone() -> TestResult {
    let tenant = Tenant::start(&options())?;
    tenant.apply(&pp_runbook::wanted::Wanted::everything())?;
    let refused = removed(&tenant);
    assert!(matches!(refused, Err(RunError::Problem(Problem::NoSignInClient))), "{refused:?}");
    Ok(())
}

#[test]
fn a_sign_in_that_may_not_is_told_so_before_any_write() -> TestResult {
    let tenant = Tenant::start_as(&options(), "reader")?;
    let refused = made(&tenant, false);
    assert!(matches!(refused, Err(RunError::Problem(Problem::PermissionMissing(_)))), "{refused:?}");
    assert_eq!(tenant.writes(), 0);
    Ok(())
}

#[test]
fn only_a_refusal_that_says_so_is_answered_with_a_post() -> TestResult {
    let refused = |status| FaultKind::Failed { status, body: ErrorBody::Json, retry_after: RetryAfter::Absent };
    for (status, count) in [(400, 0), (405, 1), (501, 1)] {
        let tenant = Tenant::start(&options())?;
        tenant.twin.add_fault(Fault::new(On::call("PATCH", "/applications(uniqueName*"), refused(status)));
        let ended = made(&tenant, false);
        assert_eq!((ended.is_ok(), clients(&tenant).len()), (count == 1, count), "{status}: {ended:?}");
    }
    Ok(())
}

#[test]
fn a_cloud_without_unique_names_has_one_that_is_found_by_its_mark() -> TestResult {
    let tenant = Tenant::start(&options())?;
    for path in ["*$select=*uniqueName*", "/applications(uniqueName=*"] {
        let on = On { target: Target::Call, path: Some(path.to_owned()), ..On::default() };
        tenant.twin.add_fault(Fault::new(on, FaultKind::PropertyUnknown("uniqueName".to_owned())).for_ever());
    }
    let first = made(&tenant, false)?;
    assert_whole(&tenant, "made")?;
    tenant.twin.clear_requests();
    let again = made(&tenant, false)?;
    assert_eq!((again.done, again.client.app_id), (Vec::new(), first.client.app_id));
    assert_eq!(tenant.writes(), 0);
    for property in ["isDisabled", "disabledByMicrosoftStatus"] {
        let on = On { target: Target::Call, path: Some(format!("*$select=*{property}*")), ..On::default() };
        tenant.twin.add_fault(Fault::new(on, FaultKind::PropertyUnknown(property.to_owned())).for_ever());
    }
    assert_eq!(made(&tenant, false)?.done, []);
    Ok(())
}

/// What the child process does; nothing where no parent started it.
#[test]
fn child() -> TestResult {
    child::run(|graph, voice, _, _| {
        make(graph, voice, &WantedClient::new(None, false).map_err(RunError::from)?)?;
        Ok(())
    })
}

#[test]
fn killed_after_any_answer_another_run_makes_it_whole_and_once() -> TestResult {
    let model = Tenant::start(&options())?;
    made(&model, false)?;
    let answers = model.twin.requests().len();
    for n in 1..=answers {
        let tenant = Tenant::start(&options())?;
        child::start(&tenant.twin, n)?.wait()?;
        made(&tenant, false)?;
        assert_whole(&tenant, &format!("killed after answer {n}"))?;
    }
    Ok(())
}
