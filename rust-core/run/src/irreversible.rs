//! The last stage: what can't be taken back goes alone, after all that can fail has succeeded and was seen.

use crate::apply::{RunError, planned, wait_out};
use crate::carry_out::{CarryOut, Halt};
use crate::evidence::Evidence;
use crate::observe::observe;
use crate::outcome::{StepOutcome, StepResult};
use crate::verify::{Seen, read_back};
use pp_base::retry::Tries;
use pp_runbook::observed::Observed;
use pp_runbook::plan::{PlannedStep, judge, reads};
use pp_runbook::stage::{STAGES, Stage};
use pp_runbook::step::{State, StepName};
use pp_runbook::wanted::Wanted;

/// What was carried out.
pub(crate) struct Last {
    /// The steps of it.
    pub(crate) steps: Vec<StepName>,
    /// What they have read since.
    pub(crate) seen: Seen,
}

/// Carries out what the first plan holds of it, where every other row lets it; else the rows say what holds it back.
pub(crate) fn carry_out(
    run: &mut CarryOut<'_>,
    observed: &Observed,
    first: &[PlannedStep],
    rows: &mut [StepOutcome],
) -> Result<Option<Last>, RunError> {
    let last = |step: &&PlannedStep| step.assessment.changes.iter().any(|change| change.stage() == Stage::Irreversible);
    let steps: Vec<StepName> = first.iter().filter(last).map(|step| step.name).collect();
    if steps.is_empty() {
        return Ok(None);
    }
    if let Some(why) = held_back(&steps, rows) {
        (run.voice.warning)(&format!("{}: {why}", names(&steps)));
        not_done(&steps, rows, &why);
        return Ok(None);
    }
    let wanted = Wanted { steps: steps.clone(), ..run.wanted.clone() };
    let seen = until_seen(run, observed, &wanted).inspect_err(|error| not_done(&steps, rows, &error.to_string()))?;
    Ok(Some(Last { steps, seen }))
}

fn names(steps: &[StepName]) -> String {
    steps.iter().map(|step| step.name()).collect::<Vec<_>>().join(", ")
}

/// The rows of other steps that are not as they should be, in a sentence.
fn held_back(steps: &[StepName], rows: &[StepOutcome]) -> Option<String> {
    let open = |row: &&StepOutcome| {
        !steps.contains(&row.step)
            && matches!(row.result, StepResult::NotConfirmed | StepResult::Unknown | StepResult::NotDone)
    };
    let open: Vec<StepName> = rows.iter().filter(open).map(|row| row.step).collect();
    (!open.is_empty()).then(|| {
        let open = names(&open);
        format!("held back: it can't be taken back, so it goes last, and not everything before it is confirmed: {open}. Run again once they are, or ask for this step alone")
    })
}

fn not_done(steps: &[StepName], rows: &mut [StepOutcome], why: &str) {
    for row in rows.iter_mut().filter(|row| steps.contains(&row.step)) {
        row.result = StepResult::NotDone;
        row.detail = format!("{}; {why}", row.detail);
    }
}

fn until_seen(run: &mut CarryOut<'_>, observed: &Observed, wanted: &Wanted) -> Result<Seen, RunError> {
    let graph = run.graph;
    for (_, progress, text) in STAGES.into_iter().filter(|(stage, ..)| *stage == Stage::Irreversible) {
        (run.voice.progress)(text, progress);
    }
    let known = run.known(observed);
    let mut looked = None;
    let mut tries = Tries::default();
    loop {
        let halt = match pass(run, looked.as_ref().unwrap_or(observed), wanted) {
            Ok(Some(seen)) => return Ok(seen),
            Ok(None) => {
                let (observed, agreed) = read_back(graph, wanted, &run.made, known.as_ref())?;
                return Ok(Seen { observed, evidence: Evidence::default(), agreed });
            }
            Err(halt) => halt,
        };
        wait_out(&graph, &mut tries, halt)?;
        looked = Some(observe(&graph, &reads(&wanted.steps), wanted, known.as_ref())?);
    }
}

/// Sends what is left to send. That the service took it, and a look behind it that shows it, are two that agree.
fn pass(run: &mut CarryOut<'_>, observed: &Observed, wanted: &Wanted) -> Result<Option<Seen>, Halt> {
    let steps = planned(observed, wanted, run.graph)?;
    let Some(after) = run.carry_out_irreversible(observed, &steps)? else { return Ok(None) };
    let judged = judge(&after, wanted, run.graph.now());
    let shown = judged.iter().all(|step| matches!(step.assessment.state, State::Done | State::Pending));
    Ok(shown.then(|| Seen { observed: after, evidence: Evidence::default(), agreed: true }))
}
