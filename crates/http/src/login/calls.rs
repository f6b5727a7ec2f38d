//! Calls to the provider: a few at a time, each on a thread of its own, and none longer than it may take.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicU64, AtomicUsize};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::Semaphore;

/// The most calls at a time.
const AT_ONCE: usize = 64;
/// The most that wait for their turn, and for how long.
const WAITING_MAX: usize = 2_048;
const PATIENCE: Duration = Duration::from_secs(5);
/// How often the log says the same.
const TELL_EVERY_S: u64 = 10;

#[derive(Debug)]
pub(super) struct Calls {
    places: Arc<Semaphore>,
    waiting: AtomicUsize,
    patience: Duration,
}

impl Default for Calls {
    fn default() -> Self {
        Self { places: Arc::new(Semaphore::new(AT_ONCE)), waiting: AtomicUsize::new(0), patience: PATIENCE }
    }
}

/// Somebody who waits.
struct Waiting<'c>(&'c AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

impl Calls {
    /// Runs what blocks; `None` where too many do already.
    pub(super) async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let waiting = Waiting(&self.waiting);
        if self.waiting.fetch_add(1, Relaxed) >= WAITING_MAX {
            return None;
        }
        let place = tokio::time::timeout(self.patience, self.places.clone().acquire_owned()).await.ok()?.ok()?;
        drop(waiting);
        let run = tokio::task::spawn_blocking(move || {
            let done = work();
            // Not before the call has ended, also where nobody waits for it any more.
            drop(place);
            done
        });
        run.await.ok()
    }
}

/// Says in the log what is wrong with the provider, and not once for each who asks.
#[derive(Debug, Default)]
pub(super) struct Told {
    last_s: AtomicU64,
}

impl Told {
    pub(super) fn tell(&self, what: &str) {
        let now_s = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let last_s = self.last_s.load(Relaxed);
        if now_s.saturating_sub(last_s) >= TELL_EVERY_S
            && self.last_s.compare_exchange(last_s, now_s, Relaxed, Relaxed).is_ok()
        {
            tracing::warn!(what, "somebody could not sign in");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn no_more_at_a_time_than_there_are_places() {
        let calls = Calls { patience: Duration::from_millis(10), ..Calls::default() };
        let places = calls.places.clone().acquire_many_owned(AT_ONCE as u32).await.expect("all of them");
        assert_eq!(calls.run(|| 1).await, None, "nobody waits for ever");
        assert_eq!(calls.waiting.load(Relaxed), 0);
        drop(places);
        assert_eq!(calls.run(|| 1).await, Some(1));
        calls.waiting.store(WAITING_MAX, Relaxed);
        assert_eq!(calls.run(|| 1).await, None);
        assert_eq!(calls.waiting.load(Relaxed), WAITING_MAX);
    }
}
