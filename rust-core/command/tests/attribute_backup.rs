//! A backup of attributes is what the tenant has, whole or not there; one that was stopped is taken up; and only what was written, for
//! this tenant, is put back.

mod op;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use pp_attributes::account::{Account, Change};
use pp_attributes::backup::verify;
use pp_command::event::Kind;
use pp_report::error::OpError;
use pp_run::connection::open;
use pp_runbook::sign_in_needs::delegated_and_restoring;
use pp_runbook::step::StepName;
use pp_sign_in::Credential;
use pp_sign_in::user::{COMMAND_LINE_TOOLS, User};
use pp_testing::person::{self, BROWSER};
use pp_testing::{TestResult, connect, connect_by};
use serde_json::{Value, json};
use tempfile::TempDir;
use tenant_twin::{ErrorBody, Fault, FaultKind, On, Options, Person, RetryAfter, SignInSettings, Twin};

/// Three pages by the delta query.
const USERS: u32 = 210;

struct Case {
    twin: Arc<Twin>,
    connection: u64,
    folder: TempDir,
}

fn options(users: u32) -> Options {
    Options { users, latency: Duration::ZERO, ..Options::default() }
}

impl Case {
    fn start(options: &Options) -> Result<Self, Box<dyn Error>> {
        let twin = Arc::new(Twin::start(options)?);
        let connection = open(connect(&twin, "admin")?)?;
        Ok(Self { twin, connection, folder: TempDir::new()? })
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("users.jsonl")
    }

    fn partial(&self) -> PathBuf {
        self.folder.path().join("users.jsonl.partial")
    }

    /// What was set aside, in its order.
    fn kept(&self) -> Vec<PathBuf> {
        let named = |number| self.folder.path().join(format!("users.jsonl.partial-{number}"));
        (1..10).map(named).take_while(|path| path.exists()).collect()
    }

    fn backup(&self, force: bool) -> Result<(String, Result<(), OpError>), Box<dyn Error>> {
        op::run(&json!({"op": "backupAttributes", "connection": self.connection, "path": self.path(), "force": force}))
    }

    fn restore(&self, more: &Value, kind: Kind) -> Result<(String, Result<(), OpError>), Box<dyn Error>> {
        let mut request = json!({"op": "restoreAttributes", "connection": self.connection, "path": self.path()});
        for (name, value) in more.as_object().into_iter().flatten() {
            request[name] = value.clone();
        }
        op::told(&request, kind)
    }

    /// A backup that stopped after its first page.
    fn stopped() -> Result<Self, Box<dyn Error>> {
        let case = Self::start(&options(USERS))?;
        let down = FaultKind::Failed { status: 503, body: ErrorBody::Html, retry_after: RetryAfter::Absent };
        // The first two are for the number of users and the first page.
        case.twin.add_fault(Fault::new(On::call("GET", "/users*"), down).nth(3).for_ever());
        let (_, ended) = case.backup(false)?;
        assert!(ended.is_err(), "it went on while the service was down");
        case.twin.clear_faults();
        assert!(!case.path().exists() && case.partial().exists());
        Ok(case)
    }
}

fn users(path: &Path) -> Result<Vec<Account>, Box<dyn Error>> {
    let mut users = Vec::new();
    verify(fs::read(path)?.as_slice(), |_, change| {
        if let Change::Is(user) = change {
            users.push(user);
        }
    })?;
    Ok(users)
}

fn id(ended: Result<(), OpError>) -> Result<&'static str, Box<dyn Error>> {
    match ended {
        Err(OpError::Failed(report)) => Ok(report.id),
        other => Err(format!("no error: {other:?}").into()),
    }
}

#[test]
fn all_users_are_in_it_for_the_owner_alone_and_nothing_is_overwritten() -> TestResult {
    let case = Case::start(&options(USERS))?;
    let (row, ended) = case.backup(false)?;
    ended?;
    assert!(row.contains(&format!(">{USERS}<")), "{row}");
    let found = users(&case.path())?;
    assert_eq!(found.len(), USERS as usize);
    for user in found.iter().step_by(70) {
        let is = case.twin.edit(|directory| directory.get("users", &user.id)).ok_or("no such user")?;
        assert_eq!(json!(user.mail), is["mail"]);
        assert_eq!(json!(user.on_premises_immutable_id), is["onPremisesImmutableId"]);
        assert_eq!(json!(user.proxy_addresses), is["proxyAddresses"]);
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(case.path())?.permissions().mode() & 0o777, 0o600);
    }
    assert!(!case.partial().exists());
    let before = fs::read(case.path())?;
    assert_eq!(id(case.backup(false)?.1)?, "PPFederation.BackupFileExists");
    assert_eq!(fs::read(case.path())?, before);
    case.backup(true)?.1?;
    Ok(())
}

