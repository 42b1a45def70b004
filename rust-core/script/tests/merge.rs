//! The runbook's two lines in scripts of every kind.

#![expect(clippy::expect_used, reason = "a test that can't be set up fails")]

use std::time::Duration;

use pp_script::merge::{MergeError, Merged, Outcome, merge};
use pp_script::{Limits, Place, Script, ScriptError};

fn merged(text: &str, force: bool) -> Result<Merged, MergeError> {
    let script = Script::compile(text, Limits { time: Duration::from_mins(10), ..Limits::default() }, || false)
        .map_err(MergeError::Script)?;
    merge(&script, &pp_portal::script_lines("AU"), force)
}

fn whole(text: &str) -> Merged {
    merged(text, false).unwrap_or_else(|error| panic_with(text, &error))
}

#[expect(clippy::panic, reason = "the test says which script")]
fn panic_with(text: &str, error: &MergeError) -> Merged {
    panic!("{text}: {error}")
}

const LOCATION: &str = "destination.UsageLocation = \"AU\";";
const MAIL: &str = "destination.Mail = source.CanonicalizeName;";

fn at(line: u32, column: u32) -> Place {
    Place { line, column }
}

#[test]
fn lines_go_to_the_end_of_the_block_in_its_indentation() {
    let text = "// ours\nif (isPerson()) {\n\ttrace('x'); // }\n\n}\ntrace(\"after\");\n";
    let merged = whole(text);
    assert_eq!(
        merged.text,
        format!("// ours\nif (isPerson()) {{\n\ttrace('x'); // }}\n\n\t{LOCATION}\n\t{MAIL}\n}}\ntrace(\"after\");\n")
    );
    assert_eq!((merged.outcome, merged.place, merged.lines.len()), (Outcome::Inserted, at(5, 2), 2));
}

#[test]
fn line_ends_of_windows_stay() {
    let merged = whole("if (isPerson())\r\n{\r\n    trace('x')\r\n}\r\n");
    assert_eq!(
        merged.text,
        format!("if (isPerson())\r\n{{\r\n    trace('x')\r\n    {LOCATION}\r\n    {MAIL}\r\n}}\r\n")
    );
}

#[test]
fn a_block_of_one_line_is_opened() {
    assert_eq!(
        whole("if (isPerson()) { trace('x') }").text,
        format!("if (isPerson()) {{ trace('x') \n  {LOCATION}\n  {MAIL}\n}}")
    );
    assert_eq!(whole("if(isPerson()){}").text, format!("if(isPerson()){{\n  {LOCATION}\n  {MAIL}\n}}"));
}

#[test]
fn without_a_block_one_is_put_at_the_end() {
    for (text, gap) in
        [("", ""), ("trace('x')", "\n"), ("trace('x'); // isPerson() {", "\n"), ("/* if (isPerson()) { } */\n", "")]
    {
        let merged = whole(text);
        assert_eq!(merged.text, format!("{text}{gap}if (isPerson()) {{\n  {LOCATION}\n  {MAIL}\n}}\n"));
        assert_eq!(merged.outcome, Outcome::Appended);
    }
}

#[test]
fn texts_comments_templates_and_regular_expressions_are_no_blocks() {
    let before = "var a = 'if (isPerson()) {', b = \"}\", c = `if (isPerson()) { ${'}'} {`, d = /if \\(isPerson\\(\\)\\) [{/]/g; // {\n\
        var e = 4 / 2 / 1, f = [1][0] / 2; if (a) /[{]/.test(a);\n/* if (isPerson()) {\n} */\n";
    let merged = whole(&format!("{before}if ( isPerson( ) ) {{\n  trace(c + e + f);\n}}\n"));
    assert_eq!(
        merged.text,
        format!("{before}if ( isPerson( ) ) {{\n  trace(c + e + f);\n  {LOCATION}\n  {MAIL}\n}}\n")
    );
}

#[test]
fn merging_again_changes_nothing_and_a_line_that_is_there_is_not_added() {
    for text in [
        "",
        "if (isPerson()) {\n  trace('x');\n}\n",
        "trace(1)\nif (isPerson()) { trace('x') }",
        "var a = [1]\nif(isPerson()){}",
    ] {
        let once = whole(text).text;
        let twice = whole(&once);
        assert_eq!((twice.text, twice.outcome, twice.lines.len()), (once, Outcome::AlreadyThere, 0));
    }
    let half = whole("if (isPerson()) {\n  destination.UsageLocation = 'AU'\n}\n");
    assert_eq!(half.text, format!("if (isPerson()) {{\n  destination.UsageLocation = 'AU'\n  {MAIL}\n}}\n"));
    assert_eq!(half.lines, [MAIL]);
}

