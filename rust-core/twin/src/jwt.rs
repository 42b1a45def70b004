//! Access tokens in the shape of Entra's: a JWT, here signed with the twin's own key (HS256).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

/// The twin's signing key.
pub(crate) type Key = [u8; 32];

fn mac(key: &Key, signed: &str) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(signed.as_bytes());
    Some(mac)
}

/// The signed token of a set of claims.
pub(crate) fn sign(claims: &Value, key: &Key) -> String {
    let header = json!({ "typ": "JWT", "alg": "HS256", "kid": "tenant-twin" });
    let signed = format!("{}.{}", encode(&header), encode(claims));
    let signature = mac(key, &signed).map(|mac| mac.finalize().into_bytes()).unwrap_or_default();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn encode(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// A token in a form that only the twin can read.
pub(crate) fn opaque(token: &str) -> String {
    URL_SAFE_NO_PAD.encode(token)
}

/// The claims of a token as they stand there, whoever signed it.
fn claims(token: &str) -> Option<Value> {
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    serde_json::from_slice(&claims).ok()
}

/// The tenant that a token names, opaque or not; whether it may is for that tenant to find out.
pub(crate) fn tenant(token: &str) -> Option<String> {
    let inner = URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    claims(inner.as_deref().unwrap_or(token))?["tid"].as_str().map(str::to_owned)
}

/// Why a token is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Defect {
    NotAToken,
    Signature,
}

/// The claims of a token that this key signed, opaque or not.
pub(crate) fn verify(token: &str, key: &Key) -> Result<Value, Defect> {
    let inner = URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let token = inner.as_deref().unwrap_or(token);
    let (signed, signature) = token.rsplit_once('.').ok_or(Defect::NotAToken)?;
    let (_, claims) = signed.split_once('.').ok_or(Defect::NotAToken)?;
    let claims = URL_SAFE_NO_PAD.decode(claims).map_err(|_| Defect::NotAToken)?;
    let claims: Value = serde_json::from_slice(&claims).map_err(|_| Defect::NotAToken)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| Defect::Signature)?;
    let mac = mac(key, signed).ok_or(Defect::Signature)?;
    mac.verify_slice(&signature).map(|()| claims).map_err(|_| Defect::Signature)
}
