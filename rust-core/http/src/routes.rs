//! The way a request leaves: over TLS, through the system's proxy or past it, and in clear on this machine only.
//!
//! TLS is 1.2 or 1.3 (rustls has no older one), with the operating system's trust store. The proxy is the one that the
//! environment names (`HTTPS_PROXY`, `ALL_PROXY`, but for `NO_PROXY`), else the system's own on Windows and macOS.

use std::collections::hash_map::RandomState;
use std::env;
use std::hash::BuildHasher as _;
use std::sync::Arc;
use std::time::Duration;

use http::Uri;
use hyper_util::client::proxy::matcher::Matcher;
use once_cell::sync::{Lazy, OnceCell};
use reqwest::blocking::{Client as Reqwest, ClientBuilder};
use url::Url;

use crate::is_loopback;
use crate::reasons;
use crate::shared::Shared;

/// How far requests may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// To services, over TLS; in clear to this machine.
    Services,
    /// To this machine and its link, never through a proxy. Whoever asks has checked the address.
    Link,
}

/// A way to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Way {
    InClear,
    PastTheProxy,
    Outward,
}

/// What two connections must have in common to share a client.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Route {
    way: Way,
    connect: Duration,
    settings: u64,
}

/// What a client takes from the environment when it is made: its proxies, and on Linux whom it trusts.
const SETTINGS: [&str; 10] = [
    "ALL_PROXY",
    "all_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "NO_PROXY",
    "no_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
];

/// A client, made when it is first needed. It has a thread of its own: a thousand connections must not have a thousand. What
/// it takes from the system it keeps for as long as a connection holds it; a trust store that grew is seen by the next one.
type Slot = OnceCell<Reqwest>;

static CLIENTS: Lazy<Shared<Route, Slot>> = Lazy::new(Shared::default);

/// A proxy on the way.
#[derive(Debug)]
pub(super) struct Proxy {
    /// Without its user's name and password.
    pub(super) address: String,
    /// Whether it is given a name and a password.
    pub(super) is_told_who: bool,
}

/// The clients that one connection sends with, each shared with all that take the same way.
#[derive(Debug)]
pub(super) struct Routes {
    reach: Reach,
    connect: Duration,
    in_clear: OnceCell<Arc<Slot>>,
    past_the_proxy: OnceCell<Arc<Slot>>,
    outward: OnceCell<Arc<Slot>>,
}

/// rustls asks each program to name its cryptography once; ours is the library's own copy, invisible to other modules.
static PROVIDER: Lazy<()> = Lazy::new(|| {
    // An error says that a provider is there already, which is all that is wanted.
    let _ = rustls::crypto::ring::default_provider().install_default();
});

impl Routes {
    pub(super) fn new(reach: Reach, connect: Duration) -> Self {
        Self { reach, connect, in_clear: OnceCell::new(), past_the_proxy: OnceCell::new(), outward: OnceCell::new() }
    }

    /// The client for an address; the error is a sentence.
    pub(super) fn to(&self, url: &Url) -> Result<&Reqwest, String> {
        let link = self.reach == Reach::Link;
        match url.scheme() {
            // Nothing is verified in clear, so a machine without a trust store can do it.
            "http" if link || is_loopback(url) => self.made(&self.in_clear, Way::InClear),
            "https" if link || is_loopback(url) => self.made(&self.past_the_proxy, Way::PastTheProxy),
            "https" => self.made(&self.outward, Way::Outward),
            "http" => Err("plain http to another machine: what is secret would cross the network in clear".into()),
            other => Err(format!("no way to send over '{other}'")),
        }
    }

    /// The proxy on the way to an address.
    pub(super) fn proxy(&self, url: &Url) -> Option<Proxy> {
        if self.reach == Reach::Link || is_loopback(url) {
            return None;
        }
        let there: Uri = url.as_str().parse().ok()?;
        let found = Matcher::from_system().intercept(&there)?;
        let address = found.uri().to_string().trim_end_matches('/').to_owned();
        Some(Proxy { address, is_told_who: found.basic_auth().is_some() })
    }

    fn made<'a>(&'a self, own: &'a OnceCell<Arc<Slot>>, way: Way) -> Result<&'a Reqwest, String> {
        let slot = own.get_or_init(|| CLIENTS.get(Route { way, connect: self.connect, settings: settings() }));
        slot.get_or_try_init(|| self.builder(way).build()).map_err(|error| reasons(&error))
    }

    fn builder(&self, way: Way) -> ClientBuilder {
        Lazy::force(&PROVIDER);
        let builder = Reqwest::builder()
            .user_agent(concat!("PPFederation/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(self.connect)
            .tls_version_min(reqwest::tls::Version::TLS_1_2)
            // Followed, a redirect could carry a token to another host.
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never());
        match way {
            Way::InClear => builder.no_proxy().tls_certs_only(std::iter::empty()),
            Way::PastTheProxy => builder.no_proxy(),
            Way::Outward => builder,
        }
    }
}

/// The settings of this moment, as a number since a proxy's address may hold a password. The system's own proxies are in what
/// the matcher prints, which leaves passwords out.
fn settings() -> u64 {
    static KEY: Lazy<RandomState> = Lazy::new(RandomState::new);
    KEY.hash_one((SETTINGS.map(env::var_os), format!("{:?}", Matcher::from_system())))
}
