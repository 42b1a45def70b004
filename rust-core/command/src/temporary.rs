//! The file for what waits to be read once more: users between walk and judgement, rows until their report is written. It is in memory
//! while it is small. Beyond that it lies in the folder for temporary files, for its owner alone, without a name, or on Windows, which has
//! no such file, to be deleted when the process lets go of it: whatever ends the process, none of it is left.

use std::io;

use tempfile::SpooledTempFile;

use pp_report::catalogue as c;
use pp_report::error::OpError;
use pp_words::of_system;

/// So many bytes are held before a file is made for them.
const IN_MEMORY: usize = 8 * 1024 * 1024;

/// An empty one.
pub(crate) fn file() -> SpooledTempFile {
    SpooledTempFile::new(IN_MEMORY)
}

/// It takes no more, or can't be read.
pub(crate) fn not_kept(error: &io::Error) -> OpError {
    let folder = std::env::temp_dir().display().to_string();
    c::TEMPORARY_FILE_NOT_WRITABLE.report(format!("'{folder}': {}", of_system(error))).target(folder).into()
}
