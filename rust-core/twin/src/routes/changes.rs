//! `/users/delta`: all users, and from then on what was changed (Graph's page on change tracking). What changes while the
//! pages are read comes again on the pages behind, so a user can come twice.
//!
//! Assumptions: a page has as many users as a list's has unasked; no replica lags here; a page says of a user all that was
//! selected, whatever of it has changed.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use time::Duration;

use super::{Context, Route, get, people};
use crate::call::{Answer, Body};
use crate::directory::crowd::{Row, State};
use crate::directory::store::{Kind, Sight};
use crate::errors::GraphError;
use crate::odata::list;
use crate::odata::query::PAGE;

pub(super) const ROUTES: &[Route] = &[get("/users/delta", &["$select", "$skiptoken", "$deltatoken"], users)];

/// How long a token lives (devblogs.microsoft.com, 3 July 2020).
const LIFE: Duration = Duration::days(7);

/// What a link carries: where its round began and how far it has come.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Round {
    /// When the round began, in seconds of the Unix epoch.
    made: i64,
    select: Option<Vec<String>>,
    /// The state that the round began at.
    begun: State,
    /// The round shows what has changed since; everything without.
    since: Option<State>,
    /// The last id that was shown.
    after: Option<String>,
}

impl Round {
    fn read(token: &str) -> Option<Self> {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token).ok()?).ok()
    }

    fn written(&self) -> String {
        URL_SAFE_NO_PAD.encode(json!(self).to_string())
    }
}

fn users(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    let round = round(context)?;
    if let Some(page) =
        context.world.pages.of(context.call, &context.query, context.world.directory.store.crowd(Kind::User))
    {
        return Ok(Answer { body: Body::Ready(page), ..Answer::empty(200) });
    }
    context.query.select.clone_from(&round.select);
    list::check(&people::USERS, &context.query)?;
    let (rows, last) = rows(context, &round);
    let graph = context.world.graph();
    let mut body = json!({ "@odata.context": format!("{graph}/v1.0/$metadata#users") });
    let (name, next) = behind(context, round, last);
    let (link, option) = if name == "$deltatoken" { ("deltaLink", name) } else { ("nextLink", name) };
    body[format!("@odata.{link}")] = json!(format!("{graph}{}?{option}={}", context.call.path, next.written()));
    body["value"] = Value::Array(rows);
    Ok(Answer::json(200, body))
}

fn state(context: &Context<'_>) -> State {
    context.world.directory.store.crowd(Kind::User).map(crate::directory::crowd::Crowd::state).unwrap_or_default()
}

/// The round that a request begins or goes on with.
fn round(context: &Context<'_>) -> Result<Round, GraphError> {
    let (query, made) = (&context.query, context.now.unix_timestamp());
    let begun = state(context);
    let Some(token) = query.skip_token.as_ref().or(query.delta_token.as_ref()) else {
        return Ok(Round { made, select: query.select.clone(), begun, since: None, after: None });
    };
    let known = Round::read(token).filter(|round| made - round.made < LIFE.whole_seconds());
    let round = known.ok_or_else(|| {
        let words = "The sync state generation is not found; the requested set must be synchronized again.";
        GraphError::new(400, "syncStateNotFound", words)
    })?;
    if query.delta_token.is_some() {
        return Ok(Round { since: Some(round.begun), begun, made, after: None, ..round });
    }
    Ok(round)
}

/// The users of a page, and where there are more behind it the last one's id.
fn rows(context: &Context<'_>, round: &Round) -> (Vec<Value>, Option<String>) {
    let store = &context.world.directory.store;
    let after = round.after.as_deref();
    let mut ids = match round.since {
        None => store.rows(Kind::User, Sight::Truth, after, None).take(PAGE + 1).map(|row| row.id()).collect(),
        Some(since) => store.changed_since(Kind::User, since, after, PAGE + 1),
    };
    let more = ids.len() > PAGE;
    ids.truncate(PAGE);
    let shown = ids.iter().map(|id| match store.row(Kind::User, id, Sight::Truth) {
        Some(row) => known(&row, context, round.since.is_none()),
        None => removed(context, id),
    });
    (shown.collect(), ids.last().filter(|_| more).cloned())
}

/// A property that was never set isn't there; one that was set to null is (Graph's page on change tracking). Assumption: what
/// reads null on the first round was never set.
fn known(row: &Row<'_>, context: &Context<'_>, first: bool) -> Value {
    let all = list::selected(row, &people::USERS, &context.query);
    let Value::Object(all) = all else { return all };
    let id = [("id".to_owned(), json!(row.id()))];
    let set = all.into_iter().filter(|(_, value)| !first || !value.is_null());
    Value::Object(id.into_iter().chain(set).collect::<Map<_, _>>())
}

/// `changed` says that it can be restored, `deleted` that it can't.
fn removed(context: &Context<'_>, id: &str) -> Value {
    let kept = context.world.directory.store.get(Kind::DeletedUser, id, Sight::Truth).is_some();
    json!({ "id": id, "@removed": { "reason": if kept { "changed" } else { "deleted" } } })
}

/// Where the link at the end of a page leads: to the next page, to what has changed since the round began, or, where nothing
/// has, to what will.
fn behind(context: &Context<'_>, round: Round, last: Option<String>) -> (&'static str, Round) {
    let (now, made) = (state(context), context.now.unix_timestamp());
    if last.is_some() {
        // A page that is read again leads on to where it did. Assumption: what leads through a round ends with it.
        return ("$skiptoken", Round { after: last, ..round });
    }
    let quiet = now == round.begun;
    let next = Round { made, begun: now, since: Some(round.begun), after: None, ..round };
    (if quiet { "$deltatoken" } else { "$skiptoken" }, next)
}
