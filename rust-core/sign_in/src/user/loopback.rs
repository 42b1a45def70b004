//! Where the browser brings the answer: a listener on this computer alone, for one answer.
//!
//! Source: RFC 8252, 7.3 and 8.3. `localhost` may mean either address family, so both are listened on, with one port.

use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded};
use url::Url;

use super::super::error::SignInError;
use super::page;
use pp_base::cancel::Cancel;
use pp_base::clock::Clock;
use pp_base::secret::SecretText;
use pp_words::of_system;

/// No request of a browser that matters is longer.
const LONGEST_HEAD: usize = 16 * 1024;
/// Connections at a time: browsers open some ahead of need.
const MOST: usize = 16;
/// A connection that says nothing is let go after this.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often the wait looks for an answer.
const LOOK: Duration = Duration::from_millis(50);
/// Ports tried until one is free in both families.
const TRIES: u32 = 16;

/// What the browser brought.
pub(super) enum Brought {
    /// The authorization code.
    Code(SecretText),
    /// The service's refusal.
    Refusal {
        /// OAuth error.
        error: String,
        /// In the service's words.
        description: String,
    },
}

/// A listener that is open until it is dropped.
pub(super) struct Loopback {
    port: u16,
    shared: Arc<Shared>,
    receiver: Receiver<Brought>,
    threads: Vec<(SocketAddr, JoinHandle<()>)>,
}

struct Shared {
    /// `localhost:{port}`, which a request must be for: a page of another name that leads here is none of ours.
    host: String,
    state: String,
    /// The one answer was taken, or nobody waits for it any more.
    closed: AtomicBool,
    busy: AtomicUsize,
    sender: Sender<Brought>,
}

impl Loopback {
    /// Listens for the answer that carries `state`.
    pub(super) fn open(state: String) -> Result<Self, SignInError> {
        let failed = |e: io::Error| {
            SignInError::Local(format!("this computer can't listen for the browser's answer: {}", of_system(&e)))
        };
        let (port, listeners) = bind().map_err(failed)?;
        let (sender, receiver) = bounded(1);
        let host = format!("localhost:{port}");
        let shared =
            Arc::new(Shared { host, state, closed: AtomicBool::new(false), busy: AtomicUsize::new(0), sender });
        let mut opened = Self { port, shared, receiver, threads: Vec::new() };
        for listener in listeners {
            let address = listener.local_addr().map_err(failed)?;
            let shared = Arc::clone(&opened.shared);
            let thread = std::thread::Builder::new().name("pp-loopback".into());
            let thread = thread.spawn(move || accept(&listener, &shared)).map_err(failed)?;
            opened.threads.push((address, thread));
        }
        Ok(opened)
    }

