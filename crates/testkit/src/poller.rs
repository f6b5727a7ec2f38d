//! People who keep their tab open.

use std::time::Duration;

use tokio::task::JoinHandle;

use crate::buyer::Buyer;

/// How often each of them polls: well within any `waiting_ttl` that a test sets.
const PAUSE: Duration = Duration::from_millis(100);

/// Polls for some buyers until it is dropped.
pub struct Poller(JoinHandle<()>);

impl Poller {
    #[must_use]
    pub fn start(buyers: &[&Buyer]) -> Self {
        let buyers: Vec<Buyer> = buyers.iter().map(|buyer| (*buyer).clone()).collect();
        Self(tokio::spawn(async move {
            loop {
                for buyer in &buyers {
                    buyer.check().await;
                }
                tokio::time::sleep(PAUSE).await;
            }
        }))
    }
}

impl Drop for Poller {
    fn drop(&mut self) {
        self.0.abort();
    }
}
