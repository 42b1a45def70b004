//! Who holds which address and which immutable ID, for a whole tenant: an index of hashes, since the texts of a million users
//! would not fit where this has to run.
//!
//! It takes [`BYTES_AN_ENTRY`] bytes for each address or immutable ID and [`BYTES_AN_OWNER`] for each object, and twice that while
//! it is built: 1,000,000 users with a sign-in name, one alias and an immutable ID are 66 MB. What is asked for and what is held
//! are compared by 96 bits of a hash whose key this process has drawn: among 10,000,000 addresses and as many questions one wrong
//! answer is expected in 10^14 such runs. The answer names the object, so who shows it can look it up and see.

use std::cmp::Reverse;

use crate::account::Account;
use crate::key::{self, Hasher};
use crate::object_id::ObjectId;

/// What each address or immutable ID takes in the finished index.
pub const BYTES_AN_ENTRY: usize = size_of::<Entry>();
/// What each object takes in the finished index.
pub const BYTES_AN_OWNER: usize = size_of::<Holder>() + size_of::<bool>();

/// What kind of object holds an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A user.
    User,
    /// A group.
    Group,
    /// A contact of the organization.
    Contact,
    /// A user who was deleted less than 30 days ago, and can be restored.
    DeletedUser,
    /// A Microsoft 365 group of which the same is true.
    DeletedGroup,
}

impl Kind {
    /// In words, as `deleted user`.
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
            Self::Contact => "contact",
            Self::DeletedUser => "deleted user",
            Self::DeletedGroup => "deleted group",
        }
    }
}

/// An object that holds what was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Holder {
    /// Object id.
    pub id: ObjectId,
    /// What it is.
    pub kind: Kind,
}

/// One address or immutable ID: 96 bits of its hash, and the place of its holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    high: u64,
    low: u32,
    holder: u32,
}

const ADDRESS: u8 = 0;
const IMMUTABLE_ID: u8 = 1;

/// The index while the tenant is walked over.
#[derive(Debug, Default)]
pub struct Builder {
    hasher: Hasher,
    holders: Vec<Holder>,
    entries: Vec<Entry>,
    unread: Vec<(Kind, String)>,
}

impl Builder {
    /// Takes a user, and says at which place it came. One who comes again counts as it came last (Microsoft Graph's delta query may
    /// show a user twice): [`Hazards::is_latest`] tells.
    pub fn user(&mut self, id: ObjectId, account: &Account<&str>) -> u32 {
        let texts = account.user_principal_name.iter().chain(&account.mail).chain(&account.proxy_addresses);
        self.take(Holder { id, kind: Kind::User }, texts.copied(), account.on_premises_immutable_id)
    }

    /// Takes what isn't a user of the walk: a group, a contact, a deleted user, with its addresses and, if it has one, its
    /// immutable ID.
    pub fn other<'a>(
        &mut self,
        holder: Holder,
        addresses: impl IntoIterator<Item = &'a str>,
        immutable_id: Option<&str>,
    ) {
        self.take(holder, addresses, immutable_id);
    }

    /// Notes that the objects of a kind could not be read, or not all of them, and why.
    pub fn unread(&mut self, kind: Kind, why: String) {
        self.unread.push((kind, why));
    }

    /// Takes back a user whom the delta query shows as removed.
    pub fn removed(&mut self, id: ObjectId) {
        self.take(Holder { id, kind: Kind::User }, [], None);
    }

    fn take<'a>(
        &mut self,
        holder: Holder,
        addresses: impl IntoIterator<Item = &'a str>,
        immutable_id: Option<&str>,
    ) -> u32 {
        let Ok(place) = u32::try_from(self.holders.len()) else { return u32::MAX };
        self.holders.push(holder);
        let before = self.entries.len();
        let mut last = None;
        for address in addresses {
            let address = Some(key::address(address));
            // A sign-in name is mostly the primary address as well.
            if address != last {
                self.push(before, ADDRESS, address.as_deref().unwrap_or_default(), place);
                last = address;
            }
        }
        if let Some(text) = immutable_id.filter(|text| !text.is_empty()) {
            self.push(before, IMMUTABLE_ID, text, place);
        }
        place
    }

    /// Adds what isn't among the holder's entries yet, which begin at `before`.
    fn push(&mut self, before: usize, kind: u8, text: &str, place: u32) {
        let entry = entry(self.hasher.of(kind, text), place);
        if !self.entries[before..].contains(&entry) {
            self.entries.push(entry);
        }
    }

    /// The index, to be asked.
    pub fn finish(self) -> Hazards {
        let Self { hasher, holders, mut entries, unread } = self;
        let latest = latest(&holders);
        entries.retain(|entry| latest[entry.holder as usize]);
        entries.sort_unstable();
        entries.shrink_to_fit();
        Hazards { hasher, holders, latest, entries, unread }
    }
}

/// For each place whether its object doesn't come again later.
fn latest(holders: &[Holder]) -> Vec<bool> {
    let mut order: Vec<u32> = (0..).take(holders.len()).collect();
    order.sort_unstable_by_key(|place| (holders[*place as usize].id, Reverse(*place)));
    let mut latest = vec![false; holders.len()];
    let mut before = None;
    for place in order {
        let id = holders[place as usize].id;
        latest[place as usize] = before != Some(id);
        before = Some(id);
    }
    latest
}

#[expect(clippy::cast_possible_truncation, reason = "96 bits of the hash are what is kept of it")]
fn entry(hash: u128, holder: u32) -> Entry {
    Entry { high: (hash >> 64) as u64, low: hash as u32, holder }
}

/// The index, finished.
#[derive(Debug, Default)]
pub struct Hazards {
    hasher: Hasher,
    holders: Vec<Holder>,
    latest: Vec<bool>,
    entries: Vec<Entry>,
    unread: Vec<(Kind, String)>,
}

impl Hazards {
    /// Whether the user that came at a place hasn't come again later, nor was removed.
    pub fn is_latest(&self, place: u32) -> bool {
        self.latest.get(place as usize).copied().unwrap_or_default()
    }

    /// Who else holds an address, as sign-in name, mail or alias; in the order of their ids.
    pub fn address(&self, address: &str, but: Option<ObjectId>) -> Vec<Holder> {
        self.of(self.hasher.of(ADDRESS, &key::address(address)), but)
    }

    /// Who else has an immutable ID; in the order of their ids.
    pub fn immutable_id(&self, immutable_id: &str, but: Option<ObjectId>) -> Vec<Holder> {
        self.of(self.hasher.of(IMMUTABLE_ID, immutable_id), but)
    }

    /// The kinds of objects that could not be read, each with the reason: that nobody of such a kind is among the holders says nothing.
    pub fn unread(&self) -> impl Iterator<Item = (Kind, &str)> {
        self.unread.iter().map(|(kind, why)| (*kind, why.as_str()))
    }

    fn of(&self, hash: u128, but: Option<ObjectId>) -> Vec<Holder> {
        let first = entry(hash, 0);
        let from = self.entries.partition_point(|entry| *entry < first);
        let same = self.entries[from..].iter().take_while(|entry| (entry.high, entry.low) == (first.high, first.low));
        let mut holders: Vec<Holder> =
            same.map(|entry| self.holders[entry.holder as usize]).filter(|holder| Some(holder.id) != but).collect();
        holders.sort_unstable();
        holders
    }

    /// What the index takes, in bytes.
    pub fn bytes(&self) -> usize {
        self.entries.len() * BYTES_AN_ENTRY + self.holders.len() * BYTES_AN_OWNER
    }
}
