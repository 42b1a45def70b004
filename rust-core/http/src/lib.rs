//! HTTP: one way to send. A request is made on a thread of its own, because a request of
//! `reqwest::blocking` can't be interrupted: on cancel the caller returns at once and the thread ends with the
//! request's own time-out.
#![forbid(unsafe_code)]

mod left_behind;
pub mod retry_after;
mod routes;
pub mod service_time;
mod shared;
pub mod throttle;

use std::io::Read;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, bounded, select};
use reqwest::header::HeaderValue;
use thiserror::Error;
use time::OffsetDateTime;
use url::{Host, Url};
use uuid::Uuid;
use zeroize::Zeroizing;

use left_behind::{Marker, Room};
use pp_base::cancel::{Cancel, Cancelled};
pub use reqwest::Method;
use routes::{Proxy, Reach, Routes};

/// Time to reach what is on this machine or its link.
const LOCAL_CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// No answer is near this size: a page of 999 users with all that is ever selected is a tenth of it.
const LARGEST_ANSWER: u64 = 32 * 1024 * 1024;

/// How long a service may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Until a host is reached.
    pub connect: Duration,
    /// For a whole request, answer included: a server that feeds bytes one by one can't hold a job longer.
    pub whole: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), whole: Duration::from_secs(30) }
    }
}

/// A request that is ready to send. Headers may hold a bearer token, bodies a secret: never printed.
#[derive(Clone)]
pub struct Request {
    /// HTTP method.
    pub method: Method,
    /// Whole address.
    pub url: Url,
    /// Headers by name.
    pub headers: Vec<(&'static str, Zeroizing<String>)>,
    /// Body and its content type.
    pub body: Option<(&'static str, Zeroizing<Vec<u8>>)>,
}

/// A whole answer.
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// From the request's beginning to the answer's last byte.
    pub took: Duration,
    headers: reqwest::header::HeaderMap,
    /// The body. It may hold a secret: the library's allocator wipes it when it is freed, as it does all that it came by.
    pub body: Vec<u8>,
}

/// A request that got no whole answer.
#[derive(Debug, Clone, Error)]
pub enum SendError {
    /// The caller cancelled.
    #[error("cancelled")]
    Cancelled,
    /// The host was never reached: nothing was sent.
    #[error("could not reach {host}: {reason}")]
    NotSent {
        /// Host and port.
        host: String,
        /// The network's words.
        reason: String,
    },
    /// What answers is not known to be the host: its certificate isn't trusted. Nothing was sent, and trying again is of no use.
    #[error("the certificate of {host} is not trusted: {reason}")]
    NotTrusted {
        /// Host and port.
        host: String,
        /// The network's words.
        reason: String,
    },
    /// The proxy on the way wants to know who asks, and doesn't take what it was told. The host was not reached, and trying again is of no use.
    #[error("could not reach {host}: the proxy {proxy} {} (407)", if *told { "refuses the name and password that it is given" } else { "wants a name and a password, and is given none" })]
    ProxyRefused {
        /// Host and port.
        host: String,
        /// The proxy's address, without its user's name and password.
        proxy: String,
        /// Whether it was given a name and a password.
        told: bool,
    },
    /// The request may have been received; no whole answer came back.
    #[error("no whole answer from {host}: {reason}")]
    AnswerLost {
        /// Host and port.
        host: String,
        /// The network's words.
        reason: String,
    },
    /// The request was received; its answer is larger than any that is read, and was not read to its end.
    #[error("the answer of {host} is larger than {} MiB", LARGEST_ANSWER >> 20)]
    TooLarge {
        /// Host and port.
        host: String,
    },
    /// The answer leads somewhere else. No redirect is followed: none of these services has any, and a token would go along.
    #[error("{host} answered with a redirect ({status}) to {to}, which is not followed")]
    Redirected {
        /// Host and port that were asked.
        host: String,
        /// HTTP status.
        status: u16,
        /// Where to: never all of it, since what was asked for may be repeated there.
        to: String,
    },
}

impl SendError {
    /// Whether the request never left.
    pub fn nothing_was_sent(&self) -> bool {
        matches!(self, Self::NotSent { .. } | Self::NotTrusted { .. } | Self::ProxyRefused { .. })
    }

    /// Whether it passes by itself.
    pub fn passes(&self) -> bool {
        matches!(self, Self::NotSent { .. } | Self::AnswerLost { .. })
    }
}

impl From<Cancelled> for SendError {
    fn from(_: Cancelled) -> Self {
        Self::Cancelled
    }
}

impl Response {
    /// A header's value, where it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// All values of a header that are text, as services that name several ways to sign in send them.
    pub fn headers(&self, name: &str) -> impl Iterator<Item = &str> {
        self.headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok())
    }

