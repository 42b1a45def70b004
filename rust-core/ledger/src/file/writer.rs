//! The end of the file.

use std::fs::File;
use std::io::{Error, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use super::locked::lies_at;

/// A file that takes lines at its end.
#[derive(Debug)]
pub(super) struct Writer {
    file: File,
    /// Where it was opened.
    path: PathBuf,
    /// Bytes of whole lines.
    length: u64,
    /// Whether what the disk holds isn't known any more.
    broken: bool,
}

impl Writer {
    /// At the end of what is there, which is so long.
    pub(super) fn new(file: File, path: &Path, length: u64) -> Self {
        Self { file, path: path.to_owned(), length, broken: false }
    }

    /// Writes a line in one go; it is on the disk when this returns. Where the disk takes no more, the file is as it was.
    pub(super) fn append(&mut self, line: &[u8]) -> Result<(), Error> {
        if self.broken {
            return Err(Error::other("an earlier line didn't reach the disk"));
        }
        // Nobody would find the line there, and who opens what lies at the path now meets no lock.
        if !lies_at(&self.file, &self.path)? {
            return Err(Error::other("the file was moved, replaced or deleted while it was open"));
        }
        let written = self.file.seek(SeekFrom::Start(self.length)).and_then(|_| self.file.write_all(line));
        if let Err(error) = written {
            self.broken = self.file.set_len(self.length).is_err();
            return Err(error);
        }
        // What became of a line that the system could not bring to the disk, it doesn't tell a second time.
        self.file.sync_data().inspect_err(|_| self.broken = true)?;
        self.length += line.len() as u64;
        Ok(())
    }
}

impl Drop for Writer {
    /// Closing the file gives its lock back only once no process has it open, and one that was just started may have, until it has
    /// become another program.
    fn drop(&mut self) {
        let _ = self.file.unlock();
    }
}
