//! A deleted application of ours keeps its unique name for 30 days: every form in which Microsoft Graph says so ends in a typed
//! error before any write, or in what the caller chose.

use std::error::Error;
use std::time::Duration;

use pp_graph::batch::{Item, Order};
use pp_run::apply::RunError;
use pp_run::nothing_to_restore::observe_to_plan;
use pp_run::outcome::StepResult;
use pp_runbook::deleted::doubts;
use pp_runbook::plan::reads;
use pp_runbook::problem::Problem;
use pp_runbook::secret_policy;
use pp_runbook::step::{State, StepName};
use pp_runbook::wanted::{DeletedApp, UNIQUE_NAME, Wanted};
use pp_testing::{Tenant, TestResult};
use serde_json::{Value, json};
use tenant_twin::{DeletedNames, ErrorBody, Fault, FaultKind, On, Options, RetryAfter};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

const FORMS: [DeletedNames; 4] =
    [DeletedNames::BadRequest, DeletedNames::BadRequestBare, DeletedNames::ObjectConflict, DeletedNames::Conflict];
const CHOICES: [DeletedApp; 3] = [DeletedApp::Restore, DeletedApp::Purge, DeletedApp::Ignore];
const LIST: &str = "/directory/deletedItems/microsoft.graph.application*";

fn options() -> Options {
    Options { users: 1, groups: 0, contacts: 0, latency: Duration::ZERO, ..Options::default() }
}

fn of_name(tenant: &Tenant, collection: &str) -> Vec<Value> {
    let all = tenant.twin.state()[collection].as_array().cloned().unwrap_or_default();
    all.into_iter().filter(|object| object["displayName"] == "Practice Protect Federation").collect()
}

fn text(object: &Value, name: &str) -> String {
    object[name].as_str().unwrap_or_default().to_owned()
}

/// A tenant whose application of an earlier run somebody has deleted, and that application as it was.
fn deleted(options: &Options) -> Result<(Tenant, Value), Box<dyn Error>> {
    let tenant = Tenant::start(options)?;
    tenant.apply(&Wanted::everything())?;
    tenant.twin.advance(options.max_lag);
    let ours = of_name(&tenant, "applications").pop().ok_or("no application")?;
    tenant.twin.edit(|directory| directory.delete_application(&text(&ours, "id")));
    tenant.twin.advance(options.max_lag);
    tenant.warnings.lock().clear();
    tenant.twin.clear_requests();
    Ok((tenant, ours))
}

fn choosing(choice: DeletedApp) -> Wanted {
    Wanted { deleted_app: Some(choice), ..Wanted::everything() }
}

/// Every step is done, and a second run writes nothing.
fn holds(tenant: &Tenant, wanted: &Wanted) -> TestResult {
    for step in tenant.judge(wanted)? {
        assert!(matches!(step.assessment.state, State::Done | State::Pending), "{step:?}");
    }
    tenant.twin.clear_requests();
    tenant.apply(wanted)?;
    assert_eq!(tenant.writes(), 0, "the second run writes nothing");
    assert_eq!(tenant.twin.violations(), Vec::<String>::new());
    Ok(())
}

fn problem(ended: Result<pp_run::outcome::Outcome, RunError>) -> Result<Problem, Box<dyn Error>> {
    match ended {
        Err(RunError::Problem(problem)) => Ok(problem),
        other => Err(format!("{other:?}").into()),
    }
}

#[test]
fn without_a_choice_it_is_named_before_any_write() -> TestResult {
    for form in FORMS {
        let (tenant, ours) = deleted(&Options { deleted_names: form, ..options() })?;
        let moved = tenant.twin.moved();
        let Problem::ApplicationDeleted { deleted, .. } = problem(tenant.apply(&Wanted::everything()))? else {
            return Err("another problem".into());
        };
        for part in [&text(&ours, "id"), &text(&ours, "appId"), "restorable until", "30 days left"] {
            assert!(deleted.contains(part), "{part}: {deleted}");
        }
        assert_eq!((tenant.writes(), tenant.twin.moved()), (0, moved), "nothing was written and nothing waited for");
        let steps = tenant.judge(&Wanted::everything())?;
        let row = steps.iter().find(|step| step.name == StepName::Application).ok_or("no row")?;
        assert!(row.assessment.detail.contains("restorable until"), "{}", row.assessment.detail);
    }
    Ok(())
}

