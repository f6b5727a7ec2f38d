//! The nodes compare what state they have come to: at numbers that all of them know without asking each other, and, when
//! nothing is appended any more, at the last one. An engine that differs must not sell on.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use onsale_journal::{Error, Head, Vote};

use crate::cluster::Cluster;
use crate::core::fault::{Fault, Kind};

/// Which entries are voted on: the same for all nodes.
#[derive(Clone, Copy, Debug)]
pub struct Rhythm {
    /// A number that so much divides.
    pub every: u64,
    /// And the first entry of each such span of the journal's time.
    pub every_ms: u64,
}

impl Default for Rhythm {
    fn default() -> Self {
        Self { every: 256, every_ms: 10_000 }
    }
}

impl Rhythm {
    /// Whether all nodes vote on entry `seq` at `time_ms`, before which the last one was at `before_ms`.
    pub fn is_voted_on(self, seq: u64, before_ms: u64, time_ms: u64) -> bool {
        seq.is_multiple_of(self.every) || before_ms / self.every_ms != time_ms / self.every_ms
    }
}

/// What shapes a node's votes, and may be drawn for a test.
#[derive(Clone, Debug)]
pub struct Knobs {
    /// The last entry is voted on too, once it has been the last for so long.
    pub quiet: Duration,
    /// So long after a vote a node looks what the others have said meanwhile.
    pub recount: Duration,
}

impl Default for Knobs {
    fn default() -> Self {
        Self { quiet: Duration::from_secs(2), recount: Duration::from_secs(1) }
    }
}

pub(super) struct Ballot {
    knobs: Knobs,
    cluster: Arc<Cluster>,
    node: u64,
    stage: Stage,
    /// Entries and fingerprints there, from the applier.
    due: VecDeque<(Head, u64)>,
    /// The last entry, and since when.
    last: (u64, Duration),
    /// The newest vote that was cast.
    cast: Option<Cast>,
    /// The one that is with the database.
    asked: Option<Cast>,
}

/// What a node says, and when it did.
#[derive(Clone, Copy)]
struct Cast {
    seq: u64,
    fingerprint: u64,
    at: Duration,
    is_recounted: bool,
}

/// What an open ballot has still to do.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Due,
    Quiet,
    Recount,
    Closed,
}

/// What the database is asked.
pub(super) enum Call {
    /// To note this node's vote, and for those of all.
    Vote { at: Head, fingerprint: u64 },
    /// For the votes of all.
    Count { seq: u64 },
}

impl Ballot {
    pub(super) fn new(cluster: Arc<Cluster>, node: u64, knobs: Knobs) -> Self {
        let (due, last) = (VecDeque::new(), (0, Duration::ZERO));
        Self { knobs, cluster, node, stage: Stage::Closed, due, last, cast: None, asked: None }
    }

    pub(super) fn due(&mut self, at: Head, fingerprint: u64) {
        self.due.push_back((at, fingerprint));
    }

    /// The votes that are due are cast, and those of others counted. The database's answers are waited for, if any is needed.
    pub(super) fn open(&mut self) {
        self.stage = Stage::Due;
    }

    /// What the database is to be asked now; `None` when all is done.
    pub(super) fn next(&mut self, now: Duration) -> Option<Call> {
        if self.stage == Stage::Due {
            if let Some((at, fingerprint)) = self.due.pop_front() {
                return Some(self.vote(at, fingerprint, now));
            }
            self.stage = Stage::Quiet;
        }
        if self.stage == Stage::Quiet {
            self.stage = Stage::Recount;
            let (at, fingerprint) = self.cluster.state();
            if at.seq != self.last.0 {
                self.last = (at.seq, now);
            }
            let is_voted = self.cast.is_some_and(|cast| cast.seq >= at.seq);
            if !is_voted && now.saturating_sub(self.last.1) >= self.knobs.quiet {
                return Some(self.vote(at, fingerprint, now));
            }
        }
        if self.stage == Stage::Recount {
            self.stage = Stage::Closed;
            let is_due = |cast: &Cast| !cast.is_recounted && now.saturating_sub(cast.at) >= self.knobs.recount;
            if let Some(cast) = self.cast.filter(is_due) {
                self.asked = Some(Cast { is_recounted: true, ..cast });
                return Some(Call::Count { seq: cast.seq });
            }
        }
        None
    }

