//! The way of a path through Graph's description.

use serde_json::Value;

use super::model::Model;
use crate::path::{Key, Step};

/// Where a path leads.
#[derive(Debug, Clone, Default)]
pub(super) struct Place<'a> {
    /// The type of what is there, or of its items.
    pub(super) type_name: &'a str,
    collection: bool,
    pub(super) action: Option<&'a Value>,
    /// Whether it is `$ref`, the links themselves.
    pub(super) reference: bool,
    /// Whether it is `$count`, the number of the items.
    count: bool,
    /// The path as the permission rules write it: in lower case, `{id}` for keys, without casts, `$count` and `$ref`.
    pub(super) rule: String,
}

impl<'a> Place<'a> {
    fn is_end(&self) -> bool {
        self.action.is_some() || self.reference || self.count || self.type_name.starts_with("Edm.")
    }

    fn named(mut self, segment: &str) -> Self {
        self.rule.push('/');
        self.rule.push_str(&segment.to_ascii_lowercase());
        self
    }

    fn with_key(mut self) -> Self {
        self.rule.push_str("/{id}");
        Self { collection: false, ..self }
    }

    fn at_operation(self, segment: &str, operation: &'a Value) -> Self {
        Self { action: Some(operation), ..self.named(segment) }
    }
}

/// Follows a path; the error says where it leaves the description.
pub(super) fn walk<'a>(model: &'a Model, steps: &[Step]) -> Result<Place<'a>, String> {
    let Some((Step::Segment(name), steps)) = steps.split_first() else { return Err("the path is empty".to_owned()) };
    let entry = model.entry(name).ok_or_else(|| format!("there is no entry point '{name}'"))?;
    let start = Place { type_name: entry.name, collection: entry.collection, ..Place::default() };
    steps.iter().try_fold(start.named(name), |place, step| {
        if place.is_end() {
            return Err(format!("the path goes on behind what is of the type '{}'", place.type_name));
        }
        if place.collection { in_collection(model, place, step) } else { in_entity(model, place, step) }
    })
}

fn in_collection<'a>(model: &'a Model, place: Place<'a>, step: &Step) -> Result<Place<'a>, String> {
    let segment = match step {
        Step::Key(Key::Alternate { name, .. }) if !model.is_alternate_key(place.type_name, name) => {
            return Err(format!("'{name}' is no alternate key of '{}'", place.type_name));
        }
        Step::Key(_) => return Ok(place.with_key()),
        Step::Segment(segment) => segment.as_str(),
    };
    if let Some(operation) = model.operation(place.type_name, segment, true) {
        return Ok(place.at_operation(segment, operation));
    }
    match segment {
        "$count" => Ok(Place { count: true, ..place }),
        "$ref" => Ok(Place { reference: true, ..place }),
        _ => match segment.strip_prefix("microsoft.graph.") {
            Some(name) => cast(model, place, name),
            None => Ok(place.with_key()),
        },
    }
}

/// Narrows a collection to a type, such as `microsoft.graph.application`.
fn cast<'a>(model: &'a Model, place: Place<'a>, name: &str) -> Result<Place<'a>, String> {
    match model.type_named(name).filter(|name| model.derives(name, place.type_name)) {
        Some(name) => Ok(Place { type_name: name, ..place }),
        None => Err(format!("'{name}' is no type that derives from '{}'", place.type_name)),
    }
}

fn in_entity<'a>(model: &'a Model, place: Place<'a>, step: &Step) -> Result<Place<'a>, String> {
    let Step::Segment(segment) = step else {
        return Err(format!("'{}' is no collection: it takes no key", place.type_name));
    };
    let type_name = place.type_name;
    if let Some(found) = model.navigation(type_name, segment).or_else(|| model.property(type_name, segment)) {
        return Ok(Place { type_name: found.name, collection: found.collection, ..place.named(segment) });
    }
    if let Some(operation) = model.operation(type_name, segment, false) {
        return Ok(place.at_operation(segment, operation));
    }
    if segment == "$ref" {
        return Ok(Place { reference: true, ..place });
    }
    // Of a type that is not described no rule says what it has.
    if model.knows(type_name) {
        Err(format!("'{type_name}' has no segment '{segment}'"))
    } else {
        Ok(place.named(segment))
    }
}
