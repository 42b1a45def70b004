//! What a job does, seen through the C ABI: its events, its end, cancelling it in every state, threads, panics.
#![cfg(feature = "test-ops")]
#![expect(unsafe_code, clippy::expect_used, reason = "a test calls C functions and fails by panicking")]

#[expect(dead_code, reason = "these tests need a part of it")]
mod abi_support;

use std::process::Command;
use std::thread;

use abi_support::{
    BAD_HANDLE, BUSY, Buffer, CANCELLED, DONE, ERROR, FOR_EVER, NONE, Next, OBJECTS, OK, PANIC, SECRET, VERBOSE, abi,
    eventually,
};

const ECHO: &str = r#"{"op":"test.echo","text":"hello"}"#;
const WAIT: &str = r#"{"op":"test.wait"}"#;
const PANICS: &str = r#"{"op":"test.panic"}"#;

fn ended(kind: i32) -> (i32, Vec<u8>) {
    (kind, Vec::new())
}

/// Comes back when another thread is inside of `pp_job_next` with the job.
fn wait_for_a_reader(job: u64) {
    eventually("a reader", || abi().next(job, 0) == Err(BUSY));
}

/// Reads the next event of a job, taking turns with [`wait_for_a_reader`].
fn read_in_turn(job: u64) -> Next {
    loop {
        match abi().next(job, FOR_EVER) {
            Err(BUSY) => thread::yield_now(),
            other => return other,
        }
    }
}

#[test]
fn the_library_says_its_versions() {
    let mut buffer = Buffer::garbage();
    // SAFETY: the output may be written, and is freed once.
    unsafe {
        assert_eq!((abi().abi_version)(), 1);
        assert_eq!((abi().version)(&raw mut buffer), OK);
        assert_eq!(buffer.bytes(), env!("CARGO_PKG_VERSION").as_bytes());
        (abi().buffer_free)(&raw mut buffer);
    }
}

