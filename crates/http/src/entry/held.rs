//! Keys that are fetched from where they are published, or that never change.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;

use super::head::Head;
use super::keys::KeySet;
use super::source::Turn;
use crate::problem::{Code, Problem};

/// What somebody is told whose token may be good.
const UNSETTLED: &str = "The keys by which entry tokens are known could not be fetched, or not in time. Nothing is said of the token: \
                         it can be sent again.";

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

    /// Has them fetched as soon as that is due.
    pub(crate) fn ask(&self) {
        if let Some(turn) = &self.turn {
            turn.ask();
        }
    }

    /// The keys, with that which the token names where there is one. Where it is not known they are fetched, and waited for: that it
    /// is none is said by keys whose fetch began after this call. Whoever invents keys causes no more than a fetch every few seconds,
    /// and waits for it.
    ///
    /// # Errors
    /// Where there are no keys that are trusted, and where it cannot be told whether the key is one: they could not be fetched, or
    /// too many wait for that.
    pub(crate) async fn with(&self, head: &Head<'_>) -> Result<Arc<KeySet>, Problem> {
        let known = || self.trusted().filter(|keys| !keys.lacks(head));
        if let Some(keys) = known() {
            return Ok(keys);
        }
        let is_settled = match &self.turn {
            Some(turn) => turn.has_asked(|| known().is_some()).await,
            None => true,
        };
        let keys = if is_settled { self.trusted() } else { known() };
        keys.ok_or_else(|| Problem::new(Code::Unavailable).with_detail(UNSETTLED))
    }

    /// Whether there are keys that are trusted: without any nobody can come in.
    #[must_use]
    pub fn has_any(&self) -> bool {
        self.trusted().is_some()
    }

    fn trusted(&self) -> Option<Arc<KeySet>> {
        let is_trusted = self.turn.as_ref().is_none_or(Turn::is_trusted);
        self.set.load_full().filter(|_| is_trusted)
    }
}