#[test]
fn restoring_brings_the_same_application_back_with_its_secrets_and_what_is_missing_after() -> TestResult {
    for (form, whole) in FORMS.into_iter().zip([true, false, true, false]) {
        let (tenant, ours) = deleted(&Options { deleted_names: form, restore_brings_back: whole, ..options() })?;
        let wanted = choosing(DeletedApp::Restore);
        let outcome = tenant.apply(&wanted)?;
        assert!(outcome.secret.is_none(), "the secret it had works again");
        let there = of_name(&tenant, "applications");
        assert_eq!(there.len(), 1);
        assert_eq!((&there[0]["appId"], &there[0]["id"]), (&ours["appId"], &ours["id"]));
        assert_eq!(of_name(&tenant, "servicePrincipals").len(), 1);
        let granted = outcome.steps.iter().find(|row| row.step == StepName::ApplicationConsent).ok_or("no row")?;
        let expected = if whole { StepResult::AlreadyDone } else { StepResult::Done };
        assert_eq!(granted.result, expected, "{granted:?}");
        assert_eq!(*tenant.warnings.lock(), Vec::<String>::new(), "nobody else was at work");
        holds(&tenant, &wanted)?;
    }
    Ok(())
}

#[test]
fn purging_frees_the_name_for_another() -> TestResult {
    for form in FORMS {
        let (tenant, ours) = deleted(&Options { deleted_names: form, ..options() })?;
        let outcome = tenant.apply(&choosing(DeletedApp::Purge))?;
        assert!(outcome.secret.is_some());
        let there = of_name(&tenant, "applications");
        assert_eq!((there.len(), &there[0]["uniqueName"]), (1, &json!(UNIQUE_NAME)));
        assert_ne!(there[0]["appId"], ours["appId"]);
        assert_eq!(of_name(&tenant, "deletedApplications"), Vec::<Value>::new());
        holds(&tenant, &choosing(DeletedApp::Purge))?;
    }
    Ok(())
}

#[test]
fn what_is_no_longer_ours_is_not_purged() -> TestResult {
    let (tenant, ours) = deleted(&options())?;
    let plan = tenant.observe(&choosing(DeletedApp::Purge))?;
    tenant
        .twin
        .edit(|directory| directory.set("deletedApplications", &text(&ours, "id"), "uniqueName", &json!("other")));
    let wanted = choosing(DeletedApp::Purge);
    let ended = tenant.with(|graph, voice| pp_run::apply::apply(graph, voice, &wanted, Some(plan)));
    assert!(matches!(problem(ended)?, Problem::NotPurged { .. }));
    assert_eq!((of_name(&tenant, "deletedApplications").len(), tenant.writes()), (1, 0));
    Ok(())
}

#[test]
fn what_was_restored_meanwhile_is_not_purged_but_taken_over() -> TestResult {
    let (tenant, ours) = deleted(&options())?;
    let plan = tenant.observe(&choosing(DeletedApp::Purge))?;
    tenant.apply(&choosing(DeletedApp::Restore))?;
    let wanted = choosing(DeletedApp::Purge);
    tenant.with(|graph, voice| pp_run::apply::apply(graph, voice, &wanted, Some(plan)))?;
    let there = of_name(&tenant, "applications");
    assert_eq!((there.len(), &there[0]["id"]), (1, &ours["id"]));
    Ok(())
}

#[test]
fn going_on_beside_it_makes_another_that_is_found_by_its_mark() -> TestResult {
    for form in FORMS {
        let (tenant, ours) = deleted(&Options { deleted_names: form, ..options() })?;
        let wanted = choosing(DeletedApp::Ignore);
        let outcome = tenant.apply(&wanted)?;
        assert!(outcome.secret.is_some());
        let there = of_name(&tenant, "applications");
        let key = format!("{UNIQUE_NAME}-{}", text(&ours, "appId"));
        assert_eq!((there.len(), &there[0]["uniqueName"], &there[0]["tags"]), (1, &json!(key), &json!([UNIQUE_NAME])));
        assert_eq!(of_name(&tenant, "deletedApplications")[0]["id"], ours["id"], "it stays restorable");
        holds(&tenant, &Wanted::everything())?;
        tenant.twin.advance(Duration::from_hours(24 * 31));
        holds(&tenant, &Wanted::everything())?;
    }
    Ok(())
}

