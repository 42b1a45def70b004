//! Several processes, with several lanes each and clocks apart, one of which is killed while it holds a tenant.

use std::error::Error;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use pp_base::secret::SecretText;
use pp_ledger::blob::{BlobAccess, Terms, open_on};
use pp_ledger::state::State;
use pp_ledger::{Ledger, Taken};
use pp_testing::TestResult;
use pp_testing::azurite::Azurite;
use uuid::Uuid;

use crate::support::{Moved, TENANT, asked, begun, done, is_taken, open, take, with_call};

/// Tells the child its ledger, signature, name and what it does.
const CHILD: &str = "PPFEDERATION_LEDGER_WORKER";
const TENANTS: u128 = 12;

fn tenants() -> impl Iterator<Item = Uuid> {
    (1..=TENANTS).map(|number| Uuid::from_u128(TENANT.as_u128() + number))
}

fn start(azurite: &Azurite, ledger: &str, worker: &str, work: &str) -> Result<Child, Box<dyn Error>> {
    let words = [&azurite.ledger(ledger), &azurite.sas("racwl"), worker, work].join(" ");
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--exact", "workers::child", "--nocapture", "--quiet"]).env(CHILD, words);
    Ok(command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?)
}

/// What a child does. Nothing where no parent started it.
#[test]
fn child() -> TestResult {
    let Ok(words) = std::env::var(CHILD) else { return Ok(()) };
    let words: Vec<&str> = words.split(' ').collect();
    let [address, signature, worker, work] = words[..] else { return Err("four words".into()) };
    let access = BlobAccess::Sas(SecretText::from_text(signature));
    let hours = i64::try_from(worker.len())? * 3 - 12;
    let clock = Moved::apart(time::Duration::hours(hours));
    let ledger = open_on(address, access, worker, clock, Terms::default())?;
    if work == "dies" {
        let hold = take(&*ledger, TENANT)?;
        with_call(|call| {
            hold.record(begun(), call)?;
            hold.record(asked(), call)
        })?;
        std::process::abort();
    }
    std::thread::scope(|scope| {
        let lanes: Vec<_> =
            (0..2).map(|_| scope.spawn(|| work_through(&*ledger).map_err(|error| error.to_string()))).collect();
        lanes.into_iter().try_for_each(|lane| lane.join().map_err(|_| "a lane panicked".to_owned())?)
    })?;
    Ok(())
}

/// Does each tenant that is not done and that nobody has, until there is none.
fn work_through(ledger: &dyn Ledger) -> TestResult {
    loop {
        let mut open = 0;
        for tenant in tenants() {
            let Taken::Held(hold) = with_call(|call| ledger.take(tenant, "Runbook", call))? else {
                open += 1;
                continue;
            };
            if hold.state().state != State::Done {
                with_call(|call| {
                    hold.record(begun(), call)?;
                    hold.may_write(call.cancel)?;
                    hold.record(done(), call)
                })?;
            }
            with_call(|call| hold.release(call));
        }
        if open == 0 {
            return Ok(());
        }
    }
}

#[test]
fn each_tenant_is_done_once_whoever_comes_first() -> TestResult {
    let Some(azurite) = Azurite::shared()? else { return Ok(()) };
    let workers = ["a", "bb", "ccc"].map(|worker| start(azurite, "race", worker, "works"));
    for worker in workers {
        assert!(worker?.wait()?.success());
    }
    let states = with_call(|call| open(azurite, "race", "me").map(|ledger| ledger.read(None, call)))??.states;
    assert_eq!(states.iter().map(|state| state.tenant).collect::<Vec<_>>(), tenants().collect::<Vec<_>>());
    assert!(states.iter().all(|state| state.state == State::Done && state.tries == 1), "{states:?}");
    Ok(())
}

#[test]
fn a_worker_that_was_killed_leaves_its_tenant_to_the_next() -> TestResult {
    let Some(azurite) = Azurite::shared()? else { return Ok(()) };
    let mut dying = start(azurite, "killed", "a", "dies")?;
    // Read, so that it isn't held up by what it says.
    let _ = BufReader::new(dying.stdout.take().ok_or("no output")?).lines().count();
    assert!(!dying.wait()?.success());
    let ledger = open(azurite, "killed", "next")?;
    assert!(is_taken(&*ledger, TENANT)?, "its lease has not run out");
    azurite.break_lease("killed", &TENANT.to_string())?;
    let hold = take(&*ledger, TENANT)?;
    assert_eq!((hold.state().state, hold.state().worker.as_deref()), (State::Begun, Some("a")));
    assert_eq!(hold.state().orphans().count(), 1);
    Ok(())
}
