//! The engine on PostgreSQL passes the suite of all engines on the model of one, and stands what the model lets befall it.

use std::collections::VecDeque;
use std::time::Duration;

use onsale_journal::conformance::Subject;
use onsale_journal::postgres::Journal;
use onsale_journal::postgres::model::{Client, Database, Fate, Operation};
use onsale_journal::{
    Checkpoint, Damage, Entry, Error, Head, Journal as _, Limit, Tail as _, Vote, Votes as _, conformance,
};
use onsale_postgres::Kind;

struct Store {
    database: Database,
    /// Whether journals take themselves for the only one, and so append behind their own last entry first.
    alone: bool,
}

impl Store {
    fn new() -> Self {
        Self { database: Database::new(1), alone: false }
    }

    fn alone() -> Self {
        Self { alone: true, ..Self::new() }
    }

    fn journal(&self, node: u64) -> Journal<Client> {
        let journal = Journal::open(&self.database.client(node)).expect("a journal");
        if self.alone {
            journal.tail().behind(journal.head(), Limit::default()).expect("a look around");
        }
        journal
    }

    /// What becomes of the next appends; all that follows passes.
    fn appends(&self, fates: impl Into<VecDeque<Fate>>) {
        let mut fates = fates.into();
        self.database.decide(move |step| match step.operation {
            Operation::Append => fates.pop_front().unwrap_or(Fate::Pass),
            _ => Fate::Pass,
        });
    }

    /// Who appended what, in order.
    fn entries(&self) -> Vec<(u64, Vec<u8>)> {
        let journal = Journal::open(&self.database.client(99)).expect("a journal");
        let entries = journal.reader().and_then(|mut reader| reader.read_from(1, Limit::default())).expect("a chain");
        entries.into_iter().map(|Entry { number, payload, .. }| (number, payload)).collect()
    }
}

impl Subject for Store {
    fn open(&self) -> Result<Box<dyn onsale_journal::Journal>, Error> {
        let journal = Journal::open(&self.database.client(1))?;
        if self.alone {
            journal.tail().behind(journal.head(), Limit::default())?;
        }
        Ok(Box::new(journal))
    }

    fn damage(&self, damage: Damage) {
        self.database.damage(damage);
    }
}

conformance!(Store::new());

mod alone {
    use super::{Store, conformance};

    conformance!(Store::alone());
}

fn of(numbers: &[u64]) -> Vec<(u64, Vec<u8>)> {
    numbers.iter().map(|number| (*number, number.to_le_bytes().to_vec())).collect()
}

fn append(journal: &mut Journal<Client>, number: u64) -> Result<Head, Error> {
    journal.append(number, &number.to_le_bytes())
}

/// Whatever becomes of the first try, the entry is in once, at the place that is answered.
#[test]
fn an_append_that_is_tried_again_is_in_once() {
    let fates =
        [Fate::Lose, Fate::LoseAnswer, Fate::Late, Fate::Wait, Fate::Refuse(Kind::Again), Fate::Refuse(Kind::Gone)];
    for store in [Store::new, Store::alone] {
        for fate in fates {
            let store = store();
            let mut journal = store.journal(1);
            append(&mut journal, 1).expect("an append");
            store.appends([fate]);
            assert_eq!(append(&mut journal, 2).expect("an append").seq, 2, "{fate:?}");
            store.database.go_on(|_| true);
            assert_eq!(append(&mut journal, 3).expect("an append").seq, 3, "{fate:?}");
            assert_eq!(store.entries(), of(&[1, 2, 3]), "{fate:?}");
        }
    }
}

