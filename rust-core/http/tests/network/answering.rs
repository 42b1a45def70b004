//! A server of plain http that gives one kind of answer and remembers what it is sent.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use parking_lot::Mutex;

type Answer = dyn Fn(&str) -> String + Send + Sync;

pub(crate) struct Answering {
    pub(crate) origin: String,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Answering {
    /// Runs until the process ends. `answer` makes the head of each answer, without the empty line, from that of the request.
    pub(crate) fn start(answer: impl Fn(&str) -> String + Send + Sync + 'static) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let this = Self { origin: format!("http://{}", listener.local_addr()?), seen: Arc::default() };
        let (seen, answer): (_, Arc<Answer>) = (Arc::clone(&this.seen), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (seen, answer) = (Arc::clone(&seen), Arc::clone(&answer));
                thread::spawn(move || serve(stream, &seen, &*answer));
            }
        });
        Ok(this)
    }

    /// The heads of the requests so far.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.lock().clone()
    }
}

fn serve(mut stream: TcpStream, seen: &Mutex<Vec<String>>, answer: &Answer) -> Option<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).to_lowercase();
    let length = head.split_once("content-length: ").and_then(|(_, rest)| rest.lines().next()?.parse().ok());
    // Unread, it would make a reset of the end.
    stream.read_exact(&mut vec![0; length.unwrap_or(0)]).ok()?;
    seen.lock().push(head.clone());
    write!(stream, "HTTP/1.1 {}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", answer(&head)).ok()
}
