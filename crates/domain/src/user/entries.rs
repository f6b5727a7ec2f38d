//! Entry tokens that are good once, and have been used.

use std::collections::BTreeSet;

use hashbrown::HashMap;
use minicbor::{Decode, Encode};

use crate::changes::Changes;
use crate::fingerprint::{Hash, Kind};
use crate::idempotency::Key;
use crate::ids::UserId;
use crate::row::Row;
use crate::time::Time;

/// The most used tokens that are remembered, each until it has expired: about 150 bytes of memory each.
pub const ENTRIES_MAX: usize = 1 << 21;

/// An entry token that is good once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SingleUse {
    /// The first 16 bytes of the SHA-256 of who signed it and its `jti`.
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub digest: [u8; 16],
    /// From when on it has expired in any case, and need not be remembered.
    #[n(1)]
    pub until: Time,
    /// What a retry by the same client has too, and nobody else.
    #[n(2)]
    pub retry: Option<Key>,
}

/// A token that was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntryRow {
    pub once: SingleUse,
    /// Who came in with it.
    pub user: UserId,
}

/// All that were used and have not expired.
#[derive(Debug)]
pub struct Entries {
    used: HashMap<[u8; 16], EntryRow>,
    /// The same, by the time until which they are remembered.
    order: BTreeSet<(Time, [u8; 16])>,
    pub(crate) max: usize,
}

impl Default for Entries {
    fn default() -> Self {
        Self { used: HashMap::new(), order: BTreeSet::new(), max: ENTRIES_MAX }
    }
}

impl Entries {
    /// How many are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.used.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.used.is_empty()
    }

    pub(crate) fn is_full(&self) -> bool {
        self.used.len() >= self.max
    }

    pub(crate) fn get(&self, digest: &[u8; 16]) -> Option<&EntryRow> {
        self.used.get(digest)
    }

    pub(crate) fn add(&mut self, row: EntryRow, changes: &mut Changes<'_>) {
        changes.add(self.load(row));
        changes.row(Row::Entry(row));
    }

    /// Takes a row in; its hash.
    pub(crate) fn load(&mut self, row: EntryRow) -> u64 {
        self.order.insert((row.once.until, row.once.digest));
        self.used.insert(row.once.digest, row);
        hash(&row)
    }

    /// Forgets those that have expired, in bounded numbers.
    pub(crate) fn fire(&mut self, budget: &mut u32, changes: &mut Changes<'_>) {
        while *budget > 0
            && let Some(&(until, digest)) = self.order.first()
            && until <= changes.now
        {
            self.order.pop_first();
            if let Some(row) = self.used.remove(&digest) {
                changes.remove(hash(&row));
                changes.row(Row::EntryForgotten(digest));
            }
            *budget -= 1;
        }
    }
}

fn hash(row: &EntryRow) -> u64 {
    let EntryRow { once: SingleUse { digest, until, retry }, user } = row;
    let hash = Hash::new(Kind::Entry).bytes(digest).words([until.0, user.0]);
    retry.map_or(hash, |retry| hash.bytes(&retry.hash)).finish()
}
