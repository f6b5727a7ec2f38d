//! Follows what all nodes append, and hands on what this one has not appended itself.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender};
use std::time::{Duration, Instant};

use onsale_domain::command::Batch;
use onsale_journal::postgres::{Tail, Vote};
use onsale_journal::{Entry, Error, Limit};

use crate::cluster::Cluster;
use crate::fault;
use crate::lane::Inbox;
use crate::sequencer::{Origin, Sequenced};

/// Entries that are read at a time.
const LIMIT: Limit = Limit { entries: 256, bytes: 8 << 20 };
/// How long a notification is waited for before the journal is looked at all the same.
const POLL: Duration = Duration::from_millis(250);
/// The shortest and the longest pause before a database that is away is tried again.
const PAUSES: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(500));

pub(crate) struct Follower {
    pub(crate) tail: Tail,
    pub(crate) cluster: Arc<Cluster>,
    pub(crate) entries: SyncSender<Sequenced>,
    pub(crate) inbox: Arc<Inbox>,
    /// The node's own number.
    pub(crate) node: u64,
    /// Fingerprints at agreed numbers, from the applier.
    pub(crate) votes: Receiver<(u64, u64)>,
}

impl Follower {
    /// Runs until the node stops.
    pub(crate) fn run(mut self) {
        let mut known = self.cluster.applied();
        let mut pause = PAUSES.0;
        while !self.inbox.stopping() {
            // Own entries are applied without coming this way.
            let applied = self.cluster.applied();
            if applied.seq > known.seq {
                known = applied;
            }
            let (asked, began) = (self.cluster.asked(), Instant::now());
            match self.tail.behind(known, LIMIT) {
                Ok(entries) => {
                    pause = PAUSES.0;
                    let is_all = entries.len() < LIMIT.entries;
                    known = entries.last().map_or(known, Entry::head);
                    for entry in &entries {
                        if !self.hand_on(entry) {
                            return;
                        }
                    }
                    if is_all && self.cluster.asked() == asked {
                        self.cluster.answer(asked, known.seq, began);
                        self.vote();
                        self.tail.wait(POLL);
                    } else if is_all {
                        self.cluster.answer(asked, known.seq, began);
                    }
                }
                Err(Error::Unavailable { reason }) => {
                    if pause == PAUSES.0 {
                        tracing::warn!(reason, "the journal cannot be followed; trying until it can");
                    }
                    std::thread::sleep(jittered(pause));
                    pause = (pause * 2).min(PAUSES.1);
                }
                Err(error @ Error::Truncated { .. }) => {
                    fault::stop(&format!("this node has fallen behind what is kept: {error}"))
                }
                Err(error) => fault::stop(&format!("the journal is not the one that this node has followed: {error}")),
            }
        }
    }

    /// False when nobody applies any more.
    fn hand_on(&self, entry: &Entry) -> bool {
        let batch = Batch::decode(&entry.payload).unwrap_or_else(|error| {
            fault::stop(&format!("entry {} cannot be read, a newer program wrote it: {error}", entry.seq))
        });
        let origin = if entry.node == self.node { Origin::OwnReadBack } else { Origin::Other };
        self.entries.send(Sequenced { appended: entry.head(), batch, replies: Vec::new(), origin }).is_ok()
    }

    /// Says what the state was, and looks what others say. An engine that differs must not sell on.
    fn vote(&mut self) {
        while let Ok((seq, fingerprint)) = self.votes.try_recv() {
            match self.tail.vote(seq, fingerprint) {
                Ok(votes) if is_outvoted(&votes, self.node, fingerprint) => fault::stop(&format!(
                    "at entry {seq} this node's state has the fingerprint {fingerprint:016x}, and other nodes have another: {votes:x?}"
                )),
                Ok(_) => {}
                // It is for what goes wrong once in a lifetime: the next will do.
                Err(error) => tracing::debug!(%error, seq, "no fingerprints were compared"),
            }
        }
    }
}

/// Whether more nodes agree on another state, or as many of which one was first.
fn is_outvoted(votes: &[Vote], node: u64, own: u64) -> bool {
    let count = |fingerprint| votes.iter().filter(|vote| vote.fingerprint == fingerprint).count();
    let first = |fingerprint| votes.iter().position(|vote| vote.fingerprint == fingerprint);
    let others = votes.iter().filter(|vote| vote.node != node && vote.fingerprint != own);
    let mut others = others.map(|vote| vote.fingerprint);
    others.any(|other| count(other) > count(own) || count(other) == count(own) && first(other) < first(own))
}

/// From half of it to one and a half: nodes that lost the same database do not come back at the same moment.
pub(crate) fn jittered(pause: Duration) -> Duration {
    pause.mul_f64(0.5 + rand::random::<f64>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fewer_and_of_as_many_the_later_are_outvoted() {
        let votes = |list: &[(u64, u64)]| -> Vec<Vote> {
            list.iter().map(|&(node, fingerprint)| Vote { node, fingerprint }).collect()
        };
        let check = |list: &[(u64, u64)], node, own, expected| {
            assert_eq!(is_outvoted(&votes(list), node, own), expected, "{list:?} {node}");
        };
        check(&[(1, 7)], 1, 7, false);
        check(&[(1, 7), (2, 7)], 2, 7, false);
        check(&[(1, 7), (2, 8)], 1, 7, false);
        check(&[(1, 7), (2, 8)], 2, 8, true);
        check(&[(1, 7), (2, 8), (3, 8)], 1, 7, true);
        check(&[(1, 7), (2, 8), (3, 8)], 3, 8, false);
    }
}
