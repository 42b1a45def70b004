//! Ops that plan and that carry out.

use serde::Deserialize;

use crate::Op;
use crate::operation::Operation;
use crate::output::Output;
use crate::sink::{Delivered, SinkRequest, deliver};
use pp_graph::Graph;
use pp_graph::error::GraphError;
use pp_report::clixml::{Object, Value};
use pp_report::error::OpError;
use pp_run::apply::apply;
use pp_run::observe::observe;
use pp_run::outcome::{Outcome, StepOutcome};
use pp_runbook::observed::{LookUp, Observed};
use pp_runbook::permissions::peculiarities;
use pp_runbook::plan::{PlannedStep, judge, missing_permissions, plan, reads};
use pp_runbook::problem::Problem;
use pp_runbook::step::{Impact, State, StepName};
use pp_runbook::types::{Application, ServicePrincipal};
use pp_runbook::wanted::{self, Wanted};
use pp_sink::Sink;

/// The choices that plan and apply share.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Plan {
    connection: u64,
    #[serde(default)]
    steps: Vec<StepName>,
    #[serde(default)]
    skip: Vec<StepName>,
    display_name: Option<String>,
    #[serde(default)]
    adopt: bool,
    #[serde(default)]
    new_secret: bool,
    secret_lifetime: Option<String>,
}

impl Plan {
    fn wanted(&self, operation: &Operation) -> Result<Wanted, Problem> {
        let now = operation.connection.clock().now();
        Ok(Wanted {
            steps: wanted::steps(&self.steps, &self.skip)?,
            display_name: wanted::display_name(self.display_name.as_deref())?,
            adopt: self.adopt,
            new_secret: self.new_secret,
            lifetime: wanted::lifetime(self.secret_lifetime.as_deref(), now)?,
        })
    }
}

impl Op for Plan {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let operation = Operation::on(self.connection)?;
        let wanted = self.wanted(&operation)?;
        let (observed, steps) = operation.run(output, |graph, voice| make_plan(graph, &wanted, voice.warning))?;
        let target = target(&operation, &observed);
        let number = operation.connection.keep_plan(wanted, observed);
        let rows: Vec<Object> = steps.iter().map(|step| row(step, number, &operation.tenant(), &target)).collect();
        Ok(output.objects(&rows)?)
    }
}

fn make_plan(
    graph: Graph<'_>,
    wanted: &Wanted,
    warning: &dyn Fn(&str),
) -> Result<(Observed, Vec<PlannedStep>), OpError> {
    let mut look_ups = reads(&wanted.steps);
    if !look_ups.contains(&LookUp::Organization) {
        // A confirmation names the firm, whatever the steps need to know.
        look_ups.push(LookUp::Organization);
    }
    let observed = observe(&graph, &look_ups, wanted, None)?;
    let steps = plan(&observed, wanted, graph.clock.now())?;
    if let Ok(catalogue) = &observed.catalogue {
        for peculiarity in peculiarities(catalogue) {
            warning(&peculiarity);
        }
    }
    let token = graph.tokens.get(&graph.call).map_err(GraphError::from)?;
    for missing in token.permissions().map(|held| missing_permissions(&steps, &held)).unwrap_or_default() {
        warning(&format!("{missing}, which this sign-in doesn't have: the step would be refused"));
    }
    Ok((observed, steps))
}

/// What a confirmation names: the firm and its id.
pub(crate) fn target(operation: &Operation, observed: &Observed) -> String {
    let tenant = operation.tenant();
    let name = observed.organization.as_ref().ok().and_then(|organization| organization.display_name.clone());
    name.map_or_else(|| format!("tenant {tenant}"), |name| format!("tenant {name} ({tenant})"))
}

fn row(step: &PlannedStep, number: u64, tenant: &str, target: &str) -> Object {
    let definition = step.name.step();
    let impact = match definition.impact {
        Impact::Medium => "Medium",
        Impact::High => "High",
    };
    Object::new("PPFederation.PlannedChange")
        .with("TenantId", tenant)
        .with("Plan", number)
        .with("Step", step.name.name())
        .with("Change", step.changes())
        .with("Action", if step.changes() { (definition.action)() } else { "None".into() })
        .with("Target", target)
        .with("Impact", impact)
        .with("State", step.assessment.state.name())
        .with("Detail", step.assessment.detail.as_str())
}

/// `apply`: carries out the steps that were approved, as `plan` showed them where that was moments ago.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Apply {
    plan: Option<u64>,
    connection: u64,
    steps: Vec<StepName>,
    display_name: Option<String>,
    #[serde(default)]
    adopt: bool,
    #[serde(default)]
    new_secret: bool,
    secret_lifetime: Option<String>,
    sink: Option<SinkRequest>,
}

