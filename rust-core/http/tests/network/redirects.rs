//! A service that sends elsewhere gets no token, secret or assertion carried there, and is told to have done so.

use std::error::Error;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use pp_base::secret::SecretText;
use pp_graph::batch::{Item, Order};
use pp_report::error::OpError;
use pp_run::connection::Connection;
use pp_sign_in::Credential;
use pp_sign_in::environment::Environment;
use pp_sign_in::federated::FederatedToken;
use pp_sign_in::managed_identity::{Endpoint, ManagedIdentity, Variables};
use pp_sink::key_vault::KeyVault;
use pp_vault::address::VaultAddress;
use tenant_twin::{Options, Published, Twin};
use url::Url;

use crate::answering::Answering;
use pp_testing::sign_in::{admin, token, twin};
use pp_testing::{Tenant, TestResult, connect_by, connect_to};

const REDIRECTS: [&str; 5] =
    ["301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"];

/// A service that sends elsewhere, and the place where nobody must come.
struct Elsewhere {
    service: Answering,
    there: Answering,
}

impl Elsewhere {
    fn new(status: &'static str) -> Result<Self, Box<dyn Error>> {
        Self::for_those(status, |_| None)
    }

    /// Those for whom `answer` has one get that.
    fn for_those(
        status: &'static str,
        answer: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
    ) -> Result<Self, Box<dyn Error>> {
        let there = Answering::start(|_| "200 OK".into())?;
        let to = there.origin.clone();
        let service = Answering::start(move |head| {
            answer(head).unwrap_or_else(|| format!("{status}\r\nLocation: {to}/v1.0/elsewhere?and=more"))
        })?;
        Ok(Self { service, there })
    }

    /// What was said names where it was sent, and nobody came there.
    fn holds(&self, id: &str, error: impl Into<OpError>) -> TestResult {
        let OpError::Failed(report) = error.into() else { return Err("cancelled".into()) };
        assert_eq!(report.id, format!("PPFederation.{id}"), "{}", report.message);
        let there = self.there.origin.trim_start_matches("http://");
        assert!(report.message.contains(&format!("to {there}, which is not followed")), "{}", report.message);
        assert!(!report.message.contains("and=more"), "{}", report.message);
        assert_eq!(self.there.seen(), Vec::<String>::new());
        let sent_away = self.service.seen().into_iter().filter(|head| !head.starts_with("get /secrets?")).count();
        assert_eq!(sent_away, 1, "not tried again: {:?}", self.service.seen());
        Ok(())
    }
}

/// A twin whose Graph is elsewhere: tokens are for that address.
fn with_graph_at(origin: &str) -> Result<Tenant, Box<dyn Error>> {
    let published = Published { graph: origin.to_owned(), ..Published::below("http://127.0.0.1") };
    let twin = Arc::new(Twin::start(&Options { published: Some(published), ..Options::default() })?);
    let login = format!("{}/login", twin.origin());
    Ok(Tenant::of(connect_to(&twin, (&login, origin), by_secret(&twin)?)?, twin))
}

fn by_secret(twin: &Twin) -> Result<Credential, Box<dyn Error>> {
    let secret = SecretText::from_text(&twin.client("admin").ok_or("no admin")?.client_secret);
    Ok(Credential::ClientSecret { client_id: admin(twin)?, secret })
}

#[test]
fn microsoft_graph_gets_no_token_carried_elsewhere() -> TestResult {
    for status in REDIRECTS {
        let item = Item::get("/organization?$select=id");
        let elsewhere = Elsewhere::new(status)?;
        let read = with_graph_at(&elsewhere.service.origin)?.with(|graph, _| graph.read(std::slice::from_ref(&item)));
        elsewhere.holds("ServiceUnreadable", read.err().ok_or("read")?)?;
        assert!(elsewhere.service.seen()[0].contains("authorization: bearer "), "the token was for this service");
        let elsewhere = Elsewhere::new(status)?;
        let write = with_graph_at(&elsewhere.service.origin)?.with(|graph, _| graph.write(&[item], Order::Parallel));
        elsewhere.holds("ServiceUnreadable", write.err().ok_or("written")?)?;
    }
    Ok(())
}

