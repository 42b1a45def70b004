//! Having the tenant remember that a secret was put where it is used, and seeing that it does.

use std::time::Duration;

use time::OffsetDateTime;
use uuid::Uuid;

use crate::agreeing::{self, Agreeing};
use crate::apply::RunError;
use crate::lost_secret::LONG_ENOUGH;
use crate::observe::{item, observe};
use pp_base::call::Call;
use pp_base::retry::{Budget, Tries};
use pp_graph::Graph;
use pp_graph::batch::Order;
use pp_graph::reaction::Reaction;
use pp_runbook::change::{ApplicationProperties, ChangeKind};
use pp_runbook::change_request::Ids;
use pp_runbook::client_secrets::application;
use pp_runbook::observed::{AppIds, LookUp, Observed};
use pp_runbook::placed::{has, placed_at, shows, with_tag};
use pp_runbook::problem::Problem;
use pp_runbook::step::StepName;
use pp_runbook::steps::client_secret::valid_secrets;
use pp_runbook::types::Application;
use pp_runbook::wanted::Wanted;

/// Waiting time for one that may not show yet.
const PATIENCE: Duration = Duration::from_mins(1);

/// A secret that was put in place and that works.
#[derive(Debug, Clone)]
pub struct InPlace {
    /// Its id.
    pub key_id: String,
    /// Its application's ids.
    pub ids: AppIds,
    /// Whether the tenant remembers it.
    pub remembered: bool,
}

/// The newest of these secrets, known by start and id to have been put in place, that works. One that doesn't show counts as gone
/// once it would, and looks agree: a replica may lag.
pub fn look_for(
    graph: Graph<'_>,
    wanted: &Wanted,
    placed: &[(OffsetDateTime, Uuid)],
) -> Result<Option<InPlace>, RunError> {
    let budget = Budget::new(PATIENCE);
    let graph = Graph { call: Call { budget: &budget, ..graph.call }, ..graph };
    let (mut tries, mut missing) = (Tries::default(), Agreeing::default());
    loop {
        missing.wait(&graph)?;
        let observed = observe(&graph, &[LookUp::Application], wanted, None)?;
        let application = match &observed.application {
            Ok(found) => Some(found.resolve(wanted)?),
            Err(unread) if unread.passing => None,
            Err(unread) => {
                return Err(Problem::NotReadable { step: StepName::ClientSecret, unread: unread.clone() }.into());
            }
        };
        if let Some(found) = application.flatten().and_then(|application| newest(application, placed, graph.now())) {
            return Ok(Some(found));
        }
        let misses = missing.count(application.is_some(), &graph);
        if misses > 0 && placed.iter().all(|(start, _)| graph.now() - *start >= LONG_ENOUGH) {
            if misses >= agreeing::ENOUGH {
                return Ok(None);
            }
            // Another look says more than waiting any longer.
            continue;
        }
        let why = "looking for a client secret that an earlier run had put in place";
        if !tries.again(graph.clock, &graph.call, None, why)? {
            return Err(RunError::NotConverged(why.to_owned()));
        }
    }
}

fn newest(application: &Application, placed: &[(OffsetDateTime, Uuid)], now: OffsetDateTime) -> Option<InPlace> {
    let works = valid_secrets(&application.password_credentials, now).into_iter();
    let known = works.filter(|secret| placed.iter().any(|(_, id)| id.to_string().eq_ignore_ascii_case(&secret.key_id)));
    let secret = known.max_by_key(|secret| secret.start_date_time)?;
    let remembered = placed_at(application, secret).is_some();
    Some(InPlace { key_id: secret.key_id.clone(), ids: AppIds::of(application), remembered })
}

/// Remembers that a secret was put in place, and reads back until it shows.
pub fn remember(graph: Graph<'_>, wanted: &Wanted, known: &AppIds, key_id: &str) -> Result<(), RunError> {
    let at = graph.now();
    let (mut tries, mut agreeing, mut written) = (Tries::default(), Agreeing::default(), false);
    loop {
        agreeing.wait(&graph)?;
        let observed = observe(&graph, &[LookUp::Application], wanted, Some(known))?;
        let mut asked = None;
        let application = application(&observed, wanted);
        let shown = application.as_ref().is_ok_and(|application| shows(application, key_id));
        match (agreeing.count(shown, &graph), application) {
            (agreeing::ENOUGH, _) => return Ok(()),
            (1.., _) => continue,
            (0, Ok(application)) if !written && has(application, key_id) => {
                (written, asked) = write(graph, application, key_id, at)?;
                if written {
                    // Most services show it at once.
                    continue;
                }
            }
            (0, Ok(_) | Err(_)) => {}
        }
        if !tries.again(graph.clock, &graph.call, asked, "what was put in place is not remembered yet")? {
            let what = format!("the application doesn't show yet that secret {key_id} was put in place");
            return Err(RunError::NotConverged(what));
        }
    }
}

/// The application, seen to remember that a secret was put in place, or as it was last seen when the budget was spent: a
/// rotation then takes nothing away.
pub fn look_until_placed(graph: Graph<'_>, wanted: &Wanted, key_id: &str) -> Result<Observed, RunError> {
    let mut tries = Tries::default();
    loop {
        let observed = observe(&graph, &[LookUp::Application], wanted, None)?;
        if application(&observed, wanted).is_ok_and(|application| shows(application, key_id)) {
            return Ok(observed);
        }
        if !tries.again(graph.clock, &graph.call, None, "the secret in place does not show yet")? {
            return Ok(observed);
        }
    }
}

/// True where it was taken; a write whose answer was lost is looked for by the next read.
fn write(
    graph: Graph<'_>,
    application: &Application,
    key_id: &str,
    at: OffsetDateTime,
) -> Result<(bool, Option<Duration>), RunError> {
    let properties = |tags| ApplicationProperties { tags: Some(tags), ..ApplicationProperties::default() };
    let (to, before) = (properties(with_tag(application, key_id, at)), properties(application.tags.clone()));
    let kind = ChangeKind::UpdateApplication { id: application.id.clone(), to, before };
    let ids = Ids { application: Some(&application.id), app_id: None, principal: None, upsert: false, start: at };
    let items: Vec<_> = kind.of(StepName::ClientSecret).request(&ids).map(item).into_iter().collect();
    let results = graph.write(&items, Order::Parallel);
    let error = match results.and_then(|all| all.into_iter().try_for_each(|result| result.map(drop))) {
        Ok(()) => return Ok((true, None)),
        Err(error) => error,
    };
    match error.reaction() {
        Reaction::Conflict | Reaction::Transient | Reaction::Throttled | Reaction::NotFound | Reaction::NotYet => {
            Ok((false, error.retry_after()))
        }
        _ => Err(RunError::Graph { step: Some(StepName::ClientSecret), error }),
    }
}
