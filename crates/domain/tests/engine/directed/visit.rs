//! When a payment ends the visit: with the last of what its owner holds.

use onsale_domain::command::Command;
use onsale_domain::ids::{ReservationId, UserId};
use onsale_domain::level::{LIMITS, SELLING};
use onsale_domain::queue::Status;
use onsale_domain::reply::Reply;
use onsale_domain::settings::Settings;

use super::patient;
use crate::shop::{self, Shop};

const HOLD_MS: u64 = 60_000;

/// A shop at this level, with user 1 inside and rich.
fn shop(level: u32) -> Shop {
    let settings = Settings { hold_ttl_ms: HOLD_MS, ..Settings::default() };
    let mut shop = Shop::open(patient(10), settings, 10);
    let done = shop.all(vec![Command::Raise { level }, shop::join(1), shop::charge(1, 1_000)]);
    assert!(done.iter().all(Result::is_ok), "{done:?}");
    shop
}

/// Pays; whether the session goes on, by the answer and by the ticket.
fn goes_on(shop: &mut Shop, id: ReservationId) -> bool {
    let Ok(Reply::Paid(paid)) = shop.one(shop::pay(1, id)) else { panic!("it is held, and there is money") };
    let queue = &shop.engine.queues()[0];
    let (owner, state) = queue.ticket(0).expect("it is remembered");
    assert_eq!(owner, UserId(1));
    assert_eq!(paid.value.session_until.is_some(), state.status() == Status::Progress);
    paid.value.session_until.is_some()
}

#[test]
fn it_goes_on_while_something_else_is_held() {
    let mut shop = shop(SELLING);
    let ids = [1, 2, 3].map(|seat| shop.hold(0, 1, seat));
    assert!(goes_on(&mut shop, ids[1]));
    shop.restart();
    assert!(goes_on(&mut shop, ids[0]));
    assert!(!goes_on(&mut shop, ids[2]));
}

#[test]
fn several_seats_in_one_hold_are_one_payment_that_ends_it() {
    let mut shop = shop(SELLING);
    let Ok(Reply::Reserved(held)) = shop.one(shop::reserve_all(0, 1, &[1, 2, 3])) else { panic!("they are free") };
    assert!(!goes_on(&mut shop, held.value.reservation));
}

#[test]
fn what_lapsed_or_was_dropped_keeps_nobody_inside() {
    let mut shop = shop(SELLING);
    let lapsing = shop.hold(0, 1, 1);
    shop.walk(HOLD_MS / 2);
    let dropped = shop.hold(0, 1, 2);
    let paid = shop.hold(0, 1, 3);
    shop.one(Command::Cancel { user: UserId(1), reservation: dropped }).expect("it is held");
    shop.now += HOLD_MS / 2;
    assert!(!goes_on(&mut shop, paid), "reservation {lapsing} is over at this very moment");
}

#[test]
fn below_the_level_each_payment_ends_it() {
    let mut shop = shop(LIMITS);
    let ids = [1, 2].map(|seat| shop.hold(0, 1, seat));
    assert!(!goes_on(&mut shop, ids[0]));
}
