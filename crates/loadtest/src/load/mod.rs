//! The generator: one thread, keep-alive connections, hand-written HTTP/1.1 over non-blocking sockets, so that
//! it costs less than the server it loads.

mod chunks;
mod clock;
mod connection;
mod driver;
mod opener;
mod pace;
mod parser;
mod report;
mod seconds;

use std::time::{Duration, Instant};

use crate::endpoint::Endpoint;

pub use driver::{TookNoMore, Unanswered, run, run_watched};
pub use pace::Pace;
pub use parser::{Fed, Parser};
pub use report::{NotAsExpected, Report, Watch};
pub use seconds::{Second, Seconds};

/// How long a single reply may take where every one must come: a server that accepts and never answers is no server to
/// wait minutes for.
pub const REPLY_MAX: Duration = Duration::from_secs(10);
/// How long the replies that are still out may take once no more requests are sent, at most.
pub const DRAIN_MAX: Duration = Duration::from_secs(15);

/// One run of the generator.
#[derive(Clone, Debug)]
pub struct Plan {
    pub server: Endpoint,
    pub connections: usize,
    pub pace: Pace,
    /// No request is sent after this long; the run ends earlier when its source has nothing more.
    pub limit: Duration,
    /// Replies to requests that were meant to start before this are not in the report.
    pub warm_up: Duration,
    pub losses: Losses,
    /// Burn the generator's core where there is nothing to do: it is on time within a microsecond, and the server need
    /// not wake it, as clients elsewhere need not be woken. Only for a core that the server does not need. Without it a
    /// timer wakes the generator, which costs less.
    pub is_sleepless: bool,
}

/// What a lost connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Losses {
    /// An error that ends the run. So is a reply that stays away for [`REPLY_MAX`].
    End,
    /// A failure that is counted; the connection is opened again. So is a reply that stays away for this long.
    Count { reply_max: Duration },
}

impl Plan {
    /// A run in which everything that is sent is measured, and nothing may be lost.
    #[must_use]
    pub fn new(server: impl Into<Endpoint>, connections: usize, pace: Pace, limit: Duration) -> Self {
        Self {
            server: server.into(),
            connections,
            pace,
            limit,
            warm_up: Duration::ZERO,
            losses: Losses::End,
            is_sleepless: false,
        }
    }
}

/// Where requests come from and where their replies go.
pub trait Source {
    /// All connections are open, and the time starts.
    fn begin(&mut self, _now: Instant) {}

    /// Writes the next request into the empty `out`, to be sent over connection `slot`.
    fn next(&mut self, slot: usize, now: Instant, out: &mut Vec<u8>) -> Next;

    /// Takes the reply to the request that `next` wrote for `slot`; false when it is not the one expected.
    fn reply(&mut self, slot: usize, now: Instant, reply: &Reply<'_>) -> bool;

    /// The reply to the request that `next` wrote for `slot` will never come.
    fn lost(&mut self, _slot: usize, _now: Instant) {}

    /// The load has ended; what was due before `ends` and has not been asked for will never be sent.
    fn unsent(&mut self, _ends: Instant) {}

    /// How many more requests there are at most.
    fn left(&self) -> u64 {
        u64::MAX
    }

    /// Whether `Reply::body` is wanted; without it bodies are only counted.
    fn keeps_body(&self) -> bool {
        false
    }
}

/// How the body of a success begins.
pub(crate) const SAYS_SUCCESS: &[u8] = br#"{"resultType":"SUCCESS""#;

/// As much of a body as is looked at to see whether it says that it is a success.
fn beginning(body: &[u8]) -> &[u8] {
    &body[..body.len().min(24)]
}

/// What a source has for a free connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// The request is in `out`.
    Send,
    /// The request is in `out`, and was meant to start at this instant, which has come: its latency counts from here.
    SendDue(Instant),
    /// Nothing before this instant, unless a reply changes that.
    After(Instant),
    /// Nothing more; the run ends when the replies that are out have come.
    Done,
}

/// A whole reply.
#[derive(Clone, Copy, Debug)]
pub struct Reply<'a> {
    pub status: u16,
    /// The first bytes of the body of a success, also where the source does not keep it: enough to see that it says so.
    pub begins: &'a [u8],
    /// Empty unless the source keeps bodies; those of failures are always there.
    pub body: &'a [u8],
    pub body_bytes: u64,
    /// Its `ETag`, where it has one; empty unless the source keeps bodies.
    pub etag: &'a [u8],
    /// It is the answer to an earlier request with the same Idempotency-Key.
    pub is_replayed: bool,
    /// When the request began to be sent.
    pub sent: Instant,
}

impl<'a> Reply<'a> {
    /// A reply whose request was sent just now: for tests of sources.
    #[must_use]
    pub fn new(status: u16, body: &'a [u8]) -> Self {
        let begins = beginning(body);
        Self {
            status,
            begins,
            body,
            body_bytes: body.len() as u64,
            etag: b"",
            is_replayed: false,
            sent: Instant::now(),
        }
    }

    /// What can be shown of what it says.
    pub(crate) fn words(&self) -> &'a [u8] {
        if self.body.is_empty() { self.begins } else { self.body }
    }

    /// Whether it is a success, and its body says so too.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.status == 200 && self.begins.starts_with(SAYS_SUCCESS)
    }
}
