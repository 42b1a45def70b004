//! A secret that an earlier run asked for and that is not known to be in place: its start was written down before the request left.

use std::time::Duration;

use time::OffsetDateTime;

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

/// Waiting time for one that may not show yet.
const PATIENCE: Duration = Duration::from_mins(1);

/// A secret that was asked for.
#[derive(Debug, Clone)]
pub struct Orphan {
    /// The very start that was sent.
    pub start: OffsetDateTime,
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

/// Removes that secret and no other, in the application that `wanted` names, unless somebody may have its text: a session that could not
/// put it in place may have shown it. One that doesn't show counts as never made once it would: a replica may lag.
pub fn settle(graph: Graph<'_>, wanted: &Wanted, orphan: &Orphan) -> Result<Fate, RunError> {
    let budget = Budget::new(PATIENCE);
    let graph = Graph { call: Call { budget: &budget, ..graph.call }, ..graph };
    let (mut tries, mut removed) = (Tries::default(), None);
    loop {
        let observed = observe(&graph, &[LookUp::Application], wanted, None)?;
        let application = observed.app(wanted.adopt);
        let found =
            application.and_then(|app| Some((app, app.password_credentials.iter().find(|one| orphan.is(one))?)));
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
            None if observed.application.is_ok() && graph.now() - orphan.start >= LONG_ENOUGH => {
                return Ok(removed.map_or(Fate::NeverThere, Fate::Removed));
            }
            None => {}
        }
        let why = "looking for a client secret that an earlier run had asked for";
        if !tries.again(graph.clock, &graph.call, asked, why)? {
            return Err(RunError::NotConverged(why.to_owned()));
        }
    }
}
