//! Answers that nobody can read, and lists that never end.

use serde_json::{Value, json};
use tenant_twin::{ErrorBody, Fault, FaultKind, On, RetryAfter, Target, Unreadable};

use crate::client::Tenant;

const ALL: [Unreadable; 3] = [Unreadable::Html, Unreadable::Empty, Unreadable::Cut];

/// Status, content type and text of a request.
fn sent(tenant: &Tenant, method: &str, path: &str, body: &Value) -> (u16, String, String) {
    let request = tenant.request(method, path).header("content-type", "application/json");
    let request = if method == "GET" { request } else { request.body(body.to_string()) };
    let answer = request.send().expect("an answer");
    let kind = answer.headers().get("content-type").map(|kind| kind.to_str().expect("words").to_owned());
    (answer.status().as_u16(), kind.unwrap_or_default(), answer.text().expect("it ends as announced"))
}

fn looks(how: Unreadable, (status, kind, text): &(u16, String, String)) -> bool {
    let unread = serde_json::from_str::<Value>(text).is_err();
    *status == 200
        && unread
        && match how {
            Unreadable::Html => kind == "text/html" && text.starts_with("<!DOCTYPE html>"),
            Unreadable::Empty => text.is_empty(),
            Unreadable::Cut => kind.starts_with("application/json") && text.starts_with('{'),
        }
}

fn names(tenant: &Tenant) -> Vec<Value> {
    let state = tenant.twin.state();
    let applications = state["applications"].as_array().expect("applications");
    applications.iter().map(|application| application["displayName"].clone()).collect()
}

#[test]
fn a_read_and_a_write_are_done_and_come_back_unreadable() {
    for how in ALL {
        let tenant = Tenant::new();
        tenant.twin.add_fault(Fault::new(On::call("GET", "/organization"), FaultKind::Unreadable(how)));
        let read = sent(&tenant, "GET", "/organization", &Value::Null);
        assert!(looks(how, &read), "{how:?} {read:?}");
        assert_eq!(tenant.get("/organization").values().len(), 1);
        tenant.twin.add_fault(Fault::new(On::call("POST", "/applications"), FaultKind::Unreadable(how)));
        let write = sent(&tenant, "POST", "/applications", &json!({ "displayName": "done" }));
        assert!(looks(how, &write), "{how:?} {write:?}");
        assert!(names(&tenant).contains(&json!("done")));
    }
}

#[test]
fn a_batch_is_unreadable_as_a_whole_or_in_one_answer() {
    let requests = json!({ "requests": [
        { "id": "1", "method": "GET", "url": "/organization" },
        { "id": "2", "method": "POST", "url": "/applications", "body": { "displayName": "inside" },
          "headers": { "content-type": "application/json" } },
    ] });
    for how in ALL {
        let tenant = Tenant::new();
        tenant.twin.add_fault(Fault::new(On::every(Target::Batch), FaultKind::Unreadable(how)));
        let whole = sent(&tenant, "POST", "/$batch", &requests);
        assert!(looks(how, &whole), "{how:?} {whole:?}");
        assert!(names(&tenant).contains(&json!("inside")));
        let on = On { target: Target::Item, write: Some(true), ..On::default() };
        tenant.twin.add_fault(Fault::new(on, FaultKind::Unreadable(how)));
        let answer = tenant.post("/$batch", &requests);
        let item = |id: &str| {
            let responses = answer.body["responses"].as_array().expect("responses");
            responses.iter().find(|response| response["id"] == json!(id)).expect("an answer").clone()
        };
        assert!(item("1")["body"]["value"].is_array());
        assert_eq!(item("2")["status"], json!(200));
        assert!(item("2")["body"].as_object().is_none(), "{answer:?}");
    }
}

#[test]
fn a_token_can_be_unreadable_too() {
    let tenant = Tenant::new();
    tenant.twin.add_fault(Fault::new(On::every(Target::Token), FaultKind::Unreadable(Unreadable::Empty)));
    let client = tenant.twin.client("admin").expect("a known kind").clone();
    let answer = tenant.token_for(&client.client_id, &client.client_secret);
    assert_eq!((answer.status, &answer.body), (200, &Value::Null));
    assert_eq!(tenant.token_for(&client.client_id, &client.client_secret).status, 200);
}

#[test]
fn it_befalls_what_other_faults_answer() {
    let tenant = Tenant::new();
    let on = || On::call("GET", "/organization");
    let failed = FaultKind::Failed { status: 503, body: ErrorBody::Json, retry_after: RetryAfter::Absent };
    tenant.twin.add_fault(Fault::new(on(), failed).times(2));
    tenant.twin.add_fault(Fault::new(on(), FaultKind::Unreadable(Unreadable::Html)).nth(2));
    assert_eq!(tenant.get("/organization").status, 503);
    let both = sent(&tenant, "GET", "/organization", &Value::Null);
    assert!(looks(Unreadable::Html, &both), "{both:?}");
    assert_eq!(tenant.get("/organization").status, 200);
}

#[test]
fn a_list_can_lead_back_to_itself() {
    let tenant = Tenant::new();
    tenant.twin.add_faults_json(r#"{"fault":"repeatedLink","path":"/users*","first":2}"#).expect("a known fault");
    let first = tenant.get("/users?$select=id&$top=10");
    let link = first.text("/@odata.nextLink").to_owned();
    let path = link.strip_prefix(&format!("{}/v1.0", tenant.twin.graph())).expect("a link to Graph");
    let second = tenant.get(path);
    assert_eq!((second.text("/@odata.nextLink"), second.values().len()), (link.as_str(), 10));
    assert_ne!(tenant.get(path).text("/@odata.nextLink"), link);
}

#[test]
fn the_control_endpoint_knows_the_bodies() {
    let tenant = Tenant::new();
    for body in ["html", "empty", "cut"] {
        let fault = json!({ "fault": "unreadable", "body": body }).to_string();
        tenant.twin.add_faults_json(&fault).expect("a known body");
    }
    assert!(tenant.twin.add_faults_json(r#"{"fault":"unreadable","body":"odd"}"#).is_err());
}
