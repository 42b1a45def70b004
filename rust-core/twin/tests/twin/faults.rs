//! Faults that make answers: which requests show them, and how they look.

use serde_json::{Value, json};
use tenant_twin::{ErrorBody, ErrorShape, Fault, FaultKind, On, RetryAfter, Target};

use crate::client::{Answer, Tenant, http};

fn failed(status: u16, body: ErrorBody) -> FaultKind {
    FaultKind::Failed { status, body, retry_after: RetryAfter::Absent }
}

fn statuses(tenant: &Tenant, path: &str, times: usize) -> Vec<u16> {
    (0..times).map(|_| tenant.get(path).status).collect()
}

fn applications(tenant: &Tenant, name: &str) -> usize {
    let state = tenant.twin.state();
    let all = state["applications"].as_array().expect("applications");
    all.iter().filter(|application| application["displayName"] == json!(name)).count()
}

#[test]
fn a_fault_shows_on_the_requests_it_was_told() {
    let tenant = Tenant::new();
    let failed = failed(503, ErrorBody::Empty);
    tenant.twin.add_fault(Fault::new(On::call("GET", "/organization*"), failed.clone()).nth(2).times(2));
    assert_eq!(tenant.get("/users").status, 200);
    assert_eq!(statuses(&tenant, "/organization?$select=id", 5), [200, 503, 503, 200, 200]);
    assert_eq!(tenant.twin.faults_shown(), 2);
    tenant.twin.add_fault(Fault::new(On { write: Some(true), ..On::default() }, failed).for_ever());
    assert_eq!(tenant.get("/organization").status, 200);
    for _ in 0..4 {
        assert_eq!(tenant.post("/applications", &json!({ "displayName": "never" })).status, 503);
    }
    assert_eq!(applications(&tenant, "never"), 0);
    tenant.twin.clear_faults();
    assert_eq!(tenant.post("/applications", &json!({ "displayName": "at last" })).status, 201);
}

#[test]
fn what_a_gateway_answers_of_was_done() {
    let tenant = Tenant::new();
    tenant.twin.add_fault(Fault::new(On::call("POST", "/applications"), FaultKind::Gateway { status: 524 }));
    let answer = tenant.post("/applications", &json!({ "displayName": "done" }));
    assert_eq!((answer.status, applications(&tenant, "done")), (524, 1));
}

#[test]
fn a_seed_gives_the_same_faults_again() {
    let drawn = |seed| {
        let tenant = Tenant::new();
        tenant.twin.add_fault(Fault::new(On::default(), failed(502, ErrorBody::Html)).chance(50, seed));
        statuses(&tenant, "/organization", 40)
    };
    assert_eq!(drawn(3), drawn(3));
    assert_ne!(drawn(3), drawn(4));
    assert!(drawn(3).contains(&200) && drawn(3).contains(&502));
}

#[test]
fn in_a_storm_some_requests_come_through() {
    let tenant = Tenant::new();
    // Without those that need a new token, which would be this test's own work.
    for fault in Fault::storm(5, 7).into_iter().filter(|fault| fault.kind != FaultKind::TokenExpired) {
        tenant.twin.add_fault(fault);
    }
    let through = |n: usize| {
        // A lost or cut answer is an error of the client, not a status.
        let sent = (0..n).filter_map(|_| tenant.request("GET", "/organization").send().ok());
        sent.filter(|answer| answer.status() == 200).count()
    };
    let through = through(60);
    assert!(through > 0 && tenant.twin.faults_shown() > 0, "{through}");
    assert!(through < 60);
}

