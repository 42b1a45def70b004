//! Generation-checked handles: numbers that stand for objects of this process and never for anything else.
//!
//! A handle is 28 bits of tag, 20 bits of generation and 16 bits of slot. The tag is made of 24 random bits for each
//! process and table and of 4 bits for the table's kind, so a handle of another process or of another table is told
//! from a stale one, and no handle of one kind ever passes for one of another kind.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;

use parking_lot::Mutex;

const SLOT_BITS: u32 = 16;
const GENERATION_BITS: u32 = 20;
const KIND_BITS: u32 = 4;
const TAG_BITS: u32 = u64::BITS - SLOT_BITS - GENERATION_BITS;

/// How many objects one table can hold at once.
pub const MAX_SLOTS: usize = 1 << SLOT_BITS;

/// The last generation of a slot. A slot that has reached it is retired, since a reused number could be stale somewhere.
const LAST_GENERATION: u32 = (1 << GENERATION_BITS) - 1;

/// What the handles of a table stand for; part of every handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandleKind {
    /// A running or finished job of the C ABI.
    Job = 1,
    /// A connection to a tenant.
    Connection = 2,
    /// A tenant twin behind `-Demo`.
    Demo = 3,
    /// A computed plan.
    Plan = 4,
    /// A report that takes rows.
    Report = 5,
}

/// Why a handle stands for nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HandleError {
    /// The number was not made by this table: another process, another kind of handle, or no handle at all.
    #[error("the handle is not one of this process, or not one of this kind")]
    Foreign,
    /// The number was made by this table, and what it stood for has been freed.
    #[error("the handle has been freed")]
    Stale,
}

/// The table holds [`MAX_SLOTS`] objects, or every slot is retired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no more than {MAX_SLOTS} of these can be held at once")]
pub struct TableFull;

/// A table of shared objects behind handles.
#[derive(Debug)]
pub struct Table<T> {
    tag: u64,
    slots: Mutex<Slots<T>>,
}

#[derive(Debug)]
struct Slots<T> {
    all: Vec<Slot<T>>,
    free: Vec<u16>,
}

#[derive(Debug)]
struct Slot<T> {
    generation: u32,
    held: Option<Arc<T>>,
}

impl<T> Table<T> {
    /// An empty table for handles of one kind, with a tag of its own.
    pub fn new(kind: HandleKind) -> Self {
        Self { tag: random_tag(kind), slots: Mutex::new(Slots { all: Vec::new(), free: Vec::new() }) }
    }

    /// Puts an object into the table; the answer is its handle, never 0.
    pub fn insert(&self, object: Arc<T>) -> Result<u64, TableFull> {
        let mut slots = self.slots.lock();
        let index = slots.vacant().ok_or(TableFull)?;
        let slot = slots.all.get_mut(usize::from(index)).ok_or(TableFull)?;
        slot.held = Some(object);
        Ok(self.handle(index, slot.generation))
    }

    /// The object behind a handle.
    pub fn get(&self, handle: u64) -> Result<Arc<T>, HandleError> {
        let (index, generation) = self.parts(handle)?;
        let slots = self.slots.lock();
        let slot = slots.all.get(index).ok_or(HandleError::Foreign)?;
        slot.of_generation(generation).cloned()
    }

    /// Takes an object out of the table; its handle is stale from now on.
    pub fn remove(&self, handle: u64) -> Result<Arc<T>, HandleError> {
        let (index, generation) = self.parts(handle)?;
        let mut slots = self.slots.lock();
        let slot = slots.all.get_mut(index).ok_or(HandleError::Foreign)?;
        let object = slot.of_generation(generation).cloned()?;
        slot.held = None;
        if slot.generation < LAST_GENERATION {
            slot.generation += 1;
            // A slot index always fits: it came out of 16 bits.
            slots.free.extend(u16::try_from(index));
        }
        Ok(object)
    }

    fn handle(&self, index: u16, generation: u32) -> u64 {
        (self.tag << (SLOT_BITS + GENERATION_BITS)) | (u64::from(generation) << SLOT_BITS) | u64::from(index)
    }

