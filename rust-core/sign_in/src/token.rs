//! What a token says of itself. An access token is read, never verified: the service that takes it does that.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use time::OffsetDateTime;

use pp_base::secret::SecretText;
use pp_words::lenient::{or_default, whole};

/// The claims this product looks at. Source: Microsoft identity platform, access token claims reference.
#[derive(Debug, Clone, Deserialize)]
pub struct Claims {
    /// Audience: Graph's address or its app id.
    #[serde(default, deserialize_with = "or_default")]
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
    #[serde(default, deserialize_with = "or_default")]
    pub roles: Vec<String>,
    /// Delegated permissions, separated by spaces; present when a user signed in.
    #[serde(default)]
    pub scp: Option<String>,
    /// Template ids of directory roles; a token may come without.
    #[serde(default)]
    pub wids: Option<Vec<String>>,
    /// When it was issued, seconds since 1970.
    #[serde(default, deserialize_with = "whole::option")]
    iat: Option<i64>,
    /// End of life, seconds since 1970.
    #[serde(deserialize_with = "whole::required")]
    exp: i64,
}

impl Claims {
    /// Reads the claims; `None` where the token is not a JWT (Graph's may be opaque one day).
    pub fn read(token: &SecretText) -> Option<Self> {
        payload(token)
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

/// The claims of a JSON Web Token; `None` where it is none, or lacks what is looked for.
pub(crate) fn payload<T: DeserializeOwned>(token: &SecretText) -> Option<T> {
    let payload = token.expose().split('.').nth(1)?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(claims: &Value) -> Option<Claims> {
        let payload = URL_SAFE_NO_PAD.encode(claims.to_string());
        Claims::read(&SecretText::from_text(&format!("e30.{payload}.c2ln")))
    }

    #[test]
    fn null_is_what_absent_is_and_a_time_may_be_text() {
        let plain = read(&json!({ "tid": "t", "exp": 1_800_000_000, "iat": 1_700_000_000 }));
        let odd = read(&json!({
            "tid": "t", "exp": "1800000000", "iat": "1700000000", "aud": null, "roles": null, "scp": null, "wids": null,
            "appid": null, "oid": null
        }));
        assert!(plain.is_some());
        assert_eq!(format!("{odd:?}"), format!("{plain:?}"));
        assert!(read(&json!({ "tid": "t", "exp": null })).is_none(), "a token without an end");
    }
}
