//! What the subject is given to sign in with, and the tenant that knows it.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tenant_twin::{Options, Twin};
use uuid::Uuid;

use crate::repository;

const AUDIENCE: &str = "api://AzureADTokenExchange";
/// Subjects that the administrator's application trusts: of a cluster, of a GitHub workflow, of a service connection.
const SUBJECTS: [&str; 3] = [
    "system:serviceaccount:federation:runbook",
    "repo:contoso/tenant:ref:refs/heads/main",
    "sc://contoso/tenant/00000000-0000-0000-0000-000000000001",
];
/// Name and address of a user of the tenant, and the address of another.
pub(crate) const USERS: [&str; 3] =
    ["Quillon Vexworth", "quillon.vexworth@contoso.example", "zenobia.harrowgate@contoso.example"];
const YEAR: Duration = Duration::from_hours(24 * 365);

/// Secrets by their names, a private key, and in a folder the files that hold a key and a token.
pub(crate) struct Given {
    pub(crate) secrets: Vec<(String, String)>,
    /// The base64 of its PKCS#8.
    pub(crate) key: String,
}

/// A tenant whose administrator can sign in in every way, and a machine that has identities.
pub(crate) fn tenant() -> Result<Twin> {
    let twin = Twin::start(&Options { seed: 20, latency: Duration::ZERO, ..Options::default() })?;
    let id = |kind| twin.client(kind).map(|client| client.client_id.clone()).context("no such client");
    let (admin, reader) = (id("admin")?, id("reader")?);
    let certificate = STANDARD.decode(pem("certificate.pem")?)?;
    let issuer = format!("{}/oidc", twin.origin());
    twin.edit(|editor| {
        let application = editor.application_id(&admin);
        editor.add_certificate(&application, &certificate, YEAR);
        for subject in SUBJECTS {
            editor.add_federated_credential(&application, &issuer, subject, AUDIENCE);
        }
        for (name, address) in [(USERS[0], USERS[1]), ("Zenobia", USERS[2])] {
            editor.add_user(&serde_json::json!({ "displayName": name, "userPrincipalName": address, "mail": address }));
        }
    });
    twin.set_machine(&serde_json::json!({ "system": admin, "user": [reader] }));
    twin.watch();
    Ok(twin)
}

impl Given {
    pub(crate) fn new(twin: &Twin, folder: &Path) -> Result<Self> {
        let secret = |kind| twin.client(kind).map(|client| client.client_secret.clone()).context("no such client");
        let federated = twin.federated_token(SUBJECTS[0], AUDIENCE, YEAR);
        fs::write(folder.join("token"), &federated)?;
        let both = fs::read_to_string(file("certificate.pem"))? + &fs::read_to_string(file("key.pem"))?;
        fs::write(folder.join("both.pem"), both)?;
        fs::copy(file("modern.pfx"), folder.join("key.pfx"))?;
        // With the address of the other user.
        let portal = format!("Username,DisplayName,Mail\n{},{},{}\n", USERS[1], USERS[0], USERS[2]);
        fs::write(folder.join("portal.csv"), portal)?;
        let secrets = [
            ("admin", secret("admin")?),
            ("reader", secret("reader")?),
            ("wrong", format!("wrong~{}", Uuid::new_v4().simple())),
            ("token", access_token(twin)?),
            ("password", "pfx-password".to_owned()),
        ];
        // A fleet reads these in the vault: one that signs in, and one that doesn't.
        let tenant = twin.tenant_id();
        let none = serde_json::Value::Null;
        twin.edit_vault(|vault| {
            vault.add_secret(&format!("app-{tenant}"), &secrets[0].1, &none);
            vault.add_secret(&format!("wrong-{tenant}"), &secrets[2].1, &none);
        });
        let mut secrets: Vec<_> = secrets.map(|(name, text)| (name.to_owned(), text)).into();
        secrets.push(("federated".to_owned(), federated));
        Ok(Self { secrets, key: pem("key.pem")? })
    }
}

fn file(name: &str) -> std::path::PathBuf {
    repository().join("rust-core/testing/certificates").join(name)
}

/// The base64 in a PEM file.
fn pem(name: &str) -> Result<String> {
    let text = fs::read_to_string(file(name)).with_context(|| name.to_owned())?;
    Ok(text.lines().filter(|line| !line.starts_with('-')).collect())
}

/// An access token of the tenant's administrator.
fn access_token(twin: &Twin) -> Result<String> {
    let client = twin.client("admin").context("no such client")?;
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}&scope={}/.default",
        client.client_id,
        client.client_secret,
        twin.graph()
    );
    ask("POST", &format!("{}/{}/oauth2/v2.0/token", twin.login(), twin.tenant_id()), &form)?;
    let seen = twin.secrets().into_iter().find(|secret| secret.kind == "access_token");
    Ok(seen.context("the twin gave no token")?.text)
}

/// A person's browser: opens an address, and the one that it leads to.
pub(crate) fn browse(address: &str) -> Result<()> {
    let answer = ask("GET", address, "")?;
    let location = answer.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("location").then(|| value.trim().to_owned())
    });
    if let Some(location) = location {
        ask("GET", &location, "")?;
    }
    Ok(())
}

/// A request of this process on loopback, with its answer.
pub(crate) fn ask(method: &str, address: &str, body: &str) -> Result<String> {
    let (host, path) = address.trim_start_matches("http://").split_once('/').context("no path")?;
    let mut stream = TcpStream::connect(host)?;
    write!(stream, "{method} /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n")?;
    write!(stream, "Content-Length: {}\r\n\r\n{body}", body.len())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
