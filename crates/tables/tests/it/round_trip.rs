//! Whatever the engine reports comes back as it was last reported, merged or not.

use crate::common::model::Model;
use crate::common::{arbitrary, load, mark, sale, tables};
use onsale_domain::row::Row;
use onsale_tables::{Coalesced, Tables};
use proptest::collection::vec;
use proptest::prelude::*;

/// What an engine can report: a forgotten reservation's id is never used again.
fn possible(rows: Vec<Row>) -> (Vec<Row>, Model) {
    let mut model = Model::default();
    let mut kept = Vec::new();
    for row in rows {
        if matches!(&row, Row::Reservation(row) if model.reservations_forgotten.contains(&row.id)) {
            continue;
        }
        model.apply(&row);
        kept.push(row);
    }
    (kept, model)
}

/// Projects `rows` in transactions of `per`, merged where `merge` says so, and then loads them from the file anew.
fn through_the_tables(rows: &[Row], per: usize, merge: bool) -> Vec<Row> {
    let (dir, mut tables) = tables();
    for (seq, rows) in (1..).zip(rows.chunks(per)) {
        let mut coalesced = Coalesced::default();
        rows.iter().cloned().for_each(|row| coalesced.push(row));
        let rows = if merge { coalesced.drain() } else { rows.to_vec() };
        tables.project(seq - 1, &mark(seq), &[0; 32], &rows).expect("a projection");
    }
    drop(tables);
    load(&mut Tables::open(dir.path()).expect("the tables again"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn rows_come_back_as_they_were_last_written(
        rows in vec(arbitrary::row(), 1..60),
        per in 1_usize..60,
        merge: bool,
    ) {
        let (rows, model) = possible(rows);
        prop_assert_eq!(through_the_tables(&rows, per, merge), model.rows());
    }

    #[test]
    fn merging_hands_out_each_key_once_and_leaves_nothing(rows in vec(arbitrary::row(), 1..60)) {
        let (rows, _) = possible(rows);
        let mut coalesced = Coalesced::default();
        rows.iter().cloned().for_each(|row| coalesced.push(row));
        prop_assert!(!coalesced.is_empty());
        let merged = coalesced.drain();
        prop_assert!(merged.len() <= rows.len());
        prop_assert_eq!(coalesced.len(), 0);
        prop_assert_eq!(coalesced.drain(), vec![]);
        let mut again = Coalesced::default();
        merged.iter().cloned().for_each(|row| again.push(row));
        prop_assert_eq!(again.drain(), merged);
    }
}

#[test]
fn a_whole_sale_comes_back() {
    let (rows, model) = possible(sale::rows());
    assert_eq!(model.rows().len(), 38);
    assert_eq!(through_the_tables(&rows, rows.len(), true), model.rows());
}

#[test]
fn a_layout_counts_as_its_seats() {
    let mut coalesced = Coalesced::default();
    let sale = sale::rows();
    let layouts = sale.iter().filter(|row| matches!(row, Row::Seats { .. }));
    let seats: usize = layouts
        .clone()
        .map(|row| match row {
            Row::Seats { seats, .. } => seats.len() + 1,
            _ => 0,
        })
        .sum();
    layouts.clone().for_each(|row| coalesced.push(row.clone()));
    layouts.for_each(|row| coalesced.push(row.clone()));
    assert_eq!(coalesced.len(), seats);
}
