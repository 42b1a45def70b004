//! A twin behind TLS: on this machine, or at the names of a cloud, to which only the tests' proxy leads.

use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use pp_sign_in::environment::Environment;
use rustls::SupportedProtocolVersion;
use rustls::version::{TLS12, TLS13};
use tenant_twin::{Options, Published, Twin};

use crate::authority::{Authority, Valid};
use crate::front::{Behind, Front, Unopened};
use crate::proxy::{Manner, Proxy};
use crate::session::Session;

pub(crate) const BOTH: [&SupportedProtocolVersion; 2] = [&TLS12, &TLS13];

/// Where Linux is told whom to trust instead of its own trust store.
pub(crate) const TRUST: &str = "SSL_CERT_FILE";

pub(crate) struct Site {
    pub(crate) twin: Arc<Twin>,
    pub(crate) front: Front,
    /// The authority that vouches for it, as a file.
    pub(crate) trusted: String,
    _folder: tempfile::TempDir,
}

impl Site {
    /// At `https://localhost`, with a certificate for `name`.
    pub(crate) fn on_this_machine(
        name: &str,
        valid: Valid,
        versions: &[&'static SupportedProtocolVersion],
    ) -> Result<Self, Box<dyn Error>> {
        let unopened = Unopened::new()?;
        let published = Published::below(&format!("https://localhost:{}", unopened.port()?));
        Self::new(unopened, published, &[name], (valid, versions), |origin| vec![("*".into(), origin.into())])
    }

    /// At a cloud's own names, of the sign-in service, of Microsoft Graph and of a key vault below its domain.
    pub(crate) fn of_a_cloud([login, graph, vault]: [&str; 3]) -> Result<Self, Box<dyn Error>> {
        let (host, published) = (format!("contoso.{vault}"), |host: &str| format!("https://{host}"));
        let published = Published {
            login: published(login),
            graph: published(graph),
            vault: published(&host),
            vault_resource: published(vault),
        };
        Self::new(Unopened::new()?, published, &[login, graph, &host], (Valid::Now, &BOTH), |origin| {
            let part = |host: &str, part| (host.to_owned(), format!("{origin}/{part}"));
            vec![part(login, "login"), part(graph, "graph"), part(&host, "vault")]
        })
    }

    fn new(
        unopened: Unopened,
        published: Published,
        names: &[&str],
        (valid, versions): (Valid, &[&'static SupportedProtocolVersion]),
        behind: impl FnOnce(&str) -> Behind,
    ) -> Result<Self, Box<dyn Error>> {
        let (authority, folder) = (Authority::new()?, tempfile::tempdir()?);
        let published = Some(published);
        let twin =
            Arc::new(Twin::start(&Options { users: 1, latency: Duration::ZERO, published, ..Options::default() })?);
        let front = unopened.open(authority.server(names, valid, versions)?, behind(twin.origin()))?;
        Ok(Self { twin, front, trusted: authority.write(folder.path())?, _folder: folder })
    }

    /// What comes of an administrator's session with Graph and the vault, on a machine that trusts the authority.
    pub(crate) fn session(&self) -> Result<String, Box<dyn Error>> {
        let vault = Some(self.twin.vault());
        Session { vault, ..Session::of_admin(&self.twin, Environment::Custom)? }.run(&[(TRUST, &self.trusted)])
    }

    /// A proxy that leads here.
    pub(crate) fn proxy(&self) -> Result<Proxy, Box<dyn Error>> {
        Ok(Proxy::start(Manner::Tunnels(SocketAddr::from((Ipv4Addr::LOCALHOST, self.front.port))))?)
    }
}
