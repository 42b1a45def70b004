//! What a run can change in a tenant: data, made by planning, carried out by `apply`.

use time::OffsetDateTime;

use crate::types::RequiredResourceAccess;

/// One change. Ids of things the same run makes first are filled in when it is carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// `PATCH /organization/{id}`: can't be cancelled, nor taken back before it is complete.
    SwitchSyncOff {
        /// Tenant id.
        organization: String,
    },
    /// A new application.
    CreateApplication {
        /// Its name.
        display_name: String,
        /// Its declared permissions.
        permissions: Vec<RequiredResourceAccess>,
    },
    /// An application that is there: what it lacks is added, what others added is kept.
    UpdateApplication {
        /// Object id.
        id: String,
        /// The whole collection, which is replaced as one: what is there and what was missing.
        permissions: Option<Vec<RequiredResourceAccess>>,
        /// All tags, with the mark that says it is ours.
        tags: Option<Vec<String>>,
        /// Set the audience to this tenant alone.
        single_tenant: bool,
    },
    /// The application's service principal.
    CreateServicePrincipal,
    /// Let a disabled service principal sign in.
    EnableServicePrincipal {
        /// Object id.
        id: String,
    },
    /// Admin consent for delegated permissions, where there is none yet.
    CreateGrant {
        /// Microsoft Graph's service principal.
        resource: String,
        /// Names.
        scopes: Vec<&'static str>,
    },
    /// More delegated permissions in the grant that is there.
    WidenGrant {
        /// The grant's id.
        id: String,
        /// All names: those there and those added.
        scope: String,
    },
    /// One application permission.
    AssignAppRole {
        /// Microsoft Graph's service principal.
        resource: String,
        /// The role's id in this tenant.
        role: String,
        /// Its name.
        name: &'static str,
    },
    /// Global Administrator for the whole directory.
    AssignGlobalAdministrator,
    /// A client secret.
    AddSecret {
        /// How long it lives. The start is taken when it is sent.
        end: SecretEnd,
    },
}

/// When a new secret ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretEnd {
    /// A hundred years after its start.
    Runbook,
    /// So long after its start.
    After(time::Duration),
}

impl SecretEnd {
    /// The end of a secret that starts at `start`.
    pub fn at(self, start: OffsetDateTime) -> OffsetDateTime {
        match self {
            Self::Runbook => crate::wanted::runbook_end(start),
            Self::After(time) => start.saturating_add(time),
        }
    }
}
