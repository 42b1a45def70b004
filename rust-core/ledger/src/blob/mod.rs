//! A ledger in Azure Blob Storage: any number of workers, on any number of machines. Who works on a tenant holds its lease; a lease doesn't
//! fence what the worker sends elsewhere, so nothing is begun that could last longer than the lease is held for sure.
//!
//! The container has to be there: making it takes more rights than writing in it, and a mistyped name would make a second ledger.

mod address;
mod all;
mod lease;
mod lines;
pub mod refusal;
mod service;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use uuid::Uuid;

use crate::error::LedgerError;
use crate::line::{Event, Line};
use crate::state::{States, TenantState};
use crate::{Contents, Hold, Ledger, Taken};
use lease::Lease;
use lines::{Block, Tail};
use pp_base::call::Call;
use pp_base::cancel::Cancel;
use pp_base::clock::Clock;
use pp_http::Limits;
pub use service::BlobAccess;
use service::Service;

/// How leases and blobs are used. All workers of a ledger have the same; other than [`Terms::default`] is for tests.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    /// How long a lease lasts, 15 to 60 seconds.
    pub lease: Duration,
    /// What has to be left of it for a write to be begun.
    pub margin: Duration,
    /// A blob of lines that has so many blocks is full. The service's limit is 50,000.
    pub blocks: u64,
}

impl Default for Terms {
    fn default() -> Self {
        Self { lease: Duration::from_mins(1), margin: Limits::default().whole, blocks: 40_000 }
    }
}

impl Terms {
    /// Of a lease that lasts so long, and of which a quarter has to be left: for tests, since no request is over so soon.
    pub fn short(lease: Duration) -> Self {
        Self { lease, margin: lease / 4, ..Self::default() }
    }
}

/// A ledger at an address. Nothing is sent yet.
pub fn open(
    address: &str,
    access: BlobAccess,
    worker: &str,
    clock: Arc<dyn Clock>,
) -> Result<Arc<dyn Ledger>, LedgerError> {
    open_on(address, access, worker, clock, Terms::default())
}

/// The same, on other terms.
pub fn open_on(
    address: &str,
    access: BlobAccess,
    worker: &str,
    clock: Arc<dyn Clock>,
    terms: Terms,
) -> Result<Arc<dyn Ledger>, LedgerError> {
    let service = Arc::new(Service::new(address, access, clock)?);
    Ok(Arc::new(BlobLedger { service, worker: worker.to_owned(), terms }))
}

#[derive(Debug)]
struct BlobLedger {
    service: Arc<Service>,
    worker: String,
    terms: Terms,
}

impl Ledger for BlobLedger {
    fn read(&self, tenants: Option<&BTreeSet<Uuid>>, call: &Call<'_>) -> Result<Contents, LedgerError> {
        self.service.read_tenants(tenants, self.terms, call)
    }

    fn take(&self, tenant: Uuid, action: &str, call: &Call<'_>) -> Result<Taken, LedgerError> {
        let Some(lease) = lease::acquire(&self.service, tenant, self.terms, call)? else {
            return Ok(Taken::ByAnother { worker: None });
        };
        let mut states = States::default();
        let tail = self.service.read_tenant(tenant, self.terms, &mut states, call)?;
        let state = states.of(tenant, action);
        let lines = Mutex::new(Lines { tail, state: state.clone(), unsure: None });
        let (service, worker, terms) = (Arc::clone(&self.service), self.worker.clone(), self.terms);
        Ok(Taken::Held(Box::new(BlobHold { service, worker, terms, lease, state, lines })))
    }

    fn outlives_its_worker(&self) -> Duration {
        self.terms.lease
    }
}

/// A tenant that is held.
#[derive(Debug)]
struct BlobHold {
    service: Arc<Service>,
    worker: String,
    terms: Terms,
    lease: Lease,
    /// As it was taken.
    state: TenantState,
    lines: Mutex<Lines>,
}

/// What the tenant's lines come to by now, and where the next goes.
#[derive(Debug)]
struct Lines {
    tail: Tail,
    state: TenantState,
    /// What was sent, and whether it was written isn't known: a cancel, a network that broke.
    unsure: Option<(Block, TenantState)>,
}

impl Hold for BlobHold {
    fn state(&self) -> &TenantState {
        &self.state
    }

    fn record(&self, event: Event, call: &Call<'_>) -> Result<(), LedgerError> {
        let mut lines = self.lines.lock();
        let written = self.lease.is_held().and_then(|()| self.write(&mut lines, event, call));
        if matches!(written, Err(LedgerError::Lost { .. })) {
            self.lease.lose();
        }
        written
    }

    fn may_write(&self, cancel: &Cancel) -> Result<(), LedgerError> {
        self.lease.may_write(cancel)
    }

    fn release(self: Box<Self>, call: &Call<'_>) {
        self.lease.release(call.cancel);
    }
}

impl BlobHold {
    fn write(&self, lines: &mut Lines, event: Event, call: &Call<'_>) -> Result<(), LedgerError> {
        let TenantState { tenant, action, .. } = &self.state;
        if let Some((block, state)) = &lines.unsure {
            if let Some(tail) = self.service.look_for(*tenant, block, call)? {
                (lines.tail, lines.state) = (tail, state.clone());
            }
            lines.unsure = None;
        }
        let line = Line::new(self.service.clock.now(), &self.worker, *tenant, action, event);
        let bytes = line.to_bytes().map_err(|error| self.service.no_line(&error))?;
        let mut state = lines.state.clone();
        let out_of_order = |what| LedgerError::OutOfOrder { place: self.service.address.to_string(), what };
        state.fold(&line).map_err(out_of_order)?;
        let block = self.service.block(lines.tail, &bytes, self.terms)?;
        match self.service.append(*tenant, &block, call) {
            Ok(tail) => (lines.tail, lines.state) = (tail, state),
            Err(error) => {
                lines.unsure = Some((block, state));
                return Err(error);
            }
        }
        Ok(())
    }
}
