//! A user of Practice Protect's portal, as an export of it has one.

use std::collections::BTreeMap;

/// The name to sign in with. Source of the name: the portal's own columns, `Select ID, Username, DisplayName, Email from User`
/// (`cyberark/idsec-sdk-golang`).
pub const USERNAME: &str = "Username";
/// The mail address. The portal's query calls it `Email`, a script's `destination` `Mail`.
pub const MAIL: &str = "Mail";
/// The display name.
pub const DISPLAY_NAME: &str = "DisplayName";
/// The immutable ID.
pub const IMMUTABLE_ID: &str = "ImmutableId";
/// The object id of the account in Microsoft 365.
pub const OBJECT_ID: &str = "ObjectId";
/// What the runbook's script takes the mail address from. No public documentation of the portal knows it.
pub const CANONICALIZE_NAME: &str = "CanonicalizeName";

/// One user of the portal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PortalUser {
    /// Which of the file's users it is, from 1: for a CSV the line that it begins on, for JSON its place in the list.
    pub place: u64,
    /// Its attributes by the names that a provisioning script knows them by (`source.Get(name)`), after the columns were mapped: those of
    /// this module's constants, and every column by its own header as well. A cell that is empty isn't here.
    pub attributes: BTreeMap<String, String>,
}
