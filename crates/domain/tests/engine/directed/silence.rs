//! People inside who are not there any more: who counts as silent, and what letting them go does.

use onsale_domain::command::Command;
use onsale_domain::ids::KeyId;
use onsale_domain::level;
use onsale_domain::operator::Operator;
use onsale_domain::queue::Status;
use onsale_domain::reply::{LetGo, Refusal, Reply};
use onsale_domain::reservation::State;
use onsale_domain::row::Row;
use onsale_domain::settings::{QueueSettings, Settings};
use onsale_domain::time::Time;

use crate::shop::{self, QUEUE, Shop};

const SETTINGS: QueueSettings = QueueSettings {
    active_limit: 3,
    admit_per_second: None,
    session_ttl_ms: 600_000,
    waiting_ttl_ms: 10_000,
    waiting_grace_ms: 600_000,
    session_idle_ms: None,
    proof_bits: None,
    network_places: None,
    session_max_ms: None,
};

/// Three are inside, two wait and go on polling.
fn full_at(level: u32) -> Shop {
    let mut shop = Shop::open(SETTINGS, Settings::default(), 4);
    shop.one(Command::Raise { level }).expect("a raise is never refused");
    shop.all((1..=5).map(shop::join).collect());
    shop
}

/// Time passes, and these are heard from in it.
fn pass(shop: &mut Shop, seconds: u64, heard: &[u32]) {
    for _ in 0..seconds {
        shop.walk(1_000);
        shop.all(vec![shop::seen(heard.iter().copied())]);
    }
}

fn silent(shop: &Shop) -> u32 {
    shop.engine.queues()[0].silent(Time(shop.now))
}

fn let_go(shop: &mut Shop, silent_ms: u64) -> Result<Reply, Refusal> {
    shop.one(Command::LetSilentGo { queue: QUEUE, silent_ms })
}

fn statuses(shop: &Shop) -> Vec<Status> {
    let queue = &shop.engine.queues()[0];
    (0..5).map(|number| queue.ticket(number).expect("remembered").1.status()).collect()
}

#[test]
fn who_is_silent_inside_is_counted_and_let_go_for_those_who_wait() {
    let mut shop = full_at(level::FAIRNESS);
    pass(&mut shop, 20, &[0, 3, 4]);
    assert_eq!(silent(&shop), 0, "not yet: twice the waiting_ttl");
    pass(&mut shop, 2, &[0, 3, 4]);
    assert_eq!(silent(&shop), 2);
    shop.restart();
    assert_eq!(silent(&shop), 2);
    assert_eq!(let_go(&mut shop, SETTINGS.silence_ms()), Ok(Reply::LetGo(LetGo { sessions: 2, holding: 0 })));
    let (inside, over) = (Status::Progress, Status::Expired);
    assert_eq!(statuses(&shop), [inside, over, over, inside, inside]);
    assert_eq!(silent(&shop), 0);
    assert_eq!(let_go(&mut shop, SETTINGS.silence_ms()), Ok(Reply::LetGo(LetGo { sessions: 0, holding: 0 })));
    shop.restart();
}

/// Whoever comes back pays as if nothing had been.
#[test]
fn a_seat_that_is_held_is_kept_to_its_end_and_can_be_paid() {
    let mut shop = full_at(level::FAIRNESS);
    let (kept, lost) = (shop.hold(1, 2, 1), shop.hold(2, 3, 2));
    shop.one(shop::charge(2, 100)).expect("a charge");
    pass(&mut shop, 22, &[0, 3, 4]);
    assert_eq!(let_go(&mut shop, SETTINGS.silence_ms()), Ok(Reply::LetGo(LetGo { sessions: 2, holding: 2 })));
    assert_eq!(shop.one(shop::reserve(1, 2, 3)), Err(Refusal::SessionExpired));
    assert!(matches!(shop.one(shop::pay(2, kept)), Ok(Reply::Paid(_))));
    let state = shop.engine.reservation(lost).map(|reservation| reservation.state);
    assert_eq!(state, Some(State::Held), "its owner may still come");
}

/// A restart, an outage and the level itself are nobody's silence.
#[test]
fn nobody_is_silent_who_could_not_be_heard() {
    let mut shop = full_at(level::EDGES);
    pass(&mut shop, 30, &[3, 4]);
    assert_eq!(silent(&shop), 0, "nobody inside is listened to below the level");
    assert_eq!(let_go(&mut shop, SETTINGS.silence_ms()), Ok(Reply::LetGo(LetGo { sessions: 0, holding: 0 })));
    shop.one(Command::Raise { level: level::FAIRNESS }).expect("a raise");
    assert_eq!(silent(&shop), 0, "all begin anew with the level");
    for outage in [Command::Start, Command::Tick] {
        pass(&mut shop, 15, &[3, 4]);
        shop.now += if outage == Command::Tick { 60_000 } else { 1 };
        shop.one(outage).expect("neither is refused");
        pass(&mut shop, 15, &[3, 4]);
        assert_eq!(silent(&shop), 0);
    }
    pass(&mut shop, 10, &[]);
    assert_eq!(silent(&shop), 3, "those who poll count as well as those who wait");
}

#[test]
fn it_is_on_record_and_those_who_are_there_cannot_be_meant() {
    let mut shop = full_at(level::FAIRNESS);
    pass(&mut shop, 22, &[0, 3, 4]);
    assert_eq!(let_go(&mut shop, SETTINGS.waiting_ttl_ms - 1), Err(Refusal::SettingInvalid("silentFor")));
    let by = Operator { key: KeyId(1), name: Some("Kim".to_owned()) };
    let command = Box::new(Command::LetSilentGo { queue: QUEUE, silent_ms: 20_000 });
    let batch = onsale_domain::command::Batch { commands: vec![Command::Operate { by, command }] };
    let (_, rows) = shop.batch(&batch);
    let lever = rows.iter().find_map(|row| if let Row::Lever(lever) = row { Some(lever) } else { None });
    let lever = lever.expect("a record");
    assert_eq!(lever.target, "queue default, silent for 20s");
    assert_eq!(lever.after, "let go 2, of them 0 who hold a seat");
}
