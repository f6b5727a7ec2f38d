//! The engine on SQLite passes the suite of all engines, on real files.

use onsale_journal::conformance::{Damage, Subject};
use onsale_journal::{Error, Journal, conformance, local};
use rusqlite::Connection;
use tempfile::TempDir;

struct Store {
    dir: TempDir,
}

impl Store {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().expect("a directory") }
    }
}

impl Subject for Store {
    fn open(&self) -> Result<Box<dyn Journal>, Error> {
        Ok(Box::new(local::Journal::open(self.dir.path())?))
    }

    fn damage(&self, damage: Damage) {
        let conn = Connection::open(self.dir.path().join(local::FILE)).expect("the database");
        let edit = |columns: &str, seq: u64| format!("update entry set {columns} where seq = {seq};");
        let sql = match damage {
            Damage::Payload(seq) => edit("payload = cast(upper(payload) as blob)", seq),
            Damage::Time(seq) => edit("time_ms = time_ms + 1", seq),
            Damage::Node(seq) => edit("node = ~node", seq),
            Damage::Number(seq) => edit("number = ~number", seq),
            Damage::Hash(seq) => edit("hash = cast(substr(hash, 2) || substr(hash, 1, 1) as blob)", seq),
            Damage::Delete(seq) => format!("delete from entry where seq = {seq};"),
            Damage::Swap(one, other) => format!(
                "update entry set seq = -1 where seq = {one};
                 update entry set seq = {one} where seq = {other};
                 update entry set seq = {other} where seq = -1;"
            ),
            Damage::CutAfter(seq) => format!("delete from entry where seq > {seq};"),
            Damage::Checkpoint => "update checkpoint set fingerprint = ~fingerprint;".to_owned(),
        };
        conn.execute_batch(&sql).expect("damaging");
        assert!(conn.changes() > 0, "{damage:?} has changed nothing");
    }
}

conformance!(Store::new());
