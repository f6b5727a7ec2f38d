//! Idempotency-Key: retried means once.

use onsale_testkit::{Buyer, Call, Reply, Shop, storm};
use serde_json::json;

use crate::setup;

/// Sends it twice: the second answer must be the first one again, and say so.
async fn twice(buyer: &Buyer, call: Call) -> Reply {
    let first = buyer.call(call.clone()).await;
    assert_eq!(first.status, 200, "{first}");
    assert_eq!(first.header("idempotency-replayed"), None, "{first}");
    assert_replay(&first, &buyer.call(call).await);
    first
}

#[track_caller]
fn assert_replay(first: &Reply, again: &Reply) {
    assert_eq!(again.status, 200, "{again}");
    assert!(again.replayed(), "{again}");
    assert_eq!(again.json(), first.json());
}

#[tokio::test]
async fn a_success_is_replayed_and_not_repeated() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider(1).await;
    twice(&buyer, Buyer::charging(100_000).key("charge")).await;
    assert_eq!(buyer.balance().await, 100_000);
    let held = twice(&buyer, Buyer::reserving(1, 1).key("reserve")).await.data();
    assert_eq!(buyer.schedule(1).await["availableSeats"], 49);
    twice(&buyer, Buyer::paying(held["reservationId"].as_u64().unwrap()).key("pay")).await;
    assert_eq!(buyer.balance().await, 50_000);
    assert_eq!(buyer.status().await, "DONE");
}

#[tokio::test]
async fn without_a_key_everything_counts() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider(1).await;
    for expected in [5, 10, 15] {
        let reply = buyer.charge(5).await;
        assert!(!reply.replayed());
        assert_eq!(reply.data()["amount"], expected);
    }
}

#[tokio::test]
async fn the_key_is_looked_up_before_status_and_before_any_refusal() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider_with(1, 100_000).await;
    let reserve = Buyer::reserving(1, 1).key("r");
    let held = buyer.call(reserve.clone()).await;
    let pay = Buyer::paying(held.data()["reservationId"].as_u64().unwrap()).key("p");
    let paid = buyer.call(pay.clone()).await;
    paid.data();
    buyer.reserve(1, 2).await.refused(403, "SESSION_DONE");
    assert_replay(&held, &buyer.call(reserve).await);
    assert_replay(&paid, &buyer.call(pay).await);
    let again = shop.insider(1).await;
    assert_replay(&held, &again.call(Buyer::reserving(1, 1).key("r")).await);
}

#[tokio::test]
async fn a_used_key_comes_before_an_impossible_amount() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider(1).await;
    let charging =
        |key: &str, amount| Call::post("/v1/api/user/amount").key(key).body(format!("{{\"amount\":{amount}}}"));
    buyer.call(charging("used", "5")).await.data();
    for amount in ["0", "-5", "0.5", "1e30"] {
        buyer.call(charging("used", amount)).await.refused(422, "IDEMPOTENCY_KEY_REUSED");
        buyer.call(charging("unused", amount)).await.refused(400, "AMOUNT_INVALID");
    }
    buyer.call(charging("used", "\"5\"")).await.refused(400, "BAD_REQUEST");
    assert_eq!(buyer.call(charging("unused", "7")).await.data(), json!({"amount": 12}), "a refusal frees the key");
}

#[tokio::test]
async fn another_body_with_the_same_key_is_refused() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider_with(1, 100_000).await;
    buyer.call(Buyer::charging(5).key("k")).await.data();
    buyer.call(Buyer::charging(6).key("k")).await.refused(422, "IDEMPOTENCY_KEY_REUSED");
    buyer.call(Buyer::reserving(1, 1).key("k")).await.data();
    buyer.call(Buyer::reserving(1, 2).key("k")).await.refused(422, "IDEMPOTENCY_KEY_REUSED");
    assert_eq!(buyer.seat(1, 2).await["seatStatus"], "AVAILABLE");
    assert_eq!(buyer.balance().await, 100_005);
}

