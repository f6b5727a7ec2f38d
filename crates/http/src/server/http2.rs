//! What HTTP/2 needs beyond HTTP/1: many requests share a connection, and each response waits for its own window.
//!
//! hyper hands a frame to h2 whole as soon as one byte of it may be sent, and h2 keeps what the client does not take. So
//! a response goes out in small pieces that tell when they are sent or dropped: a request is over when nothing of its
//! answer is left, and the client's time for it runs as long as there is.

use std::pin::Pin;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicU32, AtomicU64};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use http::header::{ACCEPT_LANGUAGE, CONTENT_LENGTH};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use http_body::{Body as HttpBody, Frame, SizeHint};
use slab::Slab;

use super::watch::Watch;
use crate::body::{Body, BodyError};
use crate::negotiate;
use crate::problem::{Code, Problem};
use crate::request_id::{self, REQUEST_ID};

/// HTTP/2: the most requests at a time on one connection.
pub(super) const STREAMS_MAX: u32 = 128;

/// A body is handed to h2 in pieces of at most so many bytes: HTTP/2's own smallest frame.
const PIECE_BYTES_MAX: usize = 16 << 10;

/// So much of what was made for one connection's requests may wait to be read; then it is told 503.
const UNREAD_BYTES_MAX: u64 = 512 << 10;

/// And so much for all connections of a thread; then whoever has left an answer unread is told 503.
const UNREAD_BYTES_OF_ALL_MAX: u64 = 32 << 20;

/// The most header fields of a request, as HTTP/1 has it. Compression makes them cheap to send and not to keep.
const FIELDS_MAX: usize = 100;

/// The requests of a connection that are not over.
#[derive(Default)]
pub(super) struct Streams {
    notes: Mutex<Slab<Arc<Note>>>,
    open: AtomicU32,
    /// Those that wait for the client to take something.
    waiting: AtomicU32,
    unread_bytes: AtomicU64,
}

/// What the sweeper looks at.
#[derive(Default)]
struct Note {
    /// Pieces that h2 has not sent.
    pieces: AtomicU32,
    /// Since when the client has taken too little of them.
    since_ms: AtomicU64,
}

impl Streams {
    pub(super) fn is_empty(&self) -> bool {
        self.open.load(Relaxed) == 0
    }

    /// Whether an answer has been waiting for the client since `before_ms`.
    pub(super) fn waits_since(&self, before_ms: u64) -> bool {
        let is_late = |note: &Note| note.pieces.load(Relaxed) > 0 && note.since_ms.load(Relaxed) < before_ms;
        self.waiting.load(Relaxed) > 0 && self.notes().iter().any(|(_, note)| is_late(note))
    }

    fn notes(&self) -> MutexGuard<'_, Slab<Arc<Note>>> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request in progress; it ends when this is dropped, with the last piece of its answer.
pub(super) struct Stream {
    watch: Arc<Watch>,
    note: Arc<Note>,
    key: usize,
    unread_bytes: AtomicU64,
}

impl Stream {
    pub(super) fn open(watch: Arc<Watch>) -> Arc<Self> {
        let note = Arc::<Note>::default();
        let key = watch.streams.notes().insert(note.clone());
        watch.streams.open.fetch_add(1, Relaxed);
        Arc::new(Self { watch, note, key, unread_bytes: AtomicU64::new(0) })
    }

    /// Why the request is not for the service, where it is not.
    pub(super) fn refusal(&self, head: &Parts) -> Option<Response<Body>> {
        if head.headers.len() > FIELDS_MAX {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
            response.headers_mut().insert(REQUEST_ID, request_id::of(&head.headers));
            return Some(response);
        }
        self.is_full(0).then(|| self.overloaded(&head.headers))
    }

    /// What goes to hyper. An answer that there is no room for is dropped where asking again is harmless.
    pub(super) fn answer(self: Arc<Self>, asked: &Asked, response: Response<Body>) -> Response<Tracked> {
        let response = match asked {
            Asked::Head => without_body(response),
            Asked::Get { language, id } if self.is_full(response.body().own_bytes()) => {
                let language = language.iter().map(|value| (ACCEPT_LANGUAGE, value.clone()));
                let id = id.iter().map(|value| (REQUEST_ID, value.clone()));
                self.overloaded(&language.chain(id).collect())
            }
            Asked::Get { .. } | Asked::Else => response,
        };
        self.hold(response.body().own_bytes());
        response.map(|body| Tracked { body, rest: Bytes::new(), stream: self })
    }

    /// Whether the client has left so much unread that `more` is too much. One answer always has room.
    fn is_full(&self, more: u64) -> bool {
        let unread = self.watch.streams.unread_bytes.load(Relaxed);
        let of_all = self.watch.shared.unread_bytes.load(Relaxed);
        unread > 0 && (unread + more > UNREAD_BYTES_MAX || of_all + more > UNREAD_BYTES_OF_ALL_MAX)
    }

