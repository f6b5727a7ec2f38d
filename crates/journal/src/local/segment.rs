//! Entries of a journal as a file of their own, for a copy that is kept where there are no databases.

use std::ops::ControlFlow;
use std::path::Path;

use rusqlite::TransactionBehavior;

use super::connection::{self, reading, writing};
use super::copy::{self, Copy};
use super::store::Store;
use super::{truncate, verify};
use crate::{Error, Hash, Head, Link, Verifier};

/// Begins a segment: what it is, and in which form.
const MARK: &[u8; 16] = b"onsale journal 1";
/// An entry's time, node, number, hash and the length of its payload, which follows.
const ENTRY_BYTES: usize = 8 + 8 + 8 + 32 + 4;

/// A journal that others may be appending to: what begins it, and where it ends.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Whose it is.
    pub store_id: u64,
    /// The place behind which entries are kept: where it was last truncated, or genesis.
    pub begins: Head,
    /// The last entry, as it is stored.
    pub ends: Head,
}

impl Bounds {
    /// Looks at the journal of `dir`, which need not be at rest.
    ///
    /// # Errors
    /// [`Error::Format`] if there is no journal of ours; [`Error::Corrupt`]; [`Error::Io`].
    pub fn of(dir: &Path) -> Result<Self, Error> {
        let conn = connection::reader(dir)?;
        let store = Store::known(dir, &conn)?;
        let view = conn.unchecked_transaction().map_err(|source| reading(1, "reading the journal", source))?;
        let begins = truncate::base(&view, &store)?;
        Ok(Self { store_id: store.id, begins, ends: verify::last(&view, begins)? })
    }
}

/// Entries of a journal that follow each other, verified, in bytes that tell them all.
#[derive(Debug)]
pub struct Segment {
    /// The last of them.
    pub last: Head,
    /// All of them.
    pub bytes: Vec<u8>,
}

/// What a journal has behind a place.
#[derive(Debug)]
pub enum Behind {
    /// No entry.
    Nothing,
    /// These, as many as there was to be room for.
    Entries(Segment),
    /// It was truncated since, so that another copy has to be made.
    Truncated,
    /// It is another store's.
    OtherStore,
    /// It does not have that place: one of the two went on after the other was restored.
    OtherHistory,
}

/// Reads and verifies what the journal in `dir` has behind `copied.ends`: at least an entry, and else no more than `bytes` of them,
/// none behind `seq_last`. Whoever appends is not kept waiting.
///
/// # Errors
/// [`Error::Format`] if there is no journal of ours; [`Error::Corrupt`] with the first bad entry; [`Error::Io`].
pub fn behind(dir: &Path, copied: &Bounds, seq_last: u64, bytes: usize) -> Result<Behind, Error> {
    copy::check_log(dir)?;
    let conn = connection::reader(dir)?;
    let store = Store::known(dir, &conn)?;
    if store.id != copied.store_id {
        return Ok(Behind::OtherStore);
    }
    // One view, so that the checkpoint and the entries belong together.
    let view = conn.unchecked_transaction().map_err(|source| reading(1, "reading the journal", source))?;
    let (begins, at) = (truncate::base(&view, &store)?, copied.ends);
    if begins != copied.begins {
        return Ok(Behind::Truncated);
    }
    if at != begins && verify::at(&view, at.seq)? != Some(at) {
        return Ok(Behind::OtherHistory);
    }
    let mut segment = Segment { last: at, bytes: MARK.to_vec() };
    verify::walk(&view, at, |link, hash| {
        let is_room = segment.last == at || segment.bytes.len() + ENTRY_BYTES + link.payload.len() <= bytes;
        if !is_room || link.seq > seq_last {
            return ControlFlow::Break(());
        }
        write(&mut segment.bytes, link, hash);
        segment.last = Head { seq: link.seq, time_ms: link.time_ms, hash };
        ControlFlow::Continue(())
    })?;
    Ok(if segment.last == at { Behind::Nothing } else { Behind::Entries(segment) })
}

impl Copy {
    /// Appends what a segment has to the copy's journal, verified against it, in one transaction.
    ///
    /// # Errors
    /// [`Error::Corrupt`] with the first entry that is not what was copied; [`Error::Full`]; [`Error::Io`].
    pub fn append(&self, segment: &[u8]) -> Result<Head, Error> {
        let dir = self.dir();
        let mut conn = connection::writer(dir)?;
        let store = Store::known(dir, &conn)?;
        let base = truncate::base(&conn, &store)?;
        let mut chain = Verifier::new(verify::last(&conn, base)?);
        let torn = |seq| Error::corrupt(seq, "what was copied of it is torn, or not a copy");
        let mut rest = segment.strip_prefix(MARK).ok_or_else(|| torn(chain.head().seq + 1))?;
        let added =
            conn.transaction_with_behavior(TransactionBehavior::Immediate).map_err(|source| writing(&source))?;
        while !rest.is_empty() {
            let seq = chain.head().seq + 1;
            let (link, hash) = read(&mut rest, seq).ok_or_else(|| torn(seq))?;
            chain.next(&link, hash)?;
            copy::insert(&added, &link, hash).map_err(|source| writing(&source))?;
        }
        added.commit().map_err(|source| writing(&source))?;
        Ok(chain.head())
    }
}

fn write(bytes: &mut Vec<u8>, link: &Link<'_>, hash: Hash) {
    let Link { time_ms, node, number, payload, .. } = *link;
    for value in [time_ms, node, number] {
        bytes.extend_from_slice(&value.to_le_bytes());
    }
    bytes.extend_from_slice(hash.as_bytes());
    // No payload is longer than the journal takes.
    bytes.extend_from_slice(&(payload.len() as u32).to_le_bytes());
    bytes.extend_from_slice(payload);
}

