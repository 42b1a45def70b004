//! The embedded tenant behind `Connect-PPTenant -Demo`. It is started here and otherwise an address like any other.

#[cfg(feature = "demo")]
use std::collections::HashMap;
#[cfg(feature = "demo")]
use std::sync::LazyLock;
#[cfg(feature = "demo")]
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
#[cfg(feature = "demo")]
use std::time::Duration;

#[cfg(feature = "demo")]
use parking_lot::Mutex;
use serde::Deserialize;
#[cfg(feature = "demo")]
use tenant_twin::{Options, Twin};

use crate::Op;
use crate::output::Output;
#[cfg(feature = "demo")]
use pp_base::secret::SecretText;
use pp_report::catalogue as c;
#[cfg(feature = "demo")]
use pp_report::clixml::{Object, Value};
use pp_report::error::OpError;

/// `demo`: starts a tenant on loopback.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(not(feature = "demo"), expect(dead_code, reason = "read only where the demo is built in"))]
pub(crate) struct Demo {
    users: Option<u32>,
    seed: Option<u64>,
}

/// How long a demo tenant waits for its connection, which comes at once: it doesn't listen for somebody who was stopped.
#[cfg(feature = "demo")]
const FIRST_CONNECTION: Duration = Duration::from_mins(2);

/// Started, and not connected to yet; what watches it ends with the sender.
#[cfg(feature = "demo")]
struct Waiting(Twin, #[expect(dead_code, reason = "dropping it says that the connection came")] Sender<()>);

#[cfg(feature = "demo")]
#[derive(Default)]
struct Running {
    last: u64,
    /// By number.
    waiting: HashMap<u64, Waiting>,
    /// By the connection that stops it.
    connected: HashMap<u64, Twin>,
}

#[cfg(feature = "demo")]
static RUNNING: LazyLock<Mutex<Running>> = LazyLock::new(Mutex::default);

#[cfg(feature = "demo")]
impl Op for Demo {
    fn run(self: Box<Self>, output: &Output) -> Result<(), OpError> {
        let defaults = Options::default();
        let options = Options {
            users: self.users.unwrap_or(defaults.users),
            seed: self.seed.unwrap_or(defaults.seed),
            // Every row that it gives says so.
            tenant_name: format!("{} (demo)", defaults.tenant_name),
            ..defaults
        };
        let twin = Twin::start(&options).map_err(|why| c::DEMO_FAILED.report(format!("no demo tenant: {why}")))?;
        let client = twin.client("admin").ok_or_else(|| c::DEMO_FAILED.report("the demo tenant has no admin"))?;
        let secret = output.secret(&SecretText::from_text(&client.client_secret))?;
        let object = Object::new("PPFederation.Demo")
            .with("LoginEndpoint", twin.login())
            .with("GraphEndpoint", twin.graph())
            .with("ControlEndpoint", twin.control())
            .with("TenantId", twin.tenant_id())
            .with("ClientId", client.client_id.clone())
            .with("ClientSecret", Value::SecretReference(secret));
        let number =
            keep(twin, FIRST_CONNECTION).map_err(|why| c::DEMO_FAILED.report(format!("no demo tenant: {why}")))?;
        // Nobody who was told of it is there to connect.
        Ok(output.object(&object.with("Demo", number)).inspect_err(|_| discard(Some(number)))?)
    }
}

#[cfg(feature = "demo")]
fn keep(twin: Twin, patience: Duration) -> std::io::Result<u64> {
    let (sender, connected) = channel();
    let number = {
        let mut running = RUNNING.lock();
        running.last += 1;
        let number = running.last;
        running.waiting.insert(number, Waiting(twin, sender));
        number
    };
    let watch = move || {
        if connected.recv_timeout(patience) == Err(RecvTimeoutError::Timeout) {
            discard(Some(number));
        }
    };
    let watching = std::thread::Builder::new().name("ppfederation-demo".into()).spawn(watch);
    watching.map(|_| number).inspect_err(|_| discard(Some(number)))
}

/// The demo tenant ends with this connection.
#[cfg(feature = "demo")]
pub(crate) fn belongs_to(demo: Option<u64>, connection: u64) {
    let mut running = RUNNING.lock();
    if let Some(Waiting(twin, _)) = demo.and_then(|demo| running.waiting.remove(&demo)) {
        running.connected.insert(connection, twin);
    }
}

/// Whether a connection is to a demo tenant.
#[cfg(feature = "demo")]
pub(crate) fn is_of(connection: u64) -> bool {
    RUNNING.lock().connected.contains_key(&connection)
}

/// Stops a demo tenant that nobody could connect to.
#[cfg(feature = "demo")]
pub(crate) fn discard(demo: Option<u64>) {
    let waiting = demo.and_then(|demo| RUNNING.lock().waiting.remove(&demo));
    // Dropped without the lock: stopping waits for the server's thread.
    drop(waiting);
}

/// Stops the demo tenant of a connection that was closed; true where it had one.
#[cfg(feature = "demo")]
pub(crate) fn stop_of(connection: u64) -> bool {
    let twin = RUNNING.lock().connected.remove(&connection);
    // Dropped without the lock: stopping waits for the server's thread.
    twin.is_some()
}

#[cfg(not(feature = "demo"))]
impl Op for Demo {
    fn run(self: Box<Self>, _output: &Output) -> Result<(), OpError> {
        Err(c::DEMO_FAILED.report("this library was built without the demo tenant").into())
    }
}

#[cfg(not(feature = "demo"))]
pub(crate) fn belongs_to(_demo: Option<u64>, _connection: u64) {}

#[cfg(not(feature = "demo"))]
pub(crate) fn is_of(_connection: u64) -> bool {
    false
}

#[cfg(not(feature = "demo"))]
pub(crate) fn discard(_demo: Option<u64>) {}

#[cfg(not(feature = "demo"))]
pub(crate) fn stop_of(_connection: u64) -> bool {
    false
}

#[cfg(all(test, feature = "demo"))]
mod tests {
    use std::net::TcpStream;
    use std::thread;

    use super::*;

    #[test]
    fn a_demo_tenant_that_nobody_connects_to_stops_listening() -> Result<(), Box<dyn std::error::Error>> {
        let twin = Twin::start(&Options::default())?;
        let address = twin.origin().trim_start_matches("http://").to_owned();
        assert!(TcpStream::connect(&address).is_ok());
        let number = keep(twin, Duration::ZERO)?;
        while RUNNING.lock().waiting.contains_key(&number) || TcpStream::connect(&address).is_ok() {
            thread::yield_now();
        }
        Ok(())
    }
}