/// Where no try is answered nobody knows; the next append that succeeds decides it, and finds its place behind it.
#[test]
fn an_append_that_nobody_answered_is_decided_by_the_next() {
    for store in [Store::new, Store::alone] {
        for (fate, numbers) in
            [(Fate::Lose, vec![1, 3]), (Fate::LoseAnswer, vec![1, 2, 3]), (Fate::Late, vec![1, 2, 3])]
        {
            let store = store();
            let mut journal = store.journal(1);
            append(&mut journal, 1).expect("an append");
            let mut is_first = true;
            store.database.decide(move |step| match step.operation {
                Operation::Append if std::mem::take(&mut is_first) => fate,
                Operation::Connect if !is_first => Fate::Refuse(Kind::Gone),
                _ => Fate::Pass,
            });
            let unknown = append(&mut journal, 2).expect_err("no answer");
            assert!(matches!(unknown, Error::Unknown { .. }), "{fate:?}: {unknown}");
            let spent = store.database.take_spent();
            assert!((3..6).contains(&spent.as_secs()), "{fate:?}: {spent:?}");
            store.appends([]);
            store.database.go_on(|_| true);
            assert_eq!(append(&mut journal, 3).expect("an append").seq, numbers.len() as u64, "{fate:?}");
            assert_eq!(store.entries(), of(&numbers), "{fate:?}");
        }
    }
}

/// A try that arrives behind the next entry is let in no more.
#[test]
fn a_late_try_is_let_in_nowhere_else() {
    for fate in [Fate::Late, Fate::Wait] {
        for store in [Store::new(), Store::alone()] {
            let (mut one, mut other) = (store.journal(1), store.journal(2));
            append(&mut one, 1).expect("an append");
            let mut is_late = false;
            store.database.decide(move |step| match step.operation {
                Operation::Append if step.node == 1 && !is_late => {
                    is_late = true;
                    fate
                }
                Operation::Connect if step.node == 1 => Fate::Refuse(Kind::Gone),
                _ => Fate::Pass,
            });
            assert!(matches!(append(&mut one, 2), Err(Error::Unknown { .. })));
            append(&mut other, 7).expect("an append");
            store.appends([]);
            assert_eq!(append(&mut one, 3).expect("an append").seq, 3);
            assert_eq!(store.database.withheld().len(), 1);
            store.database.go_on(|_| true);
            assert_eq!(store.entries().len(), 3);
        }
    }
}

/// It looked when its node's entry was the last one. Since then another came behind that, and is truncated already.
#[test]
fn a_late_try_is_not_let_in_where_a_truncated_entry_was() {
    let store = Store::alone();
    let (mut one, mut other) = (store.journal(1), store.journal(2));
    append(&mut one, 1).expect("an append");
    let mut is_late = false;
    store.database.decide(move |step| match step.operation {
        Operation::Append if step.node == 1 && !std::mem::replace(&mut is_late, true) => Fate::Wait,
        Operation::Connect if step.node == 1 => Fate::Refuse(Kind::Gone),
        _ => Fate::Pass,
    });
    assert!(matches!(append(&mut one, 2), Err(Error::Unknown { .. })));
    let Head { seq, time_ms, hash } = append(&mut other, 1).expect("an append");
    other.truncate(&Checkpoint { seq, time_ms, hash, fingerprint: 1 }).expect("a truncation");
    store.database.go_on(|_| true);
    let head = other.reader().and_then(|mut reader| reader.head()).expect("a head");
    assert_eq!(head, Head { seq, time_ms, hash }, "nothing is in its place");
    store.appends([]);
    assert_eq!(append(&mut other, 2).expect("an append").seq, 3);
}

/// Nothing is written where there is no room, and the same number is appended when there is.
#[test]
fn a_full_disk_is_a_clean_refusal() {
    let store = Store::new();
    let mut journal = store.journal(1);
    store.database.set_full(true);
    assert!(matches!(append(&mut journal, 1), Err(Error::Full)));
    store.database.set_full(false);
    assert_eq!(append(&mut journal, 1).expect("an append").seq, 1);
}

