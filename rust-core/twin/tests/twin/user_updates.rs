//! What `PATCH /users/{id}` takes and refuses, in the service's words.

use serde_json::{Value, json};

use crate::client::{Answer, GLOBAL_ADMINISTRATOR, Tenant};

const CONFLICT: &str = "Another object with the same value for property";
const DENIED: &str = "Insufficient privileges to complete the operation.";

/// A tenant without synchronization, with a federated domain, and the ids of its users; the first two are administrators.
fn tenant() -> (Tenant, Vec<String>) {
    let tenant = Tenant::new();
    let listed = tenant.get("/users?$select=id");
    let ids: Vec<String> = listed.values().iter().filter_map(|user| Some(user["id"].as_str()?.to_owned())).collect();
    let organization = tenant.get("/organization");
    let mut domains = organization.body["value"][0]["verifiedDomains"].clone();
    let federated = json!({ "capabilities": "Email", "isDefault": false, "isInitial": false, "name": "contoso.com",
        "type": "Federated" });
    domains.as_array_mut().expect("a list").push(federated);
    let tenant_id = tenant.twin.tenant_id().to_owned();
    tenant.twin.edit(|directory| {
        directory.set("organization", &tenant_id, "verifiedDomains", &domains);
        for id in &ids {
            directory.set("users", id, "onPremisesSyncEnabled", &json!(null));
        }
    });
    (tenant, ids)
}

fn update(tenant: &Tenant, id: &str, body: &Value) -> Answer {
    tenant.patch(&format!("/users/{id}"), body)
}

fn user(tenant: &Tenant, id: &str) -> Value {
    let select = "displayName,usageLocation,mail,userPrincipalName,onPremisesImmutableId,proxyAddresses";
    tenant.get(&format!("/users/{id}?$select={select}")).body
}

#[test]
fn what_is_written_is_read_back_and_a_new_mail_is_the_primary_address() {
    let (tenant, ids) = tenant();
    let id = &ids[5];
    let before = user(&tenant, id);
    let body = json!({ "displayName": "Alex Renamed", "usageLocation": "NZ", "mail": "alex@contoso.com",
        "onPremisesImmutableId": "QQ==" });
    assert_eq!(update(&tenant, id, &body).status, 204);
    let after = user(&tenant, id);
    for (name, value) in body.as_object().expect("an object") {
        assert_eq!(&after[name], value);
    }
    let alias = format!("smtp:{}", before["mail"].as_str().unwrap_or_default());
    assert_eq!(after["proxyAddresses"], json!(["SMTP:alex@contoso.com", alias]));
    assert_eq!(update(&tenant, id, &json!({ "mail": before["mail"] })).status, 204);
    let primary = alias.replace("smtp:", "SMTP:");
    assert_eq!(user(&tenant, id)["proxyAddresses"], json!([primary, "smtp:alex@contoso.com"]));
}

#[test]
fn an_immutable_id_is_cleared_by_null_and_not_by_an_empty_text() {
    let (tenant, ids) = tenant();
    let before = user(&tenant, &ids[5])["onPremisesImmutableId"].clone();
    assert_eq!(update(&tenant, &ids[5], &json!({ "onPremisesImmutableId": "" })).status, 204);
    assert_eq!(user(&tenant, &ids[5])["onPremisesImmutableId"], before);
    assert_eq!(update(&tenant, &ids[5], &json!({ "onPremisesImmutableId": null })).status, 204);
    assert_eq!(user(&tenant, &ids[5])["onPremisesImmutableId"], json!(null));
}

#[test]
fn values_that_the_service_does_not_take_are_refused_by_name() {
    let (tenant, ids) = tenant();
    let invalid = |name: &str| format!("Invalid value specified for property '{name}' of resource 'User'.");
    let refused = [
        (json!({ "displayName": null }), invalid("displayName")),
        (json!({ "usageLocation": null }), invalid("usageLocation")),
        (json!({ "usageLocation": "AUS" }), invalid("usageLocation")),
        (json!({ "mail": null }), invalid("mail")),
        (json!({ "onPremisesImmutableId": "a$b" }), invalid("onPremisesImmutableId")),
        (json!({ "onPremisesImmutableId": "a_b" }), invalid("onPremisesImmutableId")),
        (json!({ "proxyAddresses": [] }), "Property 'proxyAddresses' is read-only and cannot be set.".to_owned()),
    ];
    for (body, words) in refused {
        assert_eq!(update(&tenant, &ids[5], &body).refusal(), (400, "Request_BadRequest", words.as_str()), "{body}");
    }
    let unverified = update(&tenant, &ids[5], &json!({ "userPrincipalName": "alex@elsewhere.example" }));
    assert!(unverified.refusal().2.starts_with("The domain portion of the userPrincipalName"), "{unverified:?}");
}

