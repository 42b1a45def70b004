//! How far a fleet is, and for how long it will go on.

use std::time::Duration;

use super::told::FAILED;
use crate::output::{Output, Progress};
use pp_base::cancel::Cancelled;

/// Counts tenants.
pub(super) struct Counted {
    activity: String,
    all: usize,
    begun: Duration,
    done: usize,
    failed: usize,
}

impl Counted {
    pub(super) fn new(action: &str, all: usize, now: Duration) -> Self {
        Self { activity: format!("{action} in {all} tenants"), all, begun: now, done: 0, failed: 0 }
    }

    /// One more has ended.
    pub(super) fn ended(&mut self, result: &str, output: &Output, now: Duration) -> Result<(), Cancelled> {
        self.done += 1;
        self.failed += usize::from(result == FAILED);
        let took = now.saturating_sub(self.begun).as_secs();
        let (done, left) = (self.done as u64, self.all.saturating_sub(self.done) as u64);
        let failed = if self.failed > 0 { format!(", {} of them failed", self.failed) } else { String::new() };
        output.progress(Progress {
            activity: &self.activity,
            status: &format!("{done} of {}{failed}", self.all),
            percent: u8::try_from(done * 100 / (self.all as u64).max(1)).ok(),
            seconds_remaining: u32::try_from(took.saturating_mul(left) / done).ok(),
        })
    }
}
