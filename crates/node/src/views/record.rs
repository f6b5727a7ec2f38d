//! The newest of what operators did, and of what those who wait were told.

use std::sync::Arc;

use arc_swap::ArcSwap;
use onsale_domain::ids::EventId;
use onsale_domain::operator::{LeverRow, NewsRow};

/// How many are shown; older ones are in the tables.
const SHOWN_MAX: usize = 1_000;

/// Lists in order of time, replaced as a whole: they change a few times in a night.
#[derive(Debug, Default)]
pub struct Record {
    news: ArcSwap<Vec<Arc<NewsRow>>>,
    levers: ArcSwap<Vec<Arc<LeverRow>>>,
}

impl Record {
    /// News, oldest first.
    #[must_use]
    pub fn news(&self) -> Arc<Vec<Arc<NewsRow>>> {
        self.news.load_full()
    }

    /// The id of the newest piece of news.
    #[must_use]
    pub fn newest(&self) -> Option<EventId> {
        self.news.load().last().map(|news| news.id)
    }

    /// Levers that were moved, oldest first.
    #[must_use]
    pub fn levers(&self) -> Arc<Vec<Arc<LeverRow>>> {
        self.levers.load_full()
    }

    pub(super) fn tell(&self, row: &NewsRow) {
        push(&self.news, row);
    }

    pub(super) fn note(&self, row: &LeverRow) {
        push(&self.levers, row);
    }
}

fn push<T: Clone>(list: &ArcSwap<Vec<Arc<T>>>, row: &T) {
    let old = list.load();
    let kept = old.len().saturating_sub(SHOWN_MAX - 1);
    list.store(Arc::new(old[kept..].iter().cloned().chain([Arc::new(row.clone())]).collect()));
}
