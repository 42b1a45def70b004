//! A running twin, for programs and tests.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use parking_lot::Mutex;
use serde_json::Value;

use crate::contract::{self, Model};
use crate::control;
use crate::directory::editor::Editor;
use crate::faults::Fault;
use crate::federation;
use crate::log::{Chain, Request};
use crate::managed_identity;
use crate::options::Options;
use crate::pages;
use crate::people::SignInSettings;
use crate::server::{self, Server, Shared};
use crate::vault::Vault;
use crate::witness::Secret;
use crate::world::World;

/// A client application that the twin's tenant has from the start.
#[derive(Clone, PartialEq, Eq)]
pub struct Client {
    /// The application (client) id.
    pub client_id: String,
    /// The text of its client secret.
    pub client_secret: String,
    /// `admin` (every permission the runbook needs), `reader` (read permissions), `noRole` (none).
    pub kind: &'static str,
}

impl fmt::Debug for Client {
    /// Leaves the secret out, as every debug print does.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Client")
            .field("client_id", &self.client_id)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// A tenant served on loopback. Dropping it closes every connection and ends its thread. Twins that were started share
/// nothing; neighbours share an address, the other issuer, and the refresh tokens of people, which are of no tenant.
#[derive(Debug)]
pub struct Twin {
    origin: String,
    tenant_id: String,
    clients: Vec<Client>,
    shared: Arc<Shared>,
    server: Arc<Server>,
}

impl Twin {
    /// Makes the tenant and serves it.
    ///
    /// # Errors
    /// Where the port is taken, the system gives no socket or thread, or Graph's description is asked for and can't be
    /// read.
    pub fn start(options: &Options) -> io::Result<Self> {
        let (listener, origin) = server::bind(options.port)?;
        let contract = contract::find(&options.contract)?;
        let server = Arc::new(server::start(listener)?);
        Self::found(options, origin, contract, server)
    }

    /// Makes another tenant and serves it at the same address, as Microsoft serves all of theirs: a request belongs to the
    /// tenant that its sign-in path or its token names. The control endpoint stays the first tenant's. `port` and `contract` of
    /// the options are not looked at. The address is served until the last of its tenants is dropped.
    ///
    /// # Errors
    /// Where the options' seed gives a tenant id that is served already.
    pub fn neighbour(&self, options: &Options) -> io::Result<Self> {
        let contract = self.shared.world.lock().contract.clone();
        let neighbour = Self::found(options, self.origin.clone(), contract, Arc::clone(&self.server))?;
        {
            let (own, mut other) = (self.shared.world.lock(), neighbour.shared.world.lock());
            other.people.share_refresh_tokens(&own.people);
            other.issuer.clone_from(&own.issuer);
        }
        for twin in [self, &neighbour] {
            twin.shared.world.lock().serve_vault_of_its_own(&self.origin);
        }
        Ok(neighbour)
    }

    fn found(options: &Options, origin: String, contract: Option<Arc<Model>>, server: Arc<Server>) -> io::Result<Self> {
        let (mut world, clients) = World::new(options, origin.clone());
        world.contract = contract;
        let (tenant_id, domain) = (world.directory.tenant_id.to_string(), world.directory.domain.clone());
        let shared = Arc::new(Shared { world: Mutex::new(world), start: Instant::now() });
        server.tenants.add(&tenant_id, &domain, &shared)?;
        Ok(Self { origin, tenant_id, clients, shared, server })
    }

    /// The sign-in endpoint: tokens are at `{login}/{tenant}/oauth2/v2.0/token`.
    pub fn login(&self) -> String {
        self.shared.world.lock().login()
    }

    /// The Graph endpoint: calls go to `{graph}/v1.0/...`, and tokens are asked for with the scope `{graph}/.default`.
    pub fn graph(&self) -> String {
        self.shared.world.lock().graph()
    }

    /// The address without a path: managed identity endpoints are at `/metadata/identity/oauth2/token` and `/msi/token`, the
    /// other issuer is `{origin}/oidc`, and its services are at `/oidc/github` and `/oidc/pipelines`.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Says what the machine has, as JSON in the form of the control endpoint `/machine`.
    pub fn set_machine(&self, machine: &Value) {
        self.shared.world.lock().machine = managed_identity::read(machine);
    }

    /// A token of the other issuer; empty where the system has no randomness.
    pub fn federated_token(&self, subject: &str, audience: &str, life: Duration) -> String {
        let world = self.shared.world.lock();
        let life = i64::try_from(life.as_secs()).unwrap_or(i64::MAX / 4);
        federation::token(&world, subject, audience, life, world.now()).unwrap_or_default()
    }

    /// The key vault's address; unless another is published or there are neighbours, its tokens are asked for with the scope
    /// `{vault}/.default`.
    pub fn vault(&self) -> String {
        self.shared.world.lock().vault_address()
    }

    /// The control endpoint.
    pub fn control(&self) -> String {
        format!("{}/twin", self.origin)
    }

    /// The tenant's id.
    pub fn tenant_id(&self) -> &str {
        &self.tenant_id
    }

    /// The clients, one of each kind.
    pub fn clients(&self) -> &[Client] {
        &self.clients
    }

    /// The client of a kind: `admin`, `reader` or `noRole`.
    pub fn client(&self, kind: &str) -> Option<&Client> {
        self.clients.iter().find(|client| client.kind == kind)
    }

    /// Moves the twin's clock forward and does what becomes due.
    pub fn advance(&self, by: Duration) {
        let mut world = self.shared.world.lock();
        world.clock.advance(by);
        let now = world.clock.now();
        world.directory.settle(now);
    }

