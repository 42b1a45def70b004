//! The runbook's two lines in a script that is there: into its `isPerson()` block, or in a block of their own at the end. Every
//! byte that was there stays. Whether the lines take effect, and nothing else changes, is tried by running both scripts.

use thiserror::Error;

use pp_portal::ScriptLine;

use crate::tokens::{BEFORE_EXPRESSION, Sort, Token, place, tokens};
use crate::{Place, Script, ScriptError};

mod proof;

/// What was done to a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Lines were put into the `isPerson()` block.
    Inserted,
    /// A block was put at the end: there was no `isPerson()` block.
    Appended,
    /// Both lines are there.
    AlreadyThere,
}

/// A script with the lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// The whole script.
    pub text: String,
    /// What was done.
    pub outcome: Outcome,
    /// Where in `text` the first new line is, or the block that has the lines.
    pub place: Place,
    /// The lines that are new.
    pub lines: Vec<String>,
}

/// Why a script can't be merged without somebody's looking at it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MergeError {
    /// It isn't JavaScript.
    #[error("the script is not JavaScript: {0}")]
    Script(ScriptError),
    /// Where comments, texts and regular expressions begin and end couldn't be told.
    #[error("{0}: what begins there has no end that could be found")]
    Unreadable(Place),
    /// `isPerson` is used, but in no `if (isPerson()) { }` that always runs.
    #[error("{0}: isPerson stands there in something else than an if (isPerson()) block that always runs")]
    NoPlainBlock(Place),
    /// There are several blocks.
    #[error("{second}: a second if (isPerson()) block, after that at {first}")]
    SeveralBlocks {
        /// The first.
        first: Place,
        /// The second.
        second: Place,
    },
    /// It sets one of the properties already, to something else.
    #[error("{at}: the script sets destination.{property} there already")]
    OtherAssignment {
        /// The property.
        property: &'static str,
        /// Where.
        at: Place,
    },
    /// It writes one of the properties already, by a way that couldn't be found in its text.
    #[error("the script writes destination.{property} for a person already, as '{value}' in one trial")]
    OtherValue {
        /// The property.
        property: &'static str,
        /// What it wrote for a made-up person.
        value: String,
    },
    /// With the lines in it the script doesn't do what it should.
    #[error("with the lines in it, {0}")]
    Unproven(String),
}

impl MergeError {
    /// Whether `force` goes past it.
    pub fn can_be_forced(&self) -> bool {
        matches!(
            self,
            Self::NoPlainBlock(_) | Self::SeveralBlocks { .. } | Self::OtherAssignment { .. } | Self::OtherValue { .. }
        )
    }
}

/// Puts the lines into `text`. With `force`, the last of several blocks is taken, a block is put at the end where `isPerson` is used
/// otherwise, and the new lines come after what sets the same properties.
pub fn merge(script: &Script, lines: &[ScriptLine; 2], force: bool) -> Result<Merged, MergeError> {
    let text = script.text();
    let tokens = tokens(text).map_err(|at| MergeError::Unreadable(place(text, at)))?;
    let block = block(text, &tokens, force)?;
    let there = |line: &&ScriptLine| block.is_some_and(|block| has(&tokens[block.open..=block.close], &line.text));
    let missing: Vec<&ScriptLine> = lines.iter().filter(|line| !there(line)).collect();
    if let (true, Some(block)) = (missing.is_empty(), block) {
        proof::in_effect(script, script, lines, &[])?;
        let place = place(text, tokens[block.open].at);
        return Ok(Merged { text: text.to_owned(), outcome: Outcome::AlreadyThere, place, lines: Vec::new() });
    }
    if !force {
        refuse_other(text, &tokens, &missing)?;
    }
    let (at, added) = match block {
        Some(block) => inside(text, &tokens, block, &missing),
        None => (text.len(), at_end(text, &missing)),
    };
    let merged = format!("{}{added}{}", &text[..at], &text[at..]);
    let overwritten: &[&ScriptLine] = if force { &[] } else { &missing };
    proof::in_effect(script, &script.with_text(&merged).map_err(MergeError::Script)?, lines, overwritten)?;
    let first = at + added.len() - added.trim_start().len();
    let outcome = if block.is_some() { Outcome::Inserted } else { Outcome::Appended };
    let lines = missing.iter().map(|line| line.text.clone()).collect();
    Ok(Merged { place: place(&merged, first), text: merged, outcome, lines })
}

/// A block, by the numbers of its `if`, `{` and `}` among the tokens.
#[derive(Debug, Clone, Copy)]
struct Block {
    start: usize,
    open: usize,
    close: usize,
}

