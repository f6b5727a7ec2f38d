//! Sessions that become longer while somebody does something, up to a last moment; and sessions that others keep or end.

use onsale_domain::command::{Batch, Command};
use onsale_domain::ids::{KeyId, UserId};
use onsale_domain::level;
use onsale_domain::operator::Operator;
use onsale_domain::queue::State;
use onsale_domain::reply::{Refusal, Reply};
use onsale_domain::row::Row;
use onsale_domain::settings::{QueueSettings, Settings};
use onsale_domain::time::Time;

use crate::shop::{self, QUEUE, Shop};

const TTL_MS: u64 = 60_000;
const MAX_MS: u64 = 150_000;
const SETTINGS: QueueSettings = QueueSettings {
    active_limit: 2,
    admit_per_second: None,
    session_ttl_ms: TTL_MS,
    waiting_ttl_ms: 600_000,
    waiting_grace_ms: 600_000,
    session_idle_ms: None,
    proof_bits: None,
    network_places: None,
    session_max_ms: Some(MAX_MS),
};
const OFF: QueueSettings = QueueSettings { session_max_ms: None, ..SETTINGS };

fn configure(settings: QueueSettings) -> Command {
    Command::ConfigureQueue { queue: QUEUE, settings: Some(settings), mode: None }
}

fn keep(user: u64) -> Command {
    Command::KeepSession { queue: QUEUE, user: UserId(user) }
}

fn end(user: u64) -> Command {
    Command::EndSession { queue: QUEUE, user: UserId(user) }
}

/// Two are inside, and two wait.
fn full(settings: QueueSettings) -> Shop {
    let mut shop = Shop::open(OFF, Settings { hold_ttl_ms: 100_000, ..Settings::default() }, 4);
    shop.one(Command::Raise { level: level::SESSIONS }).expect("a raise is never refused");
    shop.one(configure(settings)).expect("a setting of its level");
    shop.all((1..=4).map(shop::join).collect());
    shop
}

fn state(shop: &Shop, number: u32) -> State {
    shop.engine.queues()[0].ticket(number).expect("remembered").1
}

/// How long a session still lasts.
fn left(shop: &Shop, number: u32) -> Option<u64> {
    match state(shop, number) {
        State::Progress { until } => Some(until.ms_since(Time(shop.now))),
        _ => None,
    }
}

#[test]
fn who_does_something_has_a_whole_session_again_up_to_the_last_moment() {
    let mut shop = full(SETTINGS);
    assert_eq!(left(&shop, 0), Some(TTL_MS));
    shop.walk(40_000);
    shop.one(shop::active([0])).expect("a report");
    assert_eq!((left(&shop, 0), left(&shop, 1)), (Some(TTL_MS), Some(20_000)));
    shop.restart();
    shop.walk(20_000);
    assert_eq!((left(&shop, 0), left(&shop, 1)), (Some(40_000), None), "who did nothing is out, and the next is in");
    assert_eq!(left(&shop, 2), Some(TTL_MS));
    shop.walk(39_999);
    shop.one(shop::active([0])).expect("a report");
    assert_eq!(left(&shop, 0), Some(MAX_MS - 99_999), "there is no more in all");
    shop.one(shop::active([0])).expect("a report");
    shop.restart();
    shop.walk(50_000);
    shop.one(shop::active([0])).expect("a report");
    assert_eq!(left(&shop, 0), Some(1));
    shop.walk(1);
    assert!(matches!(state(&shop, 0), State::Expired { .. }));
    shop.one(shop::active([0])).expect("it is too late");
    assert_eq!(left(&shop, 0), None);
}

#[test]
fn a_hold_is_doing_something_as_long_as_it_lives() {
    let mut shop = full(SETTINGS);
    shop.walk(30_000);
    let held = shop.hold(0, 1, 1);
    assert_eq!(left(&shop, 0), Some(TTL_MS));
    shop.walk(TTL_MS);
    assert_eq!(left(&shop, 0), Some(TTL_MS), "it was their end, and they hold a seat");
    shop.walk(20_000);
    shop.one(Command::Cancel { user: UserId(1), reservation: held }).expect("a hold is dropped");
    assert_eq!(left(&shop, 0), Some(MAX_MS - 110_000));
    let late = shop.hold(0, 1, 2);
    shop.restart();
    shop.walk(40_000);
    assert!(matches!(state(&shop, 0), State::Expired { .. }), "nothing puts off the last moment");
    shop.one(shop::charge(1, 10_000)).expect("a charge");
    assert!(matches!(shop.one(shop::pay(1, late)), Ok(Reply::Paid(_))), "and what is held can be paid");
}

