//! Memory for secrets: whole pages that belong to one secret, locked, left out of core dumps, zeroed when freed.

use zeroize::Zeroizing;

#[cfg(unix)]
use std::ptr::NonNull;

/// Bytes that are zeroed when dropped and, where the system allows, never reach the swap file or a core dump.
///
/// Locking is best effort: where the process may lock no more memory the bytes are still zeroed.
pub(crate) struct LockedBytes(Store);

enum Store {
    /// Pages of its own. Locks don't nest, so a page shared by two secrets would be unlocked with the first.
    #[cfg(unix)]
    Pages(Pages),
    /// Where pages can't be had. On Windows this is the only store so far: nothing is locked there, only zeroed.
    Heap(Zeroizing<Vec<u8>>),
}

impl LockedBytes {
    /// A copy of the parts, one after the other.
    pub(crate) fn concat(parts: &[&[u8]]) -> Self {
        let mut bytes = Self::zeroed(parts.iter().map(|part| part.len()).sum());
        let mut rest = bytes.as_mut_slice();
        for part in parts {
            // The lengths add up: `rest` was made for the parts.
            let (target, after) = rest.split_at_mut(part.len());
            target.copy_from_slice(part);
            rest = after;
        }
        bytes
    }

    fn zeroed(len: usize) -> Self {
        #[cfg(unix)]
        if let Some(pages) = Pages::zeroed(len) {
            return Self(Store::Pages(pages));
        }
        Self(Store::Heap(Zeroizing::new(vec![0; len])))
    }

    pub(crate) fn as_slice(&self) -> &[u8] {
        match &self.0 {
            #[cfg(unix)]
            Store::Pages(pages) => pages.as_slice(),
            Store::Heap(bytes) => bytes,
        }
    }

    pub(crate) fn as_mut_slice(&mut self) -> &mut [u8] {
        match &mut self.0 {
            #[cfg(unix)]
            Store::Pages(pages) => pages.as_mut_slice(),
            Store::Heap(bytes) => bytes,
        }
    }
}

/// Anonymous private pages; `len` bytes of them are in use.
#[cfg(unix)]
struct Pages {
    start: NonNull<u8>,
    len: usize,
}

// SAFETY: the pages belong to this value alone and have no tie to a thread.
#[cfg(unix)]
unsafe impl Send for Pages {}

// SAFETY: shared access is read-only; writing takes `&mut self`.
#[cfg(unix)]
unsafe impl Sync for Pages {}

#[cfg(unix)]
impl Pages {
    /// `None` where the system gives no pages, or for no bytes.
    fn zeroed(len: usize) -> Option<Self> {
        if len == 0 {
            return None;
        }
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
        // SAFETY: a new anonymous mapping touches no memory that exists.
        let start = unsafe { libc::mmap(std::ptr::null_mut(), len, protection, flags, -1, 0) };
        if start == libc::MAP_FAILED {
            return None;
        }
        // SAFETY: the range was just mapped. Both are best effort: a refusal leaves the pages usable.
        unsafe {
            libc::mlock(start, len);
            #[cfg(target_os = "linux")]
            libc::madvise(start, len, libc::MADV_DONTDUMP);
        }
        let start = NonNull::new(start.cast::<u8>())?;
        Some(Self { start, len })
    }

    fn as_slice(&self) -> &[u8] {
        // SAFETY: `start` points to `len` mapped and zeroed or written bytes, which live as long as `self`.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.len) }
    }

    fn as_mut_slice(&mut self) -> &mut [u8] {
        // SAFETY: as above, and `&mut self` makes it the only access.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.len) }
    }
}

#[cfg(unix)]
impl Drop for Pages {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(self.as_mut_slice());
        // SAFETY: the mapping was made by `zeroed` with this length; nothing borrows from it any more. Unmapping unlocks.
        unsafe {
            libc::munmap(self.start.as_ptr().cast(), self.len);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_joined_in_order_and_may_be_empty() {
        assert_eq!(LockedBytes::concat(&[b"ab", b"", b"c"]).as_slice(), b"abc");
        assert!(LockedBytes::concat(&[]).as_slice().is_empty());
    }

    /// `VmFlags` of a mapping: `lo` is locked, `dd` is left out of core dumps (`man proc_pid_smaps`).
    #[cfg(target_os = "linux")]
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
