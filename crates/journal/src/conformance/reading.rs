//! What a reader sees.

use std::thread;

use super::{Subject, append_all, heads, open, read_all, reader};
use crate::Limit;

/// Entries and bytes are both limits, and one entry comes in any case.
pub fn limits_are_kept(subject: &dyn Subject) {
    let mut journal = open(subject);
    for number in 1..=10 {
        journal.append(number, &[0; 100]).unwrap();
    }
    let mut reader = reader(&*journal);
    for (entries, bytes, expected) in
        [(3, usize::MAX, 3), (100, usize::MAX, 10), (100, 250, 3), (100, 300, 3), (100, 0, 1), (0, usize::MAX, 1)]
    {
        let read = reader.read_from(1, Limit { entries, bytes }).unwrap();
        assert_eq!(read.len(), expected, "{entries} entries, {bytes} bytes");
    }
}

/// From the first, in the middle, back again, at the end, behind the end.
pub fn reading_starts_anywhere(subject: &dyn Subject) {
    let mut journal = open(subject);
    let appended = append_all(&mut *journal, 1..=20);
    let mut reader = reader(&*journal);
    for seq in [1, 13, 14, 2, 20, 21, 22, 1_000, 0, 19] {
        let entries = read_all(&mut *reader, seq).unwrap();
        let skipped = usize::try_from(seq.saturating_sub(1)).unwrap().min(20);
        assert_eq!(heads(&entries), appended[skipped..], "from {seq}");
    }
}

/// While one appends, another that reads on sees every entry once, in order, and nothing else.
pub fn a_reader_follows_an_appender(subject: &dyn Subject) {
    const ENTRIES: u64 = 400;
    let mut journal = open(subject);
    let mut reader = reader(&*journal);
    let following = thread::spawn(move || {
        let mut seen = Vec::new();
        while seen.len() as u64 != ENTRIES {
            let next = seen.len() as u64 + 1;
            seen.extend(heads(&reader.read_from(next, Limit::default()).unwrap()));
            thread::yield_now();
        }
        seen
    });
    let appended = append_all(&mut *journal, 1..=ENTRIES);
    assert_eq!(following.join().unwrap(), appended);
}

/// Any place that is in the journal is found, and none that is not.
pub fn places_are_found(subject: &dyn Subject) {
    let mut journal = open(subject);
    let genesis = journal.head();
    let appended = append_all(&mut *journal, 1..=3);
    let mut reader = reader(&*journal);
    assert_eq!(reader.find(0).unwrap(), Some(genesis));
    assert_eq!(reader.find(2).unwrap(), Some(appended[1]));
    assert_eq!(reader.find(4).unwrap(), None);
    for known in [genesis, appended[0], appended[2]] {
        reader.expect(&known).unwrap();
    }
}
