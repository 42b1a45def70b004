//! The key vault: whom it lets in, and what it keeps.

use serde_json::{Value, json};
use tenant_twin::{Fault, FaultKind, On, VaultAccess};

use crate::client::{Answer, DAY, Tenant, http};

const VERSION: &str = "api-version=7.4";

/// The administrator's token for the vault.
fn token(tenant: &Tenant) -> String {
    let admin = tenant.twin.client("admin").expect("an admin").clone();
    let scope = format!("{}/.default", tenant.twin.vault());
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", admin.client_id.as_str()),
        ("client_secret", admin.client_secret.as_str()),
        ("scope", scope.as_str()),
    ];
    tenant.token_with(tenant.twin.tenant_id(), &form).text("/access_token").to_owned()
}

fn send(tenant: &Tenant, method: &str, path: &str, token: Option<&str>, body: Option<&Value>) -> Answer {
    let method = reqwest::Method::from_bytes(method.as_bytes()).expect("a method");
    let request = http().request(method, format!("{}/{path}", tenant.twin.vault()));
    let request = token.into_iter().fold(request, reqwest::blocking::RequestBuilder::bearer_auth);
    let request = body.into_iter().fold(request, |request, body| request.body(body.to_string()));
    Answer::read(request.send().expect("an answer"))
}

#[test]
fn without_a_token_of_its_own_it_says_who_gives_one() {
    let tenant = Tenant::new();
    let good = token(&tenant);
    let path = format!("secrets/name/versions?{VERSION}");
    assert_eq!(send(&tenant, "GET", &path, Some(&good), None).status, 200);
    let forged = format!("{}AAAA", &good[..good.len() - 4]);
    let others = token(&Tenant::new());
    let login = format!("Bearer authorization=\"{}/{}\"", tenant.twin.login(), tenant.twin.tenant_id());
    let challenge = format!("{login}, resource=\"{}\"", tenant.twin.vault());
    for (shown, words) in [
        (None, "AKV10000"),
        (Some("nothing"), "AKV10001"),
        (Some(forged.as_str()), "AKV10001"),
        (Some(tenant.token.as_str()), "AKV10022: Invalid audience"),
        (Some(others.as_str()), "AKV100"),
    ] {
        let answer = send(&tenant, "GET", &path, shown, None);
        assert_eq!((answer.status, answer.header("www-authenticate")), (401, challenge.as_str()), "{answer:?}");
        assert!(answer.text("/error/message").contains(words), "{answer:?}");
    }
    tenant.twin.advance(DAY);
    assert_eq!(send(&tenant, "GET", &path, Some(&good), None).status, 401, "it has ended");
    // Graph takes no token of the vault's either.
    let mut graph = Tenant::new();
    graph.token = token(&graph);
    assert_eq!(graph.get("/organization").status, 401);
}

#[test]
fn a_token_that_was_revoked_is_challenged_for_claims_and_graphs_stays_good() {
    let tenant = Tenant::new();
    let (token, path) = (token(&tenant), format!("secrets/name/versions?{VERSION}"));
    let on = On { path: Some("/vault/*".into()), ..On::default() };
    tenant.twin.add_fault(Fault::new(on, FaultKind::ClaimsChallenge));
    for _ in 0..2 {
        let challenged = send(&tenant, "GET", &path, Some(&token), None);
        let header = challenged.header("www-authenticate");
        assert!(header.contains("error=\"insufficient_claims\"") && header.contains("claims=\""), "{challenged:?}");
    }
    let without_claims = self::token(&tenant);
    assert_eq!(send(&tenant, "GET", &path, Some(&without_claims), None).status, 401);
    assert_eq!(tenant.get("/organization").status, 200);
}

#[test]
fn a_disabled_secret_is_not_given_out_and_one_that_has_ended_is() {
    let tenant = Tenant::new();
    let token = token(&tenant);
    let get = || send(&tenant, "GET", &format!("secrets/kept?{VERSION}"), Some(&token), None);
    tenant.twin.edit_vault(|vault| vault.add_secret("kept", "text", &Value::Null));
    tenant.twin.edit_vault(|vault| vault.set_attributes("kept", &json!({ "exp": 1 })));
    assert_eq!(get().text("/value"), "text");
    tenant.twin.edit_vault(|vault| vault.set_attributes("kept", &json!({ "enabled": false })));
    let refused = get();
    assert_eq!((refused.status, refused.text("/error/innererror/code")), (403, "SecretDisabled"), "{refused:?}");
}

