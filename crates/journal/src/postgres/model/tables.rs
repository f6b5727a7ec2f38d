//! What a server shows: the fold of its log.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use crate::postgres::connection::{Own, Stored};
use crate::postgres::sql::{CHUNK, NEXT_MAX, VOTES_KEPT};
use crate::{Damage, Entry, Hash, Head, Limit, Vote, seal};

/// What a transaction has changed.
#[derive(Clone)]
pub(super) enum Change {
    Make(u64),
    Append(Arc<Entry>),
    Seal(Stored),
    /// Entries up to this one are gone.
    Delete(u64),
    Vote {
        at: Head,
        vote: Vote,
    },
    Damage(Damage),
}

#[derive(Clone, Default)]
pub(super) struct Tables {
    pub(super) store: Option<Stored>,
    entries: BTreeMap<u64, Arc<Entry>>,
    /// Each node's last entry of those that were truncated.
    nodes: BTreeMap<u64, u64>,
    /// In the order in which they came.
    votes: Vec<(u64, Vote)>,
}

impl Tables {
    pub(super) fn apply(&mut self, change: &Change) {
        match change {
            Change::Make(id) => {
                let base = crate::Checkpoint::beginning(*id);
                self.store = Some(Stored { id: *id, base, seal: seal::seal_of(&base, *id) });
            }
            Change::Append(entry) => {
                self.entries.insert(entry.seq, entry.clone());
            }
            Change::Seal(sealed) => self.store = Some(*sealed),
            Change::Delete(upto) => {
                let kept = self.entries.split_off(&(upto + 1));
                for gone in std::mem::replace(&mut self.entries, kept).values() {
                    let last = self.nodes.entry(gone.node).or_default();
                    *last = gone.seq.max(*last);
                }
            }
            Change::Vote { at: Head { seq, hash, .. }, vote } => {
                let is_there = self.entries.get(seq).is_some_and(|entry| entry.hash == *hash);
                let is_cast = self.votes.iter().any(|(at, cast)| at == seq && cast.node == vote.node);
                if is_there && !is_cast {
                    self.votes.push((*seq, *vote));
                }
                self.votes.retain(|(at, _)| *at >= seq.saturating_sub(VOTES_KEPT));
            }
            Change::Damage(damage) => self.damage(*damage),
        }
    }

    /// Where the entries begin; a place before all of them where there is no store.
    fn base_seq(&self) -> u64 {
        self.store.map_or(0, |store| store.base.seq)
    }

    pub(super) fn last(&self) -> Option<Head> {
        self.entries.values().next_back().map(|entry| entry.head())
    }

    /// The place that the next entry is linked to.
    pub(super) fn head(&self) -> Option<Head> {
        let base = self.store?.base.head();
        Some(self.last().filter(|last| last.seq >= base.seq).unwrap_or(base))
    }

    pub(super) fn has(&self, seq: u64) -> bool {
        self.entries.contains_key(&seq)
    }

    pub(super) fn at(&self, seq: u64) -> Option<Head> {
        self.entries.get(&seq).filter(|_| seq >= self.base_seq()).map(|entry| entry.head())
    }

    pub(super) fn behind(&self, seq: u64, limit: Limit) -> Vec<Entry> {
        if seq < self.base_seq() {
            return Vec::new();
        }
        let mut bytes_before = 0;
        let following = self.entries.range((Bound::Excluded(seq), Bound::Unbounded)).map(|(_, entry)| entry);
        let fitting = following.take(limit.entries.max(1)).enumerate().take_while(|(place, entry)| {
            let fits = *place == 0 || bytes_before < limit.bytes;
            bytes_before += entry.payload.len();
            fits
        });
        fitting.map(|(_, entry)| Entry::clone(entry)).collect()
    }