#[test]
fn the_sign_in_service_gets_no_secret_carried_elsewhere() -> TestResult {
    for status in REDIRECTS {
        let (twin, elsewhere) = (twin()?, Elsewhere::new(status)?);
        let credential = Credential::ClientSecret { client_id: admin(&twin)?, secret: SecretText::from_text("secret") };
        let connection = connect_to(&twin, (&elsewhere.service.origin, &twin.graph()), credential)?;
        elsewhere.holds("ServiceUnreadable", token(&connection).err().ok_or("signed in")?)?;
    }
    Ok(())
}

fn refused_by(connection: &Connection, elsewhere: &Elsewhere, id: &str) -> TestResult {
    elsewhere.holds(id, token(connection).err().ok_or("signed in")?)
}

#[test]
fn a_pipeline_and_a_managed_identity_get_no_secret_carried_elsewhere() -> TestResult {
    let twin = twin()?;
    for status in REDIRECTS {
        let elsewhere = Elsewhere::new(status)?;
        let url = Url::parse(&elsewhere.service.origin)?;
        let source = FederatedToken::GitHubActions { url, token: SecretText::from_text("the job's") };
        let connection = connect_by(&twin, Credential::Federated { client_id: admin(&twin)?, source })?;
        refused_by(&connection, &elsewhere, "ServiceUnreadable")?;
        let elsewhere = Elsewhere::new(status)?;
        let variables = Variables {
            identity_endpoint: Some(elsewhere.service.origin.clone()),
            identity_header: Some(SecretText::from_text("the header")),
            ..Variables::default()
        };
        let identity = ManagedIdentity::new(Endpoint::find(variables)?, None);
        let connection = connect_by(&twin, Credential::ManagedIdentity(Box::new(identity)))?;
        refused_by(&connection, &elsewhere, "ServiceUnreadable")?;
    }
    Ok(())
}

#[test]
fn a_vault_gets_no_token_carried_elsewhere() -> TestResult {
    for status in REDIRECTS {
        // It lies where its tokens are for, says so, and sends away whoever brings one.
        let challenge = Arc::new(OnceLock::new());
        let said = Arc::clone(&challenge);
        let elsewhere = Elsewhere::for_those(status, move |head| {
            let without_token = !head.contains("authorization: ");
            without_token.then(|| said.get().cloned().unwrap_or_default())
        })?;
        let vault = elsewhere.service.origin.as_str();
        let published = Published { vault_resource: vault.to_owned(), ..Published::below("http://127.0.0.1") };
        let options = Options { published: Some(published), latency: Duration::ZERO, ..Options::default() };
        let twin = Arc::new(Twin::start(&options)?);
        let login = format!("{}/login", twin.origin());
        let challenging = format!("Bearer authorization=\"{login}/{}\", resource=\"{vault}\"", twin.tenant_id());
        challenge.set(format!("401 Unauthorized\r\nWWW-Authenticate: {challenging}")).map_err(|_| "set twice")?;
        let tenant = Tenant::of(connect_to(&twin, (&login, &twin.graph()), by_secret(&twin)?)?, twin);
        let (address, id) = (VaultAddress::parse(vault, Environment::Custom)?, tenant.connection.tenant);
        let prepared = tenant.with(|graph, _| KeyVault::prepare(graph.access(), id, address, "pptoken", None, false));
        let seen = elsewhere.service.seen();
        assert!(seen.iter().any(|head| head.contains("authorization: bearer ")), "the token was for this vault");
        elsewhere.holds("ServiceUnreadable", prepared.err().ok_or("prepared")?)?;
    }
    Ok(())
}
