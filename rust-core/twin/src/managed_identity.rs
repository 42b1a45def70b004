//! The managed identity endpoints of Azure machines: App Service's, its older form, Arc's and that of virtual machines.
//!
//! Sources: Entra documentation, "How to use managed identities ... to acquire an access token"; App Service
//! documentation, "Connect to Azure services in app code"; MSAL for Python, `managed_identity.py`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::call::{Answer, Call};
use crate::token::{self, LIFETIME};
use crate::world::World;

/// What the twin's machine has. Assumption: its identities are the service principals of applications.
#[derive(Debug, Default)]
pub(crate) struct Machine {
    /// The client id of the system-assigned identity.
    pub(crate) system: Option<String>,
    /// Client ids of user-assigned identities.
    pub(crate) user: Vec<String>,
    /// What App Service's forms want to see.
    pub(crate) header: String,
    /// Arc's key file and its content.
    pub(crate) arc: Option<(String, String)>,
    /// Tokens by identity and resource, with their ends, where Azure keeps them: for up to 24 hours, whatever was granted since.
    /// Source: Entra documentation, "Limitation of using managed identities for authorization".
    pub(crate) kept: Option<BTreeMap<(String, String), (String, i64)>>,
}

/// Seconds that a token lives which is kept.
const A_DAY: i64 = 24 * 3600;

/// Answers a request to the endpoint of virtual machines and of Arc, `/metadata/identity/oauth2/token`.
pub(crate) fn metadata(world: &mut World, call: &Call) -> Answer {
    if call.header("metadata") != Some("true") {
        return refused(400, "bad_request_102", "Required metadata header not specified");
    }
    // Source: "Azure Instance Metadata Service", Security and authentication. Assumption: the words.
    if call.header("x-forwarded-for").is_some() {
        return refused(400, "bad_request", "X-Forwarded-For header is not allowed");
    }
    let Some((file, key)) = world.machine.arc.clone() else {
        return issue(world, call, "2018-02-01", "client_id");
    };
    match call.header("authorization") {
        Some(shown) if shown == format!("Basic {key}") => issue(world, call, "2020-06-01", "client_id"),
        _ => Answer::json(401, json!({ "error": "unauthorized_client" }))
            .with("WWW-Authenticate", format!("Basic realm={file}")),
    }
}

/// Answers a request to the endpoint of App Service and Azure Automation, `/msi/token`.
pub(crate) fn app_service(world: &mut World, call: &Call) -> Answer {
    let shown = |name: &str| call.header(name).is_some_and(|shown| shown == world.machine.header);
    match (shown("x-identity-header"), shown("secret"), call.header("metadata")) {
        // Azure Automation wants the header of virtual machines too.
        (true, _, Some("true")) => issue(world, call, "2019-08-01", "client_id"),
        (false, true, _) => issue(world, call, "2017-09-01", "clientid"),
        _ => Answer::json(401, json!({ "statusCode": 401, "message": "The identity header is missing or wrong." })),
    }
}

fn issue(world: &mut World, call: &Call, version: &str, client: &str) -> Answer {
    let query = call.query_pairs();
    let asked = |name: &str| query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    if asked("api-version") != Some(version) {
        return refused(400, "invalid_request", "The api-version is missing or not supported");
    }
    let Some(resource) = asked("resource") else {
        return refused(400, "invalid_request", "Required query variable 'resource' is missing");
    };
    let identity = match asked(client) {
        Some(id) => world.machine.user.iter().find(|known| known.eq_ignore_ascii_case(id)).cloned(),
        None => world.machine.system.clone(),
    };
    let Some(identity) = identity else { return refused(400, "invalid_request", "Identity not found") };
    let now = world.now();
    let of = (identity.clone(), resource.to_owned());
    let kept = world.machine.kept.as_ref().and_then(|kept| kept.get(&of)).cloned();
    if let Some((token, end)) = kept.filter(|(_, end)| *end > now.unix_timestamp()) {
        return answer(world, &token, end - now.unix_timestamp(), resource);
    }
    let lifetime = if world.machine.kept.is_some() { A_DAY } else { LIFETIME };
    match token::of_identity(world, &identity, resource, now, lifetime) {
        Some(token) => {
            if let Some(kept) = &mut world.machine.kept {
                kept.insert(of, (token.clone(), now.unix_timestamp() + lifetime));
            }
            answer(world, &token, lifetime, resource)
        }
        None => refused(400, "invalid_resource", "The resource principal was not found in the tenant."),
    }
}

fn answer(world: &World, token: &str, lifetime: i64, resource: &str) -> Answer {
    let now = world.now();
    let end = (now.unix_timestamp() + lifetime).to_string();
    let mut body = json!({ "access_token": token, "expires_on": end, "resource": resource, "token_type": "Bearer" });
    if world.machine.header.is_empty() {
        body["expires_in"] = json!(lifetime.to_string());
    }
    Answer::json(200, body).with("Date", crate::clock::http_date(now))
}

fn refused(status: u16, error: &str, description: &str) -> Answer {
    Answer::json(status, json!({ "error": error, "error_description": description }))
}

/// The machine as a control request describes it.
pub(crate) fn read(body: &Value) -> Machine {
    let words = |name: &str| body[name].as_str().map(str::to_owned);
    let user = body["user"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
    Machine {
        system: words("system"),
        user: user.collect(),
        header: words("header").unwrap_or_default(),
        arc: words("arcFile").zip(words("arcKey")),
        kept: (body["keepsTokens"] == true).then(BTreeMap::new),
    }
}
