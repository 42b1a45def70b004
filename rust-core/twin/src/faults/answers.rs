//! The answers that faults give in place of the service's own.
//!
//! Throttling: Graph's pages on throttling and throttling-limits. 5xx: Graph names no texts; these are its usual codes.

use serde_json::json;
use time::Duration;

use super::{ErrorBody, FaultKind, Place, RetryAfter};
use crate::call::{Answer, Body, Call};
use crate::clock;
use crate::errors::GraphError;
use crate::graph;
use crate::odata::list;
use crate::people::refusals;
use crate::token;
use crate::vault;
use crate::world::World;

/// The answer of a fault that has one for this request.
pub(super) fn made(world: &mut World, call: &Call, place: Place, kind: &FaultKind) -> Option<Answer> {
    match kind {
        FaultKind::Throttled(after) => {
            let scope = format!(
                "Tenant_Application/{}/{}/{}",
                limit(call),
                graph::app_id(world, call),
                world.directory.tenant_id
            );
            let answer = throttled(world, call, place, scope);
            Some(retry_after(world, answer, after))
        }
        FaultKind::ApplicationThrottled(after) => {
            // Assumption: the scope of an application's limit over all tenants ends with its id.
            let scope = format!("Application/{}/{}", limit(call), graph::app_id(world, call));
            let answer = throttled(world, call, place, scope);
            Some(retry_after(world, answer, after))
        }
        FaultKind::Failed { status, body, retry_after: after } => {
            let answer = failed(world, call, place, *status, *body);
            Some(retry_after(world, answer, after))
        }
        FaultKind::Denied if place == Place::Token => Some(disabled(world, call)),
        FaultKind::SignInRefused(code) if place == Place::Token => {
            Some(token::refused(world, call, refusals::of(*code)))
        }
        FaultKind::Denied => Some(refused(world, call, place, &GraphError::denied())),
        _ if matches!(place, Place::Token | Place::Source) => None,
        FaultKind::Concurrency => Some(refused(world, call, place, &GraphError::concurrency())),
        FaultKind::Unlicensed => {
            // As public reports have it (maester365/maester#769).
            let message = "Your tenant is not licensed for this feature.";
            Some(refused(world, call, place, &GraphError::new(403, "AadPremiumLicenseRequired", message)))
        }
        FaultKind::NotInCloud { status } => Some(refused(world, call, place, &not_in_cloud(call, *status))),
        FaultKind::PropertyUnknown(name) => Some(refused(world, call, place, &list::unknown_property(name, "entity"))),
        FaultKind::ProtectedAction => {
            // Assumption: Graph's words for a protected action (Entra documentation, "What are protected actions") are not on record.
            let message = "The action is protected by a Conditional Access policy that this sign-in does not satisfy.";
            Some(refused(world, call, place, &GraphError::new(403, "Authorization_RequestDenied", message)))
        }
        FaultKind::PolicyBlocksSecrets => {
            let error = GraphError::blocked_by_policy(&world.random.guid().to_string());
            Some(refused(world, call, place, &error))
        }
        FaultKind::PolicyLimitsSecrets => {
            let error = GraphError::limited_by_policy(&world.random.guid().to_string());
            Some(refused(world, call, place, &error))
        }
        _ => None,
    }
}

fn refused(world: &mut World, call: &Call, place: Place, error: &GraphError) -> Answer {
    if place == Place::Vault {
        return vault::error(error.status, error.code, &error.message);
    }
    if place == Place::Source {
        return Answer::json(error.status, json!({ "error": error.code, "error_description": error.message }));
    }
    let now = world.now();
    let answer = graph::refusal(world, call, error, now);
    if place == Place::Item { answer } else { graph::finished(world, call, answer, now) }
}

