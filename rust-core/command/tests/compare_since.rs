//! A comparison of who has changed since a backup: they alone are judged, and as a comparison of everybody judges them.

mod op;

use std::collections::BTreeSet;
use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use pp_command::event::Kind;
use pp_report::error::OpError;
use pp_run::connection::open;
use pp_testing::{TestResult, connect};
use serde_json::{Value, json};
use tempfile::TempDir;
use tenant_twin::{ErrorBody, Fault, FaultKind, On, Options, RetryAfter, Twin};

/// Two pages of users by the delta query.
const USERS: u32 = 130;

struct Case {
    twin: Arc<Twin>,
    connection: u64,
    folder: TempDir,
}

impl Case {
    /// A tenant with a backup of it, and a list of the portal with a user who isn't in the tenant.
    fn start() -> Result<Self, Box<dyn Error>> {
        let case = Self::without_backup()?;
        case.backup()?;
        Ok(case)
    }

    fn without_backup() -> Result<Self, Box<dyn Error>> {
        let options = Options { users: USERS, dir_sync: false, latency: Duration::ZERO, ..Options::default() };
        let twin = Arc::new(Twin::start(&options)?);
        twin.edit(|directory| directory.add_domain("firm.example", "Federated"));
        let case = Self { connection: open(connect(&twin, "admin")?)?, twin, folder: TempDir::new()? };
        fs::write(case.list(), "Username,ImmutableId\nfree@firm.example,old\n")?;
        Ok(case)
    }

    fn backup(&self) -> TestResult {
        let request =
            json!({"op": "backupAttributes", "connection": self.connection, "path": self.file(), "force": true});
        Ok(op::run(&request)?.1?)
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("before.jsonl")
    }

    fn list(&self) -> PathBuf {
        self.folder.path().join("portal.csv")
    }

    fn request(&self, since: bool) -> Value {
        let mut request = json!({
            "op": "compareAttributes", "connection": self.connection, "federatedDomain": ["firm.example"],
            "includeEqual": true, "path": self.list()
        });
        if since {
            request["since"] = json!(self.file());
        }
        request
    }

    /// The rows, each as its cells.
    fn compared(&self, since: bool) -> Result<BTreeSet<String>, Box<dyn Error>> {
        let (documents, ended) = op::run(&self.request(since))?;
        ended.map_err(|error| format!("{error:?}"))?;
        let rows = documents.split("<Obj RefId=").skip(1).filter_map(|row| row.split_once("<MS>"));
        Ok(rows.map(|(_, row)| row.split("</MS>").next().unwrap_or_default().to_owned()).collect())
    }

    /// What is warned of.
    fn warned(&self) -> Result<String, Box<dyn Error>> {
        let (warnings, ended) = op::told(&self.request(true), Kind::Warning)?;
        ended.map_err(|error| format!("{error:?}"))?;
        Ok(warnings)
    }

    fn refused(&self) -> Result<&'static str, Box<dyn Error>> {
        match op::run(&self.request(true))?.1 {
            Err(OpError::Failed(report)) => Ok(report.id),
            other => Err(format!("no error: {other:?}").into()),
        }
    }

    /// Some users are changed, one is deleted, one is made: whose rows a comparison since the backup has.
    fn change(&self) -> Result<BTreeSet<String>, Box<dyn Error>> {
        let ids = self.ids()?;
        let (alias, renamed, deleted) = (&ids[3], &ids[120], &ids[7]);
        let properties = json!({
            "userPrincipalName": "old@firm.example", "mail": "old@firm.example", "displayName": "old",
            "onPremisesImmutableId": "old", "proxyAddresses": ["SMTP:old@firm.example"]
        });
        let made = self.twin.edit(|directory| {
            directory.set("users", alias, "proxyAddresses", &json!(["smtp:free@firm.example"]));
            directory.set("users", renamed, "displayName", &json!("Another"));
            assert!(directory.delete_user(deleted));
            directory.add_user(&properties)
        });
        Ok(BTreeSet::from([alias.clone(), renamed.clone(), made]))
    }

    /// The object ids of all users, in the order in which they are read.
    fn ids(&self) -> Result<Vec<String>, Box<dyn Error>> {
        let file = self.folder.path().join("ids.jsonl");
        op::run(&json!({"op": "backupAttributes", "connection": self.connection, "path": file, "force": true}))?.1?;
        let text = fs::read_to_string(file)?;
        let ids = text.split("{\"user\":{\"id\":\"").skip(1).filter_map(|rest| rest.split('"').next());
        Ok(ids.map(str::to_owned).collect())
    }

    /// How many pages of users were asked for by the delta query, and how many of all users.
    fn pages(&self) -> (usize, usize) {
        let asked = self.twin.requests();
        let count = |part: &str| asked.iter().filter(|request| request.path.contains(part)).count();
        (count("/users/delta"), count("/users/delta?$select"))
    }
}

