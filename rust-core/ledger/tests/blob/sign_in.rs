//! Tokens of a connection's sign-in, over TLS. On Linux, where a process is told whom to trust.
#![cfg(target_os = "linux")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use pp_base::clock::SystemClock;
use pp_base::secret::SecretText;
use pp_ledger::blob::{BlobAccess, open};
use pp_ledger::error::LedgerError;
use pp_ledger::state::State;
use pp_run::connection::Connection;
use pp_sign_in::environment::Environment;
use pp_sign_in::{Credential, error};
use pp_testing::azurite::Azurite;
use pp_testing::sign_in::twin;
use pp_testing::{TestResult, connect_at, connect_by};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, KeyUsagePurpose};

use crate::support::{TENANT, begun, done, take, with_call};

/// Tells the child the folder of the server's certificate and key.
const CHILD: &str = "PPFEDERATION_LEDGER_SECURE";

#[test]
fn a_sign_in_s_token_opens_the_ledger_and_goes_nowhere_else() -> TestResult {
    let folder = tempfile::tempdir()?;
    make_certificates(folder.path())?;
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--exact", "sign_in::child", "--nocapture"]).env(CHILD, folder.path());
    let child = command.env("SSL_CERT_FILE", folder.path().join("trusted.pem")).stdout(Stdio::piped()).output()?;
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success(), "{said}{}", String::from_utf8_lossy(&child.stderr));
    Ok(())
}

/// An authority, and a server of this machine that it vouches for.
fn make_certificates(folder: &Path) -> TestResult {
    let mut params = CertificateParams::new(Vec::new())?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
    let key = KeyPair::generate()?;
    let server = CertificateParams::new(vec!["127.0.0.1".to_owned()])?.signed_by(&key, &authority)?;
    std::fs::write(folder.join("trusted.pem"), authority.pem())?;
    std::fs::write(folder.join("server.pem"), server.pem())?;
    Ok(std::fs::write(folder.join("key.pem"), key.serialize_pem())?)
}

fn by(connection: &Connection, environment: Environment) -> BlobAccess {
    BlobAccess::Tokens { tokens: Arc::clone(&connection.tokens), environment }
}

/// Nothing where no parent started it.
#[test]
fn child() -> TestResult {
    let Ok(folder) = std::env::var(CHILD).map(PathBuf::from) else { return Ok(()) };
    let secure = Azurite::start_secure(&folder.join("server.pem"), &folder.join("key.pem"))?;
    let Some(azurite) = secure else { return Ok(()) };
    let twin = twin()?;
    let clock = Arc::new(SystemClock::default());
    let connection = connect_at(&twin, clock.clone())?;
    let address = azurite.ledger("secure");
    let ledger = open(&address, by(&connection, Environment::Custom), "one", clock.clone())?;
    let hold = take(&*ledger, TENANT)?;
    with_call(|call| {
        hold.record(begun(), call)?;
        hold.record(done(), call)
    })?;
    assert_eq!(with_call(|call| ledger.read(None, call))?.states[0].state, State::Done);
    let elsewhere = open(&address, by(&connection, Environment::Global), "one", clock.clone());
    assert!(matches!(elsewhere, Err(LedgerError::Address { .. })));
    refused_in_words(&address, &connect_by(&twin, given(&connection)?)?, clock)
}

/// A token that the caller gave is for Microsoft Graph alone.
fn refused_in_words(address: &str, connection: &Connection, clock: Arc<SystemClock>) -> TestResult {
    let ledger = open(address, by(connection, Environment::Custom), "one", clock)?;
    let told = with_call(|call| ledger.read(None, call));
    let of_the_audience = matches!(told, Err(LedgerError::SignIn(error::SignInError::Unfit(_))));
    assert!(of_the_audience, "{told:?}");
    Ok(())
}

fn given(connection: &Connection) -> Result<Credential, Box<dyn Error>> {
    let token = with_call(|call| connection.tokens.get(call))?;
    Ok(Credential::AccessToken(Arc::new(SecretText::from_text(token.text.expose()))))
}
