//! How much is remembered of people: each has a bound.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use onsale_domain::engine::Engine;

/// The counts after the last batch.
#[derive(Debug, Default)]
pub struct People {
    references: AtomicUsize,
    subjects: AtomicUsize,
    passed_over: AtomicU64,
    entries: AtomicUsize,
    seat_limits: AtomicUsize,
}

impl People {
    /// References of credits and debits.
    #[must_use]
    pub fn references(&self) -> usize {
        self.references.load(Ordering::Relaxed)
    }

    /// Subjects of entry tokens that are no numbers.
    #[must_use]
    pub fn subjects(&self) -> usize {
        self.subjects.load(Ordering::Relaxed)
    }

    /// Numbers of each kind that a store that was restored has passed over.
    #[must_use]
    pub fn passed_over(&self) -> u64 {
        self.passed_over.load(Ordering::Relaxed)
    }

    /// Entry tokens that are good once, were used, and have not expired.
    #[must_use]
    pub fn entries(&self) -> usize {
        self.entries.load(Ordering::Relaxed)
    }

    /// Users with a limit of seats of their own.
    #[must_use]
    pub fn seat_limits(&self) -> usize {
        self.seat_limits.load(Ordering::Relaxed)
    }

    pub(super) fn count(&self, engine: &Engine) {
        self.references.store(engine.adjustments().len(), Ordering::Relaxed);
        self.subjects.store(engine.subjects().len(), Ordering::Relaxed);
        self.passed_over.store(engine.subjects().passed_over(), Ordering::Relaxed);
        self.entries.store(engine.entries().len(), Ordering::Relaxed);
        self.seat_limits.store(engine.seat_limits().len(), Ordering::Relaxed);
    }
}
