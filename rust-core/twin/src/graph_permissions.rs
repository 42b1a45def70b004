//! The permissions that Microsoft Graph's own service principal publishes here.
//!
//! Source: microsoftgraph/microsoft-graph-devx-content 6cbd6bbd (permissions-descriptions.json, provisioningInfo.json);
//! the real service principal publishes several hundred, these are the ones that directory administration uses.

/// One published permission.
pub(crate) struct Published {
    /// True for a delegated permission (`Scope`), false for an application permission (`Role`).
    pub(crate) delegated: bool,
    /// The name that consents and tokens carry.
    pub(crate) value: &'static str,
    /// The id that `requiredResourceAccess` and app role assignments carry.
    pub(crate) id: &'static str,
    /// Whether only an administrator can consent.
    pub(crate) admin: bool,
    /// The title that the consent page shows.
    pub(crate) title: &'static str,
}

const fn user_scope(value: &'static str, id: &'static str, title: &'static str) -> Published {
    Published { delegated: true, value, id, admin: false, title }
}

const fn scope(value: &'static str, id: &'static str, title: &'static str) -> Published {
    Published { delegated: true, value, id, admin: true, title }
}

const fn role(value: &'static str, id: &'static str, title: &'static str) -> Published {
    Published { delegated: false, value, id, admin: true, title }
}

