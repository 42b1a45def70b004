//! Why a script gives no result.

use std::fmt;
use std::time::Duration;

use thiserror::Error;

/// A place in a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line, from 1.
    pub line: u32,
    /// The character in it, from 1.
    pub column: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// A place in front of what is said of it, where there is one.
struct At<'a>(&'a Option<Place>);

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |place| write!(f, "{place}: "))
    }
}

/// Why a script gives no result.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ScriptError {
    /// It isn't JavaScript.
    #[error("{}{message}", At(place))]
    Syntax {
        /// Where, as far as the engine says.
        place: Option<Place>,
        /// The engine's words.
        message: String,
    },
    /// It threw something, or asked for something that isn't there.
    #[error("{}{message}", At(place))]
    Thrown {
        /// Where; none for a thrown value that isn't an error.
        place: Option<Place>,
        /// The engine's words, or what was thrown as text.
        message: String,
    },
    /// It ran longer than it may.
    #[error("it ran longer than {} s and was stopped", .0.as_secs_f64())]
    TooLong(Duration),
    /// It needed more memory than it may.
    #[error("it needed more than {} MiB of memory", .0 / (1024 * 1024))]
    TooMuchMemory(usize),
    /// The job was told to stop.
    #[error("it was cancelled")]
    Cancelled,
    /// The engine couldn't be made ready, as with no memory left.
    #[error("the script engine failed: {0}")]
    Engine(String),
}

impl ScriptError {
    /// Where in the script it is, as far as that is known.
    pub fn place(&self) -> Option<Place> {
        match self {
            Self::Syntax { place, .. } | Self::Thrown { place, .. } => *place,
            Self::TooLong(_) | Self::TooMuchMemory(_) | Self::Cancelled | Self::Engine(_) => None,
        }
    }

    /// What is wrong, without the place.
    pub fn message(&self) -> String {
        match self {
            Self::Syntax { message, .. } | Self::Thrown { message, .. } => message.clone(),
            other => other.to_string(),
        }
    }
}
