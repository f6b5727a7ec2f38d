//! Seats whose catalog says how good they are.

use onsale_domain::command::{CatalogPart, Command};
use onsale_domain::concert::{SeatSpec, Together, Wish};
use onsale_domain::ids::{ScheduleId, SeatId, UploadId, UserId};
use onsale_domain::level::{IDLE, RANKS};
use onsale_domain::reply::{CatalogRefusal, Outcome, Refusal, Reply};
use onsale_domain::settings::Settings;

use super::patient;
use crate::shop::{self, Shop};

const DATE: ScheduleId = ScheduleId(1);

/// Rows of four seats, each with its section and the ranks of its seats; seats are numbered from 1 throughout.
fn part(rows: &[(&str, [u32; 4])]) -> CatalogPart {
    let mut part = shop::catalog(0);
    for (row, (section, ranks)) in rows.iter().enumerate() {
        for rank in ranks {
            let id = part.seats.len() as u64 + 1;
            let (section, row) = (Some((*section).to_owned()), Some(row.to_string()));
            let rank = Some(*rank).filter(|&rank| rank > 0);
            part.seats.push(SeatSpec { section, row, rank, ..shop::seat(1, id, id as u32, 100) });
        }
    }
    part
}

fn publish(shop: &mut Shop, rows: &[(&str, [u32; 4])]) -> Outcome {
    let upload = UploadId(2);
    shop.all(vec![Command::Stage { upload, part: part(rows) }, Command::Publish { upload }]).remove(1)
}

fn shop(rows: &[(&str, [u32; 4])]) -> Shop {
    let mut shop = Shop::open(patient(10), Settings { hold_limit_per_user: 99, ..Settings::default() }, 1);
    shop.one(Command::Raise { level: RANKS }).expect("a raise is never refused");
    publish(&mut shop, rows).expect("it is sound");
    shop.one(shop::join(1)).expect("there is room");
    shop
}

fn best(shop: &mut Shop, count: u32, section: Option<&str>) -> Vec<u64> {
    let wish = Wish { section: section.map(str::to_owned), ..Wish::of(count, Together::Required) };
    let (ticket, user) = (shop::ticket(0), UserId(1));
    match shop.one(Command::ReserveBest { ticket, user, schedule: DATE, wish, key: None }) {
        Ok(Reply::Reserved(once)) => {
            let held = shop.engine.reservation(once.value.reservation).expect("it was just held");
            held.seats.iter().map(|seat: &SeatId| seat.0).collect()
        }
        other => panic!("no hold: {other:?}"),
    }
}

#[test]
fn rows_come_by_their_ranks_over_all_sections_and_within_one() {
    let rows = [("A", [9; 4]), ("A", [2; 4]), ("B", [5; 4]), ("B", [0; 4])];
    let mut shop = shop(&rows);
    assert_eq!(best(&mut shop, 4, None), [5, 6, 7, 8], "the second row of A");
    assert_eq!(best(&mut shop, 4, None), [9, 10, 11, 12], "the first of B is before the first of A");
    shop.restart();
    assert_eq!(best(&mut shop, 2, Some("B")), [13, 14], "what is left of B");
    assert_eq!(best(&mut shop, 2, None), [1, 2], "and what has no rank comes last");
}

#[test]
fn the_best_of_a_row_are_its_middle() {
    let mut shop = shop(&[("A", [4, 3, 2, 1]), ("B", [8, 8, 7, 7])]);
    assert_eq!(best(&mut shop, 2, None), [3, 4], "by the aisle");
    assert_eq!(best(&mut shop, 2, Some("B")), [7, 8]);
}

#[test]
fn a_new_catalog_may_rank_what_is_sold_otherwise() {
    let mut shop = shop(&[("A", [1; 4]), ("A", [2; 4])]);
    assert_eq!(best(&mut shop, 2, None), [1, 2]);
    publish(&mut shop, &[("A", [2; 4]), ("A", [1; 4])]).expect("ranks are no names");
    assert_eq!(best(&mut shop, 2, None), [5, 6]);
}

#[test]
fn below_its_level_no_seat_has_one() {
    let mut shop = Shop::open(patient(10), Settings::default(), 1);
    shop.one(Command::Raise { level: IDLE }).expect("a raise is never refused");
    let refused = Refusal::Catalog(CatalogRefusal::BelowLevel { schedule: DATE });
    assert_eq!(publish(&mut shop, &[("A", [1; 4])]), Err(refused));
}
