//! A fleet whose process is killed at random points and started again: at the end each tenant is done once, with one application and
//! one key that lies in its vault, and the ledger knows where. With `PPFEDERATION_FULL` of 1,000 tenants. The same of two processes that
//! share a ledger in Azure Blob Storage.

#[path = "op/fleet.rs"]
#[expect(dead_code, reason = "this test needs a part of it")]
mod op;

use std::collections::BTreeMap;
use std::env;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use pp_base::call::Call;
use pp_base::cancel::Cancel;
use pp_base::clock::SystemClock;
use pp_base::retry::{Budget, DEFAULT_BUDGET};
use pp_base::secret::SecretText;
use pp_ledger::blob::BlobAccess;
use pp_ledger::state::State;
use pp_ledger::{Taken, file, state::TenantState};
use pp_testing::TestResult;
use pp_testing::azurite::Azurite;
use pp_testing::street::Street;
use serde_json::{Value, json};
use tempfile::tempdir;
use tenant_twin::Twin;

/// Tells the child where its request lies.
const REQUEST: &str = "PPFEDERATION_FLEET_REQUEST";
const KILLS: u64 = 5;

/// What the child does; nothing where no parent started it.
#[test]
fn child() -> TestResult {
    let Some(path) = env::var_os(REQUEST) else { return Ok(()) };
    let request: (Value, String) = serde_json::from_str(&std::fs::read_to_string(path)?)?;
    let (said, ended) = op::run(&request)?;
    ended?;
    if said.errors.is_empty() { Ok(()) } else { Err(said.errors.join("\n").into()) }
}

fn start(request: &Path) -> std::io::Result<Child> {
    let mut command = Command::new(env::current_exe()?);
    command.args(["--exact", "child"]).env(REQUEST, request).stdout(Stdio::null()).stderr(Stdio::null()).spawn()
}

