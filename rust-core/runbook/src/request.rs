//! Requests of Microsoft Graph as values: what to send, not how.

use serde_json::Value;

/// One request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// HTTP method.
    pub method: &'static str,
    /// Path and query below `/v1.0`, with a slash in front.
    pub path: String,
    /// Headers beside the content type.
    pub headers: &'static [(&'static str, &'static str)],
    /// JSON body.
    pub body: Option<Value>,
    /// Whether of a list its first page is enough.
    pub first_page: bool,
}

impl Request {
    /// A read.
    pub fn get(path: impl Into<String>) -> Self {
        Self { method: "GET", path: path.into(), headers: &[], body: None, first_page: false }
    }

    /// A read that counts. Source: Graph documentation, advanced queries: `$count` with `$filter` needs eventual consistency.
    pub fn count(path: impl Into<String>) -> Self {
        Self { headers: &[("ConsistencyLevel", "eventual")], first_page: true, ..Self::get(path) }
    }

    /// Without a body: a deletion, a restoration.
    pub fn bare(method: &'static str, path: impl Into<String>) -> Self {
        Self { method, ..Self::get(path) }
    }

    /// Makes an application by an alternate key, by which it can't be made twice.
    pub(crate) fn create_if_missing(unique_name: &str, body: Value) -> Self {
        let path = format!("/applications(uniqueName='{unique_name}')");
        Self { headers: &[("Prefer", "create-if-missing")], ..Self::write("PATCH", path, body) }
    }

    /// A write.
    pub fn write(method: &'static str, path: impl Into<String>, body: Value) -> Self {
        Self { method, path: path.into(), headers: &[], body: Some(body), first_page: false }
    }
}