#[test]
fn one_that_was_stopped_is_taken_up_where_it_stopped() -> TestResult {
    let case = Case::stopped()?;
    // Torn in the middle of a line.
    let mut torn = fs::read(case.partial())?;
    torn.extend(b"{\"user\":{\"id\":\"0");
    fs::write(case.partial(), torn)?;
    case.twin.clear_requests();
    let (row, ended) = case.backup(false)?;
    ended?;
    assert!(row.contains(">100<"), "taken up after 100 users: {row}");
    let asked: Vec<String> = case.twin.requests().into_iter().map(|request| request.path).collect();
    assert_eq!(asked.iter().filter(|path| path.contains("/users/delta?$select")).count(), 0, "{asked:?}");
    let mut ids: Vec<String> = users(&case.path())?.into_iter().map(|user| user.id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), USERS as usize);
    Ok(())
}

#[test]
fn what_cannot_be_gone_on_with_is_kept_and_the_backup_begun_anew() -> TestResult {
    /// What makes it one that can't be gone on with, and what is said of that.
    type Spoilt = (&'static str, fn(&Case) -> TestResult);
    let spoilt: [Spoilt; 3] = [
        ("no longer knows how far", |case| {
            let text = fs::read_to_string(case.partial())?;
            let at = text.find("skiptoken=").ok_or("no link")? + "skiptoken=".len();
            let end = text[at..].find('"').ok_or("no end")? + at;
            Ok(fs::write(case.partial(), format!("{}%25{}", &text[..at], &text[end..]))?)
        }),
        // A day later it would show a tenant that isn't there any more.
        ("more than a day ago", |case| {
            case.twin.advance(Duration::from_hours(25));
            Ok(())
        }),
        ("within its first page", |case| {
            let text = fs::read_to_string(case.partial())?;
            let page = text.find("{\"next\"").ok_or("no page")?;
            Ok(fs::write(case.partial(), &text[..page])?)
        }),
    ];
    for (said, spoil) in spoilt {
        let case = Case::stopped()?;
        spoil(&case)?;
        let before = fs::read(case.partial())?;
        let request = json!({"op": "backupAttributes", "connection": case.connection, "path": case.path()});
        let (warning, ended) = op::told(&request, Kind::Warning)?;
        ended?;
        assert!(warning.contains(said) && warning.contains("begun anew"), "{warning}");
        let kept = case.kept();
        assert_eq!(kept.len(), 1, "{said}");
        assert!(warning.contains("users.jsonl.partial-1"), "{warning}");
        assert_eq!(fs::read(&kept[0])?, before, "{said}");
        assert_eq!(users(&case.path())?.len(), USERS as usize);
    }
    Ok(())
}

#[test]
fn what_force_does_not_take_up_is_kept_under_a_name_that_is_free() -> TestResult {
    let case = Case::stopped()?;
    let before = fs::read(case.partial())?;
    fs::write(case.folder.path().join("users.jsonl.partial-1"), "mine")?;
    case.backup(true)?.1?;
    let kept: Vec<Vec<u8>> = case.kept().iter().map(fs::read).collect::<Result<_, _>>()?;
    assert_eq!(kept, [b"mine".to_vec(), before]);
    // Nobody is in one of which no page was read.
    let header = fs::read_to_string(case.path())?.lines().next().ok_or("no header")?.to_owned();
    fs::remove_file(case.path())?;
    fs::write(case.partial(), format!("{header}\n"))?;
    case.backup(false)?.1?;
    assert_eq!(case.kept().len(), 2);
    Ok(())
}

#[test]
fn one_that_was_finished_is_put_in_its_place_and_nothing_is_read() -> TestResult {
    let case = Case::start(&options(USERS))?;
    case.backup(false)?.1?;
    let whole = fs::read(case.path())?;
    fs::rename(case.path(), case.partial())?;
    case.twin.clear_requests();
    let (row, ended) = case.backup(false)?;
    ended?;
    assert_eq!(row.matches(&format!(">{USERS}<")).count(), 2, "all users, all taken up: {row}");
    assert_eq!((fs::read(case.path())?, case.partial().exists()), (whole.clone(), false));
    let asked: Vec<String> = case.twin.requests().into_iter().map(|request| request.path).collect();
    assert!(!asked.iter().any(|path| path.contains("/users")), "{asked:?}");
    // What was altered is none.
    fs::remove_file(case.path())?;
    let altered = String::from_utf8(whole)?.replacen("Adams", "Evans", 1);
    fs::write(case.partial(), &altered)?;
    assert_eq!(id(case.backup(false)?.1)?, "PPFederation.BackupUnfinishedOfAnother");
    assert_eq!(fs::read_to_string(case.partial())?, altered);
    Ok(())
}

#[test]
fn what_was_read_of_a_page_that_was_torn_stays_in_the_backup() -> TestResult {
    let case = Case::stopped()?;
    // Of the second page one user was written, who was another then.
    let text = fs::read_to_string(case.partial())?;
    let mut user = text.lines().find(|line| line.starts_with("{\"user\"")).ok_or("no user")?.to_owned();
    let id = serde_json::from_str::<Value>(&user)?["user"]["id"].as_str().unwrap_or_default().to_owned();
    user = user.replace(&id, "00000000-0000-4000-8000-00000000abcd");
    fs::write(case.partial(), format!("{text}{user}\n{{\"user\":{{\"id\""))?;
    case.backup(false)?.1?;
    let is_there = |user: &Account| user.id == "00000000-0000-4000-8000-00000000abcd";
    assert!(users(&case.path())?.iter().any(is_there));
    Ok(())
}

#[cfg(unix)]
#[test]
fn what_is_taken_up_is_its_owners_alone_and_nobody_elses() -> TestResult {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
    const NOBODY: u32 = 65_534;
    let case = Case::stopped()?;
    fs::set_permissions(case.partial(), fs::Permissions::from_mode(0o644))?;
    case.backup(false)?.1?;
    assert_eq!(fs::metadata(case.path())?.permissions().mode() & 0o777, 0o600);
    // Root alone gives a file to somebody else.
    let case = Case::stopped()?;
    if fs::metadata(case.partial())?.uid() == 0 {
        chown(case.partial(), Some(NOBODY), None)?;
        assert_eq!(id(case.backup(false)?.1)?, "PPFederation.BackupUnfinishedOfAnother");
        assert!(case.partial().exists() && !case.path().exists());
    }
    Ok(())
}

#[test]
fn what_lies_in_its_way_is_not_touched_without_force() -> TestResult {
    let case = Case::stopped()?;
    let other = Case::start(&Options { seed: 7, ..options(3) })?;
    fs::copy(case.partial(), other.partial())?;
    let before = fs::read(other.partial())?;
    assert_eq!(id(other.backup(false)?.1)?, "PPFederation.BackupUnfinishedOfAnother");
    assert_eq!(fs::read(other.partial())?, before);
    other.backup(true)?.1?;
    assert_eq!(users(&other.path())?.len(), 3);
    let none =
        json!({"op": "backupAttributes", "connection": other.connection, "path": other.folder.path().join("no/users")});
    assert_eq!(id(op::run(&none)?.1)?, "PPFederation.BackupFileNotWritable");
    Ok(())
}

#[cfg(unix)]
#[test]
fn a_link_that_lies_in_its_place_is_not_followed() -> TestResult {
    let case = Case::start(&options(3))?;
    let elsewhere = case.folder.path().join("elsewhere");
    fs::write(&elsewhere, "mine")?;
    std::os::unix::fs::symlink(&elsewhere, case.partial())?;
    assert_eq!(id(case.backup(false)?.1)?, "PPFederation.BackupUnfinishedOfAnother");
    case.backup(true)?.1?;
    assert_eq!(fs::read_to_string(&elsewhere)?, "mine");
    Ok(())
}

#[test]
fn only_what_was_written_for_this_tenant_is_put_back() -> TestResult {
    let case = Case::start(&options(5))?;
    case.backup(false)?.1?;
    case.twin.clear_requests();
    let text = fs::read_to_string(case.path())?;
    let restore = |text: &str| -> Result<&'static str, Box<dyn Error>> {
        fs::write(case.path(), text)?;
        id(case.restore(&json!({}), Kind::Objects)?.1)
    };
    assert_eq!(restore(&text.replace("Adams", "Evans"))?, "PPFederation.BackupAltered");
    assert_eq!(restore("Id,Name\n")?, "PPFederation.BackupAltered");
    assert_eq!(restore(&text[..text.len() / 2])?, "PPFederation.BackupAltered");
    let other = Case::start(&Options { seed: 7, ..options(5) })?;
    fs::write(other.path(), &text)?;
    assert_eq!(id(other.restore(&json!({}), Kind::Objects)?.1)?, "PPFederation.BackupOfAnotherTenant");
    fs::remove_file(case.path())?;
    assert_eq!(id(case.restore(&json!({}), Kind::Objects)?.1)?, "PPFederation.BackupNotReadable");
    let writes = [&case, &other].map(|case| case.twin.requests().iter().filter(|request| request.write).count());
    assert_eq!(writes, [0, 0]);
    Ok(())
}

