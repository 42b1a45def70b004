//! Why a certificate can't be signed in with. Each names where it came from, never what is in it.

use thiserror::Error;
use time::OffsetDateTime;

use pp_base::certificate_store::StoreError;
use pp_words::instant;

/// A certificate that can't be signed in with.
#[derive(Debug, Clone, Error)]
pub enum CertificateError {
    /// There is no such file.
    #[error("there is no {origin}")]
    NotThere {
        /// Where the certificate was looked for.
        origin: String,
    },
    /// The file can't be read.
    #[error("{origin} can't be read: {reason}")]
    NotReadable {
        /// Where the certificate was looked for.
        origin: String,
        /// The system's words.
        reason: String,
    },
    /// Neither PFX nor PEM.
    #[error("{origin} is neither a PFX (PKCS#12) nor a PEM file with a certificate")]
    NeitherForm {
        /// Where the certificate came from.
        origin: String,
    },
    /// The password doesn't open it.
    #[error("the password doesn't open {origin}")]
    WrongPassword {
        /// Where the certificate came from.
        origin: String,
    },
    /// A PEM file whose key is encrypted.
    #[error("the private key in {origin} is encrypted: make a PFX of it, or a PEM file whose key is not")]
    EncryptedKey {
        /// Where the certificate came from.
        origin: String,
    },
    /// A certificate alone.
    #[error("{origin} holds no private key")]
    NoKey {
        /// Where the certificate came from.
        origin: String,
    },
    /// A key alone.
    #[error("{origin} holds a private key and no certificate")]
    NoCertificate {
        /// Where the certificate came from.
        origin: String,
    },
    /// Not RSA, or of a size that is not taken.
    #[error("the key of {origin} can't sign in: it must be RSA of 2048 to 4096 bits ({reason})")]
    UnfitKey {
        /// Where the certificate came from.
        origin: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Certificate and key don't belong together.
    #[error("no certificate in {origin} belongs to the private key in it")]
    KeyOfAnother {
        /// Where the certificate came from.
        origin: String,
    },
    /// Its time has not come.
    #[error("{origin} is not valid before {}", instant(*.from))]
    NotYetValid {
        /// Where the certificate came from.
        origin: String,
        /// Its start.
        from: OffsetDateTime,
    },
    /// Its time is over.
    #[error("{origin} expired at {}", instant(*.until))]
    Expired {
        /// Where the certificate came from.
        origin: String,
        /// Its end.
        until: OffsetDateTime,
    },
    /// Not a SHA-1 thumbprint.
    #[error("the thumbprint '{thumbprint}' is none: a certificate's has 40 hexadecimal digits")]
    ThumbprintInvalid {
        /// What was given.
        thumbprint: String,
    },
    /// The Windows store has no such certificate.
    #[error("there is no {origin} (Cert:\\CurrentUser\\My, Cert:\\LocalMachine\\My)")]
    NotInStore {
        /// The certificate by its thumbprint.
        origin: String,
    },
    /// Not on Windows.
    #[error("only Windows has a certificate store: give the certificate as a PFX or PEM file")]
    NoStore,
    /// The store or the key's provider refused.
    #[error("the key of {origin} can't be used: {reason}")]
    StoreRefused {
        /// The certificate by its thumbprint.
        origin: String,
        /// What was refused, with Windows' number.
        reason: String,
    },
}

impl CertificateError {
    pub(super) fn of_store(error: StoreError, origin: &str) -> Self {
        let origin = origin.to_owned();
        match error {
            StoreError::NoStore => Self::NoStore,
            StoreError::NotFound => Self::NotInStore { origin },
            StoreError::NoKey => Self::NoKey { origin },
            StoreError::Refused { what, code } => {
                Self::StoreRefused { origin, reason: format!("{what} failed with 0x{code:08x}") }
            }
        }
    }
}
