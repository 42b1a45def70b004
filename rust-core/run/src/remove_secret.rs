//! Removing one client secret, until it is seen to be gone. A write whose answer was lost is looked for before it is sent
//! again.

use crate::agreeing::{self, Agreeing};
use crate::apply::{RunError, Voice};
use crate::holder::check_writes;
use crate::lost_secret;
use crate::observe::observe;
use pp_base::retry::Tries;
use pp_graph::Graph;
use pp_graph::error::GraphError;
use pp_graph::reaction::Reaction;
use pp_runbook::client_secrets::{Removal, plan_removal};
use pp_runbook::observed::{AppIds, LookUp, Observed};
use pp_runbook::placed::has;
use pp_runbook::problem::Problem;
use pp_runbook::step::StepName;
use pp_runbook::wanted::Wanted;

/// What became of a removal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gone {
    /// Removed by this call, and seen to be gone.
    Removed,
    /// Somebody else removed it at the same time.
    Already,
}

/// The removal as it is planned from the tenant. That a secret isn't there, or that no other works, must be seen in
/// several reads: a replica may lag.
pub fn look(graph: Graph<'_>, wanted: &Wanted, key_id: &str, force: bool) -> Result<(Observed, Removal), RunError> {
    let mut agreeing = Agreeing::default();
    loop {
        agreeing.wait(&graph)?;
        let observed = observe(&graph, &[LookUp::Application, LookUp::Organization], wanted, None)?;
        let problem = match plan_removal(&observed, wanted, key_id, force, graph.now()) {
            Ok(removal) => return Ok((observed, removal)),
            Err(problem) => problem,
        };
        let may_lag = matches!(problem, Problem::SecretNotFound { .. } | Problem::LastSecret(_));
        if !may_lag || agreeing.count(true, &graph) == agreeing::ENOUGH {
            return Err(problem.into());
        }
    }
}

/// Removes the secret and reads back until reads in a row don't show it.
pub fn remove(graph: Graph<'_>, voice: Voice<'_>, wanted: &Wanted, removal: &Removal) -> Result<Gone, RunError> {
    check_writes(&graph, &[StepName::ClientSecret])?;
    (voice.progress)("Removing the client secret", 20);
    let gone = send_until_taken(graph, wanted, removal)?;
    (voice.progress)("Reading back that it is gone", 70);
    see_gone(graph, wanted, removal)?;
    Ok(gone)
}

fn send_until_taken(graph: Graph<'_>, wanted: &Wanted, removal: &Removal) -> Result<Gone, RunError> {
    let (mut tries, mut unsure) = (Tries::default(), false);
    loop {
        let Err(error) = lost_secret::remove(graph, &removal.application.id, &removal.key_id) else {
            return Ok(Gone::Removed);
        };
        match error.reaction() {
            Reaction::Transient => unsure |= !error.nothing_was_sent(),
            // What is gone is refused.
            Reaction::Real => match is_there(graph, wanted, removal)? {
                // Where one of the writes may have been done, a look that still shows it may be a replica's that lags.
                Some(true) if !unsure => return Err(failed(error)),
                Some(false) => return Ok(if unsure { Gone::Removed } else { Gone::Already }),
                Some(true) | None => {}
            },
            // Straight after addPassword the service answers with a conflict; a replica may not know the application yet.
            Reaction::Conflict | Reaction::Throttled | Reaction::NotYet | Reaction::NotFound => {}
            _ => return Err(failed(error)),
        }
        wait(graph, &mut tries, error)?;
        if unsure && is_there(graph, wanted, removal)? == Some(false) {
            return Ok(Gone::Removed);
        }
    }
}

fn failed(error: GraphError) -> RunError {
    RunError::Graph { step: Some(StepName::ClientSecret), error }
}

fn wait(graph: Graph<'_>, tries: &mut Tries, error: GraphError) -> Result<(), RunError> {
    let again = tries.again(graph.clock, &graph.call, error.retry_after(), &error.to_string())?;
    if again { Ok(()) } else { Err(failed(error)) }
}

/// Whether the application shows the secret. A look that doesn't show the application says neither: a replica may lag; nor does one
/// that fails.
fn is_there(graph: Graph<'_>, wanted: &Wanted, removal: &Removal) -> Result<Option<bool>, RunError> {
    let known = AppIds::of(&removal.application);
    let observed = observe(&graph, &[LookUp::Application], wanted, Some(&known))?;
    match &observed.application {
        Ok(_) => Ok(observed.app(wanted.adopt).map(|application| has(application, &removal.key_id))),
        Err(unread) => {
            let unread = unread.clone();
            Err(Problem::NotReadable { step: StepName::ClientSecret, unread }.into())
        }
    }
}

fn see_gone(graph: Graph<'_>, wanted: &Wanted, removal: &Removal) -> Result<(), RunError> {
    let (mut agreeing, mut tries) = (Agreeing::default(), Tries::default());
    loop {
        agreeing.wait(&graph)?;
        let there = is_there(graph, wanted, removal)?;
        if agreeing.count(there == Some(false), &graph) == agreeing::ENOUGH {
            return Ok(());
        }
        let why = match there {
            Some(false) => continue,
            Some(true) => format!("secret {} is still shown", removal.key_id),
            None => "its application isn't shown, so it can't be seen that it is gone".to_owned(),
        };
        if !tries.again(graph.clock, &graph.call, None, &why)? {
            return Err(RunError::NotConverged(format!("removed, but {why}")));
        }
    }
}