#[test]
fn a_job_gives_its_objects_and_then_done_for_ever() {
    let job = abi().start(ECHO);
    let (events, end) = abi().drain(job);
    let (kind, xml) = &events[0];
    assert_eq!((events.len(), *kind), (1, OBJECTS));
    assert!(String::from_utf8_lossy(xml).contains(r#"<S N="Text">hello</S><Nil N="Secret" />"#));
    assert_eq!(end, Ok(ended(DONE)));
    assert_eq!(abi().next(job, FOR_EVER), Ok(ended(DONE)));
    assert_eq!(abi().free(job), OK);
}

#[test]
fn a_secret_comes_numbered_as_bytes_before_the_object_that_refers_to_it() {
    let request = r#"{"op":"test.echo","text":"","secret":{"at":4,"len":8}}"#;
    let job = abi().start_with(request, "key hünter2 rest".as_bytes()).expect("the request is right");
    let (events, end) = abi().drain(job);
    assert_eq!(events[0], (SECRET, [&[1, 0, 0, 0], "hünter2".as_bytes()].concat()));
    let xml = String::from_utf8_lossy(&events[1].1);
    assert!(xml.contains("PPFederation.SecretReference") && xml.contains(r#"<I32 N="secret">1</I32>"#), "{xml}");
    assert!(!xml.contains("hünter2"), "{xml}");
    assert_eq!(end, Ok(ended(DONE)));
    assert_eq!(abi().free(job), OK);
}

#[test]
fn what_goes_wrong_in_the_world_is_an_error_event_and_not_a_code() {
    // The handle of a job is none of a connection, though both are numbers of this process.
    let other = abi().start(WAIT);
    let job = abi().start(&format!(r#"{{"op":"connection","connection":{other}}}"#));
    let (events, end) = abi().drain(job);
    let (kind, xml) = &events[0];
    assert_eq!((events.len(), *kind, end), (1, ERROR, Ok(ended(DONE))));
    let xml = String::from_utf8_lossy(xml);
    let fields = ["<S N=\"Id\">PPFederation.ConnectionClosed</S>", "<I32 N=\"HttpStatus\">0</I32>"];
    assert!(fields.iter().all(|field| xml.contains(field)), "{xml}");
    assert_eq!(abi().free(job), OK);
    assert_eq!(abi().free(other), OK);
}

#[test]
fn a_time_out_gives_none_and_an_empty_buffer() {
    let job = abi().start(WAIT);
    assert_eq!(abi().next(job, 0), Ok(ended(NONE)));
    assert_eq!(abi().next(job, 1), Ok(ended(NONE)));
    assert_eq!(abi().free(job), OK);
}

#[test]
fn a_buffer_stays_the_callers_after_its_job_is_freed() {
    let job = abi().start(ECHO);
    let (mut kind, mut buffer) = (-1, Buffer::garbage());
    // SAFETY: the outputs may be written, and the buffer is freed once.
    unsafe {
        assert_eq!((abi().job_next)(job, FOR_EVER, &raw mut kind, &raw mut buffer), OK);
        assert_eq!(abi().free(job), OK);
        assert!(String::from_utf8_lossy(&buffer.bytes()).contains("hello"));
        (abi().buffer_free)(&raw mut buffer);
    }
}

#[test]
fn a_running_job_is_cancelled_at_once_and_for_ever() {
    let job = abi().start(WAIT);
    assert_eq!(abi().cancel(job), OK);
    assert_eq!(abi().next(job, FOR_EVER), Ok(ended(CANCELLED)));
    assert_eq!(abi().cancel(job), OK, "twice is once");
    assert_eq!(abi().next(job, FOR_EVER), Ok(ended(CANCELLED)));
    assert_eq!(abi().free(job), OK);
}

#[test]
fn cancelling_wakes_the_thread_that_waits_for_an_event() {
    let job = abi().start(WAIT);
    let reader = thread::spawn(move || read_in_turn(job));
    wait_for_a_reader(job);
    assert_eq!(abi().cancel(job), OK);
    assert_eq!(reader.join().expect("the reader ends"), Ok(ended(CANCELLED)));
    assert_eq!(abi().free(job), OK);
}

#[test]
fn a_job_that_is_done_stays_done_when_cancelled() {
    let job = abi().start(ECHO);
    assert_eq!(abi().drain(job).1, Ok(ended(DONE)));
    assert_eq!(abi().cancel(job), OK);
    assert_eq!(abi().next(job, FOR_EVER), Ok(ended(DONE)));
    assert_eq!(abi().free(job), OK);
}

#[test]
fn a_freed_job_can_not_be_cancelled() {
    let job = abi().start(WAIT);
    assert_eq!(abi().free(job), OK);
    assert_eq!(abi().cancel(job), BAD_HANDLE);
}

#[test]
fn freeing_a_job_ends_the_wait_of_its_reader() {
    let job = abi().start(WAIT);
    let reader = thread::spawn(move || read_in_turn(job));
    wait_for_a_reader(job);
    assert_eq!(abi().free(job), OK);
    assert_eq!(reader.join().expect("the reader ends"), Ok(ended(CANCELLED)));
    assert_eq!(abi().next(job, 0), Err(BAD_HANDLE));
}

#[test]
fn one_thread_at_a_time_waits_for_the_events_of_a_job() {
    let job = abi().start(WAIT);
    let reader = thread::spawn(move || read_in_turn(job));
    wait_for_a_reader(job);
    assert_eq!(abi().next(job, FOR_EVER), Err(BUSY), "however long one would wait");
    assert_eq!(abi().cancel(job), OK);
    assert!(reader.join().is_ok());
    assert_eq!(abi().next(job, 0), Ok(ended(CANCELLED)), "the reader is gone");
    assert_eq!(abi().free(job), OK);
}

#[test]
fn more_than_the_queue_holds_arrives_whole_when_it_is_read() {
    const BYTES: usize = 16 * 1024 * 1024 + 5;
    let job = abi().start(&format!(r#"{{"op":"test.fill","bytes":{BYTES}}}"#));
    let (events, end) = abi().drain(job);
    assert!(events.iter().all(|(kind, _)| *kind == VERBOSE));
    assert_eq!(events.iter().map(|(_, bytes)| bytes.len()).sum::<usize>(), BYTES);
    assert_eq!(end, Ok(ended(DONE)));
    assert_eq!(abi().free(job), OK);
}

#[test]
fn a_panic_in_an_op_is_told_after_its_events_and_for_ever() {
    let job = abi().start(PANICS);
    let (events, end) = abi().drain(job);
    let (kind, place) = &events[0];
    assert_eq!((events.len(), *kind), (1, VERBOSE));
    let place = String::from_utf8_lossy(place);
    assert!(place.contains("test_ops.rs:") && !place.contains("was asked for"), "{place}");
    assert_eq!(end, Err(PANIC));
    assert_eq!(abi().next(job, FOR_EVER), Err(PANIC));
    assert_eq!(abi().cancel(job), OK);
    assert_eq!(abi().next(job, FOR_EVER), Err(PANIC), "cancelling changes nothing");
    assert_eq!(abi().free(job), OK);
    let after = abi().start(ECHO);
    assert_eq!(abi().drain(after).1, Ok(ended(DONE)), "the library works on");
    assert_eq!(abi().free(after), OK);
}

#[test]
fn a_panic_in_an_op_prints_nothing() {
    let this = std::env::current_exe().expect("this test is a program");
    let test = "a_panic_in_an_op_is_told_after_its_events_and_for_ever";
    let output = Command::new(this).args(["--exact", test, "--nocapture"]).output().expect("it runs");
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"), "the test was run");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}