/// How many tenants are done by the ledger so far.
fn done(ledger: &Path) -> usize {
    std::fs::read_to_string(ledger).unwrap_or_default().matches(r#""event":"done""#).count()
}

#[test]
fn a_fleet_that_is_killed_at_random_ends_with_each_tenant_done_once() -> TestResult {
    let count = if env::var_os("PPFEDERATION_FULL").is_some() { 1_000 } else { 200 };
    let (street, folder) = (Street::of(count)?, tempdir()?);
    let (ledger, request) = (folder.path().join("ledger.jsonl"), folder.path().join("request.json"));
    let options = json!({"skip": ["DirSync"], "sink": {"kind": "KeyVault", "vaultUri": street.vaults()}});
    let more = json!({"ledger": ledger, "options": options, "retryBudgetSeconds": 0, "throttleLimit": 16});
    std::fs::write(&request, serde_json::to_string(&street.fleet("Runbook", &more)?)?)?;
    for kill in 1..=KILLS {
        let mut running = start(&request)?;
        // As far as chance lets it get beyond this share of the tenants.
        let share = usize::try_from(count * kill / (KILLS + 1))?;
        while done(&ledger) < share && running.try_wait()?.is_none() {
            std::thread::yield_now();
        }
        assert!(running.try_wait()?.is_none(), "it was to be killed");
        running.kill()?;
        running.wait()?;
        // Whoever starts it again comes later than what a replica may lag.
        street.tenants.iter().for_each(|twin| twin.advance(Duration::from_mins(1)));
    }
    assert!(start(&request)?.wait()?.success(), "the last one ends well");
    let states: BTreeMap<String, TenantState> =
        file::read(&ledger)?.states.into_iter().map(|state| (state.tenant.to_string(), state)).collect();
    for twin in &street.tenants {
        let state = states.get(twin.tenant_id()).ok_or("a tenant that the ledger doesn't know")?;
        check(twin, state)?;
    }
    assert!(states.values().any(|state| state.tries > 1), "nothing was taken up");
    Ok(())
}

#[test]
fn two_processes_share_a_ledger_at_an_address_and_each_tenant_is_done_once() -> TestResult {
    // Where there is no Azurite, build.ps1 Test says so.
    let Some(azurite) = Azurite::shared()? else { return Ok(()) };
    let (street, folder) = (Street::of(12)?, tempdir()?);
    let (ledger, sas) = (azurite.ledger("two-processes"), azurite.sas("racwl"));
    let options = json!({"skip": ["DirSync"], "sink": {"kind": "KeyVault", "vaultUri": street.vaults()}});
    let more = json!({"ledger": ledger, "options": options, "retryBudgetSeconds": 4, "throttleLimit": 4});
    let (mut request, secrets) = street.fleet("Runbook", &more)?;
    request["ledgerSas"] = json!({"at": secrets.len(), "len": sas.len()});
    let mut running = Vec::new();
    for worker in ["one", "two"] {
        request["worker"] = json!(worker);
        let path = folder.path().join(worker);
        std::fs::write(&path, serde_json::to_string(&(&request, format!("{secrets}{sas}")))?)?;
        running.push(start(&path)?);
    }
    for mut process in running {
        assert!(process.wait()?.success(), "each ends well, whatever the other has");
    }
    let (cancel, budget) = (Cancel::never(), Budget::new(DEFAULT_BUDGET));
    let call = Call { cancel: &cancel, budget: &budget, log: &|_| () };
    let access = BlobAccess::Sas(SecretText::take(sas));
    let contents = pp_ledger::read(&ledger, Some(access), Arc::new(SystemClock::default()), &call)?;
    let states: BTreeMap<String, TenantState> =
        contents.states.into_iter().map(|state| (state.tenant.to_string(), state)).collect();
    for twin in &street.tenants {
        let state = states.get(twin.tenant_id()).ok_or("a tenant that the ledger doesn't know")?;
        check(twin, state)?;
        assert_eq!(state.tries, 1, "one of them alone has begun it: {state:?}");
    }
    Ok(())
}

#[test]
fn a_tenant_of_a_worker_that_is_gone_is_taken_up_before_the_fleet_ends() -> TestResult {
    // Where there is no Azurite, build.ps1 Test says so.
    let Some(azurite) = Azurite::shared()? else { return Ok(()) };
    let (street, place) = (Street::of(3)?, azurite.ledger("worker-gone"));
    let (cancel, budget) = (Cancel::never(), Budget::new(DEFAULT_BUDGET));
    let call = Call { cancel: &cancel, budget: &budget, log: &|_| () };
    let access = || Some(BlobAccess::Sas(SecretText::take(azurite.sas("racwl"))));
    let clock = || Arc::new(SystemClock::default());
    let other = pp_ledger::open(&place, access(), "gone", clock())?.ledger;
    let twin = street.tenants.last().ok_or("no tenant")?;
    let Taken::Held(held) = other.take(twin.tenant_id().parse()?, "Runbook", &call)? else {
        return Err("it was to be free".into());
    };
    let options = json!({"skip": ["DirSync"], "sink": {"kind": "KeyVault", "vaultUri": street.vaults()}});
    let (mut request, secrets) = street.fleet("Runbook", &json!({"ledger": place, "options": options}))?;
    let sas = azurite.sas("racwl");
    request["ledgerSas"] = json!({"at": secrets.len(), "len": sas.len()});
    let ended = std::thread::scope(|scope| -> Result<_, Box<dyn std::error::Error>> {
        let fleet =
            scope.spawn(move || op::run(&(request, format!("{secrets}{sas}"))).map_err(|error| error.to_string()));
        // The others are done meanwhile; then its lease ends.
        while other.read(&call)?.iter().filter(|state| state.state == State::Done).count() < 2 {
            std::thread::yield_now();
        }
        held.release(&call);
        Ok(fleet.join().map_err(|_| "the fleet panicked")??)
    })?;
    ended.1?;
    assert_eq!((ended.0.count("Done"), ended.0.count("Skipped")), (3, 0), "{:?}", ended.0);
    Ok(())
}

/// One application, one key, which is the one in the vault, and whose place the ledger knows; nothing else is open.
fn check(twin: &Twin, state: &TenantState) -> TestResult {
    let all = twin.state();
    let ours = |app: &&Value| app["displayName"] == "Practice Protect Federation";
    let apps: Vec<&Value> = all["applications"].as_array().into_iter().flatten().filter(ours).collect();
    let [app] = apps[..] else { return Err(format!("{} applications", apps.len()).into()) };
    let keys: Vec<&Value> = app["passwordCredentials"].as_array().into_iter().flatten().collect();
    let [key] = keys[..] else { return Err(format!("{keys:?}: {state:?}").into()) };
    let placed: Vec<_> = state.secrets.iter().filter(|mark| mark.place.is_some() && !mark.removed).collect();
    let [mark] = placed[..] else { return Err(format!("{state:?}").into()) };
    assert_eq!(mark.key_id.map(|id| id.to_string()).as_deref(), key["keyId"].as_str());
    assert_eq!((state.state, state.orphans().count()), (State::Done, 0), "{state:?}");
    let in_vault = twin.edit_vault(|vault| vault.about("pptoken"));
    assert_eq!(in_vault["tags"]["keyId"], key["keyId"], "another key is in the vault");
    Ok(())
}
