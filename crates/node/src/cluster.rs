//! What a node of many knows of the others: how far the journal goes, and how far it has followed.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use onsale_journal::Head;
use tokio::sync::{Notify, watch};

use crate::bookmark::{Bookmark, Prefixes, Standing};
use crate::threads::Timer;

/// Once the journal could not be read for so long, nobody waits for a look at its end any more.
const CUT_OFF_AFTER: Duration = Duration::from_millis(1_500);
/// In place of the time since when the journal cannot be read.
const HEARD: u64 = u64::MAX;

/// The node's place in the journal, for those who must know how new its views are.
#[derive(Debug)]
pub struct Cluster {
    store_id: u64,
    pub(crate) timer: Timer,
    applied: Mutex<Applied>,
    /// How the entries before it were hashed.
    prefixes: Prefixes,
    applied_seq: watch::Sender<u64>,
    /// How many reads of the journal's end were asked for.
    asked: AtomicU64,
    /// Up to which of those there was an answer, and what it was.
    answered: watch::Sender<Answered>,
    /// The newest entry of this node's own that is known to be in the journal, whatever the views are at.
    appended: Mutex<Head>,
    /// Wakes the follower.
    wake: Arc<Notify>,
    /// When the views last stood at the journal's end, as a look at it showed, in milliseconds of the node's time.
    fresh_ms: AtomicU64,
    /// Since when each look at the journal has failed, in milliseconds of the node's time; else [`HEARD`].
    lost_ms: AtomicU64,
    /// What was applied last, as [`Bookmark`] has it, in one word.
    newest: AtomicU64,
}

/// How far the views are.
#[derive(Debug)]
struct Applied {
    /// What they show, and the state's fingerprint there.
    state: (Head, u64),
    /// The oldest look at the journal's end that they have not come to, and when it began: what it found is on its way.
    looked: Option<(u64, Duration)>,
}

#[derive(Clone, Copy, Debug, Default)]
#[doc(hidden)]
pub struct Answered {
    pub asked: u64,
    pub seq: u64,
}

impl Cluster {
    /// `before` are entries before `applied`, as many as are at hand.
    #[doc(hidden)]
    pub fn new(
        store_id: u64,
        before: &[Head],
        applied: Head,
        fingerprint: u64,
        wake: Arc<Notify>,
        timer: Timer,
    ) -> Self {
        let prefixes = Prefixes::new();
        before.iter().chain([&applied]).for_each(|head| prefixes.note(head));
        Self {
            store_id,
            timer,
            applied: Mutex::new(Applied { state: (applied, fingerprint), looked: None }),
            prefixes,
            applied_seq: watch::Sender::new(applied.seq),
            asked: AtomicU64::new(0),
            answered: watch::Sender::default(),
            appended: Mutex::new(applied),
            wake,
            fresh_ms: AtomicU64::new(0),
            lost_ms: AtomicU64::new(HEARD),
            newest: AtomicU64::new(Bookmark::from(&applied).word()),
        }
    }

    /// The store's number, made at random with it.
    #[must_use]
    pub fn store_id(&self) -> u64 {
        self.store_id
    }

    /// The place in the journal that the views are at, or a later one by now.
    #[must_use]
    pub fn applied(&self) -> Head {
        self.state().0
    }

    /// Another number after each entry that is applied, and read without a lock: for who keeps what is made of
    /// [`Self::applied`].
    #[must_use]
    pub fn newest(&self) -> u64 {
        self.newest.load(Ordering::Acquire)
    }

    /// Where a place that somebody has seen stands for this node.
    #[must_use]
    pub fn standing(&self, bookmark: Bookmark) -> Standing {
        // What is applied was noted before.
        self.prefixes.standing(*self.applied_seq.borrow(), bookmark)
    }

    /// [`Self::applied`], and the state's fingerprint there.
    #[doc(hidden)]
    pub fn state(&self) -> (Head, u64) {
        self.locked().state
    }

    fn locked(&self) -> MutexGuard<'_, Applied> {
        self.applied.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[doc(hidden)]
    pub fn watch_applied(&self) -> watch::Receiver<u64> {
        self.applied_seq.subscribe()
    }

    /// Asks for a look at the journal's end. See [`Self::watch_answered`] for the answer to this number.
    #[doc(hidden)]
    pub fn ask(&self) -> u64 {
        let asked = self.asked.fetch_add(1, Ordering::AcqRel) + 1;
        self.wake.notify_one();
        asked
    }

