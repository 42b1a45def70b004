//! How far this machine's clock is from the service's, as the answers' `Date` tells: what takes something away, and what is to be
//! valid at once, goes by the service's time.

use std::sync::atomic::{AtomicI64, Ordering};

use time::{Duration, OffsetDateTime};

use crate::Response;

/// A `Date` is cut to the second, and an answer is under way for a while: less than this is no difference.
const TOLERANCE: Duration = Duration::seconds(5);

/// The difference as the last answer told it.
#[derive(Debug, Default)]
pub struct ServiceTime {
    /// Of this machine's clock; negative where it is behind.
    seconds_ahead: AtomicI64,
}

impl ServiceTime {
    /// Takes note of an answer that came at `now`. One without a readable `Date` says nothing, nor does one that the service
    /// has not numbered: a gateway gave it, which may have any clock.
    pub fn learn(&self, answer: &Response, now: OffsetDateTime) {
        if let (Some(date), Some(_)) = (answer.date(), answer.header("request-id")) {
            let ahead = now - date;
            let seconds = match ahead.abs() > TOLERANCE {
                // Rounded so that the service's time is never put into its future.
                true if ahead.is_positive() => ahead.whole_seconds() + 1,
                true => ahead.whole_seconds(),
                false => 0,
            };
            self.seconds_ahead.store(seconds, Ordering::Relaxed);
        }
    }

    /// The service's time when this machine's clock says `now`.
    pub fn at(&self, now: OffsetDateTime) -> OffsetDateTime {
        now.saturating_sub(Duration::seconds(self.seconds_ahead.load(Ordering::Relaxed)))
    }
}
