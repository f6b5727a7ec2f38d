//! The planted server on a port of its own.

use std::convert::Infallible;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

use http::{Response, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::sync::oneshot;

use super::answer::Answer;
use super::fault::Fault;
use super::manners::{Body, Manners};
use super::request::Request;
use super::rules::Rules;
use super::wire::Wire;
use super::world::World;

/// A running planted server; it stops when it is dropped.
pub struct PlantedServer {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl PlantedServer {
    /// Serves on a free port of the loopback interface, on a thread of its own.
    ///
    /// # Panics
    /// When there is no port to listen on.
    #[must_use]
    pub fn start(rules: &Rules, fault: Option<Fault>) -> Self {
        Self::listen(SocketAddr::from(([127, 0, 0, 1], 0)), rules, fault)
            .expect("a free port of the loopback interface")
    }

    /// Serves on this address.
    ///
    /// # Errors
    /// When it cannot be listened on.
    pub fn listen(address: SocketAddr, rules: &Rules, fault: Option<Fault>) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (world, manners) = (Arc::new(Mutex::new(World::new(rules, fault))), Arc::new(Manners::new(rules, fault)));
        let wire = rules.wire;
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    () = accept(listener, world, manners, wire) => {}
                    // A dropped sender asks for the same.
                    _ = stopped => {}
                }
            });
        });
        Ok(Self { address, stop: Some(stop), thread: Some(thread) })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until the process ends.
    pub fn wait(mut self) {
        if let Some(thread) = self.thread.take() {
            // A panic has been reported already.
            drop(thread.join());
        }
    }
}

impl Drop for PlantedServer {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic has been reported already.
            drop(thread.join());
        }
    }
}

async fn accept(listener: TcpListener, world: Arc<Mutex<World>>, manners: Arc<Manners>, wire: Wire) {
    let listener = tokio::net::TcpListener::from_std(listener).expect("a listener that does not block");
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of descriptors, most likely: those who have one shall end first.
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            continue;
        };
        // Only a connection that has broken already refuses this.
        drop(stream.set_nodelay(true));
        let world = Arc::clone(&world);
        let manners = Arc::clone(&manners);
        let service = service_fn(move |request| answer(request, Arc::clone(&world), Arc::clone(&manners), wire));
        let connection = http1::Builder::new().pipeline_flush(true).serve_connection(TokioIo::new(stream), service);
        // A client that goes away ends its connection, and that is all.
        tokio::spawn(async move { drop(connection.await) });
    }
}

async fn answer(
    request: http::Request<Incoming>,
    world: Arc<Mutex<World>>,
    manners: Arc<Manners>,
    wire: Wire,
) -> Result<Response<Body>, Infallible> {
    let (head, body) = request.into_parts();
    // A body cut short ends the connection, and nobody reads the answer.
    let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let request = Request::new(wire, &head.method, &head.uri, head.headers, &body);
    manners.before(request.route).await;
    let answer = world.lock().unwrap_or_else(PoisonError::into_inner).answer(&request, Instant::now());
    Ok(response(manners.body(wire.put(request.route, answer))))
}

fn response((answer, body): (Answer, Body)) -> Response<Body> {
    let status = StatusCode::from_u16(answer.status).expect("a status of the contract");
    let mut response = Response::builder().status(status).header("content-type", answer.media_type);
    if let Some(tag) = &answer.etag {
        response = response.header("etag", tag);
    }
    if answer.replayed {
        response = response.header("idempotency-replayed", "true");
    }
    response.body(body).expect("headers of plain text")
}
