//! Batches.

use serde_json::{Value, json};

use crate::client::{Answer, Tenant};

fn batch(tenant: &Tenant, requests: &Value) -> Answer {
    tenant.post("/$batch", &json!({ "requests": requests }))
}

/// The answer of one request of a batch.
fn item<'a>(answer: &'a Answer, id: &str) -> &'a Value {
    let responses = answer.body["responses"].as_array().expect("responses");
    responses.iter().find(|response| response["id"] == json!(id)).expect("an answer to every request")
}

#[test]
fn every_request_gets_its_own_status_and_body() {
    let tenant = Tenant::new();
    let answer = batch(
        &tenant,
        &json!([
            { "id": "1", "method": "GET", "url": "/organization?$select=displayName" },
            { "id": "2", "method": "GET", "url": "applications/3c1d5b8e-0000-4000-8000-000000000001" },
            { "id": "3", "method": "GET", "url": "/users?$count=true&$top=1", "headers": { "ConsistencyLevel": "eventual" } },
            { "id": "4", "method": "POST", "url": "/applications", "body": { "displayName": "x" },
              "headers": { "content-type": "application/json" } },
        ]),
    );
    assert_eq!(answer.status, 200);
    assert_eq!(item(&answer, "1")["body"]["value"][0]["displayName"], json!("Contoso Accounting"));
    assert_eq!(item(&answer, "2")["body"]["error"]["code"], json!("Request_ResourceNotFound"));
    assert_eq!(item(&answer, "3")["body"]["@odata.count"], json!(24));
    assert_eq!(item(&answer, "4")["status"], json!(201));
    assert!(item(&answer, "1")["headers"]["Content-Type"].is_string());
    assert_eq!(item(&answer, "4")["headers"]["x-ms-resource-unit"], json!("1"));
}

#[test]
fn answers_may_come_out_of_order() {
    let tenant = Tenant::new();
    let requests: Value =
        (0..20).map(|id| json!({ "id": id.to_string(), "method": "GET", "url": "/organization" })).collect();
    let order = |answer: &Answer| {
        let responses = answer.body["responses"].as_array().expect("responses").clone();
        responses.iter().map(|response| response["id"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    let (first, second) = (order(&batch(&tenant, &requests)), order(&batch(&tenant, &requests)));
    assert_eq!((first.len(), second.len()), (20, 20));
    assert_ne!(first, second);
}

#[test]
fn a_chain_runs_in_order_and_stops_at_a_failure() {
    let tenant = Tenant::new();
    let headers = json!({ "Content-Type": "application/json" });
    let name = "/applications(uniqueName='chained')";
    let answer = batch(
        &tenant,
        &json!([
            { "id": "late", "method": "GET", "url": name, "dependsOn": ["early"] },
            { "id": "early", "method": "PATCH", "url": name, "body": { "displayName": "x" },
              "headers": { "Content-Type": "application/json", "Prefer": "create-if-missing" } },
            { "id": "bad", "method": "POST", "url": "/applications", "body": {}, "headers": headers, "dependsOn": ["late"] },
            { "id": "after", "method": "GET", "url": "/organization", "dependsOn": ["bad"] },
            { "id": "last", "method": "GET", "url": "/organization", "dependsOn": ["after"] },
        ]),
    );
    let status = |id: &str| item(&answer, id)["status"].as_u64();
    assert_eq!((status("early"), status("late"), status("bad")), (Some(201), Some(200), Some(400)));
    assert_eq!((status("after"), status("last")), (Some(424), Some(424)));
}

#[test]
fn each_request_needs_its_own_permission_and_content_type() {
    let reader = Tenant::of("reader");
    let body = json!({ "displayName": "x" });
    let headers = json!({ "Content-Type": "application/json" });
    let answer = batch(
        &reader,
        &json!([
            { "id": "1", "method": "GET", "url": "/organization" },
            { "id": "2", "method": "POST", "url": "/applications", "body": body, "headers": headers },
        ]),
    );
    assert_eq!((&item(&answer, "1")["status"], &item(&answer, "2")["status"]), (&json!(200), &json!(403)));
    let tenant = Tenant::new();
    let answer = batch(&tenant, &json!([{ "id": "1", "method": "POST", "url": "/applications", "body": body }]));
    assert_eq!(item(&answer, "1")["status"], json!(400));
}

#[test]
fn a_batch_that_is_wrong_as_a_whole_does_nothing() {
    let tenant = Tenant::new();
    let get = |id: &str| json!({ "id": id, "method": "GET", "url": "/organization" });
    let refused = |requests: Value| assert_eq!(batch(&tenant, &requests).refusal().0, 400, "{requests}");
    refused((0..21).map(|id| get(&id.to_string())).collect());
    refused(json!([get("1"), get("1")]));
    refused(json!([]));
    refused(json!([{ "method": "GET", "url": "/organization" }]));
    refused(json!([{ "id": "1", "method": "GET", "url": "https://graph.microsoft.com/v1.0/organization" }]));
    refused(json!([{ "id": "1", "method": "GET", "url": "/organization", "dependsOn": ["2"] }]));
    let circle = |id: &str, on: &str| json!({ "id": id, "method": "GET", "url": "/organization", "dependsOn": [on] });
    refused(json!([circle("1", "2"), circle("2", "1")]));
    assert_eq!(tenant.get("/$batch").refusal().0, 405);
}

#[test]
fn a_batch_is_one_request_of_the_log_with_its_items() {
    let tenant = Tenant::new();
    tenant.twin.clear_requests();
    let reads = json!([{ "id": "1", "method": "GET", "url": "/organization?$select=id" }]);
    batch(&tenant, &reads);
    let requests = tenant.twin.requests();
    assert_eq!(requests.len(), 1);
    assert!(!requests[0].write, "a batch of reads writes nothing");
    let item = &requests[0].batch[0];
    assert_eq!((item.method.as_str(), item.path.as_str(), item.status), ("GET", "/organization?$select=id", 200));
}