/// Every published permission.
pub(crate) const PUBLISHED: &[Published] = &[
    scope(
        "Directory.AccessAsUser.All",
        "0e263e50-5827-48a4-b97c-d940288653c7",
        "Access directory as the signed in user",
    ),
    scope("Directory.ReadWrite.All", "c5366453-9fb0-48a5-a156-24f0c49a4b84", "Read and write directory data"),
    scope("Group.ReadWrite.All", "4e46008b-f24c-477d-8fff-7bb4ec7aafe0", "Read and write all groups"),
    scope(
        "Organization.ReadWrite.All",
        "46ca0847-7e6b-426e-9775-ea810a948356",
        "Read and write organization information",
    ),
    scope("User.ManageIdentities.All", "637d7bec-b31e-4deb-acc9-24275642a2c9", "Manage user identities"),
    user_scope("User.Read", "e1fe6dd8-ba31-4d61-89e7-88639da4683d", "Sign in and read user profile"),
    scope(
        "User.Read.All",
        "a154be20-db9c-4678-8ab7-66f6cc099a59",
        "Read all users' full profiles and company properties",
    ),
    user_scope("User.ReadWrite", "b4e74841-8e56-480b-be8b-910348b18b4c", "Read and write access to user profile"),
    scope("User.ReadWrite.All", "204e0828-b5ca-4ad8-b9f3-f32a958e7cc4", "Read and write all users' full profiles"),
    scope(
        "RoleManagement.ReadWrite.Directory",
        "d01b97e9-cbc0-49fe-810a-750afd5527a3",
        "Read and write directory RBAC settings",
    ),
    scope("RoleManagement.Read.Directory", "741c54c3-0c1e-44a1-818b-3f97ab4e8c83", "Read directory RBAC settings"),
    scope(
        "AppRoleAssignment.ReadWrite.All",
        "84bccea3-f856-4a8a-967b-dbe0a3d53a64",
        "Manage app permission grants and app role assignments",
    ),
    scope(
        "DelegatedPermissionGrant.ReadWrite.All",
        "41ce6ca6-6826-4807-84f1-1c82854f7ee5",
        "Manage all delegated permission grants",
    ),
    scope(
        "OnPremDirectorySynchronization.ReadWrite.All",
        "c2d95988-7604-4ba1-aaed-38a5f82a51c7",
        "Read and write all on-premises directory synchronization information",
    ),
    scope(
        "OnPremDirectorySynchronization.Read.All",
        "f6609722-4100-44eb-b747-e6ca0536989d",
        "Read all on-premises directory synchronization information",
    ),
    scope("Organization.Read.All", "4908d5b9-3fb2-4b1e-9336-1888b7937185", "Read organization information"),
    scope("Policy.Read.All", "572fea84-0151-49b2-9301-11cb16974376", "Read your organization's policies"),
    scope(
        "Policy.ReadWrite.ApplicationConfiguration",
        "b27add92-efb2-4f16-84f5-8108ba77985c",
        "Read and write your organization's application configuration policies",
    ),
    scope("AuditLog.Read.All", "e4c9e354-4dc5-45b8-9e7c-e1393b0b1a20", "Read audit log data"),
    scope("Application.Read.All", "c79f8feb-a9db-4090-85f9-90d820caa0eb", "Read applications"),
    scope("Application.ReadWrite.All", "bdfbf15f-ee85-4955-8675-146e8e5296b5", "Read and write all applications"),
    scope("Directory.Read.All", "06da0dbc-49e2-44d2-8312-53f166ab848a", "Read directory data"),
    scope("Domain.Read.All", "2f9ee017-59c1-4f1d-9472-bd5529a7b311", "Read domains"),
    scope("Domain.ReadWrite.All", "0b5d694c-a244-4bde-86e6-eb5cd07730fe", "Read and write domains"),
    scope(
        "Domain-InternalFederation.Read.All",
        "33203a2a-a761-40f0-8a7c-a7e74a9f8ac6",
        "Domain-InternalFederation.Read.All",
    ),
    scope(
        "Domain-InternalFederation.ReadWrite.All",
        "857bd3ea-490e-4284-88a7-a7de1893b6ee",
        "Domain-InternalFederation.ReadWrite.All",
    ),
    user_scope("User.ReadBasic.All", "b340eb25-3456-403f-be2f-af7a0d370277", "Read all users' basic profiles"),
    scope(
        "User-OnPremisesSyncBehavior.ReadWrite.All",
        "7ff9afdd-0cdb-439d-a61c-fea3e9339e89",
        "Read and update the on-premises sync behavior of users",
    ),
    user_scope("openid", "37f7f235-527c-4136-accd-4a02d197296e", "Sign users in"),
    user_scope("profile", "14dad69e-099b-42c9-810b-d002981feec1", "View users' basic profile"),
    user_scope("email", "64a6cdd6-aab1-4aaf-94b8-3cc8405e90d0", "View users' email address"),
    user_scope(
        "offline_access",
        "7427e0e9-2fba-42fe-b0c0-848c9e6a8182",
        "Maintain access to data you have given it access to",
    ),
    role("Application.ReadWrite.All", "1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9", "Application.ReadWrite.All"),
    role("Application.ReadWrite.OwnedBy", "18a4783c-866b-4cc7-a460-3d5e5662c884", "Application.ReadWrite.OwnedBy"),
    role("Directory.ReadWrite.All", "19dbc75e-c2e2-444c-a770-ec69d8559fc7", "Directory.ReadWrite.All"),
    role("Domain.ReadWrite.All", "7e05723c-0bb0-42da-be95-ae9f08a6e53c", "Domain.ReadWrite.All"),
    role("Group.Create", "bf7b1a76-6e77-406b-b258-bf5c7720e98f", "Group.Create"),
    role("Group.ReadWrite.All", "62a82d76-70ea-41e2-9197-370581804d09", "Group.ReadWrite.All"),
    role("Organization.ReadWrite.All", "292d869f-3427-49a8-9dab-8c70152b74e9", "Organization.ReadWrite.All"),
    role("User.ManageIdentities.All", "c529cfca-c91b-489c-af2b-d92990b66ce6", "User.ManageIdentities.All"),
    role("User.ReadWrite.All", "741f803b-c850-494e-b5df-cde7c675a1ca", "User.ReadWrite.All"),
    role(
        "RoleManagement.ReadWrite.Directory",
        "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8",
        "RoleManagement.ReadWrite.Directory",
    ),
    role("RoleManagement.Read.Directory", "483bed4a-2ad3-4361-a73b-c83ccdbdc53c", "RoleManagement.Read.Directory"),
    role("AppRoleAssignment.ReadWrite.All", "06b708a9-e830-4db3-a914-8e69da51d44f", "AppRoleAssignment.ReadWrite.All"),
    role(
        "DelegatedPermissionGrant.ReadWrite.All",
        "8e8e4742-1d95-4f68-9d56-6ee75648c72a",
        "DelegatedPermissionGrant.ReadWrite.All",
    ),
    role(
        "OnPremDirectorySynchronization.ReadWrite.All",
        "c22a92cc-79bf-4bb1-8b6c-e0a05d3d80ce",
        "OnPremDirectorySynchronization.ReadWrite.All",
    ),
    role(
        "OnPremDirectorySynchronization.Read.All",
        "bb70e231-92dc-4729-aff5-697b3f04be95",
        "OnPremDirectorySynchronization.Read.All",
    ),
    role("Organization.Read.All", "498476ce-e0fe-48b0-b801-37ba7e2685c6", "Organization.Read.All"),
    role("Policy.Read.All", "246dd0d5-5bd0-4def-940b-0421030a5b68", "Policy.Read.All"),
    role(
        "Policy.ReadWrite.ApplicationConfiguration",
        "be74164b-cff1-491c-8741-e671cb536e13",
        "Policy.ReadWrite.ApplicationConfiguration",
    ),
    role("AuditLog.Read.All", "b0afded3-3588-46d8-8b3d-9842eff778da", "AuditLog.Read.All"),
    role("Application.Read.All", "9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30", "Application.Read.All"),
    role("Directory.Read.All", "7ab1d382-f21e-4acd-a863-ba3e13f7da61", "Directory.Read.All"),
    role("Domain.Read.All", "dbb9058a-0e50-45d7-ae91-66909b5d4664", "Domain.Read.All"),
    role(
        "Domain-InternalFederation.Read.All",
        "c0e5a7b0-e8b7-40a7-b8e0-8249e6ea81d5",
        "Domain-InternalFederation.Read.All",
    ),
    role(
        "Domain-InternalFederation.ReadWrite.All",
        "64d40371-8d58-4270-bc8a-b4a66de36b9a",
        "Domain-InternalFederation.ReadWrite.All",
    ),
    role("User.ReadBasic.All", "97235f07-e226-4f63-ace3-39588e11d3a1", "User.ReadBasic.All"),
    role("User.Read.All", "df021288-bdef-4463-88db-98f22de89214", "User.Read.All"),
    role(
        "User-OnPremisesSyncBehavior.ReadWrite.All",
        "a94a502d-0281-4d15-8cd2-682ac9362c4c",
        "User-OnPremisesSyncBehavior.ReadWrite.All",
    ),
];

/// The id of an application permission by its name.
pub(crate) fn role_id(value: &str) -> Option<&'static str> {
    PUBLISHED
        .iter()
        .find(|permission| !permission.delegated && permission.value == value)
        .map(|permission| permission.id)
}
