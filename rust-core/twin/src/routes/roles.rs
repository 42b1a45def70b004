//! Directory role assignments and definitions.

use serde_json::Value;
use uuid::Uuid;

use super::{Context, LIST, ONE, Route, canonical, delete, get, post};
use crate::call::Answer;
use crate::directory::shapes::{self, text};
use crate::directory::store::{Kind, Sight};
use crate::errors::GraphError;
use crate::ids;
use crate::odata::list::Shape;
use crate::schema;

pub(super) const ROUTES: &[Route] = &[
    get("/roleManagement/directory/roleAssignments", LIST, list),
    post("/roleManagement/directory/roleAssignments", create),
    get("/roleManagement/directory/roleAssignments/{id}", ONE, read),
    delete("/roleManagement/directory/roleAssignments/{id}", remove),
    get("/roleManagement/directory/roleAssignmentScheduleInstances", LIST, list_instances),
    get("/roleManagement/directory/roleDefinitions", LIST, list_definitions),
    get("/roleManagement/directory/roleDefinitions/{id}", ONE, read_definition),
];

const SHAPE: Shape<'_> = Shape {
    entity: "unifiedRoleAssignment",
    context: "roleManagement/directory/roleAssignments",
    filterable: &["directoryScopeId", "principalId", "roleDefinitionId"],
    default: &[],
};

/// Names of general knowledge: the description at hand has the path, and not the type.
const INSTANCE: Shape<'_> = Shape {
    entity: "unifiedRoleAssignmentScheduleInstance",
    context: "roleManagement/directory/roleAssignmentScheduleInstances",
    filterable: &["directoryScopeId", "principalId", "roleDefinitionId"],
    default: &[],
};

const DEFINITION: Shape<'_> = Shape {
    entity: "unifiedRoleDefinition",
    context: "roleManagement/directory/roleDefinitions",
    filterable: &["displayName", "id", "isBuiltIn", "templateId"],
    default: &[],
};

fn list(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    context.many(Kind::RoleAssignment, &SHAPE, |_| true)
}

fn read(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    context.one(context.find(Kind::RoleAssignment, &context.key())?, &SHAPE)
}

fn create(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    schema::check("unifiedRoleAssignment", &context.body)?;
    check_properties(context)?;
    let role = context.required("roleDefinitionId", "unifiedRoleAssignment")?.to_ascii_lowercase();
    let principal = context.required("principalId", "unifiedRoleAssignment")?;
    if context.required("directoryScopeId", "unifiedRoleAssignment")? != "/" {
        // Assumption: scopes below the directory are refused; the twin serves the directory scope alone.
        return Err(GraphError::invalid_value("directoryScopeId", "UnifiedRoleAssignment"));
    }
    let store = &context.world.directory.store;
    if store.get(Kind::RoleDefinition, &role, context.sight).is_none() {
        return Err(GraphError::not_found(&role));
    }
    let principal = canonical(Kind::User, &principal)?;
    let holders = [Kind::ServicePrincipal, Kind::User, Kind::Group];
    if !holders.into_iter().any(|kind| store.row(kind, &principal, context.sight).is_some()) {
        return Err(GraphError::not_found(&principal));
    }
    let guid = |text: &str| Uuid::try_parse(text).unwrap_or_default();
    let id = ids::role_assignment(guid(&role), guid(&principal));
    if store.get(Kind::RoleAssignment, &id, Sight::Truth).is_some() {
        // The words of dod-ccpo/atat issue 1554.
        let words =
            "A conflicting object with one or more of the specified property values is present in the directory.";
        return Err(GraphError::refused(words).with_detail("ConflictingObjects", "roleAssignment"));
    }
    let assignment = shapes::role_assignment(&id, &role, &principal);
    context.world.directory.store.put(Kind::RoleAssignment, &id, assignment.clone(), context.now);
    context.created(&assignment, &SHAPE)
}

fn check_properties(context: &Context<'_>) -> Result<(), GraphError> {
    let given = ["principalId", "roleDefinitionId", "directoryScopeId"];
    let mut names = context.body.keys().filter(|name| !name.contains('@'));
    if let Some(name) = names.find(|name| !given.contains(&name.as_str())) {
        return Err(GraphError::read_only(name));
    }
    match context.body.get("@odata.type") {
        None => Ok(()),
        Some(Value::String(name)) if name == "#microsoft.graph.unifiedRoleAssignment" => Ok(()),
        Some(other) => {
            let words = format!("A type named {other} could not be resolved by the model.");
            Err(GraphError::malformed(words))
        }
    }
}

fn remove(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    let id = text(context.find(Kind::RoleAssignment, &context.key())?, "id").to_owned();
    context.world.directory.store.remove(Kind::RoleAssignment, &id, context.now);
    Ok(Answer::empty(204))
}

/// Assumption: what was assigned without an end need not be listed.
fn list_instances(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    context.many(Kind::RoleInstance, &INSTANCE, |_| true)
}

fn list_definitions(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    context.many(Kind::RoleDefinition, &DEFINITION, |_| true)
}

fn read_definition(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    context.one(context.find(Kind::RoleDefinition, &context.key())?, &DEFINITION)
}
