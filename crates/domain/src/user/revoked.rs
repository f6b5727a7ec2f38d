//! Users whose tokens of before a moment are none any more.

use std::collections::BTreeMap;

use crate::changes::Changes;
use crate::fingerprint::{Hash, Kind};
use crate::ids::UserId;
use crate::refusal::Refusal;
use crate::row::Row;
use crate::time::Time;

/// The most users whose tokens can have been revoked.
pub const REVOKED_MAX: usize = 1 << 16;

/// From when on a user's tokens count, where that is not always.
#[derive(Debug, Default)]
pub struct Revoked {
    since: BTreeMap<UserId, Time>,
}

impl Revoked {
    /// The user's tokens that were issued before this are none; 0 where none was revoked.
    #[must_use]
    pub fn since(&self, user: UserId) -> Time {
        self.since.get(&user).copied().unwrap_or_default()
    }

    /// From the moment that this gives on, the user's tokens count. A token says its second, so it is the next whole one:
    /// what was issued in the second that runs is revoked too; and the one after that where a token of it is out already, as
    /// they were revoked in this second before.
    pub(crate) fn revoke(&mut self, user: UserId, changes: &mut Changes<'_>) -> Result<Time, Refusal> {
        if self.since.len() >= REVOKED_MAX && !self.since.contains_key(&user) {
            return Err(Refusal::Full("revoked users"));
        }
        let since = Time((changes.now.max(self.since(user)).0 / 1_000 + 1) * 1_000);
        if let Some(before) = self.since.insert(user, since) {
            changes.remove(hash(user, before));
        }
        changes.add(hash(user, since));
        changes.row(Row::Revoked { user, since });
        Ok(since)
    }

    /// Takes a row in; its hash.
    pub(crate) fn load(&mut self, user: UserId, since: Time) -> u64 {
        self.since.insert(user, since);
        hash(user, since)
    }
}

fn hash(user: UserId, since: Time) -> u64 {
    Hash::new(Kind::Revoked).words([user.0, since.0]).finish()
}
