//! When keys are fetched, and for how long they are trusted.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, watch};

/// The shortest time from one fetch to another that tokens with unknown keys cause.
const ASKED_EVERY: Duration = Duration::from_secs(5);
/// How long somebody waits for a fetch: until one is due, and it has ended.
const PATIENCE: Duration = Duration::from_secs(8);
/// How many wait at once.
const WAITING_MAX: usize = 1_024;

/// Who fetches and who needs what is fetched.
pub(super) struct Turn {
    state: Mutex<State>,
    wake: Condvar,
    done: watch::Sender<Fetch>,
    waiting: Semaphore,
    asked_every: Duration,
    stale_max: Duration,
}

/// A fetch that has ended.
#[derive(Clone, Copy, Debug, Default)]
struct Fetch {
    number: u64,
    brought: bool,
}

#[derive(Default)]
struct State {
    wanted: bool,
    closed: bool,
    /// How many fetches have begun.
    begun: u64,
    /// When one ended last, however.
    ended: Option<Instant>,
    /// When one brought keys last.
    brought: Option<Instant>,
}

impl State {
    /// How long it is until whoever wants a fetch gets one.
    fn due_in(&self, asked_every: Duration) -> Duration {
        self.ended.map_or(Duration::ZERO, |ended| asked_every.saturating_sub(ended.elapsed()))
    }
}

impl Turn {
    pub(super) fn new(stale_max: Duration) -> Self {
        Self {
            state: Mutex::default(),
            wake: Condvar::new(),
            done: watch::Sender::default(),
            waiting: Semaphore::new(WAITING_MAX),
            asked_every: ASKED_EVERY,
            stale_max,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until a fetch should begin: after `at_most`, or as soon as one is wanted and due. False where none should any more.
    pub(super) fn wait(&self, at_most: Duration) -> bool {
        let until = Instant::now() + at_most;
        let mut state = self.state();
        while !state.closed {
            let left = until.saturating_duration_since(Instant::now());
            let left = if state.wanted { left.min(state.due_in(self.asked_every)) } else { left };
            if left.is_zero() {
                state.wanted = false;
                state.begun += 1;
                return true;
            }
            state = self.wake.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        false
    }

    pub(super) fn done(&self, brought: bool) {
        let mut state = self.state();
        state.ended = Some(Instant::now());
        if brought {
            state.brought = state.ended;
        }
        let number = state.begun;
        drop(state);
        self.done.send_replace(Fetch { number, brought });
    }

    pub(super) fn close(&self) {
        self.state().closed = true;
        self.wake.notify_all();
        self.done.send_modify(|_| {});
    }

    /// Has a fetch begin as soon as one is due, and says its number.
    pub(super) fn ask(&self) -> u64 {
        let mut state = self.state();
        if !state.wanted {
            state.wanted = true;
            self.wake.notify_all();
        }
        state.begun + 1
    }

    /// Waits until a fetch has ended that began after this call, or one after which `is_known` says yes. False where none brought
    /// keys in time, and where too many wait: then nothing can be said of a key that is not known.
    pub(super) async fn has_asked(&self, is_known: impl Fn() -> bool) -> bool {
        let Ok(_place) = self.waiting.try_acquire() else { return false };
        // Before it is asked for: however soon one ends, it is heard.
        let mut done = self.done.subscribe();
        if is_known() {
            return true;
        }
        let first = self.ask();
        let ended = async {
            while !self.state().closed && done.changed().await.is_ok() {
                let Fetch { number, brought } = *done.borrow_and_update();
                if is_known() {
                    return true;
                }
                if number >= first {
                    return brought;
                }
            }
            false
        };
        tokio::time::timeout(PATIENCE, ended).await.unwrap_or(false)
    }

    pub(super) fn is_trusted(&self) -> bool {
        self.state().brought.is_some_and(|brought| brought.elapsed() <= self.stale_max)
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;
    use std::sync::atomic::Ordering::SeqCst;

    use tokio::time::timeout;

    use super::*;

    const LONG: Duration = Duration::from_secs(3_600);
    const AT_ONCE: Duration = Duration::from_millis(20);

    fn asked_every(asked_every: Duration) -> Arc<Turn> {
        Arc::new(Turn { asked_every, ..Turn::new(LONG) })
    }

    #[tokio::test]
    async fn however_many_ask_there_is_one_fetch_and_then_a_pause() {
        let turn = asked_every(LONG);
        assert!(!turn.is_trusted());
        let asking = [(); 50].map(|()| {
            let turn = turn.clone();
            tokio::spawn(async move { turn.has_asked(|| false).await })
        });
        while turn.waiting.available_permits() > WAITING_MAX - 50 {
            tokio::task::yield_now().await;
        }
        assert!(turn.wait(LONG), "it is wanted");
        turn.done(true);
        for asked in asking {
            assert_eq!(asked.await.ok(), Some(true));
        }
        assert!(turn.is_trusted());
        assert!(timeout(AT_ONCE, turn.has_asked(|| false)).await.is_err(), "it is asked for");
        let waited = Instant::now();
        assert!(turn.wait(AT_ONCE) && waited.elapsed() >= AT_ONCE, "and not due");
        turn.close();
        assert!(!turn.wait(LONG));
        assert!(!turn.has_asked(|| false).await);
    }

    #[tokio::test]
    async fn a_fetch_that_began_before_says_nothing_of_a_key_that_it_did_not_bring() {
        let turn = asked_every(Duration::ZERO);
        let is_known = AtomicBool::new(false);
        assert!(turn.wait(Duration::ZERO), "the one of each minute begins");
        {
            let mut asked = pin!(turn.has_asked(|| is_known.load(SeqCst)));
            assert!(timeout(AT_ONCE, &mut asked).await.is_err());
            turn.done(true);
            assert!(timeout(AT_ONCE, &mut asked).await.is_err(), "the key may have been published meanwhile");
            assert!(turn.wait(LONG));
            turn.done(false);
            assert!(!asked.await, "and a fetch that failed says nothing");
        }
        assert!(turn.wait(Duration::ZERO));
        let mut asked = pin!(turn.has_asked(|| is_known.load(SeqCst)));
        assert!(timeout(AT_ONCE, &mut asked).await.is_err());
        is_known.store(true, SeqCst);
        turn.done(true);
        assert!(asked.await, "a key that it did bring is known");
    }

    #[tokio::test]
    async fn no_more_wait_than_there_is_room_for() {
        let turn = asked_every(LONG);
        let _all = turn.waiting.acquire_many(WAITING_MAX as u32).await;
        assert!(!turn.has_asked(|| false).await);
        assert!(!turn.state().wanted);
    }

    #[test]
    fn keys_that_are_too_old_are_not_trusted() {
        let turn = Turn::new(Duration::ZERO);
        turn.done(true);
        std::thread::sleep(Duration::from_millis(2));
        assert!(!turn.is_trusted());
        turn.done(false);
        assert!(!turn.is_trusted());
    }
}
