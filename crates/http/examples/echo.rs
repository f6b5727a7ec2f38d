//! The server with a constant answer, and bare hyper on the same threads beside it: what the server itself costs.
//!
//! `echo ours|floor THREADS` prints the address, and serves until its standard input ends. Compare requests per second of
//! the process's CPU time, over alternating runs.

use std::convert::Infallible;
use std::io::{Read as _, Write as _};
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Response, header};
use http_body_util::Full;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use onsale_http::server::{self, Answering, Body, Incoming, Options, Service};

const ANSWER: &[u8] = br#"{"resultType":"SUCCESS","data":{"queuePosition":1,"status":"WAITING"},"message":"SUCCESS"}"#;

struct Constant;

impl Service for Constant {
    fn call(self: &Arc<Self>, _: Parts, _: Incoming) -> Answering {
        Answering::Now(answer(Body::once(Bytes::from_static(ANSWER))))
    }
}

fn answer<B>(body: B) -> Response<B> {
    let mut response = Response::new(body);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn floor(threads: usize) -> SocketAddr {
    let bind = |address: SocketAddr| {
        let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).expect("a socket");
        socket.set_reuse_port(true).expect("shared ports");
        socket.bind(&address.into()).expect("a port");
        socket.listen(4096).expect("a listener");
        socket.set_nonblocking(true).expect("a listener that does not block");
        std::net::TcpListener::from(socket)
    };
    let first = bind(SocketAddr::from(([127, 0, 0, 1], 0)));
    let address = first.local_addr().expect("an address");
    for listener in std::iter::once(first).chain((1..threads).map(|_| bind(address))) {
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async move {
                let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
                loop {
                    let (stream, _) = listener.accept().await.expect("a connection");
                    stream.set_nodelay(true).expect("a live socket");
                    let service =
                        service_fn(async |_| Ok::<_, Infallible>(answer(Full::new(Bytes::from_static(ANSWER)))));
                    tokio::spawn(
                        hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service),
                    );
                }
            });
        });
    }
    address
}

#[expect(clippy::print_stdout, reason = "to print is what it is for")]
fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let threads = arguments[2].parse().expect("a number of threads");
    let ours = (arguments[1] == "ours").then(|| {
        let options = Options { listen: SocketAddr::from(([127, 0, 0, 1], 0)), threads, ..Options::default() };
        server::bind(options).expect("a port").serve(|_| Constant).expect("threads")
    });
    println!("{}", ours.as_ref().map_or_else(|| floor(threads), server::Running::address));
    std::io::stdout().flush().expect("somebody who reads");
    std::io::stdin().read_to_end(&mut Vec::new()).expect("an end");
}
