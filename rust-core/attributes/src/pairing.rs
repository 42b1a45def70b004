//! Which user of the portal is which account.
//!
//! The portal's users are held in memory (`store`), with 17 bytes for each key that a user has, five at most: one with four of them and six
//! texts of 24 letters takes 240 bytes, a million of them 240 MB. Hashes only find candidates; two users pair where the texts
//! themselves agree.

mod store;

use std::borrow::Cow;
use std::collections::HashSet;

use crate::account::Account;
use crate::key::{self, Hasher};
use crate::object_id::ObjectId;
use crate::portal_user::{self as names, PortalUser};
use crate::portal_users::Mapping;
pub use store::Packed;
use store::Store;

/// By what a portal's user and an account were found to be one; what comes first decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// The account's object id, where the portal's list has it.
    ObjectId,
    /// The immutable ID, to the letter.
    ImmutableId,
    /// The sign-in name, capitals aside.
    UserPrincipalName,
    /// The primary address, capitals aside.
    Mail,
    /// What the runbook's script takes the mail address from, capitals aside. Nobody pairs by it: it finds those who share it.
    CanonicalizeName,
}

impl Key {
    /// All, in the order in which they decide.
    pub const ALL: [Self; 5] =
        [Self::ObjectId, Self::ImmutableId, Self::UserPrincipalName, Self::Mail, Self::CanonicalizeName];

    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Self::ObjectId => "object id",
            Self::ImmutableId => "immutable ID",
            Self::UserPrincipalName => "user principal name",
            Self::Mail => "mail address",
            Self::CanonicalizeName => "CanonicalizeName",
        }
    }

    /// The portal's attribute of it.
    fn attribute(self) -> &'static str {
        match self {
            Self::ObjectId => names::OBJECT_ID,
            Self::ImmutableId => names::IMMUTABLE_ID,
            Self::UserPrincipalName => names::USERNAME,
            Self::Mail => names::MAIL,
            Self::CanonicalizeName => names::CANONICALIZE_NAME,
        }
    }

    /// Of what a user of the portal has as [`Key::attribute`].
    fn of_portal(self, text: &str) -> Option<Cow<'_, str>> {
        Some(self.normal(text)).filter(|text| !text.is_empty())
    }

    fn of_account<'a>(self, account: &Account<&'a str>) -> Option<Cow<'a, str>> {
        let text = match self {
            Self::ObjectId => Some(account.id),
            Self::ImmutableId => account.on_premises_immutable_id,
            Self::UserPrincipalName => account.user_principal_name,
            Self::Mail => account.mail,
            Self::CanonicalizeName => None,
        };
        text.map(|text| self.normal(text)).filter(|text| !text.is_empty())
    }

    fn normal(self, text: &str) -> Cow<'_, str> {
        if self == Self::ImmutableId { text.trim().into() } else { key::address(text) }
    }
}

/// A user of the portal, by its place in the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(pub(crate) u32);

/// The users of the portal that were found for an account, one at least, and by what.
pub type Found = Option<(Key, Vec<Number>)>;

/// The portal's users while they are read.
#[derive(Debug, Default)]
pub struct Builder {
    hasher: Hasher,
    users: Store,
    keys: Vec<(u64, u32)>,
    /// Which of [`Key::ALL`] any user has, or may have by the list's columns.
    has: [bool; Key::ALL.len()],
}

impl Builder {
    /// Takes a user.
    pub fn push(&mut self, user: &PortalUser) {
        self.take(user.place, user.attributes.iter().map(|(name, text)| (name.as_str(), text.as_str())));
    }

    /// Takes a user by its attributes.
    pub(crate) fn take<'a>(&mut self, place: u64, attributes: impl Iterator<Item = (&'a str, &'a str)> + Clone) {
        let Ok(number) = u32::try_from(self.users.len()) else { return };
        for key in Key::ALL {
            let text = attributes.clone().find(|attribute| attribute.0 == key.attribute());
            if let Some(text) = text.and_then(|(_, text)| key.of_portal(text)) {
                self.keys.push((short(&self.hasher, key, &text), number));
                self.has[key as usize] = true;
            }
        }
        self.users.push(place, attributes);
    }

    /// Takes the columns that the list has, also those in which nobody has anything.
    pub fn columns(&mut self, columns: &Mapping) {
        for key in Key::ALL {
            self.has[key as usize] |= columns.has(key.attribute());
        }
    }

    /// The index, to be asked.
    pub fn finish(mut self) -> Portal {
        self.keys.sort_unstable();
        self.keys.shrink_to_fit();
        let same = self.keys.chunk_by(|one, next| one.0 == next.0).filter(|same| same.len() > 1);
        let sharing = same.flatten().map(|key| key.1).collect();
        let begins = begins(&self.keys);
        Portal { hasher: self.hasher, users: self.users, keys: self.keys, begins, has: self.has, sharing }
    }
}

