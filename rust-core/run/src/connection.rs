//! A connection: one tenant, one way to sign in. Two connections share HTTP clients where they take the same way; to one tenant, or
//! of one application, what the service has said of that one's limits; and to one tenant the requests that nobody waits for any more.

use std::sync::{Arc, LazyLock};

use parking_lot::Mutex;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::journal::Journal;
use pp_base::call::Call;
use pp_base::clock::Clock;
use pp_base::gate::Gate;
use pp_base::handle::{HandleError, HandleKind, Table, TableFull};
use pp_graph::Graph;
use pp_graph::lasting::Lasting;
use pp_http::service_time::ServiceTime;
use pp_http::throttle::Throttle;
use pp_http::{Client, Limits};
use pp_runbook::observed::{AppIds, Observed};
use pp_runbook::wanted::Wanted;
use pp_sign_in::environment::{Endpoints, Environment};
use pp_sign_in::{Credential, Tokens};

/// A plan is acted on without reading again for this long: about as long as an admin takes to confirm it.
const PLAN_LIFE: Duration = Duration::minutes(5);
/// The same where it has seen no application: one that was made meanwhile would be written over. Longer than a run takes that nobody is
/// asked about, and shorter than a prompt.
const LIFE_WITHOUT_APPLICATION: Duration = Duration::seconds(10);
/// Plans kept by one connection; older ones are forgotten.
const PLANS: usize = 16;

/// An open connection.
#[derive(Debug)]
pub struct Connection {
    /// The tenant.
    pub tenant: Uuid,
    /// Its cloud.
    pub environment: Environment,
    /// Its addresses.
    pub endpoints: Endpoints,
    /// Where its tokens come from.
    pub tokens: Arc<Tokens>,
    /// Waiting time of each operation.
    pub retry_budget: std::time::Duration,
    client: Client,
    throttle: Throttle,
    service_time: ServiceTime,
    lasting: Lasting,
    clock: Arc<dyn Clock>,
    plans: Mutex<Plans>,
    organization: Mutex<Names>,
    /// What is written down of its secrets, and asked before each write.
    journal: Option<Arc<dyn Journal>>,
}

/// What the tenant is called.
#[derive(Debug, Default)]
struct Names {
    display: Option<String>,
    default_domain: Option<String>,
    /// Every domain that is known to be the tenant's.
    domains: Vec<String>,
}

#[derive(Debug, Default)]
struct Plans {
    last: u64,
    kept: Vec<KeptPlan>,
}

#[derive(Debug)]
struct KeptPlan {
    number: u64,
    made: std::time::Duration,
    wanted: Wanted,
    observed: Observed,
}

impl Connection {
    /// A connection; nothing is sent yet. The error is the HTTP client's.
    pub fn new(
        tenant: Uuid,
        environment: Environment,
        endpoints: Endpoints,
        credential: impl Into<Arc<Credential>>,
        clock: Arc<dyn Clock>,
        retry_budget: std::time::Duration,
    ) -> Result<Self, String> {
        let client =
            Client::new(&[&endpoints.login, &endpoints.graph], Limits::default())?.of_tenant(&endpoints.graph, tenant);
        let credential = credential.into();
        let throttle = Throttle::of(&endpoints.graph, tenant, credential.client_id());
        let tokens = Tokens::new(tenant, endpoints.clone(), credential, client.clone(), Arc::clone(&clock));
        Ok(Self {
            tenant,
            environment,
            endpoints,
            tokens: Arc::new(tokens),
            retry_budget,
            client,
            throttle,
            service_time: ServiceTime::default(),
            lasting: Lasting::default(),
            clock,
            plans: Mutex::default(),
            organization: Mutex::default(),
            journal: None,
        })
    }

    /// The same, whose writes are asked for and whose secrets are written down there.
    #[must_use]
    pub fn with_journal(self, journal: Arc<dyn Journal>) -> Self {
        Self { journal: Some(journal), ..self }
    }

    /// Where its secrets are written down.
    pub fn journal(&self) -> Option<&dyn Journal> {
        self.journal.as_deref()
    }