#[test]
fn after_thirty_days_another_is_made_without_a_choice() -> TestResult {
    let (tenant, ours) = deleted(&options())?;
    tenant.twin.advance(Duration::from_hours(24 * 31));
    tenant.apply(&Wanted::everything())?;
    assert_ne!(of_name(&tenant, "applications")[0]["id"], ours["id"]);
    Ok(())
}

#[test]
fn each_choice_converges_where_replicas_lag_and_nothing_is_made_twice() -> TestResult {
    let lag = Duration::from_secs(12);
    for (choice, seed) in CHOICES.into_iter().flat_map(|choice| (1..=2).map(move |seed| (choice, seed))) {
        let (tenant, _) = deleted(&Options { max_lag: lag, replicas: 3, seed, ..options() })?;
        tenant.apply(&choosing(choice))?;
        tenant.twin.advance(lag);
        for (collection, count) in [("applications", 1), ("servicePrincipals", 1)] {
            assert_eq!(of_name(&tenant, collection).len(), count, "{choice:?} {seed} {collection}");
        }
        holds(&tenant, &choosing(choice))?;
    }
    Ok(())
}

#[test]
fn a_list_that_may_not_be_read_stops_no_run_whose_application_is_there() -> TestResult {
    let tenant = Tenant::start(&options())?;
    tenant.apply(&Wanted::everything())?;
    tenant.twin.add_fault(Fault::new(On::call("GET", LIST), FaultKind::Denied).for_ever());
    tenant.warnings.lock().clear();
    tenant.apply(&Wanted::everything())?;
    assert_eq!(*tenant.warnings.lock(), Vec::<String>::new());
    Ok(())
}

#[test]
fn where_the_list_may_not_be_read_the_refusal_is_told_typed_and_not_waited_for() -> TestResult {
    for form in FORMS {
        let (tenant, _) = deleted(&Options { deleted_names: form, ..options() })?;
        tenant.twin.add_fault(Fault::new(On::call("GET", LIST), FaultKind::Denied).for_ever());
        let moved = tenant.twin.moved();
        let Problem::NameTaken { refusal, looked } = problem(tenant.apply(&Wanted::everything()))? else {
            return Err("another problem".into());
        };
        assert!(refusal.contains("same value for property uniqueName"), "{refusal}");
        assert!(looked.contains("the list of deleted applications could not be read"), "{looked}");
        assert_eq!(tenant.twin.moved(), moved, "nothing was waited for");
        assert_eq!(of_name(&tenant, "applications"), Vec::<Value>::new(), "and none was made by POST");
        for choice in [DeletedApp::Restore, DeletedApp::Purge] {
            assert!(matches!(problem(tenant.apply(&choosing(choice)))?, Problem::NotReadable { .. }), "{choice:?}");
        }
        tenant.apply(&choosing(DeletedApp::Ignore))?;
        assert_eq!(of_name(&tenant, "applications").len(), 1, "beside it one can be made");
    }
    Ok(())
}

#[test]
fn a_refusal_that_no_look_confirms_ends_soon_and_names_both_possibilities() -> TestResult {
    let tenant = Tenant::start(&Options { max_lag: Duration::from_hours(2), replicas: 1, ..options() })?;
    let application = Wanted { steps: vec![StepName::Application], ..Wanted::everything() };
    let made = tenant.apply(&application);
    assert!(made.is_err(), "no replica shows it yet: {made:?}");
    let moved = tenant.twin.moved();
    let problem = problem(tenant.apply(&application))?;
    assert!(
        matches!(&problem, Problem::NameTaken { looked, .. } if looked.contains("neither there nor deleted")),
        "{problem}"
    );
    let waited = tenant.twin.moved().saturating_sub(moved);
    assert!(waited <= Duration::from_mins(1), "{waited:?}");
    assert_eq!(of_name(&tenant, "applications").len(), 1, "none was made beside it");
    Ok(())
}

