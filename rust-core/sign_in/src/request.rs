//! The token request and its answers.

use std::sync::Arc;
use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use pp_http::Method;
use serde::Deserialize;
use serde_json::Value;
use url::Url;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::audience::Audience;
use super::claims;
use super::environment::Endpoints;
use super::error::{Refusal, SignInError};
use pp_base::call::Call;
use pp_base::clock::Clock;
use pp_base::retry::Tries;
use pp_base::secret::SecretText;
use pp_http::{Client, Request, Response};
use pp_words::lenient::whole;

/// Sign-in errors that pass by themselves. Source: Entra documentation, "Microsoft Entra authentication error codes".
pub const TRANSIENT: [u32; 7] = [50033, 90006, 90012, 90024, 90033, 90055, 90090];

/// A form of a client secret or an assertion fits.
const FORM: usize = 4096;

/// A token as it was issued.
pub(super) struct Issued {
    pub(super) text: Arc<SecretText>,
    /// `expires_in`, where the service said it.
    pub(super) lifetime: Option<Duration>,
}

#[derive(Deserialize)]
struct Answer {
    access_token: SecretText,
    #[serde(default)]
    expires_in: Value,
}

/// The form of a token request. It may hold a secret: wiped when dropped, never printed.
pub(super) struct Form(Zeroizing<Vec<u8>>);

impl Form {
    /// A form of a grant type.
    pub(super) fn new(grant_type: &str) -> Self {
        Self::empty().with("grant_type", grant_type)
    }

    /// A form without a grant type.
    pub(super) fn empty() -> Self {
        Self(Zeroizing::new(Vec::with_capacity(FORM)))
    }

    /// An application asks for what it was granted on a service; its proof is still missing.
    pub(super) fn client_credentials(client_id: Uuid, audience: &Audience) -> Self {
        let scope = audience.default_scope();
        Self::new("client_credentials").with("client_id", &client_id.to_string()).with("scope", &scope)
    }

    /// Adds a field.
    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        let encoded = Zeroizing::new(utf8_percent_encode(value, NON_ALPHANUMERIC).to_string());
        let parts = [if self.0.is_empty() { "" } else { "&" }, name, "=", encoded.as_str()];
        let len = self.0.len() + parts.iter().map(|part| part.len()).sum::<usize>();
        if len > self.0.capacity() {
            // Growing in place would leave a copy behind.
            let mut wider = Zeroizing::new(Vec::with_capacity(len.saturating_mul(2)));
            wider.extend_from_slice(&self.0);
            self.0 = wider;
        }
        self.0.extend(parts.iter().flat_map(|part| part.bytes()));
        self
    }

    /// Adds a client assertion, an application's proof instead of a secret.
    pub(super) fn with_assertion(self, assertion: &SecretText) -> Self {
        self.with("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
            .with_secret("client_assertion", assertion)
    }

    /// Adds a field that must not be seen.
    pub(super) fn with_secret(self, name: &str, value: &SecretText) -> Self {
        self.with(name, value.expose())
    }
}

/// What every kind of sign-in needs to ask for a token.
#[derive(Clone, Copy)]
pub(super) struct Ask<'a> {
    pub(super) client: &'a Client,
    pub(super) clock: &'a dyn Clock,
    pub(super) endpoints: &'a Endpoints,
    pub(super) tenant: Uuid,
    pub(super) audience: &'a Audience,
    pub(super) call: &'a Call<'a>,
    /// What the service's last challenge wants a new token to carry, as JSON.
    pub(super) challenge: Option<&'a str>,
}

impl Ask<'_> {
    /// Whether the token is for Microsoft Graph, the service of every connection.
    pub(super) fn is_for_graph(&self) -> bool {
        *self.audience == Audience::graph(&self.endpoints.graph)
    }

    /// The address of an endpoint of the tenant: `{login}/{tenant}/oauth2/v2.0/{name}`.
    pub(super) fn endpoint(&self, name: &str) -> String {
        format!("{}/{}/oauth2/v2.0/{name}", self.endpoints.login, self.tenant)
    }

    /// Sends a form to an endpoint of the tenant, once.
    pub(super) fn post(&self, endpoint: &str, form: Form) -> Result<Response, SignInError> {
        let address = self.endpoint(endpoint);
        let url = Url::parse(&address).map_err(|e| SignInError::unreadable(0, format!("{address}: {e}")))?;
        let headers = vec![("accept", Zeroizing::new("application/json".to_owned()))];
        let body = Some(("application/x-www-form-urlencoded", form.0));
        let answer = self.client.send(Request { method: Method::POST, url, headers, body }, self.call.cancel)?;
        let id = answer.header("x-ms-request-id").unwrap_or("none");
        let (status, ms) = (answer.status, answer.took.as_millis());
        (self.call.log)(&format!("sign-in: POST /oauth2/v2.0/{endpoint}: {status} in {ms} ms (request-id {id})"));
        Ok(answer)
    }

    /// The claims that a token is asked for with.
    pub(super) fn claims(&self) -> String {
        claims::request(self.challenge)
    }

    /// Adds them to a form.
    pub(super) fn with_claims(&self, form: Form) -> Form {
        form.with("claims", &self.claims())
    }

    /// Asks the token endpoint, once.
    pub(super) fn token(&self, form: Form) -> Result<Issued, SignInError> {
        let answer = self.post("token", self.with_claims(form))?;
        read(answer.status, &answer.body).map_err(|error| error.told_by(&answer, self.clock.now()))
    }

    /// Asks again after what passes by itself, within the call's budget. Asking for a token changes nothing, so a lost
    /// answer is no reason to stop.
    pub(super) fn with_retry<T>(&self, once: impl Fn() -> Result<T, SignInError>) -> Result<T, SignInError> {
        self.again_after(SignInError::passes, once)
    }

    /// Asks again after such errors, within the call's budget.
    pub(super) fn again_after<T>(
        &self,
        such: impl Fn(&SignInError) -> bool,
        once: impl Fn() -> Result<T, SignInError>,
    ) -> Result<T, SignInError> {
        let mut tries = Tries::default();
        loop {
            let error = match once() {
                Ok(done) => return Ok(done),
                Err(error) if such(&error) => error,
                Err(error) => return Err(error),
            };
            if !tries.again(self.clock, self.call, error.retry_after(), &format!("sign-in: {error}"))? {
                return Err(error);
            }
        }
    }
}

