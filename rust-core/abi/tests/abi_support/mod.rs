//! The C ABI of the built library, as a C caller sees it: loaded by name, called through pointers.

#![expect(unsafe_code, reason = "the functions of a library are called through pointers")]
#![expect(clippy::expect_used, clippy::panic, reason = "a test that can't be set up fails")]

#[cfg(target_os = "linux")]
pub(crate) mod process;

use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use libloading::{Library, Symbol};
use serde_json::json;
use tenant_twin::Twin;

pub(crate) const OK: i32 = 0;
pub(crate) const PANIC: i32 = 1;
pub(crate) const NULL_POINTER: i32 = 2;
pub(crate) const BAD_LENGTH: i32 = 3;
pub(crate) const BAD_UTF8: i32 = 4;
pub(crate) const BAD_HANDLE: i32 = 5;
pub(crate) const BUSY: i32 = 6;

pub(crate) const NONE: i32 = 0;
pub(crate) const VERBOSE: i32 = 2;
pub(crate) const OBJECTS: i32 = 5;
pub(crate) const SECRET: i32 = 6;
pub(crate) const ERROR: i32 = 7;
pub(crate) const DONE: i32 = 8;
pub(crate) const CANCELLED: i32 = 9;

/// Long enough that a test which gets there has failed.
pub(crate) const FOR_EVER: u32 = 600_000;

/// `pp_buffer`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Buffer {
    pub(crate) data: *mut u8,
    pub(crate) len: usize,
}

/// The seven functions.
pub(crate) struct Exports {
    /// A library with threads of its own must never be unloaded. Held, not leaked: valgrind looks for leaks.
    _library: ManuallyDrop<Library>,
    pub(crate) abi_version: unsafe extern "C" fn() -> u32,
    pub(crate) version: unsafe extern "C" fn(*mut Buffer) -> i32,
    pub(crate) job_start: unsafe extern "C" fn(*const u8, usize, *const u8, usize, *mut u64) -> i32,
    pub(crate) job_next: unsafe extern "C" fn(u64, u32, *mut i32, *mut Buffer) -> i32,
    pub(crate) job_cancel: unsafe extern "C" fn(u64) -> i32,
    pub(crate) job_free: unsafe extern "C" fn(u64) -> i32,
    pub(crate) buffer_free: unsafe extern "C" fn(*mut Buffer),
}

/// What `pp_job_next` gave: its code, or the kind and the bytes of an event.
pub(crate) type Next = Result<(i32, Vec<u8>), i32>;

impl Buffer {
    /// What an output is before a call: the call must not read it.
    pub(crate) fn garbage() -> Self {
        Self { data: std::ptr::dangling_mut(), len: 77 }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.data.is_null() && self.len == 0
    }

    /// The bytes, copied.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        if self.is_empty() {
            return Vec::new();
        }
        // SAFETY: the library said that there are so many bytes, and they are not freed yet.
        unsafe { std::slice::from_raw_parts(self.data, self.len) }.to_vec()
    }
}

/// The library that cargo has built for this test.
pub(crate) fn abi() -> &'static Exports {
    static ABI: OnceLock<Exports> = OnceLock::new();
    ABI.get_or_init(|| {
        let test = std::env::current_exe().expect("this test is a program");
        let folder = test.parent().expect("a program lies in a folder");
        Exports::load(&library_in(folder))
    })
}

/// Polls for something that has to come; the limit only keeps a failing test from running for ever.
pub(crate) fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let given_up = Instant::now() + Duration::from_mins(2);
    while !holds() {
        assert!(Instant::now() < given_up, "{what}: it never came");
        thread::yield_now();
    }
}

/// The path that the library has in a folder on this system.
pub(crate) fn library_in(folder: &Path) -> PathBuf {
    folder.join(libloading::library_filename("ppfederation"))
}

impl Exports {
    /// Loads a library for good.
    pub(crate) fn load(path: &Path) -> Self {
        // SAFETY: loading runs no code but the start-up of Rust's standard library.
        let library = unsafe { Library::new(path) };
        let library = library.unwrap_or_else(|error| panic!("{} can't be loaded: {error}", path.display()));
        // SAFETY: the types are those of ppfederation.h.
        unsafe {
            Self {
                abi_version: function(&library, "pp_abi_version"),
                version: function(&library, "pp_version"),
                job_start: function(&library, "pp_job_start"),
                job_next: function(&library, "pp_job_next"),
                job_cancel: function(&library, "pp_job_cancel"),
                job_free: function(&library, "pp_job_free"),
                buffer_free: function(&library, "pp_buffer_free"),
                _library: ManuallyDrop::new(library),
            }
        }
    }

