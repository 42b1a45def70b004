//! Runs of the runbook in which something goes wrong, each held to the end of a clean run.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::env;
use std::error::Error;
use std::fmt::Debug;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use pp_run::apply::RunError;
use pp_run::connection::Connection;
use pp_run::outcome::{Outcome, StepResult};
use pp_runbook::wanted::{DEFAULT_DISPLAY_NAME, Wanted};
use serde_json::{Value, json};
use tenant_twin::{DeletedNames, ErrorBody, Fault, FaultKind, Options, RetryAfter, Twin, Unreadable};
use time::Duration as Span;

use crate::machine::{REPOSITORY, by_federated, by_identity, github, identity, trust};
use crate::person::{self, BROWSER};
use crate::shape::{secrets, shape};
use crate::sign_in::{admin, by_certificate, joined, register_certificate};
use crate::start::Start;
use crate::{Tenant, TestResult, TwinClock, connect_at, connect_by};

/// Who runs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// With a client secret.
    Application,
    /// With a certificate.
    Certificate,
    /// With a token of a pipeline's.
    Pipeline,
    /// With what its machine is.
    ManagedIdentity,
    /// A person in the browser.
    Person,
}

/// One run of the matrix.
#[derive(Debug, Clone)]
pub struct Cell {
    /// Who runs it.
    pub who: Who,
    /// Where it starts.
    pub start: Start,
    /// Shown in one run.
    pub faults: Vec<Fault>,
    /// What is written is seen late and not by every read, drawn from this seed.
    pub lag: Option<u64>,
    /// How far the machine's clock is ahead of the service's.
    pub ahead: Span,
    /// What the twin's form is drawn from where sources disagree: its place among the cells, which [`hold`] gives it.
    pub draw: u64,
}

impl Cell {
    fn has(&self, is: impl Fn(&FaultKind) -> bool) -> bool {
        self.faults.iter().any(|fault| is(&fault.kind))
    }
}

/// How a run ends that could not take back a secret it made.
const SECRET_LEFT: &str = "a secret is left, and named";

/// The longest time that a replica lags where it does.
pub const LAG: Duration = Duration::from_secs(12);

/// A tenant to which somebody has signed in.
pub fn tenant(who: Who, start: Start, lag: Option<u64>) -> Result<Tenant, Box<dyn Error>> {
    tenant_at(who, start, lag, Span::ZERO, 0)
}

/// In how a service answers where sources disagree, one of the forms: 16 that follow each other have each with each. The first is the
/// twin's default.
pub fn drawn(draw: u64, options: Options) -> Options {
    let deleted_names = match draw % 4 {
        0 => DeletedNames::BadRequest,
        1 => DeletedNames::BadRequestBare,
        2 => DeletedNames::ObjectConflict,
        _ => DeletedNames::Conflict,
    };
    let is_set = |bit: u32| draw >> bit & 1 == 1;
    Options { deleted_names, restore_brings_back: !is_set(2), duplicate_grant_is_400: is_set(3), ..options }
}

/// The same from a machine whose clock is ahead of the service's, with the twin's form drawn.
fn tenant_at(who: Who, start: Start, lag: Option<u64>, ahead: Span, draw: u64) -> Result<Tenant, Box<dyn Error>> {
    let options = Options { users: 3, groups: 1, contacts: 1, latency: Duration::ZERO, ..Options::default() };
    let options = drawn(draw, options);
    let options = match lag {
        Some(seed) => Options { max_lag: LAG, replicas: 3, seed, ..options },
        None => options,
    };
    let twin = Arc::new(Twin::start(&options)?);
    let tenant = Tenant::of(connect(&twin, who, ahead)?, twin);
    if who == Who::Person {
        person::sign_in(&tenant.connection).result?;
    }
    start.arrange(&tenant)?;
    tenant.twin.advance(LAG);
    tenant.twin.clear_requests();
    Ok(tenant)
}

fn connect(twin: &Arc<Twin>, who: Who, ahead: Span) -> Result<Connection, Box<dyn Error>> {
    match who {
        Who::Application => connect_at(twin, Arc::new(TwinClock::ahead_of(twin, ahead))),
        Who::Certificate => {
            register_certificate(twin)?;
            by_certificate(twin, &joined(tempfile::tempdir()?.path(), &["certificate.pem", "key.pem"])?)
        }
        Who::Pipeline => {
            trust(twin, REPOSITORY)?;
            by_federated(twin, github(twin, "pipeline")?)
        }
        Who::ManagedIdentity => {
            twin.set_machine(&json!({ "system": admin(twin)?.to_string() }));
            by_identity(twin, identity(twin, "Imds", None, Path::new(""))?)
        }
        Who::Person => connect_by(twin, person::credential(BROWSER)),
    }
}

