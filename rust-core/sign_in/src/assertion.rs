//! The client assertion: a JWT with which an application signs in instead of a secret.
//!
//! Source: Entra documentation, "Microsoft identity platform application authentication certificate credentials".

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use time::OffsetDateTime;
use uuid::Uuid;

/// Seconds an assertion lives; the documentation says five to ten minutes.
const LIFE: i64 = 600;

/// Header and claims, ready to be signed with PS256. `thumbprint` is the certificate's `x5t#S256`.
pub(super) fn unsigned(client_id: Uuid, address: &str, thumbprint: &str, now: OffsetDateTime) -> String {
    let issued = now.unix_timestamp();
    // As text: whether a Uuid can be JSON depends on who else is in the build.
    let (client, id) = (client_id.to_string(), Uuid::new_v4().to_string());
    let header = json!({ "alg": "PS256", "typ": "JWT", "x5t#S256": thumbprint });
    let claims = json!({
        "aud": address, "iss": client, "sub": client, "jti": id,
        "nbf": issued, "iat": issued, "exp": issued + LIFE
    });
    format!("{}.{}", encoded(&header), encoded(&claims))
}

fn encoded(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}
