//! A small HTTP/1.1 client: raw statuses, headers and bodies over connections that are kept alive.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::HeaderValue;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::call::Call;
use crate::reply::Reply;

/// How long an answer may take before the test is given up; far above anything that is measured.
const PATIENCE: Duration = Duration::from_secs(60);

/// Why there is no answer. Whether the server did what was asked is then unknown.
#[derive(Debug, thiserror::Error)]
pub enum Lost {
    #[error("no connection: {0}")]
    Connect(#[source] std::io::Error),
    #[error("the connection broke: {0}")]
    Broken(#[from] hyper::Error),
    #[error("no answer within {} s", PATIENCE.as_secs())]
    Silent,
}

/// A client of one server. Clones share its idle connections; a request takes one, or opens one.
#[derive(Clone)]
pub struct Client {
    address: SocketAddr,
    idle: Arc<Mutex<Vec<Connection>>>,
    bookmark: Bookmark,
}

/// What a server last said in `Onsale-Seq`, which all requests send back, as a browser sends a cookie.
type Bookmark = Arc<Mutex<Option<HeaderValue>>>;

const SEQ: &str = "onsale-seq";

impl Client {
    #[must_use]
    pub fn new(address: SocketAddr) -> Self {
        Self { address, idle: Arc::default(), bookmark: Arc::default() }
    }

    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Sends a request and reads the whole answer.
    ///
    /// # Panics
    /// When there is none: see [`Client::send`] for tests that expect this.
    pub async fn call(&self, call: Call) -> Reply {
        match self.send(&call).await {
            Ok(reply) => reply,
            Err(lost) => panic!("{call}: {lost}"),
        }
    }

    /// Sends a request once and reads the whole answer.
    ///
    /// # Errors
    /// When the connection breaks or stays silent; nothing is retried.
    pub async fn send(&self, call: &Call) -> Result<Reply, Lost> {
        let mut connection = match self.take_idle() {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        let reply = connection.send(call).await?;
        self.idle().push(connection);
        Ok(reply)
    }

    /// Opens a connection of the caller's own.
    ///
    /// # Errors
    /// When nobody listens.
    pub async fn connect(&self) -> Result<Connection, Lost> {
        let stream = TcpStream::connect(self.address).await.map_err(Lost::Connect)?;
        stream.set_nodelay(true).map_err(Lost::Connect)?;
        let (sender, driver) = http1::handshake(TokioIo::new(stream)).await?;
        // What breaks the connection is reported to the request that it breaks.
        tokio::spawn(async move { drop(driver.await) });
        Ok(Connection { sender, host: self.address.to_string(), bookmark: self.bookmark.clone() })
    }

    /// An idle connection that the server has not closed, as far as is known.
    fn take_idle(&self) -> Option<Connection> {
        let mut idle = self.idle();
        std::iter::from_fn(|| idle.pop()).find(|connection| connection.sender.is_ready())
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One connection, for one request at a time.
pub struct Connection {
    sender: SendRequest<Full<Bytes>>,
    host: String,
    bookmark: Bookmark,
}

impl Connection {
    /// Sends a request once and reads the whole answer.
    ///
    /// # Errors
    /// When the connection breaks or stays silent.
    pub async fn send(&mut self, call: &Call) -> Result<Reply, Lost> {
        let answer = async {
            self.sender.ready().await?;
            let mut request = call.request(&self.host);
            if let Some(seq) = self.bookmark.lock().unwrap_or_else(PoisonError::into_inner).clone() {
                request.headers_mut().append(SEQ, seq);
            }
            let response = self.sender.send_request(request).await?;
            let (head, body) = response.into_parts();
            if let Some(seq) = head.headers.get(SEQ) {
                *self.bookmark.lock().unwrap_or_else(PoisonError::into_inner) = Some(seq.clone());
            }
            Ok(Reply::new(call, head, body.collect().await?.to_bytes()))
        };
        tokio::time::timeout(PATIENCE, answer).await.unwrap_or(Err(Lost::Silent))
    }
}