#[tokio::test]
async fn the_same_command_written_otherwise_is_the_same() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider(1).await;
    let first = buyer.call(Call::post("/v1/api/user/amount").key("k").body(r#"{"amount":5}"#)).await;
    first.data();
    for body in ["{ \"amount\" : 5 }", "{\"note\":\"again\",\"amount\":5}", "\n{\"amount\":5}\n"] {
        assert_replay(&first, &buyer.call(Call::post("/v1/api/user/amount").key("k").body(body)).await);
    }
    assert_eq!(buyer.balance().await, 5);
}

#[tokio::test]
async fn keys_are_per_user_and_endpoint() {
    let shop = Shop::open(setup()).await;
    let (buyer, other) = (shop.insider(1).await, shop.insider(2).await);
    for someone in [&buyer, &other] {
        assert!(!someone.call(Buyer::charging(100_000).key("same")).await.replayed());
        assert_eq!(someone.balance().await, 100_000);
    }
    let held = buyer.call(Buyer::reserving(1, 1).key("same")).await;
    assert!(!held.replayed());
    let paid = buyer.call(Buyer::paying(held.data()["reservationId"].as_u64().unwrap()).key("same")).await;
    assert!(!paid.replayed());
    assert_eq!(paid.data()["paymentAmount"], 50_000);
}

#[tokio::test]
async fn a_refusal_frees_the_key() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider(1).await;
    let reservation = buyer.hold(1, 1).await;
    let pay = Buyer::paying(reservation).key("k");
    for _ in 0..2 {
        let refused = buyer.call(pay.clone()).await;
        refused.refused(402, "INSUFFICIENT_BALANCE");
        assert!(!refused.replayed());
    }
    buyer.charge(50_000).await.data();
    let paid = buyer.call(pay).await;
    assert!(!paid.replayed());
    assert_eq!(paid.data()["paymentAmount"], 50_000);
    buyer.call(Buyer::charging(0).key("c")).await.refused(400, "AMOUNT_INVALID");
    buyer.call(Buyer::charging(7).key("c")).await.data();
}

/// What is refused early, from what readers see, and what the engine refuses have one order of reasons.
#[tokio::test]
async fn a_refusal_is_the_same_with_a_key_and_without() {
    let shop = Shop::open(setup().set("queue.active_limit", 4)).await;
    let (buyer, rival, rich) = (shop.insider(1).await, shop.insider(2).await, shop.insider_with(3, 1_000_000).await);
    let (left, waiting) = (shop.insider(4).await, Buyer::join(&shop.client, 5).await);
    left.leave().await.data();
    let late = Buyer::join(&shop.client, 6).await;
    assert_eq!((waiting.status().await, late.status().await), ("PROGRESS".into(), "WAITING".into()));
    let held = rival.hold(2, 1).await;
    let mine = buyer.hold(1, 1).await;
    rich.hold(2, 2).await;
    rival.hold(1, 3).await;
    shop.admin.close_schedule(2, true).await.data();
    let calls = [
        (&late, Buyer::reserving(1, 2)),
        (&late, Buyer::reserving(99, 2)),
        (&left, Buyer::reserving(1, 2)),
        (&left, Buyer::reserving(1, 1)),
        (&buyer, Buyer::reserving(99, 1)),
        (&buyer, Buyer::reserving(1, 99)),
        (&buyer, Buyer::reserving(2, 1)),
        (&buyer, Buyer::reserving(2, 5)),
        (&buyer, Buyer::reserving(1, 1)),
        (&buyer, Buyer::reserving(1, 3)),
        (&buyer, Buyer::reserving(3, 100)),
        (&buyer, Buyer::reserving(3, 99)),
        (&buyer, Buyer::paying(mine)),
        (&buyer, Buyer::paying(held)),
        (&buyer, Buyer::paying(99)),
        (&late, Buyer::paying(held)),
        (&buyer, Buyer::charging(0)),
        (&buyer, Buyer::charging(u64::MAX)),
    ];
    for (number, (buyer, call)) in calls.into_iter().enumerate() {
        let plain = buyer.call(call.clone()).await;
        let keyed = buyer.call(call.clone().key(&format!("key-{number}"))).await;
        assert!(plain.status >= 400, "{plain}");
        assert_eq!((plain.status, &plain.json()["code"]), (keyed.status, &keyed.json()["code"]), "{plain}\n{keyed}");
    }
}

