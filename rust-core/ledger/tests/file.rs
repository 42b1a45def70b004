//! A ledger in a file: what a machine that stops leaves, who may have it open, and what is no ledger.

use std::error::Error;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use pp_base::call::Call;
use pp_base::cancel::Cancel;
use pp_base::retry::Budget;
use pp_ledger::error::LedgerError;
use pp_ledger::line::{Choices, ErrorMark, Event};
use pp_ledger::state::State;
use pp_ledger::{Hold, Ledger, Opened, Taken, file};
use pp_testing::TestResult;
use time::macros::datetime;
use uuid::Uuid;

const TENANT: Uuid = Uuid::from_u128(7);

fn with_call<T>(work: impl FnOnce(&Call<'_>) -> T) -> T {
    let (cancel, budget) = (Cancel::never(), Budget::new(Duration::ZERO));
    work(&Call { cancel: &cancel, budget: &budget, log: &|_| () })
}

fn take(ledger: &dyn Ledger) -> Result<Box<dyn Hold>, Box<dyn Error>> {
    match with_call(|call| ledger.take(TENANT, "Runbook", call))? {
        Taken::Held(hold) => Ok(hold),
        Taken::ByAnother { worker } => Err(format!("{worker:?} has it").into()),
    }
}

fn begun() -> Event {
    Event::Begun { tenant_name: Some("Contoso".into()), choices: Choices::default() }
}

fn done() -> Event {
    Event::Done { summary: "all there".into() }
}

/// A file with a tenant that was begun, asked for a secret and failed.
fn written(path: &Path) -> TestResult {
    let Opened { ledger, warning } = file::open(path, "one")?;
    assert_eq!(warning, None);
    let hold = take(&*ledger)?;
    let error = ErrorMark { id: "PPFederation.NetworkFailed".into(), message: "no way".into(), passes: true };
    let start = datetime!(2026-12-01 10:00:00.123456 UTC);
    for event in [begun(), Event::SecretAsked { start, app_id: Uuid::from_u128(99) }, Event::Failed { error }] {
        with_call(|call| hold.record(event, call))?;
    }
    Ok(())
}

#[test]
fn what_one_process_writes_is_there_for_the_next() -> TestResult {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("ledger");
    written(&path)?;
    let Opened { ledger, .. } = file::open(&path, "two")?;
    let hold = take(&*ledger)?;
    let state = hold.state();
    assert_eq!((state.state, state.tries, state.worker.as_deref()), (State::Failed, 1, Some("one")));
    assert_eq!(state.tenant_name.as_deref(), Some("Contoso"));
    assert!(state.error.as_ref().is_some_and(|error| error.passes));
    let orphans: Vec<_> = state.orphans().map(|secret| secret.start).collect();
    assert_eq!(orphans, [datetime!(2026-12-01 10:00:00.123456 UTC)]);
    hold.may_write(&Cancel::never())?;
    for event in [begun(), Event::SecretRemoved { start: orphans[0], key_id: None }, done()] {
        with_call(|call| hold.record(event, call))?;
    }
    let states = with_call(|call| ledger.read(None, call))?.states;
    assert_eq!((states[0].state, states[0].tries, states[0].orphans().count()), (State::Done, 2, 0));
    assert_eq!(states[0].error, None);
    Ok(())
}

#[test]
fn a_line_that_was_torn_is_cut_wherever_it_was() -> TestResult {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("ledger");
    written(&path)?;
    let whole = fs::read(&path)?;
    let ends: Vec<usize> = whole.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1).collect();
    let near_an_end = |length: usize| ends.iter().any(|end| end.abs_diff(length) < 3);
    for length in (ends[0]..whole.len()).filter(|length| length % 7 == 0 || near_an_end(*length)) {
        fs::write(&path, &whole[..length])?;
        // A line that lacks nothing but its end is given that.
        let kept = ends.iter().rposition(|end| *end <= length + 1).ok_or("no header")?;
        let torn = !ends.contains(&length) && !ends.contains(&(length + 1));
        assert_eq!(file::read(&path)?.torn, torn, "{length}");
        let Opened { ledger, warning } = file::open(&path, "two")?;
        assert_eq!(warning.is_some(), torn, "{length}");
        assert_eq!(fs::metadata(&path)?.len(), ends[kept] as u64, "{length}");
        with_call(|call| take(&*ledger)?.record(begun(), call).map_err(Box::<dyn Error>::from))?;
        let states = file::read(&path)?.states;
        assert_eq!(states[0].tries, if kept == 0 { 1 } else { 2 }, "{length}");
    }
    Ok(())
}

