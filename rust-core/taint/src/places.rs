//! Where a secret could have been left, and what was found there.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::memory;
use crate::search::{Hit, Search};

/// One place that was searched.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) name: String,
    pub(crate) bytes: u64,
    pub(crate) hits: BTreeSet<Hit>,
}

impl Place {
    fn new(name: &str, (hits, bytes): (BTreeSet<Hit>, u64)) -> Self {
        Self { name: name.to_owned(), bytes, hits }
    }

    /// Bytes that are at hand.
    pub(crate) fn bytes(name: &str, bytes: &[u8], search: &Search) -> Self {
        Self::new(name, (search.bytes(bytes), bytes.len() as u64))
    }

    /// A file.
    pub(crate) fn file(name: &str, path: &Path, search: &Search) -> Result<Self> {
        let file = File::open(path).with_context(|| format!("{} is not there", path.display()))?;
        Ok(Self::new(name, search.stream(file)?))
    }

    /// All files below a folder, their names included.
    pub(crate) fn folder(name: &str, folder: &Path, search: &Search) -> Result<Self> {
        let mut place = Self::new(name, (BTreeSet::new(), 0));
        for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
            let entry = entry?;
            place.add(Self::bytes(name, entry.file_name().to_string_lossy().as_bytes(), search));
            // Sockets and pipes, which .NET makes for its debuggers, hold nothing.
            if entry.file_type()?.is_dir() {
                place.add(Self::folder(name, &entry.path(), search)?);
            } else if entry.file_type()?.is_file() {
                place.add(Self::file(name, &entry.path(), search)?);
            }
        }
        Ok(place)
    }

    fn add(&mut self, part: Self) {
        self.bytes += part.bytes;
        self.hits.extend(part.hits);
    }
}

/// The memory of a process as a core dump would hold it, and the whole of it; and how many regions can't be read.
pub(crate) fn memory(process: u32, search: &Search) -> io::Result<([Place; 2], usize)> {
    let _stopped = memory::Stopped::stop(process)?;
    let mut unread = 0;
    let mut core = Place::new("core dump", (BTreeSet::new(), 0));
    let mut all = Place::new("memory", (BTreeSet::new(), 0));
    for region in memory::regions(process)? {
        let Ok((hits, bytes)) = search.stream(memory::read(process, &region)?) else {
            unread += 1;
            continue;
        };
        if region.dumped {
            core.hits.extend(&hits);
            core.bytes += bytes;
        }
        all.hits.extend(hits);
        all.bytes += bytes;
    }
    if all.bytes == 0 {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "no memory of the process can be read"));
    }
    Ok(([core, all], unread))
}
