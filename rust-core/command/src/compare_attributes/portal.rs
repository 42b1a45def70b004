//! The portal's users, as they were given.

use std::fs::File;
use std::io::BufReader;

use super::CompareAttributes;
use crate::output::Output;
use pp_attributes::pairing::{Builder, Portal};
use pp_attributes::portal_users::{Mapping, Overrides, Pairs, PortalUsers, ReadError};
use pp_base::cancel::Stoppable;
use pp_report::catalogue as c;
use pp_report::error::OpError;
use pp_words::of_system;

/// The portal's users, and which column is what.
pub(super) struct Given {
    pub(super) users: Portal,
    pub(super) columns: Mapping,
}

impl CompareAttributes {
    /// The portal's users; none where none were given.
    pub(super) fn given(&self, output: &Output) -> Result<Option<Given>, OpError> {
        let overrides: Overrides =
            self.column_map.iter().map(|(attribute, header)| (attribute.clone(), header.clone())).collect();
        match &self.path {
            Some(path) => of_file(path, &overrides, output).map(Some),
            None if self.users.is_empty() => Ok(None),
            None => self.of_pipeline(overrides, output).map(Some),
        }
    }

    fn of_pipeline(&self, overrides: Overrides, output: &Output) -> Result<Given, OpError> {
        let mut pairs = Pairs::new(overrides);
        let mut portal = Builder::default();
        for (place, user) in (1..).zip(&self.users) {
            let user = pairs.user(place, user).map_err(|error| unreadable(&error.to_string()))?;
            if !user.attributes.is_empty() {
                portal.push(&user);
            }
        }
        portal.columns(pairs.mapping());
        tell(pairs.mapping(), output)?;
        let users = portal.finish();
        if users.is_empty() {
            return Err(unreadable("none of the users who came through the pipeline has any value"));
        }
        Ok(Given { users, columns: pairs.mapping().clone() })
    }
}

fn of_file(path: &str, overrides: &Overrides, output: &Output) -> Result<Given, OpError> {
    let of_file = |why: &str| unreadable(&format!("{path}: {why}"));
    let read = |error: ReadError| output.unless_cancelled(of_file(&error.to_string()));
    let file = File::open(path).map_err(|error| of_file(&of_system(&error)))?;
    let file = BufReader::new(Stoppable::new(file, output.cancel()));
    let users = PortalUsers::open(file, overrides).map_err(read)?;
    let mut portal = Builder::default();
    let columns = users.fill(&mut portal).map_err(read)?;
    tell(&columns, output)?;
    Ok(Given { users: portal.finish(), columns })
}

/// Which column was taken for what.
fn tell(mapping: &Mapping, output: &Output) -> Result<(), OpError> {
    let column = |column: &pp_attributes::portal_users::Column| {
        let by = if column.overridden { ", as given" } else { "" };
        format!("{} is column '{}'{by}", column.attribute, column.header)
    };
    let columns: Vec<String> = mapping.columns.iter().map(column).collect();
    Ok(output.choice(&format!("the portal's users: {}", columns.join("; ")))?)
}

fn unreadable(why: &str) -> OpError {
    c::PORTAL_USERS_UNREADABLE.report(why).into()
}
