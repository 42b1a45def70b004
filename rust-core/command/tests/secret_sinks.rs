//! What becomes of a new secret that is to take another's place, where it can't sign in from here or its sink doesn't take it: none
//! is left that works and that nobody has, where nobody is there to put it in place.

mod op;

use std::error::Error;
#[cfg(unix)]
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use op::{Events, events, of};
use pp_command::event::Kind;
use pp_run::connection::open;
use pp_run::unclaimed;
use pp_runbook::step::StepName;
use pp_runbook::wanted::{DEFAULT_DISPLAY_NAME, Wanted};
use pp_testing::shape::secrets;
use pp_testing::{Tenant, TestResult};
use serde_json::{Value, json};
use tenant_twin::{ErrorBody, Fault, FaultKind, On, Options, RetryAfter, Target, Twin, VaultAccess};

/// A tenant with a secret, and the number of a connection to it. Each has ids of its own: what is unclaimed belongs to the process, which the
/// tests share.
fn started() -> Result<(Arc<Twin>, u64), Box<dyn Error>> {
    static SEED: AtomicU64 = AtomicU64::new(1);
    let seed = SEED.fetch_add(1, Ordering::Relaxed);
    let options = Options { seed, users: 1, groups: 0, contacts: 0, latency: Duration::ZERO, ..Options::default() };
    let tenant = Tenant::start(&options)?;
    tenant.apply(&Wanted { steps: StepName::ALL[1..].to_vec(), ..Wanted::everything() })?;
    Ok((Arc::clone(&tenant.twin), open(tenant.connection)?))
}

/// Makes another secret; without a sink it stays unclaimed.
fn another(connection: u64, sink: &Value) -> Result<Events, Box<dyn Error>> {
    events(
        &json!({"op": "apply", "connection": connection, "steps": ["ClientSecret"], "newSecret": true, "sink": sink}),
    )
}

fn vault(twin: &Twin, take_back: bool) -> Value {
    json!({"kind": "KeyVault", "vaultUri": twin.vault(), "takeBack": take_back})
}

/// Key ids of the secrets PPToken.
fn key_ids(twin: &Twin) -> Vec<String> {
    let state = twin.state();
    let apps = state["applications"].as_array().into_iter().flatten();
    apps.flat_map(secrets).filter_map(|secret| secret["keyId"].as_str().map(str::to_owned)).collect()
}

/// Key ids of those that are there now and weren't before.
fn new_ones(twin: &Twin, before: &[String]) -> Vec<String> {
    key_ids(twin).into_iter().filter(|id| !before.contains(id)).collect()
}

fn in_vault(twin: &Twin) -> Value {
    twin.edit_vault(|vault| vault.about("pptoken"))["tags"]["keyId"].clone()
}

/// Deactivates the application, or activates it again.
fn deactivate(twin: &Twin, is_disabled: bool) -> TestResult {
    let state = twin.state();
    let ours = |app: &&Value| app["displayName"] == DEFAULT_DISPLAY_NAME;
    let app = state["applications"].as_array().into_iter().flatten().find(ours).ok_or("no application")?;
    let id = app["id"].as_str().ok_or("no id")?;
    twin.edit(|directory| directory.set("applications", id, "isDisabled", &json!(is_disabled)));
    Ok(())
}

