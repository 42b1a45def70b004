//! Carrying a plan out until the tenant is as it should be.
//!
//! A run is a loop: read, plan, carry out, and again after what passes by itself. What the run knows it made counts as
//! there while the service does not show it yet, so that lag never makes a second one. What can't be taken back comes
//! when all of that is confirmed.

use thiserror::Error;

use crate::agreeing::Absent;
use crate::carry_out::{CarryOut, Halt, Trouble};
use crate::evidence::Evidence;
use crate::holder::check_writes;
use crate::irreversible;
use crate::journal::Journal;
use crate::lost_secret::take_back_made;
use crate::made::Made;
use crate::made::MadeSecret;
use crate::missing_secret::MissingSecret;
use crate::nothing_to_restore::Nothing;
use crate::observe::observe;
use crate::other_secrets::{Known, settle};
use crate::outcome::{Outcome, StepOutcome, StepResult, outcome, rows};
use crate::verify::{Seen, look_again, verify};
use pp_base::cancel::Cancelled;
use pp_base::retry::Tries;
use pp_graph::Graph;
use pp_graph::error::GraphError;
use pp_runbook::change::Change;
use pp_runbook::observed::{AppIds, Found, LookUp, Observed};
use pp_runbook::other_secrets;
use pp_runbook::plan::{PlannedStep, changing, judge, plan, reads};
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
    /// What was decided, and why.
    pub debug: &'a (dyn Fn(&str) + Sync),
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
    /// The run ended while a secret was or may have been made whose text nobody has, and it could not be taken back.
    #[error("{error}. Besides, {left}")]
    SecretLeft {
        /// Why it ended.
        error: Box<RunError>,
        /// Where it is, or how it is found and removed.
        left: String,
        /// The one that was made, whose text is here and nowhere else.
        secret: Option<Box<LeftSecret>>,
    },
    /// A plan that was kept is carried out, and the tenant has moved meanwhile.
    #[error("step {0} would now take a change that the plan doesn't hold: someone else is at work in this tenant")]
    NotPlanned(StepName),
    /// The same, after the run has restored a service principal.
    #[error(
        "step {0} would now take a change that the plan doesn't hold: what came back with the restored service principal needs it, and \
         was not to be seen before. Plan again for the rest"
    )]
    NotPlannedOfRestored(StepName),
    /// What is about to be made can't be written down, so it was not asked for.
    #[error("no client secret is asked for: {0}")]
    NotWrittenDown(String),
}

/// A secret that was made for nobody and could not be taken back.
#[derive(Debug)]
pub struct LeftSecret {
    /// Its application's (client) id.
    pub app_id: String,
    /// The secret.
    pub secret: MadeSecret,
}

impl LeftSecret {
    /// Where it is.
    pub(crate) fn words(&self) -> String {
        format!("{}, since it could not be taken back", other_secrets::unclaimed(&self.secret.key_id))
    }
}

impl RunError {
    /// The same error, and what it leaves.
    pub(crate) fn left(error: Self, left: String, secret: Option<LeftSecret>) -> Self {
        Self::SecretLeft { error: Box::new(error), left, secret: secret.map(Box::new) }
    }
}

impl From<GraphError> for RunError {
    fn from(error: GraphError) -> Self {
        Self::Graph { step: None, error }
    }
}

impl From<Cancelled> for RunError {
    fn from(cancelled: Cancelled) -> Self {
        GraphError::from(cancelled).into()
    }
}

/// Carries out what `wanted` lacks. `seen` is the tenant as a plan saw it a moment ago.
pub fn apply(graph: Graph<'_>, voice: Voice<'_>, wanted: &Wanted, seen: Option<Observed>) -> Result<Outcome, RunError> {
    apply_only(graph, voice, wanted, seen, Limits::default())
}

/// What a run is held to.
#[derive(Debug, Default)]
pub struct Limits<'a> {
    /// All that may be sent, where a plan that was kept is carried out; else whatever a look calls for.
    pub approved: Option<Vec<Change>>,
    /// The steps whose grave changes the caller was asked about; none: of all of them.
    pub asked: Option<Vec<StepName>>,
    /// Steps that had something to change and that the caller has declined: what can't be taken back waits for them.
    pub declined: Vec<StepName>,
    /// Steps that were wanted and that this run doesn't take, since they were done when its plan was made. What can't be taken back
    /// waits for them all the same.
    pub before: Vec<StepName>,
    /// Where the secrets that it makes are written down.
    pub journal: Option<&'a dyn Journal>,
}

