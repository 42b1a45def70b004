//! A large tenant: how its pages are fetched, and how the library connects to it.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use pp_base::cancel::Cancel;
use pp_http::{Client, Limits, Method, Request};
use pp_portal::provisioning_script;
use serde_json::{Value, json};
use tempfile::NamedTempFile;
use url::Url;
use zeroize::Zeroizing;

use crate::abi_support::{DONE, OBJECTS};
use crate::library;

/// What the op asks for of the users.
const USERS: &str = "/users/delta?$select=id,userPrincipalName,mail,displayName,usageLocation,onPremisesImmutableId,\
                     proxyAddresses,onPremisesSyncEnabled,userType,accountEnabled";

/// What the portal's users are like beside the tenant's, who are in the domain that signs in by Practice Protect. One user in sixteen
/// has another country in the tenant than the script writes, whichever the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum List {
    /// As the tenant's users, for Practice Protect has written them once. Since then the portal has renamed one in two hundred, which
    /// is another sign-in name and another mail address, and given one in two hundred another display name.
    Written,
    /// The worst case: each has another display name.
    AllDiffer,
}

impl List {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Written => "written once",
            Self::AllDiffer => "all differ",
        }
    }

    /// The portal's name and display name of the tenant's user at a place.
    fn of(self, place: usize, name: &str, shown: &str) -> (String, String) {
        match (self, place % 200) {
            (Self::Written, 0) => (format!("new.{name}"), shown.to_owned()),
            (Self::Written, 100) | (Self::AllDiffer, _) => (name.to_owned(), format!("{shown} (new)")),
            (Self::Written, _) => (name.to_owned(), shown.to_owned()),
        }
    }
}

/// A tenant and how to sign in to it.
pub(crate) struct Tenant {
    pub(crate) id: String,
    pub(crate) login: String,
    pub(crate) graph: String,
    pub(crate) control: String,
    pub(crate) client: String,
    pub(crate) secret: String,
}

/// The portal's users, in a file.
pub(crate) struct Portal {
    pub(crate) file: NamedTempFile,
    /// The domain that all are in.
    domain: String,
}

impl Portal {
    /// What the op is asked for, with the runbook's script for a firm in Australia: as `Compare-PPAttribute -Path … -ScriptPath … -FederatedDomain …`.
    pub(crate) fn request(&self, connection: u64) -> Value {
        json!({
            "op": "compareAttributes", "connection": connection, "path": self.file.path(),
            "script": {"text": provisioning_script("AU")}, "columnMap": {"CanonicalizeName": "Username"}, "federatedDomain": [self.domain],
        })
    }
}

/// Pages that were only fetched.
pub(crate) struct Fetched {
    pub(crate) time: Duration,
    pub(crate) bytes: usize,
}

impl Tenant {
    /// Of a twin that ends with its standard input.
    pub(crate) fn in_a_process_of_its_own(users: &str) -> (Child, Self) {
        let program = std::env::var("PPFEDERATION_TWIN").expect("PPFEDERATION_TWIN names the twin's program");
        let mut twin = Command::new(program)
            .args(["--users", users, "--groups", "0", "--contacts", "0", "--latency-ms", "0", "--until-stdin-closes"])
            .args(["--pages", USERS])
            // Without Graph's description, which would cost time, and knows none of what SDKs add.
            .env_remove("PPFEDERATION_REFERENCE")
            .env_remove("CARGO_MANIFEST_DIR")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the twin starts");
        let mut line = String::new();
        BufReader::new(twin.stdout.take().expect("it is piped")).read_line(&mut line).expect("it says where it serves");
        let said: Value = serde_json::from_str(&line).expect("a line of JSON");
        let clients = said["clients"].as_array().into_iter().flatten();
        let admin = clients.into_iter().find(|client| client["kind"] == "admin").expect("an admin");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let tenant = Self {
            id: text(&said["tenantId"]),
            login: text(&said["login"]),
            graph: text(&said["graph"]),
            control: text(&said["control"]),
            client: text(&admin["clientId"]),
            secret: text(&admin["clientSecret"]),
        };
        (twin, tenant)
    }

