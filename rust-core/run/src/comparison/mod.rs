//! What Practice Protect would write to each user of a tenant. All users are walked over once: it is found out who holds which address and
//! which user of the portal, which takes some bytes of each, and the users go into a file. From there each is judged, so memory grows
//! with those bytes alone.

mod facts;
mod index;
mod names;

use std::io;

use pp_attributes::backup::BackupError;
use pp_base::cancel::Cancelled;
use pp_graph::error::GraphError;
use thiserror::Error;

pub use facts::{admins, facts};
pub use index::{Index, index};
pub use names::Names;

/// How an index is told how far it is, and what it warns of.
#[derive(Clone, Copy)]
pub struct Told<'a> {
    /// How many users were read since the last time.
    pub read: &'a dyn Fn(usize) -> Result<(), Cancelled>,
    /// A sentence that the caller should know.
    pub warning: &'a dyn Fn(&str),
}

/// Why the walk ended early.
#[derive(Debug, Error)]
pub enum Stopped {
    /// The tenant could not be read.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// The users could not be written into the file that is between the walk and their judgement, or read from it.
    #[error("the users can't be kept for the time of the comparison: {0}")]
    NotKept(#[from] io::Error),
    /// The backup is no longer what it was when it was verified.
    #[error(transparent)]
    Backup(#[from] BackupError),
}
