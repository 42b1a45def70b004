//! The tenant behind `Connect-PPTenant -Demo`, which ends with its connection.

use std::collections::HashMap;
use std::sync::LazyLock;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

use parking_lot::Mutex;
use tenant_twin::{Options, Trouble, Twin};

use super::Demo;
use crate::Op;
use crate::output::Output;
use pp_base::secret::SecretText;
use pp_report::catalogue as c;
use pp_report::clixml::{Object, Value};
use pp_report::error::OpError;

/// How long a demo tenant waits for its connection, which comes at once: it doesn't listen for somebody who was stopped.
const FIRST_CONNECTION: Duration = Duration::from_mins(2);

/// Started, and not connected to yet; what watches it ends with the sender.
struct Waiting(Twin, #[expect(dead_code, reason = "dropping it says that the connection came")] Sender<()>);

#[derive(Default)]
struct Running {
    last: u64,
    /// By number.
    waiting: HashMap<u64, Waiting>,
    /// By the connection that stops it.
    connected: HashMap<u64, Twin>,
}

static RUNNING: LazyLock<Mutex<Running>> = LazyLock::new(Mutex::default);

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
        let troubles = troubles(&self.faults)?;
        for trouble in &troubles {
            trouble.begin(&twin);
        }
        let kind = troubles.iter().map(|trouble| trouble.client).find(|kind| *kind != ADMIN).unwrap_or(ADMIN);
        let client =
            twin.client(kind).ok_or_else(|| c::DEMO_FAILED.report(format!("the demo tenant has no {kind}")))?;
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

/// The kind of client that may do everything.
const ADMIN: &str = "admin";

fn troubles(names: &[String]) -> Result<Vec<&'static Trouble>, OpError> {
    let find = |name: &String| {
        let known = Trouble::ALL.map(|trouble| trouble.name).join(", ");
        let unknown = || c::DEMO_FAILED.report(format!("a demo tenant knows no fault '{name}'; known are {known}"));
        Ok(Trouble::named(name).ok_or_else(unknown)?)
    };
    names.iter().map(find).collect()
}

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
pub(crate) fn belongs_to(demo: Option<u64>, connection: u64) {
    let mut running = RUNNING.lock();
    if let Some(Waiting(twin, _)) = demo.and_then(|demo| running.waiting.remove(&demo)) {
        running.connected.insert(connection, twin);
    }
}

/// Whether a connection is to a demo tenant.
pub(crate) fn is_of(connection: u64) -> bool {
    RUNNING.lock().connected.contains_key(&connection)
}

/// Stops a demo tenant that nobody could connect to.
pub(crate) fn discard(demo: Option<u64>) {
    let waiting = demo.and_then(|demo| RUNNING.lock().waiting.remove(&demo));
    // Dropped without the lock: stopping waits for the server's thread.
    drop(waiting);
}

/// Stops the demo tenant of a connection that was closed; true where it had one.
pub(crate) fn stop_of(connection: u64) -> bool {
    let twin = RUNNING.lock().connected.remove(&connection);
    // Dropped without the lock: stopping waits for the server's thread.
    twin.is_some()
}

#[cfg(test)]
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
