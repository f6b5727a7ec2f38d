//! Keys that are fetched from where they are published, or that never change.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;

use super::head::Head;
use super::keys::KeySet;
use super::source::Turn;
use crate::problem::{Code, Problem};

/// How long a token whose key is not known waits for the keys to be fetched.
const PATIENCE: Duration = Duration::from_secs(3);

/// The keys of somebody who signs, as they are by now.
pub struct Keys {
    set: ArcSwapOption<KeySet>,
    /// When they are fetched; `None` where they never change.
    turn: Option<Turn>,
}

impl Keys {
    /// Keys that never change.
    pub(super) fn fixed(set: KeySet) -> Self {
        Self { set: ArcSwapOption::from_pointee(set), turn: None }
    }

    /// Keys that are fetched. Until somebody has [`Keys::put`] them, there are none. Those that were put longer ago than
    /// `stale_max` are not trusted any more.
    #[must_use]
    pub fn fetched(stale_max: Duration) -> Self {
        Self { set: ArcSwapOption::empty(), turn: Some(Turn::new(stale_max)) }
    }

    /// Waits until the keys should be fetched: after `at_most`, or as soon as a token needs one that is not known. False when
    /// they need not be any more. Blocks.
    pub fn wait(&self, at_most: Duration) -> bool {
        self.turn.as_ref().is_some_and(|turn| turn.wait(at_most))
    }

    /// Takes over what was fetched; `None` where that has failed, and the keys of before go on.
    pub fn put(&self, set: Option<KeySet>) {
        let is_new = set.is_some();
        if let Some(set) = set {
            self.set.store(Some(Arc::new(set)));
        }
        if let Some(turn) = &self.turn {
            turn.done(is_new);
        }
    }

    /// Ends every [`Keys::wait`].
    pub fn close(&self) {
        if let Some(turn) = &self.turn {
            turn.close();
        }
    }

    /// Has them fetched soon, unless they were just now.
    pub(crate) fn ask(&self) {
        if let Some(turn) = &self.turn {
            // Whoever waits for it asks anew.
            drop(turn.ask());
        }
    }

    /// The keys, with that which the token names where there is one: they are fetched where it is not known, and waited for.
    ///
    /// # Errors
    /// Where there are no keys that are trusted.
    pub(crate) async fn with(&self, head: &Head<'_>) -> Result<Arc<KeySet>, Problem> {
        let mut keys = self.trusted();
        if keys.as_ref().is_none_or(|keys| keys.lacks(head)) && self.fetch().await {
            keys = self.trusted();
        }
        keys.ok_or(Problem::new(Code::Unavailable))
    }

    fn trusted(&self) -> Option<Arc<KeySet>> {
        let is_trusted = self.turn.as_ref().is_none_or(Turn::is_trusted);
        self.set.load_full().filter(|_| is_trusted)
    }

    /// Has the keys fetched and waits for them. False where they were fetched just now: whoever invents keys causes no more
    /// than a call every few seconds.
    async fn fetch(&self) -> bool {
        let Some(turn) = &self.turn else { return false };
        let Some(done) = turn.ask() else { return false };
        let mut done = done;
        tokio::time::timeout(PATIENCE, done.changed()).await.is_ok()
    }
}