#[test]
fn a_last_line_that_is_no_json_is_cut_and_one_before_it_is_named() -> TestResult {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("ledger");
    written(&path)?;
    let whole = fs::read_to_string(&path)?;
    fs::write(&path, format!("{whole}\0\0\0\n"))?;
    assert!(file::open(&path, "two")?.warning.is_some());
    assert_eq!(fs::read_to_string(&path)?, whole);
    for (bad, what) in [("\0\0\n", "expected value"), ("{\"v\":1}\n", "missing field"), ("\n", "EOF")] {
        let lines: Vec<&str> = whole.split_inclusive('\n').collect();
        fs::write(&path, [lines[0], lines[1], bad, lines[2]].concat())?;
        let told = file::open(&path, "two").err().ok_or("taken")?;
        assert!(
            matches!(&told, LedgerError::Damaged { line: 3, what: told, .. } if told.contains(what)),
            "{bad}: {told}"
        );
        assert!(told.to_string().contains(&path.display().to_string()), "{told}");
    }
    Ok(())
}

#[test]
fn what_an_editor_has_saved_anew_is_told_as_that_and_left_as_it_is() -> TestResult {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("ledger");
    written(&path)?;
    let whole = fs::read_to_string(&path)?;
    let wide = |mark: &[u8], bytes: fn(u16) -> [u8; 2]| {
        [mark, &whole.encode_utf16().flat_map(bytes).collect::<Vec<u8>>()].concat()
    };
    for saved in [
        [b"\xEF\xBB\xBF", whole.as_bytes()].concat(),
        wide(b"\xFF\xFE", u16::to_le_bytes),
        wide(b"\xFE\xFF", u16::to_be_bytes),
    ] {
        fs::write(&path, &saved)?;
        for told in [file::open(&path, "two").err(), file::read(&path).err()] {
            let told = told.ok_or("taken")?;
            assert!(matches!(told, LedgerError::Damaged { line: 1, .. }), "{told}");
            assert!(told.to_string().contains("save it as UTF-8 without a byte order mark"), "{told}");
        }
        assert_eq!(fs::read(&path)?, saved);
    }
    // With other ends of lines, and none at the last one's.
    fs::write(&path, whole.trim_end().replace('\n', "\r\n"))?;
    let Opened { ledger, warning } = file::open(&path, "two")?;
    assert_eq!(warning, None);
    with_call(|call| take(&*ledger)?.record(begun(), call).map_err(Box::<dyn Error>::from))?;
    let states = file::read(&path)?.states;
    assert_eq!((states[0].tries, states[0].secrets.len()), (2, 1), "{states:?}");
    Ok(())
}

#[test]
fn what_a_later_version_wrote_is_named_and_not_passed_over() -> TestResult {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("ledger");
    written(&path)?;
    let whole = fs::read_to_string(&path)?;
    for (from, to, word) in [
        ("\"event\":\"failed\"", "\"event\":\"forgotten\"", "'forgotten'"),
        ("{\"v\":1,", "{\"v\":2,", "form 2"),
        ("ppfederation-ledger-1", "ppfederation-ledger-2", "ppfederation-ledger-2"),
    ] {
        fs::write(&path, whole.replace(from, to))?;
        for told in [file::open(&path, "two").err(), file::read(&path).err()] {
            assert!(
                told.as_ref()
                    .is_some_and(|told| matches!(told, LedgerError::Later { .. }) && told.to_string().contains(word)),
                "{word}: {told:?}"
            );
        }
    }
    Ok(())
}

#[test]
fn a_line_of_a_secret_that_none_asked_for_is_refused_and_not_written() -> TestResult {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("ledger");
    let Opened { ledger, .. } = file::open(&path, "one")?;
    let hold = take(&*ledger)?;
    let before = fs::read(&path)?;
    let placed = Event::SecretPlaced { key_id: Uuid::from_u128(1), place: "there".into() };
    let told = with_call(|call| hold.record(placed, call));
    assert!(matches!(told, Err(LedgerError::OutOfOrder { .. })), "{told:?}");
    assert_eq!(fs::read(&path)?, before);
    Ok(())
}

