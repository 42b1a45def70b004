//! Ops that read a tenant and change nothing.

use std::time::Duration;

use serde::Deserialize;

use crate::operation::Operation;
use crate::output::{Output, Progress};
use crate::run::{app_object, without_secret};
use crate::{Op, knowledge};
use pp_graph::Graph;
use pp_portal::{HandoverItem, Identifiers};
use pp_report::catalogue as c;
use pp_report::clixml::{Object, Value};
use pp_report::error::OpError;
use pp_run::observe::observe;
use pp_runbook::observed::{Fact, LookUp, Observed};
use pp_runbook::permission_rows::{PermissionRow, rows};
use pp_runbook::plan::{self, PlannedStep, reads};
use pp_runbook::problem::Problem;
use pp_runbook::step::{State, StepName};
use pp_runbook::steps::client_secret::valid_secrets;
use pp_runbook::steps::directory_sync::{SyncState, sync_state};
use pp_runbook::types::{Application, PasswordCredential};
use pp_runbook::wanted::{self, Wanted};

const SYNC: &[LookUp] = &[LookUp::Organization, LookUp::SyncedObjects];

/// Time between two looks at directory synchronization, unless the caller says otherwise: it takes hours.
const SYNC_POLL_SECONDS: u64 = 60;

/// `dirSync`: where directory synchronization stands.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DirSync {
    connection: u64,
}

impl Op for DirSync {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let operation = Operation::on(self.connection)?;
        let observed = operation.run(output, |graph, _| observe(&graph, SYNC, &Wanted::everything(), None))?;
        Ok(output.object(&dir_sync(&observed, &operation.tenant()))?)
    }
}

fn dir_sync(observed: &Observed, tenant: &str) -> Object {
    let (state, detail) = match sync_state(observed) {
        Ok((state, detail)) => (state.name(), detail),
        Err(unread) => ("Unknown", unread.to_string()),
    };
    let organization = observed.organization.as_ref().ok();
    Object::new("PPFederation.DirSync")
        .with("TenantId", tenant)
        .with("TenantName", organization.and_then(|o| o.display_name.clone()))
        .with("State", state)
        .with("OnPremisesSyncEnabled", organization.and_then(|o| o.on_premises_sync_enabled))
        .with("OnPremisesLastSyncDateTime", organization.and_then(|o| o.on_premises_last_sync_date_time))
        .with("SyncedUsers", count(&observed.synced.users))
        .with("SyncedGroups", count(&observed.synced.groups))
        .with("SyncedContacts", count(&observed.synced.contacts))
        .with("Detail", detail)
}

/// A number, or nothing where it could not be read: never zero.
fn count(fact: &Fact<u64>) -> Value {
    fact.as_ref().ok().map(|&count| i64::try_from(count).unwrap_or(i64::MAX)).into()
}

/// `waitDirSync`: waits until directory synchronization is off.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct WaitDirSync {
    connection: u64,
    timeout_seconds: u64,
    poll_seconds: Option<u64>,
}

impl Op for WaitDirSync {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let operation = Operation::on(self.connection)?;
        let observed = operation.run(output, |graph, _| self.wait(graph, output))?;
        Ok(output.object(&dir_sync(&observed, &operation.tenant()))?)
    }
}

impl WaitDirSync {
    fn wait(&self, graph: Graph<'_>, output: &Output) -> Result<Observed, OpError> {
        let start = graph.clock.elapsed();
        let timeout = Duration::from_secs(self.timeout_seconds);
        let poll = Duration::from_secs(self.poll_seconds.unwrap_or(SYNC_POLL_SECONDS).max(1));
        let mut first = None;
        loop {
            let observed = observe(&graph, SYNC, &Wanted::everything(), None)?;
            let (state, detail) =
                sync_state(&observed).map_err(|unread| Problem::NotReadable { step: StepName::DirSync, unread })?;
            match state {
                SyncState::Off => return Ok(observed),
                SyncState::On => {
                    let why = "directory synchronization is on: there is nothing to wait for";
                    return Err(c::DIR_SYNC_ON.report(why).into());
                }
                SyncState::Pending => {}
            }
            let left = timeout.saturating_sub(graph.clock.elapsed().saturating_sub(start));
            if left.is_zero() {
                return Err(c::DIR_SYNC_WAIT_TIMED_OUT.report(detail).into());
            }
            let now = remaining(&observed.synced);
            let first = *first.get_or_insert(now);
            // Objects are all there is to see: v1.0 tells neither a percentage nor an end.
            let percent = (first.saturating_sub(now) * 100).checked_div(first).and_then(|p| u8::try_from(p).ok());
            let status = &detail;
            output.progress(Progress {
                activity: "Waiting for directory synchronization",
                status,
                percent,
                seconds_remaining: None,
            })?;
            graph.clock.wait(poll.min(left), output.cancel())?;
        }
    }
}

fn remaining(synced: &pp_runbook::observed::SyncedObjects) -> u64 {
    [&synced.users, &synced.groups, &synced.contacts].into_iter().filter_map(|fact| fact.as_ref().ok()).sum()
}

/// How an application is found.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct App {
    connection: u64,
    display_name: Option<String>,
    #[serde(default)]
    adopt: bool,
}

/// Reads what `steps` judge by, for an application found by these choices.
fn look(
    operation: &Operation,
    output: &Output,
    steps: &[StepName],
    display_name: Option<&str>,
    adopt: bool,
) -> Result<(Observed, Wanted), OpError> {
    let display_name = wanted::display_name(display_name)?;
    let wanted = Wanted { steps: steps.to_vec(), display_name, adopt, ..Wanted::everything() };
    let observed = operation.run(output, |graph, _| observe(&graph, &reads(&wanted.steps), &wanted, None))?;
    Ok((observed, wanted))
}

