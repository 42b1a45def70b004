//! Directory synchronization.

use std::time::Duration;

use serde_json::{Value, json};
use tenant_twin::Options;

use crate::client::{DAY, Tenant, filtered, quick};

const SYNCED: &str = "onPremisesSyncEnabled eq true";

fn count(tenant: &Tenant, collection: &str) -> u64 {
    let path = filtered(collection, SYNCED) + "&$count=true&$top=1&$select=id";
    let answer = tenant.eventual(&path);
    answer.body["@odata.count"].as_u64().unwrap_or_else(|| panic!("{answer:?}"))
}

fn path(tenant: &Tenant) -> String {
    format!("/organization/{}", tenant.twin.tenant_id())
}

fn sync(tenant: &Tenant) -> Value {
    tenant.get("/organization?$select=onPremisesSyncEnabled").body["value"][0]["onPremisesSyncEnabled"].clone()
}

#[test]
fn a_synchronized_tenant_says_so() {
    let tenant = Tenant::new();
    let organization = tenant.get("/organization");
    let organization = &organization.values()[0];
    assert_eq!(organization["id"], json!(tenant.twin.tenant_id()));
    assert_eq!(organization["onPremisesSyncEnabled"], json!(true));
    assert!(organization["onPremisesLastSyncDateTime"].is_string());
    assert_eq!((count(&tenant, "/users"), count(&tenant, "/groups"), count(&tenant, "/contacts")), (24, 6, 3));
}

#[test]
fn a_tenant_never_synchronized_reads_null() {
    let tenant = Tenant::with(&Options { dir_sync: false, ..quick() });
    assert_eq!(sync(&tenant), Value::Null);
    assert_eq!((count(&tenant, "/users"), count(&tenant, "/groups"), count(&tenant, "/contacts")), (0, 0, 0));
}

#[test]
fn switching_off_shows_at_once_and_converts_the_objects_over_time() {
    let mut tenant = Tenant::new();
    let off = tenant.patch(&path(&tenant), &json!({ "onPremisesSyncEnabled": false }));
    assert_eq!((off.status, &off.body), (204, &Value::Null));
    assert_eq!(sync(&tenant), json!(false));
    let total =
        |tenant: &Tenant| ["/users", "/groups", "/contacts"].map(|kind| count(tenant, kind)).iter().sum::<u64>();
    assert_eq!(total(&tenant), 33);
    tenant.twin.advance(Duration::from_hours(36));
    tenant.sign_in("admin");
    let half = total(&tenant);
    assert!((10..25).contains(&half), "{half}");
    tenant.twin.advance(Duration::from_hours(36));
    tenant.sign_in("admin");
    assert_eq!(total(&tenant), 0);
}

#[test]
fn conversion_clears_the_names_of_the_directory_but_not_the_immutable_id() {
    let mut tenant = Tenant::new();
    let select = "/users?$select=onPremisesSyncEnabled,onPremisesDistinguishedName,onPremisesSamAccountName,onPremisesImmutableId";
    let before = tenant.get(select);
    tenant.patch(&path(&tenant), &json!({ "onPremisesSyncEnabled": false }));
    tenant.twin.advance(DAY * 3);
    tenant.sign_in("admin");
    let after = tenant.get(select);
    for (before, after) in before.values().iter().zip(after.values()) {
        assert!(before["onPremisesDistinguishedName"].is_string());
        assert_eq!(after["onPremisesDistinguishedName"], Value::Null);
        assert_eq!(after["onPremisesSamAccountName"], Value::Null);
        assert_eq!(after["onPremisesSyncEnabled"], Value::Null);
        assert_eq!(after["onPremisesImmutableId"], before["onPremisesImmutableId"]);
    }
}

#[test]
fn nothing_can_be_switched_until_the_conversion_is_over() {
    let mut tenant = Tenant::new();
    tenant.patch(&path(&tenant), &json!({ "onPremisesSyncEnabled": false }));
    let again = tenant.patch(&path(&tenant), &json!({ "onPremisesSyncEnabled": true }));
    assert_eq!(again.refusal().0, 400);
    assert!(again.refusal().2.contains("pending disable state"), "{again:?}");
    assert_eq!(tenant.patch(&path(&tenant), &json!({ "onPremisesSyncEnabled": false })).refusal().0, 400);
    tenant.twin.advance(DAY * 3);
    tenant.sign_in("admin");
    assert_eq!(tenant.patch(&path(&tenant), &json!({ "onPremisesSyncEnabled": true })).status, 204);
    assert_eq!(sync(&tenant), json!(true));
}

#[test]
fn the_old_modules_property_names_do_not_exist() {
    let tenant = Tenant::new();
    let old = tenant.patch(&path(&tenant), &json!({ "directorySynchronizationEnabled": false }));
    assert_eq!(old.refusal().0, 400);
    assert_eq!(tenant.get("/organization?$select=directorySynchronizationStatus").refusal().0, 400);
    assert_eq!(sync(&tenant), json!(true));
}

#[test]
fn wrong_types_and_fixed_properties_are_refused() {
    let tenant = Tenant::new();
    assert_eq!(tenant.patch(&path(&tenant), &json!({ "onPremisesSyncEnabled": "false" })).refusal().0, 400);
    assert_eq!(tenant.patch(&path(&tenant), &json!({ "onPremisesSyncEnabled": null })).refusal().0, 400);
    let fixed = tenant.patch(&path(&tenant), &json!({ "displayName": "Other" }));
    assert_eq!(fixed.refusal().2, "Property 'displayName' is read-only and cannot be set.");
    let unknown = tenant.patch("/organization/3c1d5b8e-0000-4000-8000-000000000001", &json!({}));
    assert_eq!(unknown.refusal().1, "Request_ResourceNotFound");
}