#[test]
fn a_service_principal_that_is_refused_and_never_shown_ends_soon_and_typed() -> TestResult {
    let tenant = Tenant::start(&options())?;
    let both = Wanted { steps: vec![StepName::Application, StepName::ServicePrincipal], ..Wanted::everything() };
    tenant.apply(&both)?;
    let hidden = FaultKind::Failed { status: 404, body: ErrorBody::Json, retry_after: RetryAfter::Absent };
    tenant.twin.add_fault(Fault::new(On::call("GET", "/servicePrincipals(appId*"), hidden).for_ever());
    let moved = tenant.twin.moved();
    let problem = problem(tenant.apply(&Wanted::everything()))?;
    assert!(
        matches!(&problem, Problem::ServicePrincipalTaken { refusal } if refusal.contains("already in use")),
        "{problem}"
    );
    let waited = tenant.twin.moved().saturating_sub(moved);
    assert!(waited <= Duration::from_mins(1), "{waited:?}");
    Ok(())
}

#[test]
fn only_a_refusal_that_says_so_is_answered_with_a_post() -> TestResult {
    let refused = |status| FaultKind::Failed { status, body: ErrorBody::Json, retry_after: RetryAfter::Absent };
    for (status, made) in [(400, 0), (405, 1), (501, 1)] {
        let tenant = Tenant::start(&options())?;
        tenant.twin.add_fault(Fault::new(On::call("PATCH", "/applications*"), refused(status)));
        let ended = tenant.apply(&Wanted::everything());
        assert_eq!((ended.is_ok(), of_name(&tenant, "applications").len()), (made == 1, made), "{status}: {ended:?}");
    }
    Ok(())
}

#[test]
fn one_that_is_restored_and_in_neither_list_yet_is_looked_for_again() -> TestResult {
    // Which replicas answer hangs on chance, too.
    for seed in 0..100 {
        let options = Options { max_lag: Duration::from_secs(12), replicas: 3, seed, ..options() };
        let (tenant, ours) = deleted(&options)?;
        let wanted = choosing(DeletedApp::RestoreOnly);
        // Somebody restores it at the same time.
        let path = format!("/directory/deletedItems/{}/restore", text(&ours, "id"));
        let restoring = Item { method: "POST", ..Item::get(path) };
        tenant.with(|graph, _| graph.write(&[restoring], Order::Parallel))?.remove(0)?;
        tenant.apply(&wanted)?;
        assert_eq!(of_name(&tenant, "applications").pop().ok_or("none")?["appId"], ours["appId"], "{seed}");
        if seed >= 4 && tenant.verbose.lock().iter().any(|said| said.contains("deleted application")) {
            return Ok(());
        }
    }
    Err("no look has shown neither".into())
}

#[test]
fn where_there_is_nothing_to_restore_that_is_said_once_no_replica_may_lag_any_more() -> TestResult {
    let tenant = Tenant::start(&options())?;
    let begun = tenant.twin.moved();
    let wanted = choosing(DeletedApp::RestoreOnly);
    assert!(matches!(problem(tenant.apply(&wanted))?, Problem::NothingToRestore { .. }));
    assert!(tenant.twin.moved().saturating_sub(begun) >= Duration::from_secs(30));
    assert_eq!(tenant.writes(), 0);
    Ok(())
}

#[test]
fn where_deleted_service_principals_cannot_be_read_none_is_made_in_place_of_the_one_to_restore() -> TestResult {
    let on = || On::call("GET", "/directory/deletedItems/microsoft.graph.servicePrincipal*");
    let refused = FaultKind::Failed { status: 400, body: ErrorBody::Json, retry_after: RetryAfter::Absent };
    for fault in [FaultKind::Denied, refused] {
        let (tenant, _) = deleted(&options())?;
        tenant.twin.add_fault(Fault::new(on(), fault).for_ever());
        let problem = problem(tenant.apply(&choosing(DeletedApp::Restore)))?;
        assert!(matches!(&problem, Problem::NotReadable { step: StepName::ServicePrincipal, .. }), "{problem}");
        assert_eq!((tenant.writes(), of_name(&tenant, "servicePrincipals").len()), (0, 0));
    }
    for status in [400, 404] {
        let (tenant, ours) = deleted(&options())?;
        tenant.twin.add_fault(Fault::new(on(), FaultKind::NotInCloud { status }).for_ever());
        let moved = tenant.twin.moved();
        tenant.apply(&choosing(DeletedApp::Restore))?;
        assert_eq!(of_name(&tenant, "applications")[0]["id"], ours["id"]);
        assert_eq!(of_name(&tenant, "servicePrincipals").len(), 1, "a cloud without the list has none to restore");
        let waited = tenant.twin.moved().saturating_sub(moved);
        assert!(waited < Duration::from_secs(30), "{status}: such a list comes no later: {waited:?}");
    }
    Ok(())
}

