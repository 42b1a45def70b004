//! App role assignments: the consent to application permissions.

use std::sync::Arc;

use serde_json::json;

use super::{Context, LIST, Route, canonical, delete, get, post};
use crate::call::Answer;
use crate::directory::shapes::{DEFAULT_ACCESS, text};
use crate::directory::store::{Kind, Sight};
use crate::errors::GraphError;
use crate::graph_permissions;
use crate::odata::list::Shape;
use crate::path::Key;
use crate::schema::{self, Object};

pub(super) const ROUTES: &[Route] = &[
    get("/servicePrincipals/{id}/appRoleAssignedTo", LIST, list_on_resource),
    post("/servicePrincipals/{id}/appRoleAssignedTo", assign_on_resource),
    delete("/servicePrincipals/{id}/appRoleAssignedTo/{id}", remove),
    get("/servicePrincipals/{id}/appRoleAssignments", LIST, list_of_client),
    post("/servicePrincipals/{id}/appRoleAssignments", assign_to_client),
    delete("/servicePrincipals/{id}/appRoleAssignments/{id}", remove),
];

/// Filters reach the resource and the principal's name, not the principal's id.
const SHAPE: Shape<'_> = Shape {
    entity: "appRoleAssignment",
    context: "appRoleAssignments",
    filterable: &["principalDisplayName", "resourceId"],
    default: &[],
};

fn list_on_resource(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    list(context, "resourceId")
}

fn list_of_client(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    list(context, "principalId")
}

fn list(context: &Context<'_>, side: &str) -> Result<Answer, GraphError> {
    let id = text(context.find(Kind::ServicePrincipal, &context.key())?, "id");
    context.many(Kind::AppRoleAssignment, &SHAPE, |row| row.has(side, id))
}

fn assign_on_resource(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    assign(context, "resourceId")
}

fn assign_to_client(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    assign(context, "principalId")
}

fn assign(context: &mut Context<'_>, side: &str) -> Result<Answer, GraphError> {
    schema::check("appRoleAssignment", &context.body)?;
    check_properties(&context.body)?;
    let owner = text(context.find(Kind::ServicePrincipal, &context.key())?, "id").to_owned();
    let [principal_id, resource_id, role] =
        ["principalId", "resourceId", "appRoleId"].map(|name| context.required(name, "appRoleAssignment"));
    let (principal_id, resource_id, role) = (principal_id?, resource_id?, role?.to_ascii_lowercase());
    let named = if side == "resourceId" { &resource_id } else { &principal_id };
    if !named.eq_ignore_ascii_case(&owner) {
        // Assumption: an id in the body other than the path's is refused as an invalid value.
        return Err(GraphError::invalid_value(side, "AppRoleAssignment"));
    }
    let principal = referenced(context, &principal_id)?;
    let resource = referenced(context, &resource_id)?;
    check_role(&resource, &role)?;
    check_duplicate(context, &principal, &resource, &role)?;
    let now = context.now;
    let assignment = context.world.directory.new_app_role_assignment(&principal, &resource, &role, now);
    let id = text(&assignment, "id").to_owned();
    context.world.directory.store.put(Kind::AppRoleAssignment, &id, assignment.clone(), now);
    context.created(&assignment, &SHAPE)
}

fn check_properties(body: &Object) -> Result<(), GraphError> {
    let mut names = body.keys().filter(|name| !name.contains('@'));
    let given = ["principalId", "resourceId", "appRoleId"];
    names.find(|name| !given.contains(&name.as_str())).map_or(Ok(()), |name| Err(GraphError::read_only(name)))
}

/// A service principal named in the body. One that a replica does not see yet is refused in either of the two forms that
/// hashicorp/terraform-provider-azuread retries on.
fn referenced(context: &mut Context<'_>, id: &str) -> Result<Arc<Object>, GraphError> {
    let id = canonical(Kind::ServicePrincipal, id)?;
    if let Some(found) = context.world.directory.store.shared(Kind::ServicePrincipal, &id, context.sight) {
        return Ok(found);
    }
    let coming = context.world.directory.store.get(Kind::ServicePrincipal, &id, Sight::Truth).is_some();
    if coming && context.world.random.below(2) == 0 {
        return Err(GraphError::refused("Not a valid reference update"));
    }
    Err(GraphError::not_found(&id))
}

fn check_role(resource: &Object, role: &str) -> Result<(), GraphError> {
    let known = graph_permissions::app_roles(resource)
        .any(|published| text(published, "id") == role && published.get("isEnabled") == Some(&json!(true)));
    if known || role == DEFAULT_ACCESS {
        return Ok(());
    }
    let words = format!("Permission being assigned was not found on application '{}'.", text(resource, "appId"));
    Err(GraphError::refused(words))
}

fn check_duplicate(context: &Context<'_>, principal: &Object, resource: &Object, role: &str) -> Result<(), GraphError> {
    let mut assignments = context.world.directory.store.all(Kind::AppRoleAssignment, Sight::Truth);
    let duplicate = assignments.any(|other| {
        text(other, "principalId") == text(principal, "id")
            && text(other, "resourceId") == text(resource, "id")
            && text(other, "appRoleId") == role
    });
    if !duplicate {
        return Ok(());
    }
    let words = "Permission being assigned already exists on the object";
    Err(GraphError::refused(words).with_detail("InvalidUpdate", "appRoleAssignment"))
}

fn remove(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    let owner = text(context.find(Kind::ServicePrincipal, &context.key())?, "id").to_owned();
    let key = context.keys.get(1).cloned().unwrap_or_default();
    let assignment = context.find(Kind::AppRoleAssignment, &key)?;
    let id = text(assignment, "id").to_owned();
    if text(assignment, "principalId") != owner && text(assignment, "resourceId") != owner {
        return Err(GraphError::not_found(if let Key::Id(id) = &key { id } else { &id }));
    }
    context.world.directory.store.remove(Kind::AppRoleAssignment, &id, context.now);
    Ok(Answer::empty(204))
}
