//! Requests with an admin key that is none.
//!
//! Nobody is locked out: whoever locks out by address locks out the operators behind the same one. A client that has sent too many
//! is told so ([`crate::rate`]), and a right key is taken from there as ever.

use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::time::Duration;

/// How long a line of the log stands for all that come.
const TELL_EVERY: Duration = Duration::from_secs(10);

/// How many there were.
#[derive(Debug, Default)]
pub(crate) struct Guesses {
    count: AtomicU64,
    /// A line is about to be written.
    telling: AtomicBool,
}

impl Guesses {
    /// Since the start.
    pub(crate) fn count(&self) -> u64 {
        self.count.load(Relaxed)
    }

    /// Notes one. True where somebody has to [`Guesses::tell`].
    pub(crate) fn note(&self) -> bool {
        self.count.fetch_add(1, Relaxed);
        !self.telling.swap(true, Relaxed)
    }

    /// Writes one line at once, and another for all that have come in a while, where any have.
    pub(crate) async fn tell(&self) {
        let first = self.count();
        tracing::warn!("somebody used an admin key that is none");
        tokio::time::sleep(TELL_EVERY).await;
        let more = self.count() - first;
        if more > 0 {
            tracing::warn!(more, seconds = TELL_EVERY.as_secs(), "somebody used admin keys that are none");
        }
        self.telling.store(false, Relaxed);
    }
}
