//! Reading a backup: whole, and verified; one user of it; or as far as one goes that was stopped.

use std::io::{BufRead, Read as _, Seek, SeekFrom};

use sha2::{Digest as _, Sha256};

use super::{BackupError, End, Finished, Header, Line, OnTheWay, SCHEMA};
use crate::account::{Account, Change};
use pp_words::upper_hex;

/// Longer than any line: a user has a few hundred addresses at most. What is given in place of a backup isn't read into memory
/// whatever it is.
const LONGEST_LINE: u64 = 1024 * 1024;

/// The lines of a file, one by one.
#[derive(Debug)]
pub struct Lines<R> {
    from: R,
    /// The line that was read last, from 1.
    number: u64,
    /// Where that begins.
    at: u64,
    /// How many bytes were read.
    read: u64,
    /// Of what stands before that line.
    before: Sha256,
    /// With that line.
    hash: Sha256,
}

impl<R: BufRead> Lines<R> {
    /// From the beginning.
    pub fn of(from: R) -> Self {
        Self { from, number: 0, at: 0, read: 0, before: Sha256::new(), hash: Sha256::new() }
    }

    /// The next line; none at the end. A line without its line end was torn.
    fn read_next(&mut self) -> Result<Option<Line>, BackupError> {
        let mut bytes = Vec::new();
        let count = self.from.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut bytes)?;
        if count == 0 {
            return Ok(None);
        }
        self.number += 1;
        self.at = self.read;
        self.read += u64::try_from(count).unwrap_or(u64::MAX);
        self.before = self.hash.clone();
        self.hash.update(&bytes);
        if bytes.last() != Some(&b'\n') {
            return Err(self.wrong("it has no end"));
        }
        serde_json::from_slice(&bytes).map(Some).map_err(|error| self.wrong(error.to_string()))
    }

    fn wrong(&self, what: impl Into<String>) -> BackupError {
        BackupError::NotABackup { line: self.number, what: what.into() }
    }

    fn header(&mut self) -> Result<Header, BackupError> {
        match self.read_next()? {
            Some(Line::Backup(header)) if header.schema == SCHEMA => Ok(header),
            Some(Line::Backup(header)) => Err(self.wrong(format!("its schema is {}, not {SCHEMA}", header.schema))),
            Some(Line::User(_) | Line::Removed(_) | Line::Next(_) | Line::Delta(_) | Line::End(_)) => {
                Err(self.wrong("it is no header"))
            }
            None => Err(BackupError::NotABackup { line: 1, what: "the file is empty".into() }),
        }
    }

    /// That the end which was read last is that of what stands before it, and that nothing stands behind it.
    fn verify_end(&mut self, end: &End, users: u64) -> Result<(), BackupError> {
        let is = upper_hex(&self.before.clone().finalize());
        if end.sha256 != is {
            return Err(BackupError::Altered(format!("its SHA-256 is {is}, not {}", end.sha256)));
        }
        if end.users != users {
            return Err(BackupError::Altered(format!("it has {users} users, not {}", end.users)));
        }
        if self.from.fill_buf()?.is_empty() {
            return Ok(());
        }
        Err(BackupError::Altered("something stands behind its end".into()))
    }
}

/// A backup that is what was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Its first line.
    pub header: Header,
    /// The service's own link to what changes from then on, where it gave one.
    pub delta_link: Option<String>,
    /// Its last line.
    pub end: End,
}

/// Reads all of it, and verifies number and hash. Each user goes to `each` with the place at which its line begins, before that is
/// known: nothing must be done by it until this is back. What is said first of a user is how it was before whatever befell it while the
/// backup was written; what is said last, how it was in the end.
pub fn verify<R: BufRead>(from: R, mut each: impl FnMut(u64, Change)) -> Result<Verified, BackupError> {
    let mut lines = Lines::of(from);
    let header = lines.header()?;
    let (mut users, mut delta_link) = (0, None);
    loop {
        match lines.read_next()? {
            Some(Line::User(user)) => {
                users += 1;
                each(lines.at, Change::Is(user));
            }
            Some(Line::Removed(id)) => each(lines.at, Change::Removed(id)),
            Some(Line::Next(_)) => {}
            Some(Line::Delta(link)) => delta_link = Some(link),
            Some(Line::End(end)) => {
                lines.verify_end(&end, users)?;
                return Ok(Verified { header, delta_link, end });
            }
            Some(Line::Backup(_)) => return Err(lines.wrong("a second header")),
            None => return Err(BackupError::Unfinished { users }),
        }
    }
}

