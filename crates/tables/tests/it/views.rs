//! What people read is what happened, in the API's words.

use onsale_domain::row::Mark;
use onsale_tables::report::{Cell, Reader, View};

use crate::common::sale;

/// The lines of a view, each as its cells joined with `|`.
fn lines(view: View) -> (Vec<String>, Vec<String>) {
    let (dir, _tables) = sale::tables();
    let reader = Reader::open(dir.path()).expect("a reader");
    let mut lines = Vec::new();
    let count = reader
        .read(view, &mut |cells| {
            let cells: Vec<String> = cells.iter().map(show).collect();
            lines.push(cells.join("|"));
            Ok(())
        })
        .expect("the lines");
    assert_eq!(count, lines.len() as u64);
    (reader.columns(view).expect("the columns"), lines)
}

fn show(cell: &Cell<'_>) -> String {
    match cell {
        Cell::Null => "-".to_owned(),
        Cell::Integer(value) => value.to_string(),
        Cell::Text(text) => (*text).to_owned(),
    }
}

#[test]
fn seats_say_who_sits_where() {
    let (columns, lines) = lines(View::Seats);
    assert_eq!(
        columns[9..],
        [
            "status",
            "user_id",
            "reservation_id",
            "category",
            "price_type",
            "attributes",
            "withheld_reason",
            "withheld_at"
        ]
    );
    let start = "1|First Night|2027-01-16T08:00:00.000Z";
    assert_eq!(
        lines,
        [
            format!("{start}|1|1|A|1|1|30000|RESERVED|7|1|P1|child|-|-|-"),
            format!("{start}|2|2|A|1|2|50000|RESERVED|7|1|P1|adult|-|-|-"),
            format!("{start}|3|3|A|1|3|40000|TEMP_RESERVED|8|2|P1|child|-|-|-"),
            format!("{start}|4|4|A|1|4|40000|AVAILABLE|-|-|P1|-|-|-|-"),
            format!("{start}|5|5|A|1|5|40000|AVAILABLE|-|-|P1|-|wheelchair,restrictedView|-|-"),
            format!("{start}|6|6|Floor|-|6|40000|WITHHELD|-|-|P1|-|-|camera|2027-01-15T08:00:03.000Z"),
        ]
    );
}

/// A new catalog prices what is to be had, and nothing that is held or sold.
#[test]
fn seats_show_what_they_were_held_at() {
    let (dir, mut tables) = sale::tables();
    let mark = |seq| Mark { seq, ..sale::mark() };
    tables.project(12, &mark(13), &[9; 32], &[sale::seats(99_999)]).expect("a projection");
    let amounts = || {
        let mut amounts = Vec::new();
        let mut take = |cells: &[Cell<'_>]| {
            amounts.push(show(&cells[8]));
            Ok(())
        };
        Reader::open(dir.path()).expect("a reader").read(View::Seats, &mut take).expect("the lines");
        amounts
    };
    assert_eq!(amounts(), ["30000", "50000", "40000", "99999", "99999", "99999"]);
    tables.project(13, &mark(14), &[9; 32], &[sale::pair_of_before()]).expect("a projection");
    assert_eq!(amounts(), ["30000", "50000", "40000", "-", "-", "99999"]);
}

#[test]
fn payments_say_who_paid_what() {
    let (columns, lines) = lines(View::Payments);
    assert_eq!(columns[8..], ["price_types", "section", "seat_row", "seat_number"]);
    assert_eq!(lines, ["1|7|1|1|First Night|1,2|80000|2027-01-15T08:00:05.000Z|child,adult|A,A|1,1|1,2"]);
}

