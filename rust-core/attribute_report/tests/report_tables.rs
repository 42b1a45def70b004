//! The CSV and the JSON: every row, the columns of the objects, and nothing that a spreadsheet or a screen takes for its own.

mod support;

use pp_attribute_report::{COLUMNS, Format, ReportRow};
use pp_report::rows::{AttributeDifference, Row as _};
use support::{TestResult, hostile_rows, report};

#[test]
fn the_columns_are_those_of_the_objects() -> TestResult {
    let columns: Vec<&str> = AttributeDifference::columns().into_iter().map(|column| column.name).collect();
    assert_eq!(columns, COLUMNS);
    let row: serde_json::Value = serde_json::to_value(&hostile_rows()[0])?;
    assert_eq!(row.as_object().ok_or("no object")?.keys().collect::<Vec<_>>(), COLUMNS);
    Ok(())
}

#[test]
fn json_reads_back_as_the_rows_and_shows_no_character_that_is_not_seen() -> TestResult {
    let rows = hostile_rows();
    let json = report(&rows, Format::Json)?;
    assert_eq!(serde_json::from_str::<Vec<ReportRow>>(&json)?, rows);
    assert_eq!(json.lines().count(), rows.len() + 2, "a row a line");
    assert!(!json.contains(['<', '\u{202e}', '\u{2028}']));
    assert_eq!(report(&[], Format::Json)?, "[\n]\n");
    Ok(())
}

#[test]
fn csv_reads_back_as_the_rows_but_for_what_begins_like_a_formula() -> TestResult {
    let rows = hostile_rows();
    let text = report(&rows, Format::Csv)?;
    let text = text.strip_prefix('\u{feff}').ok_or("Excel needs a byte order mark to know UTF-8")?;
    let mut csv = csv::Reader::from_reader(text.as_bytes());
    assert_eq!(csv.headers()?.iter().collect::<Vec<_>>(), COLUMNS);
    let read: Vec<csv::StringRecord> = csv.records().collect::<Result<_, _>>()?;
    assert_eq!(read.len(), rows.len());
    for (record, row) in read.iter().zip(&rows) {
        let before = row.before.clone().unwrap_or_default();
        let wanted = if before.starts_with(['=', '\t']) { format!("'{before}") } else { before };
        assert_eq!((&record[5], &record[2], &record[11]), (wanted.as_str(), "Unknown", "False"));
        assert!(record.iter().all(|cell| !cell.starts_with(['=', '+', '-', '@', '\t', '\r'])), "{record:?}");
    }
    Ok(())
}
