//! The Microsoft Graph permissions of the runbook, delegated and application ones. How many there are is counted here and
//! nowhere else.
//!
//! Ids: microsoft-graph-devx-content, permissions-descriptions.json (2026-08-07), equal to the nightly export of the
//! live service principal in merill/microsoft-info (2026-08-20). They are only compared with: what is declared and
//! granted are the ids that the tenant's own Microsoft Graph service principal gives for the names, because national
//! clouds publish no list.

use crate::observed::Observed;
use crate::types::{OfferedPermission, ResourceServicePrincipal};

/// Delegated or application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Acts for a signed-in user: an OAuth scope.
    Delegated,
    /// Acts for itself: an app role.
    Application,
}

impl Kind {
    /// The name in results.
    pub fn name(self) -> &'static str {
        match self {
            Self::Delegated => "Delegated",
            Self::Application => "Application",
        }
    }

    /// The name in `requiredResourceAccess`.
    pub fn access_type(self) -> &'static str {
        match self {
            Self::Delegated => "Scope",
            Self::Application => "Role",
        }
    }
}

/// One permission of the runbook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permission {
    /// `User.Read.All` and the like.
    pub name: &'static str,
    /// Delegated or application.
    pub kind: Kind,
    /// Its id in the public cloud.
    pub id: &'static str,
    /// What its holder may do. Source: microsoft-graph-devx-content, permissions-descriptions.json, in our words.
    pub allows: &'static str,
}

const fn delegated(name: &'static str, id: &'static str, allows: &'static str) -> Permission {
    Permission { name, kind: Kind::Delegated, id, allows }
}

const fn application(name: &'static str, id: &'static str, allows: &'static str) -> Permission {
    Permission { name, kind: Kind::Application, id, allows }
}

/// In the order of the runbook.
pub const PERMISSIONS: &[Permission] = &[
    delegated(
        "Directory.AccessAsUser.All",
        "0e263e50-5827-48a4-b97c-d940288653c7",
        "act in the directory as the person who is signed in",
    ),
    delegated("Directory.ReadWrite.All", "c5366453-9fb0-48a5-a156-24f0c49a4b84", "read and write directory data"),
    delegated("Group.ReadWrite.All", "4e46008b-f24c-477d-8fff-7bb4ec7aafe0", "read and write groups"),
    delegated("Organization.ReadWrite.All", "46ca0847-7e6b-426e-9775-ea810a948356", "read and write the organization"),
    delegated(
        "User.ManageIdentities.All",
        "637d7bec-b31e-4deb-acc9-24275642a2c9",
        "manage the identities that users sign in with",
    ),
    delegated("User.Read", "e1fe6dd8-ba31-4d61-89e7-88639da4683d", "read the profile of the person who is signed in"),
    delegated("User.Read.All", "a154be20-db9c-4678-8ab7-66f6cc099a59", "read users"),
    delegated(
        "User.ReadWrite",
        "b4e74841-8e56-480b-be8b-910348b18b4c",
        "write the profile of the person who is signed in",
    ),
    delegated("User.ReadWrite.All", "204e0828-b5ca-4ad8-b9f3-f32a958e7cc4", "read and write users"),
    application("Application.ReadWrite.All", "1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9", "read and write applications"),
    application(
        "Application.ReadWrite.OwnedBy",
        "18a4783c-866b-4cc7-a460-3d5e5662c884",
        "write the applications that it owns",
    ),
    application("Directory.ReadWrite.All", "19dbc75e-c2e2-444c-a770-ec69d8559fc7", "read and write directory data"),
    application("Domain.ReadWrite.All", "7e05723c-0bb0-42da-be95-ae9f08a6e53c", "read and write domains"),
    application("Group.Create", "bf7b1a76-6e77-406b-b258-bf5c7720e98f", "create groups"),
    application("Group.ReadWrite.All", "62a82d76-70ea-41e2-9197-370581804d09", "read and write groups"),
    application(
        "Organization.ReadWrite.All",
        "292d869f-3427-49a8-9dab-8c70152b74e9",
        "read and write the organization",
    ),
    application(
        "User.ManageIdentities.All",
        "c529cfca-c91b-489c-af2b-d92990b66ce6",
        "manage the identities that users sign in with",
    ),
    application("User.ReadWrite.All", "741f803b-c850-494e-b5df-cde7c675a1ca", "read and write users"),
];

/// The permissions of one kind.
pub fn of_kind(kind: Kind) -> impl Iterator<Item = &'static Permission> {
    PERMISSIONS.iter().filter(move |permission| permission.kind == kind)
}

/// The id the tenant's own Microsoft Graph gives for a permission; `None` where it doesn't offer it.
pub fn id_in_tenant<'a>(graph: &'a ResourceServicePrincipal, permission: &Permission) -> Option<&'a str> {
    let offered = match permission.kind {
        Kind::Delegated => &graph.oauth2_permission_scopes,
        Kind::Application => &graph.app_roles,
    };
    let named =
        |offer: &&OfferedPermission| offer.value.as_deref() == Some(permission.name) && offer.is_enabled != Some(false);
    offered.iter().find(named).map(|offer| offer.id.as_str())
}

/// Those of the runbook's permissions that the tenant's Microsoft Graph doesn't offer: nobody can declare or grant them there.
pub fn lacking(graph: &ResourceServicePrincipal) -> Vec<&'static Permission> {
    PERMISSIONS.iter().filter(|permission| id_in_tenant(graph, permission).is_none()).collect()
}

/// The names of one kind that can be granted in a tenant: all of them, where its list isn't known.
pub fn grantable(observed: &Observed, kind: Kind) -> Vec<&'static str> {
    let offered = |permission: &&Permission| {
        observed.catalogue.as_ref().map_or(true, |graph| id_in_tenant(graph, permission).is_some())
    };
    of_kind(kind).filter(offered).map(|permission| permission.name).collect()
}

/// What an admin should know of the tenant's permissions, a sentence each: names it lacks, ids that differ from the table.
pub fn peculiarities(graph: &ResourceServicePrincipal) -> Vec<String> {
    let differs = |permission: &Permission| {
        let id = id_in_tenant(graph, permission).filter(|id| !id.eq_ignore_ascii_case(permission.id))?;
        Some(format!(
            "the {} permission {} has the id {id} in this tenant, not {}: the tenant's own is used",
            permission.kind.name(),
            permission.name,
            permission.id
        ))
    };
    lacks(graph).into_iter().chain(PERMISSIONS.iter().filter_map(differs)).collect()
}

/// What this cloud lacks of the runbook's permissions, and what that means, in one sentence.
pub fn lacks(graph: &ResourceServicePrincipal) -> Option<String> {
    let lacking = lacking(graph);
    if lacking.is_empty() {
        return None;
    }
    let named = |permission: &&Permission| format!("{} ({})", permission.name, permission.kind.name());
    let mut means: Vec<&str> = Vec::new();
    for permission in &lacking {
        if !means.contains(&permission.allows) {
            means.push(permission.allows);
        }
    }
    Some(format!(
        "Microsoft Graph in this tenant doesn't offer {} of the runbook's {} permissions, so nobody can grant them: {}. \
         Practice Protect can't {} here, unless another permission lets it; ask its support whether your set-up needs that",
        lacking.len(),
        PERMISSIONS.len(),
        lacking.iter().map(named).collect::<Vec<_>>().join(", "),
        means.join(", or ")
    ))
}