#[test]
fn throttling_comes_in_every_form() {
    let tenant = Tenant::new();
    let get = |after: RetryAfter| {
        tenant.twin.add_fault(Fault::new(On::every(Target::Graph), FaultKind::Throttled(after)));
        tenant.get("/organization")
    };
    let seconds = get(RetryAfter::Seconds(7));
    assert_eq!(seconds.refusal(), (429, "TooManyRequests", "Please retry again later."));
    assert_eq!(seconds.header("retry-after"), "7");
    assert!(seconds.header("x-ms-throttle-scope").starts_with("Tenant_Application/Read/"));
    assert!(seconds.header("x-ms-throttle-scope").ends_with(tenant.twin.tenant_id()));
    assert_eq!(seconds.header("x-ms-throttle-information"), "ResourceUnitLimitExceeded");
    let kind = FaultKind::ApplicationThrottled(RetryAfter::Seconds(7));
    tenant.twin.add_fault(Fault::new(On::every(Target::Graph), kind));
    let of_application = tenant.get("/organization");
    assert_eq!((of_application.status, of_application.header("retry-after")), (429, "7"));
    assert!(of_application.header("x-ms-throttle-scope").starts_with("Application/Read/"));
    assert!(get(RetryAfter::Date(30)).header("retry-after").ends_with(" GMT"));
    assert_eq!(get(RetryAfter::Absent).header("retry-after"), "");
    assert_eq!(get(RetryAfter::Text("soon".to_owned())).header("retry-after"), "soon");
    assert_eq!(tenant.get("/organization").status, 200);
}

#[test]
fn failures_come_with_json_a_page_or_nothing() {
    let tenant = Tenant::new();
    for status in [500, 502, 503, 504] {
        for body in [ErrorBody::Json, ErrorBody::Html, ErrorBody::Empty] {
            tenant.twin.add_fault(Fault::new(On::default(), failed(status, body)));
            let answer = tenant.get("/organization");
            assert_eq!(answer.status, status);
            match body {
                ErrorBody::Json => assert!(answer.body["error"]["code"].is_string(), "{answer:?}"),
                ErrorBody::Html => assert_eq!(answer.header("content-type"), "text/html"),
                ErrorBody::Empty => assert_eq!(answer.body, Value::Null),
            }
        }
    }
}

#[test]
fn the_sign_in_side_fails_in_its_own_words() {
    let tenant = Tenant::new();
    let admin = tenant.twin.client("admin").expect("a client").clone();
    let token = |kind: FaultKind| {
        tenant.twin.add_fault(Fault::new(On::every(Target::Token), kind));
        tenant.token_for(&admin.client_id, &admin.client_secret)
    };
    let throttled = token(FaultKind::Throttled(RetryAfter::Seconds(2)));
    assert_eq!((throttled.status, throttled.text("/error")), (429, "temporarily_unavailable"));
    assert_eq!(throttled.header("retry-after"), "2");
    let failed = token(failed(503, ErrorBody::Json));
    assert_eq!((failed.status, &failed.body["error_codes"]), (503, &json!([90033])));
    assert_eq!(token(FaultKind::Denied).body["error_codes"], json!([7_000_112]));
    assert_eq!(token(FaultKind::Concurrency).status, 200, "no such thing for a token");
}

#[test]
fn refusals_come_in_the_words_of_graph() {
    let tenant = Tenant::new();
    let (id, _) = tenant.application("refused");
    let add = |kind: FaultKind| {
        tenant.twin.add_fault(Fault::new(On::call("POST", "/applications/*/addPassword"), kind));
        tenant.post(&format!("/applications/{id}/addPassword"), &json!({}))
    };
    assert_eq!(add(FaultKind::Concurrency).refusal().1, "Directory_ConcurrencyViolation");
    assert_eq!(add(FaultKind::PolicyBlocksSecrets).refusal().1, "CredentialTypeNotAllowedAsPerAppPolicy");
    let limited = add(FaultKind::PolicyLimitsSecrets);
    assert_eq!(limited.refusal().1, "CredentialInvalidLifetimeAsPerAppPolicy");
    assert_eq!(limited.text("/error/details/0/code"), "InvalidKeyEndDate");
    assert_eq!(add(FaultKind::Denied).refusal().1, "Authorization_RequestDenied");
    assert_eq!(tenant.get(&format!("/applications/{id}")).body["passwordCredentials"], json!([]));
}

#[test]
fn a_token_may_end_before_its_time() {
    let mut tenant = Tenant::new();
    tenant.twin.add_fault(Fault::new(On::every(Target::Graph), FaultKind::TokenExpired).nth(2));
    assert_eq!(statuses(&tenant, "/organization", 3), [200, 401, 401]);
    assert_eq!(tenant.get("/users").refusal().1, "InvalidAuthenticationToken");
    tenant.sign_in("admin");
    assert_eq!(tenant.get("/organization").status, 200);
}

