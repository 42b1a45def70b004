//! With a code on another device. Source: Microsoft identity platform, "OAuth 2.0 device authorization grant"; RFC 8628.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::super::error::SignInError;
use super::super::request::{self, Ask, Form};
use super::grant::{self, Grant};
use super::{Prompt, User};
use pp_base::secret::SecretText;
use pp_words::lenient::or_default;

const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// Where the service names none.
const INTERVAL: Duration = Duration::from_secs(5);
/// Likewise. Source: Microsoft identity platform: a code is good for 15 minutes.
const LIFETIME: Duration = Duration::from_mins(15);
/// What `slow_down` adds.
const SLOWER: Duration = Duration::from_secs(5);

#[derive(Deserialize)]
struct Started {
    device_code: SecretText,
    user_code: String,
    #[serde(alias = "verification_url")]
    verification_uri: String,
    #[serde(default)]
    expires_in: Value,
    #[serde(default)]
    interval: Value,
    #[serde(default, deserialize_with = "or_default")]
    message: String,
}

/// Shows the code, and polls until the person is through, has declined, or the code has ended.
pub(super) fn sign_in(ask: &Ask<'_>, user: &User, prompt: Prompt<'_>) -> Result<Grant, SignInError> {
    let started = ask.with_retry(|| start(ask, user))?;
    (prompt.say)(&words(&started));
    let begin = ask.clock.elapsed();
    let mut interval = request::lasting(&started.interval).unwrap_or(INTERVAL).max(Duration::from_secs(1));
    let lifetime = request::lasting(&started.expires_in).unwrap_or(LIFETIME);
    let mut asked = Duration::ZERO;
    loop {
        let left = lifetime.saturating_sub(ask.clock.elapsed().saturating_sub(begin));
        ask.clock.wait(interval.max(asked).min(left), ask.call.cancel)?;
        let form = user.form(ask, GRANT_TYPE).with_secret("device_code", &started.device_code);
        let error = match grant::ask(ask, form) {
            Ok(grant) => return Ok(grant),
            Err(error) => error,
        };
        match &error {
            SignInError::Refused(refusal) if refusal.error == "authorization_pending" => {}
            SignInError::Refused(refusal) if refusal.error == "slow_down" => interval += SLOWER,
            passing if passing.passes() => (ask.call.log)(&format!("sign-in: {passing}; asking again")),
            _ => return Err(error),
        }
        asked = error.retry_after().unwrap_or_default();
        if ask.clock.elapsed().saturating_sub(begin) >= lifetime {
            return Err(SignInError::TimedOut("the device code has ended before anybody signed in with it".into()));
        }
    }
}

fn start(ask: &Ask<'_>, user: &User) -> Result<Started, SignInError> {
    let form = Form::empty().with("client_id", &user.client_id.to_string()).with("scope", &user.scope(ask));
    let answer = ask.post("devicecode", form)?;
    if answer.status != 200 {
        // An error has the shape of the token endpoint's; what it never holds is a token.
        request::read(answer.status, &answer.body).map_err(|e| e.told_by(&answer, ask.clock.now()))?;
    }
    serde_json::from_slice(&answer.body).map_err(|_| SignInError::unreadable(answer.status, "no device code"))
}

fn words(started: &Started) -> String {
    if !started.message.is_empty() {
        return started.message.clone();
    }
    format!("To sign in, open {} in a browser and enter the code {}.", started.verification_uri, started.user_code)
}
