//! The check against Graph's description, which these tests need and can't bring along.

use std::io::Write as _;
use std::sync::Once;

use serde_json::{Value, json};
use tenant_twin::{Contract, Options, Twin};

use crate::client::{Answer, Tenant, http, quick};

static SAID: Once = Once::new();

/// A tenant that checks; `None`, and a line about it, where the description is not at hand.
fn checked() -> Option<Tenant> {
    let tenant = Tenant::new();
    if tenant.twin.is_checked() {
        return Some(tenant);
    }
    SAID.call_once(|| {
        let words = "Graph's description was not found: requests are checked against the twin's own tables alone.";
        // Straight to the stream, which the test runner does not hold back.
        writeln!(std::io::stderr(), "{words}").expect("a stream for errors");
    });
    None
}

/// Sends a request that breaks the description; what is noted about it.
fn broken(tenant: &Tenant, method: &str, path: &str, header: (&str, &str), body: &Value) -> String {
    let before = tenant.twin.violations().len();
    let request = tenant.request(method, path).header("content-type", "application/json").header(header.0, header.1);
    let request = if body.is_null() { request } else { request.body(body.to_string()) };
    let answer = Answer::read(request.send().expect("an answer"));
    assert_eq!(answer.status, 400, "{method} {path}");
    let noted = tenant.twin.violations();
    assert_eq!(noted.len(), before + 1, "{method} {path}");
    assert!(answer.refusal().2.contains(&noted[before]), "{answer:?}");
    noted[before].clone()
}

#[test]
fn what_graph_does_not_have_is_refused_and_noted() {
    let Some(tenant) = checked() else { return };
    let accept = ("accept", "application/json");
    let id = "3c1d5b8e-0000-4000-8000-000000000001";
    let (application, password) = (format!("/applications/{id}"), format!("/applications/{id}/addPassword"));
    let remove = format!("/applications/{id}/removePassword");
    for (method, path, body, words) in [
        ("GET", "/aplications", Value::Null, "no entry point 'aplications'"),
        ("GET", "/applications(displayName='x')", Value::Null, "number of keys"),
        ("GET", "/users/x/nonsense", Value::Null, "'user' has no segment 'nonsense'"),
        ("DELETE", "/organization", Value::Null, "no method DELETE"),
        ("GET", "/users?$select=id,displayname", Value::Null, "no property 'displayname'"),
        ("GET", "/users?$filter=name%20eq%20'x'", Value::Null, "no property 'name'"),
        ("GET", "/users?$orderby=name%20desc", Value::Null, "no property 'name'"),
        ("GET", "/users?$expand=managers", Value::Null, "no navigation property 'managers'"),
        ("GET", "/users", json!({}), "no body"),
        ("POST", "/applications", json!({ "name": "x" }), "no property 'name'"),
        ("PATCH", &application, json!({ "isFallbackPublicClient": "yes" }), "type Edm.Boolean"),
        ("PATCH", &application, json!({ "requiredResourceAccess": {} }), "must be a list"),
        ("PATCH", &application, json!({ "tags": null }), "must not be null"),
        ("PATCH", &application, json!({ "web": { "redirect": [] } }), "'webApplication' has no property 'redirect'"),
        ("POST", &password, json!({ "credential": {} }), "no parameter 'credential'"),
        ("POST", &remove, json!({}), "needs the parameter 'keyId'"),
        ("POST", &remove, json!({ "keyId": "first" }), "type Edm.Guid"),
    ] {
        let noted = broken(&tenant, method, path, accept, &body);
        assert!(noted.contains(words) && noted.starts_with(method), "{noted}");
    }
}

#[test]
fn headers_are_checked_too() {
    let Some(tenant) = checked() else { return };
    for (header, words) in [
        (("consistency-level", "eventual"), "no header 'consistency-level'"),
        (("consistencylevel", "Eventual"), "can't be 'Eventual'"),
        (("client-request-id", "one"), "can't be 'one'"),
        (("prefer", "create-if-missin"), "can't be 'create-if-missin'"),
        (("x-ms-throttle-priority", "high"), "can't be 'high'"),
    ] {
        let noted = broken(&tenant, "GET", "/users", header, &Value::Null);
        assert!(noted.contains(words), "{noted}");
    }
}

#[test]
fn items_of_a_batch_are_checked_one_by_one() {
    let Some(tenant) = checked() else { return };
    let requests = json!({ "requests": [
        { "id": "1", "method": "GET", "url": "/users?$select=nonsense" },
        { "id": "2", "method": "GET", "url": "/users?$select=id" },
    ] });
    let answer = tenant.post("/$batch", &requests);
    let responses = answer.body["responses"].as_array().expect("responses");
    let status = |id| responses.iter().find(|item| item["id"] == json!(id)).map(|item| item["status"].clone());
    assert_eq!((status("1"), status("2")), (Some(json!(400)), Some(json!(200))));
    assert_eq!(tenant.twin.violations().len(), 1);
}

#[test]
fn a_refused_write_changes_nothing() {
    let Some(tenant) = checked() else { return };
    let before = tenant.twin.state();
    let accept = ("accept", "application/json");
    broken(&tenant, "POST", "/applications", accept, &json!({ "displayName": "x", "nonsense": 1 }));
    assert_eq!(tenant.twin.state(), before);
}

#[test]
fn good_requests_break_nothing_and_the_check_can_be_asked_about() {
    let Some(tenant) = checked() else { return };
    let principal = tenant.principal("good");
    tenant.get(&format!("/servicePrincipals/{principal}/appRoleAssignments?$select=id,appRoleId,resourceId"));
    tenant.get("/directory/deletedItems/microsoft.graph.application?$filter=displayName%20eq%20'good'");
    tenant.eventual("/users/$count?$filter=onPremisesSyncEnabled%20eq%20true");
    let answer = Answer::read(http().get(format!("{}/violations", tenant.twin.control())).send().expect("an answer"));
    assert_eq!(answer.body, json!({ "checked": true, "violations": [] }));
}

#[test]
fn a_description_that_is_asked_for_must_be_there() {
    let missing = Contract::In("/nonexistent/folder".into());
    let refused = Twin::start(&Options { contract: missing, ..quick() }).expect_err("no such folder");
    assert!(refused.to_string().contains("graph-contract.json"), "{refused}");
    assert!(!Tenant::unchecked().twin.is_checked());
}
