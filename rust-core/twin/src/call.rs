//! A request and its answer, free of the HTTP library, so that a batch can make them too.

use bytes::Bytes;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

/// One request.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// In capitals.
    pub(crate) method: String,
    /// Still percent-encoded, without the query.
    pub(crate) path: String,
    /// Still percent-encoded, without the question mark.
    pub(crate) query: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

impl Call {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The path with the query, as the log shows it; without on the sign-in side, where a client may have put a secret.
    pub(crate) fn target(&self) -> String {
        if self.query.is_empty() || self.path.starts_with("/login") {
            self.path.clone()
        } else {
            format!("{}?{}", self.path, self.query)
        }
    }

    /// Name-value pairs of the query.
    pub(crate) fn query_pairs(&self) -> Vec<(String, String)> {
        pairs(&self.query)
    }
}

/// Name-value pairs of a query or form body; `+` stands for a space.
pub(crate) fn pairs(text: &str) -> Vec<(String, String)> {
    let entries = text.split('&').filter(|entry| !entry.is_empty());
    let split = entries.map(|entry| entry.split_once('=').unwrap_or((entry, "")));
    split.map(|(name, value)| (decoded(&name.replace('+', " ")), decoded(&value.replace('+', " ")))).collect()
}

/// A percent-decoded text; bytes that are no UTF-8 become replacement characters.
pub(crate) fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// One answer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Body,
}

/// The body of an answer.
#[derive(Debug, Clone, Default)]
pub(crate) enum Body {
    #[default]
    None,
    Json(Value),
    /// JSON that was written beforehand.
    Ready(Bytes),
    /// JSON that ends too early.
    Cut(Bytes),
    Text(String),
    Html(String),
}

impl Body {
    /// As it is sent.
    pub(crate) fn bytes(self) -> Bytes {
        match self {
            Self::None => Bytes::new(),
            Self::Text(text) | Self::Html(text) => Bytes::from(text),
            Self::Json(value) => Bytes::from(value.to_string()),
            Self::Ready(bytes) | Self::Cut(bytes) => bytes,
        }
    }
}

impl Answer {
    /// The body, where it is a JSON object.
    pub(crate) fn object(&mut self) -> Option<&mut Map<String, Value>> {
        if let Body::Ready(bytes) = &self.body
            && let Ok(body) = serde_json::from_slice(bytes)
        {
            self.body = Body::Json(body);
        }
        if let Body::Json(Value::Object(body)) = &mut self.body { Some(body) } else { None }
    }

    pub(crate) fn json(status: u16, body: Value) -> Self {
        Self { status, headers: Vec::new(), body: Body::Json(body) }
    }

    pub(crate) fn text(status: u16, body: impl Into<String>) -> Self {
        Self { status, headers: Vec::new(), body: Body::Text(body.into()) }
    }

    pub(crate) fn empty(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }
}
