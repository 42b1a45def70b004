//! A file's bytes as UTF-8, whichever of the encodings of Excel and PowerShell they are in.

use std::io::{self, BufRead, Read};

/// What the mark at a file's begin says.
enum Mark {
    Utf8,
    Utf16 { big: bool },
    None,
}

/// The file as UTF-8 without its mark. What isn't UTF-8 then is the reader's to find.
pub(super) fn decoded<'a>(mut input: impl BufRead + 'a) -> io::Result<Box<dyn Read + 'a>> {
    let mut start = Vec::new();
    // A reader may hand over one byte at a time.
    input.by_ref().take(3).read_to_end(&mut start)?;
    let (mark, len) = match start[..] {
        [0xEF, 0xBB, 0xBF, ..] => (Mark::Utf8, 3),
        [0xFF, 0xFE, ..] => (Mark::Utf16 { big: false }, 2),
        [0xFE, 0xFF, ..] => (Mark::Utf16 { big: true }, 2),
        _ => (Mark::None, 0),
    };
    let rest = io::Cursor::new(start.split_off(len)).chain(input);
    Ok(match mark {
        Mark::Utf8 | Mark::None => Box::new(rest),
        Mark::Utf16 { big } => Box::new(Utf16 { input: rest, big, ready: Vec::new(), taken: 0 }),
    })
}

/// UTF-16, turned into UTF-8 as it is read.
struct Utf16<R> {
    input: R,
    big: bool,
    ready: Vec<u8>,
    taken: usize,
}

impl<R: BufRead> Utf16<R> {
    fn unit(&mut self) -> io::Result<Option<u16>> {
        let mut bytes = [0; 2];
        let mut filled = 0;
        while filled < 2 {
            match self.input.read(&mut bytes[filled..])? {
                0 if filled == 0 => return Ok(None),
                0 => return Err(torn("it ends within a letter")),
                more => filled += more,
            }
        }
        Ok(Some(if self.big { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) }))
    }

    fn letter(&mut self) -> io::Result<Option<char>> {
        let Some(unit) = self.unit()? else { return Ok(None) };
        let is_first_half = (0xD800..0xDC00).contains(&unit);
        let second = if is_first_half { self.unit()? } else { None };
        match char::decode_utf16([Some(unit), second].into_iter().flatten()).next() {
            Some(Ok(letter)) => Ok(Some(letter)),
            _ => Err(torn("half of a letter stands alone in it")),
        }
    }
}

fn torn(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("the file says that it is UTF-16, and {what}"))
}

impl<R: BufRead> Read for Utf16<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.taken == self.ready.len() {
            self.ready.clear();
            self.taken = 0;
            while self.ready.len() < 4096 {
                let Some(letter) = self.letter()? else { break };
                self.ready.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
            }
        }
        let count = into.len().min(self.ready.len() - self.taken);
        into[..count].copy_from_slice(&self.ready[self.taken..self.taken + count]);
        self.taken += count;
        Ok(count)
    }
}
