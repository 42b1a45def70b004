//! Paths of Graph: segments and the keys in them.

use crate::call::decoded;
use crate::errors::GraphError;

/// The key of an entity in a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Key {
    /// `/applications/{id}` or `/applications('id')`.
    Id(String),
    /// `/applications(appId='...')`.
    Alternate { name: String, value: String },
}

impl Default for Key {
    fn default() -> Self {
        Self::Id(String::new())
    }
}

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    Segment(String),
    Key(Key),
}

/// Alternate keys of the types served here (schemas/v1.0-Prod.csdl).
const ALTERNATE: &[(&str, &str)] =
    &[("applications", "appId"), ("applications", "uniqueName"), ("servicePrincipals", "appId")];

/// Splits a path below the version, e.g. `applications(appId='x')/addPassword`.
pub(crate) fn steps(path: &str) -> Result<Vec<Step>, GraphError> {
    let mut steps = Vec::new();
    for segment in path.split('/') {
        let segment = decoded(segment);
        match segment.split_once('(') {
            Some((name, key)) => {
                let key = key.strip_suffix(')').ok_or_else(|| GraphError::segment(&segment))?;
                steps.push(Step::Segment(name.to_owned()));
                steps.push(Step::Key(key_of(name, key)?));
            }
            None => steps.push(Step::Segment(segment)),
        }
    }
    Ok(steps)
}

fn key_of(collection: &str, key: &str) -> Result<Key, GraphError> {
    let Some((name, value)) = key.split_once('=') else {
        return unquoted(key).map(Key::Id).ok_or_else(|| GraphError::segment(key));
    };
    if !ALTERNATE.contains(&(collection, name)) {
        return Err(GraphError::malformed(
            "The number of keys specified in the URI does not match number of key properties.",
        ));
    }
    let value = unquoted(value)
        .ok_or_else(|| GraphError::malformed(format!("The key value ({value}) from request is not valid.")))?;
    Ok(Key::Alternate { name: name.to_owned(), value })
}

fn unquoted(text: &str) -> Option<String> {
    let inner = text.strip_prefix('\'')?.strip_suffix('\'')?;
    (!inner.is_empty()).then(|| inner.replace("''", "'"))
}

/// How far a path fits a route.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Fit {
    /// It fits; these are its keys.
    Whole(Vec<Key>),
    /// It fits this many steps.
    Part(usize),
}

/// Compares a path with a route such as `/applications/{id}/addPassword`.
pub(crate) fn fit(steps: &[Step], route: &str) -> Fit {
    let pattern: Vec<&str> = route.trim_start_matches('/').split('/').collect();
    let mut keys = Vec::new();
    for (place, expected) in pattern.iter().enumerate() {
        match steps.get(place) {
            Some(Step::Key(key)) if *expected == "{id}" => keys.push(key.clone()),
            Some(Step::Segment(segment)) if *expected == "{id}" && !segment.is_empty() => {
                keys.push(Key::Id(segment.clone()));
            }
            Some(Step::Segment(segment)) if segment == expected => {}
            _ => return Fit::Part(place),
        }
    }
    if steps.len() == pattern.len() { Fit::Whole(keys) } else { Fit::Part(pattern.len()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(path: &str, route: &str) -> Option<Vec<Key>> {
        match fit(&steps(path).ok()?, route) {
            Fit::Whole(keys) => Some(keys),
            Fit::Part(_) => None,
        }
    }

    #[test]
    fn a_key_may_be_a_segment_or_in_brackets() {
        let id = Some(vec![Key::Id("a".to_owned())]);
        assert_eq!(keys("applications/a", "/applications/{id}"), id);
        assert_eq!(keys("applications('a')", "/applications/{id}"), id);
    }

    #[test]
    fn alternate_keys_are_named_and_unescaped() {
        let key = Key::Alternate { name: "uniqueName".to_owned(), value: "o'x".to_owned() };
        assert_eq!(keys("applications(uniqueName='o''x')", "/applications/{id}"), Some(vec![key]));
        assert!(steps("servicePrincipals(uniqueName='x')").is_err());
    }

    #[test]
    fn the_longest_fit_tells_the_unknown_segment() {
        let path = steps("applications/a/nonsense").unwrap_or_default();
        assert_eq!(fit(&path, "/applications/{id}/addPassword"), Fit::Part(2));
    }
}
