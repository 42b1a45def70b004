//! Ops on provisioning scripts. They need no tenant and reach no network: the script is tried in a sandbox.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read as _};
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;

use crate::Op;
use crate::knowledge::usage_location;
use crate::output::Output;
use crate::sink::file_error;
use pp_attributes::portal_user::{PortalUser, USERNAME};
use pp_attributes::portal_users::{Overrides, Pair, Pairs, PortalUsers, ReadError};
use pp_base::cancel::{Cancelled, Stoppable};
use pp_report::catalogue as c;
use pp_report::error::OpError;
use pp_report::rows::{MergedScript, ScriptResult};
use pp_script::merge::{MergeError, Merged, Outcome, merge};
use pp_script::{Assumed, ENGINE_NOTE, Kind, Limits, Place, Run, Script, ScriptError, Written};
use pp_sink::error::SinkError;
use pp_sink::private_file::PrivateFile;
use pp_words::of_system;

/// The longest script file that is read.
const LONGEST: u64 = 1024 * 1024;

/// How many rows leave at once.
const ROWS: usize = 100;

/// A script, as text or as a file.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Given {
    Text(String),
    Path(String),
}

impl Given {
    /// The script, which `output`'s caller can stop.
    pub(crate) fn compile(&self, limits: Limits, output: &Output) -> Result<Script, OpError> {
        let cancel = output.cancel().clone();
        let text = match self {
            Self::Text(text) => text.clone(),
            Self::Path(path) => read(path)?,
        };
        Script::compile(&text, limits, move || cancel.is_cancelled()).map_err(|error| {
            match error {
                // Whoever cancelled it hears no error.
                ScriptError::Cancelled => Cancelled.into(),
                error => c::SCRIPT_INVALID.report(self.named(&error)).into(),
            }
        })
    }

    /// What is said of a script, with its file.
    fn named(&self, what: &impl ToString) -> String {
        match self {
            Self::Text(_) => format!("the script, {}", what.to_string()),
            Self::Path(path) => format!("{path}, {}", what.to_string()),
        }
    }
}

fn read(path: &str) -> Result<String, OpError> {
    let unreadable =
        |why: &str| OpError::from(c::SCRIPT_FILE_NOT_READABLE.report(format!("{path}: {why}")).target(path));
    let of_file = |error: std::io::Error| unreadable(&of_system(&error));
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(LONGEST + 1).read_to_end(&mut bytes)).map_err(of_file)?;
    if bytes.len() as u64 > LONGEST {
        return Err(unreadable("the file is longer than 1 MiB: it is no provisioning script"));
    }
    String::from_utf8(bytes).map_err(|_bytes| unreadable("the file is not UTF-8. Save it as UTF-8"))
}

/// `testScript`: what a script would write, a row a user.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct TestScript {
    script: Given,
    /// A file of the portal's users.
    user_path: Option<String>,
    /// Users of the portal, each as the names and values of what is known of it.
    #[serde(default)]
    users: Vec<Vec<Pair>>,
    /// Which column is which attribute, by the attribute's name.
    #[serde(default)]
    column_map: BTreeMap<String, String>,
    /// Whether isGroup is true, and not isPerson.
    #[serde(default)]
    group: bool,
    /// How long one user may take.
    timeout_seconds: u32,
}

impl Op for TestScript {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let limits = Limits { time: Duration::from_secs(self.timeout_seconds.into()), ..Limits::default() };
        let work = Work { script: &self.script.compile(limits, output)?, kind: self.kind(), output };
        let overrides: Overrides = self.column_map.clone().into_iter().collect();
        match &self.user_path {
            Some(_) if !self.users.is_empty() => {
                Err(unreadable("users come by -UserPath and by the pipeline: give one"))
            }
            Some(path) => of_file(path, &overrides, &work),
            None if self.users.is_empty() => {
                let nobody = PortalUser { place: 1, ..PortalUser::default() };
                work.run(std::iter::once(Ok((nobody, Assumed::new()))))
            }
            None => {
                let mut pairs = Pairs::new(overrides);
                work.run((1..).zip(&self.users).map(|(place, user)| {
                    let user = pairs.user(place, user).map_err(|error| unreadable(&error))?;
                    Ok((user, pairs.mapping().assumed()))
                }))
            }
        }
    }
}

impl TestScript {
    fn kind(&self) -> Kind {
        if self.group { Kind::Group } else { Kind::Person }
    }
}

fn of_file(path: &str, overrides: &Overrides, work: &Work<'_>) -> Result<(), OpError> {
    let read = |error: ReadError| work.output.unless_cancelled(unreadable(&format!("{path}: {error}")));
    let file = File::open(path).map_err(|error| read(error.into()))?;
    let file = BufReader::new(Stoppable::new(file, work.output.cancel()));
    let mut users = PortalUsers::open(file, overrides).map_err(read)?;
    work.run(std::iter::from_fn(|| {
        let user = users.next()?.map_err(read);
        Some(user.map(|user| (user, users.mapping().assumed())))
    }))
}

fn unreadable(why: &(impl ToString + ?Sized)) -> OpError {
    c::PORTAL_USERS_UNREADABLE.report(why.to_string()).into()
}

