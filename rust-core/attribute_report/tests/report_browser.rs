//! The page in a real browser without a window, where Chromium is installed: it sorts and searches, draws what is in sight
//! alone, and runs no script of a name's. With `PPFEDERATION_FULL` set, of 100,000 rows.

mod support;

use std::error::Error;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use pp_attribute_report::{Format, ReportRow};
use pp_attributes::difference::Severity;
use support::{HOSTILE, TestResult, hostile_rows, report, row};

/// The page's document once its script has run, with this behind the address's `#`; nothing where there is no Chromium, which
/// is said.
fn opened(rows: &[ReportRow], fragment: &str) -> Result<Option<String>, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let page = folder.path().join("report.html");
    std::fs::write(&page, report(rows, Format::Html)?)?;
    for program in ["chromium", "chromium-browser", "google-chrome"] {
        match browser(program, folder.path()).arg(format!("file://{}#{fragment}", page.display())).output() {
            Ok(done) => return Ok(Some(String::from_utf8(done.stdout)?)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
    }
    // Past what the test harness keeps of a test that passes.
    writeln!(std::io::stderr(), "No Chromium is installed: no page was opened.")?;
    Ok(None)
}

fn browser(program: &str, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1280,900"]);
    // So much of the page's own time, however long it takes.
    command.args(["--virtual-time-budget=5000", "--dump-dom"]);
    command.arg(format!("--user-data-dir={}", folder.join("browser").display()));
    command
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Result<&'a str, String> {
    let rest = text.split_once(before).ok_or_else(|| format!("no {before}"))?.1;
    Ok(rest.split_once(after).ok_or_else(|| format!("no {after}"))?.0)
}

/// The sign-in names in the table, in their order, and what is said of how many there are.
fn seen(document: &str) -> Result<(Vec<String>, String), String> {
    let table = between(between(document, "id=\"table\"", "</table>")?, "<tbody", "</tbody>")?;
    let users = table.split("<td class=\"user\"").skip(1);
    let users = users.filter_map(|cell| Some(cell.split_once('>')?.1.split_once('<')?.0.to_owned())).collect();
    let status = between(document, "id=\"status\"", "</p>")?;
    Ok((users, status.split_once('>').ok_or("no status")?.1.to_owned()))
}

fn firm() -> Vec<ReportRow> {
    let user = |severity, name: &str, attribute: &str| row(severity, name, attribute, "before", Some("after"));
    vec![
        user(Severity::Changed, "bob2@c.example", "displayName"),
        user(Severity::LockedOut, "bob10@c.example", "onPremisesImmutableId"),
        user(Severity::Changed, "Ada@c.example", "displayName"),
        ReportRow {
            reason: "The suffix isn't verified.".into(),
            ..user(Severity::Renamed, "eve@c.example", "userPrincipalName")
        },
    ]
}

#[test]
fn it_sorts_and_searches() -> TestResult {
    for (fragment, wanted, said) in [
        ("sort=-user", vec!["eve", "bob10", "bob2", "Ada"], "4 rows"),
        ("attribute=displayName&sort=user", vec!["Ada", "bob2"], "2 of 4 rows"),
        ("severity=LockedOut", vec!["bob10"], "1 of 4 rows"),
        ("filter=ISN'T%20verified", vec!["eve"], "1 of 4 rows"),
    ] {
        let Some(document) = opened(&firm(), fragment)? else { return Ok(()) };
        let wanted: Vec<String> = wanted.into_iter().map(|name| format!("{name}@c.example")).collect();
        assert_eq!(seen(&document)?, (wanted, said.to_owned()), "{fragment}");
    }
    Ok(())
}

#[test]
fn it_shows_none_afterwards_where_nothing_is_written_and_there_is_none() -> TestResult {
    for (severity, said) in [(Severity::Equal, "none"), (Severity::Unknown, "not known")] {
        let rows = [ReportRow { before: None, ..row(severity, "ann@c.example", "usageLocation", "", None) }];
        let Some(document) = opened(&rows, "")? else { return Ok(()) };
        let table = between(between(&document, "id=\"table\"", "</table>")?, "<tbody", "</tbody>")?;
        let cell = between(table, "<td class=\"after absent\"", "</td>")?;
        assert_eq!(cell.split_once('>').ok_or("no cell")?.1, said, "{severity:?}");
    }
    Ok(())
}

#[test]
fn it_draws_what_is_in_sight_alone() -> TestResult {
    let (count, words) =
        if std::env::var_os("PPFEDERATION_FULL").is_some() { (100_000, "100,000") } else { (5_000, "5,000") };
    let rows: Vec<ReportRow> = (0..count)
        .map(|n| row(Severity::Changed, &format!("user{n}@c.example"), "displayName", "a", Some("b")))
        .collect();
    let Some(document) = opened(&rows, "")? else { return Ok(()) };
    let (users, said) = seen(&document)?;
    assert!((10..100).contains(&users.len()), "{} rows are drawn", users.len());
    assert_eq!(said, format!("{words} rows"));
    let rowcount = format!("aria-rowcount=\"{}\"", count + 1);
    assert!(document.contains(&rowcount), "who can't see the table is told its length");
    let last = format!("filter=user{}@", count - 1);
    let Some(document) = opened(&rows, &last)? else { return Ok(()) };
    assert_eq!(seen(&document)?, (vec![format!("user{}@c.example", count - 1)], format!("1 of {words} rows")));
    Ok(())
}

#[test]
fn a_name_runs_nothing_and_shows_as_text() -> TestResult {
    let Some(document) = opened(&hostile_rows(), "")? else { return Ok(()) };
    let title = between(&document, "<title>", "</title>")?;
    assert_eq!(title, "What Practice Protect will change", "the script of a name has set it");
    let (users, said) = seen(&document)?;
    assert_eq!((users.len(), said.as_str()), (HOSTILE.len(), "10 rows"));
    assert!(users.contains(&"Ada ⟨U+202E⟩ecalevoL".to_owned()), "{users:?}");
    assert!(users.iter().any(|user| user.starts_with("&lt;/script&gt;")), "{users:?}");
    Ok(())
}
