//! Serves the tenant twin until stopped.

use std::io::{Read as _, Write as _};
use std::time::Duration;

use anyhow::Context as _;
use clap::Parser;
use serde_json::{Value, json};
use tenant_twin::{Contract, DeletedNames, Options, Policy, Twin};

/// What --help says beside the options.
const CONTROL: &str = "Control endpoints, JSON without sign-in, below \"control\":
  GET  /clock      the twin's time            POST   /clock     {\"advanceSeconds\": n}
  GET  /requests   token and Graph requests   DELETE /requests  forget them
  GET  /chain      longest dependent chain    GET    /state     the tenant, without secrets
  POST /pages      {\"list\": \"/users?$top=999\"}: makes them beforehand
  POST /latency    {\"ms\": n}                 POST   /options   {\"policy\", \"upsert\", \"maxLagSeconds\", ...}
  GET  /violations requests against Graph's description
  POST /faults     a fault or a list          DELETE /faults     no more faults
    kinds: throttled, applicationThrottled, failed, requestLost, answerLost, resetInBody, truncated, dripped, delayed, concurrency,
    policyBlocksSecrets, policyLimitsSecrets, tokenExpired, claimsChallenge, otherChallenge, denied, unlicensed, protectedAction, signInRefused, secondWriter, edited, skewed, oddError,
    gateway, unreadable, repeatedLink;
    on what: target (request, token, source, graph, call, batch, item), method, path (* for anything), write;
    when: first, times, forEver, or percent and seed
  POST /signIn     how people sign in: person, answer, pendingPolls, slowDowns, interval, consented, refreshTokens, ...
  POST /edit       {\"edit\": \"addApplication\", \"displayName\": ...} and other changes to the tenant";

/// Serves a stand-in tenant on 127.0.0.1: Entra sign-in, the parts of Microsoft Graph v1.0 that the federation runbook
/// uses, a key vault, and control endpoints. Prints one JSON line {"login","graph","vault","control","tenantId","clients"} and serves until it is
/// stopped (Ctrl+C, SIGTERM).
#[derive(Debug, Parser)]
#[command(version, after_help = CONTROL)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
struct Arguments {
    /// TCP port on 127.0.0.1; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// What every id, secret, lag and order of answers is drawn from; twins of one seed have one tenant id.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The tenant's name.
    #[arg(long, default_value = "Contoso Accounting")]
    tenant_name: String,
    /// Users in the tenant.
    #[arg(long, default_value_t = 24)]
    users: u32,
    /// Groups in the tenant.
    #[arg(long, default_value_t = 6)]
    groups: u32,
    /// Organizational contacts in the tenant.
    #[arg(long, default_value_t = 3)]
    contacts: u32,
    /// Start with directory synchronization off and never used.
    #[arg(long)]
    no_dir_sync: bool,
    /// Hours of twin time from switching synchronization off until the last object is converted.
    #[arg(long, default_value_t = 72)]
    sync_completion_hours: u64,
    /// The longest replication lag in seconds of twin time; each write draws its own for each replica.
    #[arg(long, default_value_t = 0)]
    max_lag_seconds: u64,
    /// Replicas that take turns in answering.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..))]
    replicas: u8,
    /// The service refuses upserts (Prefer: create-if-missing).
    #[arg(long)]
    no_upsert: bool,
    /// A second grant for the same client, resource and consent type is refused with 400 instead of 409.
    #[arg(long)]
    duplicate_grant_is_400: bool,
    /// Access tokens come in a form that clients can't read.
    #[arg(long)]
    opaque_tokens: bool,
    /// Milliseconds that every token and Graph request waits before it is handled.
    #[arg(long, default_value_t = 10)]
    latency_ms: u64,
    /// The default app management policy blocks client secrets.
    #[arg(long)]
    policy_blocks_secrets: bool,
    /// The default app management policy limits client secrets to this many days.
    #[arg(long)]
    policy_max_secret_days: Option<u32>,
    /// An application made by hand that the tenant has from the start, by display name; may be given more than once.
    #[arg(long = "application", value_name = "NAME")]
    applications: Vec<String>,
    /// Check requests against Graph's description in this folder; without it, where `PPFEDERATION_REFERENCE` names one.
    #[arg(long, value_name = "FOLDER")]
    reference: Option<std::path::PathBuf>,
    /// A fault to show, as JSON, e.g. '{"fault":"throttled","path":"/users*","target":"call","retryAfter":3,"times":2}'; may
    /// be given more than once.
    #[arg(long = "fault", value_name = "JSON")]
    faults: Vec<String>,
    /// Make every page of this list beforehand, e.g. '/users?$select=id&$top=999'; may be given more than once.
    #[arg(long = "pages", value_name = "LIST")]
    pages: Vec<String>,
    /// Serve so many tenants more at the same address, each of a seed, an id and a name of its own: customers of the first.
    #[arg(long, default_value_t = 0)]
    neighbours: u64,
    /// Stop when standard input ends, so that the twin never outlives the program that started it.
    #[arg(long)]
    until_stdin_closes: bool,
}

impl Arguments {
    fn options(&self) -> Options {
        Options {
            port: self.port,
            published: None,
            seed: self.seed,
            tenant_name: self.tenant_name.clone(),
            users: self.users,
            groups: self.groups,
            contacts: self.contacts,
            dir_sync: !self.no_dir_sync,
            sync_completion: Duration::from_secs(self.sync_completion_hours.saturating_mul(3600)),
            max_lag: Duration::from_secs(self.max_lag_seconds),
            replicas: self.replicas,
            upsert: !self.no_upsert,
            deleted_names: DeletedNames::default(),
            restore_brings_back: true,
            own_policy_inherits: false,
            opaque_tokens: self.opaque_tokens,
            duplicate_grant_is_400: self.duplicate_grant_is_400,
            latency: Duration::from_millis(self.latency_ms),
            contract: self.reference.clone().map_or(Contract::WhereFound, Contract::In),
            policy: Policy {
                enabled: self.policy_blocks_secrets || self.policy_max_secret_days.is_some(),
                block_secrets: self.policy_blocks_secrets,
                max_secret_lifetime: self
                    .policy_max_secret_days
                    .map(|days| Duration::from_secs(u64::from(days) * 86_400)),
            },
        }
    }
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let options = arguments.options();
    let twin =
        Twin::start(&options).with_context(|| format!("the twin can't serve on port {} of 127.0.0.1", options.port))?;
    twin.edit(|tenant| {
        for name in &arguments.applications {
            tenant.add_application(name);
        }
    });
    for fault in &arguments.faults {
        twin.add_faults_json(fault).map_err(anyhow::Error::msg).with_context(|| format!("--fault {fault}"))?;
    }
    for list in &arguments.pages {
        twin.make_pages(list, false).map_err(anyhow::Error::msg).with_context(|| format!("--pages {list}"))?;
    }
    let neighbours = neighbours(&twin, &options, arguments.neighbours).context("the twin can't serve other tenants")?;
    partner(&twin, &neighbours);
    announce(&twin, &neighbours).context("the twin can't write where it serves")?;
    if arguments.until_stdin_closes {
        std::io::stdin().read_to_end(&mut Vec::new()).context("standard input can't be read")?;
        return Ok(());
    }
    loop {
        std::thread::park();
    }
}

/// The other tenants.
fn neighbours(twin: &Twin, options: &Options, count: u64) -> std::io::Result<Vec<Twin>> {
    let of_seed = |seed| Options { seed, tenant_name: format!("Customer {seed} Pty Ltd"), ..options.clone() };
    (1..=count).map(|place| twin.neighbour(&of_seed(options.seed.wrapping_add(place)))).collect()
}

/// The first tenant administers the others: as Privileged Role, Application and Hybrid Identity Administrator, every second one as
/// Global Reader only.
fn partner(twin: &Twin, neighbours: &[Twin]) {
    let enough = [
        "e8611ab8-c189-46e8-94e1-60213ab1f814",
        "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3",
        "8ac3fc64-6eca-42ea-9e69-59f4c7b60eb2",
    ];
    let reader = ["f2ef992c-3afb-46b9-b7cf-a126ee74c451"];
    for (place, customer) in neighbours.iter().enumerate() {
        twin.administers(customer, if place % 2 == 0 { enough.as_slice() } else { reader.as_slice() });
    }
    twin.edit(|tenant| {
        if let Some(admin) = twin.client("admin").filter(|_| !neighbours.is_empty()) {
            tenant.let_read_customers(&admin.client_id);
        }
    });
}

fn clients(twin: &Twin) -> Value {
    let clients = twin.clients().iter();
    clients
        .map(
            |client| json!({ "clientId": client.client_id, "clientSecret": client.client_secret, "kind": client.kind }),
        )
        .collect()
}

/// The one line on standard output that a test reads.
fn announce(twin: &Twin, neighbours: &[Twin]) -> std::io::Result<()> {
    let neighbour =
        |twin: &Twin| json!({ "tenantId": twin.tenant_id(), "vault": twin.vault(), "clients": clients(twin) });
    let neighbours: Vec<Value> = neighbours.iter().map(neighbour).collect();
    let line = json!({
        "login": twin.login(), "graph": twin.graph(), "vault": twin.vault(), "control": twin.control(), "tenantId": twin.tenant_id(),
        "clients": clients(twin), "neighbours": neighbours
    });
    let mut output = std::io::stdout().lock();
    writeln!(output, "{line}")?;
    output.flush()
}
