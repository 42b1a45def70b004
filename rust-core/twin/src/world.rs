//! One twin's whole state, and the way of a request through it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use time::OffsetDateTime;

use crate::call::{Answer, Call};
use crate::clock::Clock;
use crate::contract::Model;
use crate::control;
use crate::directory::Directory;
use crate::directory::editor::Editor;
use crate::directory::founding::found;
use crate::directory::store::Sight;
use crate::faults::{self, Place};
use crate::federation::{self, Issuer};
use crate::graph::{self, Death};
use crate::jwt::{self, Key};
use crate::log::{BatchItem, Log};
use crate::managed_identity::{self, Machine};
use crate::options::{DeletedNames, Options, Published};
use crate::pages::Pages;
use crate::people::People;
use crate::seed::Seeded;
use crate::token;
use crate::twin::Client;
use crate::usage::Usage;
use crate::vault::{self, Vault};
use crate::wire::Wire;
use crate::witness::Witness;

/// Everything a twin knows.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub(crate) struct World {
    pub(crate) clock: Clock,
    pub(crate) directory: Directory,
    /// What requests draw: trace ids, orders of answers.
    pub(crate) random: Seeded,
    pub(crate) signing_key: Key,
    pub(crate) log: Log,
    pub(crate) latency: Duration,
    pub(crate) upsert: bool,
    pub(crate) deleted_names: DeletedNames,
    pub(crate) restore_brings_back: bool,
    pub(crate) own_policy_inherits: bool,
    pub(crate) opaque_tokens: bool,
    pub(crate) duplicate_grant_is_400: bool,
    pub(crate) usage: Usage,
    pub(crate) faults: faults::Book,
    /// Sign-ins of people.
    pub(crate) people: People,
    /// Conditional Access refuses workload identities with this AADSTS number.
    pub(crate) blocked_workloads: Option<u32>,
    pub(crate) vault: Vault,
    /// Set while the request of another actor is handled.
    pub(crate) rival: bool,
    /// Tokens that are refused before their time.
    dead_tokens: HashMap<String, Death>,
    pub(crate) contract: Option<Arc<Model>>,
    /// Requests that broke the contract, a sentence each.
    pub(crate) violations: Vec<String>,
    /// The other issuer, that of all tenants at one address; `None` where the system has no randomness.
    pub(crate) issuer: Option<Arc<Issuer>>,
    /// The machine that programs seem to run on.
    pub(crate) machine: Machine,
    /// The ids of client assertions so far.
    pub(crate) assertions: HashSet<String>,
    pub(crate) witness: Witness,
    pub(crate) pages: Pages,
    origin: String,
    published: Published,
    /// Counts requests, so that replicas take turns.
    turn: usize,
}

/// The answer to a request, and for a batch what became of its items.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) answer: Answer,
    pub(crate) batch: Option<Vec<BatchItem>>,
    pub(crate) wire: Wire,
}

impl From<Answer> for Outcome {
    fn from(answer: Answer) -> Self {
        Self { answer, ..Self::default() }
    }
}

impl World {
    /// The tenant of the options, served at `origin`.
    pub(crate) fn new(options: &Options, origin: String) -> (Self, Vec<Client>) {
        let clock = Clock::default();
        let (directory, clients) = found(options, clock.now());
        let mut random = Seeded::new(options.seed ^ 0x0077_6F72_6C64);
        let mut signing_key = [0; 32];
        signing_key[..16].copy_from_slice(&random.bytes());
        signing_key[16..].copy_from_slice(&random.bytes());
        let world = Self {
            clock,
            directory,
            random,
            signing_key,
            log: Log::default(),
            latency: options.latency,
            upsert: options.upsert,
            deleted_names: options.deleted_names,
            restore_brings_back: options.restore_brings_back,
            own_policy_inherits: options.own_policy_inherits,
            opaque_tokens: options.opaque_tokens,
            duplicate_grant_is_400: options.duplicate_grant_is_400,
            usage: Usage::in_tenant_of(options.users),
            faults: faults::Book::default(),
            people: People::default(),
            blocked_workloads: None,
            vault: Vault::default(),
            rival: false,
            dead_tokens: HashMap::new(),
            contract: None,
            violations: Vec::new(),
            issuer: Issuer::new().map(Arc::new),
            machine: Machine::default(),
            assertions: HashSet::new(),
            witness: Witness::default(),
            pages: Pages::default(),
            published: options.published.clone().unwrap_or_else(|| Published::below(&origin)),
            origin,
            turn: 0,
        };
        (world, clients)
    }

