//! Where a backup goes, and where it lies until it is whole.

use std::fs::{self, File, TryLockError};
use std::io::{BufReader, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use time::OffsetDateTime;

use crate::output::Output;
use crate::sink::file_error;
use pp_attributes::backup::{BackupError, Finished, Header, Left, Unfinished, left};
use pp_base::cancel::Stoppable;
use pp_report::catalogue as c;
use pp_report::error::OpError;
use pp_sink::error::SinkError;
use pp_sink::private_file::{PrivateFile, put_there};
use pp_words::of_system;

/// A backup that was begun longer ago shows a tenant that isn't there any more: it is begun anew. Ours.
const STILL_GOOD: time::Duration = time::Duration::days(1);

/// Why what was stopped isn't taken up where the caller said so.
const FORCED: &str = "a backup that was stopped lay beside the path, and -Force takes none up";

/// Where the backup goes, and where it lies until it is whole.
pub(super) struct Place {
    whole: PathBuf,
    partial: PathBuf,
    force: bool,
}

/// What lies beside the place.
pub(super) enum Begun {
    /// A file that is being written.
    Open(Open),
    /// A finished one: when it was begun, and what it is.
    Whole(OffsetDateTime, Finished),
}

/// A file that is being written, from its beginning or from where it had stopped.
pub(super) struct Open {
    pub(super) file: File,
    pub(super) from: Option<Box<Unfinished>>,
}

impl Begun {
    /// How many users it has already.
    pub(super) fn taken_up(&self) -> u64 {
        match self {
            Self::Open(open) => open.from.as_ref().map_or(0, |from| from.users),
            Self::Whole(_, finished) => finished.users,
        }
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

    /// Takes up what was stopped, or begins. What has users in it and isn't taken up is kept: after a provisioning it alone may have what
    /// was there before.
    pub(super) fn begin(&self, header: &Header, output: &Output) -> Result<Begun, OpError> {
        if fs::symlink_metadata(&self.partial).is_err() {
            return self.anew().map(Begun::Open);
        }
        let Some(file) = self.stopped()? else {
            let why = "it is no file, or another user's";
            return if self.force { self.keep_and_begin(FORCED, output) } else { Err(self.in_the_way(why)) };
        };
        let found = self.as_far_as_it_goes(&file, output)?;
        let has_users = match &found {
            Ok(Left::Unfinished(found)) => found.users > 0,
            Ok(Left::Whole(..)) => true,
            Err(_) => file.metadata().map_or(true, |about| about.len() > 0),
        };
        if !has_users {
            drop(file);
            return self.anew().map(Begun::Open);
        }
        let why = match found {
            _ if self.force => FORCED,
            Err(error) => return Err(self.in_the_way(&error.to_string())),
            Ok(found) => {
                self.check(found.header(), header)?;
                match found {
                    found if header.time - found.header().time > STILL_GOOD => {
                        "the backup that lay beside the path was begun more than a day ago"
                    }
                    Left::Whole(of, finished) => return self.whole(&file, &of, finished, output),
                    Left::Unfinished(found) if found.next.is_some() => return self.go_on(file, found, output),
                    Left::Unfinished(_) => "the backup that lay beside the path was stopped within its first page",
                }
            }
        };
        self.keep_and_begin(why, output)
    }

    /// Goes on behind the last line that is whole.
    fn go_on(&self, mut file: File, found: Unfinished, output: &Output) -> Result<Begun, OpError> {
        let cut = file.set_len(found.length).and_then(|()| file.seek(SeekFrom::End(0)));
        cut.map_err(|error| self.not_written(&error))?;
        output.information(format!("Taking up the backup that stopped after {} users", found.users))?;
        Ok(Begun::Open(Open { file, from: Some(Box::new(found)) }))
    }

    /// One that was finished, and stopped before it was in its place.
    fn whole(&self, file: &File, of: &Header, finished: Finished, output: &Output) -> Result<Begun, OpError> {
        file.sync_all().map_err(|error| self.not_written(&error))?;
        output.information(format!(
            "Taking the backup of {} users that was finished and not put in its place",
            finished.users
        ))?;
        Ok(Begun::Whole(of.time, finished))
    }

    /// Keeps what lies there, says where, and begins.
    fn keep_and_begin(&self, why: &str, output: &Output) -> Result<Begun, OpError> {
        self.keep(why, output)?;
        self.anew().map(Begun::Open)
    }

    /// Gives what lies there another name, and says which. What is no file has nobody in it.
    pub(super) fn keep(&self, why: &str, output: &Output) -> Result<(), OpError> {
        if !fs::symlink_metadata(&self.partial).is_ok_and(|about| about.is_file()) {
            return Ok(());
        }
        let named = |number: u64| PathBuf::from(format!("{}-{number}", self.partial.display()));
        let mut number = 1;
        while fs::symlink_metadata(named(number)).is_ok() {
            number += 1;
        }
        let kept = named(number);
        fs::rename(&self.partial, &kept).map_err(|error| self.not_written(&error))?;
        Ok(output.warning(format!(
            "{why}: the backup is begun anew. What was read is kept as '{}'; where users were provisioned since, it alone has what they had before",
            kept.display()
        ))?)
    }

    /// An empty file for its owner alone.
    pub(super) fn anew(&self) -> Result<Open, OpError> {
        let over = fs::symlink_metadata(&self.partial).is_ok();
        let file = PrivateFile::prepare(&self.partial, over).and_then(PrivateFile::open).map_err(not_made)?;
        self.lock(&file)?;
        Ok(Open { file, from: None })
    }

    /// The file that lies there; nothing where it isn't one to be written on.
    fn stopped(&self) -> Result<Option<File>, OpError> {
        let file = PrivateFile::prepare(&self.partial, true).and_then(PrivateFile::there).map_err(not_made)?;
        file.as_ref().map_or(Ok(()), |file| self.lock(file))?;
        Ok(file)
    }

    /// What is in it. The inner error is that of one that is something else.
    fn as_far_as_it_goes(&self, file: &File, output: &Output) -> Result<Result<Left, BackupError>, OpError> {
        match left(BufReader::new(Stoppable::new(file, output.cancel()))) {
            Err(BackupError::NotReadable(error)) => Err(output.unless_cancelled(self.not_written(&error))),
            found => Ok(found),
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
        put_there(&self.partial, &self.whole, self.force).map_err(not_made)
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
