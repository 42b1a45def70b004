//! What to do in each tenant of a fleet, and with which choices.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

use super::customers::{Customer, Own};
use crate::pattern::{TENANT_ID, filled, is_own, takes_name};
use crate::run::Plan;
use crate::sink::SinkRequest;
use crate::which::WhichRequest;
use pp_ledger::line::Choices;
use pp_report::catalogue as c;
use pp_report::error::OpError;
use pp_report::rows::Tenant;
use pp_runbook::step::StepName;
use pp_runbook::wanted::{self, DeletedApp};

/// What is done in each tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(crate) enum Action {
    /// Where each step stands.
    Status,
    /// The runbook.
    Runbook,
    /// Where directory synchronization stands.
    DirSync,
    /// A new client secret where one is due, and older ones removed.
    Rotate,
    /// What provisioning would write.
    Compare,
    /// The attributes of all users into a file.
    Backup,
}

impl Action {
    /// The name in results and in the ledger.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Status => "Status",
            Self::Runbook => "Runbook",
            Self::DirSync => "DirSync",
            Self::Rotate => "Rotate",
            Self::Compare => "Compare",
            Self::Backup => "Backup",
        }
    }
}

/// Choices of the actions; each takes its own.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub(crate) struct Options {
    pub(super) steps: Vec<StepName>,
    pub(super) skip: Vec<StepName>,
    pub(super) which: WhichRequest,
    new_secret: bool,
    secret_lifetime: Option<String>,
    lock_credentials: bool,
    deleted_app: Option<DeletedApp>,
    sink: Option<SinkRequest>,
    pub(super) overlap_seconds: Option<u64>,
    pub(super) renew_within_seconds: Option<u64>,
    /// Of a file for each tenant: `{TenantId}` and `{Name}` stand for what differs, here and in the paths below.
    pub(super) path: Option<String>,
    pub(super) portal_user_path: Option<String>,
    /// Of a comparison, as `compareAttributes` has them.
    pub(super) column_map: BTreeMap<String, String>,
    pub(super) script_path: Option<String>,
    pub(super) federated_domain: Vec<String>,
    pub(super) since: Option<String>,
    pub(super) user_principal_name: Vec<String>,
    pub(super) force: bool,
}

impl Options {
    /// Refuses choices that the action would pass over: whoever makes one reckons with it.
    pub(super) fn check_taken(&self, action: Action) -> Result<(), OpError> {
        use Action::{Backup, Compare, Rotate, Runbook, Status};
        let which = &self.which;
        let made: [(bool, &str, &[Action]); 21] = [
            (!self.steps.is_empty(), "-Step", &[Status, Runbook]),
            (!self.skip.is_empty(), "-Skip", &[Runbook]),
            (which.display_name.is_some(), "-DisplayName", &[Status, Runbook, Rotate]),
            (which.app_id.is_some(), "-AppId", &[Status, Runbook, Rotate]),
            (which.object_id.is_some(), "-ObjectId", &[Status, Runbook, Rotate]),
            (which.adopt, "-Adopt", &[Status, Runbook, Rotate]),
            (self.deleted_app.is_some(), "-DeletedApp", &[Runbook]),
            (self.new_secret, "-NewSecret", &[Runbook]),
            (self.secret_lifetime.is_some(), "-ClientSecretLifetime", &[Runbook, Rotate]),
            (self.lock_credentials, "-LockCredentials", &[Runbook]),
            (self.sink.is_some(), "-SecretSink, with what belongs to it,", &[Runbook, Rotate]),
            (self.overlap_seconds.is_some(), "-OverlapDays", &[Rotate]),
            (self.renew_within_seconds.is_some(), "-RenewWithinDays", &[Rotate]),
            (self.path.is_some(), "-Path, other than that of the sink SealedFile,", &[Backup]),
            (self.portal_user_path.is_some(), "-PortalUserPath", &[Compare]),
            (!self.column_map.is_empty(), "-ColumnMap", &[Compare]),
            (self.script_path.is_some(), "-ScriptPath", &[Compare]),
            (!self.federated_domain.is_empty(), "-FederatedDomain", &[Compare]),
            (self.since.is_some(), "-Since", &[Compare]),
            (!self.user_principal_name.is_empty(), "-UserPrincipalName", &[Compare]),
            (self.force, "-Force", &[Runbook, Rotate, Backup]),
        ];
        let not_taken = made.into_iter().find(|(made, _, takes)| *made && !takes.contains(&action));
        let Some((_, parameter, takes)) = not_taken else { return Ok(()) };
        let takes: Vec<&str> = takes.iter().map(|action| action.name()).collect();
        let what = format!("{parameter} is not for the action {}, but for {}", action.name(), takes.join(", "));
        Err(invalid(&what))
    }