#[test]
fn a_restore_puts_back_whoever_differs_of_many_and_of_few() -> TestResult {
    for count in [8, 500] {
        let case = Case::start(&options(count))?;
        case.backup(false)?.1?;
        let backup = users(&case.path())?;
        case.twin.edit(|directory| {
            for user in &backup {
                directory.set("users", &user.id, "onPremisesSyncEnabled", &json!(null));
            }
            for user in &backup[3..6] {
                directory.set("users", &user.id, "usageLocation", &json!("GB"));
            }
            directory.erase("users", &backup[7].id);
        });
        let plan = json!({"op": "planAttributeRestore", "connection": case.connection, "path": case.path()});
        let (row, ended) = op::run(&plan)?;
        ended?;
        assert!(row.contains("Put back 3 attributes of 3 users: usageLocation of 3"), "{row}");
        let (warnings, _) = op::told(&plan, Kind::Warning)?;
        assert!(warnings.contains("1 user of the backup can't be restored"), "{warnings}");
        case.twin.clear_requests();
        let (rows, ended) = case.restore(&json!({"throttleLimit": 2}), Kind::Objects)?;
        ended?;
        assert_eq!((rows.matches(">Restored<").count(), rows.matches(">Skipped<").count()), (3, 1), "{rows}");
        let batches: Vec<usize> =
            case.twin.requests().iter().filter(|request| request.write).map(|request| request.batch.len()).collect();
        assert_eq!(batches, [2, 1], "two users at once");
        for user in &backup[3..6] {
            let is = case.twin.edit(|directory| directory.get("users", &user.id)).ok_or("no such user")?;
            assert_eq!(is["usageLocation"], json!(user.usage_location));
        }
    }
    Ok(())
}