/// Faults that a whole request can meet.
pub fn whole_request_faults() -> Vec<FaultKind> {
    let failed = |status, body, retry_after| FaultKind::Failed { status, body, retry_after };
    vec![
        FaultKind::Throttled(RetryAfter::Seconds(3)),
        FaultKind::Throttled(RetryAfter::Date(7)),
        FaultKind::Throttled(RetryAfter::Absent),
        FaultKind::Throttled(RetryAfter::Text("soon".into())),
        FaultKind::Throttled(RetryAfter::Seconds(1_000_000_000)),
        failed(500, ErrorBody::Json, RetryAfter::Absent),
        failed(502, ErrorBody::Html, RetryAfter::Absent),
        failed(503, ErrorBody::Empty, RetryAfter::Seconds(2)),
        failed(504, ErrorBody::Json, RetryAfter::Absent),
        FaultKind::RequestLost { reset: true },
        FaultKind::RequestLost { reset: false },
        FaultKind::AnswerLost { reset: true },
        FaultKind::AnswerLost { reset: false },
        FaultKind::ResetInBody,
        FaultKind::Truncated { announced: true },
        FaultKind::Truncated { announced: false },
        FaultKind::Unreadable(Unreadable::Html),
        FaultKind::Unreadable(Unreadable::Empty),
        FaultKind::Unreadable(Unreadable::Cut),
        FaultKind::Dripped { chunk: 100, every: Duration::from_millis(1) },
        FaultKind::TokenExpired,
        FaultKind::ClaimsChallenge,
        FaultKind::Denied,
        FaultKind::Skewed { seconds: 600 },
        FaultKind::Skewed { seconds: -600 },
    ]
}

/// What may befall one item of a batch, whatever it is.
pub fn item_faults() -> Vec<FaultKind> {
    let failed = |status, body| FaultKind::Failed { status, body, retry_after: RetryAfter::Absent };
    vec![
        FaultKind::Throttled(RetryAfter::Seconds(3)),
        failed(500, ErrorBody::Json),
        failed(503, ErrorBody::Empty),
        FaultKind::Concurrency,
        FaultKind::Denied,
        FaultKind::TokenExpired,
        FaultKind::ClaimsChallenge,
        FaultKind::AnswerLost { reset: true },
        FaultKind::RequestLost { reset: false },
        FaultKind::Unreadable(Unreadable::Html),
        FaultKind::Unreadable(Unreadable::Empty),
    ]
}

/// How a cell ended, or what was wrong with that. A place that another start or a shorter run doesn't reach is no cell.
pub fn run(cell: &Cell, clean: &Value) -> Result<&'static str, Box<dyn Error>> {
    let tenant = tenant_at(cell.who, cell.start, cell.lag, cell.ahead, cell.draw)?;
    cell.faults.iter().for_each(|fault| tenant.twin.add_fault(fault.clone()));
    let wanted = cell.start.wanted();
    let result = tenant.apply(&wanted);
    cell.start.holds(&tenant, &result)?;
    let ended = match result {
        Ok(outcome) => finished(&tenant, &outcome, cell, clean)?,
        Err(error) => kind(&error),
    };
    if tenant.twin.faults_shown() == 0 {
        return Ok("not reached");
    }
    tenant.twin.clear_faults();
    if cell.who == Who::Person && person::token(&tenant.connection).is_err() {
        person::sign_in(&tenant.connection).result?;
    }
    rerun(&tenant, cell.start, &wanted)?;
    let mut end = shape(&tenant.twin.state());
    // Two runs at the same time: one secret each. A secret that could not be taken back, which the error has named, can't be
    // told from one in use: the rerun keeps it.
    let excused = cell.has(is_second_writer) || ended == SECRET_LEFT;
    if excused && end["secrets"] == json!([2]) {
        end["secrets"] = json!([1]);
    }
    same(&end, clean, "after a rerun")?;
    Ok(ended)
}

/// To the end; where something kept runs from it, once more when that was lifted.
fn rerun(tenant: &Tenant, start: Start, wanted: &Wanted) -> TestResult {
    let ended = tenant.apply(wanted);
    start.holds(tenant, &ended)?;
    if start.lift(&tenant.twin)? {
        start.refuses(&ended)?;
        tenant.apply(wanted)?;
    } else {
        ended?;
    }
    Ok(())
}

