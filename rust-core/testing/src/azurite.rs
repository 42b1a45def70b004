//! Azurite, Microsoft's emulator of Azure Blob Storage: a real server, of npm. It is in `target/azurite`, where `build.ps1 Test` puts it, or in the
//! folder that `PPFEDERATION_AZURITE` names.

use std::env;
use std::error::Error;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pp_base::cancel::Cancel;
use pp_http::{Client, Request, Response};
use pp_words::instant;
use ring::hmac;
use time::{Duration, OffsetDateTime};
use url::{Url, form_urlencoded};
use zeroize::Zeroizing;

use crate::TestResult;

/// The account that every Azurite has, and its key. Source: Azurite's documentation.
const ACCOUNT: &str = "devstoreaccount1";
const KEY: &str = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
const VERSION: &str = "2021-12-02";

/// Ends the server with the process that started it, however that ends: its input is at an end then.
const ENDS_WITH_ITS_PARENT: &str =
    "data:text/javascript,process.stdin.resume();process.stdin.on('end',()=>process.exit())";

/// A server with a container `fleet`.
#[derive(Debug)]
pub struct Azurite {
    /// It ends when this is dropped, or the process ends.
    _child: Child,
    origin: String,
}

static SHARED: OnceLock<Option<Azurite>> = OnceLock::new();

impl Azurite {
    /// The one of this process; nothing where there is no Azurite, of which `build.ps1 Test` says so. A test takes a name for its
    /// ledger that no other takes.
    pub fn shared() -> Result<Option<&'static Self>, Box<dyn Error>> {
        let mut failed = None;
        let shared = SHARED.get_or_init(|| match Self::start_with(&[]) {
            Ok(started) => started,
            Err(error) => {
                failed = Some(error);
                None
            }
        });
        failed.map_or(Ok(shared.as_ref()), Err)
    }

    /// Over TLS, which takes tokens of Entra ID and looks at whom they are for. Its container is made by a signature as well.
    pub fn start_secure(certificate: &Path, key: &Path) -> Result<Option<Self>, Box<dyn Error>> {
        let (certificate, key) = (certificate.display().to_string(), key.display().to_string());
        Self::start_with(&["--oauth", "basic", "--cert", &certificate, "--key", &key])
    }

    fn start_with(options: &[&str]) -> Result<Option<Self>, Box<dyn Error>> {
        let there = env::var_os("PPFEDERATION_AZURITE").map(PathBuf::from);
        let folder = there.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/azurite"));
        let program = folder.join("node_modules/azurite/dist/src/blob/main.js");
        if !program.is_file() {
            return Ok(None);
        }
        let mut command = Command::new("node");
        command.args(["--import", ENDS_WITH_ITS_PARENT]).arg(program).stdin(Stdio::piped()).args([
            "--silent",
            "--inMemoryPersistence",
            "--disableTelemetry",
            "--blobPort",
            "0",
        ]);
        let mut child = command.args(options).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let lines = BufReader::new(child.stdout.take().ok_or("no output")?).lines();
        for line in lines {
            if let Some((_, origin)) = line?.split_once("successfully listens on ") {
                let this = Self { _child: child, origin: origin.trim().to_owned() };
                this.make_container("fleet")?;
                return Ok(Some(this));
            }
        }
        Err("Azurite ended before it listened".into())
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The address of a ledger in the container `fleet`.
    pub fn ledger(&self, name: &str) -> String {
        format!("{}/{ACCOUNT}/fleet/{name}", self.origin)
    }

    /// A shared access signature of the account for an hour, with these permissions.
    pub fn sas(&self, permissions: &str) -> String {
        sas(permissions, OffsetDateTime::now_utc() + Duration::hours(1))
    }

    /// Makes a container.
    pub fn make_container(&self, name: &str) -> TestResult {
        let answer = self.send("PUT", name, "restype=container", &[], Vec::new())?;
        if answer.status == 201 { Ok(()) } else { Err(format!("no container: {}", answer.status).into()) }
    }

    /// Sends a request to what lies at a path below the account, with all permissions.
    pub fn send(
        &self,
        method: &str,
        path: &str,
        query: &str,
        headers: &[(&'static str, &str)],
        body: Vec<u8>,
    ) -> Result<Response, Box<dyn Error>> {
        let url = Url::parse(&format!("{}/{ACCOUNT}/{path}?{query}&{}", self.origin, self.sas("rwdlac")))?;
        let given = headers.iter().chain(&[("x-ms-version", VERSION)]);
        let headers = given.map(|(name, value)| (*name, Zeroizing::new((*value).to_owned()))).collect();
        let body = (method == "PUT").then(|| ("application/octet-stream", Zeroizing::new(body)));
        let request = Request { method: method.parse()?, url, headers, body };
        Ok(Client::local().send(request, &Cancel::never())?)
    }

    /// Ends the lease of a tenant, as time does.
    pub fn break_lease(&self, ledger: &str, tenant: &str) -> TestResult {
        let path = format!("fleet/{ledger}/leases/{tenant}");
        let headers = [("x-ms-lease-action", "break"), ("x-ms-lease-break-period", "0")];
        let answer = self.send("PUT", &path, "comp=lease", &headers, Vec::new())?;
        if answer.status == 202 { Ok(()) } else { Err(format!("not broken: {}", answer.status).into()) }
    }
}

/// A shared access signature of the account. Source: Azure Storage REST reference, "Create an account SAS".
pub fn sas(permissions: &str, until: OffsetDateTime) -> String {
    let until = instant(until).replace(' ', "T");
    let fields = [ACCOUNT, permissions, "b", "sco", "", &until, "", "https,http", VERSION, "", ""];
    let key = STANDARD.decode(KEY).unwrap_or_default();
    let signature = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), fields.join("\n").as_bytes());
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs([("sv", VERSION), ("ss", "b"), ("srt", "sco"), ("sp", permissions), ("se", &until)]);
    query.extend_pairs([("spr", "https,http"), ("sig", &STANDARD.encode(signature))]);
    query.finish()
}
