//! Holding a seat.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use onsale_testkit::{Buyer, Call, Kind, Reply, Shop, assert_shape, assert_utc_instant, eventually, storm};
use serde_json::{Value, json};

use crate::setup;

const RESERVED: [(&str, Kind); 7] = [
    ("reservationId", Kind::Integer),
    ("seatStatus", Kind::Text),
    ("reservedDate", Kind::Text),
    ("reservedUntilDate", Kind::Text),
    ("reservedAt", Kind::Text),
    ("reservedUntil", Kind::Text),
    ("amount", Kind::Integer),
];

/// The instant of an RFC 3339 text, after a look at its local twin: the same second, in the schedule's zone.
fn instant(data: &Value, exact: &str, local: &str, zone: &str) -> Timestamp {
    assert_utc_instant(&data[exact]);
    let instant: Timestamp = data[exact].as_str().unwrap().parse().unwrap();
    let zoned = instant.in_tz(zone).unwrap();
    assert_eq!(data[local], zoned.strftime("%Y-%m-%d %H:%M:%S").to_string(), "{data}");
    instant
}

#[tokio::test]
async fn a_hold_has_exactly_its_fields() {
    let shop = Shop::open(setup().set("hold.ttl", "7m")).await;
    let buyer = shop.insider(1).await;
    for (schedule, seat, amount, zone) in [(1, 1, 50_000, "Asia/Seoul"), (2, 4, 30_000, "America/New_York")] {
        let before = Timestamp::now();
        let data = buyer.reserve(schedule, seat).await.data();
        let after = Timestamp::now();
        assert_shape(&data, &RESERVED);
        assert_eq!((&data["seatStatus"], &data["amount"]), (&json!("TEMP_RESERVED"), &json!(amount)));
        let from = instant(&data, "reservedAt", "reservedDate", zone);
        let until = instant(&data, "reservedUntil", "reservedUntilDate", zone);
        assert_eq!(until.duration_since(from), SignedDuration::from_mins(7), "hold.ttl");
        // Journal time is the clock, or a little ahead of it where entries follow each other within a millisecond.
        let slack = SignedDuration::from_secs(1);
        assert!(before - slack <= from && from <= after + slack, "{before} ≤ {from} ≤ {after}");
    }
}

#[tokio::test]
async fn ids_of_reservations_are_their_own() {
    let shop = Shop::open(setup()).await;
    let (first, second) = (shop.insider(1).await, shop.insider(2).await);
    let ids = [first.hold(1, 1).await, second.hold(1, 2).await, first.hold(2, 1).await];
    assert!(ids[0] != ids[1] && ids[1] != ids[2] && ids[0] != ids[2], "{ids:?}");
}

#[tokio::test]
async fn a_held_seat_is_not_available_not_even_to_its_holder() {
    let shop = Shop::open(setup()).await;
    let (buyer, other) = (shop.insider_with(1, 50_000).await, shop.insider(2).await);
    let reservation = buyer.hold(1, 1).await;
    other.reserve(1, 1).await.refused(409, "SEAT_NOT_AVAILABLE");
    buyer.reserve(1, 1).await.refused(409, "SEAT_NOT_AVAILABLE");
    buyer.pay(reservation).await.data();
    other.reserve(1, 1).await.refused(409, "SEAT_NOT_AVAILABLE");
    other.hold(1, 2).await;
}

#[tokio::test]
async fn a_seat_is_named_by_its_schedule_and_its_id() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider(1).await;
    buyer.hold(1, 1).await;
    assert_eq!(buyer.seat(2, 1).await["seatStatus"], "AVAILABLE");
    buyer.hold(2, 1).await;
}

#[tokio::test]
async fn the_limit_of_holds_is_per_user_and_schedule() {
    let shop = Shop::open(setup().set("hold.limit_per_user", 2)).await;
    let buyer = shop.insider_with(1, 200_000).await;
    let first = buyer.hold(1, 1).await;
    buyer.hold(1, 2).await;
    buyer.reserve(1, 3).await.refused(409, "HOLD_LIMIT_REACHED");
    assert_eq!(buyer.seat(1, 3).await["seatStatus"], "AVAILABLE");
    buyer.hold(2, 1).await;
    shop.insider(2).await.hold(1, 3).await;
    assert_eq!(buyer.cancel(first).await.status, 200);
    buyer.hold(1, 4).await;
    buyer.reserve(1, 5).await.refused(409, "HOLD_LIMIT_REACHED");
}

