//! People inside who do nothing: whose slot is freed, who keeps theirs, and what is nobody's idleness.

use onsale_domain::command::Command;
use onsale_domain::ids::{KeyId, QueueId, UserId};
use onsale_domain::level;
use onsale_domain::operator::Operator;
use onsale_domain::queue::Status;
use onsale_domain::reply::{Refusal, Reply};
use onsale_domain::row::Row;
use onsale_domain::settings::{QueueSettings, Settings};
use onsale_domain::time::Time;

use crate::shop::{self, QUEUE, Shop};

const IDLE_MS: u64 = 10_000;
const SETTINGS: QueueSettings = QueueSettings {
    active_limit: 3,
    admit_per_second: None,
    session_ttl_ms: 600_000,
    waiting_ttl_ms: 60_000,
    waiting_grace_ms: 600_000,
    session_idle_ms: Some(IDLE_MS),
    proof_bits: None,
    network_places: None,
    session_max_ms: None,
};
const OFF: QueueSettings = QueueSettings { session_idle_ms: None, ..SETTINGS };

fn configure(settings: QueueSettings) -> Command {
    Command::ConfigureQueue { queue: QUEUE, settings: Some(settings), mode: None }
}

/// Three are inside, three wait and go on polling.
fn full() -> Shop {
    let mut shop = Shop::open(OFF, Settings { hold_ttl_ms: 25_000, ..Settings::default() }, 4);
    shop.one(Command::Raise { level: level::IDLE }).expect("a raise is never refused");
    shop.one(configure(SETTINGS)).expect("a setting of its level");
    shop.all((1..=6).map(shop::join).collect());
    shop
}

/// Seconds pass, and these do something in each.
fn pass(shop: &mut Shop, seconds: u64, active: &[u32]) {
    for _ in 0..seconds {
        shop.walk(1_000);
        shop.all(vec![shop::seen(0..6), shop::active(active.iter().copied())]);
    }
}

fn statuses(shop: &Shop) -> String {
    let queue = &shop.engine.queues()[0];
    let status = |number| queue.ticket(number).map(|(_, state)| state.status());
    (0..6)
        .map(|number| match status(number) {
            Some(Status::Waiting) => 'w',
            Some(Status::Progress) => 'P',
            Some(Status::Done) => 'd',
            Some(Status::Expired) => 'e',
            None => '-',
        })
        .collect()
}

#[test]
fn who_does_nothing_frees_the_slot_at_the_moment_and_the_next_has_it() {
    let mut shop = full();
    pass(&mut shop, 9, &[0]);
    assert_eq!(statuses(&shop), "PPPwww", "polls are no activity, and the time is not over");
    let end = shop.now + 1_000;
    assert_eq!(shop.engine.next_deadline(), Time(end));
    shop.now = end - 1;
    shop.all(vec![shop::active([1])]);
    assert_eq!(statuses(&shop), "PPPwww");
    shop.now = end;
    // Too late by nothing at all.
    shop.all(vec![shop::active([2])]);
    assert_eq!(statuses(&shop), "PPePww", "the next is in, and there are never more than three");
    shop.restart();
    pass(&mut shop, 9, &[0]);
    assert_eq!(statuses(&shop), "PPePww");
    shop.now += 999;
    shop.tick();
    assert_eq!(statuses(&shop), "PeePPw", "ten seconds after the last thing that was done");
    assert_eq!(shop.one(shop::reserve(1, 2, 1)), Err(Refusal::SessionExpired));
}

#[test]
fn a_hold_is_doing_something_and_from_its_end_on_all_the_time_begins_again() {
    let mut shop = full();
    pass(&mut shop, 5, &[0, 1]);
    let (held, paid) = (shop.hold(1, 2, 1), shop.hold(2, 3, 2));
    shop.one(shop::charge(3, 100)).expect("a charge");
    pass(&mut shop, 24, &[0]);
    assert_eq!(statuses(&shop), "PPPwww", "nothing was done for 24 s but to hold seats");
    shop.restart();
    assert!(matches!(shop.one(shop::pay(3, paid)), Ok(Reply::Paid(_))));
    assert_eq!(statuses(&shop), "PPdPww");
    pass(&mut shop, 1, &[0, 3]);
    assert!(!shop.engine.reservation(held).expect("remembered").state.keeps_seats(), "it lapsed just now");
    pass(&mut shop, 9, &[0, 3]);
    assert_eq!(statuses(&shop), "PPdPww");
    pass(&mut shop, 1, &[0, 3]);
    assert_eq!(statuses(&shop), "PedPPw");
}

/// A restart, an outage and the switch itself are nobody's idleness.
#[test]
fn nobody_is_idle_who_could_not_be_heard() {
    for outage in ["a start", "a gap", "off and on", "a shorter time"] {
        let mut shop = full();
        pass(&mut shop, 9, &[]);
        match outage {
            "a start" => drop(shop.one(Command::Start)),
            "a gap" => {
                shop.now += IDLE_MS / 4 + 1;
                shop.tick();
            }
            "off and on" => {
                shop.one(configure(OFF)).expect("it can be switched off");
                pass(&mut shop, 60, &[]);
                shop.one(configure(SETTINGS)).expect("and on");
            }
            _ => drop(shop.one(configure(QueueSettings { session_idle_ms: Some(IDLE_MS - 1), ..SETTINGS }))),
        }
        shop.restart();
        pass(&mut shop, 9, &[]);
        assert_eq!(statuses(&shop), "PPPwww", "{outage}");
        pass(&mut shop, 1, &[]);
        assert_eq!(statuses(&shop), "eeePPP", "{outage}");
    }
}

