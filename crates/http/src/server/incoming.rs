//! Request bodies, and reading them whole.

use std::net::IpAddr;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt as _;
use tokio::time::Sleep;

use crate::body::BodyError;
use crate::problem::{Code, Problem};

/// The body of a request, as it comes in.
pub struct Incoming {
    inner: hyper::body::Incoming,
    peer: IpAddr,
    /// How long to wait for the next frame. HTTP/1 has `None`: there the sweeper watches the connection.
    patience: Option<Duration>,
    waiting: Option<Pin<Box<Sleep>>>,
}

impl Incoming {
    #[inline]
    pub(super) fn new(inner: hyper::body::Incoming, peer: IpAddr, patience: Option<Duration>) -> Self {
        Self { inner, peer, patience, waiting: None }
    }

    /// Where the connection comes from: the client, or the last proxy before the server.
    #[inline]
    pub fn peer(&self) -> IpAddr {
        self.peer
    }
}

impl HttpBody for Incoming {
    type Data = Bytes;
    type Error = BodyError;

    #[inline]
    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = &mut *self;
        if let Poll::Ready(frame) = Pin::new(&mut this.inner).poll_frame(cx) {
            return Poll::Ready(frame.map(|result| result.map_err(Into::into)));
        }
        let Some(patience) = this.patience else { return Poll::Pending };
        // One clock for the whole body, so that a trickle does not wind it up again.
        let waiting = this.waiting.get_or_insert_with(|| Box::pin(tokio::time::sleep(patience)));
        ready!(waiting.as_mut().poll(cx));
        Poll::Ready(Some(Err("the body took too long".into())))
    }

    #[inline]
    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    #[inline]
    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// Why a body could not be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// It is longer than the limit, or says that it will be.
    #[error("the body is too large")]
    TooLarge,
    /// It broke off, or took too long.
    #[error("the body is incomplete")]
    Incomplete,
}

impl From<ReadError> for Problem {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::TooLarge => Self::new(Code::PayloadTooLarge),
            ReadError::Incomplete => {
                Self::new(Code::BadRequest).with_detail("The body ended before its announced length.")
            }
        }
    }
}

/// Reads a body of at most `bytes_max`. One that comes in a single frame, or is empty, is not copied.
///
/// # Errors
/// [`ReadError::TooLarge`], as soon as it is known; [`ReadError::Incomplete`] where the client breaks off.
pub async fn read<B>(body: B, bytes_max: usize) -> Result<Bytes, ReadError>
where
    B: HttpBody<Data = Bytes>,
{
    let hint = body.size_hint();
    if hint.exact() == Some(0) {
        return Ok(Bytes::new());
    }
    if hint.lower() > bytes_max as u64 {
        return Err(ReadError::TooLarge);
    }
    let mut body = pin!(body);
    let Some(first) = next_data(&mut body).await? else { return Ok(Bytes::new()) };
    if first.len() > bytes_max {
        return Err(ReadError::TooLarge);
    }
    if body.is_end_stream() {
        return Ok(first);
    }
    let mut whole = BytesMut::from(first);
    while let Some(data) = next_data(&mut body).await? {
        if whole.len() + data.len() > bytes_max {
            return Err(ReadError::TooLarge);
        }
        whole.extend_from_slice(&data);
    }
    Ok(whole.freeze())
}

/// The next data; trailers are passed over.
async fn next_data<B>(body: &mut Pin<&mut B>) -> Result<Option<Bytes>, ReadError>
where
    B: HttpBody<Data = Bytes>,
{
    while let Some(frame) = body.as_mut().frame().await {
        if let Ok(data) = frame.map_err(|_| ReadError::Incomplete)?.into_data() {
            return Ok(Some(data));
        }
    }
    Ok(None)
}
