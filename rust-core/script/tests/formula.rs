//! A script that only puts attributes behind one another writes to each user what a run for that user would.

#![expect(clippy::expect_used, reason = "a test that can't be set up fails")]

use std::collections::BTreeMap;
use std::time::Duration;

use pp_script::{Formula, Kind, Limits, Script};

fn script(text: &str) -> Script {
    Script::compile(text, Limits { time: Duration::from_mins(10), ..Limits::default() }, || false).expect("JavaScript")
}

fn formula(text: &str) -> Option<Formula> {
    script(text).formula(Kind::Person, ["Username", "sn"].map(str::to_owned))
}

fn user(attributes: &[(&str, &str)]) -> BTreeMap<String, String> {
    attributes.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

#[test]
fn what_a_formula_covers_it_writes_as_a_run_does() {
    let users = [
        user(&[("CanonicalizeName", "ann@firm.example"), ("sn", "Li"), ("givenName", "Ann"), ("Username", "7")]),
        user(&[
            ("CanonicalizeName", "_x000A_ 'é' \"\\ \u{1F600}"),
            ("sn", "5"),
            ("givenName", "0x10"),
            ("toString", "x"),
        ]),
        user(&[("CanonicalizeName", " "), ("sn", ""), ("givenName", "\n")]),
    ];
    for text in [
        &pp_portal::provisioning_script("AU"),
        "destination.DisplayName = source.Get('sn') + ', ' + source.givenName\n destination.UsageLocation = 'AU'",
        "destination.DisplayName = 1 + 2 + source.sn + source.sn; destination.Mail = null; destination.CommonName = 7",
        "for (var i = 0; i < 2; i++) { destination.Mail = source.sn; } if (isGroup()) { destination.Mail = source.givenName; }",
        "destination.Mail = source.givenName; destination.Mail = 'a@b';",
    ] {
        let (script, formula) = (script(text), formula(text).expect(text));
        for user in &users {
            let attribute = |name: &str| user.get(name).map(String::as_str);
            assert!(formula.covers(attribute), "{text}");
            let ran = script.write_for(user, Kind::Person).expect("a run");
            for name in ["DisplayName", "Mail", "UsageLocation", "CommonName", "ProxyAddresses"] {
                let written = formula.write(name, attribute).map(|value| value.map(String::from));
                assert_eq!(written.as_ref(), ran.destination.get(name), "{text}: {name} of {user:?}");
            }
        }
    }
}

#[test]
fn a_user_who_lacks_what_is_asked_for_is_left_to_a_run() {
    let formula = formula("destination.CommonName = source.sn; destination.CommonName = source.cn + source.sn;")
        .expect("a formula");
    let covers = |user: BTreeMap<String, String>| formula.covers(|name: &str| user.get(name).map(String::as_str));
    assert!(covers(user(&[("cn", "a"), ("sn", "b")])));
    // Two that are null are 0 in an addition.
    assert!(!covers(user(&[])));
    assert!(!covers(user(&[("cn", "a")])));
    let long = "x".repeat(1024 * 1024);
    assert!(!covers(user(&[("cn", "a"), ("sn", &long)])));
}

#[test]
fn there_is_none_where_a_run_may_tell_more() {
    for text in [
        "if (source.sn == 'x') { destination.Mail = 'a@b'; }",
        "destination.Mail = source.sn.toLowerCase();",
        "destination.Mail = source.sn; destination.UsageLocation = Date.now() > 0 ? 'AU' : 'NZ';",
        "destination.Mail = source.sn; reject('nobody');",
        "destination.Mail = source.sn; missing();",
        "Object.defineProperty(Object.prototype, 'Mail', { set: function (mail) { if (mail == 'x') { trace(1); } } }); destination.Mail = source.sn;",
        "destination.Mail = '\u{F4A0}0\u{F4A1}' + source.sn;",
    ] {
        assert_eq!(formula(text), None, "{text}");
    }
}
