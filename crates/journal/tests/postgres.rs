//! The engine on PostgreSQL passes the suite of all engines, on a real server.

use std::time::{Duration, Instant};

use onsale_journal::conformance::{Damage, Subject};
use onsale_journal::{Checkpoint, Error, Head, Journal, Limit, conformance, postgres};
use onsale_postgres::Target;
use onsale_testkit::postgres::{Database, Session};

struct Store {
    database: Database,
    target: Target,
    /// Whether journals take themselves for the only one, and so append behind their own last entry first.
    alone: bool,
}

impl Store {
    fn new() -> Self {
        let database = Database::fresh();
        let target = Target::parse(database.url(), None).expect("a connection string");
        Self { database, target, alone: false }
    }

    fn alone() -> Self {
        Self { alone: true, ..Self::new() }
    }

    /// A journal finds out whether others listen when its tail looks; this one's goes away, and no other is there.
    fn look_around(&self, journal: &postgres::Journal) -> Result<(), Error> {
        let until = Instant::now() + Duration::from_secs(30);
        let listening = "select count(*) from pg_stat_activity where application_name = 'onsale tail'
            and datname = current_database()";
        while self.database.run(listening).trim() != "0" {
            assert!(Instant::now() < until, "a session does not end");
            std::thread::sleep(Duration::from_millis(5));
        }
        journal.tail().behind(journal.head(), Limit::default()).map(drop)
    }
}

impl Subject for Store {
    fn open(&self) -> Result<Box<dyn Journal>, Error> {
        let journal = postgres::Journal::open(&self.target)?;
        if self.alone {
            self.look_around(&journal)?;
        }
        Ok(Box::new(journal))
    }

    fn damage(&self, damage: Damage) {
        let edit = |columns: &str, seq: u64| format!("update journal_entry set {columns} where seq = {seq};");
        let sql = match damage {
            Damage::Payload(seq) => edit("payload = convert_to(upper(convert_from(payload, 'UTF8')), 'UTF8')", seq),
            Damage::Time(seq) => edit("time_ms = time_ms + 1", seq),
            Damage::Node(seq) => edit("node = ~node", seq),
            Damage::Number(seq) => edit("number = ~number", seq),
            Damage::Hash(seq) => edit("hash = substr(hash, 2) || substr(hash, 1, 1)", seq),
            Damage::Delete(seq) => format!("delete from journal_entry where seq = {seq};"),
            Damage::Swap(one, other) => format!(
                "update journal_entry set seq = -1 where seq = {one};
                 update journal_entry set seq = {one} where seq = {other};
                 update journal_entry set seq = {other} where seq = -1;"
            ),
            Damage::CutAfter(seq) => format!("delete from journal_entry where seq > {seq};"),
            Damage::Checkpoint => "update journal_base set fingerprint = ~fingerprint;".to_owned(),
        };
        self.database.run(&sql);
    }
}

conformance!(Store::new());

mod alone {
    use super::{Store, conformance};

    conformance!(Store::alone());
}

/// Whoever waits for the lock must see what its last holder has written.
#[test]
fn nodes_that_append_at_once_make_one_chain() {
    append_at_once(&Store::new());
}

/// A node that has just come is not known to the others yet.
#[test]
fn nodes_that_take_themselves_for_the_only_one_make_one_chain() {
    append_at_once(&Store::alone());
}

fn append_at_once(store: &Store) {
    const NODES: u64 = 4;
    const ENTRIES: u64 = 50;
    let first = store.open().expect("a journal");
    let mut journals: Vec<_> = (0..NODES).map(|_| store.open().expect("a journal")).collect();
    let heads = std::thread::scope(|scope| {
        let append = |journal: &mut Box<dyn Journal>| -> Vec<Head> {
            (1..=ENTRIES).map(|number| journal.append(number, &number.to_le_bytes()).expect("an append")).collect()
        };
        let nodes: Vec<_> = journals.iter_mut().map(|journal| scope.spawn(move || append(journal))).collect();
        nodes.into_iter().flat_map(|node| node.join().expect("no panic")).collect::<Vec<_>>()
    });
    let limit = Limit { entries: usize::MAX, ..Limit::default() };
    let entries = first.reader().and_then(|mut reader| reader.read_from(1, limit)).expect("a whole chain");
    assert_eq!(entries.len() as u64, NODES * ENTRIES);
    assert!(
        heads.iter().all(|head| entries.iter().any(|entry| entry.head() == *head)),
        "an append was answered wrongly"
    );
}

/// While a node truncates all that there is, each time that another has appended, nothing is appended in the place of what is
/// gone.
#[test]
fn a_journal_that_is_truncated_while_others_append_stays_whole() {
    const ENTRIES: u64 = 60;
    for store in [Store::new(), Store::alone()] {
        let (mut one, mut other) = (store.open().expect("a journal"), store.open().expect("a journal"));
        let (sender, appends) = std::sync::mpsc::sync_channel::<Head>(1);
        let truncated = std::thread::scope(|scope| {
            let truncating = scope.spawn(move || {
                let mut places = Vec::new();
                for (head, number) in appends.iter().zip(1..) {
                    let Head { seq, time_ms, hash } = one.append(number, b"until here").expect("an append");
                    places.extend([head.seq, seq]);
                    one.truncate(&Checkpoint { seq, time_ms, hash, fingerprint: 1 }).expect("a truncation");
                }
                places
            });
            for number in 1..=ENTRIES {
                let head = other.append(number, b"whatever becomes of it").expect("an append");
                sender.send(head).expect("somebody truncates");
            }
            drop(sender);
            truncating.join().expect("no panic")
        });
        let mut places = truncated;
        places.sort_unstable();
        assert_eq!(places, (1..=2 * ENTRIES).collect::<Vec<_>>(), "each place was given once");
    }
}

/// Who deletes what a checkpoint covers may take its time.
#[test]
fn appends_do_not_wait_for_a_truncation() {
    for store in [Store::new(), Store::alone()] {
        let mut journal = store.open().expect("a journal");
        journal.append(1, b"before").expect("an append");
        let truncating = "begin; select from journal_store for update; delete from journal_entry where seq = 1;";
        let _truncating = Session::open(store.database.url(), truncating);
        assert_eq!(journal.append(2, b"meanwhile").expect("an append").seq, 2);
        assert_eq!(journal.append(3, b"meanwhile too").expect("an append").seq, 3);
    }
}

/// What was taken away behind a node's back is not built on.
#[test]
fn a_tail_that_is_cut_off_while_a_node_appends_is_found() {
    for store in [Store::new(), Store::alone()] {
        let mut journal = store.open().expect("a journal");
        for number in 1..=3 {
            journal.append(number, b"kept or not").expect("an append");
        }
        store.damage(Damage::CutAfter(2));
        let error = journal.append(4, b"behind what is gone").expect_err("an entry is missing");
        assert!(matches!(error, Error::Corrupt { .. }), "{error}");
    }
}

/// The journal's last entry may be this node's, and yet another one than it has appended.
#[test]
fn an_entry_in_the_place_of_ones_own_is_found() {
    for store in [Store::new(), Store::alone()] {
        let mut journal = store.open().expect("a journal");
        journal.append(1, b"as it was").expect("an append");
        store.damage(Damage::Hash(1));
        let error = journal.append(2, b"behind it").expect_err("another history");
        assert!(matches!(error, Error::Corrupt { .. }), "{error}");
    }
}
