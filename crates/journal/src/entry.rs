use crate::{Hash, Link};

/// One entry, as a [`crate::Reader`] gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its number in the journal: 1 for the first, with no gaps.
    pub seq: u64,
    /// Its time, in milliseconds since 1970 in UTC. Never less than that of the entry before; it may be the same.
    pub time_ms: u64,
    /// Which opening of the journal appended it.
    pub node: u64,
    /// Its number among that node's entries.
    pub number: u64,
    /// The hash that links it to all entries before it.
    pub hash: Hash,
    /// What was appended.
    pub payload: Vec<u8>,
}

impl Entry {
    /// Its place in the journal.
    pub fn head(&self) -> Head {
        Head { seq: self.seq, time_ms: self.time_ms, hash: self.hash }
    }

    /// What its hash covers, beside the hash before it.
    pub fn link(&self) -> Link<'_> {
        Link { seq: self.seq, time_ms: self.time_ms, node: self.node, number: self.number, payload: &self.payload }
    }
}

/// A place in the journal: just behind the entry with this number. Number 0 is genesis, before the first entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The entry's number.
    pub seq: u64,
    /// The entry's time, in milliseconds since 1970 in UTC; 0 at genesis.
    pub time_ms: u64,
    /// The entry's hash.
    pub hash: Hash,
}

/// Where an append has put its entry.
pub type Appended = Head;

/// A place up to which the journal may be dropped: whoever holds the state with this fingerprint can go on from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The last entry that is covered.
    pub seq: u64,
    /// That entry's time, in milliseconds since 1970 in UTC.
    pub time_ms: u64,
    /// That entry's hash.
    pub hash: Hash,
    /// The fingerprint of the state after that entry. The journal keeps it, and cannot check it.
    pub fingerprint: u64,
}

impl Checkpoint {
    /// The place that it seals.
    pub fn head(&self) -> Head {
        Head { seq: self.seq, time_ms: self.time_ms, hash: self.hash }
    }
}

/// How far [`crate::Journal::truncate`] has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truncated {
    /// The checkpoint is sealed, and entries that it covers are still there: call again.
    Partly,
    /// Nothing that the checkpoint covers is left.
    Done,
}