#[test]
fn only_the_users_that_are_named_are_put_back_and_who_is_not_there_is_said() -> TestResult {
    let case = Case::start(&options(8))?;
    case.backup(false)?.1?;
    let backup = users(&case.path())?;
    case.twin.edit(|directory| {
        for user in &backup {
            directory.set("users", &user.id, "onPremisesSyncEnabled", &json!(null));
            directory.set("users", &user.id, "displayName", &json!("Overwritten"));
        }
    });
    let name = backup[2].user_principal_name.clone().unwrap_or_default().to_uppercase();
    let users = json!([name, backup[4].id, "nobody@contoso.com"]);
    let plan =
        json!({"op": "planAttributeRestore", "connection": case.connection, "path": case.path(), "users": users});
    let (errors, ended) = op::told(&plan, Kind::Error)?;
    ended?;
    assert!(errors.contains("PPFederation.UserNotInBackup") && errors.contains("nobody@contoso.com"), "{errors}");
    let (rows, ended) = case.restore(&json!({"users": users, "attributes": ["displayName"]}), Kind::Objects)?;
    ended?;
    assert_eq!(rows.matches(">Restored<").count(), 2, "{rows}");
    assert_eq!(
        id(case.restore(&json!({"attributes": ["manager"]}), Kind::Objects)?.1)?,
        "PPFederation.AttributeUnknown"
    );
    Ok(())
}

#[test]
fn what_another_user_of_the_same_run_holds_is_tried_again_when_that_one_is_restored() -> TestResult {
    let case = Case::start(&options(8))?;
    case.backup(false)?.1?;
    let backup = users(&case.path())?;
    let anchors = [&backup[3], &backup[4], &backup[5]].map(|user| user.on_premises_immutable_id.clone());
    case.twin.edit(|directory| {
        for user in &backup {
            directory.set("users", &user.id, "onPremisesSyncEnabled", &json!(null));
        }
        // Each has what the one before it wants, so that the last has to go first.
        directory.set("users", &backup[3].id, "onPremisesImmutableId", &json!("QQ=="));
        directory.set("users", &backup[4].id, "onPremisesImmutableId", &json!(anchors[0]));
        directory.set("users", &backup[5].id, "onPremisesImmutableId", &json!(anchors[1]));
    });
    let (rows, ended) = case.restore(&json!({"throttleLimit": 1}), Kind::Objects)?;
    ended?;
    assert_eq!((rows.matches(">Restored<").count(), rows.matches(">Failed<").count()), (3, 0), "{rows}");
    for (user, anchor) in backup[3..6].iter().zip(&anchors) {
        let is = case.twin.edit(|directory| directory.get("users", &user.id)).ok_or("no such user")?;
        assert_eq!(is["onPremisesImmutableId"], json!(anchor));
    }
    Ok(())
}

#[test]
fn a_client_that_may_not_write_is_told_so_before_anything_is_sent() -> TestResult {
    let case = Case::start(&options(4))?;
    case.backup(false)?.1?;
    let backup = users(&case.path())?;
    case.twin.edit(|directory| {
        directory.set("users", &backup[3].id, "onPremisesSyncEnabled", &json!(null));
        directory.set("users", &backup[3].id, "displayName", &json!("Overwritten"));
    });
    let reader = open(connect(&case.twin, "reader")?)?;
    let plan = json!({"op": "planAttributeRestore", "connection": reader, "path": case.path()});
    assert_eq!(id(op::run(&plan)?.1)?, "PPFederation.PermissionMissing");
    Ok(())
}