/// So many keys are in a bucket, about: a few are looked at one after the other, in two lines of a processor's cache.
const IN_BUCKET: usize = 8;

/// In which of so many buckets a hash is. Hashes are spread evenly, so each has about as many.
fn bucket(hash: u64, buckets: usize) -> usize {
    usize::try_from((u128::from(hash) * buckets as u128) >> u64::BITS).unwrap_or_default()
}

/// Where each bucket's keys begin. There is one at least.
fn begins(keys: &[(u64, u32)]) -> Vec<u32> {
    let buckets = keys.len() / IN_BUCKET + 1;
    let mut begins = Vec::with_capacity(buckets);
    for (at, (hash, _)) in (0..).zip(keys) {
        let until = bucket(*hash, buckets) + 1;
        if until > begins.len() {
            begins.resize(until, at);
        }
    }
    begins.resize(buckets, u32::try_from(keys.len()).unwrap_or(u32::MAX));
    begins
}

/// A part of a hash finds candidates, whose texts are compared.
fn short(hasher: &Hasher, key: Key, text: &str) -> u64 {
    hasher.short(key as u8, text)
}

/// The portal's users, to be asked.
#[derive(Debug)]
pub struct Portal {
    hasher: Hasher,
    users: Store,
    /// Sorted.
    keys: Vec<(u64, u32)>,
    /// Where the keys of each bucket begin.
    begins: Vec<u32>,
    /// Which of [`Key::ALL`] any user has, or may have by the list's columns.
    has: [bool; Key::ALL.len()],
    /// Those who may share a key with another: few, and nobody else is asked for.
    sharing: HashSet<u32>,
}

impl Portal {
    /// How many users there are.
    pub fn len(&self) -> usize {
        self.users.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What they take, in bytes.
    pub fn bytes(&self) -> usize {
        self.users.bytes() + size_of_val(&*self.keys) + size_of_val(&*self.begins)
    }

    /// One of them.
    pub fn user(&self, number: Number) -> Packed<'_> {
        self.users.get(number.0 as usize)
    }

    /// The users whose key is that text, in the file's order.
    fn having(&self, key: Key, text: &str) -> Vec<Number> {
        let hash = short(&self.hasher, key, text);
        let from = self.begins[bucket(hash, self.begins.len())] as usize;
        let from = from + self.keys[from..].iter().take_while(|entry| entry.0 < hash).count();
        let same = self.keys[from..].iter().take_while(|entry| entry.0 == hash).map(|entry| Number(entry.1));
        same.filter(|number| self.key(key, *number).as_deref() == Some(text)).collect()
    }