#[test]
fn a_challenge_names_the_claims_that_a_new_token_needs() {
    let mut tenant = Tenant::new();
    tenant.twin.add_fault(Fault::new(On::every(Target::Graph), FaultKind::ClaimsChallenge));
    let challenged = tenant.get("/organization");
    assert_eq!((challenged.status, challenged.refusal().1), (401, "InvalidAuthenticationToken"));
    let header = challenged.header("www-authenticate").to_owned();
    assert!(header.contains("error=\"insufficient_claims\"") && header.contains("claims=\""), "{header}");
    assert_eq!(tenant.get("/organization").status, 401);
    tenant.sign_in("admin");
    assert_eq!(tenant.get("/organization").status, 401, "the new token was asked for without the claims");
}

#[test]
fn permissions_may_be_taken_away() {
    let tenant = Tenant::new();
    tenant.twin.add_fault(Fault::new(On::every(Target::Graph), FaultKind::Denied).nth(2).for_ever());
    assert_eq!(statuses(&tenant, "/organization", 4), [200, 403, 403, 403]);
}

#[test]
fn another_writer_may_be_first() {
    let tenant = Tenant::new();
    tenant.twin.add_fault(Fault::new(On::call("POST", "/applications"), FaultKind::SecondWriter));
    let (id, app_id) = tenant.application("raced");
    assert_eq!(applications(&tenant, "raced"), 2);
    let race = |path: &str| tenant.twin.add_fault(Fault::new(On::call("POST", path), FaultKind::SecondWriter));
    race("/servicePrincipals");
    assert_eq!(tenant.post("/servicePrincipals", &json!({ "appId": app_id })).status, 409);
    race("/applications/*/addPassword");
    let wanted = json!({ "displayName": "PPToken", "startDateTime": "2026-01-01T00:00:05Z" });
    let added = tenant.post(&format!("/applications/{id}/addPassword"), &json!({ "passwordCredential": wanted }));
    assert_eq!(added.status, 200);
    let read = tenant.get(&format!("/applications/{id}"));
    let starts: Vec<&str> = read.body["passwordCredentials"]
        .as_array()
        .expect("secrets")
        .iter()
        .filter_map(|secret| secret["startDateTime"].as_str())
        .collect();
    assert_eq!(starts, ["2026-01-01T00:00:04Z", "2026-01-01T00:00:05Z"]);
}

#[test]
fn the_tenant_may_change_just_before_a_request() {
    let tenant = Tenant::new();
    let (id, _) = tenant.application("gone");
    let edit = json!({ "edit": "deleteApplication", "applicationId": id });
    tenant.twin.add_fault(Fault::new(On::call("GET", "/applications/*"), FaultKind::Edited(edit)).nth(2));
    assert_eq!(statuses(&tenant, &format!("/applications/{id}"), 3), [200, 404, 404]);
}

#[test]
fn the_clock_of_the_service_may_be_off() {
    let mut tenant = Tenant::new();
    let date = |answer: &Answer| answer.header("date").to_owned();
    let before = date(&tenant.get("/organization"));
    let skewed = Fault::new(On::default(), FaultKind::Skewed { seconds: -86_400 }).for_ever();
    tenant.twin.add_fault(skewed);
    let after = date(&tenant.get("/organization"));
    assert_ne!(before[..16], after[..16], "another day");
    tenant.sign_in("admin");
    assert_eq!(tenant.get("/organization").status, 200, "the service agrees with itself");
    tenant.twin.clear_faults();
    assert_eq!(tenant.get("/organization").status, 401, "by the true time the token is a day old");
}

#[test]
fn errors_come_in_odd_shapes() {
    let tenant = Tenant::new();
    let odd = |shapes: &[ErrorShape]| {
        for shape in shapes {
            tenant.twin.add_fault(Fault::new(On::default(), FaultKind::OddError(*shape)));
        }
        tenant.post("/servicePrincipals", &json!({ "appId": "3c1d5b8e-0000-4000-8000-000000000001" })).body
    };
    let body = odd(&[ErrorShape::MessageObject]);
    assert!(body["error"]["message"]["value"].as_str().is_some_and(|words| words.contains("valid application object")));
    assert_eq!(odd(&[ErrorShape::DetailsObject])["error"]["details"]["code"], json!("NoBackingApplicationObject"));
    let body = odd(&[ErrorShape::OdataKey, ErrorShape::MessageObject]);
    assert!(body["odata.error"]["message"]["value"].is_string(), "{body}");
}

