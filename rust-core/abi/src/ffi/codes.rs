//! The numbers of the C ABI. They never change; new ones are added at the end.

/// The version of the ABI: functions, numbers and layouts. The module refuses a library of another one.
pub const PP_ABI_VERSION: u32 = 1;

/// It worked.
pub const PP_OK: i32 = 0;
/// A bug of this library: the call or the job's worker panicked. A job that gives it once gives it for ever.
pub const PP_PANIC: i32 = 1;
/// A pointer is null that may not be.
pub const PP_NULL_POINTER: i32 = 2;
/// A length is over `PP_MAX_INPUT`.
pub const PP_BAD_LENGTH: i32 = 3;
/// The request, or a secret it refers to, is not UTF-8.
pub const PP_BAD_UTF8: i32 = 4;
/// The job handle is stale, foreign, or freed already.
pub const PP_BAD_HANDLE: i32 = 5;
/// 64 jobs run already (or the system gives no thread), or another thread is in `pp_job_next` of this job.
pub const PP_BUSY: i32 = 6;

/// The most bytes a request or a secrets block may have: 16 MiB.
pub const PP_MAX_INPUT: usize = 16_777_216;

/// Nothing happened within the time-out.
pub const PP_EVENT_NONE: i32 = 0;
/// CLIXML of one object: `Activity`, `Status`, `PercentComplete` and `SecondsRemaining` (-1 unknown).
pub const PP_EVENT_PROGRESS: i32 = 1;
/// UTF-8 text for the verbose stream.
pub const PP_EVENT_VERBOSE: i32 = 2;
/// UTF-8 text for the warning stream.
pub const PP_EVENT_WARNING: i32 = 3;
/// UTF-8 text for the information stream.
pub const PP_EVENT_INFORMATION: i32 = 4;
/// CLIXML of one or more objects; at most 1 MiB unless one object alone is larger.
pub const PP_EVENT_OBJECTS: i32 = 5;
/// A secret: its number in this job (u32, little-endian, from 1), then its UTF-8 bytes.
pub const PP_EVENT_SECRET: i32 = 6;
/// CLIXML of one object: `Id`, `Message`, `Category`, `Target`, `HttpStatus`, `Code`, `RequestId`, `Advice`.
pub const PP_EVENT_ERROR: i32 = 7;
/// The job has ended, also after an error. Given again by every later call.
pub const PP_EVENT_DONE: i32 = 8;
/// The job was cancelled. Given again by every later call.
pub const PP_EVENT_CANCELLED: i32 = 9;
/// UTF-8 text for the debug stream.
pub const PP_EVENT_DEBUG: i32 = 10;
