//! A session with the services in a process of its own, whose environment says whom it trusts and which proxy it has.

use std::env;
use std::error::Error;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use pp_base::call::Call;
use pp_base::cancel::{Cancel, Cancelled};
use pp_base::clock::Clock;
use pp_base::retry::{Budget, DEFAULT_BUDGET};
use pp_base::secret::SecretText;
use pp_graph::batch::Item;
use pp_report::error::OpError;
use pp_run::connection::Connection;
use pp_sign_in::Credential;
use pp_sign_in::certificate::SigningCertificate;
use pp_sign_in::environment::Environment;
use pp_sign_in::federated::FederatedToken;
use pp_sign_in::managed_identity::{Endpoint, ManagedIdentity, Variables};
use pp_sink::key_vault::KeyVault;
use pp_sink::{Delivery, Sink};
use pp_vault::address::VaultAddress;
use serde::{Deserialize, Serialize};
use tenant_twin::Twin;
use time::OffsetDateTime;
use url::Url;
use uuid::Uuid;

use pp_testing::TestResult;
use pp_testing::sign_in::admin;

/// Holds the session, as JSON.
const SESSION: &str = "PPFEDERATION_TEST_SESSION";

/// Who signs in where, to read the organization, and to put a secret into a vault where one is named.
#[derive(Serialize, Deserialize)]
pub(crate) struct Session {
    #[serde(serialize_with = "named")]
    pub(crate) environment: Environment,
    /// Of `Custom`.
    pub(crate) login: Option<String>,
    pub(crate) graph: Option<String>,
    pub(crate) tenant: Uuid,
    pub(crate) client: Uuid,
    pub(crate) proof: Proof,
    pub(crate) vault: Option<String>,
    /// Then another one like it while the first is open, through this proxy.
    pub(crate) then_through: Option<String>,
}

#[derive(Serialize, Deserialize)]
pub(crate) enum Proof {
    Secret(String),
    CertificateFile(PathBuf),
    AccessToken(String),
    GitHubActions {
        url: String,
        token: String,
    },
    /// By the host of its endpoint.
    ManagedIdentity(String),
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's way of calling it")]
fn named<S: serde::Serializer>(environment: &Environment, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(environment.name())
}

impl Session {
    /// The twin's administrator, by the client secret.
    pub(crate) fn of_admin(twin: &Twin, environment: Environment) -> Result<Self, Box<dyn Error>> {
        let secret = twin.client("admin").ok_or("no admin")?.client_secret.clone();
        let custom = environment == Environment::Custom;
        Ok(Self {
            environment,
            login: custom.then(|| twin.login()),
            graph: custom.then(|| twin.graph()),
            tenant: Uuid::parse_str(twin.tenant_id())?,
            client: admin(twin)?,
            proof: Proof::Secret(secret),
            vault: None,
            then_through: None,
        })
    }

    /// What came of it: `ok`, or the id and the text of the error. Nothing of this process's environment is passed on.
    pub(crate) fn run(&self, variables: &[(&str, &str)]) -> Result<String, Box<dyn Error>> {
        let mut command = Command::new(env::current_exe()?);
        command.args(["--exact", "session::child", "--nocapture"]).env_clear().envs(variables.iter().copied());
        command.env(SESSION, serde_json::to_string(self)?);
        let ended = command.stdin(Stdio::null()).output()?;
        let said = String::from_utf8_lossy(&ended.stdout).into_owned();
        let came = said.split_once(CAME).and_then(|(_, rest)| rest.split_once(CAME)).map(|(came, _)| came.to_owned());
        came.ok_or_else(|| format!("no word: {said} {}", String::from_utf8_lossy(&ended.stderr)).into())
    }
}

/// Stands before and behind what the process has to say.
const CAME: &str = "\u{1}";

#[test]
fn child() -> TestResult {
    use std::io::Write as _;

    let Ok(session) = env::var(SESSION) else { return Ok(()) };
    let came = match hold_all(&serde_json::from_str(&session)?) {
        Ok(()) => "ok".to_owned(),
        Err(OpError::Failed(report)) => format!("{}: {}", report.id, report.message),
        Err(OpError::Cancelled(_)) => "cancelled".to_owned(),
    };
    write!(std::io::stdout(), "{CAME}{came}{CAME}")?;
    Ok(())
}

#[expect(unsafe_code, reason = "the environment changes while a process runs")]
fn hold_all(session: &Session) -> Result<(), OpError> {
    let _open = hold(session)?;
    if let Some(proxy) = &session.then_through {
        // SAFETY: this test is alone in its process, and no request is under way that could read the environment.
        unsafe { env::set_var("HTTPS_PROXY", proxy) };
        hold(session)?;
    }
    Ok(())
}

fn hold(session: &Session) -> Result<Connection, OpError> {
    let endpoints = session.environment.endpoints(session.login.as_deref(), session.graph.as_deref())?;
    let credential = credential(session)?;
    let clock = Arc::new(NoWaiting::default());
    let connection = Connection::new(session.tenant, session.environment, endpoints, credential, clock, DEFAULT_BUDGET)
        .map_err(|why| pp_report::catalogue::NETWORK_FAILED.report(why))?;
    let (cancel, budget) = (Cancel::never(), Budget::new(DEFAULT_BUDGET));
    let graph = connection.graph(Call { cancel: &cancel, budget: &budget, log: &|_| () });
    for read in graph.read(&[Item::get("/organization?$select=id")])? {
        read?;
    }
    if let Some(vault) = &session.vault {
        let address = VaultAddress::parse(vault, session.environment)?;
        let mut sink =
            Sink::KeyVault(KeyVault::prepare(graph.access(), session.tenant, address, "pptoken", None, false)?);
        let (tenant, text) = (session.tenant.to_string(), SecretText::from_text("a client secret"));
        let end = OffsetDateTime::now_utc() + Duration::from_hours(24);
        let delivery = Delivery { tenant: &tenant, app_id: "an-app", key_id: "a-key", end, text: &text };
        sink.put(graph.access(), &delivery)?;
    }
    Ok(connection)
}

fn credential(session: &Session) -> Result<Credential, OpError> {
    let client_id = session.client;
    Ok(match &session.proof {
        Proof::Secret(text) => Credential::ClientSecret { client_id, secret: SecretText::from_text(text) },
        Proof::CertificateFile(path) => {
            let certificate = Box::new(SigningCertificate::from_file(path, None)?);
            Credential::Certificate { client_id, certificate }
        }
        Proof::AccessToken(text) => Credential::AccessToken(SecretText::from_text(text).into()),
        Proof::GitHubActions { url, token } => {
            let url = Url::parse(url).map_err(|why| pp_report::catalogue::NETWORK_FAILED.report(why.to_string()))?;
            let source = FederatedToken::GitHubActions { url, token: SecretText::from_text(token) };
            Credential::Federated { client_id, source }
        }
        Proof::ManagedIdentity(host) => {
            let variables = Variables { authority_host: Some(host.clone()), ..Variables::default() };
            Credential::ManagedIdentity(Box::new(ManagedIdentity::new(Endpoint::find(variables)?, None)))
        }
    })
}

/// Waiting takes no time.
#[derive(Debug, Default)]
struct NoWaiting(AtomicU64);

impl Clock for NoWaiting {
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc()
    }

    fn elapsed(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::SeqCst))
    }

    fn wait(&self, time: Duration, cancel: &Cancel) -> Result<(), Cancelled> {
        self.0.fetch_add(u64::try_from(time.as_millis()).unwrap_or(u64::MAX), Ordering::SeqCst);
        cancel.check()
    }

    fn jitter(&self) -> f64 {
        0.5
    }
}
