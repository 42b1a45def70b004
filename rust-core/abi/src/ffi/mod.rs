//! The C ABI: seven functions, which a new command doesn't add to. What of the product's code is unsafe is here and in
//! `base`.
//!
//! Return codes tell misuse and bugs; what goes wrong in the world is an ERROR event of the job. Inputs are borrowed for
//! the call and copied. Every function may be called from any thread, and none needs another to be called before.
#![expect(unsafe_code, reason = "the C ABI reads and writes through the caller's pointers")]

mod buffer;
mod codes;

use std::time::Duration;

pub use buffer::PpBuffer;
pub use codes::*;

use crate::job::{self, Counts, NextError, StartError};
use pp_base::guard;
use pp_base::handle::HandleError;
use pp_command::event::{Event, Kind, Payload};
use pp_command::{BadRequest, SecretBlock};
use pp_report::catalogue::BAD_REQUEST;

/// The handle of a job: generation-checked, never 0. A stale, foreign or freed one is `PP_BAD_HANDLE`, nothing worse.
pub type PpJob = u64;

/// Why a call did nothing: one of the codes other than `PP_OK`.
struct Refusal(i32);

/// The version of the ABI, `PP_ABI_VERSION` of the header the library was built with.
#[unsafe(no_mangle)]
pub extern "C" fn pp_abi_version() -> u32 {
    PP_ABI_VERSION
}

/// The version of the library as UTF-8 text, as "0.2.0".
///
/// `out` is written without being read first; the caller owns what is in it and frees it with `pp_buffer_free`.
/// On any code but `PP_OK` it is empty.
///
/// Returns `PP_OK`, `PP_NULL_POINTER`, `PP_PANIC`.
///
/// # Safety
/// `out` is null or points to a `pp_buffer` that may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pp_version(out: *mut PpBuffer) -> i32 {
    boundary(|| {
        // SAFETY: the caller's promise.
        let out = unsafe { cleared(out, PpBuffer::EMPTY) }?;
        *out = PpBuffer::hand_out(Payload::Plain(env!("CARGO_PKG_VERSION").into()));
        Ok(())
    })
}

/// Starts a job: one command on a thread of its own.
///
/// `request` is a JSON object in UTF-8, `{"op": ..., ...}`. Secrets are not in it: they lie one after the other in
/// `secrets`, and the request refers to one as `{"at": first byte, "len": bytes}`. Both are copied before the call
/// returns; they stay the caller's, who wipes them. `secrets` may be null if `secrets_len` is 0.
///
/// `out` receives the handle, which the caller frees with `pp_job_free`; on any code but `PP_OK` it is 0. The job of a request
/// that is not understood (no JSON, an unknown op, field or value, a secret outside of its block) says why in its one ERROR
/// event.
///
/// Returns `PP_OK`, `PP_NULL_POINTER`, `PP_BAD_LENGTH`, `PP_BAD_UTF8`, `PP_BUSY`, `PP_PANIC`.
///
/// # Safety
/// `request` and `secrets` are null or point to as many readable bytes as said, which nobody writes during the call;
/// `out` is null or points to a `pp_job` that may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pp_job_start(
    request: *const u8,
    len: usize,
    secrets: *const u8,
    secrets_len: usize,
    out: *mut PpJob,
) -> i32 {
    boundary(|| {
        // SAFETY: the caller's promise.
        let out = unsafe { cleared(out, 0) }?;
        // SAFETY: the caller's promise.
        let request = unsafe { borrowed(request, len) }?;
        let secrets: &[u8] = if secrets.is_null() && secrets_len == 0 {
            &[]
        } else {
            // SAFETY: the caller's promise.
            unsafe { borrowed(secrets, secrets_len) }?
        };
        *out = start(request, secrets)?;
        Ok(())
    })
}

/// Waits for the job's next event, at most `timeout_ms` milliseconds; 0 only looks.
///
/// `kind` receives what happened (`PP_EVENT_...`; `PP_EVENT_NONE` after the time-out), `out` what comes with it. Both are
/// written without being read first. The caller owns what is in `out` and frees it with `pp_buffer_free`; on any code but
/// `PP_OK`, and where there is nothing to say, it is empty. Once a job has given `PP_EVENT_DONE` or `PP_EVENT_CANCELLED`
/// it gives the same again. Events that were queued before a cancel are still delivered.
///
/// Returns `PP_OK`, `PP_NULL_POINTER`, `PP_BAD_HANDLE`, `PP_BUSY` (another thread is in this function with this job),
/// `PP_PANIC` (after the queued events, and ever after: the job's worker panicked).
///
/// # Safety
/// `kind` and `out` are null or point to an `int32_t` and a `pp_buffer` that may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pp_job_next(job: PpJob, timeout_ms: u32, kind: *mut i32, out: *mut PpBuffer) -> i32 {
    boundary(|| {
        // SAFETY: the caller's promise.
        let kind = unsafe { cleared(kind, PP_EVENT_NONE) };
        // SAFETY: the caller's promise.
        let out = unsafe { cleared(out, PpBuffer::EMPTY) };
        let (kind, out) = (kind?, out?);
        let job = job::find(job).map_err(Refusal::from)?;
        let timeout = Duration::from_millis(u64::from(timeout_ms));
        if let Some(Event { kind: what, payload }) = job.next(timeout)? {
            *kind = code_of(what);
            *out = PpBuffer::hand_out(payload);
        }
        Ok(())
    })
}

