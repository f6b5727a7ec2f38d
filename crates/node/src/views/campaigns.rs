//! Campaigns of codes: what they open, and how much of them is used.

use std::sync::Arc;

use arc_swap::ArcSwap;
use onsale_domain::codes::{Campaign, DIGESTS_MAX};
use onsale_domain::ids::{KeyId, QueueId};

/// All of them, by id. Each join with a code changes a figure of one.
#[derive(Debug, Default)]
pub struct Campaigns {
    all: ArcSwap<Vec<Arc<Campaign>>>,
}

impl Campaigns {
    #[must_use]
    pub fn all(&self) -> Arc<Vec<Arc<Campaign>>> {
        self.all.load_full()
    }

    #[must_use]
    pub fn named(&self, name: &str) -> Option<Arc<Campaign>> {
        self.all.load().iter().find(|campaign| campaign.name == name).cloned()
    }

    /// The keys that codes of the queue are hashed with, each once: those of the newest campaigns where there are very many.
    #[must_use]
    pub fn keys_of(&self, queue: QueueId) -> Vec<KeyId> {
        let mut keys = Vec::new();
        for campaign in self.all.load().iter().rev().filter(|campaign| campaign.queue == queue && campaign.codes > 0) {
            if keys.len() < DIGESTS_MAX && !keys.contains(&campaign.key) {
                keys.push(campaign.key);
            }
        }
        keys
    }

    /// One thread writes. Campaigns are shown in order of their ids.
    pub(super) fn put(&self, row: &Campaign) {
        let mut all = self.all.load().to_vec();
        match all.get_mut(usize::from(row.id.0)) {
            Some(campaign) => *campaign = Arc::new(row.clone()),
            None => all.push(Arc::new(row.clone())),
        }
        self.all.store(Arc::new(all));
    }
}
