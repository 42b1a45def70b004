//! App management policies and the policy about federated tokens, for reading.

use serde_json::Value;

use super::{Context, LIST, ONE, Route, get};
use crate::call::Answer;
use crate::directory::store::{Kind, Sight};
use crate::directory::{ASSIGNED_POLICY, Directory};
use crate::errors::GraphError;
use crate::odata::list::Shape;
use crate::schema::Object;

pub(super) const ROUTES: &[Route] = &[
    get("/policies/defaultAppManagementPolicy", ONE, read_default),
    get("/policies/appManagementPolicies", LIST, list),
    get("/policies/appManagementPolicies/{id}", ONE, read),
    get("/applications/{id}/appManagementPolicies", LIST, list_of_application),
    get("/policies/federatedTokenValidationPolicy", ONE, read_token_policy),
];

const DEFAULT: Shape<'_> = Shape {
    entity: "tenantAppManagementPolicy",
    context: "policies/defaultAppManagementPolicy",
    filterable: &[],
    default: &[],
};

const TOKEN_POLICY: Shape<'_> = Shape {
    entity: "federatedTokenValidationPolicy",
    context: "policies/federatedTokenValidationPolicy",
    filterable: &[],
    default: &[],
};

const SHAPE: Shape<'_> = Shape {
    entity: "appManagementPolicy",
    context: "policies/appManagementPolicies",
    filterable: &["displayName", "id"],
    default: &[],
};

fn read_default(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    let name = Kind::TenantPolicy.name();
    let policy = context.world.directory.store.get(Kind::TenantPolicy, name, context.sight);
    context.one(policy.ok_or_else(|| GraphError::not_found(name))?, &DEFAULT)
}

fn read_token_policy(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    let name = Kind::TokenPolicy.name();
    let policy = context.world.directory.store.get(Kind::TokenPolicy, name, context.sight);
    context.one(policy.ok_or_else(|| GraphError::not_found(name))?, &TOKEN_POLICY)
}

fn list(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    context.many(Kind::AppPolicy, &SHAPE, |_| true)
}

fn read(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    context.one(context.find(Kind::AppPolicy, &context.key())?, &SHAPE)
}

fn list_of_application(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    let application = context.find(Kind::Application, &context.key())?;
    let assigned = assigned(application);
    context.many(Kind::AppPolicy, &SHAPE, |row| assigned.is_some_and(|id| row.has("id", id)))
}

/// The id of the one policy that an application may have.
fn assigned(application: &Object) -> Option<&str> {
    application.get(ASSIGNED_POLICY).and_then(Value::as_str)
}

/// The policy assigned to the application itself.
pub(super) fn of_application<'a>(
    directory: &'a Directory,
    application: &Object,
    sight: Sight,
) -> impl Iterator<Item = &'a Object> {
    assigned(application).and_then(|id| directory.store.get(Kind::AppPolicy, id, sight)).into_iter()
}
