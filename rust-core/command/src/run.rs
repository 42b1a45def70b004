//! Ops that plan and that carry out.

use serde::Deserialize;

use crate::Op;
use crate::operation::Operation;
use crate::output::Output;
use crate::run_result::{Applied, declined_alone};
use crate::sink::{Delivered, SinkRequest, deliver};
use crate::which::WhichRequest;
use pp_base::cancel::Cancelled;
use pp_report::error::{OpError, Report};
use pp_report::rows::{PlannedChange, Tenant};
use pp_run::apply::{Limits, RunError, apply_only};
use pp_run::holder::writes;
use pp_run::made::MadeSecret;
use pp_run::outcome::Outcome;
use pp_run::unclaimed::{self, Unclaimed};
use pp_runbook::change::Change;
use pp_runbook::deleted;
use pp_runbook::observed::{Observed, label};
use pp_runbook::other_secrets::{beside, unclaimed as unclaimed_words};
use pp_runbook::permissions::peculiarities;
use pp_runbook::plan::{PlannedStep, changing, judge, plan, reads};
use pp_runbook::problem::Problem;
use pp_runbook::secret_policy;
use pp_runbook::stage::Stage;
use pp_runbook::step::{Impact, State, StepName};
use pp_runbook::steps::{directory_sync, service_principal};
use pp_runbook::wanted::{self, DeletedApp, Wanted};
use pp_sink::Sink;

/// The choices that plan and apply share.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub(crate) struct Plan {
    pub(crate) connection: u64,
    #[serde(default)]
    pub(crate) steps: Vec<StepName>,
    #[serde(default)]
    pub(crate) skip: Vec<StepName>,
    #[serde(default)]
    pub(crate) which: WhichRequest,
    #[serde(default)]
    pub(crate) new_secret: bool,
    /// It is made since one was due.
    #[serde(default)]
    pub(crate) renews: bool,
    /// The new secret takes the place of those that are there: a rotation says itself when these go.
    #[serde(default)]
    pub(crate) replaces: bool,
    pub(crate) secret_lifetime: Option<String>,
    #[serde(default)]
    pub(crate) lock_credentials: bool,
    pub(crate) deleted_app: Option<DeletedApp>,
    /// Of the deleted application to restore.
    pub(crate) deleted_id: Option<String>,
}

impl Plan {
    pub(crate) fn wanted(&self, operation: &Operation) -> Result<Wanted, OpError> {
        let now = operation.connection.now();
        let steps = wanted::steps(&self.steps, &self.skip)?;
        Ok(Wanted {
            which: self.which.of_run(&steps)?,
            steps,
            adopt: self.which.adopt,
            new_secret: self.new_secret,
            renews: self.renews,
            lifetime: wanted::lifetime(self.secret_lifetime.as_deref(), now)?,
            lock_credentials: self.lock_credentials,
            deleted_app: self.deleted_app,
            deleted_id: self.deleted_id.clone(),
        })
    }

    /// Reads the tenant and warns, where nobody looks at the plan before it is carried out. By the number that is acted on as it was
    /// read.
    pub(crate) fn warn_alone(&self, output: &Output) -> Result<u64, OpError> {
        let operation = Operation::on(self.connection)?;
        let wanted = self.wanted(&operation)?;
        let observed = operation.observe(output, &reads(&wanted.steps), &wanted)?;
        let steps = judge(&observed, &wanted, operation.connection.now());
        self.warn(&operation, output, &wanted, &observed, &steps)?;
        Ok(operation.connection.keep_plan(wanted, observed))
    }

    fn warn(
        &self,
        operation: &Operation,
        output: &Output,
        wanted: &Wanted,
        observed: &Observed,
        steps: &[PlannedStep],
    ) -> Result<(), OpError> {
        if !self.replaces {
            warn_of_others(operation, output, wanted, observed)?;
        }
        warn(operation, output, wanted, observed, steps)
    }
}

