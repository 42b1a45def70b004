//! What Practice Protect would write to each user of a tenant. All users are walked over twice: first it is found out who holds
//! which address and which user of the portal, which takes some bytes of each; then each user is compared and let go of. So the
//! memory that this takes grows with those bytes alone.

mod facts;
mod index;
mod walk;

use crate::users::list;
use pp_attributes::account::Account;
use pp_base::cancel::Cancelled;
use pp_graph::Graph;
use pp_graph::error::GraphError;

pub use facts::facts;
pub use index::{Index, index};

/// How an index is told how far it is, and what it warns of.
#[derive(Clone, Copy)]
pub struct Told<'a> {
    /// How many users were read since the last time.
    pub read: &'a dyn Fn(usize) -> Result<(), Cancelled>,
    /// A sentence that the caller should know.
    pub warning: &'a dyn Fn(&str),
}

/// Goes through all users, a page at a time.
pub fn accounts(graph: &Graph<'_>, each: impl FnMut(Vec<Account>) -> Result<(), GraphError>) -> Result<(), GraphError> {
    walk::steadily(graph, &list(), each)
}
