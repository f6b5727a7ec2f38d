//! Order, time, chain, and that retried means once.

use super::{Subject, append_all, heads, open, payload, read_all, reader};
use crate::{Error, PAYLOAD_BYTES_MAX, Verifier, genesis};

/// A new store has nothing in it, and its chain begins at its own genesis.
pub fn an_empty_store_is_at_genesis(subject: &dyn Subject) {
    let journal = open(subject);
    let genesis = genesis(journal.store_id());
    assert_eq!(journal.head(), genesis);
    assert_eq!(journal.checkpoint(), None);
    assert_eq!(reader(&*journal).head().unwrap(), genesis);
    assert_eq!(read_all(&mut *reader(&*journal), 1).unwrap(), []);
}

/// Numbers are 1, 2, 3…; times rise or stay, and are the clock's.
pub fn numbers_have_no_gaps_and_times_never_go_back(subject: &dyn Subject) {
    let mut journal = open(subject);
    let before_ms = journal.time().now_ms;
    let appended = append_all(&mut *journal, 1..=50);
    assert!(appended.iter().map(|at| at.seq).eq(1..=50));
    assert!(appended.is_sorted_by_key(|at| at.time_ms));
    assert!(appended[0].time_ms >= before_ms);
    assert!(appended[49].time_ms <= journal.time().now_ms);
    assert_eq!(journal.head(), appended[49]);
}

/// Each entry's hash is that of its contents and of the entry before it, and it is what the append has answered.
pub fn the_chain_links_every_entry(subject: &dyn Subject) {
    let mut journal = open(subject);
    let appended = append_all(&mut *journal, 1..=20);
    let entries = read_all(&mut *reader(&*journal), 1).unwrap();
    assert_eq!(heads(&entries), appended);
    let mut chain = Verifier::new(genesis(journal.store_id()));
    for (entry, number) in entries.iter().zip(1..) {
        chain.next(&entry.link(), entry.hash).unwrap();
        assert_eq!((entry.node, entry.number, &entry.payload), (journal.node(), number, &payload(number)));
    }
    assert_eq!(chain.head(), journal.head());
}

/// The same number again gives the same answer, for the last entry and for an old one, and writes nothing.
pub fn a_repeated_append_is_in_once(subject: &dyn Subject) {
    let mut journal = open(subject);
    append_all(&mut *journal, 1..=3);
    drop(journal);
    let mut journal = open(subject);
    let appended = append_all(&mut *journal, 1..=40);
    assert_eq!(append_all(&mut *journal, (1..=40).rev()), appended.iter().rev().copied().collect::<Vec<_>>());
    assert_eq!(reader(&*journal).head().unwrap(), appended[39]);
    assert_eq!(append_all(&mut *journal, [41])[0].seq, 44);
}

/// A number stands for one payload.
pub fn a_repeated_append_with_another_payload_is_refused(subject: &dyn Subject) {
    let mut journal = open(subject);
    let appended = append_all(&mut *journal, 1..=3);
    for number in [2, 3] {
        let refused = journal.append(number, b"something else");
        assert!(matches!(refused, Err(Error::Number { number: named, .. }) if named == number), "{refused:?}");
    }
    assert_eq!(reader(&*journal).head().unwrap(), appended[2]);
}

/// A node's numbers rise: one that was passed over is neither new nor a repetition.
pub fn numbers_may_be_skipped_and_are_not_taken_later(subject: &dyn Subject) {
    let mut journal = open(subject);
    let appended = append_all(&mut *journal, [5, 10, u64::MAX - 1]);
    for number in [0, 1, 7, 11] {
        let refused = journal.append(number, &payload(number));
        assert!(matches!(refused, Err(Error::Number { number: named, .. }) if named == number), "{refused:?}");
    }
    assert_eq!(append_all(&mut *journal, [10]), [appended[1]]);
    assert_eq!(append_all(&mut *journal, [u64::MAX])[0].seq, 4);
}

/// All is there after reopening; the store is the same, the node is another, whose numbers are its own.
pub fn a_reopened_journal_goes_on(subject: &dyn Subject) {
    let mut journal = open(subject);
    let (store_id, node) = (journal.store_id(), journal.node());
    let mut appended = append_all(&mut *journal, 1..=5);
    drop(journal);
    let mut journal = open(subject);
    assert_eq!(journal.head(), appended[4]);
    assert_eq!(journal.store_id(), store_id);
    assert_ne!(journal.node(), node);
    assert!(journal.time().now_ms >= appended[4].time_ms);
    appended.extend(append_all(&mut *journal, 1..=5));
    let entries = read_all(&mut *reader(&*journal), 1).unwrap();
    assert_eq!(heads(&entries), appended);
    assert!(appended.is_sorted_by_key(|at| at.time_ms));
}

/// Nothing at all, one byte, a page more or less, 8 MiB.
pub fn payloads_of_any_size_come_back(subject: &dyn Subject) {
    let mut journal = open(subject);
    let payloads = [0, 1, 4_000, 4_096, 60_000, 8 << 20]
        .map(|bytes: usize| (0..bytes).map(|at| (at.wrapping_mul(31) >> 3) as u8).collect::<Vec<u8>>());
    for (payload, number) in payloads.iter().zip(1..) {
        journal.append(number, payload).unwrap();
    }
    drop(journal);
    let entries = read_all(&mut *reader(&*open(subject)), 1).unwrap();
    assert!(entries.iter().map(|entry| &entry.payload).eq(&payloads), "a payload has changed");
}

/// It is a refusal like any other: the journal goes on.
pub fn a_payload_over_the_limit_is_refused_and_nothing_is_written(subject: &dyn Subject) {
    let mut journal = open(subject);
    let refused = journal.append(1, &vec![0; PAYLOAD_BYTES_MAX + 1]);
    assert!(matches!(refused, Err(Error::TooLarge { bytes }) if bytes == PAYLOAD_BYTES_MAX + 1), "{refused:?}");
    assert_eq!(append_all(&mut *journal, [1])[0].seq, 1);
}
