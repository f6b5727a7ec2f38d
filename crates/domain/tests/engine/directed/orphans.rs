//! Single seats that a choice would leave: refused where nobody need leave one, and only there.

use onsale_domain::command::{CatalogPart, Command};
use onsale_domain::concert::{Attributes, Orphans, Schedule, SeatSpec, Terms};
use onsale_domain::ids::{KeyId, ReservationId, ScheduleId, SeatId, UploadId, UserId};
use onsale_domain::level::{OFFERS, RANKS};
use onsale_domain::operator::{Action, Operator};
use onsale_domain::reply::{Outcome, Refusal};
use onsale_domain::row::Row;
use onsale_domain::settings::Settings;

use super::patient;
use crate::shop::{self, Shop};

const DATE: ScheduleId = ScheduleId(1);

/// Rows of these lengths, seats numbered from 1 throughout, the rows' names in the opposite order; user 1 is inside.
fn shop(orphans: Option<Orphans>, rows: &[u64]) -> Shop {
    let mut seats = Vec::new();
    for (row, &length) in rows.iter().enumerate() {
        for _ in 0..length {
            let id = seats.len() as u64 + 1;
            seats.push(SeatSpec { row: Some((9 - row).to_string()), ..shop::seat(1, id, id as u32, 100) });
        }
    }
    let mut shop = Shop::open(patient(10), Settings { hold_limit_per_user: 99, ..Settings::default() }, 0);
    let schedules = vec![Schedule { orphans, ..shop::schedule(1, 1) }];
    let part = CatalogPart { schedules, seats, ..CatalogPart::default() };
    let upload = UploadId(2);
    let set_up = vec![Command::Raise { level: OFFERS }, Command::Stage { upload, part }, Command::Publish { upload }];
    assert!(shop.all(set_up).iter().all(Result::is_ok));
    shop.one(shop::join(1)).expect("there is room");
    shop
}

fn choose(shop: &mut Shop, seats: &[u64]) -> Outcome {
    shop.one(shop::reserve_all(0, 1, seats))
}

fn alone(seats: &[u64]) -> Outcome {
    Err(Refusal::SeatLeftAlone(seats.iter().copied().map(SeatId).collect()))
}

#[test]
fn a_choice_that_leaves_a_single_seat_is_refused_where_another_leaves_none() {
    let mut shop = shop(Some(Orphans::Refuse), &[6, 4]);
    assert_eq!(choose(&mut shop, &[2]), alone(&[1]));
    assert_eq!(choose(&mut shop, &[2, 5]), alone(&[1, 6]));
    assert_eq!(choose(&mut shop, &[3, 1]), alone(&[2]), "between both of them");
    assert_eq!(choose(&mut shop, &[8, 2]), alone(&[1, 7]), "in the order of the list, not of the rows' names");
    assert_eq!(choose(&mut shop, &[2, 3, 4, 5]), alone(&[1, 6]), "the other row would go as a whole");
    assert!(choose(&mut shop, &[7, 8, 9, 10]).is_ok());
    assert_eq!(choose(&mut shop, &[2, 3, 4, 5]), alone(&[1, 6]), "they could be further to one side");
    assert!(choose(&mut shop, &[2, 3, 4, 5, 6]).is_ok(), "whoever has five of six leaves one");
    assert!(choose(&mut shop, &[1]).is_ok(), "nobody minds that one that was single goes");
}

#[test]
fn nobody_minds_where_the_date_does_not() {
    for orphans in [None, Some(Orphans::Allow), Some(Orphans::Prefer)] {
        let mut shop = shop(orphans, &[6]);
        assert!(choose(&mut shop, &[2]).is_ok(), "{orphans:?}");
    }
}

#[test]
fn seats_that_come_back_may_stand_alone() {
    let mut shop = shop(Some(Orphans::Refuse), &[3]);
    for seat in [1, 2, 3] {
        // The middle one is left with a neighbour; then each is the last of its kind.
        assert!(choose(&mut shop, &[seat]).is_ok(), "{seat}");
    }
    let cancelled = shop.one(Command::Cancel { user: UserId(1), reservation: ReservationId(2) });
    assert!(cancelled.is_ok(), "{cancelled:?}");
    assert!(choose(&mut shop, &[2]).is_ok());
}

