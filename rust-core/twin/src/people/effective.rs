//! What a person may do through a client: what the token's scopes allow and the person's own role does too.
//!
//! Source: Microsoft Graph, "Overview of permissions", effective permissions of delegated access; role tasks: Entra,
//! "Least privileged roles by task". Assumption: how far the default permissions of a member without a role reach, and
//! that Application Administrator may not assign application permissions of Microsoft Graph.

use super::issue::is_graph_scope;
use crate::directory::shapes::GLOBAL_ADMINISTRATOR;
use crate::permissions::{OWNED, Rule};

const PRIVILEGED_ROLE_ADMINISTRATOR: &str = "e8611ab8-c189-46e8-94e1-60213ab1f814";
const APPLICATION_ADMINISTRATOR: &str = "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3";
const GLOBAL_READER: &str = "f2ef992c-3afb-46b9-b7cf-a126ee74c451";

/// Delegated permissions beside those of the rules for applications, from the same data, scheme `DelegatedWork`.
pub(crate) const ALSO: [(&str, &str); 4] = [
    ("/groups", "GroupMember.Read.All"),
    ("/groups/{id}", "GroupMember.Read.All"),
    ("/contacts", "OrgContact.Read.All"),
    ("/contacts/{id}", "OrgContact.Read.All"),
];

/// What a role may write. The first path that fits counts.
const WRITES: [(&str, &[&str]); 2] = [
    (
        PRIVILEGED_ROLE_ADMINISTRATOR,
        &["/roleManagement/", "/oauth2PermissionGrants", "/servicePrincipals/{id}/appRole"],
    ),
    (
        APPLICATION_ADMINISTRATOR,
        &["/applications", "/oauth2PermissionGrants", "/servicePrincipals", "/directory/deletedItems"],
    ),
];

/// Read by administrators and readers only.
const GUARDED: [&str; 2] = ["/policies/", "/roleManagement/"];

/// A person, as the token shows them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Delegated {
    /// Template ids of directory roles.
    pub(crate) wids: Vec<String>,
}

/// Whether the scopes and the person's roles both allow a call.
pub(crate) fn allows(method: &str, path: &str, rule: Rule, scopes: &[String], person: &Delegated) -> bool {
    let held = |needed: &str| scopes.iter().any(|scope| scope == needed && is_graph_scope(scope));
    let by_rule = rule.iter().any(|set| !set.contains(&OWNED) && set.iter().all(|needed| held(needed)));
    let also = method == "GET" && ALSO.iter().any(|(known, needed)| *known == path && held(needed));
    (by_rule || also) && person.may(method, path)
}

impl Delegated {
    fn may(&self, method: &str, path: &str) -> bool {
        let has = |role: &str| self.wids.iter().any(|wid| wid == role);
        if has(GLOBAL_ADMINISTRATOR) {
            return true;
        }
        let reads_all = [GLOBAL_READER, PRIVILEGED_ROLE_ADMINISTRATOR, APPLICATION_ADMINISTRATOR].into_iter().any(has);
        if method == "GET" {
            return reads_all || !GUARDED.iter().any(|guarded| path.starts_with(guarded));
        }
        let grants = path.starts_with("/servicePrincipals/{id}/appRole");
        let writes = |(role, paths): &(&str, &[&str])| {
            has(role)
                && paths.iter().any(|known| path.starts_with(known))
                && !(grants && *role == APPLICATION_ADMINISTRATOR)
        };
        WRITES.iter().any(writes)
    }
}