    /// Starts a job; the error is the code.
    pub(crate) fn start_with(&self, request: impl AsRef<[u8]>, secrets: &[u8]) -> Result<u64, i32> {
        let request = request.as_ref();
        let mut job = u64::MAX;
        // SAFETY: the slices are what they say, and `job` may be written.
        let code =
            unsafe { (self.job_start)(request.as_ptr(), request.len(), secrets.as_ptr(), secrets.len(), &raw mut job) };
        assert_eq!(code == OK, job != 0, "a refused job has the handle 0, and only that");
        if code == OK { Ok(job) } else { Err(code) }
    }

    /// Starts a job without secrets that must start.
    pub(crate) fn start(&self, request: &str) -> u64 {
        self.start_with(request, &[]).unwrap_or_else(|code| panic!("{request} gives code {code}"))
    }

    /// What the job of a request that is not understood says, as CLIXML: that alone, once.
    pub(crate) fn not_understood(&self, request: &str, secrets: &[u8]) -> String {
        let job = self.start_with(request, secrets).unwrap_or_else(|code| panic!("{request} gives code {code}"));
        let (events, end) = self.drain(job);
        assert_eq!(end, Ok((DONE, Vec::new())), "{request}");
        assert_eq!(self.free(job), OK);
        let [(ERROR, said)] = events.as_slice() else { panic!("{request}: {events:?}") };
        let said = String::from_utf8_lossy(said).into_owned();
        assert!(said.contains("PPFederation.BadRequest"), "{request}: {said}");
        said
    }

    /// Connects to a twin as `Connect-PPTenant` does; the connection's number.
    pub(crate) fn connect(&self, twin: &Twin) -> u64 {
        let client = twin.client("admin").unwrap_or_else(|| panic!("no admin"));
        let secret = client.client_secret.as_bytes();
        let request = json!({
            "op": "connect", "tenantId": twin.tenant_id(), "environment": "Custom",
            "loginEndpoint": twin.login(), "graphEndpoint": twin.graph(),
            "credential": {
                "kind": "clientSecret", "clientId": client.client_id, "clientSecret": {"at": 0, "len": secret.len()},
            },
        });
        let job = self.start_when_possible(&request.to_string(), secret);
        let (events, end) = self.drain(job);
        assert_eq!(end, Ok((DONE, Vec::new())), "{events:?}");
        assert_eq!(self.free(job), OK);
        let objects: String = events.iter().map(|(_, bytes)| String::from_utf8_lossy(bytes)).collect();
        let number = objects.split_once(r#"<U64 N="Number">"#).and_then(|(_, rest)| rest.split('<').next());
        number.and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("no connection: {objects}"))
    }

    /// Starts a job as soon as there is a place: a cancelled worker gives its place back in its own time.
    pub(crate) fn start_when_possible(&self, request: &str, secrets: &[u8]) -> u64 {
        let mut started = Err(BUSY);
        eventually("a place for a job", || {
            started = self.start_with(request, secrets);
            started != Err(BUSY)
        });
        started.unwrap_or_else(|code| panic!("{request} gives code {code}"))
    }

    /// The next event, whose buffer is freed.
    pub(crate) fn next(&self, job: u64, timeout_ms: u32) -> Next {
        let (mut kind, mut buffer) = (-1, Buffer::garbage());
        // SAFETY: both outputs may be written.
        let code = unsafe { (self.job_next)(job, timeout_ms, &raw mut kind, &raw mut buffer) };
        let bytes = buffer.bytes();
        // SAFETY: the buffer is the library's, or empty.
        unsafe { (self.buffer_free)(&raw mut buffer) };
        assert!(buffer.is_empty(), "freeing empties a buffer");
        if code == OK {
            return Ok((kind, bytes));
        }
        assert_eq!((kind, bytes), (NONE, Vec::new()), "a code comes with nothing");
        Err(code)
    }

    /// Events until the job has ended or gives a code.
    pub(crate) fn drain(&self, job: u64) -> (Vec<(i32, Vec<u8>)>, Next) {
        let mut events = Vec::new();
        loop {
            match self.next(job, FOR_EVER) {
                Ok((kind, bytes)) if kind != DONE && kind != CANCELLED => events.push((kind, bytes)),
                last => return (events, last),
            }
        }
    }

    pub(crate) fn cancel(&self, job: u64) -> i32 {
        // SAFETY: any number may be given.
        unsafe { (self.job_cancel)(job) }
    }

    pub(crate) fn free(&self, job: u64) -> i32 {
        // SAFETY: any number may be given.
        unsafe { (self.job_free)(job) }
    }
}

/// # Safety
/// `T` is the function's type, and the library is never unloaded.
unsafe fn function<T: Copy>(library: &Library, name: &str) -> T {
    // SAFETY: the caller's promise.
    let found: Result<Symbol<'_, T>, _> = unsafe { library.get(name) };
    *found.unwrap_or_else(|error| panic!("{name} is not exported: {error}"))
}
