//! When keys are fetched, and for how long they are trusted.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

/// The shortest time between two fetches that tokens with unknown keys cause.
const ASKED_EVERY: Duration = Duration::from_secs(5);

/// Who fetches and who needs what is fetched.
pub(super) struct Turn {
    state: Mutex<State>,
    wake: Condvar,
    /// How often a fetch has ended.
    done: watch::Sender<u64>,
    stale_max: Duration,
}

#[derive(Default)]
struct State {
    wanted: bool,
    closed: bool,
    /// When a fetch ended last, however.
    ended: Option<Instant>,
    /// When one brought keys last.
    brought: Option<Instant>,
}

impl Turn {
    pub(super) fn new(stale_max: Duration) -> Self {
        Self { state: Mutex::default(), wake: Condvar::new(), done: watch::Sender::new(0), stale_max }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn wait(&self, at_most: Duration) -> bool {
        let idle = |state: &mut State| !state.wanted && !state.closed;
        let (state, _) =
            self.wake.wait_timeout_while(self.state(), at_most, idle).unwrap_or_else(PoisonError::into_inner);
        !state.closed
    }

    pub(super) fn done(&self, brought: bool) {
        let mut state = self.state();
        state.wanted = false;
        state.ended = Some(Instant::now());
        if brought {
            state.brought = state.ended;
        }
        drop(state);
        self.done.send_modify(|count| *count += 1);
    }

    pub(super) fn close(&self) {
        self.state().closed = true;
        self.wake.notify_all();
    }

    /// What changes when the keys that are asked for are there, or could not be had; `None` where it is too soon to ask.
    pub(super) fn ask(&self) -> Option<watch::Receiver<u64>> {
        let mut state = self.state();
        if !state.wanted {
            if state.ended.is_some_and(|ended| ended.elapsed() < ASKED_EVERY) {
                return None;
            }
            state.wanted = true;
            self.wake.notify_all();
        }
        // Before the lock goes: a fetch that ends from here on is heard.
        Some(self.done.subscribe())
    }

    pub(super) fn is_trusted(&self) -> bool {
        self.state().brought.is_some_and(|brought| brought.elapsed() <= self.stale_max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn however_many_ask_there_is_one_fetch_and_then_a_pause() {
        let turn = Turn::new(Duration::from_secs(3_600));
        assert!(!turn.is_trusted());
        let (one, two) = (turn.ask(), turn.ask());
        assert!(one.is_some() && two.is_some(), "the second waits for the first one's");
        assert!(turn.wait(Duration::from_secs(3_600)), "it is wanted");
        turn.done(true);
        for asked in [one, two] {
            assert_eq!(asked.map(|done| done.has_changed()).transpose().ok().flatten(), Some(true));
        }
        assert!(turn.is_trusted());
        assert!(turn.ask().is_none(), "just fetched");
        turn.close();
        assert!(!turn.wait(Duration::from_secs(3_600)));
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