    /// The choices for one tenant: what is its own comes in place of what all have.
    pub(super) fn of_one(&self, own: &Own) -> Self {
        let mut options = self.clone();
        let which = &mut options.which;
        which.app_id = own.app_id.clone().or(which.app_id.take());
        which.object_id = own.object_id.clone().or(which.object_id.take());
        if !own.federated_domain.is_empty() {
            options.federated_domain.clone_from(&own.federated_domain);
        }
        if let (Some(sink), Some(vault)) = (&mut options.sink, &own.vault_uri) {
            sink.put_vault(vault);
        }
        options
    }

    /// That the choices can be taken is told before anything is read. With several tenants what is made for each needs a place of
    /// its own.
    pub(super) fn check(&self, action: Action, only_shows: bool, customers: &[Customer]) -> Result<(), OpError> {
        let several = customers.len() > 1;
        let makes_secret = self.makes_secret(action)?;
        match self.sink.as_ref().filter(|sink| sink.is_named()) {
            None if makes_secret && !only_shows => {
                return Err(c::FLEET_NEEDS_SINK
                    .report("client secrets would be made, and there is no -SecretSink")
                    .into());
            }
            Some(_) if makes_secret && several => {
                let sinks: Vec<_> = customers.iter().filter_map(|one| self.of_one(&one.own).sink).collect();
                SinkRequest::check_of_several(sinks.iter())?;
            }
            _ => {}
        }
        match (action, self.path.as_deref()) {
            (Action::Backup, None) => Err(invalid("the action Backup needs a -Path, as './{TenantId}.jsonl'")),
            (Action::Backup, Some(path)) if several && !is_own(path) => Err(invalid(&format!(
                "-Path '{path}' would be one file for several tenants: {TENANT_ID} has to stand in it"
            ))),
            _ => Ok(()),
        }
    }

    /// Whether client secrets may be made.
    pub(super) fn makes_secret(&self, action: Action) -> Result<bool, OpError> {
        let steps = wanted::steps(&self.steps, &self.skip)?;
        Ok(match action {
            Action::Runbook => steps.contains(&StepName::ClientSecret),
            Action::Rotate => true,
            Action::Status | Action::DirSync | Action::Compare | Action::Backup => false,
        })
    }

    /// The choices of a run.
    pub(super) fn plan(&self, connection: u64) -> Plan {
        Plan {
            connection,
            steps: self.steps.clone(),
            skip: self.skip.clone(),
            which: self.which.clone(),
            new_secret: self.new_secret,
            renews: false,
            replaces: false,
            secret_lifetime: self.secret_lifetime.clone(),
            lock_credentials: self.lock_credentials,
            deleted_app: self.deleted_app,
            deleted_id: None,
        }
    }

    /// The choices of a new secret in place of others.
    pub(super) fn plan_of_rotation(&self, connection: u64) -> Plan {
        Plan {
            steps: vec![StepName::ClientSecret],
            skip: Vec::new(),
            new_secret: true,
            renews: self.renew_within_seconds.is_some(),
            replaces: true,
            lock_credentials: false,
            deleted_app: None,
            ..self.plan(connection)
        }
    }

