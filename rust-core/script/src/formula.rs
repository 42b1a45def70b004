//! What a script writes that only puts texts and attributes behind one another, as the runbook's does. An engine for each user takes half
//! a millisecond, which of a large tenant is all the time of a comparison: for such a script a run over one user shows what it writes to
//! all.
//!
//! By its text, the script does nothing with what `source` gives but put it into `destination` (`constants`), so that no branch, no
//! loop and no error depends on the user. It is run once for a user each of whose attributes is a mark; where a mark comes out, the attribute
//! stands. A run for another user has to come to what that says.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::constants::decides;
use crate::tokens::tokens;
use crate::{Kind, Script};

/// What such a script writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Formula {
    /// Each property of `destination` that it sets, and to what; null is none.
    properties: BTreeMap<String, Option<Vec<Part>>>,
    /// All attributes that it asks for. A user who lacks one isn't written by the formula: nothing may be a number in an addition.
    asked: Vec<String>,
}

/// A part of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Attribute(String),
}

/// Texts that are longer together may be more than a run may hand out.
const LONGEST: usize = 64 * 1024;

/// What stands around the number of an attribute in its mark: letters of the private use area.
const MARK: [char; 2] = ['\u{F4A0}', '\u{F4A1}'];

/// Names by which a script could have a value looked at on its way into `destination`, by a setter of what all objects have.
const SETTERS: [&str; 6] = ["Object", "Reflect", "prototype", "__proto__", "__defineSetter__", "__defineGetter__"];

/// Whether the text alone says that it does nothing with the user but put attributes behind one another.
fn only_assigns(text: &str) -> bool {
    let is_setter = |word: &str| SETTERS.contains(&word);
    let has_setter = tokens(text).map_or(true, |tokens| tokens.iter().any(|token| is_setter(token.text)));
    !has_setter && decides(text).is_none() && !text.contains(MARK)
}

impl Script {
    /// What it writes for everybody of that kind who has what it asks for; none where only an engine can tell. `names` are those of all
    /// attributes that users have.
    pub fn formula(&self, kind: Kind, names: impl IntoIterator<Item = String>) -> Option<Formula> {
        if !only_assigns(self.text()) {
            return None;
        }
        let asked = self.asked(kind);
        let names: Vec<String> = asked.iter().cloned().chain(names).collect();
        let marked = names.iter().enumerate();
        let marked = marked.map(|(at, name)| (name.clone(), format!("{}{at}{}", MARK[0], MARK[1]))).collect();
        let ran = self.write_for(&marked, kind).ok()?;
        if ran.rejected.is_some() || !ran.varying.is_empty() || !ran.absent.is_empty() {
            return None;
        }
        let property = |(name, value): (String, Option<String>)| match value {
            None => Some((name, None)),
            Some(value) => Some((name, Some(parts(&value, &names)?))),
        };
        let properties = ran.destination.into_iter().map(property).collect::<Option<_>>()?;
        let formula = Formula { properties, asked };
        formula.holds_for(self, kind, &names).then_some(formula)
    }
}

/// A text with marks, cut where they are; none where one is torn.
fn parts(value: &str, names: &[String]) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let mut rest = value;
    while let Some((text, marked)) = rest.split_once(MARK[0]) {
        let (number, behind) = marked.split_once(MARK[1])?;
        let attribute = names.get(number.parse::<usize>().ok()?)?;
        parts.extend([Part::Text(text.to_owned()), Part::Attribute(attribute.clone())]);
        rest = behind;
    }
    parts.push(Part::Text(rest.to_owned()));
    parts.retain(|part| !matches!(part, Part::Text(text) if text.is_empty()));
    Some(parts)
}

impl Formula {
    /// Whether a run for a user of other texts comes to what it says.
    fn holds_for(&self, script: &Script, kind: Kind, names: &[String]) -> bool {
        let user: BTreeMap<String, String> = names.iter().map(|name| (name.clone(), format!("{name} of 1"))).collect();
        let Ok(ran) = script.write_for(&user, kind) else { return false };
        let attribute = |name: &str| user.get(name).map(String::as_str);
        let written = self.properties.keys().map(|name| (name.as_str(), self.write(name, attribute).flatten()));
        let ran = ran.destination.iter().map(|(name, value)| (name.as_str(), value.as_deref().map(Cow::from)));
        self.covers(attribute) && written.eq(ran)
    }

    /// The properties of `destination` that one of these attributes goes into, with the first of them.
    pub fn taking<'n>(&self, attributes: &[&'n str]) -> BTreeMap<String, &'n str> {
        let is_in = |name: &str, parts: &[Part]| {
            parts.iter().any(|part| matches!(part, Part::Attribute(attribute) if attribute == name))
        };
        let of = |parts: &[Part]| attributes.iter().copied().find(|name| is_in(name, parts));
        let properties = self.properties.iter();
        properties.filter_map(|(name, parts)| Some((name.clone(), of(parts.as_deref()?)?))).collect()
    }

    /// Whether what it says holds for the user of these attributes.
    pub fn covers<'a>(&self, attribute: impl Fn(&str) -> Option<&'a str>) -> bool {
        let mut left = LONGEST;
        self.asked.iter().all(|name| {
            let rest = attribute(name).and_then(|text| left.checked_sub(text.len()));
            left = rest.unwrap_or_default();
            rest.is_some()
        })
    }

    /// What it writes to a property of `destination` for the user of these attributes; none of one that it doesn't set.
    pub fn write<'a>(
        &'a self,
        property: &str,
        attribute: impl Fn(&str) -> Option<&'a str>,
    ) -> Option<Option<Cow<'a, str>>> {
        let text = |part: &'a Part| match part {
            Part::Text(text) => text.as_str(),
            Part::Attribute(name) => attribute(name).unwrap_or_default(),
        };
        Some(match self.properties.get(property)?.as_deref() {
            None => None,
            Some([part]) => Some(text(part).into()),
            Some(parts) => Some(parts.iter().map(text).collect::<String>().into()),
        })
    }
}
