//! The private key of a certificate: it signs, and nothing else.

use std::fmt;

use ring::digest;
use ring::error::KeyRejected;
use ring::rand::SystemRandom;
use ring::rsa::KeyPair;
use ring::signature::RSA_PSS_SHA256;
use zeroize::Zeroize as _;

use super::error::CertificateError;
use pp_base::certificate_store::StoreKey;
use pp_base::locked_memory::LockedBytes;

/// Much more of the stack than ring takes: what it keeps there to raise to a secret power is at most 35 numbers of 256 bytes
/// (ring 0.17, `arithmetic/bigint.rs`: `STORAGE_ENTRIES`, `ELEM_EXP_CONSTTIME_MAX_MODULUS_LIMBS`).
const STACK_OF_RSA: usize = 128 * 1024;

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
            Self::InMemory { der, form } => {
                wiping_the_stack(|| Ok(Some(pair(der.as_slice(), *form, origin)?.public().as_ref().to_vec())))
            }
            Self::InStore(_) => Ok(None),
        }
    }

    /// RSASSA-PSS with SHA-256 and a salt of 32 bytes, which JWS calls PS256.
    pub(super) fn sign(&self, message: &[u8], origin: &str) -> Result<Vec<u8>, CertificateError> {
        match self {
            Self::InMemory { der, form } => wiping_the_stack(|| {
                let pair = pair(der.as_slice(), *form, origin)?;
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PSS_SHA256, &SystemRandom::new(), message, &mut signature)
                    .map_err(|_| unfit(origin, "it does not sign"))?;
                Ok(signature)
            }),
            Self::InStore(key) => {
                let digest = digest::digest(&digest::SHA256, message);
                key.sign_pss_sha256(digest.as_ref()).map_err(|error| CertificateError::of_store(error, origin))
            }
        }
    }
}

/// Works with a key, and wipes the part of the stack that the work has used: ring's arithmetic leaves numbers of the key there,
/// and the stack of a thread that has ended is kept for the next one.
fn wiping_the_stack<T>(work: impl FnOnce() -> T) -> T {
    let done = below(work);
    wipe_below();
    done
}

/// In a frame of its own, so that all of it lies where [`wipe_below`] has its own.
#[inline(never)]
fn below<T>(work: impl FnOnce() -> T) -> T {
    work()
}

#[inline(never)]
#[expect(clippy::large_stack_arrays, reason = "the stack is what is to be wiped")]
fn wipe_below() {
    let mut used = [0_u8; STACK_OF_RSA];
    used.zeroize();
    std::hint::black_box(&used);
}

/// The other kind of key that people have.
pub(super) const AN_EC_KEY: &str = "it is of another kind, as EC";

fn pair(der: &[u8], form: Form, origin: &str) -> Result<KeyPair, CertificateError> {
    let pair = match form {
        Form::Pkcs8 => KeyPair::from_pkcs8(der),
        Form::Pkcs1 => KeyPair::from_der(der),
    };
    pair.map_err(|rejected| unfit(origin, in_words(&rejected)))
}

/// What ring has against a key, by the words of its `KeyRejected`.
fn in_words(rejected: &KeyRejected) -> &'static str {
    match rejected.to_string().as_str() {
        "WrongAlgorithm" => AN_EC_KEY,
        "TooSmall" => "it is shorter",
        "TooLarge" => "it is longer",
        _ => "it can't be read",
    }
}

fn unfit(origin: &str, reason: &str) -> CertificateError {
    CertificateError::UnfitKey { origin: origin.into(), reason: reason.into() }
}
