//! 64 jobs at once on 64 tenants of one address, in one process: each answer is its own tenant's, and threads are bounded.
//! With `PPFEDERATION_BENCH_SECONDS` for so long, with the figures as JSON lines.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test that can't be set up fails; Bench prints figures"
)]

#[expect(dead_code, reason = "this test needs a part of it")]
mod abi_support;

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use abi_support::{DONE, OBJECTS, OK, abi, eventually};
use serde_json::{Value, json};
use tenant_twin::{Contract, Options, Twin};

const TENANTS: u64 = 64;
/// Rounds of reads for each tenant in Test.
const ROUNDS: u64 = 1;
/// For each tenant: who drives it here; its job with a request, and, while a run is verified, the sign-in beside it with
/// another.
const THREADS_EACH: u64 = 5;
/// Whoever watches, and the HTTP client that all connections share.
const THREADS_BESIDE: u64 = 3;

/// One tenant and its connection.
struct Customer {
    twin: Twin,
    connection: u64,
    /// What only this tenant has, and its answers must carry: its id, and once it is made its application's.
    marks: Vec<String>,
}

#[test]
fn sixty_four_tenants_at_once_get_their_own_answers_on_bounded_threads() {
    let tenants = found();
    let before = resources();
    let mut customers: Vec<Customer> = tenants.into_iter().map(connected).collect();
    let connected = resources();
    let (count, samples) = while_watching(|| drive(&mut customers));
    let (half_way, after) = (samples[samples.len() / 2], resources());
    let most = samples.iter().map(|sample| sample.threads).max().unwrap_or_default();
    let limit = before.threads + THREADS_EACH * TENANTS + THREADS_BESIDE;
    assert!(most <= limit, "{most} threads, at most {limit} are needed");
    for customer in &customers {
        assert_eq!(run(&json!({"op": "disconnect", "connection": customer.connection}), &[]).len(), 0);
    }
    drop(customers);
    eventually("the threads end", || resources().threads <= before.threads);
    if let Some(seconds) = seconds() {
        let grown = after.memory_kib.saturating_sub(half_way.memory_kib);
        report(&[
            ("64 tenants at once, jobs", count, "jobs"),
            ("64 tenants at once, jobs a second", count / seconds.max(1), "jobs/s"),
            ("64 tenants at once, threads before, the tenants' own included", before.threads, "threads"),
            ("64 tenants at once, threads with idle connections", connected.threads, "threads"),
            ("64 tenants at once, most threads", most, "threads"),
            ("64 tenants at once, memory before, the tenants' own included", before.memory_kib, "KiB"),
            ("64 tenants at once, memory with idle connections", connected.memory_kib, "KiB"),
            ("64 tenants at once, memory after half of the time", half_way.memory_kib, "KiB"),
            ("64 tenants at once, memory after all of it", after.memory_kib, "KiB"),
            ("64 tenants at once, most memory", after.most_memory_kib, "KiB"),
            ("64 tenants at once, threads when disconnected", resources().threads, "threads"),
        ]);
        // The first half has made what is kept: pools, stacks, 16 plans for each connection.
        assert!(seconds < 60 || grown < 16 * 1024, "{grown} KiB more in the second half");
    }
}

fn seconds() -> Option<u64> {
    std::env::var("PPFEDERATION_BENCH_SECONDS").ok()?.parse().ok()
}

/// The tenants, all at one address.
fn found() -> Vec<Twin> {
    let options = |seed| Options {
        seed,
        tenant_name: format!("Customer {seed} Pty Ltd"),
        latency: Duration::ZERO,
        contract: Contract::Off,
        ..Options::default()
    };
    let founder = Twin::start(&options(1)).expect("a free port");
    let others: Vec<Twin> =
        (2..=TENANTS).map(|seed| founder.neighbour(&options(seed)).expect("another tenant")).collect();
    others.into_iter().chain([founder]).collect()
}

fn connected(twin: Twin) -> Customer {
    let (connection, marks) = (abi().connect(&twin), vec![twin.tenant_id().to_owned()]);
    Customer { twin, connection, marks }
}

/// Runs a job to its end; its objects. A secret that it makes is not looked at.
fn run(request: &Value, secrets: &[u8]) -> Vec<String> {
    let job = abi().start_with(request.to_string(), secrets).expect("a job");
    let (events, end) = abi().drain(job);
    assert_eq!(end, Ok((DONE, Vec::new())), "{request}: {events:?}");
    assert_eq!(abi().free(job), OK);
    let objects = events.into_iter().filter(|(kind, _)| *kind == OBJECTS);
    objects.map(|(_, bytes)| String::from_utf8(bytes).expect("UTF-8")).collect()
}

