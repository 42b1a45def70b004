//! Which column is which attribute: by its name, where that says it beyond doubt, or as the caller says.

use std::collections::BTreeMap;

use thiserror::Error;

use crate::portal_user::{CANONICALIZE_NAME, DISPLAY_NAME, IMMUTABLE_ID, MAIL, OBJECT_ID, PortalUser, USERNAME};

/// The spellings of each attribute, without capitals, spaces, underscores, hyphens and dots. `Name` isn't among them, which is a
/// display name here and a sign-in name there, and nor is `ID`, which in the portal's own answers is the portal's key.
const SPELLINGS: [(&str, &[&str]); 6] = [
    (USERNAME, &["username", "userprincipalname", "upn", "login", "loginname", "signinname"]),
    (
        MAIL,
        &["mail", "email", "emailaddress", "mailaddress", "primaryemail", "primaryemailaddress", "primarysmtpaddress"],
    ),
    (DISPLAY_NAME, &["displayname", "fullname"]),
    (IMMUTABLE_ID, &["immutableid", "onpremisesimmutableid", "sourceanchor"]),
    (OBJECT_ID, &["objectid", "entraobjectid", "azureobjectid", "azureadobjectid", "microsoft365objectid"]),
    (CANONICALIZE_NAME, &["canonicalizename"]),
];

/// Those of them whose names are ours: the portal's documentation has `Username` and `DisplayName` alone, and the runbook's script
/// `CanonicalizeName`. What a script that asks for one of these gets, isn't known.
const OURS: [&str; 3] = [MAIL, IMMUTABLE_ID, OBJECT_ID];

/// The attributes that an account can be found by; a list needs one of them.
const KEYS: [&str; 4] = [OBJECT_ID, IMMUTABLE_ID, USERNAME, MAIL];

/// Those of them that are read without the blanks around them. An immutable ID is written, and a token names a user by it: whether with them is
/// not documented, so they stay.
const TRIMMED: [&str; 3] = [OBJECT_ID, USERNAME, MAIL];

/// What the caller says of the columns, in place of what their names say: pairs of an attribute's name and a column's header. One
/// column may be given for several attributes.
pub type Overrides = Vec<(String, String)>;

/// Why the columns can't be told apart.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MappingError {
    /// A header is there twice.
    #[error("the columns {first} and {second} are both called '{header}': give each column a name of its own")]
    SameHeader {
        /// The header.
        header: String,
        /// Its first place, from 1.
        first: usize,
        /// Its second.
        second: usize,
    },
    /// Two columns are one attribute.
    #[error(
        "the columns '{first}' and '{second}' could both be {attribute}: say which one is, as -ColumnMap @{{ {attribute} = '{first}' }}"
    )]
    TwoColumns {
        /// The attribute.
        attribute: String,
        /// The first header.
        first: String,
        /// The second.
        second: String,
    },
    /// A column that the caller named isn't there.
    #[error("there is no column '{header}', which was given for {attribute}; there are: {there}")]
    NoSuchColumn {
        /// What it was given for.
        attribute: String,
        /// The header.
        header: String,
        /// The headers that there are.
        there: String,
    },
    /// No column tells who a user is.
    #[error(
        "no column says who a user is (ObjectId, ImmutableId, Username or Mail); there are: {there}. Say which one does, as \
         -ColumnMap @{{ Username = '...' }}"
    )]
    NoKey {
        /// The headers that there are.
        there: String,
    },
}

/// One column that is looked at by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The attribute that it is, as a constant of `portal_user`, or the name that the caller gave.
    pub attribute: String,
    /// The column's header.
    pub header: String,
    /// Its place, from 0.
    pub at: usize,
    /// Whether the caller said so.
    pub overridden: bool,
}

/// Which column is what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mapping {
    /// The columns that are an attribute we know, or that the caller named.
    pub columns: Vec<Column>,
    /// All headers, in their order.
    pub headers: Vec<String>,
    /// What a user's attributes are taken from, by their names; of those of one name the last that isn't empty counts.
    sources: Vec<Source>,
}

/// Where an attribute is taken from.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Source {
    attribute: String,
    /// The column's place.
    at: usize,
    /// Whether the blanks around it count for nothing.
    is_key: bool,
}

impl Mapping {
    /// Of a header and what the caller says of it. Every column that the caller names has to be there, and one that tells who a
    /// user is.
    pub fn of(headers: &[String], overrides: &Overrides) -> Result<Self, MappingError> {
        let mapping = Self::where_there(headers, overrides)?;
        for (attribute, header) in overrides {
            if !headers.iter().any(|there| normal(there) == normal(header)) {
                let (attribute, header) = (known(attribute), header.clone());
                return Err(MappingError::NoSuchColumn { attribute, header, there: mapping.there() });
            }
        }
        if mapping.columns.iter().any(|column| KEYS.contains(&column.attribute.as_str())) {
            return Ok(mapping);
        }
        Err(MappingError::NoKey { there: mapping.there() })
    }

    /// Of one of many JSON objects, each of which may leave out what it has nothing for.
    pub(super) fn where_there(headers: &[String], overrides: &Overrides) -> Result<Self, MappingError> {
        distinct(headers)?;
        let mut mapping = Self { columns: Vec::new(), headers: headers.to_vec(), sources: Vec::new() };
        for (attribute, given) in overrides {
            if let Some(at) = headers.iter().position(|header| normal(header) == normal(given)) {
                mapping.add(Column {
                    attribute: known(attribute),
                    header: headers[at].clone(),
                    at,
                    overridden: true,
                })?;
            }
        }
        let named: Vec<usize> = mapping.columns.iter().map(|column| column.at).collect();
        for (attribute, _) in SPELLINGS {
            if !overrides.iter().any(|(given, _)| known(given) == attribute) {
                mapping.spelled(attribute, &named)?;
            }
        }
        mapping.sources = mapping.sources();
        Ok(mapping)
    }