impl Op for Plan {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let operation = Operation::on(self.connection)?;
        let wanted = self.wanted(&operation)?;
        let observed = operation.observe(output, &reads(&wanted.steps), &wanted)?;
        let now = operation.connection.now();
        let judged = judge(&observed, &wanted, now);
        assessed(output, &judged)?;
        if let Some(why) = nothing_to_restore(&observed, &wanted)? {
            return Ok(output.warning(why)?);
        }
        let tenant = operation.tenant();
        let steps = match plan(&observed, &wanted, now) {
            Ok(steps) => steps,
            // Where each step stands is shown beside what stops the run; what would be changed, where a policy does.
            Err(problem) => {
                let of_policy = matches!(problem, Problem::SecretsForbidden(_) | Problem::LifetimeForbidden { .. });
                let row = |step: PlannedStep| {
                    let change = of_policy && step.changes();
                    PlannedChange { change, ..row(step, None, tenant.clone()) }
                };
                output.rows(judged.into_iter().map(row))?;
                return Err(problem.into());
            }
        };
        self.warn(&operation, output, &wanted, &observed, &steps)?;
        let number = operation.connection.keep_plan(wanted, observed);
        Ok(output.rows(steps.into_iter().map(|step| row(step, Some(number), tenant.clone())))?)
    }
}

/// Why a restoration has nothing to do, where the application is live, and its service principal too or not to be had back.
fn nothing_to_restore(observed: &Observed, wanted: &Wanted) -> Result<Option<String>, Problem> {
    let restoring = wanted.deleted_app == Some(DeletedApp::RestoreOnly);
    let Some(application) = observed.app(wanted.adopt).filter(|_| restoring) else { return Ok(None) };
    deleted::is_meant(observed, wanted, application)?;
    let whole = observed.principal().is_some() || deleted::principal_of(observed, &application.app_id).is_none();
    Ok(whole.then(|| {
        format!(
            "{} is not deleted: there is nothing to restore. Invoke-PPRunbook completes what it lacks",
            label(application)
        )
    }))
}

/// Secrets that stay valid beside the one that the run hands over.
pub(crate) fn warn_of_others(
    operation: &Operation,
    output: &Output,
    wanted: &Wanted,
    observed: &Observed,
) -> Result<(), Cancelled> {
    beside(observed, wanted, operation.connection.now()).into_iter().try_for_each(|secret| output.warning(secret))
}

/// What else the plan doesn't say: what is peculiar about this tenant, and what the sign-in lacks for the changes.
pub(crate) fn warn(
    operation: &Operation,
    output: &Output,
    wanted: &Wanted,
    observed: &Observed,
    steps: &[PlannedStep],
) -> Result<(), OpError> {
    let now = operation.connection.now();
    for doubt in secret_policy::doubts(observed, wanted, now).into_iter().chain(deleted::doubts(observed, wanted, now))
    {
        output.warning(doubt)?;
    }
    for doubt in service_principal::doubts(steps.iter().flat_map(|step| &step.assessment.changes)) {
        output.warning(doubt)?;
    }
    if let Ok(catalogue) = &observed.catalogue {
        for peculiarity in peculiarities(catalogue) {
            output.warning(peculiarity)?;
        }
    }
    if steps.iter().any(|step| step.name == StepName::DirSync && step.changes()) {
        directory_sync::doubts(observed, now).into_iter().try_for_each(|doubt| output.warning(doubt))?;
    }
    held_back(steps).map_or(Ok(()), |held| output.warning(held))?;
    warn_of_permissions(operation, output, &changing(steps))
}

/// That a step which goes last will not go at all, since no run can do what is to be done before it.
fn held_back(steps: &[PlannedStep]) -> Option<String> {
    let is_last =
        |step: &PlannedStep| step.assessment.changes.iter().any(|change| change.stage() == Stage::Irreversible);
    let last = steps.iter().find(|step| is_last(step))?.name;
    let stuck = steps.iter().find(|step| step.assessment.state == State::NotDone && !step.changes())?;
    Some(format!(
        "{last}: it can't be taken back, so a run holds it back while {} is not done, which no run changes: {}. Asked for alone, with -Step \
         {last}, it is carried out",
        stuck.name,
        stuck.assessment.detail.trim_end_matches('.')
    ))
}

/// What the sign-in lacks for the writes of these steps.
pub(crate) fn warn_of_permissions(operation: &Operation, output: &Output, steps: &[StepName]) -> Result<(), OpError> {
    let missing = operation.run(output, |graph, _| writes(&graph, steps))?.missing;
    if missing.is_empty() {
        return Ok(());
    }
    let lacks: Vec<String> = missing.iter().map(ToString::to_string).collect();
    Ok(output.warning(format!("{}: this sign-in lacks that, and would be refused", lacks.join("; ")))?)
}

/// Of a plan that is confirmed.
const AS_READ: &str = "the plan is younger than five minutes: it is acted on as it was read";
const READ_ANEW: &str = "there is no fresh plan of these choices: the tenant is read";

