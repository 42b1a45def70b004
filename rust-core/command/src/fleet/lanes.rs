//! Lanes: so many tenants at once, each on a thread of its own, until all were begun, the caller cancels or the time is used up.

use std::thread;
use std::time::Duration;

use parking_lot::Mutex;

use pp_base::cancel::Cancel;
use pp_base::clock::Clock;

/// How lanes take what there is to do.
pub(super) struct Lanes<'a> {
    /// How many at once.
    pub(super) limit: usize,
    /// How long new ones may be begun; the last ones have to be done by then, as far as can be foreseen.
    pub(super) budget: Option<Duration>,
    pub(super) clock: &'a dyn Clock,
    pub(super) cancel: &'a Cancel,
}

/// What the lanes know together.
struct State {
    next: usize,
    /// How long each took that is done, in order.
    took: Vec<Duration>,
}

impl Lanes<'_> {
    /// Does `work` for each; the answer is how many were begun, which are the first ones. Where the system gives no thread, the
    /// caller's own is the only lane.
    pub(super) fn run<T: Sync>(&self, all: &[T], work: impl Fn(&T) + Sync) -> usize {
        let begun = self.clock.elapsed();
        let state = Mutex::new(State { next: 0, took: Vec::new() });
        let lane = || {
            while let Some(one) = self.next(&state, begun, all) {
                let from = self.clock.elapsed();
                work(one);
                let took = self.clock.elapsed().saturating_sub(from);
                let took_so_far = &mut state.lock().took;
                let place = took_so_far.partition_point(|known| *known <= took);
                took_so_far.insert(place, took);
            }
        };
        thread::scope(|scope| {
            for _ in 1..self.limit.min(all.len()) {
                let thread = thread::Builder::new().name("ppfederation-lane".to_owned());
                if thread.spawn_scoped(scope, lane).is_err() {
                    break;
                }
            }
            lane();
        });
        state.into_inner().next
    }

    fn next<'t, T>(&self, state: &Mutex<State>, begun: Duration, all: &'t [T]) -> Option<&'t T> {
        let mut state = state.lock();
        let usual = state.took.get(state.took.len() / 2).copied().unwrap_or_default();
        let done_by = self.clock.elapsed().saturating_sub(begun).saturating_add(usual);
        if self.cancel.is_cancelled() || self.budget.is_some_and(|budget| done_by > budget) {
            return None;
        }
        let one = all.get(state.next)?;
        state.next += 1;
        Some(one)
    }
}

#[cfg(test)]
mod tests {
    use pp_base::cancel::{CancelSource, Cancelled};
    use time::OffsetDateTime;

    use super::*;

    /// Stands still until somebody works.
    #[derive(Debug, Default)]
    struct Worked(Mutex<Duration>);

    impl Clock for Worked {
        fn now(&self) -> OffsetDateTime {
            OffsetDateTime::UNIX_EPOCH + *self.0.lock()
        }

        fn elapsed(&self) -> Duration {
            *self.0.lock()
        }

        fn wait(&self, time: Duration, _cancel: &Cancel) -> Result<(), Cancelled> {
            *self.0.lock() += time;
            Ok(())
        }

        fn jitter(&self) -> f64 {
            0.5
        }
    }

    fn begun(budget: Option<Duration>, each: Duration) -> usize {
        let (clock, cancel) = (Worked::default(), Cancel::never());
        let lanes = Lanes { limit: 1, budget, clock: &clock, cancel: &cancel };
        lanes.run(&[(); 10], |()| *clock.0.lock() += each)
    }

    #[test]
    fn without_a_budget_all_are_begun() {
        assert_eq!(begun(None, Duration::from_hours(1)), 10);
    }

    #[test]
    fn none_is_begun_that_would_not_be_done_in_time() {
        // After three minutes a fourth would take until the end of the fourth.
        assert_eq!(begun(Some(Duration::from_mins(4)), Duration::from_mins(1)), 4);
        assert_eq!(begun(Some(Duration::from_secs(210)), Duration::from_mins(1)), 3);
        assert_eq!(begun(Some(Duration::from_hours(1)), Duration::from_mins(1)), 10);
    }

    #[test]
    fn after_a_cancel_none_is_begun() {
        let (source, cancel) = CancelSource::new();
        let clock = Worked::default();
        let lanes = Lanes { limit: 1, budget: None, clock: &clock, cancel: &cancel };
        let done = Mutex::new(0);
        let begun = lanes.run(&[(); 10], |()| {
            *done.lock() += 1;
            source.cancel();
        });
        assert_eq!((begun, *done.lock()), (1, 1));
    }

    #[test]
    fn every_one_is_done_once_on_several_lanes() {
        let (clock, cancel) = (Worked::default(), Cancel::never());
        let lanes = Lanes { limit: 8, budget: None, clock: &clock, cancel: &cancel };
        let all: Vec<usize> = (0..100).collect();
        let done = Mutex::new(Vec::new());
        assert_eq!(lanes.run(&all, |one| done.lock().push(*one)), 100);
        let mut done = done.into_inner();
        done.sort_unstable();
        assert_eq!(done, all);
    }
}
