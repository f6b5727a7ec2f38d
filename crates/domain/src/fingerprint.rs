//! A fingerprint of the whole state: the wrapping sum of one hash for each thing in it, so that a change costs the
//! hash of what it replaces and of what it puts there.
//!
//! It tells two replicas apart that should be alike; it is no defence against somebody who makes collisions. The
//! function is written out here, and not taken from a crate, because its values are stored: it may never change.

/// What kind of thing is hashed, so that a wallet of 7 is not a ticket of 7.
#[derive(Clone, Copy, Debug)]
#[repr(u64)]
pub enum Kind {
    Settings = 1,
    Queue,
    Ticket,
    Wallet,
    Concert,
    Schedule,
    Seat,
    Reservation,
    Idempotency,
    Staged,
    Counters,
    Level,
    Revoked,
    Operator,
    Adjustment,
    Subject,
    Entry,
    SeatLimit,
    /// By its command's number, so that what else is added at the same level finds its own place.
    Withheld = 31,
    Active = 40,
    Reissued = 41,
    CodeUse = 42,
    Campaign = 44,
    Code = 45,
    Erased = 48,
    Network = 61,
}

const ODD: u64 = 0x9E37_79B9_7F4A_7C15;

fn fold(a: u64, b: u64) -> u64 {
    let wide = u128::from(a) * u128::from(b);
    (wide as u64) ^ ((wide >> 64) as u64)
}

/// Takes words in, one after the other.
#[derive(Clone, Copy, Debug)]
pub struct Hash(u64);

impl Hash {
    #[must_use]
    pub fn new(kind: Kind) -> Self {
        Self((kind as u64).wrapping_mul(ODD))
    }

    #[must_use]
    pub fn word(self, word: u64) -> Self {
        Self(fold(self.0 ^ word, ODD).wrapping_add(self.0.rotate_left(23)))
    }

    #[must_use]
    pub fn words<const N: usize>(self, words: [u64; N]) -> Self {
        words.into_iter().fold(self, Self::word)
    }

    #[must_use]
    pub fn bytes(self, bytes: &[u8]) -> Self {
        let mut hash = self.word(bytes.len() as u64);
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            hash = hash.word(u64::from_le_bytes(word));
        }
        hash
    }

    /// Text that may be absent; absent differs from empty.
    #[must_use]
    pub fn text(self, text: Option<&str>) -> Self {
        match text {
            None => self.word(0),
            Some(text) => self.word(1).bytes(text.as_bytes()),
        }
    }

    #[must_use]
    pub fn finish(self) -> u64 {
        fold(self.0 ^ ODD, ODD)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Stored fingerprints must still match after an upgrade.
    #[test]
    fn the_function_never_changes() {
        let hash = Hash::new(Kind::Wallet).words([7, 50_000]).text(Some("서울")).text(None).finish();
        assert_eq!(hash, 0xdced_60fc_f43d_0c0b, "got {hash:#018x}");
    }

    #[test]
    fn kinds_words_and_lengths_all_count() {
        let of = |kind, bytes: &[u8]| Hash::new(kind).bytes(bytes).finish();
        assert_ne!(of(Kind::Wallet, b"a"), of(Kind::Ticket, b"a"));
        assert_ne!(of(Kind::Wallet, b"a"), of(Kind::Wallet, b"a\0"));
        assert_ne!(Hash::new(Kind::Seat).words([1, 2]).finish(), Hash::new(Kind::Seat).words([2, 1]).finish());
        assert_ne!(Hash::new(Kind::Seat).words([0]).finish(), Hash::new(Kind::Seat).words([0, 0]).finish());
    }
}