    /// Microsoft Graph, for one operation.
    pub fn graph<'a>(&'a self, call: Call<'a>) -> Graph<'a> {
        Graph {
            client: &self.client,
            throttle: &self.throttle,
            service_time: &self.service_time,
            lasting: &self.lasting,
            tokens: &self.tokens,
            endpoints: &self.endpoints,
            clock: &*self.clock,
            gate: self.journal.as_deref().map(|journal| journal as &dyn Gate),
            call,
        }
    }

    /// The service's time, as far as it has told it.
    pub fn now(&self) -> OffsetDateTime {
        self.service_time.at(self.clock.now())
    }

    /// This machine's time, and waiting.
    pub fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// Remembers what the tenant is called, where that was read.
    pub fn learn(&self, observed: &Observed) {
        let Ok(organization) = &observed.organization else { return };
        let mut names = self.organization.lock();
        if organization.display_name.is_some() {
            names.display.clone_from(&organization.display_name);
        }
        names.default_domain = organization.default_domain().map(str::to_owned);
        names.domains.extend(organization.domains().map(str::to_owned));
        names.domains.sort();
        names.domains.dedup();
    }

    /// Remembers a domain that is known to be the tenant's.
    pub fn learn_domain(&self, domain: String) {
        self.organization.lock().domains.push(domain);
    }

    /// The tenant's domains, as far as they are known.
    pub fn domains(&self) -> Vec<String> {
        self.organization.lock().domains.clone()
    }

    /// The organization's display name, once one read has shown it.
    pub fn tenant_name(&self) -> Option<String> {
        self.organization.lock().display.clone()
    }

    /// The organization's default domain, once one read has shown it.
    pub fn default_domain(&self) -> Option<String> {
        self.organization.lock().default_domain.clone()
    }

    /// Keeps what a plan was made of, so that what is confirmed a moment later needn't be read again.
    pub fn keep_plan(&self, wanted: Wanted, observed: Observed) -> u64 {
        let mut plans = self.plans.lock();
        plans.last += 1;
        let number = plans.last;
        if plans.kept.len() == PLANS {
            plans.kept.remove(0);
        }
        plans.kept.push(KeptPlan { number, made: self.clock.elapsed(), wanted, observed });
        number
    }

    /// What a plan had read, once: if it is fresh, and was made with the same choices.
    pub fn take_plan(&self, number: u64, wanted: &Wanted) -> Option<Observed> {
        let mut plans = self.plans.lock();
        let index = plans.kept.iter().position(|plan| plan.number == number)?;
        let plan = plans.kept.remove(index);
        let life = if plan.observed.app(wanted.adopt).is_some() { PLAN_LIFE } else { LIFE_WITHOUT_APPLICATION };
        let fresh = self.clock.elapsed().saturating_sub(plan.made) < life;
        // The caller may have confirmed fewer steps than were planned.
        let same = Wanted { steps: plan.wanted.steps.clone(), ..wanted.clone() } == plan.wanted
            && wanted.steps.iter().all(|step| plan.wanted.steps.contains(step));
        (fresh && same).then_some(plan.observed)
    }

    /// The application that a plan was about, however old that is: what was confirmed holds for no other.
    pub fn planned_application(&self, number: u64) -> Option<AppIds> {
        let plans = self.plans.lock();
        let plan = plans.kept.iter().find(|plan| plan.number == number)?;
        plan.observed.app(plan.wanted.adopt).map(AppIds::of)
    }
}

static OPEN: LazyLock<Table<Connection>> = LazyLock::new(|| Table::new(HandleKind::Connection));

/// Opens a connection to other commands, by number.
pub fn open(connection: Connection) -> Result<u64, TableFull> {
    OPEN.insert(Arc::new(connection))
}

/// The connection of a number.
pub fn find(number: u64) -> Result<Arc<Connection>, HandleError> {
    OPEN.get(number)
}

/// Closes a connection. Commands that run with it end first.
pub fn close(number: u64) -> Result<Arc<Connection>, HandleError> {
    OPEN.remove(number)
}
