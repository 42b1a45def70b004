//! The control endpoints: the clock, the log, the tenant, behind the back of what is served. JSON over HTTP on loopback,
//! without sign-in; a body that is not understood is a 400 with `{"error": sentence}`.
//!
//! | request | body | answer |
//! |---|---|---|
//! | GET /clock | | `{"now"}` |
//! | POST /clock | `{"advanceSeconds"}` | `{"now"}` |
//! | GET /requests | | the log: `[{"n", "method", "path", "status", "arrivedMs", "answeredMs", "write", "token", "batch"}]` |
//! | DELETE /requests | | 204; the log and with it the chain begin anew |
//! | GET /chain | | `{"longestChain", "requests"}` |
//! | GET /state | | the tenant without secrets |
//! | POST /machine | `{"system", "user": [], "header", "arcFile", "arcKey", "keepsTokens"}`, client ids, what the endpoints want to see, and whether a token is kept for a day | 204 |
//! | POST /federatedToken | `{"subject", "audience", "lifeSeconds"}` | `{"token"}` of the issuer `{origin}/oidc` |
//! | POST /pages | `{"list": "/users?$select=id&$top=999", "eventual"}` | `{"pages", "bytes"}`: made beforehand |
//! | POST /latency | `{"ms"}` | 204 |
//! | POST /options | any of `policy`, `upsert`, `maxLagSeconds`, `duplicateGrantIs400`, `deletedNames`, `restoreBringsBack`, `ownPolicyInherits` | 204 |
//! | POST /faults | a fault or a list of them | 204 |
//! | GET /faults | | `{"shown"}`: how often any fault was due on a request |
//! | DELETE /faults | | 204; no more faults |
//! | GET /violations | | `{"checked", "violations"}`: whether requests are checked against Graph's description, and what broke it |
//! | POST /signIn | any of `person`, `answer`, `pendingPolls`, `slowDowns`, `interval`, `consented`, `refreshTokens`, `rotates`, `usedOnce`, `idTokenFlaw`: the fields of [`SignInSettings`](crate::SignInSettings); `refuseRefresh`: an AADSTS number | 204; the rest is as by default |
//! | POST /edit | `{"edit": name, ...}`, the methods of [`Editor`](crate::Editor) | what the change made |
//! | POST /edit | `{"edit": "vault"}` with any of `access` (`officer`, `user`, `noRole`, `noPolicy`, `firewall`), `challengeTenant`, `challengeResource`, `addSecret` (`name`, `value`, `attributes`), `deleteSecret` | 204 |
//!
//! A fault is `{"fault": kind, ...}` with any of `target` (`request`, `token`, `source`, `graph`, `call`, `batch`, `item`), `method`,
//! `path`, `write`, and `first`, `times`, `forEver`, or `percent` and `seed`: the fields of [`Fault`](crate::Fault). The
//! kinds, those of [`FaultKind`](crate::FaultKind):
//!
//! | kind | properties |
//! |---|---|
//! | `throttled` | `retryAfter`: seconds or any text; `retryAfterDate`: an HTTP date so many seconds from now |
//! | `applicationThrottled` | as `throttled` |
//! | `failed` | `status` (503), `body`: `json`, `html` or `empty`; as `throttled` |
//! | `requestLost`, `answerLost` | `reset` (false) |
//! | `resetInBody` | |
//! | `truncated` | `announced` (true) |
//! | `dripped` | `chunk` bytes (1), `everyMs` (100) |
//! | `delayed` | `ms` (1000) |
//! | `concurrency`, `policyBlocksSecrets`, `policyLimitsSecrets`, `tokenExpired`, `claimsChallenge`, `denied`, `unlicensed`, `protectedAction`, `secondWriter`, `repeatedLink`, `looseValues`, `halfLetter` | |
//! | `otherChallenge` | `before` (false) |
//! | `notInCloud` | `status` (404): 400, 404, 405 or 501 |
//! | `propertyUnknown` | `property`: its name |
//! | `edited` | `edit`: a body of POST /edit |
//! | `skewed` | `seconds` |
//! | `gateway` | `status`: 400 to 599 |
//! | `unreadable` | `body`: `html`, `empty` or `cut` |
//! | `signInRefused` | `code`: an AADSTS number, for tokens alone |
//! | `oddError` | `shape`: `messageObject`, `detailsObject` or `odataKey` |

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::call::{Answer, Call};
use crate::clock;
use crate::faults;
use crate::federation;
use crate::managed_identity;
use crate::options::{DeletedNames, Policy};
use crate::pages;
use crate::people::SignInSettings;
use crate::schema::Object;
use crate::vault;
use crate::world::World;

