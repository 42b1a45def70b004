//! The lease of one tenant: a blob `leases/<tenant>` that one worker at a time holds. It is renewed by a thread of its own until it is let go
//! of; a worker that dies lets it run out.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use parking_lot::Mutex;
use pp_base::call::Call;
use pp_base::cancel::{Cancel, CancelSource};
use pp_base::retry::Budget;
use pp_http::Method;
use time::OffsetDateTime;
use uuid::Uuid;

use super::Terms;
use super::service::{Ask, Moment, Service};
use crate::error::LedgerError;

/// Codes by which somebody else has it. Source: Azure Storage REST reference, "Lease Blob".
const TAKEN: [&str; 2] = ["LeaseAlreadyPresent", "LeaseIsBreakingAndCannotBeAcquired"];

/// A lease that is held.
#[derive(Debug)]
pub(super) struct Lease {
    held: Arc<Held>,
    /// Ends the thread when it is dropped.
    stop: CancelSource,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Held {
    service: Arc<Service>,
    tenant: Uuid,
    id: Uuid,
    terms: Terms,
    time: Mutex<Time>,
}

/// How long it is held for sure, as both clocks say: the monotonic one of some systems stands still while the machine sleeps, and
/// the other may be set.
#[derive(Debug)]
struct Time {
    until: Duration,
    wall: OffsetDateTime,
    /// Why the last renewal failed.
    trouble: Option<String>,
    /// Whether it is known to be somebody else's, or nobody's.
    lost: bool,
}

impl Time {
    /// Of a lease that was got or renewed by a request of that moment.
    fn of(begun: Moment, terms: Terms) -> Self {
        Self { until: begun.elapsed + terms.lease, wall: begun.now + terms.lease, trouble: None, lost: false }
    }
}

/// Takes the lease; nothing where somebody else has it.
pub(super) fn acquire(
    service: &Arc<Service>,
    tenant: Uuid,
    terms: Terms,
    call: &Call<'_>,
) -> Result<Option<Lease>, LedgerError> {
    let (id, time) = (Uuid::new_v4(), Mutex::new(Time::of(service.moment(), terms)));
    let held = Arc::new(Held { service: Arc::clone(service), tenant, id, terms, time });
    match held.acquire(call) {
        Err(LedgerError::Refused(refusal)) if TAKEN.contains(&refusal.code.as_str()) => return Ok(None),
        // The tries before it took none of it.
        got => *held.time.lock() = Time::of(got?, terms),
    }
    let (stop, stopped) = CancelSource::new();
    let renewing = Arc::clone(&held);
    let thread = std::thread::Builder::new().name("pp-lease".into()).spawn(move || renewing.keep(&stopped));
    match thread {
        Ok(thread) => Ok(Some(Lease { held, stop, thread: Some(thread) })),
        Err(error) => {
            held.let_go();
            Err(LedgerError::Lost { tenant, why: format!("there is no thread to renew it: {error}") })
        }
    }
}

impl Lease {
    /// Waits while less is left than a request to the tenant may last, until it is renewed. An error once it has run out or is lost, or the
    /// caller waits no longer.
    pub(super) fn may_write(&self, cancel: &Cancel) -> Result<(), LedgerError> {
        let Held { service, tenant, terms, .. } = &*self.held;
        loop {
            let left = self.held.left()?;
            if left >= terms.margin {
                return Ok(());
            }
            if left.is_zero() || service.clock.wait(terms.lease / 60, cancel).is_err() {
                let (tenant, why) = (*tenant, self.held.trouble());
                return Err(LedgerError::Ending { tenant, left: left.as_secs(), why });
            }
        }
    }

    /// An error once it has run out.
    pub(super) fn is_held(&self) -> Result<(), LedgerError> {
        if !self.held.left()?.is_zero() {
            return Ok(());
        }
        Err(LedgerError::Lost { tenant: self.held.tenant, why: format!("it ran out: {}", self.held.trouble()) })
    }

    /// Somebody else has it after all.
    pub(super) fn lose(&self) {
        self.held.time.lock().lost = true;
    }

    /// Lets go of it, and waits until the service has been told, unless the caller doesn't wait.
    pub(super) fn release(mut self, cancel: &Cancel) {
        self.stop.cancel();
        if let Some(thread) = self.thread.take().filter(|_| !cancel.is_cancelled()) {
            // A panic of it was told where it happened; the lease runs out.
            let _ = thread.join();
        }
    }
}

impl Held {
    fn left(&self) -> Result<Duration, LedgerError> {
        let time = self.time.lock();
        if time.lost {
            let why = time.trouble.clone().unwrap_or_else(|| "another worker has it".into());
            return Err(LedgerError::Lost { tenant: self.tenant, why });
        }
        let by_wall = Duration::try_from(time.wall - self.service.clock.now()).unwrap_or_default();
        Ok(time.until.saturating_sub(self.service.clock.elapsed()).min(by_wall))
    }

    fn trouble(&self) -> String {
        let trouble = self.time.lock().trouble.clone();
        trouble.unwrap_or_else(|| "it was not renewed in time, as when the machine sleeps".into())
    }

    /// Renews until it is stopped, then lets go.
    fn keep(&self, stopped: &Cancel) {
        let clock = &self.service.clock;
        let mut wait = self.terms.lease / 3;
        while clock.wait(wait, stopped).is_ok() && !self.time.lock().lost {
            let budget = Budget::new(self.terms.lease / 6);
            let call = Call { cancel: stopped, budget: &budget, log: &|_| () };
            // After a failure sooner: what is left runs down.
            wait = if self.renew(&call) { self.terms.lease / 3 } else { self.terms.lease / 12 };
        }
        self.let_go();
    }

