//! How many jobs run at once. A program of its own, since it fills every place for running jobs.
#![cfg(feature = "test-ops")]
#![expect(clippy::expect_used, reason = "a test that can't be set up fails")]

#[expect(dead_code, reason = "these tests need a part of it")]
mod abi_support;

use std::sync::{Mutex, MutexGuard, PoisonError};

use abi_support::{BUSY, CANCELLED, DONE, ERROR, FOR_EVER, OK, abi};
use tenant_twin::{Options, Twin};

const WAIT: &str = r#"{"op":"test.wait"}"#;

/// One test at a time: they share the places for running jobs.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

#[test]
fn no_more_than_64_jobs_run_at_once() {
    let _alone = alone();
    let jobs: Vec<u64> = (0..64).map(|_| abi().start_when_possible(WAIT, &[])).collect();
    assert_eq!(abi().start_with(WAIT, &[]), Err(BUSY));
    assert_eq!(abi().cancel(jobs[0]), OK);
    assert_eq!(abi().next(jobs[0], FOR_EVER), Ok((CANCELLED, Vec::new())));
    let one_more = abi().start_when_possible(WAIT, &[]);
    for job in jobs.into_iter().chain([one_more]) {
        assert_eq!(abi().free(job), OK);
    }
}

#[test]
fn a_connection_is_closed_however_many_jobs_run() {
    let _alone = alone();
    let twin = Twin::start(&Options::default()).expect("a free port");
    let connection = abi().connect(&twin);
    let jobs: Vec<u64> = (0..64).map(|_| abi().start_when_possible(WAIT, &[])).collect();
    assert_eq!(abi().start_with(WAIT, &[]), Err(BUSY), "no place is left");
    let closing = format!(r#"{{"op":"disconnect","connection":{connection}}}"#);
    for ended in [None, Some(ERROR)] {
        let job = abi().start_with(&closing, &[]).expect("it is let go of");
        let (events, end) = abi().drain(job);
        assert_eq!(end, Ok((DONE, Vec::new())));
        assert_eq!(events.first().map(|(kind, _)| *kind), ended, "closed the first time, unknown the second");
        assert_eq!(abi().free(job), OK);
    }
    for job in jobs {
        assert_eq!(abi().free(job), OK);
    }
}

#[test]
fn jobs_that_have_ended_take_no_place() {
    let _alone = alone();
    let request = r#"{"op":"test.echo","text":""}"#;
    let mut jobs = vec![abi().start_when_possible(request, &[])];
    for _ in 0..200 {
        let last = jobs[jobs.len() - 1];
        assert_eq!(abi().drain(last).1, Ok((DONE, Vec::new())));
        // Who has seen the end of 64 jobs can start 64 more at once.
        jobs.push(abi().start_when_possible(request, &[]));
    }
    for job in jobs {
        assert_eq!(abi().free(job), OK);
    }
}
