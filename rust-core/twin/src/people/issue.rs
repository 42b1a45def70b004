//! The tokens of a person.

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::settings::IdTokenFlaw;
use super::{Session, client};
use crate::jwt;
use crate::token::{self, LIFETIME};
use crate::world::World;

/// The constant that user tokens of Entra carry in `wids` besides assigned roles.
const USER: &str = "b79fbf4d-3ef9-4689-8143-76b194e85509";

/// The answer of the token endpoint.
pub(super) fn tokens(
    world: &mut World,
    session: &Session,
    claims: Option<&str>,
    with_refresh: bool,
    now: OffsetDateTime,
) -> Value {
    let access = access_claims(world, session, claims, now);
    let access_token = jwt::sign(&access, &world.signing_key);
    let access_token = if world.opaque_tokens { jwt::opaque(&access_token) } else { access_token };
    token::heed_challenge(world, &access_token, claims);
    let mut answer = json!({
        "token_type": "Bearer", "scope": session.scopes.join(" "), "expires_in": LIFETIME, "ext_expires_in": LIFETIME,
        "access_token": access_token
    });
    let asked = |name: &str| session.scopes.iter().any(|scope| scope == name);
    if asked("offline_access") && with_refresh && world.people.settings.refresh_tokens {
        let text = format!("0.{}{}", world.random.secret_text(), world.random.secret_text());
        world.people.refresh_tokens.lock().insert(text.clone(), session.clone());
        answer["refresh_token"] = json!(text);
    }
    if asked("openid") {
        let id = id_claims(world, session, now);
        answer["id_token"] = json!(jwt::sign(&id, &world.signing_key));
    }
    answer
}

fn access_claims(world: &mut World, session: &Session, claims: Option<&str>, now: OffsetDateTime) -> Value {
    let tenant = world.directory.tenant_id;
    let issued = now.unix_timestamp();
    let Session { person, client_id, scopes, for_vault, .. } = session;
    let audience = if *for_vault { world.vault_resource() } else { world.graph() };
    let scopes: Vec<&str> = scopes.iter().map(String::as_str).filter(|name| *name != "offline_access").collect();
    // The one permission that a vault has.
    let scopes = if *for_vault { "user_impersonation".to_owned() } else { scopes.join(" ") };
    let mut token = json!({
        "aud": audience, "iss": format!("https://sts.windows.net/{tenant}/"), "iat": issued, "nbf": issued,
        "exp": issued + LIFETIME, "appid": client_id, "appidacr": "0", "idtyp": "user", "oid": id_in(session),
        "scp": scopes, "sub": id_in(session), "tid": tenant, "unique_name": person.user_name(),
        "upn": person.user_name(), "uti": world.random.guid().simple().to_string(), "ver": "1.0", "wids": wids(session)
    });
    let capable = claims.and_then(|claims| serde_json::from_str::<Value>(claims).ok());
    if let Some(values) = capable.as_ref().and_then(|claims| claims.pointer("/access_token/xms_cc/values")) {
        token["xms_cc"] = values.clone();
    }
    token
}

/// The person's object id as this tenant's tokens have it. Assumption: in a tenant that is administered it is another than at home,
/// as that of a guest is.
fn id_in(session: &Session) -> String {
    let own = session.person.id();
    if session.delegated.is_some() { own.replace("a0a0", "b0b0") } else { own.to_owned() }
}

fn wids(session: &Session) -> Vec<String> {
    let own = || session.person.role().map(str::to_owned).into_iter().collect();
    let roles: Vec<String> = session.delegated.clone().unwrap_or_else(own);
    roles.into_iter().chain([USER.to_owned()]).collect()
}

fn id_claims(world: &World, session: &Session, now: OffsetDateTime) -> Value {
    let tenant = world.directory.tenant_id.to_string();
    let Session { person, client_id, nonce, .. } = session;
    let flaw = world.people.settings.id_token_flaw;
    let flawed = |which, value: &str| {
        if flaw == Some(which) { "00000000-0000-4000-8000-00000000f1a3".to_owned() } else { value.to_owned() }
    };
    let tid = flawed(IdTokenFlaw::Tenant, &tenant);
    let mut claims = json!({
        "aud": flawed(IdTokenFlaw::Audience, client_id), "iss": format!("https://login.microsoftonline.com/{tid}/v2.0"),
        "iat": now.unix_timestamp(), "nbf": now.unix_timestamp(), "exp": now.unix_timestamp() + LIFETIME,
        "name": person.name(), "oid": id_in(session), "preferred_username": person.user_name(), "sub": id_in(session),
        "tid": tid, "ver": "2.0"
    });
    if let Some(nonce) = nonce {
        claims["nonce"] = json!(flawed(IdTokenFlaw::Nonce, nonce));
    }
    claims
}

/// Whether a scope of a token opens Graph, and not sign-in itself.
pub(super) fn is_graph_scope(name: &str) -> bool {
    !client::OPEN_ID.contains(&name)
}