#[test]
fn administrators_of_any_role_are_warned_of() -> TestResult {
    /// User Administrator.
    const ROLE: &str = "fe930be7-5e62-47db-91af-98c3a49a38b1";
    let case = Case::start(&options(6))?;
    case.backup(false)?.1?;
    let backup = users(&case.path())?;
    case.twin.edit(|directory| {
        for user in &backup[4..] {
            directory.set("users", &user.id, "onPremisesSyncEnabled", &json!(null));
            directory.set("users", &user.id, "onPremisesImmutableId", &json!("QQ=="));
        }
        directory.add_role(&backup[5].id, ROLE);
    });
    let plan = json!({"op": "planAttributeRestore", "connection": case.connection, "path": case.path()});
    let (warned, ended) = op::told(&plan, Kind::Warning)?;
    ended?;
    assert!(warned.contains("Administrators among those to be changed: 1."), "{warned}");
    Ok(())
}

/// Lets a test write to these users, as after directory synchronization.
fn converted(case: &Case, users: &[Account]) {
    case.twin.edit(|directory| {
        for user in users {
            directory.set("users", &user.id, "onPremisesSyncEnabled", &json!(null));
        }
    });
}

#[test]
fn what_was_there_before_a_provisioning_is_put_back_from_a_backup_that_was_taken_up_after_it() -> TestResult {
    let case = Case::stopped()?;
    let text = fs::read_to_string(case.partial())?;
    let line = text.lines().filter(|line| line.starts_with("{\"user\"")).nth(3).ok_or("no user")?;
    let was: Account = serde_json::from_value(serde_json::from_str::<Value>(line)?["user"].take())?;
    let (old, new) = (was.user_principal_name.clone().unwrap_or_default(), "portal@contosoaccounting.onmicrosoft.com");
    case.twin.edit(|directory| {
        directory.set("users", &was.id, "onPremisesSyncEnabled", &json!(null));
        directory.set("users", &was.id, "displayName", &json!("Portal"));
        directory.set("users", &was.id, "userPrincipalName", &json!(new));
    });
    case.backup(false)?.1?;
    assert_eq!(users(&case.path())?.iter().filter(|user| user.id == was.id).count(), 2, "read twice");
    for name in [was.id.as_str(), &old, new] {
        case.twin.edit(|directory| directory.set("users", &was.id, "displayName", &json!("Portal")));
        let (rows, ended) = case.restore(&json!({"users": [name], "attributes": ["displayName"]}), Kind::Objects)?;
        ended?;
        let is = case.twin.edit(|directory| directory.get("users", &was.id)).ok_or("no such user")?;
        assert_eq!(is["displayName"], json!(was.display_name), "{name}: {rows}");
    }
    Ok(())
}

#[test]
fn a_name_means_whoever_had_it_last() -> TestResult {
    let case = Case::start(&options(USERS))?;
    case.backup(false)?.1?;
    let before = users(&case.path())?;
    let (renamed, heir) = (&before[3], &before[USERS as usize - 3]);
    let name = renamed.user_principal_name.clone().unwrap_or_default();
    let former = format!("former.{name}");
    let set = |id: &str, name: &str| {
        let edit =
            json!({"edit": "set", "collection": "users", "id": id, "property": "userPrincipalName", "value": name});
        // The first two are for the number of users and the first page.
        case.twin.add_fault(Fault::new(On::call("GET", "/users*"), FaultKind::Edited(edit)).nth(3));
    };
    set(&renamed.id, &former);
    set(&heir.id, &name);
    case.backup(true)?.1?;
    case.twin.clear_faults();
    let names: Vec<_> = users(&case.path())?.into_iter().filter(|user| user.id == renamed.id).collect();
    assert_eq!(names.len(), 2, "shown twice, with another name each time: {names:?}");
    converted(&case, &before);
    case.twin.edit(|directory| {
        for user in [renamed, heir] {
            directory.set("users", &user.id, "usageLocation", &json!("GB"));
        }
    });
    for (name, whose) in [(name.as_str(), heir), (former.as_str(), renamed)] {
        let (rows, ended) = case.restore(&json!({"users": [name], "attributes": ["usageLocation"]}), Kind::Objects)?;
        ended?;
        assert_eq!((rows.matches(">Restored<").count(), rows.contains(&whose.id)), (1, true), "{name}: {rows}");
    }
    Ok(())
}

