//! The rows as a CSV and as JSON.

use std::io::{self, Write};

use crate::row::ReportRow;
use crate::text::{escaped_json, no_formula};

/// What Excel knows UTF-8 by.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The columns, in the order of [`ReportRow`].
pub const COLUMNS: [&str; 12] = [
    "TenantId",
    "TenantName",
    "Severity",
    "UserPrincipalName",
    "Attribute",
    "Before",
    "After",
    "Reason",
    "Advice",
    "UserId",
    "PortalPlace",
    "OnPremisesSyncEnabled",
];

/// RFC 4180 with names of columns, UTF-8 with a byte order mark. What isn't there is an empty cell; a cell that begins like a
/// formula begins with an apostrophe, and so does what would be a cell where another sign parts them.
pub(crate) fn csv(rows: impl Iterator<Item = io::Result<ReportRow>>, out: &mut impl Write) -> io::Result<()> {
    out.write_all(BYTE_ORDER_MARK)?;
    let mut csv = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
    csv.write_record(COLUMNS)?;
    for row in rows {
        csv.write_record(cells(&row?).map(|cell| no_formula(&cell.unwrap_or_default())))?;
    }
    csv.flush()
}

fn cells(row: &ReportRow) -> [Option<String>; COLUMNS.len()] {
    [
        Some(row.tenant_id.clone()),
        row.tenant_name.clone(),
        Some(row.severity.name().to_owned()),
        row.user_principal_name.clone(),
        Some(row.attribute.clone()),
        row.before.clone(),
        row.after.clone(),
        Some(row.reason.clone()),
        row.advice.clone(),
        row.user_id.clone(),
        row.portal_place.map(|place| place.to_string()),
        row.on_premises_sync_enabled.map(|enabled| if enabled { "True" } else { "False" }.to_owned()),
    ]
}

/// One array, a row a line.
pub(crate) fn json(rows: impl Iterator<Item = io::Result<ReportRow>>, out: &mut impl Write) -> io::Result<()> {
    out.write_all(b"[")?;
    for (number, row) in rows.enumerate() {
        let row = escaped_json(&serde_json::to_string(&row?)?);
        write!(out, "{}{row}", if number == 0 { "\n" } else { ",\n" })?;
    }
    out.write_all(b"\n]\n")
}
