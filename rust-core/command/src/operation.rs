//! What every op that talks to a tenant does: find its connection, and pass on what the layers below say.

use std::sync::Arc;
use std::time::Duration;

use crate::output::{Output, Progress};
use pp_base::call::Call;
use pp_base::retry::Budget;
use pp_graph::Graph;
use pp_graph::error::GraphError;
use pp_report::catalogue as c;
use pp_report::error::OpError;
use pp_report::rows::Tenant;
use pp_run::apply::Voice;
use pp_run::connection::{self, Connection};
use pp_run::holder::{judged, outdated};
use pp_run::nothing_to_restore::observe_to_plan;
use pp_runbook::denial::of_then;
use pp_runbook::observed::{LookUp, Observed};
use pp_runbook::sign_in_needs::Holder;
use pp_runbook::wanted::Wanted;

/// What the progress bar is headed with.
const ACTIVITY: &str = "Practice Protect federation";

/// An op at work on one connection.
pub(crate) struct Operation {
    /// The connection's number.
    pub(crate) number: u64,
    pub(crate) connection: Arc<Connection>,
    budget: Budget,
}

impl Operation {
    /// For the connection of this number, with its retry budget.
    pub(crate) fn on(number: u64) -> Result<Self, OpError> {
        let connection = connection::find(number)?;
        let budget = Budget::new(connection.retry_budget);
        Ok(Self { number, connection, budget })
    }

    /// The same, but waiting no longer than this.
    pub(crate) fn within(number: u64, patience: Duration) -> Result<Self, OpError> {
        let operation = Self::on(number)?;
        let budget = Budget::new(patience.min(operation.connection.retry_budget));
        Ok(Self { budget, ..operation })
    }

    /// Runs `work` with Microsoft Graph and a voice.
    pub(crate) fn run<T>(&self, output: &Output, work: impl FnOnce(Graph<'_>, Voice<'_>) -> T) -> T {
        // A stream that can't be written to belongs to a cancelled job, which its next wait or request finds out.
        let log = |text: &str| {
            let _ = output.verbose(text);
        };
        let warning = |text: &str| {
            let _ = output.warning(text);
        };
        let progress = |status: &str, percent: u8| {
            let progress = Progress { activity: ACTIVITY, status, percent: Some(percent), seconds_remaining: None };
            let _ = output.progress(progress);
        };
        let call = Call { cancel: output.cancel(), budget: &self.budget, log: &log };
        let debug = |text: &str| {
            let _ = output.debug(text);
        };
        work(self.connection.graph(call), Voice { progress: &progress, warning: &warning, debug: &debug })
    }

    /// Reads the tenant. Whose it is is read with the rest, until that is known: every row says it.
    pub(crate) fn observe(
        &self,
        output: &Output,
        look_ups: &[LookUp],
        wanted: &Wanted,
    ) -> Result<Observed, GraphError> {
        let mut look_ups = look_ups.to_vec();
        if self.connection.tenant_name().is_none() && !look_ups.contains(&LookUp::Organization) {
            look_ups.push(LookUp::Organization);
        }
        let observed = self.run(output, |graph, _| observe_to_plan(&graph, &look_ups, wanted))?;
        self.connection.learn(&observed);
        if look_ups.contains(&LookUp::Application) {
            output.debug(observed.application.as_ref().map_or_else(ToString::to_string, ToString::to_string))?;
        }
        Ok(observed)
    }

    /// That the token holds one of these permissions, where it says what it holds; of none it lacks none. What it holds.
    pub(crate) fn check_permission(
        &self,
        output: &Output,
        purpose: &str,
        any_of: &[&str],
    ) -> Result<Option<Holder>, OpError> {
        self.run(output, |graph, _| {
            let lacks = |holder: &Holder| {
                let holds = holder.permissions.iter().any(|held| any_of.contains(&held.as_str()));
                (!holds && !any_of.is_empty()).then_some(()).into_iter().collect()
            };
            let (holder, lacks) = judged(&graph, lacks)?;
            if lacks.is_empty() {
                return Ok(holder);
            }
            let needs = any_of.join(" or ");
            let message =
                format!("{purpose} takes the Microsoft Graph permission {needs}, which the token doesn't hold");
            let report = match outdated(&graph, holder.as_ref()) {
                Some(issued) => c::TOKEN_OUTDATED.report(format!("{message}; {}", of_then(issued))),
                None => c::PERMISSION_MISSING.report(message),
            };
            Err(report.into())
        })
    }

    /// Whose the rows are.
    pub(crate) fn tenant(&self) -> Tenant {
        tenant(&self.connection)
    }
}

/// Whose the rows of a connection are.
pub(crate) fn tenant(connection: &Connection) -> Tenant {
    Tenant { id: connection.tenant.to_string(), name: connection.tenant_name() }
}