#[test]
fn a_user_whom_the_list_shows_twice_is_restored_once() -> TestResult {
    let case = Case::start(&options(500))?;
    case.backup(false)?.1?;
    let backup = users(&case.path())?;
    converted(&case, &backup);
    case.twin.edit(|directory| {
        directory.set("users", &backup[3].id, "usageLocation", &json!("GB"));
        let same = directory.get("users", &backup[3].id).unwrap_or_default();
        let again = directory.add_user(&same);
        directory.set("users", &again, "id", &json!(backup[3].id));
    });
    let plan = json!({"op": "planAttributeRestore", "connection": case.connection, "path": case.path()});
    let (row, ended) = op::run(&plan)?;
    ended?;
    assert!(row.contains("Put back 1 attributes of 1 user: usageLocation of 1"), "{row}");
    let (rows, ended) = case.restore(&json!({}), Kind::Objects)?;
    ended?;
    assert_eq!(rows.matches(">Restored<").count(), 1, "{rows}");
    Ok(())
}

#[test]
fn what_the_first_time_has_told_is_not_told_again_by_the_second() -> TestResult {
    let case = Case::start(&options(8))?;
    case.backup(false)?.1?;
    let backup = users(&case.path())?;
    converted(&case, &backup);
    case.twin.edit(|directory| {
        let user = &backup[5];
        directory.set("users", &user.id, "_masteredByExchange", &json!(true));
        directory.set("users", &user.id, "mail", &json!("portal@contoso.com"));
        directory.set("users", &user.id, "proxyAddresses", &json!(["SMTP:portal@contoso.com"]));
        directory.set("users", &user.id, "onPremisesImmutableId", &json!("QQ=="));
        directory.add_user(&json!({"onPremisesImmutableId": user.on_premises_immutable_id}));
    });
    let request = json!({"op": "restoreAttributes", "connection": case.connection, "path": case.path()});
    let (events, ended) = op::events(&request)?;
    ended?;
    let (rows, errors) = (op::of(&events, Kind::Objects), op::of(&events, Kind::Error));
    for (attribute, result) in [("mail", "Failed"), ("proxyAddresses", "Skipped"), ("onPremisesImmutableId", "Failed")]
    {
        assert_eq!(rows.matches(&format!(">{attribute}<")).count(), 1, "{attribute}: {rows}");
        assert!(rows.contains(&format!(">{result}<")), "{rows}");
    }
    for attribute in ["mail", "onPremisesImmutableId"] {
        assert_eq!(errors.matches(&format!(": {attribute} could not be put back")).count(), 1, "{errors}");
    }
    Ok(())
}

#[test]
fn what_waited_for_another_user_is_told_where_the_restore_ends_before_its_turn_comes_again() -> TestResult {
    let case = Case::start(&options(8))?;
    case.backup(false)?.1?;
    let backup = users(&case.path())?;
    converted(&case, &backup);
    case.twin.edit(|directory| {
        directory.set("users", &backup[3].id, "onPremisesImmutableId", &json!("QQ=="));
        directory.set("users", &backup[5].id, "usageLocation", &json!("GB"));
        directory.add_user(&json!({"onPremisesImmutableId": backup[3].on_premises_immutable_id}));
    });
    // It is read once to compare, and cannot be read any more when its turn comes.
    let read = On::call("GET", &format!("/users/{}*", backup[5].id));
    case.twin.add_fault(Fault::new(read, FaultKind::AnswerLost { reset: true }).nth(2).for_ever());
    let (rows, ended) = case.restore(&json!({"throttleLimit": 1}), Kind::Objects)?;
    assert!(ended.is_err());
    assert_eq!((rows.matches(">Failed<").count(), rows.contains(&backup[3].id)), (1, true), "{rows}");
    Ok(())
}

