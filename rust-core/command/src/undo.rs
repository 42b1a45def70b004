//! Ops that undo a plan from a file.

use serde::Deserialize;

use crate::Op;
use crate::kept_plan::open;
use crate::operation::Operation;
use crate::output::Output;
use crate::run::warn_of_permissions;
use crate::take_back::{asked, planned, row};
use pp_report::error::OpError;
use pp_run::apply::RunError;
use pp_run::observe::observe;
use pp_run::take_back::{Answers, Look, Looking, take_back};
use pp_runbook::change::{Change, ChangeKind};
use pp_runbook::kept_plan::KeptPlan;
use pp_runbook::observed::{AppIds, Observed};
use pp_runbook::other_secrets::named;
use pp_runbook::step::StepName;
use pp_runbook::take_back::{Item, READS, Way, steps_of};
use pp_runbook::undo_plan;
use pp_runbook::wanted::Wanted;
use time::OffsetDateTime;

/// `planUndo`: what undoing a plan from a file would change, a row a step; what can't be undone is a warning.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct PlanUndo {
    connection: u64,
    path: String,
    hash: Option<String>,
}

impl Op for PlanUndo {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let operation = Operation::on(self.connection)?;
        let (kept, hash) = open(&self.path, self.hash.as_deref(), &operation)?;
        let wanted = kept.wanted_back()?;
        let plan = |observed: &Observed| undo_plan::plan(&kept, observed, &wanted, operation.connection.now());
        let (observed, items) = planned(&operation, output, &wanted, plan)?;
        for item in &items {
            match &item.way {
                Way::Impossible(why) => output.warning(format!("step {}: {}: not undone: {why}", item.step, item.what))?,
                Way::Change(Change { kind: ChangeKind::RemoveSecret { key_id }, .. }) => output.warning(format!(
                    "client secret {}, is removed: whoever signs in with it is locked out, and its text can't be read again{}",
                    secret(&observed, &wanted, key_id),
                    if undo_plan::makes_application(&kept) { "" } else { LOOKS_THE_SAME }
                ))?,
                Way::Nothing(why) => output.verbose(format!("step {}: {}: {why}", item.step, item.what))?,
                Way::Change(_) => {}
            }
        }
        warn_of_permissions(&operation, output, &steps_of(items.iter().filter_map(Item::change)))?;
        let tenant = operation.tenant();
        Ok(output.rows(asked(&items, &tenant, Some(&hash)))?)
    }
}

/// Of a secret of an application that the plan found there.
const LOOKS_THE_SAME: &str =
    ". One that a rotation has made since the plan looks the same: its start tells whether it is the plan's";

/// A secret by its id and start.
fn secret(observed: &Observed, wanted: &Wanted, key_id: &str) -> String {
    let all = observed.app(wanted.adopt).map(|application| application.password_credentials.as_slice());
    let found = all.unwrap_or_default().iter().find(|secret| secret.key_id == key_id);
    found.map_or_else(|| key_id.to_owned(), named)
}

/// `undo`: undoes what was approved of a plan from a file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct UndoPlan {
    connection: u64,
    path: String,
    /// Of the file that was confirmed: it may be another one by now.
    hash: String,
    steps: Vec<StepName>,
    #[serde(default)]
    declined: Vec<StepName>,
}

impl Op for UndoPlan {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let operation = Operation::on(self.connection)?;
        let (kept, _) = open(&self.path, Some(&self.hash), &operation)?;
        let wanted = kept.wanted_back()?;
        let answers = Answers { approved: &self.steps, declined: &self.declined, application: None };
        let ended = operation.run(output, |graph, voice| {
            let look: Looking<'_> =
                &|known| look(&kept, &wanted, &observe(&graph, READS, &wanted, known)?, graph.now());
            take_back(graph, voice, answers, look)
        })?;
        let tenant = operation.tenant();
        output.rows(ended.items.iter().map(|one| row(one, &tenant)))?;
        ended.failed.map_or(Ok(()), |error| Err(error.into()))
    }
}

fn look(kept: &KeptPlan, wanted: &Wanted, observed: &Observed, now: OffsetDateTime) -> Result<Look, RunError> {
    let items = undo_plan::plan(kept, observed, wanted, now)?;
    Ok(Look { items, application: observed.app(wanted.adopt).map(AppIds::of) })
}
