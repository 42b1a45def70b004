//! What is said of a client for people to sign in with that nobody can sign in with.

mod op;

use std::error::Error;
use std::time::Duration;

use pp_command::event::Kind;
use pp_run::connection::open;
use pp_testing::{Tenant, TestResult, connect};
use serde_json::{Value, json};
use tenant_twin::Options;

fn tenant() -> Result<Tenant, Box<dyn Error>> {
    Tenant::start(&Options { users: 1, groups: 0, contacts: 0, latency: Duration::ZERO, ..Options::default() })
}

fn request(tenant: &Tenant, op: &str) -> Result<Value, Box<dyn Error>> {
    Ok(json!({"op": op, "connection": open(connect(&tenant.twin, "admin")?)?}))
}

/// What `New-PPSignInClient` warns of as it plans.
fn warned(tenant: &Tenant) -> Result<String, Box<dyn Error>> {
    let (warned, ended) = op::told(&request(tenant, "planSignInClient")?, Kind::Warning)?;
    ended.map_err(|error| format!("{error:?}"))?;
    Ok(warned)
}

/// The row of the client.
fn made(tenant: &Tenant) -> Result<String, Box<dyn Error>> {
    let (row, ended) = op::run(&request(tenant, "makeSignInClient")?)?;
    ended.map_err(|error| format!("{error:?}"))?;
    Ok(row)
}

/// The id of the client, or of its service principal.
fn id(tenant: &Tenant, collection: &str) -> Option<String> {
    let state = tenant.twin.state();
    let app = |app: &&Value| app["uniqueName"] == "practice-protect-federation-sign-in";
    let app_id = state["applications"].as_array()?.iter().find(app)?["appId"].clone();
    let mut all = state[collection].as_array()?.iter();
    Some(all.find(|one| one["appId"] == app_id)?["id"].as_str()?.to_owned())
}

#[test]
fn one_that_is_switched_off_is_told_so_and_left_so() -> TestResult {
    for (collection, property, value, words) in [
        ("applications", "isDisabled", json!(true), "it is deactivated"),
        (
            "applications",
            "disabledByMicrosoftStatus",
            json!("DisabledDueToViolationOfServicesAgreement"),
            "Microsoft has disabled it",
        ),
        ("servicePrincipals", "accountEnabled", json!(false), "is disabled: nobody signs in with it"),
        ("servicePrincipals", "isDisabled", json!(true), "it is deactivated"),
    ] {
        let tenant = tenant()?;
        assert!(made(&tenant)?.contains(">Made<"));
        assert_eq!(warned(&tenant)?, "");
        let id = id(&tenant, collection).ok_or("nothing was made")?;
        tenant.twin.edit(|directory| directory.set(collection, &id, property, &value));
        let said = warned(&tenant)?;
        assert!(said.contains(words), "{collection} {property} {said}");
        tenant.twin.clear_requests();
        let row = made(&tenant)?;
        assert!(row.contains(">AlreadyThere<") && row.contains(words), "{collection} {property} {row}");
        assert_eq!(tenant.writes(), 0);
    }
    Ok(())
}
