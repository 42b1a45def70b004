//! The property names and types of the entities served here, and the check of a request body against them.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde_json::{Map, Value};
use uuid::Uuid;

use crate::clock;
use crate::errors::GraphError;

/// A JSON object.
pub(crate) type Object = Map<String, Value>;

#[derive(Debug, Clone, Copy)]
struct Property {
    type_name: &'static str,
    collection: bool,
}

type Properties = HashMap<&'static str, Property>;

static TYPES: LazyLock<HashMap<&'static str, Properties>> = LazyLock::new(|| read(include_str!("schema.txt")));

fn read(text: &'static str) -> HashMap<&'static str, Properties> {
    let mut types: HashMap<&'static str, Properties> = HashMap::new();
    let mut current = "";
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let mut rest = line;
        if let Some((name, properties)) = line.split_once(" = ") {
            current = name;
            rest = properties;
        }
        let properties = rest.split_whitespace().filter_map(|entry| entry.split_once(':'));
        types.entry(current).or_default().extend(properties.map(|(name, shape)| (name, property(shape))));
    }
    types
}

fn property(shape: &'static str) -> Property {
    match shape.strip_prefix('[').and_then(|shape| shape.strip_suffix(']')) {
        Some(type_name) => Property { type_name, collection: true },
        None => Property { type_name: shape, collection: false },
    }
}

/// Whether the entity type has a property of that name.
pub(crate) fn has(entity: &str, property: &str) -> bool {
    TYPES.get(entity).is_some_and(|properties| properties.contains_key(property))
}

/// How a property without a value reads: an empty list for a collection, otherwise null.
pub(crate) fn absent(entity: &str, property: &str) -> Value {
    let known = TYPES.get(entity).and_then(|properties| properties.get(property));
    if known.is_some_and(|property| property.collection) { Value::Array(Vec::new()) } else { Value::Null }
}

/// Checks names and JSON types of a body for an entity or complex type; annotations (`@odata.type`) pass.
pub(crate) fn check(entity: &str, body: &Object) -> Result<(), GraphError> {
    let Some(properties) = TYPES.get(entity) else { return Ok(()) };
    for (name, value) in body.iter().filter(|(name, _)| !name.contains('@')) {
        // Assumption: an unknown property is refused with these words; open types take extension properties only.
        let property =
            properties.get(name.as_str()).ok_or_else(|| GraphError::refused(format!("Invalid property '{name}'.")))?;
        check_property(entity, name, *property, value)?;
    }
    Ok(())
}

fn check_property(entity: &str, name: &str, property: Property, value: &Value) -> Result<(), GraphError> {
    if value.is_null() {
        return Ok(());
    }
    if !property.collection {
        return check_value(entity, name, property.type_name, value);
    }
    let items = value.as_array().ok_or_else(|| wrong_type(entity, name))?;
    items.iter().try_for_each(|item| check_value(entity, name, property.type_name, item))
}

fn check_value(entity: &str, name: &str, type_name: &str, value: &Value) -> Result<(), GraphError> {
    let fits = match type_name {
        "Boolean" => value.is_boolean(),
        "Int32" => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
        "DateTimeOffset" => value.as_str().is_some_and(|text| clock::parse(text).is_some()),
        "Guid" => value.as_str().is_some_and(|text| Uuid::try_parse(text).is_ok()),
        "String" | "enum" | "Binary" | "Duration" | "Stream" | "Date" => value.is_string(),
        complex => return check_complex(entity, name, complex, value),
    };
    if fits { Ok(()) } else { Err(wrong_type(entity, name)) }
}

fn check_complex(entity: &str, name: &str, type_name: &str, value: &Value) -> Result<(), GraphError> {
    let object = value.as_object().ok_or_else(|| wrong_type(entity, name))?;
    check(type_name, object)
}

/// Assumption: Graph names the property as it does for a value out of range.
fn wrong_type(entity: &str, name: &str) -> GraphError {
    GraphError::invalid_value(name, &title(entity)).with_detail("InvalidValue", "property")
}

/// The name of a type as directory errors write it: with a capital.
pub(crate) fn title(entity: &str) -> String {
    let mut characters = entity.chars();
    characters.next().map(|first| first.to_ascii_uppercase().to_string() + characters.as_str()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn refusal(entity: &str, body: &Value) -> Option<String> {
        let empty = Object::new();
        check(entity, body.as_object().unwrap_or(&empty)).err().map(|error| error.message)
    }

    #[test]
    fn nested_types_are_checked() {
        let good = json!({"requiredResourceAccess": [{"resourceAppId": "x", "resourceAccess": []}]});
        assert_eq!(refusal("application", &good), None);
        let bad = json!({"requiredResourceAccess": [{"resourceAppId": "x", "access": []}]});
        assert_eq!(refusal("application", &bad).as_deref(), Some("Invalid property 'access'."));
    }

    #[test]
    fn wrong_types_are_named() {
        let words = refusal("application", &json!({"displayName": 5}));
        assert_eq!(
            words.as_deref(),
            Some("Invalid value specified for property 'displayName' of resource 'Application'.")
        );
    }

    #[test]
    fn every_type_read_has_properties() {
        assert!(TYPES.values().all(|properties| !properties.is_empty()));
        assert!(has("user", "onPremisesSyncEnabled"));
        assert!(!has("user", "nonsense"));
    }
}
