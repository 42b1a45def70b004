//! What a caller can do wrong at the C ABI, and the code it gets: never a crash, never a job.
#![cfg(feature = "test-ops")]
#![expect(unsafe_code, clippy::panic, reason = "a test calls C functions and fails by panicking")]

#[expect(dead_code, reason = "these tests need a part of it")]
mod abi_support;

use std::ptr::{null, null_mut};

use abi_support::{BAD_HANDLE, BAD_LENGTH, BAD_UTF8, Buffer, DONE, FOR_EVER, NULL_POINTER, OK, abi};

const ECHO: &str = r#"{"op":"test.echo","text":"hello"}"#;

/// `pp_job_start` as it is, with a handle that must come back as 0.
fn start_raw(request: *const u8, len: usize, secrets: *const u8, secrets_len: usize) -> i32 {
    let mut job = u64::MAX;
    // SAFETY: whoever calls gives pointers that are readable as far as the library may read.
    let code = unsafe { (abi().job_start)(request, len, secrets, secrets_len, &raw mut job) };
    assert_eq!(job, 0);
    code
}

fn refusal(request: impl AsRef<[u8]>, secrets: &[u8]) -> i32 {
    match abi().start_with(&request, secrets) {
        Err(code) => code,
        Ok(_) => panic!("{} started a job", String::from_utf8_lossy(request.as_ref())),
    }
}

#[test]
fn null_pointers_are_refused() {
    let text = ECHO.as_ptr();
    assert_eq!(start_raw(null(), ECHO.len(), null(), 0), NULL_POINTER);
    assert_eq!(start_raw(null(), 0, null(), 0), NULL_POINTER);
    assert_eq!(start_raw(text, ECHO.len(), null(), 1), NULL_POINTER);
    // SAFETY: null is what is tested.
    unsafe {
        assert_eq!((abi().job_start)(text, ECHO.len(), null(), 0, null_mut()), NULL_POINTER);
        assert_eq!((abi().version)(null_mut()), NULL_POINTER);
        (abi().buffer_free)(null_mut());
    }
}

#[test]
fn null_outputs_of_the_next_event_are_refused_and_lose_no_event() {
    let job = abi().start(ECHO);
    let (mut kind, mut buffer) = (-1, Buffer::garbage());
    // SAFETY: null is what is tested.
    unsafe {
        assert_eq!((abi().job_next)(job, FOR_EVER, null_mut(), &raw mut buffer), NULL_POINTER);
        assert!(buffer.is_empty());
        assert_eq!((abi().job_next)(job, FOR_EVER, &raw mut kind, null_mut()), NULL_POINTER);
        assert_eq!(kind, 0);
    }
    assert_eq!(abi().drain(job).0.len(), 1);
    assert_eq!(abi().free(job), OK);
}

#[test]
fn no_secrets_may_be_null() {
    let mut job = 0;
    // SAFETY: the request is what it says, and `job` may be written.
    let code = unsafe { (abi().job_start)(ECHO.as_ptr(), ECHO.len(), null(), 0, &raw mut job) };
    assert_eq!(code, OK);
    assert_eq!(abi().free(job), OK);
}

#[test]
fn lengths_that_no_request_has_are_refused_before_anything_is_read() {
    let text = ECHO.as_ptr();
    for len in [16 * 1024 * 1024 + 1, isize::MAX.unsigned_abs() + 1, usize::MAX] {
        assert_eq!(start_raw(text, len, null(), 0), BAD_LENGTH, "request of {len}");
        assert_eq!(start_raw(text, ECHO.len(), text, len), BAD_LENGTH, "secrets of {len}");
        assert_eq!(start_raw(null(), len, null(), len), BAD_LENGTH, "null of {len}");
    }
}