/// A hold whose time is up counts no more, though it has not been written down: its seats are neighbours.
#[test]
fn what_has_lapsed_is_a_neighbour() {
    let mut shop = shop(Some(Orphans::Refuse), &[5, 9]);
    assert!(choose(&mut shop, &[1, 2]).is_ok());
    assert_eq!(choose(&mut shop, &[4, 5]), alone(&[3]));
    shop.now += Settings::default().hold_ttl_ms;
    assert!(choose(&mut shop, &[4, 5]).is_ok());
}

#[test]
fn a_catalog_that_says_nothing_leaves_the_lever_where_it_is() {
    let mut shop = shop(None, &[6]);
    let by = Operator { key: KeyId(9), name: Some("Kim".to_owned()) };
    let command = Box::new(Command::SetOrphans { schedule: DATE, orphans: Orphans::Refuse });
    let batch = onsale_domain::command::Batch { commands: vec![Command::Operate { by, command }] };
    let (_, rows) = shop.batch(&batch);
    let lever = rows.iter().find_map(|row| if let Row::Lever(lever) = row { Some(lever) } else { None });
    let lever = lever.expect("it is on record");
    assert_eq!((lever.action, lever.target.as_str()), (Action::ChangeSale, "schedule 1"));
    assert_eq!((lever.before.as_str(), lever.after.as_str()), ("orphans prefer", "orphans refuse"));
    let part = CatalogPart { schedules: vec![shop::schedule(1, 1)], ..CatalogPart::default() };
    let upload = UploadId(3);
    assert!(shop.all(vec![Command::Stage { upload, part }, Command::Publish { upload }]).iter().all(Result::is_ok));
    assert_eq!(choose(&mut shop, &[2]), alone(&[1]));
    shop.restart();
    assert_eq!(choose(&mut shop, &[2]), alone(&[1]));
}

/// Rows of these lengths, each a section of its own, at this level.
fn sections(level: u32, rows: &[u64]) -> Shop {
    let mut shop = shop(Some(Orphans::Refuse), &[1]);
    shop.one(Command::Raise { level }).expect("a raise is never refused");
    let mut part = shop::catalog(0);
    for (section, &length) in rows.iter().enumerate() {
        for _ in 0..length {
            let id = part.seats.len() as u64 + 1;
            let section = Some(section.to_string());
            part.seats.push(SeatSpec { section, ..shop::seat(1, id, id as u32, 100) });
        }
    }
    let upload = UploadId(3);
    assert!(shop.all(vec![Command::Stage { upload, part }, Command::Publish { upload }]).iter().all(Result::is_ok));
    shop
}

#[test]
fn from_its_level_on_every_section_is_looked_at() {
    // Two of three need not leave one: the other section has two.
    assert!(choose(&mut sections(OFFERS, &[3, 2]), &[1, 2]).is_ok(), "below it, only the section's own");
    let mut shop = sections(RANKS, &[3, 2]);
    assert_eq!(choose(&mut shop, &[1, 2]), alone(&[3]));
    choose(&mut shop, &[4, 5]).expect("they leave none");
    choose(&mut shop, &[1, 2]).expect("nowhere are two others");
}

/// Seat 1 is kept for a wheelchair: whoever has the two beside it leaves nobody alone, and nobody else can have it.
#[test]
fn places_that_are_kept_are_no_alternative_and_are_left_alone_by_nobody() {
    let mut shop = sections(RANKS, &[1]);
    let mut part = shop::catalog(5);
    for (at, seat) in part.seats.iter_mut().enumerate() {
        let attributes = Attributes(u8::from(at == 0 || at == 4));
        seat.terms = Terms { attributes, ..Terms::default() }.shared();
        // Two in the row that is gone by then, and the kept one between.
        seat.row = Some(if at < 3 { "1" } else { "2" }.to_owned());
    }
    let upload = UploadId(4);
    assert!(shop.all(vec![Command::Stage { upload, part }, Command::Publish { upload }]).iter().all(Result::is_ok));
    choose(&mut shop, &[2, 3]).expect("seat 1 is kept, and no single seat");
    choose(&mut shop, &[4]).expect("and so is seat 5");
}
