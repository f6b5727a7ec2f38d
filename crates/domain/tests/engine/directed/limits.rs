//! How many seats one person may have: held and paid together, of a date and of a concert.

use onsale_domain::command::Command;
use onsale_domain::ids::{ReservationId, ScheduleId, UploadId, UserId};
use onsale_domain::level::{FAIRNESS, LIMITS};
use onsale_domain::reply::{Outcome, Refusal, Reply};
use onsale_domain::settings::Settings;

use super::patient;
use crate::shop::{self, Shop};

/// A shop with two dates of one concert, ten seats each, and these limits.
fn shop(per_date: Option<u32>, per_concert: Option<u32>) -> Shop {
    let settings = Settings { hold_limit_per_user: 4, ..Settings::default() };
    let mut shop = Shop::open(patient(10), settings.clone(), 10);
    let mut both = shop::catalog(10);
    both.schedules.push(shop::schedule(2, 1));
    both.seats.extend((1..=10).map(|id| shop::seat(2, id, id as u32, 100)));
    let limited = Settings { seats_per_user: per_date, seats_per_user_per_concert: per_concert, ..settings };
    let upload = UploadId(2);
    let done = shop.all(vec![
        Command::Raise { level: LIMITS },
        Command::Configure { settings: limited },
        Command::Stage { upload, part: both },
        Command::Publish { upload },
    ]);
    assert!(done.iter().all(Result::is_ok), "{done:?}");
    shop
}

/// Somebody comes, however often, and takes these seats.
fn take(shop: &mut Shop, user: u64, schedule: u64, seats: &[u64]) -> Result<ReservationId, Refusal> {
    let Ok(Reply::Joined(joined)) = shop.one(shop::join(user)) else { panic!("the queue is open") };
    let Command::Reserve { seats, .. } = shop::reserve_all(0, user, seats) else { unreachable!() };
    let schedule = ScheduleId(schedule);
    let outcome: Outcome =
        shop.one(Command::Reserve { ticket: joined.ticket, user: UserId(user), schedule, seats, key: None });
    outcome.map(|reply| match reply {
        Reply::Reserved(once) => once.value.reservation,
        other => panic!("no hold: {other:?}"),
    })
}

fn buy(shop: &mut Shop, user: u64, schedule: u64, seats: &[u64]) {
    let id = take(shop, user, schedule, seats).expect("they may have it");
    shop.one(shop::charge(user, 1_000)).expect("within the limit");
    shop.one(shop::pay(user, id)).expect("there is money");
    shop.restart();
}

#[test]
fn what_was_paid_counts_however_often_one_comes_again() {
    let mut shop = shop(Some(3), None);
    buy(&mut shop, 1, 1, &[1]);
    buy(&mut shop, 1, 1, &[2, 3]);
    assert_eq!(take(&mut shop, 1, 1, &[4]), Err(Refusal::SeatLimitReached));
    // Another date has a count of its own, and so has another person.
    take(&mut shop, 1, 2, &[1, 2, 3]).expect("another date");
    take(&mut shop, 2, 1, &[4, 5, 6]).expect("another person");
}

#[test]
fn seats_count_and_not_holds_and_what_was_given_back_does_not() {
    let mut shop = shop(Some(3), None);
    let held = take(&mut shop, 1, 1, &[1, 2]).expect("two of three");
    assert_eq!(take(&mut shop, 1, 1, &[3, 4]), Err(Refusal::SeatLimitReached));
    take(&mut shop, 1, 1, &[3]).expect("three of three");
    shop.one(Command::Cancel { user: UserId(1), reservation: held }).expect("it is held");
    shop.restart();
    take(&mut shop, 1, 1, &[1]).expect("room again");
    // A hold whose time is up counts no longer, though nothing has ended it yet.
    shop.now += 300_000;
    take(&mut shop, 1, 1, &[5, 6, 7]).expect("all lapsed");
}

#[test]
fn a_concert_counts_over_its_dates() {
    let mut shop = shop(Some(3), Some(4));
    buy(&mut shop, 1, 1, &[1, 2, 3]);
    assert_eq!(take(&mut shop, 1, 2, &[1, 2]), Err(Refusal::SeatLimitReached));
    take(&mut shop, 1, 2, &[1]).expect("four of four");
    assert_eq!(take(&mut shop, 1, 2, &[2]), Err(Refusal::SeatLimitReached));
}

#[test]
fn the_limit_of_holds_counts_their_seats() {
    let mut shop = shop(None, None);
    assert_eq!(take(&mut shop, 1, 1, &[1, 2, 3, 4, 5]), Err(Refusal::HoldLimitReached));
    take(&mut shop, 1, 1, &[1, 2, 3, 4]).expect("four at once");
    assert_eq!(take(&mut shop, 1, 1, &[5]), Err(Refusal::HoldLimitReached));
}

#[test]
fn below_its_level_there_is_no_limit_to_set_and_holds_count() {
    let mut shop = Shop::open(patient(10), Settings { hold_limit_per_user: 1, ..Settings::default() }, 10);
    shop.one(Command::Raise { level: FAIRNESS }).expect("a level");
    let settings = Settings { seats_per_user: Some(1), ..Settings::default() };
    assert_eq!(shop.one(Command::Configure { settings }), Err(Refusal::SettingInvalid("limit.seats_per_user")));
    take(&mut shop, 1, 1, &[1, 2, 3]).expect("one hold");
    assert_eq!(take(&mut shop, 1, 1, &[4]), Err(Refusal::HoldLimitReached));
}
