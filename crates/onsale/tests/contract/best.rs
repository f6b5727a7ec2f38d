//! Seats that are wished for and not named: the engine chooses them. Which ones is tested beside the engine.

use onsale_testkit::{Buyer, Call, Reply, Shop};
use serde_json::{Value, json};

use crate::setup;

/// Holds many seats: what is in the way of a wish is the hall alone.
async fn shop() -> Shop {
    Shop::open(setup().set("hold.limit_per_user", 60)).await
}

fn ids(reply: &Reply) -> Vec<Value> {
    let data = reply.data();
    data["seats"].as_array().expect("a list").iter().map(|seat| seat["seatId"].clone()).collect()
}

#[tokio::test]
async fn a_wish_holds_seats_side_by_side_and_is_told_which() {
    let shop = shop().await;
    let buyer = shop.insider_with(1, 200_000).await;
    let reply = buyer.call(Buyer::wishing(1, &json!({"count": 4}))).await;
    assert_eq!(ids(&reply), [4, 5, 6, 7], "in front, in the middle: {reply}");
    let data = reply.data();
    assert_eq!((&data["amount"], &data["seats"][0]["amount"]), (&json!(200_000), &json!(50_000)));
    assert_eq!(buyer.reservations().await.data()[0]["seatIds"], json!([4, 5, 6, 7]));
    assert_eq!(buyer.seat(1, 4).await["seatStatus"], "TEMP_RESERVED");
    let beside = buyer.call(Buyer::wishing(1, &json!({"count": 3, "section": "A", "together": "required"}))).await;
    assert_eq!(ids(&beside), [1, 2, 3], "as near as no seat is left alone");
    assert_eq!(ids(&buyer.call(Buyer::wishing(2, &json!({"count": 1, "section": "C"}))).await).len(), 1);
    let reservation = data["reservationId"].as_u64().expect("a number");
    assert_eq!(buyer.pay(reservation).await.data()["seats"], data["seats"], "paid as any hold of several");
}

#[tokio::test]
async fn what_cannot_be_had_is_refused_by_its_reason() {
    let shop = shop().await;
    let buyer = shop.insider(1).await;
    // Two seats are in section B, three in C. Without a key the views may know, with one the engine alone does.
    let wish = async |best: Value| {
        let plain = Buyer::wishing(2, &best);
        let [first, second] = [buyer.call(plain.clone()).await, buyer.call(plain.key(&best.to_string())).await];
        assert_eq!((first.status, first.problem()["code"].clone()), (second.status, second.problem()["code"].clone()));
        first
    };
    wish(json!({"count": 6})).await.refused(409, "SEATS_TOO_FEW");
    wish(json!({"count": 3, "section": "B", "together": "preferred"})).await.refused(409, "SEATS_TOO_FEW");
    wish(json!({"count": 4})).await.refused(409, "SEATS_NOT_TOGETHER");
    let document = wish(json!({"count": 1, "section": "D"})).await.refused(400, "BAD_REQUEST");
    assert_eq!(document["field"], "best.section", "{document}");
    assert_eq!(buyer.schedule(2).await["availableSeats"], 5, "nothing was held");
    let apart = buyer.call(Buyer::wishing(2, &json!({"count": 4, "together": "preferred"}))).await;
    assert_eq!(ids(&apart), [3, 4, 5, 1], "the largest group first");
    buyer.hold(2, 2).await;
    wish(json!({"count": 1})).await.refused(409, "SOLD_OUT");
}

#[tokio::test]
async fn a_key_gets_the_seats_that_it_got() {
    let mut shop = shop().await;
    let buyer = shop.insider(1).await;
    let wish = Buyer::wishing(1, &json!({"count": 2})).key("k");
    let first = buyer.call(wish.clone()).await.data();
    assert_eq!(first["seats"][0]["seatId"], 5);
    shop.crash();
    let buyer = buyer.through(&shop.client);
    let again = buyer.call(wish).await;
    assert_eq!(again.header("idempotency-replayed"), Some("true"), "{again}");
    assert_eq!(again.data(), first);
    for other in [
        Buyer::wishing(1, &json!({"count": 3})),
        Buyer::wishing(1, &json!({"count": 2, "section": "A"})),
        Buyer::wishing(1, &json!({"count": 2, "together": "preferred"})),
        Buyer::reserving_all(1, &[5, 6]),
    ] {
        buyer.call(other.key("k")).await.refused(422, "IDEMPOTENCY_KEY_REUSED");
    }
    assert_eq!(buyer.schedule(1).await["availableSeats"], 48);
}

#[tokio::test]
async fn the_limit_counts_what_a_wish_holds() {
    let shop = Shop::open(setup().set("hold.limit_per_user", 4)).await;
    let buyer = shop.insider(1).await;
    buyer.call(Buyer::wishing(1, &json!({"count": 3}))).await.data();
    buyer.call(Buyer::wishing(1, &json!({"count": 2}))).await.refused(409, "HOLD_LIMIT_REACHED");
    assert_eq!(buyer.schedule(1).await["availableSeats"], 47);
}

#[tokio::test]
async fn what_is_no_wish_is_refused_by_name() {
    let shop = shop().await;
    let buyer = shop.insider(1).await;
    for (best, field) in [
        (json!(null), "best"),
        (json!({}), "best.count"),
        (json!({"count": 1.5}), "best.count"),
        (json!({"count": 2, "together": "maybe"}), "best.together"),
        (json!({"count": 2, "accessible": true}), "best.accessible"),
    ] {
        let document = buyer.call(Buyer::wishing(1, &best)).await.refused(400, "BAD_REQUEST");
        assert_eq!(document["field"], field, "{document}");
    }
    let both = json!({"scheduleId": 1, "seatId": 1, "best": {"count": 1}});
    let document = buyer.call(Call::post("/v1/api/concerts/reserve").json(&both)).await.refused(400, "BAD_REQUEST");
    assert_eq!(document["field"], "best");
    assert_eq!(buyer.schedule(1).await["availableSeats"], 50);
}

#[tokio::test]
async fn below_level_4_seats_are_named() {
    let shop = Shop::open(setup().set("store.level_max", 3)).await;
    let buyer = shop.insider(1).await;
    let document = buyer.call(Buyer::wishing(1, &json!({"count": 1}))).await.refused(503, "UNAVAILABLE");
    assert!(document["detail"].as_str().is_some_and(|detail| detail.contains("level 4")), "{document}");
    buyer.hold(1, 1).await;
}
