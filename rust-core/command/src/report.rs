//! Ops of a report: opened before the first row is there, given rows a part at a time, and written. Until then nothing lies in the report's
//! folder: the rows wait in a temporary file, of which none is left whatever ends the process.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use parking_lot::Mutex;
use pp_attribute_report::{Draft, Format, ReportRow};
use pp_base::handle::{HandleKind, Table};
use serde::Deserialize;
use serde_json::Value;
use tempfile::SpooledTempFile;
use time::OffsetDateTime;

use crate::Op;
use crate::output::Output;
use crate::sink::file_error;
use crate::temporary::{self, not_kept};
use pp_report::catalogue as c;
use pp_report::error::OpError;
use pp_report::rows::OpenedReport;
use pp_sink::error::SinkError;
use pp_sink::private_file::PrivateFile;

/// A report that takes rows.
#[derive(Debug)]
struct Report {
    path: PathBuf,
    format: Format,
    force: bool,
    /// Taken when it is written.
    rows: Mutex<Option<Draft<SpooledTempFile>>>,
}

static OPEN: LazyLock<Table<Report>> = LazyLock::new(|| Table::new(HandleKind::Report));

/// `openReport`: makes sure that the file can be written, so that what can't be is told before anything is compared.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Open {
    path: String,
    /// Where none is given, the ending of the file's name tells.
    format: Option<String>,
    #[serde(default)]
    force: bool,
}

impl Op for Open {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let Self { path, format, force } = *self;
        let format = format_of(&path, format.as_deref())?;
        let path = PathBuf::from(path);
        // Nothing of it stays in the folder until there is something to write.
        PrivateFile::prepare(&path, force).map(drop).map_err(not_written)?;
        let report = Report { path, format, force, rows: Mutex::new(Some(Draft::new(temporary::file()))) };
        let number = OPEN.insert(Arc::new(report)).map_err(|full| {
            c::REPORT_FILE_NOT_WRITABLE.report(format!("too many reports are being written: {full}"))
        })?;
        Ok(output.row(OpenedReport { number })?)
    }
}

fn format_of(path: &str, format: Option<&str>) -> Result<Format, OpError> {
    let ending = Path::new(path).extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    Format::of(format.unwrap_or(ending)).ok_or_else(|| {
        let why = match format {
            Some(format) => format!("'{format}' is not one of Html, Csv, Json"),
            None => format!("'{path}' ends neither in .html, .csv nor .json"),
        };
        c::REPORT_FORMAT_UNKNOWN.report(why).target(path).into()
    })
}

/// `reportRows`: takes some rows.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rows {
    report: u64,
    rows: Vec<Value>,
}

impl Op for Rows {
    fn run(self: Box<Self>, _output: &Output) -> Result<(), OpError> {
        let report = find(self.report)?;
        let mut rows = report.rows.lock();
        let draft = rows.as_mut().ok_or_else(|| no_longer_open(self.report))?;
        for row in self.rows {
            let row: ReportRow =
                serde_json::from_value(row).map_err(|error| c::REPORT_ROW_INVALID.report(said(&error.to_string())))?;
            draft.push(&row).map_err(|error| not_kept(&error))?;
        }
        draft.flush().map_err(|error| not_kept(&error))
    }
}

/// What is wrong with a row, in the words of its columns.
fn said(error: &str) -> String {
    match error.strip_prefix("missing field ") {
        Some(column) => format!("a row has no {}", column.replace('`', "")),
        None => format!("a row can't go into the report: {error}"),
    }
}

/// `writeReport`: writes the file with all rows that were given; the number stands for nothing any more.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Write {
    report: u64,
}

impl Op for Write {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let report = OPEN.remove(self.report).map_err(|_gone| no_longer_open(self.report))?;
        let draft = report.rows.lock().take().ok_or_else(|| no_longer_open(self.report))?;
        let (rows, verdict) = (draft.len(), draft.verdict());
        let mut file = PrivateFile::prepare(&report.path, report.force).map_err(not_written)?;
        let cancel = output.cancel();
        let goes_on = || cancel.check().map_err(io::Error::other);
        let written = file.fill(|file| draft.write(report.format, OffsetDateTime::now_utc(), file, goes_on));
        cancel.check()?;
        written.map_err(not_written)?;
        Ok(output.information(format!("The report, {rows} rows, is in {}. {verdict}.", file.location()))?)
    }
}

/// `closeReport`: lets go of one that won't be written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Close {
    report: u64,
}

impl Op for Close {
    fn run(self: Box<Self>, _output: &Output) -> Result<(), OpError> {
        // One that was written is closed already.
        let _ = OPEN.remove(self.report);
        Ok(())
    }

    fn lets_go(&self) -> bool {
        true
    }
}

fn find(number: u64) -> Result<Arc<Report>, OpError> {
    OPEN.get(number).map_err(|_gone| no_longer_open(number))
}

fn no_longer_open(number: u64) -> OpError {
    c::REPORT_FILE_NOT_WRITABLE.report(format!("report {number} was written or closed already")).into()
}

fn not_written(error: SinkError) -> OpError {
    file_error(error, c::REPORT_FILE_EXISTS, c::REPORT_FILE_NOT_WRITABLE)
}
