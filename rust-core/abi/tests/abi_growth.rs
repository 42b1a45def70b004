//! 10,000 jobs leave no memory and no thread behind. A program with one test, since it counts what the process has.
#![cfg(all(feature = "test-ops", target_os = "linux"))]

#[expect(dead_code, reason = "this test needs a part of it")]
mod abi_support;

use abi_support::process::{mappings, status};
use abi_support::{DONE, OBJECTS, OK, SECRET, abi, eventually};

/// Less than a quarter of a kB for each job; what the allocator keeps for itself was there after the first 1,000.
const NOISE_KB: u64 = 2048;

#[test]
fn ten_thousand_jobs_leave_no_memory_and_no_thread_behind() {
    let threads = status("Threads");
    run_jobs(1_000);
    eventually("the workers end", || status("Threads") == threads);
    let (memory, maps) = (status("VmRSS"), mappings());
    run_jobs(10_000);
    eventually("the workers end", || status("Threads") == threads);
    let grown = status("VmRSS").saturating_sub(memory);
    assert!(grown < NOISE_KB, "{grown} kB more than after 1,000 jobs");
    assert!(mappings() < maps + 100, "{} mappings, {maps} before", mappings());
    assert_eq!(status("VmLck"), 0, "kB of secrets are still locked");
}

/// Every job has a secret in and out; every third is freed while it runs, every third cancelled.
fn run_jobs(count: usize) {
    let request = r#"{"op":"test.echo","text":"some text","secret":{"at":0,"len":6}}"#;
    for number in 0..count {
        let job = abi().start_when_possible(request, b"secret");
        match number % 3 {
            0 => {
                let (events, end) = abi().drain(job);
                let kinds: Vec<i32> = events.iter().map(|(kind, _)| *kind).collect();
                assert_eq!((kinds, end), (vec![SECRET, OBJECTS], Ok((DONE, Vec::new()))));
            }
            1 => assert_eq!(abi().cancel(job), OK),
            _ => {}
        }
        assert_eq!(abi().free(job), OK);
    }
}
