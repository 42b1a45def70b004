//! Which application permissions (the `roles` of an app-only token) allow which call.
//!
//! Source: microsoftgraph/microsoft-graph-devx-content 6cbd6bbd, permissions/new/permissions.json, scheme Application.
//! Left out: the Intune entries (`DeviceManagement*`) on /organization and /users, permissions that this tenant's Graph
//! does not publish, and on POST appRoleAssign* the permissions standing alone, which are an artefact of that data
//! (microsoft-graph-docs issue 12833).
//!
//! Assumption: directory roles of the client (`wids`) open nothing that its `roles` don't.

/// Any of these sets allows the call; of a set all are needed.
pub(crate) type Rule = &'static [&'static [&'static str]];

const READ_APPLICATIONS: Rule = &[
    &["Application.Read.All"],
    &["Application.ReadWrite.All"],
    &["Application.ReadWrite.OwnedBy"],
    &["Directory.Read.All"],
];
const READ_APPLICATION: Rule = &[
    &["Application.Read.All"],
    &["Application.ReadWrite.All"],
    &["Application.ReadWrite.OwnedBy"],
    &["Directory.Read.All"],
    &["Directory.ReadWrite.All"],
];
const WRITE_APPLICATIONS: Rule = &[&["Application.ReadWrite.All"], &[OWNED]];
const WRITE_WITH_DIRECTORY: Rule = &[&["Application.ReadWrite.All"], &["Directory.ReadWrite.All"], &[OWNED]];
const ASSIGN_APP_ROLES: Rule = &[
    &["AppRoleAssignment.ReadWrite.All", "Application.Read.All"],
    &["AppRoleAssignment.ReadWrite.All", "Directory.Read.All"],
];
const UNASSIGN_APP_ROLES: Rule = &[&["AppRoleAssignment.ReadWrite.All"], &["Application.ReadWrite.All"]];
const READ_GRANTS: Rule =
    &[&["Directory.Read.All"], &["Directory.ReadWrite.All"], &["DelegatedPermissionGrant.ReadWrite.All"]];
const WRITE_GRANTS: Rule = &[&["DelegatedPermissionGrant.ReadWrite.All"], &["Directory.ReadWrite.All"]];
const READ_ROLES: Rule = &[
    &["RoleManagement.Read.Directory"],
    &["RoleManagement.ReadWrite.Directory"],
    &["Directory.Read.All"],
    &["Directory.ReadWrite.All"],
];
/// For applications as for people.
const READ_ROLE_INSTANCES: Rule = &[
    &["RoleAssignmentSchedule.Read.Directory"],
    &["RoleAssignmentSchedule.ReadWrite.Directory"],
    &["RoleManagement.Read.All"],
    &["RoleManagement.Read.Directory"],
    &["RoleManagement.ReadWrite.Directory"],
];
const WRITE_ROLES: Rule = &[&["RoleManagement.ReadWrite.Directory"]];
const READ_POLICIES: Rule = &[&["Policy.Read.All"], &["Policy.ReadWrite.ApplicationConfiguration"]];
const READ_USERS: Rule = &[
    &["User.ReadBasic.All"],
    &["User.Read.All"],
    &["User.ReadWrite.All"],
    &["Directory.Read.All"],
    &["Directory.ReadWrite.All"],
];
const READ_ALL_USERS: Rule =
    &[&["User.Read.All"], &["User.ReadWrite.All"], &["Directory.Read.All"], &["Directory.ReadWrite.All"]];
const READ_CUSTOMERS: Rule = &[&["DelegatedAdminRelationship.Read.All"], &["DelegatedAdminRelationship.ReadWrite.All"]];
const READ_DOMAINS: Rule = &[&["Domain.Read.All"], &["Domain.ReadWrite.All"], &["Directory.Read.All"]];
const READ_TOKEN_POLICY: Rule = &[&["Policy.Read.All"]];
const WRITE_USERS: Rule = &[&["User.ReadWrite.All"], &["Directory.ReadWrite.All"]];
const READ_GROUPS: Rule =
    &[&["Group.Read.All"], &["Group.ReadWrite.All"], &["Directory.Read.All"], &["Directory.ReadWrite.All"]];
const READ_CONTACTS: Rule = &[&["Directory.Read.All"], &["Directory.ReadWrite.All"]];

/// The permission that reaches only applications which the client created itself.
pub(crate) const OWNED: &str = "Application.ReadWrite.OwnedBy";

/// The rules by method and path; a path not listed here has the rule of no one.
const RULES: &[(&str, &str, Rule)] = &[
    (
        "GET",
        "/organization",
        &[
            &["Organization.Read.All"],
            &["Organization.ReadWrite.All"],
            &["Directory.Read.All"],
            &["Directory.ReadWrite.All"],
            &["User.Read.All"],
        ],
    ),
    // The data lists User.Read.All alone for the single organization.
    ("GET", "/organization/{id}", &[&["User.Read.All"]]),
    ("PATCH", "/organization/{id}", &[&["Organization.ReadWrite.All"]]),
    ("GET", "/applications", READ_APPLICATIONS),
    ("POST", "/applications", WRITE_APPLICATIONS),
    ("GET", "/applications/{id}", READ_APPLICATION),
    ("PATCH", "/applications/{id}", WRITE_APPLICATIONS),
    ("DELETE", "/applications/{id}", WRITE_APPLICATIONS),
    ("GET", "/applications/{id}/owners", READ_APPLICATION),
    ("POST", "/applications/{id}/addPassword", WRITE_WITH_DIRECTORY),
    ("POST", "/applications/{id}/removePassword", WRITE_WITH_DIRECTORY),
    // No rule in the data; learn's page on listing assigned policies names Policy.Read.All.
    ("GET", "/applications/{id}/appManagementPolicies", READ_POLICIES),
    ("GET", "/servicePrincipals", READ_APPLICATIONS),
    ("POST", "/servicePrincipals", WRITE_WITH_DIRECTORY),
    ("GET", "/servicePrincipals/{id}", READ_APPLICATION),
    ("PATCH", "/servicePrincipals/{id}", WRITE_WITH_DIRECTORY),
    ("DELETE", "/servicePrincipals/{id}", WRITE_WITH_DIRECTORY),
    ("POST", "/servicePrincipals/{id}/addPassword", WRITE_WITH_DIRECTORY),
    ("GET", "/servicePrincipals/{id}/appRoleAssignedTo", READ_APPLICATION),
    ("POST", "/servicePrincipals/{id}/appRoleAssignedTo", ASSIGN_APP_ROLES),
    ("DELETE", "/servicePrincipals/{id}/appRoleAssignedTo/{id}", UNASSIGN_APP_ROLES),
    ("GET", "/servicePrincipals/{id}/appRoleAssignments", READ_APPLICATION),
    ("POST", "/servicePrincipals/{id}/appRoleAssignments", ASSIGN_APP_ROLES),
    ("DELETE", "/servicePrincipals/{id}/appRoleAssignments/{id}", UNASSIGN_APP_ROLES),
    ("GET", "/servicePrincipals/{id}/oauth2PermissionGrants", READ_GRANTS),
    ("GET", "/oauth2PermissionGrants", READ_GRANTS),
    ("POST", "/oauth2PermissionGrants", WRITE_GRANTS),
    ("GET", "/oauth2PermissionGrants/{id}", READ_GRANTS),
    ("PATCH", "/oauth2PermissionGrants/{id}", WRITE_GRANTS),
    ("DELETE", "/oauth2PermissionGrants/{id}", WRITE_GRANTS),
    ("GET", "/roleManagement/directory/roleAssignments", READ_ROLES),
    ("POST", "/roleManagement/directory/roleAssignments", WRITE_ROLES),
    ("GET", "/roleManagement/directory/roleAssignments/{id}", READ_ROLES),
    ("DELETE", "/roleManagement/directory/roleAssignments/{id}", WRITE_ROLES),
    ("GET", "/roleManagement/directory/roleAssignmentScheduleInstances", READ_ROLE_INSTANCES),
    ("GET", "/roleManagement/directory/roleDefinitions", READ_ROLES),
    ("GET", "/roleManagement/directory/roleDefinitions/{id}", READ_ROLES),
    ("GET", "/policies/defaultAppManagementPolicy", READ_POLICIES),
    ("GET", "/policies/appManagementPolicies", READ_POLICIES),
    ("GET", "/policies/appManagementPolicies/{id}", READ_POLICIES),
    ("GET", "/policies/federatedTokenValidationPolicy", READ_TOKEN_POLICY),
    ("GET", "/users", READ_USERS),
    ("GET", "/users/delta", READ_ALL_USERS),
    ("GET", "/domains", READ_DOMAINS),
    ("GET", "/domains/{id}", READ_DOMAINS),
    ("GET", "/tenantRelationships/delegatedAdminCustomers", READ_CUSTOMERS),
    ("GET", "/tenantRelationships/delegatedAdminRelationships", READ_CUSTOMERS),
    ("GET", "/users/{id}", READ_USERS),
    ("PATCH", "/users/{id}", WRITE_USERS),
    ("GET", "/groups", READ_GROUPS),
    ("GET", "/groups/{id}", READ_GROUPS),
    ("GET", "/contacts", READ_CONTACTS),
    ("GET", "/contacts/{id}", READ_CONTACTS),
    // Deleted items take the rule of their type; a single one here that of applications, which is the data's, whatever it is.
    ("GET", "/directory/deletedItems/microsoft.graph.application", READ_APPLICATIONS),
    ("GET", "/directory/deletedItems/microsoft.graph.servicePrincipal", READ_APPLICATIONS),
    ("GET", "/directory/deletedItems/microsoft.graph.user", READ_ALL_USERS),
    ("GET", "/directory/deletedItems/microsoft.graph.group", READ_GROUPS),
    ("GET", "/directory/deletedItems/{id}", READ_APPLICATION),
    ("DELETE", "/directory/deletedItems/{id}", WRITE_APPLICATIONS),
    ("POST", "/directory/deletedItems/{id}/restore", WRITE_APPLICATIONS),
];

/// The rule of a route.
pub(crate) fn rule(method: &str, path: &str) -> Option<Rule> {
    RULES.iter().find(|(known, route, _)| *known == method && *route == path).map(|(_, _, rule)| *rule)
}

/// Whether these roles satisfy the rule.
pub(crate) fn allows(rule: Rule, roles: &[String]) -> bool {
    rule.iter().any(|set| set.iter().all(|needed| roles.iter().any(|role| role == needed)))
}

/// Whether of the rule only the permission for own applications is held.
pub(crate) fn only_owned(rule: Rule, roles: &[String]) -> bool {
    let held = rule.iter().filter(|set| set.iter().all(|needed| roles.iter().any(|role| role == needed)));
    let mut held = held.peekable();
    held.peek().is_some() && held.all(|set| *set == [OWNED])
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use serde_json::Value;

    use super::*;
    use crate::graph_permissions::{PUBLISHED, role_id};
    use crate::routes;
    use crate::schema::Object;

    #[test]
    fn every_route_has_a_rule_and_every_rule_a_route() {
        for route in routes::all() {
            assert!(rule(route.method, route.path).is_some(), "no rule for {} {}", route.method, route.path);
        }
        for (method, path, _) in RULES {
            let served = routes::all().any(|route| route.method == *method && route.path == *path);
            assert!(served, "no route for {method} {path}");
        }
    }

    /// The description, where it is at hand.
    fn description() -> Option<std::sync::Arc<crate::contract::Model>> {
        let found = crate::contract::find(&crate::options::Contract::WhereFound).ok().flatten();
        if found.is_none() {
            let words = "Graph's permission data was not found: the rules here are not compared with it.";
            // Straight to the stream, which the test runner does not hold back.
            let _said_where_it_can_be = writeln!(std::io::stderr(), "{words}");
        }
        found
    }

    /// Whether the data lets in a client with these permissions.
    fn data_allows(rule: &Object, set: &[&str]) -> bool {
        let held = set.iter().filter_map(|name| rule.get(*name));
        held.into_iter().any(|entry| match entry["alsoRequiresAnyOf"].as_array() {
            None => true,
            Some(also) => also.iter().filter_map(Value::as_str).any(|name| set.contains(&name)),
        })
    }

    #[test]
    fn no_rule_is_wider_than_the_permission_data() {
        let Some(description) = description() else { return };
        let mut compared = 0;
        // Deleted items take the rule of their type; the data has that of users alone.
        for (method, path, rule) in RULES.iter().filter(|(_, path, _)| !path.starts_with("/directory/deletedItems")) {
            // A path without a rule of its own says above where its rule comes from.
            let Some(data) = description.rule(&path.to_ascii_lowercase(), method) else { continue };
            for set in *rule {
                assert!(data_allows(data, set), "{method} {path}: {set:?}");
                compared += 1;
            }
        }
        assert!(compared > 60, "{compared}");
    }

    #[test]
    fn no_rule_for_people_is_wider_than_the_permission_data() {
        let Some(description) = description() else { return };
        let mut compared = 0;
        for (method, path, rule) in RULES.iter().filter(|(_, path, _)| !path.starts_with("/directory/deletedItems")) {
            let Some(data) = description.delegated_rule(&path.to_ascii_lowercase(), method) else { continue };
            for set in rule.iter().filter(|set| !set.contains(&OWNED)) {
                assert!(data_allows(data, set), "{method} {path}: {set:?}");
                compared += 1;
            }
        }
        for (path, name) in crate::people::effective::ALSO {
            let data = description.delegated_rule(path, "GET").map(|data| data_allows(data, &[name]));
            assert_eq!(data, Some(true), "{path}: {name}");
        }
        assert!(compared > 50, "{compared}");
    }

    #[test]
    fn every_published_permission_has_its_id_and_kind() {
        let Some(description) = description() else { return };
        for entry in description.published() {
            let same = PUBLISHED.iter().any(|ours| {
                entry["value"] == ours.value
                    && entry["id"] == ours.id
                    && (entry["type"] == "Scope") == ours.delegated
                    && entry["adminConsentRequired"].as_bool().is_none_or(|admin| admin == ours.admin)
            });
            assert!(same, "{entry}");
        }
        assert!(PUBLISHED.len() > 1_100, "{}", PUBLISHED.len());
    }

    #[test]
    fn every_permission_is_one_that_graph_publishes() {
        for name in RULES.iter().flat_map(|(_, _, rule)| rule.iter()).flat_map(|set| set.iter()) {
            assert!(role_id(name).is_some(), "{name}");
        }
    }
}
