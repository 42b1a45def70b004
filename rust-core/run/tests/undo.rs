//! Undoing a plan that was carried out: what still is as it has made it is taken back, and nothing else.

use std::error::Error;
use std::time::Duration;

use pp_run::take_back::{Ended, Taken};
use pp_runbook::kept_plan::KeptPlan;
use pp_runbook::step::StepName;
use pp_runbook::wanted::{DEFAULT_DISPLAY_NAME, DeletedApp, UNIQUE_NAME, Wanted};
use pp_testing::shape::shape;
use pp_testing::undoing::{carried_out, undo};
use pp_testing::{Tenant, TestResult};
use serde_json::{Value, json};
use tenant_twin::Options;

const YEAR: Duration = Duration::from_hours(365 * 24);

/// Without what can't be taken back.
fn wanted() -> Wanted {
    Wanted {
        steps: StepName::ALL.into_iter().filter(|step| *step != StepName::DirSync).collect(),
        ..Wanted::everything()
    }
}

fn start() -> Result<Tenant, Box<dyn Error>> {
    Tenant::start(&Options { users: 3, groups: 1, contacts: 1, latency: Duration::ZERO, ..Options::default() })
}

fn ours(tenant: &Tenant) -> Option<Value> {
    let apps = tenant.twin.state()["applications"].as_array().cloned().unwrap_or_default();
    apps.into_iter().find(|app| app["displayName"] == DEFAULT_DISPLAY_NAME)
}

fn id(object: &Value) -> String {
    object["id"].as_str().unwrap_or_default().to_owned()
}

fn left(ended: &Ended) -> Vec<(StepName, String)> {
    let not_done = |(item, taken): &(pp_runbook::take_back::Item, Taken)| match taken {
        Taken::NotDone(why) => Some((item.step, why.clone())),
        _ => None,
    };
    ended.items.iter().filter_map(not_done).collect()
}

#[test]
fn all_that_a_plan_has_made_is_gone_and_a_second_undo_changes_nothing() -> TestResult {
    let tenant = start()?;
    let before = shape(&tenant.twin.state());
    let kept = carried_out(&tenant, &wanted())?;
    let ended = undo(&tenant, &kept, &wanted())?;
    assert!(ended.failed.is_none() && ended.items.iter().all(|(_, taken)| *taken == Taken::Done), "{:?}", ended.items);
    assert_eq!(ended.items.first().map(|(item, _)| item.step), Some(StepName::ClientSecret), "the last comes first");
    assert_eq!(shape(&tenant.twin.state()), before);
    tenant.twin.clear_requests();
    let again = undo(&tenant, &kept, &wanted())?;
    assert!(again.items.iter().all(|(_, taken)| matches!(taken, Taken::AlreadyDone(_))), "{:?}", again.items);
    assert_eq!(tenant.writes(), 0);
    Ok(())
}

#[test]
fn what_was_adopted_is_as_it_was_by_hand() -> TestResult {
    let tenant = start()?;
    let adopting = Wanted { adopt: true, lock_credentials: true, ..wanted() };
    let ids = tenant.twin.edit(|directory| {
        let ids = directory.add_application(DEFAULT_DISPLAY_NAME);
        directory.set("applications", &ids.object_id, "tags", &json!(["keep"]));
        directory.set("applications", &ids.object_id, "signInAudience", &json!("AzureADMultipleOrgs"));
        let principal = directory.add_service_principal(&ids.app_id);
        directory.set("servicePrincipals", &principal, "accountEnabled", &json!(false));
        directory.add_grant(&principal, "User.Read Mail.Read");
        directory.add_secret(&ids.object_id, "by hand", YEAR);
        ids
    });
    let before = shape(&tenant.twin.state());
    let kept = carried_out(&tenant, &adopting)?;
    let ended = undo(&tenant, &kept, &adopting)?;
    assert_eq!(left(&ended), []);
    assert_eq!(shape(&tenant.twin.state()), before);
    let app = ours(&tenant).ok_or("the application is gone")?;
    assert_eq!(
        (id(&app), &app["tags"], &app["signInAudience"]),
        (ids.object_id, &json!(["keep"]), &json!("AzureADMultipleOrgs"))
    );
    assert_eq!(app["servicePrincipalLockConfiguration"]["isEnabled"], false);
    Ok(())
}

