//! Faults of the connection.

use std::time::Duration;

use serde_json::{Value, json};
use tenant_twin::{Fault, FaultKind, On, Target};

use crate::client::Tenant;

/// What a client reads of an answer: the error of the request, the error of the body, or the body.
#[derive(Debug, PartialEq)]
enum Heard {
    Nothing,
    Part,
    Whole(Vec<u8>),
}

fn create(tenant: &Tenant, kind: FaultKind) -> Heard {
    tenant.twin.add_fault(Fault::new(On { write: Some(true), ..On::default() }, kind));
    let request = tenant.request("POST", "/applications").header("content-type", "application/json");
    match request.body(json!({ "displayName": "on the wire" }).to_string()).send() {
        Err(_) => Heard::Nothing,
        Ok(answer) => answer.bytes().map_or(Heard::Part, |bytes| Heard::Whole(bytes.to_vec())),
    }
}

fn made(tenant: &Tenant) -> usize {
    tenant.twin.state().to_string().matches("\"displayName\":\"on the wire\"").count()
}

#[test]
fn a_request_can_be_lost_before_it_is_applied() {
    for reset in [false, true] {
        let tenant = Tenant::new();
        assert_eq!(create(&tenant, FaultKind::RequestLost { reset }), Heard::Nothing);
        assert_eq!(made(&tenant), 0);
        assert_eq!(tenant.get("/organization").status, 200, "the next connection is a good one");
        let requests = tenant.twin.requests();
        let lost = requests.iter().find(|request| request.write).expect("it is in the log");
        assert_eq!((lost.status, lost.answered.is_some()), (0, true));
    }
}

#[test]
fn an_answer_can_be_lost_after_the_write() {
    for reset in [false, true] {
        let tenant = Tenant::new();
        assert_eq!(create(&tenant, FaultKind::AnswerLost { reset }), Heard::Nothing);
        assert_eq!(made(&tenant), 1);
    }
}

#[test]
fn an_answer_can_end_in_the_middle() {
    for kind in [FaultKind::ResetInBody, FaultKind::Truncated { announced: true }] {
        let tenant = Tenant::new();
        assert!(matches!(create(&tenant, kind), Heard::Part | Heard::Nothing));
        assert_eq!(made(&tenant), 1);
    }
}

#[test]
fn an_answer_can_be_cut_so_that_http_sees_nothing_wrong() {
    let tenant = Tenant::new();
    let Heard::Whole(body) = create(&tenant, FaultKind::Truncated { announced: false }) else {
        panic!("a whole answer");
    };
    assert!(!body.is_empty());
    assert!(serde_json::from_slice::<Value>(&body).is_err());
}

#[test]
fn an_answer_without_a_body_has_no_middle_and_is_lost() {
    let tenant = Tenant::new();
    let (id, _) = tenant.application("to delete");
    tenant.twin.add_fault(Fault::new(On::call("DELETE", "*"), FaultKind::Truncated { announced: true }));
    assert!(tenant.request("DELETE", &format!("/applications/{id}")).send().is_err());
    assert_eq!(tenant.get(&format!("/applications/{id}")).status, 404);
}

#[test]
fn a_dripped_answer_arrives_whole_in_the_end() {
    let tenant = Tenant::new();
    let plain = tenant.get("/organization?$select=displayName").body;
    let every = Duration::from_millis(1);
    tenant.twin.add_fault(Fault::new(On::default(), FaultKind::Dripped { chunk: 16, every }));
    assert_eq!(tenant.get("/organization?$select=displayName").body, plain);
}

#[test]
fn a_client_can_give_up_on_drips_and_delays() {
    let tenant = Tenant::new();
    let hours = Duration::from_hours(2);
    for kind in [FaultKind::Dripped { chunk: 1, every: hours }, FaultKind::Delayed(hours)] {
        tenant.twin.add_fault(Fault::new(On::default(), kind));
        let patient = tenant.request("GET", "/organization").timeout(Duration::from_millis(200));
        let heard = patient.send().and_then(reqwest::blocking::Response::bytes);
        assert!(heard.is_err_and(|error| error.is_timeout()));
    }
    assert_eq!(tenant.get("/organization").status, 200);
}

#[test]
fn faults_mix() {
    let tenant = Tenant::new();
    let every = Duration::from_millis(1);
    tenant.twin.add_fault(Fault::new(On::every(Target::Graph), FaultKind::Concurrency));
    tenant.twin.add_fault(Fault::new(On::every(Target::Graph), FaultKind::Dripped { chunk: 64, every }));
    assert_eq!(tenant.get("/organization").refusal().1, "Directory_ConcurrencyViolation");
    tenant.twin.add_fault(Fault::new(On::every(Target::Graph), FaultKind::SecondWriter));
    tenant.twin.add_fault(Fault::new(On::every(Target::Graph), FaultKind::AnswerLost { reset: true }));
    let request = tenant.request("POST", "/applications").header("content-type", "application/json");
    assert!(request.body(json!({ "displayName": "on the wire" }).to_string()).send().is_err());
    assert_eq!(made(&tenant), 2);
    tenant.twin.add_fault(Fault::new(On::default(), FaultKind::Truncated { announced: true }));
    tenant.twin.add_fault(Fault::new(On::default(), FaultKind::SecondWriter));
    assert_eq!(create(&tenant, FaultKind::RequestLost { reset: true }), Heard::Nothing);
    assert_eq!(made(&tenant), 3, "the other's request came through");
}

#[test]
fn a_batch_may_be_lost_half_done() {
    let tenant = Tenant::new();
    let create = |id: &str, after: Value| {
        json!({ "id": id, "method": "POST", "url": "/applications", "body": { "displayName": "on the wire" },
                "headers": { "Content-Type": "application/json" }, "dependsOn": after })
    };
    let batch = json!({ "requests": [create("1", json!([])), create("2", json!(["1"])), create("3", json!(["2"]))] });
    let send = |kind: FaultKind| {
        tenant.twin.add_fault(Fault::new(On::every(Target::Item), kind).nth(2));
        let request = tenant.request("POST", "/$batch").header("content-type", "application/json");
        assert!(request.body(batch.to_string()).send().is_err());
        tenant.twin.clear_faults();
        made(&tenant)
    };
    assert_eq!(send(FaultKind::RequestLost { reset: true }), 1, "only what came before");
    assert_eq!(send(FaultKind::AnswerLost { reset: false }), 4, "all three, but no answer");
}
