//! The token endpoint: client credentials with a secret, and Entra's refusals.
//!
//! Codes and texts: Entra's error reference (reference-error-codes) and sign-in errors quoted in public issues.

use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::assertion;
use crate::call::{self, Answer, Call};
use crate::clock;
use crate::directory::secrets::{self, Match};
use crate::directory::shapes::{GRAPH_APP_ID, text};
use crate::directory::store::{Kind, Sight};
use crate::federation;
use crate::graph::Death;
use crate::graph_permissions;
use crate::jwt;
use crate::people::{authorize, device, redeem, refusals};
use crate::schema::Object;
use crate::world::World;

/// Seconds a token lives; Entra gives one second less than the hour.
pub(crate) const LIFETIME: i64 = 3599;

/// `appidacr` of a client that showed a secret.
const SECRET: &str = "1";
/// `appidacr` of a client that showed an assertion.
const CERTIFICATE: &str = "2";

/// A refusal of the token endpoint.
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) error: &'static str,
    pub(crate) code: u32,
    pub(crate) message: String,
    /// What the next interactive sign-in must show.
    pub(crate) claims: Option<&'static str>,
}

impl Refusal {
    pub(crate) fn with_claims(self, claims: &'static str) -> Self {
        Self { claims: Some(claims), ..self }
    }
}

pub(crate) fn refusal(status: u16, error: &'static str, code: u32, message: impl Into<String>) -> Refusal {
    Refusal { status, error, code, message: message.into(), claims: None }
}

/// Answers a request to `/login/{tenant}/...`.
pub(crate) fn answer(world: &mut World, call: &Call, path: &str) -> Answer {
    let Some((tenant, endpoint)) = path.split_once('/') else {
        return Answer::text(404, "");
    };
    let (tenant, now) = (call::decoded(tenant), world.now());
    let result = match (endpoint, call.method.as_str()) {
        ("oauth2/v2.0/token", _) => issue(world, call, &tenant, now),
        ("oauth2/v2.0/devicecode", "POST") => device::start(world, call, &tenant, now),
        ("oauth2/v2.0/authorize", "GET") => return authorize::answer(world, call, &tenant, now),
        ("v2.0/.well-known/openid-configuration", "GET") => metadata(world, &tenant),
        _ => return Answer::text(404, ""),
    };
    finished(world, call, result)
}

/// The refusal of a service that is there but not able to answer.
pub(crate) fn busy(world: &mut World, call: &Call, status: u16, code: u32, message: &str) -> Answer {
    refuse(world, call, status, "temporarily_unavailable", code, message.to_owned())
}

/// The answer of a refusal.
pub(crate) fn refuse(
    world: &mut World,
    call: &Call,
    status: u16,
    error: &'static str,
    code: u32,
    message: String,
) -> Answer {
    refused(world, call, refusal(status, error, code, message))
}

/// The same of a refusal that is there.
pub(crate) fn refused(world: &mut World, call: &Call, refusal: Refusal) -> Answer {
    finished(world, call, Err(refusal))
}

fn finished(world: &mut World, call: &Call, result: Result<Value, Refusal>) -> Answer {
    let now = world.now();
    let correlation = call.header("client-request-id").map(str::to_owned);
    let correlation = correlation.unwrap_or_else(|| world.random.guid().to_string());
    let trace = world.random.guid().to_string();
    let answer = match result {
        Ok(token) => Answer::json(200, token),
        Err(refused) => Answer::json(refused.status, error_body(&refused, &trace, &correlation, now)),
    };
    answer
        .with("x-ms-request-id", trace)
        .with("client-request-id", correlation)
        .with("Cache-Control", "no-store, no-cache")
        .with("Date", clock::http_date(now))
}

fn error_body(refused: &Refusal, trace: &str, correlation: &str, now: OffsetDateTime) -> Value {
    let timestamp = clock::entra_date(now);
    let description = format!(
        "AADSTS{}: {} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {timestamp}",
        refused.code, refused.message
    );
    let mut body = json!({
        "error": refused.error, "error_description": description, "error_codes": [refused.code],
        "timestamp": timestamp, "trace_id": trace, "correlation_id": correlation,
        "error_uri": format!("https://login.microsoftonline.com/error?code={}", refused.code),
    });
    if let Some(claims) = refused.claims {
        body["suberror"] = json!("basic_action");
        body["claims"] = json!(claims);
    }
    body
}

