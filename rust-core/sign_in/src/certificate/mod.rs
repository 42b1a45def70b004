//! An application signs in with a certificate: a PFX or PEM file, or one of the Windows certificate store.

mod error;
mod file;
mod key;

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest;
use time::OffsetDateTime;
use uuid::Uuid;
use x509_cert::der::Decode;
use zeroize::Zeroizing;

pub use error::CertificateError;

use super::assertion;
use super::error::{Refusal, SignInError};
use super::request::{Ask, Form, Issued};
use key::Key;
use pp_base::certificate_store;
use pp_base::secret::SecretText;

/// The service's clock may be off by less than this from the machine's without its saying so.
const SKEW_WORTH_A_TRY: time::Duration = time::Duration::seconds(30);
/// "Client assertion is not within its valid time range". Source: public reports; not on the page of error codes that was read.
const OUTSIDE_ITS_TIME: u32 = 700_024;

/// A certificate and the key that signs for it.
#[derive(Debug)]
pub struct SigningCertificate {
    /// Where it came from, for errors: "certificate file '...'".
    origin: String,
    /// `x5t#S256`: base64url of the SHA-256 of the certificate's DER.
    thumbprint: String,
    not_before: OffsetDateTime,
    not_after: OffsetDateTime,
    key: Key,
}

/// What [`SigningCertificate`] is made of.
struct Found {
    certificate: Vec<u8>,
    key: Key,
}

impl SigningCertificate {
    /// Of a PFX file, or a PEM file that holds certificate and key.
    pub fn from_file(path: &Path, password: Option<&SecretText>) -> Result<Self, CertificateError> {
        let origin = format!("certificate file '{}'", path.display());
        let bytes = file::read(path, &origin)?;
        Self::new(file::open(&bytes, password, &origin)?, origin)
    }

    /// Of PKCS#12 in base64, as the bridge exports a certificate object.
    pub fn from_pkcs12(base64: &SecretText, password: Option<&SecretText>) -> Result<Self, CertificateError> {
        let origin = "the certificate".to_owned();
        let decoded = base64::engine::general_purpose::STANDARD.decode(base64.expose());
        let bytes = Zeroizing::new(decoded.map_err(|_| CertificateError::NeitherForm { origin: origin.clone() })?);
        Self::new(file::open(&bytes, password, &origin)?, origin)
    }

    /// Of the Windows certificate store, `My` of the user, then of the machine. The key stays there.
    pub fn from_store(thumbprint: &str) -> Result<Self, CertificateError> {
        if !certificate_store::IS_HERE {
            return Err(CertificateError::NoStore);
        }
        let hash = sha1_thumbprint(thumbprint)
            .ok_or_else(|| CertificateError::ThumbprintInvalid { thumbprint: thumbprint.into() })?;
        let origin = format!("certificate {} of the Windows certificate store", thumbprint.to_ascii_uppercase());
        let found = certificate_store::find(&hash).map_err(|e| CertificateError::of_store(e, &origin))?;
        Self::new(Found { certificate: found.certificate, key: Key::InStore(found.key) }, origin)
    }

    fn new(found: Found, origin: String) -> Result<Self, CertificateError> {
        let unreadable = || CertificateError::NeitherForm { origin: origin.clone() };
        let parsed = x509_cert::Certificate::from_der(&found.certificate).map_err(|_| unreadable())?;
        let validity = parsed.tbs_certificate().validity();
        let digest = digest::digest(&digest::SHA256, &found.certificate);
        Ok(Self {
            thumbprint: URL_SAFE_NO_PAD.encode(digest),
            not_before: date_of(validity.not_before),
            not_after: date_of(validity.not_after),
            key: found.key,
            origin,
        })
    }

    /// Refuses a certificate that the sign-in service would refuse for its dates.
    pub fn check_dates(&self, now: OffsetDateTime) -> Result<(), CertificateError> {
        if now < self.not_before {
            return Err(CertificateError::NotYetValid { origin: self.origin.clone(), from: self.not_before });
        }
        if now >= self.not_after {
            return Err(CertificateError::Expired { origin: self.origin.clone(), until: self.not_after });
        }
        Ok(())
    }

