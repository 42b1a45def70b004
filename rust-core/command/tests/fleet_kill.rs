//! A fleet whose process is killed at random points and started again: at the end each tenant is done once, with one application and
//! one key that lies in its vault, and the ledger knows where. With `PPFEDERATION_FULL` of 1,000 tenants. The same of processes that
//! share a ledger in Azure Blob Storage, with clocks that are hours apart: at each boundary of a client secret's way one ends, or sleeps until
//! its lease has ended.

#[path = "op/fleet.rs"]
#[expect(dead_code, reason = "this test needs a part of it")]
mod op;

use std::collections::BTreeMap;
use std::env;
use std::error::Error;
use std::io::Read as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use pp_base::call::Call;
use pp_base::cancel::Cancel;
use pp_base::clock::SystemClock;
use pp_base::retry::{Budget, DEFAULT_BUDGET};
use pp_base::secret::SecretText;
use pp_ledger::blob::{BlobAccess, Terms};
use pp_ledger::state::State;
use pp_ledger::{Taken, file, state::TenantState};
use pp_testing::TestResult;
use pp_testing::azurite::Azurite;
use pp_testing::clock_apart::set_apart;
use pp_testing::street::Street;
use serde_json::{Value, json};
use tempfile::tempdir;
use tenant_twin::{ErrorBody, Fault, FaultKind, On, RetryAfter, Target, Twin};
use time::Duration as Span;

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
    let states = states(azurite, &ledger)?;
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
    let other = pp_ledger::open(&place, access(), "gone", clock(), Terms::default())?.ledger;
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
        while other.read(None, &call)?.states.iter().filter(|state| state.state == State::Done).count() < 2 {
            std::thread::yield_now();
        }
        held.release(&call);
        Ok(fleet.join().map_err(|_| "the fleet panicked")??)
    })?;
    ended.1?;
    assert_eq!((ended.0.count("Done"), ended.0.count("Skipped")), (3, 0), "{:?}", ended.0);
    let begun = ended.0.objects.iter().filter(|text| text.contains("FleetBegun")).count();
    assert_eq!(begun, 3, "each once, and not while another has it");
    Ok(())
}

/// The states of a ledger at an address, by tenant.
fn states(azurite: &Azurite, place: &str) -> Result<BTreeMap<String, TenantState>, Box<dyn Error>> {
    let (cancel, budget) = (Cancel::never(), Budget::new(DEFAULT_BUDGET));
    let call = Call { cancel: &cancel, budget: &budget, log: &|_| () };
    let access = BlobAccess::Sas(SecretText::take(azurite.sas("racwl")));
    let contents = pp_ledger::read(place, Some(access), None, Arc::new(SystemClock::default()), &call)?;
    Ok(contents.states.into_iter().map(|state| (state.tenant.to_string(), state)).collect())
}

