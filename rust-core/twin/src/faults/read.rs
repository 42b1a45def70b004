//! Faults as JSON, for the control endpoint and the program.

use std::time::Duration;

use serde_json::Value;

use super::{ErrorBody, ErrorShape, Fault, FaultKind, On, RetryAfter, Target, Unreadable, When};
use crate::schema::Object;

/// What every fault may have.
const COMMON: [&str; 10] =
    ["fault", "target", "method", "path", "write", "first", "times", "forEver", "percent", "seed"];

/// Reads one fault; the error is a sentence.
pub(crate) fn read(fault: &Value) -> Result<Fault, String> {
    let body = fault.as_object().ok_or("a fault must be a JSON object")?;
    let name = text(body, "fault")?.ok_or("a fault needs the property 'fault', its kind")?;
    let (kind, own) = kind(name, body)?;
    let unknown = body.keys().find(|name| !COMMON.contains(&name.as_str()) && !own.contains(&name.as_str()));
    match unknown {
        Some(unknown) => Err(format!(
            "unknown property '{unknown}' of the fault '{name}'; known are {}",
            [&COMMON, own].concat().join(", ")
        )),
        None => Ok(Fault { on: on(body)?, when: when(body)?, kind }),
    }
}

/// The kind, and the properties it alone has.
fn kind(name: &str, body: &Object) -> Result<(FaultKind, &'static [&'static str]), String> {
    Ok(match name {
        "throttled" => (FaultKind::Throttled(retry_after(body)?), &["retryAfter", "retryAfterDate"]),
        "applicationThrottled" => {
            (FaultKind::ApplicationThrottled(retry_after(body)?), &["retryAfter", "retryAfterDate"])
        }
        "failed" => (failed(body)?, &["status", "body", "retryAfter", "retryAfterDate"]),
        "requestLost" => (FaultKind::RequestLost { reset: flag(body, "reset")?.unwrap_or(false) }, &["reset"]),
        "answerLost" => (FaultKind::AnswerLost { reset: flag(body, "reset")?.unwrap_or(false) }, &["reset"]),
        "resetInBody" => (FaultKind::ResetInBody, &[]),
        "otherChallenge" => (FaultKind::OtherChallenge { before: flag(body, "before")?.unwrap_or(false) }, &["before"]),
        "truncated" => (FaultKind::Truncated { announced: flag(body, "announced")?.unwrap_or(true) }, &["announced"]),
        "dripped" => (dripped(body)?, &["chunk", "everyMs"]),
        "delayed" => (FaultKind::Delayed(milliseconds(body, "ms", 1_000)?), &["ms"]),
        "signInRefused" => {
            let code = number(body, "code")?.and_then(|code| u32::try_from(code).ok());
            (FaultKind::SignInRefused(code.ok_or("'code' must be an AADSTS number")?), &["code"])
        }
        "propertyUnknown" => {
            let name = text(body, "property")?.ok_or("'property' must be a name")?;
            (FaultKind::PropertyUnknown(name.to_owned()), &["property"])
        }
        "notInCloud" => {
            let status = number(body, "status")?.unwrap_or(404);
            let known = u16::try_from(status).ok().filter(|status| [400, 404, 405, 501].contains(status));
            (FaultKind::NotInCloud { status: known.ok_or("'status' must be 400, 404, 405 or 501")? }, &["status"])
        }
        "edited" => {
            let edit = body.get("edit").filter(|edit| edit.is_object()).ok_or("'edit' must be an object")?;
            (FaultKind::Edited(edit.clone()), &["edit"])
        }
        "skewed" => {
            let seconds = body.get("seconds").and_then(Value::as_i64).ok_or("'seconds' must be a whole number")?;
            (FaultKind::Skewed { seconds }, &["seconds"])
        }
        "gateway" => {
            (FaultKind::Gateway { status: error_status(body)?.ok_or("'status' must be 400 to 599")? }, &["status"])
        }
        "unreadable" => (FaultKind::Unreadable(unreadable(body)?), &["body"]),
        "oddError" => (FaultKind::OddError(shape(body)?), &["shape"]),
        other => (plain(other).ok_or_else(|| format!("unknown fault '{other}'"))?, &[]),
    })
}

/// Kinds without anything to set.
fn plain(name: &str) -> Option<FaultKind> {
    Some(match name {
        "concurrency" => FaultKind::Concurrency,
        "policyBlocksSecrets" => FaultKind::PolicyBlocksSecrets,
        "policyLimitsSecrets" => FaultKind::PolicyLimitsSecrets,
        "tokenExpired" => FaultKind::TokenExpired,
        "claimsChallenge" => FaultKind::ClaimsChallenge,
        "denied" => FaultKind::Denied,
        "unlicensed" => FaultKind::Unlicensed,
        "protectedAction" => FaultKind::ProtectedAction,
        "looseValues" => FaultKind::LooseValues,
        "halfLetter" => FaultKind::HalfLetter,
        "secondWriter" => FaultKind::SecondWriter,
        "repeatedLink" => FaultKind::RepeatedLink,
        _ => return None,
    })
}