#[test]
fn a_synchronized_user_and_what_exchange_masters_are_refused() {
    let (tenant, ids) = tenant();
    tenant.twin.edit(|directory| {
        directory.set("users", &ids[5], "onPremisesSyncEnabled", &json!(true));
        directory.set("users", &ids[6], "_masteredByExchange", &json!(true));
    });
    let synced = update(&tenant, &ids[5], &json!({ "displayName": "Alex" }));
    let words = "Unable to update the specified properties for on-premises mastered Directory Sync objects or objects currently \
                 undergoing migration.";
    assert_eq!(synced.refusal(), (400, "Request_BadRequest", words));
    let mastered = update(&tenant, &ids[6], &json!({ "mail": "alex@contoso.com" }));
    let words =
        "Unable to update the specified properties for objects that have originated within an external service.";
    assert_eq!(mastered.refusal(), (400, "Request_BadRequest", words));
    assert_eq!(update(&tenant, &ids[6], &json!({ "displayName": "Alex" })).status, 204);
}

#[test]
fn what_another_object_has_is_refused_with_its_id() {
    let (tenant, ids) = tenant();
    let other = user(&tenant, &ids[6]);
    let same = |name: &str| json!({ name: other[name] });
    let cases = [
        ("onPremisesImmutableId", "onPremisesImmutableId"),
        ("userPrincipalName", "userPrincipalName"),
        ("mail", "proxyAddresses"),
    ];
    for (name, property) in cases {
        let refused = update(&tenant, &ids[5], &same(name));
        let words = format!("{CONFLICT} {property} already exists.");
        assert_eq!(refused.refusal(), (400, "Request_BadRequest", words.as_str()));
        let details: Vec<(&str, &str)> = (0..2)
            .map(|at| {
                (
                    refused.text(&format!("/error/details/{at}/code")),
                    refused.text(&format!("/error/details/{at}/target")),
                )
            })
            .collect();
        let owner = format!("User_{}", ids[6]);
        assert_eq!(details, [("ObjectConflict", property), ("ConflictingObjects", owner.as_str())]);
    }
    let contact = tenant.get("/contacts?$select=mail").body["value"][0]["mail"].clone();
    assert!(update(&tenant, &ids[5], &json!({ "mail": contact })).refusal().2.starts_with(CONFLICT));
    // What the other one has no longer is free, and an alias isn't.
    assert_eq!(
        update(&tenant, &ids[6], &json!({ "onPremisesImmutableId": null, "mail": "new@contoso.com" })).status,
        204
    );
    assert_eq!(update(&tenant, &ids[5], &same("onPremisesImmutableId")).status, 204);
    assert_eq!(update(&tenant, &ids[5], &same("mail")).status, 400);
}

#[test]
fn an_immutable_id_changes_outside_of_a_federated_domain_alone() {
    let (tenant, ids) = tenant();
    let id = &ids[5];
    let name = user(&tenant, id)["userPrincipalName"].clone();
    assert_eq!(update(&tenant, id, &json!({ "userPrincipalName": "alex@contoso.com" })).status, 204);
    let changed = update(&tenant, id, &json!({ "onPremisesImmutableId": "QQ==" }));
    assert!(changed.refusal().2.contains("while the user's domain is federated"), "{changed:?}");
    let same = user(&tenant, id)["onPremisesImmutableId"].clone();
    assert_eq!(update(&tenant, id, &json!({ "onPremisesImmutableId": same })).status, 204, "none is changed");
    assert_eq!(update(&tenant, id, &json!({ "userPrincipalName": name })).status, 204);
    assert_eq!(update(&tenant, id, &json!({ "onPremisesImmutableId": null })).status, 204);
    let without = update(&tenant, id, &json!({ "userPrincipalName": "alex@contoso.com" }));
    assert!(without.refusal().2.contains("FederatedUser.SourceAnchor"), "{without:?}");
}

#[test]
fn names_of_an_administrator_take_a_role_and_writing_takes_a_permission() {
    let (mut tenant, ids) = tenant();
    let admin = &ids[0];
    let sensitive = json!({ "onPremisesImmutableId": "QQ==" });
    assert_eq!(update(&tenant, admin, &sensitive).refusal(), (403, "Authorization_RequestDenied", DENIED));
    assert_eq!(
        update(&tenant, admin, &json!({ "displayName": "Alex" })).status,
        204,
        "that isn't a sensitive property"
    );
    let client = tenant.twin.client("admin").expect("a client").client_id.clone();
    let principals = tenant.get(&format!("/servicePrincipals?$filter=appId eq '{client}'&$select=id"));
    let principal = principals.text("/value/0/id").to_owned();
    tenant.twin.edit(|directory| directory.add_role(&principal, GLOBAL_ADMINISTRATOR));
    assert_eq!(update(&tenant, admin, &sensitive).status, 204);
    tenant.sign_in("reader");
    assert_eq!(update(&tenant, &ids[5], &json!({ "displayName": "Alex" })).refusal().0, 403);
}
