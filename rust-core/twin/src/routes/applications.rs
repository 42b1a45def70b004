//! Applications.

use serde_json::{Value, json};

use super::{Context, LIST, Route, delete, get, merge, no_upsert, patch, policies, post};
use crate::call::{Answer, Body};
use crate::directory::shapes::text;
use crate::directory::store::{Kind, Sight};
use crate::directory::{OWNERS, public};
use crate::errors::GraphError;
use crate::odata::list::{self, Shape};
use crate::options::DeletedNames;
use crate::path::Key;
use crate::schema::{self, Object};

pub(super) const ROUTES: &[Route] = &[
    get("/applications", LIST, list_all),
    post("/applications", create),
    get("/applications/{id}", &["$select", "$expand"], read),
    patch("/applications/{id}", update),
    delete("/applications/{id}", remove),
    get("/applications/{id}/owners", &["$select"], owners),
];

pub(super) const SHAPE: Shape<'_> = Shape {
    entity: "application",
    context: "applications",
    filterable: &[
        "appId",
        "createdDateTime",
        "displayName",
        "id",
        "identifierUris",
        "signInAudience",
        "tags",
        "uniqueName",
    ],
    default: &[],
};

/// Set by the service alone; `uniqueName` by the upsert alone (CSDL and Graph's page on the application resource).
const READ_ONLY: [&str; 9] = [
    "appId",
    "applicationTemplateId",
    "createdByAppId",
    "createdDateTime",
    "deletedDateTime",
    "id",
    "publisherDomain",
    "uniqueName",
    "verifiedPublisher",
];

const AUDIENCES: [&str; 4] =
    ["AzureADMyOrg", "AzureADMultipleOrgs", "AzureADandPersonalMicrosoftAccount", "PersonalMicrosoftAccount"];

fn list_all(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    context.many(Kind::Application, &SHAPE, |_| true)
}

fn read(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    let application = context.find(Kind::Application, &context.key())?;
    let mut answer = context.one(application, &SHAPE)?;
    for name in &context.query.expand {
        if name != "appManagementPolicies" {
            return Err(list::unknown_property(name, SHAPE.entity));
        }
        let policies = policies::of_application(&context.world.directory, application, context.sight);
        if let Body::Json(body) = &mut answer.body {
            body[name] = policies.map(public).collect();
        }
    }
    Ok(answer)
}

fn create(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    let body = context.body.clone();
    make(context, &body, None)
}

fn make(context: &mut Context<'_>, body: &Object, unique_name: Option<&str>) -> Result<Answer, GraphError> {
    check(body)?;
    if !body.contains_key("displayName") {
        return Err(GraphError::missing_value("displayName", "Application"));
    }
    let mut application = context.world.directory.new_application(context.now);
    // Graph's page on creating an application: without a value the audience includes personal accounts.
    application["signInAudience"] = json!("AzureADandPersonalMicrosoftAccount");
    merge(&mut application, body, "application");
    application["uniqueName"] = json!(unique_name);
    application["createdByAppId"] = json!(context.caller.app_id);
    let id = text(&application, "id").to_owned();
    context.world.directory.store.put(Kind::Application, &id, application.clone(), context.now);
    context.created(&application, &SHAPE)
}

fn update(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    match context.key() {
        Key::Alternate { name, value } if name == "uniqueName" => return upsert(context, &value),
        Key::Alternate { .. } | Key::Id(_) => {}
    }
    change(context)
}

/// `PATCH /applications(uniqueName='...')`: 201 where `Prefer: create-if-missing` made it, 204 where it was there, 404 where
/// it is missing and the header too (Graph's page on upserting an application).
fn upsert(context: &mut Context<'_>, unique_name: &str) -> Result<Answer, GraphError> {
    if !context.world.upsert {
        return Err(no_upsert("Application"));
    }
    let seen = context.find(Kind::Application, &context.key()).is_ok();
    let there = context.world.directory.find(Kind::Application, "uniqueName", unique_name, Sight::Truth).is_some();
    match (seen, there, context.wants_create()) {
        (true, _, true) if !context.body.contains_key("displayName") => {
            Err(GraphError::missing_value("displayName", "Application"))
        }
        (true, _, _) => change(context),
        (false, false, true) if held(context, unique_name) => Err(name_held(context.world.deleted_names)),
        (false, false, true) => {
            let body = context.body.clone();
            make(context, &body, Some(unique_name))
        }
        // Assumption: an upsert on a replica that does not see the application yet runs into the unique key.
        (false, true, true) => Err(unique_name_taken()),
        (false, _, false) => Err(GraphError::not_found(unique_name)),
    }
}

const NAME_TAKEN: &str = "Another object with the same value for property uniqueName already exists.";

