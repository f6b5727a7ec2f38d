//! Whom entry tokens name by something else than a number, and the tokens that are good once and were used.

use onsale_domain::ids::UserId;

use super::map::HashMap;

/// By digest, readable while one thread writes.
#[derive(Debug, Default)]
pub struct Entrants {
    users: HashMap<[u8; 32], UserId>,
    used: HashMap<[u8; 16], ()>,
}

impl Entrants {
    /// The number of somebody whom entry tokens name so; `None` where they never came.
    #[must_use]
    pub fn user(&self, digest: &[u8; 32]) -> Option<UserId> {
        self.users.pin().get(digest).copied()
    }

    /// Whether an entry token that is good once was used.
    #[must_use]
    pub fn is_used(&self, digest: &[u8; 16]) -> bool {
        self.used.pin().contains_key(digest)
    }

    pub(super) fn put(&self, digest: [u8; 32], user: UserId) {
        self.users.pin().insert(digest, user);
    }

    pub(super) fn use_up(&self, digest: [u8; 16]) {
        self.used.pin().insert(digest, ());
    }

    pub(super) fn forget(&self, digest: &[u8; 16]) {
        self.used.pin().remove(digest);
    }
}
