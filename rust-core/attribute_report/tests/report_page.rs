//! The page: all rows are in it, as text, and nothing runs or is fetched but its own script.

mod support;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pp_attribute_report::{Format, ReportRow, visible};
use pp_attributes::difference::Severity;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use support::{HOSTILE, TestResult, hostile_rows, report, row};

/// What is between two marks, the first time.
fn between<'a>(text: &'a str, before: &str, after: &str) -> Result<&'a str, String> {
    let rest = text.split_once(before).ok_or_else(|| format!("no {before}"))?.1;
    Ok(rest.split_once(after).ok_or_else(|| format!("no {after}"))?.0)
}

fn data(page: &str) -> Result<Value, Box<dyn std::error::Error>> {
    let json = between(page, "<script type=\"application/json\" id=\"rows\">", "</script>")?;
    Ok(serde_json::from_str(json)?)
}

/// The cells of a row as the page has them, with its texts in their places.
fn cells(row: &Value, texts: &Value) -> Vec<Value> {
    let text = |place: &Value| {
        place.as_u64().map_or(Value::Null, |place| texts[usize::try_from(place).unwrap_or(usize::MAX)].clone())
    };
    let cell = |(column, cell): (usize, &Value)| if [1, 3, 6, 7].contains(&column) { text(cell) } else { cell.clone() };
    row.as_array().into_iter().flatten().enumerate().map(cell).collect()
}

fn wanted(row: &ReportRow) -> Vec<Value> {
    let severities = ["LockedOut", "Unknown", "Renamed", "Changed", "Equal"];
    let shown = |text: &Option<String>| text.as_deref().map_or(Value::Null, |text| visible(text).into());
    let tenant = format!("{} ({})", row.tenant_name.as_deref().unwrap_or_default(), row.tenant_id);
    vec![
        severities.iter().position(|name| *name == row.severity.name()).into(),
        visible(&tenant).into(),
        shown(&row.user_principal_name),
        visible(&row.attribute).into(),
        shown(&row.before),
        shown(&row.after),
        visible(&row.reason).into(),
        shown(&row.advice),
        shown(&row.user_id),
        row.portal_place.into(),
        row.on_premises_sync_enabled.into(),
    ]
}

#[test]
fn every_row_is_in_the_page() -> TestResult {
    let mut rows = hostile_rows();
    rows.extend(
        (0..500).map(|n| row(Severity::Changed, &format!("user{n}@contoso.example"), "displayName", "a", None)),
    );
    let data = data(&report(&rows, Format::Html)?)?;
    let found: Vec<Vec<Value>> =
        data["rows"].as_array().into_iter().flatten().map(|row| cells(row, &data["texts"])).collect();
    assert_eq!(found, rows.iter().map(wanted).collect::<Vec<_>>());
    Ok(())
}

#[test]
fn the_policy_names_the_style_and_the_script_that_are_there_and_nothing_else() -> TestResult {
    let page = report(&hostile_rows(), Format::Html)?;
    let policy = between(&page, "<meta http-equiv=\"Content-Security-Policy\" content=\"", "\"")?;
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text));
    let style = hash(between(&page, "<style>", "</style>")?);
    let script = hash(between(&page, "<script>", "</script>")?);
    assert_eq!(
        policy,
        format!(
            "default-src 'none'; script-src 'sha256-{script}'; style-src 'sha256-{style}'; base-uri 'none'; \
             form-action 'none'"
        )
    );
    Ok(())
}

#[test]
fn no_tag_is_made_of_a_name_and_none_runs_or_fetches_anything() -> TestResult {
    let plain = report(&[row(Severity::Unknown, "a", "b", "c", Some("d"))], Format::Html)?;
    assert!(!plain.contains("http:") && !plain.contains("https:") && !plain.contains("url("), "an address");
    let page = report(&hostile_rows(), Format::Html)?;
    let [script, style] = [between(&page, "<script>", "</script>")?, between(&page, "<style>", "</style>")?];
    let markup = page.replace(script, "").replace(style, "");
    for tag in markup.split('<').skip(1).map(|rest| rest.split('>').next().unwrap_or_default()) {
        let name = tag.split_whitespace().next().unwrap_or_default().trim_start_matches('/');
        assert!(!["img", "link", "iframe", "object", "embed", "a", "base"].contains(&name), "<{tag}>");
        let attribute = |word: &str| word.split('=').next().unwrap_or_default().to_ascii_lowercase();
        let words = || tag.split_whitespace().skip(1).filter(|word| word.contains('='));
        assert!(
            !words().map(attribute).any(|name| name.starts_with("on") || name == "src" || name == "style"),
            "<{tag}>"
        );
    }
    // Ours: the data and the script.
    assert_eq!(markup.matches("<script").count(), 2);
    for name in HOSTILE {
        assert!(name.contains("{{") || !markup.contains(name), "{name}");
    }
    assert!(!page.contains(['\u{202e}', '\u{2028}', '\u{2029}', '\0', '\u{feff}']), "what isn't seen");
    assert!(page.contains("Ada ⟨U+202E⟩ecalevoL") && page.contains("one⟨U+2028⟩two"), "shown by its number");
    Ok(())
}

#[test]
fn without_a_script_the_gravest_rows_are_shown_and_how_many_are_not() -> TestResult {
    let mut rows: Vec<ReportRow> = (0..1_300)
        .map(|n| row(Severity::Changed, &format!("user{n}@c.example"), "displayName", "a", Some("b")))
        .collect();
    rows.push(row(Severity::LockedOut, "last@c.example", "onPremisesImmutableId", "a", Some("b")));
    let page = report(&rows, Format::Html)?;
    let table = between(between(&page, "<section class=\"first\"", "</section>")?, "<tbody>", "</tbody>")?;
    assert_eq!(table.matches("<tr ").count(), 100);
    assert!(between(table, "<tr ", "</tr>")?.contains("last@c.example"), "the gravest comes first");
    assert!(page.contains("The 100 gravest rows") && page.contains("Of 1,301 rows 1,201 are left out here"));
    Ok(())
}

