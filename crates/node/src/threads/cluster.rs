//! How requests wait for what a node of many knows of the others.

use std::time::{Duration, Instant};

use crate::cluster::Cluster;

impl Cluster {
    /// Waits until the views are at entry `seq`; false when they are not in time.
    pub async fn at_least(&self, seq: u64, within: Duration) -> bool {
        let mut applied = self.watch_applied();
        if *applied.borrow_and_update() >= seq {
            return true;
        }
        // Nobody may have told of it.
        self.waker().notify_one();
        let reached = tokio::time::timeout(within, applied.wait_for(|applied| *applied >= seq)).await;
        matches!(reached, Ok(Ok(_)))
    }

    /// Waits until the views are as new as the journal was at the time of the call. One look at the journal's end does
    /// for all who wait. False when it cannot be known in time.
    pub async fn fresh(&self, within: Duration) -> bool {
        let until = Instant::now() + within;
        let asked = self.ask();
        let mut answered = self.watch_answered();
        let seq = match tokio::time::timeout(within, answered.wait_for(|answered| answered.asked >= asked)).await {
            Ok(Ok(answered)) => answered.seq,
            Ok(Err(_)) | Err(_) => return false,
        };
        self.at_least(seq, until.saturating_duration_since(Instant::now())).await
    }

    /// How long ago the views are known to have been up to date.
    #[must_use]
    pub fn staleness(&self) -> Duration {
        self.stale_at(self.timer.elapsed())
    }

    /// Whether it is of no use to ask for a look at the journal's end. A node that stood still is old, and not cut off: its
    /// first look tells it all.
    #[must_use]
    pub fn is_cut_off(&self) -> bool {
        self.is_cut_off_at(self.timer.elapsed())
    }
}
