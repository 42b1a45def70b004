//! Carrying a plan out until the tenant is as it should be.
//!
//! A run is a loop: read, plan, carry out, and again after what passes by itself. What the run knows it made counts as
//! there while the service does not show it yet, so that lag never makes a second one.

use thiserror::Error;

use crate::carry_out::{CarryOut, Trouble};
use crate::evidence::Evidence;
use crate::holder::holder;
use crate::lost_secret::withdraw;
use crate::made::Made;
use crate::missing_secret::MissingSecret;
use crate::observe::observe;
use crate::outcome::{Outcome, StepOutcome, StepResult, outcome, rows};
use crate::verify;
use pp_base::retry::{self, WaitEnd};
use pp_graph::Graph;
use pp_graph::error::GraphError;
use pp_runbook::observed::Observed;
use pp_runbook::other_secrets;
use pp_runbook::plan::{PlannedStep, judge, missing_permissions, plan, reads};
use pp_runbook::problem::Problem;
use pp_runbook::sign_in_needs;
use pp_runbook::step::StepName;
use pp_runbook::wanted::Wanted;

/// A run's way to say how far it is.
#[derive(Clone, Copy)]
pub struct Voice<'a> {
    /// What is being done, and how far the whole is in percent.
    pub progress: &'a (dyn Fn(&str, u8) + Sync),
    /// Something the caller must know.
    pub warning: &'a (dyn Fn(&str) + Sync),
}

