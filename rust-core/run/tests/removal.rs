//! Removing the application: in order, only what is ours, recoverable, and for good where that is asked for.

use std::time::Duration;

use pp_run::apply::RunError;
use pp_run::removal::{deleted, hanging, remove, remove_for_good};
use pp_run::take_back::{Answers, Ended, Taken};
use pp_runbook::problem::Problem;
use pp_runbook::removal::{plan, warnings};
use pp_runbook::step::StepName;
use pp_runbook::take_back::READS;
use pp_runbook::wanted::{DEFAULT_DISPLAY_NAME, UNIQUE_NAME, Wanted};
use pp_testing::{Tenant, TestResult};
use serde_json::{Value, json};
use tenant_twin::Options;

const OWNER: &str = "1f0ff1ce-0000-4000-8000-000000000001";
const REPORTS_READER: &str = "4a5d8f65-41da-4de4-8968-e035b65339cf";

fn options() -> Options {
    Options { users: 3, groups: 1, contacts: 1, latency: Duration::ZERO, ..Options::default() }
}

fn federated() -> Result<Tenant, Box<dyn std::error::Error>> {
    let tenant = Tenant::start(&options())?;
    tenant.apply(&Wanted::everything())?;
    tenant.twin.clear_requests();
    Ok(tenant)
}

fn remove_as(tenant: &Tenant, wanted: &Wanted, approved: &[StepName]) -> Result<Ended, RunError> {
    let declined: Vec<StepName> = StepName::ALL.into_iter().filter(|step| !approved.contains(step)).collect();
    answered(tenant, wanted, Answers { approved, declined: &declined, application: None })
}

fn answered(tenant: &Tenant, wanted: &Wanted, answers: Answers<'_>) -> Result<Ended, RunError> {
    tenant.with(|graph, voice| remove(graph, voice, wanted, answers))
}

/// What was not approved, or held back, and why.
fn skipped(ended: &Ended) -> Vec<(StepName, &str)> {
    let mut skipped = Vec::new();
    for (item, taken) in &ended.items {
        if let Taken::Skipped(why) = taken {
            skipped.push((item.step, why.as_str()));
        }
    }
    skipped
}

fn all_of(tenant: &Tenant, collection: &str) -> Vec<Value> {
    tenant.twin.state()[collection].as_array().cloned().unwrap_or_default()
}

fn ours(tenant: &Tenant, collection: &str) -> Option<Value> {
    all_of(tenant, collection).into_iter().find(|one| one["displayName"] == DEFAULT_DISPLAY_NAME)
}

fn said(tenant: &Tenant) -> Result<String, Box<dyn std::error::Error>> {
    let wanted = Wanted::everything();
    let observed = tenant.with(|graph, _| pp_run::observe::observe(&graph, READS, &wanted, None))?;
    let mut words = warnings(&observed, &wanted, tenant.connection.now());
    words.extend(tenant.with(|graph, _| hanging(&graph, &observed, &wanted))?);
    Ok(words.join("\n"))
}

#[test]
fn role_consents_service_principal_and_application_go_in_this_order() -> TestResult {
    use StepName::{Application, ApplicationConsent, DelegatedConsent, GlobalAdministrator, ServicePrincipal};
    let tenant = federated()?;
    let ended = remove_as(&tenant, &Wanted::everything(), &StepName::ALL)?;
    assert!(ended.failed.is_none());
    assert!(ended.items.iter().all(|(_, taken)| *taken == Taken::Done), "{:?}", ended.items);
    let mut steps: Vec<StepName> = ended.items.iter().map(|(item, _)| item.step).collect();
    steps.dedup();
    assert_eq!(steps, [GlobalAdministrator, ApplicationConsent, DelegatedConsent, ServicePrincipal, Application]);
    let sent: Vec<String> = tenant
        .twin
        .requests()
        .iter()
        .flat_map(|request| request.batch.clone())
        .filter(|item| item.method == "DELETE")
        .map(|item| item.path.split('/').nth(1).unwrap_or_default().to_owned())
        .collect();
    assert_eq!((sent.len(), sent.first().map(String::as_str)), (13, Some("roleManagement")), "{sent:?}");
    assert_eq!(sent.last().map(String::as_str), Some("applications"), "{sent:?}");
    assert!(ours(&tenant, "applications").is_none() && ours(&tenant, "servicePrincipals").is_none());
    let deleted = tenant.with(|graph, _| deleted(&graph))?;
    assert_eq!((deleted.applications.len(), deleted.principals.len()), (1, 1));
    Ok(())
}

