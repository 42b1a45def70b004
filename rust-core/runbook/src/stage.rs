//! The stages in which a plan's changes are sent: what a stage builds on, the one before has made.

use crate::change::Change;

/// One of the stages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Organization and application.
    Tenant,
    /// What a service principal takes is known then.
    Principal,
    /// One chain, the secret last.
    Consents,
}

/// In their order, with how far a run is then in percent, and what it says.
pub const STAGES: [(Stage, u8, &str); 3] = [
    (Stage::Tenant, 10, "Directory synchronization and application"),
    (Stage::Principal, 35, "Service principal"),
    (Stage::Consents, 55, "Consents, role and secret"),
];

/// The stage in which a change is sent.
pub fn stage_of(change: &Change) -> Stage {
    match change {
        Change::SwitchSyncOff { .. } | Change::CreateApplication { .. } | Change::UpdateApplication { .. } => {
            Stage::Tenant
        }
        Change::CreateServicePrincipal | Change::EnableServicePrincipal { .. } => Stage::Principal,
        Change::CreateGrant { .. }
        | Change::WidenGrant { .. }
        | Change::AssignAppRole { .. }
        | Change::AssignGlobalAdministrator
        | Change::AddSecret { .. } => Stage::Consents,
    }
}