/// With three nodes too, each of which is killed and started again, or stopped, between any two steps.
#[tokio::test]
async fn nobody_has_more_seats_than_the_limit_however_often_they_come() {
    let mut shop = Shop::open(setup().set("limit.seats_per_user", 2).set("limit.seats_per_user_per_concert", 3)).await;
    for seat in [1, 2] {
        let buyer = shop.insider_with(1, 50_000).await;
        let reservation = buyer.hold(1, seat).await;
        shop.crash();
        let buyer = buyer.through(&shop.client);
        buyer.pay(reservation).await.data();
        assert_eq!(buyer.status().await, "DONE");
        shop.crash();
    }
    let buyer = shop.insider_with(1, 50_000).await;
    buyer.reserve(1, 3).await.refused(409, "SEAT_LIMIT_REACHED");
    assert_eq!(buyer.seat(1, 3).await["seatStatus"], "AVAILABLE");
    shop.insider(2).await.hold(1, 3).await;
    // The whole concert has room for one more, and the operator for two: of many at once, as many get one as may.
    let at_once =
        |buyer: &Buyer| -> Vec<Call> { (1..=5).map(|seat| Buyer::reserving(2, seat).token(buyer.token())).collect() };
    let held = |replies: &[Reply]| replies.iter().filter(|reply| reply.status == 200).count();
    let replies = storm(&shop.client, at_once(&buyer)).await;
    assert_eq!(held(&replies), 1, "{replies:?}");
    for other in replies.iter().filter(|reply| reply.status != 200) {
        other.refused(409, "SEAT_LIMIT_REACHED");
    }
    assert!(shop.server.terminate().success());
    shop.come_back();
    let buyer = buyer.through(&shop.client);
    assert_eq!(held(&storm(&shop.client, at_once(&buyer)).await), 0, "a stop forgets nothing");
    shop.admin.set_settings(json!({"seatsPerUserPerConcert": null})).await;
    assert_eq!(held(&storm(&shop.client, at_once(&buyer)).await), 1);
    assert!(shop.server.terminate().success());
    shop.server.assert_audit_clean();
}

#[tokio::test]
async fn a_hold_lapses_after_its_time() {
    let shop = Shop::open(setup().set("hold.ttl", "700ms").set("hold.limit_per_user", 1)).await;
    let buyer = shop.insider_with(1, 50_000).await;
    let watcher = shop.insider(2).await;
    let reservation = buyer.hold(1, 1).await;
    eventually("the seat is available again", async || watcher.seat(1, 1).await["seatStatus"] == "AVAILABLE").await;
    buyer.pay(reservation).await.refused(410, "HOLD_EXPIRED");
    buyer.cancel(reservation).await.refused(410, "HOLD_EXPIRED");
    assert_eq!(buyer.balance().await, 50_000, "money untouched");
    assert_eq!(buyer.status().await, "PROGRESS", "and the session goes on");
    assert_eq!(watcher.schedule(1).await["availableSeats"], 50);
    let again = buyer.hold(1, 1).await;
    assert_ne!(again, reservation, "a lapsed hold counts for no limit, and its id is not used again");
}

#[tokio::test]
async fn a_hold_does_not_lapse_before_its_time() {
    let shop = Shop::open(setup().set("hold.ttl", "5s")).await;
    let buyer = shop.insider(1).await;
    let data = buyer.reserve(1, 1).await.data();
    let until: Timestamp = data["reservedUntil"].as_str().unwrap().parse().unwrap();
    loop {
        let seen = buyer.seat(1, 1).await["seatStatus"].clone();
        let now = Timestamp::now();
        if seen == "AVAILABLE" {
            assert!(now + SignedDuration::from_millis(100) >= until, "available at {now}, held until {until}");
            break;
        }
        assert_eq!(seen, "TEMP_RESERVED");
        assert!(now < until + SignedDuration::from_secs(60), "it never lapsed");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_hold_is_not_renewed_by_dropping_it() {
    let shop = Shop::open(setup()).await;
    let (buyer, other) = (shop.insider(1).await, shop.insider(2).await);
    let first = buyer.reserve(1, 1).await.data();
    let mut last = first.clone();
    for _ in 0..3 {
        buyer.cancel(last["reservationId"].as_u64().unwrap()).await.data();
        last = buyer.reserve(1, 1).await.data();
        assert_ne!(last["reservationId"], first["reservationId"]);
        assert_eq!(last["reservedUntil"], first["reservedUntil"], "the time of the first goes on");
    }
    buyer.cancel(last["reservationId"].as_u64().unwrap()).await.data();
    let others = other.reserve(1, 1).await.data();
    assert!(others["reservedUntil"].as_str() > first["reservedUntil"].as_str(), "anybody else has the whole time");
}

#[tokio::test]
async fn the_time_of_a_hold_is_a_setting() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider(1).await;
    let span = |data: Value| -> SignedDuration {
        let at = |name: &str| -> Timestamp { data[name].as_str().unwrap().parse().unwrap() };
        at("reservedUntil").duration_since(at("reservedAt"))
    };
    assert_eq!(span(buyer.reserve(1, 1).await.data()), SignedDuration::from_mins(5), "the default");
    shop.admin.set_settings(json!({"holdTtl": "90s"})).await;
    assert_eq!(span(buyer.reserve(1, 2).await.data()), SignedDuration::from_secs(90));
}
