//! The provisioning script, as far as the comparison runs it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::output::Output;
use crate::provisioning_script::Given;
use pp_attributes::pairing::Packed;
use pp_attributes::portal_users::Mapping;
use pp_attributes::written::{PROPERTIES, Script as Ran, Write, Written};
use pp_report::error::OpError;
use pp_script::{Assumed, Constants, ENGINE_NOTE, Formula, Kind, Limits, Script, ScriptError, Written as OfScript};

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
    /// Whether it may reject one user and not another.
    may_reject: bool,
    /// What it may set for one user and not for another.
    mentioned: Vec<&'static str>,
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
        // By a formula everybody is written the same properties, and nobody is rejected.
        let may = |name: &str| formula.is_none() && script.mentions(name);
        let (may_reject, mentioned) = (may("reject"), PROPERTIES.into_iter().filter(|name| may(name)).collect());
        let constants = script.constants(Kind::Person);
        Ok(Self { script, constants, assumed, formula, uncertain, may_reject, mentioned })
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
        match self.ran(user.unpacked().attributes, columns) {
            // What a token names the user by is the portal's, whatever the script does.
            Err(why) => {
                let token = Written::of(attribute, columns, None).token;
                Written { token, ..Written::all(&Write::Unknown(why.into())) }
            }
            Ok((ran, uncertain)) => {
                let destination = |name: &str| Some(ran.destination.get(name)?.clone().map(Cow::from));
                let rejected = ran.rejected.as_deref();
                Written::of(
                    attribute,
                    columns,
                    Some(Ran { destination: &destination, uncertain: &uncertain, rejected }),
                )
            }
        }
    }

    /// A run for one user, and what of it may come out otherwise in the portal, with the reason; or why nothing of it is known.
    fn ran(
        &self,
        mut attributes: BTreeMap<String, String>,
        columns: &Mapping,
    ) -> Result<(OfScript, BTreeMap<String, String>), String> {
        let fails = |error: &ScriptError| format!("The provisioning script fails for this user: {error}");
        let ran = self.run(&attributes).map_err(|error| fails(&error))?;
        let mut other = None;
        let why = match self.doubt(&ran, columns) {
            Some(why) => why,
            None if ran.absent.is_empty() => return Ok((ran, BTreeMap::new())),
            // A cell is empty: what comes out the same with an empty text as with null is certain, unless the script asks for more then.
            None => {
                let why = empty(&ran.absent);
                attributes.extend(ran.absent.iter().map(|name| (name.clone(), String::new())));
                let run =
                    self.run(&attributes).map_err(|error| format!("{why} With an empty text: {}", fails(&error)))?;
                other = Some(run).filter(|run| run.absent.is_empty() && self.doubt(run, columns).is_none());
                why
            }
        };
        let is_rejected = ran.rejected.is_some();
        let rejects_the_same = match &other {
            Some(other) => other.rejected.is_some() == is_rejected,
            None => !is_rejected && !self.may_reject,
        };
        if !rejects_the_same {
            return Err(format!("Whether the script rejects this user may come out otherwise in the portal. {why}"));
        }
        let is_uncertain = |name: &&str| match &other {
            Some(other) => !same(&ran, other, name),
            None => ran.destination.contains_key(*name) || self.mentioned.contains(name),
        };
        let names = PROPERTIES.into_iter().filter(|name| !self.constants.certain.contains_key(*name));
        let otherwise = |name: &str| format!("destination.{name} may come out otherwise in the portal. {why}");
        let uncertain = names.filter(is_uncertain).map(|name| (name.to_owned(), otherwise(name))).collect();
        Ok((ran, uncertain))
    }

    fn run(&self, attributes: &BTreeMap<String, String>) -> Result<OfScript, ScriptError> {
        let run = self.script.run_assuming(attributes, &self.assumed, Kind::Person);
        run.error.map_or(Ok(run.written), Err)
    }

    /// Why a run may come out otherwise in the portal, whatever cells are empty: where the script asks for what no column has, or by a name
    /// that is ours, or uses the time or chance.
    fn doubt(&self, ran: &OfScript, columns: &Mapping) -> Option<String> {
        if let Some(attribute) = ran.absent.iter().find(|name| !columns.has(name)) {
            Some(format!("The script asks for source.{attribute}, which no column of the portal's list has."))
        } else if let Some(attribute) = ran.assumed.first() {
            Some(by_assumption(attribute, &self.assumed))
        } else {
            ran.varying.first().map(|varying| format!("The script uses {varying}."))
        }
    }
}

/// Whether two runs have done the same with a property; an empty text is none.
fn same(one: &OfScript, other: &OfScript, name: &str) -> bool {
    let filled = |value: &Option<String>| value.clone().filter(|value| !value.trim().is_empty());
    one.destination.get(name).map(filled) == other.destination.get(name).map(filled)
}

/// Why a run is uncertain that asks for what is empty for the user.
fn empty(absent: &[String]) -> String {
    let names: Vec<String> = absent.iter().map(|name| format!("source.{name}")).collect();
    let are = if names.len() == 1 { "is" } else { "are" };
    format!(
        "The script asks for {}, which {are} empty for this user, and what a script gets then is not documented.",
        names.join(" and ")
    )
}

/// Why a value is uncertain that the script takes from an attribute whose name is ours.
fn by_assumption(attribute: &str, assumed: &Assumed) -> String {
    let header = assumed.get(attribute).map_or("", String::as_str);
    format!(
        "The script asks for source.{attribute}; the portal's list has a column '{header}', and no documentation says that a script gets \
         it by the other name. If you have seen in the portal that it does, say so: -ColumnMap @{{ {attribute} = '{header}' }}."
    )
}