    fn parts(&self, handle: u64) -> Result<(usize, u64), HandleError> {
        if handle >> (SLOT_BITS + GENERATION_BITS) != self.tag {
            return Err(HandleError::Foreign);
        }
        let generation = (handle >> SLOT_BITS) & u64::from(LAST_GENERATION);
        let index = usize::try_from(handle & ((1 << SLOT_BITS) - 1)).map_err(|_too_large| HandleError::Foreign)?;
        Ok((index, generation))
    }
}

impl<T> Slots<T> {
    /// The index of a slot that holds nothing: a freed one, or a new one as long as there is room.
    fn vacant(&mut self) -> Option<u16> {
        if let Some(index) = self.free.pop() {
            return Some(index);
        }
        let index = u16::try_from(self.all.len()).ok()?;
        self.all.push(Slot { generation: 1, held: None });
        Some(index)
    }
}

impl<T> Slot<T> {
    fn of_generation(&self, generation: u64) -> Result<&Arc<T>, HandleError> {
        match &self.held {
            Some(object) if u64::from(self.generation) == generation => Ok(object),
            _ if generation == 0 || generation > u64::from(self.generation) => Err(HandleError::Foreign),
            _ => Err(HandleError::Stale),
        }
    }
}

/// The standard library keys its hash maps from the system's randomness, which is what is needed here, without a way to fail.
fn random_tag(kind: HandleKind) -> u64 {
    let random = RandomState::new().build_hasher().finish();
    let random = random >> (u64::BITS - (TAG_BITS - KIND_BITS));
    (random << KIND_BITS) | kind as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    type TestResult = Result<(), Box<dyn std::error::Error>>;

    #[test]
    fn a_handle_gives_its_object_until_it_is_removed_once() -> TestResult {
        let table = Table::new(HandleKind::Job);
        let handle = table.insert(Arc::new("one"))?;
        assert_eq!(*table.get(handle)?, "one");
        assert_eq!(*table.remove(handle)?, "one");
        assert_eq!(table.get(handle), Err(HandleError::Stale));
        assert_eq!(table.remove(handle), Err(HandleError::Stale));
        Ok(())
    }

    #[test]
    fn a_stale_handle_never_reaches_the_next_object_in_its_slot() -> TestResult {
        let table = Table::new(HandleKind::Job);
        let first = table.insert(Arc::new(1))?;
        table.remove(first)?;
        let second = table.insert(Arc::new(2))?;
        assert_ne!(first, second);
        assert_eq!(table.get(first), Err(HandleError::Stale));
        assert_eq!(*table.get(second)?, 2);
        Ok(())
    }

    #[test]
    fn handles_of_other_tables_and_numbers_that_are_none_are_foreign() -> TestResult {
        let jobs = Table::new(HandleKind::Job);
        let connections = Table::new(HandleKind::Connection);
        let job = jobs.insert(Arc::new(1))?;
        connections.insert(Arc::new(1))?;
        assert_eq!(connections.get(job), Err(HandleError::Foreign));
        // The next generation and the next slot have not been handed out yet.
        let no_handles = [0, 1, u64::MAX, job ^ (1 << 63), job + (1 << SLOT_BITS), job + 1];
        for number in no_handles {
            assert_eq!(jobs.get(number), Err(HandleError::Foreign), "{number:#x}");
        }
        Ok(())
    }

    #[test]
    fn a_slot_whose_generations_are_used_up_is_retired() -> TestResult {
        let table = Table::new(HandleKind::Job);
        let first = table.insert(Arc::new(0))?;
        table.remove(first)?;
        for _ in 1..LAST_GENERATION {
            let handle = table.insert(Arc::new(0))?;
            assert_eq!(handle & 0xFFFF, first & 0xFFFF);
            table.remove(handle)?;
        }
        let next = table.insert(Arc::new(0))?;
        assert_ne!(next & 0xFFFF, first & 0xFFFF);
        Ok(())
    }

    #[test]
    fn a_full_table_says_so_and_takes_again_after_a_removal() -> TestResult {
        let table = Table::new(HandleKind::Job);
        let first = table.insert(Arc::new(0))?;
        for _ in 1..MAX_SLOTS {
            table.insert(Arc::new(0))?;
        }
        assert_eq!(table.insert(Arc::new(0)), Err(TableFull));
        table.remove(first)?;
        assert!(table.insert(Arc::new(0)).is_ok());
        Ok(())
    }
}
