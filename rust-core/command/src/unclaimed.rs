//! Ops on the secrets that this session made and that nobody has claimed: handing them out, letting go of one, putting one
//! into a sink.

use std::sync::Arc;

use serde::Deserialize;

use crate::connect::guid;
use crate::operation::Operation;
use crate::output::Output;
use crate::run_result::app_row;
use crate::sink::{SinkRequest, save};
use crate::which::WhichRequest;
use crate::{BadRequest, Op, SecretBlock, SecretReference};
use pp_base::secret::SecretText;
use pp_report::catalogue as c;
use pp_report::error::{OpError, Report};
use pp_report::rows::{App, Secret, Tenant, UnclaimedSecret};
use pp_run::connection;
use pp_run::unclaimed::{self, Unclaimed};
use pp_runbook::client_secrets::application;
use pp_runbook::observed::{AppIds, LookUp};
use pp_runbook::step::StepName;

/// `unclaimedSecrets`: those of one connection's tenant, or of all; or the one of a key id; or the only one there is.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct List {
    connection: Option<u64>,
    key_id: Option<String>,
    #[serde(default)]
    only: bool,
}

impl Op for List {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let tenant = self.connection.map(connection::find).transpose()?.map(|found| found.tenant.to_string());
        let found = match &self.key_id {
            Some(key_id) => vec![held(key_id)?],
            None => unclaimed::all(),
        };
        let of_tenant = |held: &Arc<Unclaimed>| tenant.as_ref().is_none_or(|tenant| held.tenant == *tenant);
        let found: Vec<Arc<Unclaimed>> = found.into_iter().filter(of_tenant).collect();
        if self.only && found.len() != 1 {
            return Err(not_one(&found).into());
        }
        for held in found {
            let secret = Secret(Some(output.secret(&held.secret.text)?));
            output.row(UnclaimedSecret {
                tenant: Tenant { id: held.tenant.clone(), name: held.tenant_name.clone() },
                app_id: held.app_id.clone(),
                key_id: held.secret.key_id.clone(),
                end: held.secret.end,
                secret,
            })?;
        }
        Ok(())
    }
}

fn held(key_id: &str) -> Result<Arc<Unclaimed>, OpError> {
    let not_an_id = || c::KEY_ID_INVALID.report(format!("the key id '{key_id}' is none: it has to be a GUID"));
    let not_held =
        |id| c::SECRET_NOT_HELD.report(format!("this session holds no unclaimed secret {id}")).target(key_id);
    let id = guid(key_id).ok_or_else(not_an_id)?;
    Ok(unclaimed::find(&id.to_string()).ok_or_else(|| not_held(id))?)
}

fn not_one(found: &[Arc<Unclaimed>]) -> Report {
    if found.is_empty() {
        return c::SECRET_NOT_HELD.report("this session holds no unclaimed secret of this tenant");
    }
    let ids: Vec<&str> = found.iter().map(|held| held.secret.key_id.as_str()).collect();
    c::SEVERAL_UNCLAIMED.report(format!("several unclaimed secrets could be meant: {}", ids.join(", ")))
}

/// `claimSecret`: the caller has a secret, by key id or by its text. One that is not held was claimed before.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct ClaimRequest {
    key_id: Option<String>,
    secret: Option<SecretReference>,
}

/// A claim whose secret is resolved.
#[derive(Debug)]
struct Claim {
    key_id: Option<String>,
    text: Option<SecretText>,
}

impl ClaimRequest {
    pub(crate) fn resolve(self, secrets: &SecretBlock) -> Result<Box<dyn Op>, BadRequest> {
        let text = self.secret.map(|reference| secrets.resolve(reference)).transpose()?;
        Ok(Box::new(Claim { key_id: self.key_id, text }))
    }
}

impl Op for Claim {
    fn run(self: Box<Self>, _output: &Output) -> Result<(), OpError> {
        self.key_id.as_deref().map(unclaimed::claim);
        self.text.as_ref().map(unclaimed::claim_text);
        Ok(())
    }

    fn lets_go(&self) -> bool {
        true
    }
}

/// `saveSecret`: puts an unclaimed secret into a sink.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Save {
    connection: u64,
    #[serde(default)]
    which: WhichRequest,
    key_id: String,
    sink: SinkRequest,
}

impl Op for Save {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let operation = Operation::on(self.connection)?;
        let held = held(&self.key_id)?;
        let wanted = self.which.wanted(&[StepName::ClientSecret])?;
        let observed = operation.observe(output, &[LookUp::Application], &wanted)?;
        let application = application(&observed, &wanted)?;
        if held.tenant != operation.tenant().id || held.app_id != application.app_id {
            return Err(of_another(&held, application.app_id.as_str()).into());
        }
        let sink = self.sink.ready(&operation, output, Some(&held.app_id))?;
        let placed = save(&operation, output, sink, &wanted, &AppIds::of(application), &held)?;
        let (secret, name, location) = match placed {
            Some((name, location)) => (Secret(None), name, Some(location)),
            None => (Secret(Some(output.secret(&held.secret.text)?)), "ScriptBlock", None),
        };
        Ok(output.row(App {
            secret_id: Some(held.secret.key_id.clone()),
            secret_end: Some(held.secret.end),
            secret,
            secret_sink: Some(name),
            secret_location: location,
            ..app_row(application, observed.principal(), operation.tenant())
        })?)
    }
}

fn of_another(held: &Unclaimed, app_id: &str) -> Report {
    let (key_id, whose) = (&held.secret.key_id, held.tenant_words());
    let message = format!(
        "secret {key_id} is of application {} in tenant {whose}; the connection and -DisplayName lead to application {app_id}",
        held.app_id
    );
    c::SECRET_NOT_HELD.report(message).target(key_id.as_str())
}
