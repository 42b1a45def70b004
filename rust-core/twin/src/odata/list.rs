//! Answers of collections and single entities: select, count, pages.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::filter::Filter;
use super::query::{PAGE, Query};
use crate::call::Call;
use crate::directory::PRIVATE;
use crate::directory::crowd::Row;
use crate::errors::GraphError;
use crate::schema;

/// What the answer of a collection depends on besides its rows.
pub(crate) struct Shape<'a> {
    pub(crate) entity: &'a str,
    /// The part of `@odata.context` after `$metadata#`.
    pub(crate) context: &'a str,
    /// Properties that `$filter` may look at.
    pub(crate) filterable: &'a [&'a str],
    /// Properties returned without `$select`; all of them where this is empty.
    pub(crate) default: &'a [&'a str],
}

/// The characters that may stand in a query value.
const QUERY_VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The page of a collection that the request asks for, of the rows that pass, from its beginning on; `count` is asked
/// only where the page says how many there are.
pub(crate) fn page<'a>(
    mut rows: impl Iterator<Item = Row<'a>>,
    count: impl FnOnce() -> usize,
    shape: &Shape<'_>,
    query: &Query,
    call: &Call,
    graph: &str,
) -> Value {
    let shown: Vec<Row<'a>> = rows.by_ref().take(query.top.unwrap_or(PAGE)).collect();
    let more = rows.next().is_some();

    let mut body = json!({ "@odata.context": context(shape, query, graph, false) });
    // Without the header `$count=true` is silently ignored; on later pages the count is absent.
    if query.count && query.eventual && query.skip_token.is_none() {
        body["@odata.count"] = json!(count());
    }
    if let (true, Some(last)) = (more, shown.last()) {
        body["@odata.nextLink"] = json!(next_link(call, graph, &last.id()));
    }
    body["value"] = shown.iter().map(|row| selected(row, shape, query)).collect();
    body
}

/// One entity as the answer of a request.
pub(crate) fn entity(row: &Row<'_>, shape: &Shape<'_>, query: &Query, graph: &str) -> Result<Value, GraphError> {
    check(shape, query)?;
    let mut body = json!({ "@odata.context": context(shape, query, graph, true) });
    if let (Some(body), Value::Object(properties)) = (body.as_object_mut(), selected(row, shape, query)) {
        body.extend(properties);
    }
    Ok(body)
}

/// The refusal of a name in `$select` or `$expand`.
pub(crate) fn unknown_property(name: &str, entity: &str) -> GraphError {
    GraphError::malformed(format!(
        "Parsing OData Select and Expand failed: Could not find a property named '{name}' on type 'microsoft.graph.{entity}'."
    ))
}

/// Whether the type has what the options name.
pub(crate) fn check(shape: &Shape<'_>, query: &Query) -> Result<(), GraphError> {
    let mut selected = query.select.iter().flatten();
    if let Some(name) = selected.find(|name| !schema::has(shape.entity, name)) {
        return Err(unknown_property(name, shape.entity));
    }
    let paths = query.filter.as_ref().map(Filter::paths).unwrap_or_default();
    if let Some(path) = paths.into_iter().find(|path| !shape.filterable.contains(path)) {
        return Err(GraphError::unsupported_query(format!(
            "Unsupported or invalid query filter clause specified for property '{path}' of resource '{}'.",
            schema::title(shape.entity)
        )));
    }
    Ok(())
}

fn context(shape: &Shape<'_>, query: &Query, graph: &str, single: bool) -> String {
    let select = query.select.as_ref().map(|names| format!("({})", names.join(","))).unwrap_or_default();
    let single = if single { "/$entity" } else { "" };
    format!("{graph}/v1.0/$metadata#{}{select}{single}", shape.context)
}

/// What of an object is shown.
pub(crate) fn selected(row: &Row<'_>, shape: &Shape<'_>, query: &Query) -> Value {
    let pick = |name: &str| {
        let value = row.value(name).map(Cow::into_owned);
        (name.to_owned(), value.unwrap_or_else(|| schema::absent(shape.entity, name)))
    };
    let properties = match &query.select {
        Some(names) => names.iter().map(|name| pick(name)).collect(),
        None if !shape.default.is_empty() => shape.default.iter().map(|name| pick(name)).collect(),
        None => row.names().into_iter().filter(|name| !name.starts_with(PRIVATE)).map(pick).collect(),
    };
    Value::Object(properties)
}

fn next_link(call: &Call, graph: &str, last: &str) -> String {
    let token = URL_SAFE_NO_PAD.encode(last);
    let kept = call.query_pairs().into_iter().filter(|(name, _)| name != "$skiptoken");
    let mut options: Vec<String> =
        kept.map(|(name, value)| format!("{name}={}", utf8_percent_encode(&value, QUERY_VALUE))).collect();
    options.push(format!("$skiptoken={token}"));
    format!("{graph}{}?{}", call.path, options.join("&"))
}

/// The id behind which the page begins, from its token; `None` for the first page.
pub(crate) fn after(query: &Query) -> Result<Option<String>, GraphError> {
    let Some(token) = &query.skip_token else { return Ok(None) };
    let bytes = URL_SAFE_NO_PAD.decode(token).ok();
    let last = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    let words = "The specified page token value has expired or is invalid.";
    last.map(Some).ok_or_else(|| GraphError::new(400, "Directory_ExpiredPageToken", words))
}
