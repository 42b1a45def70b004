//! How long to wait before the next try, and when to stop trying.

use std::time::Duration;

use parking_lot::Mutex;

use crate::call::Call;
use crate::cancel::Cancelled;
use crate::clock::Clock;

/// Time an operation may spend waiting for a service, unless the caller sets another.
/// Ours, from the intervals that other tools report for replication (30 s to 3 min).
pub const DEFAULT_BUDGET: Duration = Duration::from_mins(3);

/// Tries to reach a host that does not answer at all: what is down for longer is for the caller to know soon.
pub const TRIES_TO_REACH: u32 = 4;

/// A server that asks for more than this is not waited for in one go.
pub const LONGEST_WAIT: Duration = Duration::from_mins(5);

/// Seconds between tries where the service names none.
const STEPS: [u64; 6] = [1, 2, 4, 8, 15, 15];

/// The waiting time one operation has left, shared by its requests.
#[derive(Debug)]
pub struct Budget {
    left: Mutex<Duration>,
}

impl Budget {
    /// A budget of `total` waiting time.
    pub fn new(total: Duration) -> Self {
        Self { left: Mutex::new(total) }
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
    Duration::from_secs(STEPS[index]).mul_f64(0.75 + clock.jitter() / 2.0)
}

/// The tries of one thing, from the first on.
#[derive(Debug)]
pub struct Tries {
    so_far: u32,
}

impl Default for Tries {
    fn default() -> Self {
        Self { so_far: 1 }
    }
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
        let time = delay(clock, self.so_far, asked);
        if !call.budget.take(time) {
            return Ok(false);
        }
        let (s, left) = (time.as_secs_f64(), call.budget.left().as_secs());
        (call.log)(&format!("{why}; trying again in {s:.1} s ({left} s of the retry budget left)"));
        clock.wait(time, call.cancel)?;
        self.so_far += 1;
        Ok(true)
    }

    /// How many there were.
    pub fn so_far(&self) -> u32 {
        self.so_far
    }
}
