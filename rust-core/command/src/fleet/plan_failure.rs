//! What failed in the plan before a run: the run doesn't begin it, and its ledger has it all the same.

use serde::Deserialize;

use super::Fleet;
use super::customers::Customer;
use super::journal::{Held, with_call};
use super::one::passes;
use crate::connect::guid;
use pp_ledger::line::{Choices, ErrorMark, Event};
use pp_ledger::{Ledger, Taken, error::LedgerError};
use pp_report::error::OpError;
use pp_report::rows::Tenant;

/// A tenant whose plan has failed, as its row says it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct PlanFailure {
    /// The tenant as the list names it, which may be by a domain.
    named: String,
    tenant_id: String,
    tenant_name: Option<String>,
    error_id: String,
    message: String,
}

impl Fleet<'_> {
    /// Writes to the ledger what failed in the plan of these customers. The caller has been told of it.
    pub(super) fn note_failures(&self, customers: &[Customer], limit: usize) {
        let Some(ledger) = self.ledger.open.as_deref() else { return };
        let lanes = self.lanes(limit, None);
        lanes.run(&self.request.failed, |failure| {
            if let Err(error) = self.note(ledger, customers, failure) {
                if error.is_of_all_tenants() {
                    lanes.close();
                }
                match OpError::from(error) {
                    // Who can't be told any more has cancelled.
                    OpError::Failed(report) if report.id != failure.error_id => {
                        let _ = self.tell(failure.whose(), *report);
                    }
                    // The same that the plan has told of: the tenant's lines can't be read.
                    OpError::Failed(_) | OpError::Cancelled(_) => {}
                }
            }
            true
        });
    }

    /// What another worker is at work on or has done meanwhile, is that one's to say, and so is all that the plan was of, where it is done.
    fn note(&self, ledger: &dyn Ledger, customers: &[Customer], failure: &PlanFailure) -> Result<(), LedgerError> {
        let (action, whose) = (self.request.action, failure.whose());
        // A ledger knows its tenants by their ids: what can't be found by its domain is none.
        let (Some(id), Some(customer)) = (guid(&whose.id), failure.of(customers)) else { return Ok(()) };
        // Nor does a run begin one of whose choices there are none.
        let Ok(asked) = self.request.options.of_one(&customer.own).choices(action, &whose) else { return Ok(()) };
        let Taken::Held(hold) = with_call(|call| ledger.take(id, action.name(), call))? else { return Ok(()) };
        let tenant = Held::new(hold, self.output.cancel());
        let noted = if tenant.state().is_done(&asked) { Ok(()) } else { failure.write(&tenant) };
        tenant.release();
        noted
    }
}

impl PlanFailure {
    fn whose(&self) -> Tenant {
        Tenant { id: self.tenant_id.clone(), name: self.tenant_name.clone() }
    }

    /// The customer whose plan it was.
    fn of<'a>(&self, customers: &'a [Customer]) -> Option<&'a Customer> {
        customers.iter().find(|customer| customer.tenant.eq_ignore_ascii_case(&self.named))
    }

    fn write(&self, tenant: &Held) -> Result<(), LedgerError> {
        let (id, message) = (self.error_id.clone(), self.message.clone());
        tenant.record(Event::Begun { tenant_name: self.tenant_name.clone(), choices: Choices::default() })?;
        tenant.record(Event::Failed { error: ErrorMark { passes: passes(&id), id, message } })
    }
}
