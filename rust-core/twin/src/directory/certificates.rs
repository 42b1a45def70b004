//! Certificates of applications, and what they trust of other issuers.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;

use super::shapes::text;
use crate::clock;
use crate::schema::Object;

/// Where an application keeps its certificates, which Graph doesn't give back.
const CERTIFICATES: &str = "_certificates";
/// Where an application keeps the federated credentials.
pub(crate) const FEDERATED: &str = "_federated";

/// A registered certificate.
pub(crate) struct Registered {
    pub(crate) der: Vec<u8>,
    pub(crate) end: OffsetDateTime,
}

/// Registers a certificate.
pub(crate) fn add(application: &mut Object, key_id: &str, der: &[u8], start: OffsetDateTime, end: OffsetDateTime) {
    let (start, end) = (clock::iso(start), clock::iso(end));
    let credential = json!({
        "customKeyIdentifier": STANDARD.encode(Sha256::digest(der)), "displayName": "certificate", "endDateTime": end,
        "key": null, "keyId": key_id, "startDateTime": start, "type": "AsymmetricX509Cert", "usage": "Verify"
    });
    push(application, "keyCredentials", credential);
    push(application, CERTIFICATES, json!({ "keyId": key_id, "der": STANDARD.encode(der), "endDateTime": end }));
}

/// Trusts tokens of an issuer.
pub(crate) fn trust(application: &mut Object, issuer: &str, subject: &str, audience: &str) {
    push(application, FEDERATED, json!({ "issuer": issuer, "subject": subject, "audience": audience }));
}

fn push(application: &mut Object, property: &str, value: Value) {
    let list = application.entry(property).or_insert_with(|| json!([]));
    if let Some(list) = list.as_array_mut() {
        list.push(value);
    }
}

/// The certificates that are registered and still listed.
pub(crate) fn of(application: &Object) -> Vec<Registered> {
    let kept =
        application.get(CERTIFICATES).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object);
    let listed = application.get("keyCredentials").and_then(Value::as_array);
    let is_listed = |id: &str| {
        listed.is_some_and(|listed| listed.iter().any(|credential| credential["keyId"].as_str() == Some(id)))
    };
    kept.filter(|certificate| is_listed(text(certificate, "keyId")))
        .filter_map(|certificate| {
            let der = STANDARD.decode(text(certificate, "der")).ok()?;
            Some(Registered { der, end: clock::parse(text(certificate, "endDateTime"))? })
        })
        .collect()
}
