//! Text that must not be seen: client secrets and tokens.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, Visitor};
use zeroize::Zeroize;

use crate::locked_memory::LockedBytes;

/// A secret text in memory of its own that is locked, left out of core dumps where the system allows, and zeroed when dropped.
///
/// It has no `Clone`, no `Display` and no `Serialize`: share it by `Arc`, show it never.
pub struct SecretText(LockedBytes);

/// The bytes of a secret are not UTF-8 text. Says nothing about the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the secret is not UTF-8 text")]
pub struct NotText;

impl SecretText {
    /// Copies UTF-8 bytes; wiping the source is up to the caller.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, NotText> {
        std::str::from_utf8(bytes).map_err(|_bytes| NotText)?;
        Ok(Self(LockedBytes::concat(&[bytes])))
    }

    /// Copies a text; wiping the source is up to the caller.
    pub fn from_text(text: &str) -> Self {
        Self(LockedBytes::concat(&[text.as_bytes()]))
    }

    /// Takes a text over and wipes where it was.
    pub fn take(mut text: String) -> Self {
        let secret = Self::from_text(&text);
        text.zeroize();
        secret
    }

    /// The text in clear. Whoever makes a copy of it has to wipe that.
    pub fn expose(&self) -> &str {
        // Every constructor has checked it.
        std::str::from_utf8(self.0.as_slice()).unwrap_or_default()
    }

    /// Whether the text has no characters.
    pub fn is_empty(&self) -> bool {
        self.0.as_slice().is_empty()
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText(..)")
    }
}

/// From an answer of a service. Requests of the C ABI never contain a secret, they refer to one.
impl<'de> Deserialize<'de> for SecretText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(SecretVisitor)
    }
}

struct SecretVisitor;

impl Visitor<'_> for SecretVisitor {
    type Value = SecretText;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<SecretText, E> {
        Ok(SecretText::from_text(text))
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<SecretText, E> {
        Ok(SecretText::take(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type TestResult = Result<(), Box<dyn std::error::Error>>;

    #[test]
    fn a_secret_gives_its_text_and_no_debug_output() -> TestResult {
        let secret = SecretText::from_bytes("schlüssel".as_bytes())?;
        assert_eq!(secret.expose(), "schlüssel");
        assert_eq!(format!("{secret:?}"), "SecretText(..)");
        Ok(())
    }

    #[test]
    fn bytes_that_are_no_text_are_refused() {
        assert_eq!(SecretText::from_bytes(&[0xFF]).err(), Some(NotText));
    }

    #[test]
    fn an_empty_secret_is_empty() {
        assert!(SecretText::from_text("").is_empty());
        assert_eq!(SecretText::from_text("").expose(), "");
    }

    #[test]
    fn a_wrong_type_is_refused_by_name() {
        let refused = serde_json::from_str::<SecretText>("7").err();
        let message = refused.map(|error| error.to_string()).unwrap_or_default();
        assert!(message.contains("expected a text"), "{message}");
    }
}
