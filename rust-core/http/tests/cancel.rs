//! Cancelling while a request is under way: the caller is free at once, and no thread stays longer than its request.
#![cfg(target_os = "linux")]

use std::error::Error;
use std::fs;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use pp_base::call::Call;
use pp_base::cancel::{Cancel, CancelSource};
use pp_base::retry::{Budget, DEFAULT_BUDGET};
use pp_graph::batch::Item;
use pp_graph::error::GraphError;
use pp_http::SendError;
use pp_testing::{TestResult, connect};
use tenant_twin::{Options, Twin};

/// Requests that may be left behind before new ones wait.
const MOST: usize = 8;

fn request_threads() -> Result<usize, Box<dyn Error>> {
    let mut count = 0;
    for task in fs::read_dir("/proc/self/task")? {
        // A thread may end while the list is read.
        let name = fs::read_to_string(task?.path().join("comm")).unwrap_or_default();
        count += usize::from(name.trim() == "pp-request");
    }
    Ok(count)
}

fn read(connection: &pp_run::connection::Connection, cancel: &Cancel) -> Result<(), GraphError> {
    let budget = Budget::new(DEFAULT_BUDGET);
    let call = Call { cancel, budget: &budget, log: &|_| () };
    connection.graph(call).read(&[Item::get("/organization?$select=id")]).map(drop)
}

fn arrived(twin: &Twin) -> usize {
    twin.requests().iter().filter(|request| !request.token).count()
}

#[test]
fn a_cancelled_request_frees_its_caller_and_too_many_left_behind_make_new_ones_wait() -> TestResult {
    let twin = Arc::new(Twin::start(&Options::default())?);
    let connection = Arc::new(connect(&twin, "admin")?);
    read(&connection, &Cancel::never())?;
    twin.set_latency(Duration::from_secs(5));
    twin.clear_requests();
    for number in 1..=MOST {
        let (source, cancel) = CancelSource::new();
        let caller = thread::spawn({
            let connection = Arc::clone(&connection);
            move || read(&connection, &cancel)
        });
        while arrived(&twin) < number {
            thread::yield_now();
        }
        source.cancel();
        let outcome = caller.join().map_err(|_| "the caller panicked")?;
        assert!(matches!(outcome, Err(GraphError::Send(SendError::Cancelled))), "{outcome:?}");
    }
    let answered = || twin.requests().iter().filter(|request| request.answered.is_some()).count();
    assert_eq!(answered(), 0, "all callers were free before any answer");
    assert_eq!(request_threads()?, MOST);
    twin.set_latency(Duration::ZERO);
    // Of another connection to the tenant.
    read(&connect(&twin, "admin")?, &Cancel::never())?;
    let requests = twin.requests();
    let last = requests.last().ok_or("no request")?;
    let first = requests.iter().filter_map(|request| request.answered).min().ok_or("none was answered")?;
    assert!(last.arrived >= first, "the ninth waited for room");
    assert!(requests.iter().all(|request| !request.token || request.arrived >= first), "its sign-in as well");
    while request_threads()? > 0 {
        thread::yield_now();
    }
    Ok(())
}
