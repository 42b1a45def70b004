//! The way a request leaves: over TLS, through the system's proxy or past it, and in clear on this machine only.
//!
//! TLS is 1.2 or 1.3 (rustls has no older one), with the operating system's trust store. The proxy is the one that the
//! environment names (`HTTPS_PROXY`, `ALL_PROXY`, but for `NO_PROXY`), else the system's own on Windows and macOS.

use http::Uri;
use hyper_util::client::proxy::matcher::Matcher;
use once_cell::sync::{Lazy, OnceCell};
use reqwest::blocking::{Client as Reqwest, ClientBuilder};
use url::Url;

use crate::is_loopback;
use crate::reasons;

/// How far requests may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// To services, over TLS; in clear to this machine.
    Services,
    /// To this machine and its link, never through a proxy. Whoever asks has checked the address.
    Link,
}

/// The clients of one connection, each made when it is first needed: a connection whose services lie on one side has one,
/// and so one thread.
#[derive(Debug)]
pub(super) struct Routes {
    reach: Reach,
    connect: std::time::Duration,
    in_clear: OnceCell<Reqwest>,
    past_the_proxy: OnceCell<Reqwest>,
    outward: OnceCell<Reqwest>,
}

/// rustls asks each program to name its cryptography once; ours is the library's own copy, invisible to other modules.
static PROVIDER: Lazy<()> = Lazy::new(|| {
    // An error says that a provider is there already, which is all that is wanted.
    let _ = rustls::crypto::ring::default_provider().install_default();
});

impl Routes {
    pub(super) fn new(reach: Reach, connect: std::time::Duration) -> Self {
        Self { reach, connect, in_clear: OnceCell::new(), past_the_proxy: OnceCell::new(), outward: OnceCell::new() }
    }

    /// The client for an address; the error is a sentence.
    pub(super) fn to(&self, url: &Url) -> Result<&Reqwest, String> {
        let link = self.reach == Reach::Link;
        match url.scheme() {
            // Nothing is verified in clear, so a machine without a trust store can do it.
            "http" if link || is_loopback(url) => {
                made(&self.in_clear, || self.builder().no_proxy().tls_certs_only(std::iter::empty()))
            }
            "https" if link || is_loopback(url) => made(&self.past_the_proxy, || self.builder().no_proxy()),
            "https" => made(&self.outward, || self.builder()),
            "http" => Err("plain http to another machine: what is secret would cross the network in clear".into()),
            other => Err(format!("no way to send over '{other}'")),
        }
    }

    /// The proxy on the way to an address, without its user's name and password.
    pub(super) fn proxy(&self, url: &Url) -> Option<String> {
        if self.reach == Reach::Link || is_loopback(url) {
            return None;
        }
        let there: Uri = url.as_str().parse().ok()?;
        Some(Matcher::from_system().intercept(&there)?.uri().to_string().trim_end_matches('/').to_owned())
    }

    fn builder(&self) -> ClientBuilder {
        Lazy::force(&PROVIDER);
        Reqwest::builder()
            .user_agent(concat!("PPFederation/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(self.connect)
            .tls_version_min(reqwest::tls::Version::TLS_1_2)
            // Followed, a redirect could carry a token to another host.
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
    }
}

fn made(slot: &OnceCell<Reqwest>, builder: impl FnOnce() -> ClientBuilder) -> Result<&Reqwest, String> {
    slot.get_or_try_init(|| builder().build()).map_err(|error| reasons(&error))
}
