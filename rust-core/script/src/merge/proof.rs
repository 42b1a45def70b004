//! That the lines take effect, and nothing else changes.

use std::collections::BTreeMap;

use pp_portal::ScriptLine;

use super::MergeError;
use crate::known::RUNBOOK_SOURCE;
use crate::{Kind, Run, Script};

/// Runs both scripts for people and groups that differ in all that either asks for. What `new` lines set must not have been written
/// otherwise before.
pub(super) fn in_effect(
    before: &Script,
    after: &Script,
    lines: &[ScriptLine; 2],
    new: &[&ScriptLine],
) -> Result<(), MergeError> {
    let mut failed = None;
    let mut shown = false;
    for user in after.samples(Kind::Person) {
        let (old, merged) = (before.run(&user, Kind::Person), after.run(&user, Kind::Person));
        same_but(&old, &merged, lines)?;
        overwrites_nothing(&old, &merged, new)?;
        // A script that fails for a person without attributes did so before.
        match merged.error {
            Some(error) => failed = Some(error),
            None => shown = effect(&merged, &user, lines).map(|()| true)?,
        }
    }
    if let (false, Some(error)) = (shown, failed) {
        return unproven(format!("it fails for every person, as it did before: {error}"));
    }
    for group in after.samples(Kind::Group) {
        same_but(&before.run(&group, Kind::Group), &after.run(&group, Kind::Group), &[])?;
    }
    Ok(())
}

/// The lines are the last to set their properties.
fn effect(run: &Run, user: &BTreeMap<String, String>, lines: &[ScriptLine; 2]) -> Result<(), MergeError> {
    for line in lines {
        let written = run.written.destination.get(line.property).cloned().flatten();
        let (_, value) = line.text.trim_end_matches(';').split_once(" = ").unwrap_or_default();
        let wanted = match value.trim_matches('"') {
            quoted if quoted.len() < value.len() => Some(quoted.to_owned()),
            _ => user.get(RUNBOOK_SOURCE).cloned(),
        };
        if written != wanted {
            let written = written.map_or_else(|| "nothing".to_owned(), |text| format!("'{text}'"));
            return unproven(format!("destination.{} comes out as {written} for a person", line.property));
        }
    }
    Ok(())
}

/// No line takes the place of another value, however the script came to write it.
fn overwrites_nothing(old: &Run, merged: &Run, lines: &[&ScriptLine]) -> Result<(), MergeError> {
    for line in lines {
        let there = old.written.destination.get(line.property);
        if let Some(value) = there.filter(|there| merged.written.destination.get(line.property) != Some(there)) {
            let value = value.clone().unwrap_or_else(|| "null".to_owned());
            return Err(MergeError::OtherValue { property: line.property, value });
        }
    }
    Ok(())
}

/// Nothing but the properties of the lines differs.
fn same_but(old: &Run, new: &Run, lines: &[ScriptLine]) -> Result<(), MergeError> {
    let rest = |run: &Run| {
        let mut written = run.written.clone();
        written.destination.retain(|name, _| lines.iter().all(|line| line.property != name));
        let varies = !written.varying.is_empty();
        let names: Vec<String> = written.destination.keys().cloned().collect();
        let values = (!varies).then_some((written.destination, written.lists, written.trace));
        (names, values, written.rejected, run.error.as_ref().map(crate::ScriptError::message))
    };
    if rest(old) == rest(new) {
        return Ok(());
    }
    unproven("it writes something else than before in what the lines don't set".into())
}

fn unproven(why: String) -> Result<(), MergeError> {
    Err(MergeError::Unproven(why))
}
