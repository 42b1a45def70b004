//! Service principals.

use bytes::Bytes;
use serde_json::Value;

use super::applications::check_owner;
use super::{Context, LIST, ONE, Route, delete, get, merge, no_upsert, patch, post};
use crate::call::{Answer, Body};
use crate::directory::shapes::text;
use crate::directory::store::{Kind, Sight};
use crate::errors::GraphError;
use crate::graph_permissions::{LISTS, offers_all, with_lists};
use crate::odata::list::Shape;
use crate::path::Key;
use crate::schema::{self, Object};

pub(super) const ROUTES: &[Route] = &[
    get("/servicePrincipals", LIST, list),
    post("/servicePrincipals", create),
    get("/servicePrincipals/{id}", ONE, read),
    patch("/servicePrincipals/{id}", update),
    delete("/servicePrincipals/{id}", remove),
];

pub(super) const SHAPE: Shape<'_> = Shape {
    entity: "servicePrincipal",
    context: "servicePrincipals",
    filterable: &[
        "accountEnabled",
        "appId",
        "appOwnerOrganizationId",
        "displayName",
        "id",
        "servicePrincipalNames",
        "servicePrincipalType",
        "tags",
    ],
    default: &[],
};

/// What PATCH and, beside `appId`, POST may set here (Graph's page on updating a service principal; the rest is refused).
const WRITABLE: [&str; 10] = [
    "accountEnabled",
    "alternativeNames",
    "appRoleAssignmentRequired",
    "description",
    "displayName",
    "homepage",
    "loginUrl",
    "notes",
    "notificationEmailAddresses",
    "tags",
];

fn list(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    context.many(Kind::ServicePrincipal, &SHAPE, |_| true)
}

fn read(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    let principal = context.find(Kind::ServicePrincipal, &context.key())?;
    if !offers_all(principal) {
        return context.one(principal, &SHAPE);
    }
    let mut without = principal.clone();
    without.extend(LISTS.map(|list| (list.to_owned(), Value::Array(Vec::new()))));
    let mut answer = context.one(&without, &SHAPE)?;
    if let Some(told) = answer.object() {
        answer.body = Body::Ready(Bytes::from(with_lists(told)));
    }
    Ok(answer)
}

fn create(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    let app_id = context.required("appId", "servicePrincipal")?;
    make(context, &app_id)
}

fn make(context: &mut Context<'_>, app_id: &str) -> Result<Answer, GraphError> {
    check(&context.body, true)?;
    let directory = &context.world.directory;
    // A replica that does not see the application yet refuses, the truth alone does not help.
    let application = directory.find(Kind::Application, "appId", app_id, context.sight).cloned();
    let application = application.ok_or_else(|| no_application(app_id))?;
    check_owner(context, &application)?;
    if directory.find(Kind::ServicePrincipal, "appId", app_id, Sight::Truth).is_some() {
        return Err(name_taken(app_id));
    }
    let mut principal = context.world.directory.new_service_principal(&application);
    let body: Object = context.body.clone().into_iter().filter(|(name, _)| name != "appId").collect();
    merge(&mut principal, &body, "servicePrincipal");
    principal["createdByAppId"] = context.caller.app_id.clone().into();
    let id = text(&principal, "id").to_owned();
    context.world.directory.store.put(Kind::ServicePrincipal, &id, principal.clone(), context.now);
    context.created(&principal, &SHAPE)
}

/// The words that hashicorp/terraform-provider-azuread and azure-cli retry on.
pub(super) fn no_application(app_id: &str) -> GraphError {
    let words = format!("The appId '{app_id}' of the service principal does not reference a valid application object.");
    GraphError::refused(words).with_detail("NoBackingApplicationObject", "appId")
}

fn name_taken(app_id: &str) -> GraphError {
    let words = format!(
        "The service principal cannot be created, updated, or restored because the service principal name {app_id} is \
         already in use."
    );
    GraphError::new(409, "Request_MultipleObjectsWithSameKeyValue", words)
        .with_detail("ObjectConflict", "servicePrincipalNames")
}

fn check(body: &Object, creating: bool) -> Result<(), GraphError> {
    schema::check("servicePrincipal", body)?;
    let allowed = |name: &str| name.contains('@') || WRITABLE.contains(&name) || (creating && name == "appId");
    match body.keys().find(|name| !allowed(name)) {
        Some(name) => Err(GraphError::read_only(name)),
        None => Ok(()),
    }
}

/// By `appId` and with `Prefer: create-if-missing` it makes what is missing (Graph's page on upserting a service principal).
fn update(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    match context.key() {
        Key::Alternate { value, .. } if context.wants_create() => {
            if !context.world.upsert {
                return Err(no_upsert("ServicePrincipal"));
            }
            match context.find(Kind::ServicePrincipal, &context.key()) {
                Ok(_) => change(context),
                Err(_) => make(context, &value),
            }
        }
        Key::Alternate { .. } | Key::Id(_) => change(context),
    }
}

fn change(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    let mut principal = context.target(Kind::ServicePrincipal)?;
    check_owner(context, &principal)?;
    check(&context.body, false)?;
    merge(&mut principal, &context.body, "servicePrincipal");
    let id = text(&principal, "id").to_owned();
    context.world.directory.store.put(Kind::ServicePrincipal, &id, principal, context.now);
    Ok(Answer::empty(204))
}

fn remove(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    let principal = context.target(Kind::ServicePrincipal)?;
    check_owner(context, &principal)?;
    context.world.directory.delete_service_principal(text(&principal, "id"), context.now);
    Ok(Answer::empty(204))
}
