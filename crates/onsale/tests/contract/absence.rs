//! Who goes silent: the place is kept, the turn is not waited for, and there is a way back for a while.

use std::time::Duration;

use onsale_testkit::{Buyer, Poller, Shop};
use tokio::time::sleep;

use crate::queue::line;
use crate::setup;

const WAITING_TTL: Duration = Duration::from_secs(2);
/// Longer than anybody may be silent without being taken for absent, presence being noted every quarter of it.
const SILENCE: Duration = Duration::from_millis(3_500);

/// Users 1 to 4 in a queue that lets one in; 1 is inside, 2 has been silent for too long, the others poll. Then 1
/// leaves, so 3 is inside now.
async fn passed_over(grace: &str) -> (Shop, Vec<Buyer>, Poller) {
    let settings = setup()
        .set("queue.active_limit", 1)
        .set("queue.waiting_ttl", format!("{}ms", WAITING_TTL.as_millis()))
        .set("queue.waiting_grace", grace);
    let shop = Shop::open(settings).await;
    let buyers = line(&shop, 4).await;
    let poller = Poller::start(&[&buyers[2], &buyers[3]]);
    sleep(SILENCE).await;
    assert_eq!((buyers[2].position().await, buyers[3].position().await), (2, 3), "a silent ticket keeps its place");
    buyers[0].leave().await.data();
    buyers[2].wait_for("PROGRESS").await;
    (shop, buyers, poller)
}

#[tokio::test]
async fn nobody_waits_for_who_is_absent_and_who_returns_is_next() {
    let (_shop, buyers, _poller) = passed_over("1h").await;
    assert_eq!(buyers[3].position().await, 1, "who was passed over is counted in nobody's position");
    assert_eq!(buyers[1].status().await, "WAITING");
    let _back = Poller::start(&[&buyers[1]]);
    assert_eq!(buyers[3].position().await, 1, "positions never rise");
    // The return is noted with the next presence entry.
    sleep(WAITING_TTL).await;
    buyers[2].leave().await.data();
    buyers[1].wait_for("PROGRESS").await;
    assert_eq!((buyers[3].status().await, buyers[3].position().await), ("WAITING".to_owned(), 1));
    buyers[1].leave().await.data();
    buyers[3].wait_for("PROGRESS").await;
}

#[tokio::test]
async fn who_returns_to_a_free_slot_gets_it() {
    let (_shop, buyers, _poller) = passed_over("1h").await;
    buyers[2].leave().await.data();
    buyers[3].wait_for("PROGRESS").await;
    buyers[3].leave().await.data();
    assert_eq!(buyers[3].status().await, "DONE");
    // Nobody is inside now: polling again is enough.
    buyers[1].wait_for("PROGRESS").await;
}

#[tokio::test]
async fn asking_for_the_token_again_is_a_return_too() {
    let (shop, buyers, _poller) = passed_over("1h").await;
    let again = Buyer::ask(&shop.client, 2).await.data();
    assert_eq!(again["queueToken"], buyers[1].token(), "it is still the same live place");
    assert_eq!(again["status"], "WAITING");
}

#[tokio::test]
async fn after_the_grace_it_is_expired() {
    // Longer than a poll of the others may be late on a busy machine: who is passed over by that comes back in time.
    let (shop, buyers, _poller) = passed_over("4s").await;
    sleep(Duration::from_secs(6)).await;
    let check = buyers[1].check().await;
    assert_eq!((check["status"].as_str(), check["queuePosition"].as_u64()), (Some("EXPIRED"), Some(0)));
    let again = shop.visitor(2).await;
    assert_ne!(again.token(), buyers[1].token());
    assert_eq!(again.position().await, 2, "an expired user joins at the tail");
    assert_eq!(buyers[1].status().await, "EXPIRED");
}

#[tokio::test]
async fn closing_the_tab_loses_nothing_while_the_turn_has_not_come() {
    let settings = setup().set("queue.active_limit", 1).set("queue.waiting_ttl", "1s").set("queue.waiting_grace", "1s");
    let shop = Shop::open(settings).await;
    let buyers = line(&shop, 4).await;
    // Far longer than both limits together; nobody's turn comes, because user 1 stays inside.
    sleep(Duration::from_secs(4)).await;
    for (at, buyer) in buyers.iter().enumerate().skip(1) {
        let check = buyer.check().await;
        assert_eq!((check["status"].as_str(), check["queuePosition"].as_u64()), (Some("WAITING"), Some(at as u64)));
    }
}
