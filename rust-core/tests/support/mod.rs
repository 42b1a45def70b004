//! What the runbook's tests share: a tenant twin, a clock that moves the twin's, and runs of the runbook against it.
#![expect(dead_code, reason = "each test file uses its own part")]

pub(crate) mod child;
pub(crate) mod machine;
pub(crate) mod matrix;
pub(crate) mod person;
pub(crate) mod shape;
pub(crate) mod sign_in;

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use ppfederation::connection::Connection;
use ppfederation::graph::Graph;
use ppfederation::graph::error::GraphError;
use ppfederation::http::Call;
use ppfederation::http::clock::Clock;
use ppfederation::http::retry::{Budget, DEFAULT_BUDGET};
use ppfederation::job::{Cancel, Cancelled};
use ppfederation::runbook::apply::{RunError, Voice, apply};
use ppfederation::runbook::observe::observe;
use ppfederation::runbook::observed::Observed;
use ppfederation::runbook::outcome::{Outcome, StepResult};
use ppfederation::runbook::plan::{PlannedStep, judge, reads};
use ppfederation::runbook::step::StepName;
use ppfederation::runbook::wanted::Wanted;
use ppfederation::secret::SecretText;
use ppfederation::sign_in::Credential;
use ppfederation::sign_in::environment::Environment;
use tenant_twin::{Options, Twin};
use time::OffsetDateTime;
use uuid::Uuid;

pub(crate) type TestResult = Result<(), Box<dyn Error>>;

/// Waiting moves the twin's clock, so that it takes no time.
#[derive(Debug)]
pub(crate) struct TwinClock {
    twin: Arc<Twin>,
    waited_ms: AtomicU64,
}

impl Clock for TwinClock {
    fn now(&self) -> OffsetDateTime {
        self.twin.now().into()
    }

    fn elapsed(&self) -> Duration {
        Duration::from_millis(self.waited_ms.load(Ordering::SeqCst))
    }

    fn wait(&self, time: Duration, cancel: &Cancel) -> Result<(), Cancelled> {
        cancel.check()?;
        self.twin.advance(time);
        self.waited_ms.fetch_add(u64::try_from(time.as_millis()).unwrap_or(u64::MAX), Ordering::SeqCst);
        Ok(())
    }

    fn jitter(&self) -> f64 {
        0.5
    }
}

/// A twin and a connection to it.
pub(crate) struct Tenant {
    pub(crate) twin: Arc<Twin>,
    pub(crate) connection: Connection,
    pub(crate) warnings: Mutex<Vec<String>>,
    pub(crate) verbose: Mutex<Vec<String>>,
}

impl Tenant {
    pub(crate) fn start(options: &Options) -> Result<Self, Box<dyn Error>> {
        Self::start_as(options, "admin")
    }

    pub(crate) fn start_as(options: &Options, kind: &str) -> Result<Self, Box<dyn Error>> {
        let twin = Arc::new(Twin::start(options)?);
        Ok(Self::of(connect(&twin, kind)?, twin))
    }

    /// A twin and a connection that was made otherwise.
    pub(crate) fn of(connection: Connection, twin: Arc<Twin>) -> Self {
        Self { twin, connection, warnings: Mutex::default(), verbose: Mutex::default() }
    }

    /// Calls `work` with Microsoft Graph.
    pub(crate) fn with<T>(&self, work: impl FnOnce(Graph<'_>, Voice<'_>) -> T) -> T {
        let (cancel, budget) = (Cancel::never(), Budget::new(DEFAULT_BUDGET));
        let log = |text: &str| self.verbose.lock().push(text.to_owned());
        let warning = |text: &str| self.warnings.lock().push(text.to_owned());
        let call = Call { cancel: &cancel, budget: &budget, log: &log };
        work(self.connection.graph(call), Voice { progress: &|_, _| (), warning: &warning })
    }

    pub(crate) fn apply(&self, wanted: &Wanted) -> Result<Outcome, RunError> {
        self.with(|graph, voice| apply(graph, voice, wanted, None))
    }

    pub(crate) fn observe(&self, wanted: &Wanted) -> Result<Observed, GraphError> {
        self.with(|graph, _| observe(&graph, &reads(&wanted.steps), wanted, None))
    }

    pub(crate) fn judge(&self, wanted: &Wanted) -> Result<Vec<PlannedStep>, GraphError> {
        let observed = self.observe(wanted)?;
        Ok(judge(&observed, wanted, self.connection.clock().now()))
    }

    /// Requests that change something, since the log was cleared, token requests aside.
    pub(crate) fn writes(&self) -> usize {
        self.twin.requests().iter().filter(|request| request.write).count()
    }
}

pub(crate) fn connect(twin: &Arc<Twin>, kind: &str) -> Result<Connection, Box<dyn Error>> {
    let client = twin.client(kind).ok_or("no such client")?;
    let credential = Credential::ClientSecret {
        client_id: Uuid::parse_str(&client.client_id)?,
        secret: SecretText::from_text(&client.client_secret),
    };
    connect_by(twin, credential)
}

/// A connection that signs in so.
pub(crate) fn connect_by(twin: &Arc<Twin>, credential: Credential) -> Result<Connection, Box<dyn Error>> {
    connect_to(twin, (&twin.login(), &twin.graph()), credential)
}

/// The same, to other addresses than the twin's own of the sign-in service and of Graph.
pub(crate) fn connect_to(
    twin: &Arc<Twin>,
    (login, graph): (&str, &str),
    credential: Credential,
) -> Result<Connection, Box<dyn Error>> {
    let endpoints = Environment::Custom.endpoints(Some(login), Some(graph))?;
    let clock = Arc::new(TwinClock { twin: Arc::clone(twin), waited_ms: AtomicU64::new(0) });
    Ok(Connection::new(
        Uuid::parse_str(twin.tenant_id())?,
        Environment::Custom,
        endpoints,
        credential,
        clock,
        DEFAULT_BUDGET,
    )?)
}

/// The results by step.
pub(crate) fn results(outcome: &Outcome) -> Vec<(StepName, StepResult)> {
    outcome.steps.iter().map(|step| (step.step, step.result)).collect()
}
