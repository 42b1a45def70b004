//! A ledger's errors as the user is told them.

use crate::catalogue as c;
use crate::error::{OpError, Report};
use pp_ledger::blob::refusal::{Kind, Refusal};
use pp_ledger::error::LedgerError;

impl From<LedgerError> for OpError {
    fn from(error: LedgerError) -> Self {
        let message = error.to_string();
        let (entry, target) = match error {
            LedgerError::Send(error) => return error.into(),
            LedgerError::SignIn(error) => return error.into(),
            LedgerError::Refused(refusal) => return refused(*refusal, message).into(),
            LedgerError::NotReadable { place, .. } => (c::LEDGER_NOT_READABLE, place),
            LedgerError::NotWritable { place, .. } | LedgerError::OutOfOrder { place, .. } => {
                (c::LEDGER_NOT_WRITABLE, place)
            }
            LedgerError::InUse { place } => (c::LEDGER_IN_USE, place),
            LedgerError::NotALedger { place, .. } => (c::NOT_A_LEDGER, place),
            LedgerError::Damaged { place, .. } => (c::LEDGER_DAMAGED, place),
            LedgerError::Later { place, .. } => (c::LEDGER_OF_LATER_VERSION, place),
            LedgerError::Access { place, .. } => (c::LEDGER_SAS_INVALID, place),
            LedgerError::Address { given, .. } => (c::LEDGER_ADDRESS_INVALID, given),
            LedgerError::Ending { tenant, .. } => (c::LEASE_ENDING, tenant.to_string()),
            LedgerError::Lost { tenant, .. } => (c::LEASE_LOST, tenant.to_string()),
        };
        entry.report(message).target(target).into()
    }
}

fn refused(refusal: Refusal, message: String) -> Report {
    let entry = match refusal.kind() {
        Kind::NoContainer => c::LEDGER_CONTAINER_NOT_FOUND,
        Kind::Denied => c::LEDGER_DENIED,
        Kind::Busy => c::LEDGER_BUSY,
        Kind::Other => c::LEDGER_REFUSED,
    };
    Report {
        http_status: Some(refusal.status),
        code: Some(refusal.code),
        request_id: Some(refusal.request_id).filter(|id| !id.is_empty()),
        ..entry.report(message)
    }
}
