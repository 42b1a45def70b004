//! Signing in with a certificate: every form of file, every refusal of ours and of the service, renewal, clocks, cancel.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use pp_base::call::Call;
use pp_base::cancel::CancelSource;
use pp_base::retry::Budget;
use pp_base::secret::SecretText;
use pp_http::SendError;
use pp_report::error::OpError;
use pp_sign_in::certificate::SigningCertificate;
use pp_sign_in::error::SignInError;
use pp_testing::TestResult;
use pp_testing::sign_in::{
    admin, asked, by_certificate, der, file, is_renewed, joined, refusal, register_certificate, token, twin,
};
use tenant_twin::{Fault, FaultKind, On, Target, Twin};
use time::OffsetDateTime;

const PASSWORD: &str = "pfx-password";
const YEAR: Duration = Duration::from_hours(24 * 365);

/// A twin whose administrator client has the test certificate.
fn registered() -> Result<Arc<Twin>, Box<dyn std::error::Error>> {
    let twin = twin()?;
    register_certificate(&twin)?;
    Ok(twin)
}

fn open(path: &Path, password: Option<&str>) -> Result<SigningCertificate, String> {
    let password = password.map(SecretText::from_text);
    SigningCertificate::from_file(path, password.as_ref()).map_err(|error| match OpError::from(error) {
        OpError::Failed(report) => format!("{}: {}", report.id, report.message),
        OpError::Cancelled(_) => "cancelled".into(),
    })
}

#[test]
fn pem_files_of_either_form_sign_in_and_are_renewed() -> TestResult {
    let folder = tempfile::tempdir()?;
    for key in ["key.pem", "key-pkcs1.pem"] {
        let twin = registered()?;
        // A chain and any order: the certificate is the one that the key belongs to.
        let path = joined(folder.path(), &["other.pem", key, "certificate.pem"])?;
        is_renewed(&twin, &by_certificate(&twin, &path)?)?;
    }
    Ok(())
}

#[test]
fn pfx_files_of_today_and_of_old_are_opened() -> TestResult {
    for (name, password) in
        [("modern.pfx", Some(PASSWORD)), ("legacy.pfx", Some(PASSWORD)), ("empty.pfx", None), ("empty.pfx", Some(""))]
    {
        open(&file(name), password).map_err(|error| format!("{name}: {error}"))?;
    }
    let base64 = SecretText::take(STANDARD.encode(std::fs::read(file("modern.pfx"))?));
    SigningCertificate::from_pkcs12(&base64, Some(&SecretText::from_text(PASSWORD)))?;
    Ok(())
}

#[test]
fn a_file_that_is_no_use_is_named_with_the_reason_and_without_its_content() -> TestResult {
    let folder = tempfile::tempdir()?;
    let garbage = folder.path().join("garbage.pfx");
    std::fs::write(&garbage, "not a certificate, and secret")?;
    let certificate_der = folder.path().join("certificate.cer");
    std::fs::write(&certificate_der, der()?)?;
    let files = [
        (folder.path().join("absent.pfx"), None, "CertificateFileNotFound", "there is no certificate file"),
        (garbage, None, "CertificateUnreadable", "is neither a PFX"),
        (file("modern.pfx"), Some("wrong"), "CertificatePasswordWrong", "doesn't open"),
        (file("modern.pfx"), None, "CertificatePasswordWrong", "doesn't open"),
        (file("certificate.pem"), None, "CertificateUnreadable", "no private key"),
        (certificate_der, None, "CertificateUnreadable", "no private key"),
        (file("key.pem"), None, "CertificateUnreadable", "no certificate"),
        (joined(folder.path(), &["certificate.pem", "encrypted-key.pem"])?, None, "CertificateUnreadable", "encrypted"),
        (joined(folder.path(), &["other.pem", "key.pem"])?, None, "CertificateUnfit", "belongs to the private key"),
        (file("ec.pem"), None, "CertificateUnfit", "must be RSA"),
        (file("small.pem"), None, "CertificateUnfit", "must be RSA"),
    ];
    for (path, password, id, reason) in files {
        let said = open(&path, password).err().ok_or_else(|| format!("{} was taken", path.display()))?;
        assert!(said.starts_with(&format!("PPFederation.{id}: ")), "{said}");
        assert!(said.contains(reason) && said.contains(&path.display().to_string()), "{said}");
        assert!(!said.contains("secret") && !said.contains("wrong"), "{said}");
    }
    Ok(())
}

