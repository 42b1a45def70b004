//! The device authorization endpoint.

use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use super::{Device, Session, authorize, client, issue, refusals};
use crate::call::{self, Call};
use crate::token::{self, Refusal, refusal};
use crate::world::World;

/// Seconds that a device code lives. Source: "device authorization grant", `expires_in`.
const LIFETIME: i64 = 900;

/// Answers `POST /login/{tenant}/oauth2/v2.0/devicecode`.
pub(crate) fn start(world: &mut World, call: &Call, tenant: &str, now: OffsetDateTime) -> Result<Value, Refusal> {
    token::check_tenant(world, tenant)?;
    let form = call::pairs(&String::from_utf8_lossy(&call.body));
    let field = |name: &str| form.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let client_id = field("client_id").ok_or_else(|| token::missing("client_id"))?.to_owned();
    let scopes = client::scopes(world, field("scope").ok_or_else(|| token::missing("scope"))?)?;
    let sight = world.sight(now);
    client::known(world, &client_id, sight)?;
    let (device_code, user_code) = (world.random.secret_text(), user_code(world));
    let interval = world.people.settings.interval;
    let (person, home) = (world.people.settings.person, world.directory.tenant_id);
    let session = Session { client_id, person, home, delegated: None, scopes, nonce: None, for_vault: false };
    let expires = now.saturating_add(Duration::seconds(LIFETIME));
    let device = Device { session, interval, polls: 0, last_poll: None, expires, used: false };
    world.people.devices.insert(device_code.clone(), device);
    let address = "https://microsoft.com/devicelogin";
    Ok(json!({
        "user_code": user_code, "device_code": device_code, "verification_uri": address, "expires_in": LIFETIME,
        "interval": interval,
        "message": format!(
            "To sign in, use a web browser to open the page {address} and enter the code {user_code} to authenticate."
        )
    }))
}

fn user_code(world: &mut World) -> String {
    world.random.guid().simple().to_string().to_uppercase().chars().take(9).collect()
}

/// One poll at the token endpoint. Source: RFC 8628, 3.5; Entra's `error` names are the page's.
pub(super) fn poll(
    world: &mut World,
    client_id: &str,
    device_code: &str,
    claims: Option<&str>,
    now: OffsetDateTime,
) -> Result<Value, Refusal> {
    let settings = world.people.settings.clone();
    let Some(device) = world.people.devices.get_mut(device_code).filter(|device| !device.used) else {
        return Err(refusal(400, "bad_verification_code", 70_018, "Invalid verification code."));
    };
    let hurried = device.last_poll.is_some_and(|last| {
        // Half a second of grace: the client's clock and this one don't tick together.
        now - last + Duration::milliseconds(500) < Duration::seconds(i64::try_from(device.interval).unwrap_or(i64::MAX))
    });
    device.last_poll = Some(now);
    if !device.session.client_id.eq_ignore_ascii_case(client_id) {
        return Err(refusals::of(70_000));
    }
    if device.expires <= now {
        let message = "OAuth 2.0 device flow error. Authorization expired. Continuing to authenticate is not possible.";
        return Err(refusal(400, "expired_token", 70_020, message));
    }
    if !hurried {
        device.polls += 1;
    }
    if hurried || device.polls <= settings.slow_downs {
        device.interval += 5;
        return Err(refusal(400, "slow_down", 90_055, "There are too many incoming requests."));
    }
    let pending = refusal(
        400,
        "authorization_pending",
        70_016,
        "OAuth 2.0 device flow error. Authorization is pending. Continue polling.",
    );
    if device.polls <= settings.slow_downs + settings.pending_polls {
        return Err(pending);
    }
    let session = device.session.clone();
    match authorize::agrees(world, session.person, &session.scopes) {
        Ok(false) => return Err(pending),
        Ok(true) => {}
        Err(refused) if refused.code == 65_004 => {
            return Err(Refusal { error: "authorization_declined", ..refused });
        }
        Err(refused) => return Err(refused),
    }
    if let Some(device) = world.people.devices.get_mut(device_code) {
        device.used = true;
    }
    Ok(issue::tokens(world, &session, claims, true, now))
}
