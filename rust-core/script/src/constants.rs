//! What a script writes whoever the user is.
//!
//! Two things have to hold for that. By its text, the script does nothing with what `source` gives but put it into a property of
//! `destination`, alone or strung together with texts: then no branch, no loop and no error depends on it. And three runs, with
//! different users, write the same.

use std::collections::BTreeMap;

use crate::tokens::{Sort, Token, place, tokens};
use crate::{Kind, Place, Script, Written};

/// What is certain of a script without a user.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Constants {
    /// Properties of `destination` that come out the same whatever `source` gives.
    pub certain: BTreeMap<String, Option<String>>,
    /// Why the others aren't certain, in a sentence; none where there are no others.
    pub otherwise: Option<String>,
}

impl Constants {
    fn none(why: String) -> Self {
        Self { certain: BTreeMap::new(), otherwise: Some(why) }
    }
}

impl Script {
    /// What it writes for everybody of that kind.
    pub fn constants(&self, kind: Kind) -> Constants {
        if let Some(place) = decides(self.text()) {
            return Constants::none(format!("{place}: what the script does there can depend on the user"));
        }
        let runs: Result<Vec<Written>, _> = self.samples(kind).iter().map(|user| self.write_for(user, kind)).collect();
        match runs {
            Err(error) => Constants::none(format!("the script fails: {error}")),
            Ok(runs) => same_in_all(&runs),
        }
    }

    /// Users that differ in all that the script asks for: one who has nothing, and two who have different texts.
    pub(crate) fn samples(&self, kind: Kind) -> [BTreeMap<String, String>; 3] {
        let asked = self.asked(kind);
        [BTreeMap::new(), user(&asked, "first"), user(&asked, "second")]
    }

    /// The attributes that it asks for.
    pub(crate) fn asked(&self, kind: Kind) -> Vec<String> {
        let mut asked = self.run(&BTreeMap::new(), kind).written.absent;
        // With values there a script may go further and ask for more.
        asked.extend(self.run(&user(&asked, "first"), kind).written.absent);
        asked
    }
}

/// One who has a text of its own as each attribute.
fn user(names: &[String], mark: &str) -> BTreeMap<String, String> {
    names.iter().map(|name| (name.clone(), format!("{name}-{mark}"))).collect()
}

fn same_in_all(runs: &[Written]) -> Constants {
    let Some((first, others)) = runs.split_first() else { return Constants::default() };
    if let Some(rejecting) = runs.iter().find_map(|run| run.rejected.as_ref()) {
        return Constants::none(format!("the script rejects users: {rejecting}"));
    }
    if let Some(varying) = runs.iter().find_map(|run| run.varying.first()) {
        return Constants::none(format!("the script uses {varying}"));
    }
    let same = |(name, value): &(&String, &Option<String>)| {
        others.iter().all(|run| run.destination.get(*name) == Some(*value))
    };
    let certain: BTreeMap<_, _> =
        first.destination.iter().filter(same).map(|(name, value)| (name.clone(), value.clone())).collect();
    let rest = runs.iter().any(|run| run.destination.len() > certain.len());
    Constants { certain, otherwise: rest.then(|| "it comes from the user's attributes".to_owned()) }
}

/// Names by which a script could come to `source` in a way that its text doesn't show.
const INDIRECT: [&str; 7] = ["eval", "Function", "constructor", "globalThis", "this", "with", "Proxy"];

/// The first place at which the script might do something else with the user than put attributes into `destination`.
pub(crate) fn decides(text: &str) -> Option<Place> {
    let tokens = match tokens(text) {
        Ok(tokens) => tokens,
        Err(at) => return Some(place(text, at)),
    };
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let follows_dot = at > 0 && tokens[at - 1].is_mark(".");
        // What is set to something else is looked at token by token.
        let length = assignment(&tokens, at).max(if sets(&tokens[at..]) { SETS } else { 0 });
        let of_user = ["source", "getSourcePropertyByName", "destination"].iter().any(|word| token.is_word(word));
        if INDIRECT.iter().any(|word| token.is_word(word)) || token.text.contains('\\') && token.sort == Sort::Word {
            return Some(place(text, token.at));
        }
        if of_user && !follows_dot && length == 0 {
            return Some(place(text, token.at));
        }
        at += length.max(1);
    }
    None
}

/// The number of tokens of a statement that sets a property of `destination` to texts and attributes; 0 if it is something else.
fn assignment(tokens: &[Token<'_>], at: usize) -> usize {
    let begins = at.checked_sub(1).is_none_or(|before| {
        let before = tokens[before];
        before.sort != Sort::Mark || [";", "{", "}", ")"].contains(&before.text)
    });
    if !begins || !sets(&tokens[at..]) {
        return 0;
    }
    let mut length = SETS;
    loop {
        let operand = operand(&tokens[at + length..]);
        length += operand;
        match tokens.get(at + length) {
            _ if operand == 0 => return 0,
            Some(next) if next.is_mark("+") => length += 1,
            Some(next) if next.is_word("in") || next.is_word("instanceof") => return 0,
            None => return length,
            // The next statement, with or without a semicolon.
            Some(next) if next.sort == Sort::Word || next.is_mark(";") || next.is_mark("}") => return length,
            Some(_) => return 0,
        }
    }
}

/// The number of tokens of `destination.Name =`.
const SETS: usize = 4;

/// Whether a property of `destination` is set here.
fn sets(tokens: &[Token<'_>]) -> bool {
    matches!(tokens, [object, dot, name, is, ..]
        if object.is_word("destination") && dot.is_mark(".") && name.sort == Sort::Word && is.is_mark("="))
}

/// The number of tokens of a text, a number, `null`, an attribute; 0 if it is something else.
fn operand(tokens: &[Token<'_>]) -> usize {
    match tokens {
        [source, dot, get, open, name, close, ..]
            if source.is_word("source")
                && (dot.is_mark(".") && get.is_word("Get") && open.is_mark("("))
                && (name.sort == Sort::Text && close.is_mark(")")) =>
        {
            6
        }
        [source, dot, name, ..] if source.is_word("source") && dot.is_mark(".") && name.sort == Sort::Word => 3,
        [text, ..] if text.sort == Sort::Text || text.is_word("null") => 1,
        [number, ..] if number.sort == Sort::Word && number.text.bytes().all(|byte| byte.is_ascii_digit()) => 1,
        _ => 0,
    }
}
