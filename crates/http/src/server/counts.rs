//! What becomes of connections, for those who watch.

use std::sync::atomic::{AtomicU64, AtomicUsize};

/// Counted by all threads together: but for the first, only where something is refused or ended.
#[derive(Debug, Default)]
pub struct Counts {
    /// Connections that are open.
    pub connections: AtomicUsize,
    /// New ones that were turned away because all places were taken.
    pub full: AtomicU64,
    /// New ones that were turned away because their address had its share.
    pub address: AtomicU64,
    /// Waiting ones that were ended for a new one.
    pub shed: AtomicU64,
    /// Ended because nothing was asked for long.
    pub idle: AtomicU64,
    /// Cut off because the client was too slow.
    pub cut: AtomicU64,
    /// Requests over HTTP/2 that were answered 503 because their client had left too much unread.
    pub unread: AtomicU64,
}