    pub(super) fn next(&self, known: &Head, fewer_than: usize) -> Option<Vec<Entry>> {
        let mut found = self.entries.range(known.seq..).take(NEXT_MAX + 1).map(|(_, entry)| entry);
        found.next().filter(|entry| entry.head() == *known)?;
        let entries: Vec<_> = found.map(|entry| Entry::clone(entry)).collect();
        (entries.len() < NEXT_MAX.min(fewer_than)).then_some(entries)
    }

    /// Whether a place is in the journal still.
    pub(super) fn stands(&self, seq: u64, hash: &Hash) -> bool {
        let is_base = self.store.is_some_and(|store| store.base.seq == seq && store.base.hash == *hash);
        is_base || self.entries.get(&seq).is_some_and(|entry| entry.hash == *hash)
    }

    /// The same, where what a checkpoint covers is gone though it may be there yet.
    pub(super) fn stands_kept(&self, seq: u64, hash: &Hash) -> bool {
        seq >= self.base_seq() && self.stands(seq, hash)
    }

    pub(super) fn behind_own(&self, node: u64, own_last: u64, payload: &[u8]) -> Option<Own> {
        let mut following = self.entries.range((Bound::Excluded(own_last), Bound::Unbounded)).map(|(_, entry)| entry);
        following.find(|entry| entry.node == node).map(|entry| own(entry, payload))
    }

    pub(super) fn truncated_own(&self, node: u64, own_last: u64) -> Option<u64> {
        self.nodes.get(&node).copied().filter(|seq| *seq > own_last)
    }

    pub(super) fn number(&self, node: u64, number: u64, payload: &[u8]) -> Option<Own> {
        let found = self.entries.values().find(|entry| entry.node == node && entry.number == number);
        found.map(|entry| own(entry, payload))
    }

    /// Up to where one transaction deletes of what is sealed.
    pub(super) fn piece(&self) -> Option<u64> {
        let sealed = self.entries.range(..=self.base_seq()).map(|(seq, _)| *seq);
        sealed.take(usize::try_from(CHUNK).unwrap_or(usize::MAX)).last()
    }

    pub(super) fn is_left(&self, seq: u64) -> bool {
        self.entries.range(..=seq).next().is_some()
    }

    pub(super) fn votes(&self, seq: u64) -> Vec<Vote> {
        self.votes.iter().filter(|(at, _)| *at == seq).map(|(_, vote)| *vote).collect()
    }

    fn damage(&mut self, damage: Damage) {
        match damage {
            Damage::Payload(seq) => self.edit(seq, |entry| entry.payload.make_ascii_uppercase()),
            Damage::Time(seq) => self.edit(seq, |entry| entry.time_ms += 1),
            Damage::Node(seq) => self.edit(seq, |entry| entry.node = !entry.node),
            Damage::Number(seq) => self.edit(seq, |entry| entry.number = !entry.number),
            Damage::Hash(seq) => self.edit(seq, |entry| {
                let mut bytes = *entry.hash.as_bytes();
                bytes.rotate_left(1);
                entry.hash = Hash::from(bytes);
            }),
            Damage::Delete(seq) => {
                self.entries.remove(&seq);
            }
            Damage::Swap(one, other) => {
                let pair = (self.entries.remove(&one), self.entries.remove(&other));
                for (entry, seq) in [(pair.0, other), (pair.1, one)] {
                    let Some(entry) = entry else { continue };
                    self.entries.insert(seq, Arc::new(Entry { seq, ..Entry::clone(&entry) }));
                }
            }
            Damage::CutAfter(seq) => drop(self.entries.split_off(&(seq + 1))),
            Damage::Checkpoint => {
                if let Some(store) = &mut self.store {
                    store.base.fingerprint = !store.base.fingerprint;
                }
            }
        }
    }

    fn edit(&mut self, seq: u64, edit: impl FnOnce(&mut Entry)) {
        if let Some(entry) = self.entries.get_mut(&seq) {
            edit(Arc::make_mut(entry));
        }
    }
}

fn own(entry: &Entry, payload: &[u8]) -> Own {
    Own { number: entry.number, head: entry.head(), is_same: entry.payload == payload }
}
