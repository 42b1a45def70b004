//! Time. All waiting, expiry and jitter go through one [`Clock`] that a connection is given when it is made.

use std::fmt::Debug;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use time::OffsetDateTime;

use crate::cancel::{Cancel, Cancelled};

/// What the core knows of time. Tests pass one that moves the tenant twin's clock, so that waiting takes no time.
pub trait Clock: Debug + Send + Sync {
    /// The time of day, UTC: for expiry and for dates that are sent.
    fn now(&self) -> OffsetDateTime;

    /// Time since a moment that the clocks of a process share; it never runs backwards: for budgets and time-outs, also those
    /// of several connections.
    fn elapsed(&self) -> Duration;

    /// Waits, and ends at once on cancel.
    fn wait(&self, time: Duration, cancel: &Cancel) -> Result<(), Cancelled>;

    /// A number in `0.0..1.0` that spreads retries of many clients.
    fn jitter(&self) -> f64;
}

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// The machine's clock.
#[derive(Debug)]
pub struct SystemClock {
    start: Instant,
}

impl Default for SystemClock {
    fn default() -> Self {
        Self { start: *START }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc()
    }

    fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    fn wait(&self, time: Duration, cancel: &Cancel) -> Result<(), Cancelled> {
        cancel.wait(time)
    }

    fn jitter(&self) -> f64 {
        // Without randomness (which getrandom reports on broken systems only) retries are merely not spread.
        getrandom::u32().map_or(0.5, |n| f64::from(n) / (f64::from(u32::MAX) + 1.0))
    }
}
