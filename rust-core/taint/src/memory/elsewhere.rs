//! Where reading another process's memory takes code of its own: not written.

use std::io::{self, Empty, Error, ErrorKind};

/// A readable part of the memory.
#[derive(Debug)]
pub(crate) struct Region {
    /// Whether a core dump would hold it.
    pub(crate) dumped: bool,
}

fn unsupported() -> Error {
    Error::new(ErrorKind::Unsupported, "the memory of a process is read on Linux only")
}

/// The readable regions of a process.
pub(crate) fn regions(_process: u32) -> io::Result<Vec<Region>> {
    Err(unsupported())
}

/// A process that stands still.
pub(crate) struct Stopped;

impl Stopped {
    pub(crate) fn stop(_process: u32) -> io::Result<Self> {
        Err(unsupported())
    }
}

/// The bytes of a region.
pub(crate) fn read(_process: u32, _region: &Region) -> io::Result<Empty> {
    Err(unsupported())
}

/// The command line and the environment.
pub(crate) fn environment(_process: u32) -> io::Result<Vec<u8>> {
    Err(unsupported())
}
