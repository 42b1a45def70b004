//! Pages on Windows.

use std::ffi::{CStr, c_void};
use std::mem;
use std::ptr::{self, NonNull};
use std::sync::LazyLock;

use windows_sys::Win32::Foundation::FARPROC;
use windows_sys::Win32::System::LibraryLoader::{GetModuleHandleA, GetProcAddress};
use windows_sys::Win32::System::Memory::{
    MEM_COMMIT, MEM_RELEASE, MEM_RESERVE, PAGE_READWRITE, VirtualAlloc, VirtualFree, VirtualLock,
};

/// Zeroed pages for `len` bytes, more than 0: locked, and left out of the dumps that Windows Error Reporting makes of a
/// process. Both are best effort: a process may lock about as much as its minimum working set, 200 kB if nobody changed it.
pub(super) fn take(len: usize) -> Option<NonNull<u8>> {
    // SAFETY: a new reservation touches no memory that exists.
    let start = unsafe { VirtualAlloc(ptr::null(), len, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE) };
    let pages = NonNull::new(start.cast())?;
    // SAFETY: the range was just committed. A refusal leaves the pages usable.
    unsafe { VirtualLock(start, len) };
    if let (Some(reports), Ok(size)) = (&*ERROR_REPORTS, u32::try_from(len)) {
        // SAFETY: it notes the address; a refusal leaves the pages usable.
        unsafe { (reports.leave_out)(start, size) };
    }
    Some(pages)
}

/// # Safety
/// The pages were taken with this length, and nothing refers to them any more.
pub(super) unsafe fn give_back(start: NonNull<u8>, _len: usize) {
    let start = start.as_ptr().cast::<c_void>();
    if let Some(reports) = &*ERROR_REPORTS {
        // SAFETY: an address that wasn't noted is refused.
        unsafe { (reports.put_back)(start) };
    }
    // SAFETY: the caller's promise. Releasing unlocks; it takes the whole reservation, and so no length.
    unsafe { VirtualFree(start, 0, MEM_RELEASE) };
}

/// `WerRegisterExcludedMemoryBlock` and `WerUnregisterExcludedMemoryBlock`, which Windows has since 10, version 1703:
/// looked up, because a library that imports them can't be loaded where they are missing, as on Windows Server 2016.
struct ErrorReports {
    leave_out: unsafe extern "system" fn(*const c_void, u32) -> i32,
    put_back: unsafe extern "system" fn(*const c_void) -> i32,
}

static ERROR_REPORTS: LazyLock<Option<ErrorReports>> = LazyLock::new(|| {
    let leave_out = function(c"WerRegisterExcludedMemoryBlock")?;
    let put_back = function(c"WerUnregisterExcludedMemoryBlock")?;
    // SAFETY: these are the functions' types in werapi.h.
    unsafe {
        Some(ErrorReports {
            leave_out: mem::transmute::<Function, unsafe extern "system" fn(*const c_void, u32) -> i32>(leave_out),
            put_back: mem::transmute::<Function, unsafe extern "system" fn(*const c_void) -> i32>(put_back),
        })
    }
});

type Function = unsafe extern "system" fn() -> isize;

/// A function of kernel32.dll, which every process has.
fn function(name: &CStr) -> FARPROC {
    // SAFETY: both names end with a zero.
    unsafe { GetProcAddress(GetModuleHandleA(c"kernel32.dll".as_ptr().cast()), name.as_ptr().cast()) }
}

#[cfg(test)]
mod tests {
    use windows_sys::Win32::System::Memory::VirtualUnlock;
    use windows_sys::Win32::System::ProcessStatus::{K32QueryWorkingSetEx, PSAPI_WORKING_SET_EX_INFORMATION};
    use windows_sys::Win32::System::Threading::GetCurrentProcess;

    use super::*;

    /// The lowest bit of a page's attributes: it is in memory.
    const VALID: usize = 1;

    /// Pages come into memory when they are touched, or locked. Asked of both: Windows refuses to unlock what isn't locked,
    /// and Wine, which doesn't, tells what is in memory.
    #[test]
    fn pages_of_a_secret_are_locked() {
        let (locked, plain) = (take(6).expect("pages"), plain_page());
        assert!(is_in_memory(locked) && !is_in_memory(plain));
        // SAFETY: the range was taken above.
        assert_ne!(unsafe { VirtualUnlock(locked.as_ptr().cast(), 6) }, 0, "it was not locked");
        // SAFETY: both were taken above, and nothing refers to them.
        unsafe {
            give_back(locked, 6);
            give_back(plain, 1);
        }
    }

    fn plain_page() -> NonNull<u8> {
        // SAFETY: as in `take`.
        let start = unsafe { VirtualAlloc(ptr::null(), 1, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE) };
        NonNull::new(start.cast()).expect("a page")
    }

    fn is_in_memory(page: NonNull<u8>) -> bool {
        // SAFETY: all of its fields are numbers and addresses.
        let mut asked: PSAPI_WORKING_SET_EX_INFORMATION = unsafe { mem::zeroed() };
        asked.VirtualAddress = page.as_ptr().cast();
        let size = u32::try_from(size_of_val(&asked)).expect("a small type");
        // SAFETY: the process is this one, and the size is that of the place.
        let answered = unsafe { K32QueryWorkingSetEx(GetCurrentProcess(), (&raw mut asked).cast(), size) };
        assert_ne!(answered, 0, "{}", std::io::Error::last_os_error());
        // SAFETY: every bit pattern is a number.
        unsafe { asked.VirtualAttributes.Flags & VALID != 0 }
    }
}