/// The scope's form is that of the page on throttling limits.
fn throttled(world: &mut World, call: &Call, place: Place, scope: String) -> Answer {
    if place == Place::Token {
        return token::busy(world, call, 429, 90_055, "There are too many incoming requests.");
    }
    if place == Place::Vault {
        return vault::throttled();
    }
    let error = GraphError::new(429, "TooManyRequests", "Please retry again later.");
    let limit = if limit(call) == "Read" { "ResourceUnitLimitExceeded" } else { "WriteLimitExceeded" };
    refused(world, call, place, &error).with("x-ms-throttle-scope", scope).with("x-ms-throttle-information", limit)
}

/// Which limit of Graph's a call counts for.
fn limit(call: &Call) -> &'static str {
    if matches!(call.method.as_str(), "GET" | "HEAD") { "Read" } else { "Write" }
}

fn retry_after(world: &World, answer: Answer, after: &RetryAfter) -> Answer {
    let value = match after {
        RetryAfter::Absent => return answer,
        RetryAfter::Seconds(seconds) => seconds.to_string(),
        RetryAfter::Date(seconds) => clock::http_date(world.now().saturating_add(Duration::seconds(*seconds))),
        RetryAfter::Text(text) => text.clone(),
    };
    answer.with("Retry-After", value)
}

fn failed(world: &mut World, call: &Call, place: Place, status: u16, body: ErrorBody) -> Answer {
    match body {
        ErrorBody::Empty => Answer::empty(status),
        ErrorBody::Html => Answer { body: Body::Html(page(status)), ..Answer::empty(status) },
        ErrorBody::Json if place == Place::Token => {
            token::busy(world, call, status, 90_033, "A transient error has occurred. Please try again.")
        }
        ErrorBody::Json => {
            let (code, message) = words(status);
            refused(world, call, place, &GraphError::new(status, code, message))
        }
    }
}

fn words(status: u16) -> (&'static str, &'static str) {
    match status {
        500 => ("InternalServerError", "An internal server error occurred while processing the request."),
        503 => ("ServiceUnavailable", "The service is temporarily unavailable. Please try again later."),
        // As the gateway in front of the directory answers: no message at all.
        _ => ("UnknownError", ""),
    }
}

/// The 400 is as public reports have it (maester365/maester#769). Assumption: the words of the others.
fn not_in_cloud(call: &Call, status: u16) -> GraphError {
    let segment = call.path.rsplit('/').next().unwrap_or_default();
    match status {
        404 => GraphError::not_found(segment),
        405 => {
            GraphError::new(405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.")
        }
        501 => GraphError::new(501, "NotImplemented", "This functionality is not implemented in this environment."),
        _ => GraphError::segment(segment),
    }
}

/// The page of a gateway in front of the service.
pub(super) fn page(status: u16) -> String {
    let reason = http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    let title = format!("{status} {}", reason.unwrap_or_default());
    format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n\
         <hr><center>Microsoft-Azure-Application-Gateway/v2</center>\r\n</body>\r\n</html>\r\n"
    )
}

fn disabled(world: &mut World, call: &Call) -> Answer {
    let form = crate::call::pairs(&String::from_utf8_lossy(&call.body));
    let client = form.iter().find(|(name, _)| name == "client_id").map_or("", |(_, value)| value.as_str());
    let message = format!("Application '{client}' is disabled.");
    token::refuse(world, call, 400, "unauthorized_client", 7_000_112, message)
}

/// The challenge of Graph, and of a vault, for a token that was revoked (entra page "Claims challenges, claims requests and client
/// capabilities"; the message as in azure-cli issue 26504): a new token must be issued at or after `not_before`.
pub(crate) fn challenge(not_before: i64) -> String {
    use base64::Engine as _;
    let claims = json!({ "access_token": { "nbf": { "essential": true, "value": not_before.to_string() } } });
    let claims = base64::engine::general_purpose::STANDARD.encode(claims.to_string());
    format!(
        "Bearer realm=\"\", authorization_uri=\"https://login.microsoftonline.com/common/oauth2/authorize\", \
         client_id=\"00000003-0000-0000-c000-000000000000\", error=\"insufficient_claims\", claims=\"{claims}\""
    )
}
