//! Provisioning scripts, and the users that they are run for.

use std::collections::BTreeMap;
use std::time::Duration;

use pp_script::merge::{Outcome, merge};
use pp_script::{Kind, Limits, Run, Script, ScriptError};

/// Little, so that an input that uses it up is soon done.
const LIMITS: Limits = Limits { time: Duration::from_millis(200), memory: 4 * 1024 * 1024, stack: 128 * 1024 };

/// Lines `name=value` up to a NUL, and the script behind it; without a NUL the script alone.
pub(crate) fn script(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (user, text) = text.split_once('\0').unwrap_or(("", &text));
    let pairs = user.lines().filter_map(|line| line.split_once('='));
    let user: BTreeMap<String, String> = pairs.map(|(name, value)| (name.into(), value.into())).collect();
    let Ok(script) = Script::compile(text, LIMITS, || false) else { return };
    let first = script.run(&user, Kind::Person);
    let again = script.run(&user, Kind::Person);
    if is_whole(&first) && is_whole(&again) {
        assert_eq!(first, again, "a run knows of the one before");
    }
    script.constants(Kind::Person);
    merged(&script);
}

/// Whether it ended by itself and didn't ask for time or chance.
fn is_whole(run: &Run) -> bool {
    !matches!(run.error, Some(ScriptError::TooLong(_))) && run.written.varying.is_empty()
}

/// What was there stays, byte for byte, around what is added; and nothing is added twice.
fn merged(script: &Script) {
    let lines = pp_portal::script_lines("AU");
    let Ok(merged) = merge(script, &lines, false) else { return };
    let (before, after) = (script.text().as_bytes(), merged.text.as_bytes());
    let head = before.iter().zip(after).take_while(|(before, after)| before == after).count();
    let tail = before.iter().rev().zip(after.iter().rev()).take_while(|(before, after)| before == after).count();
    assert!(head + tail >= before.len(), "merging lost something of the script: {}", merged.text);
    let whole = Script::compile(&merged.text, LIMITS, || false).map(|whole| merge(&whole, &lines, false));
    if let Ok(Ok(again)) = whole {
        assert_eq!((again.outcome, again.text), (Outcome::AlreadyThere, merged.text), "merged twice");
    }
}