/// What the service says of a tenant, by its id or domain. Assumption: a refusal's `error` is `invalid_tenant` here, as public
/// tools that look domains up have recorded it.
fn metadata(world: &World, tenant: &str) -> Result<Value, Refusal> {
    check_tenant(world, tenant).map_err(|refused| Refusal { error: "invalid_tenant", ..refused })?;
    let own = format!("{}/{}", world.login(), world.directory.tenant_id);
    Ok(json!({
        "token_endpoint": world.token_endpoint(), "issuer": format!("{own}/v2.0"),
        "authorization_endpoint": format!("{own}/oauth2/v2.0/authorize"),
        "device_authorization_endpoint": format!("{own}/oauth2/v2.0/devicecode"),
        "tenant_region_scope": "OC", "cloud_instance_name": "microsoftonline.com",
        "cloud_graph_host_name": "graph.windows.net", "msgraph_host": "graph.microsoft.com"
    }))
}

fn issue(world: &mut World, call: &Call, tenant: &str, now: OffsetDateTime) -> Result<Value, Refusal> {
    if call.method != "POST" {
        let message = format!("The endpoint only accepts POST requests. Received a {} request.", call.method);
        return Err(refusal(400, "invalid_request", 900_561, message));
    }
    check_tenant(world, tenant)?;
    let form = call::pairs(&String::from_utf8_lossy(&call.body));
    let field = |name: &str| {
        let found = form.iter().find(|(known, value)| known == name && !value.is_empty());
        found.map(|(_, value)| value.as_str())
    };
    let needed = |name: &str| field(name).ok_or_else(|| missing(name));
    let grant_type = needed("grant_type")?;
    if redeem::GRANT_TYPES.contains(&grant_type) {
        return redeem::answer(world, grant_type, &form, now);
    }
    check_grant_type(grant_type)?;
    let client_id = needed("client_id")?;
    let resource = check_scope(needed("scope")?, &resources(world), &world.directory.tenant_name)?;
    let sight = world.sight(now);
    let application = application(world, client_id, sight)?.clone();
    let proof = if let Some(assertion) = field("client_assertion") {
        assertion::check(world, &application, field("client_assertion_type").unwrap_or_default(), assertion, now)?;
        CERTIFICATE
    } else {
        check_secret(&application, field("client_secret"), now)?;
        SECRET
    };
    let principal = principal(world, &application, sight)?;
    check_conditional_access(world, &application)?;
    let token = sign(world, &application, &principal, (proof, resource), now, LIFETIME);
    heed_challenge(world, &token, field("claims"));
    Ok(json!({
        "token_type": "Bearer", "expires_in": LIFETIME, "ext_expires_in": LIFETIME,
        "access_token": token
    }))
}

/// What an application gets tokens for: Azure Storage has one resource in every cloud.
fn resources(world: &World) -> [String; 3] {
    [world.graph(), world.vault_resource(), "https://storage.azure.com".into()]
}

/// A token for an audience, got with a kind of proof.
fn sign(
    world: &mut World,
    application: &Object,
    principal: &Object,
    (proof, audience): (&str, &str),
    now: OffsetDateTime,
    lifetime: i64,
) -> String {
    let sight = world.sight(now);
    let mut claims = claims(world, application, principal, sight, now);
    claims["appidacr"] = json!(proof);
    claims["aud"] = json!(audience);
    claims["exp"] = json!(now.unix_timestamp() + lifetime);
    let token = jwt::sign(&claims, &world.signing_key);
    if world.opaque_tokens { jwt::opaque(&token) } else { token }
}

