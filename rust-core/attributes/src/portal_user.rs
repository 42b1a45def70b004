//! A user of Practice Protect's portal, as an export of it has one.

use std::collections::BTreeMap;

/// One user of the portal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PortalUser {
    /// Which of the file's users it is, from 1: for a CSV the line that it begins on, for JSON its place in the list.
    pub place: u64,
    /// Its attributes by the names that a provisioning script knows them by (`source.Get(name)`), after the columns were mapped.
    /// A cell that is empty isn't here.
    pub attributes: BTreeMap<String, String>,
}
