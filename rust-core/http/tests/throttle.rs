//! What Microsoft Graph says of its limits holds for all jobs of this process on the tenant, and for no other tenant.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use pp_base::call::Call;
use pp_base::cancel::{Cancel, CancelSource, Cancelled};
use pp_base::clock::Clock;
use pp_base::retry::{Budget, DEFAULT_BUDGET};
use pp_base::secret::SecretText;
use pp_graph::batch::Item;
use pp_graph::error::GraphError;
use pp_http::SendError;
use pp_run::connection::Connection;
use pp_sign_in::Credential;
use pp_testing::{Tenant, TestResult, connect, connect_at, connect_by};
use tenant_twin::{Fault, FaultKind, On, Options, RetryAfter, Target, Twin};
use time::OffsetDateTime;

fn options() -> Options {
    Options { users: 0, groups: 0, contacts: 0, latency: Duration::ZERO, ..Options::default() }
}

fn read(connection: &Connection, cancel: &Cancel, budget: Duration, items: usize) -> Result<String, GraphError> {
    let (budget, said) = (Budget::new(budget), Mutex::new(String::new()));
    let log = |text: &str| said.lock().push_str(text);
    let call = Call { cancel, budget: &budget, log: &log };
    connection.graph(call).read(&vec![Item::get("/users"); items])?;
    Ok(said.into_inner())
}

/// A tenant one of whose jobs was told to wait, and had no budget for it.
fn throttled(target: Target) -> Result<Tenant, Box<dyn std::error::Error>> {
    let tenant = Tenant::start(&options())?;
    let fault = FaultKind::Throttled(RetryAfter::Seconds(30));
    tenant.twin.add_fault(Fault::new(On::every(target), fault));
    let _ = read(&tenant.connection, &Cancel::never(), Duration::ZERO, 1);
    Ok(tenant)
}

#[test]
fn a_job_that_was_told_to_wait_makes_the_tenants_other_jobs_wait() -> TestResult {
    for target in [Target::Graph, Target::Item] {
        let tenant = throttled(target)?;
        let other_job = connect(&tenant.twin, "reader")?;
        let said = read(&other_job, &Cancel::never(), DEFAULT_BUDGET, 1)?;
        assert!(said.contains("throttles this tenant's requests: waiting"), "{said}");
        assert!(other_job.clock().elapsed() > Duration::from_secs(25), "{:?}", other_job.clock().elapsed());
        let (third, waited) = (connect(&tenant.twin, "reader")?, other_job.clock().elapsed());
        read(&third, &Cancel::never(), DEFAULT_BUDGET, 1)?;
        assert_eq!(third.clock().elapsed(), waited, "it is waited for once");
    }
    Ok(())
}

#[test]
fn setting_the_machines_clock_changes_no_wait() -> TestResult {
    for hours in [-24, 24] {
        let twin = Arc::new(Twin::start(&options())?);
        let clock = Arc::new(SetClock { twin: Arc::clone(&twin), ahead: AtomicI64::new(0) });
        let connection = connect_at(&twin, clock.clone())?;
        twin.add_fault(Fault::new(On::every(Target::Graph), FaultKind::Throttled(RetryAfter::Seconds(30))));
        let _ = read(&connection, &Cancel::never(), Duration::ZERO, 1);
        clock.ahead.store(hours, Ordering::SeqCst);
        read(&connection, &Cancel::never(), DEFAULT_BUDGET, 1)?;
        assert_eq!(clock.elapsed(), Duration::from_secs(30), "set by {hours} hours");
    }
    Ok(())
}

/// A machine's clock that somebody sets, beside what can't be set.
#[derive(Debug)]
struct SetClock {
    twin: Arc<Twin>,
    /// Hours.
    ahead: AtomicI64,
}

impl Clock for SetClock {
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::from(self.twin.now()) + time::Duration::hours(self.ahead.load(Ordering::SeqCst))
    }

    fn elapsed(&self) -> Duration {
        self.twin.moved()
    }

    fn wait(&self, time: Duration, cancel: &Cancel) -> Result<(), Cancelled> {
        self.twin.advance(time);
        cancel.check()
    }

    fn jitter(&self) -> f64 {
        0.5
    }
}

#[test]
fn another_tenants_jobs_do_not_wait() -> TestResult {
    let _tenant = throttled(Target::Graph)?;
    let other = Tenant::start(&options())?;
    read(&other.connection, &Cancel::never(), DEFAULT_BUDGET, 1)?;
    assert_eq!(other.connection.clock().elapsed(), Duration::ZERO);
    Ok(())
}

