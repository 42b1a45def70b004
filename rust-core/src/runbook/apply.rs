//! Carrying a plan out until the tenant is as it should be.
//!
//! A run is a loop: read, plan, carry out, and again after what passes by itself. What the run knows it made counts as
//! there while the service does not show it yet, so that lag never makes a second one.

use thiserror::Error;
use time::OffsetDateTime;

use super::carry_out::{CarryOut, Trouble};
use super::evidence::Evidence;
use super::lost_secret::withdraw;
use super::missing_secret::MissingSecret;
use super::observe::observe;
use super::observed::{Found, Observed};
use super::other_secrets;
use super::plan::{PlannedStep, judge, missing_permissions, plan, reads};
use super::problem::Problem;
use super::sign_in_needs;
use super::step::{State, StepName};
use super::verify;
use super::wanted::{SECRET_NAME, Wanted};
use crate::graph::Graph;
use crate::graph::error::GraphError;
use crate::graph::types::{Application, PasswordCredential, ServicePrincipal};
use crate::http::retry::{self, WaitEnd};
use crate::secret::SecretText;

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

/// A secret this run made. Its text is shown to nobody but the caller, once.
#[derive(Debug)]
pub struct MadeSecret {
    /// The secret's id.
    pub key_id: String,
    /// Valid to.
    pub end: OffsetDateTime,
    /// The text.
    pub text: SecretText,
}

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
}

/// What this run has made so far.
#[derive(Debug, Default)]
pub(super) struct Made {
    pub(super) application: Option<Application>,
    pub(super) principal: Option<ServicePrincipal>,
    pub(super) secret: Option<MadeSecret>,
    /// Ids of secrets whose text was lost and which were removed.
    pub(super) removed: Vec<String>,
    /// What was done, by step, in words.
    pub(super) actions: Vec<(StepName, String)>,
}

impl Made {
    /// Puts what was made into what was read, and takes out what was removed, where a replica doesn't show it yet.
    fn complete(&self, observed: &mut Observed) {
        if let Ok(Found::Ours(application) | Found::SameName(application)) = &mut observed.application {
            application.password_credentials.retain(|secret| !self.removed.contains(&secret.key_id));
        }
        if let (Some(application), Ok(found @ Found::None)) = (&self.application, &mut observed.application) {
            *found = Found::Ours(application.clone());
        }
        if let (Some(principal), Ok(found @ None)) = (&self.principal, &mut observed.service_principal) {
            *found = Some(principal.clone());
        }
        if let (Some(secret), Ok(Found::Ours(application))) = (&self.secret, &mut observed.application)
            && !application.password_credentials.iter().any(|has| has.key_id == secret.key_id)
        {
            application.password_credentials.push(PasswordCredential {
                key_id: secret.key_id.clone(),
                display_name: Some(SECRET_NAME.into()),
                hint: None,
                start_date_time: None,
                end_date_time: Some(secret.end),
            });
        }
    }

    pub(super) fn did(&mut self, step: StepName, what: impl Into<String>) {
        self.actions.push((step, what.into()));
    }

    pub(super) fn touched(&self, step: StepName) -> bool {
        self.actions.iter().any(|(touched, _)| *touched == step)
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
    other_secrets::warn(voice, &before, &outcome, wanted, graph.clock.now());
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

/// The application is named by the last look, else by what this run made, else by the look before: whoever gets the
/// secret must know whose it is.
fn outcome(
    steps: Vec<StepOutcome>,
    observed: Observed,
    made: Made,
    adopt: bool,
    application: Option<Application>,
    principal: Option<ServicePrincipal>,
) -> Outcome {
    let application = observed.app(adopt).cloned().or(made.application).or(application);
    let principal = observed.principal().cloned().or(made.principal).or(principal);
    Outcome { steps, observed, application, principal, secret: made.secret }
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

fn rows(first: &[PlannedStep], last: &[PlannedStep], made: &Made, evidence: &Evidence) -> Vec<StepOutcome> {
    let row = |(before, after): (&PlannedStep, &PlannedStep)| {
        let touched = made.touched(before.name);
        let result = match after.assessment.state {
            State::Done if touched => StepResult::Done,
            State::Done => StepResult::AlreadyDone,
            State::Pending => StepResult::Pending,
            State::NotDone => StepResult::NotConfirmed,
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

fn check_permissions(graph: Graph<'_>, voice: Voice<'_>, steps: &[PlannedStep]) -> Result<(), RunError> {
    let token = graph.tokens.get(&graph.call).map_err(GraphError::from)?;
    if let Some(claims) = token.claims.as_ref() {
        let changing = steps.iter().filter(|step| step.changes());
        for doubt in sign_in_needs::doubts(changing.map(|step| step.name), claims) {
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
