//! Having the tenant remember that a secret was put where it is used, and seeing that it does.

use std::time::Duration;

use time::OffsetDateTime;

use crate::agreeing::{self, Agreeing};
use crate::apply::RunError;
use crate::observe::{item, observe};
use pp_base::retry::Tries;
use pp_graph::Graph;
use pp_graph::batch::Order;
use pp_graph::reaction::Reaction;
use pp_runbook::change::{ApplicationProperties, ChangeKind};
use pp_runbook::change_request::Ids;
use pp_runbook::client_secrets::application;
use pp_runbook::observed::{AppIds, LookUp, Observed};
use pp_runbook::placed::{has, shows, with_tag};
use pp_runbook::step::StepName;
use pp_runbook::types::Application;
use pp_runbook::wanted::Wanted;

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
