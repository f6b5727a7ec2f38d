//! Each projection is a compare-and-set of the batch number, and all or nothing.

use onsale_domain::ids::UserId;
use onsale_domain::row::Row;
use onsale_domain::time::Time;
use onsale_tables::audit::Audit;
use onsale_tables::report::Reader;
use onsale_tables::{Error, FILE_NAME, ProvenMark, Tables};

use crate::common::{STORE, load, mark, raw, tables};

fn wallet(balance: u64) -> Row {
    Row::Wallet { user: UserId(1), balance }
}

#[test]
fn new_tables_have_no_mark_and_no_rows() {
    let (_dir, mut tables) = tables();
    assert_eq!(tables.mark().expect("a read"), None);
    assert_eq!(load(&mut tables), []);
    assert_eq!(tables.seal().expect("a seal"), 0);
}

#[test]
fn the_mark_comes_back_whole_and_survives_a_restart() {
    let (dir, mut tables) = tables();
    tables.project(0, &mark(3), &[0xab; 32], &[wallet(1)]).expect("a projection");
    assert_eq!(tables.seal().expect("a seal"), 3);
    drop(tables);
    let mut tables = Tables::open(dir.path()).expect("the tables again");
    let expected = ProvenMark { mark: mark(3), hash: [0xab; 32], store_id: STORE };
    assert_eq!(tables.mark().expect("a read"), Some(expected));
    assert_eq!(load(&mut tables), [wallet(1)]);
}

#[test]
fn a_projection_from_elsewhere_is_refused() {
    let (_dir, mut tables) = tables();
    tables.project(0, &mark(3), &[0; 32], &[wallet(3)]).expect("a projection");
    for from in [0, 2, 4] {
        let refused = tables.project(from, &mark(9), &[0; 32], &[wallet(9)]);
        assert!(matches!(refused, Err(Error::Moved { expected, found: 3 }) if expected == from), "{refused:?}");
    }
    for to in [1, 3] {
        let refused = tables.project(3, &mark(to), &[0; 32], &[wallet(9)]);
        assert!(matches!(refused, Err(Error::NotForward { from: 3, .. })), "{refused:?}");
    }
    assert_eq!(load(&mut tables), [wallet(3)]);
    tables.project(3, &mark(4), &[0; 32], &[wallet(4)]).expect("a projection");
    assert_eq!(load(&mut tables), [wallet(4)]);
}

#[test]
fn a_row_that_cannot_be_kept_takes_the_whole_transaction_with_it() {
    let (_dir, mut tables) = tables();
    let rows = [wallet(1), Row::Wallet { user: UserId(2), balance: u64::MAX }];
    let refused = tables.project(0, &mark(1), &[0; 32], &rows);
    assert!(matches!(refused, Err(Error::TooGreat { what: "the balance", value: u64::MAX })), "{refused:?}");
    assert_eq!((tables.mark().expect("a read"), load(&mut tables)), (None, vec![]));
    let mut beyond = mark(1);
    beyond.time = Time(u64::MAX - 1);
    assert!(matches!(tables.project(0, &beyond, &[0; 32], &[]), Err(Error::TooGreat { what: "the time", .. })));
}

#[test]
fn tables_belong_to_one_store() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut tables = Tables::open(dir.path()).expect("tables");
    assert_eq!(tables.store_id().expect("a read"), None);
    assert!(matches!(tables.project(0, &mark(1), &[0; 32], &[]), Err(Error::Unclaimed)));
    tables.claim(u64::MAX).expect("a claim");
    tables.claim(u64::MAX).expect("the same claim");
    assert_eq!(tables.store_id().expect("a read"), Some(u64::MAX));
    let refused = tables.claim(5);
    assert!(matches!(refused, Err(Error::Foreign { expected: 5, found: u64::MAX })), "{refused:?}");
}

#[test]
fn a_newer_schema_is_refused_by_its_version() {
    let (dir, tables) = tables();
    drop(tables);
    raw(&dir).execute("INSERT INTO schema_version VALUES (99, 'the future')", []).expect("an insert");
    let message = Tables::open(dir.path()).err().expect("a refusal").to_string();
    assert!(message.contains("schema version 99"), "{message}");
    let message = Audit::open(dir.path()).err().expect("a refusal").to_string();
    assert!(message.contains("schema version 99"), "{message}");
    // What is of a level that the store has not reached is no reason.
    let coming =
        "DELETE FROM schema_version WHERE version = 99; INSERT INTO schema_coming VALUES (99, 'the future', 99)";
    raw(&dir).execute_batch(coming).expect("a change");
    Tables::open(dir.path()).expect("the tables");
    Audit::open(dir.path()).expect("the tables");
}

#[test]
fn readers_refuse_tables_that_are_not_there_or_not_migrated() {
    let (dir, tables) = tables();
    drop(tables);
    raw(&dir)
        .execute_batch(
            "DELETE FROM schema_version WHERE version > 1; DELETE FROM schema_ahead; DELETE FROM schema_coming",
        )
        .expect("a delete");
    let message = Reader::open(dir.path()).err().expect("a refusal").to_string();
    assert!(message.contains("schema version 1"), "{message}");
    raw(&dir)
        .execute_batch("DROP TABLE schema_version; DROP TABLE schema_ahead; DROP TABLE schema_coming")
        .expect("a drop");
    let message = Reader::open(dir.path()).err().expect("a refusal").to_string();
    assert!(message.contains("schema version 0"), "{message}");
    std::fs::remove_file(dir.path().join(FILE_NAME)).expect("no file");
    assert!(matches!(Reader::open(dir.path()), Err(Error::Open { .. })));
}

#[test]
fn a_receiver_that_refuses_a_row_ends_the_load() {
    let (_dir, mut tables) = crate::common::sale::tables();
    let mut taken = 0;
    let refused = tables.load(&mut |_| {
        taken += 1;
        if taken == 3 { Err("no".into()) } else { Ok(()) }
    });
    assert!(matches!(refused, Err(Error::Refused(why)) if why.to_string() == "no"));
    assert_eq!(taken, 3);
}

#[test]
fn readers_see_one_batch_while_the_next_is_projected() {
    let (dir, mut tables) = tables();
    tables.project(0, &mark(1), &[0; 32], &[wallet(1)]).expect("a projection");
    let audit = Audit::open(dir.path()).expect("a reader");
    tables.project(1, &mark(2), &[0; 32], &[wallet(2)]).expect("a projection beside a reader");
    assert_eq!(tables.seal().expect("a seal beside a reader"), 2);
    assert_eq!(audit.seq(), 1);
    assert_eq!(audit.wallets().expect("a check").checked, 1);
}
