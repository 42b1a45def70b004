//! A ledger in a file, of one process at a time. Its owner alone may read it (mode 0600; on Windows whoever its folder lets).

mod hold;
mod locked;
mod writer;

use std::fs::{self, File};
use std::io::{BufReader, ErrorKind, Write as _};
use std::path::Path;
use std::sync::Arc;

use time::OffsetDateTime;

use pp_base::durable::{open_folder, sync_folder};
use pp_words::of_system;

use crate::error::LedgerError;
use crate::line::Header;
use crate::parse::{lines, not_readable};
use crate::state::States;
use crate::{Contents, Opened};
use hold::FileLedger;
use locked::{NotOpened, locked};
use writer::Writer;

/// Opens a file, or makes it, and keeps others from writing it.
pub fn open(path: &Path, worker: &str) -> Result<Opened, LedgerError> {
    let place = path.display().to_string();
    check(path, &place)?;
    let file = match locked(path) {
        Err(NotOpened::NotThere) => {
            make(path).map_err(|error| not_writable(&place, &error))?;
            locked(path)
        }
        other => other,
    };
    let file = file.map_err(|error| error.told(&place))?;
    let mut states = States::default();
    let end = lines(BufReader::new(&file), &place, |line| states.fold(line))?;
    let warning = if end.torn {
        file.set_len(end.length).and_then(|()| file.sync_all()).map_err(|error| not_writable(&place, &error))?;
        Some(format!(
            "the last line of the ledger '{place}' was torn, as when a machine stops while it writes; it was cut off"
        ))
    } else {
        None
    };
    let mut writer = Writer::new(file, path, end.length);
    if end.unterminated {
        writer.append(b"\n").map_err(|error| not_writable(&place, &error))?;
    }
    let ledger = FileLedger::new(place, worker, writer, states);
    Ok(Opened { ledger: Arc::new(ledger), warning })
}

/// Reads a file that another process may be writing.
pub fn read(path: &Path) -> Result<Contents, LedgerError> {
    let place = path.display().to_string();
    check(path, &place)?;
    let file = File::open(path).map_err(|error| not_readable(&place, &error))?;
    let mut states = States::default();
    let end = lines(BufReader::new(file), &place, |line| states.fold(line))?;
    Ok(Contents { torn: end.torn, ..Contents::of(states.all(), None) })
}

/// A link may lead anywhere by the time it is followed.
fn check(path: &Path, place: &str) -> Result<(), LedgerError> {
    let what = match fs::symlink_metadata(path) {
        Ok(about) if about.is_symlink() => "it is a symbolic link; give the path of the file itself",
        Ok(about) if about.is_dir() => "it is a folder",
        Ok(about) if !about.is_file() => "it is no file",
        Ok(_) => return Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(not_readable(place, &error)),
    };
    Err(LedgerError::NotALedger { place: place.to_owned(), what: what.to_owned() })
}

/// Makes a file with its header: there is none without. One that appears meanwhile is somebody else's, and is taken as it is.
fn make(path: &Path) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let opened = open_folder(folder)?;
    // For its owner alone (mode 0600) from the first moment on.
    let mut new = tempfile::Builder::new().prefix(".ppfederation-").tempfile_in(folder)?;
    let header = serde_json::to_string(&Header::new(OffsetDateTime::now_utc()))?;
    new.write_all(format!("{header}\n").as_bytes())?;
    new.as_file().sync_all()?;
    match new.persist_noclobber(path) {
        Ok(_) => sync_folder(opened.as_ref()),
        Err(error) if error.error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error.error),
    }
}

impl NotOpened {
    fn told(self, place: &str) -> LedgerError {
        match self {
            Self::InUse => LedgerError::InUse { place: place.to_owned() },
            Self::NotThere => not_readable(place, &ErrorKind::NotFound.into()),
            Self::Other(error) => not_writable(place, &error),
        }
    }
}

fn not_writable(place: &str, error: &std::io::Error) -> LedgerError {
    LedgerError::NotWritable { place: place.to_owned(), why: of_system(error) }
}
