//! The check of every Graph request against Graph's own description: path, query, headers and body.
//!
//! The description is two files that are not part of this repository: `graph-contract.json`, made from the CSDL of v1.0
//! (microsoftgraph/msgraph-metadata), and `graph-permissions.json`, made from microsoft-graph-devx-content. Where they are
//! absent, the twin's own tables (`schema.txt`, the permission rules) stand alone.

mod body;
mod files;
mod headers;
mod model;
mod walk;

use serde_json::Value;

pub(crate) use files::find;
pub(crate) use model::Model;

use crate::call::Call;
use crate::odata::filter::Filter;
use crate::path;
use model::Type;
use walk::Place;

/// What is wrong with a request, in one sentence; `None` where nothing is.
pub(crate) fn violation(model: &Model, call: &Call, path: &str) -> Option<String> {
    check(model, call, path).err().map(|wrong| format!("{} {}: {wrong}", call.method, call.target()))
}

fn check(model: &Model, call: &Call, path: &str) -> Result<(), String> {
    headers::check(call)?;
    if path == "$batch" {
        // Its items are checked one by one.
        return Ok(());
    }
    let steps = path::steps(path).map_err(|error| error.message)?;
    let place = walk::walk(model, &steps)?;
    check_method(model, &call.method, &place.rule)?;
    check_query(model, call, &place)?;
    check_body(model, call, &place)
}

/// Paths that the permission data has no rule for, with their methods: Graph's pages on deleted items, on the
/// policies assigned to an application, and on addPassword of a service principal.
const MORE_METHODS: [(&str, &[&str]); 4] = [
    ("/directory/deleteditems", &["GET"]),
    ("/directory/deleteditems/{id}", &["GET", "DELETE"]),
    ("/applications/{id}/appmanagementpolicies", &["GET", "POST"]),
    ("/serviceprincipals/{id}/addpassword", &["POST"]),
];

fn check_method(model: &Model, method: &str, path: &str) -> Result<(), String> {
    let ours = MORE_METHODS.iter().find(|(known, _)| *known == path);
    let known = match ours {
        Some((_, methods)) => Some(methods.contains(&method)),
        None => model.has_method(path, method),
    };
    match known {
        Some(true) => Ok(()),
        Some(false) => Err(format!("{path} has no method {method}")),
        None => Err(format!("there is no permission rule for {path}")),
    }
}

fn check_query(model: &Model, call: &Call, place: &Place<'_>) -> Result<(), String> {
    for (name, value) in call.query_pairs() {
        let paths: Vec<String> = match name.as_str() {
            "$select" => value.split(',').map(|name| name.trim().to_owned()).collect(),
            "$expand" => {
                check_expand(model, place, &value)?;
                continue;
            }
            "$orderby" => {
                value.split(',').filter_map(|term| term.split_whitespace().next()).map(str::to_owned).collect()
            }
            // A filter that can't be read is refused by the service itself.
            "$filter" => Filter::parse(&value)
                .map(|filter| filter.paths().into_iter().map(str::to_owned).collect())
                .unwrap_or_default(),
            _ => continue,
        };
        for path in paths {
            if !model.has_path(place.type_name, &path) {
                return Err(format!("{name}: '{}' has no property '{path}'", place.type_name));
            }
        }
    }
    Ok(())
}

fn check_expand(model: &Model, place: &Place<'_>, value: &str) -> Result<(), String> {
    for name in value.split(',') {
        let name = name.split('(').next().unwrap_or_default().trim();
        if model.navigation(place.type_name, name).is_none() && model.knows(place.type_name) {
            return Err(format!("$expand: '{}' has no navigation property '{name}'", place.type_name));
        }
    }
    Ok(())
}

fn check_body(model: &Model, call: &Call, place: &Place<'_>) -> Result<(), String> {
    if matches!(call.method.as_str(), "GET" | "HEAD" | "DELETE") {
        return if call.body.is_empty() { Ok(()) } else { Err(format!("{} must have no body", call.method)) };
    }
    // What is no JSON object is refused by the service itself.
    let Ok(Value::Object(object)) = serde_json::from_slice(&call.body) else { return Ok(()) };
    match place.action {
        Some(action) => body::parameters(model, action, &object),
        None if place.reference => body::reference(&object),
        None => body::object(model, Type::of(place.type_name), &object),
    }
}
