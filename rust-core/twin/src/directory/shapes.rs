//! The objects as Graph returns them when nothing but the necessary was given.

use serde_json::{Value, json};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::clock;
use crate::graph_permissions::LISTS;
use crate::schema::Object;

/// The application id of Microsoft Graph in every tenant of every cloud.
pub(crate) const GRAPH_APP_ID: &str = "00000003-0000-0000-c000-000000000000";
/// The role that stands for "any access" on a resource without app roles.
pub(crate) const DEFAULT_ACCESS: &str = "00000000-0000-0000-0000-000000000000";
/// The role template, and role definition, of Global Administrator.
pub(crate) const GLOBAL_ADMINISTRATOR: &str = "62e90394-69f5-4237-9190-012177145e10";

/// The role template of Privileged Authentication Administrator; the id is from general knowledge, not from the page.
pub(crate) const PRIVILEGED_AUTHENTICATION_ADMINISTRATOR: &str = "7be44c8a-adaf-4e2a-84d6-ab2649e08a13";

/// Built-in directory roles: name and template id (Entra permissions reference, 2026-01-20).
pub(crate) const ROLES: &[(&str, &str)] = &[
    ("Global Administrator", GLOBAL_ADMINISTRATOR),
    ("Application Administrator", "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3"),
    ("Application Developer", "cf1c38e5-3621-4004-a7cb-879624dced7c"),
    ("Cloud Application Administrator", "158c047a-c907-4556-b7ef-446551a6b5f7"),
    ("Directory Readers", "88d8e3e3-8f55-4a1e-953a-9b9898b8876b"),
    ("Directory Synchronization Accounts", "d29b2b05-8046-44ba-8758-1e26182fcf32"),
    ("Directory Writers", "9360feb5-f418-4baa-8175-e2a00bac4301"),
    ("Domain Name Administrator", "8329153b-31d0-4727-b945-745eb3bc5f31"),
    ("External Identity Provider Administrator", "be2f45a1-457d-42af-a067-6ec1fa63bc45"),
    ("Global Reader", "f2ef992c-3afb-46b9-b7cf-a126ee74c451"),
    ("Hybrid Identity Administrator", "8ac3fc64-6eca-42ea-9e69-59f4c7b60eb2"),
    ("User Administrator", "fe930be7-5e62-47db-91af-98c3a49a38b1"),
];

/// A JSON object from a literal; empty for anything else.
pub(crate) fn object(value: Value) -> Object {
    match value {
        Value::Object(object) => object,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Object::new(),
    }
}

/// The text of a property; empty where it is absent or no text.
pub(crate) fn text<'a>(object: &'a Object, property: &str) -> &'a str {
    object.get(property).and_then(Value::as_str).unwrap_or_default()
}

/// An application without a name.
pub(crate) fn application(id: Uuid, app_id: Uuid, publisher: &str, now: OffsetDateTime) -> Object {
    object(json!({
        "id": id, "deletedDateTime": null, "appId": app_id, "applicationTemplateId": null,
        "disabledByMicrosoftStatus": null, "createdByAppId": null, "createdDateTime": clock::iso_seconds(now),
        "displayName": null, "description": null, "groupMembershipClaims": null, "identifierUris": [],
        "isDeviceOnlyAuthSupported": null, "isDisabled": null, "isFallbackPublicClient": null,
        "nativeAuthenticationApisEnabled": null, "notes": null, "publisherDomain": publisher,
        "serviceManagementReference": null, "signInAudience": "AzureADMyOrg", "tags": [],
        "tokenEncryptionKeyId": null, "uniqueName": null, "samlMetadataUrl": null, "defaultRedirectUri": null,
        "certification": null, "optionalClaims": null, "servicePrincipalLockConfiguration": null,
        "requestSignatureVerification": null, "addIns": [],
        "api": {
            "acceptMappedClaims": null, "knownClientApplications": [], "requestedAccessTokenVersion": null,
            "oauth2PermissionScopes": [], "preAuthorizedApplications": []
        },
        "appRoles": [],
        "info": {
            "logoUrl": null, "marketingUrl": null, "privacyStatementUrl": null, "supportUrl": null,
            "termsOfServiceUrl": null
        },
        "keyCredentials": [],
        "parentalControlSettings": { "countriesBlockedForMinors": [], "legalAgeGroupRule": "Allow" },
        "passwordCredentials": [], "publicClient": { "redirectUris": [] }, "requiredResourceAccess": [],
        "verifiedPublisher": { "displayName": null, "verifiedPublisherId": null, "addedDateTime": null },
        "web": {
            "homePageUrl": null, "logoutUrl": null, "redirectUris": [], "redirectUriSettings": [],
            "implicitGrantSettings": { "enableAccessTokenIssuance": false, "enableIdTokenIssuance": false }
        },
        "spa": { "redirectUris": [] }
    }))
}

