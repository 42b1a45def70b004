//! The answer to a token request of a person.

use std::sync::Arc;

use serde::Deserialize;

use super::super::error::SignInError;
use super::super::request::{self, Ask, Form, Issued};
use pp_base::secret::SecretText;

/// Tokens of one answer.
pub(super) struct Grant {
    pub(super) issued: Issued,
    pub(super) refresh: Option<Arc<SecretText>>,
    pub(super) id_token: Option<SecretText>,
}

#[derive(Deserialize)]
struct Rest {
    refresh_token: Option<SecretText>,
    id_token: Option<SecretText>,
}

/// Asks the token endpoint, once.
pub(super) fn ask(ask: &Ask<'_>, form: Form) -> Result<Grant, SignInError> {
    let answer = ask.post("token", ask.with_claims(form))?;
    let issued = request::read(answer.status, &answer.body).map_err(|e| e.told_by(&answer, ask.clock.now()))?;
    let rest: Rest =
        serde_json::from_slice(&answer.body).map_err(|_| SignInError::unreadable(answer.status, "no tokens"))?;
    Ok(Grant { issued, refresh: rest.refresh_token.map(Arc::new), id_token: rest.id_token })
}
