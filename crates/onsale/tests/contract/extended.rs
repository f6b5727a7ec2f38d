//! Holds that their owners make longer.

use jiff::{SignedDuration, Timestamp};
use onsale_testkit::{Buyer, Call, Kind, Reply, Setup, Shop, assert_shape};
use serde_json::{Value, json};

use crate::setup;

fn with_more_time() -> Setup {
    setup().set("hold.ttl", "5m").set("hold.extend", "2m")
}

async fn extend(buyer: &Buyer, reservation: u64) -> Reply {
    let body = json!({"reservationId": reservation});
    buyer.call(Call::post("/v1/api/concerts/reserve/extend").json(&body)).await
}

fn instant(value: &Value) -> Timestamp {
    value.as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_hold_becomes_longer_once() {
    let mut shop = Shop::open(with_more_time()).await;
    let sale = shop.client.call(Call::get("/v1/sale")).await.data();
    assert_eq!(sale["holdExtendSeconds"], 120.0);
    let buyer = shop.insider_with(1, 100_000).await;
    let held = buyer.reserve(1, 1).await.data();
    let reservation = held["reservationId"].as_u64().unwrap();
    assert_eq!(buyer.reservations().await.data()[0]["extendable"], true);
    let extended = extend(&buyer, reservation).await.data();
    let fields = [
        ("reservationId", Kind::Integer),
        ("seatStatus", Kind::Text),
        ("reservedUntilDate", Kind::Text),
        ("reservedUntil", Kind::Text),
    ];
    assert_shape(&extended, &fields);
    let (before, after) = (instant(&held["reservedUntil"]), instant(&extended["reservedUntil"]));
    assert_eq!(after.duration_since(before), SignedDuration::from_mins(2));
    extend(&buyer, reservation).await.refused(409, "HOLD_EXTENDED");
    // From the tables, and from the journal alone.
    shop.admin.projected().await;
    shop.crash();
    let buyer = buyer.through(&shop.client);
    let mine = buyer.reservations().await.data();
    assert_eq!((&mine[0]["reservedUntil"], &mine[0]["extendable"]), (&extended["reservedUntil"], &json!(false)));
    extend(&buyer, reservation).await.refused(409, "HOLD_EXTENDED");
    // To drop it and take it again wins no time.
    buyer.cancel(reservation).await.data();
    extend(&buyer, reservation).await.refused(409, "RESERVATION_CANCELLED");
    let again = buyer.hold(1, 1).await;
    extend(&buyer, again).await.refused(409, "HOLD_EXTENDED");
    buyer.pay(again).await.data();
    extend(&buyer, again).await.refused(409, "ALREADY_PAID");
    assert!(shop.server.terminate().success());
    shop.server.assert_audit_clean();
}

#[tokio::test]
async fn only_its_owner_and_only_while_nobody_waits() {
    let shop = Shop::open(with_more_time().set("queue.active_limit", 1)).await;
    let buyer = shop.insider(1).await;
    let reservation = buyer.hold(1, 1).await;
    let other = shop.visitor(2).await;
    extend(&other, reservation).await.refused(404, "RESERVATION_NOT_FOUND");
    let korean = Call::post("/v1/api/concerts/reserve/extend").json(&json!({"reservationId": reservation}));
    let refused = buyer.call(korean.header("accept-language", "ko")).await;
    assert!(refused.refused(409, "OTHERS_WAIT")["message"].as_str().unwrap().contains("기다리고"), "{refused}");
    other.leave().await.data();
    extend(&buyer, reservation).await.data();
    for wrong in [json!({}), json!({"reservationId": "1"}), json!({"reservationId": 0})] {
        let reply = buyer.call(Call::post("/v1/api/concerts/reserve/extend").json(&wrong)).await;
        assert_eq!(reply.refused(400, "BAD_REQUEST")["field"], "reservationId", "{wrong}");
    }
}

#[tokio::test]
async fn it_is_off_until_an_operator_says_how_long() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider(1).await;
    let reservation = buyer.hold(1, 1).await;
    extend(&buyer, reservation).await.refused(403, "EXTEND_OFF");
    assert_eq!(buyer.reservations().await.data()[0]["extendable"], false);
    shop.admin.set_settings(json!({"holdExtend": "90s"})).await;
    assert_eq!(shop.admin.call(Call::get("/v1/admin/settings")).await.data()["holdExtend"], "1m30s");
    shop.admin.close_schedule(1, true).await.data();
    extend(&buyer, reservation).await.refused(409, "SALE_CLOSED");
    shop.admin.close_schedule(1, false).await.data();
    extend(&buyer, reservation).await.data();
    let record = shop.admin.call(Call::get("/v1/admin/levers")).await.data();
    assert!(record.to_string().contains("holdExtend 90s"), "{record}");
    let wrong = shop.admin.call(Call::new("PATCH", "/v1/admin/settings").json(&json!({"holdExtend": "10ms"}))).await;
    assert_eq!(wrong.refused(400, "BAD_REQUEST")["field"], "holdExtend");
    shop.admin.set_settings(json!({"holdExtend": "0s"})).await;
    let last = buyer.hold(1, 2).await;
    extend(&buyer, last).await.refused(403, "EXTEND_OFF");
}

#[tokio::test]
async fn below_level_5_no_hold_becomes_longer() {
    let shop = Shop::open(setup().set("store.level_max", 4)).await;
    let call = Call::new("PATCH", "/v1/admin/settings").json(&json!({"holdExtend": "90s"}));
    let refused = shop.admin.call(call).await.refused(409, "LEVEL_TOO_LOW");
    assert!(refused["detail"].as_str().is_some_and(|detail| detail.contains("level 5")), "{refused}");
}
