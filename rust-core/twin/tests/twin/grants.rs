//! Delegated consent.

use base64::Engine as _;
use serde_json::{Value, json};
use tenant_twin::Options;

use crate::client::{Tenant, filtered, quick};

fn body(client: &str, resource: &str, scope: &str) -> Value {
    json!({ "clientId": client, "consentType": "AllPrincipals", "principalId": null, "resourceId": resource, "scope": scope })
}

#[test]
fn a_grant_is_made_once_and_then_extended() {
    let tenant = Tenant::new();
    let (client, graph) = (tenant.principal("New"), tenant.graph_id());
    let made = tenant.post("/oauth2PermissionGrants", &body(&client, &graph, "User.Read"));
    assert_eq!(made.status, 201);
    let again = tenant.post("/oauth2PermissionGrants", &body(&client, &graph, "User.Read.All"));
    assert_eq!(again.refusal(), (409, "Request_MultipleObjectsWithSameKeyValue", "Permission entry already exists."));
    let path = format!("/oauth2PermissionGrants/{}", made.id());
    assert_eq!(tenant.patch(&path, &json!({ "scope": "User.Read User.Read.All" })).status, 204);
    assert_eq!(tenant.get(&path).text("/scope"), "User.Read User.Read.All");
    assert_eq!(tenant.patch(&path, &json!({ "clientId": graph })).refusal().0, 400);
    assert_eq!(tenant.delete(&path).status, 204);
    assert_eq!(tenant.get(&path).status, 404);
}

#[test]
fn a_second_grant_may_be_refused_as_a_bad_request() {
    let tenant = Tenant::with(&Options { duplicate_grant_is_400: true, ..quick() });
    let (client, graph) = (tenant.principal("New"), tenant.graph_id());
    tenant.post("/oauth2PermissionGrants", &body(&client, &graph, "User.Read"));
    let again = tenant.post("/oauth2PermissionGrants", &body(&client, &graph, "User.Read"));
    assert_eq!(again.refusal(), (400, "Request_BadRequest", "Permission entry already exists."));
}

#[test]
fn its_id_is_made_of_client_and_resource() {
    let tenant = Tenant::new();
    let (client, graph) = (tenant.principal("New"), tenant.graph_id());
    let id = tenant.post("/oauth2PermissionGrants", &body(&client, &graph, "User.Read")).id();
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(id).expect("base64url");
    let guid = |part: &[u8]| uuid::Uuid::from_slice_le(part).expect("16 bytes").to_string();
    assert_eq!((guid(&bytes[..16]), guid(&bytes[16..])), (client, graph));
}

#[test]
fn a_client_s_grants_are_found_by_filter_and_by_path() {
    let tenant = Tenant::new();
    let (client, graph) = (tenant.principal("New"), tenant.graph_id());
    let user = tenant.get("/users?$top=1&$select=id").text("/value/0/id").to_owned();
    tenant.post("/oauth2PermissionGrants", &body(&client, &graph, "User.Read"));
    let personal = json!({
        "clientId": client, "consentType": "Principal", "principalId": user, "resourceId": graph, "scope": "User.Read"
    });
    assert_eq!(tenant.post("/oauth2PermissionGrants", &personal).status, 201);
    let of_client = format!("clientId eq '{client}'");
    assert_eq!(tenant.get(&filtered("/oauth2PermissionGrants", &of_client)).values().len(), 2);
    let for_all = format!("{of_client} and consentType eq 'AllPrincipals'");
    assert_eq!(tenant.get(&filtered("/oauth2PermissionGrants", &for_all)).values().len(), 1);
    assert_eq!(tenant.get(&format!("/servicePrincipals/{client}/oauth2PermissionGrants")).values().len(), 2);
    let by_scope = tenant.get(&filtered("/oauth2PermissionGrants", "scope eq 'User.Read'"));
    assert_eq!(by_scope.refusal().1, "Request_UnsupportedQuery");
}

#[test]
fn parties_that_are_not_there_and_contradictions_are_refused() {
    let tenant = Tenant::with(&Options { users: 0, ..quick() });
    let (client, graph) = (tenant.principal("New"), tenant.graph_id());
    let nobody = "3c1d5b8e-0000-4000-8000-000000000001";
    let missing = tenant.post("/oauth2PermissionGrants", &body(nobody, &graph, "User.Read"));
    assert_eq!(missing.status, 400);
    assert!(missing.refusal().2.contains("does not exist or one of its queried reference-property objects"));
    let with = |name: &str, value: Value| {
        let mut body = body(&client, &graph, "User.Read");
        body[name] = value;
        tenant.post("/oauth2PermissionGrants", &body).status
    };
    assert_eq!(with("principalId", json!(client)), 400);
    assert_eq!(with("consentType", json!("Principal")), 400);
    assert_eq!(with("consentType", json!("Everyone")), 400);
    assert_eq!(with("scope", json!("")), 400);
    assert_eq!(with("expiryTime", json!("2026-01-01T00:00:00Z")), 400);
}