fn finished(tenant: &Tenant, outcome: &Outcome, cell: &Cell, clean: &Value) -> Result<&'static str, Box<dyn Error>> {
    let state = tenant.twin.state();
    let mut end = shape(&state);
    // What can't be taken back waits until all else is confirmed; the row says so, and a rerun does it.
    let held_back = outcome.steps.iter().any(|row| row.result == StepResult::NotDone);
    if held_back {
        end["sync"] = clean["sync"].clone();
    }
    if !cell.has(is_second_writer) {
        same(&end, clean, "after the run")?;
    }
    let apps = state["applications"].as_array().cloned().unwrap_or_default();
    let ours = apps.iter().find(|app| app["displayName"] == DEFAULT_DISPLAY_NAME).ok_or("no application")?;
    if let Some(secret) = &outcome.secret
        && !secrets(ours).iter().any(|there| there["keyId"] == secret.key_id.as_str())
    {
        return Err("the secret that was given is not in the tenant".into());
    }
    if cell.start.makes_secret() && outcome.secret.is_none() && !cell.has(is_second_writer) {
        return Err("a fresh tenant and no secret".into());
    }
    Ok(if held_back { "all but the last step" } else { "as a clean run" })
}

fn is_second_writer(kind: &FaultKind) -> bool {
    matches!(kind, FaultKind::SecondWriter)
}

fn same(end: &Value, clean: &Value, when: &str) -> TestResult {
    if end == clean { Ok(()) } else { Err(format!("{when}: {end} instead of {clean}").into()) }
}

fn kind(error: &RunError) -> &'static str {
    match error {
        RunError::Problem(_) => "refused before writing",
        RunError::Graph { .. } => "a typed error of a call",
        RunError::NotConverged(_) => "not converged",
        RunError::SecretLeft { .. } => SECRET_LEFT,
        RunError::NotPlanned(_) | RunError::NotPlannedOfRestored(_) => "not in the plan",
        RunError::NotWrittenDown(_) => "not written down",
    }
}

/// A sample that is the same each time: every k-th cell, with k prime to the table's periods. With `PPFEDERATION_FULL` set, all;
/// or, where it says `k/n`, the k-th of n parts, so that several processes share them.
fn chosen<T>(all: Vec<T>, sample: usize) -> Vec<T> {
    let Some(full) = env::var_os("PPFEDERATION_FULL") else {
        let step = (all.len() / sample).max(1) | 1;
        return all.into_iter().step_by(step).collect();
    };
    let part = full.to_str().and_then(|text| text.split_once('/'));
    let part = part.and_then(|(k, n)| Some((k.parse::<usize>().ok()?, n.parse::<usize>().ok()?)));
    match part {
        Some((k, n)) if (1..=n).contains(&k) => all.into_iter().skip(k - 1).step_by(n).collect(),
        Some(_) | None => all,
    }
}

/// Runs a sample of the cells, or all of them, and says how they ended.
pub fn hold(all: Vec<Cell>, sample: usize) -> TestResult {
    let clean = RefCell::new(BTreeMap::new());
    let all = all.into_iter().zip(0..).map(|(cell, draw)| Cell { draw, ..cell }).collect();
    hold_each(all, sample, |cell| {
        let mut clean = clean.borrow_mut();
        let there = match clean.entry(cell.start) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(without_fault(cell.start)?),
        };
        run(cell, there)
    })
}

/// What a run without a fault makes of a start.
fn without_fault(start: Start) -> Result<Value, Box<dyn Error>> {
    let tenant = tenant(Who::Application, start, None)?;
    start.lift(&tenant.twin)?;
    tenant.apply(&start.wanted())?;
    Ok(shape(&tenant.twin.state()))
}

/// Runs a sample of any cells, or all of them, and says how they ended; an error is what was wrong with one.
pub fn hold_each<C: Debug>(
    all: Vec<C>,
    sample: usize,
    run: impl Fn(&C) -> Result<&'static str, Box<dyn Error>>,
) -> TestResult {
    let whole = all.len();
    let cells = chosen(all, sample);
    let mut ends: BTreeMap<&'static str, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for cell in &cells {
        match run(cell) {
            Ok(end) => *ends.entry(end).or_default() += 1,
            Err(why) => wrong.push(format!("{cell:?}: {why}")),
        }
    }
    // Past the test harness, which keeps the words of a test that passes.
    writeln!(std::io::stderr(), "{} cells of {whole}: {ends:?}, {} wrong", cells.len(), wrong.len())?;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}
