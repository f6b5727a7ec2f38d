//! A journal that is not what was written is never taken for one that is.

use super::{Damage, Subject, append_all, open, read_all, reader, truncating};
use crate::{Error, Head};

const ENTRIES: u64 = 30;

/// Whatever is edited in whichever entry, that entry is named.
pub fn edits_are_found(subject: &dyn Subject) {
    write(subject);
    for (damage, seq) in [
        // From the end on, as the first bad entry is the one that is named.
        (Damage::Hash(30), 30),
        (Damage::Number(25), 25),
        (Damage::Node(20), 20),
        (Damage::Time(15), 15),
        (Damage::Payload(10), 10),
        (Damage::Payload(1), 1),
    ] {
        subject.damage(damage);
        assert_eq!(first_bad(subject, 1), Some(seq), "{damage:?}");
    }
}

/// A hole is named by the entry that should fill it.
pub fn a_missing_entry_is_found(subject: &dyn Subject) {
    write(subject);
    subject.damage(Damage::Delete(17));
    assert_eq!(first_bad(subject, 1), Some(17));
}

/// The chain begins at genesis, not at whatever comes first.
pub fn a_missing_first_entry_is_found(subject: &dyn Subject) {
    write(subject);
    subject.damage(Damage::Delete(1));
    assert_eq!(first_bad(subject, 1), Some(1));
}

/// Two good entries in each other's place are two bad ones.
pub fn swapped_entries_are_found(subject: &dyn Subject) {
    write(subject);
    subject.damage(Damage::Swap(8, 9));
    assert_eq!(first_bad(subject, 1), Some(8));
}

/// The chain alone cannot miss its own end: whoever has seen more can.
pub fn a_cut_tail_is_found_by_what_is_known_of_it(subject: &dyn Subject) {
    let appended = write(subject);
    subject.damage(Damage::CutAfter(20));
    let journal = open(subject);
    assert_eq!(journal.head(), appended[19]);
    let mut reader = reader(&*journal);
    reader.expect(&appended[19]).unwrap();
    let missed = reader.expect(&appended[24]);
    assert!(matches!(missed, Err(Error::Corrupt { seq: 21, .. })), "{missed:?}");
}

/// After a cut, other entries get the same numbers: they are told apart.
pub fn another_history_is_found_by_what_is_known_of_it(subject: &dyn Subject) {
    let appended = write(subject);
    subject.damage(Damage::CutAfter(20));
    let mut journal = open(subject);
    let others = append_all(&mut *journal, 1_000..1_010);
    let mut reader = reader(&*journal);
    assert_eq!(others[9].seq, ENTRIES);
    reader.expect(&others[9]).unwrap();
    let missed = reader.expect(&appended[24]);
    assert!(matches!(missed, Err(Error::Corrupt { seq: 25, .. })), "{missed:?}");
}

/// A checkpoint is a start of the chain like genesis.
pub fn damage_behind_a_checkpoint_is_found(subject: &dyn Subject) {
    let appended = write(subject);
    truncating::truncate(&mut *open(subject), appended[9]);
    subject.damage(Damage::Payload(12));
    assert_eq!(first_bad(subject, 11), Some(12));
    subject.damage(Damage::Delete(11));
    assert_eq!(first_bad(subject, 11), Some(11));
}

fn write(subject: &dyn Subject) -> Vec<Head> {
    append_all(&mut *open(subject), 1..=ENTRIES)
}

/// What is found bad when the store is opened or, where an engine does not read all of it then, when it is read.
fn first_bad(subject: &dyn Subject, from: u64) -> Option<u64> {
    match subject.open().and_then(|journal| read_all(&mut *reader(&*journal), from)) {
        Ok(_) => None,
        Err(Error::Corrupt { seq, .. }) => Some(seq),
        Err(error) => panic!("damage gives another error: {error}"),
    }
}
