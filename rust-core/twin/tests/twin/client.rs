//! A small client for the tests: one twin, one token.

use std::sync::OnceLock;
use std::time::Duration;

use reqwest::blocking::{Client as Http, Response};
use serde_json::Value;
use tenant_twin::{Contract, Options, Twin};

pub(crate) const GRAPH_APP: &str = "00000003-0000-0000-c000-000000000000";
pub(crate) const GLOBAL_ADMINISTRATOR: &str = "62e90394-69f5-4237-9190-012177145e10";
pub(crate) const DAY: Duration = Duration::from_hours(24);

/// A status with its body; `Null` where there is none.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
    pub(crate) headers: reqwest::header::HeaderMap,
}

impl Answer {
    pub(crate) fn read(response: Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().expect("the answer ends as announced");
        let body =
            serde_json::from_str(&text).unwrap_or(if text.is_empty() { Value::Null } else { Value::String(text) });
        Self { status, body, headers }
    }

    pub(crate) fn text(&self, pointer: &str) -> &str {
        self.body.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Status, code and message of a refusal of Graph.
    pub(crate) fn refusal(&self) -> (u16, &str, &str) {
        (self.status, self.text("/error/code"), self.text("/error/message"))
    }

    pub(crate) fn id(&self) -> String {
        assert!(self.status < 300, "{self:?}");
        self.text("/id").to_owned()
    }

    pub(crate) fn values(&self) -> &[Value] {
        assert_eq!(self.status, 200, "{self:?}");
        self.body["value"].as_array().expect("a collection")
    }
}

pub(crate) fn http() -> &'static Http {
    static HTTP: OnceLock<Http> = OnceLock::new();
    HTTP.get_or_init(|| {
        // The only client of the process: a second installation can't happen.
        rustls::crypto::ring::default_provider().install_default().expect("no provider yet");
        Http::builder().no_proxy().build().expect("a client")
    })
}

/// The defaults without latency, which only takes time here.
pub(crate) fn quick() -> Options {
    Options { latency: Duration::ZERO, ..Options::default() }
}

pub(crate) struct Tenant {
    pub(crate) twin: Twin,
    pub(crate) token: String,
}

impl Tenant {
    /// A fresh tenant and a token of its administrator.
    pub(crate) fn new() -> Self {
        Self::with(&quick())
    }

    /// A fresh tenant that answers in its own words what Graph's description does not have.
    pub(crate) fn unchecked() -> Self {
        Self::with(&Options { contract: Contract::Off, ..quick() })
    }

    pub(crate) fn with(options: &Options) -> Self {
        Self::signed_in(Twin::start(options).expect("a free port"), "admin")
    }

    /// The client of that kind at a fresh tenant.
    pub(crate) fn of(kind: &str) -> Self {
        Self::signed_in(Twin::start(&quick()).expect("a free port"), kind)
    }

    pub(crate) fn signed_in(twin: Twin, kind: &str) -> Self {
        let mut tenant = Self { twin, token: String::new() };
        tenant.sign_in(kind);
        tenant
    }

    pub(crate) fn sign_in(&mut self, kind: &str) {
        let client = self.twin.client(kind).expect("a known kind").clone();
        let answer = self.token_for(&client.client_id, &client.client_secret);
        answer.text("/access_token").clone_into(&mut self.token);
        assert!(!self.token.is_empty(), "{answer:?}");
    }

    pub(crate) fn token_for(&self, client_id: &str, secret: &str) -> Answer {
        let scope = format!("{}/.default", self.twin.graph());
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", client_id),
            ("client_secret", secret),
            ("scope", scope.as_str()),
        ];
        self.token_with(self.twin.tenant_id(), &form)
    }

    pub(crate) fn token_with(&self, tenant: &str, form: &[(&str, &str)]) -> Answer {
        let url = format!("{}/{tenant}/oauth2/v2.0/token", self.twin.login());
        let form: Vec<String> = form.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
        let request = http().post(url).header("content-type", "application/x-www-form-urlencoded");
        Answer::read(request.body(form.join("&")).send().expect("an answer"))
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> reqwest::blocking::RequestBuilder {
        let method = reqwest::Method::from_bytes(method.as_bytes()).expect("a method");
        http().request(method, format!("{}/v1.0{path}", self.twin.graph())).bearer_auth(&self.token)
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        Answer::read(self.request("GET", path).send().expect("an answer"))
    }

    /// A read with `ConsistencyLevel: eventual`.
    pub(crate) fn eventual(&self, path: &str) -> Answer {
        Answer::read(self.request("GET", path).header("ConsistencyLevel", "eventual").send().expect("an answer"))
    }

    pub(crate) fn delete(&self, path: &str) -> Answer {
        Answer::read(self.request("DELETE", path).send().expect("an answer"))
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, body)
    }

    pub(crate) fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send("PATCH", path, body)
    }

    pub(crate) fn send(&self, method: &str, path: &str, body: &Value) -> Answer {
        let request = self.request(method, path).header("content-type", "application/json");
        Answer::read(request.body(body.to_string()).send().expect("an answer"))
    }

    /// The object id of Microsoft Graph's service principal.
    pub(crate) fn graph_id(&self) -> String {
        self.get(&format!("/servicePrincipals(appId='{GRAPH_APP}')?$select=id")).id()
    }

    /// A new application; its object id and application id.
    pub(crate) fn application(&self, name: &str) -> (String, String) {
        let made = self.post("/applications", &serde_json::json!({ "displayName": name }));
        (made.id(), made.text("/appId").to_owned())
    }

    /// A new application with a service principal; the latter's object id.
    pub(crate) fn principal(&self, name: &str) -> String {
        let (_, app_id) = self.application(name);
        self.post("/servicePrincipals", &serde_json::json!({ "appId": app_id })).id()
    }

    /// The application of one of the twin's own clients: its object id.
    pub(crate) fn client_application(&self, kind: &str) -> String {
        let client_id = &self.twin.client(kind).expect("a known kind").client_id;
        self.get(&format!("/applications(appId='{client_id}')")).id()
    }
}

/// Percent-encodes all that is no letter or digit.
pub(crate) fn escaped(text: &str) -> String {
    let encode = |byte: u8| {
        if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    };
    text.bytes().map(encode).collect()
}

/// A path with a filter.
pub(crate) fn filtered(path: &str, filter: &str) -> String {
    format!("{path}?$filter={}", escaped(filter))
}
