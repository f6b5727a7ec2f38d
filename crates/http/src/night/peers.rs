//! What the other nodes of the store said last.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::report::Report;

/// Whoever said nothing for longer is not counted: it is gone, or nobody knows how it is.
pub(crate) const COUNTED: Duration = Duration::from_secs(5);

/// The nodes that were heard from, this one not among them.
#[derive(Debug, Default)]
pub(crate) struct Peers(Mutex<Vec<Peer>>);

/// Another node.
#[derive(Clone, Debug)]
pub(crate) struct Peer {
    pub(crate) node: u64,
    pub(crate) report: Report,
    /// When it spoke.
    at: Instant,
}

impl Peer {
    /// For how long it has said nothing.
    pub(crate) fn silent(&self) -> Duration {
        self.at.elapsed()
    }
}

impl Peers {
    /// Takes up what was heard in the place of what was before: nodes, how long ago each spoke, and what it said. What
    /// cannot be read, of a version to come, still is a sign of life.
    pub(crate) fn hear(&self, heard: impl Iterator<Item = (u64, Duration, String)>) {
        let now = Instant::now();
        let peer = |(node, age, report): (u64, Duration, String)| Peer {
            node,
            report: serde_json::from_str(&report).unwrap_or_default(),
            at: now.checked_sub(age).unwrap_or(now),
        };
        *self.lock() = heard.map(peer).collect();
    }

    pub(crate) fn all(&self) -> Vec<Peer> {
        self.lock().clone()
    }

    /// Those whose figures are of now.
    pub(crate) fn counted(&self) -> Vec<Peer> {
        self.lock().iter().filter(|peer| peer.silent() <= COUNTED).cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Peer>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_silent_is_listed_and_not_counted() {
        let peers = Peers::default();
        let said = |ms, text: &str| (ms, Duration::from_millis(ms), text.to_owned());
        peers.hear([said(1, "{\"seq\":7,\"to come\":[]}"), said(60_000, "{}"), said(2, "what?")].into_iter());
        let nodes = |peers: Vec<Peer>| peers.iter().map(|peer| (peer.node, peer.report.seq)).collect::<Vec<_>>();
        assert_eq!(nodes(peers.all()), [(1, 7), (60_000, 0), (2, 0)]);
        assert_eq!(nodes(peers.counted()), [(1, 7), (2, 0)]);
    }
}
