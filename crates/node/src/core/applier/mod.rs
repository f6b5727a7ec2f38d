//! Applies durable entries to the engine, shows what changed, and only then replies.

mod member;

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use onsale_domain::engine::Engine;
use onsale_domain::feed::Before;
use onsale_domain::time::Time;
use onsale_journal::Head;

use crate::core::entry::Durable;
use crate::core::fault::Fault;
use crate::core::projector::Batch;
use crate::lane::{Answers, Error};
use crate::trail::Passage;
use crate::views::Views;

pub use member::{Knobs, Member};

/// What the driver is to do, after which it asks again.
pub enum Todo {
    /// Hand in the next entry: wait for it for at most so long, or as long as there may be one.
    Take {
        within: Option<Duration>,
    },
    Answer(Answers),
    /// Tell the sequencer that there is an earlier deadline than it may sleep by.
    Wake,
    /// Tell the follower that an own entry waits for those that it follows.
    Look,
    /// Have the follower cast this node's vote on its state.
    Vote {
        at: Head,
        fingerprint: u64,
    },
    /// Hand on what the tables are to hold.
    Project(Batch),
    /// Nothing any more: no entry will come.
    End,
    /// The node must not go on.
    Stop(Fault),
}

pub struct Applier {
    engine: Engine,
    views: Arc<Views>,
    /// The engine's next deadline, in milliseconds, for the sequencer.
    deadline_ms: Arc<AtomicU64>,
    /// What it takes to be one of many.
    member: Option<Member>,
    /// What is to be done before another entry is taken.
    todo: VecDeque<Todo>,
    /// Of the entry that was applied last, where a command in it is followed.
    passage: Option<Arc<Passage>>,
    is_ended: bool,
}

impl Applier {
    pub fn new(engine: Engine, views: Arc<Views>, deadline_ms: Arc<AtomicU64>, member: Option<Member>) -> Self {
        Self { engine, views, deadline_ms, member, todo: VecDeque::new(), passage: None, is_ended: false }
    }

    /// What is to be done now, when the node has run for `now`.
    pub fn next(&mut self, now: Duration) -> Todo {
        if let Some(todo) = self.todo.pop_front() {
            return todo;
        }
        if self.is_ended {
            return Todo::End;
        }
        let within = match &mut self.member {
            None => None,
            Some(member) => match member.parked() {
                Some(entry) => {
                    self.apply(entry);
                    self.publish_deadline_if_settled();
                    return self.next(now);
                }
                None => member.patience(now, &mut self.todo),
            },
        };
        self.todo.push_back(Todo::Take { within });
        self.next(now)
    }

    /// Takes an entry in: it is applied if its turn has come.
    pub fn take(&mut self, entry: Durable) {
        match &mut self.member {
            None => self.apply(entry),
            Some(member) => {
                if let Some(entry) = member.put_in_order(entry, &mut self.todo) {
                    self.apply(entry);
                }
                self.publish_deadline_if_settled();
            }
        }
    }

    /// The way of the entry that was just applied, where somebody follows it.
    pub(crate) fn take_passage(&mut self) -> Option<Arc<Passage>> {
        self.passage.take()
    }

    /// No entry will come any more.
    pub fn end(&mut self) {
        if let Some(member) = &mut self.member {
            member.give_up(&mut self.todo);
        }
        self.is_ended = true;
    }

    fn apply(&mut self, entry: Durable) {
        if let Some(Err(fault)) = self.member.as_ref().map(|member| member.check(&entry)) {
            // It is in the journal, whatever that has become.
            self.todo.push_back(Todo::Answer(Answers::All(entry.replies, Error::OutcomeUnknown)));
            return self.todo.push_back(Todo::Stop(fault));
        }
        let Durable { appended, batch, replies, origin, passage } = entry;
        self.passage = passage;
        let (before, mut rows) = (Before::of(&self.engine), Vec::with_capacity(batch.commands.len() * 3));
        let outcomes = self.engine.apply(appended.seq, Time(appended.time_ms), &batch, &mut rows);
        self.views.update(&self.engine, &rows);
        let mark = self.views.mark();
        assert_eq!(mark.seq, appended.seq, "the views do not show the state that the entry led to");
        if let Some(member) = &mut self.member {
            member.applied(appended, mark.fingerprint, &origin, &outcomes, &mut self.todo);
        }
        if !replies.is_empty() {
            self.todo.push_back(Todo::Answer(Answers::Outcomes(replies, outcomes)));
        }
        self.publish_deadline();
        self.todo.push_back(Todo::Project(Batch::new(before, mark, appended.hash, rows)));
    }

    /// The sequencer took an own entry's deadlines for unknown, whichever way that entry has come. While its turn has not come
    /// they are: a tick for what it may have settled would be for nothing.
    fn publish_deadline_if_settled(&mut self) {
        if self.member.as_ref().is_none_or(|member| !member.waits()) {
            self.publish_deadline();
        }
    }

    /// The sequencer may sleep by an older deadline: it is woken when there is an earlier one.
    fn publish_deadline(&mut self) {
        let deadline = self.engine.next_deadline().0;
        if self.deadline_ms.swap(deadline, Ordering::AcqRel) > deadline {
            self.todo.push_back(Todo::Wake);
        }
    }
}

#[cfg(test)]
mod tests;
