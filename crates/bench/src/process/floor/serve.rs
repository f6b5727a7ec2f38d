//! The floor server itself: one current-thread runtime per core, each with its own listener on the one port.

use std::convert::Infallible;
use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::thread;

use anyhow::{Context, Result};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming};
use hyper::header::{CONNECTION, CONTENT_LENGTH, DATE, TRANSFER_ENCODING};
use hyper::service::service_fn;
use hyper::{HeaderMap, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use socket2::{Domain, Socket, Type};

use crate::http::Received;

const BACKLOG: i32 = 4_096;

/// What the hidden subcommand `floor` is told.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A file with the whole HTTP/1.1 reply to give to every request.
    #[arg(long)]
    reply: PathBuf,
}

/// Serves until the process is killed.
pub(crate) fn serve(arguments: &Arguments) -> Result<()> {
    let raw = std::fs::read(&arguments.reply).with_context(|| format!("reading {}", arguments.reply.display()))?;
    let reply = Constant::new(&Received::parse(&raw)?.context("the reply file is not a whole reply")?)?;
    let first = listen(SocketAddr::from(([127, 0, 0, 1], 0)))?;
    let address = first.local_addr()?;
    let mut threads = Vec::new();
    for _ in 1..thread::available_parallelism()?.get() {
        let (listener, reply) = (listen(address)?, reply.clone());
        threads.push(thread::spawn(move || run(listener, &reply)));
    }
    writeln!(std::io::stdout(), "listening on http://{address}")?;
    run(first, &reply)
}

/// A listener that shares its port with others.
pub(crate) fn listen(address: SocketAddr) -> Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    socket.set_reuse_port(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

fn run(listener: TcpListener, reply: &Constant) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let reply = reply.clone();
            let service = service_fn(move |request| answer(request, reply.clone()));
            let connection = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            tokio::spawn(async move {
                // A client that goes away ends its connection, and that is all.
                connection.await.ok();
            });
        }
    })
}

async fn answer(request: Request<Incoming>, reply: Constant) -> Result<Response<Full<Bytes>>, Infallible> {
    if !request.body().is_end_stream() {
        // A body cut short ends the connection, and with it this future.
        request.into_body().collect().await.ok();
    }
    Ok(reply.response())
}

/// What every request is answered with. Cloning it copies no bytes of the body.
#[derive(Clone, Debug)]
struct Constant {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Constant {
    fn new(received: &Received) -> Result<Self> {
        let mut headers = HeaderMap::new();
        for (name, value) in &received.headers {
            headers.append(hyper::header::HeaderName::from_bytes(name.as_bytes())?, value.as_slice().try_into()?);
        }
        // Hyper writes these itself.
        for own in [DATE, CONTENT_LENGTH, CONNECTION, TRANSFER_ENCODING] {
            headers.remove(own);
        }
        let status = StatusCode::from_u16(received.status)?;
        Ok(Self { status, headers, body: Bytes::copy_from_slice(&received.body) })
    }

    fn response(&self) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::new(self.body.clone()));
        *response.status_mut() = self.status;
        response.headers_mut().clone_from(&self.headers);
        response
    }
}