#[test]
fn what_others_have_built_on_since_stays_with_all_that_carries_it() -> TestResult {
    let tenant = start()?;
    let kept = carried_out(&tenant, &wanted())?;
    let app = id(&ours(&tenant).ok_or("no application")?);
    tenant.twin.edit(|directory| directory.add_secret(&app, "somebody else's", YEAR));
    let ended = undo(&tenant, &kept, &wanted())?;
    let left = left(&ended);
    assert_eq!(left.len(), 1, "{left:?}");
    assert_eq!(left[0].0, StepName::Application);
    assert!(left[0].1.contains("client secrets that stay"), "{left:?}");
    let app = ours(&tenant).ok_or("the application is gone")?;
    assert_eq!(app["passwordCredentials"].as_array().map(Vec::len), Some(1), "the plan's own secret is gone");
    Ok(())
}

#[test]
fn a_consent_that_somebody_has_widened_is_left_and_the_service_principal_with_it() -> TestResult {
    let tenant = start()?;
    let kept = carried_out(&tenant, &wanted())?;
    let grants = tenant.twin.state()["oauth2PermissionGrants"].as_array().cloned().unwrap_or_default();
    let ours = |one: &&Value| one["scope"].as_str().is_some_and(|scope| scope.contains("User.ManageIdentities.All"));
    let grant = id(grants.iter().find(ours).ok_or("no consent")?);
    tenant.twin.edit(|directory| directory.set("oauth2PermissionGrants", &grant, "scope", &json!("Mail.Read")));
    let ended = undo(&tenant, &kept, &wanted())?;
    let steps: Vec<StepName> = left(&ended).into_iter().map(|(step, _)| step).collect();
    assert_eq!(steps, [StepName::DelegatedConsent, StepName::ServicePrincipal, StepName::Application]);
    assert!(self::ours(&tenant).is_some());
    Ok(())
}

#[test]
fn another_application_under_the_same_key_is_not_touched() -> TestResult {
    let tenant = start()?;
    tenant.twin.edit(|directory| {
        let ids = directory.add_application(DEFAULT_DISPLAY_NAME);
        directory.set("applications", &ids.object_id, "tags", &json!([UNIQUE_NAME]));
    });
    let kept = carried_out(&tenant, &wanted())?;
    let first = id(&ours(&tenant).ok_or("no application")?);
    tenant.twin.edit(|directory| {
        directory.erase("applications", &first);
        let ids = directory.add_application(DEFAULT_DISPLAY_NAME);
        directory.set("applications", &ids.object_id, "tags", &json!([UNIQUE_NAME]));
    });
    let ended = undo(&tenant, &kept, &wanted())?;
    let (_, why) = left(&ended).pop().ok_or("nothing was left")?;
    assert!(why.contains("another object"), "{why}");
    assert!(ours(&tenant).is_some());
    Ok(())
}

/// What a plan that may take over one made by hand has made, and beside it another such, which declares and is granted the same.
fn beside_its_like(seed: u64) -> Result<(Tenant, KeptPlan, [String; 2]), Box<dyn Error>> {
    let tenant = Tenant::start(&Options { users: 3, latency: Duration::ZERO, seed, ..Options::default() })?;
    let kept = carried_out(&tenant, &Wanted { adopt: true, ..wanted() })?;
    let app = ours(&tenant).ok_or("no application")?;
    let second = tenant.twin.edit(|directory| {
        let ids = directory.add_application(DEFAULT_DISPLAY_NAME);
        directory.set("applications", &ids.object_id, "requiredResourceAccess", &app["requiredResourceAccess"]);
        let principal = directory.add_service_principal(&ids.app_id);
        directory.add_role(&principal, "62e90394-69f5-4237-9190-012177145e10");
        ids.object_id
    });
    Ok((tenant, kept, [id(&app), second]))
}