fn unique_name_taken() -> GraphError {
    GraphError::new(409, "Request_MultipleObjectsWithSameKeyValue", NAME_TAKEN)
        .with_detail("ObjectConflict", "uniqueName")
}

/// Whether a soft-deleted application still has the name: until it is restored, deleted for good, or 30 days are over.
fn held(context: &Context<'_>, unique_name: &str) -> bool {
    let kept = context.world.deleted_names != DeletedNames::Free;
    let mut deleted = context.world.directory.store.all(Kind::DeletedApplication, Sight::Truth);
    kept && deleted.any(|application| text(application, "uniqueName").eq_ignore_ascii_case(unique_name))
}

fn name_held(form: DeletedNames) -> GraphError {
    let plain = GraphError::refused(NAME_TAKEN);
    match form {
        DeletedNames::Conflict => unique_name_taken(),
        DeletedNames::BadRequestBare => plain,
        DeletedNames::ObjectConflict => GraphError::new(400, "ObjectConflict", NAME_TAKEN),
        DeletedNames::Free | DeletedNames::BadRequest => plain.with_detail("ObjectConflict", "uniqueName"),
    }
}

fn change(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    let mut application = context.target(Kind::Application)?;
    check_owner(context, &application)?;
    check(&context.body)?;
    merge(&mut application, &context.body, "application");
    let id = text(&application, "id").to_owned();
    context.world.directory.store.put(Kind::Application, &id, application, context.now);
    Ok(Answer::empty(204))
}

/// Assumption: an application that a client has made has no owner but those that were added.
fn owners(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    let application = context.find(Kind::Application, &context.key())?;
    let ids = application.get(OWNERS).and_then(Value::as_array).into_iter().flatten();
    let owners: Vec<Value> = ids.map(|id| json!({ "@odata.type": "#microsoft.graph.user", "id": id })).collect();
    let about = format!("{}/v1.0/$metadata#directoryObjects(id)", context.world.graph());
    Ok(Answer::json(200, json!({ "@odata.context": about, "value": owners })))
}

fn remove(context: &mut Context<'_>) -> Result<Answer, GraphError> {
    let application = context.target(Kind::Application)?;
    check_owner(context, &application)?;
    context.world.directory.delete_application(text(&application, "id"), context.now);
    Ok(Answer::empty(204))
}

/// With `Application.ReadWrite.OwnedBy` alone a client changes only what it owns, which is what it created
/// (Assumption: owners added later are not served).
pub(super) fn check_owner(context: &Context<'_>, object: &Object) -> Result<(), GraphError> {
    let owned = text(object, "createdByAppId") == context.caller.app_id;
    if context.caller.only_owned && !owned { Err(GraphError::denied()) } else { Ok(()) }
}

fn check(body: &Object) -> Result<(), GraphError> {
    schema::check("application", body)?;
    if let Some(name) = READ_ONLY.iter().find(|name| body.contains_key(**name)) {
        return Err(GraphError::read_only(name));
    }
    if body.get("passwordCredentials").is_some_and(|list| *list != json!([])) {
        // Graph's pages name addPassword as the only way (microsoft-graph-docs issue 3579). Assumption: the text.
        return Err(GraphError::refused("New password credentials must be generated with service actions."));
    }
    check_name(body)?;
    check_audience(body)?;
    let resources = body.get("requiredResourceAccess").and_then(Value::as_array);
    resources.into_iter().flatten().filter_map(Value::as_object).try_for_each(check_resource)
}

fn check_name(body: &Object) -> Result<(), GraphError> {
    match body.get("displayName").map(Value::as_str) {
        Some(None | Some("")) => Err(GraphError::invalid_value("displayName", "Application")),
        // Graph's page on the application resource: 256 characters.
        Some(Some(name)) if name.chars().count() > 256 => Err(GraphError::invalid_value("displayName", "Application")),
        Some(Some(_)) | None => Ok(()),
    }
}

fn check_audience(body: &Object) -> Result<(), GraphError> {
    let audience = body.get("signInAudience").and_then(Value::as_str);
    if audience.is_none_or(|audience| AUDIENCES.contains(&audience)) {
        return Ok(());
    }
    Err(GraphError::invalid_value("signInAudience", "Application"))
}

fn check_resource(resource: &Object) -> Result<(), GraphError> {
    let accesses = resource.get("resourceAccess").and_then(Value::as_array).into_iter().flatten();
    let kinds = accesses.filter_map(Value::as_object).map(|access| text(access, "type"));
    let wrong = kinds.into_iter().any(|kind| kind != "Scope" && kind != "Role");
    let app = uuid::Uuid::try_parse(text(resource, "resourceAppId")).is_err();
    if wrong || app { Err(GraphError::invalid_value("requiredResourceAccess", "Application")) } else { Ok(()) }
}
