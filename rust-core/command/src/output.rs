//! What an op is given to say things with.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use parking_lot::Mutex;

use crate::event::{Event, Kind, Payload, SecretBytes};
use crate::log::{OpLog, What};
use pp_attributes::difference::Severity;
use pp_base::cancel::{Cancel, Cancelled};
use pp_base::secret::SecretText;
use pp_report::clixml::{self, Object, Value};
use pp_report::error::{OpError, Report};
use pp_report::rows::{AttributeDifference, Row};
use pp_words::sentence;

/// How large the CLIXML document of one OBJECTS event gets, unless one object alone is larger.
pub const MAX_DOCUMENT_BYTES: usize = 1024 * 1024;

/// Takes an event to the caller; waits while there is no room, and ends once nobody listens any more.
pub type Send = dyn Fn(Event) -> Result<(), Cancelled> + std::marker::Send + Sync;

/// An op's way to its caller. Every method waits while the event queue is full, and ends with [`Cancelled`] once the job
/// was told to stop.
pub struct Output {
    send: Arc<Send>,
    cancel: Cancel,
    secrets: AtomicU32,
    /// Where what is said is kept, too.
    log: Mutex<Option<OpLog>>,
    /// Of one tenant of several: what it says is kept for its row.
    kept: Option<Kept>,
}

/// What an op on one tenant of several says, and whose that is.
struct Kept {
    whose: String,
    said: Arc<Said>,
}

/// What was said and not sent to the caller.
#[derive(Default)]
pub(crate) struct Said {
    /// Its rows; of a comparison's the grave ones.
    pub(crate) objects: Mutex<Vec<Object>>,
    /// How many rows a comparison had of each severity.
    pub(crate) differences: Mutex<BTreeMap<Severity, u64>>,
    pub(crate) warnings: Mutex<Vec<String>>,
    pub(crate) errors: Mutex<Vec<Report>>,
}

impl Said {
    /// Keeps rows. Of a comparison's it keeps what locks out, renames or isn't known, and counts all: a fleet may have millions of others.
    fn keep(&self, rows: &[Object]) {
        let (mut kept, mut differences) = (self.objects.lock(), self.differences.lock());
        for row in rows {
            let severity = severity(row);
            if let Some(severity) = severity {
                *differences.entry(severity).or_default() += 1;
            }
            if !matches!(severity, Some(Severity::Changed | Severity::Equal)) {
                kept.push(row.clone());
            }
        }
    }
}

/// How grave a comparison's row is; none of another row.
fn severity(row: &Object) -> Option<Severity> {
    let named = row.get("Severity").filter(|_| row.type_name() == AttributeDifference::TYPE_NAME)?;
    Severity::ALL.into_iter().find(|severity| *named == Value::from(severity.name()))
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Output(..)")
    }
}

/// How far an op is.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// What is being done, as "Waiting for directory synchronization".
    pub activity: &'a str,
    /// Where it stands, as "Still on after 3 min".
    pub status: &'a str,
    /// 0 to 100, where known.
    pub percent: Option<u8>,
    /// Where known.
    pub seconds_remaining: Option<u32>,
}

impl Output {
    /// An output whose events go this way, for an op that is told to stop by `cancel`.
    pub fn new(send: Box<Send>, cancel: Cancel) -> Self {
        Self { send: Arc::from(send), cancel, secrets: AtomicU32::new(0), log: Mutex::default(), kept: None }
    }

    /// An output for the same op's work on one tenant of several. Its rows, warnings and errors are kept; what explains them goes
    /// to the caller with whose it is. A secret goes nowhere.
    pub(crate) fn of_one(&self, whose: String) -> (Self, Arc<Said>) {
        let said = Arc::new(Said::default());
        let kept = Some(Kept { whose, said: Arc::clone(&said) });
        let (send, cancel) = (Arc::clone(&self.send), self.cancel.clone());
        (Self { send, cancel, secrets: AtomicU32::new(0), log: Mutex::default(), kept }, said)
    }

    /// What the op looks at while it waits or works long.
    pub fn cancel(&self) -> &Cancel {
        &self.cancel
    }

    /// An error that may only be what a cancelled op ends with.
    pub(crate) fn unless_cancelled(&self, error: OpError) -> OpError {
        self.cancel.check().err().map_or(error, OpError::from)
    }

    /// Objects for the pipeline.
    pub fn objects(&self, objects: &[Object]) -> Result<(), Cancelled> {
        if let Some(kept) = &self.kept {
            kept.said.keep(objects);
            return Ok(());
        }
        for document in clixml::documents(objects, MAX_DOCUMENT_BYTES) {
            self.send(Kind::Objects, document)?;
        }
        Ok(())
    }

    /// One object for the pipeline.
    pub fn object(&self, object: &Object) -> Result<(), Cancelled> {
        self.objects(std::slice::from_ref(object))
    }

    /// From now on what is said goes into this log, too.
    pub(crate) fn log_to(&self, log: OpLog) {
        *self.log.lock() = Some(log);
        self.log(What::Begin);
    }

    /// The log learns whose the connection is.
    pub(crate) fn log_of(&self, tenant: &str) {
        if let Some(log) = self.log.lock().as_mut() {
            tenant.clone_into(&mut log.tenant);
        }
    }

    /// The op has ended: the last that its log is told.
    pub(crate) fn ended(&self, ended: &Result<(), OpError>) {
        let result = match ended {
            Ok(()) => "done",
            Err(OpError::Cancelled(_)) => "cancelled",
            Err(OpError::Failed(report)) => {
                self.log(What::Error(&report.to_object()));
                "failed"
            }
        };
        self.log(What::End(result));
        *self.log.lock() = None;
    }