/// The application, or why there is none to show.
fn the_app<'a>(observed: &'a Observed, wanted: &Wanted) -> Result<&'a Application, Problem> {
    match &observed.application {
        Ok(found) => found.resolve(wanted.adopt)?.ok_or_else(|| Problem::AppNotFound(wanted.display_name.clone())),
        Err(unread) => Err(Problem::NotReadable { step: StepName::Application, unread: unread.clone() }),
    }
}

impl Op for App {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let operation = Operation::on(self.connection)?;
        let steps = [StepName::ServicePrincipal];
        let (observed, wanted) = look(&operation, output, &steps, self.display_name.as_deref(), self.adopt)?;
        let application = the_app(&observed, &wanted)?;
        if let Err(unread) = &observed.service_principal {
            output.warning(unread.to_string())?;
        }
        let object = app_object(application, observed.principal(), &operation.tenant());
        Ok(output.object(&without_secret(object))?)
    }
}

/// `permissions`: the 18, one by one.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Permissions {
    connection: u64,
    display_name: Option<String>,
    #[serde(default)]
    adopt: bool,
}

impl Op for Permissions {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let operation = Operation::on(self.connection)?;
        let steps = [StepName::DelegatedConsent, StepName::ApplicationConsent];
        let (observed, wanted) = look(&operation, output, &steps, self.display_name.as_deref(), self.adopt)?;
        let application = the_app(&observed, &wanted)?;
        let tenant = operation.tenant();
        let object = |row: PermissionRow| {
            Object::new("PPFederation.Permission")
                .with("TenantId", tenant.as_str())
                .with("Name", row.permission.name)
                .with("Type", row.permission.kind.name())
                .with("Declared", row.declared)
                .with("Status", row.status.name())
                .with("Evidence", row.evidence)
                .with("PermissionId", row.id)
        };
        Ok(output.objects(&rows(&observed, application).into_iter().map(object).collect::<Vec<_>>())?)
    }
}

/// `status`: where each step stands.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Status {
    connection: u64,
    #[serde(default)]
    steps: Vec<StepName>,
    display_name: Option<String>,
    #[serde(default)]
    adopt: bool,
}

impl Op for Status {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let operation = Operation::on(self.connection)?;
        let steps = wanted::steps(&self.steps, &[])?;
        let judged = judge(&operation, output, &steps, self.display_name.as_deref(), self.adopt)?;
        let tenant = operation.tenant();
        let object = |step: &PlannedStep| {
            Object::new("PPFederation.Status")
                .with("TenantId", tenant.as_str())
                .with("Step", step.name.name())
                .with("State", step.assessment.state.name())
                .with("Detail", step.assessment.detail.as_str())
        };
        Ok(output.objects(&judged.iter().map(object).collect::<Vec<_>>())?)
    }
}

fn judge(
    operation: &Operation,
    output: &Output,
    steps: &[StepName],
    display_name: Option<&str>,
    adopt: bool,
) -> Result<Vec<PlannedStep>, OpError> {
    let (observed, wanted) = look(operation, output, steps, display_name, adopt)?;
    Ok(plan::judge(&observed, &wanted, operation.connection.clock().now()))
}

/// `test`: true where every step is done.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Test {
    connection: u64,
    display_name: Option<String>,
    #[serde(default)]
    adopt: bool,
}

impl Op for Test {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let operation = Operation::on(self.connection)?;
        let judged = judge(&operation, output, &StepName::ALL, self.display_name.as_deref(), self.adopt)?;
        let open = judged.iter().filter(|step| step.assessment.state != State::Done);
        let reason =
            |step: &PlannedStep| format!("{}: {}: {}", step.name, step.assessment.state.name(), step.assessment.detail);
        let reasons: Vec<String> = open.map(reason).collect();
        for reason in &reasons {
            output.warning(reason.as_str())?;
        }
        let object = Object::new("PPFederation.TestResult")
            .with("TenantId", operation.tenant())
            .with("Passed", reasons.is_empty())
            .with("Reasons", reasons);
        Ok(output.object(&object)?)
    }
}

/// `handover`: what goes where in the portal.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Handover {
    connection: u64,
    display_name: Option<String>,
    #[serde(default)]
    adopt: bool,
    usage_location: Option<String>,
}

impl Op for Handover {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let country = self.usage_location.as_deref().map(knowledge::usage_location).transpose()?;
        let operation = Operation::on(self.connection)?;
        let steps = [StepName::DirSync, StepName::ServicePrincipal];
        let (observed, wanted) = look(&operation, output, &steps, self.display_name.as_deref(), self.adopt)?;
        let application = the_app(&observed, &wanted)?;
        let now = operation.connection.clock().now();
        let secrets = valid_secrets(&application.password_credentials, now);
        let ids = Identifiers {
            tenant: operation.tenant(),
            app: application.app_id.clone(),
            secrets: secrets.into_iter().map(|secret: &PasswordCredential| secret.key_id.clone()).collect(),
        };
        let sync_done = sync_state(&observed).ok().map(|(state, _)| state == SyncState::Off);
        let items = pp_portal::handover(&ids, country.as_deref(), sync_done);
        let objects: Vec<Object> =
            (1..).zip(items).map(|(order, item)| handover_item(order, item, &ids.tenant)).collect();
        Ok(output.objects(&objects)?)
    }
}

fn handover_item(order: i32, item: HandoverItem, tenant: &str) -> Object {
    Object::new("PPFederation.HandoverItem")
        .with("TenantId", tenant)
        .with("Order", order)
        .with("Place", item.place)
        .with("Field", item.field)
        .with("Value", item.value)
        .with("Note", item.note)
}
