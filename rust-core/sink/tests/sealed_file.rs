//! A sealed file is opened by the recipient's own tools, appears whole or not at all, and overwrites nothing unasked.
#![expect(clippy::print_stdout, reason = "the test says what it could not try")]

use std::fs;
use std::path::Path;
use std::process::Command;

use pp_base::secret::SecretText;
use pp_report::error::OpError;
use pp_sink::envelope::{Recipient, SealError};
use pp_sink::error::SinkError;
use pp_sink::sealed_file::SealedFile;
use time::OffsetDateTime;

type TestResult = Result<(), Box<dyn std::error::Error>>;

const TEXT: &str = "a secret ~ of 40 characters, schl\u{fc}ssel";

fn openssl(folder: &Path, words: &[&str]) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let output = Command::new("openssl").args(words).current_dir(folder).output()?;
    if output.status.success() { Ok(output.stdout) } else { Err(String::from_utf8_lossy(&output.stderr).into()) }
}

/// A key and a certificate made by OpenSSL; `None` where it is not installed.
fn certificate(folder: &Path, words: &[&str]) -> Option<Vec<u8>> {
    let common = ["req", "-x509", "-nodes", "-subj", "/CN=recipient", "-keyout", "key.pem", "-out", "cert.pem"];
    match openssl(folder, &[&common, words].concat()) {
        Ok(_) => fs::read(folder.join("cert.pem")).ok(),
        Err(error) => {
            println!("openssl could not be used: {error}");
            None
        }
    }
}

const RSA: [&str; 4] = ["-newkey", "rsa:2048", "-days", "2"];

fn id(error: SinkError) -> &'static str {
    match OpError::from(error) {
        OpError::Failed(report) => report.id,
        OpError::Cancelled(_) => "cancelled",
    }
}

#[test]
fn what_is_sealed_is_opened_by_openssl_and_is_not_there_in_clear() -> TestResult {
    let folder = tempfile::tempdir()?;
    let Some(pem) = certificate(folder.path(), &RSA) else { return Ok(()) };
    openssl(folder.path(), &["x509", "-in", "cert.pem", "-outform", "DER", "-out", "cert.der"])?;
    for bytes in [pem, fs::read(folder.path().join("cert.der"))?] {
        let path = folder.path().join("secret.cms");
        let recipient = Recipient::read(&bytes, OffsetDateTime::now_utc())?;
        SealedFile::prepare(&path, recipient, true)?.put(&SecretText::from_text(TEXT))?;
        let sealed = fs::read_to_string(&path)?;
        assert!(sealed.starts_with("-----BEGIN CMS-----") && !sealed.contains(TEXT));
        let words = ["cms", "-decrypt", "-inform", "PEM", "-in", "secret.cms", "-inkey", "key.pem", "-binary"];
        assert_eq!(String::from_utf8(openssl(folder.path(), &words)?)?, TEXT);
        let printed = openssl(folder.path(), &["cms", "-cmsout", "-print", "-inform", "PEM", "-in", "secret.cms"])?;
        assert!(String::from_utf8_lossy(&printed).contains("aes-256-cbc"));
    }
    Ok(())
}

#[test]
fn the_same_text_is_never_sealed_to_the_same_bytes() -> TestResult {
    let folder = tempfile::tempdir()?;
    let Some(pem) = certificate(folder.path(), &RSA) else { return Ok(()) };
    let recipient = Recipient::read(&pem, OffsetDateTime::now_utc())?;
    let secret = SecretText::from_text(TEXT);
    assert_ne!(recipient.seal(&secret)?, recipient.seal(&secret)?);
    Ok(())
}

#[test]
fn a_certificate_that_can_t_be_used_is_refused_before_anything_is_made() -> TestResult {
    let folder = tempfile::tempdir()?;
    // OpenSSL takes the second in which it works as the first of validity.
    let now = OffsetDateTime::now_utc() + time::Duration::HOUR;
    let Some(pem) = certificate(folder.path(), &RSA) else { return Ok(()) };
    let later = now + time::Duration::days(3);
    assert!(matches!(Recipient::read(&pem, later), Err(SealError::Dates { .. })));
    assert!(matches!(Recipient::read(b"-----BEGIN nothing", now), Err(SealError::Unreadable(_))));
    assert!(matches!(Recipient::read(b"", now), Err(SealError::Unreadable(_))));
    let short = certificate(folder.path(), &["-newkey", "rsa:1024", "-days", "2"]).unwrap_or_default();
    assert!(matches!(Recipient::read(&short, now), Err(SealError::Key(_))));
    let curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-days", "2"];
    let curve = certificate(folder.path(), &curve).unwrap_or_default();
    assert!(matches!(Recipient::read(&curve, now), Err(SealError::Key(_))));
    let signing = [&RSA[..], &["-addext", "keyUsage=digitalSignature"]].concat();
    let signing = certificate(folder.path(), &signing).unwrap_or_default();
    assert!(matches!(Recipient::read(&signing, now), Err(SealError::Usage)));
    Ok(())
}

#[test]
fn what_is_there_stays_unless_the_caller_says_otherwise() -> TestResult {
    let folder = tempfile::tempdir()?;
    let Some(pem) = certificate(folder.path(), &RSA) else { return Ok(()) };
    let recipient = || Recipient::read(&pem, OffsetDateTime::now_utc());
    let path = folder.path().join("secret.cms");
    // It turns up between the check and the end.
    let mut ready = SealedFile::prepare(&path, recipient()?, false)?;
    fs::write(&path, "somebody's")?;
    let refused = ready.put(&SecretText::from_text(TEXT)).err().ok_or("it was overwritten")?;
    assert_eq!(id(refused), "PPFederation.SealedFileExists");
    let refused = SealedFile::prepare(&path, recipient()?, false).err().ok_or("not seen")?;
    assert_eq!(id(refused), "PPFederation.SealedFileExists");
    assert_eq!(fs::read_to_string(&path)?, "somebody's");
    let left: Vec<_> = fs::read_dir(folder.path())?.filter_map(Result::ok).map(|entry| entry.file_name()).collect();
    assert_eq!(left.iter().filter(|name| name.to_string_lossy().starts_with(".ppf")).count(), 0, "{left:?}");
    SealedFile::prepare(&path, recipient()?, true)?.put(&SecretText::from_text(TEXT))?;
    assert!(fs::read_to_string(&path)?.contains("BEGIN CMS"));
    Ok(())
}

#[test]
fn a_folder_that_takes_no_file_is_known_before_there_is_a_secret() -> TestResult {
    let folder = tempfile::tempdir()?;
    let Some(pem) = certificate(folder.path(), &RSA) else { return Ok(()) };
    for path in [folder.path().join("none").join("secret.cms"), folder.path().to_owned()] {
        let recipient = Recipient::read(&pem, OffsetDateTime::now_utc())?;
        let refused = SealedFile::prepare(&path, recipient, false).err().ok_or("it was taken")?;
        assert_eq!(id(refused), "PPFederation.SealedFileNotWritable");
    }
    Ok(())
}

#[cfg(unix)]
#[test]
fn the_file_is_its_owner_s_alone() -> TestResult {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir()?;
    let Some(pem) = certificate(folder.path(), &RSA) else { return Ok(()) };
    let path = folder.path().join("secret.cms");
    let recipient = Recipient::read(&pem, OffsetDateTime::now_utc())?;
    SealedFile::prepare(&path, recipient, false)?.put(&SecretText::from_text(TEXT))?;
    assert_eq!(fs::metadata(&path)?.permissions().mode() & 0o777, 0o600);
    Ok(())
}
