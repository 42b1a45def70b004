//! What is certain of a script without a user.

#![expect(clippy::expect_used, reason = "a test that can't be set up fails")]

use std::time::Duration;

use pp_script::{Constants, Kind, Limits, Script};

fn constants(text: &str) -> Constants {
    Script::compile(text, Limits { time: Duration::from_mins(10), ..Limits::default() }, || false)
        .expect("JavaScript")
        .constants(Kind::Person)
}

fn certain(text: &str) -> Vec<String> {
    let certain = constants(text).certain.into_iter();
    certain.map(|(name, value)| format!("{name}={}", value.unwrap_or_else(|| "null".into()))).collect()
}

#[test]
fn the_runbooks_country_is_certain_and_its_mail_is_not() {
    let constants = constants(&pp_portal::provisioning_script("AU"));
    assert_eq!(
        constants.certain.into_iter().collect::<Vec<_>>(),
        [("UsageLocation".to_owned(), Some("AU".to_owned()))]
    );
    assert_eq!(constants.otherwise.as_deref(), Some("it comes from the user's attributes"));
}

#[test]
fn a_script_that_asks_for_nothing_is_certain_as_a_whole() {
    let text = "var country = ['NZ', 'AU'][1]; if (isGroup()) { country = 'GB' } destination.UsageLocation = country";
    assert_eq!(constants(text).otherwise, None);
    assert_eq!(certain(text), ["UsageLocation=AU"]);
}

#[test]
fn attributes_strung_together_leave_the_rest_certain() {
    let text =
        "destination.DisplayName = source.Get('sn') + ', ' + source.givenName\n destination.UsageLocation = 'AU'";
    assert_eq!(certain(text), ["UsageLocation=AU"]);
}

#[test]
fn nothing_is_certain_where_the_user_can_decide() {
    for text in [
        "destination.UsageLocation = source.Country ? 'AU' : 'AU';",
        "destination.UsageLocation = 'AU'; if (source.Country == 'NZ') { destination.UsageLocation = 'NZ'; }",
        "destination.UsageLocation = 'AU'; if (source.x === 'y') { destination.UsageLocation = 'NZ'; }",
        "destination.UsageLocation = 'AU'; var all = getSourcePropertyByName('c'); if (all) { destination.UsageLocation = all[0]; }",
        "destination.CommonName = source.cn; if (destination.CommonName == 'x') { trace(1); } destination.UsageLocation = 'AU';",
        "destination.CommonName = source.cn.trim(); destination.UsageLocation = 'AU';",
        "destination.UsageLocation = 'AU'; eval('sou' + 'rce');",
        "destination.UsageLocation = 'AU'; this['sou' + 'rce'];",
        "destination.UsageLocation = 'AU'; var t = `${source.x}`;",
        "destination.UsageLocation = 'AU'; sourc\\u0065.x;",
        "destination.UsageLocation = 'AU'; reject('all');",
        "destination.UsageLocation = Math.random() < 2 ? 'AU' : 'NZ';",
        "destination.UsageLocation = 'AU'; missing();",
    ] {
        let constants = constants(text);
        assert!(constants.certain.is_empty() && constants.otherwise.is_some(), "{text}: {constants:?}");
    }
}

#[test]
fn the_place_where_the_user_decides_is_told() {
    let otherwise = constants("trace(1);\n  if (source.x) { }").otherwise;
    assert_eq!(otherwise.as_deref(), Some("line 2, column 7: what the script does there can depend on the user"));
}
