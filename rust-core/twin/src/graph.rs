//! The way of a Graph request: token, path, permission, body, then its route.

use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::batch;
use crate::call::{Answer, Body, Call};
use crate::clock;
use crate::contract;
use crate::errors::GraphError;
use crate::faults;
use crate::graph_permissions::PUBLISHED;
use crate::jwt::{self, Defect};
use crate::odata::query::Query;
use crate::path::{self, Fit, Key, Step};
use crate::people::effective::{self, Delegated};
use crate::permissions;
use crate::routes::{self, Context, Route};
use crate::schema::Object;
use crate::usage;
use crate::world::{Outcome, World};

/// Who calls, from the token.
#[derive(Debug, Clone, Default)]
pub(crate) struct Caller {
    pub(crate) app_id: String,
    pub(crate) roles: Vec<String>,
    /// The person that an application acts for, by delegated permissions; `roles` are then the scopes.
    pub(crate) person: Option<Delegated>,
    /// Of the rule that let the call in, only the permission for own applications is held.
    pub(crate) only_owned: bool,
}

/// Why a token is refused before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Death {
    /// As if its life were over.
    Expired,
    /// It was revoked: a new one must be fetched, with the claims that the challenge names.
    Challenged,
}

impl Death {
    fn error(self, now: OffsetDateTime) -> GraphError {
        match self {
            Self::Expired => expired(),
            Self::Challenged => {
                let words = "Continuous access evaluation resulted in challenge with result: InteractionRequired and code: \
                             TokenIssuedBeforeRevocationTimestamp";
                let challenge = Some(faults::challenge(now.unix_timestamp()));
                GraphError { challenge, ..GraphError::unauthenticated(words) }
            }
        }
    }
}

fn expired() -> GraphError {
    GraphError::unauthenticated("Lifetime validation failed, the token is expired.")
}

/// The other actor of the fault "second writer", who may do everything.
fn rival() -> Caller {
    let roles = PUBLISHED.iter().filter(|permission| !permission.delegated);
    Caller {
        app_id: "5ec07d3a-0000-4000-8000-000000000001".to_owned(),
        roles: roles.map(|role| role.value.to_owned()).collect(),
        person: None,
        only_owned: false,
    }
}

/// Answers a request below the Graph endpoint.
pub(crate) fn answer(world: &mut World, call: &Call) -> Outcome {
    let now = world.now();
    let result = caller(world, call, now).and_then(|caller| {
        let path = versioned(&call.path)?;
        if path == "$batch" {
            check_contract(world, call, path)?;
            batch::run(world, call)
        } else {
            route(world, call, path, caller, now).map(Outcome::from)
        }
    });
    let mut outcome = result.unwrap_or_else(|error| refusal(world, call, &error, now).into());
    let mut answer = std::mem::take(&mut outcome.answer);
    if outcome.batch.is_none() {
        // The items of a batch are counted one by one.
        answer = counted(world, call, answer, now);
    }
    outcome.answer = finished(world, call, answer, now);
    outcome
}

/// The answer of a request inside a batch, whose items share the token of the batch.
pub(crate) fn item(world: &mut World, call: &Call) -> Answer {
    let now = world.now();
    let result = caller(world, call, now).and_then(|caller| {
        let path = versioned(&call.path)?;
        route(world, call, path, caller, now)
    });
    let answer = result.unwrap_or_else(|error| refusal(world, call, &error, now));
    counted(world, call, answer, now)
}

/// Adds what the request cost.
fn counted(world: &mut World, call: &Call, answer: Answer, now: OffsetDateTime) -> Answer {
    let units = usage::cost(call);
    let answer = answer.with("x-ms-resource-unit", units.to_string());
    match world.usage.count(units, now) {
        Some(percentage) => answer.with("x-ms-throttle-limit-percentage", percentage),
        None => answer,
    }
}

/// The answer of a refusal.
pub(crate) fn refusal(world: &mut World, call: &Call, error: &GraphError, now: OffsetDateTime) -> Answer {
    let request_id = world.random.guid().to_string();
    let client_request_id = call.header("client-request-id").unwrap_or(&request_id).to_owned();
    let body = error.body(&request_id, &client_request_id, now);
    let answer = Answer::json(error.status, body).with("request-id", request_id);
    if error.status == 401 {
        // The authorization endpoint is the sign-in service's, the client id Graph's own.
        let realm = "Bearer realm=\"\", client_id=\"00000003-0000-0000-c000-000000000000\"";
        return answer.with("WWW-Authenticate", error.challenge.as_deref().unwrap_or(realm));
    }
    answer
}

