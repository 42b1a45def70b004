//! Writing a backup, page by page.

use std::collections::BTreeSet;
use std::io::{self, BufWriter, Write};

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::{Checkpoint, End, Header, OnTheWay, Unfinished};
use crate::account::{Account, Change};
use pp_words::upper_hex;

/// Writes a backup; what was written of a page is there once [`Writer::page`] is back.
#[derive(Debug)]
pub struct Writer<W: Write> {
    to: BufWriter<W>,
    hash: Sha256,
    users: u64,
    on_the_way: OnTheWay,
}

/// What a finished backup is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// How many lines of users it has.
    pub users: u64,
    /// Who is in it under the name for the time being, by object id.
    pub on_the_way: BTreeSet<String>,
    /// SHA-256 of the whole file, in upper case.
    pub file_sha256: String,
}

/// The lines as they are written; [`super::Line`] is what is read.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Line<'a, S = String> {
    Backup(&'a Header),
    User(&'a Account<S>),
    Removed(&'a str),
    Next(Checkpoint),
    Delta(&'a str),
    End(End),
}

impl<W: Write> Writer<W> {
    /// Begins a backup.
    pub fn begin(to: W, header: &Header) -> io::Result<Self> {
        let mut writer =
            Self { to: BufWriter::new(to), hash: Sha256::new(), users: 0, on_the_way: OnTheWay::default() };
        writer.line(&Line::<String>::Backup(header))?;
        writer.to.flush()?;
        Ok(writer)
    }

    /// Goes on with one that was stopped. What is written comes behind the bytes that [`Unfinished::length`] counts.
    pub fn go_on(to: W, unfinished: &Unfinished) -> Self {
        let Unfinished { hash, users, on_the_way, .. } = unfinished;
        Self { to: BufWriter::new(to), hash: hash.clone(), users: *users, on_the_way: on_the_way.clone() }
    }

    /// How many lines of users there are.
    pub fn users(&self) -> u64 {
        self.users
    }

    /// Writes a page, and where the next one is.
    pub fn page<S: AsRef<str> + Serialize>(&mut self, users: &[Change<S>], next: Option<&str>) -> io::Result<()> {
        for user in users {
            self.on_the_way.take_in(user);
            match user {
                Change::Is(user) => {
                    self.line(&Line::User(user))?;
                    self.users += 1;
                }
                Change::Removed(id) => self.line(&Line::<S>::Removed(id.as_ref()))?,
            }
        }
        if let Some(link) = next {
            self.line(&Line::<S>::Next(Checkpoint { link: link.to_owned(), users: self.users }))?;
        }
        self.to.flush()
    }

    /// Writes the end, with the link to what changes from then on where the service gave one, and gives back what was written to.
    pub fn end(mut self, delta_link: Option<&str>) -> io::Result<(W, Finished)> {
        if let Some(link) = delta_link {
            self.line(&Line::<String>::Delta(link))?;
        }
        let sha256 = upper_hex(&self.hash.clone().finalize());
        self.line(&Line::<String>::End(End { users: self.users, sha256 }))?;
        let (users, on_the_way) = (self.users, self.on_the_way.0);
        let finished = Finished { users, on_the_way, file_sha256: upper_hex(&self.hash.finalize()) };
        let to = self.to.into_inner().map_err(io::IntoInnerError::into_error)?;
        Ok((to, finished))
    }

    fn line<S: Serialize>(&mut self, line: &Line<'_, S>) -> io::Result<()> {
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        self.hash.update(&text);
        self.to.write_all(&text)
    }
}
