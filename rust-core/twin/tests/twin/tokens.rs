//! The token endpoint.

use base64::Engine as _;
use serde_json::{Value, json};
use tenant_twin::{Options, Twin};

use crate::client::{Answer, DAY, GLOBAL_ADMINISTRATOR, Tenant, http, quick};

fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).expect("three parts");
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload).expect("base64url");
    serde_json::from_slice(&bytes).expect("JSON")
}

/// Status, error and the code of the text.
fn refusal(answer: &Answer) -> (u16, &str, i64) {
    let code = answer.body["error_codes"][0].as_i64().expect("a code");
    assert!(answer.text("/error_description").starts_with(&format!("AADSTS{code}: ")), "{answer:?}");
    for field in ["timestamp", "trace_id", "correlation_id", "error_uri"] {
        assert!(answer.body[field].is_string(), "{field} of {answer:?}");
    }
    (answer.status, answer.text("/error"), code)
}

#[test]
fn a_token_carries_tenant_client_and_permissions() {
    let tenant = Tenant::new();
    let client = tenant.twin.client("admin").expect("an admin").clone();
    let answer = tenant.token_for(&client.client_id, &client.client_secret);
    assert_eq!((answer.text("/token_type"), &answer.body["expires_in"]), ("Bearer", &json!(3599)));
    let claims = claims(answer.text("/access_token"));
    assert_eq!(claims["aud"], json!(tenant.twin.graph()));
    assert_eq!(claims["tid"], json!(tenant.twin.tenant_id()));
    assert_eq!(claims["appid"], json!(client.client_id));
    assert_eq!(claims["exp"].as_i64(), claims["iat"].as_i64().map(|issued| issued + 3599));
    let roles: Vec<&str> = claims["roles"].as_array().expect("roles").iter().filter_map(Value::as_str).collect();
    assert!(roles.contains(&"Organization.ReadWrite.All"), "{roles:?}");
    assert!(!roles.contains(&"Group.Create"), "{roles:?}");
}

#[test]
fn the_client_without_permissions_has_no_roles() {
    let tenant = Tenant::of("noRole");
    assert_eq!(claims(&tenant.token)["roles"], json!([]));
}

#[test]
fn directory_roles_are_in_wids() {
    let tenant = Tenant::new();
    let (id, app_id) = tenant.application("New");
    let principal = tenant.post("/servicePrincipals", &json!({ "appId": app_id })).id();
    tenant.twin.edit(|edit| edit.add_role(&principal, GLOBAL_ADMINISTRATOR));
    let secret = tenant.post(&format!("/applications/{id}/addPassword"), &json!({}));
    let answer = tenant.token_for(&app_id, secret.text("/secretText"));
    let claims = claims(answer.text("/access_token"));
    assert!(claims["wids"].as_array().expect("wids").contains(&json!(GLOBAL_ADMINISTRATOR)));
    assert_eq!(claims["oid"], json!(principal));
}

#[test]
fn unknown_tenant_client_and_secret_are_told_apart() {
    let tenant = Tenant::new();
    let client = tenant.twin.client("admin").expect("an admin").clone();
    let scope = format!("{}/.default", tenant.twin.graph());
    let form = [("grant_type", "client_credentials"), ("client_id", client.client_id.as_str()), ("scope", &scope)];
    let nobody = "11111111-2222-4333-8444-555555555555";
    assert_eq!(refusal(&tenant.token_with(nobody, &form)), (400, "invalid_request", 90002));
    assert_eq!(refusal(&tenant.token_for(nobody, "x")), (400, "unauthorized_client", 700_016));
    assert_eq!(refusal(&tenant.token_for(&client.client_id, "x")), (401, "invalid_client", 7_000_215));
    assert_eq!(refusal(&tenant.token_with(tenant.twin.tenant_id(), &form)), (401, "invalid_client", 7_000_218));
}