/// Tells a job to stop, and doesn't wait for it. A job that has ended stays as it ended.
///
/// Returns `PP_OK` (also the second time), `PP_BAD_HANDLE`, `PP_PANIC`.
#[unsafe(no_mangle)]
pub extern "C" fn pp_job_cancel(job: PpJob) -> i32 {
    boundary(|| {
        job::find(job)?.cancel();
        Ok(())
    })
}

/// Frees a job and the events it still has. A running one is cancelled and not waited for.
///
/// The handle is stale from now on; a thread in `pp_job_next` with it gets `PP_EVENT_CANCELLED`. Buffers that were given
/// out stay the caller's.
///
/// Returns `PP_OK`, `PP_BAD_HANDLE` (also the second time), `PP_PANIC`.
#[unsafe(no_mangle)]
pub extern "C" fn pp_job_free(job: PpJob) -> i32 {
    boundary(|| Ok(job::free(job)?))
}

/// Zeroes and frees what `pp_version` or `pp_job_next` has put into a buffer, and empties the buffer.
///
/// Does nothing for null, for an empty buffer, and for bytes that are not the library's. A copy of a buffer that was freed
/// must not be freed too: the library ignores it, unless the same place holds another buffer by then.
///
/// # Safety
/// `buffer` is null or points to a `pp_buffer` that may be read and written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pp_buffer_free(buffer: *mut PpBuffer) {
    boundary(|| {
        // SAFETY: the caller's promise.
        if let Some(buffer) = unsafe { buffer.as_mut() } {
            buffer.take_back();
        }
        Ok(())
    });
}

/// Runs what an export does; a panic ends here.
fn boundary(call: impl FnOnce() -> Result<(), Refusal>) -> i32 {
    match guard::contain(call) {
        Ok(Ok(())) => PP_OK,
        Ok(Err(Refusal(code))) => code,
        Err(_panicked) => PP_PANIC,
    }
}

/// Writes the value for "nothing" through an output pointer, which may point to uninitialised memory.
///
/// # Safety
/// `target` is null or may be written, and stays so for `'a`.
unsafe fn cleared<'a, T>(target: *mut T, nothing: T) -> Result<&'a mut T, Refusal> {
    if target.is_null() {
        return Err(Refusal(PP_NULL_POINTER));
    }
    // SAFETY: it is not null, the rest is the caller's promise.
    unsafe {
        target.write(nothing);
        Ok(&mut *target)
    }
}

/// The bytes of an input.
///
/// # Safety
/// `data` is null or points to `len` readable bytes, which nobody writes for `'a`.
unsafe fn borrowed<'a>(data: *const u8, len: usize) -> Result<&'a [u8], Refusal> {
    if len > PP_MAX_INPUT {
        return Err(Refusal(PP_BAD_LENGTH));
    }
    if data.is_null() {
        return Err(Refusal(PP_NULL_POINTER));
    }
    // SAFETY: not null, far below `isize::MAX`, the rest is the caller's promise.
    Ok(unsafe { std::slice::from_raw_parts(data, len) })
}

fn start(request: &[u8], secrets: &[u8]) -> Result<PpJob, Refusal> {
    let command = match pp_command::parse(request, &SecretBlock::copy_of(secrets)) {
        Ok(command) => command,
        Err(BadRequest::NotUtf8 | BadRequest::SecretNotUtf8) => return Err(Refusal(PP_BAD_UTF8)),
        Err(bad @ (BadRequest::Json(_) | BadRequest::SecretOutside { .. })) => {
            return Ok(job::start(move |_| Err(BAD_REQUEST.report(bad.to_string()).into()), Counts::Nowhere)?);
        }
    };
    let counts = if command.lets_go() { Counts::Nowhere } else { Counts::Running };
    Ok(job::start(move |output| command.run(output), counts)?)
}

fn code_of(kind: Kind) -> i32 {
    match kind {
        Kind::Progress => PP_EVENT_PROGRESS,
        Kind::Verbose => PP_EVENT_VERBOSE,
        Kind::Warning => PP_EVENT_WARNING,
        Kind::Information => PP_EVENT_INFORMATION,
        Kind::Objects => PP_EVENT_OBJECTS,
        Kind::Secret => PP_EVENT_SECRET,
        Kind::Error => PP_EVENT_ERROR,
        Kind::Done => PP_EVENT_DONE,
        Kind::Cancelled => PP_EVENT_CANCELLED,
        Kind::Debug => PP_EVENT_DEBUG,
    }
}

impl From<StartError> for Refusal {
    fn from(error: StartError) -> Self {
        match error {
            StartError::TooMany | StartError::TableFull(_) | StartError::NoThread(_) => Self(PP_BUSY),
        }
    }
}

impl From<HandleError> for Refusal {
    fn from(error: HandleError) -> Self {
        match error {
            HandleError::Foreign | HandleError::Stale => Self(PP_BAD_HANDLE),
        }
    }
}

impl From<NextError> for Refusal {
    fn from(error: NextError) -> Self {
        match error {
            NextError::OtherThread => Self(PP_BUSY),
            NextError::Panicked => Self(PP_PANIC),
        }
    }
}
