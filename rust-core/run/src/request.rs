//! Changes as requests of Microsoft Graph, and the one answer that holds a secret.

use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::made::MadeSecret;
use pp_base::secret::SecretText;
use pp_graph::batch::{Answer, Item};
use pp_graph::error::GraphError;
use pp_runbook::change::{Change, SecretEnd};
use pp_runbook::steps::application::SINGLE_TENANT;
use pp_runbook::steps::global_administrator::GLOBAL_ADMINISTRATOR;
use pp_runbook::types::{Application, NewSecret, RequiredResourceAccess};
use pp_runbook::wanted::{SECRET_NAME, UNIQUE_NAME};

/// What requests are built on.
pub(crate) struct Ids<'a> {
    pub(crate) application: Option<&'a Application>,
    /// Object id of its service principal.
    pub(crate) principal: Option<&'a str>,
    /// The service takes the alternate key `uniqueName` with create-if-missing.
    pub(crate) upsert: bool,
}

/// The request of one change; `None` while an id it needs is not known yet.
pub(crate) fn item(change: &Change, ids: &Ids<'_>, start: OffsetDateTime) -> Option<Item> {
    Some(match change {
        Change::SwitchSyncOff { organization } => {
            Item::write("PATCH", format!("/organization/{organization}"), json!({"onPremisesSyncEnabled": false}))
        }
        Change::CreateApplication { display_name, permissions } => {
            create_application(display_name, permissions, ids.upsert)
        }
        Change::UpdateApplication { id, permissions, tags, single_tenant } => {
            let body = update(permissions.as_deref(), tags.as_deref(), *single_tenant);
            Item::write("PATCH", format!("/applications/{id}"), body)
        }
        Change::CreateServicePrincipal => {
            Item::write("POST", "/servicePrincipals", json!({"appId": ids.application?.app_id}))
        }
        Change::EnableServicePrincipal { id } => {
            Item::write("PATCH", format!("/servicePrincipals/{id}"), json!({"accountEnabled": true}))
        }
        Change::CreateGrant { resource, scopes } => Item::write(
            "POST",
            "/oauth2PermissionGrants",
            json!({"clientId": ids.principal?, "consentType": "AllPrincipals", "resourceId": resource, "scope": scopes.join(" ")}),
        ),
        Change::WidenGrant { id, scope } => {
            Item::write("PATCH", format!("/oauth2PermissionGrants/{id}"), json!({"scope": scope}))
        }
        Change::AssignAppRole { resource, role, .. } => Item::write(
            "POST",
            format!("/servicePrincipals/{resource}/appRoleAssignedTo"),
            json!({"principalId": ids.principal?, "resourceId": resource, "appRoleId": role}),
        ),
        Change::AssignGlobalAdministrator => Item::write(
            "POST",
            "/roleManagement/directory/roleAssignments",
            json!({
                "@odata.type": "#microsoft.graph.unifiedRoleAssignment",
                "principalId": ids.principal?,
                "roleDefinitionId": GLOBAL_ADMINISTRATOR,
                "directoryScopeId": "/",
            }),
        ),
        Change::AddSecret { end } => {
            let credential = json!({
                "displayName": SECRET_NAME,
                "startDateTime": iso(start)?,
                "endDateTime": iso(end.at(start))?,
            });
            let path = format!("/applications/{}/addPassword", ids.application?.id);
            Item::write("POST", path, json!({"passwordCredential": credential}))
        }
    })
}

/// Takes one secret away.
pub(crate) fn remove_secret(application: &str, key_id: &str) -> Item {
    Item::write("POST", format!("/applications/{application}/removePassword"), json!({"keyId": key_id}))
}

/// Only what changes: a property that is left out stays as it is.
fn update(permissions: Option<&[RequiredResourceAccess]>, tags: Option<&[String]>, single_tenant: bool) -> Value {
    let mut body = serde_json::Map::new();
    if let Some(permissions) = permissions {
        body.insert("requiredResourceAccess".into(), json!(permissions));
    }
    if let Some(tags) = tags {
        body.insert("tags".into(), json!(tags));
    }
    if single_tenant {
        body.insert("signInAudience".into(), json!(SINGLE_TENANT));
    }
    Value::Object(body)
}

fn create_application(display_name: &str, permissions: &[RequiredResourceAccess], upsert: bool) -> Item {
    let mut body = json!({
        "displayName": display_name,
        "signInAudience": SINGLE_TENANT,
        "requiredResourceAccess": permissions,
    });
    if upsert {
        let path = format!("/applications(uniqueName='{UNIQUE_NAME}')");
        return Item { headers: vec![("Prefer", "create-if-missing")], ..Item::write("PATCH", path, body) };
    }
    body["tags"] = json!([UNIQUE_NAME]);
    Item::write("POST", "/applications", body)
}

/// Takes the text out of the answer to `addPassword` and wipes where it was.
pub(crate) fn new_secret(answer: &mut Answer, end: SecretEnd, now: OffsetDateTime) -> Result<MadeSecret, GraphError> {
    let name = "POST /applications/{id}/addPassword";
    let text = match answer.body.get_mut("secretText").map(Value::take) {
        Some(Value::String(text)) if !text.is_empty() => SecretText::take(text),
        _ => return Err(GraphError::EffectUnknown(format!("the answer to {name} holds no secretText"))),
    };
    let secret: NewSecret = pp_graph::entity(name, answer)?;
    Ok(MadeSecret { key_id: secret.key_id, end: secret.end_date_time.unwrap_or_else(|| end.at(now)), text })
}

/// As the start of a secret is sent and read back: it tells one secret from another.
pub(crate) fn to_microsecond(time: OffsetDateTime) -> OffsetDateTime {
    time.replace_nanosecond(time.microsecond() * 1_000).unwrap_or(time)
}

/// ISO 8601 in UTC.
fn iso(time: OffsetDateTime) -> Option<String> {
    time.format(&Rfc3339).ok()
}
