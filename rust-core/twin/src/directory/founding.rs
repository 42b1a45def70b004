//! The tenant at the start: people, other people's applications, the twin's own clients.

use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::Directory;
use super::crowd::Crowd;
use super::editor::Editor;
use super::shapes::{self, GLOBAL_ADMINISTRATOR, object};
use super::store::{Kind, Sight};
use crate::clock;
use crate::options::{Options, Policy};
use crate::schema::Object;
use crate::twin::Client;

/// What the runbook and the restoring of attributes need: the application permissions of the client of kind `admin`.
const ADMIN: &[&str] = &[
    "Application.ReadWrite.All",
    "AppRoleAssignment.ReadWrite.All",
    "DelegatedPermissionGrant.ReadWrite.All",
    "Directory.Read.All",
    "Organization.ReadWrite.All",
    "Policy.Read.All",
    "RoleManagement.ReadWrite.Directory",
    "User.ReadWrite.All",
];
/// The application permissions of the client of kind `reader`.
const READER: &[&str] = &[
    "Application.Read.All",
    "Directory.Read.All",
    "Organization.Read.All",
    "Policy.Read.All",
    "RoleManagement.Read.Directory",
    "User.Read.All",
];

/// Makes the tenant that the options describe, and its three clients.
pub(crate) fn found(options: &Options, now: OffsetDateTime) -> (Directory, Vec<Client>) {
    let mut directory = Directory::empty(options);
    place_organization(&mut directory, options, now);
    place_services(&mut directory, &options.policy);
    place_domain(&mut directory);
    place_people(&mut directory, options, now);
    place_administrators(&mut directory);
    // The firm has had its applications for a while.
    let mut editor = Editor::new(&mut directory, now - Duration::days(30));
    place_others(&mut editor);
    let kinds: [(&'static str, &str, &[&str]); 3] = [
        ("admin", "Runbook administrator", ADMIN),
        ("reader", "Runbook reader", READER),
        ("noRole", "Runbook without permissions", &[]),
    ];
    let clients = kinds.map(|(kind, name, roles)| client(&mut editor, kind, name, roles));
    (directory, clients.into())
}

fn place_organization(directory: &mut Directory, options: &Options, now: OffsetDateTime) {
    let last_sync = options.dir_sync.then(|| clock::iso_seconds(now - Duration::minutes(17)));
    let organization = object(json!({
        "id": directory.tenant_id, "deletedDateTime": null, "businessPhones": ["+61 2 5550 0100"],
        "city": "Sydney", "country": "Australia", "countryLetterCode": "AU",
        "createdDateTime": clock::iso_seconds(now - Duration::days(2000)), "defaultUsageLocation": null,
        "displayName": options.tenant_name, "marketingNotificationEmails": [],
        "onPremisesLastSyncDateTime": last_sync,
        // Graph's documentation: null where the tenant was never synchronized.
        "onPremisesSyncEnabled": options.dir_sync.then_some(true),
        "partnerTenantType": null, "postalCode": "2000", "preferredLanguage": "en",
        "securityComplianceNotificationMails": [], "securityComplianceNotificationPhones": [],
        "state": "NSW", "street": "1 Example Street", "technicalNotificationMails": ["it@contoso.example"],
        "tenantType": "AAD", "assignedPlans": [], "provisionedPlans": [], "privacyProfile": null,
        "verifiedDomains": [
            { "capabilities": "Email, OfficeCommunicationsOnline", "isDefault": true, "isInitial": true,
              "name": directory.domain, "type": "Managed" }
        ]
    }));
    let id = directory.tenant_id.to_string();
    directory.store.place(Kind::Organization, &id, organization);
}

fn place_services(directory: &mut Directory, policy: &Policy) {
    let graph = directory.seeded.guid();
    directory.store.place(Kind::ServicePrincipal, &graph.to_string(), shapes::graph_service_principal(graph));
    for (name, template) in shapes::ROLES {
        directory.store.place(Kind::RoleDefinition, template, shapes::role_definition(name, template));
    }
    directory.store.place(Kind::TenantPolicy, Kind::TenantPolicy.name(), tenant_policy(policy));
}

/// The tenant's default policy in Graph's shape; its id is all zeros (learn, tenantAppManagementPolicy).
pub(crate) fn tenant_policy(policy: &Policy) -> Object {
    object(json!({
        "id": Uuid::nil(), "deletedDateTime": null, "displayName": "Default app management tenant policy",
        "description": "Restrictions for the applications and service principals of the tenant.",
        "isEnabled": policy.enabled,
        "applicationRestrictions": { "passwordCredentials": restrictions(policy), "keyCredentials": [] },
        "servicePrincipalRestrictions": { "passwordCredentials": [], "keyCredentials": [] }
    }))
}

/// A policy that is assigned to single applications.
pub(crate) fn app_policy(id: &str, policy: &Policy) -> Object {
    object(json!({
        "id": id, "deletedDateTime": null, "displayName": "Exemption", "description": null,
        "isEnabled": policy.enabled,
        "restrictions": { "passwordCredentials": restrictions(policy), "keyCredentials": [] }
    }))
}

fn restrictions(policy: &Policy) -> Value {
    let state = |on: bool| if on { "enabled" } else { "disabled" };
    let longest = policy.max_secret_lifetime.map(clock::duration);
    json!([
        { "restrictionType": "passwordAddition", "state": state(policy.block_secrets), "maxLifetime": null,
          "restrictForAppsCreatedAfterDateTime": null },
        { "restrictionType": "passwordLifetime", "state": state(longest.is_some()), "maxLifetime": longest,
          "restrictForAppsCreatedAfterDateTime": null }
    ])
}

/// The initial domain, and the policy about federated tokens as MC1303719 leaves it from August 2026 on. Assumption: that its
/// value then is `all`.
fn place_domain(directory: &mut Directory) {
    let name = directory.domain.clone();
    directory.store.place(Kind::Domain, &name, shapes::domain(&name, "Managed", true));
    let policy = object(json!({
        "id": Uuid::nil(), "deletedDateTime": null,
        "validatingDomains": { "@odata.type": "#microsoft.graph.allDomains", "rootDomains": "all" }
    }));
    directory.store.place(Kind::TokenPolicy, Kind::TokenPolicy.name(), policy);
}

fn place_people(directory: &mut Directory, options: &Options, now: OffsetDateTime) {
    let sizes = [(Kind::User, options.users), (Kind::Group, options.groups), (Kind::Contact, options.contacts)];
    for (kind, size) in sizes {
        let crowd = Crowd::new(kind, size, options.seed, &directory.domain, now, options.dir_sync);
        directory.store.settle_in(kind, crowd);
    }
}

/// Two people who administer the tenant, where there are people.
fn place_administrators(directory: &mut Directory) {
    let users = directory.store.rows(Kind::User, Sight::Truth, None, None).take(2);
    let ids: Vec<String> = users.map(|user| user.id()).collect();
    for id in ids {
        place_role(directory, GLOBAL_ADMINISTRATOR, &id);
    }
}

pub(crate) fn place_role(directory: &mut Directory, role: &str, principal: &str) -> String {
    let guid = |text: &str| Uuid::try_parse(text).unwrap_or_default();
    let id = crate::ids::role_assignment(guid(role), guid(principal));
    directory.store.place(Kind::RoleAssignment, &id, shapes::role_assignment(&id, role, principal));
    id
}

/// Applications that are none of the runbook's business.
fn place_others(editor: &mut Editor<'_>) {
    let timesheets = editor.add_application("Contoso Timesheets");
    let principal = editor.add_service_principal(&timesheets.app_id);
    editor.add_grant(&principal, "User.Read openid profile");
    editor.add_secret(&timesheets.object_id, "production", std::time::Duration::from_hours(24 * 365));
    let backup = editor.add_foreign_service_principal("Mailbox Archive for Microsoft 365");
    editor.add_app_role(&backup, "Directory.Read.All");
    editor.add_app_role(&backup, "Group.ReadWrite.All");
}

fn client(editor: &mut Editor<'_>, kind: &'static str, name: &str, roles: &[&str]) -> Client {
    let application = editor.add_application(name);
    let principal = editor.add_service_principal(&application.app_id);
    for role in roles {
        editor.add_app_role(&principal, role);
    }
    let client_secret = editor.add_secret(&application.object_id, "twin", std::time::Duration::from_hours(24 * 3650));
    Client { client_id: application.app_id, client_secret, kind }
}
