//! What the tenant remembers of a secret that was put where it is used: a tag of the application names its key id and when.
//! A rotation removes older secrets by this alone, so that one whose text nobody got never counts as the new one.

use std::time::Duration;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::apply::RunError;
use super::change::Change;
use super::client_secrets::application;
use super::observe::observe;
use super::observed::{AppIds, LookUp, Observed};
use super::request::{Ids, item};
use super::step::StepName;
use super::verify::AGREEING_READS;
use super::wanted::Wanted;
use crate::graph::Graph;
use crate::graph::batch::Order;
use crate::graph::error::GraphError;
use crate::graph::reaction::Reaction;
use crate::graph::types::{Application, PasswordCredential};
use crate::http::retry::{self, WaitEnd};

/// How such a tag begins.
const PREFIX: &str = "practice-protect-federation:placed:";

/// When the secret was put in place, if it was.
pub fn placed_at(application: &Application, secret: &PasswordCredential) -> Option<OffsetDateTime> {
    let times = application.tags.iter().filter_map(|tag| read(tag));
    times.filter(|(key_id, _)| key_id.eq_ignore_ascii_case(&secret.key_id)).map(|(_, at)| at).max()
}

fn read(tag: &str) -> Option<(&str, OffsetDateTime)> {
    let (key_id, at) = tag.strip_prefix(PREFIX)?.split_once(':')?;
    Some((key_id, OffsetDateTime::parse(at, &Rfc3339).ok()?))
}

/// The tags with one more; those of secrets that are gone are left out.
fn with_tag(application: &Application, key_id: &str, at: OffsetDateTime) -> Vec<String> {
    let is_there = |id: &str| application.password_credentials.iter().any(|has| has.key_id.eq_ignore_ascii_case(id));
    let stays = |tag: &&String| read(tag).is_none_or(|(id, _)| is_there(id));
    let mut tags: Vec<String> = application.tags.iter().filter(stays).cloned().collect();
    let at = at.replace_nanosecond(0).unwrap_or(at).format(&Rfc3339).unwrap_or_default();
    tags.push(format!("{PREFIX}{key_id}:{at}"));
    tags
}

/// Remembers that a secret was put in place, and reads back until it shows.
pub fn remember(graph: Graph<'_>, wanted: &Wanted, known: &AppIds, key_id: &str) -> Result<(), RunError> {
    let at = graph.clock.now();
    let (mut tries, mut agreeing, mut written) = (1, 0, false);
    while agreeing < AGREEING_READS {
        let observed = observe(&graph, &[LookUp::Application], wanted, Some(known))?;
        let mut asked = None;
        match application(&observed, wanted) {
            Ok(application) if shows(application, key_id) => {
                agreeing += 1;
                continue;
            }
            Ok(application) if !written && has(application, key_id) => {
                (written, asked) = write(graph, application, key_id, at)?;
                if written {
                    // Taken: most services show it at once.
                    agreeing = 0;
                    continue;
                }
            }
            Ok(_) | Err(_) => {}
        }
        agreeing = 0;
        match retry::wait(graph.clock, &graph.call, tries, asked, "what was put in place is not remembered yet") {
            Ok(()) => tries += 1,
            Err(WaitEnd::Cancelled) => return Err(GraphError::Cancelled.into()),
            Err(WaitEnd::Spent) => {
                let what = format!("the application doesn't show yet that secret {key_id} was put in place");
                return Err(RunError::NotConverged(what));
            }
        }
    }
    Ok(())
}

/// The application, seen to remember that a secret was put in place, or as it was last seen when the budget was spent: a
/// rotation then takes nothing away.
pub fn look_until_placed(graph: Graph<'_>, wanted: &Wanted, key_id: &str) -> Result<Observed, RunError> {
    let mut tries = 1;
    loop {
        let observed = observe(&graph, &[LookUp::Application], wanted, None)?;
        if application(&observed, wanted).is_ok_and(|application| shows(application, key_id)) {
            return Ok(observed);
        }
        match retry::wait(graph.clock, &graph.call, tries, None, "the secret in place does not show yet") {
            Ok(()) => tries += 1,
            Err(WaitEnd::Cancelled) => return Err(GraphError::Cancelled.into()),
            Err(WaitEnd::Spent) => return Ok(observed),
        }
    }
}

fn has(application: &Application, key_id: &str) -> bool {
    application.password_credentials.iter().any(|secret| secret.key_id.eq_ignore_ascii_case(key_id))
}

fn shows(application: &Application, key_id: &str) -> bool {
    application
        .password_credentials
        .iter()
        .any(|secret| secret.key_id.eq_ignore_ascii_case(key_id) && placed_at(application, secret).is_some())
}

/// True where it was taken; a write whose answer was lost is looked for by the next read.
fn write(
    graph: Graph<'_>,
    application: &Application,
    key_id: &str,
    at: OffsetDateTime,
) -> Result<(bool, Option<Duration>), RunError> {
    let tags = Some(with_tag(application, key_id, at));
    let change =
        Change::UpdateApplication { id: application.id.clone(), permissions: None, tags, single_tenant: false };
    let ids = Ids { application: Some(application), principal: None, upsert: false };
    let items: Vec<_> = item(&change, &ids, at).into_iter().collect();
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