/// Who cannot be reached takes nothing, at once.
#[test]
fn a_database_that_is_away_takes_nothing() {
    let store = Store::new();
    let mut journal = store.journal(1);
    append(&mut journal, 1).expect("an append");
    store.database.set_away(true);
    store.database.set_now(Duration::from_secs(10));
    assert!(matches!(journal.probe_if_idle(), Err(Error::Unavailable { .. })));
    assert!(matches!(append(&mut journal, 2), Err(Error::Unavailable { .. })));
    store.database.set_away(false);
    assert_eq!(append(&mut journal, 2).expect("an append").seq, 2);
}

/// A commit that stalls is seen by nobody and holds up all; a crash decides it.
#[test]
fn a_crash_decides_what_had_stalled() {
    for is_durable in [false, true] {
        let store = Store::new();
        let (mut one, mut other) = (store.journal(1), store.journal(2));
        append(&mut one, 1).expect("an append");
        let mut is_stalled = false;
        store.database.decide(move |step| match step.operation {
            Operation::Append if !std::mem::replace(&mut is_stalled, true) => Fate::Stall { is_durable },
            _ => Fate::Pass,
        });
        assert!(matches!(append(&mut one, 2), Err(Error::Unknown { .. })));
        assert!(matches!(append(&mut other, 1), Err(Error::Unknown { .. })));
        assert!(store.database.withheld().len() >= 3 && store.database.withheld()[0].is_committed);
        store.database.crash();
        let expected = if is_durable { 3 } else { 2 };
        assert_eq!(append(&mut one, 3).expect("an append").seq, expected);
        assert_eq!(append(&mut other, 2).expect("an append").seq, expected + 1);
    }
}

/// A node that has seen more than there is does not build on it.
#[test]
fn a_lost_tail_is_found() {
    for store in [Store::new(), Store::alone()] {
        let (mut one, mut other) = (store.journal(1), store.journal(2));
        append(&mut one, 1).expect("an append");
        store.database.settle();
        append(&mut one, 2).expect("an append");
        store.database.promote();
        assert_eq!(append(&mut other, 1).expect("an append").seq, 2, "it knows of no loss");
        let found = append(&mut one, 3).expect_err("another history");
        assert!(matches!(found, Error::Corrupt { .. }), "{found}");
    }
}

/// An older copy in the database's place is found by who follows too.
#[test]
fn an_older_copy_is_found_by_a_tail() {
    let store = Store::new();
    let (mut one, other) = (store.journal(1), store.journal(2));
    let (copy, known) = (store.database.copy(), append(&mut one, 1).expect("an append"));
    let mut tail = other.tail();
    assert_eq!(tail.behind(other.head(), Limit::default()).expect("a read").entries.len(), 1);
    store.database.restore(copy);
    assert!(matches!(tail.behind(known, Limit::default()), Err(Error::Unavailable { .. })), "its session is gone");
    assert!(matches!(tail.behind(known, Limit::default()), Err(Error::Corrupt { .. })));
}

/// A tail hears of what others append, and has all of it by reading on.
#[test]
fn a_tail_hears_of_others() {
    let store = Store::new();
    let (mut one, other) = (store.journal(1), store.journal(2));
    let (mut tail, known) = (other.tail(), other.head());
    assert!(tail.behind(known, Limit::default()).expect("a read").entries.is_empty());
    append(&mut one, 1).expect("an append");
    tail.wait(Duration::from_secs(5));
    assert_eq!(store.database.take_spent(), Duration::ZERO, "it was woken");
    assert_eq!(tail.behind(known, Limit::default()).expect("a read").entries.len(), 1);
    tail.wait(Duration::from_secs(5));
    assert_eq!(store.database.take_spent(), Duration::from_secs(5));
}

/// Nobody waits for a vote to be durable, and a crash takes back the last.
#[test]
fn votes_are_counted_and_not_waited_for() {
    let store = Store::new();
    let (mut one, other) = (store.journal(1), store.journal(2));
    let at = append(&mut one, 1).expect("an append");
    let (mut mine, mut theirs) = (one.tail(), other.tail());
    let vote = |node, fingerprint| Vote { node, fingerprint };
    assert_eq!(mine.vote(&at, 7).expect("votes"), [vote(one.node(), 7)]);
    assert_eq!(theirs.vote(&at, 8).expect("votes"), [vote(one.node(), 7), vote(other.node(), 8)]);
    assert_eq!(theirs.vote(&at, 7).expect("votes").len(), 2, "said once and for all");
    store.database.crash();
    assert!(mine.votes(1).is_err(), "the session is gone");
    assert_eq!(mine.votes(1).expect("votes"), []);
}

