//! Where a new client secret goes instead of to the caller. A sink is made ready before there is a secret, so that one that
//! can't take it is known while nothing has been made.

pub mod envelope;
pub mod sealed_file;

use crate::error::OpError;
use crate::secret::SecretText;
use sealed_file::SealedFile;

/// A sink that is ready to take one secret.
#[derive(Debug)]
pub enum Sink {
    /// The caller, who passes it on.
    Caller,
    /// A file that the recipient's private key opens.
    SealedFile(Box<SealedFile>),
}

impl Sink {
    /// The name in parameters and results.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Caller => "ScriptBlock",
            Self::SealedFile(_) => "SealedFile",
        }
    }

    /// Puts the secret there; the answer says where it is. The caller's part is not done here.
    pub fn put(self, text: &SecretText) -> Result<String, OpError> {
        match self {
            Self::Caller => Ok(String::new()),
            Self::SealedFile(file) => {
                let location = file.location();
                file.put(text).map(|()| location)
            }
        }
    }
}
