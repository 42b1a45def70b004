//! What every request of one operation shares.

use crate::cancel::Cancel;
use crate::retry::Budget;

/// What every request of one operation shares.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    /// Ends waits and requests.
    pub cancel: &'a Cancel,
    /// Waiting time left for retries.
    pub budget: &'a Budget,
    /// The verbose stream.
    pub log: &'a (dyn Fn(&str) + Sync),
}
