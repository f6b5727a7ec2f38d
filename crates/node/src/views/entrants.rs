//! Whom entry tokens name by something else than a number, and the tokens that are good once and were used.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use onsale_domain::ids::UserId;
use onsale_domain::row::ErasedRow;
use onsale_domain::time::Time;

use super::map::HashMap;

/// By digest, readable while one thread writes.
#[derive(Debug, Default)]
pub struct Entrants {
    users: HashMap<[u8; 32], UserId>,
    used: HashMap<[u8; 16], ()>,
    /// Who was erased, and when last.
    erased: HashMap<UserId, Time>,
    /// The greatest number that somebody has.
    greatest: AtomicU64,
}

impl Entrants {
    /// The number of somebody whom entry tokens name so; `None` where they never came.
    #[must_use]
    pub fn user(&self, digest: &[u8; 32]) -> Option<UserId> {
        self.users.pin().get(digest).copied()
    }

    /// Whether a number of those that are given out here, [`SUBJECT_FIRST`](onsale_domain::user::SUBJECT_FIRST) and on, was given out.
    #[must_use]
    pub fn is_given(&self, user: UserId) -> bool {
        user.0 <= self.greatest.load(Relaxed)
    }

    /// When the user was erased last; `None` for whoever was not.
    #[must_use]
    pub fn erased_at(&self, user: UserId) -> Option<Time> {
        self.erased.pin().get(&user).copied()
    }

    /// How many people were erased.
    #[must_use]
    pub fn erased(&self) -> usize {
        self.erased.pin().len()
    }

    /// Whether an entry token that is good once was used.
    #[must_use]
    pub fn is_used(&self, digest: &[u8; 16]) -> bool {
        self.used.pin().contains_key(digest)
    }

    pub(super) fn put(&self, digest: [u8; 32], user: UserId) {
        self.users.pin().insert(digest, user);
        self.greatest.fetch_max(user.0, Relaxed);
    }

    pub(super) fn forget_subject(&self, digest: &[u8; 32]) {
        self.users.pin().remove(digest);
    }

    pub(super) fn erase(&self, row: &ErasedRow) {
        self.erased.pin().insert(row.user, row.at);
    }

    pub(super) fn use_up(&self, digest: [u8; 16]) {
        self.used.pin().insert(digest, ());
    }

    pub(super) fn forget(&self, digest: &[u8; 16]) {
        self.used.pin().remove(digest);
    }
}
