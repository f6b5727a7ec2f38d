//! Places in the queue: one per user, in order, with an exact position.

use onsale_testkit::{Buyer, Call, Kind, Shop, assert_shape};
use serde_json::{Value, json};

use crate::setup;

const ISSUE: [(&str, Kind); 6] = [
    ("queueToken", Kind::Text),
    ("queuePosition", Kind::Integer),
    ("status", Kind::Text),
    ("estimatedWaitSeconds", Kind::IntegerOrNull),
    ("estimatedWaitMaxSeconds", Kind::IntegerOrNull),
    ("pollAfterMillis", Kind::IntegerOrNull),
];

const CHECK: [(&str, Kind); 6] = [
    ("queuePosition", Kind::Integer),
    ("status", Kind::Text),
    ("estimatedWaitSeconds", Kind::IntegerOrNull),
    ("estimatedWaitMaxSeconds", Kind::IntegerOrNull),
    ("pollAfterMillis", Kind::IntegerOrNull),
    ("sessionExpiresAt", Kind::TextOrNull),
];

/// Users 1 to `count`, joined one after the other.
pub(crate) async fn line(shop: &Shop, count: u64) -> Vec<Buyer> {
    let mut buyers = Vec::new();
    for user in 1..=count {
        buyers.push(shop.visitor(user).await);
    }
    buyers
}

#[tokio::test]
async fn an_issue_has_exactly_its_fields() {
    let shop = Shop::open(setup().set("queue.active_limit", 1).set("queue.waiting_ttl", "9s")).await;
    let first = Buyer::ask(&shop.client, 1).await.data();
    assert_shape(&first, &ISSUE);
    assert_eq!((&first["status"], &first["queuePosition"]), (&json!("PROGRESS"), &json!(0)), "a free slot: at once");
    let second = Buyer::ask(&shop.client, 2).await.data();
    assert_shape(&second, &ISSUE);
    assert_eq!((&second["status"], &second["queuePosition"]), (&json!("WAITING"), &json!(1)));
    let poll_after = second["pollAfterMillis"].as_u64().expect("who waits is told when to ask again");
    assert!((1..=3_000).contains(&poll_after), "at most a third of waiting_ttl: {second}");
}

#[tokio::test]
async fn a_check_has_exactly_its_fields() {
    let shop = Shop::open(setup().set("queue.active_limit", 1).set("queue.waiting_ttl", "9s")).await;
    let buyers = line(&shop, 3).await;
    let inside = buyers[0].check().await;
    assert_shape(&inside, &CHECK);
    assert_eq!((&inside["status"], &inside["queuePosition"]), (&json!("PROGRESS"), &json!(0)));
    onsale_testkit::assert_utc_instant(&inside["sessionExpiresAt"]);
    for (at, buyer) in buyers.iter().enumerate().skip(1) {
        let waiting = buyer.check().await;
        assert_shape(&waiting, &CHECK);
        assert_eq!((&waiting["status"], &waiting["queuePosition"]), (&json!("WAITING"), &json!(at)));
        assert_eq!(waiting["sessionExpiresAt"], Value::Null);
        let poll_after = waiting["pollAfterMillis"].as_u64().expect("who waits is told when to ask again");
        assert!((1..=3_000).contains(&poll_after), "at most a third of waiting_ttl: {waiting}");
        if let (Some(likely), Some(most)) =
            (waiting["estimatedWaitSeconds"].as_u64(), waiting["estimatedWaitMaxSeconds"].as_u64())
        {
            assert!(likely <= most, "{waiting}");
        }
    }
    buyers[0].leave().await.data();
    let done = buyers[0].check().await;
    assert_shape(&done, &CHECK);
    assert_eq!((&done["status"], &done["queuePosition"]), (&json!("DONE"), &json!(0)));
    assert_eq!(done["sessionExpiresAt"], Value::Null);
}

