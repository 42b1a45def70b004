//! The library that PowerShell loads: [`ffi`] is the C ABI, [`job`] runs one op on a worker thread and queues its events.
//!
//! **Invariant:** no panic leaves it; what an op is and does it doesn't know.

pub mod ffi;
pub mod job;
