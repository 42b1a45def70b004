//! The bounded queue between a job's worker and its caller.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex, MutexGuard};

use pp_base::cancel::Cancelled;
use pp_command::event::Event;

/// How many bytes may wait in a queue. One event that is larger waits alone.
pub const MAX_QUEUED_BYTES: usize = 4 * 1024 * 1024;

/// What an event costs beyond its payload, so that empty ones can't fill the memory.
const EVENT_COST: usize = size_of::<Event>();

/// How a job ended. The first end stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Done,
    Cancelled,
    Panicked,
}

/// What the caller's end of a queue gives.
#[derive(Debug)]
pub(crate) enum Next {
    Event(Event),
    Nothing,
    End(End),
}

#[derive(Debug, Default)]
pub(crate) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    events: VecDeque<Event>,
    bytes: usize,
    end: Option<End>,
}

impl Queue {
    /// Adds an event; waits while the queue is full. After the end, also one that comes while waiting, the event is dropped.
    pub(crate) fn push(&self, event: Event) -> Result<(), Cancelled> {
        let cost = cost(&event);
        let mut state = self.state.lock();
        while state.end.is_none() && !state.has_room_for(cost) {
            self.changed.wait(&mut state);
        }
        self.add(state, event)
    }

    /// Adds an event even if the queue is full: the last words of a worker.
    pub(crate) fn push_last(&self, event: Event) -> Result<(), Cancelled> {
        self.add(self.state.lock(), event)
    }

    fn add(&self, mut state: MutexGuard<'_, State>, event: Event) -> Result<(), Cancelled> {
        if state.end.is_some() {
            return Err(Cancelled);
        }
        state.bytes += cost(&event);
        state.events.push_back(event);
        self.changed.notify_all();
        Ok(())
    }

    /// The next event, then the end, for ever; waits at most that long for either.
    pub(crate) fn pop(&self, timeout: Duration) -> Next {
        let deadline = Instant::now() + timeout;
        let mut state = self.state.lock();
        while state.is_silent() {
            if self.changed.wait_until(&mut state, deadline).timed_out() {
                break;
            }
        }
        let Some(event) = state.events.pop_front() else {
            return state.end.map_or(Next::Nothing, Next::End);
        };
        state.bytes -= cost(&event);
        self.changed.notify_all();
        Next::Event(event)
    }

    /// Ends the queue: what is in it is still delivered, what comes later is dropped. Frees a worker that waits for room.
    pub(crate) fn finish(&self, end: End) {
        self.state.lock().end.get_or_insert(end);
        self.changed.notify_all();
    }

    /// Ends the queue as cancelled and drops what is in it.
    pub(crate) fn discard(&self) {
        let dropped = {
            let mut state = self.state.lock();
            state.end = Some(End::Cancelled);
            state.bytes = 0;
            std::mem::take(&mut state.events)
        };
        self.changed.notify_all();
        drop(dropped);
    }
}

impl State {
    fn has_room_for(&self, cost: usize) -> bool {
        self.events.is_empty() || self.bytes + cost <= MAX_QUEUED_BYTES
    }

    fn is_silent(&self) -> bool {
        self.events.is_empty() && self.end.is_none()
    }
}

fn cost(event: &Event) -> usize {
    EVENT_COST + event.payload.len()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::thread;

    use super::*;
    use pp_command::event::{Kind, Payload};

    const AGES: Duration = Duration::from_hours(1);

    fn event(bytes: usize) -> Event {
        Event { kind: Kind::Verbose, payload: Payload::Plain(vec![b'x'; bytes]) }
    }

    fn length(next: &Next) -> Option<usize> {
        match next {
            Next::Event(event) => Some(event.payload.len()),
            Next::Nothing | Next::End(_) => None,
        }
    }

    #[test]
    fn events_come_out_in_order_and_then_the_end_for_ever() {
        let queue = Queue::default();
        assert_eq!(queue.push(event(1)), Ok(()));
        assert_eq!(queue.push(event(2)), Ok(()));
        queue.finish(End::Done);
        queue.finish(End::Cancelled);
        assert_eq!(length(&queue.pop(AGES)), Some(1));
        assert_eq!(length(&queue.pop(AGES)), Some(2));
        assert!(matches!(queue.pop(AGES), Next::End(End::Done)));
        assert!(matches!(queue.pop(AGES), Next::End(End::Done)));
    }

    #[test]
    fn an_empty_queue_gives_nothing_after_the_time_out() {
        assert!(matches!(Queue::default().pop(Duration::ZERO), Next::Nothing));
    }

    #[test]
    fn a_full_queue_holds_the_worker_until_there_is_room() {
        let queue = Arc::new(Queue::default());
        assert_eq!(queue.push(event(MAX_QUEUED_BYTES - EVENT_COST)), Ok(()));
        let worker = thread::spawn({
            let queue = Arc::clone(&queue);
            move || queue.push(event(7))
        });
        assert_eq!(queue.state.lock().events.len(), 1, "nothing fits beside a full load");
        assert!(length(&queue.pop(AGES)).is_some());
        assert_eq!(length(&queue.pop(AGES)), Some(7));
        assert!(matches!(worker.join(), Ok(Ok(()))));
    }

    #[test]
    fn the_end_frees_a_worker_that_waits_for_room_and_drops_its_event() {
        let queue = Arc::new(Queue::default());
        assert_eq!(queue.push(event(MAX_QUEUED_BYTES)), Ok(()));
        let worker = thread::spawn({
            let queue = Arc::clone(&queue);
            move || queue.push(event(7))
        });
        queue.finish(End::Cancelled);
        assert!(matches!(worker.join(), Ok(Err(Cancelled))));
        assert_eq!(length(&queue.pop(AGES)), Some(MAX_QUEUED_BYTES));
        assert!(matches!(queue.pop(AGES), Next::End(End::Cancelled)));
    }

    #[test]
    fn an_event_larger_than_the_queue_waits_alone() {
        let queue = Queue::default();
        assert_eq!(queue.push(event(2 * MAX_QUEUED_BYTES)), Ok(()));
        assert_eq!(length(&queue.pop(AGES)), Some(2 * MAX_QUEUED_BYTES));
    }

    #[test]
    fn empty_events_fill_the_queue_too() {
        let queue = Queue::default();
        while queue.state.lock().has_room_for(EVENT_COST) {
            assert_eq!(queue.push(event(0)), Ok(()));
        }
        assert_eq!(queue.state.lock().events.len(), MAX_QUEUED_BYTES / EVENT_COST);
    }

    #[test]
    fn discarding_drops_what_was_queued() {
        let queue = Queue::default();
        assert_eq!(queue.push(event(1)), Ok(()));
        queue.discard();
        assert!(matches!(queue.pop(AGES), Next::End(End::Cancelled)));
        assert_eq!(queue.push(event(1)), Err(Cancelled));
    }
}
