//! Signing in as a person.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tenant_twin::{Fault, FaultKind, IdTokenFlaw, On, Options, Person, PersonAnswer, SignInSettings, Target};

use crate::client::{Answer, DAY, Tenant, escaped, http, quick};

const TOOLS: &str = "14d82eec-204b-4c2f-b7e8-296a70dab67e";
const VERIFIER: &str = "a-verifier-of-forty-three-characters-or-more";
const REDIRECT: &str = "http://localhost:4711";
const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";

fn scope(tenant: &Tenant, names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("{}/{name}", tenant.twin.graph())).collect();
    format!("openid offline_access {}", names.join(" "))
}

fn authorize_with(tenant: &Tenant, changes: &[(&str, &str)]) -> Answer {
    let (scope, challenge) =
        (scope(tenant, &["Organization.ReadWrite.All"]), URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER)));
    let mut query = vec![
        ("client_id", TOOLS),
        ("response_type", "code"),
        ("redirect_uri", REDIRECT),
        ("scope", scope.as_str()),
        ("state", "s1"),
        ("nonce", "n1"),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
    ];
    for (name, value) in changes {
        query.retain(|(known, _)| known != name);
        query.push((name, value));
    }
    let query: Vec<String> = query.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
    let url = format!("{}/{}/oauth2/v2.0/authorize?{}", tenant.twin.login(), tenant.twin.tenant_id(), query.join("&"));
    Answer::read(no_redirects().get(url).send().expect("an answer"))
}

fn no_redirects() -> reqwest::blocking::Client {
    http();
    reqwest::blocking::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .expect("a client")
}

fn field(answer: &Answer, name: &str) -> String {
    let location = answer.header("location");
    assert!(location.starts_with(&format!("{REDIRECT}/?")), "{answer:?}");
    let query = location.split_once('?').expect("a query").1;
    let pair = query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}=")));
    let decoded = reqwest::Url::parse(&format!("http://x/?v={}", pair.unwrap_or_default())).expect("a query");
    decoded.query_pairs().next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}

fn redeem(tenant: &Tenant, code: &str, changes: &[(&str, &str)]) -> Answer {
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("client_id", TOOLS),
        ("code", code),
        ("redirect_uri", REDIRECT),
        ("code_verifier", VERIFIER),
    ];
    for (name, value) in changes {
        form.retain(|(known, _)| known != name);
        form.push((name, value));
    }
    tenant.token_with(tenant.twin.tenant_id(), &form)
}

fn refresh(tenant: &Tenant, token: &str, more: &[(&str, &str)]) -> Answer {
    let mut form = vec![("grant_type", "refresh_token"), ("client_id", TOOLS), ("refresh_token", token)];
    form.extend(more);
    tenant.token_with(tenant.twin.tenant_id(), &form)
}

fn signed_in(tenant: &Tenant) -> Answer {
    let tokens = redeem(tenant, &field(&authorize_with(tenant, &[]), "code"), &[]);
    assert_eq!(tokens.status, 200, "{tokens:?}");
    tokens
}

fn code_of(answer: &Answer) -> i64 {
    answer.body["error_codes"][0].as_i64().unwrap_or_default()
}

fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).expect("three parts");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).expect("base64url")).expect("JSON")
}

#[test]
fn a_code_becomes_tokens_of_the_person() {
    let tenant = Tenant::new();
    let back = authorize_with(&tenant, &[]);
    assert_eq!((back.status, field(&back, "state").as_str()), (302, "s1"));
    let tokens = redeem(&tenant, &field(&back, "code"), &[]);
    let access = claims(tokens.text("/access_token"));
    assert_eq!((&access["scp"], &access["roles"]), (&json!("openid Organization.ReadWrite.All"), &Value::Null));
    assert!(access["wids"].as_array().expect("wids").contains(&json!(crate::client::GLOBAL_ADMINISTRATOR)));
    let id = claims(tokens.text("/id_token"));
    assert_eq!((&id["nonce"], &id["aud"], &id["tid"]), (&json!("n1"), &json!(TOOLS), &json!(tenant.twin.tenant_id())));
    assert!(!tokens.text("/refresh_token").is_empty());
}

