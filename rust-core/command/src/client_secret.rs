//! Ops on the client secrets that are there: listing them, and removing one.

use serde::Deserialize;
use time::OffsetDateTime;

use crate::Op;
use crate::connect::guid;
use crate::operation::Operation;
use crate::output::Output;
use crate::run::target;
use pp_report::catalogue as c;
use pp_report::clixml::Object;
use pp_report::error::OpError;
use pp_run::observe::observe;
use pp_run::remove_secret::{Gone, look, remove};
use pp_runbook::client_secrets::{Removal, Standing, application, days_left, detail, is_ours};
use pp_runbook::observed::{LookUp, Observed};
use pp_runbook::step::StepName;
use pp_runbook::types::{Application, PasswordCredential};
use pp_runbook::wanted::{self, Wanted};

/// `clientSecrets`: the application's secrets, without their texts.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct List {
    connection: u64,
    display_name: Option<String>,
    #[serde(default)]
    adopt: bool,
}

impl Op for List {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let operation = Operation::on(self.connection)?;
        let wanted = wanted(self.display_name.as_deref(), self.adopt)?;
        let observed = operation.run(output, |graph, _| observe(&graph, &[LookUp::Application], &wanted, None))?;
        let application = application(&observed, &wanted)?;
        let now = operation.connection.clock().now();
        let tenant = operation.tenant();
        let mut secrets: Vec<&PasswordCredential> = application.password_credentials.iter().collect();
        secrets.sort_by_key(|secret| secret.start_date_time);
        let rows: Vec<Object> = secrets.into_iter().map(|secret| row(secret, application, &tenant, now)).collect();
        Ok(output.objects(&rows)?)
    }
}

pub(crate) fn wanted(display_name: Option<&str>, adopt: bool) -> Result<Wanted, OpError> {
    let display_name = wanted::display_name(display_name)?;
    Ok(Wanted { steps: vec![StepName::ClientSecret], display_name, adopt, ..Wanted::everything() })
}

fn row(secret: &PasswordCredential, application: &Application, tenant: &str, now: OffsetDateTime) -> Object {
    Object::new("PPFederation.ClientSecret")
        .with("TenantId", tenant)
        .with("AppId", application.app_id.as_str())
        .with("KeyId", secret.key_id.as_str())
        .with("Name", secret.display_name.clone())
        .with("Hint", secret.hint.clone())
        .with("StartDateTime", secret.start_date_time)
        .with("EndDateTime", secret.end_date_time)
        .with("DaysLeft", days_left(secret, now))
        .with("State", Standing::of(secret, now).name())
        .with("OfRunbook", is_ours(secret))
        .with("Detail", detail(secret, &application.password_credentials, now))
}

/// What both ops of a removal are told.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct PlanRemoval {
    connection: u64,
    display_name: Option<String>,
    #[serde(default)]
    adopt: bool,
    key_id: String,
    #[serde(default)]
    force: bool,
    /// Another one will be in place by then: a plan for a secret that is not there yet.
    #[serde(default)]
    replaced: bool,
}

impl PlanRemoval {
    fn plan(&self, operation: &Operation, output: &Output) -> Result<(Wanted, Observed, Removal), OpError> {
        let not_an_id = || c::KEY_ID_INVALID.report(format!("'{}' is not a key id", self.key_id)).of_one_item();
        let key_id = guid(&self.key_id).ok_or_else(not_an_id)?.to_string();
        let wanted = wanted(self.display_name.as_deref(), self.adopt)?;
        let found = operation.run(output, |graph, _| look(graph, &wanted, &key_id, self.force || self.replaced));
        let (observed, removal) = found?;
        Ok((wanted, observed, removal))
    }
}

/// `planSecretRemoval`: what the removal of one secret would change.
impl Op for PlanRemoval {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let operation = Operation::on(self.connection)?;
        let (_, observed, removal) = self.plan(&operation, output)?;
        let last = if removal.last && !self.replaced { ", the last one that works" } else { "" };
        let object = Object::new("PPFederation.PlannedChange")
            .with("TenantId", operation.tenant())
            .with("Step", StepName::ClientSecret.name())
            .with("Change", true)
            .with("Action", format!("Remove client secret {}{last}", removal.secret))
            .with("Target", target(&operation, &observed))
            .with("Impact", "High");
        Ok(output.object(&object)?)
    }
}

/// `removeSecret`: removes one secret, and sees that it is gone.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct Remove(PlanRemoval);

impl Op for Remove {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let operation = Operation::on(self.0.connection)?;
        let (wanted, _, removal) = self.0.plan(&operation, output)?;
        let gone = operation.run(output, |graph, voice| remove(graph, voice, &wanted, &removal))?;
        let (result, detail) = match gone {
            Gone::Removed => ("Removed", format!("{} is gone", removal.secret)),
            Gone::Already => ("AlreadyGone", format!("{} was removed by somebody else", removal.secret)),
        };
        let object = Object::new("PPFederation.SecretRemoval")
            .with("TenantId", operation.tenant())
            .with("AppId", removal.application.app_id.as_str())
            .with("KeyId", removal.key_id.as_str())
            .with("Result", result)
            .with("Detail", detail);
        Ok(output.object(&object)?)
    }
}
