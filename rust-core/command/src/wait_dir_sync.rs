//! `waitDirSync`: waits until directory synchronization is off, for days if need be.

use std::time::Duration;

use serde::Deserialize;
use time::OffsetDateTime;

use crate::Op;
use crate::look::{SYNC, dir_sync};
use crate::operation::Operation;
use crate::output::{Output, Progress};
use pp_base::call::Call;
use pp_base::retry::Budget;
use pp_graph::Graph;
use pp_report::catalogue as c;
use pp_report::error::OpError;
use pp_run::agreeing::fullest;
use pp_run::observe::observe;
use pp_runbook::observed::{Observed, SyncedObjects};
use pp_runbook::problem::Problem;
use pp_runbook::step::StepName;
use pp_runbook::steps::directory_sync::{SyncState, doubt_when_off, sync_state};
use pp_runbook::wanted::Wanted;
use pp_words::instant;

/// Time between two looks, unless the caller says otherwise: it takes hours.
const POLL_SECONDS: u64 = 60;

/// The op.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct WaitDirSync {
    connection: u64,
    timeout_seconds: u64,
    poll_seconds: Option<u64>,
    /// It was switched off just now.
    #[serde(default)]
    switched_off: bool,
}

/// What a look has shown.
enum Look {
    Off(Box<Observed>),
    /// What is left, in words and as a number, and when a client last reported.
    Pending(String, u64, Option<OffsetDateTime>),
    /// It is on.
    On,
    /// Nothing; it passes by itself.
    Stumbled(String),
}

impl Op for WaitDirSync {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let operation = Operation::on(self.connection)?;
        let budget = operation.connection.retry_budget;
        let observed = operation.run(output, |graph, _| self.wait(graph, budget, output))?;
        operation.connection.learn(&observed);
        Ok(output.row(dir_sync(&observed, operation.tenant(), operation.connection.now()))?)
    }
}

impl WaitDirSync {
    fn wait(&self, graph: Graph<'_>, budget: Duration, output: &Output) -> Result<Observed, OpError> {
        let end = graph.clock.elapsed().saturating_add(Duration::from_secs(self.timeout_seconds));
        let left = || end.saturating_sub(graph.clock.elapsed());
        let poll = Duration::from_secs(self.poll_seconds.unwrap_or(POLL_SECONDS).max(1));
        let (mut first, mut percent) = (None, None);
        let (mut was_off, mut seen_on, mut told) = (self.switched_off, false, false);
        let begun = graph.now();
        loop {
            let look = || look(graph, budget.min(left()));
            // Until it was seen to be off, a replica may not know of the switch yet.
            let on = |seen: &Look| u8::from(!was_off && matches!(seen, Look::On));
            let status = match fullest(&graph, look, on)? {
                Look::Off(observed) => {
                    doubt_when_off(&observed, graph.now()).into_iter().try_for_each(|doubt| output.warning(doubt))?;
                    return Ok(*observed);
                }
                Look::On if !was_off => {
                    let why = "directory synchronization is on: there is nothing to wait for";
                    return Err(c::DIR_SYNC_ON.report(why).into());
                }
                Look::On if seen_on => {
                    let why = "directory synchronization had been switched off, and two looks show it on again";
                    return Err(c::DIR_SYNC_ON_AGAIN.report(why).into());
                }
                Look::On => {
                    // A replica may not know of the switch yet.
                    seen_on = true;
                    "it counts as on again: looking once more".to_owned()
                }
                Look::Pending(detail, now, last) => {
                    (was_off, seen_on) = (true, false);
                    if let Some(last) = last.filter(|last| *last > begun && !told) {
                        output.warning(still_running(last))?;
                        told = true;
                    }
                    let first = *first.get_or_insert(now);
                    // Objects are all there is to see: v1.0 tells neither a percentage nor an end.
                    percent = (first.saturating_sub(now) * 100).checked_div(first).and_then(|p| u8::try_from(p).ok());
                    detail
                }
                Look::Stumbled(why) => format!("the last look failed: {why}"),
            };
            if left().is_zero() {
                return Err(c::DIR_SYNC_WAIT_TIMED_OUT.report(status).into());
            }
            let activity = "Waiting for directory synchronization";
            output.progress(Progress { activity, status: &status, percent, seconds_remaining: None })?;
            graph.clock.wait(poll.min(left()), output.cancel())?;
        }
    }
}

/// One look with a retry budget of its own. Trouble that passes by itself, and outlasts that, ends no wait of days.
fn look(graph: Graph<'_>, budget: Duration) -> Result<Look, OpError> {
    let budget = Budget::new(budget);
    let graph = Graph { call: Call { budget: &budget, ..graph.call }, ..graph };
    let observed = match observe(&graph, SYNC, &Wanted::everything(), None) {
        Ok(observed) => observed,
        Err(error) if error.passes() => return Ok(Look::Stumbled(error.to_string())),
        Err(error) => return Err(error.into()),
    };
    match sync_state(&observed, graph.now()) {
        Ok((SyncState::Off, _)) => Ok(Look::Off(Box::new(observed))),
        Ok((SyncState::Pending, detail)) => {
            let last = observed.organization.as_ref().ok().and_then(|o| o.on_premises_last_sync_date_time);
            Ok(Look::Pending(detail, remaining(&observed.synced), last))
        }
        Ok((SyncState::On, _)) => Ok(Look::On),
        Err(unread) if unread.passing => Ok(Look::Stumbled(unread.to_string())),
        Err(unread) => Err(Problem::NotReadable { step: StepName::DirSync, unread }.into()),
    }
}

fn still_running(last: OffsetDateTime) -> String {
    format!(
        "a synchronization client is still running: it reported at {}, after the switch. Uninstall Entra Connect, or switch Cloud \
         Sync off, or this doesn't end",
        instant(last)
    )
}

fn remaining(synced: &SyncedObjects) -> u64 {
    [&synced.users, &synced.groups, &synced.contacts]
        .into_iter()
        .filter_map(|fact| fact.as_ref().ok())
        .map(|synced| synced.count)
        .sum()
}
