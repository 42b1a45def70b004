//! Why a sink can't take a secret, or did not.

use pp_vault::error::VaultError;
use thiserror::Error;

use crate::envelope::SealError;

/// A sink that can't take a secret, or did not.
#[derive(Debug, Error)]
pub enum SinkError {
    /// The vault's own.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The name in the vault is somebody else's.
    #[error("the vault has a secret '{0}' already, which is not one of this application's")]
    NameTaken(String),
    /// A deleted secret holds the name.
    #[error("the vault still keeps a deleted secret '{0}', whose name can't be used again")]
    NameKept(String),
    /// Nothing can be sealed for the recipient.
    #[error("the recipient's certificate can't be used: {0}")]
    Recipient(#[from] SealError),
    /// The file can't be written.
    #[error("the file '{path}' can't be written: {why}")]
    NotWritable {
        /// The file.
        path: String,
        /// The system's words.
        why: String,
    },
    /// The file is there, and was not to be overwritten.
    #[error("the file '{0}' is there already")]
    ThereAlready(String),
}