    fn vote(&mut self, at: Head, fingerprint: u64, now: Duration) -> Call {
        self.asked = Some(Cast { seq: at.seq, fingerprint, at: now, is_recounted: false });
        Call::Vote { at, fingerprint }
    }

    /// What the database has answered. A tie is decided at the recount only: more nodes may vote until then.
    pub(super) fn counted(&mut self, counted: Result<Vec<Vote>, Error>) -> Result<(), Fault> {
        let Some(cast) = self.asked.take() else { unreachable!("nobody was to vote") };
        let Cast { seq, fingerprint, is_recounted, .. } = cast;
        match counted {
            Ok(votes) if is_outvoted(&votes, self.node, fingerprint, is_recounted) => {
                let reason = format!(
                    "at entry {seq} this node's state has the fingerprint {fingerprint:016x}, and other nodes have another: \
                     {votes:x?}"
                );
                return Err(Fault::new(Kind::Outvoted, reason));
            }
            Ok(_) => self.cast = Some(cast),
            // It is for what goes wrong once in a lifetime: the next will do. Nothing more is asked before the journal has been
            // read again: each question may wait for long, and meanwhile nobody would know that this node follows nothing.
            Err(error) => {
                self.stage = Stage::Closed;
                tracing::debug!(%error, seq, "no fingerprints were compared");
            }
        }
        Ok(())
    }
}

/// Whether more nodes agree on another state, or, where ties count, as many of which one was first. A node whose own vote is
/// not there has come to an entry that the others have not: that is no question of votes.
fn is_outvoted(votes: &[Vote], node: u64, own: u64, ties: bool) -> bool {
    if votes.iter().all(|vote| vote.node != node) {
        return false;
    }
    let count = |fingerprint| votes.iter().filter(|vote| vote.fingerprint == fingerprint).count();
    let first = |fingerprint| votes.iter().position(|vote| vote.fingerprint == fingerprint);
    let others = votes.iter().filter(|vote| vote.node != node && vote.fingerprint != own);
    let mut others = others.map(|vote| vote.fingerprint);
    others.any(|other| count(other) > count(own) || ties && count(other) == count(own) && first(other) < first(own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fewer_are_outvoted_and_of_as_many_the_later_in_the_end() {
        let check = |list: &[(u64, u64)], node, own, expected: (bool, bool)| {
            let votes: Vec<_> = list.iter().map(|&(node, fingerprint)| Vote { node, fingerprint }).collect();
            let found = (is_outvoted(&votes, node, own, false), is_outvoted(&votes, node, own, true));
            assert_eq!(found, expected, "{list:?} {node}");
        };
        check(&[(1, 7)], 1, 7, (false, false));
        check(&[(1, 7), (2, 7)], 2, 7, (false, false));
        check(&[(1, 7), (2, 8)], 1, 7, (false, false));
        check(&[(1, 7), (2, 8)], 2, 8, (false, true));
        check(&[(1, 7), (2, 8), (3, 8)], 1, 7, (true, true));
        check(&[(1, 7), (2, 8), (3, 8)], 2, 8, (false, false));
        check(&[(1, 7), (2, 8), (3, 8)], 3, 8, (false, false));
        // It was lost, or is far behind.
        check(&[(2, 8), (3, 8)], 1, 7, (false, false));
    }

    #[test]
    fn all_nodes_vote_at_the_same_entries() {
        let is_voted_on = |seq, before_ms, time_ms| Rhythm::default().is_voted_on(seq, before_ms, time_ms);
        assert!(is_voted_on(512, 1_000, 1_001));
        assert!(!is_voted_on(513, 1_000, 1_001));
        assert!(is_voted_on(513, 19_999, 20_000));
        assert!(!is_voted_on(514, 20_000, 29_999));
        assert!(is_voted_on(515, 20_000, 45_000));
    }
}
