//! A secret that an earlier run asked for and that is not known to be in place: its start was written down before the request left.

use std::time::Duration;

use time::OffsetDateTime;

use crate::agreeing::{Agreeing, ENOUGH};
use crate::apply::RunError;
use crate::lost_secret::{LONG_ENOUGH, remove};
use crate::observe::observe;
use crate::unclaimed;
use pp_base::call::Call;
use pp_base::cancel::Cancelled;
use pp_base::retry::{Budget, Tries};
use pp_graph::Graph;
use pp_graph::reaction::Reaction;
use pp_runbook::observed::{LookUp, Observed};
use pp_runbook::placed::placed_at;
use pp_runbook::step::StepName;
use pp_runbook::types::{Application, PasswordCredential};
use pp_runbook::wanted::{SECRET_NAME, Wanted};
use pp_runbook::which::Which;

/// Waiting time for one that may not show yet, or may be on its way into its vault.
const PATIENCE: Duration = Duration::from_mins(2);

/// How long after it was asked for a secret may come into its vault, though whoever sent it there is gone: half a minute until it is
/// sent, and as long as a request may take.
const ON_ITS_WAY: Duration = Duration::from_mins(1);

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
    /// It is not there, and may come back with its application, which was deleted.
    WithDeleted,
    /// It was put in place, as the tenant remembers or a look there shows.
    Placed {
        /// Its id.
        key_id: String,
        /// The application's (client) id.
        app_id: String,
        /// The sink's name for the place.
        place: String,
    },
    /// It is there, and is left alone: somebody may have its text, or it may lie where it was to go.
    Left {
        /// Its id.
        key_id: String,
        /// The application's (client) id.
        app_id: String,
        /// Its text was left with a session.
        unclaimed: bool,
        /// Why it isn't known whether it lies where it was to go.
        doubt: Option<String>,
    },
}

/// What a look at the place says that a secret was to go to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AtPlace {
    /// It lies there: the sink's name for the place.
    There(String),
    /// It may, and why that isn't known.
    Unknown(String),
    /// It was not seen there. That proves nothing: it may be on its way, or with somebody.
    NotSeen,
}

/// Looks at the place that a secret of an application was to go to.
pub type Look<'a> = &'a dyn Fn(Graph<'_>, &Application, &PasswordCredential) -> Result<AtPlace, Cancelled>;

impl Orphan {
    fn is(&self, secret: &PasswordCredential) -> bool {
        match &self.key_id {
            Some(id) => secret.key_id.eq_ignore_ascii_case(id),
            None => secret.display_name.as_deref() == Some(SECRET_NAME) && secret.start_date_time == Some(self.start),
        }
    }
}

/// Removes that secret and no other, in the very application that it was asked for in, unless it lies where it was to go, or may, or
/// somebody may have its text: a session that could not put it in place may have shown it. One that doesn't show counts as never made once
/// it would, and looks agree: a replica may lag. An application that is gone for good has taken it along.
pub fn settle(graph: Graph<'_>, orphan: &Orphan, look: Look<'_>) -> Result<Fate, RunError> {
    let budget = Budget::new(PATIENCE);
    let graph = Graph { call: Call { budget: &budget, ..graph.call }, ..graph };
    // By its id, whatever this run calls its own: else one that isn't looked into would count as one that doesn't have it.
    let which = Which { app_id: Some(orphan.app_id.clone()), ..Which::default() };
    let wanted = Wanted { steps: vec![StepName::ClientSecret], which, adopt: true, ..Wanted::everything() };
    let (mut tries, mut missing, mut removed) = (Tries::default(), Agreeing::default(), None);
    loop {
        missing.wait(&graph)?;
        let observed = observe(&graph, &[LookUp::Application, LookUp::Deleted], &wanted, None)?;
        let application = observed.app(wanted.adopt);
        let found =
            application.and_then(|app| Some((app, app.password_credentials.iter().find(|one| orphan.is(one))?)));
        let gone = observed.application.is_ok() && application.is_none();
        let deleted = if gone { may_come_back(&observed, &orphan.app_id) } else { Some(false) };
        if deleted == Some(true) {
            return Ok(Fate::WithDeleted);
        }
        let misses = missing.count(found.is_none() && observed.application.is_ok() && deleted.is_some(), &graph);
        let mut asked = None;
        match found {
            Some((application, secret)) => match may_go(graph, orphan, look, application, secret)? {
                MayGo::Never(fate) => return Ok(fate),
                MayGo::In(time) => asked = Some(time),
                MayGo::Now => match remove(graph, &application.id, &secret.key_id) {
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

/// Whether an application that isn't there was deleted, so that it can be restored with its secrets; none where another look may tell.
fn may_come_back(observed: &Observed, app_id: &str) -> Option<bool> {
    match &observed.deleted_applications {
        Ok(all) => Some(all.iter().any(|deleted| deleted.application.app_id.eq_ignore_ascii_case(app_id))),
        Err(unread) if unread.passing => None,
        // A cloud without such a list restores nothing.
        Err(unread) => Some(!unread.lacking),
    }
}

/// Whether one that is there may be removed.
enum MayGo {
    /// This is what became of it.
    Never(Fate),
    /// Once so much time has passed, where another look shows the same.
    In(Duration),
    Now,
}

fn may_go(
    graph: Graph<'_>,
    orphan: &Orphan,
    look: Look<'_>,
    application: &Application,
    secret: &PasswordCredential,
) -> Result<MayGo, Cancelled> {
    let (key_id, app_id) = (secret.key_id.clone(), application.app_id.clone());
    if placed_at(application, secret).is_some() {
        let place = "in place, as the tenant remembers".to_owned();
        return Ok(MayGo::Never(Fate::Placed { key_id, app_id, place }));
    }
    let unclaimed = orphan.unclaimed || unclaimed::find(&key_id).is_some();
    let doubt = match look(graph, application, secret)? {
        AtPlace::There(place) => return Ok(MayGo::Never(Fate::Placed { key_id, app_id, place })),
        AtPlace::Unknown(why) => Some(why),
        AtPlace::NotSeen if unclaimed => None,
        AtPlace::NotSeen => {
            let age = Duration::try_from(graph.now() - orphan.start).unwrap_or_default();
            let left = ON_ITS_WAY.saturating_sub(age);
            return Ok(if left.is_zero() { MayGo::Now } else { MayGo::In(left) });
        }
    };
    Ok(MayGo::Never(Fate::Left { key_id, app_id, unclaimed, doubt }))
}
