//! Opening a file so that nobody else writes it, and whether it stays at its path, which differ between systems.

use std::fs::{File, OpenOptions};
use std::io::ErrorKind;
use std::path::Path;

/// Why a file was not opened.
pub(super) enum NotOpened {
    NotThere,
    InUse,
    Other(std::io::Error),
}

impl From<std::io::Error> for NotOpened {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == ErrorKind::NotFound { Self::NotThere } else { Self::Other(error) }
    }
}

/// The file, which nobody else writes while it is open. Whoever reads it isn't kept from that.
#[cfg(not(windows))]
pub(super) fn locked(path: &Path) -> Result<File, NotOpened> {
    use std::fs::TryLockError;
    let file = OpenOptions::new().read(true).append(true).open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(NotOpened::InUse),
        // Two that write one file would mix their lines: without locks there is no ledger.
        Err(TryLockError::Error(error)) => Err(NotOpened::Other(error)),
    }
}

/// A lock of Windows keeps readers away as well; what a file is shared for doesn't.
#[cfg(windows)]
pub(super) fn locked(path: &Path) -> Result<File, NotOpened> {
    use std::os::windows::fs::OpenOptionsExt as _;
    /// `FILE_SHARE_READ`.
    const SHARE_READ: u32 = 1;
    /// `ERROR_SHARING_VIOLATION`.
    const SHARING_VIOLATION: i32 = 32;
    let file = OpenOptions::new().read(true).write(true).share_mode(SHARE_READ).open(path);
    file.map_err(|error| match error.raw_os_error() {
        Some(SHARING_VIOLATION) => NotOpened::InUse,
        _ => error.into(),
    })
}

/// Whether the file that is open still lies at its path: a lock doesn't keep anybody from moving it, or from putting another in its place.
#[cfg(not(windows))]
pub(super) fn lies_at(file: &File, path: &Path) -> std::io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    let open = file.metadata()?;
    match path.metadata() {
        Ok(there) => Ok((there.dev(), there.ino()) == (open.dev(), open.ino())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Windows lets nobody move or delete what is open and not shared for that; a share may be gone.
#[cfg(windows)]
pub(super) fn lies_at(_: &File, path: &Path) -> std::io::Result<bool> {
    path.try_exists()
}
