//! Applications.

use serde_json::{Value, json};
use tenant_twin::{DeletedNames, Options};

use crate::client::{Answer, DAY, GRAPH_APP, Tenant, filtered, http, quick};

const UPSERT: &str = "/applications(uniqueName='practice-protect-federation')";

fn upsert(tenant: &Tenant, body: &Value, prefer: Option<&str>) -> Answer {
    let request = tenant.request("PATCH", UPSERT).header("content-type", "application/json");
    let request = match prefer {
        Some(prefer) => request.header("Prefer", prefer),
        None => request,
    };
    Answer::read(request.body(body.to_string()).send().expect("an answer"))
}

#[test]
fn an_application_is_made_with_its_declared_permissions() {
    let tenant = Tenant::new();
    let declared = json!([{
        "resourceAppId": GRAPH_APP,
        "resourceAccess": [{ "id": "e1fe6dd8-ba31-4d61-89e7-88639da4683d", "type": "Scope" }]
    }]);
    let body = json!({ "displayName": "New", "signInAudience": "AzureADMyOrg", "requiredResourceAccess": declared });
    let made = tenant.post("/applications", &body);
    assert_eq!(made.status, 201);
    assert!(made.header("location").ends_with(made.text("/id")));
    let read = tenant.get(&format!("/applications/{}", made.id()));
    assert_eq!(read.body["requiredResourceAccess"], declared);
    assert_eq!(read.text("/signInAudience"), "AzureADMyOrg");
    assert_ne!(read.text("/id"), read.text("/appId"));
    let by_app_id = tenant.get(&format!("/applications(appId='{}')", made.text("/appId")));
    assert_eq!(by_app_id.id(), made.id());
}

#[test]
fn display_names_may_repeat_and_are_found_by_filter() {
    let tenant = Tenant::new();
    tenant.application("Two O'Clock");
    tenant.application("Two O'Clock");
    let found = tenant.get(&filtered("/applications", "displayName eq 'Two O''Clock'"));
    assert_eq!(found.values().len(), 2);
}

#[test]
fn tags_unique_name_and_app_id_can_be_filtered() {
    let tenant = Tenant::new();
    let made = tenant.post("/applications", &json!({ "displayName": "New", "tags": ["one", "two"] }));
    upsert(&tenant, &json!({ "displayName": "Unique" }), Some("create-if-missing"));
    for (filter, name) in [
        ("tags/any(t:t eq 'two')".to_owned(), "New"),
        (format!("appId eq '{}'", made.text("/appId")), "New"),
        ("uniqueName eq 'practice-protect-federation'".to_owned(), "Unique"),
        ("startsWith(displayName,'Uniq')".to_owned(), "Unique"),
        ("displayName in ('Unique', 'None')".to_owned(), "Unique"),
        ("displayName eq 'New' and not (displayName eq 'Unique')".to_owned(), "New"),
    ] {
        let found = tenant.eventual(&(filtered("/applications", &filter) + "&$count=true"));
        assert_eq!(found.values().len(), 1, "{filter}");
        assert_eq!(found.text("/value/0/displayName"), name, "{filter}");
    }
}

#[test]
fn filters_that_the_service_does_not_have_are_refused() {
    let tenant = Tenant::new();
    let code = |filter: &str| tenant.get(&filtered("/applications", filter)).refusal().1.to_owned();
    assert_eq!(code("notes eq 'x'"), "Request_UnsupportedQuery");
    assert_eq!(code("displayName ne 'x'"), "Request_UnsupportedQuery");
    assert_eq!(code("displayName eq "), "BadRequest");
    assert_eq!(code("displayName eq 'x"), "BadRequest");
    assert_eq!(code("displayName is 'x'"), "BadRequest");
}

#[test]
fn an_upsert_creates_once_and_then_updates() {
    let tenant = Tenant::new();
    let body = json!({ "displayName": "Federation" });
    assert_eq!(upsert(&tenant, &body, None).refusal().0, 404);
    let made = upsert(&tenant, &body, Some("create-if-missing"));
    assert_eq!((made.status, made.text("/uniqueName")), (201, "practice-protect-federation"));
    let again = upsert(&tenant, &json!({ "displayName": "Renamed" }), Some("create-if-missing"));
    assert_eq!((again.status, &again.body), (204, &Value::Null));
    let read = tenant.get(UPSERT);
    assert_eq!((read.id(), read.text("/displayName")), (made.id(), "Renamed"));
}

#[test]
fn a_service_without_the_upsert_refuses_it() {
    let tenant = Tenant::with(&Options { upsert: false, ..quick() });
    let refused = upsert(&tenant, &json!({ "displayName": "Federation" }), Some("create-if-missing"));
    assert_eq!(refused.refusal().0, 400);
}

