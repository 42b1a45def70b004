//! The secrets that come with a request.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};

use crate::BadRequest;
use pp_base::locked_memory::LockedBytes;
use pp_base::secret::SecretText;

/// A copy of the block that lies beside a request; zeroed when dropped.
pub struct SecretBlock(LockedBytes);

/// Where in its block a secret lies: `{"at": first byte, "len": bytes}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct SecretReference {
    /// The first byte, from 0.
    pub at: u64,
    /// How many bytes of UTF-8.
    pub len: u64,
}

impl SecretBlock {
    /// Copies a block; wiping the source is up to the caller.
    pub fn copy_of(bytes: &[u8]) -> Self {
        Self(LockedBytes::concat(&[bytes]))
    }

    /// The secret that a request refers to.
    pub fn resolve(&self, reference: SecretReference) -> Result<SecretText, BadRequest> {
        let SecretReference { at, len } = reference;
        let block = self.0.as_slice();
        let outside = || BadRequest::SecretOutside { at, len, block: block.len() };
        let start = usize::try_from(at).map_err(|_too_large| outside())?;
        let len = usize::try_from(len).map_err(|_too_large| outside())?;
        let end = start.checked_add(len).ok_or_else(outside)?;
        let bytes = block.get(start..end).ok_or_else(outside)?;
        SecretText::from_bytes(bytes).map_err(|_not_text| BadRequest::SecretNotUtf8)
    }
}

/// By hand for one case: who sends a secret's text where a reference belongs must not find it in the error.
impl<'de> Deserialize<'de> for SecretReference {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ReferenceVisitor)
    }
}

struct ReferenceVisitor;

impl<'de> Visitor<'de> for ReferenceVisitor {
    type Value = SecretReference;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a reference into the secrets block, {\"at\": n, \"len\": n}")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<SecretReference, A::Error> {
        SecretReference::deserialize(MapAccessDeserializer::new(map))
    }

    fn visit_str<E: de::Error>(self, _text: &str) -> Result<SecretReference, E> {
        Err(E::invalid_type(de::Unexpected::Other("text"), &self))
    }
}

impl fmt::Debug for SecretBlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretBlock(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(at: u64, len: u64) -> Result<String, BadRequest> {
        let block = SecretBlock::copy_of("abcdé".as_bytes());
        let secret = block.resolve(SecretReference { at, len })?;
        Ok(secret.expose().to_owned())
    }

    #[test]
    fn a_reference_gives_its_part_of_the_block() {
        assert!(matches!(resolve(1, 2).as_deref(), Ok("bc")));
        assert!(matches!(resolve(4, 2).as_deref(), Ok("é")));
        assert!(matches!(resolve(6, 0).as_deref(), Ok("")));
    }

    #[test]
    fn a_reference_outside_of_the_block_is_refused() {
        for (at, len) in [(0, 7), (6, 1), (7, 0), (u64::MAX, 1), (1, u64::MAX)] {
            let refused = resolve(at, len);
            assert!(matches!(refused, Err(BadRequest::SecretOutside { .. })), "{at} {len}");
        }
    }

    #[test]
    fn half_a_character_is_no_secret() {
        assert!(matches!(resolve(4, 1), Err(BadRequest::SecretNotUtf8)));
    }
}
