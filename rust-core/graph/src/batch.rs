//! `$batch`: up to 20 requests in one. Source: Microsoft Graph documentation, "Combine multiple HTTP requests using JSON
//! batching": answers come in any order, each with its own status; a failed dependency answers 424.

use std::collections::HashMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use crate::error::{GraphError, ServiceError, read_error};
use pp_http::retry_after::parse_retry_after;
use pp_http::throttle::{self, Whose};
use pp_sign_in::claims;
use time::OffsetDateTime;

/// Most requests in one batch.
pub const MOST: usize = 20;

/// One request of a batch.
#[derive(Debug, Clone)]
pub struct Item {
    /// HTTP method.
    pub method: &'static str,
    /// Path and query below `/v1.0`, with a slash in front.
    pub path: String,
    /// Headers beside the content type.
    pub headers: Vec<(&'static str, &'static str)>,
    /// JSON body.
    pub body: Option<Value>,
    /// Whether of a list its first page is enough.
    pub first_page: bool,
    /// What is kept of a successful answer, from its JSON, where it is large and little of it is wanted.
    pub part: Option<Part>,
}

/// As much of an answer as is needed; nothing where it isn't what it should be, and is kept whole.
pub type Part = fn(&str) -> Option<Value>;

/// What came back for one request.
pub type ItemResult = Result<Answer, GraphError>;

/// A successful answer.
#[derive(Clone)]
pub struct Answer {
    /// 200, 201 or 204.
    pub status: u16,
    /// Its body; null where there is none.
    pub body: Value,
}

impl std::fmt::Debug for Answer {
    /// Without the body: that of `addPassword` holds the secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Answer({})", self.status)
    }
}

/// How the requests of one batch depend on each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// They don't.
    Parallel,
    /// Each waits for the one before, and is not tried where that failed.
    Chain,
}

impl Item {
    /// A read.
    pub fn get(path: impl Into<String>) -> Self {
        Self { method: "GET", path: path.into(), headers: Vec::new(), body: None, first_page: false, part: None }
    }

    /// Method and path without the query: for messages.
    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.path.split('?').next().unwrap_or_default())
    }

    fn json(&self, index: usize, order: Order) -> Value {
        let mut item = json!({"id": (index + 1).to_string(), "method": self.method, "url": self.path});
        let mut headers: Map<String, Value> =
            self.headers.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        if let Some(body) = &self.body {
            headers.insert("Content-Type".into(), json!("application/json"));
            item["body"] = body.clone();
        }
        if !headers.is_empty() {
            item["headers"] = Value::Object(headers);
        }
        if order == Order::Chain && index > 0 {
            item["dependsOn"] = json!([index.to_string()]);
        }
        item
    }
}

/// The body of the batch request.
pub fn body(items: &[&Item], order: Order) -> Value {
    json!({"requests": items.iter().enumerate().map(|(i, item)| item.json(i, order)).collect::<Vec<_>>()})
}

/// The body of an answer to a batch, each answer in it with as much of its own body as its request keeps.
pub fn parse(items: &[&Item], body: &[u8]) -> serde_json::Result<Value> {
    if items.iter().all(|item| item.part.is_none()) {
        return serde_json::from_slice(body);
    }
    let Ok(Envelope { responses }) = serde_json::from_slice(body) else { return serde_json::from_slice(body) };
    let responses = responses.iter().map(|answer| parse_answer(items, answer)).collect::<serde_json::Result<_>>()?;
    Ok(json!({ "responses": Value::Array(responses) }))
}

/// Answers whose values are still text.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    responses: Vec<HashMap<&'a str, &'a RawValue>>,
}

fn parse_answer(items: &[&Item], answer: &HashMap<&str, &RawValue>) -> serde_json::Result<Value> {
    let values = answer.iter().filter(|(name, _)| **name != "body");
    let values = values.map(|(name, text)| Ok(((*name).to_owned(), serde_json::from_str(text.get())?)));
    let mut parsed = Value::Object(values.collect::<serde_json::Result<_>>()?);
    if let Some(body) = answer.get("body") {
        let succeeded = status(&parsed).is_some_and(|status| (200..300).contains(&status));
        let part = place(&parsed).and_then(|place| items.get(place)?.part).filter(|_| succeeded);
        let kept = part.and_then(|part| part(body.get()));
        parsed["body"] = kept.map_or_else(|| serde_json::from_str(body.get()), Ok)?;
    }
    Ok(parsed)
}

