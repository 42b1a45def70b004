//! The portal's users from a file: CSV, a JSON list, JSON Lines, or the answer to a query of the portal; in UTF-8 or, with its mark at the
//! begin, UTF-16. They are read one after the other: a file of any length takes the memory of one user.

mod csv_file;
mod json_file;
mod mapping;
mod pairs;
mod text;

use std::io::{self, BufRead, BufReader, Read};

use thiserror::Error;

use csv_file::CsvFile;
use json_file::JsonFile;
pub use mapping::{Column, Mapping, MappingError, Overrides};
pub use pairs::{Pair, Pairs};

use crate::pairing::Builder;
use crate::portal_user::PortalUser;

/// What one user may take, in bytes: more means that a quote or a brace isn't closed.
const MAX_USER: usize = 1024 * 1024;

/// Why the portal's users can't be read: where in the file, counted from 1, and what to do.
#[derive(Debug, Error)]
pub enum ReadError {
    /// The file itself.
    #[error("{0}")]
    Input(#[from] io::Error),
    /// There is nothing in it.
    #[error("the file is empty: export the portal's users once more")]
    Empty,
    /// An answer to a query of the portal that is one page of several.
    #[error("the answer has {users} of {all} users: export all of them")]
    Page {
        /// How many it has.
        users: u64,
        /// How many there are.
        all: u64,
    },
    /// There is nobody in it.
    #[error("the file names no user: export the portal's users once more")]
    NoUsers,
    /// The header can't be used.
    #[error("{0}")]
    Header(#[from] MappingError),
    /// An object's names can't be used.
    #[error("user {place}: {error}")]
    Columns {
        /// Which user.
        place: u64,
        /// Why.
        error: MappingError,
    },
    /// A value that isn't one text, of a column that is looked at by name.
    #[error("user {place}: '{column}' is {kind}, and one text is needed. Give that; of bytes, their base64")]
    Value {
        /// Which user.
        place: u64,
        /// The header.
        column: String,
        /// What it is.
        kind: String,
    },
    /// A line has more or fewer cells than the header.
    #[error(
        "line {line} has {cells} cells and the header {columns}: put a text that has the delimiter in it in quotes, and close \
         every quote"
    )]
    Ragged {
        /// The line that the user begins on.
        line: u64,
        /// How many it has.
        cells: usize,
        /// How many the header has.
        columns: usize,
    },
    /// Letters that are not UTF-8.
    #[error(
        "line {line}, column {column}: these bytes are not UTF-8. Save the file as CSV UTF-8, or with Export-Csv -Encoding UTF8"
    )]
    NotUtf8 {
        /// The line that the user begins on.
        line: u64,
        /// Which cell, from 1.
        column: usize,
    },
    /// A zero byte: UTF-16 without a mark, or no text at all.
    #[error("this is no text in UTF-8, nor in UTF-16 with its mark: an Excel workbook, perhaps. Save it as CSV UTF-8")]
    NotText,
    /// A quote was opened and not closed.
    #[error("the file's quotes don't come in pairs: one is not closed, and what stands behind it would be one user's")]
    OpenQuote,
    /// A cell that can't have several lines has.
    #[error("line {line}: the cell of '{column}' has a line break in it. Is a quote not closed?")]
    LineBreak {
        /// The line that the user begins on.
        line: u64,
        /// The header.
        column: String,
    },
    /// A user is longer than any is.
    #[error("the user that begins on line {line} is longer than 1 MiB: a quote or a brace is not closed")]
    TooLong {
        /// That line.
        line: u64,
    },
    /// What isn't JSON, or not of a shape that is known.
    #[error("line {line}, column {column}: {what}")]
    Json {
        /// The line.
        line: u64,
        /// The column, in bytes.
        column: u64,
        /// What is wrong.
        what: String,
    },
}

type Input<'a> = BufReader<Box<dyn Read + 'a>>;

/// A file of the portal's users, one after the other. After an error nothing more comes.
pub struct PortalUsers<'a> {
    form: Form<'a>,
    is_over: bool,
}

enum Form<'a> {
    Csv(Box<CsvFile<csv_file::Lines<Input<'a>>>>),
    Json(Box<JsonFile<Input<'a>>>),
}

impl<'a> PortalUsers<'a> {
    /// Reads as far as it takes to know the columns.
    pub fn open(input: impl BufRead + 'a, overrides: &Overrides) -> Result<Self, ReadError> {
        let mut input = BufReader::new(text::decoded(input)?);
        let mut lines = 0;
        let first = loop {
            match input.fill_buf()?.first() {
                None => return Err(ReadError::Empty),
                Some(byte) if byte.is_ascii_whitespace() => {
                    lines += u64::from(*byte == b'\n');
                    input.consume(1);
                }
                Some(byte) => break *byte,
            }
        };
        let form = match first {
            b'[' | b'{' => Form::Json(Box::new(JsonFile::open(input, lines, overrides)?)),
            _ => Form::Csv(Box::new(CsvFile::open(input, lines, overrides)?)),
        };
        Ok(Self { form, is_over: false })
    }

    /// Puts all of them into an index, which takes less than handing over one after the other; and says which column is what.
    pub fn fill(self, users: &mut Builder) -> Result<Mapping, ReadError> {
        let mapping = match self.form {
            Form::Csv(file) => file.fill(users)?,
            Form::Json(mut file) => {
                for user in &mut *file {
                    users.push(&user?);
                }
                file.mapping().clone()
            }
        };
        users.columns(&mapping);
        Ok(mapping)
    }

    /// Which column is what; for JSON, in the users that have come.
    pub fn mapping(&self) -> &Mapping {
        match &self.form {
            Form::Csv(file) => file.mapping(),
            Form::Json(file) => file.mapping(),
        }
    }
}

impl Iterator for PortalUsers<'_> {
    type Item = Result<PortalUser, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let next = match &mut self.form {
            Form::Csv(file) => file.next(),
            Form::Json(file) => file.next(),
        };
        self.is_over = !matches!(next, Some(Ok(_)));
        next
    }
}
