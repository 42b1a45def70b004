//! The provisioning script, as far as the comparison runs it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::output::Output;
use crate::provisioning_script::Given;
use pp_attributes::pairing::Packed;
use pp_attributes::portal_users::Mapping;
use pp_attributes::written::{Script as Ran, Write, Written};
use pp_report::error::OpError;
use pp_script::{Constants, ENGINE_NOTE, Formula, Kind, Limits, Script, Written as OfScript};

/// A script, and what it writes whoever the user is.
pub(super) struct Prepared {
    script: Script,
    constants: Constants,
    /// What it writes to each user, where that shows without a run for each.
    formula: Option<Formula>,
}

impl Prepared {
    /// `columns` are those of the portal's users, where they were given.
    pub(super) fn new(given: &Given, columns: Option<&Mapping>, output: &Output) -> Result<Self, OpError> {
        let script = given.compile(Limits::default(), output)?;
        output.verbose(ENGINE_NOTE)?;
        let attributes = |columns: &Mapping| {
            let mapped = columns.columns.iter().map(|column| column.attribute.clone());
            mapped.chain(columns.headers.iter().cloned()).collect::<Vec<_>>()
        };
        let formula = columns.map(attributes).and_then(|names| script.formula(Kind::Person, names));
        Ok(Self { constants: script.constants(Kind::Person), script, formula })
    }

    /// What it writes whoever the user is.
    pub(super) fn constants(&self) -> &BTreeMap<String, Option<String>> {
        &self.constants.certain
    }

    /// What is written for one user of the portal.
    pub(super) fn written<'a>(&'a self, user: &'a Packed<'_>, columns: &Mapping) -> Written<'a> {
        let attribute = |name: &str| user.attribute(name);
        if let Some(formula) = self.formula.as_ref().filter(|formula| formula.covers(attribute)) {
            let (none, destination) = (BTreeSet::new(), |name: &str| formula.write(name, attribute));
            let ran = Ran { destination: &destination, uncertain: &none, rejected: None };
            return Written::of(attribute, columns, Some(ran));
        }
        match self.script.write_for(&user.unpacked().attributes, Kind::Person) {
            Ok(ran) => {
                let (uncertain, rejected) = (self.uncertain(&ran, columns), ran.rejected.as_deref());
                let destination = |name: &str| Some(ran.destination.get(name)?.clone().map(Cow::from));
                Written::of(
                    attribute,
                    columns,
                    Some(Ran { destination: &destination, uncertain: &uncertain, rejected }),
                )
            }
            Err(error) => {
                Written::all(&Write::Unknown(format!("The provisioning script fails for this user: {error}").into()))
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
