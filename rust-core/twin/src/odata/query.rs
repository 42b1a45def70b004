//! The query options of a request.

use super::filter::Filter;
use crate::call::Call;
use crate::errors::GraphError;

/// Directory objects come 100 a page, 999 at most (Graph's page on paging).
pub(crate) const PAGE: usize = 100;
const LARGEST_PAGE: usize = 999;

/// What one request asks for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Query {
    pub(crate) select: Option<Vec<String>>,
    pub(crate) filter: Option<Filter>,
    pub(crate) expand: Vec<String>,
    pub(crate) top: Option<usize>,
    pub(crate) count: bool,
    pub(crate) skip_token: Option<String>,
    pub(crate) delta_token: Option<String>,
    /// `ConsistencyLevel: eventual` was sent.
    pub(crate) eventual: bool,
}

/// Options that Graph knows; which of them a path takes is for its route to say.
const KNOWN: [&str; 10] =
    ["$select", "$filter", "$expand", "$top", "$count", "$orderby", "$search", "$skip", "$skiptoken", "$deltatoken"];

impl Query {
    /// Reads the options; only those in `allowed` pass.
    pub(crate) fn read(call: &Call, allowed: &[&str]) -> Result<Self, GraphError> {
        let mut query = Self { eventual: eventual(call)?, ..Self::default() };
        let mut seen: Vec<String> = Vec::new();
        for (name, value) in call.query_pairs() {
            check_name(&name, allowed, &seen)?;
            query.set(&name, value)?;
            seen.push(name);
        }
        if query.filter.as_ref().is_some_and(Filter::is_advanced) && !(query.eventual && query.count) {
            // The clause is fine but for the header (Graph's page on advanced query capabilities).
            return Err(GraphError::unsupported_query(
                "The specified filter requires the ConsistencyLevel header to be eventual and $count to be true.",
            ));
        }
        Ok(query)
    }

    fn set(&mut self, name: &str, value: String) -> Result<(), GraphError> {
        match name {
            "$select" => self.select = Some(names(&value)?),
            "$expand" => self.expand = names(&value)?,
            "$filter" => self.filter = Some(filter(&value)?),
            "$top" => self.top = Some(top(&value)?),
            "$count" => self.count = count(&value)?,
            "$deltatoken" => self.delta_token = Some(value),
            _ => self.skip_token = Some(value),
        }
        Ok(())
    }
}

fn check_name(name: &str, allowed: &[&str], seen: &[String]) -> Result<(), GraphError> {
    if seen.iter().any(|earlier| earlier == name) {
        let message =
            format!("Query option '{name}' was specified more than once, but it must be specified at most once.");
        return Err(GraphError::malformed(message));
    }
    if allowed.contains(&name) {
        return Ok(());
    }
    if KNOWN.contains(&name) {
        return Err(GraphError::unsupported_query(format!("The query parameter '{name}' is not supported here.")));
    }
    // Assumption: a name without `$` is refused too; the service may ignore some of those.
    Err(GraphError::malformed(format!("The query parameter '{name}' is not supported.")))
}

fn eventual(call: &Call) -> Result<bool, GraphError> {
    match call.header("consistencylevel") {
        None => Ok(false),
        Some(level) if level.eq_ignore_ascii_case("eventual") => Ok(true),
        Some(level) if level.eq_ignore_ascii_case("session") => Ok(false),
        Some(level) => Err(GraphError::refused(format!("Invalid value '{level}' for the header 'ConsistencyLevel'."))),
    }
}

fn names(value: &str) -> Result<Vec<String>, GraphError> {
    let names: Vec<String> = value.split(',').map(|name| name.trim().to_owned()).collect();
    if names.iter().any(String::is_empty) {
        return Err(GraphError::malformed("Parsing OData Select and Expand failed: Term is empty."));
    }
    Ok(names)
}

fn filter(value: &str) -> Result<Filter, GraphError> {
    Filter::parse(value)
        .map_err(|at| GraphError::malformed(format!("Invalid filter clause: Syntax error at '{at}' in '{value}'.")))
}

fn top(value: &str) -> Result<usize, GraphError> {
    let invalid = || {
        GraphError::refused(format!(
            "Invalid page size specified: '{value}'. Must be between 1 and {LARGEST_PAGE} inclusive."
        ))
    };
    let size: usize = value.parse().map_err(|_| invalid())?;
    if (1..=LARGEST_PAGE).contains(&size) { Ok(size) } else { Err(invalid()) }
}

fn count(value: &str) -> Result<bool, GraphError> {
    match value {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(GraphError::malformed(format!(
            "Invalid value '{value}' for $count query option found. Valid values are 'true' and 'false'."
        ))),
    }
}
