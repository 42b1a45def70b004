//! Step 1: directory synchronization off. v1.0 knows no pending state, so completion is inferred: the organization is no
//! longer synchronized, and no user, group or contact is.

use crate::change::ChangeKind;
use crate::observed::{Fact, LookUp, Observed, Synced, SyncedObjects, Unread};
use crate::problem::Problem;
use crate::sign_in_needs::{GLOBAL, HYBRID_IDENTITY};
use crate::step::{Assessment, Impact, Situation, State, Step, StepName};
use crate::steps::unknown;
use crate::types::Organization;
use pp_words::instant;
use time::{Duration, OffsetDateTime};

/// The step.
pub const STEP: Step = Step {
    name: StepName::DirSync,
    action: |_| "Switch directory synchronization off (can't be cancelled; up to 72 hours)".into(),
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

/// What is known of the client that synchronizes, by when it last did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Client {
    /// It reported within the last hours.
    Running(OffsetDateTime),
    /// It did so last before that.
    Silent(OffsetDateTime),
    /// Graph tells no time.
    Unknown,
}

impl Client {
    /// The name in results.
    pub fn name(self) -> &'static str {
        match self {
            Self::Running(_) => "Running",
            Self::Silent(_) => "Silent",
            Self::Unknown => "Unknown",
        }
    }

    /// Of a tenant, at the service's time.
    pub fn of(organization: &Organization, now: OffsetDateTime) -> Self {
        match organization.on_premises_last_sync_date_time {
            Some(last) if now - last <= RUNNING => Self::Running(last),
            Some(last) => Self::Silent(last),
            None => Self::Unknown,
        }
    }
}

/// A client that reported within this time counts as running. Source: Entra documentation: Entra Connect synchronizes every 30
/// minutes, Cloud Sync every two; an alert comes after 24 hours. Assumption: three hours tell a late run from a stopped one.
const RUNNING: Duration = Duration::hours(3);

/// One that reported within this time may come back. Assumption: a server that is being mended, or an office that is closed over a
/// weekend, is no longer away than that.
const AWAY: Duration = Duration::days(7);

/// Why it can't be taken back. Source: Microsoft 365 documentation, "Turn off directory synchronization for Microsoft 365"; Microsoft's
/// message MC1262584, "no hard match onto cloud users with Entra roles".
pub const NO_WAY_BACK: &str = "Microsoft doesn't let synchronization be switched on again before it is completely off, which takes up \
                               to 72 hours; and switched on again it no longer takes over accounts that have a Microsoft Entra role";

/// How long it may take. Source: Microsoft 365 documentation, "Turn off directory synchronization for Microsoft 365".
const LONGEST: Duration = Duration::hours(72);

/// The state and how it is known, in a sentence, at the service's time; or the look-up that failed.
pub fn sync_state(observed: &Observed, now: OffsetDateTime) -> Result<(SyncState, String), Unread> {
    let organization = observed.organization.as_ref().map_err(Clone::clone)?;
    let client = Client::of(organization, now);
    if organization.on_premises_sync_enabled == Some(true) {
        return Ok((SyncState::On, format!("the organization is synchronized{}", on(client, now))));
    }
    Ok(match remaining(&observed.synced)? {
        (0, _) => (SyncState::Off, off(organization, client)),
        (_, what) => {
            (SyncState::Pending, format!("switched off; still synchronized: {what}. {}", pending(client, now)))
        }
    })
}

/// Source of the version and the date: Entra documentation, "Hardening updates for Entra Connect".
fn on(client: Client, now: OffsetDateTime) -> String {
    match client {
        Client::Silent(last) if now - last > AWAY => format!(
            ", but last at {}, {} days ago: no client has reported since. Entra Connect below 2.5.79 has stopped on 2026-09-30. \
             Nothing comes from Active Directory any more, so switching it off takes nothing away; uninstall what is left of the \
             client",
            instant(last),
            (now - last).whole_days()
        ),
        client => uninstall(client, now).map(|words| format!("; {words}")).unwrap_or_default(),
    }
}

