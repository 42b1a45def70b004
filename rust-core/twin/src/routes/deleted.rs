//! Soft-deleted applications and service principals; of users and groups reading alone.

use serde_json::{Value, json};

use super::{Context, LIST, ONE, Route, applications, delete, get, people, service_principals};
use crate::call::Answer;
use crate::directory::LOST_LINKS;
use crate::directory::shapes::text;
use crate::directory::store::{Kind, Sight};
use crate::errors::GraphError;
use crate::odata::list::Shape;
use crate::schema::Object;

pub(super) const ROUTES: &[Route] = &[
    get("/directory/deletedItems/microsoft.graph.application", LIST, list_applications),
    get("/directory/deletedItems/microsoft.graph.servicePrincipal", LIST, list_service_principals),
    get("/directory/deletedItems/microsoft.graph.user", LIST, list_users),
    get("/directory/deletedItems/microsoft.graph.group", LIST, list_groups),
    get("/directory/deletedItems/{id}", ONE, read),
    delete("/directory/deletedItems/{id}", erase),
    // The action takes no body.
    Route { method: "POST", path: "/directory/deletedItems/{id}/restore", options: &[], body: false, run: restore },
];

fn list_applications(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    context.many(Kind::DeletedApplication, &applications::SHAPE, |_| true)
}

fn list_service_principals(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    context.many(Kind::DeletedServicePrincipal, &service_principals::SHAPE, |_| true)
}

fn list_users(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    context.many(Kind::DeletedUser, &people::USERS, |_| true)
}

fn list_groups(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    context.many(Kind::DeletedGroup, &people::GROUPS, |_| true)
}

/// The deleted object with the kind it has there and the kind it had.
fn deleted(context: &Context<'_>) -> Result<(Kind, Kind, Object), GraphError> {
    let key = context.key();
    if let Ok(found) = context.find(Kind::DeletedServicePrincipal, &key) {
        return Ok((Kind::DeletedServicePrincipal, Kind::ServicePrincipal, found.clone()));
    }
    context
        .find(Kind::DeletedApplication, &key)
        .map(|found| (Kind::DeletedApplication, Kind::Application, found.clone()))
}

fn shape(kind: Kind) -> &'static Shape<'static> {
    if kind == Kind::Application { &applications::SHAPE } else { &service_principals::SHAPE }
}

fn read(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    for (kind, shape) in [(Kind::DeletedUser, &people::USERS), (Kind::DeletedGroup, &people::GROUPS)] {
        if let Ok(found) = context.find(kind, &context.key()) {
            return context.one(found, shape);
        }
    }
    let (_, was, found) = deleted(context)?;
    context.one(&found, shape(was))
}

fn erase(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    let (kind, _, found) = deleted(context)?;
    applications::check_owner(context, &found)?;
    context.world.directory.store.remove(kind, text(&found, "id"), context.now);
    Ok(Answer::empty(204))
}

/// Each object is restored by itself (Graph's page on restoring deleted items). Whether consents and roles come back with a
/// service principal is for [`Options::restore_brings_back`](crate::Options::restore_brings_back). Assumption: the refusals' words.
fn restore(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    let (kind, was, mut found) = deleted(context)?;
    applications::check_owner(context, &found)?;
    refuse_restore(context, was, &found)?;
    let lost = found.remove(LOST_LINKS).filter(|_| context.world.restore_brings_back);
    found["deletedDateTime"] = json!(null);
    let id = text(&found, "id").to_owned();
    let store = &mut context.world.directory.store;
    store.remove(kind, &id, context.now);
    store.put(was, &id, found.clone(), context.now);
    for lost in lost.as_ref().and_then(Value::as_array).into_iter().flatten() {
        let kind = lost["kind"].as_str().and_then(Kind::named);
        if let (Some(kind), Some(link)) = (kind, lost["link"].as_object()) {
            store.put(kind, text(link, "id"), link.clone(), context.now);
        }
    }
    context.one(&found, shape(was))
}

fn refuse_restore(context: &Context<'_>, was: Kind, found: &Object) -> Result<(), GraphError> {
    let directory = &context.world.directory;
    let taken = |name: &str| {
        let value = text(found, name);
        !value.is_empty() && directory.find(was, name, value, Sight::Truth).is_some()
    };
    if taken("appId") || taken("uniqueName") {
        let words = "Another object with the same value for a unique property already exists.";
        return Err(GraphError::new(409, "Request_MultipleObjectsWithSameKeyValue", words));
    }
    let app_id = text(found, "appId");
    let of_tenant = text(found, "appOwnerOrganizationId") == directory.tenant_id.to_string();
    let backed = directory.find(Kind::Application, "appId", app_id, context.sight).is_some();
    if was == Kind::ServicePrincipal && of_tenant && !backed {
        return Err(service_principals::no_application(app_id));
    }
    Ok(())
}
