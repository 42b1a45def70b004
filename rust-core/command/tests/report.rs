//! A report: what can't be written is told before the first row, what is written is whole and its owner's, and whatever goes
//! wrong nothing is left.

mod op;

use std::error::Error;
use std::fs;
use std::path::Path;

use pp_command::event::Kind;
use pp_report::error::{OpError, Report};
use pp_testing::TestResult;
use serde_json::{Value, json};

fn row(severity: &str, user: &str) -> Value {
    json!({"TenantId": "t", "TenantName": "Contoso", "Severity": severity, "UserPrincipalName": user, "Attribute": "mail",
        "Before": "a", "After": null, "Reason": "why", "Advice": null, "UserId": "i", "PortalPlace": 2,
        "OnPremisesSyncEnabled": true})
}

/// The number of a report that was opened.
fn opened(path: &Path, more: &Value) -> Result<u64, Box<dyn Error>> {
    let (objects, ended) = op::run(&open(path, more))?;
    ended.map_err(|error| format!("{error:?}"))?;
    let number = objects.split("<U64 N=\"Number\">").nth(1).and_then(|rest| rest.split('<').next());
    Ok(number.ok_or_else(|| format!("no number: {objects}"))?.parse()?)
}

fn open(path: &Path, more: &Value) -> Value {
    let mut request = json!({"op": "openReport", "path": path.to_string_lossy()});
    for (field, value) in more.as_object().into_iter().flatten() {
        request[field] = value.clone();
    }
    request
}

fn refused(request: &Value) -> Result<Report, Box<dyn Error>> {
    match op::run(request)?.1 {
        Err(OpError::Failed(report)) => Ok(*report),
        other => Err(format!("{other:?}").into()),
    }
}

fn done(request: &Value) -> TestResult {
    op::run(request)?.1.map_err(|error| format!("{error:?}").into())
}

/// The names in a folder, with what is hidden.
fn names(folder: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    let name = |entry: std::io::Result<fs::DirEntry>| Ok(entry?.file_name().to_string_lossy().into_owned());
    fs::read_dir(folder)?.map(name).collect()
}

#[test]
fn rows_that_come_in_parts_are_one_file_and_the_verdict_is_said() -> TestResult {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("report.json");
    let report = opened(&path, &json!({}))?;
    done(&json!({"op": "reportRows", "report": report, "rows": [row("Changed", "a"), row("LockedOut", "b")]}))?;
    done(&json!({"op": "reportRows", "report": report, "rows": []}))?;
    done(&json!({"op": "reportRows", "report": report, "rows": [row("equal", "c")]}))?;
    assert_eq!(names(folder.path())?, Vec::<String>::new(), "no report is there before there is something to write");
    let (said, ended) = op::told(&json!({"op": "writeReport", "report": report}), Kind::Information)?;
    ended.map_err(|error| format!("{error:?}"))?;
    // All are the user 'i'.
    assert_eq!(
        said,
        format!(
            "The report, 3 rows, is in {}. The one user in this report will be locked out by the next provisioning: they can't sign in afterwards.",
            path.display()
        )
    );
    let rows: Value = serde_json::from_str(&fs::read_to_string(&path)?)?;
    assert_eq!(rows, json!([row("Changed", "a"), row("LockedOut", "b"), row("Equal", "c")]));
    assert_eq!(names(folder.path())?, ["report.json"]);
    assert_eq!(refused(&json!({"op": "writeReport", "report": report}))?.id, "PPFederation.ReportFileNotWritable");
    Ok(())
}

#[cfg(unix)]
#[test]
fn its_owner_alone_may_read_it() -> TestResult {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("report.csv");
    done(&json!({"op": "writeReport", "report": opened(&path, &json!({}))?}))?;
    assert_eq!(fs::metadata(&path)?.permissions().mode() & 0o777, 0o600);
    Ok(())
}

#[test]
fn the_ending_says_the_format_unless_it_is_given() -> TestResult {
    let folder = tempfile::tempdir()?;
    for (name, more, begins) in [
        ("a.HTM", json!({}), "<!DOCTYPE html>"),
        ("a.csv", json!({}), "\u{feff}TenantId,"),
        ("a.txt", json!({"format": "json"}), "["),
        ("b.csv", json!({"format": "Html"}), "<!DOCTYPE html>"),
    ] {
        let path = folder.path().join(name);
        done(&json!({"op": "writeReport", "report": opened(&path, &more)?}))?;
        assert!(fs::read_to_string(&path)?.starts_with(begins), "{name}");
    }
    let unknown = refused(&open(&folder.path().join("report.xlsx"), &json!({})))?;
    assert_eq!(unknown.id, "PPFederation.ReportFormatUnknown");
    assert!(unknown.message.ends_with("report.xlsx' ends neither in .html, .csv nor .json"), "{}", unknown.message);
    let unknown = refused(&open(&folder.path().join("report.csv"), &json!({"format": "Pdf"})))?;
    assert_eq!(unknown.message, "'Pdf' is not one of Html, Csv, Json");
    Ok(())
}

