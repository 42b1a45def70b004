//! What ops share that take back: the questions, and the rows of what became of each thing.

use crate::operation::Operation;
use crate::output::Output;
use crate::run::target;
use pp_report::error::OpError;
use pp_report::rows::{PlannedChange, TakenBack, Tenant};
use pp_run::agreeing::fullest;
use pp_run::take_back::Taken;
use pp_runbook::observed::Observed;
use pp_runbook::problem::Problem;
use pp_runbook::step::{State, StepName};
use pp_runbook::take_back::{Item, READS};
use pp_runbook::wanted::Wanted;

/// What the tenant holds, and what is taken back of it.
type Planned = (Observed, Vec<Item>);

/// Reads the tenant and plans. That there is nothing, or an application without a service principal, has to be seen twice: a
/// replica may lag.
pub(crate) fn planned(
    operation: &Operation,
    output: &Output,
    wanted: &Wanted,
    plan: impl Fn(&Observed) -> Result<Vec<Item>, Problem>,
) -> Result<Planned, OpError> {
    let look = || -> Result<Planned, OpError> {
        let observed = operation.observe(output, READS, wanted)?;
        let items = plan(&observed)?;
        Ok((observed, items))
    };
    operation.run(output, |graph, _| fullest(&graph, look, lacking))
}

fn lacking((observed, items): &Planned) -> u8 {
    let changes = items.iter().any(|item| item.change().is_some());
    if changes { u8::from(observed.principal().is_none()) } else { 2 }
}

/// The questions, one a step, in the order in which things are taken back.
pub(crate) fn asked(items: &[Item], tenant: &Tenant, hash: Option<&str>) -> Vec<PlannedChange> {
    let mut rows: Vec<(StepName, Vec<&str>)> = Vec::new();
    for item in items.iter().filter(|item| item.change().is_some()) {
        match rows.iter_mut().find(|(step, _)| *step == item.step) {
            Some((_, words)) => words.push(&item.what),
            None => rows.push((item.step, vec![&item.what])),
        }
    }
    let row = |(step, words): (StepName, Vec<&str>)| {
        let action = match (step, words.len()) {
            (StepName::ApplicationConsent, 2..) => {
                format!("Withdraw the consent for {} application permissions", words.len())
            }
            _ => words.join("; "),
        };
        question(step.name(), action, words.join("; "), tenant, hash)
    };
    rows.into_iter().map(row).collect()
}

pub(crate) fn question(
    step: &'static str,
    action: String,
    detail: String,
    tenant: &Tenant,
    hash: Option<&str>,
) -> PlannedChange {
    PlannedChange {
        tenant: tenant.clone(),
        plan: None,
        step,
        change: true,
        action,
        target: target(tenant),
        impact: "High",
        state: State::NotDone.name(),
        detail,
        plan_hash: hash.map(str::to_owned),
    }
}

pub(crate) fn row((item, taken): &(Item, Taken), tenant: &Tenant) -> TakenBack {
    let (result, detail) = match taken {
        Taken::Done if item.removes() => ("Done", "it is gone".to_owned()),
        Taken::Done => ("Done", "it is as it was before".to_owned()),
        Taken::AlreadyDone(why) => ("AlreadyDone", why.clone()),
        Taken::NotConfirmed(why) => ("NotConfirmed", why.clone()),
        Taken::NotDone(why) => ("NotDone", why.clone()),
        Taken::Skipped(why) => ("Skipped", why.clone()),
    };
    TakenBack {
        tenant: tenant.clone(),
        step: item.step.name(),
        change: item.what.clone(),
        result,
        detail,
        recoverable_until: None,
    }
}
