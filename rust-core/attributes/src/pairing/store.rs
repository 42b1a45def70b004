//! Users of the portal, packed: each is its place, the count of its texts, and for each the number of its attribute's name, its length
//! and its bytes. A map of strings takes three times as much.

use std::collections::HashMap;
use std::fmt;

use crate::packed::{number, taken, taken_bytes, text};
use crate::portal_user::PortalUser;

/// Users lie in blocks of this size, so that nothing is copied when there come more.
const BLOCK: usize = 1024 * 1024;

/// The users, packed.
#[derive(Debug, Default)]
pub(super) struct Store {
    names: Vec<String>,
    /// The number of the name that was asked for last.
    last: usize,
    numbers: HashMap<String, usize>,
    blocks: Vec<Vec<u8>>,
    /// Where each user begins: its block and its place there.
    begins: Vec<(u32, u32)>,
    /// Where one is packed before it is put away.
    packed: Vec<u8>,
}

impl Store {
    pub(super) fn len(&self) -> usize {
        self.begins.len()
    }

    pub(super) fn bytes(&self) -> usize {
        self.blocks.iter().map(Vec::capacity).sum::<usize>() + self.begins.len() * size_of::<(u32, u32)>()
    }

    pub(super) fn push<'a>(&mut self, place: u64, attributes: impl Iterator<Item = (&'a str, &'a str)> + Clone) {
        let mut packed = std::mem::take(&mut self.packed);
        packed.clear();
        number(&mut packed, place);
        number(&mut packed, attributes.clone().count() as u64);
        for (name, value) in attributes {
            number(&mut packed, self.name(name) as u64);
            text(&mut packed, value);
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
        self.packed = packed;
    }

    fn name(&mut self, name: &str) -> usize {
        // Users mostly have the same names in the same order.
        let next = if self.last + 1 < self.names.len() { self.last + 1 } else { 0 };
        self.last = if self.names.get(next).is_some_and(|known| known == name) {
            next
        } else if let Some(number) = self.numbers.get(name) {
            *number
        } else {
            self.numbers.insert(name.to_owned(), self.names.len());
            self.names.push(name.to_owned());
            self.names.len() - 1
        };
        self.last
    }

    /// The user of that number; nobody where there is none.
    pub(super) fn get(&self, at: usize) -> Packed<'_> {
        let mut bytes = self.bytes_of(at).unwrap_or_default();
        let place = taken(&mut bytes).unwrap_or_default();
        Packed { place, names: &self.names, bytes }
    }

    /// One attribute of the user of that number.
    pub(super) fn text(&self, at: usize, attribute: &str) -> Option<&str> {
        self.get(at).attribute(attribute)
    }

    fn bytes_of(&self, at: usize) -> Option<&[u8]> {
        let (block, begin) = *self.begins.get(at)?;
        let bytes = self.blocks.get(block as usize)?;
        let next = self.begins.get(at + 1).filter(|next| next.0 == block);
        bytes.get(begin as usize..next.map_or(bytes.len(), |next| next.1 as usize))
    }
}

/// A user, where it lies packed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Packed<'s> {
    /// As [`PortalUser::place`].
    pub place: u64,
    names: &'s [String],
    /// Behind the place.
    bytes: &'s [u8],
}

impl<'s> Packed<'s> {
    /// The value of an attribute, where it has one.
    pub fn attribute(&self, name: &str) -> Option<&'s str> {
        let text = self.attributes().find(|attribute| attribute.0 == name)?.1;
        std::str::from_utf8(text).ok()
    }

    /// Its attributes' names and, in UTF-8, values.
    fn attributes(&self) -> impl Iterator<Item = (&'s str, &'s [u8])> + use<'s> {
        let (names, mut bytes) = (self.names, self.bytes);
        let count = taken(&mut bytes).unwrap_or_default();
        (0..count).map_while(move |_| {
            let name = names.get(usize::try_from(taken(&mut bytes)?).ok()?)?;
            Some((name.as_str(), taken_bytes(&mut bytes)?))
        })
    }

    /// The user, on its own.
    pub fn unpacked(&self) -> PortalUser {
        let owned = |(name, text): (&str, &[u8])| Some((name.to_owned(), std::str::from_utf8(text).ok()?.to_owned()));
        PortalUser { place: self.place, attributes: self.attributes().filter_map(owned).collect() }
    }
}

impl fmt::Debug for Packed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.unpacked().fmt(f)
    }
}
