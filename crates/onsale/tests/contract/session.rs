//! How long PROGRESS lasts, and what ends it.

use onsale_testkit::{Buyer, Poller, Shop, assert_utc_instant};
use serde_json::json;

use crate::queue::line;
use crate::setup;

#[tokio::test]
async fn a_session_ends_after_its_time_and_frees_its_slot() {
    let shop = Shop::open(setup().set("queue.active_limit", 1).set("queue.session_ttl", "1s")).await;
    let buyers = line(&shop, 2).await;
    let _poller = Poller::start(&[&buyers[1]]);
    assert_utc_instant(&buyers[0].check().await["sessionExpiresAt"]);
    buyers[0].wait_for("EXPIRED").await;
    buyers[1].wait_for("PROGRESS").await;
    assert_eq!(buyers[0].position().await, 0);
    buyers[0].schedules().await.refused(403, "SESSION_EXPIRED");
    buyers[0].seats(1).await.refused(403, "SESSION_EXPIRED");
    buyers[0].reserve(1, 1).await.refused(403, "SESSION_EXPIRED");
}

#[tokio::test]
async fn a_session_lasts_as_long_as_the_setting_says() {
    let shop = Shop::open(setup().set("queue.session_ttl", "10m")).await;
    let before = jiff::Timestamp::now();
    let buyer = shop.insider(1).await;
    let after = jiff::Timestamp::now();
    let text = buyer.check().await["sessionExpiresAt"].as_str().unwrap().to_owned();
    let expires: jiff::Timestamp = text.parse().unwrap();
    let began = expires - jiff::SignedDuration::from_mins(10);
    let slack = jiff::SignedDuration::from_millis(100);
    assert!(before - slack <= began && began <= after + slack, "{before} ≤ {began} ≤ {after}");
    // Asking does not make it longer.
    assert_eq!(buyer.check().await["sessionExpiresAt"], text);
    assert_eq!(Buyer::ask(&shop.client, 1).await.data()["status"], "PROGRESS");
    assert_eq!(buyer.check().await["sessionExpiresAt"], text);
}

#[tokio::test]
async fn who_expired_joins_at_the_tail() {
    let shop = Shop::open(setup().set("queue.active_limit", 1).set("queue.session_ttl", "300ms")).await;
    let first = shop.visitor(1).await;
    first.wait_for("EXPIRED").await;
    shop.admin.set_queue("default", json!({"sessionTtl": "1h"})).await;
    let second = shop.insider(2).await;
    let third = shop.visitor(3).await;
    let again = shop.visitor(1).await;
    assert_ne!(again.token(), first.token());
    assert_eq!((third.position().await, again.position().await), (1, 2));
    assert_eq!(second.status().await, "PROGRESS");
}

#[tokio::test]
async fn leaving_ends_it_at_once() {
    let shop = Shop::open(setup().set("queue.active_limit", 1)).await;
    let buyers = line(&shop, 2).await;
    buyers[0].leave().await.data();
    assert_eq!(buyers[0].status().await, "DONE");
    buyers[0].seats(1).await.refused(403, "SESSION_DONE");
    buyers[1].wait_for("PROGRESS").await;
    assert_eq!(buyers[0].leave().await.status, 200, "leaving twice is leaving");
    assert_eq!(buyers[1].status().await, "PROGRESS");
}

#[tokio::test]
async fn a_hold_outlives_its_session() {
    let shop = Shop::open(setup().set("queue.session_ttl", "1s")).await;
    let buyer = shop.insider_with(1, 100_000).await;
    let paid = buyer.hold(1, 1).await;
    let dropped = buyer.hold(1, 2).await;
    buyer.wait_for("EXPIRED").await;
    assert_eq!(buyer.pay(paid).await.data()["queueStatus"], "DONE");
    assert_eq!(buyer.cancel(dropped).await.status, 200);
    let other = shop.insider(2).await;
    assert_eq!(other.seat(1, 1).await["seatStatus"], "RESERVED");
    assert_eq!(other.seat(1, 2).await["seatStatus"], "AVAILABLE");
    assert_eq!(buyer.balance().await, 50_000);
}

#[tokio::test]
async fn who_left_may_still_pay() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider_with(1, 50_000).await;
    let reservation = buyer.hold(1, 1).await;
    buyer.leave().await.data();
    assert_eq!(buyer.pay(reservation).await.data()["seatStatus"], "RESERVED");
    assert_eq!(buyer.status().await, "DONE");
}
