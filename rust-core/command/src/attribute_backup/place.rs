//! Where a backup goes, and where it lies until it is whole.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{BufReader, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use crate::output::Output;
use crate::sink::file_error;
use pp_attributes::backup::{BackupError, Header, Unfinished, unfinished};
use pp_base::cancel::Stoppable;
use pp_report::catalogue as c;
use pp_report::error::OpError;
use pp_sink::error::SinkError;
use pp_sink::private_file::PrivateFile;
use pp_words::of_system;

/// A backup that was stopped longer ago shows a tenant that isn't there any more: it is begun anew. Ours.
const STILL_GOOD: time::Duration = time::Duration::days(1);

/// Where the backup goes, and where it lies until it is whole.
pub(super) struct Place {
    whole: PathBuf,
    partial: PathBuf,
    force: bool,
}

/// A file that is being written, from its beginning or from where it had stopped.
pub(super) struct Begun {
    pub(super) file: File,
    pub(super) from: Option<Unfinished>,
}

impl Begun {
    /// How many users it has already.
    pub(super) fn taken_up(&self) -> u64 {
        self.from.as_ref().map_or(0, |from| from.users)
    }
}

/// That nothing which shows without writing is in the file's way.
pub(super) fn check(path: &str, force: bool) -> Result<(), OpError> {
    PrivateFile::check(Path::new(path), force).map_err(not_made)
}

impl Place {
    /// That the file can be written is told before anything is read.
    pub(super) fn of(path: &str, force: bool) -> Result<Self, OpError> {
        let whole = PathBuf::from(path);
        drop(PrivateFile::prepare(&whole, force).map_err(not_made)?);
        Ok(Self { partial: PathBuf::from(format!("{path}.partial")), whole, force })
    }

    /// Takes up what was stopped, or begins.
    pub(super) fn begin(&self, header: &Header, output: &Output) -> Result<Begun, OpError> {
        let there = fs::symlink_metadata(&self.partial).is_ok();
        match there.then(|| self.take_up(header, output)).transpose()?.flatten() {
            Some(begun) => Ok(begun),
            None => self.anew(there),
        }
    }

    /// An empty file for its owner alone.
    pub(super) fn anew(&self, over: bool) -> Result<Begun, OpError> {
        let file = PrivateFile::prepare(&self.partial, over).and_then(PrivateFile::open).map_err(not_made)?;
        self.lock(&file)?;
        Ok(Begun { file, from: None })
    }

    /// What lies there, where it can be gone on with; nothing where it is to be begun anew.
    fn take_up(&self, header: &Header, output: &Output) -> Result<Option<Begun>, OpError> {
        let Some(mut file) = self.stopped()? else { return Ok(None) };
        let Some(found) = self.as_far_as_it_goes(&file, output)? else { return Ok(None) };
        self.check(&found.header, header)?;
        if header.time - found.header.time > STILL_GOOD {
            output.warning("a backup that was stopped more than a day ago lies beside the path; it is begun anew")?;
            return Ok(None);
        }
        let cut = file.set_len(found.length).and_then(|()| file.seek(SeekFrom::End(0)));
        cut.map_err(|error| self.not_written(&error))?;
        output.information(format!("Taking up the backup that stopped after {} users", found.users))?;
        Ok(Some(Begun { file, from: Some(found) }))
    }

    /// The file that lies there, unless the caller wants it begun anew.
    fn stopped(&self) -> Result<Option<File>, OpError> {
        if !fs::symlink_metadata(&self.partial).is_ok_and(|about| about.is_file()) {
            return if self.force { Ok(None) } else { Err(self.in_the_way("it is no file")) };
        }
        let file = OpenOptions::new().read(true).write(true).open(&self.partial);
        let file = file.map_err(|error| self.not_written(&error))?;
        self.lock(&file)?;
        Ok((!self.force).then_some(file))
    }

    /// Nothing where it was stopped before its first page was whole.
    fn as_far_as_it_goes(&self, file: &File, output: &Output) -> Result<Option<Unfinished>, OpError> {
        match unfinished(BufReader::new(Stoppable::new(file, output.cancel()))) {
            Ok(found) => Ok(found),
            Err(BackupError::NotReadable(error)) => Err(output.unless_cancelled(self.not_written(&error))),
            Err(_) if file.metadata().is_ok_and(|about| about.len() == 0) => Ok(None),
            Err(error) => Err(self.in_the_way(&error.to_string())),
        }
    }

    fn check(&self, found: &Header, header: &Header) -> Result<(), OpError> {
        if !found.tenant_id.eq_ignore_ascii_case(&header.tenant_id) {
            return Err(self.in_the_way(&format!("it is of tenant {}", found.tenant_id)));
        }
        if found.select != header.select {
            return Err(self.in_the_way(&format!("version {} selected other attributes", found.module)));
        }
        Ok(())
    }

    /// Two that write one file would mix their lines.
    fn lock(&self, file: &File) -> Result<(), OpError> {
        match file.try_lock() {
            // Where the file system has no locks, nothing can be told.
            Ok(()) | Err(TryLockError::Error(_)) => Ok(()),
            Err(TryLockError::WouldBlock) => Err(self.in_the_way("another command is writing it")),
        }
    }

    /// Puts the whole file in its place.
    pub(super) fn put(&self) -> Result<(), OpError> {
        if !self.force && fs::symlink_metadata(&self.whole).is_ok() {
            return Err(not_made(SinkError::ThereAlready(self.whole.display().to_string())));
        }
        fs::rename(&self.partial, &self.whole).map_err(|error| self.not_written(&error))
    }

    fn in_the_way(&self, why: &str) -> OpError {
        let path = self.partial.display().to_string();
        c::BACKUP_IN_THE_WAY.report(format!("'{path}': {why}")).target(path).into()
    }

    /// The system doesn't take, or give, more of it.
    pub(super) fn not_written(&self, error: &std::io::Error) -> OpError {
        let path = self.partial.display().to_string();
        c::BACKUP_NOT_WRITABLE.report(format!("'{path}': {}", of_system(error))).target(path).into()
    }
}

fn not_made(error: SinkError) -> OpError {
    file_error(error, c::BACKUP_EXISTS, c::BACKUP_NOT_WRITABLE)
}
