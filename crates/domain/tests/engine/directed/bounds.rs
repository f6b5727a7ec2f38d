//! More falls due at once than one batch deals with: what is due and has not fired is checked where it is used.

use onsale_domain::command::Command;
use onsale_domain::queue::Status;
use onsale_domain::reply::{Refusal, Reply};
use onsale_domain::reservation::State;
use onsale_domain::settings::{QueueSettings, Settings};

use super::patient;
use crate::shop::{self, Shop, ticket};

/// Over twice what fires in one batch.
const MANY: u64 = 25_000;

/// `MANY` people, each inside with a hold of the seat of the same number, all due now; nothing has fired.
fn all_holds_due() -> Shop {
    let mut shop = Shop::open(patient(u32::MAX), Settings { hold_limit_per_user: 1, ..Settings::default() }, MANY);
    shop.crowd(MANY);
    shop.all((1..=MANY).map(|user| shop::reserve(user as u32 - 1, user, user)).collect());
    shop.now += Settings::default().hold_ttl_ms;
    shop
}

fn last(shop: &Shop) -> onsale_domain::ids::ReservationId {
    let held = shop.engine.seat(onsale_domain::ids::ScheduleId(1), onsale_domain::ids::SeatId(MANY));
    held.and_then(|(_, by)| by).expect("the last seat is held")
}

#[test]
fn a_due_seat_is_free_for_another_before_its_hold_has_fired() {
    let mut shop = all_holds_due();
    let unfired = last(&shop);
    let outcomes = shop.all(vec![shop::pay(MANY, unfired), shop::reserve(0, 1, MANY)]);
    assert_eq!(outcomes[0], Err(Refusal::HoldExpired));
    assert!(matches!(outcomes[1], Ok(Reply::Reserved(_))), "{:?}", outcomes[1]);
    let state = shop.engine.reservation(unfired).map(|reservation| reservation.state);
    assert!(matches!(state, Some(State::Lapsed { .. })), "{state:?}");
}

#[test]
fn the_rest_fires_with_the_following_batches() {
    let mut shop = all_holds_due();
    let schedule = onsale_domain::ids::ScheduleId(1);
    let mut batches = 0;
    while shop.engine.next_deadline().0 <= shop.now {
        shop.tick();
        batches += 1;
        shop.restart();
        assert!(batches <= MANY, "it comes to an end");
    }
    assert_eq!(batches, 3);
    assert_eq!(shop.engine.available(schedule), Some(MANY as u32));
}

/// A hold that is due neither counts towards its owner's limit nor can it be released any more.
#[test]
fn a_due_hold_is_no_hold_for_its_owner_or_the_operator() {
    let mut shop = all_holds_due();
    let unfired = last(&shop);
    let outcomes = shop
        .all(vec![Command::Release { reservation: unfired, reason: None }, shop::reserve(MANY as u32 - 1, MANY, 1)]);
    assert_eq!(outcomes[0], Err(Refusal::HoldExpired));
    assert!(matches!(outcomes[1], Ok(Reply::Reserved(_))), "{:?}", outcomes[1]);
}

#[test]
fn a_due_session_is_over_before_it_has_fired() {
    let settings = QueueSettings { session_ttl_ms: 1_000, ..patient(u32::MAX) };
    let mut shop = Shop::open(settings, Settings::default(), 1);
    shop.crowd(MANY);
    shop.now += 1_000;
    let last = MANY as u32 - 1;
    let outcomes = shop.all(vec![shop::reserve(last, MANY, 1), Command::Leave { ticket: ticket(last), user: None }]);
    assert_eq!(outcomes, [Err(Refusal::SessionExpired), Ok(Reply::Left(Status::Expired))]);
}

/// More are silent than are passed over at one go; the node is told to come back at once.
#[test]
fn a_long_row_of_silent_tickets_is_passed_over_in_steps() {
    let settings = QueueSettings { waiting_ttl_ms: 1_000, ..patient(1) };
    let mut shop = Shop::open(settings, Settings::default(), 1);
    shop.crowd(MANY);
    shop.walk(1_500);
    shop.one(Command::Leave { ticket: ticket(0), user: None }).expect("the first leaves");
    let mut batches = 1;
    while shop.engine.next_deadline().0 <= shop.now {
        shop.tick();
        batches += 1;
        assert!(batches <= MANY, "it comes to an end");
    }
    assert!(batches > 1, "one go is bounded");
    assert!(shop.engine.queues()[0].line().is_empty());
}

/// A thousand times the slots at once: the crowd gets in, first come, first served, and no batch takes all of them.
#[test]
fn many_new_slots_are_filled_in_steps() {
    let mut shop = Shop::open(patient(1), Settings::default(), 1);
    shop.crowd(MANY);
    shop.one(Command::ConfigureQueue { queue: shop::QUEUE, settings: Some(patient(u32::MAX)), mode: None })
        .expect("the limit is raised");
    let mut batches = 1;
    while !shop.engine.queues()[0].line().is_empty() {
        let inside = shop.engine.queues()[0].active();
        assert_eq!(shop.engine.queues()[0].position(inside), 1, "the next in line is the next to be let in");
        assert!(shop.engine.next_deadline().0 <= shop.now, "a node is told to go on at once");
        shop.tick();
        batches += 1;
    }
    assert_eq!(batches, 3);
}
