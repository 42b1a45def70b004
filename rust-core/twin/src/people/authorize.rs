//! The authorization endpoint. The page is never shown: the simulated person answers at once.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use time::{Duration, OffsetDateTime};

use super::settings::{Person, PersonAnswer};
use super::{Code, Session, client, refusals};
use crate::call::{Answer, Body, Call};
use crate::token::{self, Refusal, refusal};
use crate::world::World;

/// Life of an authorization code. Assumption: the page says "about ten minutes".
const LIFETIME: Duration = Duration::minutes(10);

/// Answers `GET /login/{tenant}/oauth2/v2.0/authorize`: a redirect to the client, or a page where the client can't be
/// trusted with one.
pub(crate) fn answer(world: &mut World, call: &Call, tenant: &str, now: OffsetDateTime) -> Answer {
    let pairs = call.query_pairs();
    let field = |name: &str| {
        let found = pairs.iter().find(|(known, value)| known == name && !value.is_empty());
        found.map(|(_, value)| value.as_str())
    };
    let asked = token::check_tenant(world, tenant).and_then(|()| redirect_uri(world, &field, now));
    let redirect = match asked {
        Ok(redirect) => redirect,
        Err(refused) => return page(400, &format!("AADSTS{}: {}", refused.code, refused.message)),
    };
    let state = field("state").unwrap_or_default();
    match code(world, &field, &redirect, now) {
        Ok(Some(code)) => back(&redirect, &[("code", &code), ("state", state), ("session_state", "twin")]),
        Ok(None) => page(200, "Sign in to your account"),
        Err(refused) => {
            let description = format!("AADSTS{}: {}", refused.code, refused.message);
            back(&redirect, &[("error", refused.error), ("error_description", &description), ("state", state)])
        }
    }
}

/// Where the answer goes. Source: "Redirect URI (reply URL) restrictions": for `http://localhost` any port will do.
fn redirect_uri<'a>(
    world: &mut World,
    field: &impl Fn(&str) -> Option<&'a str>,
    now: OffsetDateTime,
) -> Result<String, Refusal> {
    let client_id = field("client_id").ok_or_else(|| token::missing("client_id"))?;
    let sight = world.sight(now);
    let public = client::known(world, client_id, sight)?;
    let redirect = field("redirect_uri").unwrap_or_default();
    let port = redirect.strip_prefix("http://localhost").map(|rest| rest.trim_end_matches('/'));
    let any_port =
        |rest: &str| rest.is_empty() || rest.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok());
    if public && port.is_some_and(any_port) {
        return Ok(redirect.to_owned());
    }
    let message = format!(
        "The redirect URI '{redirect}' specified in the request does not match the redirect URIs configured for the \
         application '{client_id}'."
    );
    Err(refusal(400, "invalid_request", 50_011, message))
}

/// The code, or `None` while the person does nothing.
fn code<'a>(
    world: &mut World,
    field: &impl Fn(&str) -> Option<&'a str>,
    redirect: &str,
    now: OffsetDateTime,
) -> Result<Option<String>, Refusal> {
    if field("response_type") != Some("code") {
        return Err(refusal(400, "unsupported_response_type", 700_054, "response_type 'code' is what is served here."));
    }
    // Assumption: Entra does not insist on PKCE for these clients; the twin does, since a client without is at risk.
    let challenge = field("code_challenge").filter(|_| field("code_challenge_method") == Some("S256"));
    let challenge = challenge.ok_or_else(|| token::missing("code_challenge"))?.to_owned();
    let scopes = client::scopes(world, field("scope").ok_or_else(|| token::missing("scope"))?)?;
    let client_id = field("client_id").unwrap_or_default().to_owned();
    let sight = world.sight(now);
    client::enabled(world, &client_id, sight)?;
    let person = world.people.settings.person;
    if !agrees(world, person, &scopes)? {
        return Ok(None);
    }
    let (home, nonce) = (world.directory.tenant_id, field("nonce").map(str::to_owned));
    let session = Session { client_id, person, home, delegated: None, scopes, nonce, for_vault: false };
    let text = world.random.secret_text();
    let code = Code {
        session,
        redirect_uri: redirect.to_owned(),
        challenge,
        expires: now.saturating_add(LIFETIME),
        used: false,
    };
    world.people.codes.insert(text.clone(), code);
    Ok(Some(text))
}

/// What the person does, and whether they may: `Ok(false)` while they do nothing.
pub(super) fn agrees(world: &World, person: Person, scopes: &[String]) -> Result<bool, Refusal> {
    match world.people.settings.answer {
        PersonAnswer::Waits => return Ok(false),
        PersonAnswer::Declines => return Err(refusals::of(65_004)),
        PersonAnswer::FlowBlocked => return Err(refusals::of_a_flow()),
        PersonAnswer::Refused(code) => return Err(refusals::of(code)),
        PersonAnswer::Accepts => {}
    }
    let admin = scopes.iter().any(|name| client::needs_admin(name));
    // Source: Entra, "Overview of user and admin consent". The page lets some other roles consent to some of them too.
    if admin && !world.people.settings.consented && person != Person::GlobalAdministrator {
        return Err(refusals::of(90_094));
    }
    Ok(true)
}

fn back(redirect: &str, fields: &[(&str, &str)]) -> Answer {
    let encoded = fields.iter().map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)));
    let query: Vec<String> = encoded.collect();
    let path = if redirect.trim_start_matches("http://").contains('/') { "" } else { "/" };
    Answer::empty(302)
        .with("Location", format!("{redirect}{path}?{}", query.join("&")))
        .with("Cache-Control", "no-store")
}

fn page(status: u16, words: &str) -> Answer {
    Answer { body: Body::Html(format!("<html><body><p>{words}</p></body></html>")), ..Answer::empty(status) }
}
