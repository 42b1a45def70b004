//! A secret that an earlier run asked for and that is not known to be in place: its start was written down before the request left.

use std::time::Duration;

use time::OffsetDateTime;

use crate::agreeing::{Agreeing, ENOUGH};
use crate::apply::RunError;
use crate::lost_secret::{LONG_ENOUGH, remove};
use crate::observe::observe;
use crate::unclaimed;
use pp_base::call::Call;
use pp_base::retry::{Budget, Tries};
use pp_graph::Graph;
use pp_graph::reaction::Reaction;
use pp_runbook::observed::LookUp;
use pp_runbook::placed::placed_at;
use pp_runbook::step::StepName;
use pp_runbook::types::PasswordCredential;
use pp_runbook::wanted::{SECRET_NAME, Wanted};
use pp_runbook::which::Which;

/// Waiting time for one that may not show yet.
const PATIENCE: Duration = Duration::from_mins(1);

/// A secret that was asked for.
#[derive(Debug, Clone)]
pub struct Orphan {
    /// The very start that was sent.
    pub start: OffsetDateTime,
    /// The application's (client) id.
    pub app_id: String,
    /// Its id, where the answer was written down.
    pub key_id: Option<String>,
    /// Its text was left with the session that made it.
    pub unclaimed: bool,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It was there, and is gone now: its id.
    Removed(String),
    /// It is not there.
    NeverThere,
    /// The tenant remembers that it was put in place.
    Placed {
        /// Its id.
        key_id: String,
        /// The application's (client) id.
        app_id: String,
    },
    /// It is there, and somebody may have its text: its id.
    Unclaimed(String),
}

impl Orphan {
    fn is(&self, secret: &PasswordCredential) -> bool {
        match &self.key_id {
            Some(id) => secret.key_id.eq_ignore_ascii_case(id),
            None => secret.display_name.as_deref() == Some(SECRET_NAME) && secret.start_date_time == Some(self.start),
        }
    }
}

/// Removes that secret and no other, in the very application that it was asked for in, unless somebody may have its text: a session that
/// could not put it in place may have shown it. One that doesn't show counts as never made once it would, and looks agree: a replica may
/// lag. An application that is gone has taken it along.
pub fn settle(graph: Graph<'_>, orphan: &Orphan) -> Result<Fate, RunError> {
    let budget = Budget::new(PATIENCE);
    let graph = Graph { call: Call { budget: &budget, ..graph.call }, ..graph };
    // By its id, whatever this run calls its own: else one that isn't looked into would count as one that doesn't have it.
    let which = Which { app_id: Some(orphan.app_id.clone()), ..Which::default() };
    let wanted = Wanted { steps: vec![StepName::ClientSecret], which, adopt: true, ..Wanted::everything() };
    let (mut tries, mut missing, mut removed) = (Tries::default(), Agreeing::default(), None);
    loop {
        missing.wait(&graph)?;
        let observed = observe(&graph, &[LookUp::Application], &wanted, None)?;
        let application = observed.app(wanted.adopt);
        let found =
            application.and_then(|app| Some((app, app.password_credentials.iter().find(|one| orphan.is(one))?)));
        let misses = missing.count(found.is_none() && observed.application.is_ok(), &graph);
        let mut asked = None;
        match found {
            Some((application, secret)) if placed_at(application, secret).is_some() => {
                return Ok(Fate::Placed { key_id: secret.key_id.clone(), app_id: application.app_id.clone() });
            }
            Some((_, secret)) if orphan.unclaimed || unclaimed::find(&secret.key_id).is_some() => {
                return Ok(Fate::Unclaimed(secret.key_id.clone()));
            }
            Some((application, secret)) => match remove(graph, &application.id, &secret.key_id) {
                Ok(()) => return Ok(Fate::Removed(secret.key_id.clone())),
                Err(error)
                    if matches!(error.reaction(), Reaction::NotFound | Reaction::Real) && !error.is_cancelled() =>
                {
                    // What is gone is refused, while a lagging replica still shows it.
                    removed = Some(secret.key_id.clone());
                }
                Err(error) if error.passes() => asked = error.retry_after(),
                Err(error) => return Err(RunError::Graph { step: Some(StepName::ClientSecret), error }),
            },
            None if misses >= ENOUGH && graph.now() - orphan.start >= LONG_ENOUGH => {
                return Ok(removed.map_or(Fate::NeverThere, Fate::Removed));
            }
            // Another look says more than waiting any longer.
            None if misses > 0 && graph.now() - orphan.start >= LONG_ENOUGH => continue,
            None => {}
        }
        let why = "looking for a client secret that an earlier run had asked for";
        if !tries.again(graph.clock, &graph.call, asked, why)? {
            return Err(RunError::NotConverged(why.to_owned()));
        }
    }
}
