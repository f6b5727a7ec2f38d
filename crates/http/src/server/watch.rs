//! What a connection is waiting for, and since when.
//!
//! A timer per request would cost more than the request. Instead each connection notes, in passing, what it waits
//! for; once a second the thread's sweeper looks at all of them and drops those that waited too long. The notes are
//! written and read by one thread only: the atomics are there because its futures have to be `Send`. What runs for
//! every request is marked `inline`, for it is called from code that is instantiated in other crates.

use std::net::IpAddr;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::task::AtomicWaker;

use super::Body;
use super::counts::Counts;
use super::http2::Streams;

/// What all connections of a thread see.
pub(super) struct Shared {
    /// Milliseconds since just before the thread began, as of the last sweep; never 0.
    pub(super) now_ms: AtomicU64,
    /// The server is shutting down: no connection is kept for another request.
    pub(super) closing: AtomicBool,
    /// Before that: each connection ends with its next answer.
    pub(super) leaving: AtomicBool,
    /// What HTTP/2's answers that nobody has read take up.
    pub(super) unread_bytes: AtomicU64,
    /// Shared by all threads, and only written where something goes wrong.
    pub(super) counts: Arc<Counts>,
}

impl Shared {
    pub(super) fn new(counts: Arc<Counts>) -> Self {
        Self {
            now_ms: AtomicU64::new(1),
            closing: AtomicBool::new(false),
            leaving: AtomicBool::new(false),
            unread_bytes: AtomicU64::new(0),
            counts,
        }
    }
}

/// How a connection ends that the sweeper found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// The client took too long over something: nothing is kept for it, not even by the kernel.
    Cut,
    /// Nothing was asked for long enough: the client is told, as at any other end.
    Idle,
}

/// What a connection waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum State {
    /// For the first byte, or the TLS handshake.
    Fresh,
    /// For the rest of a request's head.
    Head,
    /// For the service.
    Service,
    /// For more of a request's body.
    Body,
    /// For the response's body, which is ours, or for it to be written.
    Response,
    /// For the next request.
    Idle,
    /// It speaks HTTP/2, where many things go on at once; see [`Streams`].
    Http2,
    /// For the client to see that we closed.
    Linger,
    /// For something to tell a client that listens.
    Live,
}

const STATES: [State; 9] = [
    State::Fresh,
    State::Head,
    State::Service,
    State::Body,
    State::Response,
    State::Idle,
    State::Http2,
    State::Linger,
    State::Live,
];

/// A client that has something to ask has sent a head within so long of connecting, or of its first byte.
const SILENT_MS: u64 = 1_000;

/// Why a connection can be spared, from the most readily to the least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Spared {
    /// Nothing was ever asked, or no end of it is in sight.
    Silent,
    /// Nothing is going on that the client waits for.
    Idle,
    /// What is asked has a body that does not come.
    Halting,
}

/// How long each wait may take, in milliseconds.
pub(super) struct Limits {
    pub(super) head_ms: u64,
    pub(super) body_ms: u64,
    pub(super) write_ms: u64,
    pub(super) idle_ms: u64,
    pub(super) linger_ms: u64,
}

/// The notes of one connection.
pub(super) struct Watch {
    pub(super) shared: Arc<Shared>,
    /// Who is at the other end.
    pub(super) peer: IpAddr,
    bytes_per_second_min: u64,
    state: AtomicU8,
    since_ms: AtomicU64,
    /// Since when the client has left bytes unread that we want to write; 0 where it has not.
    blocked_since_ms: AtomicU64,
    /// HTTP/2: the requests that are not over.
    pub(super) streams: Streams,
    /// HTTP/2: the client is told to ask for nothing more.
    leaving: AtomicBool,
    /// The connection is being dropped against the client's will.
    pub(super) cut: AtomicBool,
    /// HTTP/2: wakes the connection to say goodbye.
    pub(super) waker: AtomicWaker,
    /// HTTP/1: the body of a response that stays open, from when its head is with hyper.
    live: Mutex<Option<Body>>,
}

impl Watch {
    pub(super) fn new(shared: Arc<Shared>, peer: IpAddr, bytes_per_second_min: u64) -> Self {
        let now_ms = shared.now_ms.load(Relaxed);
        Self {
            shared,
            peer,
            bytes_per_second_min,
            state: AtomicU8::new(State::Fresh as u8),
            since_ms: AtomicU64::new(now_ms),
            blocked_since_ms: AtomicU64::new(0),
            streams: Streams::default(),
            leaving: AtomicBool::new(false),
            cut: AtomicBool::new(false),
            waker: AtomicWaker::new(),
            live: Mutex::default(),
        }
    }

    pub(super) fn live(&self) -> MutexGuard<'_, Option<Body>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[inline]
    pub(super) fn closing(&self) -> bool {
        self.shared.closing.load(Relaxed) || self.leaving.load(Relaxed)
    }

    /// Whether it ends with its next answer.
    #[inline]
    pub(super) fn is_last(&self) -> bool {
        self.shared.leaving.load(Relaxed)
    }

    #[inline]
    pub(super) fn state(&self) -> State {
        STATES[usize::from(self.state.load(Relaxed))]
    }

    /// Another wait begins.
    #[inline]
    pub(super) fn enter(&self, state: State) {
        self.since_ms.store(self.now_ms(), Relaxed);
        self.state.store(state as u8, Relaxed);
    }