#[test]
fn a_batch_fails_item_by_item() {
    let tenant = Tenant::new();
    let on = On { target: Target::Item, path: Some("/users*".to_owned()), ..On::default() };
    tenant.twin.add_fault(Fault::new(on, FaultKind::Throttled(RetryAfter::Seconds(4))));
    let requests = json!({ "requests": [
        { "id": "1", "method": "GET", "url": "/organization" },
        { "id": "2", "method": "GET", "url": "/users", "dependsOn": ["1"] },
        { "id": "3", "method": "GET", "url": "/groups", "dependsOn": ["2"] },
        { "id": "4", "method": "GET", "url": "/contacts" },
    ] });
    let answer = tenant.post("/$batch", &requests);
    let item = |id: &str| {
        let responses = answer.body["responses"].as_array().expect("responses");
        responses.iter().find(|response| response["id"] == json!(id)).expect("an answer").clone()
    };
    let status = |id: &str| item(id)["status"].as_u64();
    assert_eq!([status("1"), status("2"), status("3"), status("4")], [Some(200), Some(429), Some(424), Some(200)]);
    assert_eq!(item("2")["headers"]["Retry-After"], json!("4"));
    tenant.twin.add_fault(Fault::new(On::every(Target::Batch), failed(503, ErrorBody::Json)));
    assert_eq!(tenant.post("/$batch", &requests).status, 503);
}

#[test]
fn faults_can_be_told_from_outside() {
    let tenant = Tenant::new();
    let url = format!("{}/faults", tenant.twin.control());
    let tell = |faults: Value| Answer::read(http().post(&url).body(faults.to_string()).send().expect("an answer"));
    let known = json!([
        { "fault": "failed", "status": 500, "body": "html", "path": "/organization*", "target": "call", "times": 2 },
        { "fault": "throttled", "retryAfterDate": 9, "method": "GET", "path": "/users", "first": 2, "forEver": true },
    ]);
    assert_eq!(tell(known).status, 204);
    assert_eq!(statuses(&tenant, "/organization", 3), [500, 500, 200]);
    assert_eq!(statuses(&tenant, "/users", 3), [200, 429, 429]);
    assert_eq!(Answer::read(http().get(&url).send().expect("an answer")).body, json!({ "shown": 4 }));
    assert_eq!(Answer::read(http().delete(&url).send().expect("an answer")).status, 204);
    assert_eq!(tenant.get("/users").status, 200);
    for bad in [
        json!({ "fault": "nonsense" }),
        json!({ "fault": "denied", "statsu": 5 }),
        json!({ "fault": "denied", "percent": 101 }),
        json!([{ "fault": "denied" }, 5]),
    ] {
        let refused = tell(bad);
        assert_eq!(refused.status, 400);
        assert!(!refused.text("/error").is_empty());
    }
    assert_eq!(tenant.get("/users").status, 200, "of a list with a mistake nothing is taken");
}

#[test]
fn every_kind_can_be_told_from_outside() {
    let tenant = Tenant::new();
    let plain = [
        "throttled",
        "applicationThrottled",
        "failed",
        "requestLost",
        "answerLost",
        "resetInBody",
        "truncated",
        "dripped",
        "delayed",
    ];
    let more =
        ["concurrency", "policyBlocksSecrets", "policyLimitsSecrets", "tokenExpired", "claimsChallenge", "denied"];
    for name in plain.iter().chain(&more).chain(&["secondWriter"]) {
        assert_eq!(tenant.twin.add_faults_json(&json!({ "fault": name }).to_string()), Ok(()), "{name}");
    }
    for full in [
        json!({ "fault": "edited", "edit": { "edit": "addApplication", "displayName": "x" } }),
        json!({ "fault": "skewed", "seconds": -5 }),
        json!({ "fault": "notInCloud", "status": 405 }),
        json!({ "fault": "propertyUnknown", "property": "isDisabled" }),
        json!({ "fault": "looseValues" }),
        json!({ "fault": "otherChallenge", "before": true }),
        json!({ "fault": "gateway", "status": 524 }),
        json!({ "fault": "oddError", "shape": "odataKey", "percent": 5, "seed": 2 }),
    ] {
        assert_eq!(tenant.twin.add_faults_json(&full.to_string()), Ok(()), "{full}");
    }
}
