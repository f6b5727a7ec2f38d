//! What HTTP/2 needs beyond HTTP/1: many requests share a connection, and each response waits for its own window.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};

use super::body::{Body, BodyError};
use super::watch::Watch;

/// A request in progress; it ends when this is dropped.
pub(super) struct Stream {
    watch: Arc<Watch>,
    stalled: bool,
}

impl Stream {
    pub(super) fn open(watch: Arc<Watch>) -> Self {
        watch.stream_opened();
        Self { watch, stalled: false }
    }

    fn set_stalled(&mut self, stalled: bool) {
        match (self.stalled, stalled) {
            (false, true) => self.watch.stream_stalled(),
            (true, false) => self.watch.stream_resumed(),
            (true, true) | (false, false) => {}
        }
        self.stalled = stalled;
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.set_stalled(false);
        self.watch.stream_closed();
    }
}

/// A response's body that notes whether it waits for the client (it gave a frame, and is not asked for the next) or
/// the client for it (it was asked, and has none yet).
pub(super) struct Tracked {
    pub(super) body: Body,
    pub(super) stream: Stream,
}

impl HttpBody for Tracked {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let result = Pin::new(&mut self.body).poll_frame(cx);
        self.stream.set_stalled(matches!(result, Poll::Ready(Some(Ok(_)))));
        result
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