#[test]
fn a_code_is_good_once_and_only_for_whom_it_was_given() {
    let tenant = Tenant::new();
    let code = || field(&authorize_with(&tenant, &[]), "code");
    let other = tenant.twin.edit(|edit| edit.add_public_client("Another")).app_id;
    for (change, refused) in [
        (("code_verifier", "another-verifier-of-forty-three-characters"), 501_481),
        (("redirect_uri", "http://localhost:4712"), 500_112),
        (("client_id", other.as_str()), 70_000),
        (("code", "no-code"), 9_002_313),
    ] {
        assert_eq!(code_of(&redeem(&tenant, &code(), &[change])), refused, "{change:?}");
    }
    let code = code();
    assert_eq!(redeem(&tenant, &code, &[]).status, 200);
    assert_eq!(code_of(&redeem(&tenant, &code, &[])), 54_005);
    let late = field(&authorize_with(&tenant, &[]), "code");
    tenant.twin.advance(std::time::Duration::from_mins(11));
    assert_eq!(code_of(&redeem(&tenant, &late, &[])), 70_008);
}

#[test]
fn a_page_is_shown_where_the_answer_must_not_go_back() {
    let tenant = Tenant::new();
    let confidential = tenant.twin.client("admin").expect("an admin").client_id.clone();
    for change in [
        ("redirect_uri", "https://elsewhere.example"),
        ("redirect_uri", "http://localhost.elsewhere.example"),
        ("client_id", confidential.as_str()),
        ("client_id", "00000000-0000-4000-8000-000000000000"),
    ] {
        let answer = authorize_with(&tenant, &[change]);
        assert_eq!((answer.status, answer.header("location")), (400, ""), "{change:?}");
    }
}

#[test]
fn what_is_wrong_with_the_request_or_the_person_goes_back_to_the_client() {
    let tenant = Tenant::new();
    for change in [("code_challenge", ""), ("code_challenge_method", "plain"), ("scope", "openid Everything.All")] {
        let answer = authorize_with(&tenant, &[change]);
        assert!(field(&answer, "error").starts_with("invalid"), "{change:?}: {answer:?}");
    }
    let set = |answer| tenant.twin.set_sign_in(SignInSettings { answer, ..SignInSettings::default() });
    set(PersonAnswer::Declines);
    assert!(field(&authorize_with(&tenant, &[]), "error_description").contains("AADSTS65004"));
    set(PersonAnswer::Refused(53_003));
    assert!(field(&authorize_with(&tenant, &[]), "error_description").contains("AADSTS53003"));
    set(PersonAnswer::Waits);
    assert_eq!(authorize_with(&tenant, &[]).status, 200);
}

#[test]
fn who_may_not_consent_needs_the_tenants_consent() {
    let tenant = Tenant::new();
    let set = |person, consented| {
        tenant.twin.set_sign_in(SignInSettings { person, consented, ..SignInSettings::default() });
    };
    set(Person::GlobalReader, false);
    assert!(field(&authorize_with(&tenant, &[]), "error_description").contains("AADSTS90094"));
    set(Person::GlobalAdministrator, false);
    assert!(!field(&authorize_with(&tenant, &[]), "code").is_empty());
    set(Person::Member, true);
    assert!(!field(&authorize_with(&tenant, &[]), "code").is_empty());
}

#[test]
fn a_refresh_token_gives_new_tokens_until_it_is_revoked() {
    let tenant = Tenant::new();
    let first = signed_in(&tenant);
    let second = refresh(&tenant, first.text("/refresh_token"), &[]);
    assert_eq!(second.status, 200, "{second:?}");
    assert_ne!(second.text("/refresh_token"), first.text("/refresh_token"));
    assert!(claims(second.text("/id_token"))["nonce"].is_null());
    let wider = scope(&tenant, &["Directory.ReadWrite.All"]);
    assert_eq!(code_of(&refresh(&tenant, second.text("/refresh_token"), &[("scope", &wider)])), 65_001);
    tenant.twin.set_sign_in(SignInSettings { rotates: false, ..SignInSettings::default() });
    assert_eq!(refresh(&tenant, second.text("/refresh_token"), &[]).text("/refresh_token"), "");
    tenant.twin.refuse_refresh(Some(50_076));
    let asked = refresh(&tenant, second.text("/refresh_token"), &[]);
    assert_eq!((asked.text("/error"), asked.text("/suberror")), ("interaction_required", "basic_action"));
    assert!(asked.text("/claims").contains("capolids"));
    tenant.twin.refuse_refresh(Some(50_173));
    assert_eq!(code_of(&refresh(&tenant, second.text("/refresh_token"), &[])), 50_173);
    assert_eq!(code_of(&refresh(&tenant, "no-token", &[])), 70_000);
}