/// Where each step stands, and why, for whoever asks what was decided.
pub(crate) fn assessed(output: &Output, steps: &[PlannedStep]) -> Result<(), OpError> {
    Ok(steps.iter().try_for_each(|step| output.debug(step.told()))?)
}

/// What a confirmation names: the firm and its id.
pub(crate) fn target(tenant: &Tenant) -> String {
    let Tenant { id, name } = tenant;
    name.as_ref().map_or_else(|| format!("tenant {id}"), |name| format!("tenant {name} ({id})"))
}

/// A step as it is asked about.
pub(crate) fn row(step: PlannedStep, number: Option<u64>, tenant: Tenant) -> PlannedChange {
    let impact = match step.impact() {
        Impact::Medium => "Medium",
        Impact::High => "High",
    };
    let change = step.changes();
    PlannedChange {
        target: target(&tenant),
        tenant,
        plan: number,
        step: step.name.name(),
        change,
        action: if change { step.action() } else { "None".to_owned() },
        impact,
        state: step.assessment.state.name(),
        detail: step.assessment.detail,
        plan_hash: None,
    }
}

/// `apply`: carries out the steps that were approved, as `plan` showed them where that was moments ago.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Apply {
    pub(crate) plan: Option<u64>,
    pub(crate) connection: u64,
    pub(crate) steps: Vec<StepName>,
    /// What was planned too, and declined: rows of the result, and what can't be taken back waits for them.
    #[serde(default)]
    pub(crate) declined: Vec<StepName>,
    /// Those of the steps about whose grave changes the caller was asked; without it nobody is asked, and all are.
    pub(crate) asked: Option<Vec<StepName>>,
    #[serde(default)]
    pub(crate) which: WhichRequest,
    #[serde(default)]
    pub(crate) new_secret: bool,
    /// It is made since one was due.
    #[serde(default)]
    pub(crate) renews: bool,
    pub(crate) secret_lifetime: Option<String>,
    #[serde(default)]
    pub(crate) lock_credentials: bool,
    pub(crate) deleted_app: Option<DeletedApp>,
    pub(crate) deleted_id: Option<String>,
    pub(crate) sink: Option<SinkRequest>,
}

impl Op for Apply {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let operation = Operation::on(self.connection)?;
        let Self {
            plan,
            connection,
            steps,
            declined,
            asked,
            which,
            new_secret,
            renews,
            secret_lifetime,
            lock_credentials,
            deleted_app,
            deleted_id,
            sink,
        } = *self;
        if steps.is_empty() && !declined.is_empty() {
            return Ok(output.row(declined_alone(&declined, &operation.tenant()))?);
        }
        let choices = Plan {
            connection,
            steps,
            skip: Vec::new(),
            which,
            new_secret,
            renews,
            replaces: false,
            secret_lifetime,
            lock_credentials,
            deleted_app,
            deleted_id,
        };
        let wanted = choices.wanted(&operation)?;
        let seen = plan.and_then(|number| operation.connection.take_plan(number, &wanted));
        output.debug(if seen.is_some() { AS_READ } else { READ_ANEW })?;
        Work { operation, wanted, seen, declined, sink, approved: None, asked, before: Vec::new() }.carry_out(output)
    }
}

/// What is carried out, and what came before it.
pub(crate) struct Work {
    pub(crate) operation: Operation,
    pub(crate) wanted: Wanted,
    /// The tenant, where a plan has read it.
    pub(crate) seen: Option<Observed>,
    pub(crate) declined: Vec<StepName>,
    pub(crate) sink: Option<SinkRequest>,
    /// The changes of a plan that was kept: nothing else is sent.
    pub(crate) approved: Option<Vec<Change>>,
    /// The steps whose grave changes were asked about, where anybody was asked.
    pub(crate) asked: Option<Vec<StepName>>,
    /// Steps of a plan that was kept which were done when it was made: what can't be taken back waits for them.
    pub(crate) before: Vec<StepName>,
}