/// The token of a managed identity, which signs in with a certificate that Azure keeps, and lives so many
/// seconds; `None` where the tenant has no such identity or resource.
pub(crate) fn of_identity(
    world: &mut World,
    client_id: &str,
    resource: &str,
    now: OffsetDateTime,
    lifetime: i64,
) -> Option<String> {
    let sight = world.sight(now);
    let application = application(world, client_id, sight).ok()?.clone();
    let principal = principal(world, &application, sight).ok()?;
    if resource == federation::EXCHANGE {
        return federation::of_identity(world, text(&principal, "id"), lifetime, now);
    }
    check_scope(&format!("{resource}/.default"), &resources(world), &world.directory.tenant_name).ok()?;
    Some(sign(world, &application, &principal, (CERTIFICATE, resource), now, lifetime))
}

/// After a claims challenge of its service a token is good only where it was asked for with the claim that the challenge named.
pub(crate) fn heed_challenge(world: &mut World, token: &str, claims: Option<&str>) {
    let Some(wanted) = world.people.challenged.get(&world.audience_of(token)).copied() else { return };
    let claims = claims.and_then(|claims| serde_json::from_str::<Value>(claims).ok()).unwrap_or_default();
    let not_before = claims.pointer("/access_token/nbf/value").and_then(Value::as_str);
    if not_before.and_then(|value| value.parse::<i64>().ok()).is_none_or(|value| value < wanted) {
        world.bury_token(token, Death::Challenged);
    }
}

pub(crate) fn missing(name: &str) -> Refusal {
    let message = format!("The request body must contain the following parameter: '{name}'.");
    refusal(400, "invalid_request", 900_144, message)
}

pub(crate) fn check_tenant(world: &World, tenant: &str) -> Result<(), Refusal> {
    let directory = &world.directory;
    let known = [directory.tenant_id.to_string(), directory.domain.clone()];
    if known.iter().any(|known| known.eq_ignore_ascii_case(tenant)) {
        return Ok(());
    }
    let message = format!(
        "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. \
         Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant."
    );
    Err(refusal(400, "invalid_request", 90_002, message))
}

fn check_grant_type(grant_type: &str) -> Result<(), Refusal> {
    if grant_type == "client_credentials" {
        return Ok(());
    }
    let message = format!("The app requested an unsupported grant type '{grant_type}'.");
    Err(refusal(400, "unsupported_grant_type", 70_003, message))
}

fn check_scope<'s>(scope: &'s str, known: &[String], tenant_name: &str) -> Result<&'s str, Refusal> {
    let Some(resource) = scope.strip_suffix("/.default") else {
        let message = format!(
            "The provided value for scope {scope} is not valid. Client credential flows must have a scope value with \
             /.default suffixed to the resource identifier (application ID URI)."
        );
        return Err(refusal(400, "invalid_scope", 1_002_012, message));
    };
    if resource.is_empty() || resource.contains(' ') {
        let message = format!(
            "The provided request must include a 'scope' input parameter. The provided value for the input parameter \
             'scope' is not valid. The scope {scope} is not valid."
        );
        return Err(refusal(400, "invalid_scope", 70_011, message));
    }
    if known.iter().any(|known| known == resource) {
        return Ok(resource);
    }
    let message = format!(
        "The resource principal named {resource} was not found in the tenant named {tenant_name}. This can happen if the \
         application has not been installed by the administrator of the tenant or consented to by any user in the tenant. \
         You might have sent your authentication request to the wrong tenant."
    );
    Err(refusal(400, "invalid_resource", 500_011, message))
}

pub(crate) fn application<'a>(world: &'a World, client_id: &str, sight: Sight) -> Result<&'a Object, Refusal> {
    world.directory.find(Kind::Application, "appId", client_id, sight).ok_or_else(|| {
        let message = format!(
            "Application with identifier '{client_id}' was not found in the directory '{}'. This can happen if the \
             application has not been installed by the administrator of the tenant or consented to by any user in the \
             tenant. You may have sent your authentication request to the wrong tenant.",
            world.directory.tenant_name
        );
        refusal(400, "unauthorized_client", 700_016, message)
    })
}

