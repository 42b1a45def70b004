//! Ops on plans that are kept: the changes of one as rows and as a file, and carrying a file out.

use std::path::Path;

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::Op;
use crate::operation::Operation;
use crate::output::Output;
use crate::run::{Plan, Work, assessed, row, warn, warn_of_others};
use crate::run_result::declined_alone;
use crate::sink::{SinkRequest, file_error};
use crate::which::WhichRequest;
use pp_report::catalogue::{self as c, Entry};
use pp_report::error::OpError;
use pp_report::rows::{PlanItem, PlannedChange, Tenant};
use pp_runbook::kept_plan::{KeptChange, KeptPlan, KeptPlanError, Origin, Standing};
use pp_runbook::observed::Observed;
use pp_runbook::plan::{PlannedStep, judge, plan, reads};
use pp_runbook::step::StepName;
use pp_runbook::wanted::{DeletedApp, Wanted};
use pp_sink::error::SinkError;
use pp_sink::private_file::PrivateFile;
use pp_words::{of_system, upper_hex};

/// Longer than any plan: what is given in its place isn't read into memory whatever it is.
const LONGEST_FILE: u64 = 4 * 1024 * 1024;

/// `changes`: what a run would change, a row a change; with a path it is written to a file, too.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Changes {
    connection: u64,
    #[serde(default)]
    steps: Vec<StepName>,
    #[serde(default)]
    skip: Vec<StepName>,
    #[serde(default)]
    which: WhichRequest,
    #[serde(default)]
    new_secret: bool,
    secret_lifetime: Option<String>,
    #[serde(default)]
    lock_credentials: bool,
    deleted_app: Option<DeletedApp>,
    path: Option<String>,
    #[serde(default)]
    force: bool,
}

impl Op for Changes {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let operation = Operation::on(self.connection)?;
        let Self { path, force, .. } = *self;
        let choices = Plan {
            connection: self.connection,
            steps: self.steps,
            skip: self.skip,
            which: self.which,
            new_secret: self.new_secret,
            renews: false,
            replaces: false,
            secret_lifetime: self.secret_lifetime,
            deleted_app: self.deleted_app,
            deleted_id: None,
            lock_credentials: self.lock_credentials,
        };
        let wanted = choices.wanted(&operation)?;
        // Before anything is read: a path that can't be is told at once.
        let file = path.map(|path| PrivateFile::prepare(Path::new(&path), force)).transpose().map_err(not_written)?;
        let observed = operation.observe(output, &reads(&wanted.steps), &wanted)?;
        assessed(output, &judge(&observed, &wanted, operation.connection.now()))?;
        let steps = plan(&observed, &wanted, operation.connection.now())?;
        warn_of_others(&operation, output, &wanted, &observed)?;
        warn(&operation, output, &wanted, &observed, &steps)?;
        for step in steps.iter().filter(|step| !step.changes()) {
            output.verbose(format!("{}: {}", step.name, step.assessment.detail))?;
        }
        let kept = KeptPlan::of(origin(&operation), &wanted, &observed)?;
        let hash = file.map(|file| write(&kept, file, output)).transpose()?;
        let tenant = operation.tenant();
        Ok(output.rows(kept.changes.into_iter().map(|change| item(change, tenant.clone(), hash.clone())))?)
    }
}

fn origin(operation: &Operation) -> Origin {
    let Tenant { id, name } = operation.tenant();
    let time = operation.connection.now();
    Origin { tenant_id: id, tenant_name: name, module: env!("CARGO_PKG_VERSION").to_owned(), time }
}

fn item(change: KeptChange, tenant: Tenant, plan_hash: Option<String>) -> PlanItem {
    let KeptChange { step, change, before, after, reversible, reason, request, .. } = change;
    let request = request.map(|request| request.to_string()).unwrap_or_default();
    PlanItem { tenant, step: step.name(), change, before, after, reversible, reason, request, plan_hash }
}

/// Writes the file; its SHA-256.
fn write(kept: &KeptPlan, mut file: PrivateFile, output: &Output) -> Result<String, OpError> {
    let location = file.location();
    let text = kept.to_json().map_err(|error| c::PLAN_FILE_NOT_WRITABLE.report(error.to_string()).target(&location))?;
    file.put(text.as_bytes()).map_err(not_written)?;
    let hash = upper_hex(&Sha256::digest(text.as_bytes()));
    output.information(format!(
        "The plan, {} changes, is in {location}. Its SHA-256, for whoever approves it: {hash}",
        kept.changes.len()
    ))?;
    Ok(hash)
}

fn not_written(error: SinkError) -> OpError {
    file_error(error, c::PLAN_FILE_EXISTS, c::PLAN_FILE_NOT_WRITABLE)
}

/// `keptPlan`: what a plan from a file asks to be confirmed, a row a step.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Look {
    connection: u64,
    path: String,
    hash: Option<String>,
}