#[test]
fn what_is_there_stays_unless_it_is_to_be_overwritten() -> TestResult {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("report.json");
    fs::write(&path, "mine")?;
    assert_eq!(refused(&open(&path, &json!({})))?.id, "PPFederation.ReportFileExists");
    let report = opened(&path, &json!({"force": true}))?;
    assert_eq!(fs::read_to_string(&path)?, "mine");
    done(&json!({"op": "writeReport", "report": report}))?;
    assert_eq!(fs::read_to_string(&path)?, "[\n]\n");
    // One that comes between.
    let path = folder.path().join("between.json");
    let report = opened(&path, &json!({}))?;
    fs::write(&path, "theirs")?;
    assert_eq!(refused(&json!({"op": "writeReport", "report": report}))?.id, "PPFederation.ReportFileExists");
    assert_eq!(fs::read_to_string(&path)?, "theirs");
    Ok(())
}

#[test]
fn a_folder_that_is_not_there_is_told_before_the_first_row() -> TestResult {
    let folder = tempfile::tempdir()?;
    let refused = refused(&open(&folder.path().join("none").join("report.html"), &json!({})))?;
    assert_eq!(refused.id, "PPFederation.ReportFileNotWritable");
    assert!(refused.message.contains("there is no such file or folder"), "{}", refused.message);
    Ok(())
}

#[test]
fn one_that_is_closed_leaves_nothing_and_takes_nothing() -> TestResult {
    let folder = tempfile::tempdir()?;
    let report = opened(&folder.path().join("report.html"), &json!({}))?;
    done(&json!({"op": "reportRows", "report": report, "rows": [row("Changed", "a")]}))?;
    done(&json!({"op": "closeReport", "report": report}))?;
    done(&json!({"op": "closeReport", "report": report}))?;
    refused(&json!({"op": "reportRows", "report": report, "rows": []}))?;
    assert_eq!(names(folder.path())?, Vec::<String>::new());
    Ok(())
}

/// So many of them, which are long, are more than what is held in memory.
const MANY: usize = 1_000;

fn long() -> Value {
    row("Changed", &"a".repeat(10_000))
}

fn many(report: u64) -> Value {
    json!({"op": "reportRows", "report": report, "rows": vec![long(); MANY]})
}

#[test]
fn rows_that_wait_lie_outside_the_folder_however_many_there_are() -> TestResult {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("report.json");
    let report = opened(&path, &json!({}))?;
    done(&many(report))?;
    assert_eq!(names(folder.path())?, Vec::<String>::new());
    done(&json!({"op": "writeReport", "report": report}))?;
    let rows: Vec<Value> = serde_json::from_str(&fs::read_to_string(&path)?)?;
    assert_eq!((rows.len(), rows.last()), (MANY, Some(&long())));
    assert_eq!(names(folder.path())?, ["report.json"]);
    Ok(())
}

#[test]
fn a_row_that_is_none_is_told_by_what_is_wrong_with_it() -> TestResult {
    let folder = tempfile::tempdir()?;
    let report = opened(&folder.path().join("report.html"), &json!({}))?;
    let mut lacking = row("Changed", "a");
    lacking.as_object_mut().ok_or("no object")?.shift_remove("Attribute");
    for (given, said) in [
        (
            row("Grave", "a"),
            "a row can't go into the report: the severity 'Grave' is not one of LockedOut, Unknown, Renamed, Changed, Equal",
        ),
        (lacking, "a row has no Attribute"),
    ] {
        let refused = refused(&json!({"op": "reportRows", "report": report, "rows": [given]}))?;
        assert_eq!((refused.id, refused.message.as_str()), ("PPFederation.ReportRowInvalid", said));
    }
    Ok(())
}

/// Tells the child below its folder.
#[cfg(unix)]
const FOLDER: &str = "PPFEDERATION_REPORT_FOLDER";

#[cfg(unix)]
#[test]
fn a_disk_without_room_is_an_error_and_leaves_nothing() -> TestResult {
    use std::process::Command;
    let folder = tempfile::tempdir()?;
    // A file may have one block there: what is beyond it is refused as by a full disk.
    let script = "trap '' XFSZ; ulimit -f 1; exec \"$0\" --exact writes_more_than_there_is_room_for";
    let mut child = Command::new("sh");
    let child = child.args(["-c", script]).arg(std::env::current_exe()?);
    let child = child.env(FOLDER, folder.path()).env("TMPDIR", folder.path()).output()?;
    assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stdout));
    assert_eq!(names(folder.path())?, Vec::<String>::new());
    Ok(())
}

/// The child: nothing without a parent.
#[cfg(unix)]
#[test]
fn writes_more_than_there_is_room_for() -> TestResult {
    let Some(folder) = std::env::var_os(FOLDER) else { return Ok(()) };
    let report = opened(&Path::new(&folder).join("report.html"), &json!({}))?;
    let refused = refused(&json!({"op": "writeReport", "report": report}))?;
    assert_eq!(refused.id, "PPFederation.ReportFileNotWritable");
    assert!(refused.message.contains("report.html' can't be written: "), "{}", refused.message);
    // Nor has the disk for temporary files any room.
    let refused = self::refused(&many(opened(&Path::new(&folder).join("report.json"), &json!({}))?))?;
    assert_eq!(refused.id, "PPFederation.TemporaryFileNotWritable");
    Ok(())
}