/// All customers at once, each on a thread of its own: the runbook, then reads. The number of jobs.
fn drive(customers: &mut [Customer]) -> u64 {
    let ids: Vec<String> = customers.iter().map(|customer| customer.marks[0].clone()).collect();
    let end = seconds().map(|seconds| Instant::now() + Duration::from_secs(seconds));
    thread::scope(|scope| {
        let drivers: Vec<_> = customers.iter_mut().map(|customer| scope.spawn(|| customer.drive(&ids, end))).collect();
        drivers.into_iter().map(|driver| driver.join().expect("no assertion failed")).sum()
    })
}

impl Customer {
    fn drive(&mut self, ids: &[String], end: Option<Instant>) -> u64 {
        self.carry_out(ids);
        let mut rounds = 0;
        while end.map_or(rounds < ROUNDS, |end| Instant::now() < end) {
            for op in ["plan", "app", "permissions", "status"] {
                self.check(&run(&json!({"op": op, "connection": self.connection}), &[]), ids);
            }
            self.twin.clear_requests();
            rounds += 1;
        }
        1 + rounds * 4
    }

    /// The whole runbook; from then on the application's ids are this tenant's marks too.
    fn carry_out(&mut self, ids: &[String]) {
        let steps = ["DirSync", "Application", "ServicePrincipal", "DelegatedConsent", "ApplicationConsent"];
        let steps: Vec<&str> = steps.into_iter().chain(["GlobalAdministrator", "ClientSecret"]).collect();
        self.check(&run(&json!({"op": "apply", "connection": self.connection, "steps": steps}), &[]), ids);
        let state = self.twin.state();
        let ours = |app: &&Value| app["displayName"] == "Practice Protect Federation";
        let apps: Vec<&Value> = state["applications"].as_array().into_iter().flatten().filter(ours).collect();
        assert_eq!(apps.len(), 1, "one application in each tenant");
        assert_eq!(apps[0]["passwordCredentials"].as_array().map(Vec::len), Some(1), "with one secret");
        self.marks.push(apps[0]["appId"].as_str().expect("an id").to_owned());
    }

    /// Every answer names this tenant and, where it is about the application, this tenant's; and no other tenant.
    fn check(&self, objects: &[String], ids: &[String]) {
        let own = &self.marks[0];
        assert!(!objects.is_empty(), "an answer");
        for text in objects {
            let tenants = text.matches(r#"<S N="TenantId">"#).count();
            assert_eq!(tenants, text.matches(&format!(r#"<S N="TenantId">{own}</S>"#)).count(), "{text}");
            assert!(tenants > 0, "{text}");
            assert!(ids.iter().all(|id| id == own || !text.contains(id.as_str())), "another tenant's id: {text}");
            let app = text.split_once(r#"<S N="AppId">"#).and_then(|(_, rest)| rest.split('<').next());
            assert!(app.is_none() || self.marks.get(1).is_none_or(|mark| app == Some(mark)), "another app: {text}");
            let firm = format!("{} ({own})", self.name());
            assert!(!text.contains(r#"N="Target""#) || text.contains(&firm), "another firm: {text}");
        }
    }

    fn name(&self) -> String {
        self.twin.state()["organization"][0]["displayName"].as_str().unwrap_or_default().to_owned()
    }
}

/// Does the work while another thread looks what the process has, and keeps what it sees.
fn while_watching<T>(work: impl FnOnce() -> T) -> (T, Vec<Resources>) {
    let (working, ended) = mpsc::channel::<()>();
    thread::scope(|scope| {
        let watcher = scope.spawn(move || {
            let mut samples = vec![resources()];
            while ended.recv_timeout(Duration::from_millis(10)) == Err(RecvTimeoutError::Timeout) {
                samples.push(resources());
            }
            samples
        });
        let done = {
            // Goes with the work, also where that fails.
            let _working = working;
            work()
        };
        (done, watcher.join().expect("it only looks"))
    })
}

/// What the process has; zeros where only Linux tells.
#[derive(Debug, Clone, Copy, Default)]
struct Resources {
    threads: u64,
    memory_kib: u64,
    most_memory_kib: u64,
}

#[cfg(target_os = "linux")]
fn resources() -> Resources {
    use abi_support::process::status;
    Resources { threads: status("Threads"), memory_kib: status("VmRSS"), most_memory_kib: status("VmHWM") }
}

#[cfg(not(target_os = "linux"))]
fn resources() -> Resources {
    Resources::default()
}

fn report(figures: &[(&str, u64, &str)]) {
    for (name, value, unit) in figures {
        println!("{}", json!({"name": name, "value": value, "unit": unit}));
    }
}
