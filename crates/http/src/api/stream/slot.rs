//! What passes between the walk over all streams and the connection of one.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame};

use crate::body::BodyError;
use crate::shared::Permit;

/// Room for one frame: what the connection has not taken yet is not added to.
#[derive(Debug, Default)]
pub(super) struct Slot(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    frame: Bytes,
    ended: bool,
    /// The connection is gone, or has sent the end.
    gone: bool,
    waker: Option<Waker>,
}

/// What the walk finds in a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// The connection has taken the last frame.
    Free,
    /// The last frame is still there.
    Full,
    /// Nobody will take another frame.
    Gone,
}

impl Slot {
    /// The lock is contended only where a connection is served by another thread than its stream, and that is never.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn look(&self) -> Found {
        let state = self.lock();
        match () {
            () if state.gone || state.ended => Found::Gone,
            () if state.frame.is_empty() => Found::Free,
            () => Found::Full,
        }
    }

    /// Puts a frame in, in place of one that was not taken.
    pub(super) fn put(&self, frame: Bytes, last: bool) {
        let waker = {
            let mut state = self.lock();
            if !frame.is_empty() {
                state.frame = frame;
            }
            state.ended |= last;
            state.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// The body of a stream's response.
pub(super) struct Events {
    slot: Arc<Slot>,
    /// Given up with the body.
    _permit: Permit,
}

impl Events {
    pub(super) fn new(slot: Arc<Slot>, permit: Permit) -> Self {
        Self { slot, _permit: permit }
    }
}

impl HttpBody for Events {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let mut state = self.slot.lock();
        if !state.frame.is_empty() {
            return Poll::Ready(Some(Ok(Frame::data(std::mem::take(&mut state.frame)))));
        }
        if state.ended {
            return Poll::Ready(None);
        }
        match &mut state.waker {
            Some(waker) => waker.clone_from(cx.waker()),
            none => *none = Some(cx.waker().clone()),
        }
        Poll::Pending
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        self.slot.lock().gone = true;
    }
}