#[test]
fn what_is_too_long_for_a_line_is_cut_and_the_ledger_stays_readable() -> TestResult {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("ledger");
    let Opened { ledger, .. } = file::open(&path, "one")?;
    let hold = take(&*ledger)?;
    let long = || "\u{e9}\u{1}".repeat(1024 * 1024);
    let error = ErrorMark { id: "PPFederation.NetworkFailed".into(), message: long(), passes: true };
    for event in [Event::Done { summary: long() }, Event::Stopped { why: long() }, Event::Failed { error }] {
        with_call(|call| hold.record(begun(), call))?;
        with_call(|call| hold.record(event, call))?;
        let told = file::read(&path)?.states.remove(0);
        assert_eq!(with_call(|call| ledger.read(None, call))?.states, std::slice::from_ref(&told));
        let text = told.error.map(|error| error.message).or(told.summary).ok_or("nothing is told")?;
        assert!(
            text.starts_with("\u{e9}\u{1}\u{e9}") && text.ends_with("(cut; it had 3145728 bytes)"),
            "{}",
            text.len()
        );
    }
    // What names something is never cut.
    let before = fs::read(&path)?;
    let told =
        with_call(|call| hold.record(Event::Begun { tenant_name: Some(long()), choices: Choices::default() }, call));
    assert!(matches!(&told, Err(LedgerError::OutOfOrder { what, .. }) if what.contains("1048576")), "{told:?}");
    assert_eq!(fs::read(&path)?, before);
    Ok(())
}

#[test]
fn one_process_at_a_time_writes_it_and_anybody_reads_it() -> TestResult {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("ledger");
    let Opened { ledger, .. } = file::open(&path, "one")?;
    let hold = take(&*ledger)?;
    let in_use = file::open(&path, "two").err().ok_or("opened twice")?;
    assert!(matches!(in_use, LedgerError::InUse { .. }));
    // Here it is this very process.
    assert!(in_use.to_string().contains("or a fleet of this session"), "{in_use}");
    let other = with_call(|call| ledger.take(TENANT, "Status", call))?;
    assert!(matches!(other, Taken::ByAnother { .. }));
    with_call(|call| hold.record(begun(), call))?;
    assert_eq!(file::read(&path)?.states[0].state, State::Begun);
    with_call(|call| hold.release(call));
    drop(take(&*ledger)?);
    drop(ledger);
    assert!(file::open(&path, "two").is_ok());
    Ok(())
}

#[test]
fn what_is_no_ledger_is_left_as_it_is() -> TestResult {
    let folder = tempfile::tempdir()?;
    let told = |path: &Path| file::open(path, "one").err().map(|error| error.to_string()).unwrap_or_default();
    let other = folder.path().join("other.csv");
    for text in ["", "TenantId,Name\n1,2\n", "{\"schema\":\"ppfederation-ledger-1\"", "[1]\n"] {
        fs::write(&other, text)?;
        assert!(told(&other).contains("is no ledger"), "{text}: {}", told(&other));
        assert_eq!(fs::read_to_string(&other)?, text);
    }
    assert!(told(folder.path()).contains("folder"), "{}", told(folder.path()));
    let nowhere = folder.path().join("none/ledger");
    assert!(told(&nowhere).contains("no such file or folder"), "{}", told(&nowhere));
    assert!(matches!(file::read(&folder.path().join("none")), Err(LedgerError::NotReadable { .. })));
    Ok(())
}

#[cfg(unix)]
#[test]
fn it_is_its_owner_s_alone_and_no_link_leads_to_it() -> TestResult {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let folder = tempfile::tempdir()?;
    let (path, link) = (folder.path().join("ledger"), folder.path().join("link"));
    written(&path)?;
    assert_eq!(fs::metadata(&path)?.permissions().mode() & 0o777, 0o600);
    symlink(&path, &link)?;
    let told = file::open(&link, "one").err().map(|error| error.to_string()).unwrap_or_default();
    assert!(told.contains("symbolic link"), "{told}");
    Ok(())
}

