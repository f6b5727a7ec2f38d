//! A journal that several nodes append to, as far as its contract goes: what is in stays in, and answers may be lost.

use std::collections::HashMap;

use onsale_journal::{Appended, Behind, Entry, Error, Hash, Head, Limit, Link, Vote};

/// The journal's time at the beginning, in milliseconds since 1970.
pub(super) const BEGAN_MS: u64 = 1_800_000_000_000;

#[derive(Default)]
pub(super) struct Store {
    pub(super) entries: Vec<Entry>,
    /// The newest number of each node.
    numbers: HashMap<u64, u64>,
    votes: HashMap<u64, Vec<Vote>>,
}

impl Store {
    pub(super) fn head(&self) -> Head {
        self.at(self.entries.len() as u64)
    }

    fn at(&self, seq: u64) -> Head {
        let genesis = Head { seq: 0, time_ms: 0, hash: Hash::from([0; 32]) };
        seq.checked_sub(1).map_or(genesis, |before| self.entries[before as usize].head())
    }

    /// Carries an append out. One that a later one of the same node has overtaken is not.
    pub(super) fn append(&mut self, node: u64, number: u64, payload: &[u8], now_ms: u64) -> Result<Appended, Error> {
        let newest = self.numbers.entry(node).or_default();
        if number <= *newest {
            return Err(Error::Unavailable { reason: format!("{number} comes behind {newest}") });
        }
        *newest = number;
        let head = self.head();
        let (seq, time_ms) = (head.seq + 1, now_ms.max(head.time_ms));
        let hash = Link { seq, time_ms, node, number, payload }.hash(&head.hash);
        let entry = Entry { seq, time_ms, node, number, hash, payload: payload.to_vec() };
        self.entries.push(entry);
        Ok(self.head())
    }

    pub(super) fn behind(&self, known: Head, limit: Limit) -> Result<Behind, Error> {
        if known.seq > self.head().seq || self.at(known.seq) != known {
            return Err(Error::corrupt(known.seq, "it is not in the journal"));
        }
        let behind = &self.entries[known.seq as usize..];
        let entries = behind[..behind.len().min(limit.entries)].to_vec();
        Ok(Behind { is_all: entries.len() < limit.entries, entries, is_current: true })
    }

    pub(super) fn vote(&mut self, seq: u64, vote: Vote) -> Vec<Vote> {
        let votes = self.votes.entry(seq).or_default();
        if votes.iter().all(|other| other.node != vote.node) {
            votes.push(vote);
        }
        votes.clone()
    }

    pub(super) fn votes(&self, seq: u64) -> Vec<Vote> {
        self.votes.get(&seq).cloned().unwrap_or_default()
    }
}
