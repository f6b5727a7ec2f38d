//! Applies durable entries to the engine, shows what changed, and only then replies.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::Receiver;

use onsale_domain::engine::Engine;
use onsale_domain::time::Time;

use crate::lane::Inbox;
use crate::projector::Feed;
use crate::sequencer::Sequenced;
use crate::views::Views;

pub(crate) struct Applier {
    pub(crate) engine: Engine,
    pub(crate) incoming: Receiver<Sequenced>,
    pub(crate) views: Arc<Views>,
    pub(crate) inbox: Arc<Inbox>,
    pub(crate) feed: Feed,
    pub(crate) deadline_ms: Arc<AtomicU64>,
}

impl Applier {
    /// Runs until the sequencer has ended and all it handed on is applied.
    pub(crate) fn run(mut self) {
        while let Ok(Sequenced { appended, batch, replies }) = self.incoming.recv() {
            let mut rows = Vec::with_capacity(batch.commands.len() * 3);
            let outcomes = self.engine.apply(appended.seq, Time(appended.time_ms), &batch, &mut rows);
            self.views.update(&self.engine, &rows);
            self.inbox.reply(replies.into_iter().zip(outcomes).map(|(to, outcome)| (to, Ok(outcome))));
            self.publish_deadline();
            self.feed.send(self.views.mark(), appended.hash, rows);
        }
    }

    /// The sequencer may sleep by an older deadline: it is woken when there is an earlier one.
    fn publish_deadline(&self) {
        let deadline = self.engine.next_deadline().0;
        if self.deadline_ms.swap(deadline, Ordering::AcqRel) > deadline {
            self.inbox.wake();
        }
    }
}
