//! The tables in a PostgreSQL database are those in a file: the same rows, the same views, the same findings.

use onsale_domain::ids::UserId;
use onsale_domain::row::Row;
use onsale_postgres::Target;
use onsale_tables::audit::Audit;
use onsale_tables::report::{Cell, Reader, View};
use onsale_tables::{Error, Nodes, Place, Tables};
use onsale_testkit::postgres::Database;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::common::model::Model;
use crate::common::{STORE, arbitrary, load, mark, sale};

fn database() -> (Database, Target) {
    let database = Database::fresh();
    let target = Target::parse(database.url(), None).expect("a connection string");
    (database, target)
}

fn tables() -> (Database, Target, Tables) {
    let (database, target) = database();
    let mut tables = Tables::open_postgres(&target).expect("tables");
    tables.claim(STORE).expect("a claim");
    (database, target, tables)
}

#[test]
fn rows_come_back_as_they_were_last_written() {
    let (database, target, mut tables) = tables();
    let mut seq = 0;
    let mut model = Model::default();
    let cases = ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = TestRunner::new(cases);
    // One history in one database: making a database for each case would take longer than all cases.
    for _ in 0..60 {
        let tree = vec(arbitrary::row(), 1..60).new_tree(&mut runner).expect("rows");
        let mut rows = proptest::strategy::ValueTree::current(&tree);
        rows.retain(|row| {
            // An id that was forgotten is never used again.
            let possible = !matches!(row, Row::Reservation(row) if model.reservations_forgotten.contains(&row.id));
            if possible {
                model.apply(row);
            }
            possible
        });
        tables.project(seq, &mark(seq + 1), &[7; 32], &rows).expect("a projection");
        seq += 1;
    }
    assert_eq!(tables.mark().expect("a mark").expect("one").mark, mark(seq));
    drop(tables);
    assert_eq!(load(&mut Tables::open_postgres(&target).expect("the tables again")), model.rows());
    drop(database);
}

fn lines(place: &Place, view: View) -> (Vec<String>, Vec<String>) {
    let reader = Reader::of(place).expect("a reader");
    let mut lines = Vec::new();
    reader
        .read(view, &mut |cells: &[Cell<'_>]| {
            lines.push(format!("{cells:?}"));
            Ok(())
        })
        .expect("the lines");
    (reader.columns(view).expect("the columns"), lines)
}

#[test]
fn views_and_findings_are_those_of_the_file() {
    let (dir, _sqlite) = sale::tables();
    let (_database, target, mut tables) = tables();
    tables.project(0, &sale::mark(), &[3; 32], &sale::rows()).expect("the sale");
    let (file, database) = (Place::Directory(dir.path().to_owned()), Place::Postgres(target));
    for view in
        [View::Tickets, View::Schedules, View::Seats, View::Reservations, View::Payments, View::Ledger, View::Accounts]
    {
        assert_eq!(lines(&database, view), lines(&file, view), "{view:?}");
    }
    let findings = |place| Audit::of(place).expect("an audit").all().expect("findings");
    assert_eq!(findings(&database), findings(&file));
}

#[test]
fn wrongs_are_found_and_told_as_in_the_file() {
    let (database, target, mut tables) = tables();
    tables.project(0, &sale::mark(), &[3; 32], &sale::rows()).expect("the sale");
    database.run("UPDATE wallets SET balance = 10001 WHERE user_id = 7; UPDATE payments SET amount = amount + 1");
    let findings = Audit::of(&Place::Postgres(target)).expect("an audit").all().expect("findings");
    assert!(findings[0].violations[0].starts_with("account 7 "), "{findings:?}");
    assert!(findings[3].violated >= 2, "{findings:?}");
}

#[test]
fn of_two_who_project_one_is_told_that_the_tables_have_moved() {
    let (_database, target, mut one) = tables();
    let mut other = Tables::open_postgres(&target).expect("the same tables");
    let wallet = |balance| [Row::Wallet { user: UserId(1), balance }];
    one.project(0, &mark(5), &[1; 32], &wallet(5)).expect("the first");
    let late = other.project(0, &mark(3), &[1; 32], &wallet(3));
    assert!(matches!(late, Err(Error::Moved { expected: 0, found: 5 })), "{late:?}");
    other.project(5, &mark(8), &[1; 32], &wallet(8)).expect("from where they are");
    assert_eq!(one.seal().expect("a seal"), 8);
    assert_eq!(load(&mut one), wallet(8));
}

#[test]
fn a_snapshot_is_of_one_moment_whatever_is_projected_meanwhile() {
    let (_database, target, mut one) = tables();
    let mut other = Tables::open_postgres(&target).expect("the same tables");
    let wallet = |balance| [Row::Wallet { user: UserId(1), balance }];
    one.project(0, &mark(1), &[1; 32], &wallet(1)).expect("the first");
    let stored = other.snapshot().expect("a snapshot").expect("a mark");
    one.project(1, &mark(2), &[2; 32], &wallet(2)).expect("another");
    assert_eq!((stored.mark.seq, load(&mut other)), (1, wallet(1).to_vec()));
    assert_eq!(load(&mut other), wallet(2));
}

#[test]
fn nodes_hear_of_each_other_until_one_leaves_or_is_silent_for_long() {
    let (database, target, _tables) = tables();
    let (mut one, mut other) = (Nodes::new(&target), Nodes::new(&target));
    assert_eq!(one.beat(1, "first").expect("a beat"), []);
    let heard = other.beat(u64::MAX, "other").expect("a beat");
    assert_eq!(heard.iter().map(|heard| (heard.node, heard.report.as_str())).collect::<Vec<_>>(), [(1, "first")]);
    other.beat(u64::MAX, "newer").expect("a beat");
    let heard = one.beat(1, "first").expect("a beat");
    assert_eq!(
        heard.iter().map(|heard| (heard.node, heard.report.as_str())).collect::<Vec<_>>(),
        [(u64::MAX, "newer")]
    );
    database.run("UPDATE nodes SET at = at - interval '9 minutes'");
    assert!(one.beat(1, "first").expect("a beat")[0].age_ms >= 9 * 60_000);
    database.run("UPDATE nodes SET at = at - interval '9 minutes' WHERE report = 'newer'");
    one.beat(1, "first").expect("one that forgets");
    assert_eq!(one.beat(1, "first").expect("a beat"), []);
    one.leave(1).expect("a farewell");
    assert_eq!(other.beat(2, "third").expect("a beat"), []);
}

#[test]
fn of_nodes_that_tell_of_the_same_night_the_first_is_believed() {
    let (_database, target, _tables) = tables();
    let (mut one, mut other) = (Nodes::new(&target), Nodes::new(&target));
    let samples = |from: u64, text: &str| (from..from + 3).map(|at| (at, text.to_owned())).collect::<Vec<_>>();
    one.keep_night(&samples(10, "one"), 0).expect("the first");
    other.keep_night(&samples(12, "other"), 11).expect("the second");
    let night: Vec<_> = one.night(0).expect("the night").into_iter().map(|(at, text)| format!("{at} {text}")).collect();
    assert_eq!(night, ["11 one", "12 one", "13 other", "14 other"]);
    assert_eq!(other.night(14).expect("its end"), [(14, "other".to_owned())]);
}
