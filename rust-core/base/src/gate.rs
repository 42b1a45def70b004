//! Asked before each request that changes something.

use std::fmt::Debug;

/// Whoever allows writes.
pub trait Gate: Send + Sync + Debug {
    /// Whether a write may be begun now; the error says why not.
    fn may_write(&self) -> Result<(), String>;
}