#[test]
fn the_verdict_is_that_of_the_gravest_and_counts_users_once() -> TestResult {
    let all = [Severity::Equal, Severity::Changed, Severity::Renamed, Severity::Unknown, Severity::LockedOut];
    let said = [
        "Nothing will change for 1 user: what Practice Protect writes is there already, or it writes nothing.",
        "No user in this report will be locked out or renamed; 1 of the 2 users will have other values.",
        "No user in this report will be locked out; 1 of the 3 users will sign in, or be written to, by another name.",
        "No user in this report is found to be locked out, but for 1 of the 4 users something can&#x27;t be known.",
        "1 of the 5 users in this report will be locked out by the next provisioning: they can&#x27;t sign in afterwards.",
    ];
    let mut rows = Vec::new();
    for (severity, said) in all.into_iter().zip(said) {
        // Two attributes of a user, of which one is equal.
        rows.push(row(severity, severity.name(), "mail", "a", Some("b")));
        rows.push(row(Severity::Equal, severity.name(), "displayName", "a", Some("a")));
        let page = report(&rows, Format::Html)?;
        assert_eq!(between(&page, "<h1>", "</h1>")?, said);
    }
    Ok(())
}

#[test]
fn what_is_written_nothing_to_and_has_nothing_has_none_afterwards() -> TestResult {
    let afterwards = |severity, before: Option<&str>| -> Result<String, Box<dyn std::error::Error>> {
        let row = ReportRow { before: before.map(Into::into), ..row(severity, "a", "usageLocation", "", None) };
        let page = report(&[row], Format::Html)?;
        let table = between(&page, "<section class=\"first\"", "</section>")?;
        Ok(between(table, "data-title=\"Afterwards\">", "</td>")?.to_owned())
    };
    assert_eq!(afterwards(Severity::Equal, None)?, "none");
    assert_eq!(afterwards(Severity::LockedOut, None)?, "none");
    assert_eq!(afterwards(Severity::Unknown, None)?, "not known");
    assert_eq!(afterwards(Severity::LockedOut, Some("AU"))?, "not known");
    Ok(())
}

#[test]
fn a_page_without_rows_says_nothing_of_anybody_and_leads_to_nothing_but_another_comparison() -> TestResult {
    let page = report(&[], Format::Html)?;
    let verdict = between(&page, "<h1>", "</h1>")?;
    assert!(verdict.starts_with("This report has no rows and says nothing of any user"), "{verdict}");
    let next: Vec<&str> = between(&page, "<ol class=\"next\">", "</ol>")?.split("<li>").skip(1).collect();
    assert!(next.len() == 1 && next[0].contains("Compare-PPAttribute -IncludeEqual"), "{next:?}");
    assert!(!page.contains("Nothing in this report is Unknown"), "{page}");
    assert!(
        report(&[row(Severity::Equal, "a", "mail", "a", Some("a"))], Format::Html)?
            .contains("Nothing in this report is Unknown")
    );
    Ok(())
}

#[test]
fn what_to_do_says_each_advice_once_with_how_often_gravest_first() -> TestResult {
    let with_advice = |severity, user: &str, advice: &str| ReportRow {
        advice: Some(advice.into()),
        ..row(severity, user, "mail", "a", Some("b"))
    };
    let rows = [
        with_advice(Severity::Unknown, "a", "Give the token a permission."),
        with_advice(Severity::LockedOut, "b", "Set the domain's policy"),
        with_advice(Severity::LockedOut, "c", "Set the domain's policy"),
    ];
    let page = report(&rows, Format::Html)?;
    let next: Vec<&str> = between(&page, "<ol class=\"next\">", "</ol>")?.split("<li>").skip(1).collect();
    assert!(next[0].contains("Set the domain&#x27;s policy.") && next[0].contains("2 rows"), "{next:?}");
    assert!(next[1].contains("Give the token a permission.") && next[1].contains("1 row<"), "{next:?}");
    assert!(next[2].contains("Compare-PPAttribute") && next[3].contains("Export-PPAttributeBackup"), "{next:?}");
    let limits = between(&page, "<h2 id=\"limits-title\">", "</section>")?;
    assert!(limits.contains("Not verified against a live tenant"), "{limits}");
    assert!(
        limits.contains("Practice Protect writes what its portal has. <span class=\"about\">1 row</span>"),
        "{limits}"
    );
    Ok(())
}

#[test]
fn what_is_unknown_is_listed_by_a_few_reasons_however_many_there_are() -> TestResult {
    let rows: Vec<ReportRow> = (0..10_020)
        .map(|n| ReportRow {
            reason: format!("Reason {n} of many."),
            ..row(Severity::Unknown, "a@c.example", "mail", "a", None)
        })
        .collect();
    let listed = |rows: &[ReportRow]| -> Result<String, Box<dyn std::error::Error>> {
        let page = report(rows, Format::Html)?;
        Ok(between(&page, "<h2 id=\"limits-title\">", "</section>")?.to_owned())
    };
    let all = listed(&rows)?;
    assert_eq!(all.matches(" of many.").count(), 8, "{all}");
    assert!(all.contains("And 9,992 more, and those of 20 rows, which the rows of the table say."), "{all}");
    assert!(listed(&rows[..20])?.contains("And 12 more, which the rows of the table say."));
    Ok(())
}
