//! One connection, from its first byte to its last.

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::CONNECTION;
use http::{HeaderValue, Method, Request, Response, Version};
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use super::http2::{Asked, STREAMS_MAX, Stream};
use super::incoming::Incoming;
use super::io::{Transport, Watched};
use super::tls::ALPN_HTTP2;
use super::watch::{State, Watch};
use super::{Answering, Body, Options, Service, live};

/// The longest head of a request; more is answered 431.
const HEAD_BYTES_MAX: usize = 32 * 1024;

/// HTTP/2: how much of requests' bodies a client may send before they are read, of one and of all on a connection.
const STREAM_WINDOW_BYTES: u32 = 64 << 10;
const CONNECTION_WINDOW_BYTES: u32 = 256 << 10;

/// What a client with prior knowledge of HTTP/2 sends first (RFC 9113, section 3.4).
const HTTP2_PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// How the connections of a thread are served.
pub(super) struct Protocols {
    http1: http1::Builder,
    http2: http2::Builder<TokioExecutor>,
    tls: Option<TlsAcceptor>,
    body_timeout: Duration,
    write_timeout: Duration,
}

/// What is left to do for a client that listens.
pub(super) type Rest = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What the requests of one connection share.
struct Connection<S> {
    service: Arc<S>,
    watch: Arc<Watch>,
}

/// An answer on its way to hyper, and the note that the connection waits for the service no more.
enum Responding {
    Now(Option<Response<Body>>),
    Later { answer: Pin<Box<dyn Future<Output = Response<Body>> + Send>>, watch: Arc<Watch>, may_last: bool },
}

impl Responding {
    #[inline]
    fn new(answering: Answering, watch: &Arc<Watch>, may_last: bool) -> Self {
        match answering {
            Answering::Now(mut response) => {
                watch.enter(State::Response);
                if watch.is_last() {
                    close(&mut response);
                }
                Self::Now(Some(response))
            }
            Answering::Later(answer) => Self::Later { answer, watch: watch.clone(), may_last },
        }
    }
}

impl Future for Responding {
    type Output = Result<Response<Body>, Infallible>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.get_mut() {
            Self::Now(response) => Poll::Ready(Ok(response.take().expect("a future is not polled after its end"))),
            Self::Later { answer, watch, may_last } => {
                let mut response = ready!(answer.as_mut().poll(cx));
                watch.enter(State::Response);
                if watch.is_last() {
                    close(&mut response);
                }
                if *may_last {
                    hand_over(&mut response, watch);
                }
                Poll::Ready(Ok(response))
            }
        }
    }
}

/// Ends the connection with this answer.
fn close(response: &mut Response<Body>) {
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
}

/// Takes the body out of a response that stays open, to be sent without hyper.
fn hand_over(response: &mut Response<Body>, watch: &Watch) {
    if let Some(body) = response.body_mut().take_live() {
        close(response);
        *watch.live() = Some(body);
    }
}

impl Protocols {
    pub(super) fn new(options: &Options, tls: Option<TlsAcceptor>) -> Self {
        let mut http1 = http1::Builder::new();
        // The sweeper times the head. A client that has sent its last request may close its half and still be
        // answered.
        http1.header_read_timeout(None).half_close(true).max_header_size(HEAD_BYTES_MAX);
        let mut http2 = http2::Builder::new(TokioExecutor::new());
        http2
            .max_concurrent_streams(STREAMS_MAX)
            .initial_stream_window_size(STREAM_WINDOW_BYTES)
            .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
            .max_header_list_size(u32::try_from(HEAD_BYTES_MAX).unwrap_or(u32::MAX));
        let Options { body_timeout, write_timeout, .. } = *options;
        Self { http1, http2, tls, body_timeout, write_timeout }
    }

    /// Serves a client until one of the two has enough, or the client only listens: then what is left to do.
    pub(super) async fn serve<S: Service>(
        &self,
        stream: TcpStream,
        service: Arc<S>,
        watch: Arc<Watch>,
    ) -> Option<Rest> {
        let connection = Connection { service, watch };
        let result = match &self.tls {
            None => self.serve_clear(stream, connection).await,
            Some(acceptor) => match acceptor.accept(stream).await {
                Ok(stream) if stream.get_ref().1.alpn_protocol() == Some(ALPN_HTTP2) => {
                    self.serve_http2(stream, Bytes::new(), connection).await
                }
                Ok(stream) => self.serve_http1(stream, Bytes::new(), connection).await,
                Err(error) => {
                    tracing::debug!(%error, "TLS handshake failed");
                    return None;
                }
            },
        };
        result.unwrap_or_else(|error| {
            tracing::debug!(%error, "connection ended early");
            None
        })
    }

