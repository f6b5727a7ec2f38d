//! How many streams there may be.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The streams of all threads, and the most that there may be.
#[derive(Debug)]
pub struct StreamLimit {
    open: Arc<AtomicUsize>,
    max: usize,
}

/// One stream's place among them, given up when it is dropped.
#[derive(Debug)]
pub(crate) struct Permit(Arc<AtomicUsize>);

impl StreamLimit {
    #[must_use]
    pub fn new(max: usize) -> Self {
        Self { open: Arc::default(), max }
    }

    /// How many are open.
    #[must_use]
    pub fn open(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }

    pub(crate) fn take(&self) -> Option<Permit> {
        if self.open.fetch_add(1, Ordering::Relaxed) >= self.max {
            self.open.fetch_sub(1, Ordering::Relaxed);
            return None;
        }
        Some(Permit(self.open.clone()))
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
