//! The token endpoint for people: codes, device codes and refresh tokens are exchanged for tokens.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;

use super::{Session, client, device, issue, refusals};
use crate::token::{self, Refusal, refusal};
use crate::world::World;

/// The grant types that are for people.
pub(crate) const GRANT_TYPES: [&str; 3] = ["authorization_code", DEVICE_CODE, "refresh_token"];

const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// Answers a token request of one of [`GRANT_TYPES`].
pub(crate) fn answer(
    world: &mut World,
    grant_type: &str,
    form: &[(String, String)],
    now: OffsetDateTime,
) -> Result<Value, Refusal> {
    let field = |name: &str| form.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let needed = |name: &str| field(name).ok_or_else(|| token::missing(name));
    let client_id = needed("client_id")?;
    let sight = world.sight(now);
    client::check(world, client_id, field("client_secret").or_else(|| field("client_assertion")), sight)?;
    let claims = field("claims");
    match grant_type {
        DEVICE_CODE => device::poll(world, client_id, needed("device_code")?, claims, now),
        "refresh_token" => refresh(world, client_id, needed("refresh_token")?, field("scope"), claims, now),
        _ => {
            let (code, redirect, verifier) = (needed("code")?, needed("redirect_uri")?, needed("code_verifier")?);
            authorization_code(world, client_id, &Presented { code, redirect, verifier }, claims, now)
        }
    }
}

struct Presented<'a> {
    code: &'a str,
    redirect: &'a str,
    verifier: &'a str,
}

/// A code is good once, for its client, redirect address and verifier.
fn authorization_code(
    world: &mut World,
    client_id: &str,
    presented: &Presented<'_>,
    claims: Option<&str>,
    now: OffsetDateTime,
) -> Result<Value, Refusal> {
    let Some(code) = world.people.codes.get_mut(presented.code) else {
        return Err(refusal(400, "invalid_grant", 9_002_313, "Invalid request. Request is malformed or invalid."));
    };
    if std::mem::replace(&mut code.used, true) {
        let message = "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.";
        return Err(refusal(400, "invalid_grant", 54_005, message));
    }
    if code.expires <= now {
        return Err(refusals::of(70_008));
    }
    if !code.session.client_id.eq_ignore_ascii_case(client_id) {
        return Err(refusals::of(70_000));
    }
    if code.redirect_uri != presented.redirect {
        let message = "The reply address does not match the reply address provided when requesting Authorization code.";
        return Err(refusal(400, "invalid_grant", 500_112, message));
    }
    if URL_SAFE_NO_PAD.encode(Sha256::digest(presented.verifier.as_bytes())) != code.challenge {
        let message = "The Code_Verifier does not match the code_challenge supplied in the authorization request.";
        return Err(refusal(400, "invalid_grant", 501_481, message));
    }
    let session = code.session.clone();
    Ok(issue::tokens(world, &session, claims, true, now))
}

/// A refresh token stays good after it was used, unless the settings say otherwise; what was not asked for at the sign-in can't be had with it.
fn refresh(
    world: &mut World,
    client_id: &str,
    presented: &str,
    scope: Option<&str>,
    claims: Option<&str>,
    now: OffsetDateTime,
) -> Result<Value, Refusal> {
    let known = world.people.refresh_tokens.lock().get(presented).cloned();
    let session = known.filter(|session| session.client_id.eq_ignore_ascii_case(client_id));
    let mut session = session.ok_or_else(|| refusals::of(70_000))?;
    session.delegated = delegated(world, &session)?;
    if let Some(code) = world.people.revoked {
        return Err(refusals::of(code));
    }
    session.nonce = None;
    let vault = format!("{}/.default", world.vault_resource());
    session.for_vault = scope.is_some_and(|scope| scope.split_whitespace().any(|scope| scope == vault));
    if session.for_vault {
        // A refresh token is for any resource that the client has consent for. Assumption: it has for the vault where the
        // settings give it consent at all.
        if !world.people.settings.consented {
            return Err(refusals::of(65_001));
        }
    } else if let Some(scope) = scope {
        let asked = client::scopes(world, scope)?;
        if asked.iter().any(|name| !session.scopes.contains(name)) {
            return Err(refusals::of(65_001));
        }
        session.scopes = asked;
    }
    if world.people.settings.used_once {
        world.people.refresh_tokens.lock().remove(presented);
    }
    let rotates = world.people.settings.rotates;
    Ok(issue::tokens(world, &session, claims, rotates, now))
}

/// The roles that somebody from elsewhere has here. Source: Microsoft identity platform, "Refresh tokens": they are good for any
/// tenant that lets the person in; Partner Center documentation, "GDAP frequently asked questions". Assumption: the person is in
/// the security group that has all roles of the relationship, and nobody is asked for consent at this endpoint.
fn delegated(world: &World, session: &Session) -> Result<Option<Vec<String>>, Refusal> {
    if session.home == world.directory.tenant_id {
        return Ok(None);
    }
    let roles = world.people.partners.get(&session.home).ok_or_else(|| refusals::of(50_020))?;
    if world.people.settings.consented { Ok(Some(roles.clone())) } else { Err(refusals::of(65_001)) }
}
