//! Ops that take back: the application as a whole, or what a plan that was kept has made.

use serde::Deserialize;
use time::OffsetDateTime;

use crate::Op;
use crate::kept_plan::open;
use crate::operation::Operation;
use crate::output::Output;
use crate::run::target;
use pp_graph::error::GraphError;
use pp_graph::reaction::Reaction;
use pp_report::catalogue as c;
use pp_report::error::OpError;
use pp_report::rows::{PlannedChange, TakenBack, Tenant};
use pp_run::apply::RunError;
use pp_run::observe::observe;
use pp_run::removal::{self as run, Deleted, deleted, hanging, until_listed};
use pp_run::take_back::{Ended, Look, Taken, take_back};
use pp_runbook::change::{Change, ChangeKind, Object};
use pp_runbook::deleted::{DeletedApplication, KEPT};
use pp_runbook::kept_plan::KeptPlan;
use pp_runbook::observed::Observed;
use pp_runbook::plan::missing;
use pp_runbook::removal::{self, plan_for_good};
use pp_runbook::step::StepName;
use pp_runbook::take_back::{Item, READS, Way};
use pp_runbook::undo_plan;
use pp_runbook::wanted::{self, Wanted};

/// What a deletion for good is called where a step's name stands otherwise.
const PERMANENTLY: &str = "Permanently";

/// How the application is found.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct PlanAppRemoval {
    connection: u64,
    display_name: Option<String>,
    #[serde(default)]
    adopt: bool,
    /// Delete for good, too.
    #[serde(default)]
    permanently: bool,
}

fn wanted_app(display_name: Option<&str>, adopt: bool) -> Result<Wanted, OpError> {
    Ok(Wanted { display_name: wanted::display_name(display_name)?, adopt, ..Wanted::everything() })
}

/// `planAppRemoval`: what the removal of the application would change, a row a step.
impl Op for PlanAppRemoval {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let operation = Operation::on(self.connection)?;
        let wanted = wanted_app(self.display_name.as_deref(), self.adopt)?;
        let observed = operation.observe(output, READS, &wanted)?;
        let items = removal::plan(&observed, &wanted)?;
        for warning in removal::warnings(&observed, &wanted, operation.connection.now()) {
            output.warning(warning)?;
        }
        for warning in operation.run(output, |graph, _| hanging(&graph, &observed, &wanted))? {
            output.warning(warning)?;
        }
        warn_of_permissions(&operation, output, &items)?;
        let mut rows = asked(&items, &operation.tenant(), None);
        if self.permanently {
            rows.extend(for_good(&operation, output, &observed, &wanted)?);
        }
        Ok(output.rows(rows)?)
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
    display_name: Option<String>,
    #[serde(default)]
    adopt: bool,
    /// Delete for good, too.
    #[serde(default)]
    permanently: bool,
    steps: Vec<StepName>,
}

impl Op for RemoveApp {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let operation = Operation::on(self.connection)?;
        let wanted = wanted_app(self.display_name.as_deref(), self.adopt)?;
        let ended = operation.run(output, |graph, voice| run::remove(graph, voice, &wanted, &self.steps))?;
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

/// `planUndo`: what undoing a plan from a file would change, a row a step; what can't be undone is a warning.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct PlanUndo {
    connection: u64,
    path: String,
    hash: Option<String>,
}

impl Op for PlanUndo {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let operation = Operation::on(self.connection)?;
        let (kept, hash) = open(&self.path, self.hash.as_deref(), &operation)?;
        let wanted = kept.wanted(&kept.steps())?;
        let observed = operation.observe(output, READS, &wanted)?;
        let items = undo_plan::plan(&kept, &observed, &wanted)?;
        for item in &items {
            match &item.way {
                Way::Impossible(why) => output.warning(format!("step {}: {}: not undone: {why}", item.step, item.what))?,
                Way::Change(Change { kind: ChangeKind::RemoveSecret { key_id }, .. }) => output.warning(format!(
                    "client secret {key_id} is removed: whoever signs in with it is locked out, and its text can't be read again"
                ))?,
                Way::Nothing(why) => output.verbose(format!("step {}: {}: {why}", item.step, item.what))?,
                Way::Change(_) => {}
            }
        }
        warn_of_permissions(&operation, output, &items)?;
        let tenant = operation.tenant();
        Ok(output.rows(asked(&items, &tenant, Some(&hash)))?)
    }
}

