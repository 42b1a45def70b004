//! What a comparison says of one attribute of one user.

use crate::hazards::Holder;

/// How grave it is, gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The user won't be able to sign in.
    LockedOut,
    /// It can't be known, and the reason says why.
    Unknown,
    /// The user signs in, or is written to, by another name.
    Renamed,
    /// Another value is written.
    Changed,
    /// What is written is there already.
    Equal,
}

impl Severity {
    /// All of them, gravest first.
    pub const ALL: [Self; 5] = [Self::LockedOut, Self::Unknown, Self::Renamed, Self::Changed, Self::Equal];

    /// The name in results.
    pub fn name(self) -> &'static str {
        match self {
            Self::LockedOut => "LockedOut",
            Self::Unknown => "Unknown",
            Self::Renamed => "Renamed",
            Self::Changed => "Changed",
            Self::Equal => "Equal",
        }
    }
}

/// One attribute of one user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// How grave it is.
    pub severity: Severity,
    /// Microsoft Graph's name of the attribute, as `userPrincipalName`.
    pub attribute: &'static str,
    /// The value that Microsoft 365 has.
    pub before: Option<String>,
    /// The value that Microsoft 365 will have; none where it has none, and where that isn't known.
    pub after: Option<String>,
    /// Why, in a sentence, with the source of the fact where it is a verdict.
    pub reason: String,
    /// What to do, in a sentence.
    pub advice: Option<String>,
    /// The other objects that the reason speaks of, by id: whoever shows it looks up their names.
    pub concerns: Vec<Holder>,
}
