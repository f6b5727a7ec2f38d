//! People whom an entry token names by something else than a number: each has one, for ever.

use hashbrown::HashMap;

use crate::changes::Changes;
use crate::fingerprint::{Hash, Kind};
use crate::ids::UserId;
use crate::row::Row;

/// The first user number that is given out. What shops number themselves lies below it, so the two never meet.
pub const SUBJECT_FIRST: u64 = 1 << 52;
/// The most subjects, which are remembered for ever: about 70 bytes of memory each.
pub const SUBJECTS_MAX: usize = 1 << 22;

/// All of them, by the SHA-256 of who vouches for them and what they are called there.
#[derive(Debug)]
pub struct Subjects {
    users: HashMap<[u8; 32], UserId>,
    pub(crate) max: usize,
}

impl Default for Subjects {
    fn default() -> Self {
        Self { users: HashMap::new(), max: SUBJECTS_MAX }
    }
}

impl Subjects {
    /// The subject's number, where it has one.
    #[must_use]
    pub fn get(&self, digest: &[u8; 32]) -> Option<UserId> {
        self.users.get(digest).copied()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.users.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.users.is_empty()
    }

    /// The number that the next new subject gets; `None` where there is no more room.
    pub(crate) fn next(&self) -> Option<UserId> {
        (self.users.len() < self.max).then(|| UserId(SUBJECT_FIRST + self.users.len() as u64))
    }

    /// Remembers who got the [next](Self::next) number.
    pub(crate) fn add(&mut self, digest: [u8; 32], user: UserId, changes: &mut Changes<'_>) {
        changes.add(self.load(digest, user));
        changes.row(Row::Subject { digest, user });
    }

    /// Takes a row in; its hash.
    pub(crate) fn load(&mut self, digest: [u8; 32], user: UserId) -> u64 {
        self.users.insert(digest, user);
        Hash::new(Kind::Subject).bytes(&digest).word(user.0).finish()
    }
}
