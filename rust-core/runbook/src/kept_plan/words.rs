//! A change in words, for whoever approves it.

use crate::change::{AppKey, ApplicationProperties, ChangeKind};
use crate::steps::client_secret::describe_end;
use crate::types::{CredentialLock, RequiredResourceAccess};
use crate::wanted::SECRET_NAME;

const NOT_THERE: &str = "not there";
const LOCKED: &str = ", and no credentials can be added to its service principal";

/// What is changed, and from what to what.
pub(super) struct Words {
    pub(super) change: String,
    pub(super) before: String,
    pub(super) after: String,
}

impl Words {
    fn new(change: impl Into<String>, before: impl Into<String>, after: impl Into<String>) -> Self {
        Self { change: change.into(), before: before.into(), after: after.into() }
    }

    pub(super) fn of(change: &ChangeKind) -> Self {
        match change {
            ChangeKind::SwitchSyncOff { .. } => Self::new(
                "Switch directory synchronization off",
                "on",
                "off, complete after up to 72 hours; it can't be cancelled",
            ),
            ChangeKind::CreateApplication { display_name, permissions, key, lock } => Self::new(
                format!(
                    "Register the application '{display_name}'{}",
                    if *key == AppKey::Ours { "" } else { " beside the deleted one, by its tag" }
                ),
                NOT_THERE,
                format!(
                    "for this tenant alone, with {}{}",
                    declared(permissions),
                    if lock.is_some() { LOCKED } else { "" }
                ),
            ),
            ChangeKind::UpdateApplication { id, to, before } => {
                Self::new(format!("Update the application {id}"), properties(before), properties(to))
            }
            ChangeKind::RestoreApplication { app_id, .. } => Self::new(
                format!("Restore the deleted application {app_id}"),
                "deleted",
                "there, with the same ids and the client secrets it had",
            ),
            ChangeKind::PurgeApplication { app_id, .. } => {
                Self::new(format!("Delete the deleted application {app_id} for good"), "deleted, restorable", NOT_THERE)
            }
            ChangeKind::RestoreServicePrincipal { id } => {
                Self::new(format!("Restore the deleted service principal {id}"), "deleted", "there, as it was")
            }
            ChangeKind::CreateServicePrincipal => {
                Self::new("Create the application's service principal", NOT_THERE, "there, and it may sign in")
            }
            ChangeKind::SetServicePrincipalEnabled { id, enabled } => {
                let (change, before, after) =
                    if *enabled { ("Enable", "disabled", "enabled") } else { ("Disable", "enabled", "disabled") };
                Self::new(format!("{change} the service principal {id}"), before, after)
            }
            ChangeKind::Remove { object, id } => Self::new(object.removal(id), "there", NOT_THERE),
            ChangeKind::RemoveSecret { key_id } => {
                Self::new(format!("Remove the client secret {key_id}"), "there", NOT_THERE)
            }
            ChangeKind::CreateGrant { scopes, .. } => Self::new(
                format!("Consent to {} delegated permissions for everybody", scopes.len()),
                "not granted",
                scopes.join(" "),
            ),
            ChangeKind::SetGrantScope { id, to, before } => {
                Self::new(format!("Add delegated permissions to the consent {id}"), before, to)
            }
            ChangeKind::AssignAppRole { name, .. } => {
                Self::new(format!("Consent to the application permission {name}"), "not granted", "granted")
            }
            ChangeKind::AddSecret { end } => {
                Self::new(format!("Create the client secret {SECRET_NAME}"), NOT_THERE, describe_end(*end))
            }
            ChangeKind::AssignGlobalAdministrator => Self::new(
                "Make the service principal Global Administrator of the whole directory",
                "not assigned",
                "assigned",
            ),
        }
    }
}

fn declared(permissions: &[RequiredResourceAccess]) -> String {
    let count: usize = permissions.iter().map(|api| api.resource_access.len()).sum();
    format!("{count} permissions declared")
}

/// What properties of an application are set to.
pub(crate) fn properties(properties: &ApplicationProperties) -> String {
    let mut words = Vec::new();
    words.extend(properties.required_resource_access.as_deref().map(declared));
    words.extend(properties.tags.as_ref().map(|tags| format!("tags: {}", tags.join(", "))));
    words.extend(properties.sign_in_audience.as_ref().map(|audience| format!("audience {audience}")));
    words.extend(properties.service_principal_lock_configuration.as_ref().map(|lock| locked(lock).to_owned()));
    words.join("; ")
}

fn locked(lock: &CredentialLock) -> &'static str {
    match (lock.is_whole(), lock.is_enabled) {
        (true, _) => "the service principal's credentials locked",
        (false, true) => "the service principal's credentials locked in part",
        (false, false) => "the service principal's credentials not locked",
    }
}
