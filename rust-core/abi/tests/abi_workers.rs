//! The worker of a job: a full event queue holds it, and freeing or cancelling the job ends it.
//!
//! What a worker does is something that only Linux tells. The queue's own tests (`job/queue.rs`) run everywhere.
#![cfg(all(feature = "test-ops", target_os = "linux"))]

#[expect(dead_code, reason = "these tests need a part of it")]
mod abi_support;

use std::sync::{Mutex, MutexGuard, PoisonError};

use abi_support::process::workers;
use abi_support::{CANCELLED, FOR_EVER, OK, VERBOSE, abi, eventually};

const QUEUE: usize = 4 * 1024 * 1024;

/// What one event of `test.fill` has.
const CHUNK: usize = 64 * 1024;

/// One test at a time: they look at all workers of the process.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A job whose worker sleeps, which in `test.fill` is waiting for room in the queue. A short sleep may be something else.
fn held_job() -> u64 {
    let job = abi().start(r#"{"op":"test.fill","bytes":1000000000}"#);
    eventually("the worker waits", || (0..100).all(|_| workers() == ["S"]));
    job
}

#[test]
fn a_full_queue_holds_the_worker_and_cancelling_frees_it() {
    let _alone = alone();
    let job = held_job();
    assert_eq!(abi().cancel(job), OK);
    eventually("the worker ends", || workers().is_empty());
    let (events, end) = abi().drain(job);
    let queued: usize = events.iter().map(|(_, bytes)| bytes.len()).sum();
    assert!(queued <= QUEUE, "{queued} bytes were queued");
    assert!(queued > QUEUE - 2 * CHUNK, "what was queued before is delivered: {queued} bytes");
    assert_eq!(end, Ok((CANCELLED, Vec::new())));
    assert_eq!(abi().free(job), OK);
}

#[test]
fn a_held_worker_goes_on_when_there_is_room() {
    let _alone = alone();
    let job = held_job();
    let beyond = 2 * QUEUE / CHUNK;
    for _ in 0..beyond {
        let (kind, bytes) = abi().next(job, FOR_EVER).unwrap_or_default();
        assert_eq!((kind, bytes.len()), (VERBOSE, CHUNK));
    }
    assert_eq!(abi().free(job), OK);
    eventually("the worker ends", || workers().is_empty());
}

#[test]
fn freeing_a_job_whose_queue_is_full_ends_its_worker() {
    let _alone = alone();
    let job = held_job();
    assert_eq!(abi().free(job), OK);
    eventually("the worker ends", || workers().is_empty());
}

#[test]
fn freeing_a_job_that_waits_ends_its_worker() {
    let _alone = alone();
    let job = abi().start(r#"{"op":"test.wait"}"#);
    eventually("the worker waits", || workers() == ["S"]);
    assert_eq!(abi().free(job), OK);
    eventually("the worker ends", || workers().is_empty());
}
