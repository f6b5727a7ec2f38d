//! How many holds there were, and what became of them.

use std::sync::atomic::{AtomicU64, Ordering};

use onsale_domain::reservation::State;
use onsale_domain::row::Row;

/// Reservations since this node started, by what was done to them last. Written by one thread.
#[derive(Debug, Default)]
pub struct Sales {
    pub held: AtomicU64,
    pub paid: AtomicU64,
    pub lapsed: AtomicU64,
    pub cancelled: AtomicU64,
    pub released: AtomicU64,
}

impl Sales {
    pub(super) fn count(&self, rows: &[Row]) {
        for row in rows {
            if let Row::Reservation(row) = row {
                let counter = match row.state {
                    State::Held => &self.held,
                    State::Paid { .. } => &self.paid,
                    State::Lapsed { .. } => &self.lapsed,
                    State::Cancelled { .. } => &self.cancelled,
                    State::Released { .. } => &self.released,
                };
                counter.store(counter.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
            }
        }
    }
}
