//! Requests that nobody waits for any more hold up their own tenant alone.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use pp_base::call::Call;
use pp_base::cancel::{Cancel, CancelSource};
use pp_base::retry::{Budget, DEFAULT_BUDGET};
use pp_graph::batch::Item;
use pp_graph::error::GraphError;
use pp_http::SendError;
use pp_run::connection::Connection;
use pp_testing::sign_in::twin_of;
use pp_testing::{TestResult, connect};

/// Requests to one tenant that may be left behind before its new ones wait.
const MOST: usize = 8;

fn read(connection: &Connection, cancel: &Cancel) -> Result<(), GraphError> {
    let budget = Budget::new(DEFAULT_BUDGET);
    let call = Call { cancel, budget: &budget, log: &|_| () };
    connection.graph(call).read(&[Item::get("/organization?$select=id")]).map(drop)
}

#[test]
fn a_tenant_whose_host_is_dead_stops_no_other() -> TestResult {
    let (dead, other) = (twin_of(1)?, twin_of(2)?);
    let connection = Arc::new(connect(&dead, "admin")?);
    read(&connection, &Cancel::never())?;
    // Less than a request's own limit, so that the first to end is one that was answered.
    dead.set_latency(Duration::from_secs(25));
    dead.clear_requests();
    for number in 1..=MOST {
        let (source, cancel) = CancelSource::new();
        let caller = thread::spawn({
            let connection = Arc::clone(&connection);
            move || read(&connection, &cancel)
        });
        while dead.requests().len() < number {
            thread::yield_now();
        }
        source.cancel();
        let outcome = caller.join().map_err(|_| "the caller panicked")?;
        assert!(matches!(outcome, Err(GraphError::Send(SendError::Cancelled))), "{outcome:?}");
    }
    read(&connect(&other, "admin")?, &Cancel::never())?;
    let answered = dead.requests().iter().filter(|request| request.answered.is_some()).count();
    assert_eq!(answered, 0, "the other tenant's request waited for this one's");
    Ok(())
}
