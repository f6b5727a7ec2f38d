//! The engine on PostgreSQL passes the suite of all engines, on a real server.

use onsale_journal::conformance::{Damage, Subject};
use onsale_journal::{Error, Journal, Limit, conformance, postgres};
use onsale_postgres::Target;
use onsale_testkit::postgres::Database;

struct Store {
    database: Database,
    target: Target,
}

impl Store {
    fn new() -> Self {
        let database = Database::fresh();
        let target = Target::parse(database.url(), None).expect("a connection string");
        Self { database, target }
    }
}

impl Subject for Store {
    fn open(&self) -> Result<Box<dyn Journal>, Error> {
        Ok(Box::new(postgres::Journal::open(&self.target)?))
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

/// Whoever waits for the lock must see what its last holder has written.
#[test]
fn nodes_that_append_at_once_make_one_chain() {
    const NODES: u64 = 4;
    const ENTRIES: u64 = 50;
    let store = Store::new();
    let first = store.open().expect("a journal");
    let heads = std::thread::scope(|scope| {
        let append = || {
            let mut journal = store.open().expect("a journal");
            (1..=ENTRIES)
                .map(|number| journal.append(number, &number.to_le_bytes()).expect("an append"))
                .collect::<Vec<_>>()
        };
        let nodes: Vec<_> = (0..NODES).map(|_| scope.spawn(append)).collect();
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
