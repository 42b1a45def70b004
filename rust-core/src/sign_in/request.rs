//! The token request and its answers.

use std::sync::Arc;
use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Method;
use serde::Deserialize;
use url::Url;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::environment::Endpoints;
use super::error::{Refusal, SignInError};
use crate::http::clock::Clock;
use crate::http::retry::{self, WaitEnd};
use crate::http::{Call, Client, Request, SendError};
use crate::job::Cancel;
use crate::secret::SecretText;

/// Sign-in errors that pass by themselves. Source: Entra documentation, "Microsoft Entra authentication error codes".
const TRANSIENT: [u32; 7] = [50033, 90006, 90012, 90024, 90033, 90055, 90090];

/// A token as it was issued.
pub(super) struct Issued {
    pub(super) text: Arc<SecretText>,
    /// `expires_in`, where the service said it.
    pub(super) lifetime: Option<Duration>,
}

#[derive(Deserialize)]
struct Answer {
    access_token: SecretText,
    expires_in: u64,
}

#[derive(Deserialize)]
struct ErrorAnswer {
    error: String,
    #[serde(default)]
    error_description: String,
    #[serde(default)]
    error_codes: Vec<u32>,
    #[serde(default)]
    correlation_id: String,
}

/// One client credentials request: `POST {login}/{tenant}/oauth2/v2.0/token`.
pub(super) fn client_secret(
    client: &Client,
    endpoints: &Endpoints,
    tenant: Uuid,
    client_id: Uuid,
    secret: &SecretText,
    cancel: &Cancel,
) -> Result<Issued, SignInError> {
    let mut form = Zeroizing::new(Vec::new());
    let encoded = |text: &str| Zeroizing::new(utf8_percent_encode(text, NON_ALPHANUMERIC).to_string());
    form.extend_from_slice(format!("grant_type=client_credentials&client_id={client_id}").as_bytes());
    form.extend_from_slice(b"&scope=");
    form.extend_from_slice(encoded(&format!("{}/.default", endpoints.graph)).as_bytes());
    form.extend_from_slice(b"&client_secret=");
    form.extend_from_slice(encoded(secret.expose()).as_bytes());
    let address = format!("{}/{tenant}/oauth2/v2.0/token", endpoints.login);
    let url = Url::parse(&address).map_err(|e| unreadable(0, format!("{address}: {e}")))?;
    let headers = vec![("accept", Zeroizing::new("application/json".to_owned()))];
    let body = Some(("application/x-www-form-urlencoded", form));
    let answer = client.send(Request { method: Method::POST, url, headers, body }, cancel)?;
    read(answer.status, &answer.body)
}

/// What the sign-in service's answer says.
pub(super) fn read(status: u16, body: &[u8]) -> Result<Issued, SignInError> {
    if status == 200 {
        let parsed: Answer = serde_json::from_slice(body).map_err(|_| unreadable(200, "no access_token".into()))?;
        let lifetime = Some(Duration::from_secs(parsed.expires_in));
        return Ok(Issued { text: Arc::new(parsed.access_token), lifetime });
    }
    let parsed: ErrorAnswer =
        serde_json::from_slice(body).map_err(|_| unreadable(status, "the answer is not Entra's error shape".into()))?;
    // The lines after the first hold trace and correlation ids and the time.
    let description = parsed.error_description.lines().next().unwrap_or_default().trim();
    let description = if description.is_empty() { &parsed.error } else { description };
    Err(SignInError::Refused(Refusal {
        status,
        code: parsed.error_codes.first().copied().unwrap_or_else(|| code_in(description)),
        description: description.to_owned(),
        error: parsed.error,
        correlation_id: parsed.correlation_id,
    }))
}

/// The number behind `AADSTS` in a description.
fn code_in(description: &str) -> u32 {
    let digits = description.strip_prefix("AADSTS").unwrap_or_default();
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    digits[..end].parse().unwrap_or(0)
}

fn unreadable(status: u16, what: String) -> SignInError {
    SignInError::Unreadable { status, what }
}

/// Signs in again after what passes by itself, within the call's budget. Asking for a token changes nothing, so a lost
/// answer is no reason to stop.
pub(super) fn with_retry(
    call: &Call<'_>,
    clock: &dyn Clock,
    once: impl Fn() -> Result<Issued, SignInError>,
) -> Result<Issued, SignInError> {
    let mut tries = 1;
    loop {
        let error = match once() {
            Ok(issued) => return Ok(issued),
            Err(error) if passes(&error) => error,
            Err(error) => return Err(error),
        };
        match retry::wait(clock, call, tries, None, &format!("sign-in: {error}")) {
            Ok(()) => tries += 1,
            Err(WaitEnd::Cancelled) => return Err(SignInError::Cancelled),
            Err(WaitEnd::Spent) => return Err(error),
        }
    }
}

fn passes(error: &SignInError) -> bool {
    match error {
        SignInError::Send(SendError::NotSent { .. } | SendError::AnswerLost { .. }) => true,
        SignInError::Refused(refusal) => refusal.status == 429 || TRANSIENT.contains(&refusal.code),
        SignInError::Unreadable { status, .. } => *status == 429 || *status >= 500,
        SignInError::Send(SendError::Cancelled) | SignInError::Cancelled | SignInError::Unfit(_) => false,
    }
}
