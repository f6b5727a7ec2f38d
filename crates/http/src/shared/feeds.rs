//! How many may read the feed of a node, and what there is of a person: from the tables, beside the sale.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use onsale_domain::ids::KeyId;
use tokio::sync::Semaphore;

/// The most calls for events, streams among them, that one key has open on a node.
pub(crate) const FEEDS_PER_KEY_MAX: u32 = 4;
/// The most of all keys.
const FEEDS_MAX: u32 = 32;
/// The most that read at the same moment: each reads for a moment, and the others wait for it.
const READING_MAX: usize = 2;
/// The most that look through the tables for what there is of one person: that takes longer, and is seldom asked for.
const LOOKING_MAX: usize = 1;

/// The calls that are open, and who reads.
#[derive(Clone, Debug)]
pub(crate) struct Feeds {
    open: Arc<Mutex<HashMap<KeyId, u32>>>,
    pub(crate) reading: Arc<Semaphore>,
    pub(crate) looking: Arc<Semaphore>,
    closed: Arc<AtomicBool>,
}

impl Default for Feeds {
    fn default() -> Self {
        let [reading, looking] = [READING_MAX, LOOKING_MAX].map(|most| Arc::new(Semaphore::new(most)));
        Self { open: Arc::default(), reading, looking, closed: Arc::default() }
    }
}

/// One call's place among them, given up when it is dropped.
#[derive(Debug)]
pub(crate) struct FeedPermit {
    key: KeyId,
    of: Arc<Mutex<HashMap<KeyId, u32>>>,
}

impl Feeds {
    /// A place for a call with this key; `None` where the key, or all together, have as many as they may.
    pub(crate) fn take(&self, key: KeyId) -> Option<FeedPermit> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.values().sum::<u32>() >= FEEDS_MAX {
            return None;
        }
        let of_key = open.entry(key).or_default();
        if *of_key >= FEEDS_PER_KEY_MAX {
            return None;
        }
        *of_key += 1;
        Some(FeedPermit { key, of: self.open.clone() })
    }

    /// The server stops: whoever waits for events is not to hold it up.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }
}

impl Drop for FeedPermit {
    fn drop(&mut self) {
        let mut open = self.of.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(of_key) = open.get_mut(&self.key) {
            *of_key -= 1;
            if *of_key == 0 {
                open.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_so_many_and_all_keys_have_so_many() {
        let feeds = Feeds::default();
        let mut taken: Vec<FeedPermit> = (0..FEEDS_PER_KEY_MAX).filter_map(|_| feeds.take(KeyId(1))).collect();
        assert_eq!(taken.len(), FEEDS_PER_KEY_MAX as usize);
        assert!(feeds.take(KeyId(1)).is_none());
        taken.pop();
        assert!(feeds.take(KeyId(1)).is_some(), "what is given up is there again");
        let all: Vec<FeedPermit> = (2..100).filter_map(|key| feeds.take(KeyId(key))).collect();
        assert_eq!(all.len() + taken.len(), FEEDS_MAX as usize);
        drop((all, taken));
        assert!(feeds.open.lock().is_ok_and(|open| open.is_empty()));
    }
}
