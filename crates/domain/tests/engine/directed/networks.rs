//! Networks that have so many places in a draw, and their surplus.

use onsale_domain::command::{Batch, Command};
use onsale_domain::ids::{KeyId, UserId};
use onsale_domain::level::NETWORKS;
use onsale_domain::queue::{Opening, Order, Tier};
use onsale_domain::reply::Refusal;
use onsale_domain::row::Row;
use onsale_domain::settings::{QueueSettings, Settings};
use onsale_domain::time::Time;

use super::patient;
use crate::shop::{QUEUE, Shop, join};

fn places(places: Option<u32>) -> Command {
    let settings = QueueSettings { network_places: places, ..patient(1) };
    Command::ConfigureQueue { queue: QUEUE, settings: Some(settings), mode: None }
}

fn at_level(level: u32) -> Shop {
    let mut shop = Shop::open(patient(1), Settings::default(), 3);
    shop.one(Command::Raise { level }).expect("a raise");
    shop
}

fn join_from(user: u64, network: u64) -> Command {
    Command::JoinFrom { user: UserId(user), queue: QUEUE, key: KeyId(7), network }
}

/// Whose places are to be drawn, two for each network; its pre-queue has begun.
fn shop() -> Shop {
    let mut shop = at_level(NETWORKS);
    let at = |ms| Some(Time(shop.now + ms));
    let opening = Opening { prequeue_at: at(1_000), opens_at: at(10_000), closes_at: None };
    let order = Command::SetOrder { queue: QUEUE, order: Order::Draw { seed: [7; 32] } };
    let outcomes = shop.all(vec![places(Some(2)), order, Command::SetOpening { queue: QUEUE, opening }]);
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    shop.now += 1_000;
    shop
}

fn tiers(shop: &Shop, numbers: u32) -> Vec<Option<u8>> {
    (0..numbers).map(|number| shop.engine.queues()[0].line().tier(number).map(Tier::number)).collect()
}

#[test]
fn the_lever_is_of_level_10_and_none_is_said_by_leaving_it_away() {
    let wrong = Err(Refusal::SettingInvalid("queue.network_places"));
    assert_eq!(at_level(NETWORKS - 1).one(places(Some(1))), wrong);
    let mut shop = at_level(NETWORKS);
    assert_eq!(shop.one(places(Some(0))), wrong);
    assert!(shop.all(vec![places(Some(1)), places(None)]).iter().all(Result::is_ok));
}

#[test]
fn who_comes_beyond_a_network_s_places_stands_behind_everybody_else() {
    let mut shop = shop();
    // Five of one network, one of them twice; two of another; and somebody who comes from nowhere.
    let joins = [(1, 9), (2, 9), (2, 9), (3, 9), (4, 9), (5, 9), (6, 1 << 60), (7, 1 << 60)];
    shop.all(joins.map(|(user, network)| join_from(user, network)).to_vec());
    shop.all(vec![join(8)]);
    shop.restart();
    shop.all(vec![join_from(9, 9), join_from(10, 1 << 60)]);
    let is = [None, None, Some(10), Some(10), Some(10), None, None, None, Some(10), Some(10)];
    assert_eq!(tiers(&shop, 10), is, "a start forgets nobody");
    let line = shop.engine.queues()[0].line();
    assert_eq!((line.waiting_surplus(), line.waiting_by_tier()), (5, [0; 9]));
    shop.now += 10_000;
    shop.all(vec![join_from(11, 9)]);
    assert_eq!(tiers(&shop, 11)[10], None, "behind the draw nobody is counted");
    let mut places: Vec<_> = (0..10).map(|number| (shop.engine.queues()[0].line().drawn(number), number)).collect();
    places.sort_unstable();
    let behind: Vec<_> = places[5..].iter().map(|(_, number)| is[*number as usize]).collect();
    assert_eq!(behind, [Some(10); 5]);
    assert!(!places[5..].is_sorted_by_key(|(_, number)| *number), "they are drawn, too");
    shop.restart();
}

#[test]
fn nothing_is_counted_without_a_draw_and_what_was_is_forgotten_at_the_opening() {
    let mut fifo = at_level(NETWORKS);
    fifo.all(vec![places(Some(1))]);
    fifo.all((1..5).map(|user| join_from(user, 9)).collect());
    assert_eq!(tiers(&fifo, 4), [None; 4]);
    let mut shop = shop();
    shop.all(vec![join_from(1, 9), join_from(2, 9)]);
    shop.all(vec![places(None), places(Some(2)), join_from(3, 9)]);
    assert_eq!(tiers(&shop, 3), [None; 3], "it was off meanwhile");
    shop.now += 10_000;
    let (_, rows) = shop.batch(&Batch { commands: vec![Command::Tick] });
    let kept = rows.iter().filter_map(|row| if let Row::Networks(row) = row { Some(row.joins.len()) } else { None });
    assert_eq!(kept.collect::<Vec<_>>(), [0]);
    shop.restart();
}

#[test]
fn a_join_says_nothing_of_networks_where_the_lever_is_off() {
    let mut shop = shop();
    shop.all(vec![places(None)]);
    let (_, rows) = shop.batch(&Batch { commands: vec![join_from(1, 9), join_from(2, 9), join_from(3, 9)] });
    assert!(!rows.iter().any(|row| matches!(row, Row::Networks(_))));
    assert_eq!(tiers(&shop, 3), [None; 3]);
}