    /// How far its clock was moved.
    pub fn moved(&self) -> Duration {
        self.shared.world.lock().clock.moved()
    }

    /// The twin's time.
    pub fn now(&self) -> SystemTime {
        self.shared.world.lock().clock.now().into()
    }

    /// Sets how long every token and Graph request waits before it is handled.
    pub fn set_latency(&self, latency: Duration) {
        self.shared.world.lock().latency = latency;
    }

    /// The token and Graph requests so far, in the order of arrival.
    pub fn requests(&self) -> Vec<Request> {
        self.shared.world.lock().log.requests().to_vec()
    }

    /// Forgets the requests, and with them the chain.
    pub fn clear_requests(&self) {
        self.shared.world.lock().log.clear();
    }

    /// The longest chain of dependent requests after the first token.
    pub fn chain(&self) -> Chain {
        self.shared.world.lock().log.chain()
    }

    /// Tells the twin to show a fault, beside those it has been told before.
    pub fn add_fault(&self, fault: Fault) {
        self.shared.world.lock().faults.add(fault);
    }

    /// Adds a fault, or a list of them, as JSON in the form of the control endpoint `/faults`.
    ///
    /// # Errors
    /// A sentence that says what is not understood; then none is added.
    pub fn add_faults_json(&self, faults: &str) -> Result<(), String> {
        let faults = serde_json::from_str(faults).map_err(|error| format!("a fault must be JSON: {error}"))?;
        control::add_faults(&mut self.shared.world.lock(), &faults).map(|_| ())
    }

    /// Forgets all faults. Tokens that a fault made invalid stay so.
    pub fn clear_faults(&self) {
        self.shared.world.lock().faults.clear();
    }

    /// How often any fault has been due on a request since the twin was started.
    pub fn faults_shown(&self) -> u64 {
        self.shared.world.lock().faults.shown()
    }

    /// Whether requests are checked against Graph's description.
    pub fn is_checked(&self) -> bool {
        self.shared.world.lock().contract.is_some()
    }

    /// The Graph requests that broke Graph's description since the start, each with what was wrong.
    pub fn violations(&self) -> Vec<String> {
        self.shared.world.lock().violations.clone()
    }

    /// How people sign in from now on.
    pub fn set_sign_in(&self, settings: SignInSettings) {
        self.shared.world.lock().people.settings = settings;
    }

    /// Refuses every refresh token with this AADSTS number; `None` takes that back.
    pub fn refuse_refresh(&self, code: Option<u32>) {
        self.shared.world.lock().people.refuse_refresh(code);
    }

    /// Administers a tenant at the same address by an active relationship (GDAP) with these roles, by their template ids: people of
    /// this tenant are let in there, and it is one of the customers.
    pub fn administers(&self, customer: &Self, roles: &[&str]) {
        let partner = self.shared.world.lock().directory.tenant_id;
        let name = {
            let mut world = customer.shared.world.lock();
            world.people.let_in(partner, roles);
            world.directory.tenant_name.clone()
        };
        self.edit(|tenant| tenant.add_customer(&customer.tenant_id, &name, "active", "2099-01-01T00:00:00Z", roles));
    }

    /// Conditional Access for workload identities: refuses every application that was registered over Graph with this AADSTS
    /// number, as a policy that leaves the twin's own clients out would; `None` takes that back.
    pub fn block_workload_identities(&self, code: Option<u32>) {
        self.shared.world.lock().blocked_workloads = code;
    }

    /// Makes every page of a list beforehand, so that a client that is measured does not wait for the twin to write them:
    /// `/users?$select=id&$top=999`, and whether requests carry `ConsistencyLevel: eventual`. Says how many pages, of how
    /// many bytes; they are held in memory.
    ///
    /// # Errors
    /// A sentence that says why there are no such pages.
    pub fn make_pages(&self, list: &str, eventual: bool) -> Result<(usize, usize), String> {
        pages::make(&mut self.shared.world.lock(), list, eventual)
    }

    /// From now on keeps every secret that clients send and get, every address they ask for, and the claims of token requests.
    pub fn watch(&self) {
        self.shared.world.lock().witness.awake = true;
    }

    /// The secrets since [`Twin::watch`], each once: tokens, client secrets and codes, whatever answer they got.
    pub fn secrets(&self) -> Vec<Secret> {
        self.shared.world.lock().witness.secrets.clone()
    }

    /// The addresses since [`Twin::watch`], with the method and the query as it was sent.
    pub fn urls(&self) -> Vec<String> {
        self.shared.world.lock().witness.urls.clone()
    }

    /// The scope and the claims of each token request since [`Twin::watch`].
    pub fn claims(&self) -> Vec<(String, String)> {
        self.shared.world.lock().witness.claims.clone()
    }

    /// The tenant as JSON, without secrets.
    pub fn state(&self) -> Value {
        let mut world = self.shared.world.lock();
        let now = world.clock.now();
        world.directory.settle(now);
        world.directory.state()
    }

    /// Looks into the key vault, or changes it behind its own back.
    pub fn edit_vault<T>(&self, change: impl FnOnce(&mut Vault) -> T) -> T {
        change(&mut self.shared.world.lock().vault)
    }

    /// Changes the tenant behind Graph's back, e.g. to start a test from a certain tenant.
    pub fn edit<T>(&self, change: impl FnOnce(&mut Editor<'_>) -> T) -> T {
        change(&mut self.shared.world.lock().editor())
    }
}
