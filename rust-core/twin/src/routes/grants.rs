//! Delegated permission grants: the consent to delegated permissions.

use serde_json::Value;
use uuid::Uuid;

use super::{Context, LIST, ONE, Route, canonical, delete, get, patch, post};
use crate::call::Answer;
use crate::directory::shapes::{self, text};
use crate::directory::store::{Kind, Sight};
use crate::errors::GraphError;
use crate::ids;
use crate::odata::list::Shape;
use crate::schema::{self, Object};

pub(super) const ROUTES: &[Route] = &[
    get("/oauth2PermissionGrants", LIST, list),
    post("/oauth2PermissionGrants", create),
    get("/oauth2PermissionGrants/{id}", ONE, read),
    patch("/oauth2PermissionGrants/{id}", update),
    delete("/oauth2PermissionGrants/{id}", remove),
    get("/servicePrincipals/{id}/oauth2PermissionGrants", LIST, list_of_client),
];

const SHAPE: Shape<'_> = Shape {
    entity: "oAuth2PermissionGrant",
    context: "oauth2PermissionGrants",
    filterable: &["clientId", "consentType", "principalId", "resourceId"],
    default: &[],
};

fn list(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    context.many(Kind::Grant, &SHAPE, |_| true)
}

fn list_of_client(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    let id = text(context.find(Kind::ServicePrincipal, &context.key())?, "id");
    context.many(Kind::Grant, &SHAPE, |row| row.has("clientId", id))
}

fn read(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    context.one(context.find(Kind::Grant, &context.key())?, &SHAPE)
}

fn create(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    schema::check("oAuth2PermissionGrant", &context.body)?;
    if context.body.contains_key("id") {
        return Err(GraphError::read_only("id"));
    }
    let client = referenced(context, "clientId", Kind::ServicePrincipal)?;
    let resource = referenced(context, "resourceId", Kind::ServicePrincipal)?;
    let principal = principal(context)?;
    // Assumption: names in the scope are not checked against the resource, as the service is known to take any.
    let scope = context.required("scope", "oAuth2PermissionGrant")?;
    let guid = |text: &str| Uuid::try_parse(text).unwrap_or_default();
    let id = ids::grant(guid(&client), guid(&resource), principal.as_deref().map(guid));
    if context.world.directory.store.get(Kind::Grant, &id, Sight::Truth).is_some() {
        let words = "Permission entry already exists.";
        // 409 in hashicorp/terraform-provider-azuread issue 690; 400 in one report.
        return Err(if context.world.duplicate_grant_is_400 {
            GraphError::refused(words)
        } else {
            GraphError::new(409, "Request_MultipleObjectsWithSameKeyValue", words)
        });
    }
    let grant = shapes::grant(&id, &client, &resource, principal.as_deref(), &scope);
    context.world.directory.store.put(Kind::Grant, &id, grant.clone(), context.now);
    context.created(&grant, &SHAPE)
}

/// The id of an object the body names; the same words at 400 where this replica does not see it
/// (hashicorp/terraform-provider-azuread retries on them).
fn referenced(context: &Context<'_>, property: &str, kind: Kind) -> Result<String, GraphError> {
    let id = canonical(kind, &context.required(property, "oAuth2PermissionGrant")?)?;
    if context.world.directory.store.row(kind, &id, context.sight).is_some() {
        return Ok(id);
    }
    Err(GraphError { status: 400, code: "Request_BadRequest", ..GraphError::not_found(&id) })
}

/// The one user a consent is for; none for all.
fn principal(context: &Context<'_>) -> Result<Option<String>, GraphError> {
    let named = context.body.get("principalId").is_some_and(|principal| !principal.is_null());
    match (context.required("consentType", "oAuth2PermissionGrant")?.as_str(), named) {
        ("AllPrincipals", false) => Ok(None),
        ("Principal", true) => referenced(context, "principalId", Kind::User).map(Some),
        ("Principal", false) => Err(GraphError::missing_value("principalId", "OAuth2PermissionGrant")),
        ("AllPrincipals", true) => Err(GraphError::invalid_value("principalId", "OAuth2PermissionGrant")),
        _ => Err(GraphError::invalid_value("consentType", "OAuth2PermissionGrant")),
    }
}

fn update(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    let mut grant = context.target(Kind::Grant)?;
    schema::check("oAuth2PermissionGrant", &context.body)?;
    check_only_scope(&context.body)?;
    let Some(Value::String(scope)) = context.body.get("scope") else {
        return Err(GraphError::missing_value("scope", "OAuth2PermissionGrant"));
    };
    grant.insert("scope".to_owned(), Value::String(scope.clone()));
    let id = text(&grant, "id").to_owned();
    context.world.directory.store.put(Kind::Grant, &id, grant, context.now);
    Ok(Answer::empty(204))
}

fn check_only_scope(body: &Object) -> Result<(), GraphError> {
    let mut names = body.keys().filter(|name| !name.contains('@') && *name != "scope");
    names.next().map_or(Ok(()), |name| Err(GraphError::read_only(name)))
}

fn remove(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    let id = text(context.find(Kind::Grant, &context.key())?, "id").to_owned();
    context.world.directory.store.remove(Kind::Grant, &id, context.now);
    Ok(Answer::empty(204))
}
