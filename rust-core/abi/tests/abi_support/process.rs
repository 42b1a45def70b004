//! What Linux tells about this process: its threads, its memory, and what the workers of jobs do.

use std::fs;

/// The kernel keeps 15 bytes of a thread's name.
const WORKER: &str = "ppfederation-jo";

/// A number of `/proc/self/status`: kB, or threads.
pub(crate) fn status(field: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux has it");
    let line = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
    let number = line.and_then(|line| line.split_whitespace().next()).expect("the field is there");
    number.parse().expect("it is a number")
}

/// How many mappings the process has: a secret's pages are one each.
pub(crate) fn mappings() -> usize {
    fs::read_to_string("/proc/self/maps").expect("Linux has it").lines().count()
}

/// The states of the workers, one letter each, as `S` for one that waits.
pub(crate) fn workers() -> Vec<String> {
    let tasks = fs::read_dir("/proc/self/task").expect("Linux has it").flatten();
    let files = tasks.filter_map(|task| fs::read_to_string(task.path().join("stat")).ok());
    let state = |stat: String| {
        let (name, rest) = stat.split_once(") ")?;
        name.ends_with(WORKER).then(|| rest[..1].to_owned())
    };
    files.filter_map(state).collect()
}