#[test]
fn a_request_of_the_greatest_length_is_taken() {
    let frame = r#"{"op":"test.echo","text":""}"#;
    let text = "x".repeat(16 * 1024 * 1024 - frame.len());
    let job = abi().start(&frame.replace(r#""text":"""#, &format!(r#""text":"{text}""#)));
    let (events, _end) = abi().drain(job);
    assert!(events[0].1.len() > text.len());
    assert_eq!(abi().free(job), OK);
}

#[test]
fn bytes_that_are_not_utf_8_are_refused() {
    assert_eq!(refusal(b"{\"op\":\"test.echo\",\"text\":\"\xFF\"}", &[]), BAD_UTF8);
    assert_eq!(refusal(b"\xC3\x28", &[]), BAD_UTF8);
    // A surrogate half in UTF-8.
    assert_eq!(refusal(b"\"\xED\xA0\x80\"", &[]), BAD_UTF8);
    let refers = r#"{"op":"test.echo","text":"","secret":{"at":0,"len":1}}"#;
    assert_eq!(refusal(refers, "ü".as_bytes()), BAD_UTF8);
}

#[test]
fn requests_that_are_not_understood_are_refused() {
    let requests = [
        "",
        "null",
        "[]",
        "{}",
        "{",
        r#"{"text":"no op"}"#,
        r#"{"op":null}"#,
        r#"{"op":7}"#,
        r#"{"op":"test.unknown"}"#,
        r#"{"op":"TEST.WAIT"}"#,
        r#"{"op":"test.wait"} {}"#,
        r#"{"op":"test.echo"}"#,
        r#"{"op":"test.echo","text":7}"#,
        r#"{"op":"test.fill","bytes":-1}"#,
        r#"{"op":"test.fill","bytes":1.5}"#,
    ];
    for request in requests {
        abi().not_understood(request, &[]);
    }
}

#[test]
fn a_field_that_an_op_does_not_have_is_refused_also_where_it_has_none() {
    let requests = [
        r#"{"op":"test.echo","text":"","extra":null}"#,
        r#"{"op":"test.echo","text":"","Text":""}"#,
        r#"{"op":"test.fill","bytes":1,"text":""}"#,
        r#"{"op":"test.wait","extra":1}"#,
        r#"{"extra":1,"op":"test.panic"}"#,
        r#"{"op":"test.echo","text":"","secret":{"at":0,"len":0,"is":1}}"#,
    ];
    for request in requests {
        let said = abi().not_understood(request, &[]);
        assert!(said.contains("unknown field `"), "{said}");
    }
}

#[test]
fn a_field_given_twice_is_refused() {
    let requests = [
        r#"{"op":"test.echo","text":"a","text":"b"}"#,
        r#"{"op":"test.wait","op":"test.wait"}"#,
        r#"{"op":"test.echo","text":"","secret":{"at":0,"at":0,"len":0}}"#,
    ];
    for request in requests {
        let said = abi().not_understood(request, &[]);
        assert!(said.contains("duplicate field `"), "{said}");
    }
}

#[test]
fn a_secret_outside_of_its_block_is_refused() {
    let references = [
        r#"{"at":0,"len":7}"#,
        r#"{"at":6,"len":1}"#,
        r#"{"at":7,"len":0}"#,
        r#"{"at":18446744073709551615,"len":1}"#,
        r#"{"at":1,"len":18446744073709551615}"#,
        r#"{"at":-1,"len":1}"#,
        r#"{"at":0}"#,
        r#""secret""#,
    ];
    for reference in references {
        let request = format!(r#"{{"op":"test.echo","text":"","secret":{reference}}}"#);
        let said = abi().not_understood(&request, b"secret");
        assert!(!said.contains("&quot;secret&quot;"), "{said}");
    }
    let request = r#"{"op":"test.echo","text":"","secret":{"at":0,"len":1}}"#;
    assert!(abi().not_understood(request, &[]).contains("is outside of its block of 0 bytes"));
}

#[test]
fn numbers_that_are_no_handles_are_refused_everywhere() {
    let job = abi().start(ECHO);
    let foreign = [0, 1, u64::MAX, job ^ (1 << 63), job ^ (1 << 40), job + 1, job + (1 << 16), job.swap_bytes()];
    for number in foreign {
        assert_eq!(abi().next(number, 0), Err(BAD_HANDLE), "{number:#x}");
        assert_eq!(abi().cancel(number), BAD_HANDLE, "{number:#x}");
        assert_eq!(abi().free(number), BAD_HANDLE, "{number:#x}");
    }
    assert_eq!(abi().drain(job).1, Ok((DONE, Vec::new())), "the real one has not noticed");
    assert_eq!(abi().free(job), OK);
}

#[test]
fn a_freed_handle_stays_refused_when_its_slot_is_used_again() {
    let old = abi().start(ECHO);
    assert_eq!(abi().free(old), OK);
    assert_eq!(abi().free(old), BAD_HANDLE, "freed twice");
    let jobs: Vec<u64> = (0..8).map(|_| abi().start(ECHO)).collect();
    assert!(!jobs.contains(&old));
    assert_eq!(abi().next(old, 0), Err(BAD_HANDLE));
    assert_eq!(abi().cancel(old), BAD_HANDLE);
    assert_eq!(abi().free(old), BAD_HANDLE);
    for job in jobs {
        assert_eq!(abi().free(job), OK);
    }
}

#[test]
fn a_buffer_freed_twice_or_not_from_the_library_is_left_alone() {
    let mut buffer = Buffer::garbage();
    // SAFETY: outputs may be written, and freeing what is not live does nothing, which is what is tested.
    unsafe {
        assert_eq!((abi().version)(&raw mut buffer), OK);
        let mut copy = buffer;
        (abi().buffer_free)(&raw mut buffer);
        assert!(buffer.is_empty());
        (abi().buffer_free)(&raw mut buffer);
        (abi().buffer_free)(&raw mut copy);
        assert!(copy.is_empty());
    }
    let mut own = *b"mine";
    let mut strange = Buffer { data: own.as_mut_ptr(), len: own.len() };
    // SAFETY: as above.
    unsafe { (abi().buffer_free)(&raw mut strange) };
    assert_eq!(&own, b"mine");
}
