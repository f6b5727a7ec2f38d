//! Wallets, holds of several seats, keys: their limits.

use onsale_domain::command::Command;
use onsale_domain::engine::LoadError;
use onsale_domain::ids::{ReservationId, ScheduleId, SeatId, UserId};
use onsale_domain::level::FAIRNESS;
use onsale_domain::reply::{Refusal, Reply};
use onsale_domain::settings::{IDEMPOTENCY_KEYS_PER_USER_MAX, Settings};

use super::patient;
use crate::shop::{self, Shop};

const DAY_MS: u64 = 86_400_000;
const GREATEST: u64 = (1 << 53) - 1;

fn shop() -> Shop {
    let mut shop = Shop::open(patient(10), Settings { charge_limit: u64::MAX, ..Settings::default() }, 5);
    shop.all((1..=3).map(shop::join).collect());
    shop
}

#[test]
fn a_wallet_never_overflows() {
    let mut shop = shop();
    for amount in [0, GREATEST + 1, u64::MAX] {
        assert_eq!(shop.one(shop::charge(1, amount)), Err(Refusal::AmountInvalid), "{amount}");
    }
    assert!(shop.one(shop::charge(1, GREATEST)).is_ok());
    assert_eq!(shop.one(shop::charge(1, 1)), Err(Refusal::AmountInvalid));
    assert_eq!(shop.engine.wallets().balance(UserId(1)), GREATEST);
    assert_eq!(shop.engine.wallets().sum(), 0);
}

/// Programs of before keep all charges together in 63 bits.
#[test]
fn below_level_2_all_charges_together_have_an_end() {
    let mut shop = shop();
    let outcomes = shop.all((1..=1_025).map(|user| shop::charge(user, GREATEST)).collect());
    assert!(outcomes[..1_024].iter().all(Result::is_ok));
    assert_eq!(outcomes[1_024], Err(Refusal::AmountInvalid));
    assert_eq!(shop.engine.wallets().sum(), 0);
    shop.one(Command::Raise { level: FAIRNESS }).expect("a level that it can read");
    assert!(shop.one(shop::charge(1_025, GREATEST)).is_ok(), "what had ended goes on");
    shop.restart();
}

#[test]
fn whatever_was_charged_everybody_can_charge() {
    let mut shop = shop();
    shop.one(Command::Raise { level: FAIRNESS }).expect("a level that it can read");
    let mut charged = 0;
    for first in (1..=3_000).step_by(1_000) {
        let outcomes = shop.all((first..first + 1_000).map(|user| shop::charge(user, GREATEST)).collect());
        assert!(outcomes.iter().all(Result::is_ok));
        charged += 1_000 * u128::from(GREATEST);
        assert_eq!((shop.engine.mark().counters.charged, shop.engine.wallets().sum()), (charged, 0));
        shop.restart();
    }
    assert!(charged > 1 << 64);
    let held = shop.hold(0, 1, 1);
    shop.one(shop::pay(1, held)).expect("there is enough");
    assert_eq!((shop.engine.mark().counters.sold, shop.engine.wallets().sum()), (100, 0));
    // Another sum with the same low 64 bits is another state.
    let mut mark = shop.engine.mark();
    mark.counters.charged += 1 << 64;
    assert!(matches!(shop.tables.load(&mark), Err(LoadError::Fingerprint { .. })));
}

#[test]
fn several_seats_are_held_all_or_none() {
    let mut shop = shop();
    shop.hold(0, 1, 2);
    assert_eq!(shop.one(shop::reserve_all(1, 2, &[1, 2])), Err(Refusal::SeatNotAvailable([SeatId(2)].into())));
    assert_eq!(shop.one(shop::reserve_all(1, 2, &[1, 9])), Err(Refusal::SeatNotFound([SeatId(9)].into())));
    assert_eq!(shop.one(shop::reserve_all(1, 2, &[1, 1])), Err(Refusal::SeatsInvalid));
    assert_eq!(shop.one(shop::reserve_all(1, 2, &[])), Err(Refusal::SeatsInvalid));
    assert_eq!(shop.engine.available(ScheduleId(1)), Some(4));
    assert!(shop.one(shop::reserve_all(1, 2, &[1, 3])).is_ok());
    assert_eq!(shop.engine.available(ScheduleId(1)), Some(2));
    shop.one(shop::charge(2, 199)).expect("a charge within the limit");
    assert_eq!(shop.one(shop::pay(2, ReservationId(2))), Err(Refusal::InsufficientBalance));
    shop.one(shop::charge(2, 1)).expect("a charge within the limit");
    assert!(shop.one(shop::pay(2, ReservationId(2))).is_ok());
    assert_eq!(shop.engine.wallets().balance(UserId(2)), 0);
}

#[test]
fn the_limit_of_holds_counts_live_ones_alone() {
    let mut shop = Shop::open(patient(10), Settings { hold_limit_per_user: 2, ..Settings::default() }, 5);
    shop.one(shop::join(1)).expect("the queue is open");
    let first = shop.hold(0, 1, 1);
    shop.hold(0, 1, 2);
    assert_eq!(shop.one(shop::reserve(0, 1, 3)), Err(Refusal::HoldLimitReached));
    shop.one(Command::Cancel { user: UserId(1), reservation: first }).expect("it is held");
    assert!(shop.one(shop::reserve(0, 1, 3)).is_ok());
}

#[test]
fn keys_are_bounded_and_live_a_day() {
    let mut shop = shop();
    let charge = |n: u64, amount| Command::Charge { user: UserId(1), amount, key: shop::key(n) };
    let most = IDEMPOTENCY_KEYS_PER_USER_MAX as u64;
    assert_eq!(most, 1_024);
    assert!(shop.all((0..most).map(|n| charge(n, 1)).collect()).iter().all(Result::is_ok));
    assert_eq!(shop.one(charge(most, 1)), Err(Refusal::TooManyKeys));
    shop.now += DAY_MS - 1;
    shop.restart();
    assert!(
        matches!(shop.one(charge(0, 1)), Ok(Reply::Charged(stored)) if stored.replayed && stored.value.balance == 1)
    );
    assert_eq!(shop.one(charge(0, 2)), Err(Refusal::IdempotencyKeyReused));
    shop.now += 1;
    assert!(matches!(shop.one(charge(0, 2)), Ok(Reply::Charged(stored)) if !stored.replayed));
    assert!(shop.one(charge(most, 1)).is_ok());
    shop.restart();
}
