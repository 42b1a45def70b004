//! Who signed in. Source: `OpenID` Connect Core 3.1.3.7: an id token that came straight from the token endpoint over TLS
//! needs no check of its signature; audience, tenant and nonce are checked.

use serde::Deserialize;
use uuid::Uuid;

use super::super::error::{SignInError, Unfit};
use super::super::token::payload;
use pp_base::secret::SecretText;

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Object id, the same for each sign-in.
    pub id: String,
    /// User principal name, for people to read.
    pub name: String,
}

#[derive(Deserialize)]
struct Claims {
    aud: String,
    tid: String,
    oid: String,
    #[serde(default)]
    nonce: Option<String>,
    #[serde(default)]
    preferred_username: Option<String>,
}

/// Reads the token. `nonce` is that of the request, where it had one.
pub(super) fn account(
    token: Option<&SecretText>,
    client_id: Uuid,
    tenant: Uuid,
    nonce: Option<&str>,
) -> Result<Account, SignInError> {
    let unfit = |why| SignInError::Unfit(Unfit::IdToken(why));
    let claims: Claims = payload(token.ok_or(unfit("there is none"))?).ok_or(unfit("it can't be read"))?;
    if !claims.aud.eq_ignore_ascii_case(&client_id.to_string()) {
        return Err(unfit("it is for another client"));
    }
    if !claims.tid.eq_ignore_ascii_case(&tenant.to_string()) {
        return Err(unfit("it is of another tenant"));
    }
    if nonce.is_some() && claims.nonce.as_deref() != nonce {
        return Err(unfit("it belongs to another sign-in"));
    }
    let name = claims.preferred_username.unwrap_or_else(|| claims.oid.clone());
    Ok(Account { id: claims.oid, name })
}
