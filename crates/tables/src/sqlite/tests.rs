//! A full disk and a locked file, which only the writer's own connection can be told to see at once.

use onsale_domain::ids::{PaymentId, ReservationId, TransferId, UserId};
use onsale_domain::row::{Counters, Mark, Row};
use onsale_domain::time::Time;

use super::Tables;
use crate::Error;

fn mark(seq: u64) -> Mark {
    let counters = Counters {
        next_reservation: ReservationId(1),
        next_payment: PaymentId(1),
        next_transfer: TransferId(1),
        charged: 0,
        sold: 0,
    };
    Mark { seq, time: Time(0), fingerprint: 0, counters }
}

fn wallets(tables: &mut Tables) -> u64 {
    tables.load(&mut |_| Ok(())).expect("a load")
}

#[test]
fn a_full_disk_changes_nothing_and_the_same_call_works_when_there_is_room() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut tables = Tables::open(dir.path()).expect("tables");
    tables.claim(1).expect("a claim");
    tables
        .project(0, &mark(1), &[1; 32], &[Row::Wallet { user: UserId(1), balance: 5 }], Time(0))
        .expect("room for one");
    let pages: u32 = tables.conn.query_row("PRAGMA page_count", [], |row| row.get(0)).expect("a page count");
    tables.conn.pragma_update(None, "max_page_count", pages).expect("a limit");

    let rows: Vec<Row> = (2..5_000).map(|user| Row::Wallet { user: UserId(user), balance: user }).collect();
    for _ in 0..2 {
        let refused = tables.project(1, &mark(2), &[2; 32], &rows, Time(0));
        assert!(matches!(refused, Err(Error::Full(_))), "{refused:?}");
        assert_eq!(tables.mark().expect("a mark").expect("one").mark.seq, 1);
        assert_eq!(wallets(&mut tables), 1);
    }

    tables.conn.pragma_update(None, "max_page_count", pages + 10_000).expect("a limit");
    tables.project(1, &mark(2), &[2; 32], &rows, Time(0)).expect("room");
    assert_eq!(tables.mark().expect("a mark").expect("one").mark.seq, 2);
    assert_eq!(wallets(&mut tables), 4_999);
}

#[test]
fn somebody_elses_lock_changes_nothing_and_the_same_call_works_when_it_is_gone() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut tables = Tables::open(dir.path()).expect("tables");
    tables.claim(1).expect("a claim");
    tables.conn.busy_timeout(std::time::Duration::ZERO).expect("a time");
    let other = rusqlite::Connection::open(dir.path().join(crate::FILE_NAME)).expect("another connection");
    other.execute_batch("BEGIN IMMEDIATE").expect("a lock");

    let rows = [Row::Wallet { user: UserId(1), balance: 5 }];
    let refused = tables.project(0, &mark(1), &[1; 32], &rows, Time(0));
    assert!(matches!(refused, Err(Error::Busy(_))), "{refused:?}");
    tables.claim(1).expect("a claim that is made already needs no lock");

    other.execute_batch("ROLLBACK").expect("the end of the lock");
    tables.project(0, &mark(1), &[1; 32], &rows, Time(0)).expect("no lock");
    assert_eq!(wallets(&mut tables), 1);
}