    fn key(&self, key: Key, number: Number) -> Option<Cow<'_, str>> {
        key.of_portal(self.users.text(number.0 as usize, key.attribute())?)
    }

    /// The users that an account pairs with by the first key that finds any.
    pub fn find(&self, account: &Account<&str>) -> Found {
        Key::ALL.into_iter().filter(|key| self.has[*key as usize]).find_map(|key| {
            let found = self.having(key, &key.of_account(account)?);
            (!found.is_empty()).then_some((key, found))
        })
    }

    /// Whether the list has such keys.
    pub fn has(&self, key: Key) -> bool {
        self.has[key as usize]
    }

    /// The users whose name to sign in with is an address of the account, other than its own such name; in the file's order.
    pub fn named_as_an_address_of(&self, account: &Account<&str>) -> Vec<Packed<'_>> {
        let addresses = account.proxy_addresses.iter().chain(&account.mail);
        let mut found: Vec<Number> = addresses
            .flat_map(|address| self.having(Key::UserPrincipalName, &Key::UserPrincipalName.normal(address)))
            .collect();
        found.sort_unstable();
        found.dedup();
        found.into_iter().map(|number| self.user(number)).collect()
    }

    /// Whether a user's key is that text.
    pub fn is(&self, key: Key, number: Number, text: &str) -> bool {
        self.key(key, number).is_some_and(|own| own == key.normal(text))
    }

    /// The other users of the portal with the same key as this one, in the file's order.
    pub fn sharing(&self, key: Key, number: Number) -> Vec<Number> {
        let text = if self.sharing.contains(&number.0) { self.key(key, number) } else { None };
        let Some(text) = text else { return Vec::new() };
        self.having(key, &text).into_iter().filter(|other| *other != number).collect()
    }

    /// With whom an account pairs, for which these were found, once it is known with whom every other does.
    pub fn pair(&self, claims: &Claims, id: ObjectId, found: Found) -> Pairing<'_> {
        let Some((by, found)) = found else { return Pairing::Alone };
        match found[..] {
            [number] => Pairing::Paired { number, user: self.user(number), by, rivals: claims.others(number, id) },
            _ => Pairing::Several { by, users: found.into_iter().map(|number| self.user(number)).collect() },
        }
    }
}

/// With whom an account pairs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pairing<'p> {
    /// With nobody.
    Alone,
    /// With one user of the portal.
    Paired {
        /// Which.
        number: Number,
        /// That user.
        user: Packed<'p>,
        /// By what.
        by: Key,
        /// The other accounts that pair with it too.
        rivals: Vec<ObjectId>,
    },
    /// With several.
    Several {
        /// By what.
        by: Key,
        /// Those users.
        users: Vec<Packed<'p>>,
    },
}

/// Which account has claimed which user of the portal, while the tenant is walked over: 20 bytes an account, and 20 more for each user of the
/// portal that it pairs with.
#[derive(Debug, Default)]
pub struct ClaimsBuilder {
    claims: Vec<(ObjectId, u32)>,
}

/// Stands for an account that pairs with nobody (any more).
const NOBODY: u32 = u32::MAX;

impl ClaimsBuilder {
    /// Takes an account, and whom it pairs with. One that comes again counts as it came last.
    pub fn see(&mut self, id: ObjectId, found: &Found) {
        let found = found.as_ref().map(|(_, found)| &found[..]).unwrap_or_default();
        self.claims.push((id, NOBODY));
        self.claims.extend(found.iter().map(|number| (id, number.0)));
    }

    /// Takes back an account that the delta query shows as removed.
    pub fn removed(&mut self, id: ObjectId) {
        self.claims.push((id, NOBODY));
    }

    /// The claims, to be asked.
    pub fn finish(mut self) -> Claims {
        // Stable: an account's claims stay in the order in which they came, and those before its last mark are gone.
        self.claims.sort_by_key(|claim| claim.0);
        let mut claims: Vec<(u32, ObjectId)> = Vec::new();
        for of_one in self.claims.chunk_by(|one, next| one.0 == next.0) {
            let last = of_one.iter().rposition(|claim| claim.1 == NOBODY).map_or(0, |at| at + 1);
            claims.extend(of_one[last..].iter().map(|(id, number)| (*number, *id)));
        }
        claims.sort_unstable();
        Claims { claims }
    }
}

/// Which account has claimed which user of the portal.
#[derive(Debug, Default)]
pub struct Claims {
    claims: Vec<(u32, ObjectId)>,
}

impl Claims {
    /// The accounts that pair with a user of the portal.
    fn of(&self, number: Number) -> impl Iterator<Item = ObjectId> {
        let from = self.claims.partition_point(|claim| claim.0 < number.0);
        self.claims[from..].iter().take_while(move |claim| claim.0 == number.0).map(|claim| claim.1)
    }

    /// The other accounts that pair with a user of the portal.
    pub fn others(&self, number: Number, but: ObjectId) -> Vec<ObjectId> {
        self.of(number).filter(|id| *id != but).collect()
    }

    /// The users of the portal that no account pairs with, in the file's order.
    pub fn unclaimed<'a>(&'a self, portal: &'a Portal) -> impl Iterator<Item = (Number, Packed<'a>)> + 'a {
        let numbers = (0..).take(portal.len()).map(Number);
        numbers.filter(|number| self.of(*number).next().is_none()).map(|number| (number, portal.user(number)))
    }
}
