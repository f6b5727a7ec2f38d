//! The engine on PostgreSQL passes the suite of all engines, on a real server.

use std::time::{Duration, Instant};

use onsale_journal::conformance::{Damage, Subject};
use onsale_journal::{Checkpoint, Error, Head, Journal, Limit, Link, Tail as _, conformance, postgres};
use onsale_postgres::Target;
use onsale_testkit::Pooler;
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

/// A read that stopped at a limit says nothing of where the journal ends, whichever limit it was.
#[test]
fn a_read_that_was_cut_is_not_the_end() {
    const MIB: usize = 1 << 20;
    let store = Store::new();
    let (reading, mut other) = (postgres::Journal::open(&store.target).expect("a journal"), store.open().expect("one"));
    for number in 1..=20 {
        other.append(number, &vec![7; MIB / 4]).expect("an append");
    }
    let (mut tail, mut known, mut rounds) = (reading.tail(), reading.head(), 0);
    loop {
        let read = tail.behind(known, Limit { entries: 256, bytes: MIB }).expect("a read");
        known = read.entries.last().expect("entries").head();
        rounds += 1;
        assert_eq!(read.is_all, known == other.head(), "after entry {}", known.seq);
        if read.is_all {
            break;
        }
    }
    assert!(rounds > 1, "nothing was cut");
    let few = reading.tail().behind(reading.head(), Limit { entries: 3, bytes: usize::MAX }).expect("a read");
    assert_eq!((few.entries.len(), few.is_all), (3, false));
}

/// The answer to an append was lost, and what it had appended was truncated before the node has appended again.
#[test]
fn an_entry_that_nobody_knew_of_and_that_is_truncated_stops_no_append() {
    for store in [Store::new(), Store::alone()] {
        let (mut one, mut other) = (store.open().expect("a journal"), store.open().expect("a journal"));
        let first = one.append(1, b"known").expect("an append");
        let link = Link { seq: 2, time_ms: first.time_ms, node: one.node(), number: 2, payload: b"unknown" };
        let hash = link.hash(&first.hash);
        store.database.run(&format!(
            "insert into journal_entry values (2, {}, {}, 2, '\\x{hash}', 'unknown')",
            first.time_ms,
            one.node().cast_signed()
        ));
        other.truncate(&Checkpoint { seq: 2, time_ms: first.time_ms, hash, fingerprint: 1 }).expect("a truncation");
        assert_eq!(one.append(3, b"behind it").expect("an append").seq, 3);
        assert_eq!(one.append(4, b"and behind that").expect("an append").seq, 4);
    }
}

/// Only a wait for the standby that was cancelled is a warning against a commit.
#[test]
fn a_warning_beside_a_commit_says_nothing_against_it() {
    let store = Store::new();
    let mut journal = store.open().expect("a journal");
    store.database.run(
        "create function warn() returns trigger language plpgsql as
            $$ begin raise warning 'database must be vacuumed within 39000000 transactions'; return new; end $$;
        create trigger warn after insert on journal_entry for each row execute function warn();",
    );
    for number in 1..=3 {
        assert_eq!(journal.append(number, b"in").expect("an append").seq, number);
    }
}

#[test]
fn a_database_that_cannot_hold_every_title_is_refused() {
    let store = Store::new();
    let name = format!("{}_latin", store.database.name());
    store
        .database
        .run(&format!("create database {name} encoding 'LATIN1' lc_collate 'C' lc_ctype 'C' template template0"));
    let url = store.database.url().replace(store.database.name(), &name);
    let target = Target::parse(&url, None).expect("a connection string");
    let refused = postgres::Journal::open(&target).map(drop).expect_err("an encoding that will not do").to_string();
    assert!(refused.contains("LATIN1") && refused.contains("UTF8"), "{refused}");
}

/// The database's clock steps, for those who connect from now on: forth, back, or to a time that is none. Journal time goes
/// on as it was, for a node that was there before.
#[test]
fn a_database_clock_that_steps_moves_nothing() {
    const HOUR_S: i64 = 3_600;
    for store in [Store::new(), Store::alone()] {
        store.database.run(&format!(
            "create schema shim;
            create table shim.step as select 0::bigint as seconds;
            create function shim.clock_timestamp() returns timestamptz language sql volatile as
                $$ select pg_catalog.clock_timestamp() + make_interval(secs => seconds) from shim.step $$;
            alter database {} set search_path = shim, pg_catalog, public;",
            store.database.name()
        ));
        let mut journal = store.open().expect("a journal");
        let began = journal.append(1, b"right").expect("an append").time_ms;
        let mut last = began;
        for (number, seconds) in (2..).zip([HOUR_S, -HOUR_S, -24 * HOUR_S, 24 * HOUR_S, 400 * 24 * HOUR_S]) {
            store.database.run(&format!("update shim.step set seconds = {seconds}"));
            let head = journal.append(number, b"stepped").expect("an append");
            assert!(head.time_ms > last, "{seconds}: it stands still");
            assert!(head.time_ms < began + 600_000, "{seconds}: it jumps by {} ms", head.time_ms - began);
            assert_eq!(journal.time().ahead_ms > 0, seconds < 0, "{seconds}");
            assert!(journal.time().ahead_ms.unsigned_abs() > 3_000_000, "{seconds}: it is not said");
            last = head.time_ms;
        }
    }
}

/// What is prepared, set and listened to must be found again in the session's next transaction.
#[test]
fn a_pooler_must_keep_sessions_together() {
    let store = Store::new();
    let through = |mode| {
        let pooler = Pooler::start(&store.database, mode);
        let target = Target::parse(pooler.url(), None).expect("a connection string");
        let opened = postgres::Journal::open(&target).map_err(|error| error.to_string());
        opened.and_then(|mut journal| journal.append(1, b"by way of it").map_err(|error| error.to_string()))
    };
    for mode in ["transaction", "statement"] {
        let refused = through(mode).expect_err(mode);
        assert!(refused.contains("pool_mode = session"), "{mode}: {refused}");
        assert_eq!(store.database.run("select to_regclass('journal_store')").trim(), "", "{mode}: nothing is made");
    }
    assert_eq!(through("session").expect("an append").seq, 1);
    assert!(through("transaction").is_err(), "also of a store that is there");
}
