//! Client assertions at the token endpoint: an application's own, signed with its certificate's key, and another issuer's.

use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PSS_SHA256, RsaKeyPair};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::client::{Answer, DAY, Tenant};

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const SUBJECT: &str = "repo:contoso/tenant:ref:refs/heads/main";
const AUDIENCE: &str = "api://AzureADTokenExchange";

/// The content of a PEM file of the test certificates.
fn pem(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testing/certificates");
    let text = std::fs::read_to_string(folder.join(name)).expect("a file of the repository");
    let base64: String = text.lines().filter(|line| !line.starts_with('-')).collect();
    STANDARD.decode(base64).expect("base64")
}

/// The twin's time, in seconds.
fn now(tenant: &Tenant) -> i64 {
    let passed = tenant.twin.now().duration_since(UNIX_EPOCH).expect("after 1970");
    i64::try_from(passed.as_secs()).expect("before the end of time")
}

fn client_id(tenant: &Tenant) -> String {
    tenant.twin.client("admin").expect("an admin").client_id.clone()
}

fn header() -> Value {
    json!({ "alg": "PS256", "typ": "JWT", "x5t#S256": URL_SAFE_NO_PAD.encode(Sha256::digest(pem("certificate.pem"))) })
}

fn claims(tenant: &Tenant, id: &str) -> Value {
    let (client, now) = (client_id(tenant), now(tenant));
    let address = format!("{}/{}/oauth2/v2.0/token", tenant.twin.login(), tenant.twin.tenant_id());
    json!({ "aud": address, "iss": client, "sub": client, "jti": id, "nbf": now, "iat": now, "exp": now + 600 })
}

fn changed(mut value: Value, name: &str, to: Value) -> Value {
    value[name] = to;
    value
}

/// Signed with the key of the test certificate.
fn signed(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let text = format!("{}.{}", part(header), part(claims));
    let key = RsaKeyPair::from_pkcs8(&pem("key.pem")).expect("a key");
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(&RSA_PSS_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature).expect("a signature");
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn show(tenant: &Tenant, kind: &str, assertion: &str) -> Answer {
    let (client, scope) = (client_id(tenant), format!("{}/.default", tenant.twin.graph()));
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", client.as_str()),
        ("scope", &scope),
        ("client_assertion_type", kind),
        ("client_assertion", assertion),
    ];
    tenant.token_with(tenant.twin.tenant_id(), &form)
}

/// Status, number and what the text holds besides.
#[track_caller]
fn refused(answer: &Answer, code: i64, words: &str) {
    assert_eq!((&answer.body["error_codes"][0], answer.status / 100), (&json!(code), 4), "{answer:?}");
    assert!(answer.text("/error_description").contains(words), "{answer:?}");
}

/// A tenant whose administrator has the test certificate.
fn registered() -> Tenant {
    let tenant = Tenant::new();
    let (client, der) = (client_id(&tenant), pem("certificate.pem"));
    tenant.twin.edit(|edit| edit.add_certificate(&edit.application_id(&client), &der, DAY * 365));
    tenant
}

#[test]
fn a_registered_certificate_signs_in_once_with_each_assertion() {
    let tenant = registered();
    let assertion = signed(&header(), &claims(&tenant, "first"));
    let answer = show(&tenant, TYPE, &assertion);
    assert_eq!(answer.status, 200, "{answer:?}");
    refused(&show(&tenant, TYPE, &assertion), 50_013, "replay");
    assert_eq!(show(&tenant, TYPE, &signed(&header(), &claims(&tenant, "second"))).status, 200);
}

#[test]
fn what_an_assertion_says_must_be_of_this_client_this_endpoint_and_this_time() {
    let tenant = registered();
    let claims = claims(&tenant, "id");
    let now = now(&tenant);
    let others = format!("{}/{}/oauth2/v2.0/token", tenant.twin.login(), "11111111-2222-4333-8444-555555555555");
    for (name, value, code) in [
        ("aud", json!(tenant.twin.graph()), 700_023),
        ("aud", json!(others), 700_023),
        ("aud", json!("https://login.microsoftonline.us/common/oauth2/v2.0/token"), 700_023),
        ("iss", json!("11111111-2222-4333-8444-555555555555"), 700_021),
        ("sub", json!("somebody"), 700_021),
        ("exp", json!(now - 301), 700_024),
        ("exp", Value::Null, 700_024),
        ("nbf", json!(now + 900), 700_024),
        ("jti", Value::Null, 50_013),
    ] {
        refused(&show(&tenant, TYPE, &signed(&header(), &changed(claims.clone(), name, value.clone()))), code, "");
    }
    assert_eq!(show(&tenant, TYPE, &signed(&header(), &claims)).status, 200, "nothing of it was used up");
}

