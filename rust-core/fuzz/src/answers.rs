//! Answers of Microsoft Graph and of the sign-in service, one at a time. An input is the HTTP status, a line end, and the body.

use std::sync::Arc;
use std::time::Duration;

use pp_base::call::Call;
use pp_base::cancel::{Cancel, Cancelled};
use pp_base::clock::Clock;
use pp_base::retry::{Budget, DEFAULT_BUDGET};
use pp_base::secret::SecretText;
use pp_graph::batch::{self, Item, ItemResult};
use pp_graph::error::{GraphError, read_error};
use pp_graph::reaction::Reaction;
use pp_http::retry_after::parse_retry_after;
use pp_http::throttle::{self, Throttle, Whose};
use pp_http::{Client, Limits};
use pp_sign_in::environment::Environment;
use pp_sign_in::error::SignInError;
use pp_sign_in::{Credential, Tokens};
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

/// 24 November 2026: what the corpus was written for.
const NOW: i64 = 1_795_478_400;

/// The time of every target.
pub(crate) fn now() -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(NOW).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// The status and the body.
fn split(data: &[u8]) -> (u16, &[u8]) {
    let end = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let status = std::str::from_utf8(&data[..end]).ok().and_then(|text| text.trim().parse().ok());
    (status.unwrap_or(400), data.get(end + 1..).unwrap_or_default())
}

/// An error keeps its code and its text, and what the status alone decides is decided by it, whatever the body says.
pub(crate) fn graph_error(data: &[u8]) {
    let (status, text) = split(data);
    let body: Value = serde_json::from_slice(text).unwrap_or_default();
    // The first line of a body may as well have been a header.
    let asked = std::str::from_utf8(text).ok().and_then(|text| parse_retry_after(text, now()));
    let error = read_error("GET /fuzz", status, &body, "id", asked);
    let has_words = ["error", "odata.error"].iter().any(|key| !body[*key]["message"].is_null());
    assert!(!error.message.is_empty() || has_words, "an error without words");
    if let Some(code) = body["error"]["code"].as_str() {
        assert_eq!(error.code, code);
    }
    let decided = match status {
        401 => Some(Reaction::SignInAgain),
        424 => Some(Reaction::NotTried),
        429 => Some(Reaction::Throttled),
        _ => None,
    };
    assert!(decided.is_none_or(|wanted| error.reaction == wanted), "{status} is {:?}", error.reaction);
    assert_eq!(error.status, status);
    let _shown = GraphError::Service(Box::new(error)).to_string();
}

/// Every request has its own answer, and counts as done only where that says 2xx and something.
pub(crate) fn batch_answer(data: &[u8]) {
    let Ok(body) = serde_json::from_slice::<Value>(data) else { return };
    let items = [Item::get("/organization"), Item::get("/applications?$top=1"), Item::get("/servicePrincipals")];
    // What keeps a part of its answer, here all of it, is answered the same.
    let part: batch::Part = |text| serde_json::from_str(text).ok();
    let parts = items.clone().map(|item| Item { part: Some(part), ..item });
    let parsed = batch::parse(&parts.iter().collect::<Vec<_>>(), data).unwrap_or_default();
    assert_eq!(parsed.get("responses"), body.get("responses"));
    let items: Vec<&Item> = items.iter().collect();
    let Ok(results) = batch::read(&items, body.clone(), now()) else { return };
    let responses = body["responses"].as_array().map(Vec::as_slice).unwrap_or_default();
    assert_eq!((results.len(), responses.len()), (items.len(), items.len()));
    for (index, result) in results.iter().enumerate() {
        let id = |answer: &&Value| answer["id"].as_str().and_then(|id| id.parse().ok()) == Some(index + 1);
        let answer = responses.iter().find(id).unwrap_or(&Value::Null);
        // All of these are reads: one that says nothing says no "none" either.
        let done = number(&answer["status"]).is_some_and(|status| (200..300).contains(&status));
        let done = done && answer["body"].is_object();
        assert_eq!(result.is_ok(), done, "{answer} gives {result:?}");
    }
    waits_end(&body, &results);
}