    fn overloaded(&self, headers: &HeaderMap) -> Response<Body> {
        self.watch.shared.counts.unread.fetch_add(1, Relaxed);
        let mut response = Problem::new(Code::Overloaded).with_retry_after_s(1).response(negotiate::language(headers));
        response.headers_mut().insert(REQUEST_ID, request_id::of(headers));
        response
    }

    fn hold(&self, bytes: u64) {
        self.unread_bytes.store(bytes, Relaxed);
        self.watch.streams.unread_bytes.fetch_add(bytes, Relaxed);
        self.watch.shared.unread_bytes.fetch_add(bytes, Relaxed);
    }

    fn gave_piece(&self) {
        if self.note.pieces.fetch_add(1, Relaxed) == 0 {
            self.note.since_ms.store(self.watch.now_ms(), Relaxed);
            self.watch.streams.waiting.fetch_add(1, Relaxed);
        }
    }

    fn lost_piece(&self) {
        if self.note.pieces.fetch_sub(1, Relaxed) == 1 {
            self.watch.streams.waiting.fetch_sub(1, Relaxed);
        }
    }

    /// Answers share the connection: each has to go on, and all together at the fair rate.
    fn sent(&self, bytes: usize) {
        let waiting = self.watch.streams.waiting.load(Relaxed).max(1);
        self.watch.progress(&self.note.since_ms, bytes * waiting as usize);
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        let streams = &self.watch.streams;
        streams.notes().remove(self.key);
        streams.open.fetch_sub(1, Relaxed);
        let unread = self.unread_bytes.load(Relaxed);
        streams.unread_bytes.fetch_sub(unread, Relaxed);
        self.watch.shared.unread_bytes.fetch_sub(unread, Relaxed);
        self.watch.stream_closed();
    }
}

/// What kind of request is to be answered.
pub(super) enum Asked {
    /// For a head alone.
    Head,
    /// For something to read; with the languages, and what the request is called where it is, as the answer may have to be another
    /// one.
    Get { language: Option<HeaderValue>, id: Option<HeaderValue> },
    /// For something to be done.
    Else,
}

impl Asked {
    pub(super) fn of(head: &Parts) -> Self {
        match head.method {
            Method::HEAD => Self::Head,
            Method::GET => Self::Get {
                language: head.headers.get(ACCEPT_LANGUAGE).cloned(),
                id: request_id::given(&head.headers).cloned(),
            },
            _ => Self::Else,
        }
    }
}

/// The answer to HEAD: hyper leaves the body out on HTTP/1 only.
fn without_body(response: Response<Body>) -> Response<Body> {
    let length = response.body().size_hint().exact().filter(|&bytes| bytes > 0);
    let mut response = response.map(|_| Body::empty());
    if let Some(bytes) = length {
        response.headers_mut().entry(CONTENT_LENGTH).or_insert_with(|| HeaderValue::from(bytes));
    }
    response
}

/// A response's body, given in pieces.
pub(super) struct Tracked {
    body: Body,
    /// What is left of the last frame that the body gave.
    rest: Bytes,
    stream: Arc<Stream>,
}

impl HttpBody for Tracked {
    type Data = Piece;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Piece>, BodyError>>> {
        let this = &mut *self;
        if this.rest.is_empty() {
            match ready!(Pin::new(&mut this.body).poll_frame(cx)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(bytes) => this.rest = bytes,
                    // Trailers, which nobody here sends.
                    Err(_) => return Poll::Ready(None),
                },
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
        let bytes = if this.rest.len() > PIECE_BYTES_MAX {
            this.rest.split_to(PIECE_BYTES_MAX)
        } else {
            std::mem::take(&mut this.rest)
        };
        Poll::Ready(Some(Ok(Frame::data(Piece::new(bytes, this.stream.clone())))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    /// Asked for once, before the first frame.
    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A piece of an answer. It is with h2 until its last byte is on its way, or the client has given it up.
pub(super) struct Piece {
    bytes: Bytes,
    stream: Arc<Stream>,
}

impl Piece {
    fn new(bytes: Bytes, stream: Arc<Stream>) -> Self {
        stream.gave_piece();
        Self { bytes, stream }
    }
}

impl Buf for Piece {
    fn remaining(&self) -> usize {
        self.bytes.len()
    }

    fn chunk(&self) -> &[u8] {
        &self.bytes
    }

    fn advance(&mut self, count: usize) {
        self.bytes.advance(count);
        self.stream.sent(count);
    }
}

impl Drop for Piece {
    fn drop(&mut self) {
        self.stream.lost_piece();
    }
}
