//! Places by a draw.

use onsale_domain::command::{Batch, Command};
use onsale_domain::ids::{KeyId, QueueId};
use onsale_domain::operator::Operator;
use onsale_domain::queue::{Draw, Drawn, Join, Opening, Order, Phase, Status};
use onsale_domain::reply::{Refusal, Reply};
use onsale_domain::row::Row;
use onsale_domain::settings::Settings;
use onsale_domain::time::Time;

use super::patient;
use crate::shop::{self, QUEUE, Shop, ticket};

const SEED: [u8; 32] = [7; 32];

fn order(order: Order) -> Command {
    Command::SetOrder { queue: QUEUE, order }
}

fn by_draw() -> Command {
    order(Order::Draw { seed: SEED })
}

fn beacon(beacon: &str) -> Command {
    Command::SetBeacon { queue: QUEUE, beacon: beacon.to_owned() }
}

/// A shop with so many slots whose places are drawn; its pre-queue has begun.
fn shop(active_limit: u32) -> Shop {
    let mut shop = Shop::open(patient(active_limit), Settings::default(), 3);
    let at = |ms| Some(Time(shop.now + ms));
    let opening = Opening { prequeue_at: at(1_000), opens_at: at(10_000), closes_at: at(100_000) };
    let outcomes = shop.all(vec![by_draw(), Command::SetOpening { queue: QUEUE, opening }]);
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    shop.now += 1_000;
    shop
}

impl Shop {
    fn opens(&mut self) {
        self.now = self.engine.queues()[0].opening().opens_at.expect("it was set").0;
        self.tick();
    }

    fn draw(&self) -> &Draw {
        self.engine.queues()[0].draw().expect("there is one")
    }

    fn order_of(&self, numbers: core::ops::Range<u32>) -> Vec<u32> {
        let mut all: Vec<_> = numbers.map(|number| (self.engine.queues()[0].position(number), number)).collect();
        all.sort_unstable();
        all.into_iter().filter(|&(position, _)| position > 0).map(|(_, number)| number).collect()
    }
}

#[test]
fn who_joins_before_the_opening_is_drawn_and_who_joins_later_stands_behind() {
    let mut shop = shop(2);
    shop.crowd(500);
    let before = shop.engine.queues()[0].position(17);
    shop.all(vec![Command::Leave { ticket: ticket(17), user: None }, shop::join(4)]);
    assert_eq!((before, shop.engine.queues()[0].issued()), (18, 500), "one place for each, however often they ask");
    shop.restart();
    shop.now = shop.engine.queues()[0].opening().opens_at.unwrap().0;
    shop.all(vec![shop::join(9_001), shop::join(9_002)]);
    let queue = &shop.engine.queues()[0];
    let places = shop.draw().places(&[]).expect("they are drawn");
    let mut drawn: Vec<_> = (0..500).collect();
    drawn.sort_by_key(|&number| places.drawn(number));
    drawn.retain(|&number| number != 17);
    assert!(!drawn.is_sorted(), "nobody stands by when they joined");
    let inside: Vec<_> =
        (0..502).filter(|&n| queue.ticket(n).is_some_and(|(_, state)| state.status() == Status::Progress)).collect();
    let mut first = drawn[..2].to_vec();
    first.sort_unstable();
    assert_eq!(inside, first, "the first two that were drawn");
    let expected: Vec<_> = drawn[2..].iter().copied().chain([500, 501]).collect();
    assert_eq!(shop.order_of(0..502), expected);
    assert_eq!(places.drawn(500), None);
    shop.restart();
    assert_eq!(shop.order_of(0..502), expected, "a start finds the same");
    // They are let in as they stand.
    for (i, &next) in expected.iter().enumerate().take(20) {
        let leaves = if i < 2 { drawn[i] } else { expected[i - 2] };
        shop.all(vec![Command::Leave { ticket: ticket(leaves), user: None }]);
        let state = shop.engine.queues()[0].ticket(next).map(|(_, state)| state.status());
        assert_eq!(state, Some(Status::Progress), "{next} is next");
    }
    assert_eq!(shop.order_of(0..502), expected[20..]);
}

#[test]
fn the_seed_those_who_joined_their_times_and_the_beacon_each_change_everything() {
    let key = |seed: u8, users: u64, beacon_is: Option<&str>, late_ms: u64| {
        let mut shop = shop(1);
        shop.all(vec![order(Order::Fifo), order(Order::Draw { seed: [seed; 32] })]);
        shop.all(beacon_is.into_iter().map(beacon).collect());
        shop.crowd(users);
        shop.now += late_ms;
        shop.all(vec![shop::join(9_001)]);
        shop.opens();
        shop.draw().key()
    };
    let one = key(1, 20, None, 0);
    assert_eq!(one, key(1, 20, None, 0));
    for other in [key(2, 20, None, 0), key(1, 21, None, 0), key(1, 20, Some("drand 1"), 0), key(1, 20, None, 1)] {
        assert_ne!(one, other);
    }
}

