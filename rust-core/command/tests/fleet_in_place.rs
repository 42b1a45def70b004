//! Taking up a tenant whose client secret lies where it was to go, or may, while its ledger doesn't say so: what may be in use is never
//! removed.

#[path = "op/fleet.rs"]
mod op;

use std::error::Error;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, SystemTime};

use pp_base::cancel::CancelSource;
use pp_ledger::file;
use pp_ledger::state::{State, TenantState};
use pp_report::error::OpError;
use pp_run::unclaimed;
use pp_testing::TestResult;
use pp_testing::street::Street;
use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};
use tenant_twin::{Fault, FaultKind, On, Options, Twin, VaultAccess};

const PLACED: &str = "practice-protect-federation:placed:";

/// One tenant, and a ledger.
struct Case {
    street: Street,
    folder: TempDir,
}

impl Case {
    /// Each has a seed of its own: a session knows secrets by their ids.
    fn of(seed: u64) -> Result<Self, Box<dyn Error>> {
        let street = Street::with(1, &Options { seed, ..Options::default() })?;
        Ok(Self { street, folder: tempdir()? })
    }

    fn twin(&self) -> &Twin {
        &self.street.tenants[0]
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A fleet's request with the vault as its sink and these options beside it.
    fn request(&self, action: &str, options: Value) -> Result<(Value, String), Box<dyn Error>> {
        let mut all = options;
        if all["sink"].is_null() {
            all["sink"] = json!({"kind": "KeyVault", "vaultUri": self.street.vaults()});
        }
        let ledger = self.path("ledger.jsonl");
        // Nothing lags here: nobody waits for looks that agree.
        let more = json!({"ledger": ledger, "options": all, "retryFailed": true, "retryBudgetSeconds": 0});
        self.street.fleet(action, &more)
    }

    /// The row of the tenant, where that ended so.
    fn run(&self, request: &(Value, String), result: &str) -> Result<String, Box<dyn Error>> {
        let (said, ended) = op::run(request)?;
        ended?;
        let row = said.row(self.twin().tenant_id())?.to_owned();
        if said.count(result) == 1 { Ok(row) } else { Err(format!("not {result}: {row}").into()) }
    }

    fn state(&self) -> Result<TenantState, Box<dyn Error>> {
        Ok(file::read(&self.path("ledger.jsonl"))?.states.pop().ok_or("no tenant")?)
    }

    /// Leaves what a process leaves that ends before these lines are written.
    fn without(&self, events: &[&str]) -> TestResult {
        let ends = |line: &&str| events.iter().any(|event| line.contains(&format!(r#""event":"{event}""#)));
        let lines = std::fs::read_to_string(self.path("ledger.jsonl"))?;
        let left: Vec<&str> = lines.lines().filter(|line| !ends(line)).collect();
        Ok(std::fs::write(self.path("ledger.jsonl"), left.join("\n") + "\n")?)
    }

    /// What a process leaves that is killed once its sink has the newest secret: neither the ledger nor the tenant knows that. The next comes
    /// later than such a secret may be on its way.
    fn killed(&self) -> Result<String, Box<dyn Error>> {
        self.without(&["secretPlaced", "done"])?;
        let key_id = self.state()?.secrets.last().and_then(|mark| mark.key_id).ok_or("no secret")?.to_string();
        let app = self.app()?;
        let tags: Vec<&str> = app["tags"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let tags: Vec<&str> = tags.into_iter().filter(|tag| !tag.contains(&key_id)).collect();
        let id = app["id"].as_str().ok_or("no id")?;
        self.twin().edit(|directory| directory.set("applications", id, "tags", &json!(tags)));
        self.twin().advance(Duration::from_mins(1));
        Ok(key_id)
    }

    /// The runbook's application.
    fn app(&self) -> Result<Value, Box<dyn Error>> {
        let state = self.twin().state();
        let mut apps = state["applications"].as_array().into_iter().flatten();
        Ok(apps.find(|app| app["displayName"] == "Practice Protect Federation").cloned().ok_or("no application")?)
    }

    /// The ids of its secrets.
    fn keys(&self) -> Result<Vec<String>, Box<dyn Error>> {
        let app = self.app()?;
        let secrets = app["passwordCredentials"].as_array().into_iter().flatten();
        Ok(secrets.filter_map(|secret| Some(secret["keyId"].as_str()?.to_owned())).collect())
    }

    /// The key of the newest version in the vault.
    fn in_vault(&self) -> String {
        let about = self.twin().edit_vault(|vault| vault.about("pptoken"));
        about["tags"]["keyId"].as_str().unwrap_or_default().to_owned()
    }

    /// The secret is in place, and the ledger and the tenant know that.
    fn in_place(&self, key_id: &str) -> TestResult {
        assert!(self.keys()?.iter().any(|key| key == key_id), "what the vault has was removed");
        let state = self.state()?;
        let mark = state.secrets.last().ok_or("no secret")?;
        assert!(mark.place.as_deref().unwrap_or_default().contains("/secrets/pptoken/"), "{state:?}");
        assert_eq!((mark.key_id.map(|id| id.to_string()).as_deref(), state.state), (Some(key_id), State::Done));
        assert!(
            self.app()?["tags"].to_string().contains(&format!("{PLACED}{key_id}:")),
            "the tenant remembers it, too"
        );
        Ok(())
    }

    /// The secret is where it was, and somebody has to say what it is.
    fn left_alone(&self, key_id: &str, row: &str) -> TestResult {
        assert!(row.contains(&format!("Update-PPClientSecret -Complete -KeyId {key_id}")), "{row}");
        assert!(self.keys()?.iter().any(|key| key == key_id), "it may be in use: {row}");
        let state = self.state()?;
        let mark = state.secrets.last().ok_or("no secret")?;
        assert_eq!((state.state, mark.place.as_ref(), mark.removed), (State::Open, None, false), "{state:?}");
        Ok(())
    }
}

fn runbook() -> Value {
    json!({"skip": ["DirSync"]})
}

#[test]
fn what_lies_in_its_vault_is_in_place_though_the_ledger_does_not_say_so() -> TestResult {
    let without_secret = json!({"skip": ["DirSync", "ClientSecret"]});
    let elsewhere = |case: &Case| json!({"kind": "KeyVault", "vaultUri": case.street.vaults(), "secretName": "other"});
    for (seed, lost) in [(20, "secretPlaced"), (21, "secretMade"), (22, "secretPlaced"), (23, "secretPlaced")] {
        let case = Case::of(seed)?;
        case.run(&case.request("Runbook", runbook())?, "Done")?;
        let key_id = case.killed()?;
        case.without(&[lost])?;
        let options = match seed {
            22 => without_secret.clone(),
            23 => json!({"skip": ["DirSync"], "sink": elsewhere(&case)}),
            _ => runbook(),
        };
        case.run(&case.request("Runbook", options)?, "Done")?;
        assert_eq!((case.keys()?, case.in_vault()), (vec![key_id.clone()], key_id.clone()), "{seed}");
        assert_eq!(case.twin().edit_vault(|vault| (vault.versions("pptoken"), vault.versions("other"))), (1, 0));
        case.in_place(&key_id)?;
    }
    Ok(())
}

#[test]
fn a_rotation_that_is_no_longer_due_removes_nothing_that_its_vault_has() -> TestResult {
    let case = Case::of(24)?;
    let mut first = case.request("Runbook", runbook())?;
    first.0["ledger"] = json!(case.path("first.jsonl"));
    case.run(&first, "Done")?;
    case.twin().advance(Duration::from_mins(1));
    let week = 7 * 86_400;
    case.run(&case.request("Rotate", json!({"overlapSeconds": week}))?, "Done")?;
    let key_id = case.killed()?;
    assert_eq!((case.keys()?.len(), case.in_vault()), (2, key_id.clone()));
    case.run(&case.request("Rotate", json!({"overlapSeconds": week, "renewWithinSeconds": week}))?, "Done")?;
    assert_eq!((case.keys()?.len(), case.in_vault()), (2, key_id.clone()));
    case.in_place(&key_id)
}

#[test]
fn a_rotation_of_what_is_due_alone_leaves_a_secret_that_may_have_been_entered_by_hand_and_says_so() -> TestResult {
    let case = Case::of(25)?;
    let mut first = case.request("Runbook", runbook())?;
    first.0["ledger"] = json!(case.path("first.jsonl"));
    case.run(&first, "Done")?;
    // The tenant knows of no place.
    let id = case.app()?["id"].as_str().ok_or("no id")?.to_owned();
    case.twin().edit(|directory| directory.set("applications", &id, "tags", &json!([])));
    let by_hand = case.keys()?;
    let when_due = case.request("Rotate", json!({"overlapSeconds": 0, "renewWithinSeconds": 30 * 86_400}))?;
    let mut plan = when_due.clone();
    plan.0["plan"] = json!(true);
    for request in [&plan, &when_due, &when_due] {
        let row = case.run(request, "Open")?;
        assert!(row.contains(&format!("PPToken {}", by_hand[0])), "{row}");
        assert!(row.contains("Update-PPClientSecret -Complete -KeyId"), "{row}");
        case.twin().advance(Duration::from_hours(8 * 24));
    }
    assert_eq!((case.keys()?, case.twin().edit_vault(|vault| vault.versions("pptoken"))), (by_hand.clone(), 1));
    assert_eq!(case.state()?.state, State::Open);
    // Asked for in any case it is replaced.
    case.run(&case.request("Rotate", json!({"overlapSeconds": 0}))?, "Done")?;
    let keys = case.keys()?;
    assert!(keys.len() == 1 && keys != by_hand, "{keys:?}");
    Ok(())
}

#[test]
fn what_may_lie_in_its_vault_is_left_alone_until_that_is_known() -> TestResult {
    type Spoils = fn(&mut tenant_twin::Vault);
    let spoils: [Spoils; 4] = [
        // Somebody has edited the tags onto another text, and onto one that begins as the secret does.
        |vault| retext(vault, |_| "another".to_owned()),
        |vault| retext(vault, |text| format!("{}another", text.get(..3).unwrap_or_default())),
        |vault| vault.set_access(VaultAccess::NoRole),
        |vault| vault.set_attributes("pptoken", &json!({"enabled": false})),
    ];
    for (seed, spoil) in (30..).zip(spoils) {
        let case = Case::of(seed)?;
        let request = case.request("Runbook", runbook())?;
        case.run(&request, "Done")?;
        let key_id = case.killed()?;
        let text = case.twin().edit_vault(|vault| vault.text("pptoken").map(str::to_owned)).ok_or("no text")?;
        case.twin().edit_vault(spoil);
        let row = case.run(&request, "Open")?;
        case.left_alone(&key_id, &row)?;
        assert!(row.contains("whether it lies there is not known"), "{row}");
        case.twin().edit_vault(|vault| {
            vault.set_access(VaultAccess::Officer);
            vault.set_attributes("pptoken", &json!({"enabled": true}));
            retext(vault, |_| text.clone());
        });
        case.run(&request, "Done")?;
        case.in_place(&key_id)?;
    }
    Ok(())
}

/// A newer version of another text, with the tags of the one before.
fn retext(vault: &mut tenant_twin::Vault, text: impl Fn(&str) -> String) {
    let (tags, text) = (vault.about("pptoken")["tags"].clone(), text(vault.text("pptoken").unwrap_or_default()));
    vault.add_secret("pptoken", &text, &tags);
}

/// The runbook on the machine HERE, with this file as its sink.
fn sealed(case: &Case, path: &Path) -> Result<(Value, String), Box<dyn Error>> {
    let recipient = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/op/recipient.pem");
    let sink = json!({"kind": "SealedFile", "path": path, "certificatePath": recipient});
    let mut request = case.request("Runbook", json!({"skip": ["DirSync"], "sink": sink}))?;
    request.0["machine"] = json!("HERE");
    Ok(request)
}

#[test]
fn a_sealed_file_that_was_written_since_may_hold_the_secret() -> TestResult {
    let case = Case::of(40)?;
    let path = case.path("secret.cms");
    let request = sealed(&case, &path)?;
    case.run(&request, "Done")?;
    let (key_id, sealed) = (case.killed()?, std::fs::read_to_string(&path)?);
    let row = case.run(&request, "Open")?;
    case.left_alone(&key_id, &row)?;
    assert!(row.contains("secret.cms") && std::fs::read_to_string(&path)? == sealed, "{row}");
    // One that was there before is not it.
    File::options().write(true).open(&path)?.set_modified(SystemTime::now() - Duration::from_hours(1))?;
    case.run(&request, "Done")?;
    let anew = case.keys()?;
    assert!(anew.len() == 1 && anew[0] != key_id && std::fs::read_to_string(&path)? != sealed, "{anew:?} {key_id}");
    Ok(())
}

#[test]
fn a_sealed_file_of_another_machine_is_not_looked_for_on_this_one() -> TestResult {
    // By the ledger, on which machine it would lie; and what is at its path here.
    for (seed, machine, here) in [(41, r#""THERE""#, false), (42, r#""THERE""#, true), (43, "null", false)] {
        let case = Case::of(seed)?;
        let path = case.path("secret.cms");
        let request = sealed(&case, &path)?;
        case.run(&request, "Done")?;
        let key_id = case.killed()?;
        let lines = std::fs::read_to_string(case.path("ledger.jsonl"))?;
        let of_it = lines.replace(r#""machine":"HERE""#, &format!(r#""machine":{machine}"#));
        assert_ne!(of_it, lines);
        std::fs::write(case.path("ledger.jsonl"), of_it)?;
        if here {
            File::options().write(true).open(&path)?.set_modified(SystemTime::now() - Duration::from_hours(1))?;
        } else {
            std::fs::remove_file(&path)?;
        }
        let row = case.run(&request, "Open")?;
        case.left_alone(&key_id, &row)?;
        assert!(row.contains("secret.cms") && row.contains("machine"), "{row}");
    }
    Ok(())
}

/// Stops a fleet once the vault has taken the secret, which is under way to that for the fleet: its key id.
fn stopped(case: &Case, request: &(Value, String)) -> Result<String, Box<dyn Error>> {
    let twin = case.twin();
    let on = On { path: Some("/vault/secrets/*".into()), write: Some(true), ..On::default() };
    twin.add_fault(Fault::new(on, FaultKind::Delayed(Duration::from_secs(5))));
    let (source, cancel) = CancelSource::new();
    let (said, ended) = thread::scope(|scope| {
        let run = scope.spawn(|| op::run_until(request, cancel, |_text| ()).map_err(|error| error.to_string()));
        while twin.edit_vault(|vault| vault.text("pptoken").is_none()) && !run.is_finished() {
            thread::yield_now();
        }
        source.cancel();
        run.join().map_err(|_| "the fleet panicked")?
    })?;
    assert!(matches!(ended, Err(OpError::Cancelled(_))), "{ended:?} {said:?}");
    let made = case.keys()?;
    let [key_id] = &made[..] else { return Err(format!("{made:?}").into()) };
    Ok(key_id.clone())
}

#[test]
fn a_secret_that_its_vault_has_taken_when_the_fleet_is_stopped_is_in_place() -> TestResult {
    for (seed, same_session) in [(50, false), (51, true)] {
        let case = Case::of(seed)?;
        let request = case.request("Runbook", runbook())?;
        let key_id = stopped(&case, &request)?;
        if same_session {
            // Its text says all, whatever became of the tags.
            case.twin().edit_vault(|vault| {
                let text = vault.text("pptoken").unwrap_or_default().to_owned();
                vault.add_secret("pptoken", &text, &Value::Null);
            });
        } else {
            unclaimed::claim(&key_id);
        }
        case.run(&request, "Done")?;
        assert_eq!(case.keys()?, std::slice::from_ref(&key_id));
        case.in_place(&key_id)?;
        assert!(unclaimed::find(&key_id).is_none(), "it is claimed");
    }
    Ok(())
}

#[test]
fn one_of_a_fleet_that_was_stopped_is_left_alone_where_its_vault_has_a_newer_one() -> TestResult {
    for (seed, same_session) in [(52, false), (53, true)] {
        let case = Case::of(seed)?;
        let request = case.request("Runbook", runbook())?;
        let key_id = stopped(&case, &request)?;
        if !same_session {
            unclaimed::claim(&key_id);
        }
        case.twin().edit_vault(|vault| vault.add_secret("pptoken", "of somebody else", &Value::Null));
        let row = case.run(&request, "Open")?;
        case.left_alone(&key_id, &row)?;
        assert_eq!(unclaimed::claim(&key_id), same_session);
    }
    Ok(())
}

#[test]
fn that_a_secret_is_with_a_session_is_written_once_the_ledger_takes_it() -> TestResult {
    let case = Case::of(60)?;
    let request = case.request("Runbook", runbook())?;
    case.twin().edit_vault(|vault| vault.set_access(VaultAccess::User));
    case.run(&request, "Failed")?;
    // The disk was full.
    case.without(&["secretMade", "secretUnclaimed", "failed"])?;
    case.twin().edit_vault(|vault| vault.set_access(VaultAccess::Officer));
    case.twin().advance(Duration::from_mins(1));
    let made = case.keys()?;
    let [key_id] = &made[..] else { return Err(format!("{made:?}").into()) };
    // While this session holds it; then a person has taken it out, and another session runs.
    for held in [true, false] {
        assert_eq!(unclaimed::find(key_id).is_some(), held);
        let row = case.run(&request, "Open")?;
        case.left_alone(key_id, &row)?;
        assert!(case.state()?.secrets.iter().all(|mark| mark.unclaimed), "another session can't know it otherwise");
        unclaimed::claim(key_id);
    }
    Ok(())
}

#[test]
fn a_secret_that_nobody_has_is_removed_once_its_application_is_restored() -> TestResult {
    let case = Case::of(70)?;
    case.twin().edit_vault(|vault| vault.set_access(VaultAccess::User));
    case.run(&case.request("Runbook", runbook())?, "Failed")?;
    case.twin().edit_vault(|vault| vault.set_access(VaultAccess::Officer));
    // The process was killed after it had the secret, and somebody has deleted the half-done application.
    case.without(&["secretUnclaimed", "failed"])?;
    let lost = case.keys()?.pop().ok_or("no secret")?;
    unclaimed::claim(&lost);
    let id = case.app()?["id"].as_str().ok_or("no id")?.to_owned();
    case.twin().edit(|directory| directory.delete_application(&id));
    case.twin().advance(Duration::from_mins(1));
    let request = case.request("Runbook", json!({"skip": ["DirSync"], "deletedApp": "Restore"}))?;
    let row = case.run(&request, "Open")?;
    assert!(row.contains("may be there again"), "{row}");
    assert_eq!(case.keys()?, std::slice::from_ref(&lost), "it came back");
    assert!(case.state()?.secrets.iter().all(|mark| !mark.removed), "the ledger must not say otherwise");
    case.run(&request, "Done")?;
    assert_eq!(case.keys()?, [case.in_vault()]);
    assert_ne!(case.in_vault(), lost);
    Ok(())
}