/// Why a control request is not understood; a sentence for the person who wrote the test.
type Refusal = String;

/// Answers a request to `/twin...`.
pub(crate) fn answer(world: &mut World, call: &Call, path: &str) -> Answer {
    let result = match (call.method.as_str(), path) {
        ("GET", "/clock") => Ok(now(world)),
        ("POST", "/clock") => body(call).and_then(|body| advance(world, &body)),
        ("GET", "/requests") => Ok(world.log.json()),
        ("DELETE", "/requests") => {
            world.log.clear();
            Ok(Value::Null)
        }
        ("GET", "/chain") => {
            let chain = world.log.chain();
            Ok(json!({ "longestChain": chain.longest, "requests": chain.total }))
        }
        ("GET", "/state") => Ok(world.directory.state()),
        ("POST", "/machine") => body(call).and_then(|body| machine(world, body)),
        ("POST", "/federatedToken") => body(call).and_then(|body| federated_token(world, &body)),
        ("POST", "/pages") => body(call).and_then(|body| make_pages(world, &body)),
        ("POST", "/latency") => body(call).and_then(|body| latency(world, &body)),
        ("POST", "/options") => body(call).and_then(|body| options(world, &body)),
        ("POST", "/faults") => read(call).and_then(|body| add_faults(world, &body)),
        ("GET", "/faults") => Ok(json!({ "shown": world.faults.shown() })),
        ("DELETE", "/faults") => {
            world.faults.clear();
            Ok(Value::Null)
        }
        ("GET", "/violations") => Ok(json!({ "checked": world.contract.is_some(), "violations": world.violations })),
        ("POST", "/signIn") => body(call).and_then(|body| sign_in(world, &body)),
        ("POST", "/edit") => body(call).and_then(|body| edit(world, &body)),
        (method, path) => return Answer::json(404, json!({ "error": format!("no control endpoint {method} {path}") })),
    };
    match result {
        Ok(Value::Null) => Answer::empty(204),
        Ok(value) => Answer::json(200, value),
        Err(refusal) => Answer::json(400, json!({ "error": refusal })),
    }
}

fn body(call: &Call) -> Result<Object, Refusal> {
    serde_json::from_slice(&call.body).map_err(|error| format!("the body must be a JSON object: {error}"))
}

fn read(call: &Call) -> Result<Value, Refusal> {
    serde_json::from_slice(&call.body).map_err(|error| format!("the body must be JSON: {error}"))
}

/// Adds one fault or a list of them; none where one is not understood.
pub(crate) fn add_faults(world: &mut World, body: &Value) -> Result<Value, Refusal> {
    let listed = body.as_array().map_or_else(|| std::slice::from_ref(body), Vec::as_slice);
    let faults = listed.iter().map(faults::read).collect::<Result<Vec<_>, _>>()?;
    for fault in faults {
        world.faults.add(fault);
    }
    Ok(Value::Null)
}

fn only(body: &Object, known: &[&str]) -> Result<(), Refusal> {
    match body.keys().find(|name| !known.contains(&name.as_str())) {
        Some(name) => Err(format!("unknown property '{name}'; known are {}", known.join(", "))),
        None => Ok(()),
    }
}

fn number(body: &Object, name: &str) -> Result<u64, Refusal> {
    body.get(name).and_then(Value::as_u64).ok_or_else(|| format!("'{name}' must be a number that is not negative"))
}

