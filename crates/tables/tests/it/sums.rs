//! Charges and sales that come to more than an integer of SQL holds: kept, read back and audited, in both stores.

use onsale_domain::ids::{PaymentId, TransferId, UserId};
use onsale_domain::row::{Account, Counters, Mark, Row, TransferRow};
use onsale_domain::time::Time;
use onsale_postgres::Target;
use onsale_tables::audit::{Audit, Finding};
use onsale_tables::report::{Cell, Reader, View};
use onsale_tables::{Place, Tables};
use onsale_testkit::postgres::Database;

use crate::common::{STORE, mark, raw, tables};

const GREATEST: u64 = (1 << 53) - 1;
const USERS: u64 = 2_100;
/// The first of them pay all that they have.
const BUYERS: u64 = 1_100;

fn rich() -> Mark {
    let counters = Counters {
        charged: u128::from(USERS) * u128::from(GREATEST),
        sold: u128::from(BUYERS) * u128::from(GREATEST),
        ..mark(1).counters
    };
    Mark { counters, ..mark(1) }
}

fn rows() -> Vec<Row> {
    let transfer = |id, debit, credit, payment| {
        Row::Transfer(TransferRow { id: TransferId(id), at: Time(0), debit, credit, amount: GREATEST, payment })
    };
    let charge = |user| transfer(user, Account::Cash, Account::Wallet(UserId(user)), None);
    let payment = |user| transfer(USERS + user, Account::Wallet(UserId(user)), Account::Sales, Some(PaymentId(user)));
    let wallet = |user| Row::Wallet { user: UserId(user), balance: if user <= BUYERS { 0 } else { GREATEST } };
    (1..=USERS).map(charge).chain((1..=BUYERS).map(payment)).chain((1..=USERS).map(wallet)).collect()
}

fn balances(place: &Place) -> Finding {
    Audit::of(place).expect("an audit").balances().expect("a finding")
}

/// What holds of these tables, wherever they are; `damage` changes them as nobody may.
fn they_are_whole(tables: &mut Tables, place: &Place, damage: impl Fn(&str)) {
    tables.project(0, &rich(), &[1; 32], &rows()).expect("a projection");
    assert_eq!(tables.mark().expect("a read").expect("a mark").mark, rich());
    let mut lines = Vec::new();
    let mut take = |cells: &[Cell<'_>]| {
        lines.push(format!("{cells:?}"));
        Ok(())
    };
    Reader::of(place).expect("a reader").read(View::Accounts, &mut take).expect("the lines");
    assert_eq!(
        lines[..2],
        [
            r#"[Text("CASH"), Null, Integer(-915118434956081100), Integer(-18)]"#,
            r#"[Text("SALES"), Null, Integer(907919180215090100), Integer(9)]"#
        ]
        .map(|line: &str| line.to_owned())
    );
    assert_eq!(balances(place).violations, Vec::<String>::new());
    damage("UPDATE mark SET charged = charged + 1, sold_high = 0");
    let account = "(a user; -1 cash, -2 sales) holds";
    assert_eq!(
        balances(place).violations,
        [
            format!("account -2 {account} 907919180215090100, its transfers add up to 9907919180215090100"),
            format!("account -1 {account} -18915118434956081101, its transfers add up to -18915118434956081100"),
        ]
    );
}

#[test]
fn more_than_64_bits_of_money_are_kept_in_a_file() {
    let (dir, mut tables) = tables();
    they_are_whole(&mut tables, &Place::Directory(dir.path().to_owned()), |sql| {
        raw(&dir).execute_batch(sql).expect("damage");
    });
}

#[test]
fn more_than_64_bits_of_money_are_kept_in_a_database() {
    let database = Database::fresh();
    let target = Target::parse(database.url(), None).expect("a connection string");
    let mut tables = Tables::open_postgres(&target).expect("tables");
    tables.claim(STORE).expect("a claim");
    they_are_whole(&mut tables, &Place::Postgres(target), |sql| drop(database.run(sql)));
}
