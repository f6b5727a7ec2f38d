//! Who may have a place in a queue, as one look tells: whoever is not among them surely has none.
//!
//! Whoever has a place is given it again without a proof, and only the engine knows who has one. To ask it costs an entry of the journal,
//! which nobody who has no proof should be able to cause as often as they like.

use std::sync::atomic::{AtomicU64, Ordering};

use onsale_domain::ids::UserId;

/// A mebibyte of bits, two for each user: of a million who have places, one in twenty others is taken for one of them.
const BITS: u32 = 23;
const WORDS: usize = 1 << (BITS - 6);

/// A Bloom filter with one writer and any number of readers.
#[derive(Debug)]
pub(super) struct Placed {
    words: Box<[AtomicU64]>,
}

impl Placed {
    pub(super) fn of(users: impl Iterator<Item = UserId>) -> Self {
        let placed = Self { words: (0..WORDS).map(|_| AtomicU64::new(0)).collect() };
        users.for_each(|user| placed.note(user));
        placed
    }

    pub(super) fn note(&self, user: UserId) {
        for bit in bits(user) {
            self.words[bit / 64].fetch_or(1 << (bit % 64), Ordering::Relaxed);
        }
    }

    pub(super) fn may_have(&self, user: UserId) -> bool {
        bits(user).into_iter().all(|bit| self.words[bit / 64].load(Ordering::Relaxed) & 1 << (bit % 64) != 0)
    }
}

/// Numbers of users are often in a row: their halves are mixed into each other first.
fn bits(user: UserId) -> [usize; 2] {
    let wide = u128::from(user.0 ^ 0x9E37_79B9_7F4A_7C15) * u128::from(0xD6E8_FEB8_6659_FD93_u64);
    let folded = (wide as u64) ^ ((wide >> 64) as u64);
    [folded as usize, (folded >> 32) as usize].map(|bits| bits & ((1 << BITS) - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_has_a_place_is_found_and_few_others_are() {
        let placed = Placed::of((1..=100_000).map(UserId));
        placed.note(UserId(1 << 52));
        assert!((1..=100_000).map(UserId).all(|user| placed.may_have(user)));
        assert!(placed.may_have(UserId(1 << 52)));
        let others = (200_000..300_000).filter(|&user| placed.may_have(UserId(user))).count();
        assert!(others < 1_000, "{others} of 100,000 others");
    }
}
