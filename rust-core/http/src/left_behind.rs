//! Request threads whose job was cancelled. They end with their request's time-out; while eight of one tenant's are left
//! behind, no new request to that tenant starts. Other tenants' go on: a dead host is one tenant's trouble.

use std::sync::Arc;
use std::time::Duration;

use once_cell::sync::Lazy;
use parking_lot::{Condvar, Mutex};
use pp_base::cancel::{Cancel, Cancelled};
use uuid::Uuid;

use crate::shared::Shared;

const MOST: usize = 8;
/// How often a waiting request looks whether it was cancelled itself.
const LOOK: Duration = Duration::from_millis(50);

static TENANTS: Lazy<Shared<(String, Uuid), Room>> = Lazy::new(Shared::default);

/// The threads that one tenant's jobs have left behind.
#[derive(Debug, Default)]
pub(crate) struct Room {
    left: Mutex<usize>,
    changed: Condvar,
}

impl Room {
    /// The one of a tenant at this address of Graph, shared by its connections.
    pub(crate) fn of(graph: &str, tenant: Uuid) -> Arc<Self> {
        TENANTS.get((graph.to_owned(), tenant))
    }

    /// Waits while too many threads are left behind.
    pub(crate) fn wait(&self, cancel: &Cancel) -> Result<(), Cancelled> {
        let mut left = self.left.lock();
        while *left >= MOST {
            self.changed.wait_for(&mut left, LOOK);
            if cancel.is_cancelled() {
                return Err(Cancelled);
            }
        }
        Ok(())
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum State {
    #[default]
    Running,
    Left,
    Ended,
}

/// One request thread, known to the thread and to the job that waits for it.
#[derive(Clone)]
pub(crate) struct Marker {
    room: Arc<Room>,
    state: Arc<Mutex<State>>,
}

impl Marker {
    /// Of a request to this tenant.
    pub(crate) fn new(room: Arc<Room>) -> Self {
        Self { room, state: Arc::default() }
    }

    /// The job goes away before the request has ended.
    pub(crate) fn left(&self) {
        let mut state = self.state.lock();
        if *state == State::Running {
            *state = State::Left;
            *self.room.left.lock() += 1;
        }
    }

    /// The request runs until the answer is dropped, also by a panic.
    pub(crate) fn until_dropped(self) -> Ended {
        Ended(self)
    }

    fn ended(&self) {
        let was = std::mem::replace(&mut *self.state.lock(), State::Ended);
        if was == State::Left {
            *self.room.left.lock() -= 1;
            self.room.changed.notify_all();
        }
    }
}

/// Says that a request has ended when it goes.
pub(crate) struct Ended(Marker);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.ended();
    }
}
