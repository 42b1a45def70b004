//! Step 1: directory synchronization off. v1.0 knows no pending state, so completion is inferred: the organization is no
//! longer synchronized, and no user, group or contact is.

use crate::change::ChangeKind;
use crate::observed::{LookUp, Observed, SyncedObjects, Unread};
use crate::problem::Problem;
use crate::sign_in_needs::{GLOBAL, HYBRID_IDENTITY};
use crate::step::{Assessment, Impact, Situation, State, Step, StepName};
use crate::steps::unknown;
use crate::types::Organization;

/// The step.
pub const STEP: Step = Step {
    name: StepName::DirSync,
    action: || "Switch directory synchronization off (can't be cancelled; up to 72 hours)".into(),
    impact: Impact::High,
    reads: &[LookUp::Organization, LookUp::SyncedObjects],
    needs: &[&["Organization.ReadWrite.All"]],
    roles: &[GLOBAL, HYBRID_IDENTITY],
    assess,
};

/// Where directory synchronization stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SyncState {
    /// On.
    On,
    /// Switched off; objects are still being converted.
    Pending,
    /// Off, and no object is synchronized any more.
    Off,
}

impl SyncState {
    /// The name in results.
    pub fn name(self) -> &'static str {
        match self {
            Self::On => "On",
            Self::Pending => "Pending",
            Self::Off => "Off",
        }
    }
}

/// The state and how it is known, in a sentence; or the look-up that failed.
pub fn sync_state(observed: &Observed) -> Result<(SyncState, String), Unread> {
    let organization = observed.organization.as_ref().map_err(Clone::clone)?;
    if organization.on_premises_sync_enabled == Some(true) {
        return Ok((SyncState::On, "the organization is synchronized".into()));
    }
    Ok(match remaining(&observed.synced)? {
        (0, _) => (SyncState::Off, off(organization)),
        (_, what) => {
            (SyncState::Pending, format!("switched off; still synchronized: {what}. It can take up to 72 hours"))
        }
    })
}

fn off(organization: &Organization) -> String {
    let how = match organization.on_premises_sync_enabled {
        Some(_) => "the organization is no longer synchronized",
        None => "the organization is not synchronized",
    };
    format!("{how}, and no user, group or contact is")
}

/// All objects still synchronized, and in words.
fn remaining(synced: &SyncedObjects) -> Result<(u64, String), Unread> {
    let kinds = [("users", &synced.users), ("groups", &synced.groups), ("contacts", &synced.contacts)];
    let mut total = 0;
    let mut words = Vec::new();
    for (kind, fact) in kinds {
        let count = fact.as_ref().map_err(Clone::clone)?;
        total += count;
        words.push(format!("{count} {kind}"));
    }
    Ok((total, words.join(", ")))
}

#[expect(clippy::unnecessary_wraps, reason = "every step's assess has this shape")]
fn assess(situation: &Situation<'_>) -> Result<Assessment, Problem> {
    let observed = situation.observed;
    let (state, detail) = match sync_state(observed) {
        Ok(found) => found,
        Err(unread) => return Ok(unknown(&unread)),
    };
    let organization = observed.organization.as_ref().map(|organization| organization.id.clone()).unwrap_or_default();
    Ok(match state {
        SyncState::On => {
            Assessment::to_do(detail, vec![ChangeKind::SwitchSyncOff { organization }.of(StepName::DirSync)])
        }
        SyncState::Pending => Assessment { state: State::Pending, ..Assessment::done(detail) },
        SyncState::Off => Assessment::done(detail),
    })
}
