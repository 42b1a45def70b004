//! The lines of a ledger: JSON Lines, a header first, then one event a line.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::serde::rfc3339;
use uuid::Uuid;

/// The form of the lines; another form has another name.
pub const SCHEMA: &str = "ppfederation-ledger-1";

/// The number that each line carries; it goes with [`SCHEMA`].
const V: u8 = 1;

/// No line is longer, its end included. What is given in place of a ledger isn't read into memory whatever it is.
pub(crate) const LONGEST_LINE: u64 = 1024 * 1024;

/// So many bytes of what is told at an end stand in its line; an error may have whatever a service or a script has said.
const LONGEST_TEXT: usize = 8 * 1024;

/// The first line of a file, and of each blob.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Header {
    /// [`SCHEMA`].
    pub schema: String,
    /// The version of the module that made it.
    pub module: String,
    /// When it was made, UTC.
    #[serde(with = "rfc3339")]
    pub time: OffsetDateTime,
}

impl Header {
    /// Of this version.
    pub(crate) fn new(time: OffsetDateTime) -> Self {
        Self { schema: SCHEMA.into(), module: env!("CARGO_PKG_VERSION").into(), time }
    }
}

/// One line. It never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// 1.
    pub v: u8,
    /// When it was written, UTC, by the writer's clock.
    #[serde(with = "rfc3339")]
    pub time: OffsetDateTime,
    /// Who wrote it, as it names itself.
    pub worker: String,
    /// The tenant's id.
    pub tenant: Uuid,
    /// What is done in the tenant, as `Runbook`.
    pub action: String,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

impl Line {
    /// As it is written, with its end.
    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>, String> {
        let mut bytes = serde_json::to_vec(self).map_err(|error| error.to_string())?;
        bytes.push(b'\n');
        // Whoever reads the ledger would take none of it any more.
        if bytes.len() as u64 > LONGEST_LINE {
            return Err(format!("a line may have {LONGEST_LINE} bytes, and this one has {}", bytes.len()));
        }
        Ok(bytes)
    }

    pub(crate) fn new(time: OffsetDateTime, worker: &str, tenant: Uuid, action: &str, mut event: Event) -> Self {
        match &mut event {
            Event::Done { summary: text } | Event::Stopped { why: text } => cut(text),
            Event::Failed { error } => cut(&mut error.message),
            Event::Begun { .. }
            | Event::SecretAsked { .. }
            | Event::SecretMade { .. }
            | Event::SecretPlaced { .. }
            | Event::SecretUnclaimed { .. }
            | Event::SecretRemoved { .. } => {}
        }
        Self { v: V, time, worker: worker.to_owned(), tenant, action: action.to_owned(), event }
    }
}

/// Cuts what is too long for a line, and says so.
fn cut(text: &mut String) {
    let whole = text.len();
    if whole > LONGEST_TEXT {
        text.truncate(text.floor_char_boundary(LONGEST_TEXT));
        *text = format!("{text}... (cut; it had {whole} bytes)");
    }
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Event {
    /// A try was begun.
    Begun {
        /// The organization's display name, where it is known.
        tenant_name: Option<String>,
        /// What was chosen.
        #[serde(default)]
        choices: Choices,
    },
    /// A secret is about to be asked for: durable before the request leaves.
    SecretAsked {
        /// Its `startDateTime`, exactly as it is sent.
        #[serde(with = "rfc3339")]
        start: OffsetDateTime,
        /// The application's (client) id.
        app_id: Uuid,
    },
    /// The service has made it.
    SecretMade {
        /// Its `startDateTime`, as it was asked for.
        #[serde(with = "rfc3339")]
        start: OffsetDateTime,
        /// Its key id.
        key_id: Uuid,
        /// The application's (client) id.
        app_id: Uuid,
    },
    /// A sink has confirmed it.
    SecretPlaced {
        /// Its key id.
        key_id: Uuid,
        /// The sink's name for it: a vault's secret id, a file's path.
        place: String,
    },
    /// It was not put in place, and its text was left with the session that made it: somebody may have it.
    SecretUnclaimed {
        /// Its key id.
        key_id: Uuid,
    },
    /// It was taken back, or there was none.
    SecretRemoved {
        /// Its `startDateTime`, as it was asked for.
        #[serde(with = "rfc3339")]
        start: OffsetDateTime,
        /// Its key id; null where none was found.
        key_id: Option<Uuid>,
    },
    /// The action is done.
    Done {
        /// What came of it, in a sentence.
        summary: String,
    },
    /// The action failed.
    Failed {
        /// Why.
        error: ErrorMark,
    },
    /// It was left as it was: cancelled, or out of time. It is open again.
    Stopped {
        /// Why.
        why: String,
    },
}

/// With which choices an action is done in a tenant.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Choices {
    /// The steps that are taken, by their names; none where the action has none.
    pub steps: Vec<String>,
    /// Which application is meant, in words; none where it is the module's own.
    pub application: Option<String>,
    /// The file that a new secret goes to, where it goes to one.
    pub file: Option<String>,
    /// The machine that it is done on, and that file lies on, by its name; none where that isn't known.
    pub machine: Option<String>,
    /// The vault that it goes to, where it goes to one.
    pub vault: Option<InVault>,
    /// Whether the application is locked against changes of its credentials.
    pub lock: bool,
    /// The file that the action writes, where it writes one.
    pub path: Option<String>,
}

