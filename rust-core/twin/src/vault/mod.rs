//! The tenant's key vault: the challenge, reading and writing secrets, and its refusals.
//!
//! Sources: the Key Vault REST reference (Get Secret, Set Secret, Get Secret Versions, Get Deleted Secret), its pages
//! "Authentication, requests and responses" and "Common error codes"; the texts of refusals as quoted in public issues
//! (terraform-provider-azurerm 20742, azure-service-operator 713, powershell-universal 1990). Names are matched in any case.

mod store;

use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::call::{Answer, Call, decoded};
use crate::faults;
use crate::graph::{Death, token_of};
use crate::jwt;
use crate::schema::Object;
use crate::world::World;
use store::Version;
pub use store::{Vault, VaultAccess};

/// What begins the path of the vault of one tenant of several: its id follows.
pub(crate) const OF_ONE: &str = "/vault/of/";

/// A path below `/vault` without the tenant that it names.
pub(crate) fn path_in(path: &str) -> &str {
    let of_one = path.strip_prefix("/of/");
    of_one.map_or(path, |rest| rest.find('/').map_or("", |end| &rest[end..]))
}

/// A refusal of the vault.
struct Refusal {
    status: u16,
    code: &'static str,
    message: String,
    inner: Option<&'static str>,
    challenge: Option<Challenge>,
}

/// What a vault wants of who calls.
enum Challenge {
    /// A token.
    Token,
    /// Another token, which was asked for with claims. Assumption: it says so in Graph's words. That vaults do is in the changes of
    /// Azure's own clients (azure-keyvault-administration 4.5.0 for Python, "support for Continuous Access Evaluation").
    Claims(String),
}

fn refusal(status: u16, code: &'static str, message: impl Into<String>) -> Refusal {
    Refusal { status, code, message: message.into(), inner: None, challenge: None }
}

fn unauthorized(message: &str) -> Refusal {
    Refusal { challenge: Some(Challenge::Token), ..refusal(401, "Unauthorized", message) }
}

fn forbidden(inner: &'static str, message: &str) -> Refusal {
    Refusal { inner: Some(inner), ..refusal(403, "Forbidden", message) }
}

/// Answers a request below the vault's address.
pub(crate) fn answer(world: &mut World, call: &Call, path: &str) -> Answer {
    let now = world.now();
    let request_id = world.random.guid().to_string();
    let result = check(world, call, now).and_then(|()| route(world, call, path, now));
    let answer = match result {
        Ok(body) => Answer::json(200, body),
        Err(refused) => refuse(world, &refused),
    };
    answer.with("x-ms-request-id", request_id).with("x-ms-keyvault-service-version", "1.9.0.0")
}

/// An error in the vault's shape.
pub(crate) fn error(status: u16, code: &str, message: &str) -> Answer {
    Answer::json(status, json!({ "error": { "code": code, "message": message } }))
}

fn refuse(world: &World, refused: &Refusal) -> Answer {
    let mut body = json!({ "error": { "code": refused.code, "message": refused.message } });
    if let Some(inner) = refused.inner {
        body["error"]["innererror"] = json!({ "code": inner });
    }
    let answer = Answer::json(refused.status, body);
    match &refused.challenge {
        None => return answer,
        Some(Challenge::Claims(header)) => return answer.with("WWW-Authenticate", header),
        Some(Challenge::Token) => {}
    }
    let tenant = world.directory.tenant_id.to_string();
    let tenant = world.vault.challenge_tenant.as_ref().unwrap_or(&tenant);
    let own = world.vault_resource();
    let resource = world.vault.challenge_resource.as_ref().unwrap_or(&own);
    answer.with(
        "WWW-Authenticate",
        format!("Bearer authorization=\"{}/{tenant}\", resource=\"{resource}\"", world.login()),
    )
}

