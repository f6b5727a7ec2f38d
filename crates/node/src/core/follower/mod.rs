//! Follows what all nodes append, and hands on what this one has not appended itself.

mod ballot;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use onsale_domain::command::Batch;
use onsale_journal::{Behind, Entry, Error, Head, Limit, Vote};
use rand::rngs::SmallRng;

use crate::cluster::Cluster;
use crate::core::entry::{Durable, Origin};
use crate::core::fault::{Fault, Kind};
use crate::core::pause::{Bounds, Pause};

pub use ballot::Rhythm;
use ballot::{Ballot, Call};

/// What shapes a follower's behaviour, and may be drawn for a test.
#[derive(Clone, Debug)]
pub struct Knobs {
    /// How much is read at a time.
    pub limit: Limit,
    /// How long a notification is waited for before the journal is looked at all the same.
    pub poll: Duration,
    pub pauses: Bounds,
    pub ballot: ballot::Knobs,
}

impl Default for Knobs {
    fn default() -> Self {
        let limit = Limit { entries: 256, bytes: 8 << 20 };
        Self { limit, poll: Duration::from_millis(250), pauses: Bounds::default(), ballot: ballot::Knobs::default() }
    }
}

/// What the driver is to do, after which it asks again.
pub enum Todo {
    /// Read what is behind a place in the journal, and say what was found.
    Look {
        known: Head,
        limit: Limit,
    },
    HandOn(Durable),
    /// Say for all nodes what this one's state is at an entry, and tell what they all said.
    Vote {
        at: Head,
        fingerprint: u64,
    },
    /// Tell what all nodes have said of an entry.
    Count {
        seq: u64,
    },
    /// Wait for others to append, at most so long.
    Wait(Duration),
    /// Wait so long, whatever comes.
    Sleep(Duration),
    /// The node must not go on.
    Stop(Fault),
}

/// Where the follower is between two things that its driver does.
enum Phase {
    Idle,
    /// The journal is looked at. How many had asked for that when it began, when that was, and which entry of this node's own
    /// was in by then.
    Looking {
        asked: u64,
        began: Duration,
        least: Head,
    },
    /// What was found is handed on, one by one.
    Handing {
        found: Found,
        entries: VecDeque<Entry>,
    },
    Voting {
        asked: u64,
    },
    /// The journal could not be read.
    Failed,
    Fault(Fault),
}

/// What a look was worth.
#[derive(Clone, Copy)]
struct Found {
    asked: u64,
    began: Duration,
    is_all: bool,
    is_current: bool,
}

pub struct Follower {
    knobs: Knobs,
    chance: SmallRng,
    cluster: Arc<Cluster>,
    /// The node's own number.
    node: u64,
    /// Up to where the journal was read, or applied.
    known: Head,
    phase: Phase,
    pause: Pause,
    ballot: Ballot,
}

impl Follower {
    pub fn new(cluster: Arc<Cluster>, node: u64, knobs: Knobs, chance: SmallRng) -> Self {
        let (known, pause) = (cluster.applied(), Pause::new(knobs.pauses));
        let ballot = Ballot::new(cluster.clone(), node, knobs.ballot.clone());
        Self { knobs, chance, cluster, node, known, phase: Phase::Idle, pause, ballot }
    }

    /// What is to be done now, when the node has run for `now`.
    pub fn next(&mut self, now: Duration) -> Todo {
        loop {
            match core::mem::replace(&mut self.phase, Phase::Idle) {
                Phase::Idle => return self.look(now),
                Phase::Handing { found, mut entries } => {
                    if let Some(entry) = entries.pop_front() {
                        self.phase = Phase::Handing { found, entries };
                        return self.read(&entry).map_or_else(Todo::Stop, Todo::HandOn);
                    }
                    if let Some(todo) = self.handed_on(found) {
                        return todo;
                    }
                }
                Phase::Voting { asked } => match self.ballot.next(now) {
                    Some(call) => {
                        self.phase = Phase::Voting { asked };
                        return match call {
                            Call::Vote { at, fingerprint } => Todo::Vote { at, fingerprint },
                            Call::Count { seq } => Todo::Count { seq },
                        };
                    }
                    None if self.cluster.asked() == asked => return Todo::Wait(self.knobs.poll),
                    None => {}
                },
                Phase::Failed => return Todo::Sleep(self.pause.next(&mut self.chance)),
                Phase::Fault(fault) => return Todo::Stop(fault),
                Phase::Looking { .. } => unreachable!("the driver has not said what was found"),
            }
        }
    }

