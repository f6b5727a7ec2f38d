//! Places to stand: any that are free, as many as there are and not one more, whatever else is held in the same step.

use std::collections::BTreeSet;

use onsale_domain::command::{CatalogPart, Command};
use onsale_domain::concert::{
    AreaWish, Orphans, Price, PriceType, PriceTypeId, Schedule, SeatSpec, Terms, Together, Wish,
};
use onsale_domain::ids::{ReservationId, ScheduleId, SeatId, UploadId, UserId};
use onsale_domain::level::{OFFERS, RANKS};
use onsale_domain::reply::{Outcome, Refusal, Reply};
use onsale_domain::settings::Settings;

use super::patient;
use crate::shop::{self, Shop};

const DATE: ScheduleId = ScheduleId(1);

/// Six seats side by side, then two areas of these many places; user 1 is inside.
fn shop(floor: u64, pit: u64) -> Shop {
    shop_of(floor, pit, &[])
}

/// The same with these price types, of which a place to stand has each but the first at less than half.
fn shop_of(floor: u64, pit: u64, types: &[&str]) -> Shop {
    let price = |name: &&str| Price { price_type: PriceTypeId::from(*name), amount: 3 };
    let prices: Vec<Price> = types.iter().skip(1).map(price).collect();
    let terms = Terms { prices, ..Terms::default() }.shared();
    let mut seats: Vec<SeatSpec> = (1..=6).map(|id| shop::seat(1, id, id as u32, 100)).collect();
    for (area, places) in [("Floor", floor), ("Pit", pit)] {
        for _ in 0..places {
            let id = seats.len() as u64 + 1;
            let section = Some(area.to_owned());
            let terms = terms.clone();
            seats.push(SeatSpec { section, standing: true, terms, ..shop::seat(1, id, id as u32, 7) });
        }
    }
    let settings = Settings { hold_limit_per_user: u32::MAX, ..Settings::default() };
    let mut shop = Shop::open(patient(10), settings, 0);
    let named = |name: &&str| PriceType { id: PriceTypeId::from(*name), title: None };
    let price_types = (!types.is_empty()).then(|| types.iter().map(named).collect());
    let schedules = vec![Schedule { orphans: Some(Orphans::Refuse), price_types, ..shop::schedule(1, 1) }];
    let part = CatalogPart { schedules, seats, ..CatalogPart::default() };
    let upload = UploadId(2);
    let set_up = vec![Command::Raise { level: OFFERS }, Command::Stage { upload, part }, Command::Publish { upload }];
    assert!(shop.all(set_up).iter().all(Result::is_ok));
    shop.one(shop::join(1)).expect("there is room");
    shop
}

fn ask(shop: &mut Shop, seats: &[u64], areas: &[(&str, u32)]) -> Outcome {
    let areas =
        areas.iter().map(|&(area, quantity)| AreaWish { area: area.to_owned(), quantity, price_type: None }).collect();
    ask_with(shop, seats, areas)
}

fn ask_for(shop: &mut Shop, areas: Vec<AreaWish>) -> Outcome {
    ask_with(shop, &[], areas)
}

fn ask_with(shop: &mut Shop, seats: &[u64], areas: Vec<AreaWish>) -> Outcome {
    let seats = seats.iter().map(|&seat| SeatId(seat).into()).collect();
    shop.one(Command::ReserveAreas {
        ticket: shop::ticket(0),
        user: UserId(1),
        schedule: DATE,
        seats,
        areas,
        key: None,
    })
}

/// What is held, and what it costs.
fn held(shop: &mut Shop, seats: &[u64], areas: &[(&str, u32)]) -> (Vec<u64>, u64) {
    let Ok(Reply::Reserved(once)) = ask(shop, seats, areas) else { panic!("no hold") };
    let row = shop.engine.reservation(once.value.reservation).expect("it was just held");
    (row.seats.iter().map(|seat| seat.0).collect(), row.amount)
}

