//! A proxy that answers 500 for one endpoint, and passes everything else on.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use crate::journey::Call;
use crate::load::{Fed, Parser};

/// How long a connection may be silent.
const SILENCE_MAX: Duration = Duration::from_secs(30);

/// Serves until it is dropped.
#[derive(Debug)]
pub(super) struct Proxy {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Proxy {
    /// A proxy to `upstream` behind which `fails` is out of order.
    pub(super) fn start(upstream: SocketAddr, fails: Option<Call>) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").context("a port for the proxy")?;
        let address = listener.local_addr()?;
        let stop = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&stop);
        let start_of_request = fails.and_then(Call::endpoint);
        let thread = std::thread::spawn(move || {
            for client in listener.incoming() {
                if asked.load(Ordering::SeqCst) {
                    return;
                }
                if let Ok(client) = client {
                    // A connection that breaks is the client's to notice.
                    std::thread::spawn(move || pass(client, upstream, start_of_request).ok());
                }
            }
        });
        Ok(Self { address, stop, thread: Some(thread) })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts.
        TcpStream::connect(self.address).ok();
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

fn pass(mut client: TcpStream, upstream: SocketAddr, fails: Option<&'static str>) -> Result<()> {
    let mut server = TcpStream::connect(upstream)?;
    for stream in [&client, &server] {
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(SILENCE_MAX))?;
    }
    let mut request = Vec::new();
    let mut buffer = vec![0; 64 * 1024];
    while read_request(&mut client, &mut request, &mut buffer)? {
        if fails.is_some_and(|endpoint| is_to(&request, endpoint)) {
            client.write_all(&failure())?;
            continue;
        }
        server.write_all(&request)?;
        let mut parser = Parser::default();
        loop {
            let count = server.read(&mut buffer)?;
            if count == 0 {
                return Ok(());
            }
            client.write_all(&buffer[..count])?;
            if let Fed::Whole { .. } = parser.feed(&buffer[..count], false)? {
                break;
            }
        }
    }
    Ok(())
}

/// Whether the request is to `endpoint`, such as `GET /v1/api/user/amount`, with or without a query.
fn is_to(request: &[u8], endpoint: &str) -> bool {
    request.strip_prefix(endpoint.as_bytes()).is_some_and(|rest| rest.starts_with(b" ") || rest.starts_with(b"?"))
}

fn failure() -> Vec<u8> {
    let body = br#"{"resultType":"FAIL","data":{},"message":"out of order","type":"about:blank","title":"Out of order","status":500,"detail":"out of order","code":"INTERNAL_ERROR"}"#;
    let head = format!(
        "HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/problem+json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

/// Reads one request with its body; false when the client is gone.
fn read_request(client: &mut TcpStream, request: &mut Vec<u8>, buffer: &mut [u8]) -> Result<bool> {
    const HEAD_BYTES_MAX: usize = 16 * 1024;
    request.clear();
    loop {
        if let Some(whole) = length_of(request)?
            && request.len() >= whole
        {
            return Ok(true);
        }
        if request.len() > HEAD_BYTES_MAX {
            bail!("a request that does not end");
        }
        let count = client.read(buffer)?;
        if count == 0 {
            return Ok(false);
        }
        request.extend_from_slice(&buffer[..count]);
    }
}

/// How long the request is with its body; `None` while its head is not whole.
fn length_of(request: &[u8]) -> Result<Option<usize>> {
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut parsed = httparse::Request::new(&mut headers);
    let httparse::Status::Complete(head) = parsed.parse(request)? else { return Ok(None) };
    let length = parsed.headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-length"));
    let body: usize = match length {
        Some(header) => std::str::from_utf8(header.value)?.trim().parse()?,
        None => 0,
    };
    Ok(Some(head + body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_its_whole_path() {
        assert!(is_to(b"POST /v1/api/queue/token HTTP/1.1\r\n", "POST /v1/api/queue/token"));
        assert!(!is_to(b"POST /v1/api/queue/token/check HTTP/1.1\r\n", "POST /v1/api/queue/token"));
        assert!(is_to(b"GET /v1/api/concerts/seat?scheduleId=1 HTTP/1.1\r\n", "GET /v1/api/concerts/seat"));
    }

    #[test]
    fn a_request_ends_with_its_body() {
        let head = b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n";
        assert_eq!(length_of(head).unwrap(), Some(head.len() + 2));
        assert_eq!(length_of(&head[..10]).unwrap(), None);
    }
}
