//! Service principals.

use serde_json::{Value, json};

use crate::client::{Answer, GRAPH_APP, Tenant, filtered};

#[test]
fn graph_publishes_its_permissions_by_name_and_id() {
    let tenant = Tenant::of("reader");
    let graph = tenant
        .get(&format!("/servicePrincipals(appId='{GRAPH_APP}')?$select=id,appId,appRoles,oauth2PermissionScopes"));
    let has = |list: &str, value: &str, id: &str| {
        let list = graph.body[list].as_array().expect("a list");
        list.iter().any(|entry| entry["value"] == json!(value) && entry["id"] == json!(id))
    };
    assert!(has("appRoles", "Domain.ReadWrite.All", "7e05723c-0bb0-42da-be95-ae9f08a6e53c"));
    assert!(has("oauth2PermissionScopes", "Directory.AccessAsUser.All", "0e263e50-5827-48a4-b97c-d940288653c7"));
    assert_eq!(graph.body.as_object().map(serde_json::Map::len), Some(5));
    let found = tenant.get(&filtered("/servicePrincipals", &format!("appId eq '{GRAPH_APP}'")));
    assert_eq!(found.text("/value/0/id"), graph.text("/id"));
}

#[test]
fn graph_publishes_as_much_as_the_real_service() {
    let tenant = Tenant::of("reader");
    let graph = tenant.get(&format!("/servicePrincipals(appId='{GRAPH_APP}')?$select=appRoles,oauth2PermissionScopes"));
    let list = |name: &str| graph.body[name].as_array().expect("a list").clone();
    let (roles, scopes) = (list("appRoles"), list("oauth2PermissionScopes"));
    assert!(roles.len() > 450 && roles.len() + scopes.len() > 1_130, "{} and {}", roles.len(), scopes.len());
    let mut ids: Vec<&str> = roles.iter().chain(&scopes).filter_map(|entry| entry["id"].as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    // Some ids are those of a role and a scope at once.
    assert!(ids.len() > 1_000, "{}", ids.len());
    assert!(roles.iter().all(|role| role["description"].as_str().is_some_and(|words| words.len() > 50)));
    assert!(scopes.iter().all(|scope| scope["userConsentDescription"].is_string()));
}

#[test]
fn a_service_principal_is_made_once() {
    let tenant = Tenant::new();
    let (_, app_id) = tenant.application("New");
    let made = tenant.post("/servicePrincipals", &json!({ "appId": app_id }));
    assert_eq!((made.status, made.text("/displayName")), (201, "New"));
    assert_eq!(made.text("/appOwnerOrganizationId"), tenant.twin.tenant_id());
    assert_eq!(made.body["accountEnabled"], json!(true));
    let again = tenant.post("/servicePrincipals", &json!({ "appId": app_id }));
    assert_eq!((again.status, again.text("/error/code")), (409, "Request_MultipleObjectsWithSameKeyValue"));
    assert_eq!(again.text("/error/details/0/code"), "ObjectConflict");
    assert_eq!(again.text("/error/details/0/target"), "servicePrincipalNames");
    assert!(again.refusal().2.ends_with("is already in use."));
}

#[test]
fn an_upsert_makes_it_once_and_then_updates() {
    let tenant = Tenant::new();
    let (_, app_id) = tenant.application("New");
    let upsert = |app_id: &str, prefer: &str| {
        let request = tenant.request("PATCH", &format!("/servicePrincipals(appId='{app_id}')"));
        let request = request.header("content-type", "application/json").header("Prefer", prefer);
        Answer::read(request.body(r#"{"tags":["one"]}"#).send().expect("an answer"))
    };
    assert_eq!(upsert(&app_id, "return=minimal").status, 404);
    let made = upsert(&app_id, "return=minimal, create-if-missing");
    assert_eq!((made.status, &made.body["tags"]), (201, &json!(["one"])));
    assert_eq!(upsert(&app_id, "create-if-missing").status, 204);
    let unbacked = upsert("3c1d5b8e-0000-4000-8000-000000000001", "create-if-missing");
    assert_eq!(unbacked.text("/error/details/0/code"), "NoBackingApplicationObject");
}

#[test]
fn an_application_must_back_it() {
    let tenant = Tenant::new();
    let app_id = "3c1d5b8e-0000-4000-8000-000000000001";
    let refused = tenant.post("/servicePrincipals", &json!({ "appId": app_id }));
    let words = format!("The appId '{app_id}' of the service principal does not reference a valid application object.");
    assert_eq!(refused.refusal(), (400, "Request_BadRequest", words.as_str()));
    assert_eq!(refused.text("/error/details/0/code"), "NoBackingApplicationObject");
    assert_eq!(refused.text("/error/details/0/target"), "appId");
}

#[test]
fn it_can_be_disabled_tagged_and_deleted() {
    let tenant = Tenant::new();
    let id = tenant.principal("New");
    let path = format!("/servicePrincipals/{id}");
    assert_eq!(tenant.patch(&path, &json!({ "accountEnabled": false, "tags": ["HideApp"] })).status, 204);
    let read = tenant.get(&path);
    assert_eq!((&read.body["accountEnabled"], &read.body["tags"]), (&json!(false), &json!(["HideApp"])));
    assert_eq!(tenant.patch(&path, &json!({ "appId": GRAPH_APP })).refusal().0, 400);
    assert_eq!(tenant.delete(&path).status, 204);
    assert_eq!(tenant.get(&path).status, 404);
    let deleted = tenant.get("/directory/deletedItems/microsoft.graph.servicePrincipal?$select=id");
    assert_eq!(deleted.body["value"], json!([{ "id": id }]));
}

#[test]
fn a_selection_returns_what_was_asked_and_null_for_what_is_unset() {
    let tenant = Tenant::unchecked();
    let id = tenant.principal("New");
    let read = tenant.get(&format!("/servicePrincipals/{id}?$select=notes,tags"));
    assert_eq!((&read.body["notes"], &read.body["tags"]), (&Value::Null, &json!([])));
    assert_eq!(read.body.get("id"), None);
    let unknown = tenant.get(&format!("/servicePrincipals/{id}?$select=nonsense"));
    assert!(unknown.refusal().2.contains("Could not find a property named 'nonsense' on type"), "{unknown:?}");
}