/// A service principal of an application of this or another tenant.
pub(crate) fn service_principal(id: Uuid, app_id: &str, name: &str, owner_tenant: &str) -> Object {
    object(json!({
        "id": id, "deletedDateTime": null, "accountEnabled": true, "alternativeNames": [],
        "appDescription": null, "appDisplayName": name, "appId": app_id, "applicationTemplateId": null,
        "appOwnerOrganizationId": owner_tenant, "appRoleAssignmentRequired": false, "createdByAppId": null,
        "description": null, "disabledByMicrosoftStatus": null, "displayName": name, "homepage": null,
        "isDisabled": null, "loginUrl": null, "logoutUrl": null, "notes": null, "notificationEmailAddresses": [],
        "preferredSingleSignOnMode": null, "preferredTokenSigningKeyThumbprint": null, "replyUrls": [],
        "servicePrincipalNames": [app_id], "servicePrincipalType": "Application",
        "signInAudience": "AzureADMyOrg", "tags": [], "tokenEncryptionKeyId": null,
        "samlSingleSignOnSettings": null, "addIns": [], "appRoles": [],
        "info": {
            "logoUrl": null, "marketingUrl": null, "privacyStatementUrl": null, "supportUrl": null,
            "termsOfServiceUrl": null
        },
        "keyCredentials": [], "oauth2PermissionScopes": [], "passwordCredentials": [],
        "resourceSpecificApplicationPermissions": [],
        "verifiedPublisher": { "displayName": null, "verifiedPublisherId": null, "addedDateTime": null }
    }))
}

/// Microsoft Graph's own service principal, which offers what is published (`graph_permissions`).
pub(crate) fn graph_service_principal(id: Uuid) -> Object {
    // The tenant that owns Microsoft's own services.
    let mut graph = service_principal(id, GRAPH_APP_ID, "Microsoft Graph", "f8cdef31-a31e-4b4a-93e4-5f571e91255a");
    graph["signInAudience"] = json!("AzureADMultipleOrgs");
    graph["servicePrincipalNames"] = json!([GRAPH_APP_ID, "https://graph.microsoft.com"]);
    for list in LISTS {
        graph.shift_remove(list);
    }
    graph
}

/// A verified domain; the initial one is the tenant's default as well.
pub(crate) fn domain(name: &str, authentication_type: &str, initial: bool) -> Object {
    object(json!({
        "id": name, "authenticationType": authentication_type, "availabilityStatus": null, "isAdminManaged": true,
        "isDefault": initial, "isInitial": initial, "isRoot": true, "isVerified": true, "manufacturer": null,
        "model": null, "passwordNotificationWindowInDays": null, "passwordValidityPeriodInDays": null, "state": null,
        "supportedServices": ["Email", "OfficeCommunicationsOnline"]
    }))
}

/// A built-in role's definition; its id is its template id.
pub(crate) fn role_definition(name: &str, template: &str) -> Object {
    object(json!({
        "id": template, "description": name, "displayName": name, "isBuiltIn": true, "isEnabled": true,
        "resourceScopes": ["/"], "rolePermissions": [], "templateId": template, "version": "1"
    }))
}

/// A directory role assignment at scope `/`.
pub(crate) fn role_assignment(id: &str, role: &str, principal: &str) -> Object {
    object(json!({
        "id": id, "principalId": principal, "directoryScopeId": "/", "roleDefinitionId": role
    }))
}

/// A delegated consent.
pub(crate) fn grant(id: &str, client: &str, resource: &str, principal: Option<&str>, scope: &str) -> Object {
    let consent_type = if principal.is_some() { "Principal" } else { "AllPrincipals" };
    object(json!({
        "id": id, "clientId": client, "consentType": consent_type, "principalId": principal,
        "resourceId": resource, "scope": scope
    }))
}
