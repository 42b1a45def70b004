//! The routes of Graph: paths, the query options they take, and the functions that answer them.

mod app_roles;
mod applications;
mod changes;
mod deleted;
mod domains;
mod grants;
mod organization;
mod partner;
mod passwords;
mod people;
mod policies;
mod roles;
mod service_principals;
mod user_update;

use serde_json::Value;
use time::OffsetDateTime;

use crate::call::{Answer, Body, Call};
use crate::directory::crowd::Row;
use crate::directory::shapes::text;
use crate::directory::store::{Kind, Sight};
use crate::errors::GraphError;
use crate::graph::Caller;
use crate::odata::list::{self, Shape};
use crate::odata::query::Query;
use crate::path::Key;
use crate::schema::{self, Object};
use crate::world::World;

/// Query options of collections.
pub(crate) const LIST: &[&str] = &["$select", "$filter", "$top", "$count", "$skiptoken"];
/// Query options of single entities.
pub(crate) const ONE: &[&str] = &["$select"];
/// No query option.
pub(crate) const NONE: &[&str] = &[];

/// One route.
pub(crate) struct Route {
    pub(crate) method: &'static str,
    /// The path with `{id}` for keys.
    pub(crate) path: &'static str,
    pub(crate) options: &'static [&'static str],
    /// Whether the request must have a JSON object as its body.
    pub(crate) body: bool,
    pub(crate) run: fn(&mut Context<'_>) -> Result<Answer, GraphError>,
}

type Run = fn(&mut Context<'_>) -> Result<Answer, GraphError>;

const fn get(path: &'static str, options: &'static [&'static str], run: Run) -> Route {
    Route { method: "GET", path, options, body: false, run }
}

const fn post(path: &'static str, run: Run) -> Route {
    Route { method: "POST", path, options: NONE, body: true, run }
}

const fn patch(path: &'static str, run: Run) -> Route {
    Route { method: "PATCH", path, options: NONE, body: true, run }
}

const fn delete(path: &'static str, run: Run) -> Route {
    Route { method: "DELETE", path, options: NONE, body: false, run }
}

/// Every route.
pub(crate) fn all() -> impl Iterator<Item = &'static Route> {
    let tables: [&'static [Route]; 14] = [
        organization::ROUTES,
        applications::ROUTES,
        passwords::ROUTES,
        service_principals::ROUTES,
        app_roles::ROUTES,
        grants::ROUTES,
        roles::ROUTES,
        policies::ROUTES,
        people::ROUTES,
        user_update::ROUTES,
        deleted::ROUTES,
        changes::ROUTES,
        domains::ROUTES,
        partner::ROUTES,
    ];
    tables.into_iter().flatten()
}

/// A request on its way: authenticated, routed and allowed.
pub(crate) struct Context<'a> {
    pub(crate) world: &'a mut World,
    pub(crate) call: &'a Call,
    pub(crate) keys: Vec<Key>,
    pub(crate) query: Query,
    pub(crate) body: Object,
    pub(crate) caller: Caller,
    /// What this request sees.
    pub(crate) sight: Sight,
    pub(crate) now: OffsetDateTime,
}