/// What the sign-in service's answer says.
pub(super) fn read(status: u16, body: &[u8]) -> Result<Issued, SignInError> {
    if status == 200 {
        let parsed: Answer =
            serde_json::from_slice(body).map_err(|_| SignInError::unreadable(200, "no access_token"))?;
        let lifetime = lasting(&parsed.expires_in);
        return Ok(Issued { text: Arc::new(parsed.access_token), lifetime });
    }
    Err(refused(status, body))
}

/// What the sign-in service's answer says that is no success.
pub(super) fn refused(status: u16, body: &[u8]) -> SignInError {
    // What it is refused for must not be lost by how the rest is written.
    let answer: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |name: &str| answer[name].as_str().map(str::to_owned);
    let Some(error) = text("error") else {
        return SignInError::unreadable(status, "the answer is not Entra's error shape");
    };
    let codes = answer["error_codes"].as_array().into_iter().flatten().filter_map(whole::of);
    let codes: Vec<u32> = codes.filter_map(|code| u32::try_from(code).ok()).collect();
    let description = text("error_description").unwrap_or_default();
    SignInError::Refused(refusal(status, error, &description, &codes, text("correlation_id").unwrap_or_default()))
}

/// How long something lasts, as a number or its text: older endpoints give text.
pub(super) fn lasting(value: &Value) -> Option<Duration> {
    whole::of(value).and_then(|all| u64::try_from(all).ok()).map(Duration::from_secs)
}

/// A refusal, from an answer or from what a browser brought back.
pub(super) fn refusal(status: u16, error: String, description: &str, codes: &[u32], correlation_id: String) -> Refusal {
    // The lines after the first hold trace and correlation ids and the time.
    let description = description.lines().next().unwrap_or_default().trim();
    let description = if description.is_empty() { &error } else { description }.to_owned();
    let code = codes.first().copied().unwrap_or_else(|| code_in(&description));
    Refusal { status, error, code, description, correlation_id, date: None, retry_after: None, renewal: false }
}

/// The number behind `AADSTS` in a description.
fn code_in(description: &str) -> u32 {
    let digits = description.strip_prefix("AADSTS").unwrap_or_default();
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    digits[..end].parse().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{read, refused, whole};
    use crate::error::SignInError;
    use serde_json::json;

    #[test]
    fn an_end_is_a_number_or_its_text_and_no_date() {
        assert_eq!(whole::of(json!("1700000000")), Some(1_700_000_000));
        assert_eq!(whole::of(json!(1_700_000_000)), Some(1_700_000_000));
        for other in [json!("09/14/2017 00:00:00 PM +00:00"), json!(null), json!([])] {
            assert_eq!(whole::of(&other), None);
        }
    }

    #[test]
    fn a_refusal_keeps_its_kind_and_its_number_however_the_rest_is_written() {
        for (answer, code) in [
            (json!({"error": "e", "error_codes": [7_000_222]}), 7_000_222),
            (json!({"error": "e", "error_codes": ["7000222"], "error_description": null}), 7_000_222),
            (json!({"error": "e", "error_codes": [null, "x", "7000222"], "correlation_id": null}), 7_000_222),
            (json!({"error": "e", "error_codes": null, "error_description": "AADSTS7000222: expired."}), 7_000_222),
            (json!({"error": "e", "error_codes": "7000222", "error_description": 5, "correlation_id": {}}), 0),
            (json!({"error": "e"}), 0),
        ] {
            let error = refused(400, answer.to_string().as_bytes());
            let kept = matches!(&error, SignInError::Refused(refusal) if refusal.error == "e" && refusal.code == code);
            assert!(kept, "{answer} gives {error:?}");
        }
        for none in ["", "[]", "{}", "<html>", r#"{"error": null}"#, r#"{"error": {"code": "e"}}"#] {
            assert!(matches!(refused(400, none.as_bytes()), SignInError::Unreadable { .. }), "{none}");
        }
    }

    #[test]
    fn a_lifetime_is_a_number_or_its_text() {
        for lifetime in [json!(3599), json!("3599")] {
            let answer = json!({"token_type": "Bearer", "expires_in": lifetime, "access_token": "a.b.c"}).to_string();
            let issued = read(200, answer.as_bytes());
            assert!(issued.is_ok_and(|issued| issued.lifetime == Some(Duration::from_secs(3599))), "{answer}");
        }
    }
}