    /// Where a redirect leads.
    fn redirect(&self) -> Option<String> {
        let to = self.header("location").filter(|_| (300..400).contains(&self.status))?;
        Some(Url::parse(to).map_or_else(|_| "another path".to_owned(), |url| host_of(&url)))
    }

    /// The service's time, as it says it in `Date`.
    pub fn date(&self) -> Option<OffsetDateTime> {
        Some(httpdate::parse_http_date(self.header("date")?).ok()?.into())
    }
}

/// What one connection sends with.
#[derive(Debug, Clone)]
pub struct Client {
    routes: Arc<Routes>,
    limits: Limits,
    left_behind: Arc<Room>,
}

impl Client {
    /// A client for services at these addresses. The error is for a machine on which they can't be reached at all, as one
    /// without a trust store.
    pub fn new(addresses: &[&str], limits: Limits) -> Result<Self, String> {
        let routes = Routes::new(Reach::Services, limits.connect);
        for address in addresses {
            routes.to(&Url::parse(address).map_err(|error| error.to_string())?)?;
        }
        Ok(Self { routes: Arc::new(routes), limits, left_behind: Arc::default() })
    }

    /// A client for endpoints on this machine or its link, plain http included: never through a proxy, and soon told where
    /// nobody is there. Whoever uses it checks the address.
    pub fn local() -> Self {
        let limits = Limits { connect: LOCAL_CONNECT_TIMEOUT, ..Limits::default() };
        Self { routes: Arc::new(Routes::new(Reach::Link, limits.connect)), limits, left_behind: Arc::default() }
    }

    /// The client of a connection to a tenant at this address of Graph: what the tenant's cancelled jobs leave behind holds
    /// up its own requests alone.
    #[must_use]
    pub fn of_tenant(self, graph: &str, tenant: Uuid) -> Self {
        Self { left_behind: Room::of(graph, tenant), ..self }
    }

    /// The same, whose requests last no longer than this.
    #[must_use]
    pub fn within(self, whole: Duration) -> Self {
        Self { limits: Limits { whole, ..self.limits }, ..self }
    }

    /// Sends once. Nothing is retried here.
    pub fn send(&self, request: Request, cancel: &Cancel) -> Result<Response, SendError> {
        self.begin(request, cancel)?.wait(cancel)
    }

    /// Sends once, and doesn't wait for the answer.
    pub fn begin(&self, request: Request, cancel: &Cancel) -> Result<Pending, SendError> {
        if cancel.is_cancelled() {
            return Err(SendError::Cancelled);
        }
        self.left_behind.wait(cancel)?;
        let host = host_of(&request.url);
        let (sender, receiver) = bounded(1);
        let client = self.clone();
        let leave = Marker::new(Arc::clone(&self.left_behind));
        let (mark, refused) = (leave.clone(), sender.clone());
        let thread = std::thread::Builder::new().name("pp-request".into()).spawn(move || {
            let ended = mark.until_dropped();
            let answer = send_now(&client, request);
            drop(ended);
            // The receiver is gone when the job was cancelled: nobody wants the answer.
            let _ = sender.send(answer);
        });
        if let Err(e) = thread {
            // Nothing runs that could be left behind.
            drop(leave.clone().until_dropped());
            let reason = format!("no thread for the request: {e}");
            let _ = refused.send(Err(SendError::NotSent { host: host.clone(), reason }));
        }
        Ok(Pending { host, receiver, leave })
    }
}

/// A request on its way. Dropped before it is answered, it is left behind as a cancelled one is.
pub struct Pending {
    host: String,
    receiver: Receiver<Result<Response, SendError>>,
    leave: Marker,
}

impl Pending {
    /// The answer; on cancel at once none.
    pub fn wait(self, cancel: &Cancel) -> Result<Response, SendError> {
        select! {
            recv(self.receiver) -> answer => answer.unwrap_or_else(|_| Err(ended(&self.host))),
            recv(cancel.receiver()) -> _ => Err(SendError::Cancelled),
        }
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.leave.left();
    }
}

/// The request's thread ended without a word: a bug, after which nobody knows what the service did.
fn ended(host: &str) -> SendError {
    SendError::AnswerLost { host: host.into(), reason: "the request ended unexpectedly".into() }
}

