//! Follows what all nodes append, and hands on what this one has not appended itself.

use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::{Duration, Instant};

use onsale_domain::command::Batch;
use onsale_journal::postgres::{Pulse, Tail};
use onsale_journal::{Behind, Entry, Error, Limit, Tail as _};

use crate::ballot::Ballot;
use crate::cluster::Cluster;
use crate::fault;
use crate::lane::Inbox;
use crate::sequencer::{Origin, Sequenced};

/// Entries that are read at a time.
const LIMIT: Limit = Limit { entries: 256, bytes: 8 << 20 };
/// How long a notification is waited for before the journal is looked at all the same.
const POLL: Duration = Duration::from_millis(250);
/// The shortest and the longest pause before a database that is away is tried again.
const PAUSES: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(200));

pub(crate) struct Follower {
    pub(crate) tail: Tail,
    pub(crate) cluster: Arc<Cluster>,
    pub(crate) entries: SyncSender<Sequenced>,
    pub(crate) inbox: Arc<Inbox>,
    /// The node's own number.
    pub(crate) node: u64,
    pub(crate) ballot: Ballot,
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
                Ok(Behind { entries, is_all, is_current }) => {
                    pause = PAUSES.0;
                    if is_current {
                        self.cluster.hear();
                    } else {
                        self.cluster.lose();
                    }
                    known = entries.last().map_or(known, Entry::head);
                    for entry in &entries {
                        if !self.hand_on(entry) {
                            return;
                        }
                    }
                    if is_all && is_current {
                        self.cluster.answer(asked, known.seq, began);
                        self.ballot.hold(&mut self.tail);
                    }
                    if is_all && (!is_current || self.cluster.asked() == asked) {
                        self.tail.wait(POLL);
                    }
                }
                Err(Error::Unavailable { reason }) => {
                    self.cluster.lose();
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
}

/// How often it is looked whether a commit is due that shows what reads are worth.
const PULSE: Duration = Duration::from_millis(250);

/// Keeps reads worth something while this node appends nothing, until it stops.
pub(crate) fn beat(mut pulse: Pulse, inbox: &Inbox) {
    while !inbox.stopping() {
        if let Err(error) = pulse.beat() {
            tracing::debug!(%error, "the database does not show that it takes commits");
        }
        std::thread::sleep(PULSE);
    }
}

/// From half of it to one and a half: nodes that lost the same database do not come back at the same moment.
pub(crate) fn jittered(pause: Duration) -> Duration {
    pause.mul_f64(0.5 + rand::random::<f64>())
}