#[test]
fn a_certificate_out_of_its_time_is_refused_before_anything_is_sent() -> TestResult {
    let folder = tempfile::tempdir()?;
    let certificate = open(&joined(folder.path(), &["certificate.pem", "key.pem"])?, None)?;
    let later = OffsetDateTime::now_utc() + time::Duration::days(36600);
    for (now, reason) in [(OffsetDateTime::UNIX_EPOCH, "is not valid before"), (later, "expired at")] {
        let said = certificate.check_dates(now).err().ok_or("taken")?.to_string();
        assert!(said.contains(reason), "{said}");
    }
    let twin = registered()?;
    let connection = by_certificate(&twin, &joined(folder.path(), &["certificate.pem", "key.pem"])?)?;
    twin.advance(YEAR * 110);
    assert!(matches!(token(&connection), Err(SignInError::Certificate(_))));
    assert_eq!(asked(&twin), 0);
    Ok(())
}

#[cfg(not(windows))]
#[test]
fn the_windows_store_is_said_to_be_windows_own() {
    for thumbprint in ["ab".repeat(20), "ab".into()] {
        let said = SigningCertificate::from_store(&thumbprint).err().map(|error| error.to_string());
        assert!(said.is_some_and(|said| said.contains("only Windows has a certificate store")), "{thumbprint}");
    }
}

#[test]
fn the_service_refuses_a_certificate_that_is_not_registered_or_no_longer_valid_there() -> TestResult {
    let folder = tempfile::tempdir()?;
    let path = joined(folder.path(), &["certificate.pem", "key.pem"])?;
    let twin = twin()?;
    let connection = by_certificate(&twin, &path)?;
    assert_eq!(refusal(&connection)?.code, 700_027);
    let (der, client) = (der()?, admin(&twin)?.to_string());
    twin.edit(|editor| editor.add_certificate(&editor.application_id(&client), &der, Duration::from_hours(1)));
    token(&connection)?;
    twin.advance(Duration::from_hours(2));
    let refused = refusal(&connection)?;
    assert_eq!(refused.code, 700_027);
    let OpError::Failed(report) = OpError::from(SignInError::Refused(refused)) else { return Err("cancelled".into()) };
    assert_eq!(report.id, "PPFederation.AssertionRefused");
    assert!(report.message.contains("The key is expired"), "{}", report.message);
    Ok(())
}

#[test]
fn an_answer_that_is_lost_is_asked_for_again_with_another_assertion() -> TestResult {
    let folder = tempfile::tempdir()?;
    let twin = registered()?;
    twin.add_fault(Fault::new(On::every(Target::Token), FaultKind::AnswerLost { reset: true }));
    // The twin takes each assertion once.
    token(&by_certificate(&twin, &joined(folder.path(), &["certificate.pem", "key.pem"])?)?)?;
    assert_eq!(asked(&twin), 2);
    Ok(())
}

#[test]
fn a_service_whose_clock_is_hours_off_is_believed_about_the_time() -> TestResult {
    let folder = tempfile::tempdir()?;
    let path = joined(folder.path(), &["certificate.pem", "key.pem"])?;
    for hours in [-3, 3] {
        let twin = registered()?;
        // The certificate was made not long ago.
        twin.advance(Duration::from_hours(24));
        twin.add_fault(Fault::new(On::every(Target::Token), FaultKind::Skewed { seconds: hours * 3600 }).for_ever());
        let connection = by_certificate(&twin, &path)?;
        let token = token(&connection)?;
        assert_eq!(asked(&twin), 2, "one try with each time");
        let left = token.expires_on - connection.clock().now();
        assert_eq!(left.whole_minutes(), 59, "what the service says of the token's life counts, not its clock");
    }
    Ok(())
}

#[test]
fn cancel_ends_the_wait_for_a_busy_service() -> TestResult {
    let folder = tempfile::tempdir()?;
    let twin = registered()?;
    twin.add_fault(
        Fault::new(On::every(Target::Token), FaultKind::Throttled(tenant_twin::RetryAfter::Seconds(1))).for_ever(),
    );
    let connection = by_certificate(&twin, &joined(folder.path(), &["certificate.pem", "key.pem"])?)?;
    let (source, cancel) = CancelSource::new();
    let budget = Budget::new(Duration::from_hours(1));
    // The first word of the wait is when the caller has enough.
    let log = |_: &str| source.cancel();
    let ended = connection.tokens.get(&Call { cancel: &cancel, budget: &budget, log: &log });
    assert!(matches!(ended, Err(SignInError::Send(SendError::Cancelled))));
    assert_eq!(asked(&twin), 1);
    Ok(())
}

#[test]
fn many_threads_sign_in_once() -> TestResult {
    let folder = tempfile::tempdir()?;
    let twin = registered()?;
    let connection = by_certificate(&twin, &joined(folder.path(), &["certificate.pem", "key.pem"])?)?;
    twin.set_latency(Duration::from_millis(20));
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| token(&connection).is_ok())).collect();
        threads.into_iter().all(|thread| thread.join().unwrap_or(false))
    })
    .then_some(())
    .ok_or("a thread got no token")?;
    assert_eq!(asked(&twin), 1);
    Ok(())
}
