//! One of many nodes: what it appends itself and what the others do come on two ways, and are applied in one order.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use onsale_domain::reply::Outcome;
use onsale_journal::{Head, Link};

use super::Todo;
use crate::cluster::Cluster;
use crate::core::entry::{Durable, Hashed, Origin};
use crate::core::fault::{Fault, Kind};
use crate::core::follower::Rhythm;
use crate::lane::{Answers, Error, ReplyTo};

/// What shapes a member's behaviour, and may be drawn for a test.
#[derive(Clone, Debug)]
pub struct Knobs {
    /// Outcomes of own entries that were read back before they were handed over: at most one is on its way at a time.
    pub read_back_max: usize,
    /// How often it is looked whether somebody still should wait for an own entry whose turn has not come.
    pub look_every: Duration,
    pub votes: Rhythm,
}

impl Default for Knobs {
    fn default() -> Self {
        Self { read_back_max: 8, look_every: Duration::from_millis(250), votes: Rhythm::default() }
    }
}

pub struct Member {
    knobs: Knobs,
    cluster: Arc<Cluster>,
    /// The last entry that was applied.
    at: Head,
    /// Own entries that came before those that they follow.
    parked: BTreeMap<u64, Durable>,
    read_back: VecDeque<(Head, Vec<Outcome>)>,
}

impl Member {
    pub fn new(cluster: Arc<Cluster>, knobs: Knobs) -> Self {
        let at = cluster.applied();
        Self { knobs, cluster, at, parked: BTreeMap::new(), read_back: VecDeque::new() }
    }

    /// The entry to be applied now, if it is this one.
    pub(super) fn put_in_order(&mut self, entry: Durable, todo: &mut VecDeque<Todo>) -> Option<Durable> {
        let (seq, due) = (entry.appended.seq, self.at.seq + 1);
        if seq == due {
            // What was read back has no replies; what waits for its turn has.
            return Some(self.parked.remove(&seq).unwrap_or(entry));
        }
        match entry.origin {
            // It was read twice, or both read and appended. What follows is linked to what was read: to be applied behind
            // another entry of the same number it must not come.
            Origin::Other | Origin::ReadBack if seq < due => {
                if seq == self.at.seq && entry.appended != self.at {
                    let reason = format!("entry {seq} was applied, and the journal has another one now");
                    todo.push_back(Todo::Stop(Fault::new(Kind::Fork, reason)));
                }
            }
            Origin::Other | Origin::ReadBack => {
                let reason = format!("entry {seq} came, and entry {due} was due: entries are missing");
                todo.push_back(Todo::Stop(Fault::new(Kind::Missing, reason)));
            }
            Origin::Appended { .. } if seq < due => self.reply_late(&entry.appended, entry.replies, todo),
            Origin::Appended { .. } => {
                self.parked.insert(seq, entry);
                todo.push_back(Todo::Look);
            }
        }
        None
    }

    /// An own entry whose turn has come.
    pub(super) fn parked(&mut self) -> Option<Durable> {
        self.parked.remove(&(self.at.seq + 1))
    }

    /// Whether own entries wait for those that they follow.
    pub(super) fn waits(&self) -> bool {
        !self.parked.is_empty()
    }

    /// For how long the next entry is waited for. Nobody waits for a node that cannot read what others append: the entries
    /// are in, and have their turn when it can.
    pub(super) fn patience(&mut self, now: Duration, todo: &mut VecDeque<Todo>) -> Option<Duration> {
        if !self.waits() {
            return None;
        }
        if self.cluster.is_cut_off_at(now) {
            let parked = self.parked.values_mut().flat_map(|entry| std::mem::take(&mut entry.replies));
            tell_unknown(parked.collect(), todo);
        }
        Some(self.knobs.look_every)
    }

    /// The node stops, and what some own entries follow was not read any more. They are in the journal: whoever waits for
    /// one must not be told that nothing was done.
    pub(super) fn give_up(&mut self, todo: &mut VecDeque<Todo>) {
        let parked = std::mem::take(&mut self.parked).into_values();
        tell_unknown(parked.flat_map(|entry| entry.replies).collect(), todo);
    }

    /// The follower has read an own entry back before the sequencer handed it over: its outcomes are at hand.
    fn reply_late(&mut self, appended: &Head, replies: Vec<ReplyTo>, todo: &mut VecDeque<Todo>) {
        let at = self.read_back.iter().position(|(head, _)| head == appended);
        match at.and_then(|at| self.read_back.remove(at)) {
            Some((_, outcomes)) => todo.push_back(Todo::Answer(Answers::Outcomes(replies, outcomes))),
            None => {
                tell_unknown(replies, todo);
                let reason = format!("entry {} was appended where another had been applied", appended.seq);
                todo.push_back(Todo::Stop(Fault::new(Kind::Fork, reason)));
            }
        }
    }

    /// The follower verifies what it reads. An own entry was hashed by the database: on what this node has applied, or on
    /// another history.
    pub(super) fn check(&self, entry: &Durable) -> Result<(), Fault> {
        let Origin::Appended { hashed: Some(Hashed { node, number, payload }) } = &entry.origin else { return Ok(()) };
        let Head { seq, time_ms, hash } = entry.appended;
        let link = Link { seq, time_ms, node: *node, number: *number, payload };
        if link.hash(&self.at.hash) == hash {
            return Ok(());
        }
        let reason = format!("entry {seq} was appended to another history than this node has followed");
        Err(Fault::new(Kind::Fork, reason))
    }

    /// Notes what was applied, before anybody is replied to.
    pub(super) fn applied(
        &mut self,
        head: Head,
        fingerprint: u64,
        origin: &Origin,
        outcomes: &[Outcome],
        todo: &mut VecDeque<Todo>,
    ) {
        let before_ms = std::mem::replace(&mut self.at, head).time_ms;
        if matches!(origin, Origin::ReadBack) {
            self.read_back.push_back((head, outcomes.to_vec()));
            if self.read_back.len() > self.knobs.read_back_max {
                self.read_back.pop_front();
            }
        }
        if self.knobs.votes.is_voted_on(head.seq, before_ms, head.time_ms) {
            todo.push_back(Todo::Vote { at: head, fingerprint });
        }
        self.cluster.set_applied(head, fingerprint);
    }
}

fn tell_unknown(replies: Vec<ReplyTo>, todo: &mut VecDeque<Todo>) {
    if !replies.is_empty() {
        todo.push_back(Todo::Answer(Answers::All(replies, Error::OutcomeUnknown)));
    }
}