    #[doc(hidden)]
    pub fn watch_answered(&self) -> watch::Receiver<Answered> {
        self.answered.subscribe()
    }

    /// How long before `now` the views are known to have been up to date.
    #[doc(hidden)]
    pub fn stale_at(&self, now: Duration) -> Duration {
        now.saturating_sub(Duration::from_millis(self.fresh_ms.load(Ordering::Acquire)))
    }

    /// See [`Self::is_cut_off`].
    #[doc(hidden)]
    pub fn is_cut_off_at(&self, now: Duration) -> bool {
        let lost_ms = self.lost_ms.load(Ordering::Acquire);
        lost_ms != HEARD && now >= Duration::from_millis(lost_ms) + CUT_OFF_AFTER
    }

    /// A look at the journal has failed.
    #[doc(hidden)]
    pub fn lose(&self, now: Duration) {
        // The first failure counts.
        let lost_ms = now.as_millis() as u64;
        let _ = self.lost_ms.compare_exchange(HEARD, lost_ms, Ordering::AcqRel, Ordering::Acquire);
    }

    /// A look has come to the journal's end.
    #[doc(hidden)]
    pub fn hear(&self) {
        self.lost_ms.store(HEARD, Ordering::Release);
    }

    #[doc(hidden)]
    pub fn waker(&self) -> &Notify {
        &self.wake
    }

    /// This node's own entry is in the journal: a look that is asked for from now on must come to it.
    #[doc(hidden)]
    pub fn note_appended(&self, head: Head) {
        *self.appended.lock().unwrap_or_else(PoisonError::into_inner) = head;
    }

    /// The newest entry of this node's own; before its first the place that it began at.
    #[doc(hidden)]
    pub fn appended(&self) -> Head {
        *self.appended.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[doc(hidden)]
    pub fn set_applied(&self, head: Head, fingerprint: u64) {
        self.prefixes.note(&head);
        let fresh = {
            let mut applied = self.locked();
            applied.state = (head, fingerprint);
            applied.looked.take_if(|(seq, _)| *seq <= head.seq)
        };
        self.newest.store(Bookmark::from(&head).word(), Ordering::Release);
        self.applied_seq.send_replace(head.seq);
        if let Some((_, began)) = fresh {
            self.was_fresh(began);
        }
    }

    /// How many have asked so far: a look at the journal's end that begins now answers all of them.
    #[doc(hidden)]
    pub fn asked(&self) -> u64 {
        self.asked.load(Ordering::Acquire)
    }

    /// The journal ended at `seq` in a look that began at `began`, when so many had asked.
    #[doc(hidden)]
    pub fn answer(&self, asked: u64, seq: u64, began: Duration) {
        let is_there = {
            let mut applied = self.locked();
            let is_there = applied.state.0.seq >= seq;
            // An older look is waited for first, or a node that is always a little behind would never seem to be there.
            if !is_there && applied.looked.is_none() {
                applied.looked = Some((seq, began));
            }
            is_there
        };
        if is_there {
            self.was_fresh(began);
        }
        self.answered.send_if_modified(|answered| {
            let is_news = asked > answered.asked;
            if is_news {
                *answered = Answered { asked, seq };
            }
            is_news
        });
    }

    fn was_fresh(&self, at: Duration) {
        self.fresh_ms.fetch_max(at.as_millis() as u64, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use onsale_journal::Hash;

    use super::*;

    #[test]
    fn views_are_as_old_as_the_last_look_that_they_have_come_to() {
        let head = |seq| Head { seq, time_ms: 0, hash: Hash::from([0; 32]) };
        let cluster = Cluster::new(1, &[], head(3), 0, Arc::default(), Timer::start());
        let ms = Duration::from_millis;
        let check = |now, expected| assert_eq!(cluster.stale_at(ms(now)), ms(expected));
        cluster.answer(0, 3, ms(10));
        check(15, 5);
        // What was found is on its way, and the next look finds more.
        cluster.answer(0, 5, ms(20));
        cluster.answer(0, 6, ms(30));
        check(35, 25);
        cluster.set_applied(head(4), 0);
        check(35, 25);
        cluster.set_applied(head(5), 0);
        check(35, 15);
        cluster.set_applied(head(6), 0);
        cluster.answer(0, 6, ms(40));
        check(45, 5);
    }
}
