//! How many of those who take part in a draw came from which network, where each has only so many places: whoever comes beyond them is
//! [surplus](super::Tier::SURPLUS).
//!
//! What a network is the engine is not told, only a tag of it, which a node makes with a key of the store's own.

use std::collections::{BTreeMap, BTreeSet};

use crate::fingerprint::{Hash, Kind};
use crate::ids::QueueId;
use crate::row::Row;

use super::{Queue, Tier};

/// The most networks that one queue counts; some 30 bytes of memory each. Whoever comes from one more is not counted.
pub const NETWORKS_MAX: usize = 1 << 18;

/// How many blocks the networks of a queue are stored in: by the first 12 bits of their tags.
const BLOCK_SHIFT: u32 = 52;

/// Those networks whose tags begin alike, and how many joined from each; none once they are forgotten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworksRow {
    pub queue: QueueId,
    /// The first 12 bits of their tags.
    pub block: u16,
    /// In order of the tags.
    pub joins: Box<[(u64, u32)]>,
}

#[derive(Debug, Default)]
pub(super) struct Networks {
    joins: BTreeMap<u64, u32>,
    /// The sum of the hashes of all of them.
    sum: u64,
    /// Blocks of which something changed in this batch.
    dirty: BTreeSet<u16>,
}

fn block_of(tag: u64) -> u16 {
    (tag >> BLOCK_SHIFT) as u16
}

fn hash_of(tag: u64, joins: u32) -> u64 {
    Hash::new(Kind::Network).words([tag, u64::from(joins)]).finish()
}

impl Networks {
    fn set(&mut self, tag: u64, joins: u32) {
        if let Some(old) = self.joins.insert(tag, joins) {
            self.sum = self.sum.wrapping_sub(hash_of(tag, old));
        }
        self.sum = self.sum.wrapping_add(hash_of(tag, joins));
    }

    /// Takes one more in; how many came before it, or nothing where there is no room for its network.
    fn count(&mut self, tag: u64) -> Option<u32> {
        let before = match self.joins.get(&tag) {
            Some(&joins) => joins,
            None if self.joins.len() >= NETWORKS_MAX => return None,
            None => 0,
        };
        self.set(tag, before.saturating_add(1));
        self.dirty.insert(block_of(tag));
        Some(before)
    }

    fn forget(&mut self) {
        self.dirty.extend(self.joins.keys().map(|&tag| block_of(tag)));
        self.joins.clear();
        self.sum = 0;
    }

    /// Part of the queue's own: nothing where nothing is counted.
    pub(super) fn hash(&self, hash: Hash) -> Hash {
        if self.joins.is_empty() { hash } else { hash.words([u64::MAX - 6, self.joins.len() as u64, self.sum]) }
    }
}

impl Queue {
    /// Counts somebody new who takes part in the draw to come, and says where they stand in it.
    pub(super) fn rank_from(&mut self, tag: u64) -> Option<Tier> {
        let places = self.settings.network_places?;
        self.draw().filter(|draw| draw.first.is_some() && draw.drawn.is_none())?;
        let before = self.networks.count(tag)?;
        (before >= places).then_some(Tier::SURPLUS)
    }

    /// From here on nobody needs to know who came from where.
    pub(super) fn forget_networks(&mut self) {
        self.networks.forget();
    }

    /// Emits the counts of networks where they changed in this batch.
    pub(super) fn end_batch_of_networks(&mut self, rows: &mut dyn FnMut(Row)) {
        for block in core::mem::take(&mut self.networks.dirty) {
            let first = u64::from(block) << BLOCK_SHIFT;
            let last = first | ((1 << BLOCK_SHIFT) - 1);
            let joins = self.networks.joins.range(first..=last).map(|(&tag, &joins)| (tag, joins)).collect();
            rows(Row::Networks(NetworksRow { queue: self.id, block, joins }));
        }
    }

    pub(crate) fn load_networks(&mut self, row: &NetworksRow) -> Result<(), String> {
        for &(tag, joins) in &row.joins {
            if block_of(tag) != row.block {
                return Err(format!("a network of queue {} is in a block of others", self.id));
            }
            self.networks.set(tag, joins);
        }
        Ok(())
    }
}
