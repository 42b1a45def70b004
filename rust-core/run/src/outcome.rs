//! What a run gives back: a row a step, the application, and the secret where one was made.

use crate::apply::RunError;
use crate::evidence::Evidence;
use crate::made::{Made, MadeSecret};
use pp_runbook::observed::Observed;
use pp_runbook::plan::PlannedStep;
use pp_runbook::step::{State, StepName};
use pp_runbook::types::{Application, ServicePrincipal};

/// What became of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepResult {
    /// Changed, and seen to be so.
    Done,
    /// There was nothing to change.
    AlreadyDone,
    /// The service is at work.
    Pending,
    /// Written, but not seen everywhere within the retry budget.
    NotConfirmed,
    /// Held back, or refused: nothing was changed.
    NotDone,
    /// Not known.
    Unknown,
}

impl StepResult {
    /// The name in results.
    pub fn name(self) -> &'static str {
        match self {
            Self::Done => "Done",
            Self::AlreadyDone => "AlreadyDone",
            Self::Pending => "Pending",
            Self::NotConfirmed => "NotConfirmed",
            Self::NotDone => "NotDone",
            Self::Unknown => "Unknown",
        }
    }
}

/// A row of the run's result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepOutcome {
    /// The step.
    pub step: StepName,
    /// What was done.
    pub action: String,
    /// What became of it.
    pub result: StepResult,
    /// In a sentence.
    pub detail: String,
}

/// What a run gives back.
#[derive(Debug)]
pub struct Outcome {
    /// A row a step.
    pub steps: Vec<StepOutcome>,
    /// The tenant as it was last seen.
    pub observed: Observed,
    /// The application, also where the last look doesn't show it.
    pub application: Option<Application>,
    /// Its service principal, likewise.
    pub principal: Option<ServicePrincipal>,
    /// The secret, where one was made.
    pub secret: Option<MadeSecret>,
    /// It may take another's place: all that was written was seen, and the service has found the secret right.
    pub secret_proven: bool,
    /// Why the last stage failed, where a secret was made before it: the secret must reach the caller all the same.
    pub failed: Option<RunError>,
}

/// The application is named by the last look, else by what this run made, else by the look before: whoever gets the
/// secret must know whose it is.
pub(crate) fn outcome(
    steps: Vec<StepOutcome>,
    observed: Observed,
    made: Made,
    adopt: bool,
    application: Option<Application>,
    principal: Option<ServicePrincipal>,
    failed: Option<RunError>,
) -> Outcome {
    let application = observed.app(adopt).cloned().or(made.application).or(application);
    let principal = observed.principal().cloned().or(made.principal).or(principal);
    Outcome { steps, observed, application, principal, secret: made.secret, secret_proven: false, failed }
}

/// The steps as they were before the run and as they are after it, a row each.
pub(crate) fn rows(first: &[PlannedStep], last: &[PlannedStep], made: &Made, evidence: &Evidence) -> Vec<StepOutcome> {
    let row = |(before, after): (&PlannedStep, &PlannedStep)| {
        let touched = made.touched(before.name);
        let result = match after.assessment.state {
            State::Done if before.name == StepName::ClientSecret && evidence.is_final() => StepResult::NotConfirmed,
            State::Done if touched => StepResult::Done,
            State::Done => StepResult::AlreadyDone,
            State::Pending => StepResult::Pending,
            State::NotDone if touched || after.changes() => StepResult::NotConfirmed,
            // Nothing that a run could change.
            State::NotDone => StepResult::NotDone,
            State::Unknown => StepResult::Unknown,
        };
        let words: Vec<&str> =
            made.actions.iter().filter(|(step, _)| *step == before.name).map(|(_, what)| what.as_str()).collect();
        let action = match (before.name, words.len()) {
            (_, 0) => "None".to_owned(),
            // One assignment each: nine ids would hide what was done.
            (StepName::ApplicationConsent, count) => format!("Granted {count} permissions"),
            _ => words.join("; "),
        };
        let detail = match evidence.detail(before.name) {
            Some(more) => format!("{}; {more}", after.assessment.detail),
            None => after.assessment.detail.clone(),
        };
        StepOutcome { step: before.name, action, result, detail }
    };
    first.iter().zip(last).map(row).collect()
}
