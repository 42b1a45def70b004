//! Ops that read a tenant and change nothing.

use std::cmp::Reverse;

use serde::Deserialize;
use time::OffsetDateTime;

use crate::operation::Operation;
use crate::output::Output;
use crate::run::assessed;
use crate::run_result::app_row;
use crate::which::WhichRequest;
use crate::{BadRequest, Op, SecretBlock, SecretReference, knowledge};
use pp_base::secret::SecretText;
use pp_portal::{HandoverItem, Identifiers, Secret};
use pp_report::error::OpError;
use pp_report::rows::{self, Tenant};
use pp_run::agreeing::fullest;
use pp_run::application_sign_in::doubts;
use pp_runbook::client_secrets::application;
use pp_runbook::observed::{Fact, LookUp, Observed, Synced};
use pp_runbook::permission_rows::{self, PermissionRow};
use pp_runbook::permissions::{Kind, grantable, lacks};
use pp_runbook::plan::{self, PlannedStep, reads};
use pp_runbook::rotation::newest_in_place;
use pp_runbook::step::{State, StepName};
use pp_runbook::steps::client_secret::{has_started, valid_secrets};
use pp_runbook::steps::directory_sync::{Client, SyncState, doubt_when_off, first_synced, sync_state};
use pp_runbook::types::{Application, PasswordCredential};
use pp_runbook::wanted::{self, Wanted};
use pp_words::instant;

/// What tells where directory synchronization stands.
pub(crate) const SYNC: &[LookUp] = &[LookUp::Organization, LookUp::SyncedObjects];

/// `dirSync`: where directory synchronization stands.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct DirSync {
    pub(crate) connection: u64,
    /// It was switched off just now: that it is on has to be seen twice, since a replica may lag.
    #[serde(default)]
    pub(crate) switched_off: bool,
}

impl Op for DirSync {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let operation = Operation::on(self.connection)?;
        let look = || operation.observe(output, SYNC, &Wanted::everything());
        let on_again = |observed: &Observed| u8::from(self.switched_off && is_on(observed, operation.connection.now()));
        let observed = operation.run(output, |graph, _| fullest(&graph, look, on_again))?;
        Ok(output.row(dir_sync(&observed, operation.tenant(), operation.connection.now()))?)
    }
}

fn is_on(observed: &Observed, now: OffsetDateTime) -> bool {
    matches!(sync_state(observed, now), Ok((SyncState::On, _)))
}

pub(crate) fn dir_sync(observed: &Observed, tenant: Tenant, now: OffsetDateTime) -> rows::DirSync {
    let (state, detail) = match sync_state(observed, now) {
        Ok((state, detail)) => (state.name(), detail),
        Err(unread) => ("Unknown", unread.to_string()),
    };
    let organization = observed.organization.as_ref().ok();
    rows::DirSync {
        tenant,
        state,
        enabled: organization.and_then(|o| o.on_premises_sync_enabled),
        last_sync: organization.and_then(|o| o.on_premises_last_sync_date_time),
        users: count(&observed.synced.users),
        groups: count(&observed.synced.groups),
        contacts: count(&observed.synced.contacts),
        client: organization.map_or(Client::Unknown, |organization| Client::of(organization, now)).name(),
        objects: rows::People(first_synced(&observed.synced)),
        detail,
    }
}

/// A number, or nothing where it could not be read: never zero.
fn count(fact: &Fact<Synced>) -> Option<i64> {
    fact.as_ref().ok().map(|synced| i64::try_from(synced.count).unwrap_or(i64::MAX))
}

/// How an application is found.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct App {
    connection: u64,
    #[serde(default)]
    which: WhichRequest,
}

/// Reads what `steps` judge by, for an application found by these choices.
fn look(
    operation: &Operation,
    output: &Output,
    steps: &[StepName],
    which: &WhichRequest,
) -> Result<(Observed, Wanted), OpError> {
    let wanted = which.wanted(steps)?;
    let observed = operation.observe(output, &reads(&wanted.steps), &wanted)?;
    Ok((observed, wanted))
}

impl Op for App {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let operation = Operation::on(self.connection)?;
        let steps = [StepName::ServicePrincipal];
        let (observed, wanted) = look(&operation, output, &steps, &self.which)?;
        let application = application(&observed, &wanted)?;
        if let Err(unread) = &observed.service_principal {
            output.warning(unread.to_string())?;
        }
        Ok(output.row(app_row(application, observed.principal(), operation.tenant()))?)
    }
}

/// `permissions`: the 18, one by one.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Permissions {
    connection: u64,
    #[serde(default)]
    which: WhichRequest,
}

impl Op for Permissions {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let operation = Operation::on(self.connection)?;
        let steps = [StepName::DelegatedConsent, StepName::ApplicationConsent];
        let (observed, wanted) = look(&operation, output, &steps, &self.which)?;
        let application = application(&observed, &wanted)?;
        let tenant = operation.tenant();
        let row = |row: PermissionRow| rows::Permission {
            tenant: tenant.clone(),
            name: row.permission.name,
            kind: row.permission.kind.name(),
            declared: row.declared,
            status: row.status.name(),
            evidence: row.evidence,
            id: row.id,
        };
        Ok(output.rows(permission_rows::rows(&observed, application).into_iter().map(row))?)
    }
}

