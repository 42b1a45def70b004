//! The HTTP server: one thread with its own single-threaded runtime.

use std::collections::HashMap;
use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Instant;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use parking_lot::{Mutex, RwLock};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use crate::call::{Answer, Body, Call};
use crate::graph::token_of;
use crate::jwt;
use crate::vault;
use crate::wire::{Cut, End, Feed, Wire};
use crate::world::{Outcome, World};

/// Bodies past this are refused with 413; Graph's own limit for JSON is of this order.
const LARGEST_BODY: usize = 4 << 20;

/// What the server's thread and the twin's owner share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) world: Mutex<World>,
    /// Arrivals and answers are measured from here.
    pub(crate) start: Instant,
}

/// The tenants that one server serves at one address.
#[derive(Debug, Default)]
pub(crate) struct Tenants(RwLock<Served>);

#[derive(Debug, Default)]
struct Served {
    /// The first one.
    founder: Option<Arc<Shared>>,
    /// By the names that sign-in paths have for each, in small letters: its id and its domain.
    named: HashMap<String, Arc<Shared>>,
}

impl Tenants {
    /// Serves another tenant. The error is for an id that is served already.
    pub(crate) fn add(&self, id: &str, domain: &str, shared: &Arc<Shared>) -> io::Result<()> {
        let mut served = self.0.write();
        if served.named.contains_key(&id.to_ascii_lowercase()) {
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, format!("tenant {id} is served already")));
        }
        served.founder.get_or_insert_with(|| Arc::clone(shared));
        for name in [domain, id] {
            served.named.entry(name.to_ascii_lowercase()).or_insert_with(|| Arc::clone(shared));
        }
        Ok(())
    }

    /// The tenant that a request is for: that of the sign-in path, of the vault's path or of the token. The founder refuses what
    /// is for none.
    fn of(&self, call: &Call) -> Option<Arc<Shared>> {
        let served = self.0.read();
        let path = call.path.strip_prefix("/login/").or_else(|| call.path.strip_prefix(vault::OF_ONE));
        let named = match path {
            Some(rest) => rest.split('/').next().map(str::to_owned),
            None => jwt::tenant(token_of(call)),
        };
        let found = named.and_then(|named| served.named.get(&named.to_ascii_lowercase()));
        found.or(served.founder.as_ref()).map(Arc::clone)
    }
}

/// A running server; dropping it closes every connection and waits for the thread.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) tenants: Arc<Tenants>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has been reported by its own hook; there is no one left to tell.
            let _ended = thread.join();
        }
    }
}

/// A listener on loopback, bound before the thread starts so that the address is known.
pub(crate) fn bind(port: u16) -> io::Result<(std::net::TcpListener, String)> {
    let listener = std::net::TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))?;
    listener.set_nonblocking(true)?;
    let origin = format!("http://{}", listener.local_addr()?);
    Ok((listener, origin))
}

/// Serves until the returned value is dropped.
pub(crate) fn start(listener: std::net::TcpListener) -> io::Result<Server> {
    let tenants = Arc::new(Tenants::default());
    let served = Arc::clone(&tenants);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
    let (stop, stopped) = oneshot::channel();
    let thread = std::thread::Builder::new().name("tenant-twin".to_owned()).spawn(move || {
        runtime.block_on(async {
            // Dropping the sender ends the wait as well as sending would.
            tokio::select! {
                _ = stopped => {}
                () = accept(listener, served) => {}
            }
        });
    })?;
    Ok(Server { tenants, stop: Some(stop), thread: Some(thread) })
}

async fn accept(listener: std::net::TcpListener, tenants: Arc<Tenants>) {
    let Ok(listener) = TcpListener::from_std(listener) else { return };
    loop {
        match listener.accept().await {
            Ok((stream, _)) => drop(tokio::spawn(serve(stream, Arc::clone(&tenants)))),
            // Out of descriptors, most likely: connections that end give some back.
            Err(_) => tokio::time::sleep(std::time::Duration::from_millis(10)).await,
        }
    }
}

