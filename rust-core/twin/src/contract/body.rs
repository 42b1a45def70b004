//! Bodies: names and types of properties.

use serde_json::Value;
use uuid::Uuid;

use super::model::{Model, Type};
use crate::clock;
use crate::schema::Object;

/// The parameters of an action.
pub(super) fn parameters(model: &Model, action: &Value, body: &Object) -> Result<(), String> {
    let empty = Object::new();
    let known = action["parameters"].as_object().unwrap_or(&empty);
    let name = &action["name"];
    for (parameter, value) in body.iter().filter(|(parameter, _)| !parameter.contains('@')) {
        let expected = known.get(parameter).ok_or_else(|| format!("{name} has no parameter '{parameter}'"))?;
        check(model, parameter, Type::read(expected), value)?;
    }
    let needed = known.iter().filter(|(_, shape)| shape["nullable"] == Value::Bool(false));
    match needed.map(|(parameter, _)| parameter).find(|parameter| !body.contains_key(*parameter)) {
        Some(missing) => Err(format!("{name} needs the parameter '{missing}'")),
        None => Ok(()),
    }
}

/// The body of `$ref`: the address of what is linked.
pub(super) fn reference(body: &Object) -> Result<(), String> {
    let fits = body.len() == 1 && body.get("@odata.id").is_some_and(Value::is_string);
    if fits { Ok(()) } else { Err("a link is {\"@odata.id\": address}".to_owned()) }
}

/// An entity or complex value.
pub(super) fn object(model: &Model, declared: Type<'_>, body: &Object) -> Result<(), String> {
    let type_name = actual(model, declared.name, body)?;
    if !model.knows(type_name) {
        return Ok(());
    }
    for (name, value) in body {
        if name.contains('@') || name.starts_with("extension_") {
            continue;
        }
        let known = model.property(type_name, name).or_else(|| model.navigation(type_name, name));
        let known = known.ok_or_else(|| format!("'{type_name}' has no property '{name}'"))?;
        check(model, name, known, value)?;
    }
    Ok(())
}

/// The type that `@odata.type` names, which must be the declared one or derive from it.
fn actual<'a>(model: &Model, declared: &'a str, body: &'a Object) -> Result<&'a str, String> {
    let Some(named) = body.get("@odata.type").and_then(Value::as_str) else { return Ok(declared) };
    let name = named.strip_prefix("#microsoft.graph.").ok_or_else(|| format!("'{named}' is no type of Graph"))?;
    if name == declared || !model.knows(declared) || model.derives(name, declared) {
        Ok(name)
    } else {
        Err(format!("'{name}' does not derive from '{declared}'"))
    }
}

fn check(model: &Model, name: &str, expected: Type<'_>, value: &Value) -> Result<(), String> {
    if value.is_null() {
        return if expected.nullable { Ok(()) } else { Err(format!("'{name}' must not be null")) };
    }
    if !expected.collection {
        return check_value(model, name, expected, value);
    }
    let items = value.as_array().ok_or_else(|| format!("'{name}' must be a list"))?;
    items.iter().try_for_each(|item| check(model, name, expected.item(), item))
}

fn check_value(model: &Model, name: &str, expected: Type<'_>, value: &Value) -> Result<(), String> {
    let wrong = || format!("'{name}' must be of the type {}", expected.name);
    if let Some(members) = model.members(expected.name) {
        let known =
            value.as_str().is_some_and(|text| text.split(',').all(|member| members.contains_key(member.trim())));
        return if known { Ok(()) } else { Err(wrong()) };
    }
    let Some(primitive) = expected.name.strip_prefix("Edm.") else {
        let body = value.as_object().ok_or_else(wrong)?;
        return object(model, expected, body);
    };
    if is_primitive(primitive, value) { Ok(()) } else { Err(wrong()) }
}

fn is_primitive(name: &str, value: &Value) -> bool {
    match name {
        "Boolean" => value.is_boolean(),
        "Int32" => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
        "Double" => value.is_number(),
        "DateTimeOffset" => value.as_str().is_some_and(|text| clock::parse(text).is_some()),
        "Duration" => value.as_str().is_some_and(|text| clock::parse_duration(text).is_some()),
        "Guid" => value.as_str().is_some_and(|text| Uuid::try_parse(text).is_ok()),
        _ => value.is_string(),
    }
}