fn too_few(left: &[(&str, u32)]) -> Outcome {
    Err(Refusal::AreaTooFew(left.iter().map(|&(area, left)| (area.into(), left)).collect()))
}

#[test]
fn the_first_free_places_are_held_with_seats_beside_them() {
    let mut shop = shop(10, 3);
    assert_eq!(held(&mut shop, &[], &[("Floor", 2)]), (vec![7, 8], 14));
    assert_eq!(held(&mut shop, &[2, 1], &[("Pit", 1), ("Floor", 3)]), (vec![2, 1, 17, 9, 10, 11], 228));
    assert_eq!(held(&mut shop, &[13], &[("Floor", 2)]), (vec![13, 12, 14], 21), "not the one that is named");
    let cancelled = shop.one(Command::Cancel { user: UserId(1), reservation: ReservationId(1) });
    assert!(cancelled.is_ok(), "{cancelled:?}");
    shop.restart();
    assert_eq!(held(&mut shop, &[], &[("Floor", 3)]), (vec![7, 8, 15], 21));
    assert!(shop.one(shop::reserve(0, 1, 16)).is_ok(), "a place has a number, too");
}

#[test]
fn an_area_is_never_oversold_and_says_what_is_left() {
    let mut shop = shop(5, 2);
    held(&mut shop, &[], &[("Floor", 3)]);
    assert_eq!(ask(&mut shop, &[], &[("Floor", 3)]), too_few(&[("Floor", 2)]));
    assert_eq!(ask(&mut shop, &[3, 4], &[("Pit", 3), ("Floor", 4)]), too_few(&[("Pit", 2), ("Floor", 2)]));
    assert_eq!(shop.engine.available(DATE), Some(6 + 7 - 3), "all or none");
    held(&mut shop, &[], &[("Floor", 2), ("Pit", 2)]);
    assert_eq!(ask(&mut shop, &[], &[("Floor", 1)]), too_few(&[("Floor", 0)]));
    assert!(shop.one(shop::reserve_all(0, 1, &[1, 2, 3, 4, 5, 6])).is_ok());
    assert_eq!(ask(&mut shop, &[], &[("Floor", 1)]), Err(Refusal::SoldOut));
}

#[test]
fn an_area_is_had_at_several_price_types_in_one_hold() {
    let mut shop = shop_of(5, 2, &["adult", "child"]);
    let wish = |area: &str, quantity, price_type: Option<&str>| AreaWish {
        area: area.to_owned(),
        quantity,
        price_type: price_type.map(PriceTypeId::from),
    };
    let family = vec![wish("Floor", 2, None), wish("Pit", 1, None), wish("Floor", 2, Some("child"))];
    let Ok(Reply::Reserved(once)) = ask_for(&mut shop, family) else { panic!("no hold") };
    let row = shop.engine.reservation(once.value.reservation).expect("it was just held");
    assert_eq!(row.seats.iter().map(|seat| seat.0).collect::<Vec<_>>(), [7, 8, 12, 9, 10]);
    let types: Vec<&str> = row.price_types.iter().map(PriceTypeId::as_str).collect();
    assert_eq!((&types[..], row.amount), (&["adult", "adult", "adult", "child", "child"][..], 7 * 3 + 3 * 2));
    let more = vec![wish("Floor", 1, Some("child")), wish("Floor", 1, None)];
    assert_eq!(ask_for(&mut shop, more), too_few(&[("Floor", 1)]), "the area is named once");
    let twice = vec![wish("Floor", 1, Some("child")), wish("Floor", 1, Some("child"))];
    assert_eq!(ask_for(&mut shop, twice), Err(Refusal::SeatsInvalid));
    let Err(Refusal::PriceTypeNotOffered(seats)) = ask_for(&mut shop, vec![wish("Pit", 1, Some("senior"))]) else {
        panic!("it has no such price")
    };
    assert_eq!(seats.iter().map(|seat| seat.0).collect::<Vec<_>>(), [13]);
    assert_eq!(shop.engine.available(DATE), Some(6 + 7 - 5));
}

