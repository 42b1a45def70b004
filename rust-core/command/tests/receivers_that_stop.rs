//! A run whose receiver stops listening at any of its events, as `Select-Object -First`, an error downstream or Ctrl+C do, also
//! where something goes wrong besides: a secret that is then in the tenant is held until it is claimed, and a rerun ends as a
//! clean run does. Test runs a sample; with `PPFEDERATION_FULL` set, every cell.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use pp_base::cancel::{CancelSource, Cancelled};
use pp_command::event::Event;
use pp_command::output::Output;
use pp_command::{SecretBlock, parse};
use pp_run::connection::{close, open};
use pp_run::unclaimed::{self, Unclaimed};
use pp_runbook::step::StepName;
use pp_runbook::wanted::Wanted;
use pp_testing::matrix::{Who, hold_each, tenant};
use pp_testing::shape::{secrets, shape};
use pp_testing::start::Start;
use pp_testing::{Tenant, TestResult, TwinClock, connect_at};
use serde_json::{Value, json};
use tenant_twin::{ErrorBody, Fault, FaultKind, On, RetryAfter, Target, Unreadable};

/// Cells of the sample; the whole has far more.
const SAMPLE: usize = 60;

#[derive(Debug, Clone)]
struct Cell {
    start: Start,
    /// The receiver takes this many events.
    takes: usize,
    fault: Option<Fault>,
}

/// Runs everything as `Invoke-PPRunbook` does; the events that came.
fn run(connection: u64, takes: usize) -> Result<usize, Box<dyn Error>> {
    let request = json!({"op": "apply", "connection": connection, "steps": StepName::ALL.map(StepName::name)});
    let (source, cancel) = CancelSource::new();
    let came = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&came);
    let send = move |_: Event| {
        if counted.fetch_add(1, Ordering::Relaxed) < takes {
            return Ok(());
        }
        source.cancel();
        Err(Cancelled)
    };
    let command = parse(request.to_string().as_bytes(), &SecretBlock::copy_of(b""))?;
    // However it ends: what counts is what it leaves.
    let _ = command.run(&Output::new(Box::new(send), cancel));
    Ok(came.load(Ordering::Relaxed))
}

fn opened(tenant: &Tenant) -> Result<u64, Box<dyn Error>> {
    Ok(open(connect_at(&tenant.twin, Arc::new(TwinClock::of(&tenant.twin)))?)?)
}

/// Key ids of the secrets PPToken that are in the tenant.
fn key_ids(state: &Value) -> Vec<String> {
    let apps = state["applications"].as_array().into_iter().flatten();
    let ids = apps.flat_map(secrets).filter_map(|secret| secret["keyId"].as_str());
    ids.map(str::to_owned).collect()
}

fn hold(cell: &Cell, clean: &Value) -> Result<&'static str, Box<dyn Error>> {
    let tenant = tenant(Who::Application, cell.start, None)?;
    let before = key_ids(&tenant.twin.state());
    let connection = opened(&tenant)?;
    cell.fault.iter().for_each(|fault| tenant.twin.add_fault(fault.clone()));
    run(connection, cell.takes)?;
    tenant.twin.clear_faults();
    let held: Vec<Arc<Unclaimed>> = unclaimed::all()
        .into_iter()
        .filter(|held| held.connection == connection && !held.secret.text.expose().is_empty())
        .collect();
    let mut of_nobody = key_ids(&tenant.twin.state());
    of_nobody.retain(|id| !before.contains(id) && !held.iter().any(|held| held.secret.key_id == *id));
    if !of_nobody.is_empty() {
        return Err(format!("a secret whose text is nowhere: {of_nobody:?}").into());
    }
    let there = key_ids(&tenant.twin.state());
    if let Some(gone) = held.iter().find(|held| !there.contains(&held.secret.key_id)) {
        return Err(format!("a secret is held that is not in the tenant: {}", gone.secret.key_id).into());
    }
    let rerun = tenant.apply(&Wanted::everything())?;
    let end = shape(&tenant.twin.state());
    if end != *clean {
        return Err(format!("after a rerun: {end} instead of {clean}").into());
    }
    assert!(held.iter().all(|held| unclaimed::claim(&held.secret.key_id)));
    close(connection)?;
    Ok(match (held.is_empty(), rerun.secret.is_some()) {
        (false, _) => "held until it is claimed",
        (true, true) => "made by the rerun",
        (true, false) => "none was to be made",
    })
}

/// What passes by itself, by request.
fn faults(requests: usize) -> Vec<Option<Fault>> {
    let kinds = [
        FaultKind::AnswerLost { reset: true },
        FaultKind::Unreadable(Unreadable::Empty),
        FaultKind::Failed { status: 503, body: ErrorBody::Html, retry_after: RetryAfter::Absent },
        FaultKind::Throttled(RetryAfter::Seconds(2)),
    ];
    let at = |place: usize| {
        kinds.iter().map(move |kind| {
            Some(Fault::new(On::every(Target::Request), kind.clone()).nth(u64::try_from(place).unwrap_or(u64::MAX)))
        })
    };
    (1..=requests).flat_map(at).chain([None]).collect()
}

#[test]
fn a_receiver_that_stops_loses_no_secret() -> TestResult {
    let (mut clean, mut cells) = (BTreeMap::new(), Vec::new());
    for start in [Start::Fresh, Start::HalfDone, Start::Finished] {
        let tenant = tenant(Who::Application, start, None)?;
        let connection = opened(&tenant)?;
        let events = run(connection, usize::MAX)?;
        clean.insert(start, shape(&tenant.twin.state()));
        let faults = faults(tenant.twin.requests().len());
        let all =
            (0..events).flat_map(|takes| faults.iter().map(move |fault| Cell { start, takes, fault: fault.clone() }));
        cells.extend(all);
    }
    hold_each(cells, SAMPLE, |cell| hold(cell, &clean[&cell.start]))
}
