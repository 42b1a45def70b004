//! Sealing a text for one recipient: CMS enveloped data (RFC 5652) as PEM, which `openssl cms -decrypt` and PowerShell's
//! `Unprotect-CmsMessage` open.
//!
//! The content key travels by RSA PKCS#1 v1.5, which is what `Protect-CmsMessage` writes and what every tool opens,
//! Windows PowerShell 5.1 with keys of older providers included; OAEP is not. The known attacks on it ask whoever holds the
//! key to try many altered messages and tell what came of it, which nobody does with a file.

use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeEncrypt, KeyIvInit};
use cms::cert::IssuerAndSerialNumber;
use cms::content_info::{CmsVersion, ContentInfo};
use cms::enveloped_data::{
    EncryptedContentInfo, EnvelopedData, KeyTransRecipientInfo, RecipientIdentifier, RecipientInfo, RecipientInfos,
};
use der::asn1::{Any, ObjectIdentifier, OctetString, SetOfVec};
use der::pem::LineEnding;
use der::{Decode, DecodePem, Encode};
use rsa::pkcs8::DecodePublicKey;
use rsa::rand_core::OsRng;
use rsa::traits::PublicKeyParts;
use rsa::{Pkcs1v15Encrypt, RsaPublicKey};
use thiserror::Error;
use time::OffsetDateTime;
use x509_cert::Certificate;
use x509_cert::ext::pkix::KeyUsage;
use x509_cert::spki::AlgorithmIdentifierOwned;
use zeroize::Zeroizing;

use pp_base::secret::SecretText;
use pp_words::instant;

/// PKCS#7 `data` and `envelopedData`, RFC 5652.
const DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");
const ENVELOPED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.3");
/// `rsaEncryption`, RFC 8017.
const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// `id-ecPublicKey`, RFC 5480.
const EC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
/// `aes256-CBC`, RFC 3565.
const AES_256_CBC: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.42");
const KEY_BYTES: usize = 32;
const BLOCK_BYTES: usize = 16;
/// Shorter RSA keys are refused. Source: NIST SP 800-131A.
const LEAST_BITS: usize = 2048;

