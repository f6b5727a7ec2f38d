//! Several seats in one hold: all or none, and paid at once.

use onsale_testkit::{Buyer, Call, Kind, Shop, assert_shape, eventually};
use serde_json::{Value, json};

use crate::setup;

/// Holds at most four seats; the date's cost 50,000 each.
async fn shop() -> Shop {
    Shop::open(setup().set("hold.limit_per_user", 4)).await
}

fn each(seats: &[u64], amount: u64) -> Value {
    seats.iter().map(|seat| json!({"seatId": seat, "amount": amount})).collect()
}

#[tokio::test]
async fn a_hold_of_several_has_exactly_its_fields() {
    let shop = shop().await;
    let buyer = shop.insider(1).await;
    let data = buyer.reserve_all(1, &[9, 7, 8]).await.data();
    let fields = [
        ("reservationId", Kind::Integer),
        ("seatStatus", Kind::Text),
        ("reservedDate", Kind::Text),
        ("reservedUntilDate", Kind::Text),
        ("reservedAt", Kind::Text),
        ("reservedUntil", Kind::Text),
        ("amount", Kind::Integer),
        ("seats", Kind::Array),
    ];
    assert_shape(&data, &fields);
    assert_eq!((&data["amount"], &data["seats"]), (&json!(150_000), &each(&[9, 7, 8], 50_000)), "in their order");
    let listed = &buyer.reservations().await.data()[0];
    assert_eq!((&listed["seatIds"], &listed["amount"]), (&json!([9, 7, 8]), &json!(150_000)));
    assert_eq!(buyer.reserve_all(1, &[1]).await.data()["seats"], each(&[1], 50_000), "a list of one is a list");
}

#[tokio::test]
async fn one_payment_pays_them_all_and_each_has_a_ticket() {
    let mut shop = shop().await;
    let buyer = shop.insider_with(1, 160_000).await;
    let held = buyer.hold_all(1, &[1, 2, 3]).await;
    let pay = Buyer::paying(held).key("pay");
    let paid = buyer.call(pay.clone()).await.data();
    assert_eq!((&paid["paymentAmount"], &paid["seats"]), (&json!(150_000), &each(&[1, 2, 3], 50_000)));
    shop.crash();
    let buyer = buyer.through(&shop.client);
    assert_eq!(buyer.call(pay).await.data(), paid, "replayed as it was");
    assert_eq!((buyer.balance().await, buyer.status().await), (10_000, "DONE".to_owned()));
    let tickets = buyer.call(Call::get("/v1/api/user/tickets")).await.data();
    let seats: Vec<_> = tickets.as_array().expect("a list").iter().map(|ticket| ticket["seatId"].clone()).collect();
    assert_eq!(seats, [1, 2, 3]);
    for ticket in tickets.as_array().expect("a list") {
        let gate = Call::post("/v1/tickets/verify").json(&json!({"ticket": ticket["ticket"]}));
        let verified = shop.client.call(gate).await.data();
        assert_eq!((&verified["verdict"], &verified["seatId"]), (&json!("VALID"), &ticket["seatId"]));
    }
    assert_eq!(shop.insider(2).await.schedule(1).await["availableSeats"], 47);
}

#[tokio::test]
async fn where_one_cannot_be_had_none_is_held_and_the_refusal_says_which() {
    let shop = shop().await;
    let (first, second) = (shop.insider(1).await, shop.insider(2).await);
    first.hold_all(1, &[2, 4]).await;
    let asked = Buyer::reserving_all(1, &[4, 1, 2, 3]);
    // From the views, and, since a key is looked up before any refusal, from the engine.
    for call in [asked.clone(), asked.clone().key("k"), asked.key("k")] {
        let document = second.call(call).await.refused(409, "SEAT_NOT_AVAILABLE");
        assert_eq!(document["seatIds"], json!([4, 2]), "{document}");
    }
    for seat in [1, 3] {
        assert_eq!(second.seat(1, seat).await["seatStatus"], "AVAILABLE");
    }
    let document = second.reserve(1, 2).await.refused(409, "SEAT_NOT_AVAILABLE");
    assert_eq!(document["seatIds"], Value::Null, "of one it goes without saying");
    for (seats, status, code, named) in [
        (&[2][..], 409, "SEAT_NOT_AVAILABLE", json!([2])),
        (&[1, 999, 998], 404, "SEAT_NOT_FOUND", json!([999, 998])),
        (&[999], 404, "SEAT_NOT_FOUND", json!([999])),
    ] {
        for call in [Buyer::reserving_all(1, seats), Buyer::reserving_all(1, seats).key("other")] {
            assert_eq!(second.call(call).await.refused(status, code)["seatIds"], named, "a list is answered by one");
        }
    }
    second.reserve_all(1, &[1, 3]).await.data();
}

