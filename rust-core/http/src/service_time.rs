//! How far this machine's clock is ahead of the service's, as the answers' `Date` tells: what is to be valid at once must not
//! start in the service's future.

use std::sync::atomic::{AtomicI64, Ordering};

use time::{Duration, OffsetDateTime};

use crate::Response;

/// A `Date` is cut to the second, and an answer is under way for a while: less than this is no difference.
const TOLERANCE: Duration = Duration::seconds(5);

/// The difference as the last answer told it.
#[derive(Debug, Default)]
pub struct ServiceTime {
    seconds_ahead: AtomicI64,
}

impl ServiceTime {
    /// Takes note of an answer that came at `now`; one without a readable `Date` says nothing.
    pub fn learn(&self, answer: &Response, now: OffsetDateTime) {
        if let Some(date) = answer.date() {
            let ahead = now - date;
            let counts = ahead > TOLERANCE;
            self.seconds_ahead.store(if counts { ahead.whole_seconds() + 1 } else { 0 }, Ordering::Relaxed);
        }
    }

    /// `now`, or earlier where that is still to come for the service.
    pub fn not_after(&self, now: OffsetDateTime) -> OffsetDateTime {
        now.saturating_sub(Duration::seconds(self.seconds_ahead.load(Ordering::Relaxed)))
    }
}