/// Why nothing can be sealed for a certificate.
#[derive(Debug, Error)]
pub enum SealError {
    /// Neither PEM nor DER.
    #[error("it is not an X.509 certificate in PEM or DER form")]
    Unreadable(#[source] der::Error),
    /// Not an RSA key, or a short one.
    #[error("its key can't be used: {0}")]
    Key(String),
    /// Made for something else.
    #[error("its key usage doesn't allow key encipherment")]
    Usage,
    /// Outside of its dates.
    #[error("it is valid from {} to {} only", instant(*.from), instant(*.to))]
    Dates {
        /// First instant.
        from: OffsetDateTime,
        /// Last instant.
        to: OffsetDateTime,
    },
    /// The encryption itself failed.
    #[error("sealing failed: {0}")]
    Failed(String),
}

impl From<der::Error> for SealError {
    fn from(error: der::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

/// Whom a text is sealed for.
#[derive(Debug)]
pub struct Recipient {
    certificate: Certificate,
    key: RsaPublicKey,
}

impl Recipient {
    /// From a certificate in PEM or DER form, if it can be used now.
    pub fn read(bytes: &[u8], now: OffsetDateTime) -> Result<Self, SealError> {
        let pem = bytes.windows(10).any(|window| window == b"-----BEGIN");
        let certificate = if pem { Certificate::from_pem(bytes) } else { Certificate::from_der(bytes) };
        let certificate = certificate.map_err(SealError::Unreadable)?;
        check_dates(&certificate, now)?;
        check_usage(&certificate)?;
        let key = rsa_key(&certificate)?;
        Ok(Self { certificate, key })
    }

    /// The sealed text, as PEM.
    pub fn seal(&self, text: &SecretText) -> Result<String, SealError> {
        let content = self.enveloped(text)?;
        let info = ContentInfo { content_type: ENVELOPED_DATA, content: Any::encode_from(&content)? };
        let pem = der::pem::encode_string("CMS", LineEnding::LF, &info.to_der()?);
        pem.map_err(|error| SealError::Failed(error.to_string()))
    }

    fn enveloped(&self, text: &SecretText) -> Result<EnvelopedData, SealError> {
        let (key, iv) = (random::<KEY_BYTES>()?, random::<BLOCK_BYTES>()?);
        let encrypted_key = self.key.encrypt(&mut OsRng, Pkcs1v15Encrypt, &*key);
        let encrypted_key = encrypted_key.map_err(|error| SealError::Failed(error.to_string()))?;
        let tbs = self.certificate.tbs_certificate();
        let (issuer, serial_number) = (tbs.issuer().clone(), tbs.serial_number().clone());
        let recipient = RecipientInfo::Ktri(KeyTransRecipientInfo {
            version: CmsVersion::V0,
            rid: RecipientIdentifier::IssuerAndSerialNumber(IssuerAndSerialNumber { issuer, serial_number }),
            key_enc_alg: AlgorithmIdentifierOwned { oid: RSA_ENCRYPTION, parameters: Some(Any::null()) },
            enc_key: OctetString::new(encrypted_key)?,
        });
        let iv_parameter = Any::encode_from(&OctetString::new(iv.to_vec())?)?;
        Ok(EnvelopedData {
            version: CmsVersion::V0,
            originator_info: None,
            recip_infos: RecipientInfos(SetOfVec::from_iter([recipient])?),
            encrypted_content: EncryptedContentInfo {
                content_type: DATA,
                content_enc_alg: AlgorithmIdentifierOwned { oid: AES_256_CBC, parameters: Some(iv_parameter) },
                encrypted_content: Some(OctetString::new(encrypt(text, &key, &iv)?)?),
            },
            unprotected_attrs: None,
        })
    }
}

fn encrypt(text: &SecretText, key: &[u8; KEY_BYTES], iv: &[u8; BLOCK_BYTES]) -> Result<Vec<u8>, SealError> {
    let clear = text.expose().as_bytes();
    // With room for the padding, so that it never grows and leaves a copy behind; what is not overwritten is wiped.
    let mut block = Zeroizing::new(vec![0; clear.len() + BLOCK_BYTES]);
    block[..clear.len()].copy_from_slice(clear);
    let cipher = cbc::Encryptor::<aes::Aes256>::new(key.into(), iv.into());
    let sealed = cipher.encrypt_padded::<Pkcs7>(&mut block, clear.len());
    Ok(sealed.map_err(|error| SealError::Failed(error.to_string()))?.to_vec())
}

fn random<const N: usize>() -> Result<Zeroizing<[u8; N]>, SealError> {
    let mut bytes = Zeroizing::new([0; N]);
    getrandom::fill(&mut *bytes).map_err(|error| SealError::Failed(error.to_string()))?;
    Ok(bytes)
}

fn check_dates(certificate: &Certificate, now: OffsetDateTime) -> Result<(), SealError> {
    let validity = certificate.tbs_certificate().validity();
    let at = |seconds: u64| {
        i64::try_from(seconds).ok().and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok())
    };
    let from = at(validity.not_before.to_unix_duration().as_secs()).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let to = at(validity.not_after.to_unix_duration().as_secs()).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    if (from..=to).contains(&now) { Ok(()) } else { Err(SealError::Dates { from, to }) }
}

/// A certificate without the extension may be used for anything. Source: RFC 5280, 4.2.1.3.
fn check_usage(certificate: &Certificate) -> Result<(), SealError> {
    let usage = certificate.tbs_certificate().get_extension::<KeyUsage>().map_err(SealError::Unreadable)?;
    let allowed = usage.is_none_or(|(_critical, usage)| usage.key_encipherment());
    if allowed { Ok(()) } else { Err(SealError::Usage) }
}

fn rsa_key(certificate: &Certificate) -> Result<RsaPublicKey, SealError> {
    let spki = certificate.tbs_certificate().subject_public_key_info();
    let what = match spki.algorithm.oid {
        RSA_ENCRYPTION => "an RSA key that can't be read",
        EC_KEY => "an EC key",
        _ => "a key of another kind",
    };
    let key = RsaPublicKey::from_public_key_der(&spki.to_der().map_err(SealError::Unreadable)?)
        .map_err(|_| SealError::Key(format!("it is {what}, and an RSA key is needed")))?;
    let bits = key.size() * 8;
    if bits < LEAST_BITS {
        return Err(SealError::Key(format!("RSA of {bits} bits is too short, {LEAST_BITS} are needed")));
    }
    Ok(key)
}
