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
use pp_ledger::line::Event;
use pp_ledger::state::TenantState;
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
    /// The secrets whose ids are known, by their starts.
    made: Mutex<Vec<(OffsetDateTime, Uuid)>>,
    /// The ids of those that lie in place.
    placed: Mutex<Vec<Uuid>>,
}

impl Held {
    pub(super) fn new(hold: Box<dyn Hold>) -> Self {
        let secrets = || hold.state().secrets.iter();
        let made = secrets().filter_map(|secret| Some((secret.start, secret.key_id?))).collect();
        let placed = placed(hold.state()).into_iter().map(|(_, key_id)| key_id).collect();
        Self { hold, made: Mutex::new(made), placed: Mutex::new(placed) }
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

    /// Writes a line.
    pub(super) fn record(&self, event: Event) -> Result<(), LedgerError> {
        with_call(|call| self.hold.record(event, call))
    }

    /// Lets go of it.
    pub(super) fn release(self) {
        with_call(|call| self.hold.release(call));
    }

    fn note(&self, event: Event) -> Result<(), String> {
        self.record(event).map_err(|error| error.to_string())
    }
}

impl Gate for Held {
    fn may_write(&self) -> Result<(), String> {
        self.hold.may_write().map_err(|error| error.to_string())
    }
}

impl Journal for Held {
    fn asking(&self, start: OffsetDateTime, app_id: &str) -> Result<(), String> {
        let app_id = guid(app_id).ok_or_else(|| format!("'{app_id}' is no id"))?;
        self.note(Event::SecretAsked { start, app_id })
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