/// Whatever an operator changes, and whenever it was.
#[test]
fn an_end_that_was_told_is_never_taken_back() {
    let mut shop = full(SETTINGS);
    shop.walk(50_000);
    shop.one(shop::active([0])).expect("a report");
    for settings in [
        OFF,
        QueueSettings { session_ttl_ms: 10_000, session_max_ms: Some(10_000), ..SETTINGS },
        QueueSettings { session_ttl_ms: 100, session_max_ms: None, ..SETTINGS },
    ] {
        shop.one(configure(settings)).expect("a setting of its level");
        shop.all(vec![shop::active([0]), keep(1)]);
        shop.restart();
        assert_eq!(left(&shop, 0), Some(TTL_MS));
    }
    shop.one(configure(SETTINGS)).expect("as it was");
    shop.walk(50_000);
    shop.one(shop::active([0])).expect("a report");
    assert_eq!(left(&shop, 0), Some(MAX_MS - 100_000), "when they were let in was not forgotten");
}

#[test]
fn those_of_before_count_as_let_in_a_session_before_their_end() {
    let mut shop = full(OFF);
    shop.walk(50_000);
    shop.all(vec![shop::active([0]), keep(1)]);
    assert_eq!(left(&shop, 0), Some(10_000), "as it always was");
    shop.one(configure(SETTINGS)).expect("a setting of its level");
    assert_eq!(shop.one(keep(1)), Ok(Reply::SessionKept(Time(shop.now + TTL_MS))));
    shop.restart();
    shop.walk(55_000);
    assert_eq!(shop.one(keep(1)), Ok(Reply::SessionKept(Time(shop.now + MAX_MS - 105_000))));
}

#[test]
fn others_keep_and_end_the_sessions_of_those_who_are_inside() {
    let mut shop = full(SETTINGS);
    let held = shop.hold(1, 2, 1);
    assert_eq!(shop.all(vec![keep(3), end(3), keep(99), end(99)]), vec![Err(Refusal::NotAdmitted); 4]);
    let by = Operator { key: KeyId(1), name: Some("Moon Tickets".to_owned()) };
    let commands = vec![Command::Operate { by, command: Box::new(end(2)) }];
    let (outcomes, rows) = shop.batch(&Batch { commands });
    assert_eq!(outcomes, [Ok(Reply::Done)]);
    let lever = rows.iter().find_map(|row| if let Row::Lever(lever) = row { Some(lever) } else { None });
    assert_eq!(lever.map(|lever| lever.target.as_str()), Some("queue default, user 2"));
    assert!(matches!(state(&shop, 1), State::Done { .. }));
    assert_eq!(left(&shop, 2), Some(TTL_MS), "the slot is the next one's, in the same entry");
    assert_eq!(shop.one(shop::reserve(1, 2, 2)), Err(Refusal::SessionDone));
    assert_eq!(shop.one(end(2)), Err(Refusal::NotAdmitted), "there is none any more");
    shop.one(shop::charge(2, 10_000)).expect("a charge");
    assert!(matches!(shop.one(shop::pay(2, held)), Ok(Reply::Paid(_))), "what was held is theirs to pay");
}

#[test]
fn it_belongs_to_its_level_and_is_no_shorter_than_a_session() {
    let mut shop = Shop::open(OFF, Settings::default(), 1);
    let refused = Err(Refusal::SettingInvalid("queue.session_max"));
    assert_eq!(shop.one(configure(SETTINGS)), refused);
    shop.one(Command::Raise { level: level::SESSIONS }).expect("a raise");
    assert_eq!(shop.one(configure(QueueSettings { session_max_ms: Some(TTL_MS - 1), ..SETTINGS })), refused);
    let settings = Settings { queue: SETTINGS, ..Settings::default() };
    assert_eq!(shop.one(Command::Configure { settings }), Ok(Reply::Done));
    assert_eq!(shop.one(configure(SETTINGS)), Ok(Reply::Done));
}