#[tokio::test]
async fn a_live_place_is_kept_however_often_it_is_asked_for() {
    let shop = Shop::open(setup().set("queue.active_limit", 1)).await;
    let buyers = line(&shop, 4).await;
    for _ in 0..3 {
        for (at, buyer) in buyers.iter().enumerate() {
            let again = Buyer::ask(&shop.client, buyer.user()).await.data();
            assert_eq!(again["queueToken"], buyer.token());
            assert_eq!(again["queuePosition"], at);
            assert_eq!(again["status"], if at == 0 { "PROGRESS" } else { "WAITING" });
        }
    }
    assert_eq!(shop.visitor(5).await.position().await, 4, "asking again took no place");
}

#[tokio::test]
async fn who_is_done_joins_at_the_tail() {
    let shop = Shop::open(setup().set("queue.active_limit", 1)).await;
    let buyers = line(&shop, 3).await;
    buyers[0].leave().await.data();
    buyers[1].wait_for("PROGRESS").await;
    let again = shop.visitor(1).await;
    assert_ne!(again.token(), buyers[0].token());
    assert_eq!(again.position().await, 2);
    assert_eq!(buyers[0].status().await, "DONE", "the old token tells its own ticket's story");
}

#[tokio::test]
async fn who_waits_may_leave_and_joins_at_the_tail() {
    let shop = Shop::open(setup().set("queue.active_limit", 1)).await;
    let buyers = line(&shop, 4).await;
    buyers[1].leave().await.data();
    assert_eq!(buyers[1].status().await, "DONE");
    assert_eq!(shop.visitor(2).await.position().await, 3);
    assert_eq!((buyers[2].position().await, buyers[3].position().await), (1, 2));
}

#[tokio::test]
async fn positions_are_exact_under_departures_anywhere_and_never_rise() {
    let shop = Shop::open(setup().set("queue.active_limit", 1)).await;
    let mut waiting = line(&shop, 41).await;
    let inside = waiting.remove(0);
    let mut last: Vec<u64> = (1..=40).collect();
    // From the front, the back and the middle; each index counts in the line as it then is.
    for leaver in [0, 38, 20, 19, 5, 0, 30, 12, 12, 12, 25] {
        let gone = waiting.remove(leaver);
        last.remove(leaver);
        gone.leave().await.data();
        assert_eq!(gone.position().await, 0);
        for (at, buyer) in waiting.iter().enumerate() {
            let position = buyer.position().await;
            assert_eq!(position, at as u64 + 1, "user {}", buyer.user());
            assert!(position <= last[at], "user {} went back", buyer.user());
            last[at] = position;
        }
    }
    inside.leave().await.data();
    waiting[0].wait_for("PROGRESS").await;
    for (at, buyer) in waiting.iter().enumerate() {
        assert_eq!(buyer.position().await, at as u64);
    }
}

#[tokio::test]
async fn each_queue_has_a_place_of_its_own() {
    let shop = Shop::open(setup().set("queue.active_limit", 1)).await;
    let plain = line(&shop, 3).await;
    let vip = Buyer::join_queue(&shop.client, 3, "vip").await;
    assert_ne!(vip.token(), plain[2].token());
    assert_eq!(vip.status().await, "PROGRESS");
    assert_eq!(plain[2].position().await, 2);
    let named = Buyer::join_queue(&shop.client, 3, "default").await;
    assert_eq!(named.token(), plain[2].token(), "the default queue may be named");
    vip.leave().await.data();
    assert_eq!(plain[2].position().await, 2, "leaving one queue is not leaving the other");
}

#[tokio::test]
async fn an_unknown_queue_is_not_found() {
    let shop = Shop::open(setup()).await;
    for name in ["nowhere", "VIP", "", "../default"] {
        let call = Call::post("/v1/api/queue/token").json(&json!({"userId": 1, "queue": name}));
        shop.client.call(call).await.refused(404, "QUEUE_NOT_FOUND");
    }
    for wrong in [json!(1), json!([]), json!({})] {
        let call = Call::post("/v1/api/queue/token").json(&json!({"userId": 1, "queue": wrong}));
        shop.client.call(call).await.refused(400, "BAD_REQUEST");
    }
}
