//! Whose queue tokens were revoked: asked at each request, and for most stores nobody's.

use std::sync::atomic::{AtomicBool, Ordering};

use onsale_domain::ids::UserId;
use onsale_domain::time::Time;

use super::map::HashMap;

/// By user, readable while one thread writes.
#[derive(Debug, Default)]
pub struct Revoked {
    any: AtomicBool,
    since: HashMap<UserId, Time>,
}

impl Revoked {
    /// The user's tokens that were issued before this are none; 0 where none was revoked.
    #[must_use]
    pub fn since(&self, user: UserId) -> Time {
        if !self.any.load(Ordering::Acquire) {
            return Time::default();
        }
        self.since.pin().get(&user).copied().unwrap_or_default()
    }

    /// How many users' tokens were revoked.
    #[must_use]
    pub fn users(&self) -> usize {
        self.since.len()
    }

    pub(super) fn put(&self, user: UserId, since: Time) {
        self.since.pin().insert(user, since);
        self.any.store(true, Ordering::Release);
    }
}
