//! Application consent.

use serde_json::{Value, json};

use crate::client::{Tenant, filtered};

const DIRECTORY: &str = "19dbc75e-c2e2-444c-a770-ec69d8559fc7";

fn body(principal: &str, resource: &str, role: &str) -> Value {
    json!({ "principalId": principal, "resourceId": resource, "appRoleId": role })
}

#[test]
fn a_role_is_assigned_once() {
    let tenant = Tenant::new();
    let (principal, graph) = (tenant.principal("New"), tenant.graph_id());
    let path = format!("/servicePrincipals/{graph}/appRoleAssignedTo");
    let made = tenant.post(&path, &body(&principal, &graph, DIRECTORY));
    assert_eq!((made.status, made.text("/principalType")), (201, "ServicePrincipal"));
    assert_eq!((made.text("/principalDisplayName"), made.text("/resourceDisplayName")), ("New", "Microsoft Graph"));
    let words = "Permission being assigned already exists on the object";
    let again = tenant.post(&path, &body(&principal, &graph, DIRECTORY));
    assert_eq!(again.refusal(), (400, "Request_BadRequest", words));
    let own = tenant.get(&format!("/servicePrincipals/{principal}/appRoleAssignments"));
    assert_eq!(own.text("/value/0/appRoleId"), DIRECTORY);
    assert_eq!(tenant.delete(&format!("{path}/{}", made.id())).status, 204);
    assert_eq!(tenant.get(&format!("/servicePrincipals/{principal}/appRoleAssignments")).values().len(), 0);
}

#[test]
fn the_client_s_side_takes_assignments_too() {
    let tenant = Tenant::new();
    let (principal, graph) = (tenant.principal("New"), tenant.graph_id());
    let path = format!("/servicePrincipals/{principal}/appRoleAssignments");
    assert_eq!(tenant.post(&path, &body(&principal, &graph, DIRECTORY)).status, 201);
    assert_eq!(tenant.post(&path, &body(&graph, &graph, DIRECTORY)).refusal().0, 400);
}

#[test]
fn roles_and_principals_must_exist() {
    let tenant = Tenant::new();
    let (principal, graph) = (tenant.principal("New"), tenant.graph_id());
    let path = format!("/servicePrincipals/{graph}/appRoleAssignedTo");
    let nothing = "3c1d5b8e-0000-4000-8000-000000000001";
    let role = tenant.post(&path, &body(&principal, &graph, nothing));
    assert!(role.refusal().2.starts_with("Permission being assigned was not found on application"), "{role:?}");
    let nobody = tenant.post(&path, &body(nothing, &graph, DIRECTORY));
    assert_eq!(nobody.refusal().1, "Request_ResourceNotFound");
    let other_resource = tenant.post(&path, &body(&principal, &principal, DIRECTORY));
    assert_eq!(other_resource.refusal().0, 400);
}

#[test]
fn assignments_cannot_be_filtered_by_principal() {
    let tenant = Tenant::new();
    let (principal, graph) = (tenant.principal("New"), tenant.graph_id());
    let path = format!("/servicePrincipals/{graph}/appRoleAssignedTo");
    let refused = tenant.get(&filtered(&path, &format!("principalId eq {principal}")));
    assert_eq!(refused.refusal().1, "Request_UnsupportedQuery");
    let by_name = tenant.get(&filtered(&path, "principalDisplayName eq 'Runbook administrator'"));
    assert_eq!(by_name.values().len(), 8);
}
