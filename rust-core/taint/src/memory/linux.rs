//! Linux lets a parent read its child's memory (`man proc_pid_mem`; where `ptrace_scope` forbids that, reading fails).

use std::fs::{self, File};
use std::io::{self, Read, Seek as _, SeekFrom};
use std::process::Command;
use std::thread;

/// A readable part of the memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Region {
    start: u64,
    len: u64,
    /// Whether a core dump would hold it: what is marked `MADV_DONTDUMP` is left out.
    pub(crate) dumped: bool,
}

/// The readable regions of a process.
pub(crate) fn regions(process: u32) -> io::Result<Vec<Region>> {
    Ok(parse(&fs::read_to_string(format!("/proc/{process}/smaps"))?))
}

/// What `man proc_pid_smaps` describes: a line for each mapping, lines about it, the last of them its flags.
fn parse(smaps: &str) -> Vec<Region> {
    let mut regions = Vec::new();
    let mut current = None;
    for line in smaps.lines() {
        if let Some(flags) = line.strip_prefix("VmFlags:") {
            let dumped = !flags.split_whitespace().any(|flag| flag == "dd");
            // Devices can't be read from another process.
            let device = flags.split_whitespace().any(|flag| matches!(flag, "io" | "pf"));
            regions.extend(current.take().filter(|_| !device).map(|(start, len)| Region { start, len, dumped }));
        } else if let Some(range) = mapping(line) {
            current = Some(range);
        }
    }
    regions
}

/// `start-end perms offset dev inode path`, where it is readable.
fn mapping(line: &str) -> Option<(u64, u64)> {
    let (range, rest) = line.split_once(' ')?;
    let (start, end) = range.split_once('-')?;
    let (start, end) = (u64::from_str_radix(start, 16).ok()?, u64::from_str_radix(end, 16).ok()?);
    let of_kernel = ["[vvar", "[vsyscall", "[vdso"].iter().any(|name| rest.contains(name));
    (rest.starts_with('r') && !of_kernel).then(|| (start, end - start))
}

/// A process that stands still, as it does while a core dump is taken: else its collector gives memory back meanwhile.
pub(crate) struct Stopped(u32);

impl Stopped {
    pub(crate) fn stop(process: u32) -> io::Result<Self> {
        signal(process, "-STOP")?;
        let stopped = Self(process);
        while !state(process)?.starts_with('T') {
            thread::yield_now();
        }
        Ok(stopped)
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        // One that can't be continued is killed in the end.
        let _ = signal(self.0, "-CONT");
    }
}

fn signal(process: u32, name: &str) -> io::Result<()> {
    let status = Command::new("kill").arg(name).arg(process.to_string()).status()?;
    if status.success() { Ok(()) } else { Err(io::Error::other(format!("kill {name} failed"))) }
}

/// The state of its first thread, then numbers; the name before them may hold anything.
fn state(process: u32) -> io::Result<String> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    Ok(stat.rsplit(") ").next().unwrap_or_default().to_owned())
}

/// The bytes of a region.
pub(crate) fn read(process: u32, region: &Region) -> io::Result<impl Read> {
    let mut memory = File::open(format!("/proc/{process}/mem"))?;
    memory.seek(SeekFrom::Start(region.start))?;
    Ok(memory.take(region.len))
}

/// The command line and the environment.
pub(crate) fn environment(process: u32) -> io::Result<Vec<u8>> {
    let read = |name: &str| fs::read(format!("/proc/{process}/{name}"));
    Ok([read("cmdline")?, read("environ")?].concat())
}

#[cfg(test)]
mod tests {
    use std::process::Stdio;

    use super::*;
    use crate::search::Search;
    use crate::verdict::Text;

    const SMAPS: &str = "\
7f10-7f20 rw-p 00000000 00:00 0 [heap]
Size: 4 kB
VmFlags: rd wr mr mw me ac sd
7f30-7f38 rw-p 00000000 00:00 0
VmFlags: rd wr lo dd
7f40-7f50 ---p 00000000 00:00 0
VmFlags: mr mw me
7f60-7f70 r--p 00000000 00:00 0 [vvar]
VmFlags: rd mr pf io de dd
";

    #[test]
    fn what_can_be_read_is_known_with_what_a_core_dump_leaves_out() {
        let region = |start, len, dumped| Region { start, len, dumped };
        assert_eq!(parse(SMAPS), [region(0x7f10, 16, true), region(0x7f30, 8, false)]);
    }

    #[test]
    fn a_text_in_the_memory_of_another_process_is_found() -> anyhow::Result<()> {
        let text = format!("kept-{}", uuid::Uuid::new_v4());
        let search = Search::new(&[Text::secret("", &text)])?;
        let mut other = Command::new("cat").env("KEPT", &text).stdin(Stdio::piped()).spawn()?;
        let mut found = 0;
        for region in regions(other.id())? {
            found += search.stream(read(other.id(), &region)?)?.0.len();
        }
        other.kill()?;
        other.wait()?;
        assert!(found > 0, "its environment lies in its memory");
        Ok(())
    }
}