fn check_secret(application: &Object, presented: Option<&str>, now: OffsetDateTime) -> Result<(), Refusal> {
    let app_id = text(application, "appId");
    let Some(presented) = presented else {
        let message = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.";
        return Err(refusal(401, "invalid_client", 7_000_218, message));
    };
    match secrets::find(application, presented, now) {
        Match::Valid => Ok(()),
        Match::Unknown => {
            let message = format!(
                "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, \
                 not the client secret ID, for a secret added to app '{app_id}'."
            );
            Err(refusal(401, "invalid_client", 7_000_215, message))
        }
        Match::Expired => {
            let message = format!(
                "The provided client secret keys for app '{app_id}' are expired. Visit the Azure portal to create new keys \
                 for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added \
                 security: https://aka.ms/certCreds."
            );
            Err(refusal(401, "invalid_client", 7_000_222, message))
        }
    }
}

fn principal(world: &World, application: &Object, sight: Sight) -> Result<Object, Refusal> {
    let app_id = text(application, "appId");
    let Some(principal) = world.directory.find(Kind::ServicePrincipal, "appId", app_id, sight) else {
        let message = format!(
            "The client application {app_id} is missing service principal in the tenant {}.",
            world.directory.tenant_id
        );
        return Err(refusal(401, "unauthorized_client", 7_000_229, message));
    };
    // Assumption: the service principal's own `isDisabled` has the same effect as its application's, which Entra documents.
    let deactivated = |object: &Object| object.get("isDisabled") == Some(&Value::Bool(true));
    let disabled = principal.get("accountEnabled") == Some(&Value::Bool(false));
    if disabled || deactivated(application) || deactivated(principal) {
        let message = format!("Application '{app_id}'({}) is disabled.", text(application, "displayName"));
        return Err(refusal(400, "unauthorized_client", 7_000_112, message));
    }
    Ok(principal.clone())
}

/// It is judged after the credential (Entra documentation, "Conditional Access for workload identities").
fn check_conditional_access(world: &World, application: &Object) -> Result<(), Refusal> {
    let registered = application.get("createdByAppId").is_some_and(|by| !by.is_null());
    match world.blocked_workloads.filter(|_| registered) {
        Some(code) => Err(refusals::of(code)),
        None => Ok(()),
    }
}

fn claims(world: &mut World, application: &Object, principal: &Object, sight: Sight, now: OffsetDateTime) -> Value {
    let tenant = world.directory.tenant_id;
    let issued = now.unix_timestamp();
    let principal_id = text(principal, "id");
    json!({
        "aud": world.graph(), "iss": format!("https://sts.windows.net/{tenant}/"), "iat": issued, "nbf": issued,
        "exp": issued + LIFETIME, "app_displayname": application.get("displayName"),
        "appid": text(application, "appId"), "appidacr": "1", "idp": format!("https://sts.windows.net/{tenant}/"),
        "idtyp": "app", "oid": principal_id, "roles": roles(world, principal_id, sight), "sub": principal_id,
        "tid": tenant, "uti": world.random.guid().simple().to_string(), "ver": "1.0",
        "wids": directory_roles(world, principal_id, sight)
    })
}

/// The names of the application permissions on Graph that the client holds now.
fn roles(world: &World, principal_id: &str, sight: Sight) -> Vec<String> {
    let directory = &world.directory;
    let Some(graph) = directory.find(Kind::ServicePrincipal, "appId", GRAPH_APP_ID, sight) else { return Vec::new() };
    let held = directory.store.all(Kind::AppRoleAssignment, sight);
    let held = held.filter(|assignment| {
        text(assignment, "principalId") == principal_id && text(assignment, "resourceId") == text(graph, "id")
    });
    let held: Vec<&str> = held.map(|assignment| text(assignment, "appRoleId")).collect();
    let named = graph_permissions::app_roles(graph).filter(|role| held.contains(&text(role, "id")));
    named.map(|role| text(role, "value").to_owned()).collect()
}

/// The role templates assigned to the client; every application holds the default one that Entra adds.
fn directory_roles(world: &World, principal_id: &str, sight: Sight) -> Vec<String> {
    // The constant that app tokens of Entra carry in `wids` besides assigned roles.
    let default = "0997a1d0-0d1d-4acb-b408-d5ca73121e90".to_owned();
    let assigned = world.directory.store.all(Kind::RoleAssignment, sight);
    let assigned = assigned.filter(|assignment| text(assignment, "principalId") == principal_id);
    assigned.map(|assignment| text(assignment, "roleDefinitionId").to_owned()).chain([default]).collect()
}
