//! What makes a file's name outlast a power cut, which differs between systems.

use std::fs::File;
use std::io::Result;
use std::path::Path;

/// A folder that is to be told to bring its names to the disk. One that can't be told so is nothing: one that may be written and not read, or
/// of a file system that sees to it by itself, as some on the network.
#[cfg(unix)]
pub fn open_folder(folder: &Path) -> Result<Option<File>> {
    use std::io::ErrorKind;
    match File::open(folder) {
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::PermissionDenied | ErrorKind::InvalidInput | ErrorKind::Unsupported
            ) =>
        {
            Ok(None)
        }
        opened => opened.map(Some),
    }
}

/// A new file's name is in its folder, which has to reach the disk as well.
#[cfg(unix)]
pub fn sync_folder(folder: Option<&File>) -> Result<()> {
    use std::io::ErrorKind;
    match folder.map_or(Ok(()), File::sync_all) {
        Err(error) if matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported) => Ok(()),
        synced => synced,
    }
}

/// Windows has no such call for folders, and writes what names a file before it says that it is there.
#[cfg(not(unix))]
pub fn open_folder(_: &Path) -> Result<Option<File>> {
    Ok(None)
}

/// See [`open_folder`].
#[cfg(not(unix))]
pub fn sync_folder(_: Option<&File>) -> Result<()> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use super::{open_folder, sync_folder};

    #[test]
    fn a_folder_is_brought_to_the_disk_and_one_that_is_not_there_is_an_error() -> std::io::Result<()> {
        let folder = std::env::temp_dir();
        let opened = open_folder(&folder)?;
        assert!(opened.is_some());
        sync_folder(opened.as_ref())?;
        sync_folder(None)?;
        let none = open_folder(&folder.join("none-of-this-name"));
        assert_eq!(none.map(drop).map_err(|error| error.kind()), Err(std::io::ErrorKind::NotFound));
        Ok(())
    }
}
