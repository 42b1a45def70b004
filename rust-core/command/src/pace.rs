//! How fast a walk over all users goes, and for how long it will.

use std::cell::Cell;
use std::fmt;
use std::time::Duration;

use crate::output::{Output, Progress};
use pp_base::cancel::Cancelled;
use pp_base::clock::Clock;

/// Counts users, and says how many there were.
pub(crate) struct Pace<'a> {
    output: &'a Output,
    clock: &'a dyn Clock,
    activity: &'static str,
    begun: Duration,
    /// What an earlier run has read.
    before: u64,
    /// How many will be read, where that is known.
    all: Option<u64>,
    done: Cell<u64>,
}

impl<'a> Pace<'a> {
    pub(crate) fn new(output: &'a Output, clock: &'a dyn Clock, activity: &'static str, all: Option<u64>) -> Self {
        Self { output, clock, activity, begun: clock.elapsed(), before: 0, all, done: Cell::new(0) }
    }

    /// The same, where so many were read before.
    pub(crate) fn after(self, before: u64) -> Self {
        Self { before, done: Cell::new(before), ..self }
    }

    /// So many more.
    pub(crate) fn read(&self, doing: &str, users: usize) -> Result<(), Cancelled> {
        self.done.set(self.done.get() + users as u64);
        let done = self.done.get();
        let all = self.all.filter(|all| *all >= done && done > 0);
        let rate = Rate::of(done - self.before, self.clock.elapsed().saturating_sub(self.begun));
        let left = all.zip(rate).map(|(all, rate)| rate.seconds_for(all - done));
        let of_all = all.map(|all| format!(" of {all}")).unwrap_or_default();
        let how_fast = rate.map(|rate| format!(", {rate}")).unwrap_or_default();
        self.output.progress(Progress {
            activity: self.activity,
            status: &format!("{doing}: {done}{of_all}{how_fast}"),
            percent: all.and_then(|all| u8::try_from(done * 100 / all).ok()),
            seconds_remaining: left,
        })
    }
}

/// So many users in so many seconds; neither is none.
#[derive(Clone, Copy)]
struct Rate {
    users: u64,
    seconds: u64,
}

impl Rate {
    fn of(users: u64, time: Duration) -> Option<Self> {
        let seconds = time.as_secs();
        (users > 0 && seconds > 0).then_some(Self { users, seconds })
    }

    fn seconds_for(self, users: u64) -> u32 {
        u32::try_from(users.saturating_mul(self.seconds) / self.users).unwrap_or(u32::MAX)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.users / self.seconds {
            0 => write!(f, "{} a minute", self.users.saturating_mul(60) / self.seconds),
            a_second => write!(f, "{a_second} a second"),
        }
    }
}
