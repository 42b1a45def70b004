//! A file that its owner alone may read (mode 0600; on Windows whoever its folder lets). It appears whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::error::SinkError;
use crate::owner;
use pp_base::durable::{open_folder, sync_folder};
use pp_words::of_system;

/// A file that is ready to be written: its folder took another one for it already.
#[derive(Debug)]
pub struct PrivateFile {
    path: PathBuf,
    overwrite: bool,
    /// Taken when the file is put in its place.
    temporary: Option<NamedTempFile>,
    /// Opened before: once the file is in its place, nothing but the disk is in the way of its name.
    pub(crate) folder: Option<File>,
    in_place: bool,
}

impl PrivateFile {
    /// That nothing which shows without writing is in the way of it. What is there is overwritten where the caller said so.
    pub fn check(path: &Path, overwrite: bool) -> Result<(), SinkError> {
        if path.is_dir() || path.file_name().is_none() {
            return Err(not_writable(path, "it is a folder"));
        }
        if !overwrite && fs::symlink_metadata(path).is_ok() {
            return Err(there_already(path));
        }
        match fs::metadata(folder_of(path)) {
            Ok(folder) if folder.is_dir() => Ok(()),
            Ok(_) => Err(not_writable(path, of_system(&ErrorKind::NotADirectory.into()))),
            Err(error) => Err(not_writable(path, of_system(&error))),
        }
    }

    /// Makes sure that the file can be written. What is there is overwritten where the caller said so.
    pub fn prepare(path: &Path, overwrite: bool) -> Result<Self, SinkError> {
        Self::check(path, overwrite)?;
        // For its owner alone (mode 0600) from the first moment on.
        let temporary = tempfile::Builder::new().prefix(".ppfederation-").tempfile_in(folder_of(path));
        let temporary = temporary.map_err(|error| not_writable(path, of_system(&error)))?;
        let folder = open_folder(folder_of(path)).map_err(|error| not_writable(path, of_system(&error)))?;
        Ok(Self { path: path.to_owned(), overwrite, temporary: Some(temporary), folder, in_place: false })
    }

    /// Where it is to be found.
    pub fn location(&self) -> String {
        self.path.display().to_string()
    }

    /// Whether it is in its place, which an error of writing it doesn't say.
    pub fn is_in_place(&self) -> bool {
        self.in_place
    }

    /// Puts the file in its place, with these bytes.
    pub fn put(&mut self, bytes: &[u8]) -> Result<(), SinkError> {
        self.fill(|file| file.write_all(bytes))
    }

    /// The same, with what is written to it; an error of that leaves no file.
    pub fn fill(&mut self, write: impl FnOnce(&mut File) -> std::io::Result<()>) -> Result<(), SinkError> {
        let mut temporary = self.temporary()?;
        let written = write(temporary.as_file_mut()).and_then(|()| temporary.as_file().sync_all());
        written.map_err(|error| not_writable(&self.path, of_system(&error)))?;
        self.place(temporary).map(drop)
    }

    /// Puts the file in its place while it is empty, to be written bit by bit.
    pub fn open(mut self) -> Result<File, SinkError> {
        let temporary = self.temporary()?;
        self.place(temporary)
    }

    /// The file that lies in its place, to be gone on with, and for its owner alone from now on; nothing where somebody else has put it there,
    /// or where it is no file.
    pub fn there(mut self) -> Result<Option<File>, SinkError> {
        let mine = self.temporary()?;
        let is_file = fs::symlink_metadata(&self.path).is_ok_and(|about| about.is_file());
        let opened = || -> std::io::Result<Option<File>> {
            let file = OpenOptions::new().read(true).write(true).open(&self.path)?;
            // What was opened counts: the name may mean another by then.
            let own = owner::is_own(&file, &self.path, mine.as_file())?;
            if own {
                owner::keeps_for_itself(&file)?;
            }
            Ok(own.then_some(file))
        };
        let opened = if is_file { opened() } else { Ok(None) };
        opened.map_err(|error| not_writable(&self.path, of_system(&error)))
    }

    fn temporary(&mut self) -> Result<NamedTempFile, SinkError> {
        self.temporary.take().ok_or_else(|| not_writable(&self.path, "it was written already"))
    }

    fn place(&mut self, temporary: NamedTempFile) -> Result<File, SinkError> {
        let path = &self.path;
        let placed = if self.overwrite { temporary.persist(path) } else { temporary.persist_noclobber(path) };
        match placed {
            // Whoever is told that it is there may let go of what is in it.
            Ok(file) => {
                self.in_place = true;
                on_disk(path, self.folder.as_ref())?;
                Ok(file)
            }
            Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => Err(there_already(path)),
            Err(error) => Err(not_writable(path, of_system(&error.error))),
        }
    }
}

/// Puts a file that was written beside its place there. What is there is overwritten where the caller said so.
pub fn put_there(from: &Path, path: &Path, overwrite: bool) -> Result<(), SinkError> {
    PrivateFile::check(path, overwrite)?;
    let folder = open_folder(folder_of(path)).map_err(|error| not_writable(path, of_system(&error)))?;
    fs::rename(from, path).map_err(|error| not_writable(path, of_system(&error)))?;
    on_disk(path, folder.as_ref())
}

/// Brings the name of a file that is in its place to the disk.
fn on_disk(path: &Path, folder: Option<&File>) -> Result<(), SinkError> {
    let not_on_disk = |why| format!("it is in its place, but its name did not reach the disk: {why}");
    sync_folder(folder).map_err(|error| not_writable(path, not_on_disk(of_system(&error))))
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn not_writable(path: &Path, why: impl std::fmt::Display) -> SinkError {
    SinkError::NotWritable { path: path.display().to_string(), why: why.to_string() }
}

fn there_already(path: &Path) -> SinkError {
    SinkError::ThereAlready(path.display().to_string())
}