fn words<'a>(body: &'a Object, name: &str) -> Result<&'a str, Refusal> {
    body.get(name).and_then(Value::as_str).ok_or_else(|| format!("'{name}' must be a text"))
}

fn now(world: &World) -> Value {
    json!({ "now": clock::iso(world.clock.now()) })
}

fn advance(world: &mut World, body: &Object) -> Result<Value, Refusal> {
    only(body, &["advanceSeconds"])?;
    world.clock.advance(Duration::from_secs(number(body, "advanceSeconds")?));
    let moved = world.clock.now();
    world.directory.settle(moved);
    Ok(now(world))
}

fn machine(world: &mut World, body: Object) -> Result<Value, Refusal> {
    only(&body, &["system", "user", "header", "arcFile", "arcKey", "keepsTokens"])?;
    world.machine = managed_identity::read(&Value::Object(body));
    Ok(Value::Null)
}

fn federated_token(world: &World, body: &Object) -> Result<Value, Refusal> {
    only(body, &["subject", "audience", "lifeSeconds"])?;
    let life = i64::try_from(number(body, "lifeSeconds")?).map_err(|_| "'lifeSeconds' is too large")?;
    let token = federation::token(world, words(body, "subject")?, words(body, "audience")?, life, world.clock.now());
    Ok(json!({ "token": token }))
}

fn make_pages(world: &mut World, body: &Object) -> Result<Value, Refusal> {
    only(body, &["list", "eventual"])?;
    let eventual = body.get("eventual").and_then(Value::as_bool).unwrap_or(false);
    let (pages, bytes) = pages::make(world, words(body, "list")?, eventual)?;
    Ok(json!({ "pages": pages, "bytes": bytes }))
}

fn latency(world: &mut World, body: &Object) -> Result<Value, Refusal> {
    only(body, &["ms"])?;
    world.latency = Duration::from_millis(number(body, "ms")?);
    Ok(Value::Null)
}

/// Changes options that may change while the twin runs.
fn options(world: &mut World, body: &Object) -> Result<Value, Refusal> {
    let known = [
        "policy",
        "upsert",
        "maxLagSeconds",
        "duplicateGrantIs400",
        "deletedNames",
        "restoreBringsBack",
        "ownPolicyInherits",
    ];
    only(body, &known)?;
    if let Some(upsert) = body.get("upsert") {
        world.upsert = upsert.as_bool().ok_or("'upsert' must be true or false")?;
    }
    if let Some(form) = body.get("duplicateGrantIs400") {
        world.duplicate_grant_is_400 = form.as_bool().ok_or("'duplicateGrantIs400' must be true or false")?;
    }
    if let Some(whole) = body.get("restoreBringsBack") {
        world.restore_brings_back = whole.as_bool().ok_or("'restoreBringsBack' must be true or false")?;
    }
    if let Some(inherits) = body.get("ownPolicyInherits") {
        world.own_policy_inherits = inherits.as_bool().ok_or("'ownPolicyInherits' must be true or false")?;
    }
    if body.contains_key("deletedNames") {
        let known = DeletedNames::named(words(body, "deletedNames")?);
        world.deleted_names =
            known.ok_or("'deletedNames' must be free, badRequest, badRequestBare, objectConflict or conflict")?;
    }
    if body.contains_key("maxLagSeconds") {
        let lag = Duration::from_secs(number(body, "maxLagSeconds")?);
        world.editor().set_max_lag(lag);
    }
    if let Some(policy) = body.get("policy") {
        let policy = policy.as_object().ok_or("'policy' must be an object")?;
        world.editor().set_policy(&read_policy(policy)?);
    }
    Ok(Value::Null)
}

/// How people sign in from now on.
fn sign_in(world: &mut World, body: &Object) -> Result<Value, Refusal> {
    world.people.settings = SignInSettings::read(body)?;
    let refused = body.contains_key("refuseRefresh").then(|| number(body, "refuseRefresh")).transpose()?;
    world.people.refuse_refresh(refused.and_then(|code| u32::try_from(code).ok()));
    Ok(Value::Null)
}

