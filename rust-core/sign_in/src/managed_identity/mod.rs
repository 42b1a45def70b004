//! The managed identity of an Azure machine or service: an endpoint beside it gives the tokens.
//!
//! Source: Entra and App Service documentation on managed identities; MSAL for Python, `managed_identity.py`.

mod arc;
mod endpoint;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use pp_http::Method;
use serde::Deserialize;
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;
use zeroize::Zeroizing;

pub use endpoint::{Endpoint, EndpointKind, Variables};

use super::audience::Audience;
use super::environment::Endpoints;
use super::error::{SignInError, SourceError, SourceKind, Unfit};
use super::request::{Ask, Issued, lasting};
use super::token::Claims;
use pp_base::call::Call;
use pp_base::clock::Clock;
use pp_base::secret::SecretText;
use pp_http::{Client, Request, Response, SendError};
use pp_words::lenient::whole;

/// A managed identity of the machine this runs on.
#[derive(Debug)]
pub struct ManagedIdentity {
    /// Where its tokens come from.
    pub endpoint: Endpoint,
    /// A user-assigned identity by its client id; without it the system-assigned one.
    pub client_id: Option<Uuid>,
    /// It goes to this machine or link only, never through a proxy.
    client: Client,
    /// Whether the endpoint has ever answered: it is there then, and may be away for a while.
    answered: AtomicBool,
}

#[derive(Deserialize)]
struct Answer {
    access_token: SecretText,
    /// Seconds since 1970 as text or number; the oldest form has a date there, which the token repeats.
    #[serde(default)]
    expires_on: Value,
    #[serde(default)]
    expires_in: Value,
}

impl ManagedIdentity {
    /// The identity that an endpoint speaks for; nothing is sent yet.
    pub fn new(endpoint: Endpoint, client_id: Option<Uuid>) -> Self {
        Self { endpoint, client_id, client: Client::local(), answered: AtomicBool::new(false) }
    }

    /// Asks once.
    pub(super) fn once(&self, ask: &Ask<'_>) -> Result<Issued, SignInError> {
        let answer = self.send(ask, None)?;
        let answer = match (answer.status, &self.endpoint.kind) {
            (401, EndpointKind::Arc { key_folder }) => {
                let key = arc::key(answer.headers("www-authenticate"), key_folder)?;
                self.send(ask, Some(key))?
            }
            _ => answer,
        };
        let now = ask.clock.now();
        if answer.status == 200 { read(&answer, now) } else { Err(self.refused(&answer).told_by(&answer, now)) }
    }

    fn send(&self, ask: &Ask<'_>, key: Option<Zeroizing<String>>) -> Result<Response, SignInError> {
        let url = self.endpoint.request(&ask.audience.address, self.client_id);
        let mut headers = vec![("metadata", Zeroizing::new("true".to_owned()))];
        headers.extend(self.endpoint.header().map(|(name, value)| (name, Zeroizing::new(value.expose().to_owned()))));
        headers.extend(key.map(|key| ("authorization", Zeroizing::new(format!("Basic {}", key.as_str())))));
        let request = Request { method: Method::GET, url, headers, body: None };
        let answer = self.client.send(request, ask.call.cancel).map_err(|error| match error {
            SendError::NotSent { host, reason } if !self.answered.load(Ordering::Relaxed) => SourceError {
                kind: SourceKind::NoManagedIdentity,
                message: format!("no managed identity endpoint answers at {host}: {reason}"),
                status: None,
                passes: false,
                retry_after: None,
            }
            .into(),
            other => SignInError::from(other),
        })?;
        self.answered.store(true, Ordering::Relaxed);
        Ok(answer)
    }

    fn refused(&self, answer: &Response) -> SignInError {
        let status = answer.status;
        let words = words(&answer.body);
        // Virtual machines answer so; while an identity is being assigned, its endpoint may not know of it for a while.
        let passes = status == 429 || status >= 500 || (self.endpoint.is_imds() && matches!(status, 404 | 410));
        let kind = if status == 400 { SourceKind::IdentityNotAssigned } else { SourceKind::ManagedIdentityRefused };
        let message = format!("the managed identity endpoint answered with HTTP status {status}: {words}");
        SourceError { kind, message, status: Some(status), passes, retry_after: None }.into()
    }
}

/// Why it refused. Refusals have OAuth's shape on virtual machines, another one on App Service.
fn words(body: &[u8]) -> String {
    let said: Value = serde_json::from_slice(body).unwrap_or_default();
    let mut texts = ["error_description", "message", "error"].into_iter().filter_map(|name| said[name].as_str());
    texts.find_map(|text| text.lines().next()).unwrap_or("no reason given").to_owned()
}

/// The tenant of a managed identity, where the caller names none: its token says it.
pub fn tenant_of(
    identity: &ManagedIdentity,
    endpoints: &Endpoints,
    clock: &dyn Clock,
    call: &Call<'_>,
) -> Result<Uuid, SignInError> {
    let audience = Audience::graph(&endpoints.graph);
    // No endpoint of a tenant is asked, so none needs to be known.
    let ask = Ask {
        client: &identity.client,
        clock,
        endpoints,
        tenant: Uuid::nil(),
        audience: &audience,
        call,
        challenge: None,
    };
    let issued = ask.with_retry(|| identity.once(&ask))?;
    let tenant = Claims::read(&issued.text).and_then(|claims| Uuid::parse_str(&claims.tid).ok());
    tenant.ok_or(SignInError::Unfit(Unfit::Opaque))
}

fn read(answer: &Response, now: OffsetDateTime) -> Result<Issued, SignInError> {
    let parsed: Answer =
        serde_json::from_slice(&answer.body).map_err(|_| SignInError::unreadable(200, "no access_token"))?;
    // What the endpoint's own clock leaves of the token; this machine's may be wrong.
    let now = answer.date().unwrap_or(now);
    let until = whole::of(&parsed.expires_on).map(|end| u64::try_from(end - now.unix_timestamp()).unwrap_or(0));
    let lifetime = until.map(Duration::from_secs).or_else(|| lasting(&parsed.expires_in));
    Ok(Issued { text: parsed.access_token.into(), lifetime })
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn a_refusal_says_why_in_either_shape_and_null_says_nothing() {
        for (body, said) in [
            (r#"{"error": "invalid_request", "error_description": "Identity not found"}"#, "Identity not found"),
            (r#"{"error": "invalid_request", "error_description": null, "message": null}"#, "invalid_request"),
            (r#"{"statusCode": 400, "message": "No identity\nat all", "error_description": ""}"#, "No identity"),
            (r#"{"error": {"code": "x"}, "message": null}"#, "no reason given"),
            ("<html>", "no reason given"),
        ] {
            assert_eq!(words(body.as_bytes()), said);
        }
    }
}