impl Op for Look {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let operation = Operation::on(self.connection)?;
        let (kept, hash) = open(&self.path, self.hash.as_deref(), &operation)?;
        let wanted = kept.wanted(&kept.steps())?;
        if wanted.steps.is_empty() {
            return Ok(output.warning("the plan holds no change: every step was done when it was made")?);
        }
        let before = kept.before(&wanted.steps);
        let whole = Wanted { steps: [wanted.steps.as_slice(), &before].concat(), ..wanted.clone() };
        let observed = operation.observe(output, &reads(&whole.steps), &wanted)?;
        let now = operation.connection.now();
        if standing(&kept, &observed, &wanted, &operation)? == Standing::CarriedOut {
            output.warning("the plan has been carried out already: all of its changes are in place")?;
        }
        let mut steps = judge(&observed, &whole, now);
        assessed(output, &steps)?;
        warn_of_others(&operation, output, &wanted, &observed)?;
        warn(&operation, output, &wanted, &observed, &steps)?;
        steps.retain(|step| wanted.includes(step.name));
        let number = operation.connection.keep_plan(wanted, observed);
        let row = |step: PlannedStep| PlannedChange {
            plan_hash: Some(hash.clone()),
            ..row(step, Some(number), operation.tenant())
        };
        Ok(output.rows(steps.into_iter().map(row))?)
    }
}

/// `applyKept`: carries out the steps that were approved of a plan from a file, and nothing else.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Apply {
    connection: u64,
    path: String,
    /// Of the file that was confirmed: it may be another one by now.
    hash: String,
    plan: Option<u64>,
    steps: Vec<StepName>,
    #[serde(default)]
    declined: Vec<StepName>,
    sink: Option<SinkRequest>,
}

impl Op for Apply {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let operation = Operation::on(self.connection)?;
        let Self { path, hash, plan, steps, declined, sink, .. } = *self;
        let (kept, _) = open(&path, Some(&hash), &operation)?;
        if steps.is_empty() {
            return Ok(output.row(declined_alone(&declined, &operation.tenant()))?);
        }
        let wanted = kept.wanted(&steps)?;
        let before = kept.before(&wanted.steps);
        let seen = match plan.and_then(|number| operation.connection.take_plan(number, &wanted)) {
            Some(seen) => seen,
            None => operation.observe(output, &reads(&[wanted.steps.as_slice(), &before].concat()), &wanted)?,
        };
        standing(&kept, &seen, &wanted, &operation)?;
        let approved = Some(kept.approved());
        Work { operation, wanted, seen: Some(seen), declined, sink, approved, asked: None, before }.carry_out(output)
    }
}

fn standing(
    kept: &KeptPlan,
    observed: &Observed,
    wanted: &Wanted,
    operation: &Operation,
) -> Result<Standing, KeptPlanError> {
    kept.standing(observed, wanted, operation.connection.now())
}

/// The plan in a file, and the file's SHA-256.
pub(crate) fn open(path: &str, hash: Option<&str>, operation: &Operation) -> Result<(KeptPlan, String), OpError> {
    let refused =
        |entry: Entry, why: &str| OpError::from(entry.report(format!("the plan '{path}': {why}")).target(path));
    let file = read(path).map_err(|why| refused(c::PLAN_NOT_READABLE, &why))?;
    let is = upper_hex(&Sha256::digest(&file));
    if let Some(given) = hash.filter(|given| !given.trim().eq_ignore_ascii_case(&is)) {
        return Err(refused(c::PLAN_ALTERED, &format!("its SHA-256 is {is}, not {}", given.trim())));
    }
    let named = |error: KeptPlanError| match OpError::from(error) {
        OpError::Failed(mut report) => {
            report.message = format!("the plan '{path}': {}", report.message);
            OpError::from(report.target(path))
        }
        cancelled @ OpError::Cancelled(_) => cancelled,
    };
    let kept = KeptPlan::parse(&file).map_err(named)?;
    let tenant = operation.tenant().id;
    if !kept.tenant_id.eq_ignore_ascii_case(&tenant) {
        let name = kept.tenant_name.as_deref().unwrap_or("no name known");
        let why = format!("it is of tenant {} ({name}), and the connection is to tenant {tenant}", kept.tenant_id);
        return Err(refused(c::PLAN_OF_ANOTHER_TENANT, &why));
    }
    kept.check(&file).map_err(named)?;
    Ok((kept, is))
}

fn read(path: &str) -> Result<Vec<u8>, String> {
    let about = std::fs::metadata(path).map_err(|error| of_system(&error))?;
    if !about.is_file() {
        return Err("it is no file".into());
    }
    if about.len() > LONGEST_FILE {
        return Err(format!("it has {} bytes, which no plan has", about.len()));
    }
    std::fs::read(path).map_err(|error| of_system(&error))
}