    /// Takes the headers and columns of another object, as far as they aren't there: a list has what any of its objects has.
    pub(super) fn join(&mut self, other: &Self) {
        for header in &other.headers {
            if !self.headers.contains(header) {
                self.headers.push(header.clone());
            }
        }
        for column in &other.columns {
            let is_there = |one: &Column| (&one.attribute, &one.header) == (&column.attribute, &column.header);
            if !self.columns.iter().any(is_there) {
                let at = self.headers.iter().position(|header| *header == column.header).unwrap_or(column.at);
                self.columns.push(Column { at, ..column.clone() });
            }
        }
    }

    fn sources(&self) -> Vec<Source> {
        // A header that only differs by spaces and the like from the attribute that it is would be the same text twice.
        let is_own =
            |header: &str| !header.is_empty() && spelled(header).is_none_or(|known| normal(known) != normal(header));
        let headers = self.headers.iter().enumerate().filter(|(_, header)| is_own(header));
        let headers = headers.map(|(at, header)| Source { attribute: header.clone(), at, is_key: false });
        let columns = self.columns.iter().map(|column| Source {
            attribute: column.attribute.clone(),
            at: column.at,
            is_key: TRIMMED.contains(&column.attribute.as_str()),
        });
        let mut sources: Vec<Source> = headers.chain(columns).collect();
        sources.sort_by(|one, next| one.attribute.cmp(&next.attribute));
        sources
    }

    /// The column whose header spells an attribute; one that the caller named for another only where there is no other.
    fn spelled(&mut self, attribute: &str, named: &[usize]) -> Result<(), MappingError> {
        let headers = self.headers.clone();
        let all = || headers.iter().enumerate().filter(|(_, header)| spelled(header) == Some(attribute));
        let is_free = all().any(|(at, _)| !named.contains(&at));
        for (at, header) in all().filter(|(at, _)| !is_free || !named.contains(at)) {
            self.add(Column { attribute: attribute.to_owned(), header: header.clone(), at, overridden: false })?;
        }
        Ok(())
    }

    fn add(&mut self, column: Column) -> Result<(), MappingError> {
        if let Some(other) = self.columns.iter().find(|other| other.attribute == column.attribute) {
            let (attribute, first, second) = (column.attribute, other.header.clone(), column.header);
            return Err(MappingError::TwoColumns { attribute, first, second });
        }
        self.columns.push(column);
        Ok(())
    }

    /// Whether a column is that attribute, or is called so.
    pub fn has(&self, attribute: &str) -> bool {
        self.columns.iter().any(|column| column.attribute == attribute) || self.headers.iter().any(|it| it == attribute)
    }

    /// The attributes whose names a script is given by assumption alone, each with the header that its column has instead: the name is ours,
    /// and neither the list nor the caller calls the column so.
    pub fn assumed(&self) -> BTreeMap<String, String> {
        let is_assumed = |column: &&Column| {
            OURS.contains(&column.attribute.as_str()) && !column.overridden && !self.headers.contains(&column.attribute)
        };
        let named = |column: &Column| (column.attribute.clone(), column.header.clone());
        self.columns.iter().filter(is_assumed).map(named).collect()
    }

    /// The user whose cells these are, by their places in the order of the headers.
    pub(super) fn user<'c>(&self, place: u64, cell: impl Fn(usize) -> Option<&'c str> + Clone) -> PortalUser {
        let attributes = self.attributes(cell).map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
        PortalUser { place, attributes }
    }

    /// The attributes of that user, in the order of their names.
    pub(super) fn attributes<'c>(
        &self,
        cell: impl Fn(usize) -> Option<&'c str> + Clone,
    ) -> impl Iterator<Item = (&str, &'c str)> + Clone {
        let filled = move |source: &Source| {
            let cell = cell(source.at).filter(|cell| cell.chars().any(|letter| !letter.is_whitespace()))?;
            Some(if source.is_key { cell.trim() } else { cell })
        };
        let of_one_name = self.sources.chunk_by(|one, next| one.attribute == next.attribute);
        of_one_name.filter_map(move |sources| {
            let (first, text) = (sources.first()?, sources.iter().rev().find_map(&filled)?);
            Some((first.attribute.as_str(), text))
        })
    }

    fn there(&self) -> String {
        self.headers.iter().map(|header| format!("'{header}'")).collect::<Vec<_>>().join(", ")
    }
}

fn distinct(headers: &[String]) -> Result<(), MappingError> {
    for (at, header) in headers.iter().enumerate().filter(|(_, header)| !header.is_empty()) {
        if let Some(before) = headers[..at].iter().position(|other| other.eq_ignore_ascii_case(header)) {
            return Err(MappingError::SameHeader { header: header.clone(), first: before + 1, second: at + 1 });
        }
    }
    Ok(())
}

fn normal(text: &str) -> String {
    text.chars().filter(|letter| !matches!(letter, ' ' | '_' | '-' | '.')).flat_map(char::to_lowercase).collect()
}

/// The attribute that a header spells.
fn spelled(header: &str) -> Option<&'static str> {
    let header = normal(header);
    SPELLINGS.iter().find(|(_, spellings)| spellings.contains(&header.as_str())).map(|(attribute, _)| *attribute)
}

/// An attribute as we call it, or as the caller does where we don't know it.
fn known(attribute: &str) -> String {
    spelled(attribute).map_or_else(|| attribute.trim().to_owned(), str::to_owned)
}
