//! Faults that change the answer which the service, or another fault, has made.

use serde_json::{Value, json};

use super::answers::page;
use super::{ErrorShape, FaultKind, Unreadable};
use crate::call::{Answer, Body, Call};
use crate::clock;
use crate::world::World;

/// Changes the answer, where the fault is one that does.
pub(super) fn spoil(world: &World, call: &Call, answer: &mut Answer, kind: &FaultKind) {
    match kind {
        FaultKind::OddError(shape) => reshape(answer, *shape),
        FaultKind::LooseValues => {
            if let Some(body) = answer.object() {
                body.iter_mut().for_each(|(name, value)| loosen_property(name, value));
            }
        }
        FaultKind::HalfLetter => {
            let json = String::from_utf8_lossy(&std::mem::take(&mut answer.body).bytes()).into_owned();
            answer.body = Body::Ready(json.replacen(DISPLAY_NAME, &format!("{DISPLAY_NAME}\\ud83d"), 1).into());
        }
        FaultKind::OtherChallenge { before } => challenge_otherwise(answer, *before),
        FaultKind::RepeatedLink => repeat(world, call, answer),
        FaultKind::Gateway { status } => {
            *answer = Answer { body: Body::Html(page(*status)), ..Answer::empty(*status) };
        }
        FaultKind::Unreadable(how) => {
            answer.status = 200;
            answer.body = unreadable(std::mem::take(&mut answer.body), *how);
        }
        _ => {}
    }
}

fn challenge_otherwise(answer: &mut Answer, before: bool) {
    if let Some(own) = answer.headers.iter().position(|(name, _)| name == "WWW-Authenticate") {
        let place = if before { own } else { own + 1 };
        answer.headers.insert(place, ("WWW-Authenticate".to_owned(), "Negotiate".to_owned()));
    }
}

const DISPLAY_NAME: &str = "\"displayName\":\"";

fn unreadable(body: Body, how: Unreadable) -> Body {
    match how {
        Unreadable::Empty => Body::None,
        Unreadable::Html => Body::Html(PORTAL.to_owned()),
        Unreadable::Cut => {
            let whole = body.bytes();
            Body::Cut(whole.slice(..whole.len() / 2))
        }
    }
}

/// What a hotel's network says to a program.
const PORTAL: &str = "<!DOCTYPE html>\r\n<html>\r\n<head><title>Sign in to the network</title></head>\r\n<body>\r\n\
                      <p>Your session has ended. Sign in to go on.</p>\r\n</body>\r\n</html>\r\n";

fn loosen_property(name: &str, value: &mut Value) {
    match value {
        Value::Array(list) if list.is_empty() && !matches!(name, "value" | "responses") => *value = Value::Null,
        _ => loosen(value),
    }
}

fn loosen(value: &mut Value) {
    match value {
        Value::Bool(flag) => *value = json!(if *flag { "True" } else { "False" }),
        Value::Number(number) => *value = json!(number.to_string()),
        Value::String(text) if clock::parse(text).is_some() => *text = text.trim_end_matches('Z').to_owned(),
        Value::Array(list) => list.iter_mut().for_each(loosen),
        Value::Object(object) => object.iter_mut().for_each(|(name, value)| loosen_property(name, value)),
        Value::Null | Value::String(_) => {}
    }
}

/// Lets a list go on with the page it is.
fn repeat(world: &World, call: &Call, answer: &mut Answer) {
    let target = call.target();
    let here = format!("{}{}", world.graph(), target.strip_prefix("/graph").unwrap_or(&target));
    if let Some(page) = answer.object().filter(|body| body.get("value").is_some_and(Value::is_array)) {
        page.insert("@odata.nextLink".to_owned(), json!(here));
    }
}

/// Puts an error in JSON into another shape.
fn reshape(answer: &mut Answer, shape: ErrorShape) {
    let Some(body) = answer.object() else { return };
    let key = if body.contains_key("odata.error") { "odata.error" } else { "error" };
    let Some(Value::Object(error)) = body.get_mut(key) else { return };
    match shape {
        ErrorShape::MessageObject => {
            let message = error.get("message").cloned().unwrap_or_default();
            error.insert("message".to_owned(), json!({ "lang": "en", "value": message }));
        }
        ErrorShape::DetailsObject => {
            let first = error.get("details").and_then(|details| details.get(0)).cloned();
            let detail = first.unwrap_or_else(|| json!({ "code": error.get("code"), "message": error.get("message") }));
            error.insert("details".to_owned(), detail);
        }
        ErrorShape::OdataKey => {
            let error = body.remove(key).unwrap_or_default();
            body.insert("odata.error".to_owned(), error);
        }
    }
}