#[test]
fn what_is_no_wish_is_refused() {
    let mut shop = shop(5, 2);
    for (seats, areas) in [
        (&[][..], &[][..]),
        (&[1], &[]),
        (&[], &[("Floor", 0)]),
        (&[], &[("Floor", 17)]),
        (&[], &[("Floor", 1), ("Floor", 1)]),
        (&[1, 1], &[("Floor", 1)]),
        (&[1, 2], &[("Floor", 5), ("Pit", u32::MAX)]),
    ] {
        assert_eq!(ask(&mut shop, seats, areas), Err(Refusal::SeatsInvalid), "{seats:?} {areas:?}");
    }
    assert_eq!(ask(&mut shop, &[], &[("Pit", 1), ("A", 1)]), Err(Refusal::AreaNotFound(1)), "people sit there");
    assert_eq!(ask(&mut shop, &[99], &[("Pit", 1)]), Err(Refusal::SeatNotFound([].into())));
    assert_eq!(ask(&mut shop, &[2], &[("Pit", 1)]), Err(Refusal::SeatLeftAlone([SeatId(1)].into())));
    assert_eq!(shop.engine.available(DATE), Some(13));
}

/// Whoever stands has no neighbour: no wish for seats side by side ends there unless it says so, and nobody leaves a place alone.
#[test]
fn places_to_stand_are_no_seats_side_by_side() {
    let mut shop = shop(70, 2);
    let wish = |count, section: Option<&str>| Command::ReserveBest {
        ticket: shop::ticket(0),
        user: UserId(1),
        schedule: DATE,
        wish: Wish { section: section.map(str::to_owned), ..Wish::of(count, Together::Required) },
        key: None,
    };
    assert_eq!(shop.one(wish(7, None)), Err(Refusal::SeatsTooFew));
    assert!(shop.one(wish(16, Some("Floor"))).is_ok());
    assert_eq!(shop.one(wish(3, Some("Pit"))), Err(Refusal::SeatsTooFew));
    assert!(shop.one(shop::reserve(0, 1, 24)).is_ok(), "place 23 has nobody beside it, and does not mind");
    assert!(shop.one(wish(6, None)).is_ok());
}

/// However full an area is, its last place is found, and however large it is.
#[test]
fn every_place_of_a_large_area_is_had_once() {
    let places = 10_000;
    let mut shop = shop(places, 1);
    let mut had = BTreeSet::new();
    while had.len() < places as usize {
        let quantity = (places as usize - had.len()).min(16) as u32;
        for seat in held(&mut shop, &[], &[("Floor", quantity)]).0 {
            assert!(had.insert(seat), "place {seat} is had twice");
        }
    }
    assert_eq!(ask(&mut shop, &[], &[("Floor", 1)]), too_few(&[("Floor", 0)]));
    let back = ReservationId(400);
    let freed = shop.engine.reservation(back).expect("it is held").seats.clone();
    assert!(shop.one(Command::Cancel { user: UserId(1), reservation: back }).is_ok());
    let again = held(&mut shop, &[], &[("Floor", 16)]).0;
    assert_eq!(again, freed.iter().map(|seat| seat.0).collect::<Vec<_>>());
}

/// Whoever names the first price type, and whoever names none, means the same.
#[test]
fn from_its_level_on_the_first_price_type_is_no_other_than_none() {
    let wishes = |second: Option<&str>| {
        let wish = |price_type: Option<&str>| AreaWish {
            area: "Floor".to_owned(),
            quantity: 1,
            price_type: price_type.map(PriceTypeId::from),
        };
        vec![wish(Some("adult")), wish(second)]
    };
    let mut shop = shop_of(8, 0, &["adult", "child"]);
    ask_for(&mut shop, wishes(None)).expect("programs of before take it");
    shop.one(Command::Raise { level: RANKS }).expect("a raise is never refused");
    assert_eq!(ask_for(&mut shop, wishes(None)), Err(Refusal::AreaTwice(1)));
    ask_for(&mut shop, wishes(Some("child"))).expect("another price");
}
