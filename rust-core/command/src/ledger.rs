//! `ledger`: what a ledger says of its tenants, read while others may be writing it.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Deserialize;
use uuid::Uuid;

use crate::connect::guid;
use crate::output::Output;
use crate::{BadRequest, Op, SecretBlock, SecretReference};
use pp_base::call::Call;
use pp_base::clock::SystemClock;
use pp_base::retry::{Budget, DEFAULT_BUDGET};
use pp_base::secret::SecretText;
use pp_ledger::Contents;
use pp_ledger::blob::BlobAccess;
use pp_ledger::error::LedgerError;
use pp_ledger::state::{SecretMark, State, TenantState};
use pp_report::catalogue as c;
use pp_report::error::OpError;
use pp_report::rows::{LedgerEntry, Tenant};
use pp_run::connection::{self, Connection};
use pp_words::instant;

/// `ledger`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LedgerRequest {
    ledger: String,
    sas: Option<SecretReference>,
    connection: Option<u64>,
    /// All where none is named.
    #[serde(default)]
    states: Vec<State>,
    /// Ids; likewise.
    #[serde(default)]
    tenants: Vec<String>,
}

/// A ledger's request whose secret is resolved.
#[derive(Debug)]
struct Read {
    request: LedgerRequest,
    sas: Option<SecretText>,
}

impl LedgerRequest {
    pub(crate) fn resolve(mut self, secrets: &SecretBlock) -> Result<Box<dyn Op>, BadRequest> {
        let sas = self.sas.take().map(|reference| secrets.resolve(reference)).transpose()?;
        Ok(Box::new(Read { request: self, sas }))
    }
}

impl Op for Read {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let Self { request, sas } = *self;
        let access = access(sas, request.connection)?;
        let tenants: BTreeSet<Uuid> =
            request.tenants.iter().map(|text| tenant(text)).collect::<Result<_, OpError>>()?;
        let tenants = Some(&tenants).filter(|tenants| !tenants.is_empty());
        let wanted = |state: &TenantState| request.states.is_empty() || request.states.contains(&state.state);
        let contents = read(&request.ledger, access, tenants, output)?;
        if contents.torn {
            output.verbose("the last line of the ledger is torn, or is being written: it is left out")?;
        }
        for state in contents.states.into_iter().filter(wanted) {
            output.row(row(state))?;
        }
        for error in contents.unreadable.into_values() {
            match OpError::from(error) {
                OpError::Failed(report) => output.error(&report)?,
                cancelled @ OpError::Cancelled(_) => return Err(cancelled),
            }
        }
        Ok(())
    }
}

fn tenant(text: &str) -> Result<Uuid, OpError> {
    let wrong =
        || c::TENANT_ID_INVALID.report(format!("a ledger knows its tenants by their ids, and '{text}' is none"));
    Ok(guid(text).ok_or_else(wrong)?)
}

/// What stands in a ledger of these tenants; of all where none are named.
pub(crate) fn read(
    place: &str,
    access: Option<BlobAccess>,
    tenants: Option<&BTreeSet<Uuid>>,
    output: &Output,
) -> Result<Contents, OpError> {
    reading(output, |call| pp_ledger::read(place, access, tenants, Arc::new(SystemClock::default()), call))
}

/// Reads in a ledger, until the caller cancels.
pub(crate) fn reading<T>(
    output: &Output,
    work: impl FnOnce(&Call<'_>) -> Result<T, LedgerError>,
) -> Result<T, OpError> {
    let log = |text: &str| {
        // A stream that can't be written to belongs to a cancelled job, which the next request finds out.
        let _ = output.verbose(text);
    };
    Ok(work(&Call { cancel: output.cancel(), budget: &Budget::new(DEFAULT_BUDGET), log: &log })?)
}

/// How an account is told who asks: by a signature, else by a connection's sign-in.
pub(crate) fn access(sas: Option<SecretText>, connection: Option<u64>) -> Result<Option<BlobAccess>, OpError> {
    match (sas, connection) {
        (Some(sas), _) => Ok(Some(BlobAccess::Sas(sas))),
        (None, Some(number)) => Ok(Some(by_sign_in(&*connection::find(number)?))),
        (None, None) => Ok(None),
    }
}

/// A connection's sign-in tells the account who asks.
pub(crate) fn by_sign_in(connection: &Connection) -> BlobAccess {
    BlobAccess::Tokens { tokens: Arc::clone(&connection.tokens), environment: connection.environment }
}

fn row(state: TenantState) -> LedgerEntry {
    let (error_id, error, passes) = match state.error {
        Some(error) => (Some(error.id), Some(error.message), Some(error.passes)),
        None => (None, None, None),
    };
    LedgerEntry {
        tenant: Tenant { id: state.tenant.to_string(), name: state.tenant_name },
        action: state.action,
        state: state.state.name(),
        since: state.since,
        worker: state.worker,
        tries: state.tries.into(),
        secrets: state.secrets.iter().map(secret).collect(),
        error_id,
        error,
        passes,
        detail: state.summary,
    }
}

/// What became of a secret that was asked for.
fn secret(mark: &SecretMark) -> String {
    let which = mark.key_id.map_or_else(|| format!("the one that starts {}", instant(mark.start)), |id| id.to_string());
    match (&mark.place, mark.removed, mark.key_id) {
        (_, true, Some(_)) => format!("{which}: removed"),
        (_, true, None) => format!("{which}: never made"),
        (Some(place), false, _) => format!("{which}: {place}"),
        (None, false, Some(_)) if mark.unclaimed => format!("{which}: made, not placed, unclaimed"),
        (None, false, Some(_)) => format!("{which}: made, not placed"),
        (None, false, None) => format!("{which}: asked for, not known to be made"),
    }
}