    fn look(&mut self, now: Duration) -> Todo {
        // Own entries are applied without coming this way.
        let applied = self.cluster.applied();
        if applied.seq > self.known.seq {
            self.known = applied;
        }
        self.phase = Phase::Looking { asked: self.cluster.asked(), began: now, least: self.cluster.appended() };
        Todo::Look { known: self.known, limit: self.knobs.limit }
    }

    /// What a look has found.
    pub fn looked(&mut self, found: Result<Behind, Error>, now: Duration) {
        let Phase::Looking { asked, began, least } = self.phase else { unreachable!("nobody was to look") };
        self.phase = match found {
            Ok(behind) if self.lacks(&behind, &least) => {
                let seq = least.seq;
                let reason = format!("entry {seq}, which this node has appended, is not in the journal any more");
                Phase::Fault(Fault::new(Kind::Fork, reason))
            }
            Ok(Behind { entries, is_all, is_current }) => {
                self.pause.reset();
                // Some of what is there, between looks that fail, is not enough: own entries wait for all that is before them.
                if !is_current {
                    self.cluster.lose(now);
                } else if is_all {
                    self.cluster.hear();
                }
                self.known = entries.last().map_or(self.known, Entry::head);
                Phase::Handing { found: Found { asked, began, is_all, is_current }, entries: entries.into() }
            }
            Err(Error::Unavailable { reason }) => {
                self.cluster.lose(now);
                if self.pause.is_first() {
                    tracing::warn!(reason, "the journal cannot be followed; trying until it can");
                }
                Phase::Failed
            }
            Err(error @ Error::Truncated { .. }) => {
                let reason = format!("this node has fallen behind what is kept: {error}");
                Phase::Fault(Fault::new(Kind::Behind, reason))
            }
            Err(error) => {
                let reason = format!("the journal is not the one that this node has followed: {error}");
                Phase::Fault(Fault::new(Kind::Fork, reason))
            }
        };
    }

    /// Whether the journal has lost an own entry that was in when the look began. That the applier may have it still, and apply
    /// it where its turn comes, would pass for a state that the journal leads to.
    fn lacks(&self, behind: &Behind, least: &Head) -> bool {
        let Behind { entries, is_all, is_current } = behind;
        // A server that another has replaced may never have had it.
        if !is_current || least.seq <= self.known.seq {
            return false;
        }
        match entries.iter().find(|entry| entry.seq == least.seq) {
            Some(entry) => entry.hash != least.hash,
            None => *is_all,
        }
    }

    /// What one entry is to the applier.
    fn read(&self, entry: &Entry) -> Result<Durable, Fault> {
        let batch = Batch::decode(&entry.payload).map_err(|error| {
            let reason = format!("entry {} cannot be read, a newer program wrote it: {error}", entry.seq);
            Fault::new(Kind::Newer, reason)
        })?;
        let origin = if entry.node == self.node { Origin::ReadBack } else { Origin::Other };
        Ok(Durable { appended: entry.head(), batch, replies: Vec::new(), origin, passage: None })
    }

    /// Everything that was found is on its way. Only then is who asked for the journal's end told of it.
    fn handed_on(&mut self, found: Found) -> Option<Todo> {
        let Found { asked, began, is_all, is_current } = found;
        if !is_all {
            return None;
        }
        if !is_current {
            return Some(Todo::Wait(self.knobs.poll));
        }
        self.cluster.answer(asked, self.known.seq, began);
        self.ballot.open();
        self.phase = Phase::Voting { asked };
        None
    }

    /// This node has come to an entry that all vote on.
    pub fn vote_on(&mut self, at: Head, fingerprint: u64) {
        self.ballot.due(at, fingerprint);
    }

    /// What the nodes have said of the entry that was to be voted on or counted.
    pub fn counted(&mut self, votes: Result<Vec<Vote>, Error>) {
        if let Err(fault) = self.ballot.counted(votes) {
            self.phase = Phase::Fault(fault);
        }
    }
}

#[cfg(test)]
mod tests;
