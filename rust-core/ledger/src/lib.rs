//! The ledger of many tenants: what was begun, done and failed in which of them. Lines are only ever added, and a line is durable when
//! [`Hold::record`] returns. No secret is in it, but when each was asked for, so that one that nobody has is found again.
//!
//! It is a file ([`file`]), which one process writes, or lies in Azure Blob Storage ([`blob`]), where any number of workers take
//! tenants by leases.
#![forbid(unsafe_code)]

pub mod blob;
pub mod error;
pub mod file;
pub mod line;
mod parse;
pub mod state;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use blob::{BlobAccess, Terms};
use error::LedgerError;
use line::Event;
use pp_base::call::Call;
use pp_base::cancel::Cancel;
use pp_base::clock::Clock;
use state::TenantState;

/// A ledger that is open.
pub trait Ledger: Send + Sync + Debug {
    /// What stands in it of all actions in these tenants; in all where none are named.
    fn read(&self, tenants: Option<&BTreeSet<Uuid>>, call: &Call<'_>) -> Result<Contents, LedgerError>;

    /// Takes a tenant for an action: nobody else has it, for whichever action, until the hold is released or dropped.
    fn take(&self, tenant: Uuid, action: &str, call: &Call<'_>) -> Result<Taken, LedgerError>;

    /// How long a tenant stays with a worker that has died.
    fn outlives_its_worker(&self) -> Duration;
}

/// What became of taking a tenant.
#[derive(Debug)]
pub enum Taken {
    /// It is the caller's.
    Held(Box<dyn Hold>),
    /// Somebody else has it.
    ByAnother {
        /// Who, where that is known.
        worker: Option<String>,
    },
}

/// A tenant that is held.
pub trait Hold: Send + Sync + Debug {
    /// What earlier workers left, read after the tenant was had.
    fn state(&self) -> &TenantState;

    /// Writes a line of it; durable when it returns.
    fn record(&self, event: Event, call: &Call<'_>) -> Result<(), LedgerError>;

    /// Waits while a request to the tenant could last longer than the tenant is held for sure. An error once it isn't held any more, or the
    /// caller waits no longer.
    fn may_write(&self, cancel: &Cancel) -> Result<(), LedgerError>;

    /// Lets go of it.
    fn release(self: Box<Self>, call: &Call<'_>);
}

/// A ledger that was opened to be written.
#[derive(Debug)]
pub struct Opened {
    /// It.
    pub ledger: Arc<dyn Ledger>,
    /// What the user is to know: that a torn line was cut.
    pub warning: Option<String>,
}

/// What stands in a ledger that is only read.
#[derive(Debug, Default)]
pub struct Contents {
    /// By tenant and action.
    pub states: Vec<TenantState>,
    /// What is wrong with the lines of tenants, of which there is no state then. In a file that is an error of all.
    pub unreadable: BTreeMap<Uuid, LedgerError>,
    /// Whether the last line of a file is torn, or is being written at this moment.
    pub torn: bool,
}

impl Contents {
    /// Of states, without those of tenants that are not asked for.
    pub(crate) fn of(mut states: Vec<TenantState>, tenants: Option<&BTreeSet<Uuid>>) -> Self {
        states.retain(|state| tenants.is_none_or(|tenants| tenants.contains(&state.tenant)));
        Self { states, ..Self::default() }
    }
}

/// Opens what a place names, a path or an address, to be written by a worker of this name. An address needs `access`, and has `terms`.
pub fn open(
    place: &str,
    access: Option<BlobAccess>,
    worker: &str,
    clock: Arc<dyn Clock>,
    terms: Terms,
) -> Result<Opened, LedgerError> {
    match with_access(place, access)? {
        Some(access) => Ok(Opened { ledger: blob::open_on(place, access, worker, clock, terms)?, warning: None }),
        None => file::open(Path::new(place), worker),
    }
}

/// Reads what a place names, of these tenants, of all where none are named. No lock and no lease is taken: others may be writing it.
pub fn read(
    place: &str,
    access: Option<BlobAccess>,
    tenants: Option<&BTreeSet<Uuid>>,
    clock: Arc<dyn Clock>,
    call: &Call<'_>,
) -> Result<Contents, LedgerError> {
    if let Some(access) = with_access(place, access)? {
        return blob::open(place, access, "", clock)?.read(tenants, call);
    }
    let Contents { states, torn, .. } = file::read(Path::new(place))?;
    Ok(Contents { torn, ..Contents::of(states, tenants) })
}

/// What goes with an address, and with nothing else.
fn with_access(place: &str, access: Option<BlobAccess>) -> Result<Option<BlobAccess>, LedgerError> {
    let wrong = |why| LedgerError::Access { place: place.split('?').next().unwrap_or_default().to_owned(), why };
    match (is_address(place), access) {
        (true, None) => Err(wrong("it is an address, and there is neither a sign-in nor a shared access signature")),
        (false, Some(_)) => Err(wrong("it is a file, which takes no shared access signature")),
        (_, access) => Ok(access),
    }
}

/// Whether a text is the address of a ledger in Azure Blob Storage, and not the path of a file.
pub fn is_address(text: &str) -> bool {
    let text = text.trim_start().to_ascii_lowercase();
    text.starts_with("https://") || text.starts_with("http://")
}
