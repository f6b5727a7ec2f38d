//! The places in the journal that clients bring along, held against what this node has followed.

use std::sync::atomic::{AtomicU64, Ordering};

use onsale_journal::Head;

/// For so many entries behind the newest a node knows what their hashes began with: half a megabyte.
const KEPT: usize = 1 << 16;

/// A place in the journal, as a client is told of it and sends it back: the number, and how the hash there begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bookmark {
    /// The entry's number.
    pub seq: u64,
    /// The first four bytes of its hash, the first the highest.
    pub prefix: u32,
}

/// What a node can say of a bookmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// This node has not come there.
    Ahead,
    /// It is in the history that this node has followed, or too long ago to tell.
    Behind,
    /// There is another entry with this number.
    Elsewhere,
}

impl From<&Head> for Bookmark {
    fn from(head: &Head) -> Self {
        let [a, b, c, d, ..] = *head.hash.as_bytes();
        Self { seq: head.seq, prefix: u32::from_be_bytes([a, b, c, d]) }
    }
}

impl Bookmark {
    /// Number and beginning in one word: the number's low half is enough for who knows about where it is.
    pub(crate) fn word(self) -> u64 {
        self.seq << 32 | u64::from(self.prefix)
    }
}

/// How the hashes of the last entries begin. It is written by one thread and read by all, without a lock.
#[derive(Debug)]
pub(crate) struct Prefixes(Box<[AtomicU64]>);

impl Prefixes {
    pub(crate) fn new() -> Self {
        // No number that comes soon has these low bits.
        Self((0..KEPT).map(|_| AtomicU64::new(u64::MAX)).collect())
    }

    pub(crate) fn note(&self, head: &Head) {
        let bookmark = Bookmark::from(head);
        self.0[bookmark.seq as usize % KEPT].store(bookmark.word(), Ordering::Release);
    }

    /// How the hash of entry `seq` begins, if that is known still. Number and beginning are in one word, so what is read
    /// belongs together.
    fn prefix(&self, seq: u64) -> Option<u32> {
        let word = self.0[seq as usize % KEPT].load(Ordering::Acquire);
        (word >> 32 == seq & u64::from(u32::MAX)).then_some(word as u32)
    }

    /// Where `bookmark` stands for a node that has come to entry `applied`.
    pub(crate) fn standing(&self, applied: u64, bookmark: Bookmark) -> Standing {
        match self.prefix(bookmark.seq) {
            _ if bookmark.seq > applied => Standing::Ahead,
            Some(prefix) if prefix != bookmark.prefix => Standing::Elsewhere,
            Some(_) | None => Standing::Behind,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_stands_where_its_hash_begins_as_here() {
        let prefixes = Prefixes::new();
        let head = |seq: u64, first: u8| Head { seq, time_ms: 0, hash: [first; 32].into() };
        for seq in 1..=KEPT as u64 + 10 {
            prefixes.note(&head(seq, seq as u8));
        }
        let applied = KEPT as u64 + 10;
        let check = |seq: u64, first: u8, expected| {
            let bookmark = Bookmark::from(&head(seq, first));
            assert_eq!(prefixes.standing(applied, bookmark), expected, "{seq} {first}");
        };
        check(applied, applied as u8, Standing::Behind);
        check(applied, 77, Standing::Elsewhere);
        check(applied + 1, 77, Standing::Ahead);
        check(11, 11, Standing::Behind);
        check(11, 77, Standing::Elsewhere);
        // Too long ago.
        check(10, 77, Standing::Behind);
    }
}