#[test]
fn an_application_made_by_hand_is_not_the_one_that_a_plan_has_made_even_where_it_might_have_been_taken_over()
-> TestResult {
    let (tenant, kept, [_, second]) = beside_its_like(31)?;
    let ended = undo(&tenant, &kept, &kept.wanted_back()?)?;
    assert!(ended.failed.is_none() && ended.items.iter().all(|(_, taken)| *taken == Taken::Done), "{:?}", ended.items);
    assert_eq!(ours(&tenant).map(|app| id(&app)), Some(second));

    // Neither where somebody else has deleted that one, nor where there are several.
    for (seed, several) in [(32, false), (33, true)] {
        let (tenant, kept, [first, second]) = beside_its_like(seed)?;
        tenant.twin.edit(|directory| {
            directory.delete_application(&first);
            if several {
                directory.add_application(DEFAULT_DISPLAY_NAME);
            }
        });
        tenant.twin.clear_requests();
        let ended = undo(&tenant, &kept, &kept.wanted_back()?)?;
        assert!(ended.items.iter().all(|(_, taken)| matches!(taken, Taken::AlreadyDone(_))), "{:?}", ended.items);
        assert_eq!((tenant.writes(), ours(&tenant).map(|app| id(&app))), (0, Some(second)), "{seed}");
    }
    Ok(())
}

#[test]
fn what_was_adopted_is_told_by_its_id() -> TestResult {
    let adopting = Wanted { adopt: true, ..wanted() };
    for (seed, tags) in [(34, json!([])), (35, json!([UNIQUE_NAME]))] {
        let tenant = Tenant::start(&Options { users: 3, latency: Duration::ZERO, seed, ..Options::default() })?;
        let first = tenant.twin.edit(|directory| directory.add_application(DEFAULT_DISPLAY_NAME).object_id);
        let kept = carried_out(&tenant, &adopting)?;
        tenant.twin.edit(|directory| {
            directory.delete_application(&first);
            let ids = directory.add_application(DEFAULT_DISPLAY_NAME);
            directory.set("applications", &ids.object_id, "tags", &tags);
            let principal = directory.add_service_principal(&ids.app_id);
            directory.add_role(&principal, "62e90394-69f5-4237-9190-012177145e10");
        });
        let ended = undo(&tenant, &kept, &kept.wanted_back()?)?;
        assert!(ended.items.iter().all(|(_, taken)| matches!(taken, Taken::AlreadyDone(_))), "{:?}", ended.items);
        assert_eq!(tenant.writes(), 0, "{seed}: the role of another one's service principal");
    }
    Ok(())
}

#[test]
fn synchronization_is_not_switched_on_again_and_that_is_said() -> TestResult {
    let tenant = start()?;
    let kept = carried_out(&tenant, &Wanted::everything())?;
    let ended = undo(&tenant, &kept, &Wanted::everything())?;
    let left = left(&ended);
    assert_eq!(left.len(), 1, "{left:?}");
    assert!(left[0].0 == StepName::DirSync && left[0].1.contains("72 hours"), "{left:?}");
    Ok(())
}

/// A tenant whose application was deleted, and the plan that has restored it.
fn restored() -> Result<(Tenant, KeptPlan, Wanted), Box<dyn Error>> {
    let tenant = start()?;
    tenant.apply(&wanted())?;
    let app = id(&ours(&tenant).ok_or("no application")?);
    tenant.twin.edit(|directory| directory.delete_application(&app));
    let restoring = Wanted { deleted_app: Some(DeletedApp::Restore), ..wanted() };
    let kept = carried_out(&tenant, &restoring)?;
    Ok((tenant, kept, restoring))
}

#[test]
fn what_was_restored_is_deleted_again_with_what_came_back_with_it() -> TestResult {
    let (tenant, kept, wanted) = restored()?;
    let ended = undo(&tenant, &kept, &wanted)?;
    assert_eq!(left(&ended), []);
    assert!(ours(&tenant).is_none());
    Ok(())
}

