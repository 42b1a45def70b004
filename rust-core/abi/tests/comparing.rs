//! A comparison of a tenant of any size, as a caller of the library gets it: every user once, and memory that grows with an index alone.
//! With `PPFEDERATION_BENCH_USERS` (numbers of users, with commas between) against a twin in a process of its own
//! (`PPFEDERATION_TWIN`) whose pages are made beforehand, with the figures as JSON lines, beside the same pages fetched and
//! thrown away. The portal's users are those of the tenant, so that most of what is compared is equal.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test that can't be set up fails; Bench prints figures"
)]

#[expect(dead_code, reason = "this test needs a part of it")]
mod abi_support;

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use abi_support::{DONE, Exports, FOR_EVER, OBJECTS, OK, abi};
use pp_base::cancel::Cancel;
use pp_http::{Client, Limits, Method, Request};
use serde_json::{Value, json};
use tempfile::NamedTempFile;
use tenant_twin::{Contract, Options, Twin};
use url::Url;
use zeroize::Zeroizing;

/// What the op asks for of the users, twice.
const SELECT: &str = "id,userPrincipalName,mail,displayName,usageLocation,onPremisesImmutableId,proxyAddresses,\
                      onPremisesSyncEnabled,userType,accountEnabled";

fn lists() -> [String; 2] {
    [format!("/users/delta?$select={SELECT}"), format!("/users?$select={SELECT}&$top=999")]
}

/// The library that ships, where `PPFEDERATION_PACKAGED_LIBRARY` names it: cargo's own beside a test isn't optimized as a whole.
fn library() -> &'static Exports {
    static PACKAGED: OnceLock<Option<Exports>> = OnceLock::new();
    let load = || std::env::var_os("PPFEDERATION_PACKAGED_LIBRARY").map(|path| Exports::load(Path::new(&path)));
    PACKAGED.get_or_init(load).as_ref().unwrap_or_else(|| abi())
}

/// A tenant and how to sign in to it.
struct Tenant {
    id: String,
    login: String,
    graph: String,
    client: String,
    secret: String,
}

#[test]
fn every_user_of_a_large_tenant_comes_once() {
    let options = Options { users: 2_500, latency: Duration::ZERO, contract: Contract::Off, ..Options::default() };
    let twin = Twin::start(&options).expect("a free port");
    let client = twin.client("admin").expect("an admin");
    let tenant = Tenant {
        id: twin.tenant_id().to_owned(),
        login: twin.login(),
        graph: twin.graph(),
        client: client.client_id.clone(),
        secret: client.client_secret.clone(),
    };
    let mut ids = Vec::new();
    compare(tenant.connect(), None, |rows| ids.extend(ids_in(rows)));
    ids.dedup();
    assert_eq!((ids.len(), ids.iter().collect::<BTreeSet<_>>().len()), (2_500, 2_500));
}

#[test]
fn figures_of_large_tenants() {
    for users in std::env::var("PPFEDERATION_BENCH_USERS").iter().flat_map(|all| all.split(',')) {
        let (_twin, tenant) = Tenant::in_a_process_of_its_own(users);
        let connection = tenant.connect();
        let portal = tenant.portal();
        let clear = tenant.fetch_and_throw_away();
        let before = most_memory();
        let (mut rows, mut bytes) = (0, 0);
        let start = Instant::now();
        compare(connection, Some(portal.path()), |document| {
            rows += rows_in(document);
            bytes += document.len();
        });
        let time = start.elapsed();
        let figure = |name: &str, value: Value, unit: &str| {
            println!("{}", json!({"name": format!("{users} users, {name}"), "value": value, "unit": unit}));
        };
        let count: f64 = users.parse().expect("a number");
        figure("pages fetched and thrown away", rounded(clear.time.as_secs_f64()), "s");
        figure("bytes of the pages", json!(clear.bytes), "bytes");
        figure("compared", rounded(time.as_secs_f64()), "s");
        figure(
            "compared, of the time of fetching alone",
            rounded(time.as_secs_f64() / clear.time.as_secs_f64()),
            "times",
        );
        figure("users compared a second", json!((count / time.as_secs_f64()).round()), "users/s");
        figure("rows", json!(rows), "rows");
        figure("bytes of the rows", json!(bytes), "bytes");
        figure("most memory before the comparison", json!(before), "KiB");
        figure("most memory", json!(most_memory()), "KiB");
    }
}

fn rounded(value: f64) -> Value {
    json!((value * 100.0).round() / 100.0)
}

/// Pages that were only fetched.
struct Fetched {
    time: Duration,
    bytes: usize,
}

impl Tenant {
    /// Of a twin that ends with its standard input.
    fn in_a_process_of_its_own(users: &str) -> (Child, Self) {
        let program = std::env::var("PPFEDERATION_TWIN").expect("PPFEDERATION_TWIN names the twin's program");
        let mut twin = Command::new(program)
            .args(["--users", users, "--groups", "0", "--contacts", "0", "--latency-ms", "0", "--until-stdin-closes"])
            .args(lists().iter().flat_map(|list| ["--pages", list]))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the twin starts");
        let mut line = String::new();
        BufReader::new(twin.stdout.take().expect("it is piped")).read_line(&mut line).expect("it says where it serves");
        let said: Value = serde_json::from_str(&line).expect("a line of JSON");
        let clients = said["clients"].as_array().into_iter().flatten();
        let admin = clients.into_iter().find(|client| client["kind"] == "admin").expect("an admin");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let tenant = Self {
            id: text(&said["tenantId"]),
            login: text(&said["login"]),
            graph: text(&said["graph"]),
            client: text(&admin["clientId"]),
            secret: text(&admin["clientSecret"]),
        };
        (twin, tenant)
    }

