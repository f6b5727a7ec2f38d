//! Some before others, at the opening.

use onsale_domain::command::{Command, Entrant, Entry};
use onsale_domain::ids::{KeyId, UserId};
use onsale_domain::level::{OFFERS, TIERS};
use onsale_domain::queue::{Draw, Drawn, Opening, Order, Permutation, Queue, Status, Tier, Tiered};
use onsale_domain::reply::{Refusal, Reply};
use onsale_domain::settings::Settings;
use onsale_domain::time::Time;
use sha2::{Digest, Sha256};

use super::patient;
use crate::shop::{self, QUEUE, Shop, ticket};

fn enter(user: u64, tier: u8) -> Command {
    let entrant = Entrant::User(UserId(user));
    let entry = Entry { entrant, asked: None, once: None, limit: None, tier: (tier > 0).then_some(tier) };
    Command::Enter { entry, queue: QUEUE, key: KeyId(7) }
}

fn leave(number: u32) -> Command {
    Command::Leave { ticket: ticket(number), user: None }
}

fn opening(shop: &Shop, prequeue_ms: u64, opens_ms: u64) -> Command {
    let at = |ms| Some(Time(shop.now + ms));
    let opening = Opening { prequeue_at: at(prequeue_ms), opens_at: at(opens_ms), closes_at: None };
    Command::SetOpening { queue: QUEUE, opening }
}

/// A shop at a level, whose pre-queue has begun, with so many slots; by a draw where a seed is given.
fn shop_at(level: u32, active_limit: u32, seed: Option<u8>) -> Shop {
    let mut shop = Shop::open(patient(active_limit), Settings::default(), 3);
    let order = seed.map(|seed| Command::SetOrder { queue: QUEUE, order: Order::Draw { seed: [seed; 32] } });
    let set_up = [Command::Raise { level }].into_iter().chain(order).chain([opening(&shop, 1_000, 10_000)]);
    assert!(shop.all(set_up.collect()).iter().all(Result::is_ok));
    shop.now += 1_000;
    shop
}

fn queue(shop: &Shop) -> &Queue {
    &shop.engine.queues()[0]
}

fn open(shop: &mut Shop) {
    shop.now = queue(shop).opening().opens_at.expect("it was set").0;
    shop.tick();
}

/// Who waits, as they stand.
fn line(shop: &Shop) -> Vec<u32> {
    let mut all: Vec<_> = (0..queue(shop).issued()).map(|number| (queue(shop).position(number), number)).collect();
    all.retain(|&(position, _)| position > 0);
    all.sort_unstable();
    assert!(all.iter().map(|&(position, _)| position).eq(1..=all.len() as u32), "each place has somebody");
    all.into_iter().map(|(_, number)| number).collect()
}

/// Lets everybody in who waits, one after the other; in which order.
fn let_all_in(shop: &mut Shop) -> Vec<u32> {
    let mut order = Vec::new();
    loop {
        let inside =
            |number: &u32| queue(shop).ticket(*number).is_some_and(|(_, state)| state.status() == Status::Progress);
        let Some(number) = (0..queue(shop).issued()).find(inside) else { return order };
        order.push(number);
        shop.all(vec![leave(number)]);
    }
}

#[test]
fn in_order_of_joining_tiers_go_first_and_who_has_none_is_last() {
    let mut shop = shop_at(TIERS, 1, None);
    // Number by number: 3, none, 1, 2, 1, none, 9, 3.
    shop.all([3, 0, 1, 2, 1, 0, 9, 3].into_iter().zip(1..).map(|(tier, user)| enter(user, tier)).collect());
    assert_eq!(queue(&shop).tiered(), Some(Tiered { first: 0, opened: None }));
    assert_eq!(queue(&shop).line().waiting_by_tier(), [2, 1, 2, 0, 0, 0, 0, 0, 1]);
    shop.all(vec![leave(2)]);
    shop.restart();
    open(&mut shop);
    assert_eq!(line(&shop), [3, 0, 7, 6, 1, 5], "who is inside is the first of tier 1 that is there");
    let opened = Some(Drawn { at: Time(shop.now), tickets: 8, left: 0 });
    assert_eq!(queue(&shop).tiered(), Some(Tiered { first: 0, opened }));
    // Whoever joins now is behind all of them, whatever the token says; it is written down all the same.
    shop.all(vec![enter(20, 1), shop::join(21)]);
    assert_eq!(queue(&shop).line().tier(8), Tier::new(1));
    assert_eq!(line(&shop), [3, 0, 7, 6, 1, 5, 8, 9]);
    shop.restart();
    assert_eq!(line(&shop), [3, 0, 7, 6, 1, 5, 8, 9]);
    assert_eq!(let_all_in(&mut shop), [4, 3, 0, 7, 6, 1, 5, 8, 9]);
}

