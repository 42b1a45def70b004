//! The portal's users as pairs of name and value: the objects of a pipeline, and those of JSON.

use serde::Deserialize;

use super::ReadError;
use super::mapping::{Mapping, Overrides};
use crate::portal_user::PortalUser;

/// One name and value of an object.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Pair {
    /// The name.
    pub name: String,
    /// The value, as the cell of a table would have it.
    pub text: String,
    /// What the value is where it isn't one text, as `a list`.
    #[serde(default)]
    pub other: Option<String>,
}

/// Objects, one after the other. The first has to have the columns that the caller named; later ones may leave out what they have nothing
/// for.
#[derive(Debug, Default)]
pub struct Pairs {
    overrides: Overrides,
    /// Of the object that came last.
    last: Mapping,
    /// Of all.
    mapping: Mapping,
}

impl Pairs {
    /// None yet.
    pub fn new(overrides: Overrides) -> Self {
        Self { overrides, ..Self::default() }
    }

    /// Which name is what, in all objects that have come.
    pub fn mapping(&self) -> &Mapping {
        &self.mapping
    }

    /// One object, of all that it has; `place` counts from 1. A value that isn't one text is an error in a column that is looked at by name.
    pub fn user(&mut self, place: u64, pairs: &[Pair]) -> Result<PortalUser, ReadError> {
        let same = self.last.headers.iter().eq(pairs.iter().map(|pair| &pair.name));
        if !same {
            let names: Vec<String> = pairs.iter().map(|pair| pair.name.trim().to_owned()).collect();
            let is_first = self.mapping.headers.is_empty();
            let of = if is_first { Mapping::of } else { Mapping::where_there };
            self.last = of(&names, &self.overrides).map_err(|error| ReadError::Columns { place, error })?;
            self.mapping.join(&self.last);
        }
        for column in &self.last.columns {
            if let Some(kind) = pairs.get(column.at).and_then(|pair| pair.other.clone()) {
                return Err(ReadError::Value { place, column: column.header.clone(), kind });
            }
        }
        Ok(self.last.user(place, |at| Some(pairs.get(at)?.text.as_str())))
    }
}
