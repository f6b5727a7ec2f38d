//! A place in the feed: which event was read last.

use std::fmt;
use std::str::FromStr;

/// The place behind one event. It is the same on every node, and tells in which history it was: in a store that was restored
/// from an older copy, other entries come to have the same numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Cursor {
    /// The entry of the journal.
    pub seq: u64,
    /// The event's place in it, from 0.
    pub index: u32,
    /// How the journal's hash at the entry begins.
    pub proof: u32,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{:08x}", self.seq, self.index, self.proof)
    }
}

/// It is not what a cursor looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is no cursor")]
pub struct NoCursor;

impl FromStr for Cursor {
    type Err = NoCursor;

    fn from_str(text: &str) -> Result<Self, NoCursor> {
        let mut parts = text.split('-');
        let (Some(seq), Some(index), Some(proof), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(NoCursor);
        };
        let cursor = Self {
            seq: seq.parse().map_err(|_| NoCursor)?,
            index: index.parse().map_err(|_| NoCursor)?,
            proof: u32::from_str_radix(proof, 16).map_err(|_| NoCursor)?,
        };
        // As it was given, and not in one of the other ways in which numbers can be written.
        if cursor.to_string() == text { Ok(cursor) } else { Err(NoCursor) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_is_written_and_in_no_other_way() {
        let cursor = Cursor { seq: 12, index: 0, proof: 0x00ab_cdef };
        assert_eq!(cursor.to_string(), "12-0-00abcdef");
        assert_eq!("12-0-00abcdef".parse(), Ok(cursor));
        for text in [
            "",
            "12",
            "12-0",
            "12-0-abcdef",
            "012-0-00abcdef",
            "12-0-00ABCDEF",
            "+12-0-00abcdef",
            "12-0-00abcdef-",
            "1-1-1-1",
        ] {
            assert_eq!(text.parse::<Cursor>(), Err(NoCursor), "{text}");
        }
    }
}
