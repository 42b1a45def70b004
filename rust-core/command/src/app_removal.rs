//! Ops that remove the application.

use serde::Deserialize;
use time::OffsetDateTime;

use crate::Op;
use crate::operation::Operation;
use crate::output::Output;
use crate::run::warn_of_permissions;
use crate::take_back::{asked, planned, question, row};
use crate::which::WhichRequest;
use pp_graph::reaction::Reaction;
use pp_report::catalogue as c;
use pp_report::error::OpError;
use pp_report::rows::{PlannedChange, TakenBack};
use pp_run::apply::RunError;
use pp_run::removal::{self as run, Deleted, deleted, hanging, until_listed};
use pp_run::take_back::{Answers, Ended, Taken};
use pp_runbook::change::{ChangeKind, Object};
use pp_runbook::deleted::{DeletedApplication, KEPT};
use pp_runbook::observed::Observed;
use pp_runbook::removal::{self, plan_for_good};
use pp_runbook::step::StepName;
use pp_runbook::take_back::{Item, steps_of};
use pp_runbook::wanted::Wanted;

/// What a deletion for good is called where a step's name stands otherwise.
const PERMANENTLY: &str = "Permanently";

/// How the application is found.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct PlanAppRemoval {
    connection: u64,
    #[serde(default)]
    which: WhichRequest,
    /// Delete for good, too.
    #[serde(default)]
    permanently: bool,
}

/// `planAppRemoval`: what the removal of the application would change, a row a step.
impl Op for PlanAppRemoval {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let operation = Operation::on(self.connection)?;
        let wanted = self.which.wanted(&StepName::ALL)?;
        let (observed, items) = planned(&operation, output, &wanted, |observed| removal::plan(observed, &wanted))?;
        for warning in removal::warnings(&observed, &wanted, operation.connection.now()) {
            output.warning(warning)?;
        }
        for warning in operation.run(output, |graph, _| hanging(&graph, &observed, &wanted))? {
            output.warning(warning)?;
        }
        warn_of_permissions(&operation, output, &steps_of(items.iter().filter_map(Item::change)))?;
        let mut rows = asked(&items, &operation.tenant(), None);
        if self.permanently {
            rows.extend(for_good(&operation, output, &observed, &wanted)?);
        }
        let plan = Some(operation.connection.keep_plan(wanted, observed));
        Ok(output.rows(rows.into_iter().map(|row| PlannedChange { plan, ..row }))?)
    }
}

/// The question whether to delete for good, where there is something.
fn for_good(
    operation: &Operation,
    output: &Output,
    observed: &Observed,
    wanted: &Wanted,
) -> Result<Option<PlannedChange>, OpError> {
    let Deleted { applications, principals } = operation.run(output, |graph, _| deleted(&graph))?;
    let mut ids: Vec<&str> =
        observed.app(wanted.adopt).map(|application| application.app_id.as_str()).into_iter().collect();
    let gone = plan_for_good(&applications, &principals, &[]);
    let gone = |one: &&DeletedApplication| {
        let id = &one.application.id;
        gone.iter()
            .filter_map(Item::change)
            .any(|change| matches!(&change.kind, ChangeKind::PurgeApplication { id: own, .. } if own == id))
    };
    ids.extend(applications.iter().filter(gone).map(|one| one.application.app_id.as_str()));
    if ids.is_empty() {
        return Ok(None);
    }
    let action =
        format!("Delete for good, application and service principal: {}. They can't be restored", ids.join(", "));
    Ok(Some(question(PERMANENTLY, action, String::new(), &operation.tenant(), None)))
}

/// `removeApp`: takes the application away, as far as that was approved, and says until when it can be restored.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct RemoveApp {
    connection: u64,
    #[serde(default)]
    which: WhichRequest,
    /// Delete for good, too.
    #[serde(default)]
    permanently: bool,
    /// What was asked about.
    plan: Option<u64>,
    steps: Vec<StepName>,
    #[serde(default)]
    declined: Vec<StepName>,
}

impl Op for RemoveApp {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let operation = Operation::on(self.connection)?;
        let wanted = self.which.wanted(&StepName::ALL)?;
        let application = self.plan.and_then(|number| operation.connection.planned_application(number));
        let answers = Answers { approved: &self.steps, declined: &self.declined, application: application.as_ref() };
        let ended = operation.run(output, |graph, voice| run::remove(graph, voice, &wanted, answers))?;
        let gone: Vec<String> =
            ended.items.iter().filter(|(_, taken)| *taken == Taken::Done).filter_map(deleted_id).collect();
        let whole = ended.failed.is_none() && !ended.items.iter().any(|(_, taken)| matches!(taken, Taken::Skipped(_)));
        let for_good = self.permanently && whole;
        let since = if for_good { Vec::new() } else { when_deleted(&operation, output, &gone)? };
        let tenant = operation.tenant();
        output.rows(
            ended.items.iter().map(|one| TakenBack { recoverable_until: until(one, &since), ..row(one, &tenant) }),
        )?;
        ended.failed.map_or(Ok(()), |error| Err(OpError::from(error)))?;
        if for_good { remove_for_good(&operation, output, &gone) } else { Ok(()) }
    }
}

/// The id of an object that is in the deleted items then.
fn deleted_id((item, _): &(Item, Taken)) -> Option<String> {
    match &item.change()?.kind {
        ChangeKind::Remove { object: Object::Application | Object::ServicePrincipal, id } => Some(id.clone()),
        _ => None,
    }
}

/// When these were deleted: as the service says, else now.
fn when_deleted(
    operation: &Operation,
    output: &Output,
    ids: &[String],
) -> Result<Vec<(String, OffsetDateTime)>, OpError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let listed = operation.run(output, |graph, _| deleted(&graph)).or_else(|error| {
        output.verbose(format!("what was deleted could not be read: {error}"))?;
        Ok::<_, OpError>(Deleted::default())
    })?;
    let applications = listed.applications.into_iter().map(|one| (one.application.id, one.deleted_date_time));
    let principals = listed.principals.into_iter().map(|one| (one.principal.id, one.deleted_date_time));
    let all: Vec<(String, Option<OffsetDateTime>)> = applications.chain(principals).collect();
    let now = operation.connection.now();
    let when = |id: &String| {
        let own = all.iter().find(|(deleted, _)| deleted.eq_ignore_ascii_case(id));
        (id.clone(), own.and_then(|(_, when)| *when).unwrap_or(now))
    };
    Ok(ids.iter().map(when).collect())
}

fn until(one: &(Item, Taken), since: &[(String, OffsetDateTime)]) -> Option<OffsetDateTime> {
    let id = deleted_id(one)?;
    since.iter().find(|(deleted, _)| *deleted == id).map(|(_, when)| when.saturating_add(KEPT))
}

fn remove_for_good(operation: &Operation, output: &Output, gone: &[String]) -> Result<(), OpError> {
    let ended = operation.run(output, |graph, voice| {
        until_listed(&graph, gone)?;
        run::remove_for_good(graph, voice, gone)
    });
    let Ended { items, failed } = ended.map_err(refused)?;
    let tenant = operation.tenant();
    output.rows(items.iter().map(|one| row(one, &tenant)))?;
    failed.map_or(Ok(()), |error| Err(refused(error)))
}

/// A tenant can guard this by Conditional Access, which no permission lifts.
fn refused(error: RunError) -> OpError {
    match &error {
        RunError::Graph { error, .. } if error.reaction() == Reaction::Denied => c::PERMANENT_DELETION_REFUSED
            .report(format!("what was deleted could not be deleted for good: {error}"))
            .into(),
        _ => error.into(),
    }
}
