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

    /// Seals the text and puts the file in its place.
    pub fn put(&mut self, text: &SecretText) -> Result<(), SinkError> {
        let sealed = self.recipient.seal(text)?;
        self.file.put(sealed.as_bytes())
    }
}
