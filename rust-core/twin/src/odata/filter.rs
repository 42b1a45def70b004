//! `$filter`: the clauses that directory objects support, and their evaluation.

use std::borrow::Cow;
use std::cmp::Ordering;

use serde_json::Value;

use crate::directory::crowd::Row;
use crate::schema::Object;

/// A parsed filter.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Filter {
    And(Box<Filter>, Box<Filter>),
    Or(Box<Filter>, Box<Filter>),
    Not(Box<Filter>),
    Compare { path: String, operator: Operator, value: Value },
    StartsWith { path: String, prefix: String },
    EndsWith { path: String, suffix: String },
    In { path: String, values: Vec<Value> },
    Any { path: String, inner: Box<Filter> },
}

/// A comparison operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Eq,
    Ne,
    Gt,
    Ge,
    Lt,
    Le,
}

impl Filter {
    /// Whether the object passes.
    pub(crate) fn passes(&self, row: &Row<'_>) -> bool {
        match self {
            Self::And(left, right) => left.passes(row) && right.passes(row),
            Self::Or(left, right) => left.passes(row) || right.passes(row),
            Self::Not(inner) => !inner.passes(row),
            Self::Compare { path, operator, value } => compare(&lookup(row, path), *operator, value),
            Self::StartsWith { path, prefix } => folded(&lookup(row, path)).starts_with(&prefix.to_lowercase()),
            Self::EndsWith { path, suffix } => folded(&lookup(row, path)).ends_with(&suffix.to_lowercase()),
            Self::In { path, values } => {
                let found = lookup(row, path);
                values.iter().any(|value| compare(&found, Operator::Eq, value))
            }
            Self::Any { path, inner } => any(&lookup(row, path), inner),
        }
    }

    /// The one property and the value it must have, where the filter says no more than that.
    pub(crate) fn equals(&self) -> Option<(&str, &Value)> {
        match self {
            Self::Compare { path, operator: Operator::Eq, value } => Some((path, value)),
            _ => None,
        }
    }

    /// The properties the filter looks at.
    pub(crate) fn paths(&self) -> Vec<&str> {
        match self {
            Self::And(left, right) | Self::Or(left, right) => [left.paths(), right.paths()].concat(),
            Self::Not(inner) => inner.paths(),
            Self::Compare { path, .. }
            | Self::StartsWith { path, .. }
            | Self::EndsWith { path, .. }
            | Self::In { path, .. }
            | Self::Any { path, .. } => vec![path],
        }
    }

    /// Whether the filter needs `ConsistencyLevel: eventual` and `$count=true`
    /// (Graph's page on advanced query capabilities: `ne`, `not`, `endsWith`).
    pub(crate) fn is_advanced(&self) -> bool {
        match self {
            Self::And(left, right) | Self::Or(left, right) => left.is_advanced() || right.is_advanced(),
            Self::Not(_) | Self::EndsWith { .. } => true,
            Self::Compare { operator, .. } => *operator == Operator::Ne,
            Self::Any { inner, .. } => inner.is_advanced(),
            Self::StartsWith { .. } | Self::In { .. } => false,
        }
    }
}

fn lookup<'a>(row: &Row<'a>, path: &str) -> Cow<'a, Value> {
    let mut steps = path.split('/');
    let first = steps.next().and_then(|name| row.value(name)).unwrap_or_default();
    steps.fold(first, |value, name| match value {
        Cow::Borrowed(value) => value.get(name).map(Cow::Borrowed).unwrap_or_default(),
        Cow::Owned(mut value) => Cow::Owned(value.get_mut(name).map(Value::take).unwrap_or_default()),
    })
}

fn folded(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_lowercase()
}

fn any(list: &Value, inner: &Filter) -> bool {
    let items = list.as_array().into_iter().flatten();
    items.map(|item| Object::from_iter([(String::new(), item.clone())])).any(|item| inner.passes(&Row::Kept(&item)))
}

/// Texts compare without regard to case, as the directory's do.
fn compare(left: &Value, operator: Operator, right: &Value) -> bool {
    let order = match (left, right) {
        (Value::String(left), Value::String(right)) => Some(left.to_lowercase().cmp(&right.to_lowercase())),
        (Value::Number(left), Value::Number(right)) => left.as_f64().partial_cmp(&right.as_f64()),
        _ => (left == right).then_some(Ordering::Equal),
    };
    match operator {
        Operator::Eq => order == Some(Ordering::Equal),
        Operator::Ne => order != Some(Ordering::Equal),
        Operator::Gt => order == Some(Ordering::Greater),
        Operator::Ge => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
        Operator::Lt => order == Some(Ordering::Less),
        Operator::Le => matches!(order, Some(Ordering::Less | Ordering::Equal)),
    }
}