#[test]
fn waiting_for_the_limit_ends_on_cancel_and_with_the_budget() -> TestResult {
    let tenant = throttled(Target::Graph)?;
    tenant.twin.clear_requests();
    let (source, cancel) = CancelSource::new();
    source.cancel();
    assert!(matches!(
        read(&tenant.connection, &cancel, DEFAULT_BUDGET, 1),
        Err(GraphError::Send(SendError::Cancelled))
    ));
    assert!(tenant.twin.requests().is_empty(), "nothing was sent");
    // The budget doesn't allow the wait: the service itself is to say why not.
    read(&tenant.connection, &Cancel::never(), Duration::from_secs(5), 1)?;
    assert_eq!(tenant.connection.clock().elapsed(), Duration::ZERO);
    Ok(())
}

#[test]
fn requests_are_spread_when_the_limit_is_nearly_used_up() -> TestResult {
    let tenant = Tenant::start(&options())?;
    let paused = |said: String| said.contains("limit of Microsoft Graph is nearly used up: waiting");
    let mut reads = (0..500).map(|_| read(&tenant.connection, &Cancel::never(), DEFAULT_BUDGET, 20).map(paused));
    // The limit of a small tenant is 3,500 units in ten seconds; twenty reads of users take 40.
    assert!(reads.any(|paused| matches!(paused, Ok(true))), "no pause was made");
    assert!(tenant.connection.clock().elapsed() > Duration::ZERO);
    Ok(())
}

#[test]
fn a_service_that_asks_for_no_wait_is_not_asked_without_end() -> TestResult {
    for (target, asks) in [(Target::Graph, RetryAfter::Seconds(0)), (Target::Item, RetryAfter::Date(-60))] {
        let tenant = Tenant::start(&options())?;
        tenant.twin.add_fault(Fault::new(On::every(target), FaultKind::Throttled(asks)).for_ever());
        let _refused = read(&tenant.connection, &Cancel::never(), Duration::from_secs(20), 1);
        let asked = tenant.twin.requests().len();
        assert!((10..=25).contains(&asked), "{asked} requests within a budget of 20 seconds");
    }
    Ok(())
}

/// Two tenants of one address, of which one application is the administrator.
fn of_one_application() -> Result<[Arc<Twin>; 2], Box<dyn std::error::Error>> {
    let founder = Twin::start(&options())?;
    let neighbour = founder.neighbour(&Options { seed: 2, ..options() })?;
    let id = |twin: &Twin| twin.client("admin").map(|client| client.client_id.clone()).ok_or("no admin");
    let (own, other) = (id(&neighbour)?, id(&founder)?);
    neighbour.edit(|tenant| tenant.set_client_id(&own, &other));
    Ok([Arc::new(founder), Arc::new(neighbour)])
}

#[test]
fn a_limit_of_the_application_holds_in_its_other_tenants_and_one_of_a_tenant_there_alone() -> TestResult {
    for target in [Target::Graph, Target::Item] {
        for (fault, elsewhere) in [
            (FaultKind::ApplicationThrottled(RetryAfter::Seconds(30)), Duration::from_secs(30)),
            (FaultKind::Throttled(RetryAfter::Seconds(30)), Duration::ZERO),
        ] {
            let [throttled, other] = of_one_application()?;
            let client_id = throttled.client("admin").ok_or("no admin")?.client_id.parse()?;
            let of = |twin: &Arc<Twin>| {
                let secret = SecretText::from_text(&twin.client("admin").ok_or("no admin")?.client_secret);
                connect_by(twin, Credential::ClientSecret { client_id, secret })
            };
            let (here, there, reader) = (of(&throttled)?, of(&other)?, connect(&other, "reader")?);
            throttled.add_fault(Fault::new(On::every(target), fault.clone()));
            let _ = read(&here, &Cancel::never(), Duration::ZERO, 1);
            read(&reader, &Cancel::never(), DEFAULT_BUDGET, 1)?;
            assert_eq!(reader.clock().elapsed(), Duration::ZERO, "another application");
            let said = read(&there, &Cancel::never(), DEFAULT_BUDGET, 1)?;
            assert_eq!(there.clock().elapsed(), elsewhere, "{fault:?}: {said}");
            assert_eq!(
                said.contains("this application's requests to all tenants: waiting"),
                !elsewhere.is_zero(),
                "{said}"
            );
        }
    }
    Ok(())
}
