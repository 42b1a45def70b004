//! The portal's users from CSV, as the portal, Excel in any country and `Export-Csv` write it.

use std::io::{self, BufRead, Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::mapping::{Mapping, Overrides};
use super::{MAX_USER, ReadError};
use crate::pairing::Builder;
use crate::portal_user::PortalUser;

/// The file from its header on.
pub(super) struct CsvFile<R: Read> {
    rows: csv::Reader<Watched<R>>,
    watch: Arc<Watch>,
    mapping: Mapping,
    /// The lines before the header.
    before: u64,
    record: csv::StringRecord,
    has_users: bool,
}

/// The header's line, what follows it, and a line's end.
pub(super) type Lines<R> = io::Chain<io::Chain<Cursor<Vec<u8>>, R>, &'static [u8]>;

impl<R: BufRead> CsvFile<Lines<R>> {
    /// `line` is how many lines were left out before.
    pub(super) fn open(mut input: R, mut before: u64, overrides: &Overrides) -> Result<Self, ReadError> {
        let mut first = line(&mut input)?;
        // Windows PowerShell writes a line with the objects' type before the header, Excel one with the delimiter.
        let mut delimiter = None;
        while let Some(said) = preamble(&first) {
            if let Preamble::Delimiter(said) = said {
                delimiter = Some(said);
            }
            before += 1;
            first = line(&mut input)?;
        }
        if first.contains(&0) {
            return Err(ReadError::NotText);
        }
        let delimiter = delimiter.unwrap_or_else(|| most_frequent(&first));
        let watch = Arc::new(Watch::default());
        // The last line ends like the others, so that lines can be counted by their ends.
        let input = Cursor::new(first).chain(input).chain(&b"\n"[..]);
        let watched = Watched { input, watch: Arc::clone(&watch), after_return: false };
        let mut rows = csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(watched);
        let headers = rows.headers().map_err(|error| of_csv(&error, before + 1))?;
        let headers: Vec<String> = headers.iter().map(|header| header.trim().to_owned()).collect();
        if headers.iter().all(String::is_empty) {
            return Err(ReadError::Empty);
        }
        let mapping = Mapping::of(&headers, overrides)?;
        Ok(Self { rows, watch, mapping, before, record: csv::StringRecord::new(), has_users: false })
    }
}

impl<R: Read> CsvFile<R> {
    pub(super) fn mapping(&self) -> &Mapping {
        &self.mapping
    }

    /// Puts all users into an index.
    pub(super) fn fill(mut self, users: &mut Builder) -> Result<Mapping, ReadError> {
        while let Some(place) = self.read()? {
            users.take(place, self.mapping.attributes(|at| self.record.get(at)));
        }
        Ok(self.mapping)
    }

    /// Reads the next user's cells into the record, and says where the user stands. A row of blank cells alone, which Excel leaves of one
    /// that was cleared, is no user.
    fn read(&mut self) -> Result<Option<u64>, ReadError> {
        let begins = loop {
            self.watch.since_row.store(0, Ordering::Relaxed);
            let begins = self.rows.position().line() + self.before;
            if !self.rows.read_record(&mut self.record).map_err(|error| of_csv(&error, begins))? {
                return self.end().map(|()| None);
            }
            if self.record.iter().any(|cell| !cell.trim().is_empty()) {
                break begins;
            }
        };
        self.has_users = true;
        // A cell that isn't closed has the last line's end in it.
        let breaks = self.record.as_slice().bytes().filter(|byte| *byte == b'\n').count() as u64;
        let place = self.line(breaks).max(begins);
        let (cells, columns) = (self.record.len(), self.mapping.headers.len());
        if cells != columns {
            return Err(ReadError::Ragged { line: place, cells, columns });
        }
        for column in self.mapping.columns.iter().filter(|_| breaks > 0) {
            if self.record.get(column.at).is_some_and(|cell| cell.trim().contains('\n')) {
                return Err(ReadError::LineBreak { line: place, column: column.header.clone() });
            }
        }
        Ok(Some(place))
    }

    /// The line that the record begins on, which has so many line breaks in it. The parser's own count begins before empty lines.
    fn line(&self, breaks: u64) -> u64 {
        (self.rows.position().line() + self.before).saturating_sub(breaks + 1)
    }

    fn end(&self) -> Result<(), ReadError> {
        if self.watch.quotes.load(Ordering::Relaxed) % 2 == 1 {
            return Err(ReadError::OpenQuote);
        }
        if self.has_users { Ok(()) } else { Err(ReadError::NoUsers) }
    }
}

impl<R: Read> Iterator for CsvFile<R> {
    type Item = Result<PortalUser, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        let read = self.read().transpose()?;
        Some(read.map(|place| self.mapping.user(place, |at| self.record.get(at))))
    }
}