    /// The redirect address. Entra takes any port for `http://localhost`.
    pub(super) fn redirect_uri(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// Waits for the answer.
    pub(super) fn wait(&self, clock: &dyn Clock, timeout: Duration, cancel: &Cancel) -> Result<Brought, SignInError> {
        let start = clock.elapsed();
        loop {
            if let Ok(brought) = self.receiver.try_recv() {
                return Ok(brought);
            }
            if clock.elapsed().saturating_sub(start) >= timeout {
                // What came in time is on its way while its page goes out, and the person has seen that.
                let taken = self.shared.closed.load(Ordering::SeqCst);
                if let Some(brought) = taken.then(|| self.receiver.recv_timeout(PATIENCE).ok()).flatten() {
                    return Ok(brought);
                }
                let words = format!("nobody signed in within {} s", timeout.as_secs());
                return Err(SignInError::TimedOut(words));
            }
            clock.wait(LOOK, cancel)?;
        }
    }
}

impl Drop for Loopback {
    fn drop(&mut self) {
        self.shared.closed.store(true, Ordering::SeqCst);
        for (address, thread) in self.threads.drain(..) {
            // The accept ends with a connection; where none can be made, the thread ends with its next one.
            if TcpStream::connect_timeout(&address, PATIENCE).is_ok() {
                let _ = thread.join();
            }
        }
    }
}

/// One port in both families, or in IPv4 alone where there is no IPv6. A port that somebody else has in one of them is not
/// used: the browser might go there.
fn bind() -> io::Result<(u16, Vec<TcpListener>)> {
    let mut last = io::Error::from(io::ErrorKind::AddrInUse);
    for _ in 0..TRIES {
        let four = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = four.local_addr()?.port();
        match TcpListener::bind((Ipv6Addr::LOCALHOST, port)) {
            Ok(six) => return Ok((port, vec![four, six])),
            Err(e) if e.kind() == io::ErrorKind::AddrInUse || e.kind() == io::ErrorKind::PermissionDenied => last = e,
            Err(_) => return Ok((port, vec![four])),
        }
    }
    Err(last)
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    while !shared.closed.load(Ordering::SeqCst) {
        let Ok((stream, peer)) = listener.accept() else { continue };
        let local = matches!(peer.ip(), IpAddr::V4(ip) if ip.is_loopback()) || peer.ip() == Ipv6Addr::LOCALHOST;
        if !local || shared.closed.load(Ordering::SeqCst) || shared.busy.load(Ordering::SeqCst) >= MOST {
            continue;
        }
        shared.busy.fetch_add(1, Ordering::SeqCst);
        let answering = Arc::clone(shared);
        let spawned = std::thread::Builder::new().name("pp-loopback".into()).spawn(move || {
            answer(stream, &answering);
            answering.busy.fetch_sub(1, Ordering::SeqCst);
        });
        if spawned.is_err() {
            shared.busy.fetch_sub(1, Ordering::SeqCst);
        }
    }
}

/// Reads one request and answers it. The page goes out before the answer is passed on, after which nobody listens.
fn answer(mut stream: TcpStream, shared: &Shared) {
    let _ = stream.set_read_timeout(Some(PATIENCE));
    let _ = stream.set_write_timeout(Some(PATIENCE));
    let (page, brought) = match head(&mut stream) {
        Some(head) => judge(&head, shared),
        None => (&page::NOT_OURS, None),
    };
    let _ = stream.write_all(page::answer(page).as_bytes());
    let _ = stream.shutdown(std::net::Shutdown::Write);
    if let Some(brought) = brought {
        // Full only if an answer is there already, which `closed` rules out.
        let _ = shared.sender.try_send(brought);
    }
}

fn head(stream: &mut TcpStream) -> Option<zeroize::Zeroizing<Vec<u8>>> {
    let mut head = zeroize::Zeroizing::new(Vec::with_capacity(LONGEST_HEAD));
    let mut part = zeroize::Zeroizing::new([0; 1024]);
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let read = stream.read(part.as_mut()).ok().filter(|read| *read > 0)?;
        if head.len() + read > LONGEST_HEAD {
            return None;
        }
        head.extend_from_slice(&part[..read]);
    }
    Some(head)
}

/// The page for a request, and what it brought where it is the one that is waited for.
fn judge(head: &[u8], shared: &Shared) -> (&'static page::Page, Option<Brought>) {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut request = httparse::Request::new(&mut headers);
    if !matches!(request.parse(head), Ok(httparse::Status::Complete(_))) {
        return (&page::NOT_OURS, None);
    }
    let host = request.headers.iter().find(|header| header.name.eq_ignore_ascii_case("host"));
    if host.is_none_or(|host| !host.value.eq_ignore_ascii_case(shared.host.as_bytes())) {
        return (&page::NOT_OURS, None);
    }
    let target = request.path.and_then(|path| Url::parse(&format!("http://localhost{path}")).ok());
    let Some(target) = target.filter(|target| request.method == Some("GET") && target.path() == "/") else {
        return (&page::NOTHING, None);
    };
    let Some(brought) = brought(&target, &shared.state) else { return (&page::NOT_OURS, None) };
    if shared.closed.swap(true, Ordering::SeqCst) {
        return (&page::OVER, None);
    }
    match brought {
        Brought::Code(_) => (&page::DONE, Some(brought)),
        Brought::Refusal { .. } => (&page::REFUSED, Some(brought)),
    }
}

/// What an answer with the right state carries.
fn brought(target: &Url, state: &str) -> Option<Brought> {
    let field = |name: &str| target.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned());
    if field("state").as_deref() != Some(state) {
        return None;
    }
    if let Some(error) = field("error") {
        return Some(Brought::Refusal { error, description: field("error_description").unwrap_or_default() });
    }
    field("code").map(|code| Brought::Code(SecretText::take(code)))
}
