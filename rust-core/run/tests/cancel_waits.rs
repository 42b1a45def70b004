//! Cancel ends every wait of a run at once: for a throttled or failing service, for a sign-in, for what a replica doesn't
//! show yet, for another job's throttling. Nothing is sent afterwards but what takes a secret back.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use pp_base::call::Call;
use pp_base::cancel::{Cancel, CancelSource, Cancelled};
use pp_base::clock::Clock;
use pp_base::retry::{Budget, DEFAULT_BUDGET};
use pp_base::secret::SecretText;
use pp_graph::error::GraphError;
use pp_http::SendError;
use pp_run::apply::{RunError, Voice, apply};
use pp_run::connection::Connection;
use pp_runbook::wanted::Wanted;
use pp_sign_in::Credential;
use pp_sign_in::environment::Environment;
use pp_testing::{TestResult, connect_at};
use tenant_twin::{ErrorBody, Fault, FaultKind, On, Options, RetryAfter, Target, Twin};
use time::OffsetDateTime;
use uuid::Uuid;

/// Waiting moves the twin's clock; in the n-th wait the caller cancels.
#[derive(Debug)]
struct CancelInWait {
    twin: Arc<Twin>,
    source: CancelSource,
    left: AtomicU32,
    sent: AtomicU32,
}

impl Clock for CancelInWait {
    fn now(&self) -> OffsetDateTime {
        self.twin.now().into()
    }

    fn elapsed(&self) -> Duration {
        self.twin.moved()
    }

    fn wait(&self, time: Duration, cancel: &Cancel) -> Result<(), Cancelled> {
        if self.left.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.source.cancel();
            self.sent.store(sent(&self.twin), Ordering::SeqCst);
        }
        cancel.check()?;
        self.twin.advance(time);
        Ok(())
    }

    fn jitter(&self) -> f64 {
        0.5
    }
}

fn sent(twin: &Twin) -> u32 {
    u32::try_from(twin.requests().len()).unwrap_or(u32::MAX)
}

fn twin() -> Result<Twin, Box<dyn std::error::Error>> {
    let lag = Duration::from_secs(20);
    let twin =
        Twin::start(&Options { users: 1, max_lag: lag, replicas: 3, latency: Duration::ZERO, ..Options::default() })?;
    let throttled = || FaultKind::Throttled(RetryAfter::Seconds(4));
    twin.add_fault(Fault::new(On::every(Target::Token), throttled()));
    twin.add_fault(Fault::new(On::every(Target::Graph), throttled()).nth(2));
    twin.add_fault(Fault::new(On::every(Target::Item), throttled()).nth(3));
    twin.add_fault(Fault::new(On::every(Target::Graph), FaultKind::AnswerLost { reset: true }).nth(4));
    Ok(twin)
}

/// A run whose n-th wait is cancelled; how it ended, and whether it came to that wait.
fn cancelled_in_wait(n: u32) -> Result<bool, Box<dyn std::error::Error>> {
    let twin = Arc::new(twin()?);
    let admin = twin.client("admin").ok_or("no admin")?;
    let credential = Credential::ClientSecret {
        client_id: Uuid::parse_str(&admin.client_id)?,
        secret: SecretText::from_text(&admin.client_secret),
    };
    let endpoints = Environment::Custom.endpoints(Some(&twin.login()), Some(&twin.graph()))?;
    let (source, cancel) = CancelSource::new();
    let clock =
        Arc::new(CancelInWait { twin: Arc::clone(&twin), source, left: AtomicU32::new(n), sent: AtomicU32::new(0) });
    let tenant = Uuid::parse_str(twin.tenant_id())?;
    let shared = Arc::clone(&clock) as Arc<dyn Clock>;
    let connection = Connection::new(tenant, Environment::Custom, endpoints, credential, shared, DEFAULT_BUDGET)?;
    let budget = Budget::new(DEFAULT_BUDGET);
    let call = Call { cancel: &cancel, budget: &budget, log: &|_| () };
    let voice = Voice { progress: &|_, _| (), warning: &|_| (), debug: &|_| () };
    let outcome = apply(connection.graph(call), voice, &Wanted::everything(), None);
    if !cancel.is_cancelled() {
        return Ok(false);
    }
    assert!(
        matches!(outcome, Err(RunError::Graph { error: GraphError::Send(SendError::Cancelled), .. })),
        "wait {n}: {outcome:?}"
    );
    let at_cancel = usize::try_from(clock.sent.load(Ordering::SeqCst))?;
    let later = twin.requests().into_iter().skip(at_cancel);
    let other: Vec<_> =
        later.filter(|r| !r.token && !r.batch.iter().any(|i| i.path.contains("removePassword"))).collect();
    // Reads and the sign-in with the new secret go side by side: a read of the other thread may be under way.
    let under_way = other.len() <= 1 && other.iter().all(|request| !request.write);
    assert!(under_way, "wait {n}: sent after the cancel: {other:?}");
    Ok(true)
}

#[test]
fn cancel_ends_a_run_in_whichever_wait_it_is() -> TestResult {
    let mut waits = 0;
    while cancelled_in_wait(waits + 1)? {
        waits += 1;
    }
    assert!(waits >= 6, "{waits} waits only: the faults did not show");
    Ok(())
}

/// Every wait lasts until it is cancelled.
#[derive(Debug)]
struct ForEver;

impl Clock for ForEver {
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc()
    }

    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }

    fn wait(&self, _time: Duration, cancel: &Cancel) -> Result<(), Cancelled> {
        cancel.wait(Duration::MAX)
    }

    fn jitter(&self) -> f64 {
        0.5
    }
}

#[test]
fn reading_back_that_fails_ends_the_sign_in_beside_it() -> TestResult {
    let twin = Arc::new(Twin::start(&Options { users: 1, latency: Duration::ZERO, ..Options::default() })?);
    // Requests to Graph: reads, application, service principal, consents and secret; then none may be made any more, and the
    // new secret can't be tried.
    twin.add_fault(Fault::new(On::every(Target::Graph), FaultKind::Denied).nth(5).for_ever());
    let busy = FaultKind::Failed { status: 503, body: ErrorBody::Empty, retry_after: RetryAfter::Absent };
    twin.add_fault(Fault::new(On::every(Target::Token), busy).nth(2).for_ever());
    let connection = connect_at(&twin, Arc::new(ForEver))?;
    let (cancel, budget) = (Cancel::never(), Budget::new(DEFAULT_BUDGET));
    let call = Call { cancel: &cancel, budget: &budget, log: &|_| () };
    let voice = Voice { progress: &|_, _| (), warning: &|_| (), debug: &|_| () };
    let outcome = apply(connection.graph(call), voice, &Wanted::everything(), None)?;
    assert!(outcome.secret.is_some(), "the secret reaches its caller, and not after the sign-in's last try");
    Ok(())
}
