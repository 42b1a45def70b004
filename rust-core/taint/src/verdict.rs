//! What the search says.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::forms;
use crate::places::Place;

/// The place where what people sign in with may not be either.
pub(crate) const LOG: &str = "log";
/// Where nobody has asked for users: what the module tells of itself, what it sends, and what it leaves behind. Rows, errors and
/// the files that a caller names hold them.
const NOT_ASKED_FOR: [&str; 7] = [LOG, "verbose", "debug", "information", "urls", "temporary", "environment"];

/// A text that was searched for.
#[derive(Debug, Clone)]
pub(crate) struct Text {
    /// What it is: `client_secret`, `access_token`; for a plant, its place.
    pub(crate) name: String,
    pub(crate) content: String,
    pub(crate) kind: Kind,
}

/// Why it was searched for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It may be nowhere.
    Secret,
    /// Nor may this, a private key: the base64 of its PKCS#8.
    Key,
    /// What a person signs in with: it may not be in the log.
    Person,
    /// What a user of the tenant is called, or will be: it may be where a caller asks for users, and nowhere else.
    User,
    /// It was put into this place on purpose, to show that what is there is found.
    Planted(String),
}

impl Text {
    pub(crate) fn secret(name: &str, content: &str) -> Self {
        Self { name: name.to_owned(), content: content.to_owned(), kind: Kind::Secret }
    }

    pub(crate) fn person(name: &str) -> Self {
        Self { name: format!("the user name {name}"), content: name.to_owned(), kind: Kind::Person }
    }

    pub(crate) fn user(name: &str) -> Self {
        Self { name: format!("the user's {name}"), content: name.to_owned(), kind: Kind::User }
    }

    /// What gives it away, with the name of each form.
    pub(crate) fn patterns(&self) -> Vec<(&'static str, Vec<u8>)> {
        match self.kind {
            Kind::Key => forms::of_key(&STANDARD.decode(&self.content).unwrap_or_default()),
            Kind::Secret | Kind::Person | Kind::User | Kind::Planted(_) => forms::patterns(&self.content),
        }
    }

    pub(crate) fn is_secret(&self) -> bool {
        matches!(self.kind, Kind::Secret | Kind::Key)
    }

    fn may_not_be_in(&self, place: &Place) -> bool {
        match self.kind {
            Kind::Secret | Kind::Key => true,
            Kind::Person => place.name == LOG,
            Kind::User => NOT_ASKED_FOR.contains(&place.name.as_str()),
            Kind::Planted(_) => false,
        }
    }
}

/// What became of the places.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    pub(crate) report: String,
    /// How many places were searched.
    pub(crate) places: usize,
    pub(crate) passed: usize,
    pub(crate) failed: usize,
}

impl Verdict {
    /// A place passes twice: no secret is in it, and what was planted there is found.
    pub(crate) fn judge(&mut self, place: &Place, texts: &[Text]) {
        self.places += 1;
        self.line(&format!("{:<44} {:>9} kB", place.name, place.bytes.div_ceil(1024)));
        let secrets = place.hits.iter().filter(|(index, _)| texts[*index].may_not_be_in(place));
        let found: BTreeSet<String> = secrets.map(|(index, form)| format!("{}, {form}", texts[*index].name)).collect();
        self.test(found.is_empty(), &format!("{} holds secrets: {}", place.name, join(&found)));
        let mut planted = texts.iter().enumerate().filter(|(_, text)| text.kind == Kind::Planted(place.name.clone()));
        let seen = planted.all(|(index, _)| place.hits.iter().any(|(hit, _)| *hit == index));
        self.test(seen, &format!("{}: what was planted there is not found", place.name));
    }

    /// One thing that has to hold.
    pub(crate) fn test(&mut self, holds: bool, what: &str) {
        if holds {
            self.passed += 1;
        } else {
            self.failed += 1;
            self.line(&format!("FAILED: {what}"));
        }
    }

    pub(crate) fn line(&mut self, text: &str) {
        // Writing to a text can't fail.
        let _ = writeln!(self.report, "{text}");
    }
}

fn join(words: &BTreeSet<String>) -> String {
    words.iter().map(String::as_str).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(name: &str, kind: Kind) -> Text {
        Text { name: name.to_owned(), content: String::new(), kind }
    }

    fn judged(hits: &[usize]) -> (usize, usize) {
        let texts = [text("a token", Kind::Secret), text("error", Kind::Planted("error".into()))];
        let hits = hits.iter().map(|index| (*index, "plain")).collect();
        let mut verdict = Verdict::default();
        verdict.judge(&Place { name: "error".into(), bytes: 1, hits }, &texts);
        (verdict.passed, verdict.failed)
    }

    #[test]
    fn a_place_passes_with_what_was_planted_there_and_nothing_else() {
        assert_eq!(judged(&[1]), (2, 0));
        assert_eq!(judged(&[0, 1]), (1, 1), "a secret is found");
        assert_eq!(judged(&[]), (1, 1), "the plant is not found");
    }

    #[test]
    fn a_user_may_be_where_users_are_asked_for_alone() {
        let user = text("a user", Kind::User);
        let place = |name: &str| Place { name: name.into(), bytes: 1, hits: [].into() };
        assert!(["output", "errors", "work", "memory"].iter().all(|name| !user.may_not_be_in(&place(name))));
        assert!(["log", "verbose", "urls", "temporary"].iter().all(|name| user.may_not_be_in(&place(name))));
    }
}