/// The user whose line begins there, of a backup that was verified.
pub fn user_at<R: BufRead + Seek>(from: &mut R, at: u64) -> Result<Account, BackupError> {
    from.seek(SeekFrom::Start(at))?;
    match Lines::of(from).read_next() {
        Ok(Some(Line::User(user))) => Ok(user),
        Err(BackupError::NotReadable(error)) => Err(BackupError::NotReadable(error)),
        Ok(_) | Err(_) => Err(BackupError::Altered("it changed while it was read".into())),
    }
}

/// What a file is that a backup was being written to.
#[derive(Debug, Clone)]
pub enum Left {
    /// It was stopped.
    Unfinished(Unfinished),
    /// It is finished, and verified.
    Whole(Header, Finished),
}

impl Left {
    /// Its first line.
    pub fn header(&self) -> &Header {
        let (Self::Unfinished(Unfinished { header, .. }) | Self::Whole(header, _)) = self;
        header
    }
}

/// How far a backup goes that was stopped.
#[derive(Debug, Clone)]
pub struct Unfinished {
    /// Its first line.
    pub header: Header,
    /// The service's own link to the page that comes next; none where not one was whole.
    pub next: Option<String>,
    /// How many lines of users there are.
    pub users: u64,
    /// How many bytes; what stands behind was torn.
    pub length: u64,
    pub(super) hash: Sha256,
    pub(super) on_the_way: OnTheWay,
}

impl Unfinished {
    fn takes_in(&mut self, change: &Change) {
        self.users += u64::from(matches!(change, Change::Is(_)));
        self.on_the_way.take_in(change);
    }
}

/// As far as a file goes: up to the last line that is whole. The users behind the last line that says where the next page is are of a page
/// that is read again; they stay, since they may be others by then. The error is the system's, or that of a file that is something else, or was altered.
pub fn left<R: BufRead>(from: R) -> Result<Left, BackupError> {
    let mut lines = Lines::of(from);
    let header = lines.header()?;
    let (length, hash) = (lines.read, lines.hash.clone());
    let mut found = Unfinished { header, next: None, users: 0, length, hash, on_the_way: OnTheWay::default() };
    loop {
        match lines.read_next() {
            Ok(Some(Line::User(user))) => found.takes_in(&Change::Is(user)),
            Ok(Some(Line::Removed(id))) => found.takes_in(&Change::Removed(id)),
            Ok(Some(Line::Next(next))) if next.users == found.users => found.next = Some(next.link),
            // What is the end of one comes once more.
            Ok(Some(Line::Delta(_))) => continue,
            Ok(Some(Line::End(end))) => {
                lines.verify_end(&end, found.users)?;
                let Unfinished { header, users, on_the_way, .. } = found;
                let file_sha256 = upper_hex(&lines.hash.finalize());
                return Ok(Left::Whole(header, Finished { users, on_the_way: on_the_way.0, file_sha256 }));
            }
            Err(BackupError::NotReadable(error)) => return Err(error.into()),
            Ok(None) => return Ok(Left::Unfinished(found)),
            Ok(Some(Line::Backup(_))) => return Err(lines.wrong("a second header")),
            Ok(Some(Line::Next(_))) => return Err(lines.wrong("it counts other users than stand before it")),
            // Torn, if nothing stands behind it.
            Err(error) => {
                let torn = lines.from.fill_buf()?.is_empty();
                return if torn { Ok(Left::Unfinished(found)) } else { Err(error) };
            }
        }
        found.length = lines.read;
        found.hash = lines.hash.clone();
    }
}
