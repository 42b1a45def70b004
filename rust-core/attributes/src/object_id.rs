//! An object id in the 16 bytes that it is, not the 36 letters that it is written with.

use std::fmt;

use uuid::Uuid;

/// The object id of a user, group or contact. Source: Microsoft Graph documentation, "directoryObject": a GUID.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId(Uuid);

/// A GUID of 32 hexadecimal digits in five groups.
const LETTERS: usize = 36;

impl ObjectId {
    /// `None` where the text is no GUID of 32 hexadecimal digits in five groups; capitals don't matter.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() == LETTERS { Uuid::try_parse(text).ok().map(Self) } else { None }
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::ObjectId;

    #[test]
    fn a_guid_is_read_and_written_as_the_service_writes_it() {
        let text = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9";
        assert_eq!(ObjectId::parse(&text.to_uppercase()).map(|id| id.to_string()).as_deref(), Some(text));
        for not in [
            "",
            "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
            "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8fg",
            "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f90",
        ] {
            assert_eq!(ObjectId::parse(not), None, "{not}");
        }
    }
}
