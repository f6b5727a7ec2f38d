//! People whom an entry token names by something else than a number: each has one, for ever.

use hashbrown::HashMap;

use crate::changes::Changes;
use crate::fingerprint::{Hash, Kind};
use crate::ids::{INTEGER_MAX, UserId};
use crate::row::Row;

/// The first user number that is given out. What shops number themselves lies below it, so the two never meet.
pub const SUBJECT_FIRST: u64 = 1 << 52;
/// The most subjects, which are remembered for ever: about 70 bytes of memory each.
pub const SUBJECTS_MAX: usize = 1 << 22;

/// All of them, by the SHA-256 of who vouches for them and what they are called there, or by what the store's key makes of that.
#[derive(Debug)]
pub struct Subjects {
    users: HashMap<[u8; 32], UserId>,
    /// The number of the next one.
    next: UserId,
    pub(crate) max: usize,
}

/// The digest by which a number is nobody's: whoever had it was erased, or it is the last of those that were passed over.
#[must_use]
pub fn nobodys(user: UserId) -> [u8; 32] {
    let mut digest = [0; 32];
    digest[24..].copy_from_slice(&user.0.to_be_bytes());
    digest
}

impl Default for Subjects {
    fn default() -> Self {
        Self { users: HashMap::new(), next: UserId(SUBJECT_FIRST), max: SUBJECTS_MAX }
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
        (self.users.len() < self.max && self.next.0 <= INTEGER_MAX).then_some(self.next)
    }

    /// How many numbers were passed over, of each kind that is.
    #[must_use]
    pub fn passed_over(&self) -> u64 {
        self.next.0 - SUBJECT_FIRST - self.users.len() as u64
    }

    /// Passes over so many numbers. The next one is nobody's and remembered, so that who loads all of them knows where they go on: no
    /// digest of anybody is its own. `None` where there are not so many.
    pub(crate) fn pass_over(&mut self, numbers: u64, changes: &mut Changes<'_>) -> Option<()> {
        let nobody = self.next.0.checked_add(numbers).filter(|number| *number < INTEGER_MAX)?;
        self.add(nobodys(UserId(nobody)), UserId(nobody), changes);
        Some(())
    }

    /// Forgets by what somebody is known: their number is nobody's, and is not given out again.
    pub(crate) fn forget(&mut self, digest: &[u8; 32], changes: &mut Changes<'_>) {
        if let Some(user) = self.users.remove(digest) {
            changes.remove(hash(digest, user));
            changes.row(Row::SubjectForgotten(*digest));
            self.add(nobodys(user), user, changes);
        }
    }

    /// Remembers who got the [next](Self::next) number.
    pub(crate) fn add(&mut self, digest: [u8; 32], user: UserId, changes: &mut Changes<'_>) {
        changes.add(self.load(digest, user));
        changes.row(Row::Subject { digest, user });
    }

    /// Takes a row in; its hash.
    pub(crate) fn load(&mut self, digest: [u8; 32], user: UserId) -> u64 {
        self.users.insert(digest, user);
        self.next = self.next.max(UserId(user.0.saturating_add(1)));
        hash(&digest, user)
    }
}

fn hash(digest: &[u8; 32], user: UserId) -> u64 {
    Hash::new(Kind::Subject).bytes(digest).word(user.0).finish()
}