#[test]
fn the_signature_is_of_the_registered_certificate() {
    let tenant = registered();
    let claims = claims(&tenant, "id");
    let good = signed(&header(), &claims);
    let (start, signature) = good.rsplit_once('.').expect("three parts");
    let forged = format!("{start}.{}", URL_SAFE_NO_PAD.encode([7; 256]));
    let other = signed(&header(), &changed(claims.clone(), "exp", json!(now(&tenant) + 601)));
    let swapped = format!("{}.{signature}", other.rsplit_once('.').expect("three parts").0);
    for (assertion, words) in [
        (forged, "The signature is invalid"),
        (swapped, "The signature is invalid"),
        (signed(&changed(header(), "alg", json!("RS256")), &claims), "not supported"),
        (signed(&changed(header(), "alg", json!("none")), &claims), "not supported"),
        (signed(&changed(header(), "x5t#S256", json!("another")), &claims), "The key was not found"),
        (signed(&changed(header(), "x5t#S256", Value::Null), &claims), "The key was not found"),
    ] {
        refused(&show(&tenant, TYPE, &assertion), 700_027, words);
    }
    refused(&show(&tenant, TYPE, "no.assertion"), 50_027, "malformed");
    refused(&show(&tenant, "urn:ietf:params:oauth:client-assertion-type:saml2-bearer", &good), 90_023, "");
    let stranger = Tenant::new();
    refused(&show(&stranger, TYPE, &signed(&header(), &self::claims(&stranger, "id"))), 700_027, "not found");
    tenant.twin.advance(DAY * 366);
    refused(&show(&tenant, TYPE, &signed(&header(), &self::claims(&tenant, "late"))), 700_027, "The key is expired");
}

fn trusting() -> Tenant {
    let tenant = Tenant::new();
    let (client, issuer) = (client_id(&tenant), format!("{}/oidc", tenant.twin.origin()));
    tenant.twin.edit(|edit| {
        edit.add_federated_credential(&edit.application_id(&client), &issuer, SUBJECT, AUDIENCE);
    });
    tenant
}

#[test]
fn another_issuers_token_is_taken_where_issuer_subject_and_audience_are_trusted() {
    let tenant = trusting();
    let hour = Duration::from_hours(1);
    let token = tenant.twin.federated_token(SUBJECT, AUDIENCE, hour);
    assert_eq!(show(&tenant, TYPE, &token).status, 200);
    // It is the issuer's to say how often it is shown.
    assert_eq!(show(&tenant, TYPE, &token).status, 200);
    refused(&show(&tenant, TYPE, &tenant.twin.federated_token("another", AUDIENCE, hour)), 700_213, "'another'");
    let us = tenant.twin.federated_token(SUBJECT, "api://AzureADTokenExchangeUSGov", hour);
    refused(&show(&tenant, TYPE, &us), 700_212, "USGov");
    refused(&show(&Tenant::new(), TYPE, &token), 700_211, "/oidc");
    let stranger = Tenant::new().twin.federated_token(SUBJECT, AUDIENCE, hour);
    refused(&show(&tenant, TYPE, &stranger), 700_211, "issuer");
    let forged = format!("{}.{}", token.rsplit_once('.').expect("three parts").0, URL_SAFE_NO_PAD.encode([7; 64]));
    refused(&show(&tenant, TYPE, &forged), 50_013, "signature");
    tenant.twin.advance(hour + Duration::from_mins(6));
    refused(&show(&tenant, TYPE, &token), 700_024, "time range");
}

#[test]
fn the_token_services_of_pipelines_want_to_see_their_job() {
    let tenant = Tenant::new();
    let ask = |method: &str, path: &str, caller: &str| {
        let method = reqwest::Method::from_bytes(method.as_bytes()).expect("a method");
        let url = format!("{}/oidc/{path}", tenant.twin.origin());
        Answer::read(crate::client::http().request(method, url).bearer_auth(caller).send().expect("an answer"))
    };
    let connection = "serviceConnectionId=11111111-2222-4333-8444-555555555555";
    assert_eq!(ask("GET", "github?audience=a", "a stranger").status, 401);
    assert_eq!(ask("POST", &format!("pipelines?api-version=7.1&{connection}"), "a stranger").status, 401);
    assert_eq!(ask("POST", "pipelines?api-version=7.1", "pipeline").status, 400);
    assert_eq!(ask("POST", &format!("pipelines?{connection}"), "pipeline").status, 404);
    assert_eq!(ask("POST", "github?audience=a", "pipeline").status, 404);
    assert!(ask("GET", "github?audience=a", "pipeline").text("/value").split('.').count() == 3);
    let answer = ask("POST", &format!("pipelines?api-version=7.1&{connection}"), "pipeline");
    assert!(answer.text("/oidcToken").split('.').count() == 3);
}