/// `undo`: undoes what was approved of a plan from a file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct UndoPlan {
    connection: u64,
    path: String,
    /// Of the file that was confirmed: it may be another one by now.
    hash: String,
    steps: Vec<StepName>,
}

impl Op for UndoPlan {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let operation = Operation::on(self.connection)?;
        let (kept, _) = open(&self.path, Some(&self.hash), &operation)?;
        let wanted = kept.wanted(&kept.steps())?;
        let ended = operation.run(output, |graph, voice| {
            let look = || look(&kept, &wanted, observe(&graph, READS, &wanted, None)?);
            take_back(graph, voice, &self.steps, &look)
        })?;
        let tenant = operation.tenant();
        output.rows(ended.items.iter().map(|one| row(one, &tenant)))?;
        ended.failed.map_or(Ok(()), |error| Err(error.into()))
    }
}

fn look(kept: &KeptPlan, wanted: &Wanted, observed: Observed) -> Result<Look, RunError> {
    let items = undo_plan::plan(kept, &observed, wanted)?;
    Ok(Look { items, application: observed.app(wanted.adopt).map(|application| application.id.clone()) })
}

/// What a sign-in lacks for that.
fn warn_of_permissions(operation: &Operation, output: &Output, items: &[Item]) -> Result<(), OpError> {
    let token = operation.run(output, |graph, _| graph.tokens.get(&graph.call).map_err(GraphError::from))?;
    let Some(held) = token.permissions() else { return Ok(()) };
    let changed = |step: &StepName| items.iter().any(|item| item.step == *step && item.change().is_some());
    for lacks in StepName::ALL.into_iter().filter(changed).flat_map(|step| missing(step, &held)) {
        output.warning(format!("{lacks}, which this sign-in doesn't have: it would be refused"))?;
    }
    Ok(())
}

/// The questions, one a step, in the order in which things are taken back.
fn asked(items: &[Item], tenant: &Tenant, hash: Option<&str>) -> Vec<PlannedChange> {
    let mut rows: Vec<(StepName, Vec<&str>)> = Vec::new();
    for item in items.iter().filter(|item| item.change().is_some()) {
        match rows.iter_mut().find(|(step, _)| *step == item.step) {
            Some((_, words)) => words.push(&item.what),
            None => rows.push((item.step, vec![&item.what])),
        }
    }
    let row = |(step, words): (StepName, Vec<&str>)| {
        let action = match (step, words.len()) {
            (StepName::ApplicationConsent, 2..) => {
                format!("Withdraw the consent for {} application permissions", words.len())
            }
            _ => words.join("; "),
        };
        question(step.name(), action, words.join("; "), tenant, hash)
    };
    rows.into_iter().map(row).collect()
}

fn question(step: &'static str, action: String, detail: String, tenant: &Tenant, hash: Option<&str>) -> PlannedChange {
    PlannedChange {
        tenant: tenant.clone(),
        plan: None,
        step,
        change: true,
        action,
        target: target(tenant),
        impact: "High",
        detail,
        plan_hash: hash.map(str::to_owned),
        display_name: None,
        adopt: None,
    }
}

fn row((item, taken): &(Item, Taken), tenant: &Tenant) -> TakenBack {
    let (result, detail) = match taken {
        Taken::Done => ("Done", "it is gone, or as it was before".to_owned()),
        Taken::AlreadyDone(why) => ("AlreadyDone", why.clone()),
        Taken::NotConfirmed(why) => ("NotConfirmed", why.clone()),
        Taken::NotDone(why) => ("NotDone", why.clone()),
        Taken::Skipped(why) => ("Skipped", why.clone()),
    };
    TakenBack {
        tenant: tenant.clone(),
        step: item.step.name(),
        change: item.what.clone(),
        result,
        detail,
        recoverable_until: None,
    }
}
