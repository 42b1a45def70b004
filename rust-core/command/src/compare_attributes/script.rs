//! The provisioning script, as far as the comparison runs it.

use std::collections::{BTreeMap, BTreeSet};

use crate::output::Output;
use crate::provisioning_script::Given;
use pp_attributes::portal_user::PortalUser;
use pp_attributes::portal_users::Mapping;
use pp_attributes::written::{Script as Ran, Write, Written};
use pp_report::error::OpError;
use pp_script::{Constants, ENGINE_NOTE, Kind, Limits, Script, Written as OfScript};

/// A script, and what it writes whoever the user is.
pub(super) struct Prepared {
    script: Script,
    constants: Constants,
}

impl Prepared {
    pub(super) fn new(given: &Given, output: &Output) -> Result<Self, OpError> {
        let script = given.compile(Limits::default(), output)?;
        output.verbose(ENGINE_NOTE)?;
        Ok(Self { constants: script.constants(Kind::Person), script })
    }

    /// What it writes whoever the user is.
    pub(super) fn constants(&self) -> &BTreeMap<String, Option<String>> {
        &self.constants.certain
    }

    /// What is written for one user of the portal.
    pub(super) fn written(&self, user: &PortalUser, columns: &Mapping) -> Written {
        match self.script.write_for(&user.attributes, Kind::Person) {
            Ok(ran) => {
                let (uncertain, rejected) = (self.uncertain(&ran, columns), ran.rejected.as_deref());
                Written::of(user, columns, Some(Ran { destination: &ran.destination, uncertain: &uncertain, rejected }))
            }
            Err(error) => {
                let unknown = Write::Unknown(format!("The provisioning script fails for this user: {error}"));
                Written {
                    display_name: unknown.clone(),
                    usage_location: unknown.clone(),
                    immutable_id: unknown.clone(),
                    user_principal_name: unknown.clone(),
                    mail: unknown,
                }
            }
        }
    }

    /// What may come out otherwise in the portal: where the script asks for what no column has, or uses the time or chance, all that
    /// isn't the same for everybody.
    fn uncertain(&self, ran: &OfScript, columns: &Mapping) -> BTreeSet<String> {
        let has = |name: &String| columns.has(name) || columns.headers.iter().any(|header| header == name);
        if ran.varying.is_empty() && ran.absent.iter().all(has) {
            return BTreeSet::new();
        }
        ran.destination.keys().filter(|name| !self.constants.certain.contains_key(*name)).cloned().collect()
    }
}
