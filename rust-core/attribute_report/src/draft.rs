//! A report while its rows come: they wait in a file that the caller gives, and memory has what they come to.

use std::io::{self, BufWriter, Read, Seek, Write};

use pp_attributes::spool::{Record, Spool};
use time::OffsetDateTime;

use crate::row::ReportRow;
use crate::summary::Summary;
use crate::{Format, files, page};

impl Record for ReportRow {
    type Of<'p> = Self;

    fn pack(one: &Self, into: &mut Vec<u8>) -> io::Result<()> {
        Ok(serde_json::to_writer(into, one)?)
    }

    fn unpack(packed: &[u8]) -> io::Result<Self> {
        Ok(serde_json::from_slice(packed)?)
    }
}

/// Rows that were given so far, and what they come to.
#[derive(Debug)]
pub struct Draft<F: Write> {
    rows: Spool<ReportRow, F>,
    summary: Summary,
}

impl<F: Read + Write + Seek> Draft<F> {
    /// Without rows, which will wait in this file.
    pub fn new(file: F) -> Self {
        Self { rows: Spool::new(file), summary: Summary::default() }
    }

    /// Takes a row.
    pub fn push(&mut self, row: &ReportRow) -> io::Result<()> {
        self.rows.push(row)?;
        self.summary.add(row);
        Ok(())
    }

    /// All rows that were given are in the file: what it takes no more of is told here at the latest.
    pub fn flush(&mut self) -> io::Result<()> {
        self.rows.flush()
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
        let rows = self.rows.finish()?.map(|row| {
            each()?;
            row
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