fn read<'a>(bytes: &mut &'a [u8], seq: u64) -> Option<(Link<'a>, Hash)> {
    let mut number = || bytes.split_off(..8).map(|read| u64::from_le_bytes(read.try_into().expect("eight bytes")));
    let [time_ms, node, count] = [number()?, number()?, number()?];
    let hash: [u8; 32] = bytes.split_off(..32)?.try_into().ok()?;
    let length = u32::from_le_bytes(bytes.split_off(..4)?.try_into().ok()?);
    let payload = bytes.split_off(..usize::try_from(length).ok()?)?;
    Some((Link { seq, time_ms, node, number: count, payload }, Hash::from(hash)))
}

#[cfg(test)]
mod tests {
    use rusqlite::params;

    use super::*;
    use crate::Journal as _;
    use crate::local::Journal;

    const ALL: u64 = u64::MAX;

    fn store() -> (tempfile::TempDir, Journal) {
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::open(dir.path()).unwrap();
        (dir, journal)
    }

    fn append(journal: &mut Journal, numbers: impl IntoIterator<Item = u64>) {
        for number in numbers {
            journal.append(number, &number.to_le_bytes()).unwrap();
        }
    }

    fn entries(dir: &Path, copied: &Bounds, seq_last: u64, bytes: usize) -> Segment {
        match behind(dir, copied, seq_last, bytes).unwrap() {
            Behind::Entries(segment) => segment,
            other => panic!("{other:?}"),
        }
    }

    /// A copy of what there is.
    fn copy_of(dir: &Path) -> (tempfile::TempDir, Copy) {
        let to = tempfile::tempdir().unwrap();
        let copy = Copy::own(to.path()).unwrap();
        copy.fill(dir).unwrap();
        (to, copy)
    }

    #[test]
    fn a_copy_that_gets_all_segments_is_the_journal() {
        let (dir, mut journal) = store();
        append(&mut journal, 1..=3);
        let (to, copy) = copy_of(dir.path());
        let mut at = Bounds::of(to.path()).unwrap();
        assert!(matches!(behind(dir.path(), &at, ALL, 1_000), Ok(Behind::Nothing)));
        append(&mut journal, 4..=40);
        // An entry where there is room for none, as many as there is room for, and none behind the last that is wanted.
        let mut sizes = Vec::new();
        for (seq_last, bytes) in [(ALL, 1), (ALL, 3 * (ENTRY_BYTES + 8) + 16), (20, 1_000_000), (ALL, 1_000_000)] {
            let segment = entries(dir.path(), &at, seq_last, bytes);
            assert_eq!(copy.append(&segment.bytes).unwrap(), segment.last);
            sizes.push(segment.last.seq - at.ends.seq);
            at.ends = segment.last;
        }
        assert_eq!(sizes, [1, 3, 13, 20]);
        assert_eq!(at.ends, journal.head());
        assert_eq!(Bounds::of(to.path()).unwrap().ends, journal.head());
    }

    #[test]
    fn what_is_not_what_was_copied_is_not_appended() {
        let (dir, mut journal) = store();
        append(&mut journal, 1..=3);
        let (to, copy) = copy_of(dir.path());
        let at = Bounds::of(to.path()).unwrap();
        append(&mut journal, 4..=9);
        let segment = entries(dir.path(), &at, ALL, 10_000).bytes;
        for nth in 0..segment.len() {
            let mut turned = segment.clone();
            turned[nth] ^= 1;
            assert!(matches!(copy.append(&turned), Err(Error::Corrupt { .. })), "byte {nth}");
        }
        // Cut between two entries it is whole, and another's next one would not follow.
        for length in (0..segment.len()).filter(|length| length % (ENTRY_BYTES + 8) != MARK.len() % (ENTRY_BYTES + 8)) {
            assert!(matches!(copy.append(&segment[..length]), Err(Error::Corrupt { .. })), "{length} bytes");
        }
        assert_eq!(Bounds::of(to.path()).unwrap().ends, at.ends, "nothing of them is there");
        copy.append(&segment).unwrap();
        assert!(copy.append(&segment).is_err(), "it is there already");
    }

    #[test]
    fn nothing_is_copied_of_another_store_another_history_or_a_damaged_one() {
        let (dir, mut journal) = store();
        append(&mut journal, 1..=3);
        let (to, copy) = copy_of(dir.path());
        let at = Bounds::of(to.path()).unwrap();
        drop(copy);
        let (other, _journal) = store();
        assert!(matches!(behind(other.path(), &at, ALL, 1), Ok(Behind::OtherStore)));
        // Both go on.
        append(&mut journal, 4..=4);
        let further = Bounds::of(dir.path()).unwrap();
        let mut restored = Journal::open(to.path()).unwrap();
        assert!(matches!(behind(to.path(), &further, ALL, 1), Ok(Behind::OtherHistory)));
        append(&mut restored, [70, 71]);
        assert!(matches!(behind(to.path(), &further, ALL, 1), Ok(Behind::OtherHistory)));
        drop(journal);
        let conn = rusqlite::Connection::open(dir.path().join(crate::local::FILE)).unwrap();
        conn.execute("update entry set payload = ?1 where seq = 4", params![&b"other"[..]]).unwrap();
        assert!(matches!(behind(dir.path(), &at, ALL, 1), Err(Error::Corrupt { seq: 4, .. })));
    }
}