/// That a client runs, or may come back: it has to go before the switch.
fn uninstall(client: Client, now: OffsetDateTime) -> Option<String> {
    let found = match client {
        Client::Running(last) => format!("a synchronization client is running, last at {}", instant(last)),
        Client::Silent(last) if now - last <= AWAY => format!(
            "a synchronization client reported last at {}: it may be switched off for a while, as with its server, and come back",
            instant(last)
        ),
        Client::Silent(_) | Client::Unknown => return None,
    };
    Some(format!(
        "{found}. Uninstall Entra Connect, or switch Cloud Sync off, first: it would go on, and can switch synchronization on again"
    ))
}

/// What ends a conversion that doesn't.
const SUPPORT: &str = "It can take up to 72 hours from the switch: where that is longer ago, open a support case with Microsoft and name \
                       these objects (Get-PPDirSync lists the first ten of each kind)";

/// When it was switched off isn't among what Graph tells, so the last synchronization stands for it.
fn pending(client: Client, now: OffsetDateTime) -> String {
    match client {
        Client::Running(last) => format!(
            "It can take up to 72 hours. A synchronization client reported at {}: if it still runs, uninstall it, or this \
             doesn't end",
            instant(last)
        ),
        Client::Silent(last) if now - last > LONGEST => {
            format!("Last synchronized at {}, {} days ago. {SUPPORT}", instant(last), (now - last).whole_days())
        }
        Client::Silent(last) => format!("Last synchronized at {}. It can take up to 72 hours", instant(last)),
        Client::Unknown => format!("Microsoft Graph doesn't tell when it last synchronized. {SUPPORT}"),
    }
}

/// What an admin should know before it is switched off: that there is no way back, and that a client runs or may come back.
pub fn doubts(observed: &Observed, now: OffsetDateTime) -> Vec<String> {
    let client = observed.organization.as_ref().ok().map(|organization| Client::of(organization, now));
    let uninstall = client.and_then(|client| uninstall(client, now));
    [NO_WAY_BACK.to_owned()].into_iter().chain(uninstall).collect()
}

/// What an admin should know where it is off: that a client still reports.
pub fn doubt_when_off(observed: &Observed, now: OffsetDateTime) -> Option<String> {
    let client = Client::of(observed.organization.as_ref().ok()?, now);
    let is_off = matches!(sync_state(observed, now), Ok((SyncState::Off, _)));
    still_reports(client).filter(|_| is_off)
}

fn still_reports(client: Client) -> Option<String> {
    match client {
        Client::Running(last) => Some(format!(
            "a synchronization client reported at {}, though synchronization is off: if it still runs, uninstall Entra Connect, or \
             switch Cloud Sync off, since it can switch synchronization on again",
            instant(last)
        )),
        Client::Silent(_) | Client::Unknown => None,
    }
}

/// The first objects that still count as synchronized, with their kind. They may be people.
pub fn first_synced(synced: &SyncedObjects) -> Vec<String> {
    let kinds = [("User", &synced.users), ("Group", &synced.groups), ("Contact", &synced.contacts)];
    let named = |(kind, fact): (&str, &Fact<Synced>)| -> Vec<String> {
        let first = fact.as_ref().map(|synced| synced.first.as_slice()).unwrap_or_default();
        first.iter().take(FIRST).map(|object| format!("{kind} {object}")).collect()
    };
    kinds.into_iter().flat_map(named).collect()
}

/// So many of a kind are named.
const FIRST: usize = 10;

fn off(organization: &Organization, client: Client) -> String {
    let how = match organization.on_premises_sync_enabled {
        Some(_) => "the organization is no longer synchronized",
        None => "the organization is not synchronized",
    };
    let client = still_reports(client).map(|words| format!("; {words}")).unwrap_or_default();
    format!("{how}, and no user, group or contact is{client}")
}

/// All objects still synchronized, and in words.
fn remaining(synced: &SyncedObjects) -> Result<(u64, String), Unread> {
    let kinds = [("users", &synced.users), ("groups", &synced.groups), ("contacts", &synced.contacts)];
    let mut total = 0;
    let mut words = Vec::new();
    for (kind, fact) in kinds {
        let count = fact.as_ref().map_err(Clone::clone)?.count;
        total += count;
        words.push(format!("{count} {kind}"));
    }
    Ok((total, words.join(", ")))
}

#[expect(clippy::unnecessary_wraps, reason = "every step's assess has this shape")]
fn assess(situation: &Situation<'_>) -> Result<Assessment, Problem> {
    let observed = situation.observed;
    let (state, detail) = match sync_state(observed, situation.now) {
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