    /// The transport gave `bytes`.
    #[inline]
    pub(super) fn read(&self, bytes: usize) {
        match self.state() {
            State::Fresh | State::Idle | State::Response => self.enter(State::Head),
            State::Body => {
                self.state.store(State::Service as u8, Relaxed);
                self.progress(&self.since_ms, bytes);
            }
            State::Head | State::Service | State::Http2 | State::Linger | State::Live => {}
        }
    }

    /// The transport has nothing to read. The server reads only what it needs next, so the state says what that is.
    #[inline]
    pub(super) fn read_pending(&self) {
        match self.state() {
            // The clock of the body runs since the service began, however often it is interrupted.
            State::Service => self.state.store(State::Body as u8, Relaxed),
            State::Response => self.enter(State::Idle),
            State::Fresh | State::Head | State::Body | State::Idle | State::Http2 | State::Linger | State::Live => {}
        }
    }

    /// The transport took `bytes` of `wanted`.
    #[inline]
    pub(super) fn wrote(&self, bytes: usize, wanted: usize) {
        if self.blocked_since_ms.load(Relaxed) != 0 {
            if bytes == wanted {
                self.unblocked();
            } else {
                self.progress(&self.blocked_since_ms, bytes);
            }
        }
    }

    /// Whether the transport has taken all that it was given.
    pub(super) fn is_unblocked(&self) -> bool {
        self.blocked_since_ms.load(Relaxed) == 0
    }

    /// The transport takes no more.
    pub(super) fn blocked(&self) {
        if self.blocked_since_ms.load(Relaxed) == 0 {
            self.blocked_since_ms.store(self.now_ms(), Relaxed);
        }
    }

    /// The transport has taken all.
    #[inline]
    pub(super) fn unblocked(&self) {
        self.blocked_since_ms.store(0, Relaxed);
    }

    /// HTTP/2: a request is over.
    pub(super) fn stream_closed(&self) {
        self.since_ms.store(self.now_ms(), Relaxed);
    }

    /// Whether another client may have the connection's place, where there are too many, and how readily.
    pub(super) fn spared(&self) -> Option<Spared> {
        let is_silent = self.now_ms().saturating_sub(self.since_ms()) > SILENT_MS;
        match self.state() {
            State::Fresh | State::Head => is_silent.then_some(Spared::Silent),
            State::Idle => Some(Spared::Idle),
            State::Http2 => (self.streams.is_empty() && !self.leaving.load(Relaxed)).then_some(Spared::Idle),
            State::Body => is_silent.then_some(Spared::Halting),
            State::Service | State::Response | State::Linger | State::Live => None,
        }
    }

    /// Since when the connection has been in its state.
    pub(super) fn since_ms(&self) -> u64 {
        self.since_ms.load(Relaxed)
    }

    /// How the connection ends, where the client has used up its time.
    pub(super) fn overdue(&self, limits: &Limits) -> Option<Ending> {
        let now_ms = self.now_ms();
        let is_past = |since: &AtomicU64, limit_ms| now_ms.saturating_sub(since.load(Relaxed)) > limit_ms;
        if self.blocked_since_ms.load(Relaxed) != 0 && is_past(&self.blocked_since_ms, limits.write_ms) {
            return Some(Ending::Cut);
        }
        let leaving = self.leaving.load(Relaxed);
        let (limit_ms, ending) = match self.state() {
            State::Fresh | State::Head => (limits.head_ms, Ending::Cut),
            State::Body => (limits.body_ms, Ending::Cut),
            State::Idle => (limits.idle_ms, Ending::Idle),
            State::Http2 if self.streams.waits_since(now_ms.saturating_sub(limits.write_ms)) => {
                return Some(Ending::Cut);
            }
            State::Http2 if !self.streams.is_empty() => return None,
            State::Http2 if leaving => (limits.linger_ms, Ending::Idle),
            State::Http2 => (limits.idle_ms, Ending::Idle),
            State::Linger => (limits.linger_ms, if leaving { Ending::Idle } else { Ending::Cut }),
            State::Service | State::Response | State::Live => return None,
        };
        is_past(&self.since_ms, limit_ms).then_some(ending)
    }

    /// HTTP/2: says goodbye, as the client may be asking for something at this moment. False where that was said.
    pub(super) fn leave(&self) -> bool {
        if self.state() != State::Http2 || self.leaving.swap(true, Relaxed) {
            return false;
        }
        self.since_ms.store(self.now_ms(), Relaxed);
        self.waker.wake();
        true
    }

    /// Gives the client the time back that `bytes` may take, so that a large transfer needs a fair rate and not a
    /// short time, and a trickle gains nothing.
    pub(super) fn progress(&self, since: &AtomicU64, bytes: usize) {
        let earned_ms = bytes as u64 * 1_000 / self.bytes_per_second_min;
        since.store((since.load(Relaxed) + earned_ms).min(self.now_ms()), Relaxed);
    }

    #[inline]
    pub(super) fn now_ms(&self) -> u64 {
        self.shared.now_ms.load(Relaxed)
    }
}

/// A timeout as the sweeper applies it: a wait is noted up to one sweep early, and is given that sweep more.
pub(super) fn limit_ms(timeout: Duration, period: Duration) -> u64 {
    u64::try_from((timeout + period).as_millis()).unwrap_or(u64::MAX)
}
