//! What a provisioning script does in the sandbox, and what it can't do.

#![expect(clippy::expect_used, reason = "a test that can't be set up fails")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use pp_script::{Kind, Limits, Place, Run, Script, ScriptError, Written};

fn user(attributes: &[(&str, &str)]) -> BTreeMap<String, String> {
    attributes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn compile(text: &str) -> Result<Script, ScriptError> {
    // A machine that is busy is no reason to fail.
    let limits = Limits { time: Duration::from_mins(10), ..Limits::default() };
    Script::compile(text, limits, || false)
}

fn run(text: &str, attributes: &[(&str, &str)]) -> Run {
    compile(text).expect("JavaScript").run(&user(attributes), Kind::Person)
}

fn written(text: &str, attributes: &[(&str, &str)]) -> Written {
    let run = run(text, attributes);
    assert_eq!(run.error, None, "{text}");
    run.written
}

fn error(text: &str) -> ScriptError {
    run(text, &[]).error.expect("an error")
}

fn destination(text: &str, attributes: &[(&str, &str)]) -> Vec<(String, Option<String>)> {
    written(text, attributes).destination.into_iter().collect()
}

fn set(name: &str, value: &str) -> (String, Option<String>) {
    (name.to_owned(), Some(value.to_owned()))
}

#[test]
fn the_runbooks_script_sets_country_and_mail_for_people_alone() {
    let script = compile(&pp_portal::provisioning_script("NZ")).expect("JavaScript");
    let ada = user(&[("CanonicalizeName", "ada@contoso.com")]);
    let person = script.write_for(&ada, Kind::Person).expect("a result");
    let expected = [set("Mail", "ada@contoso.com"), set("UsageLocation", "NZ")];
    assert_eq!(person.destination.into_iter().collect::<Vec<_>>(), expected);
    assert_eq!(person.undocumented, ["source.CanonicalizeName (known from the runbook alone)"]);
    assert_eq!(script.write_for(&ada, Kind::Group), Ok(Written::default()));
}

#[test]
fn every_way_to_an_attribute_gives_it_and_what_is_absent_is_null() {
    let text = "trace(source.Email + source.Get('Email') + getSourcePropertyByName('Email')[0]); \
        trace(getSourcePropertyByName('Email').Length); trace(source.Department === null && source.Get('Department') === null); \
        trace(getSourcePropertyByName('Department'));";
    let written = written(text, &[("Email", "a@b.c")]);
    assert_eq!(written.trace, ["a@b.ca@b.ca@b.c", "1", "true", "null"]);
    assert_eq!(written.absent, ["Department"]);
    assert_eq!(written.undocumented, ["source.Department"]);
}

#[test]
fn names_that_were_nearly_right_are_told_with_the_right_one() {
    let text = "destination.usageLocation = 'AU'; destination.Mail = source.email;";
    let written = written(text, &[("Email", "a@b.c")]);
    let expected =
        ["destination.usageLocation (perhaps UsageLocation is meant)", "source.email (perhaps Email is meant)"];
    assert_eq!(written.undocumented, expected);
    assert_eq!(written.destination["Mail"], None);
}

#[test]
fn a_list_is_what_was_added_to_it_in_order() {
    let text =
        "addToStringList('ProxyAddresses', 'smtp:a@b.c'); addToStringList('ProxyAddresses', 'smtp:' + source.Email);";
    let lists = written(text, &[("Email", "d@e.f")]).lists;
    assert_eq!(lists["ProxyAddresses"], ["smtp:a@b.c", "smtp:d@e.f"]);
}

#[test]
fn what_is_set_to_null_is_none_and_what_is_deleted_is_not_written() {
    let text = "destination.MSExchMailboxGuid = null; destination.Mail = 'x'; delete destination.Mail; destination.DisplayName = 7;";
    assert_eq!(destination(text, &[]), [set("DisplayName", "7"), ("MSExchMailboxGuid".to_owned(), None)]);
}

#[test]
fn reject_in_either_form_rejects_and_is_said_to_be_undocumented() {
    for (text, said) in [("reject('no')", "no"), ("reject()", ""), ("reject = true", "")] {
        let written = written(text, &[]);
        assert_eq!(written.rejected.as_deref(), Some(said), "{text}");
        assert_eq!(written.undocumented, ["reject (named in documentation, its form is not)"], "{text}");
    }
    assert_eq!(written("reject = false", &[]).rejected, None);
}

#[test]
fn an_error_has_its_line_column_and_words_and_what_was_done_before_it() {
    let run = run("trace('begun');\nif (isPerson()) {\n  destination.Mail = source.Department.trim();\n}", &[]);
    let error = run.error.expect("an error");
    assert_eq!(error.place().map(|place| place.line), Some(3));
    assert!(error.message().starts_with("TypeError: "), "{error}");
    assert_eq!(run.written.trace, ["begun"]);
    assert_eq!(self::error("throw 'no more';"), ScriptError::Thrown { place: None, message: "no more".into() });
}

#[test]
fn what_is_not_javascript_is_told_with_its_place_before_anything_runs() {
    for (text, line) in [
        ("if (isPerson() {", 1),
        ("trace('a');\n\ndestination.UsageLocation = \u{201c}AU\u{201d};", 3),
        ("x = 1;\n}", 2),
    ] {
        let error = compile(text).expect_err("no JavaScript");
        assert!(matches!(error, ScriptError::Syntax { .. }), "{text}: {error:?}");
        assert_eq!(error.place().map(|place| place.line), Some(line), "{text}: {error}");
    }
    let first = compile("trace(;").expect_err("no JavaScript").place();
    assert_eq!(first, Some(Place { line: 1, column: 7 }));
    assert!(compile("a\0b").is_err());
    assert!(compile("\"use strict\"; with (source) { }").is_err(), "the script's own directive counts");
}

#[test]
fn a_run_leaves_nothing_behind_for_the_next() {
    let text = "trace(typeof left + ('x').trim.mine + Object.prototype.mine + destination.Mail); left = 1; \
        String.prototype.trim.mine = 1; Object.prototype.mine = 1; destination.Mail = 'x'; isPerson = null; \
        Array.prototype.push = null; source = 1;";
    let script = compile(text).expect("JavaScript");
    for _ in 0..2 {
        let trace = script.write_for(&user(&[]), Kind::Person).expect("a result").trace;
        assert_eq!(trace, ["undefinedundefinedundefinedundefined"]);
    }
}

#[test]
fn what_changes_with_time_or_chance_is_named() {
    assert_eq!(written("trace(new Date(0).getTime()); Math.random();", &[]).varying, ["Date", "Math.random"]);
    assert!(written("Math.floor(1.5);", &[]).varying.is_empty());
}

#[test]
fn there_is_nothing_to_reach_but_what_the_portal_offers() {
    for name in [
        "require",
        "process",
        "std",
        "os",
        "fetch",
        "XMLHttpRequest",
        "setTimeout",
        "print",
        "console",
        "performance",
        "Deno",
    ] {
        assert_eq!(written(&format!("trace(typeof {name});"), &[]).trace, ["undefined"], "{name}");
    }
    assert!(compile("import fs from 'fs';").is_err());
    assert_eq!(
        written("import('std').then(function () { trace('loaded'); }, function () { trace('refused'); });", &[]).trace,
        ["refused"]
    );
}

#[test]
fn a_script_that_never_ends_is_stopped_whatever_it_is_in() {
    let limits = Limits { time: Duration::from_millis(50), ..Limits::default() };
    for text in [
        "for (;;) { }",
        "try { for (;;) { } } finally { for (;;) { } }",
        "/(a+)+$/.test('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab');",
        "(function again() { Promise.resolve().then(again); })();",
        "destination.Mail = { toString: function () { for (;;) { } } };",
    ] {
        let script = Script::compile(text, limits, || false).expect("JavaScript");
        assert_eq!(script.run(&user(&[]), Kind::Person).error, Some(ScriptError::TooLong(limits.time)), "{text}");
    }
}

#[test]
fn a_job_that_is_cancelled_ends_its_script() {
    let asked = Arc::new(AtomicUsize::new(0));
    let again = asked.clone();
    let limits = Limits { time: Duration::MAX, ..Limits::default() };
    let cancelled = move || again.fetch_add(1, Ordering::Relaxed) >= 3;
    let script = Script::compile("for (;;) { }", limits, cancelled).expect("JavaScript");
    assert_eq!(script.run(&user(&[]), Kind::Person).error, Some(ScriptError::Cancelled));
}

#[test]
fn memory_and_stack_have_an_end() {
    for text in [
        "var all = []; for (;;) { all.push(new Array(1000).join('x')); }",
        "var text = 'x'; for (;;) { text += text; }",
        "new Array(100000000).fill(1);",
    ] {
        let error = error(text);
        let ended = matches!(error, ScriptError::TooMuchMemory(_))
            || error.message().contains("memory")
            || error.message().contains("string");
        assert!(ended, "{text}: {error}");
    }
    assert!(error("(function down() { down(); })();").message().contains("stack"));
    assert!(error("for (;;) { trace('all that it says is kept'); }").message().contains("256 KiB"));
}
