//! What a node counts of its own work.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

/// Counts by powers of two: bucket `i` holds values up to `2^i`, the last all that are greater.
#[derive(Debug, Default)]
pub struct Histogram {
    buckets: [AtomicU64; Self::BUCKETS],
    sum: AtomicU64,
}

impl Histogram {
    /// Up to 2^25: 33 seconds in microseconds.
    pub const BUCKETS: usize = 26;

    pub(crate) fn record(&self, value: u64) {
        let bucket = (u64::BITS - value.saturating_sub(1).leading_zeros()) as usize;
        self.buckets[bucket.min(Self::BUCKETS - 1)].fetch_add(1, Ordering::Relaxed);
        self.sum.fetch_add(value, Ordering::Relaxed);
    }

    pub(crate) fn record_us(&self, elapsed: Duration) {
        self.record(u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX));
    }

    /// Each bucket's upper bound and count (not cumulative), and the sum of all values.
    #[must_use]
    pub fn read(&self) -> (Vec<(u64, u64)>, u64) {
        let buckets = self.buckets.iter().enumerate().map(|(i, count)| (1 << i, count.load(Ordering::Relaxed)));
        (buckets.collect(), self.sum.load(Ordering::Relaxed))
    }
}

/// How often storage was found in use by somebody else (SQLite's BUSY and LOCKED), since the process began.
#[must_use]
pub fn storage_busy() -> u64 {
    onsale_journal::local::busy_total() + onsale_tables::busy_total()
}

/// Counters since the node started.
#[derive(Debug, Default)]
pub struct Stats {
    /// How long appends took, in microseconds; their number is that of the journal's commits.
    pub append_us: Histogram,
    /// Commands per journal entry.
    pub batch_commands: Histogram,
    /// Bytes of payload in the journal.
    pub journal_bytes: AtomicU64,
    /// How long projecting transactions took, in microseconds.
    pub projection_us: Histogram,
    /// Rows written to the tables.
    pub projected_rows: AtomicU64,
    /// The number of the last entry that the tables hold.
    pub projected_seq: AtomicU64,
    /// Rows that wait to be projected, large ones counted by their size.
    pub projection_backlog: AtomicU64,
    /// The tables take nothing at the moment, though the journal does.
    pub tables_stand: AtomicBool,
    /// Commands refused because too many waited.
    pub overloaded: AtomicU64,
    /// Commands refused because the journal had no room.
    pub unavailable: AtomicU64,
    /// The last append found no room on the disk. Only a later append can tell that there is room again.
    pub journal_full: AtomicBool,
    /// How far the journal's time is ahead of the clock that it follows, in milliseconds; negative where it is behind.
    pub clock_ahead_ms: AtomicI64,
    /// The journal's time less the time for which the node has run, in milliseconds, as it was when somebody last had something
    /// appended, or waited a minute for it. See [`Node::journal_ms`](crate::Node::journal_ms).
    pub(crate) journal_began_ms: AtomicU64,
}
