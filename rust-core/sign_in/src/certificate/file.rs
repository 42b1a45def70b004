//! Certificate files: PFX (PKCS#12), and PEM with certificate and key.

use std::io::Read;
use std::path::Path;

use p12_keystore::Pkcs12Archive;
use p12_keystore::error::Error as Pkcs12Error;
use rustls::pki_types::pem::{PemObject, SectionKind};
use x509_cert::Certificate;
use x509_cert::der::Decode;
use zeroize::Zeroizing;

use super::Found;
use super::error::CertificateError;
use super::key::{AN_EC_KEY, Form, Key};
use pp_base::secret::SecretText;
use pp_words::of_system;

/// Larger than any certificate with its chain.
const LARGEST: u64 = 1024 * 1024;

/// What a file holds: certificates, and the key.
struct Parts {
    certificates: Vec<Vec<u8>>,
    keys: Vec<Key>,
}

/// The bytes of a file.
pub(super) fn read(path: &Path, origin: &str) -> Result<Zeroizing<Vec<u8>>, CertificateError> {
    let unreadable = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => CertificateError::NotThere { origin: origin.into() },
        _ => CertificateError::NotReadable { origin: origin.into(), reason: of_system(&error) },
    };
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let size = file.metadata().map_err(unreadable)?.len();
    // Growing would leave copies of the key behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(size.min(LARGEST)).unwrap_or(0) + 1));
    file.take(LARGEST).read_to_end(&mut bytes).map_err(unreadable)?;
    Ok(bytes)
}

/// The certificate in a file, and its key.
pub(super) fn open(bytes: &[u8], password: Option<&SecretText>, origin: &str) -> Result<Found, CertificateError> {
    let is_pem = bytes.windows(11).any(|part| part == b"-----BEGIN ");
    let parts = if is_pem { pem(bytes, origin)? } else { pkcs12(bytes, password, origin)? };
    belonging(parts, origin)
}

fn pem(bytes: &[u8], origin: &str) -> Result<Parts, CertificateError> {
    let mut parts = Parts { certificates: Vec::new(), keys: Vec::new() };
    for section in <(SectionKind, Vec<u8>)>::pem_slice_iter(bytes) {
        let (kind, der) = section.map_err(|_| CertificateError::NeitherForm { origin: origin.into() })?;
        let der = Zeroizing::new(der);
        match kind {
            SectionKind::Certificate => parts.certificates.push(der.to_vec()),
            SectionKind::PrivateKey => parts.keys.push(Key::in_memory(&der, Form::Pkcs8)),
            SectionKind::RsaPrivateKey => parts.keys.push(Key::in_memory(&der, Form::Pkcs1)),
            SectionKind::EcPrivateKey => {
                return Err(CertificateError::UnfitKey { origin: origin.into(), reason: AN_EC_KEY.into() });
            }
            _ => {}
        }
    }
    let encrypted = |word: &[u8]| bytes.windows(word.len()).any(|part| part == word);
    if encrypted(b"BEGIN ENCRYPTED PRIVATE KEY") || encrypted(b"Proc-Type: 4,ENCRYPTED") {
        return Err(CertificateError::EncryptedKey { origin: origin.into() });
    }
    Ok(parts)
}

fn pkcs12(bytes: &[u8], password: Option<&SecretText>, origin: &str) -> Result<Parts, CertificateError> {
    let origin = origin.to_owned();
    if Certificate::from_der(bytes).is_ok() {
        return Err(CertificateError::NoKey { origin });
    }
    let password = password.map_or("", SecretText::expose);
    let archive = Pkcs12Archive::from_pkcs12(bytes, password).map_err(|error| match error {
        // Without a MAC a wrong password shows in what is decrypted.
        Pkcs12Error::MacError(_) | Pkcs12Error::UnpadError | Pkcs12Error::Pkcs5Error(_) => {
            CertificateError::WrongPassword { origin: origin.clone() }
        }
        _ => CertificateError::NeitherForm { origin: origin.clone() },
    })?;
    Ok(Parts {
        certificates: archive.certs.iter().map(|bag| bag.cert.as_der().to_vec()).collect(),
        keys: archive.keys.iter().map(|bag| Key::in_memory(bag.key.as_der(), Form::Pkcs8)).collect(),
    })
}

/// The key, and of a chain the one certificate that belongs to it.
fn belonging(parts: Parts, origin: &str) -> Result<Found, CertificateError> {
    let origin = origin.to_owned();
    let mut keys = parts.keys.into_iter();
    let key = match (keys.next(), parts.certificates.is_empty()) {
        (Some(_), true) => return Err(CertificateError::NoCertificate { origin }),
        (None, true) => return Err(CertificateError::NeitherForm { origin }),
        (None, false) => return Err(CertificateError::NoKey { origin }),
        (Some(key), false) => key,
    };
    let public = key.public(&origin)?;
    let belongs = |der: &Vec<u8>| {
        let parsed = Certificate::from_der(der);
        let info = parsed.as_ref().map(|parsed| parsed.tbs_certificate().subject_public_key_info());
        info.is_ok_and(|info| Some(info.subject_public_key.raw_bytes()) == public.as_deref())
    };
    match parts.certificates.into_iter().find(belongs) {
        Some(certificate) => Ok(Found { certificate, key }),
        None => Err(CertificateError::KeyOfAnother { origin }),
    }
}
