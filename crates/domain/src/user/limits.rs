//! How many seats of a date one person may have, where their entry token says fewer than the store does.

use hashbrown::HashMap;

use crate::changes::Changes;
use crate::fingerprint::{Hash, Kind};
use crate::ids::UserId;
use crate::row::Row;

/// The most users with a limit of their own, which are remembered for ever: about 30 bytes of memory each.
pub const SEAT_LIMITS_MAX: usize = 1 << 22;

/// What the newest token that said so said, by user.
#[derive(Debug)]
pub struct SeatLimits {
    seats: HashMap<UserId, u32>,
    pub(crate) max: usize,
}

impl Default for SeatLimits {
    fn default() -> Self {
        Self { seats: HashMap::new(), max: SEAT_LIMITS_MAX }
    }
}

impl SeatLimits {
    /// The most seats of one schedule that the user may have; `None` where nothing was said of them.
    #[must_use]
    pub fn of(&self, user: UserId) -> Option<u32> {
        self.seats.get(&user).copied()
    }

    /// How many users have one.
    #[must_use]
    pub fn len(&self) -> usize {
        self.seats.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.seats.is_empty()
    }

    pub(crate) fn has_room(&self, user: UserId) -> bool {
        self.seats.len() < self.max || self.seats.contains_key(&user)
    }

    pub(crate) fn set(&mut self, user: UserId, seats: u32, changes: &mut Changes<'_>) {
        match self.of(user) {
            Some(before) if before == seats => return,
            Some(before) => changes.remove(hash(user, before)),
            None => {}
        }
        changes.add(self.load(user, seats));
        changes.row(Row::SeatLimit { user, seats });
    }

    /// Takes a row in; its hash.
    pub(crate) fn load(&mut self, user: UserId, seats: u32) -> u64 {
        self.seats.insert(user, seats);
        hash(user, seats)
    }
}

fn hash(user: UserId, seats: u32) -> u64 {
    Hash::new(Kind::SeatLimit).words([user.0, u64::from(seats)]).finish()
}