/// What an outsider would make of it, with a list and a hash.
fn drawn(draw: &Draw, tiers: &[u8]) -> Vec<u32> {
    let mut order = Vec::new();
    for tier in (1..=9).chain([0]) {
        let members: Vec<u32> = (0..).zip(tiers).filter(|(_, of)| **of == tier).map(|(number, _)| number).collect();
        let key = match tier {
            0 => draw.key(),
            tier => Sha256::new().chain_update(draw.key()).chain_update([tier]).finalize().into(),
        };
        let permutation = Permutation::new(&key, members.len() as u32);
        order.extend((0..members.len() as u32).map(|place| members[permutation.backward(place) as usize]));
    }
    order
}

#[test]
fn three_tiers_are_drawn_one_behind_the_other() {
    let mut shop = shop_at(TIERS, 1, Some(7));
    let tiers: Vec<u8> = (0..1_500_u32).map(|i| [0, 2, 1, 0, 3][(i % 5) as usize]).collect();
    shop.all((1..).zip(&tiers).map(|(user, &tier)| enter(user, tier)).collect());
    shop.all(vec![leave(4), leave(7), leave(0)]);
    shop.restart();
    open(&mut shop);
    let mut expected = drawn(queue(&shop).draw().expect("there is one"), &tiers);
    assert!(!expected[..300].is_sorted() && expected[..300].iter().all(|&number| tiers[number as usize] == 1));
    for (place, &number) in (1..).zip(&expected) {
        assert_eq!(queue(&shop).line().drawn(number), Some((place, 1_500)));
    }
    expected.retain(|number| ![4, 7, 0].contains(number));
    assert_eq!(line(&shop), expected[1..]);
    shop.restart();
    assert_eq!(line(&shop), expected[1..]);
    assert_eq!(let_all_in(&mut shop), expected);
}

#[test]
fn the_chain_has_each_tier_and_a_list_without_them_is_drawn_as_ever() {
    let joined = |level, tiers: &[u8]| {
        let mut shop = shop_at(level, 1, Some(7));
        shop.all((1..).zip(tiers).map(|(user, &tier)| enter(user, tier)).collect());
        open(&mut shop);
        let draw = queue(&shop).draw().expect("there is one").clone();
        (draw.joins, line(&shop))
    };
    let plain = joined(OFFERS, &[0; 40]);
    assert_eq!(joined(TIERS, &[0; 40]), plain);
    assert_eq!(joined(OFFERS, &[1; 40]), plain, "nodes of before pass it over, and so must all");
    let mut tiers = [0; 40];
    tiers[20] = 1;
    let one = joined(TIERS, &tiers);
    tiers[20] = 2;
    let other = joined(TIERS, &tiers);
    assert!(one.0 != plain.0 && other.0 != plain.0 && one.0 != other.0, "given afterwards, it is found");
}

#[test]
fn one_place_for_each_person_and_the_first_tier_counts() {
    let mut shop = shop_at(TIERS, 1, None);
    shop.all(vec![enter(1, 0), enter(2, 3), enter(3, 2)]);
    let again = shop.all(vec![enter(1, 1), enter(2, 1), enter(3, 0), shop::join(3)]);
    let places: Vec<_> = again
        .iter()
        .map(|outcome| match outcome {
            Ok(Reply::Entered(entered)) => entered.joined.ticket.number,
            Ok(Reply::Joined(joined)) => joined.ticket.number,
            other => panic!("no place: {other:?}"),
        })
        .collect();
    assert_eq!(places, [0, 1, 2, 2]);
    let tiers = |shop: &Shop| [0, 1, 2].map(|number| queue(shop).line().tier(number).map_or(0, Tier::number));
    assert_eq!(tiers(&shop), [0, 3, 2]);
    // Who gives the place up joins with what the new token says.
    shop.all(vec![leave(0), enter(1, 1)]);
    open(&mut shop);
    assert_eq!((let_all_in(&mut shop), tiers(&shop)), (vec![3, 2, 1], [0, 3, 2]));
}

