//! The server: one thread per core, each with its own runtime, listener and connections, and hyper on top.
//!
//! Nothing is shared between the threads while a request is served, and no timer is set for one: see [`watch`].

mod addresses;
mod connection;
mod counts;
mod handle;
mod http2;
mod incoming;
mod io;
mod listen;
mod live;
mod overflow;
mod pulse;
mod registry;
mod tls;
mod watch;
mod worker;

use std::net::{IpAddr, SocketAddr, TcpListener};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use http::Response;
use http::request::Parts;

pub use crate::body::{Body, BodyError};
pub use counts::Counts;
pub use handle::{Bound, Running, ShutdownHandle, bind};
pub use incoming::{Incoming, ReadError, read};
pub use pulse::Pulses;
pub use tls::{TlsError, TlsFiles};

/// What answers requests. Made once per thread, and shared by the thread's connections.
pub trait Service: Send + Sync + 'static {
    /// Answers one request.
    fn call(self: &Arc<Self>, head: Parts, body: Incoming) -> Answering;

    /// The server is shutting down: responses that would stay open have to end.
    fn stop(&self) {}
}

/// An answer that is there, or one that is waited for. Most are there: a future for them would be built, moved and
/// polled for nothing.
pub enum Answering {
    Now(Response<Body>),
    /// Dropped where the client goes away first.
    Later(Pin<Box<dyn Future<Output = Response<Body>> + Send>>),
}

impl Answering {
    /// An answer that is waited for.
    pub fn later(answer: impl Future<Output = Response<Body>> + Send + 'static) -> Self {
        Self::Later(Box::pin(answer))
    }
}

/// How to serve.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where to listen. Port 0 takes a free one.
    pub listen: SocketAddr,
    /// A socket at that address which whoever started the program holds open, also when it has ended: a shutdown then hands clients
    /// over to the next program, see [`ShutdownHandle::shutdown`].
    pub kept: Option<Arc<TcpListener>>,
    /// How many threads serve, at least 1.
    pub threads: usize,
    /// The most connections at a time, over all threads. For one more the connection that has waited longest for another
    /// request is ended; where none waits, the new one is answered 503 and closed.
    pub connections_max: usize,
    /// The most of them from one address; 0 for no such limit. IPv6 counts by networks of 64 bits.
    pub connections_per_address_max: usize,
    /// Addresses that the limit does not hold for: proxies, and whatever else many clients come from. Nor does it for
    /// this machine itself.
    pub trusted: Vec<IpAddr>,
    /// How long a client may take for the head of a request, and for the TLS handshake.
    pub head_timeout: Duration,
    /// How long a client may take for the body of a request, beside the time that it needs at
    /// [`Options::bytes_per_second_min`].
    pub body_timeout: Duration,
    /// How long a client may leave a response unread, beside the time that it needs at
    /// [`Options::bytes_per_second_min`].
    pub write_timeout: Duration,
    /// How long a connection may stay open between two requests.
    pub idle_timeout: Duration,
    /// The slowest transfer that counts as progress.
    pub bytes_per_second_min: u64,
    /// The certificate to serve TLS with; without it, clear text.
    pub tls: Option<TlsFiles>,
    /// What becomes of connections.
    pub counts: Arc<Counts>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            kept: None,
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            connections_max: 10_000,
            connections_per_address_max: 0,
            trusted: Vec::new(),
            head_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(10),
            write_timeout: Duration::from_secs(30),
            idle_timeout: Duration::from_secs(75),
            bytes_per_second_min: 16 * 1024,
            tls: None,
            counts: Arc::default(),
        }
    }
}

/// Why the server could not start.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen { address: SocketAddr, source: std::io::Error },
    /// The certificate or its key cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// There has to be a thread to serve.
    #[error("threads: at least 1 is needed")]
    NoThreads,
    /// The rate is a divisor.
    #[error("bytes_per_second_min: at least 1 is needed")]
    NoRate,
}