/// A node that has not heard yet of a loss votes on what it has come to: those who come to that number anew must not be told.
#[test]
fn a_vote_on_an_entry_that_was_lost_is_not_cast() {
    let store = Store::new();
    let mut one = store.journal(1);
    let copy = store.database.copy();
    let lost = append(&mut one, 1).expect("an append");
    store.database.restore(copy);
    let mut tail = one.tail();
    assert_eq!(tail.vote(&lost, 7).expect("votes"), []);
    let mut other = store.journal(2);
    let at = other.append(1, b"another").expect("an append");
    assert_eq!(at.seq, lost.seq);
    assert_eq!(tail.vote(&lost, 7).expect("votes"), []);
    assert_eq!(other.tail().vote(&at, 8).expect("votes"), [Vote { node: other.node(), fingerprint: 8 }]);
}

/// Readers whose entries are truncated under them say so, and appends go on.
#[test]
fn a_truncation_at_any_moment_is_told() {
    for store in [Store::new(), Store::alone()] {
        let (mut one, mut other) = (store.journal(1), store.journal(2));
        let heads: Vec<_> = (1..=5).map(|number| append(&mut one, number).expect("an append")).collect();
        let Head { seq, time_ms, hash } = heads[3];
        other.truncate(&Checkpoint { seq, time_ms, hash, fingerprint: 1 }).expect("a truncation");
        let behind = one.tail().behind(heads[0], Limit::default()).map(|read| read.entries.len());
        assert!(matches!(behind, Err(Error::Truncated { .. })), "{behind:?}");
        assert_eq!(append(&mut one, 6).expect("an append").seq, 6);
    }
}

/// Who compacts may die between the seal and the deletion. What is sealed is not read any more, and where a node stands there
/// that is not the journal's end.
#[test]
fn what_is_sealed_and_not_deleted_is_truncated_for_who_has_fallen_behind() {
    let store = Store::new();
    let (mut one, mut other) = (store.journal(1), store.journal(2));
    let heads: Vec<_> = (1..=30).map(|number| append(&mut one, number).expect("an append")).collect();
    let Head { seq, time_ms, hash } = heads[10];
    store.database.decide(|step| match step.operation {
        Operation::DeletePiece => Fate::Refuse(Kind::Gone),
        _ => Fate::Pass,
    });
    other.truncate(&Checkpoint { seq, time_ms, hash, fingerprint: 1 }).expect_err("nobody is there to delete");
    let behind = one.tail().behind(heads[0], Limit::default()).map(|read| (read.entries.len(), read.is_all));
    assert!(matches!(behind, Err(Error::Truncated { .. })), "{behind:?}");
    // And at the checkpoint it goes on.
    let behind = one.tail().behind(heads[10], Limit::default()).map(|read| (read.entries.len(), read.is_all));
    assert_eq!(behind.expect("entries"), (19, true));
}

/// The same calls give the same journal.
#[test]
fn the_same_is_done_twice() {
    let run = || {
        let store = Store::new();
        let mut journals = [store.journal(1), store.journal(2)];
        let mut count = 0;
        store.database.decide(move |step| {
            count += 1;
            if step.operation == Operation::Append && count % 3 == 0 { Fate::LoseAnswer } else { Fate::Pass }
        });
        let numbers = (1..=20).zip([0, 1, 1].into_iter().cycle());
        let heads: Vec<_> = numbers.map(|(number, node)| append(&mut journals[node], number).ok()).collect();
        (heads, store.database.take_spent())
    };
    assert_eq!(run(), run());
}