/// One script over users.
struct Work<'a> {
    script: &'a Script,
    kind: Kind,
    output: &'a Output,
}

impl Work<'_> {
    fn run(&self, users: impl Iterator<Item = Result<(PortalUser, Assumed), OpError>>) -> Result<(), OpError> {
        let mut rows = Vec::with_capacity(ROWS);
        for user in users {
            let (user, assumed) = user?;
            let run = self.script.run_assuming(&user.attributes, &assumed, self.kind);
            self.output.cancel().check()?;
            rows.push(row(&user, run));
            if rows.len() == ROWS {
                self.output.rows(rows.drain(..))?;
            }
        }
        Ok(self.output.rows(rows)?)
    }
}

fn row(user: &PortalUser, run: Run) -> ScriptResult {
    let Run { written, error } = run;
    let lines = lines(&written);
    let place = error.as_ref().and_then(ScriptError::place);
    let number = |number: fn(Place) -> u32| place.and_then(|place| i32::try_from(number(place)).ok());
    let (result, detail) = match (&error, &written.rejected) {
        (Some(error), _) => ("Failed", error.to_string()),
        (None, Some(reason)) if reason.is_empty() => ("Rejected", "without a reason".to_owned()),
        (None, Some(reason)) => ("Rejected", reason.clone()),
        (None, None) if lines.is_empty() => ("Written", "nothing".to_owned()),
        (None, None) => ("Written", lines.join("; ")),
    };
    ScriptResult {
        place: user.place,
        user: user.attributes.get(USERNAME).cloned(),
        result,
        detail,
        written: lines,
        trace: written.trace,
        error: error.as_ref().map(ScriptError::message),
        line: number(|place| place.line),
        column: number(|place| place.column),
        absent: written.absent,
        undocumented: written.undocumented,
        varying: written.varying,
        note: ENGINE_NOTE,
    }
}

/// What is set and added, a line each.
fn lines(written: &Written) -> Vec<String> {
    let set = written.destination.iter().map(|(name, value)| match value {
        Some(value) => format!("{name} = {value}"),
        None => format!("{name} is emptied"),
    });
    let added =
        written.lists.iter().flat_map(|(name, values)| values.iter().map(move |value| format!("{name} + {value}")));
    set.chain(added).collect()
}

/// `mergeScript`: a script with the runbook's two lines.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct MergeScript {
    script: Given,
    usage_location: String,
    /// Whether to go on where something of the script may be in the way.
    #[serde(default)]
    accept_conflict: bool,
    /// The file to write it to.
    out_file: Option<String>,
    #[serde(default)]
    force: bool,
}

impl Op for MergeScript {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let usage_location = usage_location(&self.usage_location)?;
        let script = self.script.compile(Limits::default(), output)?;
        // Before anything is tried: a path that can't be is told at once.
        let path = self.out_file.as_deref().map(Path::new);
        let file = path.map(|path| PrivateFile::prepare(path, self.force)).transpose().map_err(not_written)?;
        let lines = pp_portal::script_lines(&usage_location);
        let merged = merge(&script, &lines, self.accept_conflict).map_err(|error| self.refused(&error))?;
        output.cancel().check()?;
        let path = file.map(|mut file| file.put(merged.text.as_bytes()).map(|()| file.location())).transpose();
        let path = path.map_err(not_written)?;
        output.information(said(&merged, path.as_deref()))?;
        Ok(output.row(MergedScript {
            usage_location,
            result: match merged.outcome {
                Outcome::Inserted => "Inserted",
                Outcome::Appended => "Appended",
                Outcome::AlreadyThere => "AlreadyThere",
            },
            line: i32::try_from(merged.place.line).unwrap_or(i32::MAX),
            added: merged.lines,
            path,
            script: merged.text,
            note: pp_portal::SCRIPT_NOTE,
        })?)
    }
}

/// What was done, in sentences.
fn said(merged: &Merged, path: Option<&str>) -> String {
    let line = merged.place.line;
    let done = match merged.outcome {
        Outcome::Inserted => {
            format!("The isPerson() block has {} more, from line {line} on", counted(merged.lines.len()))
        }
        Outcome::Appended => {
            format!("A block was put at the end, at line {line}: there was no isPerson() block to add to")
        }
        Outcome::AlreadyThere => {
            format!("Both lines are there already, in the block at line {line}: nothing was changed")
        }
    };
    let tried = "Both take effect for people in the sandbox, and all else comes out as before";
    let place = path.map(|path| format!(". The script is in {path}")).unwrap_or_default();
    format!("{done}. {tried}{place}.")
}

fn counted(lines: usize) -> String {
    if lines == 1 { "1 line".to_owned() } else { format!("{lines} lines") }
}

impl MergeScript {
    fn refused(&self, error: &MergeError) -> OpError {
        let way = if error.can_be_forced() { ". -AcceptConflict goes on all the same" } else { "" };
        c::SCRIPT_NOT_MERGED.report(format!("{}{way}", self.script.named(error))).into()
    }
}

fn not_written(error: SinkError) -> OpError {
    file_error(error, c::SCRIPT_FILE_EXISTS, c::SCRIPT_FILE_NOT_WRITABLE)
}
