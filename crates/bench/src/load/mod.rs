//! The generator: one thread, keep-alive connections, hand-written HTTP/1.1 over non-blocking sockets, so that
//! it costs less than the server it loads.

mod connection;
mod driver;
mod pace;
mod parser;
mod report;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

pub(crate) use driver::run;
pub(crate) use pace::Pace;
pub(crate) use parser::{Fed, Parser};
pub(crate) use report::Report;

/// How long the replies that are still out may take once no more requests are sent.
pub(crate) const DRAIN_MAX: Duration = Duration::from_secs(15);

/// One run of the generator.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) server: SocketAddr,
    pub(crate) connections: usize,
    pub(crate) pace: Pace,
    /// No request is sent after this long; the run ends earlier when its source has nothing more.
    pub(crate) limit: Duration,
}

/// Where requests come from and where their replies go.
pub(crate) trait Source {
    /// Writes the next request into the empty `out`, to be sent over connection `slot`.
    fn next(&mut self, slot: usize, now: Instant, out: &mut Vec<u8>) -> Next;

    /// Takes the reply to the request that `next` wrote for `slot`; false when it is not the one expected.
    fn reply(&mut self, slot: usize, now: Instant, reply: &Reply<'_>) -> bool;

    /// Whether `Reply::body` is wanted; without it bodies are only counted.
    fn keeps_body(&self) -> bool {
        false
    }
}

/// What a source has for a free connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// The request is in `out`.
    Send,
    /// Nothing before this instant, unless a reply changes that.
    After(Instant),
    /// Nothing more; the run ends when the replies that are out have come.
    Done,
}

/// A whole reply.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reply<'a> {
    pub(crate) status: u16,
    /// Empty unless the source keeps bodies.
    pub(crate) body: &'a [u8],
    pub(crate) body_bytes: u64,
}