    /// Connects as `Connect-PPTenant` does.
    fn connect(&self) -> u64 {
        let request = json!({
            "op": "connect", "tenantId": self.id, "environment": "Custom",
            "loginEndpoint": self.login, "graphEndpoint": self.graph,
            "credential": {
                "kind": "clientSecret", "clientId": self.client, "clientSecret": {"at": 0, "len": self.secret.len()},
            },
        });
        let job = library().start_with(request.to_string(), self.secret.as_bytes()).expect("a job");
        let (events, end) = library().drain(job);
        assert_eq!(end, Ok((DONE, Vec::new())));
        let objects = events.into_iter().filter(|(kind, _)| *kind == OBJECTS).flat_map(|(_, bytes)| bytes).collect();
        let objects = String::from_utf8(objects).expect("UTF-8");
        let number = objects.split_once(r#"<U64 N="Number">"#).and_then(|(_, rest)| rest.split('<').next());
        number.and_then(|number| number.parse().ok()).expect("a connection")
    }

    /// A list of the portal's users: those of the tenant.
    fn portal(&self) -> NamedTempFile {
        let mut file = NamedTempFile::new().expect("a file");
        writeln!(file, "Username,DisplayName,ImmutableId").expect("room");
        let [_, list] = lists();
        self.fetch(&list, |body| {
            let page: Value = serde_json::from_slice(body).expect("JSON");
            for user in page["value"].as_array().into_iter().flatten() {
                let text = |name: &str| user[name].as_str().unwrap_or_default();
                let (name, shown) = (text("userPrincipalName"), text("displayName"));
                writeln!(file, "{name},{shown},{}", text("onPremisesImmutableId")).expect("room");
            }
        });
        file
    }

    /// All pages that the op reads; of each only its next link is looked for.
    fn fetch_and_throw_away(&self) -> Fetched {
        let mut bytes = 0;
        let start = Instant::now();
        for list in lists() {
            self.fetch(&list, |body| bytes += body.len());
        }
        Fetched { time: start.elapsed(), bytes }
    }

    /// One page after the other, by the library's own HTTP.
    fn fetch(&self, list: &str, mut each: impl FnMut(&[u8])) {
        let http = Client::new(&[self.graph.as_str()], Limits::default()).expect("a client");
        let token = self.token(&http);
        let mut next = Some(format!("{}/v1.0{list}", self.graph));
        while let Some(url) = next {
            let headers = vec![("authorization", Zeroizing::new(format!("Bearer {token}")))];
            let request = Request { method: Method::GET, url: url.parse().expect("an address"), headers, body: None };
            let answer = http.send(request, &Cancel::never()).expect("a page");
            assert_eq!(answer.status, 200);
            each(&answer.body);
            // It stands before the rows.
            let head = String::from_utf8_lossy(&answer.body[..answer.body.len().min(2_000)]);
            next = head
                .split_once(r#""@odata.nextLink":""#)
                .and_then(|(_, rest)| Some(rest.split_once('"')?.0.to_owned()));
        }
    }

    fn token(&self, http: &Client) -> String {
        let url = format!("{}/{}/oauth2/v2.0/token", self.login, self.id);
        let form = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("grant_type", "client_credentials"), ("client_id", &self.client)])
            .extend_pairs([("client_secret", &self.secret), ("scope", &format!("{}/.default", self.graph))])
            .finish();
        let body = Some(("application/x-www-form-urlencoded", Zeroizing::new(form.into_bytes())));
        let url = Url::parse(&url).expect("an address");
        let request = Request { method: Method::POST, url, headers: Vec::new(), body };
        let answer = http.send(request, &Cancel::never()).expect("an answer");
        let answer: Value = serde_json::from_slice(&answer.body).expect("JSON");
        answer["access_token"].as_str().expect("a token").to_owned()
    }
}

/// Runs the op; its documents go to `each` as they come, and away.
fn compare(connection: u64, portal: Option<&Path>, mut each: impl FnMut(&str)) {
    let mut request = json!({"op": "compareAttributes", "connection": connection});
    if let Some(portal) = portal {
        request["path"] = json!(portal);
    }
    let job = library().start(&request.to_string());
    loop {
        match library().next(job, FOR_EVER).expect("an event") {
            (DONE, _) => break,
            (OBJECTS, bytes) => each(std::str::from_utf8(&bytes).expect("UTF-8")),
            (kind, bytes) => assert_ne!(kind, abi_support::ERROR, "{}", String::from_utf8_lossy(&bytes)),
        }
    }
    assert_eq!(library().free(job), OK);
}

fn ids_in(document: &str) -> Vec<String> {
    let values = document.split(r#"<S N="UserId">"#).skip(1);
    values.filter_map(|rest| Some(rest.split_once('<')?.0.to_owned())).collect()
}

/// How many rows a document has, by the number of its last: it costs nothing to look for.
fn rows_in(document: &str) -> u32 {
    let last = document.rsplit_once(r#"<Obj RefId=""#).and_then(|(_, rest)| rest.split('"').next());
    last.and_then(|last| last.parse::<u32>().ok()).map_or(0, |last| last + 1)
}

#[cfg(target_os = "linux")]
fn most_memory() -> u64 {
    abi_support::process::status("VmHWM")
}

#[cfg(not(target_os = "linux"))]
fn most_memory() -> u64 {
    0
}