    /// The Graph endpoint, which is also the audience of tokens.
    pub(crate) fn graph(&self) -> String {
        self.published.graph.clone()
    }

    /// Where everything is served.
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// The address that assertions are made for.
    pub(crate) fn token_endpoint(&self) -> String {
        format!("{}/{}/oauth2/v2.0/token", self.published.login, self.directory.tenant_id)
    }

    /// The sign-in endpoint.
    pub(crate) fn login(&self) -> String {
        self.published.login.clone()
    }

    /// The key vault's address.
    pub(crate) fn vault_address(&self) -> String {
        self.published.vault.clone()
    }

    /// The vault of a tenant beside others at one address: a request without a token has to name it.
    pub(crate) fn serve_vault_of_its_own(&mut self, origin: &str) {
        self.published.vault = format!("{origin}{}{}", vault::OF_ONE, self.directory.tenant_id);
    }

    /// The audience of the vault's tokens.
    pub(crate) fn vault_resource(&self) -> String {
        self.published.vault_resource.clone()
    }

    /// The view of the replica whose turn it is.
    pub(crate) fn sight(&mut self, now: OffsetDateTime) -> Sight {
        self.turn = self.turn.wrapping_add(1);
        let replication = &self.directory.store.replication;
        Sight::Replica { index: self.turn % replication.replicas.max(1), now: replication.own_time(now) }
    }

    /// The time as the service takes it to be.
    pub(crate) fn now(&self) -> OffsetDateTime {
        self.clock.now().saturating_add(self.directory.store.replication.skew)
    }

    /// Refuses the token of a request from now on.
    pub(crate) fn kill_token(&mut self, call: &Call, death: Death) {
        if death == Death::Challenged {
            // What the challenge names as the least time of a new token for the same service.
            let (service, now) = (self.audience_of(graph::token_of(call)), self.now());
            self.people.challenged.insert(service, now.unix_timestamp());
        }
        self.bury_token(graph::token_of(call), death);
    }

    /// The service that a token is for; empty where it is no token.
    pub(crate) fn audience_of(&self, token: &str) -> String {
        let claims = jwt::verify(token, &self.signing_key).unwrap_or_default();
        claims["aud"].as_str().unwrap_or_default().to_owned()
    }

    /// Refuses a token from now on.
    pub(crate) fn bury_token(&mut self, token: &str, death: Death) {
        self.dead_tokens.insert(token.to_owned(), death);
    }

    /// Why a token is refused before its time.
    pub(crate) fn death(&self, token: &str) -> Option<Death> {
        self.dead_tokens.get(token).copied()
    }

    /// Answers one request.
    pub(crate) fn handle(&mut self, call: &Call) -> Outcome {
        match Place::of(call) {
            Some(place) => faults::answer(self, call, place, Self::serve),
            None => self.serve(call),
        }
    }

    fn serve(&mut self, call: &Call) -> Outcome {
        let now = self.now();
        self.directory.settle(now);
        if let Some(path) = call.path.strip_prefix("/login/") {
            token::answer(self, call, path).into()
        } else if let Some(path) = call.path.strip_prefix("/graph") {
            let call = Call { path: path.to_owned(), ..call.clone() };
            graph::answer(self, &call)
        } else if call.path == "/metadata/identity/oauth2/token" {
            managed_identity::metadata(self, call).into()
        } else if call.path == "/msi/token" {
            managed_identity::app_service(self, call).into()
        } else if let Some(path) = call.path.strip_prefix("/oidc/") {
            federation::answer(self, call, path).into()
        } else if let Some(path) = call.path.strip_prefix("/vault") {
            vault::answer(self, call, vault::path_in(path)).into()
        } else if let Some(path) = call.path.strip_prefix("/twin") {
            control::answer(self, call, path).into()
        } else {
            Answer::text(404, "Nothing is served here; see /login, /graph, /vault and /twin.").into()
        }
    }

    /// The tenant for changes behind Graph's back.
    pub(crate) fn editor(&mut self) -> Editor<'_> {
        let now = self.now();
        Editor::new(&mut self.directory, now)
    }
}