impl Op for Apply {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let operation = Operation::on(self.connection)?;
        let Self { plan, connection, steps, display_name, adopt, new_secret, secret_lifetime, sink } = *self;
        let choices = Plan { connection, steps, skip: Vec::new(), display_name, adopt, new_secret, secret_lifetime };
        let wanted = choices.wanted(&operation)?;
        let seen = plan.and_then(|number| operation.connection.take_plan(number, &wanted));
        let (seen, sink) = match sink {
            Some(request) => sink_ready(&operation, output, &wanted, seen, &request)?,
            None => (seen, None),
        };
        let outcome = operation.run(output, |graph, voice| apply(graph, voice, &wanted, seen))?;
        let delivered = match (sink, &outcome.secret) {
            (Some(sink), Some(secret)) => Some(deliver(&operation, output, sink, &wanted, &outcome, secret)?),
            _ => None,
        };
        let tenant = operation.tenant();
        let mut objects: Vec<Object> = outcome.steps.iter().map(|step| result_row(step, &tenant)).collect();
        objects.extend(app(&outcome, &tenant, delivered.as_ref(), output)?);
        output.objects(&objects)?;
        // After the object that holds the secret, so that this error is never all that is left of it.
        match delivered {
            Some(Delivered::Failed(report)) => output.error(&report)?,
            Some(Delivered::There(..) | Delivered::ToCaller) | None => {}
        }
        outcome.failed.map_or(Ok(()), |error| Err(error.into()))
    }
}

/// The sink, where this run will make a secret; what that was judged by is not read again.
fn sink_ready(
    operation: &Operation,
    output: &Output,
    wanted: &Wanted,
    seen: Option<Observed>,
    request: &SinkRequest,
) -> Result<(Option<Observed>, Option<Sink>), OpError> {
    let seen = match seen {
        Some(seen) => seen,
        None => operation.run(output, |graph, _| observe(&graph, &reads(&wanted.steps), wanted, None))?,
    };
    let steps = judge(&seen, wanted, operation.connection.clock().now());
    let to_make = |step: &PlannedStep| step.name == StepName::ClientSecret && step.assessment.state != State::Done;
    let app_id = seen.app(wanted.adopt).map(|application| application.app_id.as_str());
    let sink = steps.iter().any(to_make).then(|| request.ready(operation, output, app_id)).transpose()?;
    Ok((Some(seen), sink))
}

fn result_row(outcome: &StepOutcome, tenant: &str) -> Object {
    Object::new("PPFederation.StepResult")
        .with("TenantId", tenant)
        .with("Step", outcome.step.name())
        .with("Action", outcome.action.as_str())
        .with("Result", outcome.result.name())
        .with("Detail", outcome.detail.as_str())
}

/// The application, where the run had to do with it, and its secret where one was made.
fn app(
    outcome: &Outcome,
    tenant: &str,
    delivered: Option<&Delivered>,
    output: &Output,
) -> Result<Option<Object>, OpError> {
    let Some(application) = &outcome.application else { return Ok(None) };
    let object = app_object(application, outcome.principal.as_ref(), tenant);
    let Some(secret) = &outcome.secret else { return Ok(Some(without_secret(object))) };
    let (text, sink, location) = match delivered {
        Some(Delivered::There(name, location)) => (Value::Null, Some(*name), Some(location.as_str())),
        Some(Delivered::ToCaller) => (Value::SecretReference(output.secret(&secret.text)?), Some("ScriptBlock"), None),
        Some(Delivered::Failed(_)) | None => (Value::SecretReference(output.secret(&secret.text)?), None, None),
    };
    Ok(Some(
        object
            .with("SecretId", secret.key_id.as_str())
            .with("SecretEndDateTime", secret.end)
            .with("ClientSecret", text)
            .with("SecretSink", sink)
            .with("SecretLocation", location),
    ))
}

/// The identifiers of the application.
pub(crate) fn app_object(application: &Application, principal: Option<&ServicePrincipal>, tenant: &str) -> Object {
    Object::new("PPFederation.App")
        .with("TenantId", tenant)
        .with("AppId", application.app_id.as_str())
        .with("ObjectId", application.id.as_str())
        .with("ServicePrincipalId", principal.map(|principal| principal.id.clone()))
        .with("DisplayName", application.display_name.clone())
}

/// The same properties whether a secret was made or not.
pub(crate) fn without_secret(object: Object) -> Object {
    let names = ["SecretId", "SecretEndDateTime", "ClientSecret", "SecretSink", "SecretLocation"];
    names.into_iter().fold(object, |object, name| object.with(name, Value::Null))
}