/// Adds the headers every answer of Graph carries.
pub(crate) fn finished(world: &mut World, call: &Call, answer: Answer, now: OffsetDateTime) -> Answer {
    let known = answer.headers.iter().find(|(name, _)| name == "request-id").map(|(_, id)| id.clone());
    let request_id = known.clone().unwrap_or_else(|| world.random.guid().to_string());
    let answer = if known.is_some() { answer } else { answer.with("request-id", request_id.clone()) };
    let client = call.header("client-request-id").map_or_else(|| request_id.clone(), str::to_owned);
    let server = json!({ "ServerInfo": { "DataCenter": "Twin", "Slice": "E", "Ring": "0", "RoleInstance": "TWIN" } });
    answer
        .with("client-request-id", client)
        .with("x-ms-ags-diagnostic", server.to_string())
        .with("Date", clock::http_date(now))
        .with("Cache-Control", "no-cache")
}

/// The path below the version.
fn versioned(path: &str) -> Result<&str, GraphError> {
    let path = path.strip_prefix('/').unwrap_or(path);
    let (version, rest) = path.split_once('/').unwrap_or((path, ""));
    if version != "v1.0" {
        return Err(GraphError::malformed(format!("Invalid version: {version}")));
    }
    Ok(rest)
}

/// The bearer token of a request; empty where there is none.
pub(crate) fn token_of(call: &Call) -> &str {
    let header = call.header("authorization").unwrap_or_default();
    header.strip_prefix("Bearer ").or_else(|| header.strip_prefix("bearer ")).unwrap_or_default().trim()
}

/// The application the token of a request was issued to; empty where it has no good token.
pub(crate) fn app_id(world: &World, call: &Call) -> String {
    let claims = jwt::verify(token_of(call), &world.signing_key).unwrap_or_default();
    claims["appid"].as_str().unwrap_or_default().to_owned()
}

/// Reads the token; texts are those of Graph's gateway.
fn caller(world: &World, call: &Call, now: OffsetDateTime) -> Result<Caller, GraphError> {
    let token = token_of(call);
    if token.is_empty() {
        return Err(GraphError::unauthenticated("Access token is empty."));
    }
    let claims = jwt::verify(token, &world.signing_key).map_err(|defect| match defect {
        Defect::NotAToken => GraphError::unauthenticated("IDX14100: JWT is not well formed, there are no dots (.)."),
        Defect::Signature => GraphError::unauthenticated("Access token validation failure. Invalid signature."),
    })?;
    if claims["aud"] != json!(world.graph()) {
        return Err(GraphError::unauthenticated("Access token validation failure. Invalid audience."));
    }
    if claims["exp"].as_i64().is_none_or(|expires| expires <= now.unix_timestamp()) {
        return Err(expired());
    }
    if let Some(death) = world.death(token) {
        return Err(death.error(now));
    }
    if world.rival {
        return Ok(rival());
    }
    let list = |name: &str| {
        let values = claims[name].as_array().into_iter().flatten().filter_map(Value::as_str);
        values.map(str::to_owned).collect::<Vec<_>>()
    };
    let app_id = claims["appid"].as_str().unwrap_or_default().to_owned();
    Ok(match claims["scp"].as_str() {
        None => Caller { app_id, roles: list("roles"), person: None, only_owned: false },
        Some(scopes) => {
            let roles = scopes.split_whitespace().map(str::to_owned).collect();
            Caller { app_id, roles, person: Some(Delegated { wids: list("wids") }), only_owned: false }
        }
    })
}

fn route(
    world: &mut World,
    call: &Call,
    path: &str,
    caller: Caller,
    now: OffsetDateTime,
) -> Result<Answer, GraphError> {
    check_contract(world, call, path)?;
    let (path, counting) = match path.strip_suffix("/$count") {
        Some(path) if call.method == "GET" => (path, true),
        _ => (path, false),
    };
    let steps = path::steps(path)?;
    let (route, keys) = choose(&call.method, &steps)?;
    let caller = allowed(route, caller)?;
    let query = Query::read(call, if counting { &["$filter"] } else { route.options })?;
    let body = if route.body { body(call)? } else { Object::new() };
    let sight = world.sight(now);
    let mut context = Context { world, call, keys, query, body, caller, sight, now };
    if counting { count(&mut context, route) } else { (route.run)(&mut context) }
}

