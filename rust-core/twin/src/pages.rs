//! Pages of users, groups and contacts made beforehand, so that a client that is measured does not wait for the twin to
//! write them. A page that something has changed under is made anew when it is asked for.

use std::collections::HashMap;

use bytes::Bytes;

use crate::call::{Answer, Body, Call};
use crate::directory::crowd::Crowd;
use crate::directory::store::Kind;
use crate::errors::GraphError;
use crate::graph::{self, Caller};
use crate::odata::query::Query;
use crate::path;
use crate::routes::Context;
use crate::schema::Object;
use crate::world::World;

/// The bodies by what was asked.
#[derive(Debug, Default)]
pub(crate) struct Pages {
    made: HashMap<String, Page>,
}

#[derive(Debug)]
struct Page {
    body: Bytes,
    /// The state of the crowd that it shows.
    changes: u64,
}

impl Pages {
    /// The page that a request asks for, where it was made and still holds.
    pub(crate) fn of(&self, call: &Call, query: &Query, crowd: Option<&Crowd>) -> Option<Bytes> {
        if self.made.is_empty() {
            return None;
        }
        let page = self.made.get(&key(call, query))?;
        (page.changes == crowd?.changes).then(|| page.body.clone())
    }
}

fn key(call: &Call, query: &Query) -> String {
    format!("{} {} {:?}", call.path, query.eventual, call.query_pairs())
}

/// Makes every page of a list, named as below the version of Graph, e.g. `/users?$select=id&$top=999`; says how many, and
/// of how many bytes. `eventual` is for requests that carry `ConsistencyLevel: eventual`.
pub(crate) fn make(world: &mut World, list: &str, eventual: bool) -> Result<(usize, usize), String> {
    let (path, _) = list.split_once('?').unwrap_or((list, ""));
    let kind = Kind::named(path.trim_start_matches('/').trim_end_matches("/delta"));
    let crowd = kind.filter(|kind| world.directory.store.crowd(*kind).is_some());
    let kind = crowd.ok_or_else(|| format!("pages of {path} can't be made beforehand"))?;
    let (mut count, mut size) = (0, 0);
    let mut next = Some(format!("/v1.0{list}"));
    while let Some(target) = next {
        let (call, query) = request(&target, eventual).map_err(|error| error.message)?;
        let answer = answer(world, &call, query.clone()).map_err(|error| error.message)?;
        let Body::Json(body) = answer.body else { return Err(format!("{path} has no pages")) };
        let link = body["@odata.nextLink"].as_str().and_then(|link| link.strip_prefix(&world.graph()));
        next = link.map(str::to_owned);
        let body = Bytes::from(body.to_string());
        (count, size) = (count + 1, size + body.len());
        let changes = world.directory.store.crowd(kind).map_or(0, |crowd| crowd.changes);
        world.pages.made.insert(key(&call, &query), Page { body, changes });
    }
    Ok((count, size))
}

fn request(target: &str, eventual: bool) -> Result<(Call, Query), GraphError> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let level = eventual.then(|| ("consistencylevel".to_owned(), "eventual".to_owned()));
    let call = Call {
        method: "GET".to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers: level.into_iter().collect(),
        body: Bytes::new(),
    };
    let (route, _) = graph::choose(&call.method, &path::steps(call.path.trim_start_matches("/v1.0/"))?)?;
    let query = Query::read(&call, route.options)?;
    Ok((call, query))
}

/// The answer as a client with every permission gets it.
fn answer(world: &mut World, call: &Call, query: Query) -> Result<Answer, GraphError> {
    let steps = path::steps(call.path.trim_start_matches("/v1.0/"))?;
    let (route, keys) = graph::choose(&call.method, &steps)?;
    let now = world.now();
    let sight = world.sight(now);
    let caller = Caller::default();
    (route.run)(&mut Context { world, call, keys, query, body: Object::new(), caller, sight, now })
}
