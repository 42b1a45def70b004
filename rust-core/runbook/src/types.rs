//! The Graph entities the runbook touches: only the properties it asks for with `$select`. Source of names and types:
//! Microsoft Graph v1.0 metadata (CSDL).

use serde::{Deserialize, Deserializer, Serialize};
use time::OffsetDateTime;

use pp_words::lenient::{flag, instant, or_default, without_nulls};

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
    #[serde(default, deserialize_with = "flag::option")]
    pub on_premises_sync_enabled: Option<bool>,
    /// Last time the sync client reported.
    #[serde(default, with = "instant")]
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
    #[serde(default, deserialize_with = "flag::option")]
    pub is_default: Option<bool>,
    /// Whether it is the one that the tenant was made with, which ends with `.onmicrosoft.com`.
    #[serde(default, deserialize_with = "flag::option")]
    pub is_initial: Option<bool>,
    /// `Managed` or `Federated`.
    #[serde(default, rename = "type")]
    pub kind: Option<String>,
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
    #[serde(default, with = "instant")]
    pub created_date_time: Option<OffsetDateTime>,
    /// Who may sign in.
    #[serde(default)]
    pub sign_in_audience: Option<String>,
    /// Free marks.
    #[serde(default, deserialize_with = "or_default")]
    pub tags: Vec<String>,
    /// Declared permissions.
    #[serde(default, deserialize_with = "or_default")]
    pub required_resource_access: Vec<RequiredResourceAccess>,
    /// Client secrets, without their texts.
    #[serde(default, deserialize_with = "without_nulls")]
    pub password_credentials: Vec<PasswordCredential>,
    /// No token is issued to it, by whose will.
    #[serde(flatten)]
    pub deactivation: Deactivation,
    /// Whether its service principal takes credentials of its own.
    #[serde(default)]
    pub service_principal_lock_configuration: Option<CredentialLock>,
}

/// `servicePrincipalLockConfiguration`: what nobody can change on the service principal, credentials first of all. The
/// application itself isn't locked by it. Source: Microsoft Graph documentation, servicePrincipalLockConfiguration.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CredentialLock {
    /// Whether it holds.
    #[serde(default, deserialize_with = "flag::or_false")]
    pub is_enabled: bool,
    /// All that can be locked; without it what the others name.
    #[serde(default, deserialize_with = "flag::or_false")]
    pub all_properties: bool,
    /// Finer choices, as they are.
    #[serde(flatten)]
    pub others: serde_json::Map<String, serde_json::Value>,
}

impl CredentialLock {
    /// True where every credential is locked.
    pub fn is_whole(&self) -> bool {
        self.is_enabled && self.all_properties
    }

    /// The same, and everything locked: never less than before.
    #[must_use]
    pub fn made_whole(&self) -> Self {
        Self { is_enabled: true, all_properties: true, others: self.others.clone() }
    }
}

/// What keeps an application or a service principal from getting tokens, though it is there. Source: Microsoft Graph
/// documentation, application and servicePrincipal, and "Deactivate an app registration" of Entra's.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Deactivation {
    /// Somebody of the tenant has deactivated it.
    #[serde(default, deserialize_with = "flag::option", skip_serializing_if = "Option::is_none")]
    pub is_disabled: Option<bool>,
    /// Microsoft has: anything but null and `NotDisabled`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled_by_microsoft_status: Option<String>,
}

impl Deactivation {
    /// What is the matter and who can lift it, where something is.
    pub fn words(&self) -> Option<String> {
        let status = self.disabled_by_microsoft_status.as_deref().filter(|status| *status != "NotDisabled");
        if let Some(status) = status {
            return Some(format!(
                "Microsoft has disabled it ({status}): it gets no tokens until Microsoft's support has lifted that"
            ));
        }
        let words = "it is deactivated: it gets no tokens until an Application Administrator activates it again, in the Entra \
                     admin center under App registrations or by isDisabled false";
        self.is_disabled.unwrap_or_default().then(|| words.to_owned())
    }
}