/// Where a worker ends, or sleeps: in a request whose answer it waits for.
struct Boundary {
    /// The name of the worker, too.
    name: &'static str,
    /// The request.
    on: On,
    /// Which of those.
    nth: u64,
    /// What becomes of it beside that its answer is late.
    kind: Option<FaultKind>,
    /// The worker sleeps until its lease has ended and another has the tenant.
    sleeps: bool,
    /// What there is by then: how far the ledger is, and how many keys and versions in the vault there are.
    left: (&'static str, usize, usize),
}

/// A lease of a test lasts as long as the service allows at the least.
const LEASE: u64 = 15;

fn boundaries() -> Vec<Boundary> {
    let reads = || On { target: Target::Batch, write: Some(false), ..On::default() };
    let asks = || On::call("POST", "/applications/*/addPassword");
    let puts = || On { path: Some("/vault/*".into()), write: Some(true), ..On::default() };
    let remembers = || On::call("PATCH", "/applications/*");
    let refused = || Some(FaultKind::Failed { status: 503, body: ErrorBody::Json, retry_after: RetryAfter::Absent });
    let throttled = Some(FaultKind::Throttled(RetryAfter::Seconds(1)));
    let ends = |name, on, nth, kind, left| Boundary { name, on, nth, kind, sleeps: false, left };
    let sleeps = |name, on, nth, kind, left| Boundary { name, on, nth, kind, sleeps: true, left };
    // The tenant's own sign-in, the vault's, and then that with the new secret.
    let sign_ins = || On::every(Target::Token);
    // The first read is that of the tenant's name.
    let ending = vec![
        ends("begun", reads(), 2, None, ("begun", 0, 0)),
        ends("asked-for", asks(), 1, refused(), ("asked", 0, 0)),
        ends("made", asks(), 1, None, ("asked", 1, 0)),
        ends("made-by-the-ledger", puts(), 1, refused(), ("made", 1, 0)),
        ends("in-the-vault", puts(), 1, None, ("made", 1, 1)),
        ends("placed-by-the-ledger", remembers(), 1, refused(), ("placed", 1, 1)),
        ends("remembered", remembers(), 1, None, ("placed", 1, 1)),
    ];
    let sleeping = vec![
        sleeps("sleeps-before-the-answer", asks(), 1, None, ("asked", 1, 0)),
        sleeps("sleeps-before-the-vault", sign_ins(), 3, None, ("made", 1, 0)),
        sleeps("sleeps-between-tries-of-the-vault", puts(), 1, throttled, ("made", 1, 0)),
    ];
    // Elsewhere no process can be stopped from outside.
    ending.into_iter().chain(sleeping.into_iter().filter(|_| cfg!(unix))).collect()
}

/// A process that ends with the test at the latest.
struct Worker(Child);

impl Worker {
    /// What it said, once it has ended; it must not have ended well.
    fn failed(mut self) -> Result<String, Box<dyn Error>> {
        let mut said = String::new();
        self.0.stdout.take().ok_or("no output")?.read_to_string(&mut said)?;
        if self.0.wait()?.success() { Err("it has lost its tenant, and ended well".into()) } else { Ok(said) }
    }