#[test]
fn an_else_stays_where_it_is() {
    let merged = whole("if (isPerson()) {\n  trace('p');\n} else {\n  trace('g');\n}\n");
    assert_eq!(
        merged.text,
        format!("if (isPerson()) {{\n  trace('p');\n  {LOCATION}\n  {MAIL}\n}} else {{\n  trace('g');\n}}\n")
    );
}

#[test]
fn a_script_that_fails_for_users_without_attributes_is_merged_all_the_same() {
    whole("if (isPerson()) {\n  destination.DisplayName = source.Get('sn').toUpperCase();\n}\n");
}

#[test]
fn where_it_is_not_clear_the_place_is_told_and_force_goes_on() {
    let no_block = [
        ("trace(1);\nif (isPerson() && source.x) {\n}", at(2, 5)),
        ("if (!isPerson()) { trace(1); }", at(1, 6)),
        ("if (isPerson()) trace(1);", at(1, 5)),
        ("function f() { if (isPerson()) { } }", at(1, 20)),
        ("if (isGroup()) { } else if (isPerson()) { }", at(1, 29)),
        ("if (source.x) if (isPerson()) { }", at(1, 19)),
        ("if (source.x)\n  trace(1)\nelse\n  if (isPerson()) { }", at(4, 7)),
    ];
    for (text, place) in no_block {
        assert_eq!(merged(text, false), Err(MergeError::NoPlainBlock(place)), "{text}");
        assert_eq!(merged(text, true).map(|merged| merged.outcome), Ok(Outcome::Appended), "{text}");
    }
    let two = "if (isPerson()) { }\nif (isPerson()) { }";
    assert_eq!(merged(two, false), Err(MergeError::SeveralBlocks { first: at(1, 1), second: at(2, 1) }));
    assert_eq!(merged(two, true).map(|merged| merged.place.line), Ok(3));
}

#[test]
fn another_value_of_the_same_property_is_refused_and_with_force_comes_first() {
    for (text, property, place) in [
        ("if (isPerson()) {\n  destination.UsageLocation = 'NZ';\n}", "UsageLocation", at(2, 3)),
        ("if (isPerson()) { destination.Mail = source.CanonicalizeName.trim(); }", "Mail", at(1, 19)),
        ("destination[\"Mail\"] = source.mail; if (isPerson()) { }", "Mail", at(1, 1)),
        ("destination[`Mail`] = source.mail; if (isPerson()) { }", "Mail", at(1, 1)),
        ("if (isPerson()) { destination.UsageLocation ||= 'NZ'; }", "UsageLocation", at(1, 19)),
    ] {
        assert_eq!(merged(text, false), Err(MergeError::OtherAssignment { property, at: place }), "{text}");
        assert!(merged(text, true).is_ok(), "{text}");
    }
}

#[test]
fn another_value_is_refused_however_the_script_comes_to_write_it() {
    for (text, written) in [
        ("if (isPerson()) { var d = destination; d.UsageLocation = 'NZ'; }", "UsageLocation"),
        ("if (isPerson()) { Object.assign(destination, { Mail: 'all@example.com' }); }", "Mail"),
        ("function set(o, v) { o.Mail = v; }\nif (isPerson()) { set(destination, null); }", "Mail"),
    ] {
        let error = merged(text, false).expect_err(text);
        assert!(matches!(&error, MergeError::OtherValue { property, .. } if *property == written), "{text}: {error}");
        assert!(error.can_be_forced());
        assert!(merged(text, true).is_ok(), "{text}");
    }
    whole("if (isPerson()) { var d = destination; d.UsageLocation = 'AU'; }");
}

#[test]
fn what_would_not_take_effect_is_refused_even_with_force() {
    let later = "if (isPerson()) { }\ndestination.Mail = 'other';";
    let error = merged(later, true).expect_err("the later one wins");
    assert_eq!(error, MergeError::Unproven("destination.Mail comes out as 'other' for a person".into()));
    let fails = merged("missing();", false).expect_err("nothing can be shown");
    assert!(matches!(&fails, MergeError::Unproven(why) if why.contains("missing")), "{fails}");
    assert!(!error.can_be_forced());
}

#[test]
fn what_is_not_javascript_is_not_merged() {
    assert!(matches!(merged("if (isPerson() {", false), Err(MergeError::Script(ScriptError::Syntax { .. }))));
}
