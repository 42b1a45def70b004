//! The stages in which a plan's changes are sent: what a stage builds on, the one before has made. What can't be taken back
//! comes last and alone, once all else is confirmed.

use crate::change::Change;

/// One of the stages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The application.
    Application,
    /// What a service principal takes is known then.
    Principal,
    /// One chain, the secret last.
    Consents,
    /// What can't be taken back.
    Irreversible,
}

/// In their order, with how far a run is then in percent, and what it says.
pub const STAGES: [(Stage, u8, &str); 4] = [
    (Stage::Application, 10, "Application"),
    (Stage::Principal, 35, "Service principal"),
    (Stage::Consents, 55, "Consents, role and secret"),
    (Stage::Irreversible, 90, "Directory synchronization"),
];

/// The stage in which a change is sent.
pub fn stage_of(change: &Change) -> Stage {
    match change {
        Change::SwitchSyncOff { .. } => Stage::Irreversible,
        Change::CreateApplication { .. } | Change::UpdateApplication { .. } => Stage::Application,
        Change::CreateServicePrincipal | Change::EnableServicePrincipal { .. } => Stage::Principal,
        Change::CreateGrant { .. }
        | Change::WidenGrant { .. }
        | Change::AssignAppRole { .. }
        | Change::AssignGlobalAdministrator
        | Change::AddSecret { .. } => Stage::Consents,
    }
}