impl Context<'_> {
    /// The first key of the path.
    pub(crate) fn key(&self) -> Key {
        self.keys.first().cloned().unwrap_or_default()
    }

    /// The object a key names, as this request sees it.
    pub(crate) fn find(&self, kind: Kind, key: &Key) -> Result<&Object, GraphError> {
        let directory = &self.world.directory;
        match key {
            Key::Id(id) => {
                let id = canonical(kind, id)?;
                directory.store.get(kind, &id, self.sight).ok_or_else(|| GraphError::not_found(&id))
            }
            Key::Alternate { name, value } => {
                // Assumption: keys compare without regard to case, as the directory's texts do.
                directory.find(kind, name, value, self.sight).ok_or_else(|| GraphError::not_found(value))
            }
        }
    }

    /// The object the first key names, in its newest version: what a write starts from once it has been seen.
    pub(crate) fn target(&self, kind: Kind) -> Result<Object, GraphError> {
        let seen = self.find(kind, &self.key())?;
        let newest = self.world.directory.store.get(kind, text(seen, "id"), Sight::Truth);
        newest.cloned().ok_or_else(|| GraphError::not_found(text(seen, "id")))
    }

    /// The object of a crowd that the first key names, as this request sees it.
    pub(crate) fn member(&self, kind: Kind) -> Result<Row<'_>, GraphError> {
        let (Key::Id(id) | Key::Alternate { value: id, .. }) = self.key();
        let id = canonical(kind, &id)?;
        self.world.directory.store.row(kind, &id, self.sight).ok_or_else(|| GraphError::not_found(&id))
    }

    /// The answer of a single object.
    pub(crate) fn one(&self, row: &Object, shape: &Shape<'_>) -> Result<Answer, GraphError> {
        self.one_of(&Row::Kept(row), shape)
    }

    /// The answer of a single object, kept or of a crowd.
    pub(crate) fn one_of(&self, row: &Row<'_>, shape: &Shape<'_>) -> Result<Answer, GraphError> {
        list::entity(row, shape, &self.query, &self.world.graph()).map(|body| Answer::json(200, body))
    }

    /// The answer of a collection, of the rows that pass.
    pub(crate) fn many(
        &self,
        kind: Kind,
        shape: &Shape<'_>,
        keep: impl Fn(&Row<'_>) -> bool,
    ) -> Result<Answer, GraphError> {
        let (store, filter) = (&self.world.directory.store, self.query.filter.as_ref());
        let count = || store.rows(kind, self.sight, None, filter).filter(&keep).count();
        self.page(kind, shape, &keep, count)
    }

    /// The answer of a collection whole, which counts without going through it where it can.
    pub(crate) fn crowd(&self, kind: Kind, shape: &Shape<'_>) -> Result<Answer, GraphError> {
        if let Some(page) = self.world.pages.of(self.call, &self.query, self.world.directory.store.crowd(kind)) {
            return Ok(Answer { body: Body::Ready(page), ..Answer::empty(200) });
        }
        let count = || self.world.directory.store.count(kind, self.sight, self.query.filter.as_ref());
        self.page(kind, shape, |_| true, count)
    }

    fn page(
        &self,
        kind: Kind,
        shape: &Shape<'_>,
        keep: impl Fn(&Row<'_>) -> bool,
        count: impl FnOnce() -> usize,
    ) -> Result<Answer, GraphError> {
        list::check(shape, &self.query)?;
        let after = list::after(&self.query)?;
        let rows = self.world.directory.store.rows(kind, self.sight, after.as_deref(), self.query.filter.as_ref());
        let graph = self.world.graph();
        Ok(Answer::json(200, list::page(rows.filter(keep), count, shape, &self.query, self.call, &graph)))
    }

    /// The answer of a write that made an object.
    pub(crate) fn created(&self, row: &Object, shape: &Shape<'_>) -> Result<Answer, GraphError> {
        let body = list::entity(&Row::Kept(row), shape, &Query::default(), &self.world.graph())?;
        Ok(Answer::json(201, body).with("Location", self.location(text(row, "id"))))
    }

    /// Assumption: Location names the object by the v2 address of the directory.
    fn location(&self, id: &str) -> String {
        let tenant = self.world.directory.tenant_id;
        format!("{}/v2/{tenant}/directoryObjects/{id}", self.world.graph())
    }

    /// Whether a PATCH by an alternate key shall make what is missing.
    pub(crate) fn wants_create(&self) -> bool {
        let preferences = self.call.header("prefer").unwrap_or_default();
        preferences.split(',').any(|preference| preference.trim().eq_ignore_ascii_case("create-if-missing"))
    }

    /// A text of the body; the error names it where it is absent or empty.
    pub(crate) fn required(&self, property: &str, entity: &str) -> Result<String, GraphError> {
        let value = text(&self.body, property);
        if value.is_empty() {
            Err(GraphError::missing_value(property, &schema::title(entity)))
        } else {
            Ok(value.to_owned())
        }
    }
}

/// Assumption: a service that does not take the upsert says so in general words.
pub(crate) fn no_upsert(resource: &str) -> GraphError {
    GraphError::refused(format!("Upsert operation is not supported for the resource '{resource}'."))
}

/// Ids that are GUIDs are looked up in lower case; other ids are what they are.
pub(crate) fn canonical(kind: Kind, id: &str) -> Result<String, GraphError> {
    let no_guid = matches!(kind, Kind::Grant | Kind::AppRoleAssignment | Kind::RoleAssignment | Kind::Domain);
    if no_guid {
        return Ok(id.to_owned());
    }
    let guid = uuid::Uuid::try_parse(id).ok();
    guid.map(|guid| guid.to_string()).ok_or_else(|| GraphError::refused(format!("Invalid object identifier '{id}'.")))
}

/// Overlays a body on an object: collections and values are replaced whole, complex values property by property.
pub(crate) fn merge(object: &mut Object, body: &Object, entity: &str) {
    for (name, value) in body.iter().filter(|(name, _)| !name.contains('@')) {
        match (object.get_mut(name), value) {
            (Some(Value::Object(old)), Value::Object(new)) => {
                old.extend(new.iter().map(|(name, value)| (name.clone(), value.clone())));
            }
            (_, Value::Null) => {
                object.insert(name.clone(), schema::absent(entity, name));
            }
            _ => {
                object.insert(name.clone(), value.clone());
            }
        }
    }
}