/// Why a run stopped.
#[derive(Debug, Error)]
pub enum RunError {
    /// The caller or the tenant must change something.
    #[error(transparent)]
    Problem(#[from] Problem),
    /// A call failed for good, in this step.
    #[error("{error}")]
    Graph {
        /// The step, where the call belongs to one.
        step: Option<StepName>,
        /// The error.
        error: GraphError,
    },
    /// The retry budget was spent before the tenant showed what was written.
    #[error("{0}")]
    NotConverged(String),
}

impl From<GraphError> for RunError {
    fn from(error: GraphError) -> Self {
        Self::Graph { step: None, error }
    }
}

/// Carries out what `wanted` lacks. `seen` is the tenant as a plan saw it a moment ago.
pub fn apply(graph: Graph<'_>, voice: Voice<'_>, wanted: &Wanted, seen: Option<Observed>) -> Result<Outcome, RunError> {
    let look_ups = reads(&wanted.steps);
    let mut observed = match seen {
        Some(observed) => observed,
        None => observe(&graph, &look_ups, wanted, None)?,
    };
    let mut before = other_secrets::ids(&observed, wanted);
    let mut run = CarryOut::new(graph, voice, wanted.clone());
    let mut first: Option<Vec<PlannedStep>> = None;
    let mut missing_secret = MissingSecret::new();
    let mut tries = 1;
    let first = loop {
        run.made.complete(&mut observed);
        let trouble = match plan(&observed, &run.wanted, graph.clock.now()) {
            Ok(steps) => {
                if first.is_none() {
                    check_permissions(graph, voice, &steps)?;
                }
                let known = run.known(&observed);
                if run.misses_secret(&steps)
                    && missing_secret.look_again(&graph, wanted, known.as_ref(), &mut observed)?
                {
                    before = other_secrets::ids(&observed, wanted);
                    continue;
                }
                let carried_out = run.carry_out(&observed, &steps)?;
                let first = first.get_or_insert(steps);
                match carried_out {
                    Ok(()) => break std::mem::take(first),
                    Err(trouble) => trouble,
                }
            }
            Err(Problem::NotReadable { step, unread }) if unread.passing => {
                Trouble { asked: None, error: Problem::NotReadable { step, unread }.into() }
            }
            Err(problem) => return Err(problem.into()),
        };
        wait_out(&graph, &mut tries, trouble)?;
        let known = run.known(&observed);
        observed = observe(&graph, &look_ups, wanted, known.as_ref())?;
    };
    let outcome = finish(run, observed, &first)?;
    crate::other_secrets::warn(voice, &before, &outcome, wanted, graph.clock.now());
    Ok(outcome)
}

fn finish(run: CarryOut<'_>, observed: Observed, first: &[PlannedStep]) -> Result<Outcome, RunError> {
    let graph = run.graph;
    if run.made.actions.is_empty() {
        let steps = rows(first, first, &run.made, &Evidence::default());
        return Ok(outcome(steps, observed, run.made, run.wanted.adopt, None, None));
    }
    let known = run.known(&observed);
    let (application, principal) = (observed.app(run.wanted.adopt).cloned(), observed.principal().cloned());
    let CarryOut { made, wanted, voice, .. } = run;
    let seen = match verify::verify(graph, voice, &wanted, &made, known.as_ref()) {
        Ok(seen) => seen,
        // A secret that was made must reach the caller whatever else happens: nobody can read it again.
        Err(error) if made.secret.is_some() && !matches!(error, GraphError::Cancelled) => {
            (voice.warning)(&format!("what was written could not be read back: {error}"));
            verify::Seen { observed, evidence: Evidence::default(), agreed: false }
        }
        Err(error) => {
            if let (Some(secret), Some(known)) = (&made.secret, &known) {
                withdraw(graph, known, secret);
            }
            return Err(error.into());
        }
    };
    let last = judge(&seen.observed, &wanted, graph.clock.now());
    let mut steps = rows(first, &last, &made, &seen.evidence);
    if !seen.agreed {
        not_confirmed(&mut steps, &made, voice)?;
    }
    Ok(outcome(steps, seen.observed, made, wanted.adopt, application, principal))
}

/// Written but not seen: an error, unless a secret was made, which an error would lose.
fn not_confirmed(steps: &mut [StepOutcome], made: &Made, voice: Voice<'_>) -> Result<(), RunError> {
    let mut open = Vec::new();
    for row in steps.iter_mut().filter(|row| made.touched(row.step) && row.result != StepResult::Pending) {
        row.result = StepResult::NotConfirmed;
        open.push(row.step.name());
    }
    let text = format!("written, but not yet seen everywhere in the tenant: {}", open.join(", "));
    if made.secret.is_none() {
        return Err(RunError::NotConverged(text));
    }
    (voice.warning)(&format!("{text}. Check later with Test-PPFederation"));
    Ok(())
}

fn check_permissions(graph: Graph<'_>, voice: Voice<'_>, steps: &[PlannedStep]) -> Result<(), RunError> {
    let token = graph.tokens.get(&graph.call).map_err(GraphError::from)?;
    if let Some(claims) = token.claims.as_ref() {
        let changing = steps.iter().filter(|step| step.changes());
        for doubt in sign_in_needs::doubts(changing.map(|step| step.name), &holder(claims)) {
            (voice.warning)(&doubt);
        }
    }
    // A token that can't be read is tried: the service says what it lacks.
    let missing = token.permissions().map(|held| missing_permissions(steps, &held)).unwrap_or_default();
    if missing.is_empty() { Ok(()) } else { Err(Problem::PermissionMissing(missing).into()) }
}

fn wait_out(graph: &Graph<'_>, tries: &mut u32, trouble: Trouble) -> Result<(), RunError> {
    match retry::wait(graph.clock, &graph.call, *tries, trouble.asked, &trouble.error.to_string()) {
        Ok(()) => {
            *tries += 1;
            Ok(())
        }
        Err(WaitEnd::Cancelled) => Err(GraphError::Cancelled.into()),
        Err(WaitEnd::Spent) => Err(spent(trouble.error)),
    }
}

/// The service's last words, as a run that may be taken up again.
fn spent(error: RunError) -> RunError {
    match error {
        RunError::Problem(problem) => RunError::Problem(problem),
        other @ (RunError::Graph { .. } | RunError::NotConverged(_)) => RunError::NotConverged(other.to_string()),
    }
}