impl Work {
    /// Carries it out; the row of the run is the last that is said.
    pub(crate) fn carry_out(self, output: &Output) -> Result<(), OpError> {
        let Self { operation, wanted, seen, declined, sink, approved, asked, before } = self;
        let started = operation.connection.clock().elapsed();
        let takes_back = sink.as_ref().is_some_and(|request| request.take_back);
        let (seen, sink) = match sink {
            Some(request) => sink_ready(&operation, output, &wanted, seen, &request)?,
            None => (seen, None),
        };
        let applied = operation.run(output, |graph, voice| {
            let journal = operation.connection.journal();
            let limits = Limits { approved, asked, declined: declined.clone(), before, journal };
            apply_only(graph, voice, &wanted, seen, limits)
        });
        let outcome = applied.map_err(|error| hold_left(&operation, output, error))?;
        operation.connection.learn(&outcome.observed);
        let held = hold(&operation, &outcome);
        let delivered = match (sink, &held) {
            (Some(sink), Some(held)) => Some(deliver(&operation, output, (sink, takes_back), &wanted, &outcome, held)),
            _ => None,
        };
        if let Some(held) = &held {
            note_unclaimed(&operation, output, &held.secret.key_id);
        }
        let delivered = delivered.transpose()?;
        let duration = operation.connection.clock().elapsed().saturating_sub(started);
        let applied = Applied { outcome: &outcome, declined: &declined, delivered: delivered.as_ref(), duration };
        output.row(applied.row(&operation.tenant(), output)?)?;
        // After the object that holds the secret, so that this error is never all that is left of it.
        match &delivered {
            Some(Delivered::Failed(report) | Delivered::TakenBack(report)) => output.error(report)?,
            Some(Delivered::There(..) | Delivered::ToCaller) | None => {}
        }
        let whereabouts = outcome.secret.as_ref().map(|secret| whereabouts(&secret.key_id, delivered.as_ref()));
        outcome.failed.map_or(Ok(()), |error| Err(with_words(error.into(), whereabouts.as_deref())))
    }
}

/// Holds the secret that was made until it is claimed: from here on nothing that becomes of this op or its caller loses it.
fn hold(operation: &Operation, outcome: &Outcome) -> Option<Unclaimed> {
    let secret = outcome.secret.clone()?;
    let app_id = outcome.application.as_ref().map(|application| application.app_id.clone()).unwrap_or_default();
    let held = unclaimed_of(operation, app_id, secret);
    unclaimed::keep(held.clone());
    Some(held)
}

/// Likewise one that a run which ended could not take back.
fn hold_left(operation: &Operation, output: &Output, mut error: RunError) -> RunError {
    if let RunError::SecretLeft { secret, .. } = &mut error
        && let Some(left) = secret.take()
    {
        let key_id = left.secret.key_id.clone();
        unclaimed::keep(unclaimed_of(operation, left.app_id, left.secret));
        note_unclaimed(operation, output, &key_id);
    }
    error
}

/// Writes down that a secret is held unclaimed, where it still is: whoever takes the tenant next leaves it alone, since somebody may
/// have its text from this session.
fn note_unclaimed(operation: &Operation, output: &Output, key_id: &str) {
    let Some(journal) = operation.connection.journal().filter(|_| unclaimed::find(key_id).is_some()) else { return };
    if let Err(why) = journal.unclaimed(key_id) {
        let _ = output.warning(format!(
            "that client secret {key_id} is unclaimed in this session could not be written down: {why}"
        ));
    }
}

fn unclaimed_of(operation: &Operation, app_id: String, secret: MadeSecret) -> Unclaimed {
    let Tenant { id: tenant, name: tenant_name } = operation.tenant();
    Unclaimed { connection: operation.number, tenant, tenant_name, app_id, secret }
}

/// Where the secret is that was made.
fn whereabouts(key_id: &str, delivered: Option<&Delivered>) -> String {
    match delivered {
        Some(Delivered::There(name, location)) => format!("client secret {key_id} is in {name}: {location}"),
        Some(Delivered::TakenBack(_)) => format!("client secret {key_id} was taken back"),
        Some(Delivered::ToCaller | Delivered::Failed(_)) | None => unclaimed_words(key_id),
    }
}

/// The error of what failed after a secret was made says where that is.
fn with_words(error: OpError, whereabouts: Option<&str>) -> OpError {
    match (error, whereabouts) {
        (OpError::Failed(report), Some(words)) => {
            let message = format!("{}. The {words}", report.message.trim_end_matches('.'));
            OpError::Failed(Box::new(Report { message, ..*report }))
        }
        (error, _) => error,
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
        None => operation.observe(output, &reads(&wanted.steps), wanted)?,
    };
    let steps = judge(&seen, wanted, operation.connection.now());
    let to_make = |step: &PlannedStep| step.name == StepName::ClientSecret && step.assessment.state != State::Done;
    let app_id = seen.app(wanted.adopt).map(|application| application.app_id.as_str());
    let sink = steps.iter().any(to_make).then(|| request.ready(operation, output, app_id)).transpose()?;
    Ok((Some(seen), sink))
}