#[test]
fn a_second_removal_finds_nothing_and_writes_nothing() -> TestResult {
    let tenant = federated()?;
    remove_as(&tenant, &Wanted::everything(), &StepName::ALL)?;
    tenant.twin.clear_requests();
    let ended = remove_as(&tenant, &Wanted::everything(), &StepName::ALL)?;
    assert!(ended.items.is_empty() && ended.failed.is_none());
    assert_eq!(tenant.writes(), 0);
    Ok(())
}

#[test]
fn an_application_that_is_not_ours_is_left_without_adopt() -> TestResult {
    let tenant = Tenant::start(&options())?;
    tenant.twin.edit(|directory| directory.add_application(DEFAULT_DISPLAY_NAME));
    let refused = remove_as(&tenant, &Wanted::everything(), &StepName::ALL);
    assert!(matches!(refused, Err(RunError::Problem(Problem::NotAdopted(_)))));
    assert_eq!(tenant.writes(), 0);
    remove_as(&tenant, &Wanted { adopt: true, ..Wanted::everything() }, &StepName::ALL)?;
    assert!(ours(&tenant, "applications").is_none());
    Ok(())
}

#[test]
fn a_second_application_of_the_same_name_is_left_whether_or_not_one_made_by_hand_may_be_taken() -> TestResult {
    for (seed, adopt, tags) in [(21, true, json!([])), (22, false, json!([])), (23, false, json!([UNIQUE_NAME]))] {
        let tenant = Tenant::start(&Options { seed, ..options() })?;
        tenant.apply(&Wanted::everything())?;
        let second = tenant.twin.edit(|directory| {
            let ids = directory.add_application(DEFAULT_DISPLAY_NAME);
            directory.set("applications", &ids.object_id, "tags", &tags);
            directory.add_service_principal(&ids.app_id);
            ids
        });
        let ended = remove_as(&tenant, &Wanted { adopt, ..Wanted::everything() }, &StepName::ALL)?;
        assert!(ended.failed.is_none(), "{seed}: {:?}", ended.failed);
        assert_eq!(ended.items.len(), 13, "{seed}: the second was taken for the first: {:?}", ended.items);
        assert!(ended.items.iter().all(|(_, taken)| *taken == Taken::Done), "{seed}: {:?}", ended.items);
        let named = |collection| {
            let all = all_of(&tenant, collection).into_iter();
            all.filter(|one| one["displayName"] == DEFAULT_DISPLAY_NAME).collect::<Vec<Value>>()
        };
        let (applications, principals) = (named("applications"), named("servicePrincipals"));
        assert_eq!((applications.len(), &applications[0]["id"]), (1, &json!(second.object_id)), "{seed}");
        assert_eq!((principals.len(), &principals[0]["appId"]), (1, &json!(second.app_id)), "{seed}");
    }
    Ok(())
}

#[test]
fn what_belongs_to_others_stays_and_what_goes_along_is_named() -> TestResult {
    let tenant = federated()?;
    let before = said(&tenant)?;
    assert!(
        before.contains("client secrets that work") && !before.contains("goes with the service principal"),
        "{before}"
    );
    let principal = ours(&tenant, "servicePrincipals").ok_or("no service principal")?;
    let principal = principal["id"].as_str().unwrap_or_default().to_owned();
    let application = ours(&tenant, "applications").ok_or("no application")?;
    let application = application["id"].as_str().unwrap_or_default().to_owned();
    let (other, grant, role) = tenant.twin.edit(|directory| {
        let ids = directory.add_application("Another");
        let other = directory.add_service_principal(&ids.app_id);
        let grant = directory.add_grant(&other, "User.Read");
        directory.add_app_role(&principal, "Mail.Read");
        directory.add_role(&principal, REPORTS_READER);
        directory.add_owner(&application, OWNER);
        (other.clone(), grant, directory.add_role(&other, REPORTS_READER))
    });
    let named = said(&tenant)?;
    assert!(named.contains(OWNER), "{named}");
    assert!(named.contains(REPORTS_READER) && named.contains("application permissions of others"), "{named}");
    remove_as(&tenant, &Wanted::everything(), &StepName::ALL)?;
    assert!(all_of(&tenant, "servicePrincipals").iter().any(|one| one["id"] == other.as_str()));
    assert!(all_of(&tenant, "oauth2PermissionGrants").iter().any(|one| one["id"] == grant.as_str()));
    assert!(all_of(&tenant, "roleAssignments").iter().any(|one| one["id"] == role.as_str()));
    Ok(())
}

