//! Memory for secrets: whole pages that belong to one secret, locked, left out of dumps, zeroed when freed.
//!
//! What only one system has is in the file named for it: how pages are had, locked, left out of dumps and given back.

use std::ptr::NonNull;

use zeroize::{Zeroize as _, Zeroizing};

#[cfg_attr(unix, path = "unix.rs")]
#[cfg_attr(windows, path = "windows.rs")]
mod system;

/// Bytes that are zeroed when dropped and, where the system allows, never reach the swap file or a dump of the process.
///
/// Locking is best effort: where the process may lock no more memory the bytes are still zeroed.
pub struct LockedBytes(Store);

enum Store {
    /// Pages of its own. Locks don't nest, so a page shared by two secrets would be unlocked with the first.
    Pages(Pages),
    /// Where pages can't be had.
    Heap(Zeroizing<Vec<u8>>),
}

impl LockedBytes {
    /// A copy of the parts, one after the other.
    pub fn concat(parts: &[&[u8]]) -> Self {
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
        let pages = Pages::zeroed(len).map(Store::Pages);
        Self(pages.unwrap_or_else(|| Store::Heap(Zeroizing::new(vec![0; len]))))
    }

    /// The bytes.
    pub fn as_slice(&self) -> &[u8] {
        match &self.0 {
            Store::Pages(pages) => pages.as_slice(),
            Store::Heap(bytes) => bytes,
        }
    }

    /// The bytes, to be written.
    pub fn as_mut_slice(&mut self) -> &mut [u8] {
        match &mut self.0 {
            Store::Pages(pages) => pages.as_mut_slice(),
            Store::Heap(bytes) => bytes,
        }
    }
}

/// Private pages; `len` bytes of them are in use.
struct Pages {
    start: NonNull<u8>,
    len: usize,
}

// SAFETY: the pages belong to this value alone and have no tie to a thread.
unsafe impl Send for Pages {}

// SAFETY: shared access is read-only; writing takes `&mut self`.
unsafe impl Sync for Pages {}

impl Pages {
    /// `None` where the system gives no pages, or for no bytes.
    fn zeroed(len: usize) -> Option<Self> {
        if len == 0 {
            return None;
        }
        system::take(len).map(|start| Self { start, len })
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

impl Drop for Pages {
    fn drop(&mut self) {
        self.as_mut_slice().zeroize();
        // SAFETY: the pages were taken by `zeroed` with this length; nothing borrows from them any more.
        unsafe { system::give_back(self.start, self.len) };
    }
}

#[cfg(test)]
mod tests {
    use super::LockedBytes;

    #[test]
    fn parts_are_joined_in_order_and_may_be_empty() {
        assert_eq!(LockedBytes::concat(&[b"ab", b"", b"c"]).as_slice(), b"abc");
        assert!(LockedBytes::concat(&[]).as_slice().is_empty());
    }
}
