//! A client secret that an earlier run had asked for: it is looked for in the very application that it was asked for in, and counts as
//! never made once looks agree.

use std::cell::RefCell;
use std::error::Error;
use std::time::Duration;

use pp_run::apply::RunError;
use pp_run::orphan::{AtPlace, Fate, Orphan, settle};
use pp_testing::{Tenant, TestResult};
use serde_json::{Value, json};
use tenant_twin::{AppIds, Fault, FaultKind, On, Options};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

fn options() -> Options {
    Options { users: 1, groups: 0, contacts: 0, latency: Duration::ZERO, ..Options::default() }
}

/// The secrets of an application, as Microsoft Graph tells them.
fn secrets(tenant: &Tenant, application: &AppIds) -> Vec<Value> {
    let found = tenant.twin.edit(|directory| directory.get("applications", &application.object_id));
    found.and_then(|found| found["passwordCredentials"].as_array().cloned()).unwrap_or_default()
}

/// An application of the runbook's mark with one secret, and what a ledger says of that before its answer, a minute later.
fn asked_for(tenant: &Tenant) -> Result<(AppIds, Orphan), Box<dyn Error>> {
    let application = tenant.twin.edit(|directory| {
        let application = directory.add_application("Practice Protect Federation");
        directory.set("applications", &application.object_id, "tags", &json!(["practice-protect-federation"]));
        directory.add_secret(&application.object_id, "PPToken", Duration::from_hours(8760));
        application
    });
    let made = secrets(tenant, &application);
    let start = made.first().and_then(|secret| secret["startDateTime"].as_str()).ok_or("no secret")?;
    let start = OffsetDateTime::parse(start, &Rfc3339)?;
    tenant.twin.advance(Duration::from_mins(1));
    let orphan = Orphan { start, app_id: application.app_id.clone(), key_id: None, unclaimed: false };
    Ok((application, orphan))
}

/// What becomes of one that is seen nowhere.
fn fate_of(tenant: &Tenant, orphan: &Orphan) -> Result<Fate, RunError> {
    tenant.with(|graph, _| settle(graph, orphan, &|_, _, _| Ok(AtPlace::NotSeen)))
}

#[test]
fn it_is_removed_from_its_own_application_whichever_others_carry_the_mark() -> TestResult {
    let tenant = Tenant::start(&options())?;
    let (application, orphan) = asked_for(&tenant)?;
    let (another, _) = asked_for(&tenant)?;
    let made = secrets(&tenant, &application);
    let fate = fate_of(&tenant, &orphan)?;
    let key_id = made[0]["keyId"].as_str().ok_or("no key id")?.to_owned();
    assert_eq!(fate, Fate::Removed(key_id));
    assert_eq!((secrets(&tenant, &application).len(), secrets(&tenant, &another).len()), (0, 1));
    Ok(())
}

#[test]
fn one_look_that_does_not_show_it_is_not_enough() -> TestResult {
    let tenant = Tenant::start(&options())?;
    let (application, orphan) = asked_for(&tenant)?;
    let made = json!(secrets(&tenant, &application));
    let id = &application.object_id;
    tenant.twin.edit(|directory| directory.set("applications", id, "passwordCredentials", &json!([])));
    // A replica that lags has answered the first look.
    let shows = json!({"edit": "set", "collection": "applications", "id": id, "property": "passwordCredentials", "value": made});
    let on = On { path: Some("/$batch".into()), ..On::default() };
    tenant.twin.add_fault(Fault::new(on, FaultKind::Edited(shows)).nth(2));
    let fate = fate_of(&tenant, &orphan)?;
    assert!(matches!(fate, Fate::Removed(_)), "{fate:?}");
    assert_eq!(secrets(&tenant, &application).len(), 0);
    Ok(())
}

#[test]
fn one_that_no_look_shows_was_never_made() -> TestResult {
    let tenant = Tenant::start(&options())?;
    let (application, orphan) = asked_for(&tenant)?;
    let id = &application.object_id;
    tenant.twin.edit(|directory| directory.set("applications", id, "passwordCredentials", &json!([])));
    assert_eq!(fate_of(&tenant, &orphan)?, Fate::NeverThere);
    tenant.twin.edit(|directory| directory.delete_application(id));
    assert_eq!(fate_of(&tenant, &orphan)?, Fate::WithDeleted, "it may be restored");
    tenant.twin.edit(|directory| directory.erase("deletedApplications", id));
    assert_eq!(fate_of(&tenant, &orphan)?, Fate::NeverThere, "it has taken it along");
    Ok(())
}

#[test]
fn one_that_comes_into_its_vault_after_the_first_look_is_in_place() -> TestResult {
    let tenant = Tenant::start(&options())?;
    let (application, orphan) = asked_for(&tenant)?;
    let orphan = Orphan { start: tenant.connection.now(), ..orphan };
    let id = &application.object_id;
    let mut made = json!(secrets(&tenant, &application));
    made[0]["startDateTime"] = json!(orphan.start.format(&Rfc3339)?);
    tenant.twin.edit(|directory| directory.set("applications", id, "passwordCredentials", &made));
    let looks = RefCell::new(Vec::new());
    let look = || {
        looks.borrow_mut().push(tenant.connection.now() - orphan.start);
        if looks.borrow().len() < 2 { AtPlace::NotSeen } else { AtPlace::There("there".into()) }
    };
    let fate = tenant.with(|graph, _| settle(graph, &orphan, &|_, _, _| Ok(look())))?;
    let place = if let Fate::Placed { place, .. } = &fate { place.as_str() } else { "" };
    assert_eq!((place, secrets(&tenant, &application).len()), ("there", 1), "{fate:?}");
    assert!(looks.borrow().last().is_some_and(|age| *age >= Duration::from_mins(1)), "{looks:?}");
    Ok(())
}

#[test]
fn one_that_may_lie_where_it_was_to_go_is_left_alone() -> TestResult {
    let tenant = Tenant::start(&options())?;
    let (application, orphan) = asked_for(&tenant)?;
    let look = tenant.with(|graph, _| settle(graph, &orphan, &|_, _, _| Ok(AtPlace::Unknown("why".into()))))?;
    let Fate::Left { unclaimed: false, doubt: Some(doubt), .. } = look else { return Err(format!("{look:?}").into()) };
    assert_eq!((doubt.as_str(), secrets(&tenant, &application).len()), ("why", 1));
    Ok(())
}