#[tokio::test]
async fn a_key_has_at_most_255_characters() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider(1).await;
    twice(&buyer, Buyer::charging(1).key(&"k".repeat(255))).await;
    buyer.call(Buyer::charging(1).key(&"k".repeat(256))).await.refused(400, "BAD_REQUEST");
    assert_eq!(buyer.balance().await, 1);
}

#[tokio::test]
async fn a_user_has_at_most_1024_live_keys() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider(1).await;
    for number in 0..1_024 {
        buyer.call(Buyer::charging(1).key(&format!("key-{number}"))).await.data();
    }
    let refused = buyer.call(Buyer::charging(1).key("one more")).await;
    refused.refused(429, "TOO_MANY_REQUESTS");
    assert_eq!(refused.header("retry-after"), Some("3600"), "no key frees within the next second");
    assert!(buyer.call(Buyer::charging(1).key("key-0")).await.replayed(), "those that there are still work");
    assert_eq!(buyer.charge(1).await.data(), json!({"amount": 1_025}), "and so does a charge without one");
    let other = shop.insider(2).await;
    assert_eq!(other.call(Buyer::charging(1).key("one more")).await.status, 200);
}

#[tokio::test]
async fn results_are_kept_through_a_crash() {
    let mut shop = Shop::open(setup()).await;
    let buyer = shop.insider(1).await;
    let charge = Buyer::charging(100_000).key("c");
    let reserve = Buyer::reserving(1, 1).key("r");
    let charged = buyer.call(charge.clone()).await;
    let held = buyer.call(reserve.clone()).await;
    let pay = Buyer::paying(held.data()["reservationId"].as_u64().unwrap()).key("p");
    let paid = buyer.call(pay.clone()).await;
    paid.data();
    for _ in 0..2 {
        shop.crash();
        let buyer = buyer.through(&shop.client);
        assert_replay(&charged, &buyer.call(charge.clone()).await);
        assert_replay(&held, &buyer.call(reserve.clone()).await);
        assert_replay(&paid, &buyer.call(pay.clone()).await);
        buyer.call(Buyer::charging(1).key("c")).await.refused(422, "IDEMPOTENCY_KEY_REUSED");
        assert_eq!(buyer.balance().await, 50_000);
    }
}

#[tokio::test]
async fn duplicates_in_flight_get_the_first_one_s_answer() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider_with(1, 100_000).await;
    let reservation = buyer.hold(1, 1).await;
    let calls = [Buyer::charging(7).key("k"), Buyer::reserving(1, 2).key("k"), Buyer::paying(reservation).key("k")];
    for call in calls {
        let replies = storm(&shop.client, vec![call.token(buyer.token()); 60]).await;
        let first: Vec<_> = replies.iter().filter(|reply| !reply.replayed()).collect();
        assert_eq!(first.len(), 1, "one of them did it: {}", first[0]);
        for reply in replies.iter().filter(|reply| reply.replayed()) {
            assert_replay(first[0], reply);
        }
    }
    assert_eq!(buyer.balance().await, 50_007);
}

#[tokio::test]
async fn live_keys_are_counted_before_and_after_a_start() {
    let mut shop = Shop::open(setup()).await;
    let buyer = shop.insider(1).await;
    buyer.call(Buyer::charging(100_000).key("c")).await.data();
    let held = buyer.call(Buyer::reserving(1, 1).key("r")).await.data();
    let pay = Buyer::paying(held["reservationId"].as_u64().unwrap());
    buyer.call(pay.key("p")).await.data();
    for start in ["none", "from the journal", "from the tables"] {
        match start {
            "none" => {}
            "from the journal" => shop.crash(),
            _ => {
                shop.admin.projected().await;
                shop.crash();
            }
        }
        let metrics = shop.client.call(Call::get("/metrics")).await;
        let text = String::from_utf8(metrics.body.to_vec()).unwrap();
        for endpoint in ["charge", "reserve", "pay"] {
            let line = format!("onsale_idempotency_keys{{endpoint=\"{endpoint}\"}} 1");
            assert!(text.lines().any(|other| other.starts_with(&line)), "{start}: no {line} in {text}");
        }
    }
}
