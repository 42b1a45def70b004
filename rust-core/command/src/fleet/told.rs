//! What an action's rows come to in the one row of a tenant.

use std::collections::BTreeMap;

use super::action::{flag, text};
use super::options::Action;
use crate::output::Said;
use pp_attributes::difference::Severity;
use pp_report::clixml::Object;
use pp_report::rows::step_column;
use pp_runbook::step::StepName;

/// How it ended, and what to say of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) result: &'static str,
    pub(super) detail: String,
}

impl Told {
    pub(super) fn new(result: &'static str, detail: impl Into<String>) -> Self {
        Self { result, detail: detail.into() }
    }
}

pub(super) const DONE: &str = "Done";
pub(super) const OPEN: &str = "Open";
pub(super) const UNKNOWN: &str = "Unknown";
pub(super) const SKIPPED: &str = "Skipped";
pub(super) const FAILED: &str = "Failed";

/// Of an action that was carried out.
pub(super) fn done(action: Action, said: &Said) -> Told {
    let rows = said.objects.lock();
    match action {
        Action::Status => status(&rows),
        Action::DirSync => {
            let row = rows.first();
            let of = |column| row.and_then(|row| text(row, column)).unwrap_or_default();
            Told::new(DONE, format!("{}: {}", of("State"), of("Detail")))
        }
        Action::Runbook => rows.iter().rev().find(|row| is(row, "RunResult")).map_or_else(nothing, run),
        Action::Rotate => rotation(&rows),
        Action::Compare => compared(&said.differences.lock()),
        Action::Backup => {
            let users = rows.first().and_then(|row| row.get("Users"));
            let users = if let Some(pp_report::clixml::Value::U64(users)) = users { *users } else { 0 };
            Told::new(DONE, format!("{users} users are in the file"))
        }
    }
}

/// Of one that was planned.
pub(super) fn planned(rows: &[Object]) -> Told {
    let changes: Vec<String> =
        rows.iter().filter(|row| flag(row, "Change")).filter_map(|row| text(row, "Action")).collect();
    if changes.is_empty() {
        return Told::new(DONE, "nothing is left to change");
    }
    Told::new(OPEN, format!("would: {}", changes.join("; ")))
}

pub(super) fn is(row: &Object, kind: &str) -> bool {
    row.type_name().strip_prefix("PPFederation.") == Some(kind)
}

fn nothing() -> Told {
    Told::new(DONE, "nothing was to be changed")
}

fn status(rows: &[Object]) -> Told {
    let of = |state: &str| -> Vec<String> {
        let rows = rows.iter().filter(|row| text(row, "State").as_deref() == Some(state));
        rows.filter_map(|row| text(row, "Step")).collect()
    };
    let mut detail = format!("{} of {} steps done", of("Done").len(), rows.len());
    for (state, words) in [("Pending", "pending"), ("NotDone", "not done"), ("Unknown", "unknown")] {
        let steps = of(state);
        if !steps.is_empty() {
            detail = format!("{detail}; {words}: {}", steps.join(", "));
        }
    }
    Told::new(DONE, detail)
}

fn run(row: &Object) -> Told {
    let result = match text(row, "Result").as_deref() {
        Some("Done") => DONE,
        Some("Pending") => OPEN,
        Some("Skipped") => SKIPPED,
        Some("Failed") => FAILED,
        // Nothing was sent of what is not done.
        Some("NotConfirmed") if !StepName::ALL.iter().any(|step| is_unconfirmed(row, *step)) => OPEN,
        _ => UNKNOWN,
    };
    Told::new(result, text(row, "Detail").unwrap_or_default())
}

fn is_unconfirmed(run: &Object, step: StepName) -> bool {
    matches!(text(run, step_column(step)).as_deref(), Some("NotConfirmed" | "Unknown"))
}

/// The secret that was made, those that were removed, and those that go later.
fn rotation(rows: &[Object]) -> Told {
    let made = rows.iter().find(|row| is(row, "RunResult"));
    let results = |result: &str| rows.iter().filter(|row| text(row, "Result").as_deref() == Some(result)).count();
    let mut parts: Vec<String> = Vec::new();
    if let Some(id) = made.and_then(|run| text(run, "SecretId")) {
        parts.push(format!("made client secret {id}"));
    }
    for (count, words) in [(results("Removed"), "removed"), (results("Later"), "to be removed later")] {
        if count > 0 {
            parts.push(format!("{count} older {words}"));
        }
    }
    let result = made.map_or(DONE, |made| run(made).result);
    let words = if parts.is_empty() { "nothing was due".to_owned() } else { parts.join("; ") };
    Told::new(result, words)
}

/// How many rows there are of each severity: `2 LockedOut, 14 Changed`.
fn compared(differences: &BTreeMap<Severity, u64>) -> Told {
    let words: Vec<String> =
        differences.iter().map(|(severity, count)| format!("{count} {}", severity.name())).collect();
    Told::new(DONE, if words.is_empty() { "nothing would change".to_owned() } else { words.join(", ") })
}
