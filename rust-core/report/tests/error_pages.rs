//! The error catalogue's two pages are what the table in the code says. With `PPFEDERATION_WRITE` set they are written.

use std::env;
use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use pp_report::catalogue::{ALL, SECRETS_FORBIDDEN};
use pp_report::clixml::Value;

const WIDTH: usize = 100;

/// What to send along with a question.
const LOG: &str = "
FOR A SUPPORT CASE
    Connect-PPTenant -LogPath ./case.jsonl writes what the connection's cmdlets do to a new file: a
    line of JSON for each request with its status, duration and request id, for what was decided and
    why, for warnings, errors and results, and for the begin and end of each operation with the
    module's version, the system and the shell. An operation without an end was cut off. Times are
    UTC. No secret, no token and no name of a user is in it: names that people sign in with are left
    out of error texts too; the tenant's name and ids are in it. Its owner alone may read it (on
    Windows: whoever its folder lets). A file that is there is overwritten with -Force only. Where
    the disk takes no more, a warning says so and everything else goes on.
";

fn markdown() -> Result<String, std::fmt::Error> {
    let mut page = "# Errors\n\nEvery error a cmdlet can report, by its `FullyQualifiedErrorId`, which never changes. \
        The error record also carries the service's own code, the HTTP status and the request id, where there are any.\n\n\
        This page is generated from `rust-core/report/src/catalogue.rs`.\n\n| id | category | meaning | what to do |\n|---|---|---|---|\n"
        .to_owned();
    for entry in ALL {
        writeln!(page, "| `{}` | {} | {} | {} |", entry.id, entry.category.name(), entry.meaning, entry.advice)?;
    }
    Ok(page)
}

fn help_topic() -> Result<String, std::fmt::Error> {
    let mut page = "TOPIC\n    about_PPFederation_Errors\n\nSHORT DESCRIPTION\n    Every error that PPFederation reports: its id, what it means and what to do.\n\n\
        LONG DESCRIPTION\n    The id is the error record's FullyQualifiedErrorId, which never changes; what to do is in its\n    \
        RecommendedAction. This page is generated from the table in the code.\n"
        .to_owned();
    for entry in ALL {
        writeln!(page, "\n    {}", entry.id)?;
        for text in [entry.meaning, entry.advice] {
            for line in wrapped(text) {
                writeln!(page, "        {line}")?;
            }
        }
    }
    page.push_str(LOG);
    page.push_str("\nSEE ALSO\n    about_PPFederation\n    about_PPFederation_Troubleshooting\n");
    Ok(page)
}

fn wrapped(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.len() - 1;
        if !lines[line].is_empty() && lines[line].len() + word.len() + 9 > WIDTH {
            lines.push(word.to_owned());
        } else {
            if !lines[line].is_empty() {
                lines[line].push(' ');
            }
            lines[line].push_str(word);
        }
    }
    lines
}

#[test]
fn what_it_means_and_what_to_do_are_sentences() {
    for entry in ALL {
        for text in [entry.meaning, entry.advice] {
            let first =
                text.chars().next().is_some_and(|first| first.is_uppercase() || first == '-' || first.is_ascii_digit());
            assert!(first && text.ends_with('.'), "{}: {text}", entry.id);
        }
    }
}

#[test]
fn where_a_policy_forbids_secrets_each_of_the_three_moves_has_its_command() -> Result<(), String> {
    let moves = [
        "Invoke-PPRunbook -Skip ClientSecret, DirSync.",
        "New-MgPolicyAppManagementPolicy -DisplayName 'Practice Protect' -IsEnabled",
        "@{restrictionType = 'passwordAddition'; state = 'disabled'}",
        "@{restrictionType = 'passwordLifetime'; state = 'disabled'}",
        "(Get-MgEnvironment -Name (Get-MgContext).Environment).GraphEndpoint",
        "New-MgApplicationAppManagementPolicyByRef -ApplicationId (Get-PPFederationApp).ObjectId -OdataId",
        "Invoke-PPRunbook, which does the rest.",
    ];
    let mut rest = SECRETS_FORBIDDEN.advice;
    for step in moves {
        (_, rest) = rest.split_once(step).ok_or_else(|| format!("no '{step}' in this order: {rest}"))?;
    }
    Ok(())
}

#[test]
fn every_error_leaves_as_a_sentence() {
    for entry in ALL {
        let error = entry.report("the tenant 'x' isn't there").to_object();
        assert_eq!(error.get("Message"), Some(&Value::Text("The tenant 'x' isn't there.".into())), "{}", entry.id);
    }
}

#[test]
fn the_pages_say_what_the_table_says() -> Result<(), Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let pages = [
        ("docs/errors.md", markdown()?),
        ("PowerShell/PPFederation/en-US/about_PPFederation_Errors.help.txt", help_topic()?),
    ];
    for (path, wanted) in pages {
        let file = root.join(path);
        if env::var_os("PPFEDERATION_WRITE").is_some() {
            fs::write(&file, &wanted)?;
        }
        let there = fs::read_to_string(&file)?.replace("\r\n", "\n");
        assert!(there == wanted, "{path} is out of date: run this test with PPFEDERATION_WRITE=1");
    }
    Ok(())
}

#[test]
fn every_id_is_there_once() {
    for (index, entry) in ALL.iter().enumerate() {
        assert!(entry.id.starts_with("PPFederation."), "{}", entry.id);
        assert!(ALL[..index].iter().all(|other| other.id != entry.id), "{} is there twice", entry.id);
    }
}