/// Token, network and permission. Assumption: they are looked at in this order.
fn check(world: &World, call: &Call, now: OffsetDateTime) -> Result<(), Refusal> {
    let token = token_of(call);
    if token.is_empty() {
        return Err(unauthorized("AKV10000: Request is missing a Bearer or PoP token."));
    }
    let claims = jwt::verify(token, &world.signing_key)
        .map_err(|_| unauthorized("AKV10001: Error validating token: IDX10511"))?;
    if claims["aud"] != json!(world.vault_resource()) {
        return Err(unauthorized("AKV10022: Invalid audience."));
    }
    let death = world.death(token);
    if claims["exp"].as_i64().is_none_or(|expires| expires <= now.unix_timestamp()) || death == Some(Death::Expired) {
        return Err(unauthorized("AKV10001: Error validating token: IDX10223"));
    }
    if death == Some(Death::Challenged) {
        let challenge = Some(Challenge::Claims(faults::challenge(now.unix_timestamp())));
        return Err(Refusal { challenge, ..unauthorized("AKV10001: Error validating token: it was revoked.") });
    }
    let reads = call.method == "GET";
    match world.vault.access {
        VaultAccess::Officer => Ok(()),
        VaultAccess::User if reads => Ok(()),
        VaultAccess::User | VaultAccess::NoRole => {
            let words = "Caller is not authorized to perform action on resource.\r\nIf role assignments, deny assignments or role \
                         definitions were changed recently, please observe propagation time.";
            Err(forbidden("ForbiddenByRbac", words))
        }
        VaultAccess::NoPolicy => {
            let permission = if reads { "get" } else { "set" };
            let words =
                format!("The user, group or application does not have secrets {permission} permission on key vault.");
            Err(forbidden("AccessDenied", &words))
        }
        VaultAccess::Firewall => {
            let words = "Client address is not authorized and caller is not a trusted service.";
            Err(forbidden("ForbiddenByFirewall", words))
        }
    }
}

fn route(world: &mut World, call: &Call, path: &str, now: OffsetDateTime) -> Result<Value, Refusal> {
    check_version(call)?;
    let segments: Vec<String> = path.trim_start_matches('/').split('/').map(decoded).collect();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    match (call.method.as_str(), segments.as_slice()) {
        ("GET", ["secrets", name, "versions"]) => Ok(list(world, name)),
        ("GET", ["secrets", name] | ["secrets", name, ""]) => get(world, name, None),
        ("GET", ["secrets", name, version]) => get(world, name, Some(version)),
        ("GET", ["deletedsecrets", name]) => deleted(world, name),
        ("PUT", ["secrets", name]) => set(world, call, name, now),
        _ => Err(refusal(404, "NotFound", "Nothing is served here.")),
    }
}

fn check_version(call: &Call) -> Result<(), Refusal> {
    let pairs = call.query_pairs();
    let version = pairs.iter().find(|(name, _)| name == "api-version").map(|(_, value)| value.as_str());
    match version {
        Some("7.4" | "7.5" | "7.6") => Ok(()),
        Some(version) => {
            Err(refusal(400, "BadParameter", format!("The specified version ({version}) is not recognized.")))
        }
        None => Err(refusal(400, "BadParameter", "api-version must be specified")),
    }
}

fn get(world: &World, name: &str, version: Option<&str>) -> Result<Value, Refusal> {
    let name = name.to_lowercase();
    let versions = world.vault.secrets.get(&name).map(Vec::as_slice).unwrap_or_default();
    let found = versions.iter().rev().find(|known| version.is_none_or(|version| known.id == version));
    // Source: Azure/azure-sdk-for-java issue 17991. One that has ended is given out: the page "About Azure Key Vault secrets".
    if found.is_some_and(|known| known.attributes["enabled"] == false) {
        return Err(forbidden("SecretDisabled", "Operation get is not allowed on a disabled secret."));
    }
    let mut bundle = found.map(|known| bundle(world, &name, known)).ok_or_else(|| missing(&name))?;
    bundle["value"] = json!(found.map(|known| known.value.as_str()));
    Ok(bundle)
}

fn missing(name: &str) -> Refusal {
    let words = format!(
        "A secret with (name/id) {name} was not found in this key vault. If you recently deleted this secret you may be able to \
         recover it using the correct recovery command."
    );
    refusal(404, "SecretNotFound", words)
}

