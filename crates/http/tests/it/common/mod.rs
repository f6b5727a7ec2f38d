//! A server with a few odd routes, and a client that sees every byte.

pub(crate) mod frames;

use std::net::SocketAddr;
use std::sync::{Arc, Barrier};
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use http::request::Parts;
use http_body_util::StreamBody;
use onsale_http::server::{self, Answering, Body, Incoming, Options, Running, Service, ShutdownHandle};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;

pub(crate) const BODY_BYTES_MAX: usize = 16 * 1024;
pub(crate) const LIST_BYTES: usize = 50_000;
pub(crate) const LARGE_BYTES: usize = 50_000_000;

/// Holds the `/slow` route until a test lets it go.
pub(crate) struct Gate {
    entered: Semaphore,
    open: Semaphore,
    /// Where the `/hang` route keeps its thread, until a test comes there too.
    pub(crate) hung: Barrier,
}

impl Gate {
    pub(crate) async fn entered(&self) {
        self.entered.acquire().await.unwrap().forget();
    }

    pub(crate) fn open(&self) {
        self.open.add_permits(1);
    }
}

struct Routes {
    gate: Arc<Gate>,
    large: Bytes,
}

impl Service for Routes {
    fn call(self: &Arc<Self>, head: Parts, body: Incoming) -> Answering {
        let routes = self.clone();
        Answering::later(async move { routes.answer(head, body).await })
    }
}

impl Routes {
    async fn answer(&self, head: Parts, body: Incoming) -> Response<Body> {
        let body = match head.uri.path() {
            "/echo" => match server::read(body, BODY_BYTES_MAX).await {
                Ok(body) => Body::once(body),
                Err(error) => Body::once(format!("{error:?}").into()),
            },
            "/slow" => {
                self.gate.entered.add_permits(1);
                self.gate.open.acquire().await.unwrap().forget();
                Body::once(Bytes::from_static(b"slow"))
            }
            "/hang" => {
                self.gate.hung.wait();
                Body::once(Bytes::from_static(b"hung"))
            }
            "/list" => Body::once(Bytes::from(vec![b'x'; LIST_BYTES])),
            "/large" => Body::once(self.large.clone()),
            "/stall" => {
                let chunk = Bytes::from(vec![b'x'; 1_000_000]);
                Body::chunks(std::iter::repeat_n(chunk, 50).collect())
            }
            "/chunks" => Body::chunks(["ab", "", "cde", "f", ""].map(Bytes::from).into()),
            "/stream" => {
                let frame = http_body::Frame::data(Bytes::from_static(b"streamed"));
                let frames = futures_util::stream::iter([Ok::<_, std::io::Error>(frame)]);
                let mut response = Response::new(Body::stream(StreamBody::new(frames)));
                response.headers_mut().insert("content-length", 8.into());
                return response;
            }
            _ => Body::once(Bytes::from_static(b"hello")),
        };
        Response::new(body)
    }
}

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) gate: Arc<Gate>,
    running: Running,
    handle: ShutdownHandle,
}

/// A free port, two threads, and nothing that ends by itself within a test.
pub(crate) fn options() -> Options {
    let long = Duration::from_secs(3_600);
    Options {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        threads: 2,
        connections_max: 100_000,
        head_timeout: long,
        body_timeout: long,
        write_timeout: long,
        idle_timeout: long,
        ..Options::default()
    }
}

impl Server {
    pub(crate) fn start(options: Options) -> Self {
        let gate = Arc::new(Gate { entered: Semaphore::new(0), open: Semaphore::new(0), hung: Barrier::new(2) });
        let large = Bytes::from(vec![b'x'; LARGE_BYTES]);
        let routes = gate.clone();
        let factory = move |_| Routes { gate: routes.clone(), large: large.clone() };
        let running = server::bind(options).unwrap().serve(factory).unwrap();
        Self { address: running.address(), gate, handle: running.shutdown_handle(), running }
    }

    /// How long ago each of its threads has come round, at the most.
    pub(crate) fn silence(&self) -> Duration {
        self.running.pulses().silence()
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    pub(crate) fn shutdown(&self, grace: Duration) {
        self.handle.shutdown(grace);
    }

    /// How many connections were cut off.
    pub(crate) async fn join(self) -> usize {
        tokio::task::spawn_blocking(|| self.running.join()).await.unwrap().unwrap()
    }

    pub(crate) async fn stop(self) -> usize {
        self.shutdown(Duration::from_secs(3_600));
        self.join().await
    }

    /// Returns when the server has closed this connection. What it sent before stays unread until then, so that a
    /// client that does not read is one.
    pub(crate) async fn all_gone(&self, client: &mut TcpStream) {
        loop {
            let ready = client.ready(tokio::io::Interest::READABLE | tokio::io::Interest::ERROR).await.unwrap();
            if ready.is_read_closed() || ready.is_error() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

pub(crate) fn get(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n").into_bytes()
}

pub(crate) fn post(path: &str, body: &str) -> Vec<u8> {
    format!("POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// One response with a Content-Length; what follows it stays unread.
pub(crate) async fn read_response(client: &mut (impl AsyncRead + Unpin)) -> String {
    let mut response = Vec::new();
    while !response.ends_with(b"\r\n\r\n") {
        let byte = client.read_u8().await.unwrap_or_else(|error| panic!("{error} after {response:?}"));
        response.push(byte);
    }
    let head = String::from_utf8(response.clone()).unwrap().to_lowercase();
    let length = head.split("content-length: ").nth(1).and_then(|rest| rest.split('\r').next()).unwrap();
    let mut body = vec![0; length.parse().unwrap()];
    client.read_exact(&mut body).await.unwrap();
    response.extend(body);
    String::from_utf8(response).unwrap()
}

pub(crate) async fn read_to_end(client: &mut (impl AsyncRead + Unpin)) -> String {
    let mut response = Vec::new();
    client.read_to_end(&mut response).await.unwrap();
    String::from_utf8(response).unwrap()
}

/// Whatever comes first; empty where the connection is closed instead.
pub(crate) async fn read_some(client: &mut (impl AsyncRead + Unpin)) -> String {
    let mut buffer = [0; 1024];
    let bytes = client.read(&mut buffer).await.unwrap_or(0);
    String::from_utf8_lossy(&buffer[..bytes]).into_owned()
}

/// The soft and hard limits on open files.
pub(crate) fn descriptors_max() -> (u64, u64) {
    let text = std::fs::read_to_string("/proc/self/limits").unwrap();
    let line = text.lines().find(|line| line.starts_with("Max open files")).unwrap();
    let mut words = line.split_whitespace().skip(3).map(|word| word.parse().unwrap_or(u64::MAX));
    (words.next().unwrap(), words.next().unwrap())
}
