//! Where two JSON values differ first, for whoever has to find it.

use std::fmt;

use serde_json::Value;

/// Longest text of a value that is shown.
const SHOWN: usize = 100;

/// A difference.
pub(super) struct Difference {
    /// Where: `changes[3].request.body`; empty where the values differ as a whole.
    pub(super) at: String,
    /// What is there in the one value.
    pub(super) one: String,
    /// In the other.
    pub(super) other: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at, one, other } = self;
        let at = if at.is_empty() { String::new() } else { format!("{at} ") };
        write!(f, "{at}was {one}, is {other}")
    }
}

/// The first one, in the order of the first value.
pub(super) fn difference(one: &Value, other: &Value) -> Option<Difference> {
    search(String::new(), Some(one), Some(other))
}

fn search(at: String, one: Option<&Value>, other: Option<&Value>) -> Option<Difference> {
    match (one, other) {
        (Some(Value::Object(one)), Some(Value::Object(other))) => {
            let more = other.keys().filter(|name| !one.contains_key(*name));
            one.keys().chain(more).find_map(|name| {
                let at = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
                search(at, one.get(name), other.get(name))
            })
        }
        (Some(Value::Array(one)), Some(Value::Array(other))) => (0..one.len().max(other.len()))
            .find_map(|index| search(format!("{at}[{index}]"), one.get(index), other.get(index))),
        (one, other) if one == other => None,
        (one, other) => Some(Difference { at, one: text(one), other: text(other) }),
    }
}

fn text(value: Option<&Value>) -> String {
    let Some(value) = value.filter(|value| !value.is_null()) else { return "not there".into() };
    let text = match value {
        Value::String(text) => format!("'{text}'"),
        other => other.to_string(),
    };
    match text.char_indices().nth(SHOWN) {
        Some((cut, _)) => format!("{}...", &text[..cut]),
        None => text,
    }
}