/// The block that the lines belong in; none where they get one of their own.
fn block(text: &str, tokens: &[Token<'_>], force: bool) -> Result<Option<Block>, MergeError> {
    let at = |block: &Block| place(text, tokens[block.start].at);
    let blocks = plain_blocks(tokens);
    match blocks.as_slice() {
        [first, second, ..] if !force => Err(MergeError::SeveralBlocks { first: at(first), second: at(second) }),
        [.., last] => Ok(Some(*last)),
        [] => match tokens.iter().find(|token| token.is_word("isPerson")) {
            Some(other) if !force => Err(MergeError::NoPlainBlock(place(text, other.at))),
            Some(_) | None => Ok(None),
        },
    }
}

/// Each `if (isPerson()) { }` that stands in nothing else.
fn plain_blocks(tokens: &[Token<'_>]) -> Vec<Block> {
    const HEAD: [&str; 7] = ["if", "(", "isPerson", "(", ")", ")", "{"];
    let mut blocks = Vec::new();
    let mut depth = 0_usize;
    for (start, token) in tokens.iter().enumerate() {
        let head = tokens[start..].iter().map(|token| token.text).take(HEAD.len());
        if depth == 0 && head.eq(HEAD) && begins_statement(tokens, start) {
            let open = start + HEAD.len() - 1;
            blocks.extend(closing(tokens, open).map(|close| Block { start, open, close }));
        }
        match depth_change(token) {
            1 => depth += 1,
            -1 => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    blocks
}

/// Whether a word here begins a statement of its own, and not the one of an `else`, a `do` or a condition. Statements may end with their
/// line.
fn begins_statement(tokens: &[Token<'_>], at: usize) -> bool {
    let Some(before) = at.checked_sub(1) else { return true };
    match (tokens[before].sort, tokens[before].text) {
        (Sort::Mark, ")") => !closes_condition(tokens, before),
        (Sort::Mark, mark) => [";", "{", "}", "]", "++", "--"].contains(&mark),
        (Sort::Word, word) => !BEFORE_EXPRESSION.contains(&word),
        (Sort::Text | Sort::Template | Sort::Regex, _) => true,
    }
}

/// Whether this `)` is that of an `if`, `while`, `for` or `with`.
fn closes_condition(tokens: &[Token<'_>], close: usize) -> bool {
    let mut depth = 0;
    let open = (0..=close).rev().find(|at| {
        depth += depth_change(&tokens[*at]);
        depth == 0
    });
    let word = open.and_then(|open| open.checked_sub(1)).map(|before| tokens[before].text);
    matches!(word, Some("if" | "while" | "for" | "with"))
}

/// The number of the token that closes the block.
fn closing(tokens: &[Token<'_>], open: usize) -> Option<usize> {
    let mut depth = 0;
    tokens.iter().enumerate().skip(open).find_map(|(at, token)| {
        depth += depth_change(token);
        (depth == 0).then_some(at)
    })
}

fn depth_change(token: &Token<'_>) -> i32 {
    match (token.sort, token.text) {
        (Sort::Mark, "(" | "[" | "{") => 1,
        (Sort::Mark, ")" | "]" | "}") => -1,
        (Sort::Template, text) => i32::from(text.ends_with("${")) - i32::from(text.starts_with('}')),
        _ => 0,
    }
}

/// Whether a block has a line as a statement of its own. Quotes may be of either kind, and the semicolon may be left out.
fn has(block: &[Token<'_>], line: &str) -> bool {
    let Ok(mut wanted) = tokens(line) else { return false };
    wanted.pop();
    let same = |(there, wanted): (&Token<'_>, &Token<'_>)| there.text.replace('\'', "\"") == wanted.text;
    let mut depth = 0;
    (0..block.len()).any(|at| {
        let statement = block[at..].iter().zip(&wanted).filter(|pair| same(*pair)).count() == wanted.len();
        let own = depth == 1 && begins_statement(block, at);
        depth += depth_change(&block[at]);
        let ends = block
            .get(at + wanted.len())
            .is_some_and(|after| after.sort == Sort::Word || [";", "}"].contains(&after.text));
        statement && own && ends
    })
}

/// Refuses where a property of the lines is set already.
fn refuse_other(text: &str, tokens: &[Token<'_>], lines: &[&ScriptLine]) -> Result<(), MergeError> {
    for (at, token) in tokens.iter().enumerate().filter(|(_, token)| token.is_word("destination")) {
        let sets = lines.iter().find(|line| match &tokens[at + 1..] {
            [dot, name, is, ..] if dot.is_mark(".") => name.text == line.property && assigns(is),
            [open, name, _close, is, ..] if open.is_mark("[") => {
                name.text.trim_matches(['"', '\'', '`']) == line.property && assigns(is)
            }
            _ => false,
        });
        if let Some(line) = sets {
            return Err(MergeError::OtherAssignment { property: line.property, at: place(text, token.at) });
        }
    }
    Ok(())
}

fn assigns(token: &Token<'_>) -> bool {
    let compares = ["==", "===", "!=", "!==", "<=", ">="].contains(&token.text);
    token.sort == Sort::Mark && token.text.ends_with('=') && !compares
}

/// The end of lines that the script has.
fn line_end(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

/// The blanks that the line of a byte begins with, and whether there is nothing else before it.
fn indentation(text: &str, at: usize) -> (&str, bool) {
    let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let line = &text[start..at];
    let blank = &line[..line.len() - line.trim_start().len()];
    (blank, blank.len() == line.len())
}

/// Where in the text the lines go, at the end of the block, and as what.
fn inside(text: &str, tokens: &[Token<'_>], block: Block, lines: &[&ScriptLine]) -> (usize, String) {
    let end = line_end(text);
    let (outer, _) = indentation(text, tokens[block.start].at);
    let close = tokens[block.close].at;
    let first =
        tokens[block.open + 1..block.close].iter().map(|token| indentation(text, token.at)).find(|(_, first)| *first);
    let inner = first.map_or_else(
        || format!("{outer}{}", if outer.contains('\t') { "\t" } else { "  " }),
        |(blank, _)| blank.to_owned(),
    );
    let added: String = lines.iter().flat_map(|line| [inner.as_str(), &line.text, end]).collect();
    match indentation(text, close) {
        (blank, true) if close > blank.len() => (close - blank.len(), added),
        _ => (close, format!("{end}{added}{outer}")),
    }
}

/// A block of its own.
fn at_end(text: &str, lines: &[&ScriptLine]) -> String {
    let end = line_end(text);
    let gap = if text.is_empty() || text.ends_with('\n') { "" } else { end };
    let lines: String = lines.iter().flat_map(|line| ["  ", &line.text, end]).collect();
    format!("{gap}if (isPerson()) {{{end}{lines}}}{end}")
}
