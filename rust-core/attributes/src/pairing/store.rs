//! Users of the portal, packed: each is its place, the count of its texts, and for each the number of its attribute's name, its length
//! and its bytes. A map of strings takes three times as much.

use std::collections::HashMap;

use crate::portal_user::PortalUser;

/// Users lie in blocks of this size, so that nothing is copied when there come more.
const BLOCK: usize = 1024 * 1024;

/// The users, packed.
#[derive(Debug, Default)]
pub(super) struct Store {
    names: Vec<String>,
    numbers: HashMap<String, usize>,
    blocks: Vec<Vec<u8>>,
    /// Where each user begins: its block and its place there.
    begins: Vec<(u32, u32)>,
}

impl Store {
    pub(super) fn len(&self) -> usize {
        self.begins.len()
    }

    pub(super) fn bytes(&self) -> usize {
        self.blocks.iter().map(Vec::capacity).sum::<usize>() + self.begins.len() * size_of::<(u32, u32)>()
    }

    pub(super) fn push(&mut self, user: &PortalUser) {
        let mut packed = Vec::with_capacity(256);
        number(&mut packed, user.place);
        number(&mut packed, user.attributes.len() as u64);
        for (name, text) in &user.attributes {
            number(&mut packed, self.name(name) as u64);
            number(&mut packed, text.len() as u64);
            packed.extend_from_slice(text.as_bytes());
        }
        let is_full = self.blocks.last().is_none_or(|block| block.capacity() - block.len() < packed.len());
        if is_full {
            self.blocks.push(Vec::with_capacity(BLOCK.max(packed.len())));
        }
        let block = u32::try_from(self.blocks.len() - 1).unwrap_or(u32::MAX);
        if let Some(last) = self.blocks.last_mut() {
            self.begins.push((block, u32::try_from(last.len()).unwrap_or(u32::MAX)));
            last.extend_from_slice(&packed);
        }
    }

    fn name(&mut self, name: &str) -> usize {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        self.names.push(name.to_owned());
        self.numbers.insert(name.to_owned(), self.names.len() - 1);
        self.names.len() - 1
    }

    /// The user of that number; nobody where there is none.
    pub(super) fn get(&self, at: usize) -> PortalUser {
        self.unpacked(at).unwrap_or_default()
    }

    fn unpacked(&self, at: usize) -> Option<PortalUser> {
        let (block, begin) = *self.begins.get(at)?;
        let mut bytes = self.blocks.get(block as usize)?.get(begin as usize..)?;
        let mut user = PortalUser { place: taken(&mut bytes)?, ..PortalUser::default() };
        for _ in 0..taken(&mut bytes)? {
            let name = self.names.get(usize::try_from(taken(&mut bytes)?).ok()?)?;
            let len = usize::try_from(taken(&mut bytes)?).ok()?;
            let text = String::from_utf8_lossy(bytes.get(..len)?).into_owned();
            bytes = bytes.get(len..)?;
            user.attributes.insert(name.clone(), text);
        }
        Some(user)
    }
}

/// Seven bits a byte, the lowest first; the highest bit says that there come more.
fn number(into: &mut Vec<u8>, mut value: u64) {
    loop {
        let [low, ..] = value.to_le_bytes();
        value >>= 7;
        if value == 0 {
            return into.push(low);
        }
        into.push(low | 0x80);
    }
}

fn taken(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7F) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}
