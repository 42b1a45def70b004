//! A ledger of an Azurite of the test's own.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use pp_base::call::Call;
use pp_base::cancel::{Cancel, CancelSource, Cancelled};
use pp_base::clock::{Clock, SystemClock};
use pp_base::retry::Budget;
use pp_base::secret::SecretText;
use pp_ledger::blob::{BlobAccess, Terms, open_on};
use pp_ledger::line::{Choices, Event};
use pp_ledger::{Hold, Ledger, Taken};
use pp_testing::azurite::Azurite;
use time::OffsetDateTime;
use uuid::Uuid;

pub(crate) const TENANT: Uuid = Uuid::from_u128(0x7e4a_0000_0000_4000_8000_0000_0000_0001);

/// The machine's clock, moved by the test, and apart from the service's.
#[derive(Debug)]
pub(crate) struct Moved {
    clock: SystemClock,
    /// By how much both clocks have gone on.
    monotonic: Mutex<Duration>,
    wall: Mutex<time::Duration>,
    /// The part of its time that what is waited for takes.
    part: u32,
}

impl Moved {
    /// What is waited for takes a hundredth of its time.
    pub(crate) fn apart(by: time::Duration) -> Arc<Self> {
        Arc::new(Self::waiting(by, 100))
    }

    /// What is waited for takes its time: no lease is renewed before a test is over.
    pub(crate) fn renewing_nothing(by: time::Duration) -> Arc<Self> {
        Arc::new(Self::waiting(by, 1))
    }

    fn waiting(by: time::Duration, part: u32) -> Self {
        Self { clock: SystemClock::default(), monotonic: Mutex::default(), wall: Mutex::new(by), part }
    }

    /// Time goes by.
    pub(crate) fn pass(&self, time: Duration) {
        *self.monotonic.lock() += time;
        self.sleep(time);
    }

    /// The machine sleeps: its monotonic clock stands still.
    pub(crate) fn sleep(&self, time: Duration) {
        *self.wall.lock() += time;
    }
}

impl Clock for Moved {
    fn now(&self) -> OffsetDateTime {
        self.clock.now() + *self.wall.lock()
    }

    fn elapsed(&self) -> Duration {
        self.clock.elapsed() + *self.monotonic.lock()
    }

    fn wait(&self, time: Duration, cancel: &Cancel) -> Result<(), Cancelled> {
        self.clock.wait(time / self.part, cancel)
    }

    fn jitter(&self) -> f64 {
        self.clock.jitter()
    }
}

/// A ledger that a worker has open.
pub(crate) fn opened(
    azurite: &Azurite,
    name: &str,
    worker: &str,
    clock: Arc<dyn Clock>,
    terms: Terms,
) -> Result<Arc<dyn Ledger>, Box<dyn Error>> {
    let sas = BlobAccess::Sas(SecretText::take(azurite.sas("racwl")));
    Ok(open_on(&azurite.ledger(name), sas, worker, clock, terms)?)
}

/// The same, with the machine's clock and the usual terms.
pub(crate) fn open(azurite: &Azurite, name: &str, worker: &str) -> Result<Arc<dyn Ledger>, Box<dyn Error>> {
    opened(azurite, name, worker, Arc::new(SystemClock::default()), Terms::default())
}

/// What every request of an operation shares, with half a minute for what passes.
pub(crate) fn with_call<T>(work: impl FnOnce(&Call<'_>) -> T) -> T {
    let (cancel, budget) = (Cancel::never(), Budget::new(Duration::from_secs(30)));
    work(&Call { cancel: &cancel, budget: &budget, log: &|_| () })
}

/// The tenant, which nobody else has.
pub(crate) fn take(ledger: &dyn Ledger, tenant: Uuid) -> Result<Box<dyn Hold>, Box<dyn Error>> {
    match with_call(|call| ledger.take(tenant, "Runbook", call))? {
        Taken::Held(hold) => Ok(hold),
        Taken::ByAnother { .. } => Err("another has the tenant".into()),
    }
}

pub(crate) fn is_taken(ledger: &dyn Ledger, tenant: Uuid) -> Result<bool, Box<dyn Error>> {
    Ok(matches!(with_call(|call| ledger.take(tenant, "Runbook", call))?, Taken::ByAnother { .. }))
}

/// Of whoever waits for nothing.
pub(crate) fn cancelled() -> Cancel {
    let (source, cancel) = CancelSource::new();
    source.cancel();
    cancel
}

pub(crate) fn begun() -> Event {
    Event::Begun { tenant_name: Some("Contoso".into()), choices: Choices::default() }
}

pub(crate) fn done() -> Event {
    Event::Done { summary: "all there".into() }
}

pub(crate) fn asked() -> Event {
    let start = time::macros::datetime!(2026-12-01 10:00:00.123456 UTC);
    Event::SecretAsked { start, app_id: Uuid::from_u128(99) }
}
