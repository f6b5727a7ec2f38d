//! What the tests share: tables in a directory of their own, and a small sale to look at.

pub(crate) mod arbitrary;
pub(crate) mod model;
pub(crate) mod sale;

use onsale_domain::ids::{PaymentId, ReservationId, TransferId};
use onsale_domain::row::{Counters, Mark, Row};
use onsale_domain::time::Time;
use onsale_tables::{FILE_NAME, Tables};
use rusqlite::Connection;
use tempfile::TempDir;

pub(crate) const STORE: u64 = 0xfeed_0000_0000_0001;

/// New tables that belong to [`STORE`].
pub(crate) fn tables() -> (TempDir, Tables) {
    let dir = tempfile::tempdir().expect("a directory");
    let mut tables = Tables::open(dir.path()).expect("tables");
    tables.claim(STORE).expect("a claim");
    (dir, tables)
}

/// A mark whose every number is its own, so that none can stand for another.
pub(crate) fn mark(seq: u64) -> Mark {
    let counters = Counters {
        next_reservation: ReservationId(seq + 1),
        next_payment: PaymentId(seq + 2),
        next_transfer: TransferId(seq + 3),
        charged: u128::from(seq + 5) << 64,
        sold: u128::from(seq + 6),
    };
    Mark { seq, time: Time(seq + 7), fingerprint: u64::MAX - seq, counters }
}

pub(crate) fn load(tables: &mut Tables) -> Vec<Row> {
    let mut rows = Vec::new();
    tables
        .load(&mut |row| {
            rows.push(row);
            Ok(())
        })
        .expect("a load");
    rows
}

/// The file itself, to look at it or to damage it.
pub(crate) fn raw(dir: &TempDir) -> Connection {
    Connection::open(dir.path().join(FILE_NAME)).expect("the file")
}
