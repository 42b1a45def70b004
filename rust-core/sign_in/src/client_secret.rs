//! An application signs in with its client secret (OAuth 2.0 client credentials).

use uuid::Uuid;

use super::error::SignInError;
use super::request::{Ask, Form, Issued};
use pp_base::secret::SecretText;

/// Asks once; see [`Ask::with_retry`] for what passes by itself.
pub(super) fn once(ask: &Ask<'_>, client_id: Uuid, secret: &SecretText) -> Result<Issued, SignInError> {
    let form = Form::client_credentials(client_id, ask.audience).with_secret("client_secret", secret);
    ask.token(form)
}
