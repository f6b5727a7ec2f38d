//! Response bodies. The common one, a single chunk, allocates nothing.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt as _;
use http_body_util::combinators::UnsyncBoxBody;

/// Why a streamed body broke off.
pub type BodyError = Box<dyn std::error::Error + Send + Sync>;

/// The body of a response.
pub struct Body(Kind);

enum Kind {
    Once(Bytes),
    /// One chunk that other responses have as well.
    Shared(Bytes),
    Chunks {
        list: Arc<[Bytes]>,
        next: usize,
        bytes_left: u64,
    },
    Stream {
        body: UnsyncBoxBody<Bytes, BodyError>,
        shared: bool,
    },
    Live(UnsyncBoxBody<Bytes, BodyError>),
    /// What was live is sent by somebody else.
    Taken,
}

impl Body {
    /// No bytes.
    #[must_use]
    pub fn empty() -> Self {
        Self(Kind::Once(Bytes::new()))
    }

    /// One chunk; it may be empty.
    #[must_use]
    #[inline]
    pub fn once(bytes: Bytes) -> Self {
        Self(Kind::Once(bytes))
    }

    /// One chunk that is kept anyway, and costs no memory of its own while a client takes its time.
    #[must_use]
    #[inline]
    pub fn shared(bytes: Bytes) -> Self {
        Self(Kind::Shared(bytes))
    }

    /// Chunks that are shared with other responses, sent one after another under one exact length.
    #[must_use]
    pub fn chunks(list: Arc<[Bytes]>) -> Self {
        let bytes_left = list.iter().map(|chunk| chunk.len() as u64).sum();
        Self(Kind::Chunks { list, next: 0, bytes_left })
    }

    /// Any other body, such as axum's.
    pub fn stream<B>(body: B) -> Self
    where
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<BodyError>,
    {
        Self(Kind::Stream { body: body.map_err(Into::into).boxed_unsync(), shared: false })
    }

    /// Says that what [`Body::stream`] gives is kept anyway.
    #[must_use]
    pub fn of_shared(mut self) -> Self {
        if let Kind::Stream { shared, .. } = &mut self.0 {
            *shared = true;
        }
        self
    }

    /// How much memory lasts as long as this does, and no longer.
    pub(super) fn own_bytes(&self) -> u64 {
        match &self.0 {
            Kind::Once(bytes) => bytes.len() as u64,
            Kind::Stream { body, shared: false } => body.size_hint().lower(),
            Kind::Shared(_) | Kind::Chunks { .. } | Kind::Stream { .. } | Kind::Live(_) | Kind::Taken => 0,
        }
    }

    /// A body that lasts: it gives little, and seldom, and its connection should cost little meanwhile.
    pub fn live<B>(body: B) -> Self
    where
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<BodyError>,
    {
        Self(Kind::Live(body.map_err(Into::into).boxed_unsync()))
    }

    /// Takes a live body out; what is left here never gives anything, nor ends.
    pub(super) fn take_live(&mut self) -> Option<Self> {
        match &self.0 {
            Kind::Live(_) => Some(Self(std::mem::replace(&mut self.0, Kind::Taken))),
            Kind::Once(_) | Kind::Shared(_) | Kind::Chunks { .. } | Kind::Stream { .. } | Kind::Taken => None,
        }
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self::once(bytes)
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = BodyError;

    #[inline]
    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let chunk = match &mut self.0 {
            Kind::Once(bytes) | Kind::Shared(bytes) => std::mem::take(bytes),
            Kind::Chunks { list, next, bytes_left } => next_chunk(list, next, bytes_left),
            Kind::Stream { body, .. } | Kind::Live(body) => return Pin::new(body).poll_frame(cx),
            Kind::Taken => return Poll::Pending,
        };
        Poll::Ready((!chunk.is_empty()).then(|| Ok(Frame::data(chunk))))
    }

    #[inline]
    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Once(bytes) | Kind::Shared(bytes) => bytes.is_empty(),
            Kind::Chunks { bytes_left, .. } => *bytes_left == 0,
            Kind::Stream { body, .. } | Kind::Live(body) => body.is_end_stream(),
            Kind::Taken => false,
        }
    }

    #[inline]
    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Once(bytes) | Kind::Shared(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Kind::Chunks { bytes_left, .. } => SizeHint::with_exact(*bytes_left),
            Kind::Stream { body, .. } | Kind::Live(body) => body.size_hint(),
            Kind::Taken => SizeHint::default(),
        }
    }
}

/// The next chunk that has bytes; an empty one at the end.
fn next_chunk(list: &[Bytes], next: &mut usize, bytes_left: &mut u64) -> Bytes {
    while let Some(chunk) = list.get(*next) {
        *next += 1;
        if !chunk.is_empty() {
            *bytes_left -= chunk.len() as u64;
            return chunk.clone();
        }
    }
    Bytes::new()
}
