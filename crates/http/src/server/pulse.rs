//! Whether the threads still serve: each beats about once a second, between two pieces of its work.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

/// One thread's.
pub(super) struct Pulse {
    began: Instant,
    last_ms: AtomicU64,
}

impl Default for Pulse {
    fn default() -> Self {
        Self { began: Instant::now(), last_ms: AtomicU64::new(0) }
    }
}

impl Pulse {
    pub(super) fn beat(&self) {
        self.last_ms.store(u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX), Relaxed);
    }

    fn silence(&self) -> Duration {
        self.began.elapsed().saturating_sub(Duration::from_millis(self.last_ms.load(Relaxed)))
    }
}

/// A server's threads, from anywhere.
#[derive(Clone)]
pub struct Pulses(pub(super) Vec<Arc<Pulse>>);

impl Pulses {
    /// How long ago that thread last came round which has been silent for longest. About a second at the most, while all
    /// serve; after a stop it grows.
    #[must_use]
    pub fn silence(&self) -> Duration {
        self.0.iter().map(|pulse| pulse.silence()).max().unwrap_or_default()
    }
}
