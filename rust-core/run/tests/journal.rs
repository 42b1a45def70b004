//! A run whose secrets are written down: no write is begun that the ledger doesn't allow any more, and no secret is asked for that can't
//! be written down before.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use pp_base::gate::Gate;
use pp_graph::error::GraphError;
use pp_run::apply::{Limits, RunError, apply_only};
use pp_run::journal::Journal;
use pp_run::outcome::Outcome;
use pp_runbook::wanted::Wanted;
use pp_testing::{Tenant, TestResult, connect};
use tenant_twin::{Options, Twin};
use time::OffsetDateTime;

/// A ledger's hold on a tenant that ends after so many writes, or whose lines are refused.
#[derive(Debug)]
struct Ending {
    writes_left: AtomicUsize,
    takes_lines: bool,
}

impl Gate for Ending {
    fn may_write(&self) -> Result<(), String> {
        let took = self.writes_left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        took.map(|_| ()).map_err(|_| "the lease ends in 12 s".into())
    }
}

impl Journal for Ending {
    fn asking(&self, _: OffsetDateTime, _: &str) -> Result<(), String> {
        if self.takes_lines { Ok(()) } else { Err("the disk is full".into()) }
    }

    fn made(&self, _: OffsetDateTime, _: &str, _: &str) -> Result<(), String> {
        Ok(())
    }

    fn placed(&self, _: &str, _: &str) -> Result<(), String> {
        Ok(())
    }

    fn unclaimed(&self, _: &str) -> Result<(), String> {
        Ok(())
    }

    fn removed(&self, _: &str) -> Result<(), String> {
        Ok(())
    }

    fn lost(&self, _: OffsetDateTime, _: Option<&str>) -> Result<(), String> {
        Ok(())
    }
}

/// How a run ended, and the tenant.
type Ran = (Result<Outcome, RunError>, Arc<Twin>);

/// Runs all of it with such a hold.
fn run(journal: Ending) -> Result<Ran, Box<dyn std::error::Error>> {
    let twin = Arc::new(Twin::start(&Options { users: 3, latency: Duration::ZERO, ..Options::default() })?);
    let journal = Arc::new(journal);
    let connection = connect(&twin, "admin")?.with_journal(Arc::clone(&journal) as Arc<dyn Journal>);
    let tenant = Tenant::of(connection, Arc::clone(&twin));
    let limits = Limits { journal: Some(&*journal), ..Limits::default() };
    let ended = tenant.with(|graph, voice| apply_only(graph, voice, &Wanted::everything(), None, limits));
    Ok((ended, twin))
}

fn writes(twin: &Twin) -> usize {
    twin.requests().iter().filter(|request| request.write).count()
}

#[test]
fn no_write_is_begun_once_less_is_left_than_one_may_last() -> TestResult {
    let (ended, twin) = run(Ending { writes_left: AtomicUsize::new(usize::MAX), takes_lines: true })?;
    ended?;
    let whole = writes(&twin);
    for allowed in 0..whole {
        let (ended, twin) = run(Ending { writes_left: AtomicUsize::new(allowed), takes_lines: true })?;
        let why = match ended {
            Err(RunError::Graph { error: GraphError::Withheld(why), .. }) => why,
            // Of the last write, which can't be taken back, it is the row that says so.
            Ok(outcome) if allowed + 1 == whole => outcome.steps[0].detail.clone(),
            other => return Err(format!("after {allowed} writes: {other:?}").into()),
        };
        assert!(why.contains("the lease ends in 12 s"), "{why}");
        assert_eq!(writes(&twin), allowed);
        let organization = &twin.state()["organization"][0];
        assert_eq!(organization["onPremisesSyncEnabled"], true, "what can't be taken back comes last: {allowed}");
    }
    Ok(())
}

#[test]
fn a_secret_that_cannot_be_written_down_is_not_asked_for() -> TestResult {
    let (ended, twin) = run(Ending { writes_left: AtomicUsize::new(usize::MAX), takes_lines: false })?;
    assert!(matches!(&ended, Err(RunError::NotWrittenDown(why)) if why.contains("the disk is full")), "{ended:?}");
    let state = twin.state();
    let apps = state["applications"].as_array().into_iter().flatten();
    let ours: Vec<_> = apps.filter(|app| app["displayName"] == "Practice Protect Federation").collect();
    assert_eq!(ours.len(), 1, "the rest is there");
    assert_eq!(ours[0]["passwordCredentials"].as_array().map(Vec::len), Some(0), "{:?}", ours[0]);
    Ok(())
}
