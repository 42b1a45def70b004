//! A proxy that tunnels to one address, whatever host it is asked for, and remembers all that it is sent.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use parking_lot::Mutex;

#[derive(Clone, Copy)]
pub(crate) enum Manner {
    /// Tunnels there.
    Tunnels(SocketAddr),
    /// Refuses with this status line.
    Refuses(&'static str),
}

pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
    bytes: Arc<Mutex<Vec<u8>>>,
}

impl Proxy {
    /// Runs until the process ends.
    pub(crate) fn start(manner: Manner) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let proxy = Self { address: listener.local_addr()?, heads: Arc::default(), bytes: Arc::default() };
        let (heads, bytes) = (Arc::clone(&proxy.heads), Arc::clone(&proxy.bytes));
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (heads, bytes) = (Arc::clone(&heads), Arc::clone(&bytes));
                thread::spawn(move || serve(client, manner, &heads, &bytes));
            }
        });
        Ok(proxy)
    }

    /// As an environment variable holds it.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The first line of each request so far.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.heads.lock().iter().map(|head| head.lines().next().unwrap_or_default().to_owned()).collect()
    }

    /// The heads of the requests so far.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.heads.lock().clone()
    }

    /// Whether a text came by in clear.
    pub(crate) fn saw(&self, text: &str) -> bool {
        self.bytes.lock().windows(text.len()).any(|window| window == text.as_bytes())
    }
}

fn serve(mut client: TcpStream, manner: Manner, heads: &Mutex<Vec<String>>, bytes: &Arc<Mutex<Vec<u8>>>) -> Option<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        client.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    bytes.lock().extend(&head);
    heads.lock().push(String::from_utf8_lossy(&head).into_owned());
    let there = match manner {
        Manner::Tunnels(there) => there,
        Manner::Refuses(status) => {
            return write!(client, "HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n").ok();
        }
    };
    let mut server = TcpStream::connect(there).ok()?;
    client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").ok()?;
    let (mut back, mut to_client) = (server.try_clone().ok()?, client.try_clone().ok()?);
    thread::spawn(move || {
        let _ = io::copy(&mut back, &mut to_client);
        let _ = to_client.shutdown(Shutdown::Write);
    });
    let mut piece = [0; 4096];
    while let Ok(len @ 1..) = client.read(&mut piece) {
        bytes.lock().extend(&piece[..len]);
        server.write_all(&piece[..len]).ok()?;
    }
    server.shutdown(Shutdown::Write).ok()
}