fn send_now(client: &Client, request: Request) -> Result<Response, SendError> {
    let begun = Instant::now();
    let host = host_of(&request.url);
    let inner = client.routes.to(&request.url).map_err(|reason| SendError::NotSent { host: host.clone(), reason })?;
    let there = request.url.clone();
    // Of the request, since a limit of a blocking client's is one for each read of the body.
    let mut builder = inner.request(request.method, request.url).timeout(client.limits.whole);
    for (name, value) in &request.headers {
        let mut value = HeaderValue::from_str(value).map_err(|e| not_sent(&host, &e))?;
        // Keeps it out of whatever prints headers.
        value.set_sensitive(true);
        builder = builder.header(*name, value);
    }
    if let Some((kind, mut body)) = request.body {
        // Not copied: the allocator wipes it once it is sent.
        builder = builder.header("content-type", kind).body(std::mem::take(&mut *body));
    }
    let answer = builder.send().map_err(|e| failure(&host, client.routes.proxy(&there), e))?;
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    // What says how long it is needn't move while it comes.
    let length = answer.content_length().unwrap_or_default().min(LARGEST_ANSWER);
    let mut body = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
    answer.take(LARGEST_ANSWER + 1).read_to_end(&mut body).map_err(|e| lost(&host, &e))?;
    if body.len() as u64 > LARGEST_ANSWER {
        return Err(SendError::TooLarge { host });
    }
    let answer = Response { status, took: begun.elapsed(), headers, body };
    if answer.status == PROXY_STATUS {
        let proxy = client.routes.proxy(&there);
        let told = proxy.as_ref().is_some_and(|proxy| proxy.is_told_who);
        let proxy = proxy.map_or_else(|| "that answers in its place".to_owned(), |proxy| proxy.address);
        return Err(SendError::ProxyRefused { host, proxy, told });
    }
    match answer.redirect() {
        Some(to) => Err(SendError::Redirected { host, status, to }),
        None => Ok(answer),
    }
}

fn failure(host: &str, proxy: Option<Proxy>, error: reqwest::Error) -> SendError {
    let connect = error.is_connect() || error.is_builder();
    // The address may carry an id of the tenant; the host is enough.
    let error = error.without_url();
    let (host, why) = (host.to_owned(), reasons(&error));
    let reason = match proxy {
        Some(proxy) if connect && why.contains(PROXY_WANTS_TO_KNOW) => {
            return SendError::ProxyRefused { host, proxy: proxy.address, told: proxy.is_told_who };
        }
        Some(proxy) => format!("through the proxy {}: {why}", proxy.address),
        None => why,
    };
    match connect {
        true if is_of_the_certificate(&error) => SendError::NotTrusted { host, reason },
        true => SendError::NotSent { host, reason },
        false => SendError::AnswerLost { host, reason },
    }
}

/// Of a proxy that looks into TLS or stands in a service's place, too: no service answers so.
const PROXY_STATUS: u16 = 407;

/// What hyper-util says of a proxy's 407; its error has no name outside of it.
const PROXY_WANTS_TO_KNOW: &str = "proxy authorization required";

/// Whether the certificate was the reason, on the operating system's word.
fn is_of_the_certificate(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(inner) = cause {
        if matches!(inner.downcast_ref(), Some(rustls::Error::InvalidCertificate(_))) {
            return true;
        }
        // An error of input and output shows the causes of what it holds, but not that itself.
        let held = inner.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        cause = match held {
            Some(held) => Some(held),
            None => inner.source(),
        };
    }
    false
}

fn not_sent(host: &str, error: &(dyn std::error::Error + 'static)) -> SendError {
    SendError::NotSent { host: host.into(), reason: reasons(error) }
}

fn lost(host: &str, error: &(dyn std::error::Error + 'static)) -> SendError {
    SendError::AnswerLost { host: host.into(), reason: reasons(error) }
}

/// What an admin can act on: the system's refusal in words, where that is the last cause and known; else the error and its causes,
/// outermost first ("certificate expired" is the last), without those that only say which layer they passed.
fn reasons(error: &(dyn std::error::Error + 'static)) -> String {
    let causes: Vec<_> = std::iter::successors(Some(error), |inner| inner.source()).collect();
    let system = causes.iter().rev().find_map(|inner| inner.downcast_ref::<std::io::Error>());
    if let Some(words) = system.filter(|held| held.get_ref().is_none()).and_then(|held| pp_words::of_kind(held.kind()))
    {
        return words.to_owned();
    }
    let mut text = String::new();
    for words in
        causes.iter().map(ToString::to_string).filter(|words| !LAYERS.iter().any(|layer| words.starts_with(layer)))
    {
        if !text.contains(&words) {
            let joint = if text.is_empty() { "" } else { ": " };
            text = text + joint + &words;
        }
    }
    text
}

/// How those begin: reqwest's and its connector's.
const LAYERS: [&str; 2] = ["error sending request", "client error ("];

/// Whether an address is on this machine, as far as it says so itself.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        // "localhost" by name is resolved by the system, which could be told anything.
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        None => false,
    }
}

fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or("an address without host");
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}
