//! The HTTP server: one thread with its own single-threaded runtime.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Instant;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use crate::call::{Answer, Body, Call};
use crate::world::World;

/// Bodies past this are refused with 413; Graph's own limit for JSON is of this order.
const LARGEST_BODY: usize = 4 << 20;

/// What the server's thread and the twin's owner share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) world: Mutex<World>,
    /// Arrivals and answers are measured from here.
    pub(crate) start: Instant,
}

/// A running server; dropping it closes every connection and waits for the thread.
#[derive(Debug)]
pub(crate) struct Server {
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
pub(crate) fn start(listener: std::net::TcpListener, shared: Arc<Shared>) -> io::Result<Server> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
    let (stop, stopped) = oneshot::channel();
    let thread = std::thread::Builder::new().name("tenant-twin".to_owned()).spawn(move || {
        runtime.block_on(async {
            // Dropping the sender ends the wait as well as sending would.
            tokio::select! {
                _ = stopped => {}
                () = accept(listener, shared) => {}
            }
        });
    })?;
    Ok(Server { stop: Some(stop), thread: Some(thread) })
}

async fn accept(listener: std::net::TcpListener, shared: Arc<Shared>) {
    let Ok(listener) = TcpListener::from_std(listener) else { return };
    loop {
        match listener.accept().await {
            Ok((stream, _)) => drop(tokio::spawn(serve(stream, Arc::clone(&shared)))),
            // Out of descriptors, most likely: connections that end give some back.
            Err(_) => tokio::time::sleep(std::time::Duration::from_millis(10)).await,
        }
    }
}

/// Serves one connection. It owns the socket, so this is where a connection can be made to misbehave.
async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    // Without this an answer in two writes waits for the peer's delayed acknowledgement.
    let _best_effort = stream.set_nodelay(true);
    let service = service_fn(|request| respond(request, &shared));
    let connection = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    // The peer went away or sent no HTTP; hyper has answered where it could.
    let _ended = connection.await;
}

async fn respond(request: Request<Incoming>, shared: &Shared) -> Result<Response<Full<Bytes>>, Infallible> {
    let arrived = shared.start.elapsed();
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    let Ok(body) = Limited::new(body, LARGEST_BODY).collect().await.map(http_body_util::Collected::to_bytes) else {
        return Ok(response(Answer::text(413, "The body is too large or ended early.")));
    };
    let headers = parts.headers.iter();
    let headers =
        headers.map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    let call = Call {
        method: parts.method.as_str().to_owned(),
        path,
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: headers.collect(),
        body,
    };
    if call.path.starts_with("/twin") {
        return Ok(response(shared.world.lock().handle(&call).answer));
    }
    let (number, latency) = {
        let mut world = shared.world.lock();
        (world.log.open(&call.method, call.target(), arrived), world.latency)
    };
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    let mut world = shared.world.lock();
    let outcome = world.handle(&call);
    world.log.close(number, outcome.answer.status, shared.start.elapsed(), outcome.batch);
    Ok(response(outcome.answer))
}

fn response(answer: Answer) -> Response<Full<Bytes>> {
    let (content_type, bytes) = match answer.body {
        Body::None => (None, Bytes::new()),
        Body::Text(text) => (Some("text/plain"), Bytes::from(text)),
        Body::Json(value) => (Some(JSON), Bytes::from(value.to_string())),
    };
    let mut builder = Response::builder().status(answer.status);
    for (name, value) in
        content_type.map(|value| ("Content-Type".to_owned(), value.to_owned())).into_iter().chain(answer.headers)
    {
        builder = builder.header(name, value);
    }
    // A header or status that HTTP forbids would be a mistake of the twin's own: say so rather than hang up.
    builder.body(Full::new(bytes)).unwrap_or_else(|error| {
        let mut response = Response::new(Full::new(Bytes::from(format!("the twin made no valid answer: {error}"))));
        *response.status_mut() = http::StatusCode::INTERNAL_SERVER_ERROR;
        response
    })
}

/// The content type of Graph's answers.
const JSON: &str = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";
