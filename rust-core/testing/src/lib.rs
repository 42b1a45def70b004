//! What the tests of several crates share, no part of the product: a tenant twin, a clock that moves the twin's, and runs of the runbook against it.
#![forbid(unsafe_code)]
#![expect(clippy::missing_panics_doc, reason = "a test fails by a panic")]

pub mod azurite;
pub mod child;
pub mod clock_apart;
pub mod machine;
pub mod matrix;
pub mod person;
pub mod shape;
pub mod sign_in;
pub mod start;
pub mod street;
pub mod undoing;

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use pp_base::call::Call;
use pp_base::cancel::{Cancel, Cancelled};
use pp_base::clock::Clock;
use pp_base::retry::{Budget, DEFAULT_BUDGET};
use pp_base::secret::SecretText;
use pp_graph::Graph;
use pp_graph::error::GraphError;
use pp_run::apply::{RunError, Voice, apply};
use pp_run::connection::Connection;
use pp_run::observe::observe;
use pp_run::outcome::{Outcome, StepResult};
use pp_runbook::observed::Observed;
use pp_runbook::plan::{PlannedStep, judge, reads};
use pp_runbook::step::StepName;
use pp_runbook::wanted::Wanted;
use pp_sign_in::Credential;
use pp_sign_in::environment::Environment;
use tenant_twin::{Options, Twin};
use time::{Duration as Span, OffsetDateTime};
use uuid::Uuid;

/// How a test ends.
pub type TestResult = Result<(), Box<dyn Error>>;

/// Waiting moves the twin's clock, so that it takes no time.
#[derive(Debug)]
pub struct TwinClock {
    twin: Arc<Twin>,
    /// How far the machine's clock is ahead of the service's.
    ahead: Span,
}

impl TwinClock {
    /// Of this twin.
    pub fn of(twin: &Arc<Twin>) -> Self {
        Self::ahead_of(twin, Span::ZERO)
    }

    /// Of a machine whose clock is so far ahead of this twin's, or behind where that is negative.
    pub fn ahead_of(twin: &Arc<Twin>, ahead: Span) -> Self {
        Self { twin: Arc::clone(twin), ahead }
    }
}

impl Clock for TwinClock {
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::from(self.twin.now()) + self.ahead
    }

    fn elapsed(&self) -> Duration {
        self.twin.moved()
    }

    fn wait(&self, time: Duration, cancel: &Cancel) -> Result<(), Cancelled> {
        cancel.check()?;
        self.twin.advance(time);
        Ok(())
    }

    fn jitter(&self) -> f64 {
        0.5
    }
}

/// A twin and a connection to it.
pub struct Tenant {
    /// The tenant.
    pub twin: Arc<Twin>,
    /// A connection to it.
    pub connection: Connection,
    /// What runs have warned of.
    pub warnings: Mutex<Vec<String>>,
    /// What runs have said in the verbose stream.
    pub verbose: Mutex<Vec<String>>,
}

impl Tenant {
    /// A twin and a connection of its administrator client.
    pub fn start(options: &Options) -> Result<Self, Box<dyn Error>> {
        Self::start_as(options, "admin")
    }

    /// The same of another of its clients.
    pub fn start_as(options: &Options, kind: &str) -> Result<Self, Box<dyn Error>> {
        let twin = Arc::new(Twin::start(options)?);
        Ok(Self::of(connect(&twin, kind)?, twin))
    }

    /// A twin and a connection that was made otherwise.
    pub fn of(connection: Connection, twin: Arc<Twin>) -> Self {
        Self { twin, connection, warnings: Mutex::default(), verbose: Mutex::default() }
    }

    /// Calls `work` with Microsoft Graph.
    pub fn with<T>(&self, work: impl FnOnce(Graph<'_>, Voice<'_>) -> T) -> T {
        let (cancel, budget) = (Cancel::never(), Budget::new(DEFAULT_BUDGET));
        let log = |text: &str| self.verbose.lock().push(text.to_owned());
        let warning = |text: &str| self.warnings.lock().push(text.to_owned());
        let call = Call { cancel: &cancel, budget: &budget, log: &log };
        work(self.connection.graph(call), Voice { progress: &|_, _| (), warning: &warning, debug: &|_| () })
    }

    /// A run.
    pub fn apply(&self, wanted: &Wanted) -> Result<Outcome, RunError> {
        self.with(|graph, voice| apply(graph, voice, wanted, None))
    }

    /// The tenant as a run would read it.
    pub fn observe(&self, wanted: &Wanted) -> Result<Observed, GraphError> {
        self.with(|graph, _| observe(&graph, &reads(&wanted.steps), wanted, None))
    }

    /// Where each step stands.
    pub fn judge(&self, wanted: &Wanted) -> Result<Vec<PlannedStep>, GraphError> {
        let observed = self.observe(wanted)?;
        Ok(judge(&observed, wanted, self.connection.now()))
    }

    /// Requests that change something, since the log was cleared, token requests aside.
    pub fn writes(&self) -> usize {
        self.twin.requests().iter().filter(|request| request.write).count()
    }
}

/// A connection of one of the twin's clients.
pub fn connect(twin: &Arc<Twin>, kind: &str) -> Result<Connection, Box<dyn Error>> {
    connect_by(twin, secret_of(twin, kind)?)
}

/// A connection of the twin's administrator client by a clock of the test's own.
pub fn connect_at(twin: &Arc<Twin>, clock: Arc<dyn Clock>) -> Result<Connection, Box<dyn Error>> {
    connect_by_at(twin, secret_of(twin, "admin")?, clock)
}

/// How one of the twin's clients signs in.
pub fn secret_of(twin: &Twin, kind: &str) -> Result<Credential, Box<dyn Error>> {
    let client = twin.client(kind).ok_or("no such client")?;
    Ok(Credential::ClientSecret {
        client_id: Uuid::parse_str(&client.client_id)?,
        secret: SecretText::from_text(&client.client_secret),
    })
}

/// A connection that signs in so, by a clock of the test's own.
pub fn connect_by_at(
    twin: &Arc<Twin>,
    credential: Credential,
    clock: Arc<dyn Clock>,
) -> Result<Connection, Box<dyn Error>> {
    connection(twin, (&twin.login(), &twin.graph()), credential, clock)
}

/// A connection that signs in so.
pub fn connect_by(twin: &Arc<Twin>, credential: Credential) -> Result<Connection, Box<dyn Error>> {
    connect_to(twin, (&twin.login(), &twin.graph()), credential)
}

/// The same, to other addresses than the twin's own of the sign-in service and of Graph.
pub fn connect_to(
    twin: &Arc<Twin>,
    addresses: (&str, &str),
    credential: Credential,
) -> Result<Connection, Box<dyn Error>> {
    connection(twin, addresses, credential, Arc::new(TwinClock::of(twin)))
}

fn connection(
    twin: &Twin,
    (login, graph): (&str, &str),
    credential: Credential,
    clock: Arc<dyn Clock>,
) -> Result<Connection, Box<dyn Error>> {
    let endpoints = Environment::Custom.endpoints(Some(login), Some(graph))?;
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
pub fn results(outcome: &Outcome) -> Vec<(StepName, StepResult)> {
    outcome.steps.iter().map(|step| (step.step, step.result)).collect()
}
