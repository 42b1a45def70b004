//! Ops on the client secrets that are there: listing them, and removing one.

use serde::Deserialize;
use time::OffsetDateTime;

use crate::Op;
use crate::connect::guid;
use crate::operation::Operation;
use crate::output::Output;
use crate::run::target;
use crate::which::WhichRequest;
use pp_report::catalogue as c;
use pp_report::error::OpError;
use pp_report::rows::{ClientSecret, PlannedChange, SecretRemoval, Tenant};
use pp_run::remove_secret::{Gone, look, remove};
use pp_run::unclaimed;
use pp_runbook::client_secrets::{Removal, Standing, application, days_left, detail, is_ours};
use pp_runbook::observed::LookUp;
use pp_runbook::placed::placed_at;
use pp_runbook::step::{State, StepName};
use pp_runbook::types::{Application, PasswordCredential};
use pp_runbook::wanted::Wanted;

/// `clientSecrets`: the application's secrets, without their texts.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct List {
    connection: u64,
    #[serde(default)]
    which: WhichRequest,
}

impl Op for List {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let operation = Operation::on(self.connection)?;
        let wanted = self.which.wanted(&[StepName::ClientSecret])?;
        let observed = operation.observe(output, &[LookUp::Application], &wanted)?;
        let application = application(&observed, &wanted)?;
        let now = operation.connection.now();
        let tenant = operation.tenant();
        let mut secrets: Vec<&PasswordCredential> = application.password_credentials.iter().collect();
        secrets.sort_by_key(|secret| secret.start_date_time);
        Ok(output.rows(secrets.into_iter().map(|secret| row(secret, application, tenant.clone(), now)))?)
    }
}

fn row(secret: &PasswordCredential, application: &Application, tenant: Tenant, now: OffsetDateTime) -> ClientSecret {
    ClientSecret {
        tenant,
        app_id: application.app_id.clone(),
        key_id: secret.key_id.clone(),
        name: secret.display_name.clone(),
        hint: secret.hint.clone(),
        start: secret.start_date_time,
        end: secret.end_date_time,
        days_left: days_left(secret, now),
        state: Standing::of(secret, now).name(),
        of_runbook: is_ours(secret),
        placed: placed_at(application, secret),
        detail: detail(secret, &application.password_credentials, now),
    }
}

/// What both ops of a removal are told.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct PlanRemoval {
    pub(crate) connection: u64,
    #[serde(default)]
    pub(crate) which: WhichRequest,
    pub(crate) key_id: String,
    #[serde(default)]
    pub(crate) force: bool,
    /// Another one will be in place by then: a plan for a secret that is not there yet.
    #[serde(default)]
    pub(crate) replaced: bool,
}

impl PlanRemoval {
    fn plan(&self, operation: &Operation, output: &Output) -> Result<(Wanted, Removal), OpError> {
        let not_an_id =
            || c::KEY_ID_INVALID.report(format!("the key id '{}' is none: it has to be a GUID", self.key_id));
        let key_id = guid(&self.key_id).ok_or_else(not_an_id)?.to_string();
        let wanted = self.which.wanted(&[StepName::ClientSecret])?;
        let found = operation.run(output, |graph, _| look(graph, &wanted, &key_id, self.force || self.replaced));
        let (observed, removal) = found?;
        operation.connection.learn(&observed);
        Ok((wanted, removal))
    }
}

/// `planSecretRemoval`: what the removal of one secret would change.
impl Op for PlanRemoval {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let operation = Operation::on(self.connection)?;
        let (_, removal) = self.plan(&operation, output)?;
        let last = if removal.last && !self.replaced { ", the last one that works" } else { "" };
        let change = PlannedChange {
            tenant: operation.tenant(),
            plan: None,
            step: StepName::ClientSecret.name(),
            change: true,
            action: format!("Remove client secret {}{last}", removal.secret),
            target: target(&operation.tenant()),
            impact: "High",
            state: State::NotDone.name(),
            detail: String::new(),
            plan_hash: None,
        };
        Ok(output.row(change)?)
    }
}

/// `removeSecret`: removes one secret, and sees that it is gone.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct Remove(pub(crate) PlanRemoval);

impl Op for Remove {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let operation = Operation::on(self.0.connection)?;
        let (wanted, removal) = self.0.plan(&operation, output)?;
        let gone = operation.run(output, |graph, voice| remove(graph, voice, &wanted, &removal))?;
        let (result, detail) = told(gone);
        let (app_id, key_id) = (removal.application.app_id, removal.key_id);
        // Its text opens nothing any more.
        unclaimed::claim(&key_id);
        Ok(output.row(SecretRemoval {
            tenant: operation.tenant(),
            app_id,
            key_id,
            result,
            detail: detail.to_owned(),
        })?)
    }
}

/// The result of a removal and what it means.
pub(crate) fn told(gone: Gone) -> (&'static str, &'static str) {
    match gone {
        Gone::Removed => ("Removed", "it is gone"),
        Gone::Already => ("AlreadyGone", "somebody else had removed it"),
    }
}
