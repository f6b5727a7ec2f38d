//! Paying a hold: one atomic step, once only.

use onsale_testkit::{Buyer, Kind, Poller, Shop, assert_shape};
use serde_json::json;

use crate::queue::line;
use crate::setup;

#[tokio::test]
async fn a_payment_has_exactly_its_fields() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider_with(1, 80_000).await;
    let reservation = buyer.hold(1, 1).await;
    let data = buyer.pay(reservation).await.data();
    let fields = [
        ("paymentAmount", Kind::Integer),
        ("seatStatus", Kind::Text),
        ("queueStatus", Kind::Text),
        ("paymentId", Kind::Integer),
    ];
    assert_shape(&data, &fields);
    assert_eq!(
        [&data["paymentAmount"], &data["seatStatus"], &data["queueStatus"]],
        [&json!(50_000), &json!("RESERVED"), &json!("DONE")]
    );
}

#[tokio::test]
async fn it_debits_and_sells_and_ends_the_session() {
    let shop = Shop::open(setup().set("queue.active_limit", 1)).await;
    let buyers = line(&shop, 2).await;
    let _poller = Poller::start(&[&buyers[1]]);
    buyers[0].charge(80_000).await.data();
    let reservation = buyers[0].hold(1, 1).await;
    buyers[0].pay(reservation).await.data();
    assert_eq!(buyers[0].balance().await, 30_000);
    assert_eq!(buyers[0].status().await, "DONE");
    buyers[0].schedules().await.refused(403, "SESSION_DONE");
    buyers[1].wait_for("PROGRESS").await;
    assert_eq!(buyers[1].seat(1, 1).await["seatStatus"], "RESERVED");
}

#[tokio::test]
async fn it_ends_the_session_of_that_queue_alone() {
    let shop = Shop::open(setup()).await;
    let plain = shop.insider_with(1, 50_000).await;
    let vip = Buyer::join_queue(&shop.client, 1, "vip").await;
    let reservation = plain.hold(1, 1).await;
    plain.pay(reservation).await.data();
    assert_eq!(plain.status().await, "DONE");
    assert_eq!(vip.status().await, "PROGRESS");
}

#[tokio::test]
async fn it_happens_once_only() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider_with(1, 200_000).await;
    let reservation = buyer.hold(1, 1).await;
    buyer.pay(reservation).await.data();
    for _ in 0..3 {
        buyer.pay(reservation).await.refused(409, "ALREADY_PAID");
    }
    assert_eq!(buyer.balance().await, 150_000);
    // A later session of the same user pays it no second time either.
    let again = shop.insider(1).await;
    again.pay(reservation).await.refused(409, "ALREADY_PAID");
    assert_eq!((again.balance().await, again.status().await), (150_000, "PROGRESS".to_owned()));
}

#[tokio::test]
async fn without_the_money_nothing_happens() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider_with(1, 49_999).await;
    let reservation = buyer.hold(1, 1).await;
    buyer.pay(reservation).await.refused(402, "INSUFFICIENT_BALANCE");
    assert_eq!(buyer.balance().await, 49_999);
    assert_eq!(buyer.status().await, "PROGRESS");
    assert_eq!(buyer.seat(1, 1).await["seatStatus"], "TEMP_RESERVED");
    buyer.charge(1).await.data();
    buyer.pay(reservation).await.data();
    assert_eq!(buyer.balance().await, 0);
}

#[tokio::test]
async fn another_user_s_reservation_is_not_found() {
    let shop = Shop::open(setup()).await;
    let (buyer, other) = (shop.insider_with(1, 50_000).await, shop.insider_with(2, 50_000).await);
    let reservation = buyer.hold(1, 1).await;
    other.pay(reservation).await.refused(404, "RESERVATION_NOT_FOUND");
    other.pay(reservation + 1).await.refused(404, "RESERVATION_NOT_FOUND");
    assert_eq!((other.balance().await, other.status().await), (50_000, "PROGRESS".to_owned()));
    buyer.pay(reservation).await.data();
    other.pay(reservation).await.refused(404, "RESERVATION_NOT_FOUND");
}

#[tokio::test]
async fn two_holds_of_one_user_are_both_paid() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider_with(1, 130_000).await;
    let (first, second) = (buyer.hold(1, 1).await, buyer.hold(2, 1).await);
    let payments = [buyer.pay(first).await.data(), buyer.pay(second).await.data()];
    assert_eq!([&payments[0]["paymentAmount"], &payments[1]["paymentAmount"]], [50_000, 80_000]);
    assert_eq!(payments[1]["queueStatus"], "DONE", "the session was over already");
    assert_ne!(payments[0]["paymentId"], payments[1]["paymentId"]);
    assert_eq!(buyer.balance().await, 0);
    let watcher = shop.insider(2).await;
    assert_eq!(watcher.seat(1, 1).await["seatStatus"], "RESERVED");
    assert_eq!(watcher.seat(2, 1).await["seatStatus"], "RESERVED");
}

#[tokio::test]
async fn prices_are_those_of_the_seats() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider_with(1, 300_000).await;
    let holds = [(buyer.hold(2, 2).await, 80_000), (buyer.hold(2, 3).await, 30_000), (buyer.hold(1, 50).await, 50_000)];
    for (reservation, amount) in holds {
        assert_eq!(buyer.pay(reservation).await.data()["paymentAmount"], amount);
    }
    assert_eq!(buyer.balance().await, 140_000);
}
