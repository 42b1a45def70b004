//! Where a new client secret goes instead of to the caller. A sink is made ready before there is a secret, so that one that
//! can't take it is known while nothing has been made.
#![forbid(unsafe_code)]

pub mod envelope;
pub mod error;
pub mod key_vault;
mod owner;
pub mod private_file;
pub mod sealed_file;

use time::OffsetDateTime;

use error::SinkError;
use key_vault::KeyVault;
use pp_base::secret::SecretText;
use pp_sign_in::Access;
use sealed_file::SealedFile;

/// A sink that is ready to take one secret.
#[derive(Debug)]
pub enum Sink {
    /// The caller, who passes it on.
    Caller,
    /// A file that the recipient's private key opens.
    SealedFile(Box<SealedFile>),
    /// Azure Key Vault.
    KeyVault(KeyVault),
}

/// A secret and what tells whose it is.
#[derive(Debug, Clone, Copy)]
pub struct Delivery<'a> {
    /// The tenant's id.
    pub tenant: &'a str,
    /// The application's (client) id.
    pub app_id: &'a str,
    /// The secret's id.
    pub key_id: &'a str,
    /// Valid to.
    pub end: OffsetDateTime,
    /// The text.
    pub text: &'a SecretText,
}

impl Sink {
    /// The name in parameters and results.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Caller => "ScriptBlock",
            Self::SealedFile(_) => "SealedFile",
            Self::KeyVault(_) => "KeyVault",
        }
    }

    /// Puts the secret there; the answer says where it is. The caller's part is not done here.
    pub fn put(&mut self, access: Access<'_>, delivery: &Delivery<'_>) -> Result<String, SinkError> {
        match self {
            Self::Caller => Ok(String::new()),
            Self::SealedFile(file) => file.put(delivery.text).map(|()| file.location()),
            Self::KeyVault(vault) => Ok(vault.put(access, delivery)?),
        }
    }

    /// After a write that failed or was cancelled: false where the secret is certainly not there.
    pub fn may_hold(&self) -> bool {
        match self {
            Self::Caller => false,
            Self::SealedFile(file) => file.may_hold(),
            Self::KeyVault(vault) => vault.may_hold(),
        }
    }
}
