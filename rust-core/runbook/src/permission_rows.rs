//! The 18 permissions one by one: declared, granted, and how that is known. What could not be looked up is Unknown.

use crate::observed::{Observed, Unread};
use crate::permissions::{Kind, PERMISSIONS, Permission, id_in_tenant};
use crate::steps::application::declares;
use crate::steps::application_consent::assignment;
use crate::steps::delegated_consent::{grant_for_all, holds};
use crate::types::{Application, ResourceServicePrincipal};

/// Whether a permission is granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrantStatus {
    /// Seen in a grant or an assignment.
    Granted,
    /// Looked up, and not there.
    NotGranted,
    /// Nobody can grant it: Microsoft Graph doesn't offer it in this tenant.
    NotOffered,
    /// Not looked up, or not readable.
    Unknown,
}

impl GrantStatus {
    /// The name in results.
    pub fn name(self) -> &'static str {
        match self {
            Self::Granted => "Granted",
            Self::NotGranted => "NotGranted",
            Self::NotOffered => "NotOffered",
            Self::Unknown => "Unknown",
        }
    }
}

/// One of the 18 in a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PermissionRow {
    /// Which.
    pub permission: &'static Permission,
    /// Its id in this tenant; the table's where the tenant's is not known.
    pub id: String,
    /// Declared by the application.
    pub declared: bool,
    /// Granted to it.
    pub status: GrantStatus,
    /// How that is known.
    pub evidence: String,
}

/// All 18, in the runbook's order.
pub fn rows(observed: &Observed, application: &Application) -> Vec<PermissionRow> {
    PERMISSIONS.iter().map(|permission| row(observed, application, permission)).collect()
}

fn row(observed: &Observed, application: &Application, permission: &'static Permission) -> PermissionRow {
    let resource = observed.catalogue.as_ref();
    let id = resource.ok().and_then(|resource| id_in_tenant(resource, permission)).unwrap_or(permission.id);
    let (status, evidence) = match resource {
        Err(unread) => unknown(unread),
        Ok(resource) => match id_in_tenant(resource, permission) {
            None => (GrantStatus::NotOffered, "Microsoft Graph in this tenant doesn't offer it".into()),
            Some(id) => granted(observed, resource, permission, id),
        },
    };
    let declared = declares(application, permission.kind.access_type(), id);
    PermissionRow { permission, id: id.to_owned(), declared, status, evidence }
}

fn granted(
    observed: &Observed,
    resource: &ResourceServicePrincipal,
    permission: &Permission,
    id: &str,
) -> (GrantStatus, String) {
    match &observed.service_principal {
        Err(unread) => return unknown(unread),
        Ok(None) => return (GrantStatus::NotGranted, "there is no service principal".into()),
        Ok(Some(_)) => {}
    }
    match permission.kind {
        Kind::Delegated => delegated(observed, &resource.id, permission.name),
        Kind::Application => application(observed, &resource.id, id),
    }
}

fn delegated(observed: &Observed, resource: &str, name: &str) -> (GrantStatus, String) {
    if let Err(unread) = &observed.grants {
        return unknown(unread);
    }
    match grant_for_all(observed, resource) {
        Some(grant) if holds(grant, name) => {
            (GrantStatus::Granted, format!("oauth2PermissionGrant {} for everybody", grant.id))
        }
        Some(grant) => (GrantStatus::NotGranted, format!("oauth2PermissionGrant {} doesn't hold it", grant.id)),
        None => (GrantStatus::NotGranted, "there is no oauth2PermissionGrant for everybody".into()),
    }
}

fn application(observed: &Observed, resource: &str, role: &str) -> (GrantStatus, String) {
    if let Err(unread) = &observed.assignments {
        return unknown(unread);
    }
    match assignment(observed, resource, role) {
        Some(assignment) => (GrantStatus::Granted, format!("appRoleAssignment {}", assignment.id)),
        None => (GrantStatus::NotGranted, "there is no appRoleAssignment".into()),
    }
}

fn unknown(unread: &Unread) -> (GrantStatus, String) {
    (GrantStatus::Unknown, unread.to_string())
}