/// Windows lets nobody do that.
#[cfg(unix)]
#[test]
fn a_file_that_is_moved_or_replaced_under_who_writes_it_takes_no_line() -> TestResult {
    let folder = tempfile::tempdir()?;
    let (path, away) = (folder.path().join("ledger"), folder.path().join("away"));
    let Opened { ledger, .. } = file::open(&path, "one")?;
    let hold = take(&*ledger)?;
    with_call(|call| hold.record(begun(), call))?;
    fs::rename(&path, &away)?;
    let before = fs::read(&away)?;
    let refused = || {
        let told = with_call(|call| hold.record(done(), call));
        assert!(matches!(&told, Err(LedgerError::NotWritable { why, .. }) if why.contains("moved")), "{told:?}");
    };
    refused();
    drop(file::open(&path, "two")?);
    refused();
    assert_eq!(fs::read(&away)?, before);
    fs::rename(&away, &path)?;
    with_call(|call| hold.record(done(), call))?;
    assert_eq!(file::read(&path)?.states[0].state, State::Done);
    Ok(())
}

/// Tells the child its file.
const CHILD: &str = "PPFEDERATION_LEDGER_CHILD";

/// What the child does: tries without end, each of which it tells once it is durable. Nothing where no parent started it.
#[test]
fn child() -> TestResult {
    let Ok(path) = std::env::var(CHILD) else { return Ok(()) };
    let Opened { ledger, .. } = file::open(Path::new(&path), "child")?;
    let hold = take(&*ledger)?;
    let mut out = std::io::stdout();
    for number in 1.. {
        if let Err(error) = with_call(|call| hold.record(begun(), call)) {
            writeln!(out, "\nstopped {error}")?;
            return Ok(());
        }
        writeln!(out, "\nbegun {number}")?;
    }
    Ok(())
}

fn start(command: &mut Command, path: &Path) -> Result<(Child, impl Iterator<Item = String> + use<>), Box<dyn Error>> {
    let command = command.env(CHILD, path).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn()?;
    let lines = BufReader::new(child.stdout.take().ok_or("no output")?).lines();
    Ok((child, lines.map_while(Result::ok)))
}

const ALONE: [&str; 4] = ["--exact", "child", "--nocapture", "--quiet"];

#[test]
fn whatever_a_process_that_was_killed_had_told_is_there() -> TestResult {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("ledger");
    let mut told = 0;
    for round in 1..=5 {
        let (mut child, lines) = start(Command::new(std::env::current_exe()?).args(ALONE), &path)?;
        told += lines.filter(|line| line.starts_with("begun")).take(round * 7).count();
        child.kill()?;
        child.wait()?;
        let states = file::read(&path)?.states;
        let tries = usize::try_from(states[0].tries)?;
        assert!(tries >= told, "{tries} of {told}");
        told = tries;
    }
    assert!(file::open(&path, "one").is_ok(), "a lock ends with its process");
    Ok(())
}

/// By a limit on the size of files, which is how a disk that is full shows itself to a test. Source: POSIX, `ulimit -f`.
#[cfg(unix)]
#[test]
fn a_disk_that_takes_no_more_is_told_and_leaves_whole_lines() -> TestResult {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("ledger");
    let script = "trap '' XFSZ; ulimit -f 4; exec \"$0\" \"$@\"";
    let mut command = Command::new("sh");
    let (mut child, lines) = start(command.args(["-c", script]).arg(std::env::current_exe()?).args(ALONE), &path)?;
    let lines: Vec<String> = lines.collect();
    child.wait()?;
    let begun = lines.iter().filter(|line| line.starts_with("begun")).count();
    assert!(
        lines.iter().any(|line| line.starts_with("stopped the ledger") && line.contains("takes no line")),
        "{lines:?}"
    );
    let contents = file::read(&path)?;
    assert!(!contents.torn && begun > 1);
    assert_eq!(usize::try_from(contents.states[0].tries)?, begun);
    // With room again it goes on.
    let Opened { ledger, warning } = file::open(&path, "one")?;
    assert_eq!(warning, None);
    with_call(|call| take(&*ledger)?.record(done(), call).map_err(Box::<dyn Error>::from))
}