/// A secret in a vault.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct InVault {
    /// The vault's address.
    pub address: String,
    /// The secret's name there.
    pub name: String,
}

impl Choices {
    /// Whether what was done with these is all that the others ask for.
    pub fn cover(&self, others: &Self) -> bool {
        self.application == others.application
            && self.path == others.path
            && (self.lock || !others.lock)
            && others.steps.iter().all(|step| self.steps.contains(step))
    }
}

/// An error, as the ledger keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorMark {
    /// As `PPFederation.AccessDenied`.
    pub id: String,
    /// In words.
    pub message: String,
    /// Whether it passes by itself.
    pub passes: bool,
}

/// Why a text is no line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NoLine {
    /// It is not JSON at all.
    NoJson(String),
    /// It is JSON, of a later version.
    Later(String),
    /// It is JSON, and something else.
    Other(String),
}

/// What tells which version wrote a line.
#[derive(Deserialize)]
struct Mark {
    v: Option<u64>,
    event: Option<String>,
    schema: Option<String>,
}

/// Names of all events, as they stand in a line.
const EVENTS: [&str; 9] = [
    "begun",
    "secretAsked",
    "secretMade",
    "secretPlaced",
    "secretUnclaimed",
    "secretRemoved",
    "done",
    "failed",
    "stopped",
];

/// Reads a line. An event that this version doesn't know is an error, never skipped: what it means may be that a secret is there.
pub(crate) fn line(bytes: &[u8]) -> Result<Line, NoLine> {
    let mark = mark(bytes)?;
    if let Some(v) = mark.v.filter(|v| *v != u64::from(V)) {
        return Err(NoLine::Later(format!("it is of form {v}, and this version knows form {V}")));
    }
    if let Some(event) = mark.event.filter(|event| !EVENTS.contains(&event.as_str())) {
        return Err(NoLine::Later(format!("this version doesn't know the event '{event}'")));
    }
    serde_json::from_slice(bytes).map_err(|error| NoLine::Other(error.to_string()))
}

/// Reads a header.
pub(crate) fn header(bytes: &[u8]) -> Result<Header, NoLine> {
    let mark = mark(bytes)?;
    let schema = mark.schema.unwrap_or_default();
    if schema != SCHEMA && schema.starts_with("ppfederation-ledger-") {
        return Err(NoLine::Later(format!("its schema is {schema}, and this version knows {SCHEMA}")));
    }
    if schema != SCHEMA {
        return Err(NoLine::Other("it is no header of a ledger".into()));
    }
    serde_json::from_slice(bytes).map_err(|error| NoLine::Other(error.to_string()))
}

fn mark(bytes: &[u8]) -> Result<Mark, NoLine> {
    serde_json::from_slice::<serde_json::Value>(bytes).map_err(|error| NoLine::NoJson(error.to_string()))?;
    serde_json::from_slice(bytes).map_err(|error| NoLine::Other(error.to_string()))
}
