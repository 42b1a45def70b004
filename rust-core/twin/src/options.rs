//! How a twin is set up.

use std::path::PathBuf;
use std::time::Duration;

/// How a twin is set up; every value has a default, so `Options { users: 200, ..Options::default() }` is the usual form.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Options {
    /// TCP port on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// Where clients find the twin, where that isn't where it listens; `None` for below the address it listens at.
    pub published: Option<Published>,
    /// What every generated id, secret, lag and order of answers is drawn from. Twins of one seed have one tenant id.
    pub seed: u64,
    /// The tenant's name.
    pub tenant_name: String,
    /// How many users the tenant has; all of them synchronized where `dir_sync` is set. A million cost no more than ten.
    pub users: u32,
    /// How many groups the tenant has, likewise.
    pub groups: u32,
    /// How many organizational contacts the tenant has, likewise.
    pub contacts: u32,
    /// Whether directory synchronization is on at the start.
    pub dir_sync: bool,
    /// Twin time from switching synchronization off until the last object is converted.
    pub sync_completion: Duration,
    /// The longest time until a write is seen on a replica; zero for none. Each write draws its own lag for each replica.
    pub max_lag: Duration,
    /// How many replicas take turns in answering; at least 1.
    pub replicas: u8,
    /// Whether the service takes upserts: applications by `uniqueName`, service principals by `appId`.
    pub upsert: bool,
    /// What an upsert meets whose `uniqueName` a soft-deleted application had.
    pub deleted_names: DeletedNames,
    /// Whether a service principal that is restored has its consents and roles again.
    pub restore_brings_back: bool,
    /// Whether access tokens come in a form that clients can't read, as Graph's documentation says they may.
    pub opaque_tokens: bool,
    /// Whether a second grant for the same client, resource and consent type is refused with 400 `Request_BadRequest`
    /// instead of 409; both are on record.
    pub duplicate_grant_is_400: bool,
    /// Real time that every token and Graph request waits before it is handled. No service answers at once: what a client
    /// sends in parallel shall overlap.
    pub latency: Duration,
    /// The tenant's default app management policy.
    pub policy: Policy,
    /// Whether an application's own policy leaves to the tenant's what it has no rule of, instead of replacing it wholly.
    /// Sources disagree: Graph's overview of app management policies has the own one override the tenant's, and CIPP's
    /// `Update-AppManagementPolicy` writes every kind into its exemptions, since otherwise the tenant's rule went on blocking.
    pub own_policy_inherits: bool,
    /// Whether requests are checked against Graph's description.
    pub contract: Contract,
}

/// What becomes of the `uniqueName` of a soft-deleted application. That it is held until the application is restored or
/// deleted for good is on record in microsoftgraph/msgraph-bicep-types issues 137 and 202, the answer as 400 in
/// byte5ai/omadia issue 916; as 409 it is what Graph's page on errors says of such collisions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DeletedNames {
    /// It is free again. Assumption: a service that lets go of it; not on record.
    Free,
    /// 400 `Request_BadRequest` with a detail `ObjectConflict`.
    #[default]
    BadRequest,
    /// The same without details.
    BadRequestBare,
    /// 400 with the code `ObjectConflict` and no details. Assumption: that the code stands there alone.
    ObjectConflict,
    /// 409 `Request_MultipleObjectsWithSameKeyValue`.
    Conflict,
}

impl DeletedNames {
    /// By its name at the control endpoint.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "free" => Self::Free,
            "badRequest" => Self::BadRequest,
            "badRequestBare" => Self::BadRequestBare,
            "objectConflict" => Self::ObjectConflict,
            "conflict" => Self::Conflict,
            _ => return None,
        })
    }
}

/// Whether every Graph request's path, query, headers and body are checked against Graph's description, the files
/// `graph-contract.json` and `graph-permissions.json`. A request that breaks it is refused with 400 and noted in
/// [`Twin::violations`](crate::Twin::violations).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Contract {
    /// Where the files are in the folder that the environment variable `PPFEDERATION_REFERENCE` names, or, for what Cargo
    /// runs, beside the clone.
    #[default]
    WhereFound,
    /// They are in this folder.
    In(PathBuf),
    /// They are not.
    Off,
}

/// The addresses of a twin behind something that ends TLS, as those of a national cloud. They are what tokens are for and
/// what answers name; whatever lies before the twin brings each request below `/login`, `/graph` or `/vault`. No slash at the
/// end of any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The sign-in endpoint.
    pub login: String,
    /// Graph, and the audience of its tokens.
    pub graph: String,
    /// The key vault.
    pub vault: String,
    /// The audience of the vault's tokens.
    pub vault_resource: String,
}

impl Published {
    /// Below an address.
    pub fn below(origin: &str) -> Self {
        let vault = format!("{origin}/vault");
        Self {
            login: format!("{origin}/login"),
            graph: format!("{origin}/graph"),
            vault_resource: vault.clone(),
            vault,
        }
    }
}

/// The default app management policy at the start.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// Whether the policy is enforced at all.
    pub enabled: bool,
    /// Whether adding client secrets is blocked (`passwordAddition`).
    pub block_secrets: bool,
    /// The longest life of a client secret (`passwordLifetime`); `None` for no limit.
    pub max_secret_lifetime: Option<Duration>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: 0,
            published: None,
            seed: 1,
            tenant_name: "Contoso Accounting".to_owned(),
            users: 24,
            groups: 6,
            contacts: 3,
            dir_sync: true,
            // The upper bound of Microsoft's page on turning off directory synchronization.
            sync_completion: Duration::from_hours(72),
            max_lag: Duration::ZERO,
            replicas: 3,
            upsert: true,
            deleted_names: DeletedNames::default(),
            // Microsoft's page on restoring applications: a restored enterprise application keeps its earlier configuration but
            // for some policies (docs.azure.cn restore-application). Assumption: consents and roles are among that.
            restore_brings_back: true,
            opaque_tokens: false,
            duplicate_grant_is_400: false,
            latency: Duration::from_millis(10),
            policy: Policy::default(),
            own_policy_inherits: false,
            contract: Contract::default(),
        }
    }
}
