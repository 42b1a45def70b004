//! Reading back what a run wrote: a fresh token of the new secret proves what it carries; the rest is there once two reads
//! in a row agree, with time between them.

use crate::agreeing::{self, Agreeing};
use crate::application_sign_in::{Trial, until_shown};
use crate::apply::Voice;
use crate::evidence::Evidence;
use crate::made::{Made, MadeSecret};
use crate::name_taken::LONG_ENOUGH;
use crate::observe::observe;
use pp_base::call::Call;
use pp_base::cancel::CancelSource;
use pp_base::retry::Tries;
use pp_graph::Graph;
use pp_graph::error::GraphError;
use pp_runbook::observed::{AppIds, LookUp, Observed};
use pp_runbook::permissions::{Kind, grantable};
use pp_runbook::plan::{is_settled, judge, reads};
use pp_runbook::step::StepName;
use pp_runbook::wanted::Wanted;
use pp_sign_in::error::SignInError;

/// What was read back.
pub(crate) struct Seen {
    pub(crate) observed: Observed,
    pub(crate) evidence: Evidence,
    /// All of it was seen within the retry budget.
    pub(crate) agreed: bool,
}

/// Reads until all of it was seen, or the retry budget is spent. `before` tells what the tenant offers.
pub(crate) fn verify(
    graph: Graph<'_>,
    voice: Voice<'_>,
    wanted: &Wanted,
    made: &Made,
    before: &Observed,
    known: Option<&AppIds>,
) -> Result<Seen, GraphError> {
    (voice.progress)("Reading back what was written", 80);
    let mut agreeing = Agreeing::default();
    let read_until = |looks, agreeing: &mut Agreeing| read_until(looks, agreeing, graph, wanted, made, known);
    let mut first = || read_until(1, &mut agreeing);
    let ((mut observed, mut agreed), evidence) = match made.secret.as_ref().zip(known) {
        Some((secret, known)) => {
            let principal_changed = made.touched(StepName::ServicePrincipal) && !is_deactivated(before, wanted);
            let grantable = grantable(before, Kind::Application);
            let trial = Trial { app_id: &known.app_id, secret: &secret.text, grantable: &grantable, principal_changed };
            beside(graph, first, |graph| until_shown(graph, &trial, &wanted.steps))?
        }
        None => (first()?, Evidence::default()),
    };
    if agreed && !made.steps().all(|step| evidence.proves(step)) {
        (observed, agreed) = read_until(agreeing::ENOUGH, &mut agreeing)?;
    }
    let shown = made.secret.is_none() || evidence.suffices(&wanted.steps) || evidence.is_final();
    Ok(Seen { observed, evidence, agreed: agreed && shown })
}

/// True where the application, or its service principal, gets no tokens by somebody's will, which no run changes.
fn is_deactivated(observed: &Observed, wanted: &Wanted) -> bool {
    let application = observed.app(wanted.adopt).map(|application| &application.deactivation);
    let principal = observed.principal().map(|principal| &principal.deactivation);
    application.into_iter().chain(principal).any(|deactivation| deactivation.words().is_some())
}

/// Reads, and signs in beside it on a thread of its own, which ends with the caller's cancel, and where the reading fails.
fn beside<T>(
    graph: Graph<'_>,
    read: impl FnOnce() -> Result<T, GraphError>,
    sign_in: impl FnOnce(Graph<'_>) -> Result<Evidence, GraphError> + Send,
) -> Result<(T, Evidence), GraphError> {
    let (source, cancel) = CancelSource::new();
    let (ends, ended) = CancelSource::new();
    let check = move || {
        let _ends = ends;
        sign_in(Graph { call: Call { cancel: &cancel, ..graph.call }, ..graph })
    };
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("pp-sign-in".into()).spawn_scoped(scope, check);
        let thread =
            thread.map_err(|e| GraphError::from(SignInError::Local(format!("no thread for the sign-in: {e}"))))?;
        let read = read();
        if read.is_ok() {
            ended.wait_for_either(graph.call.cancel);
        }
        source.cancel();
        // A panic there is a bug, which must stay one here.
        let evidence = thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        Ok((read?, evidence?))
    })
}

/// Reads until two reads agree, or the retry budget is spent.
pub(crate) fn read_back(
    graph: Graph<'_>,
    wanted: &Wanted,
    made: &Made,
    known: Option<&AppIds>,
) -> Result<(Observed, bool), GraphError> {
    read_until(agreeing::ENOUGH, &mut Agreeing::default(), graph, wanted, made, known)
}

/// Reads these steps, which an earlier look has found done, until two reads agree that they still are: for half a minute one that lags
/// may say otherwise.
pub(crate) fn look_again(
    graph: Graph<'_>,
    wanted: &Wanted,
    done: Vec<StepName>,
    known: Option<&AppIds>,
) -> Result<Observed, GraphError> {
    let made = Made { found: done, ..Made::default() };
    read_back(graph, wanted, &made, known).map(|(observed, _)| observed)
}

/// Reads until so many looks in a row show everything, or the retry budget is spent.
fn read_until(
    looks: u32,
    agreeing: &mut Agreeing,
    graph: Graph<'_>,
    wanted: &Wanted,
    made: &Made,
    known: Option<&AppIds>,
) -> Result<(Observed, bool), GraphError> {
    let look_ups: Vec<LookUp> = reads(&wanted.steps);
    let (mut tries, since) = (Tries::default(), graph.clock.elapsed());
    loop {
        agreeing.wait(&graph)?;
        let observed = observe(&graph, &look_ups, wanted, known)?;
        let found = graph.clock.elapsed().saturating_sub(since) < LONG_ENOUGH;
        let shown = shows(&observed, graph, wanted, made, found);
        if agreeing.count(shown, &graph) >= looks {
            return Ok((observed, true));
        }
        if !shown && !tries.again(graph.clock, &graph.call, None, "not everything written is visible yet")? {
            return Ok((observed, false));
        }
    }
}

/// True when a read shows everything this run wrote, and what it `found` there, where that still counts.
fn shows(observed: &Observed, graph: Graph<'_>, wanted: &Wanted, made: &Made, found: bool) -> bool {
    let mut steps = judge(observed, wanted, graph.now());
    steps.retain(|step| made.touched(step.name) || (found && made.found.contains(&step.name)));
    let secret = |secret: &MadeSecret| {
        let secrets = observed.app(wanted.adopt).map(|app| app.password_credentials.as_slice());
        secrets.unwrap_or_default().iter().any(|has| has.key_id == secret.key_id)
    };
    is_settled(&steps, observed)
        && (!wanted.includes(StepName::ClientSecret) || made.secret.as_ref().is_none_or(secret))
}
