//! Who is let in, and how many.

use onsale_testkit::{Buyer, Shop, eventually};
use serde_json::json;
use std::time::{Duration, Instant};

use crate::queue::line;
use crate::setup;

async fn inside(buyers: &[Buyer]) -> Vec<u64> {
    let mut users = Vec::new();
    for buyer in buyers {
        if buyer.status().await == "PROGRESS" {
            users.push(buyer.user());
        }
    }
    users
}

#[tokio::test]
async fn first_come_first_served() {
    let shop = Shop::open(setup().set("queue.active_limit", 2)).await;
    let buyers = line(&shop, 8).await;
    for first in 1..=6 {
        assert_eq!(inside(&buyers).await, [first, first + 1]);
        buyers[usize::try_from(first).unwrap() - 1].leave().await.data();
        buyers[usize::try_from(first).unwrap() + 1].wait_for("PROGRESS").await;
    }
}

#[tokio::test]
async fn a_slot_is_free_at_once_and_given_to_nobody_else() {
    let shop = Shop::open(setup().set("queue.active_limit", 1)).await;
    let buyers = line(&shop, 2).await;
    buyers[0].leave().await.data();
    // Own writes are seen: the leaver was answered, so whoever asks now comes after the one who waits.
    let late = shop.visitor(3).await;
    buyers[1].wait_for("PROGRESS").await;
    assert_eq!((late.status().await, late.position().await), ("WAITING".to_owned(), 1));
}

#[tokio::test]
async fn lowering_the_limit_evicts_nobody() {
    let shop = Shop::open(setup().set("queue.active_limit", 3)).await;
    let buyers = line(&shop, 5).await;
    shop.admin.set_queue("default", json!({"activeLimit": 1})).await;
    assert_eq!(inside(&buyers).await, [1, 2, 3]);
    buyers[0].leave().await.data();
    buyers[1].leave().await.data();
    assert_eq!(inside(&buyers).await, [3], "one is inside, and one is the limit now");
    buyers[2].leave().await.data();
    buyers[3].wait_for("PROGRESS").await;
    assert_eq!(inside(&buyers).await, [4]);
}

#[tokio::test]
async fn raising_the_limit_lets_the_next_ones_in() {
    let shop = Shop::open(setup().set("queue.active_limit", 1)).await;
    let buyers = line(&shop, 5).await;
    shop.admin.set_queue("default", json!({"activeLimit": 3})).await;
    buyers[2].wait_for("PROGRESS").await;
    assert_eq!(inside(&buyers).await, [1, 2, 3]);
    assert_eq!(buyers[3].position().await, 1);
}

#[tokio::test]
async fn the_limit_holds_at_every_instant() {
    const LIMIT: u64 = 5;
    let shop = Shop::open(setup().set("queue.active_limit", LIMIT)).await;
    let buyers = line(&shop, 40).await;
    for leaver in 0..35 {
        let state = shop.admin.state().await;
        assert!(state["active"].as_u64().unwrap() <= LIMIT, "{state}");
        assert!(inside(&buyers).await.len() as u64 <= LIMIT);
        buyers[leaver].leave().await.data();
        buyers[leaver + 5].wait_for("PROGRESS").await;
    }
}

#[tokio::test]
async fn no_more_are_admitted_in_a_second_than_allowed() {
    const RATE: u64 = 3;
    let began = Instant::now();
    let shop = Shop::open(setup().set("queue.admit_per_second", RATE)).await;
    let buyers = line(&shop, 10).await;
    loop {
        let admitted = inside(&buyers).await.len() as u64;
        // Whatever the seconds are counted from, no more than this many have begun since the server was started.
        let seconds_begun = began.elapsed().as_secs() + 2;
        assert!(admitted <= RATE * seconds_begun, "{admitted} admitted in {seconds_begun} s at {RATE}/s");
        if admitted == buyers.len() as u64 {
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "{admitted} admitted, and no more");
    }
    assert!(began.elapsed() > Duration::from_secs(1), "ten cannot be admitted in one second");
}

#[tokio::test]
async fn the_rate_may_be_lifted() {
    let shop = Shop::open(setup().set("queue.admit_per_second", 1)).await;
    let buyers = line(&shop, 30).await;
    shop.admin.set_queue("default", json!({"admitPerSecond": null})).await;
    let last = buyers.last().unwrap();
    eventually("everybody is admitted", async || last.status().await == "PROGRESS").await;
    assert_eq!(inside(&buyers).await.len(), 30);
}
