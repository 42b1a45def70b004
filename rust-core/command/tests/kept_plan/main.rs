//! A plan that is kept: what its file holds, that it is carried out as it stands, and what refuses it before anything is sent.

mod moved;
mod refused;
mod written;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use pp_base::cancel::Cancel;
use pp_command::event::{Kind, Payload};
use pp_command::output::Output;
use pp_command::{SecretBlock, parse};
use pp_report::error::OpError;
use pp_run::apply::apply;
use pp_runbook::wanted::{DEFAULT_DISPLAY_NAME, UNIQUE_NAME, Wanted};
use pp_testing::{TestResult, child};
use serde_json::{Value, json};
use tempfile::TempDir;
use tenant_twin::{Options, Twin};

/// What an op said.
#[derive(Debug)]
struct Said {
    objects: String,
    warnings: String,
    information: String,
    /// Id and message of the error that ended it.
    failed: Option<(&'static str, String)>,
}

impl Said {
    /// The texts of a property, an object each.
    fn all(&self, property: &str) -> Vec<&str> {
        let start = format!("N=\"{property}\">");
        let value = |rest: &'_ str| rest.split('<').next().unwrap_or_default().len();
        self.objects
            .match_indices(&start)
            .map(|(at, _)| &self.objects[at + start.len()..])
            .map(|r| &r[..value(r)])
            .collect()
    }

    fn refused(&self) -> Result<(&'static str, &str), String> {
        self.failed
            .as_ref()
            .map(|(id, message)| (*id, message.as_str()))
            .ok_or_else(|| format!("not refused: {self:?}"))
    }
}

fn run(request: &Value, secrets: &[u8]) -> Result<Said, Box<dyn Error>> {
    let events = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&events);
    let send = move |event: pp_command::event::Event| {
        let text = match event.payload {
            Payload::Plain(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Payload::Secret(_) => String::new(),
        };
        heard.lock().push((event.kind, text));
        Ok(())
    };
    let output = Output::new(Box::new(send), Cancel::never());
    let failed = match parse(request.to_string().as_bytes(), &SecretBlock::copy_of(secrets))?.run(&output) {
        Ok(()) => None,
        Err(OpError::Failed(report)) => Some((report.id, report.message)),
        Err(cancelled @ OpError::Cancelled(_)) => return Err(cancelled.into()),
    };
    let events = events.lock();
    let of = |wanted: Kind| events.iter().filter(|(kind, _)| *kind == wanted).map(|(_, text)| text.as_str()).collect();
    Ok(Said { objects: of(Kind::Objects), warnings: of(Kind::Warning), information: of(Kind::Information), failed })
}

/// A twin, a connection to it, and a folder for plans.
struct Tenant {
    twin: Twin,
    connection: u64,
    folder: TempDir,
}

impl Tenant {
    fn start() -> Result<Self, Box<dyn Error>> {
        Self::of(&Options { users: 3, groups: 1, contacts: 1, latency: Duration::ZERO, ..Options::default() })
    }

    fn of(options: &Options) -> Result<Self, Box<dyn Error>> {
        let twin = Twin::start(options)?;
        let client = twin.client("admin").ok_or("no admin")?.clone();
        let secret = client.client_secret.as_bytes();
        let credential = json!({"kind": "clientSecret", "clientId": client.client_id, "clientSecret": {"at": 0, "len": secret.len()}});
        let request = json!({
            "op": "connect", "tenantId": twin.tenant_id(), "environment": "Custom", "loginEndpoint": twin.login(),
            "graphEndpoint": twin.graph(), "credential": credential,
        });
        let connection = run(&request, secret)?.all("Number").first().ok_or("no connection")?.parse()?;
        twin.clear_requests();
        Ok(Self { twin, connection, folder: tempfile::tempdir()? })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn op(&self, op: &str, more: &Value) -> Result<Said, Box<dyn Error>> {
        let mut request = json!({"op": op, "connection": self.connection});
        for (name, value) in more.as_object().into_iter().flatten() {
            request[name] = value.clone();
        }
        run(&request, &[])
    }

    /// The plan of everything, in a file; its path and SHA-256.
    fn plan(&self) -> Result<(PathBuf, String), Box<dyn Error>> {
        let path = self.path("plan.json");
        let said = self.op("changes", &json!({"path": path, "force": true}))?;
        assert_eq!(said.failed, None);
        Ok((path, said.all("PlanHash").first().ok_or("no hash")?.to_string()))
    }

    fn look(&self, path: &Path) -> Result<Said, Box<dyn Error>> {
        self.op("keptPlan", &json!({"path": path}))
    }

    /// Looks, and carries out all of its steps, as the module does.
    fn carry_out(&self, path: &Path) -> Result<Said, Box<dyn Error>> {
        let look = self.look(path)?;
        assert_eq!(look.failed, None);
        let (steps, hash) = (look.all("Step"), look.all("PlanHash"));
        let plan: u64 = look.all("Plan").first().ok_or("no plan")?.parse()?;
        self.op("applyKept", &json!({"path": path, "hash": hash[0], "plan": plan, "steps": steps}))
    }

    fn writes(&self) -> Vec<String> {
        let mut writes = Vec::new();
        for request in self.twin.requests().into_iter().filter(|request| request.write) {
            let items = request.batch.iter().filter(|item| item.method != "GET");
            writes.extend(items.map(|item| format!("{} {}", item.method, item.path)));
            if request.batch.is_empty() {
                writes.push(format!("{} {}", request.method, request.path));
            }
        }
        writes
    }
}

fn read(path: &Path) -> Result<Value, Box<dyn Error>> {
    Ok(serde_json::from_slice(&fs::read(path)?)?)
}

fn write(path: &Path, plan: &Value) -> TestResult {
    Ok(fs::write(path, format!("{plan:#}\n"))?)
}

/// Someone else in the tenant.
type Somebody = fn(&Twin);

/// The application and its service principal are there, and directory synchronization is on.
fn half_done(twin: &Twin) {
    twin.edit(|directory| {
        let ids = directory.add_application(DEFAULT_DISPLAY_NAME);
        directory.set("applications", &ids.object_id, "uniqueName", &json!(UNIQUE_NAME));
        directory.add_service_principal(&ids.app_id);
    });
}

fn principal(twin: &Twin) -> String {
    id(twin, "servicePrincipals", "displayName", DEFAULT_DISPLAY_NAME)
}

fn application(twin: &Twin) -> String {
    id(twin, "applications", "displayName", DEFAULT_DISPLAY_NAME)
}

fn id(twin: &Twin, collection: &str, property: &str, value: &str) -> String {
    let state = twin.state();
    let mut all = state[collection].as_array().into_iter().flatten();
    let found = all.find(|object| object[property] == value).map_or(&Value::Null, |object| &object["id"]);
    found.as_str().unwrap_or_default().to_owned()
}

fn set_organization(twin: &Twin, property: &str, value: &Value) {
    let id = twin.state()["organization"][0]["id"].as_str().unwrap_or_default().to_owned();
    assert!(twin.edit(|directory| directory.set("organization", &id, property, value)));
}

/// What the process does that is killed; nothing where no parent started it.
#[test]
fn child() -> TestResult {
    child::run(|graph, voice, _, _| Ok(apply(graph, voice, &Wanted::everything(), None).map(drop)?))
}
