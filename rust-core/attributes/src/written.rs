//! What Practice Protect will write to an account: from the provisioning script where it says so, and beside it what the portal
//! writes without one. Sources: `docs.cyberark.com`, O365 provisioning ("creation, display name, primary mail/username, Immutable
//! ID"), and the portal's own page, by which without a hybrid set-up only Display Name, Usage Location, Immutable Id, UPN and
//! Account Enabled are synchronized. Whether mail is among what is written without a script, they say differently.

use std::collections::{BTreeMap, BTreeSet};

use crate::portal_user::{DISPLAY_NAME, IMMUTABLE_ID, PortalUser, USERNAME};
use crate::portal_users::Mapping;

/// What becomes of one attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Write {
    /// This value is written.
    Value(String),
    /// Nothing is written: why, in a sentence.
    Nothing(String),
    /// The portal has none for this user: why that is known, in a sentence.
    Missing(String),
    /// It can't be known: why, in a sentence.
    Unknown(String),
}

impl Write {
    /// The value, where one is written.
    pub fn value(&self) -> Option<&str> {
        if let Self::Value(value) = self { Some(value) } else { None }
    }
}

/// What becomes of the attributes that Practice Protect owns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// `displayName`.
    pub display_name: Write,
    /// `usageLocation`.
    pub usage_location: Write,
    /// `onPremisesImmutableId`.
    pub immutable_id: Write,
    /// `userPrincipalName`.
    pub user_principal_name: Write,
    /// `mail`.
    pub mail: Write,
}

/// What a run of the provisioning script over one user came to.
#[derive(Debug, Clone, Copy)]
pub struct Script<'a> {
    /// The properties that it has set on `destination`; null is none.
    pub destination: &'a BTreeMap<String, Option<String>>,
    /// The properties of those whose value hangs on an attribute that no column of the portal's list has. Where the caller can't tell
    /// which, all that aren't the same whatever `source` says.
    pub uncertain: &'a BTreeSet<String>,
    /// Whether it rejected the user, and with which text.
    pub rejected: Option<&'a str>,
}

/// Names of `destination` that documentation of the portal shows, and those that only look as if they were an attribute's.
const DOCUMENTED: [&str; 3] = ["DisplayName", "UsageLocation", "Mail"];

impl Written {
    /// For one user of the portal, whose list has these columns; through a script where there is one.
    pub fn of(user: &PortalUser, columns: &Mapping, script: Option<Script<'_>>) -> Self {
        let plain = Self {
            display_name: column(user, columns, DISPLAY_NAME),
            usage_location: Write::Unknown(NO_SCRIPT.to_owned()),
            immutable_id: column(user, columns, IMMUTABLE_ID),
            user_principal_name: column(user, columns, USERNAME),
            mail: Write::Unknown(NO_SCRIPT.to_owned()),
        };
        match script {
            None => plain,
            Some(Script { rejected: Some(text), .. }) => Self::all(&Write::Nothing(rejected(text))),
            Some(script) => plain.through(script),
        }
    }

    /// Without the portal's users: what a script writes whatever `source` says, and nothing else.
    pub fn constants(constants: Option<&BTreeMap<String, Option<String>>>) -> Self {
        let unknown = Self::all(&Write::Unknown(NO_USERS.to_owned()));
        match constants {
            None => Self { usage_location: Write::Unknown(NO_SCRIPT.to_owned()), ..unknown },
            Some(destination) => {
                let none = BTreeSet::new();
                let constants = Script { destination, uncertain: &none, rejected: None };
                let constant = |names: &[&str]| constants.write(names).unwrap_or(Write::Unknown(NO_USERS.to_owned()));
                Self {
                    display_name: constant(&["DisplayName"]),
                    usage_location: constant(&["UsageLocation"]),
                    mail: constant(&["Mail"]),
                    ..unknown
                }
            }
        }
    }

    fn through(self, script: Script<'_>) -> Self {
        let unset = |name: &str| Write::Unknown(unset(name));
        Self {
            display_name: script.write(&["DisplayName"]).unwrap_or(self.display_name),
            usage_location: script.write(&["UsageLocation"]).unwrap_or_else(|| unset("UsageLocation")),
            immutable_id: script.write(&IMMUTABLE_IDS).unwrap_or(self.immutable_id),
            user_principal_name: script.write(&["UserPrincipalName"]).unwrap_or(self.user_principal_name),
            mail: script.write(&["Mail"]).unwrap_or_else(|| unset("Mail")),
        }
    }

    pub(crate) fn all(write: &Write) -> Self {
        Self {
            display_name: write.clone(),
            usage_location: write.clone(),
            immutable_id: write.clone(),
            user_principal_name: write.clone(),
            mail: write.clone(),
        }
    }
}

const IMMUTABLE_IDS: [&str; 5] =
    ["ImmutableId", "ImmutableID", "OnPremisesImmutableId", "onPremisesImmutableId", "SourceAnchor"];

impl Script<'_> {
    /// What it writes to the first of these names that it has set.
    fn write(&self, names: &[&str]) -> Option<Write> {
        let (name, value) = names.iter().find_map(|name| Some((*name, self.destination.get(*name)?)))?;
        let value = value.as_deref().filter(|value| !value.trim().is_empty());
        Some(if self.uncertain.contains(name) {
            Write::Unknown(format!(
                "The script takes destination.{name} from an attribute that no column of the portal's list has."
            ))
        } else if !DOCUMENTED.contains(&name) {
            Write::Unknown(format!(
                "The script sets destination.{name}{}, and no documentation says that Practice Protect heeds it.",
                value.map(|value| format!(" to '{value}'")).unwrap_or_default()
            ))
        } else if let Some(value) = value {
            Write::Value(value.to_owned())
        } else {
            Write::Unknown(format!(
                "The script sets destination.{name} to nothing; whether Practice Protect then clears it or leaves it is not \
                 documented."
            ))
        })
    }
}

fn column(user: &PortalUser, columns: &Mapping, attribute: &str) -> Write {
    match user.attributes.get(attribute) {
        Some(value) => Write::Value(value.clone()),
        None if columns.has(attribute) => {
            Write::Missing(format!("The portal's list has no {attribute} for this user: the cell is empty."))
        }
        None => Write::Unknown(format!("The portal's list has no column that is {attribute}.")),
    }
}

const NO_SCRIPT: &str = "It comes from the portal's provisioning script, which was not given.";
const NO_USERS: &str = "It comes from the portal's users, who were not given.";

fn rejected(text: &str) -> String {
    let said = if text.trim().is_empty() { String::new() } else { format!(" ('{text}')") };
    format!("The script rejects this user{said}: nothing is written.")
}

fn unset(name: &str) -> String {
    format!("The script doesn't set destination.{name}, and what Practice Protect then writes is not documented.")
}
