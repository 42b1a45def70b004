//! `$batch`: up to 20 requests in one (Graph's page on JSON batching, 2025-02-21).

use std::collections::HashMap;

use bytes::Bytes;
use serde_json::{Value, json};

use crate::call::{Answer, Body, Call};
use crate::directory::shapes::text;
use crate::errors::GraphError;
use crate::faults::{self, Place};
use crate::graph;
use crate::log::BatchItem;
use crate::schema::Object;
use crate::wire::Wire;
use crate::world::{Outcome, World};

const LIMIT: usize = 20;

/// One request of a batch.
struct Item {
    id: String,
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    body: Option<Value>,
    depends_on: Vec<String>,
}

/// Runs a batch. Items run after those they depend on, otherwise in their order; the answers come in any order.
pub(crate) fn run(world: &mut World, call: &Call) -> Result<Outcome, GraphError> {
    if call.method != "POST" {
        return Err(GraphError::method_not_allowed());
    }
    let items = ordered(read(&graph::body(call)?)?)?;
    let mut statuses: HashMap<String, u16> = HashMap::new();
    let mut responses = Vec::new();
    let mut log = Vec::new();
    let mut wire = Wire::default();
    for item in items {
        let failed = item.depends_on.iter().any(|id| statuses.get(id).is_none_or(|status| *status >= 400));
        let outcome = if failed { failed_dependency().into() } else { run_item(world, &inner(call, &item)) };
        wire = wire.and(outcome.wire);
        let answer = outcome.answer;
        if answer.status == 0 {
            // Lost on the way: so is the rest of the batch.
            break;
        }
        statuses.insert(item.id.clone(), answer.status);
        log.push(BatchItem { method: item.method.clone(), path: item.url.clone(), status: answer.status });
        responses.push(response(&item.id, answer));
    }
    world.random.shuffle(&mut responses);
    let body = Body::Ready(Bytes::from(written(&responses)));
    Ok(Outcome { answer: Answer { body, ..Answer::empty(200) }, batch: Some(log), wire })
}

