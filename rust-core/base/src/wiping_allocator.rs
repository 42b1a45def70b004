//! The library's allocator: what is freed is zeroed first. TLS and HTTP keep tokens and secrets in buffers of their own,
//! which nobody else could wipe.
#![expect(unsafe_code, reason = "an allocator is unsafe by its trait")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::mem::MaybeUninit;
use std::slice;

use zeroize::Zeroize;

/// Of this library alone: whoever loads it keeps an allocator of their own.
#[global_allocator]
static ALLOCATOR: Wiping<System> = Wiping(System);

/// Takes memory from another allocator and gives it back zeroed. `realloc` is the trait's own: it allocates, copies and
/// frees, so that a buffer which moves leaves nothing where it was.
struct Wiping<A>(A);

// SAFETY: what the trait asks for is what the inner allocator does; it is given the caller's own arguments.
unsafe impl<A: GlobalAlloc> GlobalAlloc for Wiping<A> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        unsafe { self.0.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        unsafe { self.0.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the caller promises that these bytes were allocated and that nothing uses them any more; they need not
        // have been written.
        let bytes = unsafe { slice::from_raw_parts_mut(memory.cast::<MaybeUninit<u8>>(), layout.size()) };
        // The compiler may not leave the wiping out: that is what `Zeroize` is for.
        bytes.zeroize();
        // SAFETY: the caller's promise.
        unsafe { self.0.dealloc(memory, layout) }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// An allocator that looks at what it is given back.
    #[derive(Default)]
    struct Looking {
        freed: AtomicUsize,
        not_zero: AtomicUsize,
    }

    // SAFETY: the system's allocator with a look at memory that is still allocated.
    unsafe impl GlobalAlloc for Looking {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            // SAFETY: the caller's promise.
            unsafe { System.alloc(layout) }
        }

        unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
            // SAFETY: the bytes are allocated, and `Wiping` has written them all.
            let bytes = unsafe { slice::from_raw_parts(memory, layout.size()) };
            self.freed.fetch_add(bytes.len(), Ordering::Relaxed);
            self.not_zero.fetch_add(bytes.iter().filter(|byte| **byte != 0).count(), Ordering::Relaxed);
            // SAFETY: the caller's promise.
            unsafe { System.dealloc(memory, layout) }
        }
    }

    /// Allocates and fills so many bytes, has `change` move them, frees them. Tells how many bytes came back, and how
    /// many of them were not zero.
    fn returned(len: usize, align: usize, new_len: usize) -> Option<(usize, usize)> {
        let allocator = Wiping(Looking::default());
        let layout = Layout::from_size_align(len, align).ok()?;
        let moved = Layout::from_size_align(new_len, align).ok()?;
        // SAFETY: no layout is empty, and each is that of the memory it is given with.
        unsafe {
            let memory = allocator.alloc(layout);
            memory.write_bytes(0xA5, len);
            let memory = if new_len == len { memory } else { allocator.realloc(memory, layout, new_len) };
            assert_eq!(memory.read(), 0xA5, "what is moved is kept");
            memory.write_bytes(0xA5, new_len);
            allocator.dealloc(memory, moved);
        }
        Some((allocator.0.freed.into_inner(), allocator.0.not_zero.into_inner()))
    }

    #[test]
    fn what_is_freed_is_zero_whatever_its_size_and_alignment() {
        for (len, align) in [(1, 1), (7, 1), (40, 8), (4096, 64), (1 << 20, 4096)] {
            assert_eq!(returned(len, align, len), Some((len, 0)), "{len} bytes aligned to {align}");
        }
    }

    #[test]
    fn what_grows_or_shrinks_leaves_zeros_where_it_was() {
        for (len, new_len) in [(40, 1 << 16), (1 << 16, 40), (64, 63)] {
            assert_eq!(returned(len, 8, new_len), Some((len + new_len, 0)), "{len} to {new_len} bytes");
        }
    }
}
