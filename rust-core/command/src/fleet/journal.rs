//! A tenant that is held in a ledger, as the journal of its connection.

use std::time::Duration;

use parking_lot::Mutex;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::connect::guid;
use pp_base::call::Call;
use pp_base::cancel::Cancel;
use pp_base::gate::Gate;
use pp_base::retry::Budget;
use pp_ledger::Hold;
use pp_ledger::error::LedgerError;
use pp_ledger::line::{Choices, Event};
use pp_ledger::state::{SecretMark, TenantState};
use pp_run::journal::Journal;

/// Waiting time for a ledger. It is written to after a cancel, too.
const PATIENCE: Duration = Duration::from_mins(1);

/// Calls the ledger, which doesn't end with the caller's cancel.
pub(super) fn with_call<T>(work: impl FnOnce(&Call<'_>) -> T) -> T {
    work(&Call { cancel: &Cancel::never(), budget: &Budget::new(PATIENCE), log: &|_| () })
}

/// The client secrets that were put in place, and are there, by start and id.
pub(super) fn placed(state: &TenantState) -> Vec<(OffsetDateTime, Uuid)> {
    let placed = state.secrets.iter().filter(|mark| mark.place.is_some() && !mark.removed);
    placed.filter_map(|mark| Some((mark.start, mark.key_id?))).collect()
}

/// A tenant that is held.
#[derive(Debug)]
pub(super) struct Held {
    hold: Box<dyn Hold>,
    /// Of the fleet: whoever cancels it waits for no lease.
    cancel: Cancel,
    /// The secrets whose ids are known, by their starts.
    made: Mutex<Vec<(OffsetDateTime, Uuid)>>,
    /// The ids of those that lie in place.
    placed: Mutex<Vec<Uuid>>,
    /// What became of secrets and the ledger did not take: it comes before any other line, or that would not follow on what is there.
    unwritten: Mutex<Vec<Event>>,
}

impl Held {
    pub(super) fn new(hold: Box<dyn Hold>, cancel: &Cancel) -> Self {
        let secrets = || hold.state().secrets.iter();
        let made = secrets().filter_map(|secret| Some((secret.start, secret.key_id?))).collect();
        let placed = placed(hold.state()).into_iter().map(|(_, key_id)| key_id).collect();
        let cancel = cancel.clone();
        Self { hold, cancel, made: Mutex::new(made), placed: Mutex::new(placed), unwritten: Mutex::default() }
    }

    /// What earlier workers left.
    pub(super) fn state(&self) -> &TenantState {
        self.hold.state()
    }

    /// The client secrets that lie in place, by start and id.
    pub(super) fn in_place(&self) -> Vec<(OffsetDateTime, Uuid)> {
        let placed = self.placed.lock();
        self.made.lock().iter().filter(|(_, key_id)| placed.contains(key_id)).copied().collect()
    }

    /// Whether what lies in the file that a secret is to go to is what an earlier worker left there, and nobody's: one on this machine had asked
    /// for one that was to go there. One that is in place may be the only text of another application's, and is not overwritten unasked.
    pub(super) fn may_overwrite(&self, choices: &Choices) -> bool {
        let (state, in_place) = (self.state(), self.in_place());
        let mut of_file = state.secrets.iter().filter(|mark| mark.file.is_some() && mark.file == choices.file);
        let lies_there = |mark: &SecretMark| in_place.iter().any(|(start, _)| *start == mark.start);
        of_file.clone().any(|mark| mark.is_on(choices.machine.as_deref())) && !of_file.any(lies_there)
    }

    /// Writes a line. One that ends the tenant is written only once what became of its secrets is.
    pub(super) fn record(&self, event: Event) -> Result<(), LedgerError> {
        let mut unwritten = self.unwritten.lock();
        self.catch_up(&mut unwritten)?;
        with_call(|call| self.hold.record(event, call))
    }

    /// Lets go of it.
    pub(super) fn release(self) {
        with_call(|call| self.hold.release(call));
    }

    /// Writes what became of a secret, now or before the next line.
    fn note(&self, event: Event) -> Result<(), String> {
        let mut unwritten = self.unwritten.lock();
        unwritten.push(event);
        self.catch_up(&mut unwritten).map_err(|error| error.to_string())
    }

    fn catch_up(&self, unwritten: &mut Vec<Event>) -> Result<(), LedgerError> {
        while let Some(next) = unwritten.first() {
            with_call(|call| self.hold.record(next.clone(), call))?;
            unwritten.remove(0);
        }
        Ok(())
    }
}

impl Gate for Held {
    fn may_write(&self) -> Result<(), String> {
        self.hold.may_write(&self.cancel).map_err(|error| error.to_string())
    }
}

impl Journal for Held {
    fn asking(&self, start: OffsetDateTime, app_id: &str) -> Result<(), String> {
        let app_id = guid(app_id).ok_or_else(|| format!("'{app_id}' is no id"))?;
        // One that is not written down is not asked for.
        self.record(Event::SecretAsked { start, app_id }).map_err(|error| error.to_string())
    }

    fn made(&self, start: OffsetDateTime, key_id: &str, app_id: &str) -> Result<(), String> {
        let (Some(key_id), Some(app_id)) = (guid(key_id), guid(app_id)) else {
            return Err(format!("'{key_id}' or '{app_id}' is no id"));
        };
        self.made.lock().push((start, key_id));
        self.note(Event::SecretMade { start, key_id, app_id })
    }

    fn placed(&self, key_id: &str, place: &str) -> Result<(), String> {
        let key_id = guid(key_id).ok_or_else(|| format!("'{key_id}' is no id"))?;
        self.note(Event::SecretPlaced { key_id, place: place.to_owned() })?;
        self.placed.lock().push(key_id);
        Ok(())
    }

    fn unclaimed(&self, key_id: &str) -> Result<(), String> {
        let key_id = guid(key_id).ok_or_else(|| format!("'{key_id}' is no id"))?;
        self.note(Event::SecretUnclaimed { key_id })
    }

    fn removed(&self, key_id: &str) -> Result<(), String> {
        let key_id = guid(key_id).ok_or_else(|| format!("'{key_id}' is no id"))?;
        let start = self.made.lock().iter().find(|(_, known)| *known == key_id).map(|(start, _)| *start);
        // One that no line speaks of was made by somebody else.
        start.map_or(Ok(()), |start| self.note(Event::SecretRemoved { start, key_id: Some(key_id) }))
    }

    fn lost(&self, start: OffsetDateTime, key_id: Option<&str>) -> Result<(), String> {
        self.note(Event::SecretRemoved { start, key_id: key_id.and_then(guid) })
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use pp_ledger::state::State;
    use pp_ledger::{Opened, Taken, file};

    use super::*;

    /// A tenant of a file on a disk that takes no line for so long.
    #[derive(Debug)]
    struct OnFullDisk {
        hold: Box<dyn Hold>,
        refuses: AtomicUsize,
    }

    impl Hold for OnFullDisk {
        fn state(&self) -> &TenantState {
            self.hold.state()
        }

        fn record(&self, event: Event, call: &Call<'_>) -> Result<(), LedgerError> {
            let full = matches!(event, Event::SecretMade { .. } | Event::SecretPlaced { .. } | Event::Done { .. })
                && self.refuses.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
            if full {
                return Err(LedgerError::NotWritable { place: "ledger".into(), why: "the disk is full".into() });
            }
            self.hold.record(event, call)
        }

        fn may_write(&self, cancel: &Cancel) -> Result<(), LedgerError> {
            self.hold.may_write(cancel)
        }

        fn release(self: Box<Self>, call: &Call<'_>) {
            self.hold.release(call);
        }
    }

    /// A secret is made, placed, and the tenant is done, on a disk that refuses so many lines; whether it was taken as done.
    fn done(path: &Path, refuses: usize) -> Result<bool, Box<dyn std::error::Error>> {
        let Opened { ledger, .. } = file::open(path, "one")?;
        let Taken::Held(taken) = with_call(|call| ledger.take(Uuid::from_u128(7), "Runbook", call))? else {
            return Err("not held".into());
        };
        let on_disk = OnFullDisk { hold: taken, refuses: AtomicUsize::new(refuses) };
        let held = Held::new(Box::new(on_disk), &Cancel::never());
        let (start, key_id, app_id) = (OffsetDateTime::UNIX_EPOCH, Uuid::from_u128(1), Uuid::from_u128(2));
        held.record(Event::Begun { tenant_name: None, choices: Choices::default() })?;
        held.asking(start, &app_id.to_string())?;
        assert_eq!(held.made(start, &key_id.to_string(), &app_id.to_string()).is_err(), refuses > 0);
        assert_eq!(held.placed(&key_id.to_string(), "there").is_err(), refuses > 1);
        Ok(held.record(Event::Done { summary: "all".into() }).is_ok())
    }

    #[test]
    fn what_a_full_disk_did_not_take_of_a_secret_is_written_before_that_the_tenant_is_done()
    -> Result<(), Box<dyn std::error::Error>> {
        for refuses in 0..4 {
            let folder = tempfile::tempdir()?;
            let path = folder.path().join("ledger");
            let taken = done(&path, refuses)?;
            let states = file::read(&path)?.states;
            let (state, place) = (states[0].state, states[0].secrets[0].place.as_deref());
            let expected = if refuses < 3 { (State::Done, Some("there")) } else { (State::Begun, None) };
            assert_eq!((taken, state, place), (refuses < 3, expected.0, expected.1), "{refuses}");
        }
        Ok(())
    }
}
