//! A comparison of a tenant of any size, as a caller of the library gets it: every user once, and memory that grows with an index alone.
//! With `PPFEDERATION_BENCH_USERS` (numbers of users, with commas between) against a twin in a process of its own
//! (`PPFEDERATION_TWIN`) whose pages are made beforehand, with the figures as JSON lines, beside the same pages fetched and
//! thrown away, and beside the programs of `PPFEDERATION_BENCH_SDK` and `PPFEDERATION_BENCH_REST`. Two lists of the portal's users are
//! compared ([`tenant::List`]): as it is once Practice Protect has written, and the worst case, in which every user differs.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test that can't be set up fails; Bench prints figures"
)]

#[expect(dead_code, reason = "this test needs a part of it")]
#[path = "../abi_support/mod.rs"]
mod abi_support;
mod beside;
mod tenant;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use abi_support::{DONE, Exports, FOR_EVER, OBJECTS, OK, abi};
use beside::{Beside, Worked};
use serde_json::{Value, json};
use tenant::{List, Tenant};
use tenant_twin::{Contract, Options, Twin};

/// The library that ships, where `PPFEDERATION_PACKAGED_LIBRARY` names it: cargo's own beside a test isn't optimized as a whole.
fn library() -> &'static Exports {
    static PACKAGED: OnceLock<Option<Exports>> = OnceLock::new();
    let load = || std::env::var_os("PPFEDERATION_PACKAGED_LIBRARY").map(|path| Exports::load(Path::new(&path)));
    PACKAGED.get_or_init(load).as_ref().unwrap_or_else(|| abi())
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
        control: twin.control(),
        client: client.client_id.clone(),
        secret: client.client_secret.clone(),
    };
    let mut ids = Vec::new();
    compare(&json!({"op": "compareAttributes", "connection": tenant.connect()}), |rows| ids.extend(ids_in(rows)));
    ids.dedup();
    assert_eq!((ids.len(), ids.iter().collect::<BTreeSet<_>>().len()), (2_500, 2_500));
}

/// What is compared, and how many milliseconds the service takes for a request: none, which shows what each program takes of the processor; and
/// as many as fleets are measured at, since no service answers at once.
const CASES: [(List, u32); 3] = [(List::Written, 0), (List::AllDiffer, 0), (List::Written, 50)];

#[test]
fn figures_of_large_tenants() {
    for users in std::env::var("PPFEDERATION_BENCH_USERS").iter().flat_map(|all| all.split(',')) {
        let (twin, tenant) = Tenant::in_a_process_of_its_own(users);
        let connection = tenant.connect();
        for (list, latency) in CASES {
            tenant.set_latency(0);
            let portal = tenant.portal(list);
            tenant.set_latency(latency);
            let request = portal.request(connection);
            let name = |name: &str| format!("{users} users, {}, {latency} ms a request, {name}", list.name());
            let figure = |what: &str, value: Value, unit: &str| {
                println!("{}", json!({"name": name(what), "value": value, "unit": unit}));
            };
            let before = most_memory();
            // The machine does other things too: the best of some is what it can.
            let rounds = if users.len() > 6 { 1 } else { 3 };
            let measured: Vec<Measured> = (0..rounds).map(|_| Measured::of(&tenant, &request, twin.id())).collect();
            let best = |of: fn(&Measured) -> Duration| measured.iter().map(of).min().unwrap_or_default().as_secs_f64();
            let count: f64 = users.parse().expect("a number");
            let (clear, time) = (best(|one| one.clear), best(|one| one.time));
            let of_twin = best(|one| one.of_twin);
            let last = measured.last().expect("a round");
            figure("pages fetched and thrown away", rounded(clear), "s");
            figure("bytes of the pages", json!(last.bytes_of_pages), "bytes");
            figure("compared", rounded(time), "s");
            figure("compared, of the time of fetching alone", rounded(time / clear), "times");
            figure("users compared a second", json!((count / time).round()), "users/s");
            figure("processor of the comparison", rounded(best(|one| one.own)), "s");
            figure("processor of the twin meanwhile", rounded(of_twin), "s");
            figure("rows", json!(last.rows), "rows");
            figure("bytes of the rows", json!(last.bytes), "bytes");
            figure("most memory before the comparison", json!(before), "KiB");
            figure("most memory", json!(most_memory()), "KiB");
            for beside in Beside::of(users) {
                let Some(told) = beside.run(&tenant, portal.file.path()) else {
                    figure(&format!("{}, compared", beside.name), Value::Null, "not measured: it takes too long");
                    continue;
                };
                assert_eq!(told.users.to_string(), users, "{}", beside.name);
                assert_eq!(told.differing, last.rows, "{}", beside.name);
                let figure = |what: &str, value, unit| figure(&format!("{}, {what}", beside.name), value, unit);
                figure("compared", rounded(told.seconds), "s");
                figure("of the time of the comparison", rounded(told.seconds / time), "times");
                figure("most memory", json!(told.memory_kib), "KiB");
            }
        }
    }
}

/// One round.
struct Measured {
    /// The pages fetched and thrown away.
    clear: Duration,
    bytes_of_pages: usize,
    /// The comparison, and the time of the processor that it and the twin took meanwhile.
    time: Duration,
    own: Duration,
    of_twin: Duration,
    rows: u32,
    bytes: usize,
}

impl Measured {
    fn of(tenant: &Tenant, request: &Value, twin: u32) -> Self {
        let fetched = tenant.fetch_and_throw_away();
        let (mut rows, mut bytes) = (0, 0);
        let (own, of_twin) = (Worked::of(std::process::id()), Worked::of(twin));
        let start = Instant::now();
        compare(request, |document| {
            rows += rows_in(document);
            bytes += document.len();
        });
        let time = start.elapsed();
        let (own, of_twin) = (own.since(), of_twin.since());
        Self { clear: fetched.time, bytes_of_pages: fetched.bytes, time, own, of_twin, rows, bytes }
    }
}

fn rounded(value: f64) -> Value {
    json!((value * 100.0).round() / 100.0)
}

/// Runs the op; its documents go to `each` as they come, and away.
fn compare(request: &Value, mut each: impl FnMut(&str)) {
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