/// Serves one connection. It owns the socket, so this is where a connection can be made to misbehave.
async fn serve(stream: TcpStream, tenants: Arc<Tenants>) {
    // Without this an answer in two writes waits for the peer's delayed acknowledgement.
    let _best_effort = stream.set_nodelay(true);
    let cut = Arc::new(Cut::default());
    let service = service_fn(|request| respond(request, &tenants, &cut));
    let mut connection = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let reset = tokio::select! {
        // First what is under way is written, then the connection is cut.
        biased;
        // The peer went away or sent no HTTP; hyper has answered where it could.
        _ended = &mut connection => return,
        reset = cut.wanted() => reset,
    };
    let stream = connection.into_parts().io.into_inner();
    if reset {
        // Closing now sends a reset instead of an orderly end.
        let _best_effort = stream.set_zero_linger();
    }
}

async fn respond(request: Request<Incoming>, tenants: &Tenants, cut: &Arc<Cut>) -> Result<Response<Feed>, Infallible> {
    let arrived = Instant::now();
    let whole = |answer| Ok(response(answer, &Wire::default(), cut));
    let Some(call) = read(request).await else {
        return whole(Answer::text(413, "The body is too large or ended early."));
    };
    let Some(shared) = tenants.of(&call) else {
        return whole(Answer::text(503, "No tenant is served yet."));
    };
    let arrived = arrived.saturating_duration_since(shared.start);
    if call.path.starts_with("/twin") {
        return whole(shared.world.lock().handle(&call).answer);
    }
    let (number, latency) = {
        let mut world = shared.world.lock();
        (world.log.open(&call.method, call.target(), arrived), world.latency)
    };
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    let outcome = {
        let mut world = shared.world.lock();
        let outcome = world.handle(&call);
        world.witness.see(&call, &outcome.answer);
        outcome
    };
    if !outcome.wire.delay.is_zero() {
        tokio::time::sleep(outcome.wire.delay).await;
    }
    let lost = lost(&outcome);
    let status = if lost.is_some() { 0 } else { outcome.answer.status };
    shared.world.lock().log.close(number, status, shared.start.elapsed(), outcome.batch);
    if let Some(reset) = lost {
        cut.fire(reset);
        return std::future::pending().await;
    }
    Ok(response(outcome.answer, &outcome.wire, cut))
}

/// Whether the connection ends without an answer, and if so, by a reset. An answer without a body has no middle to end in.
fn lost(outcome: &Outcome) -> Option<bool> {
    match (outcome.wire.end, &outcome.answer.body) {
        (End::Lost { reset }, _) => Some(reset),
        (End::ResetInBody, Body::None) => Some(true),
        (End::Truncated { .. }, Body::None) => Some(false),
        _ => None,
    }
}

/// The request with its body; `None` where that is too large or ended early.
async fn read(request: Request<Incoming>) -> Option<Call> {
    let (parts, body) = request.into_parts();
    let body = Limited::new(body, LARGEST_BODY).collect().await.ok()?.to_bytes();
    let headers = parts.headers.iter();
    let headers =
        headers.map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    Some(Call {
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: headers.collect(),
        body,
    })
}

fn response(answer: Answer, wire: &Wire, cut: &Arc<Cut>) -> Response<Feed> {
    let content_type = match &answer.body {
        Body::None => None,
        Body::Text(_) => Some("text/plain"),
        Body::Html(_) => Some("text/html"),
        Body::Json(_) | Body::Ready(_) | Body::Cut(_) => Some(JSON),
    };
    let bytes = answer.body.bytes();
    let mut builder = Response::builder().status(answer.status);
    for (name, value) in
        content_type.map(|value| ("Content-Type".to_owned(), value.to_owned())).into_iter().chain(answer.headers)
    {
        builder = builder.header(name, value);
    }
    // A header or status that HTTP forbids would be a mistake of the twin's own: say so rather than hang up.
    builder.body(Feed::new(&bytes, wire, cut)).unwrap_or_else(|error| {
        let words = Bytes::from(format!("the twin made no valid answer: {error}"));
        let mut response = Response::new(Feed::new(&words, &Wire::default(), cut));
        *response.status_mut() = http::StatusCode::INTERNAL_SERVER_ERROR;
        response
    })
}

/// The content type of Graph's answers.
const JSON: &str = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";
