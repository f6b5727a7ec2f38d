//! Whether the write-ahead log ends where SQLite will say that it does.
//!
//! SQLite's recovery reads the log up to the first frame whose checksum is wrong, and takes that for the end of a write that
//! a power cut has torn. A disk that has changed a byte looks the same to it, and all that was acknowledged behind that byte
//! would be gone without a word. Yet a transaction is synced before the next one is written: so behind a torn one there is
//! none. A committed transaction with a whole frame behind it says that all before it was synced, and is damaged now.
//!
//! What cannot be told apart is a torn write and a damaged frame in the very last transaction, or damage that reaches from
//! somewhere to the end.

use std::fs::File;
use std::io::{BufReader, ErrorKind, Read};
use std::path::Path;

const HEADER_BYTES: usize = 32;
const FRAME_HEADER_BYTES: usize = 24;
/// Of both byte orders of the checksums; the last bit says which.
const MAGIC: u32 = 0x377f_0682;
const PAGE_BYTES: std::ops::RangeInclusive<u32> = 512..=65_536;

/// What was found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The log is whole up to where it ends, or there is none.
    Whole,
    /// The last transaction is not whole, and has the mark of a commit: it was torn before it was acknowledged, or it is
    /// damaged.
    Torn,
    /// A frame that was synced is damaged: what lies behind it would be lost.
    Damaged,
}

type Sums = (u32, u32);

/// How the checksums of a log are made.
#[derive(Clone, Copy)]
struct Summing {
    big_endian: bool,
}

impl Summing {
    fn over(self, (mut one, mut two): Sums, bytes: &[u8]) -> Sums {
        for pair in bytes.chunks_exact(8) {
            one = one.wrapping_add(self.word(&pair[..4])).wrapping_add(two);
            two = two.wrapping_add(self.word(&pair[4..])).wrapping_add(one);
        }
        (one, two)
    }

    fn word(self, bytes: &[u8]) -> u32 {
        let word = big(bytes);
        if self.big_endian { word } else { word.swap_bytes() }
    }
}

fn big(bytes: &[u8]) -> u32 {
    bytes[..4].iter().fold(0, |word, &byte| word << 8 | u32::from(byte))
}

fn sums(bytes: &[u8]) -> Sums {
    (big(bytes), big(&bytes[4..]))
}

/// Reads the log at `path` from its beginning to its end.
pub(super) fn look(path: &Path) -> std::io::Result<End> {
    let file = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(End::Whole),
        file => file?,
    };
    let mut log = BufReader::with_capacity(1 << 20, file);
    let mut header = [0; HEADER_BYTES];
    if !fill(&mut log, &mut header)? {
        return Ok(End::Whole);
    }
    let summing = Summing { big_endian: header[3] & 1 == 1 };
    let is_sound = summing.over((0, 0), &header[..24]) == sums(&header[24..]) && big(&header) & !1 == MAGIC;
    let page_bytes = big(&header[8..]);
    if !is_sound {
        // The header of a log is synced before anything is written behind it. Ours have pages of one size.
        let page_bytes = super::connection::PAGE_BYTES;
        let summing = Summing { big_endian: cfg!(target_endian = "big") };
        return frames(&mut log, page_bytes, summing, None);
    }
    if !PAGE_BYTES.contains(&page_bytes) {
        return Ok(End::Whole);
    }
    frames(&mut log, page_bytes, summing, Some((&header[16..24], sums(&header[24..]))))
}

/// Goes through the frames; `start` has the salts and the sums that the first one must have. Without it, none can be whole.
fn frames(
    log: &mut impl Read,
    page_bytes: u32,
    summing: Summing,
    start: Option<(&[u8], Sums)>,
) -> std::io::Result<End> {
    let mut frame = vec![0; FRAME_HEADER_BYTES + page_bytes as usize];
    let (mut salts, mut expected) = (start.map(|(salts, _)| salts.to_vec()), start.map(|(_, sums)| sums));
    // What the last frame says its sums are, and whether it is the end of a transaction.
    let mut before: Option<(Sums, bool)> = None;
    let (mut is_broken, mut end) = (start.is_none(), End::Whole);
    while fill(log, &mut frame)? {
        let said = sums(&frame[16..]);
        let over = |from| summing.over(summing.over(from, &frame[..8]), &frame[FRAME_HEADER_BYTES..]);
        let is_of_log = salts.get_or_insert_with(|| frame[8..16].to_vec()).as_slice() == &frame[8..16];
        let is_commit = big(&frame[4..]) != 0;
        if !is_broken {
            let sums = expected.map(over);
            if is_of_log && sums == Some(said) {
                expected = sums;
                continue;
            }
            is_broken = true;
        } else if is_of_log && before.is_some_and(|(sums, was_commit)| was_commit && over(sums) == said) {
            return Ok(End::Damaged);
        }
        if is_of_log && is_commit {
            end = End::Torn;
        }
        before = is_of_log.then_some((said, is_commit));
    }
    Ok(end)
}

/// Fills the buffer, or finds that the log ends before.
fn fill(log: &mut impl Read, buffer: &mut [u8]) -> std::io::Result<bool> {
    match log.read_exact(buffer) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}
