//! The log of a connection for a support case: JSON lines of what its ops said, whatever streams the caller has on. No secret,
//! no code and no name of a person goes into it, and a disk that takes no more ends nothing.

use std::collections::HashMap;
use std::env::consts::{ARCH, OS};
use std::fs::{File, OpenOptions, symlink_metadata};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Weak};
use std::time::Instant;

use parking_lot::Mutex;
use serde::Deserialize;
use serde_json::{Map, Value as Json};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::event::Kind;
use crate::sink::file_error;
use pp_report::catalogue as c;
use pp_report::clixml::Object;
use pp_report::error::OpError;
use pp_report::json;
use pp_sink::error::SinkError;
use pp_sink::private_file::PrivateFile;
use pp_words::of_system;

/// `log` of a connect request.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct LogRequest {
    path: String,
    #[serde(default)]
    force: bool,
    /// The shell's edition and version, as "Core 7.6.9".
    shell: String,
}

/// A file that one connection or several are logged to.
pub(crate) struct Log {
    path: PathBuf,
    shell: String,
    lines: Mutex<Lines>,
}

struct Lines {
    /// Nothing, once it took no more.
    to: Option<Box<dyn Write + Send>>,
    written: Arc<Written>,
}

/// What this process has written to a file, counted under the lock of the log's lines.
#[derive(Default)]
struct Written {
    lines: AtomicU64,
    bytes: AtomicU64,
}

/// A file that this process has begun.
struct Begun {
    /// While some op or connection is logged there.
    log: Weak<Log>,
    written: Arc<Written>,
}

impl Begun {
    /// The file, to go on in it; none where what lies there is another one by now.
    fn again(&self, path: &Path) -> Option<std::io::Result<File>> {
        let bytes = self.written.bytes.load(Ordering::Relaxed);
        let there = symlink_metadata(path).is_ok_and(|there| there.is_file() && there.len() == bytes);
        there.then(|| OpenOptions::new().append(true).open(path))
    }
}

/// A connection's log, and its tenant's id.
type Owned = (Arc<Log>, String);

/// Connections with a log, by number.
static OF_CONNECTIONS: LazyLock<Mutex<HashMap<u64, Owned>>> = LazyLock::new(Mutex::default);
/// Files that connections were logged to: another one of this process goes on in the same, also where no sign-in has got so far yet.
static BEGUN: LazyLock<Mutex<HashMap<PathBuf, Begun>>> = LazyLock::new(Mutex::default);
static OPS: AtomicU64 = AtomicU64::new(1);

impl LogRequest {
    /// The file, for its owner alone: the one that this process has begun, or a new one.
    pub(crate) fn open(self) -> Result<Arc<Log>, OpError> {
        let path = PathBuf::from(&self.path);
        let mut begun = BEGUN.lock();
        let before = begun.get(&path);
        if let Some(log) = before.and_then(|before| before.log.upgrade()) {
            return Ok(log);
        }
        let again = before.and_then(|before| Some((before.again(&path)?, Arc::clone(&before.written))));
        let (file, written) = match again {
            Some((file, written)) => {
                let not_writable = |why| SinkError::NotWritable { path: self.path.clone(), why: of_system(&why) };
                (file.map_err(not_writable), written)
            }
            None => (PrivateFile::prepare(&path, self.force).and_then(PrivateFile::open), Arc::default()),
        };
        let file = file.map_err(|error| file_error(error, c::LOG_EXISTS, c::LOG_NOT_WRITABLE))?;
        let log = Arc::new(Log::new(path.clone(), self.shell, Box::new(file), Arc::clone(&written)));
        begun.insert(path, Begun { log: Arc::downgrade(&log), written });
        Ok(log)
    }
}

/// The connection of this number is logged there.
pub(crate) fn belongs_to(log: Option<Arc<Log>>, connection: u64, tenant: Uuid) {
    if let Some(log) = log {
        OF_CONNECTIONS.lock().insert(connection, (log, tenant.to_string()));
    }
}

/// The connection was closed: nothing more is logged of it than the op that is running.
pub(crate) fn end_of(connection: u64) {
    OF_CONNECTIONS.lock().remove(&connection);
}

/// For an op on this connection, where it has a log.
pub(crate) fn of(connection: u64, op: &str) -> Option<OpLog> {
    let logs = OF_CONNECTIONS.lock();
    let (log, tenant) = logs.get(&connection)?;
    Some(log.begun(op, tenant))
}

