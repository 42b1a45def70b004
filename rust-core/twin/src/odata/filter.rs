//! `$filter`: the clauses that directory objects support, and their evaluation.

use std::cmp::Ordering;

use serde_json::Value;

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
    pub(crate) fn passes(&self, object: &Object) -> bool {
        match self {
            Self::And(left, right) => left.passes(object) && right.passes(object),
            Self::Or(left, right) => left.passes(object) || right.passes(object),
            Self::Not(inner) => !inner.passes(object),
            Self::Compare { path, operator, value } => compare(lookup(object, path), *operator, value),
            Self::StartsWith { path, prefix } => folded(lookup(object, path)).starts_with(&prefix.to_lowercase()),
            Self::EndsWith { path, suffix } => folded(lookup(object, path)).ends_with(&suffix.to_lowercase()),
            Self::In { path, values } => values.iter().any(|value| compare(lookup(object, path), Operator::Eq, value)),
            Self::Any { path, inner } => any(lookup(object, path), inner),
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

fn lookup<'a>(object: &'a Object, path: &str) -> &'a Value {
    let mut steps = path.split('/');
    let first = steps.next().and_then(|name| object.get(name)).unwrap_or(&Value::Null);
    steps.fold(first, |value, name| value.get(name).unwrap_or(&Value::Null))
}

fn folded(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_lowercase()
}

fn any(list: &Value, inner: &Filter) -> bool {
    let items = list.as_array().into_iter().flatten();
    items.map(|item| Object::from_iter([(String::new(), item.clone())])).any(|item| inner.passes(&item))
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
