//! The engine on PostgreSQL passes the suite of all engines, on a real server.

use onsale_journal::conformance::{Damage, Subject};
use onsale_journal::{Error, Journal, conformance, postgres};
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