/// The same, held to these limits.
pub fn apply_only<'a>(
    graph: Graph<'a>,
    voice: Voice<'a>,
    wanted: &Wanted,
    seen: Option<Observed>,
    limits: Limits<'a>,
) -> Result<Outcome, RunError> {
    let look_ups = reads(&wanted.steps);
    let mut observed = match seen {
        Some(observed) => observed,
        None => observe(&graph, &look_ups, wanted, None)?,
    };
    let mut run = Run {
        before: other_secrets::ids(&observed, wanted),
        carry_out: CarryOut::new(graph, voice, wanted.clone(), limits),
        missing_secret: MissingSecret::default(),
        nothing: Nothing::default(),
        first: None,
    };
    if let Err(error) = run.until_done(&mut observed, &look_ups) {
        return Err(run.carry_out.leave_no_secret(&observed, error));
    }
    let Run { before, carry_out, first, .. } = run;
    let known = Known { before, removed: carry_out.made.removed.clone(), lost: carry_out.made.lost.clone() };
    let mut outcome = finish(carry_out, observed, &first.unwrap_or_default())?;
    settle(graph, voice, &known, &mut outcome, wanted);
    Ok(outcome)
}

/// A run before what can't be taken back.
struct Run<'a> {
    carry_out: CarryOut<'a>,
    missing_secret: MissingSecret,
    nothing: Nothing,
    /// Ids of the secrets that were there.
    before: Vec<String>,
    /// The first plan: what the caller is told about.
    first: Option<Vec<PlannedStep>>,
}

impl Run<'_> {
    /// Passes until one comes to its end; between them it waits and reads again.
    fn until_done(&mut self, observed: &mut Observed, look_ups: &[LookUp]) -> Result<(), RunError> {
        let (graph, wanted) = (self.carry_out.graph, self.carry_out.wanted.clone());
        let (mut tries, mut absent, mut progress) = (Tries::default(), Absent::default(), 0);
        while let Err(halt) = self.pass(observed) {
            let so_far = self.carry_out.progress();
            if so_far > progress {
                tries.start_over();
            }
            progress = so_far;
            wait_out(&graph, &mut tries, halt)?;
            let known = self.carry_out.known(observed);
            let before = std::mem::replace(observed, observe(&graph, look_ups, &wanted, known.as_ref())?);
            if let Some(lost) = &mut self.carry_out.lost_secret {
                lost.shown = observed.app(wanted.adopt).is_some();
            }
            // What a look has shown isn't made again, unless it stays away.
            let not_found = known.is_some() && observed.application == Ok(Found::None);
            if !absent.count(not_found, &graph) && not_found {
                observed.application = before.application;
            }
        }
        Ok(())
    }

    /// Plans from what was read, and carries that out.
    fn pass(&mut self, observed: &mut Observed) -> Result<(), Halt> {
        let Self { carry_out, missing_secret, nothing, before, first } = self;
        let (graph, voice, wanted) = (carry_out.graph, carry_out.voice, carry_out.wanted.clone());
        carry_out.made.complete(observed);
        let mut steps =
            planned(observed, &wanted, graph).map_err(|halt| halt.where_passing(|p| nothing.may_pass(p, &graph)))?;
        carry_out.hold_unasked(&mut steps);
        for step in &steps {
            (voice.debug)(&step.told());
        }
        if first.is_none() {
            check_permissions(graph, voice, &steps)?;
        }
        let known = carry_out.known(observed);
        while carry_out.misses_secret(&steps) && missing_secret.look_again(&graph, &wanted, known.as_ref(), observed)? {
            *before = other_secrets::ids(observed, &wanted);
            steps = planned(observed, &wanted, graph)?;
            carry_out.hold_unasked(&mut steps);
        }
        first.get_or_insert_with(|| steps.clone());
        carry_out.carry_out(observed, &steps)
    }
}

/// The plan; what can't be read for a moment asks for another look.
pub(crate) fn planned(observed: &Observed, wanted: &Wanted, graph: Graph<'_>) -> Result<Vec<PlannedStep>, Halt> {
    match plan(observed, wanted, graph.now()) {
        Ok(steps) => Ok(steps),
        Err(Problem::NotReadable { step, unread }) if unread.passing => {
            Err(Trouble::new(None, Problem::NotReadable { step, unread }.into()).into())
        }
        Err(problem) => Err(RunError::from(problem).into()),
    }
}

/// What was written is confirmed; what can't be taken back follows.
fn finish(mut run: CarryOut<'_>, observed: Observed, first: &[PlannedStep]) -> Result<Outcome, RunError> {
    let (graph, known) = (run.graph, run.known(&observed));
    let (application, principal) = (observed.app(run.wanted.adopt).cloned(), observed.principal().cloned());
    let Seen { mut observed, evidence, agreed } = confirm(&run, observed, first, known.as_ref())?;
    let mut steps = rows(first, &judge(&observed, &run.wanted, graph.now()), &run.made, &evidence);
    run.tell_unasked(&mut steps);
    if let Some(why) = evidence.refusal() {
        (run.voice.warning)(&format!("the new client secret: {why}{}", run.made.secret_words()));
    }
    if !agreed {
        let touched = |step| run.made.touched(step);
        not_confirmed(&mut steps, touched, &run.made, run.voice)?;
    }
    let failed = match irreversible::carry_out(&mut run, &observed, first, &mut steps) {
        Ok(None) => None,
        Ok(Some(last)) => {
            let own = |step| last.steps.contains(&step);
            observed.take_over(last.seen.observed);
            let after = rows(first, &judge(&observed, &run.wanted, graph.now()), &run.made, &evidence);
            steps.iter_mut().zip(after).filter(|(row, _)| own(row.step)).for_each(|(row, after)| *row = after);
            if !last.seen.agreed {
                not_confirmed(&mut steps, own, &run.made, run.voice)?;
            }
            None
        }
        Err(error) => Some(keep_secret(&run, known.as_ref(), error)?),
    };
    let secret_proven = run.made.secret.is_some() && agreed && evidence.secret_is_right();
    let outcome = outcome(steps, observed, run.made, run.wanted.adopt, application, principal, failed);
    Ok(Outcome { secret_proven, ..outcome })
}

