//! What is looked up, and the Microsoft Graph permissions that allow each look-up.

use crate::observed::LookUp;

/// Something that is looked up, and the permissions that allow it (one is enough).
/// Source of the permissions: microsoft-graph-devx-content, permissions.json.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subject {
    /// In words.
    pub what: &'static str,
    /// Least first.
    pub permissions: &'static [&'static str],
}

const fn subject(what: &'static str, permissions: &'static [&'static str]) -> Subject {
    Subject { what, permissions }
}

const READ_ORGANIZATION: &[&str] = &["Organization.Read.All", "Directory.Read.All"];
const READ_APPLICATIONS: &[&str] = &["Application.Read.All", "Directory.Read.All"];
const READ_GRANTS: &[&str] = &["Directory.Read.All", "DelegatedPermissionGrant.ReadWrite.All"];
/// The organization.
pub const ORGANIZATION: Subject = subject("the organization", READ_ORGANIZATION);
/// How many users are synchronized.
pub const USERS: Subject = subject("the number of synchronized users", &["User.Read.All", "Directory.Read.All"]);
/// How many groups.
pub const GROUPS: Subject =
    subject("the number of synchronized groups", &["GroupMember.Read.All", "Directory.Read.All"]);
/// How many contacts.
pub const CONTACTS: Subject =
    subject("the number of synchronized contacts", &["OrgContact.Read.All", "Directory.Read.All"]);
/// The application.
pub const APPLICATION: Subject = subject("the application", READ_APPLICATIONS);
/// What Microsoft Graph offers.
pub const CATALOGUE: Subject = subject("the list of Microsoft Graph's permissions", READ_APPLICATIONS);
/// The app management policies.
pub const POLICY: Subject = subject("the app management policy", &["Policy.Read.All"]);
/// Who is Global Administrator.
pub const ADMINISTRATORS: Subject =
    subject("the list of Global Administrators", &["RoleManagement.Read.Directory", "Directory.Read.All"]);
/// The service principal.
pub const PRINCIPAL: Subject = subject("the service principal", READ_APPLICATIONS);
/// Its delegated permission grants.
pub const GRANTS: Subject = subject("the delegated permission grants", READ_GRANTS);
/// Its app role assignments.
pub const ASSIGNMENTS: Subject = subject("the app role assignments", READ_APPLICATIONS);

/// What a look-up reads, with the permissions that take.
pub fn subjects(look_up: LookUp) -> &'static [Subject] {
    match look_up {
        LookUp::Organization => &[ORGANIZATION],
        LookUp::SyncedObjects => &[USERS, GROUPS, CONTACTS],
        LookUp::Application => &[APPLICATION],
        LookUp::Catalogue => &[CATALOGUE],
        LookUp::Policy => &[POLICY],
        LookUp::GlobalAdministrators => &[ADMINISTRATORS],
        LookUp::ServicePrincipal => &[PRINCIPAL],
        LookUp::Grants => &[GRANTS],
        LookUp::Assignments => &[ASSIGNMENTS],
    }
}

/// Of a tenant that nothing was read of.
pub const NOT_ASKED_FOR: Subject = subject("this", &[]);
