//! What ends TLS before a twin, as Microsoft's gateways do: HTTP/2 or 1.1, and a part of the twin for each host name.

use std::error::Error;
use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::thread::JoinHandle;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use parking_lot::Mutex;
use rustls::ServerConfig;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

/// A host and the address that its requests go to; `*` for any host.
pub(crate) type Behind = Vec<(String, String)>;

/// Listens from the start, so that its port is known before there is anything to serve.
pub(crate) struct Unopened(TcpListener);

/// Serves until it is dropped.
pub(crate) struct Front {
    pub(crate) port: u16,
    served: Arc<Served>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

struct Served {
    behind: Behind,
    /// Host and HTTP version of each request.
    seen: Mutex<Vec<(String, String)>>,
    client: reqwest::Client,
}

impl Unopened {
    pub(crate) fn new() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        Ok(Self(listener))
    }

    pub(crate) fn port(&self) -> io::Result<u16> {
        Ok(self.0.local_addr()?.port())
    }

    pub(crate) fn open(self, config: ServerConfig, behind: Behind) -> Result<Front, Box<dyn Error>> {
        let port = self.port()?;
        // Another test of this process may have done so.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().tls_certs_only(std::iter::empty()).build()?;
        let served = Arc::new(Served { behind, seen: Mutex::default(), client });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        let (listener, shared) = (self.0, Arc::clone(&served));
        let thread = std::thread::spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    _ = stopped => {}
                    () = accept(listener, TlsAcceptor::from(Arc::new(config)), shared) => {}
                }
            });
        });
        Ok(Front { port, served, stop: Some(stop), thread: Some(thread) })
    }
}

impl Front {
    /// Host and HTTP version of each request so far.
    pub(crate) fn seen(&self) -> Vec<(String, String)> {
        self.served.seen.lock().clone()
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn accept(listener: TcpListener, tls: TlsAcceptor, served: Arc<Served>) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
    while let Ok((stream, _)) = listener.accept().await {
        drop(tokio::spawn(serve(stream, tls.clone(), Arc::clone(&served))));
    }
}

async fn serve(stream: TcpStream, tls: TlsAcceptor, served: Arc<Served>) {
    // A client that doesn't trust the certificate ends here.
    let Ok(stream) = tls.accept(stream).await else { return };
    let service = service_fn(|request| forward(request, Arc::clone(&served)));
    let _ = Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
}

async fn forward(
    request: Request<Incoming>,
    served: Arc<Served>,
) -> Result<Response<Full<Bytes>>, Box<dyn Error + Send + Sync>> {
    let (parts, body) = request.into_parts();
    let named = parts.headers.get("host").and_then(|host| host.to_str().ok());
    let host = parts.uri.host().or(named).unwrap_or_default().split(':').next().unwrap_or_default().to_owned();
    served.seen.lock().push((host.clone(), format!("{:?}", parts.version)));
    let behind = served.behind.iter().find(|(known, _)| *known == host || known == "*");
    let (_, base) = behind.ok_or_else(|| format!("nothing behind {host}"))?;
    let path = parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    let mut outgoing = served.client.request(parts.method, format!("{base}{path}"));
    for (name, value) in parts.headers.iter().filter(|(name, _)| *name != "host" && *name != "content-length") {
        outgoing = outgoing.header(name, value);
    }
    let answer = outgoing.body(body.collect().await?.to_bytes()).send().await?;
    let mut response = Response::builder().status(answer.status());
    let end_to_end = ["transfer-encoding", "connection", "content-length"];
    for (name, value) in answer.headers().iter().filter(|(name, _)| !end_to_end.contains(&name.as_str())) {
        response = response.header(name, value);
    }
    Ok(response.body(Full::new(answer.bytes().await?))?)
}
