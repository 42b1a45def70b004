//! What failed in the plan before a run: the run doesn't begin it, and its ledger has it all the same.

use serde::Deserialize;

use super::Fleet;
use super::journal::{Held, with_call};
use super::one::passes;
use crate::connect::guid;
use pp_base::cancel::Cancel;
use pp_ledger::line::{Choices, ErrorMark, Event};
use pp_ledger::state::State;
use pp_ledger::{Ledger, Taken, error::LedgerError};
use pp_report::error::OpError;
use pp_report::rows::Tenant;

/// A tenant whose plan has failed, as its row says it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct PlanFailure {
    tenant_id: String,
    tenant_name: Option<String>,
    error_id: String,
    message: String,
}

impl Fleet<'_> {
    /// Writes to the ledger what failed in the plan. The caller has been told of it.
    pub(super) fn note_failures(&self, limit: usize) {
        let Some(ledger) = self.ledger.open.as_deref() else { return };
        self.lanes(limit, None).run(&self.request.failed, |failure| {
            let noted = failure.note(ledger, self.request.action.name(), self.output.cancel()).map_err(OpError::from);
            if let Err(OpError::Failed(report)) = noted {
                let whose = Tenant { id: failure.tenant_id.clone(), name: failure.tenant_name.clone() };
                // Who can't be told any more has cancelled.
                let _ = self.tell(whose, *report);
            }
            true
        });
    }
}

impl PlanFailure {
    /// What another worker is at work on or has done meanwhile, is that one's to say.
    fn note(&self, ledger: &dyn Ledger, action: &str, cancel: &Cancel) -> Result<(), LedgerError> {
        // A ledger knows its tenants by their ids: what can't be found by its domain is none.
        let Some(id) = guid(&self.tenant_id) else { return Ok(()) };
        let Taken::Held(hold) = with_call(|call| ledger.take(id, action, call))? else { return Ok(()) };
        let tenant = Held::new(hold, cancel);
        let noted = if tenant.state().state == State::Done { Ok(()) } else { self.write(&tenant) };
        tenant.release();
        noted
    }

    fn write(&self, tenant: &Held) -> Result<(), LedgerError> {
        let (id, message) = (self.error_id.clone(), self.message.clone());
        tenant.record(Event::Begun { tenant_name: self.tenant_name.clone(), choices: Choices::default() })?;
        tenant.record(Event::Failed { error: ErrorMark { passes: passes(&id), id, message } })
    }
}
