//! Applies durable entries to the engine, shows what changed, and only then replies.

mod member;

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

use onsale_domain::engine::Engine;
use onsale_domain::time::Time;

use crate::lane::Inbox;
use crate::projector::Feed;
use crate::sequencer::Sequenced;
use crate::views::Views;

pub(crate) use member::Member;

/// Entries that may be durable and not yet applied: enough that neither side waits for the other's hiccups.
const AHEAD_MAX: usize = 4;

/// An entry of at most so many commands is applied by the thread that has made it durable, when no other waits: to wake
/// the applier's thread takes longer than to apply it. Larger ones are applied while the next is made durable.
const AT_ONCE_MAX: usize = 16;

pub(crate) struct Applier {
    pub(crate) engine: Engine,
    pub(crate) views: Arc<Views>,
    pub(crate) inbox: Arc<Inbox>,
    pub(crate) feed: Feed,
    pub(crate) deadline_ms: Arc<AtomicU64>,
    /// What it takes to be one of many.
    pub(crate) member: Option<Member>,
}

/// The way of durable entries to the engine. Each of those who hand entries on does so in order.
#[derive(Clone)]
pub(crate) struct Entrance {
    applier: Arc<Mutex<Applier>>,
    entries: SyncSender<Sequenced>,
    /// Entries that were sent to the applier's thread, and are not applied.
    waiting: Arc<AtomicUsize>,
}

/// What the applier's thread runs.
pub(crate) struct Applying {
    applier: Arc<Mutex<Applier>>,
    entries: Receiver<Sequenced>,
    waiting: Arc<AtomicUsize>,
    inbox: Arc<Inbox>,
}

impl Entrance {
    pub(crate) fn new(applier: Applier) -> (Self, Applying) {
        let (sender, entries) = sync_channel(AHEAD_MAX);
        let (inbox, waiting) = (applier.inbox.clone(), Arc::new(AtomicUsize::new(0)));
        let applier = Arc::new(Mutex::new(applier));
        let applying = Applying { applier: applier.clone(), entries, waiting: waiting.clone(), inbox };
        (Self { applier, entries: sender, waiting }, applying)
    }

    /// Has an entry applied by the applier's thread. False when nobody applies any more.
    pub(crate) fn send(&self, sequenced: Sequenced) -> bool {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        self.entries.send(sequenced).is_ok()
    }

    /// For the sequencer: [`Entrance::send`], or applies a small entry at once. It looks at the deadline afterwards, so
    /// it is not woken for one.
    pub(crate) fn hand_on(&self, sequenced: Sequenced) {
        let is_small = sequenced.batch.commands.len() <= AT_ONCE_MAX;
        match is_small.then(|| self.idle_applier()).flatten() {
            Some(mut applier) => {
                applier.take(sequenced);
            }
            // Who applies ends after who hands on.
            None => drop(self.send(sequenced)),
        }
    }

    /// The applier, if nothing that was handed on before is still to be applied.
    fn idle_applier(&self) -> Option<MutexGuard<'_, Applier>> {
        if self.waiting.load(Ordering::Acquire) > 0 {
            return None;
        }
        match self.applier.try_lock() {
            Ok(applier) => Some(applier),
            // A thread that panics within stops the process.
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }
}

impl Applying {
    /// What is handed on from now on, none of it applied.
    #[cfg(test)]
    pub(crate) fn into_entries(self) -> Receiver<Sequenced> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        self.entries
    }

    /// Runs until all who hand entries on have ended and all that they handed on is applied.
    pub(crate) fn run(self) {
        while let Ok(sequenced) = self.entries.recv() {
            let is_earlier = self.applier.lock().unwrap_or_else(PoisonError::into_inner).take(sequenced);
            self.waiting.fetch_sub(1, Ordering::Release);
            // The sequencer may sleep by an older deadline.
            if is_earlier {
                self.inbox.wake();
            }
        }
    }
}

impl Applier {
    /// Applies an entry, and those whose turn has come with it. True when the next deadline is earlier than before.
    fn take(&mut self, sequenced: Sequenced) -> bool {
        let due = self.engine.mark().seq + 1;
        match &mut self.member {
            None => self.apply(sequenced),
            Some(member) => {
                let mut next = member.put_in_order(due, sequenced, &self.inbox);
                while let Some(sequenced) = next {
                    self.apply(sequenced);
                    let due = self.engine.mark().seq + 1;
                    next = self.member.as_mut().and_then(|member| member.parked(due));
                }
            }
        }
        let deadline = self.engine.next_deadline().0;
        self.deadline_ms.swap(deadline, Ordering::AcqRel) > deadline
    }

    fn apply(&mut self, sequenced: Sequenced) {
        if let Some(member) = &self.member {
            member.check(&sequenced);
        }
        let Sequenced { appended, batch, replies, origin } = sequenced;
        let mut rows = Vec::with_capacity(batch.commands.len() * 3);
        let outcomes = self.engine.apply(appended.seq, Time(appended.time_ms), &batch, &mut rows);
        self.views.update(&self.engine, &rows);
        if let Some(member) = &mut self.member {
            member.applied(appended, &self.engine, &origin, &outcomes);
        }
        self.inbox.reply(replies.into_iter().zip(outcomes).map(|(to, outcome)| (to, Ok(outcome))));
        self.feed.send(self.views.mark(), appended.hash, rows);
    }
}
