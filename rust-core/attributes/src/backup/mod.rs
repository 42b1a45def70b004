//! A backup of users' attributes: JSON Lines, a header, a user a line, and an end with the number of users and the SHA-256 of all
//! that stands before it. While it is being written, a line behind each page says where the next one is, so that a backup that was
//! stopped is taken up there ([`left`]). It holds no secret; it holds names and addresses.

mod read;
mod since;
mod write;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use time::OffsetDateTime;

use crate::account::{Account, Change};
use crate::restore::is_on_the_way;
pub use read::{Left, Lines, Unfinished, Verified, left, user_at, verify};
pub use since::Since;
pub use write::{Finished, Writer};

/// The form of the file; another form has another name.
pub const SCHEMA: &str = "ppfederation-attributes-1";

/// The first line: whose users these are, and from when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Header {
    /// [`SCHEMA`].
    pub schema: String,
    /// The tenant's id.
    pub tenant_id: String,
    /// The organization's display name.
    pub tenant_name: Option<String>,
    /// When it was begun, by the service's time.
    #[serde(with = "time::serde::rfc3339")]
    pub time: OffsetDateTime,
    /// The module's version.
    pub module: String,
    /// What was selected of each user.
    pub select: String,
}

/// Where the next page is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Checkpoint {
    /// The service's own link to it.
    pub link: String,
    /// How many lines of users there are before.
    pub users: u64,
}

/// The last line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct End {
    /// How many lines of users there are.
    pub users: u64,
    /// SHA-256 of all bytes before this line, in upper case.
    pub sha256: String,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Line {
    /// The first.
    Backup(Header),
    /// One user. A walk over changes may show a user twice: the first line with an id has the user as it was before, the last as it was
    /// in the end.
    User(Account),
    /// A user of an earlier line, by object id, who was deleted while the backup was written.
    Removed(String),
    /// Where the next page is.
    Next(Checkpoint),
    /// The service's own link to what changes from then on, where it gave one.
    Delta(String),
    /// The last.
    End(End),
}

/// Who has the sign-in name for the time being by what was said last, by object id: a restore that was killed left them under it.
#[derive(Debug, Clone, Default)]
struct OnTheWay(BTreeSet<String>);

impl OnTheWay {
    fn take_in<S: AsRef<str>>(&mut self, change: &Change<S>) {
        match change {
            Change::Is(user) if is_on_the_way(user) => self.0.insert(user.id.as_ref().to_owned()),
            Change::Is(Account { id, .. }) | Change::Removed(id) => self.0.remove(id.as_ref()),
        };
    }
}

/// Why a file is no backup that can be relied on.
#[derive(Debug, Error)]
pub enum BackupError {
    /// The system doesn't give it.
    #[error(transparent)]
    NotReadable(#[from] std::io::Error),
    /// It is something else.
    #[error("line {line} is no line of a backup of attributes: {what}")]
    NotABackup {
        /// From 1.
        line: u64,
        /// What was wrong.
        what: String,
    },
    /// It has no end.
    #[error("it was not finished: it ends after {users} users")]
    Unfinished {
        /// As far as it goes.
        users: u64,
    },
    /// It isn't what was written.
    #[error("it was altered since it was written: {0}")]
    Altered(String),
}

#[cfg(test)]
mod tests;
