//! A file that only the recipient can open.

use std::path::Path;

use crate::envelope::Recipient;
use crate::error::SinkError;
use crate::private_file::PrivateFile;
use pp_base::secret::SecretText;

/// A file that is ready to be written.
#[derive(Debug)]
pub struct SealedFile {
    file: PrivateFile,
    recipient: Recipient,
}

impl SealedFile {
    /// Makes sure that the file can be written. What is there is overwritten where the caller said so.
    pub fn prepare(path: &Path, recipient: Recipient, overwrite: bool) -> Result<Self, SinkError> {
        Ok(Self { file: PrivateFile::prepare(path, overwrite)?, recipient })
    }

    /// Where the secret is to be found.
    pub fn location(&self) -> String {
        self.file.location()
    }

    /// False where the file is certainly not in its place.
    pub fn may_hold(&self) -> bool {
        self.file.is_in_place()
    }

    /// Seals the text and puts the file in its place.
    pub fn put(&mut self, text: &SecretText) -> Result<(), SinkError> {
        let sealed = self.recipient.seal(text)?;
        self.file.put(sealed.as_bytes())
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::fs::{OpenOptions, read, read_to_string};
    use std::os::unix::fs::OpenOptionsExt as _;

    use time::OffsetDateTime;

    use super::*;
    use crate::Sink;

    /// `O_PATH`: what is opened so can't be brought to the disk.
    const BY_PATH: i32 = 0o10_000_000;

    #[test]
    fn a_file_whose_name_did_not_reach_the_disk_is_an_error_and_may_be_there() -> Result<(), Box<dyn std::error::Error>>
    {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("secret.cms");
        let certificate = read(pp_testing::sign_in::file("certificate.pem"))?;
        let recipient = Recipient::read(&certificate, OffsetDateTime::now_utc())?;
        let mut sealed = SealedFile::prepare(&path, recipient, false)?;
        assert!(!sealed.may_hold());
        sealed.file.folder = Some(OpenOptions::new().read(true).custom_flags(BY_PATH).open(folder.path())?);
        let told = sealed.put(&SecretText::from_text("a secret")).err().ok_or("the disk has it")?;
        assert!(told.to_string().contains("it is in its place, but"), "{told}");
        assert!(read_to_string(&path)?.contains("BEGIN CMS") && Sink::SealedFile(Box::new(sealed)).may_hold());
        Ok(())
    }
}
