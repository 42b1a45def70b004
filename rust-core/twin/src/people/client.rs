//! Clients that people sign in with: public ones, which hold no secret.

use serde_json::Value;

use super::super::directory::shapes::{GRAPH_APP_ID, text};
use crate::directory::store::{Kind, Sight};
use crate::graph_permissions::PUBLISHED;
use crate::token::{self, Refusal, refusal};
use crate::world::World;

/// Microsoft Graph Command Line Tools, in every tenant (merill/microsoft-info, first-party applications).
const COMMAND_LINE_TOOLS: &str = "14d82eec-204b-4c2f-b7e8-296a70dab67e";

/// Scopes of sign-in itself.
pub(super) const OPEN_ID: [&str; 4] = ["openid", "profile", "email", "offline_access"];

/// Finds the client; one of the tenant's own must be registered for `http://localhost` as a public client.
pub(super) fn known(world: &World, client_id: &str, sight: Sight) -> Result<bool, Refusal> {
    if client_id.eq_ignore_ascii_case(COMMAND_LINE_TOOLS) {
        return Ok(true);
    }
    let application = token::application(world, client_id, sight)?;
    let redirects = application.get("publicClient").and_then(|public| public["redirectUris"].as_array());
    let redirects = redirects.into_iter().flatten().any(|uri| uri == "http://localhost");
    Ok(redirects && application.get("isFallbackPublicClient") == Some(&Value::Bool(true)))
}

/// A public client at the token endpoint: it has no secret, and must be one that needs none.
pub(super) fn check(world: &World, client_id: &str, secret: Option<&str>, sight: Sight) -> Result<(), Refusal> {
    let public = known(world, client_id, sight)?;
    if !public {
        let message = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.";
        return Err(refusal(401, "invalid_client", 7_000_218, message));
    }
    if secret.is_some() {
        let message = "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.";
        return Err(refusal(401, "invalid_client", 700_025, message));
    }
    Ok(())
}

/// The names of the scopes that were asked for. Each is Graph's, with its address or without, or one of sign-in itself. One that
/// the tenant's Graph lacks is refused by its name, as microsoft/Microsoft365DSC issue 6768 quotes.
pub(super) fn scopes(world: &World, asked: &str) -> Result<Vec<String>, Refusal> {
    let prefix = format!("{}/", world.graph());
    let mut names = Vec::new();
    for scope in asked.split_whitespace() {
        let name = scope.strip_prefix(&prefix).unwrap_or(scope);
        let published = PUBLISHED.iter().any(|known| known.delegated && known.value == name);
        if !published && !OPEN_ID.contains(&name) {
            let message = format!(
                "The provided request must include a 'scope' input parameter. The provided value for the input parameter \
                 'scope' is not valid. The scope {scope} is not valid."
            );
            return Err(refusal(400, "invalid_scope", 70_011, message));
        }
        if published && !is_offered(world, name) {
            let message = format!(
                "The application asked for scope '{name}' that doesn't exist on the resource '{GRAPH_APP_ID}'. Contact the app vendor."
            );
            return Err(refusal(400, "invalid_client", 650_053, message));
        }
        names.push(name.to_owned());
    }
    if names.iter().all(|name| OPEN_ID.contains(&name.as_str())) {
        return Err(refusal(400, "invalid_scope", 70_011, "The request names no scope of a resource."));
    }
    Ok(names)
}

fn is_offered(world: &World, name: &str) -> bool {
    let graph = world.directory.find(Kind::ServicePrincipal, "appId", GRAPH_APP_ID, Sight::Truth);
    let offered = graph.and_then(|graph| graph.get("oauth2PermissionScopes")?.as_array());
    offered.is_none_or(|offered| offered.iter().any(|scope| scope["value"] == name))
}

/// Whether a scope needs an administrator's consent.
pub(super) fn needs_admin(name: &str) -> bool {
    PUBLISHED.iter().any(|known| known.delegated && known.value == name && known.admin)
}

/// The service principal of the client is disabled, or there is none: Microsoft's own are always there.
pub(super) fn enabled(world: &World, client_id: &str, sight: Sight) -> Result<(), Refusal> {
    let found = world.directory.find(Kind::ServicePrincipal, "appId", client_id, sight);
    match found {
        Some(principal) if principal.get("accountEnabled") == Some(&Value::Bool(false)) => {
            let message = format!("Application '{client_id}'({}) is disabled.", text(principal, "displayName"));
            Err(refusal(400, "unauthorized_client", 7_000_112, message))
        }
        _ => Ok(()),
    }
}
