//! The provisioning script of Practice Protect's portal, which is JavaScript. Nothing of a connection, a secret, a file or a
//! network can be reached from here: the crate depends on the attributes alone.
#![forbid(unsafe_code)]

use std::collections::BTreeMap;

/// What a script wrote for one user.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// The properties of `destination`, by the name that the script gave them; null is none.
    pub destination: BTreeMap<String, Option<String>>,
    /// What it gave to `trace`.
    pub trace: Vec<String>,
    /// Whether it rejected the user, and with which text.
    pub rejected: Option<String>,
    /// What it asked `source` for, or wrote to `destination`, that no documentation knows.
    pub undocumented: Vec<String>,
    /// What it asked `source` for that this user doesn't have.
    pub absent: Vec<String>,
}
