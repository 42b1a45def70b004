//! Reports of made-up rows.

use std::error::Error;
use std::io::Cursor;

use pp_attribute_report::{Draft, Format, ReportRow};
use pp_attributes::difference::Severity;
use time::OffsetDateTime;

pub(crate) type TestResult = Result<(), Box<dyn Error>>;

/// Names that are more than a name where they aren't taken as a text.
pub(crate) const HOSTILE: [&str; 10] = [
    "</script><script>document.title='ran'</script>",
    "<img src=x onerror=\"document.title='ran'\">",
    "\"><svg/onload=document.title='ran'>",
    "<!--<script>",
    "]]></textarea></title><h1>",
    "=HYPERLINK(\"http://evil.example\",\"x\")",
    "\tcmd|' /C calc'!A0",
    "Ada \u{202e}ecalevoL",
    "one\u{2028}two\u{2029}three\r\nfour",
    "{{ policy }}{% raw %} \u{0} \u{feff}",
];

pub(crate) fn row(severity: Severity, user: &str, attribute: &str, before: &str, after: Option<&str>) -> ReportRow {
    ReportRow {
        tenant_id: "8f69709d-4d80-4f9c-a404-24a0d96e5646".into(),
        tenant_name: Some("Contoso Accounting".into()),
        severity,
        user_principal_name: Some(user.into()),
        attribute: attribute.into(),
        before: Some(before.into()),
        after: after.map(Into::into),
        reason: "Practice Protect writes what its portal has.".into(),
        advice: None,
        user_id: Some(format!("id of {user}")),
        portal_place: Some(7),
        on_premises_sync_enabled: None,
    }
}

/// A row whose every text is hostile, for each hostile name.
pub(crate) fn hostile_rows() -> Vec<ReportRow> {
    HOSTILE
        .iter()
        .map(|name| ReportRow {
            tenant_name: Some((*name).into()),
            reason: (*name).into(),
            advice: Some((*name).into()),
            user_id: Some((*name).into()),
            portal_place: None,
            on_premises_sync_enabled: Some(false),
            ..row(Severity::Unknown, name, name, name, Some(name))
        })
        .collect()
}

/// The report as it is written.
pub(crate) fn report(rows: &[ReportRow], format: Format) -> Result<String, Box<dyn Error>> {
    let mut draft = Draft::new(Cursor::new(Vec::new()));
    for row in rows {
        draft.push(row)?;
    }
    let mut bytes = Vec::new();
    draft.write(format, OffsetDateTime::UNIX_EPOCH, &mut bytes, || Ok(()))?;
    Ok(String::from_utf8(bytes)?)
}
