//! The portal's users as pairs of name and value: the objects of a pipeline, and those of JSON.

use super::ReadError;
use super::mapping::{Mapping, Overrides};
use crate::portal_user::PortalUser;

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

    /// One object, of all that it has; `place` counts from 1.
    pub fn user(&mut self, place: u64, pairs: &[(String, String)]) -> Result<PortalUser, ReadError> {
        let same = self.last.headers.iter().eq(pairs.iter().map(|(name, _)| name));
        if !same {
            let names: Vec<String> = pairs.iter().map(|(name, _)| name.trim().to_owned()).collect();
            let is_first = self.mapping.headers.is_empty();
            let of = if is_first { Mapping::of } else { Mapping::where_there };
            self.last = of(&names, &self.overrides).map_err(|error| ReadError::Columns { place, error })?;
            self.mapping.join(&self.last);
        }
        Ok(self.last.user(place, |at| Some(pairs.get(at)?.1.as_str())))
    }
}
