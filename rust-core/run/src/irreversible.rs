//! The last stage: what can't be taken back goes alone, after all that can fail has succeeded and was seen.

use crate::apply::{RunError, planned, wait_out};
use crate::carry_out::{CarryOut, Halt};
use crate::evidence::Evidence;
use crate::observe::observe;
use crate::outcome::{StepOutcome, StepResult};
use crate::verify::{Seen, look_again, read_back};
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
    let steps = last(first);
    if steps.is_empty() {
        return Ok(None);
    }
    let held_back =
        held_back(run, observed, &steps, rows).inspect_err(|error| not_done(&steps, rows, &error.to_string()))?;
    if let Some(why) = held_back {
        (run.voice.warning)(&format!("{}: {why}", names(&steps)));
        not_done(&steps, rows, &why);
        return Ok(None);
    }
    let wanted = Wanted { steps: steps.clone(), ..run.wanted.clone() };
    let seen = until_seen(run, observed, &wanted).inspect_err(|error| not_done(&steps, rows, &error.to_string()))?;
    Ok(Some(Last { steps, seen }))
}

/// The steps of it in a plan.
fn last(plan: &[PlannedStep]) -> Vec<StepName> {
    let last = |step: &&PlannedStep| step.assessment.changes.iter().any(|change| change.stage() == Stage::Irreversible);
    plan.iter().filter(last).map(|step| step.name).collect()
}

/// The steps that it waits for and that were done before the run; none where the plan holds nothing of it.
pub(crate) fn waits_for(plan: &[PlannedStep]) -> Vec<StepName> {
    if last(plan).is_empty() {
        return Vec::new();
    }
    plan.iter().filter(|step| stands(step)).map(|step| step.name).collect()
}

fn names(steps: &[StepName]) -> String {
    steps.iter().map(|step| step.name()).collect::<Vec<_>>().join(", ")
}

/// The other steps that are not as they should be, in a sentence.
fn held_back(
    run: &CarryOut<'_>,
    observed: &Observed,
    steps: &[StepName],
    rows: &[StepOutcome],
) -> Result<Option<String>, RunError> {
    let open = |row: &&StepOutcome| {
        !steps.contains(&row.step)
            && matches!(row.result, StepResult::NotConfirmed | StepResult::Unknown | StepResult::NotDone)
    };
    let mut open: Vec<String> = rows.iter().filter(open).map(|row| row.step.to_string()).collect();
    open.extend(run.limits.declined.iter().map(|step| format!("{step} (declined)")));
    if open.is_empty() {
        open = not_standing(run, observed)?.iter().map(StepName::to_string).collect();
    }
    Ok((!open.is_empty()).then(|| {
        let open = open.join(", ");
        format!("held back: it can't be taken back, so it goes last, and not everything before it is confirmed: {open}. Run again once they are, or ask for this step alone")
    }))
}

/// Those of the steps before it that are not done any more, of the ones that this run doesn't take.
fn not_standing(run: &CarryOut<'_>, observed: &Observed) -> Result<Vec<StepName>, RunError> {
    let before = &run.limits.before;
    if before.is_empty() {
        return Ok(Vec::new());
    }
    let wanted = Wanted { steps: before.clone(), ..run.wanted.clone() };
    let observed = look_again(run.graph, &wanted, before.clone(), run.known(observed).as_ref())?;
    let steps = judge(&observed, &wanted, run.graph.now());
    Ok(steps.iter().filter(|step| !stands(step)).map(|step| step.name).collect())
}

fn stands(step: &PlannedStep) -> bool {
    matches!(step.assessment.state, State::Done | State::Pending)
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
    let shown = judged.iter().all(stands);
    Ok(shown.then(|| Seen { observed: after, evidence: Evidence::default(), agreed: true }))
}