#[test]
fn the_step_of_the_service_principal_alone_restores_the_deleted_one_too() -> TestResult {
    let (tenant, _) = deleted(&options())?;
    let deleted = tenant.twin.state()["deletedServicePrincipals"][0]["id"].clone();
    for step in [StepName::Application, StepName::ServicePrincipal] {
        tenant.apply(&Wanted { steps: vec![step], ..choosing(DeletedApp::Restore) })?;
    }
    let there = of_name(&tenant, "servicePrincipals");
    assert_eq!(there.iter().map(|principal| &principal["id"]).collect::<Vec<_>>(), [&deleted]);
    Ok(())
}

#[test]
fn a_restoration_that_is_refused_as_there_already_ends_soon_in_the_services_words() -> TestResult {
    let (tenant, _) = deleted(&options())?;
    tenant.twin.edit(|directory| {
        let other = directory.add_application("Something else");
        directory.set("applications", &other.object_id, "uniqueName", &json!(UNIQUE_NAME));
    });
    let hidden = FaultKind::Failed { status: 404, body: ErrorBody::Json, retry_after: RetryAfter::Absent };
    tenant.twin.add_fault(Fault::new(On::call("GET", "/applications(uniqueName*"), hidden).for_ever());
    let moved = tenant.twin.moved();
    let problem = problem(tenant.apply(&choosing(DeletedApp::Restore)))?;
    assert!(matches!(&problem, Problem::NameTaken { looked, .. } if looked.contains("as deleted still")), "{problem}");
    assert!(problem.to_string().contains("same value for a unique property"), "{problem}");
    let waited = tenant.twin.moved().saturating_sub(moved);
    assert!(waited <= Duration::from_mins(1), "{waited:?}");
    assert_eq!(*tenant.warnings.lock(), Vec::<String>::new(), "nobody is said to be at work");
    Ok(())
}

#[test]
fn a_list_that_may_not_be_read_is_no_empty_one_that_a_plan_waits_for() -> TestResult {
    let tenant = Tenant::start(&options())?;
    tenant.twin.add_fault(Fault::new(On::call("GET", LIST), FaultKind::Denied).for_ever());
    let (wanted, begun) = (choosing(DeletedApp::RestoreOnly), tenant.twin.moved());
    tenant.with(|graph, _| observe_to_plan(&graph, &reads(&wanted.steps), &wanted))?;
    assert_eq!(tenant.twin.moved(), begun, "it was waited for");
    Ok(())
}

#[test]
fn a_restored_application_is_as_old_as_it_was_and_has_the_secrets_that_it_had_for_a_policy() -> TestResult {
    let (tenant, _) = deleted(&options())?;
    tenant.twin.advance(Duration::from_hours(1));
    let since = OffsetDateTime::from(tenant.twin.now()).format(&Rfc3339)?;
    tenant.twin.advance(Duration::from_hours(1));
    let rule = |kind: &str, more: Value| {
        let mut rule = json!({"restrictionType": kind, "state": "enabled"});
        rule.as_object_mut().into_iter().for_each(|rule| rule.extend(more.as_object().cloned().unwrap_or_default()));
        rule
    };
    let set = |rules: Value| {
        let name = "defaultAppManagementPolicy";
        tenant.twin.edit(|directory| {
            directory.set(name, name, "applicationRestrictions", &json!({"passwordCredentials": rules}));
            directory.set(name, name, "isEnabled", &json!(true));
        });
    };
    let restore = Wanted { new_secret: true, ..choosing(DeletedApp::Restore) };
    let doubts = |wanted: &Wanted| -> Result<Vec<String>, Box<dyn Error>> {
        Ok(secret_policy::doubts(&tenant.observe(wanted)?, wanted, tenant.connection.now()))
    };
    // Perhaps it forbids secrets; one that is restored is none that is made.
    set(json!([rule("passwordAddition", json!({"excludeActors": {}}))]));
    assert_eq!(doubts(&restore)?.len(), 1);
    assert_eq!(doubts(&choosing(DeletedApp::Restore))?, Vec::<String>::new());
    // It forbids them for applications that were made since.
    set(json!([rule("passwordAddition", json!({"restrictForAppsCreatedAfterDateTime": since}))]));
    let Problem::SecretsForbidden(_) = problem(tenant.apply(&choosing(DeletedApp::Purge)))? else {
        return Err("a new application's secret is forbidden".into());
    };
    assert_eq!(tenant.writes(), 0);
    let outcome = tenant.apply(&restore)?;
    assert!(outcome.secret.is_some() && outcome.failed.is_none());
    Ok(())
}

