//! An answer that is larger than any that is read is an error, and never cut.

use std::io::{self, Read, Write};
use std::net::TcpListener;
use std::thread;

use pp_base::cancel::Cancel;
use pp_http::{Client, Limits, Method, Request, Response, SendError};
use pp_testing::TestResult;
use url::Url;

const LARGEST: usize = 32 * 1024 * 1024;

/// What comes of an answer of so many bytes.
fn answer_of(bytes: usize) -> Result<Result<Response, SendError>, Box<dyn std::error::Error>> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = Url::parse(&format!("http://{}/", listener.local_addr()?))?;
    let server = thread::spawn(move || -> io::Result<()> {
        let (mut stream, _) = listener.accept()?;
        let _request = stream.read(&mut [0; 4096])?;
        write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {bytes}\r\n\r\n")?;
        stream.write_all(&vec![b' '; bytes])
    });
    let request = Request { method: Method::GET, url: url.clone(), headers: Vec::new(), body: None };
    let answer = Client::new(&[url.as_str()], Limits::default())?.send(request, &Cancel::never());
    // Who doesn't read to the end may close early.
    let _sent = server.join();
    Ok(answer)
}

#[test]
fn an_answer_of_32_mib_is_read_and_one_byte_more_is_an_error() -> TestResult {
    assert_eq!(answer_of(LARGEST)??.body.len(), LARGEST);
    let answer = answer_of(LARGEST + 1)?.map(|answer| answer.body.len());
    assert!(matches!(answer, Err(SendError::TooLarge { .. })), "{answer:?}");
    Ok(())
}