#[test]
fn a_refresh_token_is_good_in_a_tenant_that_is_administered_and_gives_the_roles_of_that() {
    let reader = "f2ef992c-3afb-46b9-b7cf-a126ee74c451";
    let partner = Tenant::new();
    let customer = partner.twin.neighbour(&Options { seed: 9, ..quick() }).expect("another tenant");
    let customer = Tenant::signed_in(customer, "admin");
    let token = signed_in(&partner).text("/refresh_token").to_owned();
    assert_eq!(code_of(&refresh(&customer, &token, &[])), 50020);
    partner.twin.administers(&customer.twin, &[reader]);
    let there = claims(refresh(&customer, &token, &[]).text("/access_token"));
    assert_eq!(there["tid"], json!(customer.twin.tenant_id()));
    let roles = there["wids"].as_array().expect("wids");
    assert!(
        roles.contains(&json!(reader)) && !roles.contains(&json!(crate::client::GLOBAL_ADMINISTRATOR)),
        "{roles:?}"
    );
    let at_home = claims(refresh(&partner, &token, &[]).text("/access_token"));
    assert_ne!(at_home["oid"], there["oid"]);
    assert!(at_home["wids"].as_array().expect("wids").contains(&json!(crate::client::GLOBAL_ADMINISTRATOR)));
    customer.twin.set_sign_in(SignInSettings { consented: false, ..SignInSettings::default() });
    assert_eq!(code_of(&refresh(&customer, &token, &[])), 65001);
}

fn start_device(tenant: &Tenant) -> Answer {
    let url = format!("{}/{}/oauth2/v2.0/devicecode", tenant.twin.login(), tenant.twin.tenant_id());
    let body = format!("client_id={TOOLS}&scope={}", escaped(&scope(tenant, &["Organization.ReadWrite.All"])));
    let request = http().post(url).header("content-type", "application/x-www-form-urlencoded").body(body);
    Answer::read(request.send().expect("an answer"))
}

fn poll(tenant: &Tenant, code: &str) -> Answer {
    let form = [("grant_type", DEVICE_CODE), ("client_id", TOOLS), ("device_code", code)];
    tenant.token_with(tenant.twin.tenant_id(), &form)
}

#[test]
fn a_device_code_is_polled_for_in_its_own_time() {
    let tenant = Tenant::new();
    tenant.twin.set_sign_in(SignInSettings { slow_downs: 1, ..SignInSettings::default() });
    let started = start_device(&tenant);
    assert_eq!((&started.body["interval"], &started.body["expires_in"]), (&json!(5), &json!(900)));
    assert!(started.text("/message").contains(started.text("/user_code")));
    let code = started.text("/device_code");
    let step = |seconds| {
        tenant.twin.advance(std::time::Duration::from_secs(seconds));
        let answer = poll(&tenant, code);
        (answer.status, answer.text("/error").to_owned())
    };
    assert_eq!(step(5), (400, "slow_down".to_owned()));
    assert_eq!(step(5), (400, "slow_down".to_owned()), "ten seconds are asked for now");
    assert_eq!(step(15), (400, "authorization_pending".to_owned()));
    assert_eq!(step(15), (200, String::new()));
    assert_eq!(step(15), (400, "bad_verification_code".to_owned()), "a code is good once");
}

#[test]
fn a_device_code_can_be_declined_and_expires() {
    let tenant = Tenant::new();
    let settings = SignInSettings { answer: PersonAnswer::Declines, pending_polls: 0, ..SignInSettings::default() };
    tenant.twin.set_sign_in(settings);
    let declined = start_device(&tenant);
    assert_eq!(poll(&tenant, declined.text("/device_code")).text("/error"), "authorization_declined");
    let late = start_device(&tenant);
    tenant.twin.advance(DAY);
    assert_eq!(poll(&tenant, late.text("/device_code")).text("/error"), "expired_token");
}

