//! A process of its own that carries something out against a twin, to be killed, or to end itself after so many answers: a
//! test binary that runs its test `child` alone.

use std::env;
use std::error::Error;
use std::process::{self, Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use pp_base::call::Call;
use pp_base::cancel::Cancel;
use pp_base::clock::SystemClock;
use pp_base::retry::{Budget, DEFAULT_BUDGET};
use pp_base::secret::SecretText;
use pp_graph::Graph;
use pp_run::apply::Voice;
use pp_run::connection::Connection;
use pp_sign_in::Credential;
use pp_sign_in::environment::Environment;
use tenant_twin::Twin;
use uuid::Uuid;

use crate::TestResult;

/// Tells the child whom to connect to, and after how many answers it ends itself.
const CHILD: &str = "PPFEDERATION_KILL_CHILD";

/// Tells the child a word of the test's own.
const WORD: &str = "PPFEDERATION_KILL_WORD";

/// Starts the child; `usize::MAX` answers are never reached.
pub fn start(twin: &Twin, answers: usize) -> Result<Child, Box<dyn Error>> {
    start_told(twin, answers, "")
}

/// The word that the child was told.
pub fn told() -> String {
    env::var(WORD).unwrap_or_default()
}

/// The same, with a word for the child.
pub fn start_told(twin: &Twin, answers: usize, word: &str) -> Result<Child, Box<dyn Error>> {
    let admin = twin.client("admin").ok_or("no admin")?;
    let words = [&twin.login(), &twin.graph(), &twin.vault(), twin.tenant_id(), &admin.client_id, &admin.client_secret];
    let words = format!("{} {answers}", words.map(str::to_owned).join(" "));
    let mut command = Command::new(env::current_exe()?);
    command.args(["--exact", "child"]).env(CHILD, words).env(WORD, word).stdout(Stdio::null()).stderr(Stdio::null());
    Ok(command.spawn()?)
}

/// What the child does, with the tenant id and the address of its vault; nothing where no parent started it.
pub fn run(work: impl FnOnce(Graph<'_>, Voice<'_>, Uuid, &str) -> TestResult) -> TestResult {
    let Ok(words) = env::var(CHILD) else { return Ok(()) };
    let words: Vec<&str> = words.split(' ').collect();
    let [login, graph, vault, tenant, client, secret, answers] = words[..] else { return Err("seven words".into()) };
    let left = AtomicUsize::new(answers.parse()?);
    let endpoints = Environment::Custom.endpoints(Some(login), Some(graph))?;
    let credential =
        Credential::ClientSecret { client_id: Uuid::parse_str(client)?, secret: SecretText::from_text(secret) };
    let clock = Arc::new(SystemClock::default());
    let tenant = Uuid::parse_str(tenant)?;
    let connection = Connection::new(tenant, Environment::Custom, endpoints, credential, clock, DEFAULT_BUDGET)?;
    // Every answer is logged before anything is made of it.
    let log = |_: &str| {
        if left.fetch_sub(1, Ordering::SeqCst) == 1 {
            process::abort();
        }
    };
    // Nothing lags here: a look that has to agree with the last one needn't wait.
    let (cancel, budget) = (Cancel::never(), Budget::new(Duration::ZERO));
    let call = Call { cancel: &cancel, budget: &budget, log: &log };
    work(connection.graph(call), Voice { progress: &|_, _| (), warning: &|_| (), debug: &|_| () }, tenant, vault)
}