/// `status`: where each step stands.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Status {
    pub(crate) connection: u64,
    #[serde(default)]
    pub(crate) steps: Vec<StepName>,
    #[serde(default)]
    pub(crate) which: WhichRequest,
}

impl Op for Status {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let operation = Operation::on(self.connection)?;
        let steps = wanted::steps(&self.steps, &[])?;
        let (observed, wanted) = look(&operation, output, &steps, &self.which)?;
        let judged = judge(&operation, output, &observed, &wanted)?;
        let tenant = operation.tenant();
        let row = |step: PlannedStep| rows::Status {
            tenant: tenant.clone(),
            step: step.name.name(),
            state: step.assessment.state.name(),
            detail: step.assessment.detail,
        };
        Ok(output.rows(judged.into_iter().map(row))?)
    }
}

/// Judges each step, and says in the debug stream how.
fn judge(
    operation: &Operation,
    output: &Output,
    observed: &Observed,
    wanted: &Wanted,
) -> Result<Vec<PlannedStep>, OpError> {
    let judged = plan::judge(observed, wanted, operation.connection.now());
    assessed(output, &judged)?;
    Ok(judged)
}

/// `test`: true where every step is done, and the application signs in with the secret that was given.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct TestRequest {
    connection: u64,
    #[serde(default)]
    which: WhichRequest,
    client_secret: Option<SecretReference>,
}

/// A test whose secret is resolved.
#[derive(Debug)]
struct Test {
    connection: u64,
    which: WhichRequest,
    secret: Option<SecretText>,
}

impl TestRequest {
    pub(crate) fn resolve(self, secrets: &SecretBlock) -> Result<Box<dyn Op>, BadRequest> {
        let Self { connection, which, client_secret } = self;
        let secret = client_secret.map(|reference| secrets.resolve(reference)).transpose()?;
        Ok(Box::new(Test { connection, which, secret }))
    }
}

impl Op for Test {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let operation = Operation::on(self.connection)?;
        let (observed, wanted) = look(&operation, output, &StepName::ALL, &self.which)?;
        let judged = judge(&operation, output, &observed, &wanted)?;
        let open = judged.iter().filter(|step| step.assessment.state != State::Done);
        let reason = |step: &PlannedStep| {
            format!("step {} is {}: {}", step.name, step.assessment.state.name(), step.assessment.detail)
        };
        let mut reasons: Vec<String> = open.map(reason).collect();
        if let Some(secret) = &self.secret {
            let application = application(&observed, &wanted)?;
            let grantable = grantable(&observed, Kind::Application);
            let doubts = operation.run(output, |graph, _| doubts(graph, &application.app_id, secret, &grantable))?;
            reasons.extend(doubts.into_iter().map(|doubt| format!("the client secret that was given: {doubt}")));
        }
        let lacks = observed.catalogue.as_ref().ok().and_then(lacks);
        let client = doubt_when_off(&observed, operation.connection.now());
        for warning in reasons.iter().chain(&lacks).chain(&client) {
            output.warning(warning.as_str())?;
        }
        Ok(output.row(rows::TestResult { tenant: operation.tenant(), passed: reasons.is_empty() })?)
    }
}

/// `handover`: what goes where in the portal.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Handover {
    connection: u64,
    #[serde(default)]
    which: WhichRequest,
    usage_location: Option<String>,
}

impl Op for Handover {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let country = self.usage_location.as_deref().map(knowledge::usage_location).transpose()?;
        let operation = Operation::on(self.connection)?;
        let steps = [StepName::DirSync, StepName::ServicePrincipal];
        let (observed, wanted) = look(&operation, output, &steps, &self.which)?;
        let application = application(&observed, &wanted)?;
        let now = operation.connection.now();
        let ids = Identifiers {
            tenant: operation.tenant().id,
            app: application.app_id.clone(),
            secrets: secrets(application, now),
        };
        let sync_done = sync_state(&observed, now).ok().map(|(state, _)| state == SyncState::Off);
        let items = pp_portal::handover(&ids, country.as_deref(), sync_done);
        Ok(output.rows((1..).zip(items).map(|(order, item)| handover_item(order, item, operation.tenant())))?)
    }
}

/// The secrets PPToken that have not ended, the newest first.
fn secrets(application: &Application, now: OffsetDateTime) -> Vec<Secret> {
    let in_place = newest_in_place(application, now);
    let mut all = valid_secrets(&application.password_credentials, now);
    all.sort_by_key(|secret| Reverse(secret.start_date_time));
    let one = |secret: &PasswordCredential| Secret {
        key_id: secret.key_id.clone(),
        start: secret.start_date_time.map_or_else(|| "an unknown time".to_owned(), instant),
        works: has_started(secret, now),
        in_place: in_place.filter(|(placed, _)| placed.key_id == secret.key_id).map(|(_, at)| instant(at)),
    };
    all.into_iter().map(one).collect()
}

fn handover_item(order: i32, item: HandoverItem, tenant: Tenant) -> rows::HandoverItem {
    let HandoverItem { place, field, value, note } = item;
    rows::HandoverItem { tenant, order, place, field, value, note }
}
