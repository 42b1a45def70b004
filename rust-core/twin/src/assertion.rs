//! Client assertions: of a certificate that is registered with the application, and of another issuer it trusts.
//!
//! Source of the rules: Entra documentation, "Application authentication certificate credentials" and "Workload identity
//! federation". Codes and texts: public reports of them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{ECDSA_P256_SHA256_FIXED, RSA_PSS_2048_8192_SHA256, UnparsedPublicKey};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;
use uuid::Uuid;
use x509_cert::der::Decode as _;

use crate::clock;
use crate::directory::certificates;
use crate::directory::shapes::text;
use crate::schema::Object;
use crate::token::{Refusal, refusal};
use crate::world::World;

/// What `client_assertion_type` must be.
const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Seconds by which the service lets clocks differ. Assumption: the usual five minutes of Microsoft's libraries.
const SKEW: i64 = 300;

/// An assertion, taken apart.
struct Assertion<'a> {
    header: Value,
    claims: Value,
    signed: &'a str,
    signature: Vec<u8>,
}

/// Refuses an assertion that doesn't prove to be the application.
pub(crate) fn check(
    world: &mut World,
    application: &Object,
    kind: &str,
    assertion: &str,
    now: OffsetDateTime,
) -> Result<(), Refusal> {
    if kind != TYPE {
        let message =
            format!("The provided value for the input parameter 'client_assertion_type' is not valid: '{kind}'.");
        return Err(refusal(400, "invalid_request", 90_023, message));
    }
    let read =
        read(assertion).ok_or_else(|| refusal(401, "invalid_client", 50_027, "JWT token is invalid or malformed."))?;
    // A client's own names a client; whatever else issued it is looked for among those that are trusted. Assumption: so does
    // the service tell them apart.
    match read.claims["iss"].as_str() {
        Some(issuer) if Uuid::parse_str(issuer).is_err() => federated(world, application, &read, now),
        _ => own(world, application, &read, now),
    }
}

fn read(assertion: &str) -> Option<Assertion<'_>> {
    let (signed, signature) = assertion.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let json = |part: &str| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok();
    Some(Assertion {
        header: json(header)?,
        claims: json(claims)?,
        signed,
        signature: URL_SAFE_NO_PAD.decode(signature).ok()?,
    })
}

/// The application's own, signed with the key of a registered certificate.
fn own(world: &mut World, application: &Object, read: &Assertion<'_>, now: OffsetDateTime) -> Result<(), Refusal> {
    let claim = |name: &str| read.claims[name].as_str().unwrap_or_default();
    let app_id = text(application, "appId");
    if claim("iss") != app_id || claim("sub") != app_id {
        let reason = "The issuer and the subject of the assertion must be the client.";
        return Err(refusal(
            401,
            "invalid_client",
            700_021,
            format!("Client assertion application identifier doesn't match 'client_id' parameter. {reason}"),
        ));
    }
    if claim("aud") != world.token_endpoint() {
        let message = "Client assertion audience claim does not match Realm issuer.";
        return Err(refusal(401, "invalid_client", 700_023, message));
    }
    verify(application, read, now)?;
    check_time(read, now)?;
    // Assumption: each assertion is taken once, as RFC 7523 lets the service ask for.
    if claim("jti").is_empty() || !world.assertions.insert(claim("jti").to_owned()) {
        return Err(refusal(
            401,
            "invalid_client",
            50_013,
            "Assertion failed replay validation: its jti is missing or was used.",
        ));
    }
    Ok(())
}

fn verify(application: &Object, read: &Assertion<'_>, now: OffsetDateTime) -> Result<(), Refusal> {
    let failed = |reason: &str| {
        let message = format!("Client assertion failed signature validation. [Reason - {reason}]");
        refusal(401, "invalid_client", 700_027, message)
    };
    if read.header["alg"] != "PS256" || read.header["typ"] != "JWT" {
        return Err(failed("The algorithm is not supported."));
    }
    let named = read.header["x5t#S256"].as_str().unwrap_or_default();
    let all = certificates::of(application);
    let registered = all.iter().find(|registered| URL_SAFE_NO_PAD.encode(Sha256::digest(&registered.der)) == named);
    let registered = registered.ok_or_else(|| failed("The key was not found."))?;
    if registered.end <= now {
        return Err(failed("The key is expired."));
    }
    let parsed =
        x509_cert::Certificate::from_der(&registered.der).map_err(|_| failed("The key is not a certificate."))?;
    let key = parsed.tbs_certificate().subject_public_key_info().subject_public_key.raw_bytes();
    UnparsedPublicKey::new(&RSA_PSS_2048_8192_SHA256, key)
        .verify(read.signed.as_bytes(), &read.signature)
        .map_err(|_| failed("The signature is invalid."))
}

fn check_time(read: &Assertion<'_>, now: OffsetDateTime) -> Result<(), Refusal> {
    let second = |name: &str| read.claims[name].as_i64();
    let now_is = now.unix_timestamp();
    let (from, until) = (second("nbf"), second("exp"));
    let inside = from.is_some_and(|from| from <= now_is + SKEW) && until.is_some_and(|until| until > now_is - SKEW);
    if inside {
        return Ok(());
    }
    let message = format!(
        "Client assertion is not within its valid time range. Current time: {}, expiry time of assertion: {until:?}.",
        clock::iso_seconds(now)
    );
    Err(refusal(401, "invalid_client", 700_024, message))
}

/// Another issuer's; the twin knows the key of its own only. Assumption: ES256 serves as well as the RS256 that these issuers use.
fn federated(world: &World, application: &Object, read: &Assertion<'_>, now: OffsetDateTime) -> Result<(), Refusal> {
    let claim = |name: &str| read.claims[name].as_str().unwrap_or_default();
    let mut trusted: Vec<&Value> =
        application.get(certificates::FEDERATED).and_then(Value::as_array).into_iter().flatten().collect();
    for (property, name, code) in
        [("issuer", "iss", 700_211), ("subject", "sub", 700_213), ("audience", "aud", 700_212)]
    {
        trusted.retain(|credential| credential[property].as_str() == Some(claim(name)));
        if trusted.is_empty() {
            let message = format!(
                "No matching federated identity record found for presented assertion {property} '{}'.",
                claim(name)
            );
            return Err(refusal(401, "invalid_client", code, message));
        }
    }
    let valid = world.issuer.as_ref().is_some_and(|key| {
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key.public());
        key.verify(read.signed.as_bytes(), &read.signature).is_ok()
    });
    if !valid {
        return Err(refusal(401, "invalid_client", 50_013, "Assertion failed signature validation."));
    }
    check_time(read, now)
}
