//! Requests with an admin key that is none.
//!
//! Nobody is locked out: whoever locks out by address locks out the operators behind the same one. A client that has sent too many
//! is told so ([`crate::rate`]), and a right key is taken from there as ever.

use std::net::IpAddr;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long a line of the log stands for all that come.
const TELL_EVERY: Duration = Duration::from_secs(10);

/// How many there were.
#[derive(Debug, Default)]
pub(crate) struct Guesses {
    count: AtomicU64,
    /// A line is about to be written.
    telling: AtomicBool,
    /// Whose the last one was.
    last: Mutex<Option<IpAddr>>,
}

impl Guesses {
    /// Since the start.
    pub(crate) fn count(&self) -> u64 {
        self.count.load(Relaxed)
    }

    /// Notes one, of this client where that can be told. True where somebody has to [`Guesses::tell`].
    pub(crate) fn note(&self, client: Option<IpAddr>) -> bool {
        *self.last() = client;
        self.count.fetch_add(1, Relaxed);
        !self.telling.swap(true, Relaxed)
    }

    /// Writes one line at once, and another for all that have come in a while, where any have.
    pub(crate) async fn tell(&self) {
        let first = self.count();
        tracing::warn!(client = %self.last_client(), "somebody used an admin key that is none");
        tokio::time::sleep(TELL_EVERY).await;
        let more = self.count() - first;
        if more > 0 {
            let (client, seconds) = (self.last_client(), TELL_EVERY.as_secs());
            tracing::warn!(more, seconds, last_client = %client, "somebody used admin keys that are none");
        }
        self.telling.store(false, Relaxed);
    }

    fn last(&self) -> MutexGuard<'_, Option<IpAddr>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn last_client(&self) -> String {
        self.last().map_or_else(|| "unknown".to_owned(), |client| client.to_string())
    }
}