impl Log {
    fn new(path: PathBuf, shell: String, to: Box<dyn Write + Send>, written: Arc<Written>) -> Self {
        Self { path, shell, lines: Mutex::new(Lines { to: Some(to), written }) }
    }

    /// For an op that begins.
    pub(crate) fn begun(self: &Arc<Self>, op: &str, tenant: &str) -> OpLog {
        OpLog {
            log: Arc::clone(self),
            tenant: tenant.to_owned(),
            op: op.to_owned(),
            number: OPS.fetch_add(1, Ordering::Relaxed),
            begun: Instant::now(),
        }
    }

    /// Writes a line under the next number, at once. The error is for the first that isn't taken; then there are no more.
    fn write(&self, line: impl FnOnce(u64) -> Json) -> Result<(), String> {
        let mut lines = self.lines.lock();
        let Lines { to: Some(to), written } = &mut *lines else { return Ok(()) };
        let number = written.lines.load(Ordering::Relaxed) + 1;
        let text = format!("{}\n", line(number));
        if let Err(why) = to.write_all(text.as_bytes()) {
            lines.to = None;
            let path = self.path.display();
            return Err(format!("The log '{path}' takes no more: {why}. Everything else goes on without it."));
        }
        written.lines.store(number, Ordering::Relaxed);
        written.bytes.fetch_add(text.len() as u64, Ordering::Relaxed);
        Ok(())
    }
}

/// The log of one op.
pub(crate) struct OpLog {
    log: Arc<Log>,
    pub(crate) tenant: String,
    op: String,
    number: u64,
    begun: Instant,
}

/// What is logged.
#[derive(Clone, Copy)]
pub(crate) enum What<'a> {
    /// The op begins.
    Begin,
    /// A line of a stream.
    Text(Kind, &'a str),
    /// An error.
    Error(&'a Object),
    /// A result.
    Row(&'a Object),
    /// The op has ended so.
    End(&'static str),
}

impl OpLog {
    /// Writes a line; see [`Log::write`].
    pub(crate) fn write(&self, what: What<'_>) -> Result<(), String> {
        self.log.write(|sequence| self.line(sequence, what))
    }

    fn line(&self, sequence: u64, what: What<'_>) -> Json {
        let mut line = Map::new();
        let mut put = |name: &str, value: Json| line.insert(name.to_owned(), value);
        put("time", json::value(&OffsetDateTime::now_utc().into()));
        put("sequence", sequence.into());
        put("tenantId", self.tenant.as_str().into());
        put("operation", self.number.into());
        put("op", self.op.as_str().into());
        match what {
            What::Begin => {
                put("kind", "begin".into());
                put("module", env!("CARGO_PKG_VERSION").into());
                put("os", format!("{OS} {ARCH}").into());
                put("shell", self.log.shell.as_str().into());
            }
            What::Text(kind, text) => {
                put("kind", format!("{kind:?}").to_lowercase().into());
                put("text", json::without_people(text).into());
            }
            What::Error(error) => {
                put("kind", "error".into());
                put("error", json::object(error));
            }
            What::Row(row) => {
                put("kind", "row".into());
                put("type", row.type_name().into());
                put("row", json::object(row));
            }
            What::End(result) => {
                put("kind", "end".into());
                put("result", result.into());
                put("durationMs", u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX).into());
            }
        }
        Json::Object(line)
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::event::Event;
    use crate::output::Output;
    use pp_base::cancel::Cancel;

    /// A disk that takes so many bytes.
    struct Disk(usize);

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 = self.0.checked_sub(bytes.len()).ok_or(io::ErrorKind::StorageFull)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_full_disk_ends_the_log_with_one_warning_and_nothing_else() -> Result<(), Box<dyn std::error::Error>> {
        let (sender, events) = std::sync::mpsc::channel();
        let send = move |event: Event| {
            // The receiver outlives the op.
            let _ = sender.send(event.kind);
            Ok(())
        };
        let output = Output::new(Box::new(send), Cancel::never());
        let log = Arc::new(Log::new("/a/log".into(), "Core 7".into(), Box::new(Disk(400)), Arc::default()));
        output.log_to(log.begun("plan", "t"));
        for _ in 0..20 {
            output.verbose("a line like any other")?;
        }
        output.ended(&Ok(()));
        let kinds: Vec<Kind> = events.try_iter().collect();
        assert_eq!(kinds.iter().filter(|kind| **kind == Kind::Verbose).count(), 20);
        assert_eq!(kinds.iter().filter(|kind| **kind == Kind::Warning).count(), 1);
        Ok(())
    }
}