#[test]
fn a_patch_replaces_the_whole_list_of_declared_permissions() {
    let tenant = Tenant::new();
    let (id, _) = tenant.application("New");
    let path = format!("/applications/{id}");
    let list = |app: &str| json!({ "requiredResourceAccess": [{ "resourceAppId": app, "resourceAccess": [] }] });
    assert_eq!(tenant.patch(&path, &list(GRAPH_APP)).status, 204);
    let other = "00000002-0000-0000-c000-000000000000";
    assert_eq!(tenant.patch(&path, &list(other)).status, 204);
    let read = tenant.get(&path);
    assert_eq!(read.body["requiredResourceAccess"], list(other)["requiredResourceAccess"]);
    assert_eq!(read.text("/displayName"), "New");
}

#[test]
fn bad_names_properties_and_types_are_refused() {
    let tenant = Tenant::unchecked();
    let words = |body: Value| tenant.post("/applications", &body).refusal().2.to_owned();
    assert_eq!(words(json!({})), "A value is required for property 'displayName' of resource 'Application'.");
    let invalid = "Invalid value specified for property 'displayName' of resource 'Application'.";
    assert_eq!(words(json!({ "displayName": "" })), invalid);
    assert_eq!(words(json!({ "displayName": null })), invalid);
    assert_eq!(words(json!({ "displayName": "x".repeat(257) })), invalid);
    assert_eq!(words(json!({ "displayName": 5 })), invalid);
    assert_eq!(words(json!({ "displayName": "x", "nonsense": 1 })), "Invalid property 'nonsense'.");
    assert_eq!(
        words(json!({ "displayName": "x", "uniqueName": "y" })),
        "Property 'uniqueName' is read-only and cannot be set."
    );
    let audience = words(json!({ "displayName": "x", "signInAudience": "Everyone" }));
    assert!(audience.contains("signInAudience"), "{audience}");
    let access = json!([{ "resourceAppId": GRAPH_APP, "resourceAccess": [{ "id": "x", "type": "Scope" }] }]);
    assert_ne!(words(json!({ "displayName": "x", "requiredResourceAccess": access })), "");
    let secrets = json!({ "displayName": "x", "passwordCredentials": [{ "displayName": "y" }] });
    assert!(words(secrets).contains("service actions"));
}

#[test]
fn a_deleted_application_takes_its_service_principal_and_consents_along() {
    let tenant = Tenant::new();
    let (id, app_id) = tenant.application("New");
    let principal = tenant.post("/servicePrincipals", &json!({ "appId": app_id })).id();
    tenant.twin.edit(|edit| (edit.add_grant(&principal, "User.Read"), edit.add_app_role(&principal, "Group.Create")));
    assert_eq!(tenant.delete(&format!("/applications/{id}")).status, 204);
    assert_eq!(tenant.get(&format!("/applications/{id}")).status, 404);
    assert_eq!(tenant.get(&format!("/servicePrincipals/{principal}")).status, 404);
    let state = tenant.twin.state();
    assert!(!state["oauth2PermissionGrants"].to_string().contains(&principal));
    assert!(!state["appRoleAssignments"].to_string().contains(&principal));
    let deleted = tenant.get("/directory/deletedItems/microsoft.graph.application");
    assert_eq!(deleted.values().len(), 1);
    assert!(deleted.body["value"][0]["deletedDateTime"].is_string());
}

#[test]
fn a_deleted_application_can_be_restored_or_erased() {
    let tenant = Tenant::new();
    let (id, app_id) = tenant.application("New");
    tenant.delete(&format!("/applications/{id}"));
    let restored = Answer::read(
        tenant.request("POST", &format!("/directory/deletedItems/{id}/restore")).send().expect("an answer"),
    );
    assert_eq!(restored.text("/appId"), app_id);
    assert_eq!(tenant.get(&format!("/applications/{id}")).text("/displayName"), "New");
    tenant.delete(&format!("/applications/{id}"));
    assert_eq!(tenant.delete(&format!("/directory/deletedItems/{id}")).status, 204);
    assert_eq!(tenant.get(&format!("/directory/deletedItems/{id}")).status, 404);
}

