//! Connections that take the same way share an HTTP client, and so its thread and its connections to the host.
#![cfg(target_os = "linux")]

use std::error::Error;
use std::fs;
use std::thread;

use pp_testing::sign_in::{token, twin_of};
use pp_testing::{TestResult, connect};

/// The threads of HTTP clients, as reqwest names them; the system cuts names to 15 characters.
fn client_threads() -> Result<usize, Box<dyn Error>> {
    let mut count = 0;
    for task in fs::read_dir("/proc/self/task")? {
        // A thread may end while the list is read.
        let name = fs::read_to_string(task?.path().join("comm")).unwrap_or_default();
        count += usize::from(name.starts_with("reqwest-interna"));
    }
    Ok(count)
}

#[test]
fn many_open_connections_have_one_client() -> TestResult {
    let twins = (1..=3).map(twin_of).collect::<Result<Vec<_>, _>>()?;
    let mut open = Vec::new();
    for twin in twins.iter().cycle().take(30) {
        let connection = connect(twin, "admin")?;
        token(&connection)?;
        open.push(connection);
    }
    assert_eq!(client_threads()?, 1);
    drop(open);
    // None is left when all are closed.
    while client_threads()? > 0 {
        thread::yield_now();
    }
    Ok(())
}
