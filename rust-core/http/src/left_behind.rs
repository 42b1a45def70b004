//! Request threads whose job was cancelled. They end with their request's time-out; while eight are left behind, no
//! new request starts.

use std::sync::Arc;
use std::time::Duration;

use once_cell::sync::Lazy;
use parking_lot::{Condvar, Mutex};

use pp_base::cancel::{Cancel, Cancelled};

const MOST: usize = 8;
/// How often a waiting request looks whether it was cancelled itself.
const LOOK: Duration = Duration::from_millis(50);

struct Room {
    left: Mutex<usize>,
    changed: Condvar,
}

static ROOM: Lazy<Room> = Lazy::new(|| Room { left: Mutex::new(0), changed: Condvar::new() });

#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum State {
    #[default]
    Running,
    Left,
    Ended,
}

/// One request thread, known to the thread and to the job that waits for it.
#[derive(Clone, Default)]
pub(super) struct Marker(Arc<Mutex<State>>);

impl Marker {
    /// The job goes away before the request has ended.
    pub(super) fn left(&self) {
        let mut state = self.0.lock();
        if *state == State::Running {
            *state = State::Left;
            *ROOM.left.lock() += 1;
        }
    }

    /// The request runs until the answer is dropped, also by a panic.
    pub(super) fn until_dropped(self) -> Ended {
        Ended(self)
    }

    fn ended(&self) {
        let was = std::mem::replace(&mut *self.0.lock(), State::Ended);
        if was == State::Left {
            *ROOM.left.lock() -= 1;
            ROOM.changed.notify_all();
        }
    }
}

/// Says that a request has ended when it goes.
pub(super) struct Ended(Marker);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.ended();
    }
}

/// Waits while too many threads are left behind.
pub(super) fn wait_for_room(cancel: &Cancel) -> Result<(), Cancelled> {
    let mut left = ROOM.left.lock();
    while *left >= MOST {
        ROOM.changed.wait_for(&mut left, LOOK);
        if cancel.is_cancelled() {
            return Err(Cancelled);
        }
    }
    Ok(())
}