#[test]
fn an_order_stays_while_anybody_waits_and_a_commitment_for_good() {
    let mut shop = shop(1);
    let commitment = shop.draw().commitment();
    assert_eq!(shop.one(order(Order::Draw { seed: [8; 32] })), Ok(Reply::Done), "there is one already");
    shop.all(vec![shop::join(1)]);
    assert_eq!(shop.draw().commitment(), commitment);
    assert_eq!(shop.one(order(Order::Fifo)), Err(Refusal::QueueInUse));
    assert_eq!(shop.one(Command::SetOrder { queue: QueueId(9), order: Order::Fifo }), Err(Refusal::QueueNotFound));
    shop.all(vec![Command::Leave { ticket: ticket(0), user: None }]);
    let before = shop.engine.mark().fingerprint;
    assert_eq!(shop.one(order(Order::Fifo)), Ok(Reply::Done));
    assert_ne!(shop.engine.mark().fingerprint, before);
    assert_eq!(shop.one(beacon("drand 1")), Err(Refusal::DrawMissing));
    shop.all(vec![by_draw(), shop::join(2), shop::join(3)]);
    assert_eq!(shop.draw().first, Some(1), "who left before takes no part");
    assert_eq!(shop.one(beacon(" ")), Err(Refusal::SettingInvalid("beacon")));
    assert_eq!(shop.one(beacon("drand 1")), Ok(Reply::Done));
    assert_eq!(shop.one(beacon("drand 2")), Err(Refusal::BeaconGiven));
    shop.opens();
    assert_eq!(shop.one(beacon("drand 3")), Err(Refusal::DrawMissing));
    assert_eq!(shop.one(by_draw()), Err(Refusal::QueueInUse), "somebody waits where the draw has them");
    shop.restart();
    // The next sale has a draw of its own.
    shop.all(vec![Command::Leave { ticket: ticket(1), user: None }, Command::Leave { ticket: ticket(2), user: None }]);
    let opening = Opening { opens_at: Some(Time(shop.now + 50)), prequeue_at: Some(Time(shop.now)), closes_at: None };
    shop.all(vec![by_draw(), Command::SetOpening { queue: QUEUE, opening }]);
    assert_eq!((shop.draw().drawn, shop.draw().first), (None, Some(3)));
    shop.crowd(300);
    shop.restart();
    shop.opens();
    assert_eq!(shop.draw().drawn, Some(Drawn { at: Time(shop.now), tickets: 300, left: 0 }));
    assert!(!shop.order_of(3..303).is_sorted());
}

#[test]
fn many_who_left_before_are_taken_out_batch_by_batch_and_nobody_is_let_in_meanwhile() {
    let mut shop = shop(3);
    shop.crowd(50_000);
    let leave = |number| Command::Leave { ticket: ticket(number), user: None };
    shop.all((0..45_000).map(leave).collect());
    shop.opens();
    let left = |shop: &Shop| shop.draw().drawn.expect("it is drawn").left;
    assert_eq!((left(&shop), shop.engine.queues()[0].active()), (25_000, 0));
    assert!(shop.engine.next_deadline().0 <= shop.now, "the rest is due");
    shop.restart();
    assert!(shop.engine.next_deadline().0 <= shop.now);
    shop.now += 1;
    shop.tick();
    assert_eq!((left(&shop), shop.engine.queues()[0].active()), (5_000, 0));
    shop.now += 1;
    shop.tick();
    let queue = &shop.engine.queues()[0];
    assert_eq!((left(&shop), queue.active(), queue.line().len()), (0, 3, 4_997));
    let order = shop.order_of(45_000..50_000);
    assert_eq!(queue.position(order[0]), 1);
    assert_eq!(queue.position(order[4_996]), 4_997);
}

#[test]
fn whoever_has_another_token_since_took_part_when_they_joined() {
    let mut shop = shop(1);
    shop.all((1..=3).map(shop::join).collect());
    let joined_at = shop.now;
    shop.now += 500;
    let by = Operator { key: KeyId(1), name: None };
    let revoke = Command::Operate { by, command: Box::new(Command::Revoke { user: onsale_domain::ids::UserId(2) }) };
    let (_, rows) = shop.batch(&Batch { commands: vec![revoke] });
    let told = rows.iter().find_map(|row| if let Row::Ticket(row) = row { Some(*row) } else { None });
    assert_eq!(told.map(|row| row.joined_at), Some(Some(Time(joined_at))));
    shop.restart();
    shop.opens();
    let queue = &shop.engine.queues()[0];
    let joins: Vec<_> = (0..3).map(|number| Join { number, at: Time(joined_at), tier: None }).collect();
    assert_eq!(queue.line().joins(0..3), joins);
    let link = |chain, join: &Join| Draw::link(&chain, join.number, join.at, join.tier);
    let chain = joins.iter().fold(shop.draw().commitment(), link);
    assert_eq!(chain, shop.draw().joins);
    assert_eq!(queue.phase(), Phase::Open);
}
