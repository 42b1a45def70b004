//! Whose a file is, which differs between systems.

use std::fs::File;
use std::io::Result;
use std::path::Path;

/// Whether an opened file is the one that the path names, no link to it, and belongs to whom a file of one's own in that folder belongs to.
#[cfg(unix)]
pub(crate) fn is_own(file: &File, path: &Path, mine: &File) -> Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    let (opened, named) = (file.metadata()?, path.symlink_metadata()?);
    let same = (opened.dev(), opened.ino()) == (named.dev(), named.ino());
    Ok(same && opened.uid() == mine.metadata()?.uid())
}

/// Lets the owner alone read and write an opened file of one's own. A file system that doesn't let its owner say so has no such permissions.
#[cfg(unix)]
pub(crate) fn keeps_for_itself(file: &File) -> Result<()> {
    use std::io::ErrorKind;
    use std::os::unix::fs::PermissionsExt as _;
    match file.set_permissions(std::fs::Permissions::from_mode(0o600)) {
        Err(error) if matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::Unsupported) => Ok(()),
        set => set,
    }
}

/// On Windows a file is whoever's its folder lets write it.
#[cfg(not(unix))]
pub(crate) fn is_own(_: &File, _: &Path, _: &File) -> Result<bool> {
    Ok(true)
}

/// See [`is_own`].
#[cfg(not(unix))]
pub(crate) fn keeps_for_itself(_: &File) -> Result<()> {
    Ok(())
}