    /// True where it was renewed.
    fn renew(&self, call: &Call<'_>) -> bool {
        let answer = self.ask("renew", vec![("x-ms-lease-id", self.id.to_string())], call);
        let mut time = self.time.lock();
        match answer {
            Ok(begun) => {
                *time = Time { lost: time.lost, ..Time::of(begun, self.terms) };
                true
            }
            Err(error) => {
                // What was lost meanwhile stays so, and what the service says of the lease itself doesn't change again.
                if !time.lost {
                    time.lost =
                        matches!(&error, LedgerError::Refused(refusal) if matches!(refusal.status, 404 | 409 | 412));
                    time.trouble = Some(error.to_string());
                }
                false
            }
        }
    }

    /// Nobody waits for it: where the service isn't told, the lease runs out.
    fn let_go(&self) {
        let (cancel, budget) = (Cancel::never(), Budget::new(Duration::ZERO));
        let call = Call { cancel: &cancel, budget: &budget, log: &|_| () };
        let _ = self.ask("release", vec![("x-ms-lease-id", self.id.to_string())], &call);
    }

    /// With an id of our own, so that asking again after a lost answer isn't refused: the lease begins anew with that. The answer is when
    /// the request was begun that got it.
    fn acquire(&self, call: &Call<'_>) -> Result<Moment, LedgerError> {
        let headers = || {
            let seconds = self.terms.lease.as_secs().to_string();
            vec![("x-ms-lease-duration", seconds), ("x-ms-proposed-lease-id", self.id.to_string())]
        };
        match self.ask("acquire", headers(), call) {
            Err(LedgerError::Refused(refusal)) if refusal.code == "BlobNotFound" => {
                self.create(call)?;
                self.ask("acquire", headers(), call)
            }
            other => other,
        }
    }

    fn ask(
        &self,
        action: &'static str,
        mut headers: Vec<(&'static str, String)>,
        call: &Call<'_>,
    ) -> Result<Moment, LedgerError> {
        headers.push(("x-ms-lease-action", action.to_owned()));
        let name = format!("{action} the lease of tenant {}", self.tenant);
        let (url, body) = (self.url(), Vec::new());
        // One that gets no answer leaves time for others before the lease runs out.
        let whole = self.terms.lease / 6;
        let ask = Ask { name: &name, method: Method::PUT, url, query: "comp=lease", headers, body };
        let (answer, begun) = self.service.send_within(whole, &ask, call)?;
        let id = answer.header("x-ms-lease-id").unwrap_or_default();
        if action == "release" || id.eq_ignore_ascii_case(&self.id.to_string()) {
            return Ok(begun);
        }
        let what = "what answers there is no Azure Blob Storage".into();
        Err(LedgerError::NotALedger { place: self.service.address.to_string(), what })
    }

    /// Makes the blob; one that is there already, or was leased meanwhile, is as good.
    fn create(&self, call: &Call<'_>) -> Result<(), LedgerError> {
        let name = format!("PUT the lease of tenant {}", self.tenant);
        let headers = vec![("x-ms-blob-type", "BlockBlob".to_owned()), ("if-none-match", "*".to_owned())];
        let (url, body) = (self.url(), Vec::new());
        let made = self.service.send(&Ask { name: &name, method: Method::PUT, url, query: "", headers, body }, call);
        match made {
            Err(LedgerError::Refused(refusal)) if matches!(refusal.status, 409 | 412) => Ok(()),
            other => other.map(drop),
        }
    }

    fn url(&self) -> String {
        self.service.address.of(&format!("leases/{}", self.tenant))
    }
}

#[cfg(test)]
mod tests {
    use pp_base::clock::{Clock, SystemClock};
    use pp_base::secret::SecretText;

    use super::super::BlobAccess;
    use super::*;

    #[test]
    fn one_that_was_lost_while_it_was_being_renewed_stays_lost() -> Result<(), Box<dyn std::error::Error>> {
        let clock = Arc::new(SystemClock::default());
        // Nobody listens there any more.
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let sas = BlobAccess::Sas(SecretText::from_text("sv=2021-12-02&sig=none"));
        let address = format!("http://127.0.0.1:{port}/account/container/ledger");
        let service = Arc::new(Service::new(&address, sas, clock.clone())?);
        let terms = Terms::default();
        let (until, wall) = (clock.elapsed() + terms.lease, clock.now() + terms.lease);
        let time = Mutex::new(Time { until, wall, trouble: None, lost: false });
        let held = Arc::new(Held { service, tenant: Uuid::from_u128(7), id: Uuid::new_v4(), terms, time });
        let lease = Lease { held: Arc::clone(&held), stop: CancelSource::new().0, thread: None };
        let (cancel, budget) = (Cancel::never(), Budget::new(Duration::ZERO));
        let renews = || held.renew(&Call { cancel: &cancel, budget: &budget, log: &|_| () });
        assert!(!renews() && held.left().is_ok(), "what can't be reached may be reached again");
        lease.lose();
        assert!(!renews());
        assert!(matches!(held.left(), Err(LedgerError::Lost { .. })), "{:?}", held.left());
        Ok(())
    }
}