    /// Writes to the log. That it takes no more is said once, and ends nothing.
    fn log(&self, what: What<'_>) {
        let failed = self.log.lock().as_ref().and_then(|log| log.write(what).err());
        if let Some(why) = failed {
            // A stream that can't be written to belongs to a cancelled job.
            let _ = self.send(Kind::Warning, why);
        }
    }

    /// Rows for the pipeline.
    pub fn rows<R: Row>(&self, rows: impl IntoIterator<Item = R>) -> Result<(), Cancelled> {
        let objects: Vec<Object> = rows.into_iter().map(R::to_object).collect();
        if !R::OF_PEOPLE {
            for object in &objects {
                self.log(What::Row(object));
            }
        }
        self.objects(&objects)
    }

    /// One row for the pipeline.
    pub fn row(&self, row: impl Row) -> Result<(), Cancelled> {
        self.rows([row])
    }

    /// How far the op is.
    pub fn progress(&self, progress: Progress<'_>) -> Result<(), Cancelled> {
        if self.kept.is_some() {
            // Where a tenant of several is at work long, this alone may tell it to stop.
            return self.cancel.check();
        }
        let seconds = progress.seconds_remaining;
        let seconds = seconds.map_or(-1, |known| i32::try_from(known).unwrap_or(i32::MAX));
        let object = Object::new("PPFederation.Progress")
            .with("Activity", progress.activity)
            .with("Status", progress.status)
            .with("PercentComplete", progress.percent.map_or(-1, i32::from))
            .with("SecondsRemaining", seconds);
        self.send(Kind::Progress, clixml::document(&[object]))
    }

    /// A line for the verbose stream.
    pub fn verbose(&self, text: impl Into<String>) -> Result<(), Cancelled> {
        self.say(Kind::Verbose, text.into())
    }

    /// A line for the debug stream: what was decided, and why.
    pub fn debug(&self, text: impl Into<String>) -> Result<(), Cancelled> {
        self.say(Kind::Debug, text.into())
    }

    /// A sentence for the warning stream.
    pub fn warning(&self, text: impl AsRef<str>) -> Result<(), Cancelled> {
        let text = sentence(text.as_ref());
        if let Some(kept) = &self.kept {
            kept.said.warnings.lock().push(text);
            return Ok(());
        }
        self.say(Kind::Warning, text)
    }

    /// A line for the information stream. It goes into no log: it may be a code to sign in with.
    pub fn information(&self, text: impl Into<String>) -> Result<(), Cancelled> {
        self.send(Kind::Information, self.of_whom(text.into()))
    }

    /// Hands a secret over; the answer is the number by which an object that follows refers to it
    /// ([`clixml::Value::SecretReference`]); none has the number 0.
    pub fn secret(&self, secret: &SecretText) -> Result<u32, Cancelled> {
        if self.kept.is_some() {
            return Ok(0);
        }
        let number = self.secrets.fetch_add(1, Ordering::Relaxed) + 1;
        let payload = Payload::Secret(SecretBytes::numbered(number, secret.expose()));
        (self.send)(Event { kind: Kind::Secret, payload })?;
        Ok(number)
    }

    /// What was chosen for the caller, who may see that it is wrong: a line for the information stream, and the log. Of one tenant of several it
    /// goes to the verbose stream.
    pub fn choice(&self, text: &str) -> Result<(), Cancelled> {
        let kind = if self.kept.is_some() { Kind::Verbose } else { Kind::Information };
        self.say(kind, sentence(text))
    }

    /// Something went wrong in the world. The op goes on; one that can't returns the report instead.
    pub fn error(&self, report: &Report) -> Result<(), Cancelled> {
        if let Some(kept) = &self.kept {
            kept.said.errors.lock().push(report.clone());
            return Ok(());
        }
        let object = report.to_object();
        self.log(What::Error(&object));
        self.send(Kind::Error, clixml::document(&[object]))
    }

    fn of_whom(&self, text: String) -> String {
        match &self.kept {
            Some(kept) => format!("{}: {text}", kept.whose),
            None => text,
        }
    }

    fn say(&self, kind: Kind, text: String) -> Result<(), Cancelled> {
        let text = self.of_whom(text);
        self.log(What::Text(kind, &text));
        self.send(kind, text)
    }

    fn send(&self, kind: Kind, bytes: impl Into<Vec<u8>>) -> Result<(), Cancelled> {
        let payload = Payload::Plain(bytes.into());
        (self.send)(Event { kind, payload })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_tenants_comparison_all_rows_are_counted_and_the_grave_ones_kept() -> Result<(), Cancelled> {
        let (output, said) = Output::new(Box::new(|_event| Ok(())), Cancel::never()).of_one("Contoso".to_owned());
        let row = |severity: Severity| Object::new(AttributeDifference::TYPE_NAME).with("Severity", severity.name());
        for _ in 0..1_000 {
            output.objects(&[row(Severity::Changed), row(Severity::Equal)])?;
        }
        assert!(said.objects.lock().is_empty());
        output.objects(&Severity::ALL.map(row))?;
        let counts: Vec<u64> = said.differences.lock().values().copied().collect();
        assert_eq!(counts, [1, 1, 1, 1_001, 1_001]);
        let grave = [Severity::LockedOut, Severity::Unknown, Severity::Renamed];
        assert_eq!(*said.objects.lock(), grave.map(row));
        // Another type's rows are kept whatever their columns hold.
        output.object(&Object::new("PPFederation.Another").with("Severity", "Changed"))?;
        assert_eq!(said.objects.lock().len(), 4);
        Ok(())
    }
}
