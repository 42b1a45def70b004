//! What the comparison is measured against: programs of others that do the like, and the time that the processor gives to each.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use crate::tenant::Tenant;

/// A program that walks over all users and compares them.
pub(crate) struct Beside {
    pub(crate) name: &'static str,
    /// The program and its first arguments; nothing where it takes too long for so many users.
    command: Option<Vec<String>>,
}

/// What it says of itself.
pub(crate) struct Told {
    pub(crate) seconds: f64,
    pub(crate) users: u64,
    /// How many values would be written that aren't there.
    pub(crate) differing: u32,
    pub(crate) memory_kib: u64,
}

impl Beside {
    /// Those that the environment names, each as a JSON list of a program and its arguments. A script takes too long for a million, and
    /// isn't measured there.
    pub(crate) fn of(users: &str) -> Vec<Self> {
        let programs =
            [("Microsoft's SDK", "PPFEDERATION_BENCH_SDK", 7), ("Invoke-RestMethod", "PPFEDERATION_BENCH_REST", 6)];
        let of_environment = |(name, variable, digits): (&'static str, &str, usize)| {
            let command = std::env::var(variable).ok()?;
            let command = serde_json::from_str(&command).expect("a JSON list");
            Some(Self { name, command: Some(command).filter(|_| users.len() <= digits) })
        };
        programs.into_iter().filter_map(of_environment).collect()
    }

    /// Nothing where it isn't measured.
    pub(crate) fn run(&self, tenant: &Tenant, portal: &Path) -> Option<Told> {
        let (program, first) = self.command.as_ref()?.split_first().expect("a program");
        let arguments = first.iter().cloned().chain([tenant.graph.clone(), tenant.token()]);
        let ended = Command::new(program).args(arguments).arg(portal).output().expect("it starts");
        let said = String::from_utf8_lossy(&ended.stdout);
        assert!(ended.status.success(), "{}: {said}{}", self.name, String::from_utf8_lossy(&ended.stderr));
        let said: Value = serde_json::from_str(said.trim()).expect("a line of JSON");
        Some(Told {
            seconds: said["seconds"].as_f64().expect("a number"),
            users: said["users"].as_u64().expect("a number"),
            differing: said["differing"].as_u64().and_then(|count| count.try_into().ok()).expect("a number"),
            memory_kib: said["memoryKiB"].as_u64().expect("a number"),
        })
    }
}

/// How long the processor has worked for a process.
pub(crate) struct Worked {
    process: u32,
    before: Duration,
}

impl Worked {
    pub(crate) fn of(process: u32) -> Self {
        Self { process, before: processor(process) }
    }

    /// From then on.
    pub(crate) fn since(&self) -> Duration {
        processor(self.process).saturating_sub(self.before)
    }
}

/// Zero where the system doesn't tell. Source: `proc_pid_stat(5)`, in ticks of which Linux has 100 a second.
fn processor(process: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let fields = stat.rsplit_once(") ").map(|(_, rest)| rest.split(' ').collect::<Vec<_>>()).unwrap_or_default();
    let ticks = |place: usize| fields.get(place).and_then(|field| field.parse::<u64>().ok()).unwrap_or_default();
    Duration::from_millis((ticks(11) + ticks(12)) * 10)
}
