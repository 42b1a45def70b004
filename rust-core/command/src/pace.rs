//! How fast a walk over all users goes, and for how long it will.

use std::cell::Cell;
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
        let rate = self.rate(done);
        let all = self.all.filter(|all| *all >= done && done > 0);
        let left = all.zip(rate).map(|(all, rate)| u32::try_from((all - done) / rate.max(1)).unwrap_or(u32::MAX));
        let of_all = all.map(|all| format!(" of {all}")).unwrap_or_default();
        let a_second = rate.map(|rate| format!(", {rate} a second")).unwrap_or_default();
        self.output.progress(Progress {
            activity: self.activity,
            status: &format!("{doing}: {done}{of_all}{a_second}"),
            percent: all.and_then(|all| u8::try_from(done * 100 / all).ok()),
            seconds_remaining: left,
        })
    }

    /// Users a second, once there has been one.
    fn rate(&self, done: u64) -> Option<u64> {
        let seconds = self.clock.elapsed().saturating_sub(self.begun).as_secs();
        (done - self.before).checked_div(seconds)
    }
}