    /// Whether a place is made of the tenant's name.
    pub(super) fn takes_name(&self) -> bool {
        let files = [&self.path, &self.portal_user_path, &self.script_path, &self.since];
        files.into_iter().flatten().any(|pattern| takes_name(pattern))
            || self.sink.as_ref().is_some_and(SinkRequest::takes_name)
    }

    /// What the ledger is to know of the choices in a tenant.
    pub(super) fn choices(&self, action: Action, tenant: &Tenant) -> Result<Choices, OpError> {
        let steps = match action {
            Action::Runbook | Action::Status => wanted::steps(&self.steps, &self.skip)?,
            Action::DirSync | Action::Rotate | Action::Compare | Action::Backup => Vec::new(),
        };
        Ok(Choices {
            steps: steps.into_iter().map(|step| step.name().to_owned()).collect(),
            application: self.which.told()?,
            file: self.sink.as_ref().and_then(|sink| sink.file_of(tenant)),
            vault: self.sink.as_ref().and_then(|sink| sink.vault_of(tenant)),
            lock: self.lock_credentials,
            path: (action == Action::Backup).then(|| self.file(tenant)),
            ..Choices::default()
        })
    }

    /// Where a tenant's secret goes. What an earlier worker had asked for may lie there already: it was free before that. One that
    /// `replaces` another is in place or not there: nobody looks at each tenant.
    pub(super) fn sink(&self, tenant: &Tenant, takes_up: bool, replaces: bool) -> Option<SinkRequest> {
        self.sink.as_ref().map(|sink| sink.of_one(tenant, takes_up, replaces))
    }

    /// Demonstration tenants have vaults, which take their secrets where the caller names no sink.
    pub(super) fn sink_of_demo(&mut self, vaults: String) {
        self.sink.get_or_insert_with(|| SinkRequest::of_vaults(vaults));
    }

    /// A tenant's file.
    pub(super) fn file(&self, tenant: &Tenant) -> String {
        filled(self.path.as_deref().unwrap_or_default(), tenant)
    }
}

pub(super) fn invalid(what: &str) -> OpError {
    c::FLEET_OPTION_INVALID.report(what).into()
}

/// A part of the tenants, as `2/5`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shard {
    part: usize,
    of: usize,
}

impl Shard {
    pub(super) fn parse(text: &str) -> Result<Self, OpError> {
        let parts =
            text.split_once('/').and_then(|(part, of)| Some((part.trim().parse().ok()?, of.trim().parse().ok()?)));
        match parts {
            Some((part, of)) if (1..=of).contains(&part) => Ok(Self { part, of }),
            _ => Err(invalid(&format!("-Shard '{text}' is none: give 1/5 to 5/5 for the five parts"))),
        }
    }

    /// Whether the tenant at this place, from 0, belongs to it. Neighbours go to different parts.
    pub(super) fn takes(self, place: usize) -> bool {
        place % self.of == self.part - 1
    }
}

/// A time budget: one that is so short is a number that was meant otherwise.
pub(super) fn budget(milliseconds: Option<i64>) -> Result<Option<Duration>, OpError> {
    let Some(milliseconds) = milliseconds else { return Ok(None) };
    match u64::try_from(milliseconds).map(Duration::from_millis) {
        Ok(budget) if budget >= Duration::from_secs(1) => Ok(Some(budget)),
        _ => Err(invalid(
            "-TimeBudget is shorter than a second: a bare number counts as ticks of 100 ns. Give '2:45:00' for 2 hours 45 minutes",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_share_all_tenants_and_take_none_twice() -> Result<(), OpError> {
        let shards = ["1/3", "2/3", "3/3"].into_iter().map(Shard::parse).collect::<Result<Vec<_>, _>>()?;
        for place in 0..20 {
            assert_eq!(shards.iter().filter(|shard| shard.takes(place)).count(), 1, "{place}");
        }
        Ok(())
    }

    #[test]
    fn what_is_no_part_is_refused() {
        for text in ["", "1", "0/3", "4/3", "a/b", "1/0", "-1/3"] {
            assert!(Shard::parse(text).is_err(), "{text}");
        }
    }
}