#[test]
fn reservations_say_what_became_of_them() {
    let (_, lines) = lines(View::Reservations);
    let times = "2027-01-15T08:00:02.000Z|2027-01-15T08:05:02.000Z";
    assert_eq!(
        lines,
        [
            format!("1|7|1|First Night|1,2|80000|RESERVED|{times}|1|2027-01-15T08:00:05.000Z|child,adult|A,A|1,1|1,2"),
            format!("2|8|1|First Night|3|40000|TEMP_RESERVED|{times}|-|-|child|A|1|3"),
            format!("3|9|1|First Night|4|40000|LAPSED|{times}|-|2027-01-15T08:05:02.000Z|child|A|1|4"),
        ]
    );
}

#[test]
fn the_ledger_has_two_lines_for_each_transfer() {
    let (_, lines) = lines(View::Ledger);
    assert_eq!(
        lines,
        [
            "1|2027-01-15T08:00:01.001Z|CHARGE|CASH|-|-90000|-|-",
            "1|2027-01-15T08:00:01.001Z|CHARGE|WALLET|7|90000|-|-",
            "2|2027-01-15T08:00:05.000Z|PAYMENT|WALLET|7|-80000|1|-",
            "2|2027-01-15T08:00:05.000Z|PAYMENT|SALES|-|80000|1|-",
            "3|2027-01-15T08:00:06.000Z|CREDIT|CASH|-|-2000|-|payment-1",
            "3|2027-01-15T08:00:06.000Z|CREDIT|WALLET|7|2000|-|payment-1",
            "4|2027-01-15T08:00:06.000Z|DEBIT|WALLET|7|-2000|-|refund-1",
            "4|2027-01-15T08:00:06.000Z|DEBIT|CASH|-|2000|-|refund-1",
        ]
    );
}

#[test]
fn adjustments_say_what_was_moved_for_which_reference() {
    let (_, lines) = lines(View::Adjustments);
    let at = "2027-01-15T08:00:06.000Z";
    assert_eq!(
        lines,
        [
            format!("payment-1|{at}|CREDIT|7|2000|3|8a3f90c1|shop"),
            format!("refund-1|{at}|DEBIT|7|2000|4|8a3f90c1|shop"),
        ]
    );
}

#[test]
fn accounts_add_up_to_nothing() {
    let (_, lines) = lines(View::Accounts);
    assert_eq!(lines, ["CASH|-|-90000|0", "SALES|-|80000|0", "WALLET|7|10000|0", "WALLET|8|0|0"]);
}

#[test]
fn tickets_have_the_status_that_callers_see() {
    let (_, lines) = lines(View::Tickets);
    let status = |line: &String| line.split('|').skip(2).take(4).collect::<Vec<_>>().join("|");
    assert_eq!(
        lines.iter().map(status).collect::<Vec<_>>(),
        ["0|7|DONE|0", "1|8|PROGRESS|0", "2|9|EXPIRED|0", "3|10|WAITING|1", "4|11|WAITING|0", "5|12|WAITING|0"]
    );
    assert_eq!(lines[1], "0|default|1|8|PROGRESS|0|2027-01-15T08:00:00.001Z|2027-01-15T08:10:00.000Z|-|-");
    assert!(lines[4].ends_with("|2"), "the tier of one: {lines:?}");
}

#[test]
fn schedules_count_their_seats() {
    let (_, lines) = lines(View::Schedules);
    assert!(lines[0].ends_with("|0|6|1|2|2027-01-15T07:59:59.000Z|-|1"), "{lines:?}");
}

#[test]
fn levers_and_news_are_spelled_out() {
    let (_, levers) = lines(View::Levers);
    let at = "2027-01-15T08:00:04.000Z";
    assert_eq!(levers, [format!("3|{at}|8a3f90c1|Kim|CHANGE_QUEUE|queue default|mode OPEN|mode PAUSED")]);
    let (_, news) = lines(View::News);
    assert_eq!(
        news,
        [
            format!("196609|{at}|QUEUE_PAUSED|default|-|-|-"),
            format!("262144|{at}|MESSAGE|-|-|Ten more minutes|십 분 더"),
        ]
    );
}
