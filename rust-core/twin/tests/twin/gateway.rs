//! What Graph checks before it looks at the directory.

use serde_json::json;

use crate::client::{Answer, DAY, Tenant, http};

#[test]
fn a_call_needs_a_token_that_is_whole_and_alive() {
    let mut tenant = Tenant::new();
    let url = format!("{}/v1.0/organization", tenant.twin.graph());
    let bare = Answer::read(http().get(url).send().expect("an answer"));
    assert_eq!(bare.refusal(), (401, "InvalidAuthenticationToken", "Access token is empty."));
    assert!(bare.header("www-authenticate").starts_with("Bearer"));
    let good = tenant.token.clone();
    tenant.token = good[..good.len() - 2].to_owned();
    assert_eq!(tenant.get("/organization").refusal().0, 401);
    tenant.token = "nonsense".to_owned();
    assert_eq!(tenant.get("/organization").refusal().1, "InvalidAuthenticationToken");
    tenant.token = good;
    assert_eq!(tenant.get("/organization").status, 200);
    tenant.twin.advance(DAY);
    let words = "Lifetime validation failed, the token is expired.";
    assert_eq!(tenant.get("/organization").refusal(), (401, "InvalidAuthenticationToken", words));
}

#[test]
fn a_token_of_another_twin_is_refused() {
    let mut tenant = Tenant::new();
    let other = Tenant::with(&tenant_twin::Options { seed: 2, ..tenant_twin::Options::default() });
    tenant.token = other.token;
    assert_eq!(tenant.get("/organization").refusal().0, 401);
}

#[test]
fn unknown_versions_segments_methods_and_options_are_errors() {
    let tenant = Tenant::unchecked();
    let words = "Resource not found for the segment 'nonsense'.";
    assert_eq!(tenant.get("/nonsense").refusal(), (400, "BadRequest", words));
    assert_eq!(tenant.get("/applications/x/nonsense").refusal(), (400, "BadRequest", words));
    assert_eq!(tenant.send("PUT", "/applications", &json!({})).refusal().0, 405);
    assert_eq!(tenant.get("/users?$nonsense=1").refusal().1, "BadRequest");
    assert_eq!(tenant.get("/users?nonsense=1").refusal().0, 400);
    assert_eq!(tenant.get("/users?$orderby=displayName").refusal().1, "Request_UnsupportedQuery");
    assert_eq!(tenant.get("/users?$top=1&$top=2").refusal().0, 400);
    let url = format!("{}/beta/users", tenant.twin.graph());
    let beta = Answer::read(http().get(url).bearer_auth(&tenant.token).send().expect("an answer"));
    assert_eq!(beta.refusal(), (400, "BadRequest", "Invalid version: beta"));
}

#[test]
fn a_body_must_be_declared_and_be_a_json_object() {
    let tenant = Tenant::new();
    let send = |content_type: Option<&str>, body: &'static str| {
        let request = tenant.request("POST", "/applications").body(body);
        let request = match content_type {
            Some(content_type) => request.header("content-type", content_type),
            None => request,
        };
        Answer::read(request.send().expect("an answer"))
    };
    let good = r#"{"displayName": "x"}"#;
    let words = "Write requests (excluding DELETE) must contain the Content-Type header declaration.";
    assert_eq!(send(None, good).refusal(), (400, "Request_BadRequest", words));
    assert_eq!(send(Some("text/plain"), good).refusal().0, 415);
    assert_eq!(send(Some("application/json"), "{").refusal().0, 400);
    assert_eq!(send(Some("application/json"), "[]").refusal().0, 400);
    assert_eq!(send(Some("application/json; charset=utf-8"), good).status, 201);
}

#[test]
fn permissions_in_the_token_decide() {
    let words = "Insufficient privileges to complete the operation.";
    let denied = (403, "Authorization_RequestDenied", words);
    let none = Tenant::of("noRole");
    assert_eq!(none.get("/organization").refusal(), denied);
    let reader = Tenant::of("reader");
    for path in ["/organization", "/applications", "/servicePrincipals", "/oauth2PermissionGrants", "/users", "/groups"]
    {
        assert_eq!(reader.get(path).status, 200, "{path}");
    }
    assert_eq!(reader.get("/contacts").status, 200);
    assert_eq!(reader.get("/policies/defaultAppManagementPolicy").status, 200);
    assert_eq!(reader.get("/roleManagement/directory/roleAssignments").status, 200);
    assert_eq!(reader.post("/applications", &json!({ "displayName": "x" })).refusal(), denied);
    let organization = format!("/organization/{}", reader.twin.tenant_id());
    assert_eq!(reader.patch(&organization, &json!({ "onPremisesSyncEnabled": false })).refusal(), denied);
}

#[test]
fn assigning_app_roles_needs_two_permissions() {
    let tenant = Tenant::new();
    let (id, app_id) = tenant.application("New");
    let principal = tenant.post("/servicePrincipals", &json!({ "appId": app_id })).id();
    let graph = tenant.graph_id();
    let secret = tenant.post(&format!("/applications/{id}/addPassword"), &json!({}));
    let secret = secret.text("/secretText").to_owned();
    let mut caller = Tenant { token: String::new(), twin: tenant.twin };
    let mut try_with = |role: &str| {
        caller.twin.edit(|edit| edit.add_app_role(&principal, role));
        caller.token = caller.token_for(&app_id, &secret).text("/access_token").to_owned();
        let role = "7ab1d382-f21e-4acd-a863-ba3e13f7da61";
        let body = json!({ "principalId": principal, "resourceId": graph, "appRoleId": role });
        caller.post(&format!("/servicePrincipals/{graph}/appRoleAssignedTo"), &body).status
    };
    assert_eq!(try_with("AppRoleAssignment.ReadWrite.All"), 403);
    assert_eq!(try_with("Application.Read.All"), 201);
}

#[test]
fn an_answer_names_the_request_and_the_twins_time() {
    let tenant = Tenant::new();
    let id = "3c1d5b8e-0000-4000-8000-000000000001";
    let answer = tenant.request("GET", "/nonsense").header("client-request-id", id).send().expect("an answer");
    let answer = Answer::read(answer);
    assert_eq!(answer.header("client-request-id"), id);
    assert_eq!(answer.text("/error/innerError/client-request-id"), id);
    assert_eq!(answer.header("request-id"), answer.text("/error/innerError/request-id"));
    let year = |answer: &Answer| answer.header("date")[12..16].parse::<u32>().expect("a year");
    let before = year(&answer);
    tenant.twin.advance(DAY * 366 * 10);
    assert!(year(&tenant.get("/organization")) >= before + 10);
}
