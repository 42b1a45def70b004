//! How long to wait before the next try, and when to stop trying.

use std::time::Duration;

use parking_lot::Mutex;

use crate::call::Call;
use crate::cancel::Cancelled;
use crate::clock::Clock;

/// Time an operation may spend waiting for a service, unless the caller sets another.
/// Ours, from the intervals that other tools report for replication (30 s to 3 min).
pub const DEFAULT_BUDGET: Duration = Duration::from_mins(3);

/// How long a host that does not answer at all is tried: what is down for longer is for the caller to know soon.
pub const TIME_TO_REACH: Duration = Duration::from_secs(7);

/// A server that asks for more than this is not waited for in one go.
pub const LONGEST_WAIT: Duration = Duration::from_mins(5);

/// Milliseconds between tries where the service names none: short at first, since most of what passes is over at once, then
/// up to what replication takes.
const STEPS: [u64; 8] = [100, 250, 500, 1_000, 2_000, 4_000, 8_000, 15_000];

/// The waiting time one operation has left, shared by its requests.
#[derive(Debug)]
pub struct Budget {
    total: Duration,
    left: Mutex<Duration>,
}

impl Budget {
    /// A budget of `total` waiting time.
    pub fn new(total: Duration) -> Self {
        Self { total, left: Mutex::new(total) }
    }

    /// All of it is there again: something was achieved, and what comes next is waited for as at first.
    pub fn renew(&self) {
        *self.left.lock() = self.total;
    }

    /// Takes `time` from the budget; false where it doesn't hold so much.
    pub fn take(&self, time: Duration) -> bool {
        let mut left = self.left.lock();
        let rest = left.checked_sub(time);
        *left = rest.unwrap_or(*left);
        rest.is_some()
    }

    /// What is left.
    pub fn left(&self) -> Duration {
        *self.left.lock()
    }
}

/// The wait before try number `tries` + 1 (`tries` from 1): what the service asks for, else a jittered back-off.
fn delay(clock: &dyn Clock, tries: u32, asked: Option<Duration>) -> Duration {
    if let Some(asked) = asked {
        return asked.min(LONGEST_WAIT);
    }
    let index = usize::try_from(tries.saturating_sub(1)).unwrap_or(usize::MAX).min(STEPS.len() - 1);
    Duration::from_millis(STEPS[index]).mul_f64(0.75 + clock.jitter() / 2.0)
}

/// Waits so long, out of the call's budget, and says so in the verbose stream; false where the budget doesn't allow it.
pub fn pause(clock: &dyn Clock, call: &Call<'_>, time: Duration, why: &str) -> Result<bool, Cancelled> {
    if !call.budget.take(time) {
        return Ok(false);
    }
    let (s, left) = (time.as_secs_f64(), call.budget.left().as_secs());
    (call.log)(&format!("{why}; trying again in {s:.1} s ({left} s of the retry budget left)"));
    clock.wait(time, call.cancel)?;
    Ok(true)
}

/// The tries of one thing, from the first on.
#[derive(Debug, Default)]
pub struct Tries {
    /// Those that were not the last.
    failed: u32,
    /// When the first one had failed, by the clock's [`Clock::elapsed`].
    since: Option<Duration>,
}

impl Tries {
    /// Waits before the next try, out of the call's budget, and says so in the verbose stream; false where the budget doesn't
    /// allow it.
    pub fn again(
        &mut self,
        clock: &dyn Clock,
        call: &Call<'_>,
        asked: Option<Duration>,
        why: &str,
    ) -> Result<bool, Cancelled> {
        self.failed += 1;
        self.since.get_or_insert_with(|| clock.elapsed());
        pause(clock, call, delay(clock, self.failed, asked), why)
    }

    /// For how long it has been tried, from the end of the first try on.
    pub fn lasting(&self, clock: &dyn Clock) -> Duration {
        self.since.map_or(Duration::ZERO, |since| clock.elapsed().saturating_sub(since))
    }

    /// Something was achieved: what comes next is waited for as at first.
    pub fn start_over(&mut self) {
        *self = Self::default();
    }
}