#[test]
fn a_secret_does_not_go_with_a_public_client() {
    let tenant = Tenant::new();
    let code = field(&authorize_with(&tenant, &[]), "code");
    assert_eq!(code_of(&redeem(&tenant, &code, &[("client_secret", "x")])), 700_025);
    let confidential = tenant.twin.client("admin").expect("an admin").client_id.clone();
    assert_eq!(code_of(&redeem(&tenant, &code, &[("client_id", &confidential)])), 7_000_218);
}

#[test]
fn a_person_may_do_what_both_the_scopes_and_their_roles_allow() {
    let mut tenant = Tenant::new();
    let id = tenant.twin.tenant_id().to_owned();
    let switch_off = |tenant: &Tenant| {
        tenant.patch(&format!("/organization/{id}"), &json!({ "onPremisesSyncEnabled": false })).status
    };
    for (person, status) in [
        (Person::Member, 403),
        (Person::GlobalReader, 403),
        (Person::ApplicationAdministrator, 403),
        (Person::PrivilegedRoleAdministrator, 403),
        (Person::GlobalAdministrator, 204),
    ] {
        tenant.twin.set_sign_in(SignInSettings { person, ..SignInSettings::default() });
        signed_in(&tenant).text("/access_token").clone_into(&mut tenant.token);
        assert_eq!(switch_off(&tenant), status, "{person:?}");
        assert_eq!(tenant.get("/organization").status, 200, "{person:?}");
    }
    // The administrator's token has no scope for this.
    assert_eq!(tenant.post("/applications", &json!({ "displayName": "New" })).status, 403);
}

#[test]
fn a_challenged_token_is_replaced_only_by_one_that_was_asked_for_with_the_claims() {
    let mut tenant = Tenant::new();
    let first = signed_in(&tenant);
    first.text("/access_token").clone_into(&mut tenant.token);
    tenant.twin.add_fault(Fault::new(On::every(Target::Graph), FaultKind::ClaimsChallenge));
    let challenge = tenant.get("/organization").header("www-authenticate").to_owned();
    let encoded = challenge.split("claims=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("claims");
    let bytes = base64::engine::general_purpose::STANDARD.decode(encoded).expect("base64");
    let wanted = String::from_utf8(bytes).expect("UTF-8");
    for (claims, status) in [("{}", 401), (wanted.as_str(), 200)] {
        let again = refresh(&tenant, first.text("/refresh_token"), &[("claims", claims)]);
        again.text("/access_token").clone_into(&mut tenant.token);
        assert_eq!(tenant.get("/organization").status, status, "{claims}");
    }
}

#[test]
fn flaws_of_id_tokens_can_be_asked_for() {
    let tenant = Tenant::new();
    for (flaw, name) in [(IdTokenFlaw::Nonce, "nonce"), (IdTokenFlaw::Tenant, "tid"), (IdTokenFlaw::Audience, "aud")] {
        tenant.twin.set_sign_in(SignInSettings { id_token_flaw: Some(flaw), ..SignInSettings::default() });
        let id = claims(signed_in(&tenant).text("/id_token"));
        assert!(id[name].as_str().is_some_and(|value| value.ends_with("f1a3")), "{id}");
    }
}

#[test]
fn the_control_endpoint_sets_how_people_sign_in() {
    let tenant = Tenant::new();
    let set = |body: &Value| {
        let request =
            http().post(format!("{}/signIn", tenant.twin.control())).header("content-type", "application/json");
        request.body(body.to_string()).send().expect("an answer").status().as_u16()
    };
    assert_eq!(set(&json!({ "person": "globalReader", "answer": 53_003, "refuseRefresh": 50_173 })), 204);
    assert!(field(&authorize_with(&tenant, &[]), "error_description").contains("AADSTS53003"));
    assert_eq!(set(&json!({})), 204);
    assert!(!field(&authorize_with(&tenant, &[]), "code").is_empty());
    for wrong in [json!({ "person": "nobody" }), json!({ "answer": "maybe" }), json!({ "colour": "red" })] {
        assert_eq!(set(&wrong), 400, "{wrong}");
    }
}
