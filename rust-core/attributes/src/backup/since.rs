//! A backup that a comparison goes on from: who has changed since.

use std::io::{BufReader, Read, Seek};

use super::{BackupError, Verified, verify};
use crate::account::{Account, Change};
use crate::key::Hasher;
use crate::object_id::ObjectId;
use crate::packed;

/// A backup, with 24 bytes for each of its users.
#[derive(Debug)]
pub struct Since<F> {
    file: F,
    verified: Verified,
    hasher: Hasher,
    /// What each user was, as a hash; in the order of the ids.
    users: Vec<(ObjectId, u64)>,
}

impl<F: Read + Seek> Since<F> {
    /// Reads all of it, and verifies it.
    pub fn read(mut file: F) -> Result<Self, BackupError> {
        let hasher = Hasher::default();
        let (mut users, mut packed) = (Vec::new(), Vec::new());
        let verified = verify(BufReader::new(&mut file), |_, change| match change {
            Change::Is(account) => {
                users.extend(
                    ObjectId::parse(&account.id).map(|id| (id, hash(&hasher, &mut packed, &account.borrowed()))),
                );
            }
            // Nobody who comes again is like that.
            Change::Removed(id) => users.extend(ObjectId::parse(&id).map(|id| (id, 0))),
        })?;
        // Stable, and turned round: the last of those with one id is kept.
        users.reverse();
        users.sort_by_key(|user| user.0);
        users.dedup_by_key(|user| user.0);
        users.shrink_to_fit();
        Ok(Self { file, verified, hasher, users })
    }

    /// What it is.
    pub fn verified(&self) -> &Verified {
        &self.verified
    }

    /// Whether a user is another than the backup has, or isn't in it.
    pub fn differs(&self, id: ObjectId, account: &Account<&str>) -> bool {
        let was = self.users.binary_search_by_key(&id, |user| user.0).ok().map(|at| self.users[at].1);
        was != Some(hash(&self.hasher, &mut Vec::new(), account))
    }

    /// Goes through it once more.
    pub fn each(&mut self, mut each: impl FnMut(Change)) -> Result<(), BackupError> {
        self.file.rewind()?;
        verify(BufReader::new(&mut self.file), |_, change| each(change)).map(drop)
    }
}

/// Of all that a user is.
fn hash(hasher: &Hasher, packed: &mut Vec<u8>, account: &Account<&str>) -> u64 {
    packed.clear();
    packed::account(packed, account);
    hasher.of_bytes(packed)
}
