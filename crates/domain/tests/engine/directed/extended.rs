//! Holds that their owners make longer: once, and while nobody waits for a turn.

use onsale_domain::command::Command;
use onsale_domain::ids::{ReservationId, ScheduleId, UserId};
use onsale_domain::level::OFFERS;
use onsale_domain::reply::{Extended, Outcome, Refusal, Reply};
use onsale_domain::settings::Settings;
use onsale_domain::time::Time;

use super::patient;
use crate::shop::{self, Shop};

const TTL_MS: u64 = 300_000;
const MORE_MS: u64 = 120_000;

/// A shop that lets two in, of whom the first holds seat 1.
fn shop(extend: Option<u64>) -> (Shop, ReservationId) {
    let mut shop = Shop::open(patient(2), Settings { hold_ttl_ms: TTL_MS, ..Settings::default() }, 10);
    let settings = Settings { hold_ttl_ms: TTL_MS, hold_extend_ms: extend, ..Settings::default() };
    let done = shop.all(vec![Command::Raise { level: OFFERS }, Command::Configure { settings }, shop::join(1)]);
    assert!(done.iter().all(Result::is_ok), "{done:?}");
    let held = shop.hold(0, 1, 1);
    (shop, held)
}

fn extend(shop: &mut Shop, user: u64, reservation: ReservationId) -> Outcome {
    let outcome = shop.one(Command::Extend { user: UserId(user), reservation });
    shop.restart();
    outcome
}

#[test]
fn a_hold_becomes_longer_once_and_lapses_then() {
    let (mut shop, held) = shop(Some(MORE_MS));
    let until = shop.now + TTL_MS + MORE_MS;
    shop.now += TTL_MS - 1;
    let extended = Extended { reservation: held, schedule: ScheduleId(1), reserved_until: Time(until) };
    assert_eq!(extend(&mut shop, 1, held), Ok(Reply::Extended(extended)));
    assert_eq!(extend(&mut shop, 1, held), Err(Refusal::HoldExtended));
    shop.now = until - 1;
    shop.tick();
    assert_eq!(shop.engine.next_deadline(), Time(until));
    assert_eq!(shop.engine.holds_of(UserId(1), ScheduleId(1)), 1);
    shop.now = until;
    assert_eq!(extend(&mut shop, 1, held), Err(Refusal::HoldExpired));
    assert_eq!(shop.engine.available(ScheduleId(1)), Some(10));
}

#[test]
fn it_takes_the_owner_and_a_setting() {
    let (mut shop, held) = shop(Some(MORE_MS));
    assert_eq!(extend(&mut shop, 2, held), Err(Refusal::ReservationNotFound));
    let (mut off, held) = self::shop(None);
    assert_eq!(extend(&mut off, 1, held), Err(Refusal::ExtendOff));
    let mut low = Shop::open(patient(2), Settings::default(), 1);
    let settings = Settings { hold_extend_ms: Some(MORE_MS), ..Settings::default() };
    assert_eq!(low.one(Command::Configure { settings }), Err(Refusal::SettingInvalid("hold.extend")));
}

#[test]
fn nobody_waits_for_it() {
    let (mut shop, held) = shop(Some(MORE_MS));
    shop.all(vec![shop::join(2), shop::join(3)]);
    assert_eq!(extend(&mut shop, 1, held), Err(Refusal::OthersWait));
    shop.one(Command::Leave { ticket: shop::ticket(2), user: Some(UserId(3)) }).expect("a place");
    extend(&mut shop, 1, held).expect("nobody waits now");
}

#[test]
fn a_sale_that_was_stopped_gives_no_more_time() {
    let (mut shop, held) = shop(Some(MORE_MS));
    shop.one(Command::SetSaleClosed { schedule: ScheduleId(1), closed: true }).expect("a date");
    assert_eq!(extend(&mut shop, 1, held), Err(Refusal::SaleClosed));
}

#[test]
fn to_drop_and_take_it_again_gives_no_second_time() {
    let (mut shop, held) = shop(Some(MORE_MS));
    extend(&mut shop, 1, held).expect("the first time");
    let until = Time(shop.now + TTL_MS + MORE_MS);
    shop.now += TTL_MS;
    shop.one(Command::Cancel { user: UserId(1), reservation: held }).expect("it is held");
    let again = shop.hold(0, 1, 1);
    let reserved_until = shop.engine.reservation(again).expect("a hold").reserved_until;
    assert_eq!(reserved_until, until);
    assert_eq!(extend(&mut shop, 1, again), Err(Refusal::HoldExtended));
}

#[test]
fn what_ended_becomes_no_longer() {
    let (mut shop, held) = shop(Some(MORE_MS));
    shop.one(Command::Cancel { user: UserId(1), reservation: held }).expect("it is held");
    assert_eq!(extend(&mut shop, 1, held), Err(Refusal::ReservationCancelled));
    let paid = shop.hold(0, 1, 2);
    shop.all(vec![shop::charge(1, 100), shop::pay(1, paid)]);
    assert_eq!(extend(&mut shop, 1, paid), Err(Refusal::AlreadyPaid));
}