/// A tenant whose application somebody has restored, or a run that was stopped then, and its service principal not.
fn restored_alone() -> Result<(Tenant, Value), Box<dyn Error>> {
    let (tenant, ours) = deleted(&options())?;
    let deleted = tenant.twin.state()["deletedServicePrincipals"][0]["id"].clone();
    let restoring =
        Item { method: "POST", ..Item::get(format!("/directory/deletedItems/{}/restore", text(&ours, "id"))) };
    tenant.with(|graph, _| graph.write(&[restoring], Order::Parallel))?.remove(0)?;
    tenant.twin.clear_requests();
    Ok((tenant, deleted))
}

#[test]
fn a_service_principal_that_stayed_deleted_is_not_made_anew_where_nobody_has_said_so() -> TestResult {
    let (tenant, deleted) = restored_alone()?;
    let Problem::ServicePrincipalDeleted { deleted: words, .. } = problem(tenant.apply(&Wanted::everything()))? else {
        return Err("another problem".into());
    };
    for part in [deleted.as_str().unwrap_or_default(), "restorable until", "30 days left"] {
        assert!(words.contains(part), "{part}: {words}");
    }
    assert_eq!((tenant.writes(), of_name(&tenant, "servicePrincipals").len()), (0, 0));
    let steps = tenant.judge(&Wanted::everything())?;
    let row = steps.iter().find(|step| step.name == StepName::ServicePrincipal).ok_or("no row")?;
    assert!(row.assessment.detail.contains(&words), "{}", row.assessment.detail);
    for choice in [DeletedApp::Restore, DeletedApp::RestoreOnly] {
        let (tenant, deleted) = restored_alone()?;
        tenant.apply(&choosing(choice))?;
        assert_eq!(of_name(&tenant, "servicePrincipals")[0]["id"], deleted, "{choice:?}");
        holds(&tenant, &Wanted::everything())?;
    }
    for choice in [DeletedApp::Purge, DeletedApp::Ignore] {
        let (tenant, deleted) = restored_alone()?;
        let wanted = choosing(choice);
        let doubts = doubts(&tenant.observe(&wanted)?, &wanted, tenant.connection.now());
        assert!(
            doubts.iter().any(|doubt| doubt.contains("what was assigned to the deleted one is lost")),
            "{doubts:?}"
        );
        tenant.apply(&wanted)?;
        assert_ne!(of_name(&tenant, "servicePrincipals")[0]["id"], deleted, "{choice:?}");
        holds(&tenant, &Wanted::everything())?;
    }
    Ok(())
}

#[test]
fn where_it_cannot_be_seen_whether_one_stayed_deleted_a_new_one_is_made_and_that_is_doubted() -> TestResult {
    let (tenant, _) = restored_alone()?;
    let on = On::call("GET", "/directory/deletedItems/microsoft.graph.servicePrincipal*");
    tenant.twin.add_fault(Fault::new(on, FaultKind::Denied).for_ever());
    let wanted = Wanted::everything();
    let doubts = doubts(&tenant.observe(&wanted)?, &wanted, tenant.connection.now());
    assert!(doubts.iter().any(|doubt| doubt.contains("deleted service principals could not be read")), "{doubts:?}");
    tenant.apply(&wanted)?;
    assert_eq!(of_name(&tenant, "servicePrincipals").len(), 1);
    Ok(())
}