fn on(body: &Object) -> Result<On, String> {
    let target = match text(body, "target")? {
        None | Some("request") => Target::Request,
        Some("token") => Target::Token,
        Some("source") => Target::Source,
        Some("graph") => Target::Graph,
        Some("call") => Target::Call,
        Some("batch") => Target::Batch,
        Some("item") => Target::Item,
        Some(other) => {
            return Err(format!(
                "unknown target '{other}'; known are request, token, source, graph, call, batch, item"
            ));
        }
    };
    let owned = |name| text(body, name).map(|text| text.map(str::to_owned));
    Ok(On { target, method: owned("method")?, path: owned("path")?, write: flag(body, "write")? })
}

fn when(body: &Object) -> Result<When, String> {
    if let Some(percent) = number(body, "percent")? {
        let percent =
            u8::try_from(percent).ok().filter(|percent| *percent <= 100).ok_or("'percent' must be 0 to 100")?;
        return Ok(When::Chance { percent, seed: number(body, "seed")?.unwrap_or(1) });
    }
    let for_ever = flag(body, "forEver")?.unwrap_or(false);
    let times = if for_ever { u64::MAX } else { number(body, "times")?.unwrap_or(1) };
    Ok(When::Nth { first: number(body, "first")?.unwrap_or(1), times })
}

fn retry_after(body: &Object) -> Result<RetryAfter, String> {
    if let Some(date) = body.get("retryAfterDate") {
        let seconds = date.as_i64().ok_or("'retryAfterDate' must be seconds from now")?;
        return Ok(RetryAfter::Date(seconds));
    }
    Ok(match body.get("retryAfter") {
        None | Some(Value::Null) => RetryAfter::Absent,
        Some(Value::String(text)) => RetryAfter::Text(text.clone()),
        Some(value) => RetryAfter::Seconds(value.as_u64().ok_or("'retryAfter' must be seconds or a text")?),
    })
}

fn failed(body: &Object) -> Result<FaultKind, String> {
    let status = error_status(body)?.unwrap_or(503);
    let form = match text(body, "body")? {
        None | Some("json") => ErrorBody::Json,
        Some("html") => ErrorBody::Html,
        Some("empty") => ErrorBody::Empty,
        Some(other) => return Err(format!("unknown body '{other}'; known are json, html, empty")),
    };
    Ok(FaultKind::Failed { status, body: form, retry_after: retry_after(body)? })
}

fn error_status(body: &Object) -> Result<Option<u16>, String> {
    let status = |status| u16::try_from(status).ok().filter(|status| (400..600).contains(status));
    let status = number(body, "status")?.map(|given| status(given).ok_or("'status' must be 400 to 599"));
    Ok(status.transpose()?)
}

fn unreadable(body: &Object) -> Result<Unreadable, String> {
    match text(body, "body")? {
        Some("html") => Ok(Unreadable::Html),
        Some("empty") => Ok(Unreadable::Empty),
        Some("cut") => Ok(Unreadable::Cut),
        _ => Err("'body' must be html, empty or cut".to_owned()),
    }
}

fn dripped(body: &Object) -> Result<FaultKind, String> {
    let chunk = usize::try_from(number(body, "chunk")?.unwrap_or(1)).unwrap_or(usize::MAX);
    Ok(FaultKind::Dripped { chunk, every: milliseconds(body, "everyMs", 100)? })
}

fn shape(body: &Object) -> Result<ErrorShape, String> {
    match text(body, "shape")? {
        Some("messageObject") => Ok(ErrorShape::MessageObject),
        Some("detailsObject") => Ok(ErrorShape::DetailsObject),
        Some("odataKey") => Ok(ErrorShape::OdataKey),
        _ => Err("'shape' must be messageObject, detailsObject or odataKey".to_owned()),
    }
}

fn milliseconds(body: &Object, name: &str, absent: u64) -> Result<Duration, String> {
    Ok(Duration::from_millis(number(body, name)?.unwrap_or(absent)))
}

fn text<'a>(body: &'a Object, name: &str) -> Result<Option<&'a str>, String> {
    body.get(name).map(|value| value.as_str().ok_or_else(|| format!("'{name}' must be a text"))).transpose()
}

fn flag(body: &Object, name: &str) -> Result<Option<bool>, String> {
    body.get(name).map(|value| value.as_bool().ok_or_else(|| format!("'{name}' must be true or false"))).transpose()
}

fn number(body: &Object, name: &str) -> Result<Option<u64>, String> {
    let wrong = || format!("'{name}' must be a number that is not negative");
    body.get(name).map(|value| value.as_u64().ok_or_else(wrong)).transpose()
}
