//! What secrets went over the wire, and which addresses were asked for: for tests that look for secrets where they don't
//! belong. Kept only where it is asked for.

use std::fmt;

use serde_json::Value;

use crate::call::{self, Answer, Body, Call};

/// Fields of token requests that nobody else may see. Source: RFC 6749, RFC 7521, RFC 7636 and RFC 8628.
const FORM: [&str; 9] = [
    "assertion",
    "client_assertion",
    "client_secret",
    "code",
    "code_verifier",
    "device_code",
    "password",
    "refresh_token",
    "subject_token",
];

/// Properties of answers and JSON requests, likewise.
const JSON: [&str; 5] = ["access_token", "device_code", "id_token", "refresh_token", "secretText"];

/// Headers that carry nothing but a secret: Azure's of managed identities.
const HEADERS: [&str; 2] = ["secret", "x-identity-header"];

/// What is shorter is no secret, and would be found anywhere.
const SHORTEST: usize = 16;

/// A secret that a client sent or got.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    /// The field, property or header it was in.
    pub kind: String,
    /// Its text.
    pub text: String,
}

impl fmt::Debug for Secret {
    /// Leaves the text out, as every debug print does.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Secret").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// Looks at every request and answer while it is awake.
#[derive(Debug, Default)]
pub(crate) struct Witness {
    pub(crate) awake: bool,
    pub(crate) secrets: Vec<Secret>,
    pub(crate) urls: Vec<String>,
    /// Of token requests the scope and the claims.
    pub(crate) claims: Vec<(String, String)>,
}

impl Witness {
    pub(crate) fn see(&mut self, call: &Call, answer: &Answer) {
        if !self.awake {
            return;
        }
        self.urls.push(format!("{} {}?{}", call.method, call.path, call.query));
        self.headers(call);
        let body = String::from_utf8_lossy(&call.body);
        match serde_json::from_str::<Value>(&body) {
            Ok(body) => self.json(&body),
            Err(_) => self.form(&body),
        }
        match &answer.body {
            Body::Json(body) => self.json(body),
            Body::Ready(bytes) => {
                if let Ok(body) = serde_json::from_slice(bytes) {
                    self.json(&body);
                }
            }
            Body::None | Body::Cut(_) | Body::Text(_) | Body::Html(_) => {}
        }
    }

    fn headers(&mut self, call: &Call) {
        for name in HEADERS {
            self.note(name, call.header(name).unwrap_or_default());
        }
        let (_scheme, secret) = call.header("authorization").and_then(|text| text.split_once(' ')).unwrap_or_default();
        self.note("authorization", secret);
    }

    fn form(&mut self, body: &str) {
        let form = call::pairs(body);
        let field = |name: &str| form.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
        self.claims.extend(field("scope").zip(field("claims")));
        for (name, value) in form {
            if FORM.contains(&name.as_str()) {
                self.note(&name, &value);
            }
        }
    }

    fn json(&mut self, value: &Value) {
        match value {
            Value::Object(object) => {
                for (name, value) in object {
                    match value {
                        Value::String(text) if JSON.contains(&name.as_str()) => self.note(name, text),
                        _ => self.json(value),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.json(item)),
            _ => {}
        }
    }

    /// Each text once.
    fn note(&mut self, kind: &str, text: &str) {
        if text.len() >= SHORTEST && !self.secrets.iter().any(|known| known.text == text) {
            self.secrets.push(Secret { kind: kind.to_owned(), text: text.to_owned() });
        }
    }
}
