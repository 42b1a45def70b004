//! Replication lag: what was written is not there yet.

use std::time::Duration;

use serde_json::json;
use tenant_twin::Options;

use crate::client::{Tenant, filtered, quick};

const LAG: Duration = Duration::from_mins(10);

fn lagging(seed: u64) -> Tenant {
    Tenant::with(&Options { seed, max_lag: LAG, replicas: 3, ..quick() })
}

/// Reads several times, so that every replica has its turn.
fn statuses(tenant: &Tenant, path: &str) -> Vec<u16> {
    (0..6).map(|_| tenant.get(path).status).collect()
}

#[test]
fn what_was_made_shows_after_the_lag_on_every_replica() {
    let tenant = lagging(7);
    let (id, _) = tenant.application("New");
    let path = format!("/applications/{id}");
    assert!(statuses(&tenant, &path).contains(&404));
    tenant.twin.advance(LAG);
    assert_eq!(statuses(&tenant, &path), [200; 6]);
}

#[test]
fn replicas_disagree_meanwhile() {
    let disagreed = (1..20).any(|seed| {
        let tenant = lagging(seed);
        let (id, _) = tenant.application("New");
        tenant.twin.advance(LAG / 2);
        let seen = statuses(&tenant, &format!("/applications/{id}"));
        seen.contains(&200) && seen.contains(&404)
    });
    assert!(disagreed);
}

#[test]
fn a_seed_gives_the_same_lags_again() {
    let run = || {
        let tenant = lagging(3);
        let (id, _) = tenant.application("New");
        tenant.twin.advance(LAG / 2);
        (id.clone(), statuses(&tenant, &format!("/applications/{id}")))
    };
    assert_eq!(run(), run());
}

#[test]
fn changes_and_deletions_lag_too() {
    let tenant = lagging(5);
    let (id, _) = tenant.application("New");
    tenant.twin.advance(LAG);
    let path = format!("/applications/{id}");
    tenant.patch(&path, &json!({ "displayName": "Renamed" }));
    let names = |tenant: &Tenant| -> Vec<String> {
        (0..3).map(|_| tenant.get(&path).text("/displayName").to_owned()).collect()
    };
    assert!(names(&tenant).contains(&"New".to_owned()));
    tenant.twin.advance(LAG);
    assert_eq!(names(&tenant), ["Renamed"; 3]);
    tenant.delete(&path);
    assert!(statuses(&tenant, &path).contains(&200));
    tenant.twin.advance(LAG);
    assert_eq!(statuses(&tenant, &path), [404; 6]);
}

#[test]
fn writes_that_refer_to_what_is_not_there_yet_are_refused_as_graph_does() {
    let tenant = lagging(7);
    let graph = tenant.graph_id();
    let (id, app_id) = tenant.application("New");
    let early = tenant.post("/servicePrincipals", &json!({ "appId": app_id }));
    assert_eq!(early.text("/error/details/0/code"), "NoBackingApplicationObject");
    assert_eq!(tenant.post(&format!("/applications/{id}/addPassword"), &json!({})).refusal().0, 404);
    tenant.twin.advance(LAG);
    let principal = tenant.post("/servicePrincipals", &json!({ "appId": app_id })).id();
    let role =
        json!({ "principalId": principal, "resourceId": graph, "appRoleId": "bf7b1a76-6e77-406b-b258-bf5c7720e98f" });
    let assigned = tenant.post(&format!("/servicePrincipals/{graph}/appRoleAssignedTo"), &role);
    let words = ["Not a valid reference update", "does not exist or one of its queried reference-property"];
    assert!(words.iter().any(|words| assigned.refusal().2.contains(words)), "{assigned:?}");
    tenant.twin.advance(LAG);
    assert_eq!(tenant.post(&format!("/servicePrincipals/{graph}/appRoleAssignedTo"), &role).status, 201);
}

#[test]
fn a_second_create_meets_what_it_cannot_see() {
    let tenant = lagging(7);
    let (_, app_id) = tenant.application("New");
    tenant.twin.advance(LAG);
    let body = json!({ "appId": app_id });
    assert_eq!(tenant.post("/servicePrincipals", &body).status, 201);
    assert_eq!(tenant.post("/servicePrincipals", &body).status, 409);
    let found = tenant.get(&filtered("/servicePrincipals", &format!("appId eq '{app_id}'")));
    assert!(found.values().len() <= 1);
}

#[test]
fn a_fresh_secret_is_refused_at_first_and_cannot_be_removed_yet() {
    let tenant = lagging(7);
    let application = tenant.client_application("reader");
    let client_id = tenant.twin.client("reader").expect("a reader").client_id.clone();
    let made = tenant.post(&format!("/applications/{application}/addPassword"), &json!({}));
    let secret = made.text("/secretText");
    let codes: Vec<u16> = (0..3).map(|_| tenant.token_for(&client_id, secret).status).collect();
    assert!(codes.contains(&401), "{codes:?}");
    let key = json!({ "keyId": made.body["keyId"] });
    let removed = tenant.post(&format!("/applications/{application}/removePassword"), &key);
    assert_eq!(removed.refusal().1, "Directory_ConcurrencyViolation");
    tenant.twin.advance(LAG);
    assert_eq!(tenant.token_for(&client_id, secret).status, 200);
    assert_eq!(tenant.post(&format!("/applications/{application}/removePassword"), &key).status, 204);
}