#[tokio::test]
async fn the_limit_counts_seats() {
    let shop = shop().await;
    let buyer = shop.insider(1).await;
    buyer.hold_all(1, &[1, 2]).await;
    let refused = buyer.reserve_all(1, &[3, 4, 5]).await.refused(409, "HOLD_LIMIT_REACHED");
    assert!(refused["message"].as_str().is_some_and(|message| message.contains("Choose fewer")), "{refused}");
    // Who has nothing is told that it is too much at once, and no more of what they have.
    let other = shop.insider(2).await;
    for call in [Buyer::reserving_all(1, &[5, 6, 7, 8, 9]), Buyer::wishing(1, &json!({"count": 5}))] {
        let refused = other.call(call).await.refused(409, "HOLD_LIMIT_REACHED");
        let detail = refused["detail"].as_str().unwrap_or_default();
        assert!(detail.contains("5 seats were asked for") && detail.contains("more than 4"), "{refused}");
    }
    assert_eq!(buyer.schedule(1).await["availableSeats"], 48);
    buyer.hold_all(1, &[3, 4]).await;
}

#[tokio::test]
async fn they_lapse_and_are_dropped_together() {
    let shop = Shop::open(setup().set("hold.limit_per_user", 4).set("hold.ttl", "700ms")).await;
    let buyer = shop.insider_with(1, 100_000).await;
    let lapsing = buyer.hold_all(1, &[1, 2]).await;
    eventually("both are free again", async || buyer.schedule(1).await["availableSeats"] == 50).await;
    buyer.pay(lapsing).await.refused(410, "HOLD_EXPIRED");
    assert_eq!(buyer.balance().await, 100_000);
    shop.admin.set_settings(json!({"holdTtl": "5m"})).await;
    let held = buyer.hold_all(1, &[3, 4]).await;
    buyer.cancel(held).await.data();
    assert_eq!(buyer.schedule(1).await["availableSeats"], 50);
}

#[tokio::test]
async fn a_visit_ends_with_the_payment_of_the_last_hold() {
    let shop = shop().await;
    let buyer = shop.insider_with(1, 250_000).await;
    let (group, single, other) = (buyer.hold_all(1, &[1, 2]).await, buyer.hold(1, 3).await, buyer.hold(2, 1).await);
    let pay = Buyer::paying(group).key("first");
    let first = buyer.call(pay.clone()).await.data();
    assert_eq!(first["queueStatus"], "PROGRESS");
    assert_eq!(buyer.status().await, "PROGRESS");
    // Inside is inside: one may go on choosing.
    let more = buyer.hold(1, 4).await;
    for (reservation, left) in [(single, "PROGRESS"), (more, "PROGRESS"), (other, "DONE")] {
        buyer.charge(50_000).await.data();
        assert_eq!(buyer.pay(reservation).await.data()["queueStatus"], left);
        assert_eq!(buyer.status().await, left);
    }
    assert_eq!(buyer.call(pay).await.data(), first, "replayed as it was");
}

#[tokio::test]
async fn what_is_no_list_of_seats_is_refused_by_name() {
    let shop = shop().await;
    let buyer = shop.insider(1).await;
    let many = format!("[{}]", ["{\"seatId\":1}"; 17].join(","));
    let (bad, twice) = ("BAD_REQUEST", "SEAT_TWICE");
    for (seats, code, field) in [
        ("null", bad, "seats"),
        ("7", bad, "seats"),
        ("[]", bad, "seats"),
        (many.as_str(), "SEATS_TOO_MANY", "seats"),
        ("[7]", bad, "seats[0]"),
        ("[{\"seatId\":1},{\"seatId\":\"2\"}]", bad, "seats[1].seatId"),
        ("[{\"seatId\":1},{\"seatId\":2},{\"seatId\":1}]", twice, "seats[2].seatId"),
        ("[{\"seatId\":1,\"priceType\":null}]", bad, "seats[0].priceType"),
        ("[{\"seatId\":1,\"pricetype\":\"child\"}]", bad, "seats[0].pricetype"),
    ] {
        let body = format!("{{\"scheduleId\":1,\"seats\":{seats}}}");
        let document = buyer.call(Call::post("/v1/api/concerts/reserve").body(body)).await.refused(400, code);
        assert_eq!(document["field"], field, "{document}");
    }
    // However long a name is, what comes back of it is short.
    let body = format!(r#"{{"scheduleId":1,"seats":[{{"seatId":1,"{}":1}}]}}"#, "x".repeat(15_000));
    let reply = buyer.call(Call::post("/v1/api/concerts/reserve").body(body)).await;
    assert!(reply.refused(400, "BAD_REQUEST")["field"].as_str().is_some_and(|field| field.starts_with("seats[0].xxx")));
    assert!(reply.body.len() < 3_000, "{} bytes", reply.body.len());
    let both = json!({"scheduleId": 1, "seatId": 1, "seats": [{"seatId": 2}]});
    let document = buyer.call(Call::post("/v1/api/concerts/reserve").json(&both)).await.refused(400, "BAD_REQUEST");
    assert_eq!(document["field"], "seats");
    assert_eq!(buyer.schedule(1).await["availableSeats"], 50);
}

#[tokio::test]
async fn below_level_4_one_seat_is_held_at_a_time() {
    let shop = Shop::open(setup().set("hold.limit_per_user", 4).set("store.level_max", 3)).await;
    let buyer = shop.insider(1).await;
    let document = buyer.reserve_all(1, &[1, 2]).await.refused(503, "UNAVAILABLE");
    assert!(document["detail"].as_str().is_some_and(|detail| detail.contains("level 4")), "{document}");
    buyer.hold(1, 1).await;
}
