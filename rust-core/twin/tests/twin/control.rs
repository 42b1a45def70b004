//! The control endpoints and the chain of requests.

use serde_json::{Value, json};

use crate::client::{Answer, Tenant, http};

fn control(tenant: &Tenant, method: &str, path: &str, body: &Value) -> Answer {
    let method = reqwest::Method::from_bytes(method.as_bytes()).expect("a method");
    let request = http().request(method, format!("{}{path}", tenant.twin.control()));
    let request = if body.is_null() { request } else { request.body(body.to_string()) };
    Answer::read(request.send().expect("an answer"))
}

fn get(tenant: &Tenant, path: &str) -> Value {
    control(tenant, "GET", path, &Value::Null).body
}

#[test]
fn the_clock_moves_for_tokens_and_dates() {
    let tenant = Tenant::new();
    let before = get(&tenant, "/clock")["now"].as_str().map(str::to_owned).expect("a date");
    let moved = control(&tenant, "POST", "/clock", &json!({ "advanceSeconds": 3600 }));
    assert!(moved.text("/now") > before.as_str());
    assert_eq!(tenant.get("/organization").status, 401);
    for bad in [json!({}), json!({ "advanceSeconds": -1 }), json!({ "advanceSeconds": 1, "x": 1 }), json!([])] {
        let refused = control(&tenant, "POST", "/clock", &bad);
        assert_eq!(refused.status, 400, "{bad}");
        assert!(!refused.text("/error").is_empty());
    }
}

#[test]
fn requests_are_listed_and_cleared() {
    let tenant = Tenant::new();
    tenant.get("/users?$top=1");
    tenant.post("/applications", &json!({}));
    let requests = get(&tenant, "/requests");
    let seen: Vec<_> =
        requests.as_array().expect("a list").iter().map(|r| (&r["path"], &r["status"], &r["write"])).collect();
    let token = json!(format!("/login/{}/oauth2/v2.0/token", tenant.twin.tenant_id()));
    assert_eq!(seen[0], (&token, &json!(200), &json!(false)));
    assert_eq!(seen[1], (&json!("/graph/v1.0/users?$top=1"), &json!(200), &json!(false)));
    assert_eq!(seen[2], (&json!("/graph/v1.0/applications"), &json!(400), &json!(true)));
    assert_eq!(requests[0]["token"], json!(true));
    assert!(requests[1]["arrivedMs"].as_f64() < requests[1]["answeredMs"].as_f64());
    assert_eq!(control(&tenant, "DELETE", "/requests", &Value::Null).status, 204);
    assert_eq!(get(&tenant, "/requests"), json!([]));
}

#[test]
fn dependent_requests_count_one_by_one_and_the_first_token_not() {
    let tenant = Tenant::new();
    for _ in 0..3 {
        tenant.get("/organization");
    }
    assert_eq!(get(&tenant, "/chain"), json!({ "longestChain": 3, "requests": 3 }));
    assert_eq!(tenant.twin.chain().longest, 3);
}

#[test]
fn parallel_requests_count_once() {
    let tenant = Tenant::new();
    // Enough latency that all have arrived before the first is answered.
    control(&tenant, "POST", "/latency", &json!({ "ms": 1000 }));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| tenant.get("/organization"));
        }
    });
    assert_eq!(get(&tenant, "/chain"), json!({ "longestChain": 1, "requests": 4 }));
}

#[test]
fn the_state_shows_the_tenant() {
    let tenant = Tenant::new();
    let state = get(&tenant, "/state");
    assert_eq!(state["tenantId"], json!(tenant.twin.tenant_id()));
    assert_eq!(state["organization"][0]["onPremisesSyncEnabled"], json!(true));
    assert_eq!(
        (&state["syncedUsers"], &state["syncedGroups"], &state["syncedContacts"]),
        (&json!(24), &json!(6), &json!(3))
    );
    for list in ["applications", "servicePrincipals", "oauth2PermissionGrants", "appRoleAssignments", "roleAssignments"]
    {
        assert!(state[list].as_array().is_some_and(|list| !list.is_empty()), "{list}");
    }
    assert_eq!(state, tenant.twin.state());
}

#[test]
fn options_and_the_tenant_can_be_changed_in_flight() {
    let tenant = Tenant::new();
    let policy = json!({ "policy": { "enabled": true, "maxSecretLifetimeSeconds": 86400 }, "upsert": false });
    assert_eq!(control(&tenant, "POST", "/options", &policy).status, 204);
    let read = tenant.get("/policies/defaultAppManagementPolicy");
    assert_eq!(read.text("/applicationRestrictions/passwordCredentials/1/maxLifetime"), "P1D");
    let edit = |body: Value| control(&tenant, "POST", "/edit", &body).body;
    let made = edit(json!({ "edit": "addApplication", "displayName": "By hand" }));
    let principal = edit(json!({ "edit": "addServicePrincipal", "appId": made["appId"] }));
    edit(json!({ "edit": "addGrant", "principalId": principal["id"], "scope": "User.Read" }));
    edit(json!({ "edit": "addAppRole", "principalId": principal["id"], "role": "Group.Create" }));
    let set = json!({
        "edit": "set", "collection": "servicePrincipals", "id": principal["id"], "property": "accountEnabled", "value": false
    });
    assert_eq!(edit(set), json!({ "done": true }));
    let read = tenant.get(&format!("/servicePrincipals/{}", principal["id"].as_str().expect("an id")));
    assert_eq!((read.text("/displayName"), &read.body["accountEnabled"]), ("By hand", &json!(false)));
    assert_eq!(control(&tenant, "POST", "/edit", &json!({ "edit": "nonsense" })).status, 400);
    assert_eq!(control(&tenant, "GET", "/nonsense", &Value::Null).status, 404);
}
