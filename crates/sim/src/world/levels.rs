//! Nodes of two versions: what they tell each other of what they can read, and who raises the store.
//!
//! What the nodes have said of themselves stays where a database loses its end: they say it again within a second.

use std::time::Duration;

use onsale_domain::command::{Batch, Command};
use onsale_domain::level;
use onsale_journal::{Behind, Error as JournalError};

use super::{Event, World};
use crate::node::Node;
use crate::plan::Sale;

/// What a program of before can read: one of before tiers, which count from the middle of a pre-queue on where the store is raised in it.
pub(super) const OLDER: u32 = level::TIERS - 1;
const BEAT: Duration = Duration::from_secs(1);
/// Who has said nothing for so long is not waited for. In production it is ten minutes, which no run lasts.
const FORGOTTEN: Duration = Duration::from_secs(8);
/// For so long a node has looked at the others before it raises the store, and a little less.
const LOOKED: Duration = Duration::from_millis(3_500);
/// The operation of a call that raises the store.
const RAISE: u32 = 1;

/// What a node has said of itself.
pub(super) struct Peer {
    at: Duration,
    level: u32,
}

/// A node was to raise the store.
pub(super) struct Raise {
    at: Duration,
    level: u32,
    /// When that node began.
    began: Duration,
}

impl World<'_> {
    /// A node says what it can read, hears of the others, and raises the store if it finds that it may.
    pub(super) fn meet(&mut self, node: usize, id: u64) {
        let now = self.now;
        let Some(found) = self.node(node, id) else { return };
        let stands_until = found.stands_until.into_iter().min().unwrap_or_default();
        self.at((now + BEAT).max(stands_until), Event::Meet { node, id });
        // Whoever waits for the answer to a raise says nothing meanwhile.
        let waits = self.node(node, id).and_then(|found| found.raising);
        if now < stands_until || waits.is_some_and(|call| self.calls[call].told.is_none()) {
            return;
        }
        let (is_said, is_answered) = match self.is_away() || self.is_full() {
            true => (false, false),
            false => self.conditions.meeting(node),
        };
        let Some(found) = self.nodes[node].as_mut() else { return };
        if is_said {
            found.said.push(now);
            self.peers.retain(|_, peer| now - peer.at < FORGOTTEN);
            self.peers.insert(id, Peer { at: now, level: found.level });
        } else {
            found.is_unheard = true;
        }
        if !is_answered {
            return;
        }
        let levels = self.peers.values().map(|peer| peer.level);
        let Some(level) = found.level_watch.look(found.views.level(), levels) else { return };
        found.raising = Some(self.calls.len());
        let began = found.began;
        self.raises.push(Raise { at: now, level, began });
        self.tell(&format!("node {node} raises the store to {level}"));
        self.call(None, RAISE, node, Command::Raise { level });
    }

    /// A node stops in good order and is started again with the newest program.
    pub(super) fn upgrade(&mut self, node: usize, until: Duration) {
        let Some(version) = self.versions.get_mut(node) else { return };
        *version = level::NEWEST;
        let Some(stopped) = self.nodes[node].take() else { return };
        self.marks.hit("node: upgraded");
        if !self.is_away() && self.conditions.meeting(node).0 {
            self.peers.remove(&stopped.id);
        }
        self.lose_calls(stopped.id);
        self.at(until, Event::Start { node });
    }

    /// What is left of older programs goes, once all is mended.
    pub(super) fn upgrade_all(&mut self) {
        for node in 0..self.versions.len() {
            if self.versions[node] < level::NEWEST {
                self.upgrade(node, self.now);
            }
        }
    }

    /// Whether a node was not to be heard of when the store was raised beyond what it can read: it had said nothing for long,
    /// or it was only just open when the one that raised it had looked for long.
    pub(super) fn is_unheard(&self, of: &Node) -> bool {
        self.raises.iter().filter(|raise| raise.level > of.level).any(|raise| {
            // Of two things at one moment either may have been first.
            match of.said.iter().rev().find(|at| **at < raise.at) {
                Some(said) => raise.at - *said >= FORGOTTEN,
                None => of.is_unheard || of.open_at > raise.began + LOOKED,
            }
        })
    }
}

/// What can be read by the program that each node begins with.
pub(super) fn versions(sale: &Sale) -> Vec<u32> {
    (1..=sale.nodes).map(|node| if node + sale.older > sale.nodes { OLDER } else { level::NEWEST }).collect()
}

/// What a look has found, as a program reads it that knows of `level` alone.
pub(super) fn as_read(found: Result<Behind, JournalError>, level: u32) -> Result<Behind, JournalError> {
    let mut found = found?;
    let is_beyond = |command: &Command| matches!(command, Command::Raise { level: raised } if *raised > level);
    for entry in &mut found.entries {
        if Batch::decode(&entry.payload).is_ok_and(|batch| batch.commands.iter().any(is_beyond)) {
            // It fails there as it does at any command that it does not know.
            entry.payload = vec![0xff];
        }
    }
    Ok(found)
}
