//! Taking tenants of a file: it is locked, so that only this process does.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use time::OffsetDateTime;
use uuid::Uuid;

use super::not_writable;
use super::writer::Writer;
use crate::error::LedgerError;
use crate::line::{Event, Line};
use crate::state::{States, TenantState};
use crate::{Contents, Hold, Ledger, Taken};
use pp_base::call::Call;
use pp_base::cancel::Cancel;

/// A file that is open.
#[derive(Debug)]
pub(super) struct FileLedger(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    place: String,
    worker: String,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    writer: Writer,
    states: States,
    taken: HashSet<Uuid>,
}

impl FileLedger {
    pub(super) fn new(place: String, worker: &str, writer: Writer, states: States) -> Self {
        let inner = Mutex::new(Inner { writer, states, taken: HashSet::new() });
        Self(Arc::new(Shared { place, worker: worker.to_owned(), inner }))
    }
}

impl Ledger for FileLedger {
    fn read(&self, tenants: Option<&BTreeSet<Uuid>>, _: &Call<'_>) -> Result<Contents, LedgerError> {
        Ok(Contents::of(self.0.inner.lock().states.all(), tenants))
    }

    fn take(&self, tenant: Uuid, action: &str, _: &Call<'_>) -> Result<Taken, LedgerError> {
        let mut inner = self.0.inner.lock();
        if !inner.taken.insert(tenant) {
            return Ok(Taken::ByAnother { worker: Some(self.0.worker.clone()) });
        }
        let state = inner.states.of(tenant, action);
        Ok(Taken::Held(Box::new(FileHold { ledger: Arc::clone(&self.0), state })))
    }

    /// A file has one worker.
    fn outlives_its_worker(&self) -> Duration {
        Duration::ZERO
    }
}

/// A tenant that is held until it is released or dropped.
#[derive(Debug)]
struct FileHold {
    ledger: Arc<Shared>,
    /// As it was taken.
    state: TenantState,
}

impl Hold for FileHold {
    fn state(&self) -> &TenantState {
        &self.state
    }

    fn record(&self, event: Event, _: &Call<'_>) -> Result<(), LedgerError> {
        let Shared { place, worker, inner } = &*self.ledger;
        let TenantState { tenant, action, .. } = &self.state;
        let line = Line::new(OffsetDateTime::now_utc(), worker, *tenant, action, event);
        let out_of_order = |what| LedgerError::OutOfOrder { place: place.clone(), what };
        let bytes = line.to_bytes().map_err(out_of_order)?;
        let mut inner = inner.lock();
        let mut state = inner.states.of(*tenant, action);
        state.fold(&line).map_err(out_of_order)?;
        inner.writer.append(&bytes).map_err(|error| not_writable(place, &error))?;
        inner.states.put(state);
        Ok(())
    }

    fn may_write(&self, _: &Cancel) -> Result<(), LedgerError> {
        Ok(())
    }

    fn release(self: Box<Self>, _: &Call<'_>) {}
}

impl Drop for FileHold {
    fn drop(&mut self) {
        self.ledger.inner.lock().taken.remove(&self.state.tenant);
    }
}
