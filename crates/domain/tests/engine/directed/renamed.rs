//! A catalog that is published again over seats that somebody has.

use onsale_domain::command::{CatalogPart, Command};
use onsale_domain::concert::SeatSpec;
use onsale_domain::ids::{ScheduleId, SeatId, UploadId};
use onsale_domain::level::{EDGES, FAIRNESS};
use onsale_domain::reply::{CatalogRefusal, Outcome, Refusal};
use onsale_domain::settings::Settings;

use super::patient;
use crate::shop::{self, Shop};

fn publish(shop: &mut Shop, seats: Vec<SeatSpec>) -> Outcome {
    let (upload, part) = (UploadId(7), CatalogPart { seats, ..CatalogPart::default() });
    shop.one(Command::Stage { upload, part }).expect("a part");
    let published = shop.one(Command::Publish { upload });
    shop.one(Command::Discard { upload }).expect("what is left of it");
    published
}

/// Seats 1 to `count`, numbered from `first` on, as a catalog numbers them that gives no ids.
fn row(count: u64, first: u64) -> Vec<SeatSpec> {
    (1..=count)
        .map(|id| SeatSpec { number: Some((first + id - 1).to_string()), ..shop::seat(1, id, id as u32, 100) })
        .collect()
}

#[test]
fn what_is_held_or_sold_keeps_its_name() {
    let mut shop = Shop::open(patient(10), Settings::default(), 3);
    shop.one(Command::Raise { level: FAIRNESS }).expect("a level");
    shop.all((1..=2).map(shop::join).collect());
    shop.hold(0, 1, 2);
    let refused = Err(Refusal::Catalog(CatalogRefusal::SeatRenamed { schedule: ScheduleId(1), seat: SeatId(2) }));
    assert_eq!(publish(&mut shop, row(4, 2)), refused, "another seat was put in front");
    let mut other = row(3, 1);
    other[1].section = Some("B".to_owned());
    assert_eq!(publish(&mut shop, other), refused);
    let mut unnamed = row(3, 1);
    unnamed[1].number = None;
    assert_eq!(publish(&mut shop, unnamed), refused, "a ticket would not say any more where");
    // Seats that nobody has, prices, and more of what a seat is called may change.
    let mut more = row(5, 1);
    more[0].number = Some("first".to_owned());
    more[1].row = Some("1".to_owned());
    more[1].amount = 200;
    assert!(publish(&mut shop, more).is_ok());
}

#[test]
fn below_the_level_numbers_alone_are_held_against_each_other() {
    let mut shop = Shop::open(patient(10), Settings::default(), 3);
    shop.one(Command::Raise { level: EDGES }).expect("a level");
    shop.one(shop::join(1)).expect("a place");
    shop.hold(0, 1, 2);
    assert!(publish(&mut shop, row(4, 2)).is_ok());
}
