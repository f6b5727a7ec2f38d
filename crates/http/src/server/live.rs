//! Responses that stay open: server-sent events over HTTP/1.1.
//!
//! hyper keeps 16 KiB of buffers and a request's worth of state for every connection. That is little for a request and
//! much for ten thousand clients that only listen, so once the head of such a response is written the connection is
//! taken from hyper, and a small task passes the events on, in chunks (RFC 9112, section 7.1). What a client does not
//! read is not gathered: the next event waits in its one place, and the sweeper drops who leaves it there too long.

use std::future::poll_fn;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::Body as _;
use socket2::SockRef;
use tokio::io::{AsyncRead as _, AsyncWriteExt as _, ReadBuf};

use super::io::{Transport, Watched};
use crate::body::Body;

/// The end of a chunked body.
const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

enum Next {
    Event(Bytes),
    /// No more events come.
    End,
    /// The client hung up.
    Gone,
}

/// Sends what `body` gives until one of the two sides ends. A phone that died acknowledges nothing: after `patience` of
/// that the system gives the connection up.
pub(super) async fn run<T: Transport>(mut io: Watched<T>, mut body: Body, patience: Duration) {
    // Where the system has no such option, a write fails later.
    let _ = SockRef::from(io.socket()).set_tcp_user_timeout(Some(patience));
    loop {
        match poll_fn(|cx| next(&mut io, &mut body, cx)).await {
            Next::Event(event) => {
                let chunk = chunk(&event);
                if io.write_all(&chunk).await.is_err() || io.flush().await.is_err() {
                    return;
                }
            }
            Next::End => {
                if io.write_all(LAST_CHUNK).await.is_ok() {
                    // A client that is gone has nothing to be told.
                    let _ = io.shutdown().await;
                }
                return;
            }
            Next::Gone => return,
        }
    }
}

fn next<T: Transport>(io: &mut Watched<T>, body: &mut Body, cx: &mut Context<'_>) -> Poll<Next> {
    match Pin::new(body).poll_frame(cx) {
        Poll::Ready(Some(Ok(frame))) => return Poll::Ready(frame.into_data().map_or(Next::End, Next::Event)),
        Poll::Ready(Some(Err(_)) | None) => return Poll::Ready(Next::End),
        Poll::Pending => {}
    }
    // A client that listens has nothing to say; what it sends all the same is thrown away.
    let mut scratch = [MaybeUninit::uninit(); 512];
    loop {
        let mut buffer = ReadBuf::uninit(&mut scratch);
        match Pin::new(&mut *io).poll_read(cx, &mut buffer) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {}
            Poll::Ready(_) => return Poll::Ready(Next::Gone),
        }
    }
}

fn chunk(event: &[u8]) -> Vec<u8> {
    let mut chunk = format!("{:x}\r\n", event.len()).into_bytes();
    chunk.reserve_exact(event.len() + 2);
    chunk.extend_from_slice(event);
    chunk.extend_from_slice(b"\r\n");
    chunk
}
