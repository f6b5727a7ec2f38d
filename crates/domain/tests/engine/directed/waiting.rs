//! Long queues: places, chunk borders, forgetting, absence.

use onsale_domain::command::Command;
use onsale_domain::queue::{State, Status};
use onsale_domain::reply::{Refusal, Reply};
use onsale_domain::settings::{QueueSettings, Settings};
use onsale_domain::time::Time;

use super::patient;
use crate::shop::{self, Shop, ticket};

const DAY_MS: u64 = 86_400_000;
/// Tickets are kept, and forgotten, so many at a time.
const CHUNK: u32 = 65_536;

fn filled(active_limit: u32, users: u64) -> Shop {
    let mut shop = Shop::open(patient(active_limit), Settings::default(), 1);
    shop.all((1..=users).map(shop::join).collect());
    shop
}

/// Every tenth of 100,000 leaves, from all over the line; every place is counted anew.
#[test]
fn places_are_exact_under_departures_anywhere() {
    let mut shop = filled(1, 100_000);
    let gone = |number: u32| number.wrapping_mul(2_654_435_761).is_multiple_of(10);
    shop.all(
        (1..100_000).filter(|&number| gone(number)).map(|n| Command::Leave { ticket: ticket(n), user: None }).collect(),
    );
    let mut place = 0;
    for number in 1..100_000 {
        place += u32::from(!gone(number));
        let expected = if gone(number) { 0 } else { place };
        assert_eq!(shop.engine.queues()[0].position(number), expected, "ticket {number}");
    }
    shop.restart();
    assert_eq!(shop.engine.queues()[0].line().len(), place);
}

#[test]
fn old_tickets_are_forgotten_a_day_after_the_last_of_their_chunk_ended() {
    let mut shop = filled(1, u64::from(CHUNK) + 10);
    for first in (0..CHUNK).step_by(1_024) {
        shop.all((first..first + 1_024).map(|number| Command::Leave { ticket: ticket(number), user: None }).collect());
    }
    assert!(matches!(shop.engine.queues()[0].ticket(CHUNK), Some((_, State::Progress { .. }))));
    shop.now += DAY_MS;
    shop.tick();
    assert!(shop.engine.queues()[0].ticket(0).is_some(), "a whole day is remembered");
    shop.now += 1;
    shop.tick();
    let queue = &shop.engine.queues()[0];
    assert_eq!(queue.ticket(0), None);
    assert_eq!(queue.position(CHUNK + 3), 3);
    shop.restart();
    assert_eq!(shop.one(Command::Leave { ticket: ticket(0), user: None }), Ok(Reply::Left(Status::Expired)));
    assert_eq!(shop.one(shop::reserve(5, 6, 1)), Err(Refusal::SessionExpired));
    assert_eq!(shop.engine.queues()[0].position(CHUNK + 3), 3);
    let joined = shop.one(shop::join(1));
    assert!(matches!(joined, Ok(Reply::Joined(joined)) if joined.ticket == ticket(CHUNK + 10)), "{joined:?}");
}

#[test]
fn a_million_wait_and_restart() {
    let mut shop = filled(1, 1_000_000);
    assert_eq!(shop.engine.queues()[0].position(999_999), 999_999);
    shop.restart();
    assert_eq!(shop.engine.queues()[0].position(999_999), 999_999);
    shop.one(Command::Leave { ticket: ticket(0), user: None }).expect("the first leaves");
    assert_eq!(shop.engine.queues()[0].position(999_999), 999_998);
}

const SHORT: QueueSettings = QueueSettings {
    active_limit: 1,
    admit_per_second: None,
    session_ttl_ms: 5_000,
    waiting_ttl_ms: 1_000,
    waiting_grace_ms: 2_000,
    session_idle_ms: None,
    proof_bits: None,
    network_places: None,
    session_max_ms: None,
};

fn status(shop: &Shop, number: u32) -> Status {
    shop.engine.queues()[0].ticket(number).expect("remembered").1.status()
}

/// Ticket 0 is inside until 5,000; then 1 has been silent for longer than its ttl, and 2 has not.
fn passed_over() -> Shop {
    let mut shop = Shop::open(SHORT, Settings::default(), 1);
    shop.all((1..=4).map(shop::join).collect());
    shop.walk(4_900);
    shop.all(vec![shop::seen([2, 3])]);
    shop.walk(100);
    shop
}

#[test]
fn whoever_returns_within_the_grace_gets_the_next_slot() {
    let mut shop = passed_over();
    let absent = State::Absent { until: Time(shop.now + 2_000) };
    assert_eq!(shop.engine.queues()[0].ticket(1).map(|(_, state)| state), Some(absent));
    assert_eq!(status(&shop, 2), Status::Progress);
    assert_eq!(shop.engine.queues()[0].position(3), 1, "the absent count in nobody's position");
    shop.walk(1_999);
    shop.all(vec![shop::seen([1, 3])]);
    assert_eq!(shop.engine.queues()[0].position(3), 1, "nor do those who are back");
    shop.restart();
    shop.all(vec![Command::Leave { ticket: ticket(2), user: None }]);
    assert_eq!(status(&shop, 1), Status::Progress);
    assert_eq!(status(&shop, 3), Status::Waiting);
}

#[test]
fn at_the_end_of_the_grace_it_is_too_late() {
    let mut shop = passed_over();
    shop.walk(2_000);
    shop.all(vec![shop::seen([1])]);
    assert_eq!(status(&shop, 1), Status::Expired);
}

/// An outage longer than the ttl is nobody's silence.
#[test]
fn a_gap_in_the_journal_counts_as_everybody_seen() {
    let mut shop = Shop::open(SHORT, Settings::default(), 1);
    shop.all((1..=2).map(shop::join).collect());
    shop.now += 3_600_000;
    shop.restart();
    shop.one(Command::Start).expect("a start is never refused");
    assert_eq!(status(&shop, 1), Status::Progress);
}

/// Presence is kept in 32 bits of tenths of a second, which begin anew in August 2033.
#[test]
fn silence_is_told_from_presence_in_any_year() {
    for begin in [2_007_333_527_000, 2_010_000_000_000, 2_240_000_000_000, 4_102_444_800_000] {
        let mut shop = Shop::open_at(begin, SHORT, Settings::default(), 1);
        shop.all((1..=3).map(shop::join).collect());
        for _ in 0..8 {
            shop.walk(250);
            shop.all(vec![shop::seen([2])]);
        }
        shop.all(vec![Command::Leave { ticket: ticket(0), user: None }]);
        assert_eq!((status(&shop, 1), status(&shop, 2)), (Status::Waiting, Status::Progress), "{begin}");
        shop.restart();
        shop.all(vec![shop::seen([1])]);
        shop.restart();
        shop.all(vec![Command::Leave { ticket: ticket(2), user: None }]);
        assert_eq!(status(&shop, 1), Status::Progress, "{begin}");
    }
}