#[test]
fn there_are_nine_and_what_is_none_is_refused() {
    let mut shop = shop_at(TIERS, 1, None);
    assert!(shop.one(enter(1, 9)).is_ok());
    assert_eq!(shop.one(enter(2, 10)), Err(Refusal::SettingInvalid("tier")));
    assert_eq!(queue(&shop).issued(), 1);
}

#[test]
fn those_who_were_told_a_place_keep_it() {
    let mut shop = shop_at(TIERS, 1, None);
    shop.all(vec![enter(1, 0), enter(2, 0), enter(3, 1), enter(4, 0)]);
    open(&mut shop);
    assert_eq!(line(&shop), [0, 1, 3], "and 2 is inside");
    // The times are set anew while they wait: nobody passes them.
    shop.all(vec![opening(&shop, 0, 5_000), enter(5, 1)]);
    shop.restart();
    open(&mut shop);
    assert_eq!(line(&shop), [0, 1, 3, 4]);
    let_all_in(&mut shop);
    // Nobody waits: the next opening has tiers of its own, behind nobody.
    shop.all(vec![opening(&shop, 0, 5_000), enter(6, 0), enter(7, 2), enter(8, 1)]);
    assert_eq!(queue(&shop).tiered(), Some(Tiered { first: 5, opened: None }));
    shop.restart();
    open(&mut shop);
    assert_eq!(let_all_in(&mut shop), [7, 6, 5]);
}

#[test]
fn who_waited_in_the_open_queue_stands_before_its_next_pre_queue() {
    let mut shop = Shop::open(patient(1), Settings::default(), 3);
    shop.all(vec![Command::Raise { level: TIERS }, enter(1, 0), enter(2, 1), enter(3, 0)]);
    assert_eq!((line(&shop), queue(&shop).tiered()), (vec![1, 2], None), "an open queue has no tiers");
    shop.all(vec![opening(&shop, 0, 5_000), enter(4, 0), enter(5, 1)]);
    open(&mut shop);
    assert_eq!(let_all_in(&mut shop), [0, 1, 2, 4, 3]);
}

#[test]
fn where_nobody_has_a_tier_nothing_is_left_of_it() {
    let mut shop = shop_at(TIERS, 1, None);
    shop.crowd(300);
    open(&mut shop);
    assert_eq!(queue(&shop).tiered(), None);
    assert!(line(&shop).is_sorted());
}

#[test]
fn a_pre_queue_that_is_on_when_the_level_comes_has_tiers_from_there_on() {
    let mut shop = shop_at(OFFERS, 1, None);
    shop.all(vec![enter(1, 1), enter(2, 0), Command::Raise { level: TIERS }, enter(3, 0), enter(4, 1)]);
    assert_eq!(queue(&shop).line().tier(0), None, "it was passed over");
    shop.restart();
    open(&mut shop);
    assert_eq!(let_all_in(&mut shop), [0, 1, 3, 2]);
}

#[test]
fn many_who_left_before_are_taken_out_of_their_tiers() {
    let mut shop = shop_at(TIERS, 3, Some(9));
    let tiers: Vec<u8> = (0..70_000_u32).map(|i| (i % 4) as u8).collect();
    for (first, tiers) in (1..).step_by(1_000).zip(tiers.chunks(1_000)) {
        shop.all((first..).zip(tiers).map(|(user, &tier)| enter(user, tier)).collect());
    }
    shop.all((0..50_000).map(leave).collect());
    open(&mut shop);
    let left = |shop: &Shop| queue(shop).draw().and_then(|draw| draw.drawn).expect("it is drawn").left;
    assert_eq!((left(&shop), queue(&shop).active()), (30_000, 0));
    shop.restart();
    for expected in [10_000, 0] {
        shop.now += 1;
        shop.tick();
        assert_eq!(left(&shop), expected);
    }
    let mut expected = drawn(queue(&shop).draw().expect("there is one"), &tiers);
    expected.retain(|&number| number >= 50_000);
    assert_eq!(queue(&shop).line().waiting_by_tier()[..3], [4_997, 5_000, 5_000]);
    assert_eq!(line(&shop), expected[3..]);
}