/// A number that may be written as text.
fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// Whatever the answers say of the service's limits, the wait before the next request ends within the budget.
fn waits_end(body: &Value, results: &[ItemResult]) {
    let throttle = Throttle::default();
    batch::header_values(body, throttle::USED).for_each(|used| throttle.learn(used, Still.elapsed()));
    for asked in results.iter().filter_map(|result| result.as_ref().err()?.retry_after()) {
        throttle.shut_for(asked, Whose::Tenant, Still.elapsed());
    }
    let budget = Budget::new(DEFAULT_BUDGET);
    let (cancel, log) = (Cancel::never(), |_: &str| ());
    let waited = throttle.wait(&Still, &Call { cancel: &cancel, budget: &budget, log: &log });
    assert!(waited.is_ok() && budget.left() <= DEFAULT_BUDGET);
}

/// A token is taken only where the tenant, the audience and the end are right, and its text is never shown.
pub(crate) fn token_answer(data: &[u8]) {
    let (status, body) = split(data);
    let Some(tokens) = tokens() else { return };
    // What the core doesn't look at needn't be readable.
    let answer: Option<Value> = serde_json::from_slice(body).ok();
    let text = answer.as_ref().and_then(|answer| answer["access_token"].as_str());
    let shown = match tokens.read_answer(status, body) {
        Ok(token) => {
            assert_eq!(status, 200);
            assert!(answer.is_none() || text == Some(token.text.expose()));
            assert!(token.expires_on >= now(), "a token that ended at {}", token.expires_on);
            let tenant = Uuid::from_u128(TENANT).to_string();
            assert!(token.claims.as_ref().is_none_or(|claims| claims.tid.eq_ignore_ascii_case(&tenant)));
            format!("{token:?}")
        }
        Err(error) => {
            if status != 200 {
                is_refused_for_its_reason(answer.as_ref(), &error);
            }
            format!("{error} {error:?}")
        }
    };
    assert!(text.is_none_or(|text| text.len() < 16 || !shown.contains(text)), "a token is shown: {shown}");
}

/// The kind of a refusal and its AADSTS number reach whoever looks at them, however the rest of the answer is written.
fn is_refused_for_its_reason(answer: Option<&Value>, error: &SignInError) {
    let Some((answer, kind)) = answer.and_then(|answer| Some((answer, answer["error"].as_str()?))) else { return };
    let code = number(&answer["error_codes"][0]).and_then(|code| u32::try_from(code).ok());
    let told = matches!(error, SignInError::Refused(refusal)
        if refusal.error == kind && code.is_none_or(|code| refusal.code == code));
    assert!(told, "{answer} gives {error:?}");
}

/// The tenant whose tokens the corpus holds.
const TENANT: u128 = 0xc15c_0289_ec2d_4a91_a7ec_8e65_a18d_debb;

/// Made once: nothing is asked for, so the client does nothing.
fn tokens() -> Option<&'static Tokens> {
    static TOKENS: std::sync::OnceLock<Option<Tokens>> = std::sync::OnceLock::new();
    let make = || {
        let endpoints = Environment::Global.endpoints(None, None).ok()?;
        let client = Client::new(&[&endpoints.login, &endpoints.graph], Limits::default()).ok()?;
        let credential =
            Credential::ClientSecret { client_id: Uuid::from_u128(TENANT), secret: SecretText::from_text("none") };
        Some(Tokens::new(Uuid::from_u128(TENANT), endpoints, credential, client, Arc::new(Still)))
    };
    TOKENS.get_or_init(make).as_ref()
}

/// A clock that stands.
#[derive(Debug)]
struct Still;

impl Clock for Still {
    fn now(&self) -> OffsetDateTime {
        now()
    }

    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }

    fn wait(&self, _time: Duration, cancel: &Cancel) -> Result<(), Cancelled> {
        cancel.check()
    }

    fn jitter(&self) -> f64 {
        0.5
    }
}
