//! Directory roles.

use serde_json::json;

use crate::client::{GLOBAL_ADMINISTRATOR, Tenant, filtered};

const ASSIGNMENTS: &str = "/roleManagement/directory/roleAssignments";

#[test]
fn a_directory_role_is_assigned_once() {
    let tenant = Tenant::new();
    let principal = tenant.principal("New");
    let body = json!({
        "@odata.type": "#microsoft.graph.unifiedRoleAssignment", "principalId": principal,
        "roleDefinitionId": GLOBAL_ADMINISTRATOR, "directoryScopeId": "/"
    });
    let made = tenant.post(ASSIGNMENTS, &body);
    assert_eq!(made.status, 201);
    assert!(made.id().starts_with("lAPpYvVpN0KRkAEhdxReE"), "{made:?}");
    assert!(made.id().ends_with("-1"));
    let words = "A conflicting object with one or more of the specified property values is present in the directory.";
    assert_eq!(tenant.post(ASSIGNMENTS, &body).refusal(), (400, "Request_BadRequest", words));
    let found = tenant.get(&filtered(ASSIGNMENTS, &format!("principalId eq '{principal}'")));
    assert_eq!(found.text("/value/0/id"), made.text("/id"));
    assert_eq!(tenant.delete(&format!("{ASSIGNMENTS}/{}", made.id())).status, 204);
    assert_eq!(tenant.get(&format!("{ASSIGNMENTS}/{}", made.id())).status, 404);
}

#[test]
fn people_administer_the_tenant_from_the_start() {
    let tenant = Tenant::new();
    let filter = format!("roleDefinitionId eq '{GLOBAL_ADMINISTRATOR}'");
    assert_eq!(tenant.get(&filtered(ASSIGNMENTS, &filter)).values().len(), 2);
    let definition = tenant.get(&format!("/roleManagement/directory/roleDefinitions/{GLOBAL_ADMINISTRATOR}"));
    assert_eq!(definition.text("/displayName"), "Global Administrator");
}

#[test]
fn the_principal_is_the_service_principal_not_the_application() {
    let tenant = Tenant::new();
    let (application, _) = tenant.application("New");
    let body = |principal: &str, role: &str, scope: &str| json!({ "principalId": principal, "roleDefinitionId": role, "directoryScopeId": scope });
    let refused = tenant.post(ASSIGNMENTS, &body(&application, GLOBAL_ADMINISTRATOR, "/"));
    assert_eq!(refused.refusal().1, "Request_ResourceNotFound");
    let principal = tenant.principal("Other");
    let unknown = "3c1d5b8e-0000-4000-8000-000000000001";
    assert_eq!(tenant.post(ASSIGNMENTS, &body(&principal, unknown, "/")).refusal().0, 404);
    assert_eq!(tenant.post(ASSIGNMENTS, &body(&principal, GLOBAL_ADMINISTRATOR, "")).refusal().0, 400);
    assert_eq!(tenant.post(ASSIGNMENTS, &body(&principal, GLOBAL_ADMINISTRATOR, "/x")).refusal().0, 400);
}
