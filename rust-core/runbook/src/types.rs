//! The Graph entities the runbook touches: only the properties it asks for with `$select`. Source of names and types:
//! Microsoft Graph v1.0 metadata (CSDL).

use serde::{Deserialize, Deserializer, Serialize};
use time::OffsetDateTime;

/// The app id of Microsoft Graph, the API whose permissions are declared and granted.
pub const GRAPH_APP_ID: &str = "00000003-0000-0000-c000-000000000000";

/// `organization`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Organization {
    /// Tenant id.
    pub id: String,
    /// The firm's name.
    #[serde(default)]
    pub display_name: Option<String>,
    /// true: on; false: was on; null: never was, or is no longer. Off means "not true".
    #[serde(default)]
    pub on_premises_sync_enabled: Option<bool>,
    /// Last time the sync client reported.
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub on_premises_last_sync_date_time: Option<OffsetDateTime>,
    /// Its domains.
    #[serde(default)]
    pub verified_domains: Option<Vec<VerifiedDomain>>,
}

impl Organization {
    /// The domain that new users get.
    pub fn default_domain(&self) -> Option<&str> {
        let default = self.verified_domains.iter().flatten().find(|domain| domain.is_default == Some(true))?;
        default.name.as_deref()
    }

    /// All of them.
    pub fn domains(&self) -> impl Iterator<Item = &str> {
        self.verified_domains.iter().flatten().filter_map(|domain| domain.name.as_deref())
    }
}

/// A domain of the organization.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VerifiedDomain {
    /// As `contoso.com`.
    #[serde(default)]
    pub name: Option<String>,
    /// Whether new users get it.
    #[serde(default)]
    pub is_default: Option<bool>,
}

/// `application`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Application {
    /// Object id.
    pub id: String,
    /// Application (client) id.
    pub app_id: String,
    /// Name shown in the portal.
    #[serde(default)]
    pub display_name: Option<String>,
    /// Alternate key.
    #[serde(default)]
    pub unique_name: Option<String>,
    /// When it was made.
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub created_date_time: Option<OffsetDateTime>,
    /// Who may sign in.
    #[serde(default)]
    pub sign_in_audience: Option<String>,
    /// Free marks.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Declared permissions.
    #[serde(default)]
    pub required_resource_access: Vec<RequiredResourceAccess>,
    /// Client secrets, without their texts.
    #[serde(default)]
    pub password_credentials: Vec<PasswordCredential>,
}

/// Declared permissions of one API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RequiredResourceAccess {
    /// The API's app id.
    pub resource_app_id: String,
    /// Its permissions.
    pub resource_access: Vec<ResourceAccess>,
}

/// One declared permission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceAccess {
    /// Id of the scope or app role.
    pub id: String,
    /// `Scope` (delegated) or `Role` (application).
    #[serde(rename = "type")]
    pub kind: String,
}

/// A client secret, without its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PasswordCredential {
    /// The secret's id, in small letters: whoever gives one may have it otherwise.
    #[serde(deserialize_with = "in_small_letters")]
    pub key_id: String,
    /// Its name.
    #[serde(default)]
    pub display_name: Option<String>,
    /// First characters of its text, by which people tell one from another. Written down nowhere.
    #[serde(default, skip_serializing)]
    pub hint: Option<String>,
    /// Valid from.
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub start_date_time: Option<OffsetDateTime>,
    /// Valid to.
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub end_date_time: Option<OffsetDateTime>,
}

/// `servicePrincipal`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServicePrincipal {
    /// Object id.
    pub id: String,
    /// Application (client) id.
    pub app_id: String,
    /// Disabled ones can't sign in.
    #[serde(default)]
    pub account_enabled: Option<bool>,
}

/// Microsoft Graph's own service principal: the permissions it offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceServicePrincipal {
    /// Object id, the `resourceId` of grants.
    pub id: String,
    /// Application permissions.
    pub app_roles: Vec<OfferedPermission>,
    /// Delegated permissions.
    pub oauth2_permission_scopes: Vec<OfferedPermission>,
}

/// An app role or a scope that an API offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OfferedPermission {
    /// Its id.
    pub id: String,
    /// Its name, `User.Read.All` and the like.
    #[serde(default)]
    pub value: Option<String>,
    /// Disabled ones can't be granted.
    #[serde(default)]
    pub is_enabled: Option<bool>,
}

/// `oAuth2PermissionGrant`: delegated consent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Grant {
    /// Its id.
    pub id: String,
    /// Service principal that may act.
    pub client_id: String,
    /// `AllPrincipals` (admin consent for everybody) or `Principal` (one user).
    pub consent_type: String,
    /// API's service principal.
    pub resource_id: String,
    /// Permission names, separated by spaces.
    #[serde(default)]
    pub scope: Option<String>,
}

/// `appRoleAssignment`: application consent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AppRoleAssignment {
    /// Its id.
    pub id: String,
    /// Who holds the role.
    pub principal_id: String,
    /// API's service principal.
    pub resource_id: String,
    /// Which role.
    pub app_role_id: String,
}

/// `unifiedRoleAssignment`: a directory role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RoleAssignment {
    /// Its id.
    pub id: String,
    /// Who holds the role.
    pub principal_id: String,
    /// Which role.
    pub role_definition_id: String,
    /// `/` for the whole directory.
    #[serde(default)]
    pub directory_scope_id: Option<String>,
}

/// `tenantAppManagementPolicy`: what the tenant allows for secrets of applications.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AppManagementPolicy {
    /// Its id.
    pub id: String,
    /// Whether it is in force.
    #[serde(default)]
    pub is_enabled: bool,
    /// Rules for applications.
    #[serde(default)]
    pub application_restrictions: Option<CredentialRestrictions>,
}

/// `appManagementPolicy`: what one application is allowed instead of the tenant's default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AppPolicy {
    /// Its id.
    pub id: String,
    /// Whether it is in force.
    #[serde(default)]
    pub is_enabled: bool,
    /// Its rules.
    #[serde(default)]
    pub restrictions: Option<CredentialRestrictions>,
}

/// An application with its own app management policies.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExpandedApplication {
    /// One at most.
    #[serde(default)]
    pub app_management_policies: Vec<AppPolicy>,
}

/// Rules for credentials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CredentialRestrictions {
    /// Rules for client secrets.
    #[serde(default)]
    pub password_credentials: Vec<CredentialRestriction>,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CredentialRestriction {
    /// `passwordAddition`, `passwordLifetime`, ...
    pub restriction_type: String,
    /// `enabled` or `disabled`; absent in old policies, which counts as enabled.
    #[serde(default)]
    pub state: Option<String>,
    /// ISO 8601 duration.
    #[serde(default)]
    pub max_lifetime: Option<String>,
    /// Older applications are exempt.
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub restrict_for_apps_created_after_date_time: Option<OffsetDateTime>,
}

/// The answer to `addPassword`, without the text, which is taken out first.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewSecret {
    /// The secret's id, in small letters: whoever gives one may have it otherwise.
    #[serde(deserialize_with = "in_small_letters")]
    pub key_id: String,
    /// Valid to.
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub end_date_time: Option<OffsetDateTime>,
}

fn in_small_letters<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    String::deserialize(deserializer).map(|text| text.to_ascii_lowercase())
}
