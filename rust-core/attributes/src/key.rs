//! What two texts are compared by: the same key is the same user, address or domain.

use std::borrow::Cow;
use std::hash::{BuildHasher, RandomState};

/// A sign-in name or an address without its `smtp:`, without spaces around it, in small letters.
///
/// Assumption: only the letters A to Z are the same in both cases. Microsoft's pages allow no others in a sign-in name ("Prepare
/// a nonroutable domain and user names for directory synchronization"); of an address with others nothing is documented.
pub fn address(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    let prefix = text.get(..5).is_some_and(|prefix| prefix.eq_ignore_ascii_case("smtp:"));
    small(text.get(if prefix { 5 } else { 0 }..).unwrap_or_default())
}

/// In small letters. Most names are written so.
fn small(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) { text.to_ascii_lowercase().into() } else { text.into() }
}

/// The part of a sign-in name or an address behind its last `@`, in small letters; `None` where there is none.
pub fn domain(address: &str) -> Option<Cow<'_, str>> {
    let (_, domain) = address.trim().rsplit_once('@')?;
    (!domain.is_empty()).then(|| small(domain))
}

/// Whether two texts differ, and by capitals alone.
pub fn case_only(one: &str, other: &str) -> bool {
    one != other && one.eq_ignore_ascii_case(other)
}

/// Hashes of 128 bits, with a key that this process has drawn and nobody can foresee: no text can be made to fall on another's.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hasher {
    high: RandomState,
    low: RandomState,
}

impl Hasher {
    /// Of a text of one kind: the same text of another kind has another hash.
    pub(crate) fn of(&self, kind: u8, text: &str) -> u128 {
        let half = |state: &RandomState| u128::from(state.hash_one((kind, text)));
        half(&self.high) << 64 | half(&self.low)
    }

    /// 64 bits of it alone.
    pub(crate) fn short(&self, kind: u8, text: &str) -> u64 {
        self.low.hash_one((kind, text))
    }

    /// 64 bits alone, of bytes of any kind.
    pub(crate) fn of_bytes(&self, bytes: &[u8]) -> u64 {
        self.high.hash_one(bytes)
    }
}
