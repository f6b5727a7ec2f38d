//! What all threads share.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use onsale_node::Node;

use super::StreamLimit;
use crate::metrics::Metrics;
use crate::ops::Monitor;
use crate::token::{AdminKey, KeyRing, Keys, Overrides, StoreError};

/// The node, the keys and the metrics.
pub struct Shared {
    pub node: Arc<Node>,
    pub metrics: Metrics,
    /// ISO 4217 code of the one currency.
    pub currency: String,
    pub admin: AdminKey,
    pub tokens: ArcSwap<KeyRing>,
    /// Where the keys are kept, and what the configuration says of them; locked while they are rotated.
    keys: Mutex<(PathBuf, Overrides)>,
    pub streams: StreamLimit,
    /// What was seen of the night.
    pub monitor: Arc<Monitor>,
    caches: Mutex<Vec<Arc<CacheCounts>>>,
    /// Held while an operator's change is merged into what is there and carried out: the admin API changes one thing
    /// at a time.
    pub(crate) edits: tokio::sync::Mutex<()>,
}

/// How often one thread found a list rendered already. Written by that thread alone.
#[derive(Debug, Default)]
pub struct CacheCounts {
    pub schedule_hits: AtomicU64,
    pub schedule_misses: AtomicU64,
    pub seat_hits: AtomicU64,
    pub seat_misses: AtomicU64,
    pub not_modified: AtomicU64,
}

impl CacheCounts {
    pub(super) fn schedule(&self, hit: bool) {
        add(if hit { &self.schedule_hits } else { &self.schedule_misses });
    }

    pub(super) fn seat(&self, hit: bool) {
        add(if hit { &self.seat_hits } else { &self.seat_misses });
    }

    pub(super) fn not_modified(&self) {
        add(&self.not_modified);
    }
}

fn add(counter: &AtomicU64) {
    counter.store(counter.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
}

impl Shared {
    /// Gathers what the threads share. `keys` were loaded from `directory` with `overrides`.
    #[must_use]
    pub fn new(
        node: Arc<Node>,
        metrics: Metrics,
        currency: String,
        keys: Keys,
        directory: PathBuf,
        overrides: Overrides,
        streams: StreamLimit,
    ) -> Self {
        Self {
            node,
            metrics,
            currency,
            admin: keys.admin,
            tokens: ArcSwap::from_pointee(keys.tokens),
            keys: Mutex::new((directory, overrides)),
            streams,
            monitor: Arc::default(),
            caches: Mutex::default(),
            edits: tokio::sync::Mutex::default(),
        }
    }

    /// New tickets are signed with a new key from now on; tokens of the older keys stay valid.
    ///
    /// # Errors
    /// When the keys cannot be stored; then nothing has changed.
    pub fn rotate_token_key(&self) -> Result<(), StoreError> {
        let keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        let rotated = crate::token::rotate(&keys.0, self.node.store_id(), &keys.1)?;
        self.tokens.store(Arc::new(rotated.tokens));
        Ok(())
    }

    pub(super) fn cache_counts(&self) -> Arc<CacheCounts> {
        let counts = Arc::new(CacheCounts::default());
        self.caches.lock().unwrap_or_else(PoisonError::into_inner).push(counts.clone());
        counts
    }

    /// The sum of one count over all threads.
    pub fn cache_total(&self, which: impl Fn(&CacheCounts) -> &AtomicU64) -> u64 {
        let caches = self.caches.lock().unwrap_or_else(PoisonError::into_inner);
        caches.iter().map(|counts| which(counts).load(Ordering::Relaxed)).sum()
    }
}