fn line(input: &mut impl BufRead) -> Result<Vec<u8>, ReadError> {
    let mut line = Vec::new();
    input.by_ref().take(MAX_USER as u64).read_until(b'\n', &mut line)?;
    Ok(line)
}

/// A line before the table.
enum Preamble {
    /// It names the delimiter.
    Delimiter(u8),
    /// It says nothing of the table.
    Other,
}

fn preamble(line: &[u8]) -> Option<Preamble> {
    let text = line.trim_ascii();
    if text.starts_with(b"#TYPE ") || (text.is_empty() && !line.is_empty()) {
        return Some(Preamble::Other);
    }
    match text {
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', delimiter] => Some(Preamble::Delimiter(*delimiter)),
        // The tabulator is blank space at the line's end.
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'='] => Some(Preamble::Delimiter(b'\t')),
        _ => None,
    }
}

/// The delimiter that a header has most of outside quotes.
fn most_frequent(header: &[u8]) -> u8 {
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    let mut quoted = false;
    for byte in header {
        quoted ^= *byte == b'"';
        if let Some(count) = counts.iter_mut().find(|count| count.0 == *byte && !quoted) {
            count.1 += 1;
        }
    }
    let best = counts.iter().rev().max_by_key(|count| count.1);
    best.map_or(b',', |best| best.0)
}

/// `line` is where the parser was before it read.
fn of_csv(error: &csv::Error, line: u64) -> ReadError {
    match error.kind() {
        csv::ErrorKind::Utf8 { err, .. } => ReadError::NotUtf8 { line, column: err.field() + 1 },
        csv::ErrorKind::Io(error) if error.kind() == io::ErrorKind::FileTooLarge => ReadError::TooLong { line },
        csv::ErrorKind::Io(error) => ReadError::Input(io::Error::new(error.kind(), error.to_string())),
        _ => ReadError::Input(io::Error::other(error.to_string())),
    }
}

/// What went by on the way to the parser, which itself takes a quote that isn't closed for a cell up to the file's end.
#[derive(Debug, Default)]
struct Watch {
    quotes: AtomicUsize,
    since_row: AtomicUsize,
}

/// Every line's end is one `\n` behind it.
struct Watched<R> {
    input: R,
    watch: Arc<Watch>,
    after_return: bool,
}

impl<R> Watched<R> {
    /// Makes one `\n` of what ends a line; how many bytes are left.
    fn line_ends(&mut self, bytes: &mut [u8]) -> usize {
        if !self.after_return && !bytes.contains(&b'\r') {
            return bytes.len();
        }
        let mut kept = 0;
        for at in 0..bytes.len() {
            let (byte, follows) = (bytes[at], self.after_return);
            self.after_return = byte == b'\r';
            if !(follows && byte == b'\n') {
                bytes[kept] = if byte == b'\r' { b'\n' } else { byte };
                kept += 1;
            }
        }
        kept
    }
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut count = 0;
        while count == 0 {
            let read = self.input.read(into)?;
            if read == 0 {
                return Ok(0);
            }
            count = self.line_ends(&mut into[..read]);
        }
        let quotes = into[..count].iter().map(|byte| usize::from(*byte == b'"')).sum();
        self.watch.quotes.fetch_add(quotes, Ordering::Relaxed);
        if self.watch.since_row.fetch_add(count, Ordering::Relaxed) > MAX_USER {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(count)
    }
}