    fn signal(&self, name: &str) -> TestResult {
        let kill = format!("kill -{name} {}", self.0.id());
        if Command::new("sh").args(["-c", &kill]).status()?.success() { Ok(()) } else { Err(kill.into()) }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// How far the ledger is with the last secret.
fn far(state: &TenantState) -> &'static str {
    match state.secrets.last() {
        None => "begun",
        Some(secret) if secret.place.is_some() => "placed",
        Some(secret) if secret.key_id.is_some() => "made",
        Some(_) => "asked",
    }
}

#[test]
fn wherever_a_worker_ends_or_sleeps_the_next_one_has_its_tenant_once_the_lease_has_ended() -> TestResult {
    // Where there is no Azurite, build.ps1 Test says so.
    let Some(azurite) = Azurite::shared()? else { return Ok(()) };
    let boundaries = boundaries();
    let (street, folder) = (Street::of(u64::try_from(boundaries.len())?)?, tempdir()?);
    let (ledger, sas) = (azurite.ledger("boundaries"), azurite.sas("racwl"));
    let options =
        json!({"skip": ["DirSync"], "newSecret": true, "sink": {"kind": "KeyVault", "vaultUri": street.vaults()}});
    let more = json!({"ledger": ledger, "options": options, "retryBudgetSeconds": 4, "leaseSeconds": LEASE});
    let (mut request, secrets) = street.fleet("Runbook", &more)?;
    request["ledgerSas"] = json!({"at": secrets.len(), "len": sas.len()});
    let block = format!("{secrets}{sas}");
    let mut at_work = Vec::new();
    let apart = [-5, -1, 0, 2, 7].map(Span::hours);
    for ((boundary, twin), by) in boundaries.iter().zip(&street.tenants).zip(apart.into_iter().cycle()) {
        let Boundary { name, on, nth, kind, sleeps, .. } = boundary;
        // One that sleeps has its answer soon after.
        let late = FaultKind::Delayed(Duration::from_secs(if *sleeps { 10 } else { 60 }));
        for kind in kind.iter().chain([&late]) {
            twin.add_fault(Fault::new(on.clone(), kind.clone()).nth(*nth));
        }
        let (mut own, path) = (request.clone(), folder.path().join(name));
        (own["worker"], own["only"]) = (json!(name), json!([twin.tenant_id()]));
        std::fs::write(&path, serde_json::to_string(&(own, &block))?)?;
        let mut command = Command::new(env::current_exe()?);
        command.args(["--exact", "child"]).env(REQUEST, path).stdout(Stdio::piped()).stderr(Stdio::null());
        set_apart(&mut command, by, folder.path())?;
        at_work.push((boundary, twin, Worker(command.spawn()?)));
    }
    let mut asleep = Vec::new();
    while !at_work.is_empty() {
        let (there, others): (Vec<_>, Vec<_>) = at_work.into_iter().partition(|(_, twin, _)| twin.faults_shown() > 0);
        for (boundary, _, worker) in there {
            if boundary.sleeps {
                worker.signal("STOP")?;
                asleep.push((boundary, worker));
            }
        }
        at_work = others;
        for (boundary, _, worker) in &mut at_work {
            assert!(worker.0.try_wait()?.is_none(), "{} has ended before", boundary.name);
        }
        std::thread::yield_now();
    }
    let left = states(azurite, &ledger)?;
    let in_use = |twin: &Twin| twin.edit_vault(|vault| vault.about("pptoken"))["tags"]["keyId"].clone();
    let before: Vec<Value> = street.tenants.iter().map(in_use).collect();
    for (boundary, twin) in boundaries.iter().zip(&street.tenants) {
        let state = left.get(twin.tenant_id()).ok_or("a tenant that the ledger doesn't know")?;
        let versions = twin.edit_vault(|vault| vault.versions("pptoken"));
        assert_eq!((far(state), keys(twin), versions), boundary.left, "{}: {state:?}", boundary.name);
        assert_eq!((state.state, state.worker.as_deref()), (State::Begun, Some(boundary.name)));
        // Whoever comes next comes later than what a replica may lag.
        twin.advance(Duration::from_mins(1));
    }
    let (said, ended) = op::run(&(request, block))?;
    ended?;
    assert_eq!(said.count("Done"), boundaries.len(), "{said:?}");
    for ((boundary, twin), before) in boundaries.iter().zip(&street.tenants).zip(before) {
        assert!(before.is_null() || before == in_use(twin), "{}: what was in the vault may be in use", boundary.name);
    }
    let all_done = || -> TestResult {
        let states = states(azurite, &ledger)?;
        for (boundary, twin) in boundaries.iter().zip(&street.tenants) {
            let state = states.get(twin.tenant_id()).ok_or("a tenant that the ledger doesn't know")?;
            check(twin, state).map_err(|error| format!("{}: {error}", boundary.name))?;
            assert_eq!(state.tries, 2, "{}", boundary.name);
        }
        Ok(())
    };
    all_done()?;
    for (_, worker) in &asleep {
        worker.signal("CONT")?;
    }
    for (boundary, worker) in asleep {
        let said = worker.failed()?;
        // One that wakes up before the ledger has its secret may take the answer for lost.
        let withheld = said.contains("PPFederation.SecretNotPlaced");
        assert!(withheld || boundary.left.0 == "asked", "{}: {said}", boundary.name);
    }
    all_done()
}

/// How many keys the runbook's application has.
fn keys(twin: &Twin) -> usize {
    let state = twin.state();
    let apps = state["applications"].as_array().into_iter().flatten();
    let ours = apps.filter(|app| app["displayName"] == "Practice Protect Federation");
    ours.flat_map(|app| app["passwordCredentials"].as_array().into_iter().flatten()).count()
}

/// One application, one key, which is the one in the vault, whose place the ledger knows, and which the tenant remembers; nothing else
/// is open.
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
    let key_id = key["keyId"].as_str().ok_or("no key id")?;
    let mut tags = app["tags"].as_array().into_iter().flatten().filter_map(Value::as_str);
    assert!(tags.any(|tag| tag.contains(key_id)), "the tenant doesn't remember {key_id}: {app}");
    Ok(())
}