/// The answers as one, copied once: that of Microsoft Graph's service principal is large.
fn written(responses: &[String]) -> String {
    let mut written = String::with_capacity(responses.iter().map(|one| one.len() + 1).sum::<usize>() + 16);
    written.push_str(r#"{"responses":["#);
    for (place, response) in responses.iter().enumerate() {
        written.push_str(if place > 0 { "," } else { "" });
        written.push_str(response);
    }
    written.push_str("]}");
    written
}

fn run_item(world: &mut World, call: &Call) -> Outcome {
    faults::answer(world, call, Place::Item, |world, call| graph::item(world, call).into())
}

/// Whether any item of a batch is a write.
pub(crate) fn writes(call: &Call) -> bool {
    let body: Value = serde_json::from_slice(&call.body).unwrap_or_default();
    let mut methods = body["requests"].as_array().into_iter().flatten().filter_map(|item| item["method"].as_str());
    methods.any(|method| !method.eq_ignore_ascii_case("GET"))
}

fn failed_dependency() -> Answer {
    let error =
        json!({ "code": "FailedDependency", "message": "Failed due to the failure of a request it depends on." });
    Answer::json(424, json!({ "error": error }))
}

fn read(body: &Object) -> Result<Vec<Item>, GraphError> {
    let Some(Value::Array(requests)) = body.get("requests") else {
        return Err(GraphError::malformed("Invalid batch payload format."));
    };
    if let Some(name) = body.keys().find(|name| *name != "requests") {
        return Err(GraphError::malformed(format!("Invalid batch payload format: unknown property '{name}'.")));
    }
    if requests.is_empty() {
        return Err(GraphError::malformed("Invalid batch payload format: no requests."));
    }
    if requests.len() > LIMIT {
        let words = format!("Number of batch request steps exceeds the maximum value of {LIMIT}.");
        return Err(GraphError::malformed(words));
    }
    let items = requests.iter().map(read_item).collect::<Result<Vec<_>, _>>()?;
    check_ids(&items)?;
    Ok(items)
}

fn read_item(request: &Value) -> Result<Item, GraphError> {
    let empty = Object::new();
    let request = request.as_object().unwrap_or(&empty);
    let known = ["id", "method", "url", "headers", "body", "dependsOn"];
    if let Some(name) = request.keys().find(|name| !known.contains(&name.as_str())) {
        return Err(GraphError::malformed(format!("Invalid batch payload format: unknown property '{name}'.")));
    }
    let [id, method, url] = ["id", "method", "url"].map(|name| text(request, name).to_owned());
    if id.is_empty() || method.is_empty() || url.is_empty() {
        return Err(GraphError::malformed("Invalid batch payload format: id, method and url are required."));
    }
    if url.contains("://") {
        return Err(GraphError::malformed(format!("The url of request '{id}' must be relative.")));
    }
    let headers = request.get("headers").and_then(Value::as_object).into_iter().flatten();
    let headers = headers.filter_map(|(name, value)| Some((name.to_ascii_lowercase(), value.as_str()?.to_owned())));
    let depends_on = request.get("dependsOn").and_then(Value::as_array).into_iter().flatten();
    Ok(Item {
        id,
        method: method.to_ascii_uppercase(),
        url,
        headers: headers.collect(),
        body: request.get("body").filter(|body| !body.is_null()).cloned(),
        depends_on: depends_on.filter_map(Value::as_str).map(str::to_owned).collect(),
    })
}

/// Assumption: the texts; that ids are unique and dependencies known is documented.
fn check_ids(items: &[Item]) -> Result<(), GraphError> {
    for (place, item) in items.iter().enumerate() {
        if items[..place].iter().any(|earlier| earlier.id == item.id) {
            return Err(GraphError::malformed(format!(
                "The request id '{}' is used more than once in the batch.",
                item.id
            )));
        }
        let unknown = item.depends_on.iter().find(|id| !items.iter().any(|other| other.id == **id));
        if let Some(unknown) = unknown {
            let words = format!("The request '{}' depends on '{unknown}', which is not in the batch.", item.id);
            return Err(GraphError::malformed(words));
        }
    }
    Ok(())
}

/// Puts every item behind those it depends on.
fn ordered(mut waiting: Vec<Item>) -> Result<Vec<Item>, GraphError> {
    let mut done: Vec<Item> = Vec::new();
    while !waiting.is_empty() {
        let ready = waiting
            .iter()
            .position(|item| item.depends_on.iter().all(|id| done.iter().any(|earlier| earlier.id == *id)));
        let Some(ready) = ready else {
            return Err(GraphError::malformed("The requests of the batch depend on each other in a circle."));
        };
        done.push(waiting.remove(ready));
    }
    Ok(done)
}

/// The item as a request of its own, with the token of the batch.
fn inner(batch: &Call, item: &Item) -> Call {
    let (path, query) = item.url.split_once('?').unwrap_or((&item.url, ""));
    let mut headers = item.headers.clone();
    headers.retain(|(name, _)| name != "authorization");
    let shared = ["authorization", "client-request-id"];
    headers.extend(batch.headers.iter().filter(|(name, _)| shared.contains(&name.as_str())).cloned());
    Call {
        method: item.method.clone(),
        path: format!("/v1.0/{}", path.trim_start_matches('/')),
        query: query.to_owned(),
        headers,
        body: item.body.as_ref().map(|body| Bytes::from(body.to_string())).unwrap_or_default(),
    }
}

/// The answer of an item, as JSON.
fn response(id: &str, answer: Answer) -> String {
    let mut headers: Object = answer.headers.into_iter().map(|(name, value)| (name, json!(value))).collect();
    headers.insert("Cache-Control".to_owned(), json!("no-cache"));
    let body = match answer.body {
        Body::None => None,
        Body::Json(body) => Some(body.to_string()),
        Body::Ready(bytes) => Some(String::from_utf8(bytes.into()).unwrap_or_default()),
        Body::Cut(bytes) => Some(json!(String::from_utf8_lossy(&bytes)).to_string()),
        // Assumption: a count inside a batch is a number.
        Body::Text(text) => Some(text.parse::<u64>().map_or_else(|_| json!(text), |number| json!(number)).to_string()),
        Body::Html(page) => Some(json!(page).to_string()),
    };
    let body = body.map(|body| {
        headers.insert("Content-Type".to_owned(), json!("application/json"));
        format!(r#""body":{body},"#)
    });
    let (body, headers) = (body.unwrap_or_default(), Value::Object(headers));
    format!(r#"{{"id":{},"status":{},{body}"headers":{headers}}}"#, json!(id), answer.status)
}
