//! Changes as requests of Microsoft Graph. Pure: kind, values and ids in, method, path, body and headers out.

use serde_json::json;
use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcOffset};

use crate::change::{AppKey, Change, ChangeKind, Object};
use crate::request::Request;
use crate::steps::application::SINGLE_TENANT;
use crate::steps::global_administrator::GLOBAL_ADMINISTRATOR;
use crate::types::{Application, CredentialLock, RequiredResourceAccess, ServicePrincipal};
use crate::wanted::{SECRET_NAME, UNIQUE_NAME};

/// What requests are built on.
#[derive(Debug, Clone, Copy)]
pub struct Ids<'a> {
    /// Object id of the application.
    pub application: Option<&'a str>,
    /// Its application (client) id.
    pub app_id: Option<&'a str>,
    /// Object id of its service principal.
    pub principal: Option<&'a str>,
    /// The service takes the alternate key `uniqueName` with create-if-missing.
    pub upsert: bool,
    /// The start of a secret, to the microsecond: it tells one secret from another.
    pub start: OffsetDateTime,
}

impl Change {
    /// The request; `None` while an id it needs is not known yet.
    pub fn request(&self, ids: &Ids<'_>) -> Option<Request> {
        Some(match &self.kind {
            ChangeKind::SwitchSyncOff { organization } => Request::write(
                "PATCH",
                format!("/organization/{organization}"),
                json!({"onPremisesSyncEnabled": false}),
            ),
            ChangeKind::CreateApplication { display_name, permissions, key, lock } => create_application(
                display_name,
                permissions,
                lock.as_ref(),
                if ids.upsert { key } else { &AppKey::None },
            ),
            ChangeKind::UpdateApplication { id, to, .. } => {
                Request::write("PATCH", format!("/applications/{id}"), json!(to))
            }
            ChangeKind::CreateServicePrincipal => {
                Request::write("POST", "/servicePrincipals", json!({"appId": ids.app_id?}))
            }
            ChangeKind::SetServicePrincipalEnabled { id, enabled } => {
                Request::write("PATCH", format!("/servicePrincipals/{id}"), json!({"accountEnabled": enabled}))
            }
            ChangeKind::SetGrantScope { id, to, .. } => {
                Request::write("PATCH", format!("/oauth2PermissionGrants/{id}"), json!({"scope": to}))
            }
            ChangeKind::RemoveSecret { key_id } => {
                let path = format!("/applications/{}/removePassword", ids.application?);
                Request::write("POST", path, json!({"keyId": key_id}))
            }
            ChangeKind::RestoreApplication { id, .. } | ChangeKind::RestoreServicePrincipal { id } => {
                Request::bare("POST", format!("/directory/deletedItems/{id}/restore"))
            }
            ChangeKind::PurgeApplication { id, .. } => Request::bare("DELETE", format!("/directory/deletedItems/{id}")),
            ChangeKind::Remove { object, id } => Request::bare("DELETE", path_of(object, id)),
            ChangeKind::CreateGrant { .. }
            | ChangeKind::AssignAppRole { .. }
            | ChangeKind::AssignGlobalAdministrator
            | ChangeKind::AddSecret { .. } => self.grant(ids)?,
        })
    }

    /// The request for a reader: what is known only when an earlier change is made, or when it is sent, stands in braces.
    pub fn shown(&self, application: Option<&Application>, principal: Option<&ServicePrincipal>) -> Option<Request> {
        let ids = Ids {
            application: Some(application.map_or("{application}", |application| &application.id)),
            app_id: Some(application.map_or("{appId}", |application| &application.app_id)),
            principal: Some(principal.map_or("{servicePrincipal}", |principal| &principal.id)),
            upsert: true,
            start: OffsetDateTime::UNIX_EPOCH,
        };
        let mut request = self.request(&ids)?;
        if let (ChangeKind::AddSecret { end }, Some(body)) = (&self.kind, &mut request.body) {
            body["passwordCredential"]["startDateTime"] = json!("{start}");
            body["passwordCredential"]["endDateTime"] = json!(format!("{{start}} + {end}"));
        }
        Some(request)
    }

    /// What gives the application power.
    fn grant(&self, ids: &Ids<'_>) -> Option<Request> {
        let (path, body) = match &self.kind {
            ChangeKind::CreateGrant { resource, scopes } => (
                "/oauth2PermissionGrants".to_owned(),
                json!({"clientId": ids.principal?, "consentType": "AllPrincipals", "resourceId": resource, "scope": scopes.join(" ")}),
            ),
            ChangeKind::AssignAppRole { resource, role, .. } => (
                format!("/servicePrincipals/{resource}/appRoleAssignedTo"),
                json!({"principalId": ids.principal?, "resourceId": resource, "appRoleId": role}),
            ),
            ChangeKind::AssignGlobalAdministrator => (
                "/roleManagement/directory/roleAssignments".to_owned(),
                json!({
                    "@odata.type": "#microsoft.graph.unifiedRoleAssignment",
                    "principalId": ids.principal?,
                    "roleDefinitionId": GLOBAL_ADMINISTRATOR,
                    "directoryScopeId": "/",
                }),
            ),
            ChangeKind::AddSecret { end } => {
                let credential = json!({
                    "displayName": SECRET_NAME,
                    "startDateTime": iso(ids.start)?,
                    "endDateTime": iso(end.at(ids.start))?,
                });
                (format!("/applications/{}/addPassword", ids.application?), json!({"passwordCredential": credential}))
            }
            _ => return None,
        };
        Some(Request::write("POST", path, body))
    }
}

fn path_of(object: &Object, id: &str) -> String {
    match object {
        Object::Application => format!("/applications/{id}"),
        Object::ServicePrincipal => format!("/servicePrincipals/{id}"),
        Object::Grant => format!("/oauth2PermissionGrants/{id}"),
        Object::AppRoleAssignment { resource } => format!("/servicePrincipals/{resource}/appRoleAssignedTo/{id}"),
        Object::RoleAssignment => format!("/roleManagement/directory/roleAssignments/{id}"),
        Object::DeletedServicePrincipal => format!("/directory/deletedItems/{id}"),
    }
}

fn create_application(
    display_name: &str,
    permissions: &[RequiredResourceAccess],
    lock: Option<&CredentialLock>,
    key: &AppKey,
) -> Request {
    let mut body = json!({
        "displayName": display_name,
        "signInAudience": SINGLE_TENANT,
        "requiredResourceAccess": permissions,
    });
    if let Some(lock) = lock {
        body["servicePrincipalLockConfiguration"] = json!(lock);
    }
    if *key != AppKey::Ours {
        body["tags"] = json!([UNIQUE_NAME]);
    }
    let unique_name = match key {
        AppKey::Ours => UNIQUE_NAME.to_owned(),
        AppKey::Beside(deleted) => format!("{UNIQUE_NAME}-{deleted}"),
        AppKey::None => return Request::write("POST", "/applications", body),
    };
    Request::create_if_missing(&unique_name, body)
}

/// ISO 8601 in UTC.
fn iso(time: OffsetDateTime) -> Option<String> {
    time.checked_to_offset(UtcOffset::UTC)?.format(&Rfc3339).ok()
}