/// Refuses what Graph's description does not have, where that is at hand.
fn check_contract(world: &mut World, call: &Call, path: &str) -> Result<(), GraphError> {
    let violation = world.contract.as_ref().and_then(|model| contract::violation(model, call, path));
    let Some(violation) = violation else { return Ok(()) };
    let error = GraphError::malformed(format!("Against Graph's description: {violation}"));
    if !world.rival {
        world.violations.push(violation);
    }
    Err(error)
}

/// `/users/$count`: the number alone, only with `ConsistencyLevel: eventual`.
fn count(context: &mut Context<'_>, route: &Route) -> Result<Answer, GraphError> {
    if !context.query.eventual {
        return Err(GraphError::refused("$count is not currently supported."));
    }
    context.query.count = true;
    match (route.run)(context)?.body {
        Body::Json(body) if body["@odata.count"].is_number() => Ok(Answer::text(200, body["@odata.count"].to_string())),
        Body::Json(_) | Body::Ready(_) | Body::Cut(_) | Body::Text(_) | Body::Html(_) | Body::None => {
            Err(GraphError::segment("$count"))
        }
    }
}

/// The route of a path; the error tells the first segment that no route has, or that the method is wrong.
pub(crate) fn choose(method: &str, steps: &[Step]) -> Result<(&'static Route, Vec<Key>), GraphError> {
    let mut furthest = 0;
    let mut other_method = false;
    let mut found: Option<(&'static Route, Vec<Key>)> = None;
    for route in routes::all() {
        match path::fit(steps, route.path) {
            Fit::Whole(keys) if route.method == method => {
                // A route that spells a segment out goes before one that takes it for a key.
                if found.as_ref().is_none_or(|(_, earlier)| keys.len() < earlier.len()) {
                    found = Some((route, keys));
                }
            }
            Fit::Whole(_) => other_method = true,
            Fit::Part(fitting) => furthest = furthest.max(fitting),
        }
    }
    if let Some(found) = found {
        return Ok(found);
    }
    if other_method {
        return Err(GraphError::method_not_allowed());
    }
    let unknown = steps.get(furthest).or(steps.last());
    Err(GraphError::segment(&unknown.map(step_text).unwrap_or_default()))
}

fn step_text(step: &Step) -> String {
    match step {
        Step::Segment(text) | Step::Key(Key::Id(text)) => text.clone(),
        Step::Key(Key::Alternate { name, value }) => format!("{name}='{value}'"),
    }
}

fn allowed(route: &Route, mut caller: Caller) -> Result<Caller, GraphError> {
    let rule = permissions::rule(route.method, route.path).unwrap_or_default();
    if let Some(person) = &caller.person {
        let allowed = effective::allows(route.method, route.path, rule, &caller.roles, person);
        return if allowed { Ok(caller) } else { Err(GraphError::denied()) };
    }
    if !permissions::allows(rule, &caller.roles) {
        return Err(GraphError::denied());
    }
    caller.only_owned = permissions::only_owned(rule, &caller.roles);
    Ok(caller)
}

/// The JSON object of a write.
pub(crate) fn body(call: &Call) -> Result<Object, GraphError> {
    let Some(content_type) = call.header("content-type") else {
        let words = "Write requests (excluding DELETE) must contain the Content-Type header declaration.";
        return Err(GraphError::refused(words));
    };
    let media = content_type.split(';').next().unwrap_or_default().trim();
    if !media.eq_ignore_ascii_case("application/json") {
        let words = format!(
            "A supported MIME type could not be found that matches the content type of the request. None of the supported \
             type(s) 'application/json' matches the content type '{media}'."
        );
        return Err(GraphError::new(415, "UnsupportedMediaType", words));
    }
    let unreadable = || {
        let words = "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.";
        GraphError::malformed(words)
    };
    match serde_json::from_slice(&call.body).map_err(|_| unreadable())? {
        Value::Object(body) => Ok(body),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Err(unreadable()),
    }
}