#[test]
fn one_that_conditional_access_alone_keeps_from_signing_in_here_is_put_in_place_with_a_warning() -> TestResult {
    for code in [53003, 530_032] {
        let (twin, connection) = started()?;
        let before = key_ids(&twin);
        twin.block_workload_identities(Some(code));
        let (said, ended) = another(connection, &vault(&twin, true))?;
        ended?;
        assert_eq!(of(&said, Kind::Error), "", "{code}");
        let made = new_ones(&twin, &before);
        assert_eq!((made.len(), in_vault(&twin)), (1, json!(made[0])), "{code}");
        let warned = of(&said, Kind::Warning);
        assert!(warned.contains("it is right, but Conditional Access"), "{code}: {warned}");
        let due = json!({"op": "rotation", "connection": connection, "overlapSeconds": 604_800, "renewWithinSeconds": 2_592_000});
        let (rotation, ended) = op::run(&due)?;
        ended?;
        assert!(rotation.contains(r#"<B N="Due">false</B>"#), "{code}: {rotation}");
    }
    Ok(())
}

#[test]
fn one_that_is_unclaimed_is_saved_where_conditional_access_alone_is_in_the_way() -> TestResult {
    let (twin, connection) = started()?;
    let before = key_ids(&twin);
    twin.block_workload_identities(Some(53003));
    another(connection, &Value::Null)?.1?;
    let made = new_ones(&twin, &before);
    let save = json!({"op": "saveSecret", "connection": connection, "keyId": made[0], "sink": vault(&twin, false)});
    deactivate(&twin, true)?;
    let (_, refused) = events(&save)?;
    assert!(format!("{refused:?}").contains("it doesn't sign in"), "{refused:?}");
    assert_eq!(in_vault(&twin), Value::Null);
    deactivate(&twin, false)?;
    let (said, ended) = events(&save)?;
    ended?;
    assert_eq!(in_vault(&twin), json!(made[0]));
    assert!(of(&said, Kind::Warning).contains("it is right, but Conditional Access"), "{said:?}");
    assert!(unclaimed::find(&made[0]).is_none());
    Ok(())
}

#[test]
fn one_that_its_sink_surely_has_not_got_is_taken_back_where_nobody_is_there_for_it() -> TestResult {
    for (deactivated, take_back) in [(true, true), (true, false), (false, true), (false, false)] {
        let (twin, connection) = started()?;
        let before = key_ids(&twin);
        if deactivated {
            deactivate(&twin, true)?;
        } else {
            twin.edit_vault(|vault| vault.set_access(VaultAccess::User));
        }
        let (said, ended) = another(connection, &vault(&twin, take_back))?;
        ended?;
        let (error, row) = (of(&said, Kind::Error), of(&said, Kind::Objects));
        assert!(
            error.contains("PPFederation.SecretNotPlaced") && row.contains(r#"<S N="Result">Failed</S>"#),
            "{error}"
        );
        let made = new_ones(&twin, &before);
        assert_eq!(error.contains("taken back"), take_back, "{error}");
        if take_back {
            assert!(made.is_empty() && row.contains(r#"<S N="ClientSecretResult">NotDone</S>"#), "{made:?} {row}");
            assert!(row.contains("was taken back") && !row.contains("Unclaimed"), "{row}");
        } else {
            assert_eq!(made.len(), 1);
            assert!(unclaimed::claim(&made[0]), "the caller can put it in place");
        }
    }
    Ok(())
}

#[test]
fn one_that_its_sink_may_have_got_is_never_taken_back() -> TestResult {
    let (twin, connection) = started()?;
    let before = key_ids(&twin);
    // Written, and not to be read back.
    let on = On {
        target: Target::Request,
        method: Some("GET".into()),
        path: Some("*/secrets/pptoken/*".into()),
        write: None,
    };
    let refused = FaultKind::Failed { status: 403, body: ErrorBody::Json, retry_after: RetryAfter::Absent };
    twin.add_fault(Fault::new(on, refused).for_ever());
    let (said, ended) = another(connection, &vault(&twin, true))?;
    ended?;
    let error = of(&said, Kind::Error);
    assert!(error.contains("PPFederation.SecretNotPlaced") && !error.contains("taken back"), "{error}");
    let made = new_ones(&twin, &before);
    assert_eq!(in_vault(&twin), json!(made[0]), "whoever reads the vault gets one that works");
    assert!(unclaimed::claim(&made[0]));
    Ok(())
}

/// Names the folder, in a process of a user who may not read it.
#[cfg(unix)]
const DROP_BOX: &str = "PPFEDERATION_TEST_DROP_BOX";

/// Puts another secret into a file there.
#[cfg(unix)]
fn into_drop_box(folder: &Path) -> TestResult {
    assert!(std::fs::read_dir(folder).is_err(), "it may be read");
    let (twin, connection) = started()?;
    let before = key_ids(&twin);
    let certificate: String = include_str!("op/recipient.pem").lines().filter(|line| !line.starts_with('-')).collect();
    let path = folder.join("secret.cms");
    let sink = json!({"kind": "SealedFile", "path": path, "certificate": certificate, "takeBack": true});
    let (said, ended) = another(connection, &sink)?;
    ended?;
    assert_eq!(of(&said, Kind::Error), "");
    assert!(path.is_file());
    assert_eq!(new_ones(&twin, &before).len(), 1, "what is in the file works");
    Ok(())
}

#[cfg(unix)]
#[test]
fn a_folder_that_may_be_written_and_not_read_takes_a_secret() -> TestResult {
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
    use std::os::unix::process::CommandExt as _;
    /// Whom nothing belongs to.
    const NOBODY: u32 = 65534;

    if let Some(folder) = std::env::var_os(DROP_BOX) {
        return into_drop_box(Path::new(&folder));
    }
    let folder = tempfile::tempdir()?;
    let own = std::env::current_exe()?;
    // Whoever it runs as, the program may lie in a folder that is not theirs.
    let program = if cfg!(target_os = "linux") { Path::new("/proc/self/exe") } else { &own };
    let mut child = std::process::Command::new(program);
    child.args(["--exact", "a_folder_that_may_be_written_and_not_read_takes_a_secret"]).env(DROP_BOX, folder.path());
    if folder.path().metadata()?.uid() == 0 {
        // Root may read any folder.
        chown(folder.path(), Some(NOBODY), Some(NOBODY))?;
        child.uid(NOBODY).gid(NOBODY);
    }
    set_permissions(folder.path(), Permissions::from_mode(0o300))?;
    let ended = child.output()?;
    set_permissions(folder.path(), Permissions::from_mode(0o700))?;
    let said = String::from_utf8_lossy(&ended.stdout);
    assert!(ended.status.success() && said.contains("1 passed"), "{said}");
    Ok(())
}
