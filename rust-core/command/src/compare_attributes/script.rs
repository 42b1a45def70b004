//! The provisioning script, as far as the comparison runs it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::output::Output;
use crate::provisioning_script::Given;
use pp_attributes::pairing::Packed;
use pp_attributes::portal_users::Mapping;
use pp_attributes::written::{Script as Ran, Write, Written};
use pp_report::error::OpError;
use pp_script::{Assumed, Constants, ENGINE_NOTE, Formula, Kind, Limits, Script, Written as OfScript};

/// A script, and what it writes whoever the user is.
pub(super) struct Prepared {
    script: Script,
    constants: Constants,
    /// The attributes of the portal's users whose names are ours.
    assumed: Assumed,
    /// What it writes to each user, where that shows without a run for each.
    formula: Option<Formula>,
    /// What of that may be another value in the portal, and why.
    uncertain: BTreeMap<String, String>,
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
        let assumed = columns.map(Mapping::assumed).unwrap_or_default();
        let ours: Vec<&str> = assumed.keys().map(String::as_str).collect();
        let taking = formula.iter().flat_map(|formula| formula.taking(&ours));
        let uncertain = taking.map(|(name, attribute)| (name, by_assumption(attribute, &assumed))).collect();
        Ok(Self { constants: script.constants(Kind::Person), script, assumed, formula, uncertain })
    }

    /// What it writes whoever the user is.
    pub(super) fn constants(&self) -> &BTreeMap<String, Option<String>> {
        &self.constants.certain
    }

    /// What is written for one user of the portal.
    pub(super) fn written<'a>(&'a self, user: &'a Packed<'_>, columns: &Mapping) -> Written<'a> {
        let attribute = |name: &str| user.attribute(name);
        if let Some(formula) = self.formula.as_ref().filter(|formula| formula.covers(attribute)) {
            let destination = |name: &str| formula.write(name, attribute);
            let ran = Ran { destination: &destination, uncertain: &self.uncertain, rejected: None };
            return Written::of(attribute, columns, Some(ran));
        }
        let run = self.script.run_assuming(&user.unpacked().attributes, &self.assumed, Kind::Person);
        if let Some(error) = run.error {
            let why = format!("The provisioning script fails for this user: {error}");
            return Written::all(&Write::Unknown(why.into()));
        }
        let ran = run.written;
        let (uncertain, rejected) = (self.uncertain(&ran, columns), ran.rejected.as_deref());
        let destination = |name: &str| Some(ran.destination.get(name)?.clone().map(Cow::from));
        let ran = Ran { destination: &destination, uncertain: &uncertain, rejected };
        Written::of(attribute, columns, Some(ran))
    }

    /// What may come out otherwise in the portal, and why: where the script asks for what no column has, or by a name that is ours, or uses
    /// the time or chance, all that isn't the same for everybody.
    fn uncertain(&self, ran: &OfScript, columns: &Mapping) -> BTreeMap<String, String> {
        let has = |name: &String| columns.has(name) || columns.headers.iter().any(|header| header == name);
        let why = |name: &str| {
            if !ran.absent.iter().all(has) {
                Some(format!(
                    "The script takes destination.{name} from an attribute that no column of the portal's list has."
                ))
            } else if let Some(attribute) = ran.assumed.first() {
                Some(by_assumption(attribute, &self.assumed))
            } else {
                let varying = ran.varying.first()?;
                Some(format!("The script uses {varying}: destination.{name} may come out otherwise in the portal."))
            }
        };
        let names = ran.destination.keys().filter(|name| !self.constants.certain.contains_key(*name));
        names.filter_map(|name| Some((name.clone(), why(name)?))).collect()
    }
}

/// Why a value is uncertain that the script takes from an attribute whose name is ours.
fn by_assumption(attribute: &str, assumed: &Assumed) -> String {
    let header = assumed.get(attribute).map_or("", String::as_str);
    format!(
        "The script asks for source.{attribute}; the portal's list has a column '{header}', and no documentation says that a script gets \
         it by the other name. If you have seen in the portal that it does, say so: -ColumnMap @{{ {attribute} = '{header}' }}."
    )
}
