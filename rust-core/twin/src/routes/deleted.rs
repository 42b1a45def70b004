//! Soft-deleted applications and service principals.

use serde_json::json;

use super::{Context, LIST, ONE, Route, applications, delete, get, service_principals};
use crate::call::Answer;
use crate::directory::shapes::text;
use crate::directory::store::{Kind, Sight};
use crate::errors::GraphError;
use crate::odata::list::Shape;
use crate::schema::Object;

pub(super) const ROUTES: &[Route] = &[
    get("/directory/deletedItems/microsoft.graph.application", LIST, list_applications),
    get("/directory/deletedItems/microsoft.graph.servicePrincipal", LIST, list_service_principals),
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
    let (_, was, found) = deleted(context)?;
    context.one(&found, shape(was))
}

fn erase(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    let (kind, _, found) = deleted(context)?;
    applications::check_owner(context, &found)?;
    context.world.directory.store.remove(kind, text(&found, "id"), context.now);
    Ok(Answer::empty(204))
}

/// Assumption: each object is restored by itself, and consents and roles stay lost.
fn restore(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    let (kind, was, mut found) = deleted(context)?;
    applications::check_owner(context, &found)?;
    let app_id = text(&found, "appId").to_owned();
    let unique_name = text(&found, "uniqueName").to_owned();
    let directory = &mut context.world.directory;
    let taken = directory.find(was, "appId", &app_id, Sight::Truth).is_some()
        || !unique_name.is_empty() && directory.find(was, "uniqueName", &unique_name, Sight::Truth).is_some();
    if taken {
        let words = "Another object with the same value for a unique property already exists.";
        return Err(GraphError::new(409, "Request_MultipleObjectsWithSameKeyValue", words));
    }
    found["deletedDateTime"] = json!(null);
    let id = text(&found, "id").to_owned();
    directory.store.remove(kind, &id, context.now);
    directory.store.put(was, &id, found.clone(), context.now);
    context.one(&found, shape(was))
}