#[test]
fn what_was_restored_and_others_have_built_on_since_stays() -> TestResult {
    let (tenant, kept, wanted) = restored()?;
    let app = id(&ours(&tenant).ok_or("no application")?);
    tenant.twin.edit(|directory| directory.add_secret(&app, "somebody else's", YEAR));
    let left_of_secret = left(&undo(&tenant, &kept, &wanted)?);
    assert!(left_of_secret.iter().any(|(step, why)| *step == StepName::Application && why.contains("client secrets")));
    assert!(ours(&tenant).is_some());

    let (tenant, kept, wanted) = restored()?;
    let principals = tenant.twin.state()["servicePrincipals"].as_array().cloned().unwrap_or_default();
    let own = principals.iter().find(|one| one["displayName"] == DEFAULT_DISPLAY_NAME).ok_or("no service principal")?;
    tenant.twin.edit(|directory| drop(directory.add_app_role(&id(own), "AuditLog.Read.All")));
    let left = left(&undo(&tenant, &kept, &wanted)?);
    let steps: Vec<StepName> = left.iter().map(|(step, _)| *step).collect();
    assert_eq!(steps, [StepName::ServicePrincipal, StepName::Application], "{left:?}");
    assert!(left[0].1.contains("granted more") && left[1].1.contains("service principal"), "{left:?}");
    assert!(ours(&tenant).is_some());
    Ok(())
}

const DAYS: Duration = Duration::from_hours(60 * 24);

/// Another client secret with the same lifetime, and the older ones gone, as a rotation leaves them.
fn rotate(tenant: &Tenant) -> Result<String, Box<dyn Error>> {
    let another = Wanted { steps: vec![StepName::ClientSecret], new_secret: true, ..wanted() };
    let made = tenant.apply(&another)?.secret.ok_or("no secret")?.key_id;
    let app = ours(tenant).ok_or("no application")?;
    let own = |secret: &&Value| secret["keyId"] == made.as_str() || secret["displayName"] != "PPToken";
    let left: Vec<&Value> = app["passwordCredentials"].as_array().into_iter().flatten().filter(own).collect();
    tenant.twin.edit(|directory| directory.set("applications", &id(&app), "passwordCredentials", &json!(left)));
    Ok(made)
}

fn secrets(tenant: &Tenant) -> Vec<Value> {
    let app = ours(tenant).unwrap_or_default();
    let all = app["passwordCredentials"].as_array().cloned().unwrap_or_default();
    all.into_iter().map(|secret| secret["keyId"].clone()).collect()
}

#[test]
fn a_secret_that_has_taken_the_place_of_the_plans_stays_and_the_application_with_it() -> TestResult {
    let tenant = start()?;
    let kept = carried_out(&tenant, &wanted())?;
    tenant.twin.advance(DAYS);
    let rotated = rotate(&tenant)?;
    let left = left(&undo(&tenant, &kept, &wanted())?);
    assert_eq!(left.iter().map(|(step, _)| *step).collect::<Vec<_>>(), [StepName::Application], "{left:?}");
    assert!(left[0].1.contains(&rotated), "{left:?}");
    assert_eq!(secrets(&tenant), [json!(rotated)]);
    Ok(())
}

#[test]
fn of_an_application_that_was_there_the_last_secret_that_works_stays_since_it_may_be_a_rotations() -> TestResult {
    let adopting = Wanted { adopt: true, ..wanted() };
    for by_hand in [false, true] {
        let tenant = start()?;
        tenant.twin.edit(|directory| {
            let ids = directory.add_application(DEFAULT_DISPLAY_NAME);
            if by_hand {
                directory.add_secret(&ids.object_id, "by hand", YEAR);
            }
        });
        let kept = carried_out(&tenant, &adopting)?;
        tenant.twin.advance(DAYS);
        let rotated = rotate(&tenant)?;
        let left = left(&undo(&tenant, &kept, &adopting)?);
        if by_hand {
            assert_eq!(left, []);
            assert_eq!(secrets(&tenant).len(), 1);
        } else {
            assert_eq!(left.len(), 1, "{left:?}");
            let (step, why) = &left[0];
            assert!(*step == StepName::ClientSecret && why.contains("Remove-PPClientSecret -KeyId"), "{left:?}");
            assert_eq!(secrets(&tenant), [json!(rotated)]);
        }
    }
    Ok(())
}