#[test]
fn each_write_is_a_version_and_the_newest_is_read() {
    let tenant = Tenant::new();
    let token = token(&tenant);
    let send = |method: &str, path: &str, body: Option<&Value>| send(&tenant, method, path, Some(&token), body);
    let name = format!("secrets/Name-1?{VERSION}");
    assert_eq!(send("GET", &name, None).refusal().1, "SecretNotFound");
    let first = send(
        "PUT",
        &name,
        Some(&json!({ "value": "one", "tags": { "a": "b" }, "attributes": { "exp": 4_000_000_000_i64 } })),
    );
    let second = send("PUT", &name, Some(&json!({ "value": "two" })));
    let newest = send("GET", &format!("secrets/NAME-1?{VERSION}"), None);
    assert_eq!((newest.text("/value"), newest.text("/id")), ("two", second.text("/id")), "names in any case");
    let version = first.text("/id").rsplit('/').next().expect("an id");
    let older = send("GET", &format!("secrets/name-1/{version}?{VERSION}"), None);
    assert_eq!((older.text("/value"), &older.body["attributes"]["exp"]), ("one", &json!(4_000_000_000_i64)));
    let list = send("GET", &format!("secrets/name-1/versions?{VERSION}"), None);
    assert_eq!(list.values().len(), 2);
    assert!(list.values().iter().all(|version| version.get("value").is_none_or(Value::is_null)), "without the values");
}

#[test]
fn what_is_not_right_is_refused_in_its_words() {
    let tenant = Tenant::new();
    let token = token(&tenant);
    let send = |method: &str, path: &str, body: Option<&Value>| send(&tenant, method, path, Some(&token), body);
    let good = json!({ "value": "text" });
    for (method, path, body, status, code) in [
        ("GET", "secrets/name", None, 400, "BadParameter"),
        ("GET", "secrets/name?api-version=1.0", None, 400, "BadParameter"),
        ("PUT", "secrets/a_b?api-version=7.4", Some(&good), 400, "BadParameter"),
        ("PUT", "secrets/name?api-version=7.4", Some(&Value::Null), 400, "BadParameter"),
        ("PUT", "secrets/name?api-version=7.4", Some(&json!({})), 400, "BadParameter"),
        ("GET", "keys/name?api-version=7.4", None, 404, "NotFound"),
        ("GET", "deletedsecrets/name?api-version=7.4", None, 404, "SecretNotFound"),
    ] {
        let answer = send(method, path, body);
        assert_eq!((answer.refusal().0, answer.refusal().1), (status, code), "{method} {path}");
    }
    let name = format!("secrets/name?{VERSION}");
    assert_eq!(send("PUT", &name, Some(&good)).status, 200);
    tenant.twin.edit_vault(|vault| vault.delete_secret("name"));
    assert_eq!(send("GET", &format!("deletedsecrets/name?{VERSION}"), None).status, 200);
    let refused = send("PUT", &name, Some(&good));
    assert_eq!((refused.refusal().0, refused.text("/error/innererror/code")), (409, "ObjectIsDeletedButRecoverable"));
}

#[test]
fn who_may_not_is_told_by_what() {
    let tenant = Tenant::new();
    let token = token(&tenant);
    let (path, body) = (format!("secrets/name?{VERSION}"), json!({ "value": "text" }));
    for (access, read, write) in [
        (VaultAccess::Officer, "", ""),
        (VaultAccess::User, "", "ForbiddenByRbac"),
        (VaultAccess::NoRole, "ForbiddenByRbac", "ForbiddenByRbac"),
        (VaultAccess::NoPolicy, "AccessDenied", "AccessDenied"),
        (VaultAccess::Firewall, "ForbiddenByFirewall", "ForbiddenByFirewall"),
    ] {
        tenant.twin.edit_vault(|vault| vault.set_access(access));
        let written = send(&tenant, "PUT", &path, Some(&token), Some(&body));
        assert_eq!(written.text("/error/innererror/code"), write, "{access:?}");
        let answer = send(&tenant, "GET", &path, Some(&token), None);
        assert_eq!(answer.text("/error/innererror/code"), read, "{access:?}");
    }
}
