//! The one row that a run of the runbook gives back.

use std::time::Duration;

use crate::output::Output;
use crate::sink::Delivered;
use pp_base::cancel::Cancelled;
use pp_report::rows::{App, RunOutcome, RunResult, Secret, StepColumns, StepResult, Tenant};
use pp_run::outcome::{self, Outcome};
use pp_runbook::step::StepName;
use pp_runbook::types::{Application, ServicePrincipal};

/// What a run that applied something has to say.
pub(crate) struct Applied<'a> {
    pub(crate) outcome: &'a Outcome,
    pub(crate) declined: &'a [StepName],
    pub(crate) delivered: Option<&'a Delivered>,
    pub(crate) duration: Duration,
}

/// Where a new secret is.
struct Place {
    secret: Secret,
    sink: Option<&'static str>,
    location: Option<String>,
}

impl Applied<'_> {
    /// The row; a secret that goes to the caller is handed over before it.
    pub(crate) fn row(&self, tenant: &Tenant, output: &Output) -> Result<RunResult, Cancelled> {
        let Outcome { application, principal, secret, .. } = self.outcome;
        let row = self.of_steps(tenant);
        let row = application.as_ref().map_or(row.clone(), |found| with_application(row, found, principal.as_ref()));
        let Some(made) = secret.as_ref().filter(|_| !self.taken_back()) else { return Ok(row) };
        let Place { secret, sink, location } = self.place(output)?;
        Ok(RunResult {
            secret_id: Some(made.key_id.clone()),
            secret_end: Some(made.end),
            secret,
            secret_sink: sink,
            secret_location: location,
            ..row
        })
    }

    fn taken_back(&self) -> bool {
        matches!(self.delivered, Some(Delivered::TakenBack(_)))
    }

    fn of_steps(&self, tenant: &Tenant) -> RunResult {
        let done = self.outcome.steps.iter().map(|step| {
            let gone = self.taken_back() && step.step == StepName::ClientSecret;
            let result = if gone { outcome::StepResult::NotDone } else { step.result };
            let detail =
                if gone { "a new one was made and taken back: the error says why" } else { step.detail.as_str() };
            let (action, detail) = (step.action.clone(), detail.to_owned());
            let row =
                StepResult { tenant: tenant.clone(), step: step.step.name(), result: result.name(), action, detail };
            (step.step, row)
        });
        let outcome: fn(&StepColumns) -> RunOutcome = match self.delivered {
            Some(Delivered::TakenBack(_)) => |_| RunOutcome::TakenBack,
            Some(Delivered::Failed(_)) => |each| RunOutcome::of(each, false),
            Some(Delivered::There(..) | Delivered::ToCaller) | None => |each| RunOutcome::of(each, true),
        };
        run_result(tenant, done.chain(skipped(self.declined, tenant)).collect(), outcome, self.duration)
    }

    fn place(&self, output: &Output) -> Result<Place, Cancelled> {
        let secret = || self.outcome.secret.as_ref().map(|secret| output.secret(&secret.text)).transpose().map(Secret);
        Ok(match self.delivered {
            Some(Delivered::There(name, location)) => {
                Place { secret: Secret(None), sink: Some(*name), location: Some(location.clone()) }
            }
            Some(Delivered::ToCaller) => Place { secret: secret()?, sink: Some("ScriptBlock"), location: None },
            Some(Delivered::Failed(_) | Delivered::TakenBack(_)) | None => {
                Place { secret: secret()?, sink: None, location: None }
            }
        })
    }
}

/// The row of a run all of whose changes were declined: nothing was sent.
pub(crate) fn declined_alone(declined: &[StepName], tenant: &Tenant) -> RunResult {
    run_result(tenant, skipped(declined, tenant).collect(), |each| RunOutcome::of(each, true), Duration::ZERO)
}

fn skipped<'a>(declined: &'a [StepName], tenant: &'a Tenant) -> impl Iterator<Item = (StepName, StepResult)> + 'a {
    declined.iter().map(|step| {
        let (action, detail) = ((step.step().action)(&[]), "Declined when asked for confirmation.".to_owned());
        (*step, StepResult { tenant: tenant.clone(), step: step.name(), result: "Skipped", action, detail })
    })
}

fn run_result(
    tenant: &Tenant,
    mut rows: Vec<(StepName, StepResult)>,
    outcome: fn(&StepColumns) -> RunOutcome,
    duration: Duration,
) -> RunResult {
    rows.sort_by_key(|(step, _)| *step);
    let each = StepColumns(rows.iter().map(|(step, row)| (*step, row.result)).collect());
    let outcome = outcome(&each);
    RunResult {
        tenant: tenant.clone(),
        result: outcome.name(),
        detail: outcome.detail(&each),
        each,
        app_id: None,
        object_id: None,
        service_principal_id: None,
        display_name: None,
        secret_id: None,
        secret_end: None,
        secret: Secret(None),
        secret_sink: None,
        secret_location: None,
        duration,
        steps: rows.into_iter().map(|(_, row)| row).collect(),
    }
}

fn with_application(row: RunResult, application: &Application, principal: Option<&ServicePrincipal>) -> RunResult {
    RunResult {
        app_id: Some(application.app_id.clone()),
        object_id: Some(application.id.clone()),
        service_principal_id: principal.map(|principal| principal.id.clone()),
        display_name: application.display_name.clone(),
        ..row
    }
}

/// The identifiers of an application that is looked at: no secret was made.
pub(crate) fn app_row(application: &Application, principal: Option<&ServicePrincipal>, tenant: Tenant) -> App {
    App {
        tenant,
        app_id: application.app_id.clone(),
        object_id: application.id.clone(),
        service_principal_id: principal.map(|principal| principal.id.clone()),
        display_name: application.display_name.clone(),
        secret_id: None,
        secret_end: None,
        secret: Secret(None),
        secret_sink: None,
        secret_location: None,
    }
}