/// Declared permissions of one API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RequiredResourceAccess {
    /// The API's app id.
    pub resource_app_id: String,
    /// Its permissions.
    #[serde(default, deserialize_with = "or_default")]
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
    /// The secret's id, in small letters: whoever gives one may have it otherwise. Empty where it has none.
    #[serde(default, deserialize_with = "in_small_letters_or_none")]
    pub key_id: String,
    /// Its name.
    #[serde(default)]
    pub display_name: Option<String>,
    /// First characters of its text, by which people tell one from another. Written down nowhere.
    #[serde(default, skip_serializing)]
    pub hint: Option<String>,
    /// Valid from.
    #[serde(default, with = "instant")]
    pub start_date_time: Option<OffsetDateTime>,
    /// Valid to.
    #[serde(default, with = "instant")]
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
    #[serde(default, deserialize_with = "flag::option")]
    pub account_enabled: Option<bool>,
    /// No token is issued to it, by whose will.
    #[serde(flatten)]
    pub deactivation: Deactivation,
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
    /// Ids and names of application permissions that are not the runbook's, a line each: what else is granted has a name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub other_app_roles: String,
}

impl ResourceServicePrincipal {
    /// What an application permission is called, by its id; the id where nobody has said.
    pub fn role_name<'a>(&'a self, id: &'a str) -> &'a str {
        let named = self.app_roles.iter().filter_map(|role| Some((role.id.as_str(), role.value.as_deref()?)));
        let others = self.other_app_roles.lines().filter_map(|line| line.split_once(' '));
        named.chain(others).find(|(known, _)| known.eq_ignore_ascii_case(id)).map_or(id, |(_, name)| name)
    }
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
    #[serde(default, deserialize_with = "flag::option")]
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

/// `unifiedRoleAssignmentScheduleInstance`: a directory role as Privileged Identity Management has it assigned, perhaps for a time. The
/// names are of general knowledge.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RoleInstance {
    /// Who holds the role.
    pub principal_id: String,
    /// `/` for the whole directory.
    #[serde(default)]
    pub directory_scope_id: Option<String>,
    /// When that ends; none where it doesn't.
    #[serde(default, with = "instant")]
    pub end_date_time: Option<OffsetDateTime>,
}

/// `tenantAppManagementPolicy`: what the tenant allows for secrets of applications.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AppManagementPolicy {
    /// Its id.
    #[serde(default, deserialize_with = "or_default")]
    pub id: String,
    /// Whether it is in force.
    #[serde(default, deserialize_with = "flag::or_false")]
    pub is_enabled: bool,
    /// Rules for applications.
    #[serde(default)]
    pub application_restrictions: Option<CredentialRestrictions>,
    /// Why its rules aren't known, where this tenant has none to show, or none that can be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown: Option<String>,
}

impl AppManagementPolicy {
    /// That of a tenant which can't show one.
    pub fn unknown(why: String) -> Self {
        Self { id: String::new(), is_enabled: false, application_restrictions: None, unknown: Some(why) }
    }
}

/// `appManagementPolicy`: what one application is allowed instead of the tenant's default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AppPolicy {
    /// Its id.
    #[serde(default, deserialize_with = "or_default")]
    pub id: String,
    /// Whether it is in force.
    #[serde(default, deserialize_with = "flag::or_false")]
    pub is_enabled: bool,
    /// Its rules.
    #[serde(default)]
    pub restrictions: Option<CredentialRestrictions>,
    /// Why its rules aren't known, and whether there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown: Option<String>,
}

impl AppPolicy {
    /// One that can't be read.
    pub fn unknown(why: String) -> Self {
        Self { id: String::new(), is_enabled: false, restrictions: None, unknown: Some(why) }
    }
}

/// An application with its own app management policies.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExpandedApplication {
    /// One at most.
    #[serde(default, deserialize_with = "without_nulls")]
    pub app_management_policies: Vec<AppPolicy>,
}

