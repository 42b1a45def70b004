//! A twin and the ways to sign in to it that need no secret.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use pp_base::call::Call;
use pp_base::cancel::Cancel;
use pp_base::retry::{Budget, DEFAULT_BUDGET};
use pp_sign_in::certificate::SigningCertificate;
use pp_sign_in::error::{Refusal, SignInError};
use pp_sign_in::{Credential, Token};
use tenant_twin::{Options, Twin};
use uuid::Uuid;

use crate::{TestResult, connect_by};
use pp_run::connection::Connection;

/// A twin without latency.
pub fn twin() -> Result<Arc<Twin>, Box<dyn Error>> {
    twin_of(1)
}

/// The same with other ids.
pub fn twin_of(seed: u64) -> Result<Arc<Twin>, Box<dyn Error>> {
    let options = Options { users: 1, seed, latency: Duration::ZERO, ..Options::default() };
    Ok(Arc::new(Twin::start(&options)?))
}

/// The client id of the twin's administrator client.
pub fn admin(twin: &Twin) -> Result<Uuid, Box<dyn Error>> {
    Ok(Uuid::parse_str(&twin.client("admin").ok_or("no admin")?.client_id)?)
}

/// A file of the folder of test certificates.
pub fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("certificates").join(name)
}

/// Files of that folder, one after the other, as one file.
pub fn joined(folder: &Path, names: &[&str]) -> Result<PathBuf, Box<dyn Error>> {
    let path = folder.join(names.concat());
    let parts = names.iter().map(|name| std::fs::read(file(name))).collect::<Result<Vec<_>, _>>()?;
    std::fs::write(&path, parts.concat())?;
    Ok(path)
}

/// The test certificate.
pub fn der() -> Result<Vec<u8>, Box<dyn Error>> {
    let pem = std::fs::read_to_string(file("certificate.pem"))?;
    let base64: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    Ok(STANDARD.decode(base64)?)
}

/// The administrator client has the test certificate, for a year.
pub fn register_certificate(twin: &Twin) -> TestResult {
    let (der, client) = (der()?, admin(twin)?.to_string());
    twin.edit(|editor| editor.add_certificate(&editor.application_id(&client), &der, Duration::from_hours(24 * 365)));
    Ok(())
}

/// A connection of a certificate.
pub fn by_certificate(twin: &Arc<Twin>, path: &Path) -> Result<Connection, Box<dyn Error>> {
    let certificate = Box::new(SigningCertificate::from_file(path, None)?);
    connect_by(twin, Credential::Certificate { client_id: admin(twin)?, certificate })
}

/// A token, or why there is none.
pub fn token(connection: &Connection) -> Result<Arc<Token>, SignInError> {
    let (cancel, budget) = (Cancel::never(), Budget::new(DEFAULT_BUDGET));
    connection.tokens.get(&Call { cancel: &cancel, budget: &budget, log: &|_| () })
}

/// The sign-in service's refusal of a sign-in that must fail.
pub fn refusal(connection: &Connection) -> Result<Refusal, Box<dyn Error>> {
    match token(connection) {
        Err(SignInError::Refused(refusal)) => Ok(refusal),
        Err(other) => Err(format!("another error: {other}").into()),
        Ok(_) => Err("signed in".into()),
    }
}

/// Requests to the token endpoint so far.
pub fn asked(twin: &Twin) -> usize {
    twin.requests().iter().filter(|request| request.token).count()
}

/// The token that a connection gets is renewed five minutes before its end, and not before.
pub fn is_renewed(twin: &Twin, connection: &Connection) -> TestResult {
    let first = token(connection)?;
    let again = token(connection)?;
    assert!(Arc::ptr_eq(&first, &again), "asked for again while it was good");
    twin.advance(Duration::from_mins(55));
    let renewed = token(connection)?;
    assert!(!Arc::ptr_eq(&first, &renewed), "not renewed");
    assert!(renewed.expires_on > first.expires_on);
    Ok(())
}