    /// Connects as `Connect-PPTenant` does.
    pub(crate) fn connect(&self) -> u64 {
        let request = json!({
            "op": "connect", "tenantId": self.id, "environment": "Custom",
            "loginEndpoint": self.login, "graphEndpoint": self.graph,
            "credential": {
                "kind": "clientSecret", "clientId": self.client, "clientSecret": {"at": 0, "len": self.secret.len()},
            },
        });
        let job = library().start_with(request.to_string(), self.secret.as_bytes()).expect("a job");
        let (events, end) = library().drain(job);
        assert_eq!(end, Ok((DONE, Vec::new())));
        let objects = events.into_iter().filter(|(kind, _)| *kind == OBJECTS).flat_map(|(_, bytes)| bytes).collect();
        let objects = String::from_utf8(objects).expect("UTF-8");
        let number = objects.split_once(r#"<U64 N="Number">"#).and_then(|(_, rest)| rest.split('<').next());
        number.and_then(|number| number.parse().ok()).expect("a connection")
    }

    /// A list of the portal's users.
    pub(crate) fn portal(&self, list: List) -> Portal {
        let mut domain = String::new();
        let mut file = NamedTempFile::new().expect("a file");
        writeln!(file, "Username,DisplayName,ImmutableId").expect("room");
        let mut place = 0;
        self.fetch(|body| {
            let page: Value = serde_json::from_slice(body).expect("JSON");
            for user in page["value"].as_array().into_iter().flatten() {
                let text = |name: &str| user[name].as_str().unwrap_or_default();
                let name = text("userPrincipalName");
                name.rsplit_once('@').map_or("", |(_, domain)| domain).clone_into(&mut domain);
                let (name, shown) = list.of(place, name, text("displayName"));
                writeln!(file, "{name},{shown},{}", text("onPremisesImmutableId")).expect("room");
                place += 1;
            }
        });
        Portal { file, domain }
    }

    /// All pages that the op reads; of each only its next link is looked for.
    pub(crate) fn fetch_and_throw_away(&self) -> Fetched {
        let mut bytes = 0;
        let start = Instant::now();
        self.fetch(|body| bytes += body.len());
        Fetched { time: start.elapsed(), bytes }
    }

    /// One page after the other, by the library's own HTTP.
    fn fetch(&self, mut each: impl FnMut(&[u8])) {
        let http = Client::new(&[self.graph.as_str()], Limits::default()).expect("a client");
        let token = self.token();
        let mut next = Some(format!("{}/v1.0{USERS}", self.graph));
        while let Some(url) = next {
            let headers = vec![("authorization", Zeroizing::new(format!("Bearer {token}")))];
            let request = Request { method: Method::GET, url: url.parse().expect("an address"), headers, body: None };
            let answer = http.send(request, &Cancel::never()).expect("a page");
            assert_eq!(answer.status, 200);
            each(&answer.body);
            // It stands before the rows.
            let head = String::from_utf8_lossy(&answer.body[..answer.body.len().min(2_000)]);
            next = head
                .split_once(r#""@odata.nextLink":""#)
                .and_then(|(_, rest)| Some(rest.split_once('"')?.0.to_owned()));
        }
    }

    /// How long the service takes for each request, its pages among them, from now on.
    pub(crate) fn set_latency(&self, milliseconds: u32) {
        let http = Client::new(&[self.control.as_str()], Limits::default()).expect("a client");
        let url = Url::parse(&format!("{}/latency", self.control)).expect("an address");
        let body = Some(("application/json", Zeroizing::new(json!({"ms": milliseconds}).to_string().into_bytes())));
        let request = Request { method: Method::POST, url, headers: Vec::new(), body };
        assert_eq!(http.send(request, &Cancel::never()).expect("an answer").status, 204);
    }

    /// A token, without the library.
    pub(crate) fn token(&self) -> String {
        let http = Client::new(&[self.login.as_str()], Limits::default()).expect("a client");
        let url = format!("{}/{}/oauth2/v2.0/token", self.login, self.id);
        let form = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("grant_type", "client_credentials"), ("client_id", &self.client)])
            .extend_pairs([("client_secret", &self.secret), ("scope", &format!("{}/.default", self.graph))])
            .finish();
        let body = Some(("application/x-www-form-urlencoded", Zeroizing::new(form.into_bytes())));
        let url = Url::parse(&url).expect("an address");
        let request = Request { method: Method::POST, url, headers: Vec::new(), body };
        let answer = http.send(request, &Cancel::never()).expect("an answer");
        let answer: Value = serde_json::from_slice(&answer.body).expect("JSON");
        answer["access_token"].as_str().expect("a token").to_owned()
    }
}
