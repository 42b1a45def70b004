//! The one panic boundary: no panic leaves the library or prints to the host's terminal.

use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};

use once_cell::sync::OnceCell;

/// A call panicked. The message stays inside: it may hold what the call worked with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Panicked {
    /// `file:line` in the source, for a report of the bug.
    pub place: Option<String>,
}

thread_local! {
    static GUARDED: Cell<u32> = const { Cell::new(0) };
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

static HOOK: OnceCell<()> = OnceCell::new();

/// Runs a call; a panic in it is silent and becomes an error.
pub fn contain<T>(call: impl FnOnce() -> T) -> Result<T, Panicked> {
    HOOK.get_or_init(install_hook);
    let _silence = Silence::begin();
    // Whatever the call left half done is not seen again: a job that panicked is over.
    panic::catch_unwind(AssertUnwindSafe(call)).map_err(|payload| {
        // Dropping a payload runs code of whoever panicked. One that panics again is left alone.
        if let Err(again) = panic::catch_unwind(AssertUnwindSafe(|| drop(payload))) {
            std::mem::forget(again);
        }
        Panicked { place: PLACE.with_borrow_mut(Option::take) }
    })
}

/// Silences this thread's panics while it lives, and nobody else's.
struct Silence;

impl Silence {
    fn begin() -> Self {
        GUARDED.set(GUARDED.get() + 1);
        Self
    }
}

impl Drop for Silence {
    fn drop(&mut self) {
        GUARDED.set(GUARDED.get() - 1);
    }
}

fn install_hook() {
    let previous = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if GUARDED.get() > 0 {
            remember_place(info);
        } else {
            previous(info);
        }
    }));
}

fn remember_place(info: &PanicHookInfo<'_>) {
    let place = info.location().map(|location| format!("{}:{}", location.file(), location.line()));
    // In a thread that is ending there is nowhere left to keep it.
    let _ = PLACE.try_with(|kept| kept.replace(place));
}

#[cfg(test)]
mod tests {
    #![expect(clippy::panic, reason = "what is tested is what becomes of a panic")]

    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::thread;

    use super::*;

    #[test]
    fn a_panic_becomes_an_error_with_its_place_and_without_its_message() {
        let outcome = contain(|| -> u32 { panic!("the secret is hunter2") });
        let place = outcome.err().and_then(|panicked| panicked.place).unwrap_or_default();
        assert!(place.contains("guard.rs:"), "{place}");
        assert!(!place.contains("hunter2"), "{place}");
    }

    #[test]
    fn a_call_that_does_not_panic_gives_its_value() {
        assert_eq!(contain(|| 7), Ok(7));
    }

    #[test]
    fn panics_outside_of_a_guarded_call_reach_the_hook_that_was_there() {
        let heard = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&heard);
        let (this, before) = (thread::current().id(), panic::take_hook());
        panic::set_hook(Box::new(move |info| {
            // Other tests panic too, if they fail.
            if thread::current().id() == this {
                counter.fetch_add(1, Ordering::SeqCst);
            } else {
                before(info);
            }
        }));
        install_hook();
        let _ = contain(|| panic!("inside"));
        assert_eq!(heard.load(Ordering::SeqCst), 0);
        let outside = panic::catch_unwind(|| panic!("outside"));
        assert!(outside.is_err());
        assert_eq!(heard.load(Ordering::SeqCst), 1);
    }
}