/// Rules for credentials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CredentialRestrictions {
    /// Rules for client secrets.
    #[serde(default, deserialize_with = "without_nulls")]
    pub password_credentials: Vec<CredentialRestriction>,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CredentialRestriction {
    /// `passwordAddition`, `passwordLifetime`, ...; empty where it has none, which is no rule that is known.
    #[serde(default, deserialize_with = "or_default")]
    pub restriction_type: String,
    /// `enabled` or `disabled`; absent in old policies, which counts as enabled; what else there may be one day, too.
    #[serde(default)]
    pub state: Option<String>,
    /// ISO 8601 duration. What is no text is kept as its JSON: it is no duration.
    #[serde(default, deserialize_with = "as_text")]
    pub max_lifetime: Option<String>,
    /// Older applications are exempt.
    #[serde(default, with = "instant")]
    pub restrict_for_apps_created_after_date_time: Option<OffsetDateTime>,
    /// Who is exempt, by custom security attributes: whether the caller is can't be seen from here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exclude_actors: Option<serde_json::Value>,
}

/// The answer to `addPassword`, without the text, which is taken out first.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewSecret {
    /// The secret's id, in small letters: whoever gives one may have it otherwise.
    #[serde(deserialize_with = "in_small_letters")]
    pub key_id: String,
    /// Valid to.
    #[serde(default, with = "instant")]
    pub end_date_time: Option<OffsetDateTime>,
}

fn in_small_letters<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    String::deserialize(deserializer).map(|text| text.to_ascii_lowercase())
}

fn in_small_letters_or_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    or_default(deserializer).map(|text: String| text.to_ascii_lowercase())
}

fn as_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let value = Option::<serde_json::Value>::deserialize(deserializer)?;
    Ok(value.map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{AppManagementPolicy, Application, Organization, ServicePrincipal};

    fn application(with: &Value) -> Result<Application, serde_json::Error> {
        let mut whole = json!({"id": "1", "appId": "2"});
        if let (Some(whole), Some(with)) = (whole.as_object_mut(), with.as_object()) {
            whole.extend(with.clone());
        }
        serde_json::from_value(whole)
    }

    #[test]
    fn null_is_what_absent_is() -> Result<(), serde_json::Error> {
        let absent = application(&json!({}))?;
        for name in ["tags", "requiredResourceAccess", "passwordCredentials", "isDisabled", "createdDateTime"] {
            assert_eq!(application(&json!({ name: null }))?, absent, "{name}");
        }
        let policy: AppManagementPolicy = serde_json::from_value(json!({
            "id": "p", "isEnabled": null, "applicationRestrictions": {"passwordCredentials": null}
        }))?;
        assert!(
            !policy.is_enabled && policy.application_restrictions.is_some_and(|r| r.password_credentials.is_empty())
        );
        Ok(())
    }

    #[test]
    fn a_secret_without_an_id_makes_no_application_unreadable() -> Result<(), serde_json::Error> {
        let secrets = json!([null, {"keyId": null, "displayName": "PPToken", "endDateTime": ""}, {}]);
        let read = application(&json!({ "passwordCredentials": secrets }))?.password_credentials;
        let told: Vec<_> = read.iter().map(|one| (one.key_id.as_str(), one.display_name.as_deref())).collect();
        assert_eq!(told, [("", Some("PPToken")), ("", None)]);
        Ok(())
    }

    #[test]
    fn a_flag_is_one_as_text_too() -> Result<(), serde_json::Error> {
        for (written, read) in [(json!(true), Some(true)), (json!("False"), Some(false)), (json!(null), None)] {
            let principal: ServicePrincipal = serde_json::from_value(
                json!({"id": "1", "appId": "2", "accountEnabled": written, "isDisabled": written}),
            )?;
            assert_eq!((principal.account_enabled, principal.deactivation.is_disabled), (read, read));
            let organization: Organization = serde_json::from_value(json!({
                "id": "1", "onPremisesSyncEnabled": written,
                "verifiedDomains": [{"name": "contoso.com", "isDefault": written, "isInitial": written}]
            }))?;
            assert_eq!(organization.on_premises_sync_enabled, read);
            assert_eq!(organization.default_domain(), read.filter(|flag| *flag).map(|_| "contoso.com"));
        }
        let other = serde_json::from_value::<Organization>(json!({"id": "1", "onPremisesSyncEnabled": "perhaps"}));
        assert!(other.is_err_and(|error| error.to_string().contains("'perhaps'")));
        Ok(())
    }
}
