//! Reading lines, of a file or of a blob.

use std::io::{BufRead, Read as _};

use pp_words::of_system;

use crate::error::LedgerError;
use crate::line::{self, LONGEST_LINE, Line, NoLine};

/// How far a text of lines goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct End {
    /// Whole lines, the header's included.
    pub(crate) lines: u64,
    /// Bytes of them.
    pub(crate) length: u64,
    /// Whether something stands behind them: a line that was torn.
    pub(crate) torn: bool,
    /// Whether the last of them is whole but for its end, as an editor leaves it.
    pub(crate) unterminated: bool,
}

/// Begin what an editor has saved in UTF-8, UTF-16 LE or BE. Source: The Unicode Standard, chapter 23.8 (byte order mark).
const BYTE_ORDER_MARKS: [&[u8]; 3] = [b"\xEF\xBB\xBF", b"\xFF\xFE", b"\xFE\xFF"];

/// Reads a header and all lines; each goes to `each`, whose error is what is wrong with the line. The last line is torn where it is no JSON.
pub(crate) fn lines<R: BufRead>(
    from: R,
    place: &str,
    mut each: impl FnMut(&Line) -> Result<(), String>,
) -> Result<End, LedgerError> {
    let mut lines = Lines { from, place, number: 0, length: 0 };
    let first = lines.next()?.ok_or_else(|| lines.no_ledger("it is empty"))?;
    lines.header(&first)?;
    lines.length += first.len() as u64;
    let mut unterminated = false;
    while let Some(bytes) = lines.next()? {
        unterminated = bytes.last() != Some(&b'\n');
        match line::line(&bytes) {
            Ok(line) => each(&line).map_err(|what| lines.damaged(what))?,
            Err(NoLine::NoJson(_)) if lines.is_at_its_end()? => {
                return Ok(End { torn: true, ..lines.end() });
            }
            Err(NoLine::Later(what)) => {
                return Err(LedgerError::Later { place: place.to_owned(), line: lines.number, what });
            }
            Err(NoLine::NoJson(what) | NoLine::Other(what)) => return Err(lines.damaged(what)),
        }
        lines.length += bytes.len() as u64;
    }
    Ok(End { unterminated, ..lines.end() })
}

struct Lines<'a, R> {
    from: R,
    place: &'a str,
    /// Of the line that was read last, from 1.
    number: u64,
    /// Of the lines that are whole.
    length: u64,
}

impl<R: BufRead> Lines<'_, R> {
    /// The next line with its end, as far as it has one.
    fn next(&mut self) -> Result<Option<Vec<u8>>, LedgerError> {
        let mut bytes = Vec::new();
        let read = self.from.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut bytes);
        read.map_err(|error| not_readable(self.place, &error))?;
        self.number += 1;
        if bytes.len() as u64 == LONGEST_LINE && bytes.last() != Some(&b'\n') {
            let first = self.number == 1;
            return Err(if first {
                self.no_ledger("its first line has no end")
            } else {
                self.damaged("it has no end")
            });
        }
        Ok((!bytes.is_empty()).then_some(bytes))
    }

    /// Each line but the first counts only once it was read whole, and the one behind the last is torn or isn't there.
    fn end(&self) -> End {
        End { lines: self.number - 1, length: self.length, torn: false, unterminated: false }
    }

    fn is_at_its_end(&mut self) -> Result<bool, LedgerError> {
        let rest = self.from.fill_buf().map_err(|error| not_readable(self.place, &error))?;
        Ok(rest.is_empty())
    }

    fn header(&self, bytes: &[u8]) -> Result<(), LedgerError> {
        match line::header(bytes) {
            Ok(_) if bytes.last() == Some(&b'\n') => Ok(()),
            Err(NoLine::Later(what)) => Err(LedgerError::Later { place: self.place.to_owned(), line: 1, what }),
            _ if is_saved_anew(bytes) => Err(self.damaged(
                "it begins with a byte order mark: somebody has saved the ledger anew; save it as UTF-8 without a byte order mark",
            )),
            Ok(_) | Err(NoLine::NoJson(_) | NoLine::Other(_)) => {
                Err(self.no_ledger("its first line is no header of a ledger"))
            }
        }
    }

    fn no_ledger(&self, what: &str) -> LedgerError {
        LedgerError::NotALedger { place: self.place.to_owned(), what: what.to_owned() }
    }

    fn damaged(&self, what: impl Into<String>) -> LedgerError {
        LedgerError::Damaged { place: self.place.to_owned(), line: self.number, what: what.into() }
    }
}

/// Whether a header stands behind a byte order mark. It is ASCII: in UTF-16 it has zeros between.
fn is_saved_anew(bytes: &[u8]) -> bool {
    let header = BYTE_ORDER_MARKS.iter().find_map(|mark| bytes.strip_prefix(*mark));
    let ascii: Option<Vec<u8>> = header.map(|header| header.iter().copied().filter(|byte| *byte != 0).collect());
    ascii.is_some_and(|ascii| line::header(&ascii).is_ok())
}

pub(crate) fn not_readable(place: &str, error: &std::io::Error) -> LedgerError {
    LedgerError::NotReadable { place: place.to_owned(), why: of_system(error) }
}