#[test]
fn grant_type_scope_and_resource_are_checked() {
    let tenant = Tenant::new();
    let client = tenant.twin.client("admin").expect("an admin").clone();
    let ask = |grant_type: &str, scope: &str| {
        let form = [
            ("grant_type", grant_type),
            ("client_id", client.client_id.as_str()),
            ("client_secret", client.client_secret.as_str()),
            ("scope", scope),
        ];
        tenant.token_with(tenant.twin.tenant_id(), &form)
    };
    let good = format!("{}/.default", tenant.twin.graph());
    assert_eq!(refusal(&ask("password", &good)), (400, "unsupported_grant_type", 70003));
    assert_eq!(refusal(&ask("", &good)), (400, "invalid_request", 900_144));
    assert_eq!(refusal(&ask("client_credentials", "User.Read")), (400, "invalid_scope", 1_002_012));
    assert_eq!(refusal(&ask("client_credentials", "a b/.default")), (400, "invalid_scope", 70011));
    let other = "https://vault.azure.net/.default";
    assert_eq!(refusal(&ask("client_credentials", other)), (400, "invalid_resource", 500_011));
}

#[test]
fn an_expired_secret_is_told_from_a_wrong_one() {
    let tenant = Tenant::new();
    let application = tenant.client_application("reader");
    let secret = tenant.twin.edit(|edit| edit.add_secret(&application, "old", DAY));
    let client_id = tenant.twin.client("reader").expect("a reader").client_id.clone();
    assert_eq!(tenant.token_for(&client_id, &secret).status, 200);
    tenant.twin.advance(DAY);
    assert_eq!(refusal(&tenant.token_for(&client_id, &secret)), (401, "invalid_client", 7_000_222));
}

#[test]
fn a_disabled_or_missing_service_principal_gets_no_token() {
    let tenant = Tenant::new();
    let (id, app_id) = tenant.application("New");
    let secret = tenant.post(&format!("/applications/{id}/addPassword"), &json!({}));
    let secret = secret.text("/secretText");
    assert_eq!(refusal(&tenant.token_for(&app_id, secret)), (401, "unauthorized_client", 7_000_229));
    let principal = tenant.post("/servicePrincipals", &json!({ "appId": app_id })).id();
    assert_eq!(tenant.token_for(&app_id, secret).status, 200);
    tenant.patch(&format!("/servicePrincipals/{principal}"), &json!({ "accountEnabled": false }));
    assert_eq!(refusal(&tenant.token_for(&app_id, secret)), (400, "unauthorized_client", 7_000_112));
}

#[test]
fn conditional_access_refuses_the_applications_that_were_registered_until_it_is_lifted() {
    let tenant = Tenant::new();
    let (id, app_id) = tenant.application("New");
    let secret = tenant.post(&format!("/applications/{id}/addPassword"), &json!({}));
    let secret = secret.text("/secretText");
    tenant.post("/servicePrincipals", &json!({ "appId": app_id }));
    tenant.twin.block_workload_identities(Some(53003));
    assert_eq!(refusal(&tenant.token_for(&app_id, secret)), (400, "access_denied", 53003));
    assert_eq!(refusal(&tenant.token_for(&app_id, "wrong")), (401, "invalid_client", 7_000_215));
    let admin = tenant.twin.client("admin").expect("an administrator");
    assert_eq!(tenant.token_for(&admin.client_id, &admin.client_secret).status, 200);
    tenant.twin.block_workload_identities(None);
    assert_eq!(tenant.token_for(&app_id, secret).status, 200);
}

#[test]
fn the_endpoint_takes_post_alone() {
    let tenant = Tenant::new();
    let url = format!("{}/{}/oauth2/v2.0/token", tenant.twin.login(), tenant.twin.tenant_id());
    let answer = Answer::read(http().get(url).send().expect("an answer"));
    assert_eq!(refusal(&answer), (400, "invalid_request", 900_561));
}

#[test]
fn an_opaque_token_works_and_cannot_be_read() {
    let twin = Twin::start(&Options { opaque_tokens: true, ..quick() }).expect("a free port");
    let mut tenant = Tenant { twin, token: String::new() };
    tenant.sign_in("admin");
    assert!(!tenant.token.contains('.'));
    assert_eq!(tenant.get("/organization").status, 200);
}

#[test]
fn no_secret_is_in_the_log_or_the_state() {
    let tenant = Tenant::new();
    let secrets: Vec<String> = tenant.twin.clients().iter().map(|client| client.client_secret.clone()).collect();
    let application = tenant.client_application("admin");
    let made = tenant.post(&format!("/applications/{application}/addPassword"), &json!({}));
    let seen = format!("{:?} {} {:?}", tenant.twin.requests(), tenant.twin.state(), tenant.twin.clients());
    assert!(!seen.contains(made.text("/secretText")));
    assert!(secrets.iter().all(|secret| !seen.contains(secret)));
}
