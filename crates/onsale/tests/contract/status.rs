//! Which status may call what: the contract's table, cell by cell.

use onsale_testkit::{Buyer, Call, Shop};
use serde_json::json;

use crate::setup;

/// One user of each status, in a queue that lets one in.
struct Statuses {
    shop: Shop,
    waiting: Buyer,
    inside: Buyer,
    done: Buyer,
    expired: Buyer,
}

async fn statuses() -> Statuses {
    let shop = Shop::open(setup().set("queue.active_limit", 1)).await;
    shop.admin.set_queue("default", json!({"sessionTtl": "100ms"})).await;
    let expired = shop.visitor(1).await;
    expired.wait_for("EXPIRED").await;
    shop.admin.set_queue("default", json!({"sessionTtl": "1h"})).await;
    let done = shop.insider(2).await;
    assert_eq!(done.leave().await.status, 200);
    done.wait_for("DONE").await;
    let inside = shop.insider(3).await;
    let waiting = shop.visitor(4).await;
    assert_eq!(waiting.status().await, "WAITING");
    Statuses { shop, waiting, inside, done, expired }
}

#[tokio::test]
async fn only_progress_opens_the_hall() {
    let all = statuses().await;
    let outside = [(&all.waiting, "NOT_ADMITTED"), (&all.done, "SESSION_DONE"), (&all.expired, "SESSION_EXPIRED")];
    for (buyer, code) in outside {
        buyer.schedules().await.refused(403, code);
        buyer.seats(1).await.refused(403, code);
        buyer.reserve(1, 1).await.refused(403, code);
    }
    assert_eq!(all.inside.schedules().await.status, 200);
    assert_eq!(all.inside.seats(1).await.status, 200);
    assert_eq!(all.inside.reserve(1, 1).await.status, 200);
}

#[tokio::test]
async fn any_authentic_token_may_call_the_rest() {
    let all = statuses().await;
    let buyers = [(&all.waiting, "WAITING"), (&all.inside, "PROGRESS"), (&all.done, "DONE"), (&all.expired, "EXPIRED")];
    for (buyer, status) in buyers {
        assert_eq!(buyer.status().await, status);
        assert_eq!(buyer.charge(500).await.data(), json!({"amount": 500}));
        assert_eq!(buyer.balance().await, 500);
        buyer.pay(1).await.refused(404, "RESERVATION_NOT_FOUND");
        buyer.cancel(1).await.refused(404, "RESERVATION_NOT_FOUND");
        assert_eq!(buyer.reservations().await.data(), json!([]));
    }
    // Who is outside already stays what they are; who is not, is now.
    for (buyer, after) in
        [(&all.waiting, "DONE"), (&all.inside, "DONE"), (&all.done, "DONE"), (&all.expired, "EXPIRED")]
    {
        assert_eq!(buyer.leave().await.status, 200);
        assert_eq!(buyer.status().await, after);
    }
    drop(all.shop);
}

#[tokio::test]
async fn another_queues_concerts_are_not_listed_and_not_sold() {
    let shop = Shop::open(setup()).await;
    let plain = shop.insider(1).await;
    let vip = Buyer::join_queue(&shop.client, 1, "vip").await;
    vip.wait_for("PROGRESS").await;
    let listed = |data: serde_json::Value| -> Vec<u64> {
        data.as_array().unwrap().iter().map(|schedule| schedule["scheduleId"].as_u64().unwrap()).collect()
    };
    assert_eq!(listed(plain.schedules().await.data()), [1, 2]);
    assert_eq!(listed(vip.schedules().await.data()), [3]);
    let foreign = plain.call(Call::get("/v1/api/concerts/schedule?concertId=2")).await;
    assert_eq!(foreign.data(), json!([]));
    plain.seats(3).await.refused(403, "NOT_ADMITTED");
    plain.reserve(3, 100).await.refused(403, "NOT_ADMITTED");
    vip.seats(1).await.refused(403, "NOT_ADMITTED");
    vip.reserve(1, 1).await.refused(403, "NOT_ADMITTED");
    assert_eq!(vip.reserve(3, 100).await.data()["amount"], 150_000);
}