impl Case {
    /// A comparison since the backup has five rows of each of the three users, those that one of everybody has, and no others.
    fn judges_as_ever(&self, changed: &BTreeSet<String>) -> Result<BTreeSet<String>, Box<dyn Error>> {
        let (since, everybody) = (self.compared(true)?, self.compared(false)?);
        let is_changed = |row: &&String| changed.iter().any(|id| row.contains(&format!("UserId\">{id}<")));
        assert_eq!(since, everybody.iter().filter(is_changed).cloned().collect());
        assert_eq!((since.len(), everybody.len()), (3 * 5, self.ids()?.len() * 5));
        Ok(since)
    }
}

#[test]
fn who_has_changed_is_judged_as_in_a_comparison_of_everybody_and_nobody_else() -> TestResult {
    let case = Case::start()?;
    let changed = case.change()?;
    case.twin.clear_requests();
    case.compared(true)?;
    assert_eq!(case.pages(), (1, 0), "what has changed, and nobody else");
    let since = case.judges_as_ever(&changed)?;
    // Somebody who didn't change would be told; the one with the free address is found all the same.
    assert!(since.iter().any(|row| row.contains("old@firm.example") && row.contains("refuses it")), "{since:?}");
    let warned = case.warned()?;
    assert!(warned.contains("were compared: 3 users"), "{warned}");
    Ok(())
}

#[test]
fn where_the_service_has_forgotten_the_backup_s_state_all_are_read_and_those_compared_that_differ() -> TestResult {
    let case = Case::start()?;
    let changed = case.change()?;
    case.twin.advance(Duration::from_hours(8 * 24));
    let warned = case.warned()?;
    assert!(warned.contains("syncStateNotFound") && warned.contains("from the beginning"), "{warned}");
    case.judges_as_ever(&changed)?;
    // 410 is said as well, by Graph's page on the delta query.
    let case = Case::start()?;
    let gone = FaultKind::Failed { status: 410, body: ErrorBody::Json, retry_after: RetryAfter::Absent };
    case.twin.add_fault(Fault::new(On::call("GET", "/users/delta*"), gone));
    assert!(case.warned()?.contains("from the beginning"));
    Ok(())
}

#[test]
fn a_user_who_was_deleted_while_the_backup_was_written_is_in_nobody_s_way() -> TestResult {
    let case = Case::without_backup()?;
    let ids = case.ids()?;
    let name = json!("free@firm.example");
    case.twin.edit(|directory| directory.set("users", &ids[1], "userPrincipalName", &name));
    let edit = json!({ "edit": "deleteUser", "id": ids[1] });
    case.twin.add_fault(Fault::new(On::call("GET", "/users/delta*"), FaultKind::Edited(edit)).nth(2));
    case.backup()?;
    assert!(fs::read_to_string(case.file())?.contains("{\"removed\":\""));
    let changed = case.change()?;
    case.judges_as_ever(&changed)?;
    Ok(())
}

#[test]
fn a_backup_that_leads_nowhere_is_said() -> TestResult {
    let case = Case::start()?;
    let text = fs::read_to_string(case.file())?;
    // Torn.
    fs::write(case.file(), &text[..text.len() / 2])?;
    assert_eq!(case.refused()?, "PPFederation.BackupAltered");
    fs::remove_file(case.file())?;
    assert_eq!(case.refused()?, "PPFederation.BackupNotReadable");
    // Of another tenant.
    let of_another = text.replace(case.twin.tenant_id(), "00000000-0000-4000-8000-000000000000");
    fs::write(case.file(), sealed(&of_another)?)?;
    assert_eq!(case.refused()?, "PPFederation.BackupOfAnotherTenant");
    // Of an earlier version, without a link: all are read, and who differs is compared.
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with("{\"delta\"")).collect();
    fs::write(case.file(), sealed(&(lines.join("\n") + "\n"))?)?;
    let changed = case.change()?;
    let warned = case.warned()?;
    assert!(warned.contains("no link to what has changed"), "{warned}");
    case.judges_as_ever(&changed)?;
    Ok(())
}

/// A backup's text with the end that belongs to it.
fn sealed(text: &str) -> Result<String, Box<dyn Error>> {
    use sha2::{Digest as _, Sha256};
    let (lines, end) = text.trim_end().rsplit_once('\n').ok_or("no lines")?;
    let mut end: Value = serde_json::from_str(end)?;
    let lines = format!("{lines}\n");
    end["end"]["sha256"] = json!(pp_words::upper_hex(&Sha256::digest(&lines)));
    Ok(format!("{lines}{end}\n"))
}