#[test]
fn a_service_principal_is_restored_by_a_call_of_its_own_with_or_without_what_it_had() {
    for brings_back in [true, false] {
        let tenant = Tenant::new();
        let told = json!({ "restoreBringsBack": brings_back }).to_string();
        let options = format!("{}/options", tenant.twin.control());
        assert_eq!(http().post(options).body(told).send().expect("an answer").status().as_u16(), 204);
        let (id, app_id) = tenant.application("New");
        let principal = tenant.post("/servicePrincipals", &json!({ "appId": app_id })).id();
        tenant.twin.edit(|edit| edit.add_grant(&principal, "User.Read"));
        tenant.delete(&format!("/applications/{id}"));
        let restore = |id: &str| {
            let path = format!("/directory/deletedItems/{id}/restore");
            Answer::read(tenant.request("POST", &path).send().expect("an answer"))
        };
        assert_eq!(restore(&principal).text("/error/details/0/code"), "NoBackingApplicationObject");
        assert_eq!(restore(&id).status, 200);
        assert_eq!(tenant.get(&format!("/servicePrincipals/{principal}")).status, 404, "not with its application");
        assert_eq!(restore(&principal).status, 200);
        let state = tenant.twin.state();
        assert_eq!(state["oauth2PermissionGrants"].to_string().contains(&principal), brings_back);
        assert!(!state.to_string().contains("_lostLinks"));
    }
}

#[test]
fn unknown_and_malformed_ids_are_told_apart() {
    let tenant = Tenant::unchecked();
    let id = "3c1d5b8e-0000-4000-8000-000000000001";
    let words =
        format!("Resource '{id}' does not exist or one of its queried reference-property objects are not present.");
    let missing = tenant.get(&format!("/applications/{id}"));
    assert_eq!(missing.refusal(), (404, "Request_ResourceNotFound", words.as_str()));
    assert_eq!(tenant.get("/applications/abc").refusal().1, "Request_BadRequest");
}

#[test]
fn the_permission_for_own_applications_reaches_no_others() {
    let tenant = Tenant::new();
    let (id, app_id) = tenant.application("Caller");
    let principal = tenant.post("/servicePrincipals", &json!({ "appId": app_id })).id();
    tenant.twin.edit(|edit| edit.add_app_role(&principal, "Application.ReadWrite.OwnedBy"));
    let secret = tenant.post(&format!("/applications/{id}/addPassword"), &json!({}));
    let token = tenant.token_for(&app_id, secret.text("/secretText")).text("/access_token").to_owned();
    let caller = Tenant { token, ..tenant };
    let (own, _) = caller.application("Own");
    assert_eq!(caller.patch(&format!("/applications/{own}"), &json!({ "notes": "x" })).status, 204);
    assert_eq!(caller.patch(&format!("/applications/{id}"), &json!({ "notes": "x" })).status, 403);
}

#[test]
fn a_deleted_application_holds_its_unique_name_where_the_twin_is_told_so() {
    for (form, status, details) in [
        ("free", 201, false),
        ("badRequest", 400, true),
        ("badRequestBare", 400, false),
        ("objectConflict", 400, false),
        ("conflict", 409, true),
    ] {
        let tenant = Tenant::new();
        let options = format!("{}/options", tenant.twin.control());
        let told = http().post(options).body(json!({ "deletedNames": form }).to_string()).send().expect("an answer");
        assert_eq!(told.status().as_u16(), 204);
        let body = json!({ "displayName": "Unique" });
        let made = upsert(&tenant, &body, Some("create-if-missing")).id();
        assert_eq!(tenant.delete(&format!("/applications/{made}")).status, 204);
        let again = upsert(&tenant, &body, Some("create-if-missing"));
        assert_eq!((again.status, !again.text("/error/details/0/code").is_empty()), (status, details), "{form}");
        if status == 201 {
            continue;
        }
        assert_eq!(again.refusal().2, "Another object with the same value for property uniqueName already exists.");
        assert_eq!(tenant.delete(&format!("/directory/deletedItems/{made}")).status, 204);
        assert_eq!(upsert(&tenant, &body, Some("create-if-missing")).status, 201, "{form}");
    }
}

#[test]
fn a_held_name_is_free_after_thirty_days() {
    let mut tenant = Tenant::with(&Options { deleted_names: DeletedNames::BadRequest, ..quick() });
    let body = json!({ "displayName": "Unique" });
    let made = upsert(&tenant, &body, Some("create-if-missing")).id();
    tenant.delete(&format!("/applications/{made}"));
    tenant.twin.advance(DAY * 29);
    tenant.sign_in("admin");
    assert_eq!(upsert(&tenant, &body, Some("create-if-missing")).status, 400);
    tenant.twin.advance(DAY * 2);
    tenant.sign_in("admin");
    assert_eq!(tenant.get(&format!("/directory/deletedItems/{made}")).status, 404);
    assert_eq!(upsert(&tenant, &body, Some("create-if-missing")).status, 201);
}
