//! A script as tokens: as much of JavaScript as tells code from comments, strings, templates and regular expressions.

use crate::Place;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sort {
    /// A name, a keyword or a number.
    Word,
    /// A string.
    Text,
    /// A piece of a template between its marks.
    Template,
    /// A regular expression.
    Regex,
    /// Punctuation.
    Mark,
}

/// A token of a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token<'a> {
    pub(crate) sort: Sort,
    pub(crate) text: &'a str,
    /// Its first byte.
    pub(crate) at: usize,
}

impl Token<'_> {
    pub(crate) fn is_word(&self, word: &str) -> bool {
        self.sort == Sort::Word && self.text == word
    }

    pub(crate) fn is_mark(&self, mark: &str) -> bool {
        self.sort == Sort::Mark && self.text == mark
    }
}

/// The place of a byte.
pub(crate) fn place(text: &str, at: usize) -> Place {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Place { line: number(line), column: number(column) }
}

/// Whether a script begins with `"use strict"`.
pub(crate) fn is_strict(text: &str) -> bool {
    let first = tokens(text).ok().and_then(|tokens| tokens.first().map(|first| first.text));
    matches!(first, Some("\"use strict\"" | "'use strict'"))
}

/// The tokens of a script, or the byte where one begins that has no end.
pub(crate) fn tokens(text: &str) -> Result<Vec<Token<'_>>, usize> {
    let mut reader = Reader { text, at: 0, tokens: Vec::new(), open: Vec::new(), closed: Open::Group };
    while reader.skip_blank()? {
        reader.token()?;
    }
    Ok(reader.tokens)
}

/// What an opening mark has begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    /// A pair of brackets in an expression: after it a `/` divides.
    Group,
    /// The condition of a statement, or a block: after it a `/` begins a regular expression.
    Statement,
    /// An expression in a template.
    Template,
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    tokens: Vec<Token<'a>>,
    open: Vec<Open>,
    /// What the last closing mark has closed.
    closed: Open,
}

/// Keywords after which an expression begins.
pub(crate) const BEFORE_EXPRESSION: [&str; 14] = [
    "return",
    "typeof",
    "instanceof",
    "in",
    "of",
    "new",
    "delete",
    "void",
    "throw",
    "case",
    "do",
    "else",
    "yield",
    "await",
];

/// Marks of several characters, longer ones first.
const MARKS: [&str; 26] = [
    ">>>=", "...", "===", "!==", "**=", "<<=", ">>=", ">>>", "&&=", "||=", "??=", "=>", "==", "!=", "<=", ">=", "&&",
    "||", "??", "?.", "++", "--", "+=", "-=", "*=", "**",
];

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// Goes past blanks and comments; whether anything is left.
    fn skip_blank(&mut self) -> Result<bool, usize> {
        loop {
            let rest = self.rest();
            let blank = rest.len() - rest.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}').len();
            self.at += blank;
            let rest = self.rest();
            if rest.starts_with("//") {
                self.at += rest.find(['\n', '\r', '\u{2028}', '\u{2029}']).unwrap_or(rest.len());
            } else if rest.starts_with("/*") {
                self.at += rest.find("*/").ok_or(self.at)? + 2;
            } else {
                return Ok(!rest.is_empty());
            }
        }
    }

    fn token(&mut self) -> Result<(), usize> {
        let rest = self.rest();
        let first = rest.chars().next().unwrap_or_default();
        match first {
            '"' | '\'' => self.take(Sort::Text, ended(rest, first).ok_or(self.at)?),
            '`' => return self.template(1),
            '/' if self.expects_expression() => self.take(Sort::Regex, regex(rest).ok_or(self.at)?),
            '}' if self.open.last() == Some(&Open::Template) => {
                self.open.pop();
                return self.template(1);
            }
            '(' | '[' | '{' => self.opening(first),
            ')' | ']' | '}' => {
                self.closed = self.open.pop().unwrap_or(Open::Group);
                self.take(Sort::Mark, 1);
            }
            _ if is_word(first) => self.take(Sort::Word, rest.find(|c| !is_word(c)).unwrap_or(rest.len())),
            _ => {
                let mark =
                    MARKS.iter().find(|mark| rest.starts_with(**mark)).map_or(first.len_utf8(), |mark| mark.len());
                self.take(Sort::Mark, mark);
            }
        }
        Ok(())
    }

    fn take(&mut self, sort: Sort, length: usize) {
        self.tokens.push(Token { sort, text: &self.rest()[..length], at: self.at });
        self.at += length;
    }

    /// A piece of a template, up to its end or to an expression in it. `skip` is the length of its first mark.
    fn template(&mut self, skip: usize) -> Result<(), usize> {
        let rest = self.rest();
        let mut escaped = false;
        for (at, c) in rest.char_indices().skip(skip) {
            let expression = c == '$' && rest[at + 1..].starts_with('{');
            if !escaped && (c == '`' || expression) {
                self.take(Sort::Template, at + if expression { 2 } else { 1 });
                if expression {
                    self.open.push(Open::Template);
                }
                return Ok(());
            }
            escaped = c == '\\' && !escaped;
        }
        Err(self.at)
    }

    fn opening(&mut self, mark: char) {
        let last = self.tokens.last();
        let word = last.filter(|last| last.sort == Sort::Word).map(|last| last.text);
        let open = match mark {
            '(' if matches!(word, Some("if" | "while" | "for" | "with")) => Open::Statement,
            '{' if self.begins_block() => Open::Statement,
            _ => Open::Group,
        };
        self.open.push(open);
        self.take(Sort::Mark, 1);
    }

    /// Whether a `{` here begins a block, and not an object.
    fn begins_block(&self) -> bool {
        let Some(last) = self.tokens.last() else { return true };
        match last.sort {
            Sort::Word => matches!(last.text, "else" | "do" | "try" | "finally"),
            Sort::Mark => match last.text {
                ")" | ";" | "{" | "=>" => true,
                "}" => self.closed == Open::Statement,
                ":" => self.open.last() != Some(&Open::Group),
                _ => false,
            },
            Sort::Text | Sort::Template | Sort::Regex => false,
        }
    }

    /// Whether a `/` here begins a regular expression, and doesn't divide.
    fn expects_expression(&self) -> bool {
        let Some(last) = self.tokens.last() else { return true };
        match last.sort {
            Sort::Word => BEFORE_EXPRESSION.contains(&last.text),
            Sort::Text | Sort::Regex => false,
            Sort::Template => last.text.ends_with("${"),
            Sort::Mark => match last.text {
                ")" | "}" => self.closed == Open::Statement,
                "]" | "++" | "--" => false,
                _ => true,
            },
        }
    }
}

/// What a name, keyword or number is made of. Letters of all scripts are, and an escape in a name.
fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$' | '\\' | '\u{200c}' | '\u{200d}')
}

/// The length of what begins with a quote, up to the same one.
fn ended(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            // A line may go on after a backslash, and its end be of two characters.
            _ if escaped => escaped = c == '\r',
            '\\' => escaped = true,
            '\n' | '\r' => return None,
            _ if c == quote => return Some(at + c.len_utf8()),
            _ => {}
        }
    }
    None
}

/// The length of a regular expression with its flags.
fn regex(text: &str) -> Option<usize> {
    let (mut escaped, mut in_class) = (false, false);
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '\n' | '\r' => return None,
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => in_class = true,
            ']' => in_class = false,
            '/' if !in_class => {
                let flags = &text[at + 1..];
                return Some(at + 1 + flags.find(|c| !is_word(c)).unwrap_or(flags.len()));
            }
            _ => {}
        }
    }
    None
}
