//! What an operator can do to a queue and a sale while people wait.

use onsale_testkit::{Buyer, Shop};
use serde_json::json;

use crate::queue::line;
use crate::setup;

#[tokio::test]
async fn a_closed_queue_takes_nobody_in() {
    let shop = Shop::open(setup().set("queue.active_limit", 1)).await;
    let buyers = line(&shop, 2).await;
    shop.admin.set_queue("default", json!({"mode": "CLOSED"})).await;
    Buyer::ask(&shop.client, 3).await.refused(409, "QUEUE_CLOSED");
    assert_eq!(Buyer::ask(&shop.client, 2).await.data()["queueToken"], buyers[1].token(), "a live place is kept");
    buyers[0].leave().await.data();
    assert_eq!(buyers[1].status().await, "WAITING", "and nobody is admitted");
    shop.admin.set_queue("default", json!({"mode": "OPEN"})).await;
    buyers[1].wait_for("PROGRESS").await;
    assert_eq!(shop.visitor(3).await.position().await, 1);
}

#[tokio::test]
async fn a_paused_queue_takes_in_and_lets_nobody_through() {
    let shop = Shop::open(setup()).await;
    shop.admin.set_queue("default", json!({"mode": "PAUSED"})).await;
    let buyer = shop.visitor(1).await;
    assert_eq!((buyer.status().await, buyer.position().await), ("WAITING".to_owned(), 1));
    shop.admin.set_queue("default", json!({"mode": "OPEN"})).await;
    buyer.wait_for("PROGRESS").await;
}

#[tokio::test]
async fn a_draining_queue_lets_through_who_waits_and_takes_nobody_in() {
    let shop = Shop::open(setup().set("queue.active_limit", 1)).await;
    let buyers = line(&shop, 2).await;
    shop.admin.set_queue("default", json!({"mode": "DRAINING"})).await;
    Buyer::ask(&shop.client, 3).await.refused(409, "QUEUE_CLOSED");
    buyers[0].leave().await.data();
    buyers[1].wait_for("PROGRESS").await;
}

#[tokio::test]
async fn a_closed_sale_holds_no_more_seats_and_is_paid_out() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider_with(1, 50_000).await;
    let reservation = buyer.hold(1, 1).await;
    assert_eq!(shop.admin.close_schedule(1, true).await.status, 200);
    buyer.reserve(1, 2).await.refused(409, "SALE_CLOSED");
    assert_eq!(buyer.reserve(2, 1).await.status, 200, "the other date is on sale");
    assert_eq!(buyer.seats(1).await.status, 200);
    assert_eq!(shop.admin.close_schedule(1, false).await.status, 200);
    assert_eq!(buyer.reserve(1, 2).await.status, 200);
    assert_eq!(buyer.pay(reservation).await.status, 200);
}

#[tokio::test]
async fn modes_are_kept_through_a_restart() {
    let mut shop = Shop::open(setup()).await;
    shop.admin.set_queue("vip", json!({"mode": "CLOSED"})).await;
    assert_eq!(shop.admin.close_schedule(1, true).await.status, 200);
    shop.crash();
    let call = onsale_testkit::Call::post("/v1/api/queue/token").json(&json!({"userId": 1, "queue": "vip"}));
    shop.client.call(call).await.refused(409, "QUEUE_CLOSED");
    shop.insider(1).await.reserve(1, 1).await.refused(409, "SALE_CLOSED");
}