/// A secret without its value.
fn bundle(world: &World, name: &str, version: &Version) -> Value {
    let id = format!("{}/secrets/{name}/{}", world.vault_address(), version.id);
    json!({ "id": id, "contentType": version.content_type, "attributes": version.attributes, "tags": version.tags })
}

/// Assumption: a name without a secret has an empty list.
fn list(world: &World, name: &str) -> Value {
    let name = name.to_lowercase();
    let versions = world.vault.secrets.get(&name).into_iter().flatten();
    json!({ "value": versions.map(|version| bundle(world, &name, version)).collect::<Vec<_>>(), "nextLink": null })
}

fn deleted(world: &World, name: &str) -> Result<Value, Refusal> {
    let name = name.to_lowercase();
    let newest = world.vault.deleted.get(&name).and_then(|versions| versions.last());
    let words = format!("Deleted Secret not found: {name}");
    newest.map(|version| bundle(world, &name, version)).ok_or_else(|| refusal(404, "SecretNotFound", words))
}

fn set(world: &mut World, call: &Call, name: &str, now: OffsetDateTime) -> Result<Value, Refusal> {
    let allowed = |character: char| character.is_ascii_alphanumeric() || character == '-';
    if name.is_empty() || name.len() > 127 || !name.chars().all(allowed) {
        return Err(refusal(400, "BadParameter", format!("The request URI contains an invalid name: {name}")));
    }
    let body: Object =
        serde_json::from_slice(&call.body).map_err(|_| refusal(400, "BadParameter", "Property has invalid value"))?;
    let Some(value) = body.get("value").and_then(Value::as_str) else {
        return Err(refusal(400, "BadParameter", "Property value is required"));
    };
    let name = name.to_lowercase();
    if world.vault.deleted.contains_key(&name) {
        let words = format!(
            "Secret {name} is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the \
             secret can only be recovered or purged."
        );
        return Err(Refusal { inner: Some("ObjectIsDeletedButRecoverable"), ..refusal(409, "Conflict", words) });
    }
    let mut attributes = body.get("attributes").cloned().unwrap_or_else(|| json!({}));
    attributes["created"] = json!(now.unix_timestamp());
    attributes["enabled"] = json!(attributes["enabled"].as_bool().unwrap_or(true));
    let of = |name: &str| body.get(name).cloned().unwrap_or_default();
    let version = Version {
        id: world.random.guid().simple().to_string(),
        value: value.to_owned(),
        content_type: of("contentType"),
        attributes,
        tags: of("tags"),
    };
    let mut bundle = bundle(world, &name, &version);
    bundle["value"] = json!(value);
    world.vault.secrets.entry(name).or_default().push(version);
    Ok(bundle)
}

/// What the control endpoint `/edit` can change.
pub(crate) fn edit(vault: &mut Vault, body: &Object) -> Result<(), String> {
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    if let Some(access) = text("access") {
        vault.access = match access {
            "officer" => VaultAccess::Officer,
            "user" => VaultAccess::User,
            "noRole" => VaultAccess::NoRole,
            "noPolicy" => VaultAccess::NoPolicy,
            "firewall" => VaultAccess::Firewall,
            other => return Err(format!("unknown access '{other}'")),
        };
    }
    if let Some(tenant) = text("challengeTenant") {
        vault.set_challenge_tenant(tenant);
    }
    if let Some(resource) = text("challengeResource") {
        vault.set_challenge_resource(resource);
    }
    if let Some(secret) = body.get("addSecret") {
        let (Some(name), Some(value)) = (secret["name"].as_str(), secret["value"].as_str()) else {
            return Err("a secret has a name and a value".to_owned());
        };
        vault.add_secret(&name.to_lowercase(), value, &Value::Null);
        vault.set_attributes(&name.to_lowercase(), &secret["attributes"]);
    }
    if let Some(name) = text("deleteSecret") {
        vault.delete_secret(&name.to_lowercase());
    }
    Ok(())
}

/// The answer to too many requests. Source: the page "Azure Key Vault throttling guidance".
pub(crate) fn throttled() -> Answer {
    error(429, "Throttled", "Request was not processed because too many requests were received.")
}
