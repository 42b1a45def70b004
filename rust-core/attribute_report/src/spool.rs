//! The rows of a report while they come: in a file of no name beside the report, so that memory doesn't grow with them, and
//! nothing of them is left wherever the process ends.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, BufWriter, Seek as _, Write as _};

use time::OffsetDateTime;

use crate::row::ReportRow;
use crate::summary::Summary;
use crate::{Format, files, page};

/// Rows that were given so far, and what they come to.
#[derive(Debug)]
pub struct Spool {
    file: BufWriter<File>,
    summary: Summary,
}

impl Spool {
    /// Without rows, in this file.
    pub fn new(file: File) -> Self {
        Self { file: BufWriter::new(file), summary: Summary::default() }
    }

    /// Takes a row.
    pub fn push(&mut self, row: &ReportRow) -> io::Result<()> {
        serde_json::to_writer(&mut self.file, row)?;
        self.file.write_all(b"\n")?;
        self.summary.add(row);
        Ok(())
    }

    /// How many rows there are.
    pub fn len(&self) -> u64 {
        self.summary.rows
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.summary.rows == 0
    }

    /// The verdict in a sentence.
    pub fn verdict(&self) -> String {
        self.summary.verdict()
    }

    /// Writes the report. `each` is asked before each row, and its error ends it.
    pub fn write(
        self,
        format: Format,
        now: OffsetDateTime,
        out: &mut dyn io::Write,
        mut each: impl FnMut() -> io::Result<()>,
    ) -> io::Result<()> {
        let mut file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        let rows = BufReader::new(file).lines().map(|line| {
            each()?;
            Ok(serde_json::from_str(&line?)?)
        });
        let mut out = BufWriter::new(out);
        match format {
            Format::Html => page::write(&self.summary, now, rows, &mut out)?,
            Format::Csv => files::csv(rows, &mut out)?,
            Format::Json => files::json(rows, &mut out)?,
        }
        out.flush()
    }
}