    async fn serve_clear<S: Service>(
        &self,
        mut stream: TcpStream,
        connection: Connection<S>,
    ) -> hyper::Result<Option<Rest>> {
        let Ok((http2, prefix)) = sniff(&mut stream).await else { return Ok(None) };
        if http2 {
            self.serve_http2(stream, prefix, connection).await
        } else {
            self.serve_http1(stream, prefix, connection).await
        }
    }

    async fn serve_http1<S, T>(
        &self,
        stream: T,
        prefix: Bytes,
        connection: Connection<S>,
    ) -> hyper::Result<Option<Rest>>
    where
        S: Service,
        T: Transport,
    {
        let watch = connection.watch.clone();
        let io = TokioIo::new(Watched::new(stream, watch.clone(), prefix));
        let service = service_fn(move |request: Request<hyper::body::Incoming>| {
            connection.watch.enter(State::Service);
            let (head, body) = request.into_parts();
            // HTTP/1.0 knows no chunks, and the answer to HEAD has no body.
            let may_last = head.version == Version::HTTP_11 && head.method == Method::GET;
            let answering = connection.service.call(head, Incoming::new(body, connection.watch.peer, None));
            Responding::new(answering, &connection.watch, may_last)
        });
        let mut serving = self.http1.serve_connection(io, service);
        let mut told = false;
        let live = poll_fn(|cx| {
            if !told && watch.closing() {
                told = true;
                Pin::new(&mut serving).graceful_shutdown();
            }
            match Pin::new(&mut serving).poll(cx) {
                Poll::Ready(result) => Poll::Ready(result.map(|()| None)),
                // hyper has tried to write the head by now; only a client that reads nothing at all holds it up.
                Poll::Pending if watch.state() == State::Response && watch.is_unblocked() => {
                    match watch.live().take() {
                        Some(body) => Poll::Ready(Ok(Some(body))),
                        None => Poll::Pending,
                    }
                }
                Poll::Pending => Poll::Pending,
            }
        });
        let Some(body) = live.await? else { return Ok(None) };
        watch.enter(State::Live);
        Ok(Some(Box::pin(live::run(serving.into_parts().io.into_inner(), body, self.write_timeout))))
    }

    async fn serve_http2<S, T>(
        &self,
        stream: T,
        prefix: Bytes,
        connection: Connection<S>,
    ) -> hyper::Result<Option<Rest>>
    where
        S: Service,
        T: Transport,
    {
        let watch = connection.watch.clone();
        watch.enter(State::Http2);
        let io = TokioIo::new(Watched::new(stream, watch.clone(), prefix));
        let patience = Some(self.body_timeout);
        let service = service_fn(move |request: Request<hyper::body::Incoming>| {
            let stream = Stream::open(connection.watch.clone());
            let (head, body) = request.into_parts();
            let asked = Asked::of(&head);
            let answering = match stream.refusal(&head) {
                Some(refusal) => Answering::Now(refusal),
                None => connection.service.call(head, Incoming::new(body, connection.watch.peer, patience)),
            };
            // An answer that is there counts from now on, before the next request is looked at.
            let responding = match answering {
                Answering::Now(response) => Ok(stream.answer(&asked, response)),
                Answering::Later(answer) => Err((answer, stream, asked)),
            };
            async move {
                Ok::<_, Infallible>(match responding {
                    Ok(response) => response,
                    Err((answer, stream, asked)) => {
                        let response = answer.await;
                        stream.answer(&asked, response)
                    }
                })
            }
        });
        let mut serving = pin!(self.http2.serve_connection(io, service));
        let mut told = false;
        poll_fn(|cx| {
            watch.waker.register(cx.waker());
            if !told && (watch.closing() || watch.is_last()) {
                told = true;
                serving.as_mut().graceful_shutdown();
            }
            serving.as_mut().poll(cx)
        })
        .await
        .map(|()| None)
    }
}

/// Whether the client begins with HTTP/2's preface, and what was read to know.
async fn sniff(stream: &mut TcpStream) -> std::io::Result<(bool, Bytes)> {
    let mut prefix = BytesMut::with_capacity(HTTP2_PREFACE.len());
    while HTTP2_PREFACE.starts_with(&prefix) && prefix.len() < HTTP2_PREFACE.len() {
        let mut rest = (&mut *stream).take((HTTP2_PREFACE.len() - prefix.len()) as u64);
        if rest.read_buf(&mut prefix).await? == 0 {
            break;
        }
    }
    Ok((prefix == HTTP2_PREFACE, prefix.freeze()))
}
