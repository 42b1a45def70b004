//! Faults that change the answer which the service, or another fault, has made.

use serde_json::{Value, json};

use super::{ErrorShape, FaultKind, Unreadable};
use crate::call::{Answer, Body, Call};
use crate::world::World;

/// Changes the answer, where the fault is one that does.
pub(super) fn spoil(world: &World, call: &Call, answer: &mut Answer, kind: &FaultKind) {
    match kind {
        FaultKind::OddError(shape) => reshape(answer, *shape),
        FaultKind::RepeatedLink => repeat(world, call, answer),
        FaultKind::Unreadable(how) => {
            answer.status = 200;
            answer.body = unreadable(std::mem::take(&mut answer.body), *how);
        }
        _ => {}
    }
}

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
