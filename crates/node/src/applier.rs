//! Applies durable entries to the engine, shows what changed, and only then replies.

mod member;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use onsale_domain::engine::Engine;
use onsale_domain::time::Time;

use crate::fault;
use crate::lane::{Error, Inbox};
use crate::projector::Feed;
use crate::sequencer::Sequenced;
use crate::views::Views;

pub(crate) use member::Member;

/// How often it is looked whether somebody still should wait for an own entry whose turn has not come.
const LOOK: Duration = Duration::from_millis(250);

pub(crate) struct Applier {
    pub(crate) engine: Engine,
    pub(crate) incoming: Receiver<Sequenced>,
    pub(crate) views: Arc<Views>,
    pub(crate) inbox: Arc<Inbox>,
    pub(crate) feed: Feed,
    pub(crate) deadline_ms: Arc<AtomicU64>,
    /// What it takes to be one of many.
    pub(crate) member: Option<Member>,
}

impl Applier {
    /// Runs until the sequencer has ended and all it handed on is applied.
    pub(crate) fn run(mut self) {
        while let Some(sequenced) = self.next() {
            if fault::is_condemned() {
                // Nobody sees more of what this node holds: the process is about to end.
                self.inbox.reply(sequenced.replies.into_iter().map(|to| (to, Err(Error::OutcomeUnknown))));
                continue;
            }
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
                    // The sequencer took an own entry's deadlines for unknown, whichever way that entry has come. While
                    // its turn has not come they are: a tick for what it may have settled would be for nothing.
                    if self.member.as_ref().is_none_or(|member| !member.waits()) {
                        self.publish_deadline();
                    }
                }
            }
        }
        if let Some(member) = &mut self.member {
            member.give_up(&self.inbox);
        }
    }

    /// What has come next; `None` once nothing will.
    fn next(&mut self) -> Option<Sequenced> {
        loop {
            let Some(member) = self.member.as_mut().filter(|member| member.waits()) else {
                return self.incoming.recv().ok();
            };
            member.release(&self.inbox);
            match self.incoming.recv_timeout(LOOK) {
                Ok(sequenced) => return Some(sequenced),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return None,
            }
        }
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
        self.publish_deadline();
        self.feed.send(self.views.mark(), appended.hash, rows);
    }

    /// The sequencer may sleep by an older deadline: it is woken when there is an earlier one.
    fn publish_deadline(&self) {
        let deadline = self.engine.next_deadline().0;
        if self.deadline_ms.swap(deadline, Ordering::AcqRel) > deadline {
            self.inbox.wake();
        }
    }
}

#[cfg(test)]
mod tests;
