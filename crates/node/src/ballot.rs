//! The nodes compare what state they have come to: at numbers that all of them know without asking each other, and, when
//! nothing is appended any more, at the last one. An engine that differs must not sell on.

use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use onsale_journal::{Error, Head, Vote, Votes};

use crate::cluster::Cluster;
use crate::fault;

/// A number that so much divides is voted on.
const EVERY: u64 = 256;
/// And so is the first entry of each such span of the journal's time.
const EVERY_MS: u64 = 10_000;
/// And the last entry, once it has been the last for so long.
const QUIET: Duration = Duration::from_secs(2);
/// So long after a vote a node looks what the others have said meanwhile.
const RECOUNT: Duration = Duration::from_secs(1);

/// Whether all nodes vote on entry `seq` at `time_ms`, before which the last one was at `before_ms`.
pub(crate) fn is_voted_on(seq: u64, before_ms: u64, time_ms: u64) -> bool {
    seq.is_multiple_of(EVERY) || before_ms / EVERY_MS != time_ms / EVERY_MS
}

pub(crate) struct Ballot {
    cluster: Arc<Cluster>,
    node: u64,
    /// Numbers and fingerprints there, from the applier.
    due: Receiver<(u64, u64)>,
    /// The last entry, and since when.
    last: (u64, Instant),
    /// The newest vote that was cast.
    cast: Option<Cast>,
}

#[derive(Clone, Copy)]
struct Cast {
    seq: u64,
    fingerprint: u64,
    at: Instant,
    is_recounted: bool,
}

impl Ballot {
    pub(crate) fn new(cluster: Arc<Cluster>, node: u64, due: Receiver<(u64, u64)>) -> Self {
        Self { cluster, node, due, last: (0, Instant::now()), cast: None }
    }

    /// Casts the votes that are due and counts those of others, or stops the process. The database's answers are waited
    /// for, if any is needed.
    pub(crate) fn hold(&mut self, votes: &mut dyn Votes) {
        while let Ok((seq, fingerprint)) = self.due.try_recv() {
            self.cast(votes, seq, fingerprint);
        }
        self.cast_if_quiet(votes);
        if let Some(cast) = self.cast.filter(|cast| !cast.is_recounted && cast.at.elapsed() >= RECOUNT) {
            let counted = votes.votes(cast.seq);
            if self.count(cast, counted, true) {
                self.cast = Some(Cast { is_recounted: true, ..cast });
            }
        }
    }

    fn cast_if_quiet(&mut self, votes: &mut dyn Votes) {
        let (Head { seq, .. }, fingerprint) = self.cluster.state();
        if seq != self.last.0 {
            self.last = (seq, Instant::now());
        }
        let is_voted = self.cast.is_some_and(|cast| cast.seq >= seq);
        if !is_voted && self.last.1.elapsed() >= QUIET {
            self.cast(votes, seq, fingerprint);
        }
    }

    fn cast(&mut self, votes: &mut dyn Votes, seq: u64, fingerprint: u64) {
        let cast = Cast { seq, fingerprint, at: Instant::now(), is_recounted: false };
        let counted = votes.vote(seq, fingerprint);
        if self.count(cast, counted, false) {
            self.cast = Some(cast);
        }
    }

    /// False when there was no answer. A tie is decided at the recount only: more nodes may vote until then.
    fn count(&self, cast: Cast, counted: Result<Vec<Vote>, Error>, is_last: bool) -> bool {
        let Cast { seq, fingerprint, .. } = cast;
        match counted {
            Ok(votes) if is_outvoted(&votes, self.node, fingerprint, is_last) => fault::stop(&format!(
                "at entry {seq} this node's state has the fingerprint {fingerprint:016x}, and other nodes have another: {votes:x?}"
            )),
            Ok(_) => true,
            // It is for what goes wrong once in a lifetime: the next will do.
            Err(error) => {
                tracing::debug!(%error, seq, "no fingerprints were compared");
                false
            }
        }
    }
}

/// Whether more nodes agree on another state, or, where ties count, as many of which one was first.
fn is_outvoted(votes: &[Vote], node: u64, own: u64, ties: bool) -> bool {
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
    }

    #[test]
    fn all_nodes_vote_at_the_same_entries() {
        assert!(is_voted_on(512, 1_000, 1_001));
        assert!(!is_voted_on(513, 1_000, 1_001));
        assert!(is_voted_on(513, 19_999, 20_000));
        assert!(!is_voted_on(514, 20_000, 29_999));
        assert!(is_voted_on(515, 20_000, 45_000));
    }
}