#[test]
fn those_of_before_it_was_switched_on_have_all_of_the_time_too() {
    let mut shop = full();
    shop.one(configure(OFF)).expect("it can be switched off");
    shop.one(Command::Leave { ticket: shop::ticket(0), user: None }).expect("a place is given up");
    pass(&mut shop, 60, &[3]);
    assert_eq!(statuses(&shop), "dPPPww");
    shop.one(configure(SETTINGS)).expect("and on");
    shop.restart();
    pass(&mut shop, 9, &[2]);
    pass(&mut shop, 1, &[2]);
    assert_eq!(statuses(&shop), "dePePP");
}

#[test]
fn it_belongs_to_its_level_and_is_on_record() {
    let mut shop = Shop::open(OFF, Settings::default(), 1);
    let refused = Err(Refusal::SettingInvalid("queue.session_idle"));
    assert_eq!(shop.one(configure(SETTINGS)), refused);
    let settings = Settings { queue: SETTINGS, ..Settings::default() };
    assert_eq!(shop.one(Command::Configure { settings }), refused);
    shop.one(Command::Raise { level: level::IDLE }).expect("a raise");
    assert_eq!(shop.one(configure(QueueSettings { session_idle_ms: Some(99), ..SETTINGS })), refused);
    let by = Operator { key: KeyId(1), name: Some("Kim".to_owned()) };
    let command = Box::new(configure(SETTINGS));
    let batch = onsale_domain::command::Batch { commands: vec![Command::Operate { by, command }] };
    let (_, rows) = shop.batch(&batch);
    let lever = rows.iter().find_map(|row| if let Row::Lever(lever) = row { Some(lever) } else { None });
    let lever = lever.expect("a record");
    assert_eq!((lever.before.as_str(), lever.after.as_str()), ("sessionIdle 0s", "sessionIdle 10s"));
    let unknown = Command::Active { queue: QueueId(9), tickets: Vec::new() };
    assert_eq!(shop.one(unknown), Err(Refusal::QueueNotFound));
    assert_eq!(shop.one(shop::active([70_000])), Ok(Reply::Done), "what nobody has says nothing");
}

/// A node notes nothing of what somebody does of whom it knows no end: who is shown to have a hold, and has none, would lose the session.
#[test]
fn readers_know_who_has_a_hold_in_whatever_queue_and_whatever_was_switched() {
    let (mut shop, vip) = (full(), QueueId(1));
    shop.all(vec![
        Command::OpenQueue { name: "vip".to_owned() },
        Command::ConfigureQueue { queue: vip, settings: Some(SETTINGS), mode: None },
        Command::Join { user: UserId(1), queue: vip, key: KeyId(7) },
    ]);
    let shown = |shop: &Shop| [0, 1].map(|queue| shop.engine.queues()[queue].line().active(0));
    let cancel = |reservation| Command::Cancel { user: UserId(1), reservation };
    let held = shop.hold(0, 1, 1);
    assert_eq!(shown(&shop), [Some(Time::NEVER); 2]);
    pass(&mut shop, 12, &[]);
    shop.restart();
    assert_eq!(shown(&shop), [Some(Time::NEVER); 2], "it kept them in both");
    shop.one(cancel(held)).expect("a hold is dropped");
    assert_eq!(shown(&shop), [Some(Time(shop.now)); 2], "and is over in both");

    let held = shop.hold(0, 1, 2);
    shop.one(configure(OFF)).expect("it can be switched off");
    shop.one(cancel(held)).expect("a hold is dropped");
    shop.one(configure(SETTINGS)).expect("and on");
    assert!(shown(&shop)[0] < Some(Time::NEVER), "what ended meanwhile is over");
    shop.one(configure(OFF)).expect("it can be switched off");
    let held = shop.hold(0, 1, 3);
    shop.one(configure(SETTINGS)).expect("and on");
    assert_eq!(shown(&shop), [Some(Time::NEVER); 2], "what began meanwhile counts");

    pass(&mut shop, 12, &[]);
    shop.one(shop::charge(1, 100)).expect("a charge");
    assert!(matches!(shop.one(shop::pay(1, held)), Ok(Reply::Paid(_))));
    assert_eq!(shown(&shop)[1], Some(Time(shop.now)), "the other visit goes on, without a hold");
    shop.walk(IDLE_MS - 1);
    let inside = |shop: &Shop| shop.engine.queues()[1].active();
    assert_eq!(inside(&shop), 1);
    shop.walk(1);
    assert_eq!(inside(&shop), 0);
}

/// More than one entry ends: whoever's end has not fired is refused all the same, and revived by nothing.
#[test]
fn more_are_idle_than_one_entry_ends() {
    let many = 10_002;
    let mut shop = Shop::open(OFF, Settings::default(), 1);
    shop.one(Command::Raise { level: level::IDLE }).expect("a raise");
    let patient = QueueSettings { active_limit: many, waiting_ttl_ms: 3_600_000, ..SETTINGS };
    shop.one(configure(patient)).expect("a setting of its level");
    shop.crowd(u64::from(many));
    for _ in 0..3 {
        shop.now += IDLE_MS / 4;
        shop.tick();
    }
    shop.now += IDLE_MS / 4;
    let active = |shop: &Shop| shop.engine.queues()[0].active();
    let last = many - 1;
    let outcomes = shop.all(vec![shop::active([last]), shop::reserve(last, u64::from(many), 1)]);
    assert_eq!(active(&shop), 2, "as many as one entry ends");
    assert_eq!(outcomes[1], Err(Refusal::SessionExpired));
    shop.tick();
    assert_eq!(active(&shop), 0);
}
