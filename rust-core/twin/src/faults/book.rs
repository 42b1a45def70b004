//! The faults a twin was told to show, and which of them are due on a request.

use super::act::{Place, Seen};
use super::{Fault, FaultKind, On, Target, When};
use crate::call::decoded;
use crate::seed::Seeded;

/// Faults with their counts.
#[derive(Debug, Default)]
pub(crate) struct Book {
    entries: Vec<Entry>,
    shown: u64,
}

#[derive(Debug)]
struct Entry {
    fault: Fault,
    matched: u64,
    draws: Seeded,
}

impl Book {
    pub(crate) fn add(&mut self, fault: Fault) {
        let seed = if let When::Chance { seed, .. } = fault.when { seed } else { 0 };
        self.entries.push(Entry { fault, matched: 0, draws: Seeded::new(seed) });
    }

    /// Forgets the faults; how often faults were shown stays.
    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }

    /// How often any fault was shown.
    pub(crate) fn shown(&self) -> u64 {
        self.shown
    }

    /// What is due on a request; counts it for every fault it matches.
    pub(super) fn due(&mut self, seen: &Seen) -> Vec<FaultKind> {
        let due = self.entries.iter_mut().filter_map(|entry| entry.due(seen));
        let due: Vec<FaultKind> = due.collect();
        self.shown += due.len() as u64;
        due
    }
}

impl Entry {
    fn due(&mut self, seen: &Seen) -> Option<FaultKind> {
        if !matches(&self.fault.on, seen) {
            return None;
        }
        self.matched += 1;
        let due = match self.fault.when {
            When::Nth { first, times } => self.matched.checked_sub(first.max(1)).is_some_and(|later| later < times),
            When::Chance { percent, .. } => self.draws.below(100) < u64::from(percent),
        };
        due.then(|| self.fault.kind.clone())
    }
}

fn matches(on: &On, seen: &Seen) -> bool {
    let target = match on.target {
        Target::Request => seen.place != Place::Item,
        Target::Token => seen.place == Place::Token,
        Target::Source => seen.place == Place::Source,
        Target::Graph => matches!(seen.place, Place::Graph | Place::Batch),
        Target::Call => matches!(seen.place, Place::Graph | Place::Item),
        Target::Batch => seen.place == Place::Batch,
        Target::Item => seen.place == Place::Item,
    };
    target
        && on.method.as_ref().is_none_or(|method| method.eq_ignore_ascii_case(&seen.method))
        && on.write.is_none_or(|write| write == seen.write)
        && on.path.as_ref().is_none_or(|pattern| fits(pattern, &seen.path))
}

/// Whether a path fits a pattern in which `*` stands for any characters.
fn fits(pattern: &str, path: &str) -> bool {
    let pattern = decoded(pattern).to_lowercase();
    let path = path.to_lowercase();
    let mut parts = pattern.strip_prefix("/graph/v1.0").unwrap_or(&pattern).split('*');
    let Some(mut rest) = parts.next().and_then(|first| path.strip_prefix(first)) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, path) in [
            ("/applications", "/applications"),
            ("/Applications*", "/applications?$top=1"),
            ("/applications/*/addPassword", "/applications/x/addPassword"),
            ("/graph/v1.0/users*", "/users"),
            ("*a*b", "/a/b/b"),
            ("*%20eq*", "/applications?$filter=appId eq 'x'"),
        ] {
            assert!(fits(pattern, path), "{pattern} {path}");
        }
        for (pattern, path) in [
            ("/applications", "/applications/x"),
            ("/applications/*/addPassword", "/applications/x/removePassword"),
            ("*a*b", "/b/a"),
            ("*b", "/b/a"),
        ] {
            assert!(!fits(pattern, path), "{pattern} {path}");
        }
    }
}
