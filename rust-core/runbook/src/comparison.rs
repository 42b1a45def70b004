//! What a comparison of attributes reads, with the permissions that takes. Source of the permissions:
//! microsoft-graph-devx-content, permissions.json; least first, one is enough.

use crate::observed::Subject;

/// How users sign in, by domain.
pub const DOMAINS: Subject = Subject { what: "the domains", permissions: &["Domain.Read.All", "Directory.Read.All"] };
/// For whom the domain of a federated token is compared with the user's.
pub const TOKEN_POLICY: Subject =
    Subject { what: "the policy about federated tokens", permissions: &["Policy.Read.All"] };
/// Who has which directory role.
pub const ROLES: Subject = Subject {
    what: "who has which directory role",
    permissions: &["RoleManagement.Read.Directory", "Directory.Read.All"],
};
/// All users.
pub const USERS: Subject = Subject { what: "the users", permissions: &["User.Read.All", "Directory.Read.All"] };
/// Addresses that users can't have as well.
pub const GROUPS: Subject = Subject {
    what: "the groups' addresses",
    permissions: &["GroupMember.Read.All", "Group.Read.All", "Directory.Read.All"],
};
/// The same.
pub const CONTACTS: Subject =
    Subject { what: "the contacts' addresses", permissions: &["OrgContact.Read.All", "Directory.Read.All"] };
/// The same, of those who can be restored.
pub const DELETED_USERS: Subject =
    Subject { what: "the deleted users' addresses", permissions: &["User.Read.All", "Directory.Read.All"] };

/// The same of Microsoft 365 groups. Source: Microsoft Graph documentation, "List deletedItems": of groups it takes more than their addresses do.
pub const DELETED_GROUPS: Subject =
    Subject { what: "the deleted groups' addresses", permissions: &["Group.Read.All", "Directory.Read.All"] };
/// Through which groups somebody may have a directory role.
pub const ROLE_GROUPS: Subject = Subject {
    what: "the groups that can have directory roles",
    permissions: &["GroupMember.Read.All", "Group.Read.All", "Directory.Read.All"],
};

/// All of it.
pub const READS: [Subject; 9] =
    [DOMAINS, TOKEN_POLICY, ROLES, USERS, GROUPS, CONTACTS, DELETED_USERS, DELETED_GROUPS, ROLE_GROUPS];
