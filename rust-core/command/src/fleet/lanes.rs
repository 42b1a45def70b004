//! Lanes: so many tenants at once, each on a thread of its own, until all were begun, the caller cancels, the time is used up or they are closed.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use parking_lot::Mutex;

use pp_base::cancel::Cancel;
use pp_base::clock::Clock;

/// Over so long the lanes begin, one after the other. Begun at once they would go on in step, and all ask at the same moments: the processor and
/// the service would stand idle in between.
const SPREAD: Duration = Duration::from_millis(250);

/// How lanes take what there is to do.
pub(super) struct Lanes<'a> {
    /// How many at once.
    pub(super) limit: usize,
    /// Until when new ones may be begun, by the clock's [`Clock::elapsed`]; the last ones have to be done by then, as far as can be foreseen.
    pub(super) until: Option<Duration>,
    pub(super) clock: &'a dyn Clock,
    pub(super) cancel: &'a Cancel,
    /// How long each took that was worked on, in order.
    pub(super) took: Mutex<Vec<Duration>>,
    /// Whether no more are begun, whatever time is left.
    pub(super) closed: AtomicBool,
}

impl Lanes<'_> {
    /// Does `work` for each, which says whether it was worked on: one that is left as it is tells nothing of how long others take. The
    /// answer is how many were begun, which are the first ones. Where the system gives no thread, the caller's own is the only lane.
    pub(super) fn run<T: Sync>(&self, all: &[T], work: impl Fn(&T) -> bool + Sync) -> usize {
        let next = Mutex::new(0);
        let lanes = u32::try_from(self.limit.min(all.len())).unwrap_or(u32::MAX).max(1);
        let apart = SPREAD / lanes;
        let lane = |place: u32| {
            if self.clock.wait(apart.saturating_mul(place), self.cancel).is_err() {
                return;
            }
            while let Some(one) = self.next(&next, all) {
                let from = self.clock.elapsed();
                if work(one) {
                    let took = self.clock.elapsed().saturating_sub(from);
                    let mut took_so_far = self.took.lock();
                    let place = took_so_far.partition_point(|known| *known <= took);
                    took_so_far.insert(place, took);
                }
            }
        };
        thread::scope(|scope| {
            for place in 1..lanes {
                let thread = thread::Builder::new().name("ppfederation-lane".to_owned());
                if thread.spawn_scoped(scope, move || lane(place)).is_err() {
                    break;
                }
            }
            lane(0);
        });
        next.into_inner()
    }

    /// No more are begun.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
    }

    fn next<'t, T>(&self, next: &Mutex<usize>, all: &'t [T]) -> Option<&'t T> {
        let mut next = next.lock();
        let usual = {
            let took = self.took.lock();
            took.get(took.len() / 2).copied().unwrap_or_default()
        };
        let done_by = self.clock.elapsed().saturating_add(usual);
        let ended = self.cancel.is_cancelled() || self.closed.load(Ordering::Relaxed);
        if ended || self.until.is_some_and(|until| done_by > until) {
            return None;
        }
        let one = all.get(*next)?;
        *next += 1;
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

    fn lanes<'a>(limit: usize, until: Option<Duration>, clock: &'a Worked, cancel: &'a Cancel) -> Lanes<'a> {
        Lanes { limit, until, clock, cancel, took: Mutex::default(), closed: AtomicBool::default() }
    }

    fn begun(until: Option<Duration>, each: Duration) -> usize {
        let (clock, cancel) = (Worked::default(), Cancel::never());
        lanes(1, until, &clock, &cancel).run(&[(); 10], |()| {
            *clock.0.lock() += each;
            true
        })
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
    fn what_is_left_as_it_is_tells_nothing_of_how_long_others_take() {
        let (clock, cancel) = (Worked::default(), Cancel::never());
        let lanes = lanes(1, Some(Duration::from_mins(4)), &clock, &cancel);
        let work = |worked_on: &bool| {
            *clock.0.lock() += if *worked_on { Duration::from_mins(1) } else { Duration::ZERO };
            *worked_on
        };
        let all: Vec<bool> = (0..16).map(|place| place >= 8).collect();
        assert_eq!(lanes.run(&all, work), 8 + 4);
    }

    #[test]
    fn how_long_others_took_is_known_in_the_next_round() {
        let (clock, cancel) = (Worked::default(), Cancel::never());
        let lanes = lanes(1, Some(Duration::from_mins(5)), &clock, &cancel);
        let two_minutes = |(): &()| {
            *clock.0.lock() += Duration::from_mins(2);
            true
        };
        assert_eq!([lanes.run(&[(); 2], two_minutes), lanes.run(&[(); 2], two_minutes)], [2, 0]);
    }

    #[test]
    fn after_a_cancel_none_is_begun() {
        let (source, cancel) = CancelSource::new();
        let clock = Worked::default();
        let done = Mutex::new(0);
        let begun = lanes(1, None, &clock, &cancel).run(&[(); 10], |()| {
            *done.lock() += 1;
            source.cancel();
            true
        });
        assert_eq!((begun, *done.lock()), (1, 1));
    }

    #[test]
    fn once_they_are_closed_none_is_begun_in_any_round() {
        let (clock, cancel) = (Worked::default(), Cancel::never());
        let lanes = lanes(1, None, &clock, &cancel);
        let closes = |number: &usize| {
            if *number == 3 {
                lanes.close();
            }
            true
        };
        let all: Vec<usize> = (1..=10).collect();
        assert_eq!([lanes.run(&all, closes), lanes.run(&all, closes)], [3, 0]);
    }

    #[test]
    fn every_one_is_done_once_on_several_lanes() {
        let (clock, cancel) = (Worked::default(), Cancel::never());
        let all: Vec<usize> = (0..100).collect();
        let done = Mutex::new(Vec::new());
        let work = |one: &usize| {
            done.lock().push(*one);
            true
        };
        assert_eq!(lanes(8, None, &clock, &cancel).run(&all, work), 100);
        let mut done = done.into_inner();
        done.sort_unstable();
        assert_eq!(done, all);
    }
}
