//! People who were erased: nothing leads from what they are called to their number any more.

use std::collections::BTreeMap;

use hashbrown::HashSet;

use crate::changes::Changes;
use crate::fingerprint::{Hash, Kind};
use crate::ids::UserId;
use crate::row::Row;
use crate::time::Time;

/// Somebody who was erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErasedRow {
    pub user: UserId,
    /// When last: whom a shop numbers may come again, and be erased again.
    pub at: Time,
    /// What the store's key made of what they were called. It makes that of nothing any more once the key is punctured there; a node
    /// whose key is not would have them come in as somebody new by it.
    pub pseudonym: Option<[u8; 32]>,
}

/// All of them. Each has their tokens revoked too, so there are no more than [`REVOKED_MAX`](super::REVOKED_MAX).
#[derive(Debug, Default)]
pub struct Erasures {
    people: BTreeMap<UserId, ErasedRow>,
    pseudonyms: HashSet<[u8; 32]>,
}

impl Erasures {
    /// When they were erased last; `None` for whoever was not.
    #[must_use]
    pub fn at(&self, user: UserId) -> Option<Time> {
        self.people.get(&user).map(|row| row.at)
    }

    /// Whether somebody was erased who was known by it.
    #[must_use]
    pub fn has(&self, pseudonym: &[u8; 32]) -> bool {
        self.pseudonyms.contains(pseudonym)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.people.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.people.is_empty()
    }

    pub(crate) fn add(&mut self, row: ErasedRow, changes: &mut Changes<'_>) {
        let before = self.people.get(&row.user).copied();
        let row = ErasedRow { pseudonym: row.pseudonym.or(before.and_then(|before| before.pseudonym)), ..row };
        if let Some(before) = before {
            changes.remove(hash(&before));
        }
        changes.add(self.load(row));
        changes.row(Row::Erased(row));
    }

    /// Takes a row in; its hash.
    pub(crate) fn load(&mut self, row: ErasedRow) -> u64 {
        self.pseudonyms.extend(row.pseudonym);
        self.people.insert(row.user, row);
        hash(&row)
    }
}

fn hash(row: &ErasedRow) -> u64 {
    let ErasedRow { user, at, pseudonym } = row;
    let hash = Hash::new(Kind::Erased).words([user.0, at.0]);
    pseudonym.map_or(hash, |pseudonym| hash.bytes(&pseudonym)).finish()
}
