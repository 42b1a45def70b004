//! Client secrets of applications. Only a digest of the text is kept.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;

use super::shapes::{object, text};
use crate::clock;
use crate::schema::Object;

/// Where an application keeps the digests of its secrets, by key id.
const DIGESTS: &str = "_secrets";

fn digest(secret: &str) -> String {
    STANDARD.encode(Sha256::digest(secret.as_bytes()))
}

/// A new client secret as `addPassword` answers it, but for its text.
pub(crate) struct NewSecret<'a> {
    pub(crate) key_id: &'a str,
    pub(crate) text: &'a str,
    pub(crate) name: Value,
    pub(crate) start: OffsetDateTime,
    pub(crate) end: OffsetDateTime,
}

/// Adds a secret to an application; returns the credential without its text.
pub(crate) fn add(application: &mut Object, secret: &NewSecret<'_>) -> Object {
    let credential = object(json!({
        "customKeyIdentifier": null, "displayName": secret.name, "endDateTime": clock::iso(secret.end),
        "hint": secret.text.chars().take(3).collect::<String>(), "keyId": secret.key_id, "secretText": null,
        "startDateTime": clock::iso(secret.start)
    }));
    if let Some(list) = application.get_mut("passwordCredentials").and_then(Value::as_array_mut) {
        list.push(Value::Object(credential.clone()));
    }
    let digests = application.entry(DIGESTS).or_insert_with(|| json!({}));
    digests[secret.key_id] = json!(digest(secret.text));
    credential
}

/// Removes a secret; false where there is none of that key id.
pub(crate) fn remove(application: &mut Object, key_id: &str) -> bool {
    if let Some(digests) = application.get_mut(DIGESTS).and_then(Value::as_object_mut) {
        digests.remove(key_id);
    }
    let Some(list) = application.get_mut("passwordCredentials").and_then(Value::as_array_mut) else { return false };
    let before = list.len();
    list.retain(|credential| credential.get("keyId").and_then(Value::as_str) != Some(key_id));
    list.len() < before
}

/// How a presented secret stands to the application.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Match {
    Valid,
    Expired,
    Unknown,
}

/// Looks a presented secret up among the application's.
pub(crate) fn find(application: &Object, presented: &str, now: OffsetDateTime) -> Match {
    let presented = digest(presented);
    let key = application.get(DIGESTS).and_then(Value::as_object).and_then(|digests| {
        digests.iter().find(|(_, known)| known.as_str() == Some(&presented)).map(|(key_id, _)| key_id.as_str())
    });
    let credentials = application.get("passwordCredentials").and_then(Value::as_array);
    let credential = credentials
        .into_iter()
        .flatten()
        .filter_map(Value::as_object)
        .find(|credential| key.is_some_and(|key| text(credential, "keyId") == key));
    let Some(credential) = credential else { return Match::Unknown };
    let limit = |property| clock::parse(text(credential, property));
    match (limit("startDateTime"), limit("endDateTime")) {
        (_, Some(end)) if end <= now => Match::Expired,
        // Assumption: a secret that is not valid yet is refused like a wrong one.
        (Some(start), _) if start > now => Match::Unknown,
        _ => Match::Valid,
    }
}
