//! An issuer of OIDC tokens of the twin's own, with the token services of GitHub Actions and Azure Pipelines before it.
//!
//! Sources: GitHub documentation of its OIDC tokens; Azure DevOps REST reference, "Oidctoken - Create".

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::call::{Answer, Call};
use crate::world::World;

/// Whom tokens are for that prove an application.
pub(crate) const EXCHANGE: &str = "api://AzureADTokenExchange";
/// What the services want to see of their caller.
pub(crate) const CALLER: &str = "pipeline";
/// Seconds that tokens of pipelines live.
const LIFE: i64 = 300;

/// The issuer's key.
pub(crate) struct Issuer(EcdsaKeyPair);

impl std::fmt::Debug for Issuer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Issuer(..)")
    }
}

impl Issuer {
    /// A new one; `None` where the system has no randomness.
    pub(crate) fn new() -> Option<Self> {
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).ok()?;
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &random).ok().map(Self)
    }

    pub(crate) fn public(&self) -> &[u8] {
        self.0.public_key().as_ref()
    }
}

/// The issuer's name in tokens.
pub(crate) fn issuer(world: &World) -> String {
    format!("{}/oidc", world.origin())
}

/// A token of the issuer.
pub(crate) fn token(world: &World, subject: &str, audience: &str, life: i64, now: OffsetDateTime) -> Option<String> {
    signed(world, &issuer(world), subject, audience, life, now)
}

/// What the tenant itself issues to a managed identity for that audience. Source: Entra documentation, "Configure an application to
/// trust a managed identity": issuer, and the subject, which is the object id of the identity's service principal.
pub(crate) fn of_identity(world: &World, principal: &str, life: i64, now: OffsetDateTime) -> Option<String> {
    signed(world, &tenant_issuer(world), principal, EXCHANGE, life, now)
}

fn tenant_issuer(world: &World) -> String {
    format!("{}/{}/v2.0", world.login(), world.directory.tenant_id)
}

/// Assumption: one key signs what both issuers say.
fn signed(
    world: &World,
    issuer: &str,
    subject: &str,
    audience: &str,
    life: i64,
    now: OffsetDateTime,
) -> Option<String> {
    let begin = now.unix_timestamp();
    let header = json!({ "typ": "JWT", "alg": "ES256", "kid": "tenant-twin" });
    let claims = json!({
        "iss": issuer, "sub": subject, "aud": audience, "iat": begin, "nbf": begin, "exp": begin + life
    });
    let encoded = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", encoded(&header), encoded(&claims));
    let signature = world.issuer.as_ref()?.0.sign(&SystemRandom::new(), signed.as_bytes()).ok()?;
    Some(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

/// Answers a request to `/oidc/...`.
pub(crate) fn answer(world: &World, call: &Call, path: &str) -> Answer {
    if call.header("authorization") != Some(&format!("Bearer {CALLER}")) {
        return Answer::json(401, json!({ "message": "The caller is not a job of this service." }));
    }
    let now = world.now();
    let query = call.query_pairs();
    let asked = |name: &str| query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    match (call.method.as_str(), path) {
        ("GET", "github") => {
            let token = token(
                world,
                "repo:contoso/tenant:ref:refs/heads/main",
                asked("audience").unwrap_or("contoso"),
                LIFE,
                now,
            );
            Answer::json(200, json!({ "count": 1, "value": token }))
        }
        ("POST", "pipelines") if asked("api-version").is_some() => match asked("serviceConnectionId") {
            Some(connection) => {
                let subject = format!("sc://contoso/tenant/{connection}");
                let token = token(world, &subject, EXCHANGE, LIFE, now);
                Answer::json(200, json!({ "oidcToken": token }))
            }
            None => Answer::json(400, json!({ "message": "serviceConnectionId is missing." })),
        },
        _ => Answer::text(404, ""),
    }
}
