//! Sealed checkpoints.

use super::{Damage, Subject, append_all, heads, open, read_all, reader};
use crate::{Checkpoint, Error, Head, Journal, Truncated};

/// What lies behind the checkpoint stays, the rest is gone, and a reader that is open says so.
pub fn a_truncated_journal_goes_on_from_its_checkpoint(subject: &dyn Subject) {
    let mut journal = open(subject);
    let mut appended = append_all(&mut *journal, 1..=10);
    let mut early = reader(&*journal);
    assert_eq!(read_all(&mut *early, 1).unwrap().len(), 10);
    let sealed = truncate(&mut *journal, appended[5]);
    assert_gone(&*journal, 6);
    let refused = early.read_from(6, crate::Limit::default());
    assert!(matches!(refused, Err(Error::Truncated { seq: 6, checkpoint_seq: 6 })), "{refused:?}");
    assert_eq!(append_all(&mut *journal, [9]), [appended[8]], "a repetition of what is kept");
    let refused = journal.append(2, &super::payload(2));
    assert!(matches!(refused, Err(Error::Number { number: 2, .. })), "a repetition of what is gone: {refused:?}");
    appended.extend(append_all(&mut *journal, 11..=12));
    drop(journal);

    let mut journal = open(subject);
    assert_eq!(journal.checkpoint(), Some(sealed));
    assert_eq!(journal.head(), appended[11]);
    assert_eq!(heads(&read_all(&mut *reader(&*journal), 7).unwrap()), appended[6..]);
    assert_gone(&*journal, 6);
    assert_eq!(append_all(&mut *journal, [1])[0].seq, 13);
}

/// With everything truncated, the checkpoint is what the next entry is linked to.
pub fn a_truncated_journal_may_be_empty(subject: &dyn Subject) {
    let mut journal = open(subject);
    let appended = append_all(&mut *journal, 1..=4);
    truncate(&mut *journal, appended[3]);
    drop(journal);
    let mut journal = open(subject);
    assert_eq!(journal.head(), appended[3]);
    assert_eq!(reader(&*journal).head().unwrap(), appended[3]);
    assert!(journal.time().now_ms >= appended[3].time_ms);
    let next = append_all(&mut *journal, 1..=2);
    assert_eq!(next[0].seq, 5);
    assert_eq!(heads(&read_all(&mut *reader(&*journal), 5).unwrap()), next);
}

/// Truncation comes back between pieces for appends, and reopening finishes what was left.
pub fn many_entries_go_piece_by_piece(subject: &dyn Subject) {
    let mut journal = open(subject);
    let mut appended = append_all(&mut *journal, 1..=1_000);
    let sealed = sealed(appended[899]);
    assert_eq!(journal.truncate(&sealed).unwrap(), Truncated::Partly);
    assert_gone(&*journal, 900);
    appended.extend(append_all(&mut *journal, [1_001]));
    drop(journal);
    let mut journal = open(subject);
    assert_eq!(heads(&read_all(&mut *reader(&*journal), 901).unwrap()), appended[900..]);
    assert_eq!(journal.truncate(&sealed).unwrap(), Truncated::Done);
}

/// A checkpoint with another hash, with another time, or of an entry to come is refused and changes nothing.
pub fn a_checkpoint_must_be_in_the_journal(subject: &dyn Subject) {
    let mut journal = open(subject);
    let appended = append_all(&mut *journal, 1..=3);
    let good = sealed(appended[1]);
    for wrong in [
        Checkpoint { hash: appended[0].hash, ..good },
        Checkpoint { time_ms: good.time_ms + 1, ..good },
        Checkpoint { seq: 4, ..good },
        sealed(crate::genesis(journal.store_id())),
    ] {
        let refused = journal.truncate(&wrong);
        assert!(matches!(refused, Err(Error::Checkpoint { seq, .. }) if seq == wrong.seq), "{refused:?}");
    }
    assert_eq!(journal.checkpoint(), None);
    assert_eq!(heads(&read_all(&mut *reader(&*journal), 1).unwrap()), appended);
}

/// The same again is fine, a later one replaces it, an earlier or a different one is refused.
pub fn checkpoints_only_move_forward(subject: &dyn Subject) {
    let mut journal = open(subject);
    let appended = append_all(&mut *journal, 1..=9);
    let first = truncate(&mut *journal, appended[3]);
    assert_eq!(journal.truncate(&first).unwrap(), Truncated::Done);
    for wrong in [sealed(appended[2]), Checkpoint { fingerprint: 1, ..first }] {
        assert!(matches!(journal.truncate(&wrong), Err(Error::Checkpoint { .. })));
    }
    let second = truncate(&mut *journal, appended[6]);
    assert_eq!(journal.checkpoint(), Some(second));
    assert_gone(&*journal, 7);
}

/// Nothing is left to hash before a checkpoint, so it has a seal of its own.
pub fn an_edited_checkpoint_is_found(subject: &dyn Subject) {
    let mut journal = open(subject);
    let appended = append_all(&mut *journal, 1..=3);
    truncate(&mut *journal, appended[1]);
    drop(journal);
    subject.damage(Damage::Checkpoint);
    let found = subject.open().map(|journal| journal.head());
    assert!(matches!(found, Err(Error::Corrupt { seq: 2, .. })), "{found:?}");
}

pub(super) fn truncate(journal: &mut dyn Journal, at: Head) -> Checkpoint {
    let sealed = sealed(at);
    while journal.truncate(&sealed).unwrap() == Truncated::Partly {}
    assert_eq!(journal.checkpoint(), Some(sealed));
    sealed
}

fn sealed(at: Head) -> Checkpoint {
    Checkpoint { seq: at.seq, time_ms: at.time_ms, hash: at.hash, fingerprint: u64::MAX - at.seq }
}

fn assert_gone(journal: &dyn Journal, upto: u64) {
    let mut reader = reader(journal);
    for seq in [0, 1, upto] {
        let refused = reader.read_from(seq, crate::Limit::default());
        let gone = matches!(refused, Err(Error::Truncated { checkpoint_seq, .. }) if checkpoint_seq == upto);
        assert!(gone, "reading from {seq}: {refused:?}");
    }
    let refused = reader.find(upto - 1);
    assert!(matches!(refused, Err(Error::Truncated { .. })), "{refused:?}");
}
