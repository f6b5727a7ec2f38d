//! Counting, on the path of every request.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use super::histogram::{self, BUCKETS};
use super::outcome::Outcome;

/// What one thread has counted.
pub(super) struct Counts {
    pub(super) routes: Box<[RouteCounters]>,
}

pub(super) struct RouteCounters {
    pub(super) outcomes: [AtomicU64; Outcome::SLOTS],
    pub(super) buckets: [AtomicU64; BUCKETS],
    pub(super) elapsed_ns: AtomicU64,
}

impl Counts {
    pub(super) fn new(routes: usize) -> Self {
        let route = |_| RouteCounters {
            outcomes: [const { AtomicU64::new(0) }; Outcome::SLOTS],
            buckets: [const { AtomicU64::new(0) }; BUCKETS],
            elapsed_ns: AtomicU64::new(0),
        };
        Self { routes: (0..routes).map(route).collect() }
    }
}

/// Counts the requests of one thread. It may be shared within its thread, and be read from others; where two threads
/// count in one, counts get lost, for it adds without a locked instruction.
#[derive(Clone)]
pub struct Recorder {
    pub(super) counts: Arc<Counts>,
}

impl Recorder {
    /// Counts a request to the route with this index, of those that [`super::Metrics::new`] was given.
    pub fn record(&self, route: usize, outcome: Outcome, stopwatch: &Stopwatch) {
        self.record_ns(route, outcome, stopwatch.elapsed_ns());
    }

    fn record_ns(&self, route: usize, outcome: Outcome, elapsed_ns: u64) {
        let route = &self.counts.routes[route];
        add(&route.outcomes[outcome.slot()], 1);
        add(&route.buckets[histogram::bucket(elapsed_ns)], 1);
        add(&route.elapsed_ns, elapsed_ns);
    }
}

fn add(counter: &AtomicU64, amount: u64) {
    counter.store(counter.load(Relaxed).wrapping_add(amount), Relaxed);
}

/// The time that a request takes, by the processor's own counter where it has a steady one.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(quanta::Instant);

impl Stopwatch {
    /// Starts now.
    #[must_use]
    pub fn start() -> Self {
        Self(quanta::Instant::now())
    }

    /// Nanoseconds since the start.
    #[must_use]
    pub fn elapsed_ns(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }
}
