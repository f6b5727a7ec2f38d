//! Dropping a hold, by its owner and by the operator.

use onsale_testkit::Shop;

use crate::setup;

#[tokio::test]
async fn a_dropped_hold_frees_its_seat_at_once() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider_with(1, 50_000).await;
    let reservation = buyer.hold(1, 1).await;
    buyer.cancel(reservation).await.data();
    assert_eq!(buyer.seat(1, 1).await["seatStatus"], "AVAILABLE");
    assert_eq!(buyer.schedule(1).await["availableSeats"], 50);
    shop.insider(2).await.hold(1, 1).await;
    assert_eq!(buyer.balance().await, 50_000);
}

#[tokio::test]
async fn a_dropped_hold_is_dropped_for_good() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider_with(1, 50_000).await;
    let reservation = buyer.hold(1, 1).await;
    buyer.cancel(reservation).await.data();
    buyer.pay(reservation).await.refused(409, "RESERVATION_CANCELLED");
    assert_eq!(buyer.cancel(reservation).await.status, 200, "dropping it twice is dropping it once");
    assert_eq!(buyer.schedule(1).await["availableSeats"], 50);
    assert_eq!(buyer.balance().await, 50_000);
    assert_eq!(buyer.status().await, "PROGRESS");
}

#[tokio::test]
async fn nobody_drops_another_user_s_hold() {
    let shop = Shop::open(setup()).await;
    let (buyer, other) = (shop.insider(1).await, shop.insider(2).await);
    let reservation = buyer.hold(1, 1).await;
    other.cancel(reservation).await.refused(404, "RESERVATION_NOT_FOUND");
    assert_eq!(buyer.seat(1, 1).await["seatStatus"], "TEMP_RESERVED");
}

#[tokio::test]
async fn what_is_paid_is_not_dropped() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider_with(1, 50_000).await;
    let reservation = buyer.hold(1, 1).await;
    buyer.pay(reservation).await.data();
    buyer.cancel(reservation).await.refused(409, "ALREADY_PAID");
    assert_eq!(shop.insider(2).await.seat(1, 1).await["seatStatus"], "RESERVED");
    assert_eq!(buyer.balance().await, 0);
}

#[tokio::test]
async fn the_operator_drops_anybody_s_hold() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider_with(1, 50_000).await;
    let reservation = buyer.hold(1, 1).await;
    let released = shop.admin.release(reservation).await;
    assert_eq!(released.status, 200, "{released}");
    assert_eq!(buyer.seat(1, 1).await["seatStatus"], "AVAILABLE");
    buyer.pay(reservation).await.refused(409, "RESERVATION_CANCELLED");
    shop.admin.release(999).await.refused(404, "RESERVATION_NOT_FOUND");
}