#[test]
fn what_would_take_along_what_was_declined_stays() -> TestResult {
    let tenant = federated()?;
    let approved: Vec<StepName> =
        StepName::ALL.into_iter().filter(|step| *step != StepName::GlobalAdministrator).collect();
    let ended = remove_as(&tenant, &Wanted::everything(), &approved)?;
    let held = "Held back: it would take along what was declined, of step GlobalAdministrator.";
    let declined = (StepName::GlobalAdministrator, "Declined when asked for confirmation.");
    assert_eq!(skipped(&ended), [declined, (StepName::ServicePrincipal, held), (StepName::Application, held)]);
    assert!(ours(&tenant, "applications").is_some());
    let principal = ours(&tenant, "servicePrincipals").ok_or("no service principal")?;
    let consents = all_of(&tenant, "oauth2PermissionGrants");
    assert!(consents.iter().all(|one| one["clientId"] != principal["id"]), "what was approved is withdrawn");
    Ok(())
}

#[test]
fn what_nobody_was_asked_about_is_not_said_to_be_declined() -> TestResult {
    let tenant = federated()?;
    let answers = Answers { approved: &[StepName::Application], declined: &[], application: None };
    let ended = answered(&tenant, &Wanted::everything(), answers)?;
    let skipped = skipped(&ended);
    assert_eq!(skipped.len(), 13);
    for (step, why) in skipped {
        let said = if step == StepName::Application {
            "Held back: it would take along what came to light after the confirmation, of step GlobalAdministrator."
        } else {
            "Came to light after the confirmation: run the same command again."
        };
        assert_eq!(why, said, "{step}");
    }
    assert!(ours(&tenant, "applications").is_some());
    assert_eq!(tenant.writes(), 0);
    Ok(())
}

#[test]
fn for_good_takes_what_is_ours_alone_and_frees_the_name() -> TestResult {
    let tenant = federated()?;
    let other = tenant.twin.edit(|directory| {
        let ids = directory.add_application("Another");
        directory.add_service_principal(&ids.app_id);
        directory.delete_application(&ids.object_id);
        ids.object_id
    });
    remove_as(&tenant, &Wanted::everything(), &StepName::ALL)?;
    let ended = tenant.with(|graph, voice| remove_for_good(graph, voice, &[]))?;
    assert_eq!(ended.items.len(), 2, "service principal and application");
    let left: Vec<Value> = all_of(&tenant, "deletedApplications");
    assert_eq!((left.len(), &left[0]["id"]), (1, &json!(other)));
    assert_eq!(all_of(&tenant, "deletedServicePrincipals").len(), 1);
    let again = tenant.apply(&Wanted::everything())?;
    assert_eq!(again.application.and_then(|app| app.unique_name).as_deref(), Some(UNIQUE_NAME));
    Ok(())
}

#[test]
fn a_reader_is_refused_before_anything_is_sent() -> TestResult {
    let tenant = federated()?;
    let reader = Tenant::of(pp_testing::connect(&tenant.twin, "reader")?, tenant.twin.clone());
    let refused = remove_as(&reader, &Wanted::everything(), &StepName::ALL);
    assert!(matches!(refused, Err(RunError::Problem(Problem::PermissionMissing(_)))));
    assert_eq!(tenant.writes(), 0);
    Ok(())
}

#[test]
fn the_plan_of_a_removal_is_made_of_the_facts_alone() -> TestResult {
    let tenant = federated()?;
    let observed = tenant.with(|graph, _| pp_run::observe::observe(&graph, READS, &Wanted::everything(), None))?;
    assert_eq!(plan(&observed, &Wanted::everything())?.len(), 13);
    assert_eq!(tenant.writes(), 0);
    Ok(())
}
