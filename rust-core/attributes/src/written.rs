//! What Practice Protect will write to an account: from the provisioning script where it says so, and beside it what the portal
//! writes without one. Sources: `docs.cyberark.com`, O365 provisioning ("creation, display name, primary mail/username, Immutable
//! ID"), and the portal's own page, by which without a hybrid set-up only Display Name, Usage Location, Immutable Id, UPN and
//! Account Enabled are synchronized. Whether mail is among what is written without a script, they say differently.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use crate::portal_user::{DISPLAY_NAME, IMMUTABLE_ID, USERNAME};
use crate::portal_users::Mapping;

/// What becomes of one attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Write<'a> {
    /// This value is written.
    Value(Cow<'a, str>),
    /// Nothing is written: why, in a sentence.
    Nothing(Cow<'a, str>),
    /// The portal has none for this user: why that is known, in a sentence.
    Missing(Cow<'a, str>),
    /// It can't be known: why, in a sentence.
    Unknown(Cow<'a, str>),
}

impl Write<'_> {
    /// The value, where one is written.
    pub fn value(&self) -> Option<&str> {
        if let Self::Value(value) = self { Some(value) } else { None }
    }
}

/// What becomes of the attributes that Practice Protect owns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written<'a> {
    /// `displayName`.
    pub display_name: Write<'a>,
    /// `usageLocation`.
    pub usage_location: Write<'a>,
    /// `onPremisesImmutableId`.
    pub immutable_id: Write<'a>,
    /// `userPrincipalName`.
    pub user_principal_name: Write<'a>,
    /// `mail`.
    pub mail: Write<'a>,
    /// The immutable ID that a token names the user by: the portal's, also where it isn't written.
    pub token: Write<'a>,
}

/// A property of `destination`, by its name, where the script has set it: to a value, or to null.
pub type Destination<'f, 'a> = &'f dyn Fn(&str) -> Option<Option<Cow<'a, str>>>;

/// What a run of the provisioning script over one user came to.
#[derive(Clone, Copy)]
pub struct Script<'f, 'a> {
    /// What it has set.
    pub destination: Destination<'f, 'a>,
    /// The properties whose value may be another in the portal, or that may be set there alone, as where that hangs on an attribute that no
    /// column of the portal's list has, with a sentence that says why. Where the caller can't tell which, all that aren't the same whatever
    /// `source` says.
    pub uncertain: &'f BTreeMap<String, String>,
    /// Whether it rejected the user, and with which text.
    pub rejected: Option<&'f str>,
}

impl fmt::Debug for Script<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Script")
            .field("uncertain", self.uncertain)
            .field("rejected", &self.rejected)
            .finish_non_exhaustive()
    }
}

/// Names of `destination` that documentation of the portal shows, and those that only look as if they were an attribute's.
const DOCUMENTED: [&str; 3] = ["DisplayName", "UsageLocation", "Mail"];

impl<'a> Written<'a> {
    /// For one user of the portal, whose attributes are given by name, and whose list has these columns; through a script where there is one.
    pub fn of(user: impl Fn(&str) -> Option<&'a str>, columns: &Mapping, script: Option<Script<'_, 'a>>) -> Self {
        let column = |attribute| column(user(attribute), columns, attribute);
        let plain = Self {
            display_name: column(DISPLAY_NAME),
            usage_location: Write::Unknown(NO_SCRIPT.into()),
            immutable_id: column(IMMUTABLE_ID),
            user_principal_name: column(USERNAME),
            mail: Write::Unknown(NO_SCRIPT.into()),
            token: column(IMMUTABLE_ID),
        };
        match script {
            None => plain,
            Some(Script { rejected: Some(text), .. }) => {
                Self { token: plain.token, ..Self::all(&Write::Nothing(rejected(text).into())) }
            }
            Some(script) => plain.through(script),
        }
    }

    /// Without the portal's users: what a script writes whatever `source` says, and nothing else.
    pub fn constants(constants: Option<&'a BTreeMap<String, Option<String>>>) -> Self {
        let unknown = Self::all(&Write::Unknown(NO_USERS.into()));
        match constants {
            None => Self { usage_location: Write::Unknown(NO_SCRIPT.into()), ..unknown },
            Some(destination) => {
                let (none, set) =
                    (BTreeMap::new(), |name: &str| Some(destination.get(name)?.as_deref().map(Cow::from)));
                let constants = Script { destination: &set, uncertain: &none, rejected: None };
                let constant = |names: &[&str]| constants.write(names).unwrap_or(Write::Unknown(NO_USERS.into()));
                Self {
                    display_name: constant(&["DisplayName"]),
                    usage_location: constant(&["UsageLocation"]),
                    mail: constant(&["Mail"]),
                    ..unknown
                }
            }
        }
    }

    fn through(self, script: Script<'_, 'a>) -> Self {
        let unset = |name: &str| Write::Unknown(unset(name).into());
        Self {
            display_name: script.write(&["DisplayName"]).unwrap_or(self.display_name),
            usage_location: script.write(&["UsageLocation"]).unwrap_or_else(|| unset("UsageLocation")),
            immutable_id: script.write(IMMUTABLE_IDS).unwrap_or(self.immutable_id),
            user_principal_name: script.write(&["UserPrincipalName"]).unwrap_or(self.user_principal_name),
            mail: script.write(&["Mail"]).unwrap_or_else(|| unset("Mail")),
            token: self.token,
        }
    }

    /// The same of each.
    pub fn all(write: &Write<'a>) -> Self {
        Self {
            display_name: write.clone(),
            usage_location: write.clone(),
            immutable_id: write.clone(),
            user_principal_name: write.clone(),
            mail: write.clone(),
            token: write.clone(),
        }
    }
}

/// The properties of `destination` that are looked at.
pub const PROPERTIES: [&str; 9] = [
    "DisplayName",
    "UsageLocation",
    "UserPrincipalName",
    "Mail",
    "ImmutableId",
    "ImmutableID",
    "OnPremisesImmutableId",
    "onPremisesImmutableId",
    "SourceAnchor",
];

const IMMUTABLE_IDS: &[&str] = PROPERTIES.split_at(4).1;

impl<'a> Script<'_, 'a> {
    /// What it writes to the first of these names that it has set.
    fn write(&self, names: &[&str]) -> Option<Write<'a>> {
        if let Some(why) = names.iter().find_map(|name| self.uncertain.get(*name)) {
            return Some(Write::Unknown(why.clone().into()));
        }
        let (name, value) = names.iter().find_map(|name| Some((*name, (self.destination)(name)?)))?;
        let value = value.filter(|value| !value.trim().is_empty());
        Some(if !DOCUMENTED.contains(&name) {
            let to = value.map(|value| format!(" to '{value}'")).unwrap_or_default();
            let said = format!(
                "The script sets destination.{name}{to}, and no documentation says that Practice Protect heeds it."
            );
            Write::Unknown(said.into())
        } else if let Some(value) = value {
            Write::Value(value)
        } else {
            let said = format!(
                "The script sets destination.{name} to nothing; whether Practice Protect then clears it or leaves it is not \
                 documented."
            );
            Write::Unknown(said.into())
        })
    }
}

fn column<'a>(value: Option<&'a str>, columns: &Mapping, attribute: &str) -> Write<'a> {
    match value {
        Some(value) => Write::Value(value.into()),
        None if columns.has(attribute) => {
            Write::Missing(format!("The portal's list has no {attribute} for this user: the cell is empty.").into())
        }
        None => Write::Unknown(format!("The portal's list has no column that is {attribute}.").into()),
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