    /// The assertion that `client_id` signs for an address, at a time.
    fn assertion(&self, client_id: Uuid, address: &str, now: OffsetDateTime) -> Result<SecretText, CertificateError> {
        let unsigned = assertion::unsigned(client_id, address, &self.thumbprint, now);
        let signature = self.key.sign(unsigned.as_bytes(), &self.origin)?;
        Ok(SecretText::take(format!("{unsigned}.{}", URL_SAFE_NO_PAD.encode(signature))))
    }
}

fn date_of(time: x509_cert::time::Time) -> OffsetDateTime {
    OffsetDateTime::UNIX_EPOCH.saturating_add(time.to_unix_duration().try_into().unwrap_or(time::Duration::MAX))
}

/// The 20 bytes of a SHA-1 thumbprint in hexadecimal; spaces, colons and the mark that Windows copies with it are left out.
fn sha1_thumbprint(text: &str) -> Option<[u8; 20]> {
    let digits: Vec<u8> = text.chars().filter_map(|c| c.to_digit(16)).filter_map(|d| u8::try_from(d).ok()).collect();
    let other = text.chars().any(|c| !c.is_ascii_hexdigit() && !matches!(c, ' ' | ':' | '\u{200e}'));
    let bytes: Vec<u8> = digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect();
    if other || digits.len() != 40 { None } else { bytes.try_into().ok() }
}

/// Asks once. A service that says the assertion's time is wrong is believed about what time it is, and asked once more.
pub(super) fn once(ask: &Ask<'_>, client_id: Uuid, certificate: &SigningCertificate) -> Result<Issued, SignInError> {
    let now = ask.clock.now();
    match at(ask, client_id, certificate, now) {
        Err(SignInError::Refused(refusal)) => match time_of(&refusal, now) {
            Some(theirs) => {
                (ask.call.log)(&format!("sign-in: the service's clock says {theirs}, this machine's {now}"));
                at(ask, client_id, certificate, theirs)
            }
            None => Err(SignInError::Refused(refusal)),
        },
        other => other,
    }
}

/// The service's time, where it refused an assertion for its time and their clocks differ.
fn time_of(refusal: &Refusal, now: OffsetDateTime) -> Option<OffsetDateTime> {
    let theirs = refusal.date.filter(|_| refusal.code == OUTSIDE_ITS_TIME)?;
    ((theirs - now).abs() > SKEW_WORTH_A_TRY).then_some(theirs)
}

fn at(
    ask: &Ask<'_>,
    client_id: Uuid,
    certificate: &SigningCertificate,
    now: OffsetDateTime,
) -> Result<Issued, SignInError> {
    certificate.check_dates(now)?;
    let assertion = certificate.assertion(client_id, &ask.endpoint("token"), now)?;
    ask.token(Form::client_credentials(client_id, ask.audience).with_assertion(&assertion))
}

#[cfg(test)]
mod tests {
    use super::sha1_thumbprint;

    #[test]
    fn a_thumbprint_is_forty_digits_however_it_was_copied() {
        let digits = "0123456789abcdef0123456789ABCDEF01234567";
        let bytes = sha1_thumbprint(digits);
        assert_eq!(bytes.map(|bytes| bytes[1]), Some(0x23));
        assert_eq!(sha1_thumbprint("\u{200e}01 23 45 67 89 ab cd ef 01 23 45 67 89 AB CD EF 01 23 45 67"), bytes);
        assert_eq!(sha1_thumbprint("01:23:45:67:89:ab:cd:ef:01:23:45:67:89:AB:CD:EF:01:23:45:67"), bytes);
        for wrong in ["", "0123", "0123456789abcdef0123456789ABCDEF0123456g", &format!("{digits}89")] {
            assert_eq!(sha1_thumbprint(wrong), None, "{wrong}");
        }
    }
}
