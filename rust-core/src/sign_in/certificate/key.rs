//! The private key of a certificate: it signs, and nothing else.

use std::fmt;

use ring::digest;
use ring::rand::SystemRandom;
use ring::rsa::KeyPair;
use ring::signature::RSA_PSS_SHA256;

use super::error::CertificateError;
use crate::ffi::certificate_store::StoreKey;
use crate::ffi::locked_memory::LockedBytes;

/// How a key is written in DER.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// RFC 5208, "PRIVATE KEY".
    Pkcs8,
    /// RFC 8017, "RSA PRIVATE KEY".
    Pkcs1,
}

/// An RSA key.
pub(super) enum Key {
    /// In memory of its own; a key to work with is made of it for each signature, so that none lies about in between.
    InMemory {
        /// DER.
        der: LockedBytes,
        /// How it is written.
        form: Form,
    },
    /// In the Windows certificate store, which it never leaves.
    InStore(StoreKey),
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

impl Key {
    /// A key of a file.
    pub(super) fn in_memory(der: &[u8], form: Form) -> Self {
        Self::InMemory { der: LockedBytes::concat(&[der]), form }
    }

    /// The public key as a certificate holds it (`RSAPublicKey`).
    pub(super) fn public(&self, origin: &str) -> Result<Option<Vec<u8>>, CertificateError> {
        match self {
            Self::InMemory { der, form } => Ok(Some(pair(der.as_slice(), *form, origin)?.public().as_ref().to_vec())),
            Self::InStore(_) => Ok(None),
        }
    }

    /// RSASSA-PSS with SHA-256 and a salt of 32 bytes, which JWS calls PS256.
    pub(super) fn sign(&self, message: &[u8], origin: &str) -> Result<Vec<u8>, CertificateError> {
        match self {
            Self::InMemory { der, form } => {
                let pair = pair(der.as_slice(), *form, origin)?;
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PSS_SHA256, &SystemRandom::new(), message, &mut signature)
                    .map_err(|_| unfit(origin, "it does not sign"))?;
                Ok(signature)
            }
            Self::InStore(key) => {
                let digest = digest::digest(&digest::SHA256, message);
                key.sign_pss_sha256(digest.as_ref()).map_err(|error| CertificateError::of_store(error, origin))
            }
        }
    }
}

fn pair(der: &[u8], form: Form, origin: &str) -> Result<KeyPair, CertificateError> {
    let pair = match form {
        Form::Pkcs8 => KeyPair::from_pkcs8(der),
        Form::Pkcs1 => KeyPair::from_der(der),
    };
    pair.map_err(|rejected| unfit(origin, &rejected.to_string()))
}

fn unfit(origin: &str, reason: &str) -> CertificateError {
    CertificateError::UnfitKey { origin: origin.into(), reason: reason.into() }
}