#[test]
fn progress_says_how_fast_it_goes_and_how_long_it_takes() -> TestResult {
    let case = Case::start(&options(8))?;
    case.backup(false)?.1?;
    let backup = users(&case.path())?;
    converted(&case, &backup);
    case.twin.edit(|directory| {
        for user in &backup[3..6] {
            directory.set("users", &user.id, "usageLocation", &json!("GB"));
        }
    });
    let slow = FaultKind::Throttled(RetryAfter::Seconds(4));
    case.twin.add_fault(Fault::new(On::call("PATCH", "/users/*"), slow));
    let (told, ended) = case.restore(&json!({"throttleLimit": 1}), Kind::Progress)?;
    ended?;
    assert!(told.contains("Users: 1 of 3, 15 a minute"), "{told}");
    assert!(told.contains(r#"<I32 N="SecondsRemaining">8</I32>"#), "{told}");
    Ok(())
}

#[test]
fn where_nothing_can_be_put_back_the_plan_says_so_of_each_and_is_not_taken_for_done() -> TestResult {
    // Many are compared in one walk.
    for count in [8, 500] {
        let case = Case::start(&options(count))?;
        case.backup(false)?.1?;
        let backup = users(&case.path())?;
        let plan = json!({"op": "planAttributeRestore", "connection": case.connection, "path": case.path()});
        let (rows, ended) = op::run(&plan)?;
        ended?;
        assert!(rows.contains(">Done<") && !rows.contains("RestoredAttribute"), "{rows}");
        case.twin.edit(|directory| {
            directory.set("users", &backup[3].id, "onPremisesSyncEnabled", &json!(true));
            directory.set("users", &backup[3].id, "displayName", &json!("Portal"));
            directory.erase("users", &backup[5].id);
        });
        case.twin.clear_requests();
        let (rows, ended) = op::run(&plan)?;
        ended?;
        assert!(rows.contains(">NotDone<") && rows.contains(r#"<B N="Change">false</B>"#), "{rows}");
        assert_eq!(rows.matches(">Skipped<").count(), 2, "{rows}");
        assert!(rows.contains(&backup[3].id) && rows.contains(&backup[5].id), "{rows}");
        assert!(case.twin.requests().iter().all(|request| !request.write));
    }
    Ok(())
}

#[test]
fn a_user_who_cannot_be_read_keeps_no_other_from_being_restored() -> TestResult {
    let case = Case::start(&options(8))?;
    case.backup(false)?.1?;
    let backup = users(&case.path())?;
    converted(&case, &backup);
    case.twin.edit(|directory| {
        for user in &backup[3..6] {
            directory.set("users", &user.id, "usageLocation", &json!("GB"));
        }
    });
    let read = || On::call("GET", &format!("/users/{}*", backup[4].id));
    case.twin.add_fault(Fault::new(read(), FaultKind::Denied).for_ever());
    let plan = json!({"op": "planAttributeRestore", "connection": case.connection, "path": case.path()});
    let (warned, ended) = op::told(&plan, Kind::Warning)?;
    ended?;
    assert!(warned.contains("1 user of the backup can't be read now"), "{warned}");
    let request = json!({"op": "restoreAttributes", "connection": case.connection, "path": case.path()});
    let (events, ended) = op::events(&request)?;
    ended?;
    let (rows, errors) = (op::of(&events, Kind::Objects), op::of(&events, Kind::Error));
    assert_eq!((rows.matches(">Restored<").count(), rows.matches(">Failed<").count()), (2, 1), "{rows}");
    assert!(errors.contains("PPFederation.AttributeNotRestored") && errors.contains(&backup[4].id), "{errors}");
    // Where nobody can be read at all, that is why nothing is restored.
    let (_, ended) = case.restore(&json!({"users": [backup[4].id]}), Kind::Objects)?;
    assert!(ended.is_err());
    Ok(())
}

/// What the rows of a user say of why an attribute failed.
fn reason(rows: &str, attribute: &str) -> String {
    let row = rows.split("</Obj>").find(|row| row.contains(&format!(">{attribute}<"))).unwrap_or_default();
    row.split(r#"N="Reason">"#).nth(1).and_then(|rest| rest.split('<').next()).unwrap_or_default().to_owned()
}

#[test]
fn a_person_without_a_role_that_changes_users_is_told_so_and_a_refusal_names_its_likely_cause() -> TestResult {
    let case = Case::start(&options(6))?;
    case.backup(false)?.1?;
    let backup = users(&case.path())?;
    converted(&case, &backup);
    let scopes = delegated_and_restoring(&StepName::ALL).into_iter().map(str::to_owned).collect();
    let connection =
        connect_by(&case.twin, Credential::User(Box::new(User::new(COMMAND_LINE_TOOLS, scopes, BROWSER))))?;
    case.twin.set_sign_in(SignInSettings { person: Person::GlobalReader, ..SignInSettings::default() });
    person::sign_in(&connection).result?;
    let reader = open(connection)?;
    let overwrite = || {
        case.twin.edit(|directory| {
            directory.set("users", &backup[5].id, "displayName", &json!("Overwritten"));
            directory.set("users", &backup[5].id, "onPremisesImmutableId", &json!("QQ=="));
        });
    };
    overwrite();
    let plan = |connection: u64| json!({"op": "planAttributeRestore", "connection": connection, "path": case.path()});
    let (warned, ended) = op::told(&plan(reader), Kind::Warning)?;
    ended?;
    assert!(warned.contains("which usually takes User Administrator"), "{warned}");
    let (warned, _) = op::told(&plan(case.connection), Kind::Warning)?;
    assert!(!warned.contains("User Administrator"), "an application needs no role: {warned}");
    let (rows, ended) = op::run(&json!({"op": "restoreAttributes", "connection": reader, "path": case.path()}))?;
    ended?;
    let (name, anchor) = (reason(&rows, "displayName"), reason(&rows, "onPremisesImmutableId"));
    assert!(name.contains("User Administrator") && !name.contains("Privileged"), "{name}");
    assert!(anchor.contains("User Administrator") && anchor.contains("Privileged Authentication"), "{anchor}");
    for (kind, words) in [
        (FaultKind::Denied, "restricted management administrative unit"),
        (FaultKind::ProtectedAction, "A policy of the tenant forbids it."),
        (FaultKind::Unlicensed, "The tenant has no licence for it."),
    ] {
        overwrite();
        case.twin.add_fault(Fault::new(On::call("PATCH", "/users/*"), kind).for_ever());
        let (rows, ended) = case.restore(&json!({"attributes": ["displayName"]}), Kind::Objects)?;
        ended?;
        case.twin.clear_faults();
        let name = reason(&rows, "displayName");
        assert!(name.contains(words) && !name.contains("Privileged"), "{name}");
    }
    Ok(())
}

/// A tenant with a federated domain and, by its object id, a user in it whose mail is there too; and the backup of it.
fn federated() -> Result<(Case, String), Box<dyn Error>> {
    let case = Case::start(&options(6))?;
    let tenant = case.twin.tenant_id().to_owned();
    let domain = |name: &str, kind: &str| json!({"name": name, "type": kind, "isInitial": kind == "Managed"});
    let domains = json!([domain("contosoaccounting.onmicrosoft.com", "Managed"), domain("contoso.com", "Federated")]);
    case.backup(false)?.1?;
    let id = users(&case.path())?[5].id.clone();
    case.twin.edit(|directory| {
        directory.set("organization", &tenant, "verifiedDomains", &domains);
        directory.set("users", &id, "onPremisesSyncEnabled", &json!(null));
        for name in ["userPrincipalName", "mail"] {
            directory.set("users", &id, name, &json!("alex@contoso.com"));
        }
    });
    case.backup(true)?.1?;
    Ok((case, id))
}

#[test]
fn a_backup_of_who_is_left_under_a_name_for_the_time_being_warns_of_it_and_puts_nobody_back_to_it() -> TestResult {
    let (case, id) = federated()?;
    let away = format!("ppfederation-restore-{}@contosoaccounting.onmicrosoft.com", id.replace('-', ""));
    let is_named =
        |name: &str| case.twin.edit(|directory| directory.set("users", &id, "userPrincipalName", &json!(name)));
    let name = || case.twin.edit(|directory| directory.get("users", &id)).map(|user| user["userPrincipalName"].clone());
    is_named(&away);
    let backup = json!({"op": "backupAttributes", "connection": case.connection, "path": case.path(), "force": true});
    let (warned, ended) = op::told(&backup, Kind::Warning)?;
    ended?;
    assert!(warned.contains(&id) && warned.contains("which is not put back from this backup"), "{warned}");
    for now in [away.as_str(), "alex@contoso.com"] {
        is_named(now);
        let (rows, ended) = case.restore(&json!({"users": [id]}), Kind::Objects)?;
        ended?;
        assert_eq!(name(), Some(json!("alex@contoso.com")), "from {now}: {rows}");
        assert!(reason(&rows, "userPrincipalName").contains("has that name"), "{rows}");
    }
    // Where the user has no name to come home to, what helps is said.
    is_named(&away);
    case.twin.edit(|directory| directory.set("users", &id, "mail", &json!(null)));
    let (errors, ended) = case.restore(&json!({"users": [id], "attributes": ["userPrincipalName"]}), Kind::Error)?;
    ended?;
    assert!(errors.contains("run Restore-PPAttribute with an earlier backup"), "{errors}");
    assert_eq!(op::told(&backup, Kind::Warning)?.0.matches(&id).count(), 1);
    is_named("alex@contoso.com");
    assert_eq!(op::told(&backup, Kind::Warning)?.0, "");
    Ok(())
}

#[test]
fn who_is_left_under_a_name_for_the_time_being_is_a_row_and_an_error_with_that_name() -> TestResult {
    let (case, id) = federated()?;
    case.twin.edit(|directory| directory.set("users", &id, "onPremisesImmutableId", &json!("QQ==")));
    let down = FaultKind::Failed { status: 503, body: ErrorBody::Json, retry_after: RetryAfter::Absent };
    case.twin.add_fault(Fault::new(On::call("PATCH", "/users/*"), down).nth(2).for_ever());
    let request = json!({"op": "restoreAttributes", "connection": case.connection, "path": case.path(), "users": [id]});
    let (events, ended) = op::events(&request)?;
    ended?;
    let name =
        case.twin.edit(|directory| directory.get("users", &id)).ok_or("no such user")?["userPrincipalName"].clone();
    let name = name.as_str().filter(|name| name.starts_with("ppfederation-restore-")).ok_or("not left")?;
    let reason = reason(&op::of(&events, Kind::Objects), "userPrincipalName");
    for said in [reason, op::of(&events, Kind::Error)] {
        assert!(said.contains(&format!("left under the sign-in name {name}")) && said.contains("503"), "{said}");
    }
    Ok(())
}
