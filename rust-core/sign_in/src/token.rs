//! What an access token says of itself. It is read, never verified: the service that takes it does that.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use time::OffsetDateTime;

use pp_base::secret::SecretText;

/// The claims this product looks at. Source: Microsoft identity platform, access token claims reference.
#[derive(Debug, Clone, Deserialize)]
pub struct Claims {
    /// Audience: Graph's address or its app id.
    #[serde(default)]
    pub aud: String,
    /// Tenant id.
    pub tid: String,
    /// Client id of the application that signed in.
    #[serde(default)]
    pub appid: Option<String>,
    /// Object id of who signed in: a person, or an application's service principal.
    #[serde(default)]
    pub oid: Option<String>,
    /// Application permissions.
    #[serde(default)]
    pub roles: Vec<String>,
    /// Delegated permissions, separated by spaces; present when a user signed in.
    #[serde(default)]
    pub scp: Option<String>,
    /// Template ids of directory roles; a token may come without.
    #[serde(default)]
    pub wids: Option<Vec<String>>,
    /// When it was issued, seconds since 1970.
    #[serde(default)]
    iat: Option<i64>,
    /// End of life, seconds since 1970.
    exp: i64,
}

impl Claims {
    /// Reads the claims; `None` where the token is not a JWT (Graph's may be opaque one day).
    pub fn read(token: &SecretText) -> Option<Self> {
        let payload = token.expose().split('.').nth(1)?;
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?).ok()
    }

    /// When the token ends.
    pub fn expires_on(&self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(self.exp).unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }

    /// When the token was issued, where it says so.
    pub fn issued_on(&self) -> Option<OffsetDateTime> {
        self.iat.and_then(|iat| OffsetDateTime::from_unix_timestamp(iat).ok())
    }

    /// Whether a person signed in, and not an application by itself.
    pub fn is_of_a_person(&self) -> bool {
        self.scp.is_some()
    }

    /// Permissions the token carries: delegated ones when a user signed in, else application ones.
    pub fn permissions(&self) -> Vec<String> {
        match &self.scp {
            Some(scopes) => scopes.split_whitespace().map(str::to_owned).collect(),
            None => self.roles.clone(),
        }
    }
}