/// A secret that was made must reach the caller whatever else happens, since nobody can read it again; unless the caller
/// has gone: then it is taken back.
fn keep_secret(run: &CarryOut<'_>, known: Option<&AppIds>, error: RunError) -> Result<RunError, RunError> {
    let Some(secret) = &run.made.secret else { return Err(error) };
    if !matches!(&error, RunError::Graph { error, .. } if error.is_cancelled()) {
        return Ok(error);
    }
    match known {
        Some(known) if !take_back_made(run.graph, &run.wanted, known, &secret.key_id) => {
            let secret = LeftSecret { app_id: known.app_id.clone(), secret: secret.clone() };
            Err(RunError::left(error, secret.words(), Some(secret)))
        }
        Some(_) => {
            run.note(|journal| journal.removed(&secret.key_id));
            Err(error)
        }
        None => Err(error),
    }
}

/// Reads back what was made or found there, where something was. Where nothing was, the plan's look may be minutes old: what can't be
/// taken back goes by what is there now.
fn confirm(
    run: &CarryOut<'_>,
    observed: Observed,
    first: &[PlannedStep],
    known: Option<&AppIds>,
) -> Result<Seen, RunError> {
    if run.made.steps().next().is_none() {
        let done = irreversible::waits_for(first);
        let observed = if done.is_empty() { observed } else { look_again(run.graph, &run.wanted, done, known)? };
        return Ok(Seen { observed, evidence: Evidence::default(), agreed: true });
    }
    verify(run.graph, run.voice, &run.wanted, &run.made, &observed, known).or_else(|error| {
        let error = keep_secret(run, known, error.into())?;
        (run.voice.warning)(&format!("what was written could not be read back: {error}{}", run.made.secret_words()));
        Ok(Seen { observed, evidence: Evidence::default(), agreed: false })
    })
}

/// Written but not seen: an error, unless a secret was made, which an error would lose.
fn not_confirmed(
    steps: &mut [StepOutcome],
    written: impl Fn(StepName) -> bool,
    made: &Made,
    voice: Voice<'_>,
) -> Result<(), RunError> {
    let mut open = Vec::new();
    for row in steps.iter_mut().filter(|row| written(row.step) && row.result != StepResult::Pending) {
        row.result = StepResult::NotConfirmed;
        open.push(row.step.name());
    }
    let text = format!("written, but not yet seen everywhere in the tenant: {}", open.join(", "));
    if made.secret.is_none() {
        return Err(RunError::NotConverged(text));
    }
    (voice.warning)(&format!("{text}. Check later with Test-PPFederation{}", made.secret_words()));
    Ok(())
}

fn check_permissions(graph: Graph<'_>, voice: Voice<'_>, steps: &[PlannedStep]) -> Result<(), RunError> {
    let changing = changing(steps);
    if let Some(holder) = check_writes(&graph, &changing)? {
        for doubt in sign_in_needs::doubts(changing.into_iter(), &holder) {
            (voice.warning)(&doubt);
        }
    }
    Ok(())
}

/// Waits before another look, where that may help.
pub(crate) fn wait_out(graph: &Graph<'_>, tries: &mut Tries, halt: Halt) -> Result<(), RunError> {
    let trouble = match halt {
        Halt::LookAgain(trouble) => trouble,
        Halt::Stop(error) => return Err(*error),
    };
    let again = tries.again(graph.clock, &graph.call, trouble.asked, &trouble.error.to_string())?;
    if again { Ok(()) } else { Err(spent(*trouble.error)) }
}

/// The service's last words, as a run that may be taken up again.
fn spent(error: RunError) -> RunError {
    match error {
        RunError::Problem(problem) => RunError::Problem(problem),
        RunError::NotPlanned(step) => RunError::NotPlanned(step),
        RunError::NotPlannedOfRestored(step) => RunError::NotPlannedOfRestored(step),
        RunError::NotWrittenDown(why) => RunError::NotWrittenDown(why),
        other @ (RunError::Graph { .. } | RunError::NotConverged(_) | RunError::SecretLeft { .. }) => {
            RunError::NotConverged(other.to_string())
        }
    }
}
