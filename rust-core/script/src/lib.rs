//! The provisioning script of Practice Protect's portal, which is JavaScript: run in a sandbox ([`Script`]), and merged with the
//! runbook's two lines ([`merge`]). Nothing of a connection, a secret, a file or a network can be reached from here: the crate
//! depends on the attributes alone, and the engine in it is given neither modules nor input or output.
//!
//! Each user is run in an engine of its own, so that nothing one run leaves behind, a changed prototype among it, reaches the next. Of a
//! script that only puts attributes behind one another, a run shows what it writes to all ([`Formula`]).
#![forbid(unsafe_code)]

mod constants;
mod engine;
mod error;
mod formula;
mod host;
pub mod known;
pub mod merge;
mod script;
mod tokens;

use std::collections::BTreeMap;

pub use constants::Constants;
pub use error::{Place, ScriptError};
pub use formula::Formula;
pub use script::{Limits, Run, Script};

/// What no result may be read without.
pub const ENGINE_NOTE: &str = "Run by QuickJS on this machine. The portal's own engine and what it offers to a script are not \
    documented: it may do some of this differently.";

/// What the portal runs a script for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `isPerson()` is true.
    Person,
    /// `isGroup()` is true.
    Group,
}

/// Attributes of a user that have their names by assumption alone, each with the name that the portal's list has instead. A script is given
/// them; that it asked is remembered.
pub type Assumed = BTreeMap<String, String>;

/// What a script wrote for one user.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// The properties of `destination`, by the name that the script gave them; null is none.
    pub destination: BTreeMap<String, Option<String>>,
    /// What it gave to `addToStringList`, by the list's name.
    pub lists: BTreeMap<String, Vec<String>>,
    /// What it gave to `trace`.
    pub trace: Vec<String>,
    /// Whether it rejected the user, and with which text.
    pub rejected: Option<String>,
    /// What it asked `source` for, or wrote to `destination`, that no documentation knows, with the name that may have been meant.
    pub undocumented: Vec<String>,
    /// What it asked `source` for that this user doesn't have.
    pub absent: Vec<String>,
    /// What it asked `source` for by a name that is only assumed ([`Assumed`]).
    pub assumed: Vec<String>,
    /// What it used that gives another result another time: `Date`, `Math.random`.
    pub varying: Vec<String>,
}
