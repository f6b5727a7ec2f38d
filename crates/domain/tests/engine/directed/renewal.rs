//! Holds that their owner drops and takes again.

use onsale_domain::command::Command;
use onsale_domain::ids::{ReservationId, UserId};
use onsale_domain::level::{EDGES, FAIRNESS};
use onsale_domain::reply::{Reply, Reserved};
use onsale_domain::settings::Settings;
use onsale_domain::time::Time;

use super::patient;
use crate::shop::{self, Shop};

const TTL_MS: u64 = 300_000;

fn shop(level: u32) -> Shop {
    let mut shop = Shop::open(patient(10), Settings { hold_ttl_ms: TTL_MS, ..Settings::default() }, 5);
    if level > shop.engine.level() {
        shop.one(Command::Raise { level }).expect("a level that this program knows");
    }
    shop.all((1..=3).map(shop::join).collect());
    shop
}

fn hold(shop: &mut Shop, user: u64, seats: &[u64]) -> Reserved {
    match shop.one(shop::reserve_all(user as u32 - 1, user, seats)) {
        Ok(Reply::Reserved(stored)) => stored.value,
        other => panic!("no hold: {other:?}"),
    }
}

fn cancel(shop: &mut Shop, user: u64, reservation: ReservationId) {
    shop.one(Command::Cancel { user: UserId(user), reservation }).expect("a live hold");
}

#[test]
fn dropping_a_seat_and_taking_it_again_wins_no_time() {
    let mut shop = shop(FAIRNESS);
    let first = hold(&mut shop, 1, &[1]);
    let mut last = first.reservation;
    for _ in 0..20 {
        shop.now += 1_000;
        cancel(&mut shop, 1, last);
        let again = hold(&mut shop, 1, &[1]);
        assert_eq!(again.reserved_until, first.reserved_until);
        last = again.reservation;
        shop.restart();
    }
    shop.now = first.reserved_until.0;
    shop.tick();
    // From there on it is anybody's, theirs too.
    let fresh = hold(&mut shop, 1, &[1]);
    assert_eq!(fresh.reserved_until, Time(shop.now + TTL_MS));
}

#[test]
fn nobody_else_has_less_time_for_it() {
    let mut shop = shop(FAIRNESS);
    let first = hold(&mut shop, 1, &[1]);
    shop.now += 1_000;
    cancel(&mut shop, 1, first.reservation);
    let other = hold(&mut shop, 2, &[1]);
    assert_eq!(other.reserved_until, Time(shop.now + TTL_MS));
    // Another seat is no renewal, and another's turn has come between.
    shop.now += 1_000;
    assert_eq!(hold(&mut shop, 1, &[2]).reserved_until, Time(shop.now + TTL_MS));
    cancel(&mut shop, 2, other.reservation);
    assert_eq!(hold(&mut shop, 1, &[1]).reserved_until, Time(shop.now + TTL_MS));
}

#[test]
fn the_earliest_of_several_seats_counts() {
    let mut shop = shop(FAIRNESS);
    let early = hold(&mut shop, 1, &[1]);
    shop.now += 1_000;
    let late = hold(&mut shop, 1, &[2]);
    for one in [late, early] {
        cancel(&mut shop, 1, one.reservation);
    }
    assert_eq!(hold(&mut shop, 1, &[2, 3, 1]).reserved_until, early.reserved_until);
}

#[test]
fn who_lost_a_hold_otherwise_has_the_whole_time_again() {
    let mut shop = shop(FAIRNESS);
    let first = hold(&mut shop, 1, &[1]);
    shop.now += 1_000;
    shop.one(Command::Release { reservation: first.reservation, reason: None }).expect("a live hold");
    assert_eq!(hold(&mut shop, 1, &[1]).reserved_until, Time(shop.now + TTL_MS));
}

#[test]
fn before_the_level_the_rule_is_none() {
    let mut shop = shop(EDGES);
    let first = hold(&mut shop, 1, &[1]);
    shop.now += 1_000;
    cancel(&mut shop, 1, first.reservation);
    assert_eq!(hold(&mut shop, 1, &[1]).reserved_until, Time(shop.now + TTL_MS));
}
