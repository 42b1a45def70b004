//! What makes a file's name outlast a power cut, which differs between systems.

use std::path::Path;

/// A new file's name is in its folder, which has to reach the disk as well. A file system that can't be told so, as some on the network,
/// sees to it by itself.
#[cfg(unix)]
pub fn sync_folder(folder: &Path) -> std::io::Result<()> {
    use std::io::ErrorKind;
    match std::fs::File::open(folder)?.sync_all() {
        Err(error) if matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported) => Ok(()),
        synced => synced,
    }
}

/// Windows has no such call for folders, and writes what names a file before it says that it is there.
#[cfg(not(unix))]
pub fn sync_folder(_: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use super::sync_folder;

    #[test]
    fn a_folder_is_brought_to_the_disk_and_one_that_is_not_there_is_an_error() -> std::io::Result<()> {
        let folder = std::env::temp_dir();
        sync_folder(&folder)?;
        let none = sync_folder(&folder.join("none-of-this-name"));
        assert_eq!(none.map_err(|error| error.kind()), Err(std::io::ErrorKind::NotFound));
        Ok(())
    }
}