/// A line for each answer: which request, its status, how long the batch took, and the service's id of the request, which is
/// the batch's where an answer has none of its own.
pub fn told(items: &[&Item], body: &Value, took: Duration, of_batch: &str) -> Vec<String> {
    let answers = body.get("responses").and_then(Value::as_array);
    let line = |answer: &Value| {
        let item = items.get(place(answer)?)?;
        let status = status(answer)?;
        let id = header(answer.get("headers"), "request-id").unwrap_or(of_batch);
        Some(format!("  {}: {status} in {} ms (request-id {id})", item.name(), took.as_millis()))
    };
    answers.into_iter().flatten().filter_map(line).collect()
}

/// The HTTP status of an answer, a number or its text.
fn status(answer: &Value) -> Option<u16> {
    let status = answer.get("status")?;
    let number = status.as_u64().or_else(|| status.as_str()?.trim().parse().ok())?;
    u16::try_from(number).ok()
}

/// Which request an answer is for.
fn place(answer: &Value) -> Option<usize> {
    answer.get("id")?.as_str()?.parse::<usize>().ok()?.checked_sub(1)
}

/// The answers in the order of the requests; every request has exactly one.
pub fn read(items: &[&Item], mut body: Value, now: OffsetDateTime) -> Result<Vec<ItemResult>, GraphError> {
    let unreadable = |what: String| GraphError::unreadable("POST /$batch", what);
    let Some(Value::Array(answers)) = body.get_mut("responses").map(Value::take) else {
        return Err(unreadable("no 'responses'".into()));
    };
    let mut results: Vec<Option<ItemResult>> = items.iter().map(|_| None).collect();
    for answer in answers {
        let index = place(&answer).unwrap_or(usize::MAX);
        let slot = results.get_mut(index).filter(|slot| slot.is_none());
        let Some(slot) = slot else { return Err(unreadable(format!("an answer with the id {}", answer["id"]))) };
        *slot = Some(read_answer(items[index], answer, now));
    }
    let complete: Option<Vec<ItemResult>> = results.into_iter().collect();
    complete.ok_or_else(|| unreadable("a request without an answer".into()))
}

/// A header's values in the answers, where they have it.
pub fn header_values<'a>(body: &'a Value, name: &'a str) -> impl Iterator<Item = &'a str> {
    let answers = body.get("responses").and_then(Value::as_array);
    answers.into_iter().flatten().filter_map(move |answer| header(answer.get("headers"), name))
}

fn header<'a>(headers: Option<&'a Value>, wanted: &str) -> Option<&'a str> {
    let headers = headers.and_then(Value::as_object)?;
    headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted))?.1.as_str()
}

fn read_answer(item: &Item, mut answer: Value, now: OffsetDateTime) -> ItemResult {
    let status = status(&answer).ok_or_else(|| GraphError::unreadable(&item.name(), "it has no status"))?;
    let body = answer.get_mut("body").map_or(Value::Null, Value::take);
    if (200..300).contains(&status) {
        // What isn't JSON comes as a text; and a read that says nothing must not pass for "none".
        if item.method == "GET" && !body.is_object() {
            return Err(GraphError::unreadable(&item.name(), "it is no object of JSON"));
        }
        return Ok(Answer { status, body });
    }
    Err(GraphError::Service(Box::new(item_error(item, status, &body, answer.get("headers"), now))))
}

/// What the service says of a request whose turn never came, for one that was not sent at all.
pub(crate) fn not_tried(item: &Item) -> ItemResult {
    let body = json!({"error": {"message": "a request before it failed; it was not sent"}});
    Err(GraphError::Service(Box::new(read_error(&item.name(), 424, &body, "", None))))
}

fn item_error(item: &Item, status: u16, body: &Value, headers: Option<&Value>, now: OffsetDateTime) -> ServiceError {
    let header = |wanted: &str| header(headers, wanted);
    let retry_after = header("retry-after").and_then(|text| parse_retry_after(text, now));
    let challenge = header("www-authenticate").and_then(claims::challenge);
    let error = read_error(&item.name(), status, body, header("request-id").unwrap_or_default(), retry_after);
    ServiceError { limit: Whose::named(header(throttle::SCOPE)), challenge, ..error }
}
