//! One of many nodes: what it appends itself and what the others do come on two ways, and are applied in one order.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::mpsc::Sender;

use onsale_domain::engine::Engine;
use onsale_domain::reply::Outcome;
use onsale_journal::{Head, Link};

use crate::ballot;
use crate::cluster::Cluster;
use crate::fault;
use crate::lane::{Error, Inbox};
use crate::sequencer::{Origin, Sequenced};

/// Outcomes of own entries that were read back before they were handed over: at most one is on its way at a time.
const READ_BACK_MAX: usize = 8;

pub(crate) struct Member {
    cluster: Arc<Cluster>,
    /// The last entry that was applied.
    at: Head,
    /// Own entries that came before those that they follow.
    parked: BTreeMap<u64, Sequenced>,
    read_back: VecDeque<(Head, Vec<Outcome>)>,
    votes: Sender<(u64, u64)>,
}

impl Member {
    pub(crate) fn new(cluster: Arc<Cluster>, votes: Sender<(u64, u64)>) -> Self {
        let at = cluster.applied();
        Self { cluster, at, parked: BTreeMap::new(), read_back: VecDeque::new(), votes }
    }

    /// The entry to be applied now, if it is this one.
    pub(super) fn put_in_order(&mut self, due: u64, sequenced: Sequenced, inbox: &Inbox) -> Option<Sequenced> {
        let seq = sequenced.appended.seq;
        if seq == due {
            // What was read back has no replies; what waits for its turn has.
            return Some(self.parked.remove(&seq).unwrap_or(sequenced));
        }
        match sequenced.origin {
            // It was read twice, or both read and appended.
            Origin::Other | Origin::OwnReadBack if seq < due => {}
            Origin::Other | Origin::OwnReadBack => {
                fault::stop(&format!("entry {seq} came, and entry {due} was due: entries are missing"));
            }
            Origin::Own { .. } if seq < due => self.reply_late(&sequenced.appended, sequenced.replies, inbox),
            Origin::Own { .. } => {
                self.parked.insert(seq, sequenced);
                self.cluster.waker().notify_one();
            }
        }
        None
    }

    /// An own entry whose turn has come.
    pub(super) fn parked(&mut self, due: u64) -> Option<Sequenced> {
        self.parked.remove(&due)
    }

    /// Whether own entries wait for those that they follow.
    pub(super) fn waits(&self) -> bool {
        !self.parked.is_empty()
    }

    /// Nobody waits for a node that cannot read what others append: the entries are in, and have their turn when it can.
    pub(super) fn release(&mut self, inbox: &Inbox) {
        if self.cluster.is_cut_off() {
            let parked = self.parked.values_mut().flat_map(|sequenced| std::mem::take(&mut sequenced.replies));
            let replies: Vec<_> = parked.collect();
            inbox.reply(replies.into_iter().map(|to| (to, Err(Error::OutcomeUnknown))));
        }
    }

    /// The node stops, and what some own entries follow was not read any more. They are in the journal: whoever waits for
    /// one must not be told that nothing was done.
    pub(super) fn give_up(&mut self, inbox: &Inbox) {
        for sequenced in std::mem::take(&mut self.parked).into_values() {
            inbox.reply(sequenced.replies.into_iter().map(|to| (to, Err(Error::OutcomeUnknown))));
        }
    }

    /// The follower has read an own entry back before the sequencer handed it over: its outcomes are at hand.
    fn reply_late(&mut self, appended: &Head, replies: Vec<crate::lane::ReplyTo>, inbox: &Inbox) {
        let Some(at) = self.read_back.iter().position(|(head, _)| head == appended) else {
            fault::stop(&format!("entry {} was appended where another had been applied", appended.seq));
        };
        if let Some((_, outcomes)) = self.read_back.remove(at) {
            inbox.reply(replies.into_iter().zip(outcomes).map(|(to, outcome)| (to, Ok(outcome))));
        }
    }

    /// The follower verifies what it reads. An own entry was hashed by the database: on what this node has applied, or on
    /// another history.
    pub(super) fn check(&self, sequenced: &Sequenced) {
        let Origin::Own { link: Some((node, number, payload)) } = &sequenced.origin else { return };
        let Head { seq, time_ms, hash } = sequenced.appended;
        let link = Link { seq, time_ms, node: *node, number: *number, payload };
        if link.hash(&self.at.hash) != hash {
            fault::stop(&format!("entry {seq} was appended to another history than this node has followed"));
        }
    }

    /// Notes what was applied, before anybody is replied to.
    pub(super) fn applied(&mut self, head: Head, engine: &Engine, origin: &Origin, outcomes: &[Outcome]) {
        let before_ms = std::mem::replace(&mut self.at, head).time_ms;
        if matches!(origin, Origin::OwnReadBack) {
            self.read_back.push_back((head, outcomes.to_vec()));
            if self.read_back.len() > READ_BACK_MAX {
                self.read_back.pop_front();
            }
        }
        let fingerprint = engine.mark().fingerprint;
        if ballot::is_voted_on(head.seq, before_ms, head.time_ms) {
            // The follower goes first when the node stops.
            let _ = self.votes.send((head.seq, fingerprint));
        }
        self.cluster.set_applied(head, fingerprint);
    }
}