fn read_policy(body: &Object) -> Result<Policy, Refusal> {
    only(body, &["enabled", "blockSecrets", "maxSecretLifetimeSeconds"])?;
    let flag = |name: &str| match body.get(name) {
        None => Ok(false),
        Some(value) => value.as_bool().ok_or_else(|| format!("'{name}' must be true or false")),
    };
    let limit = body.contains_key("maxSecretLifetimeSeconds").then(|| number(body, "maxSecretLifetimeSeconds"));
    Ok(Policy {
        enabled: flag("enabled")?,
        block_secrets: flag("blockSecrets")?,
        max_secret_lifetime: limit.transpose()?.map(Duration::from_secs),
    })
}

/// One change to the tenant, named by `edit`.
pub(crate) fn edit(world: &mut World, body: &Object) -> Result<Value, Refusal> {
    let mut editor = world.editor();
    let id = |id: String| json!({ "id": id });
    Ok(match words(body, "edit")? {
        "addApplication" => {
            let ids = editor.add_application(words(body, "displayName")?);
            json!({ "id": ids.object_id, "appId": ids.app_id })
        }
        "addPublicClient" => {
            let ids = editor.add_public_client(words(body, "displayName")?);
            json!({ "id": ids.object_id, "appId": ids.app_id })
        }
        "addServicePrincipal" => id(editor.add_service_principal(words(body, "appId")?)),
        "withhold" => {
            editor.withhold(words(body, "permission")?);
            Value::Null
        }
        "addGrant" => id(editor.add_grant(words(body, "principalId")?, words(body, "scope")?)),
        "addAppRole" => id(editor.add_app_role(words(body, "principalId")?, words(body, "role")?)),
        "addRole" => id(editor.add_role(words(body, "principalId")?, words(body, "roleTemplateId")?)),
        "addSecret" => {
            let life = Duration::from_secs(number(body, "lifeSeconds")?);
            json!({ "secret": editor.add_secret(words(body, "applicationId")?, words(body, "displayName")?, life) })
        }
        "addCertificate" => {
            let der = STANDARD.decode(words(body, "certificate")?).map_err(|_| "'certificate' must be base64")?;
            let id = editor.application_id(words(body, "appId")?);
            editor.add_certificate(&id, &der, Duration::from_secs(number(body, "lifeSeconds")?));
            Value::Null
        }
        "addFederatedCredential" => {
            let id = editor.application_id(words(body, "appId")?);
            let (issuer, subject) = (words(body, "issuer")?, words(body, "subject")?);
            editor.add_federated_credential(&id, issuer, subject, words(body, "audience")?);
            Value::Null
        }
        "deleteApplication" => {
            editor.delete_application(words(body, "applicationId")?);
            Value::Null
        }
        "addUser" => id(editor.add_user(body.get("properties").ok_or("'properties' must be an object")?)),
        "deleteUser" => json!({ "done": editor.delete_user(words(body, "id")?) }),
        "deleteGroup" => json!({ "done": editor.delete_group(words(body, "id")?) }),
        "addDomain" => {
            editor.add_domain(words(body, "name")?, words(body, "authenticationType")?);
            Value::Null
        }
        "addAppPolicy" => {
            let policy = body.get("policy").and_then(Value::as_object).ok_or("'policy' must be an object")?;
            let policy = read_policy(policy)?;
            id(editor.add_app_policy(words(body, "applicationId")?, &policy))
        }
        "set" => {
            let value = body.get("value").cloned().unwrap_or_default();
            let done = editor.set(words(body, "collection")?, words(body, "id")?, words(body, "property")?, &value);
            json!({ "done": done })
        }
        "vault" => {
            vault::edit(&mut world.vault, body)?;
            Value::Null
        }
        "erase" => json!({ "done": editor.erase(words(body, "collection")?, words(body, "id")?) }),
        other => return Err(format!("unknown edit '{other}'")),
    })
}
