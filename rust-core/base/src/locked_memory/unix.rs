//! Pages on Linux and macOS.

use std::ptr::{self, NonNull};

/// Zeroed pages for `len` bytes, more than 0: locked and, on Linux, left out of core dumps. Both are best effort.
pub(super) fn take(len: usize) -> Option<NonNull<u8>> {
    let protection = libc::PROT_READ | libc::PROT_WRITE;
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
    // SAFETY: a new anonymous mapping touches no memory that exists.
    let start = unsafe { libc::mmap(ptr::null_mut(), len, protection, flags, -1, 0) };
    if start == libc::MAP_FAILED {
        return None;
    }
    // SAFETY: the range was just mapped. A refusal leaves the pages usable.
    unsafe {
        libc::mlock(start, len);
        #[cfg(target_os = "linux")]
        libc::madvise(start, len, libc::MADV_DONTDUMP);
    }
    NonNull::new(start.cast())
}

/// # Safety
/// The pages were taken with this length, and nothing refers to them any more.
pub(super) unsafe fn give_back(start: NonNull<u8>, len: usize) {
    // SAFETY: the caller's promise. Unmapping unlocks.
    unsafe { libc::munmap(start.as_ptr().cast(), len) };
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::super::LockedBytes;

    /// `VmFlags` of a mapping: `lo` is locked, `dd` is left out of core dumps (`man proc_pid_smaps`).
    #[test]
    fn pages_of_a_secret_are_locked_and_left_out_of_core_dumps() -> std::io::Result<()> {
        let bytes = LockedBytes::concat(&[b"secret"]);
        let start = format!("{:x}-", bytes.as_slice().as_ptr().addr());
        let smaps = std::fs::read_to_string("/proc/self/smaps")?;
        let mut mapping = smaps.lines().skip_while(|line| !line.starts_with(&start));
        let flags = mapping.find(|line| line.starts_with("VmFlags:")).unwrap_or_default();
        let has = |flag| flags.split_whitespace().any(|found| found == flag);
        assert!(has("lo") && has("dd"), "{flags}");
        Ok(())
    }
}
