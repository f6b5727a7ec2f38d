//! Sessions that become longer while their owners do something; and sessions that a shop keeps or ends.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use onsale_testkit::{Buyer, Call, Reply, Shop, eventually};
use serde_json::json;

use crate::queue::line;
use crate::setup;

const TTL: Duration = Duration::from_secs(6);

async fn shop() -> Shop {
    Shop::open(setup().set("queue.active_limit", 2).set("queue.session_ttl", "6s").set("queue.session_max", "1h")).await
}

async fn ends_at(buyer: &Buyer) -> Option<Timestamp> {
    buyer.check().await["sessionExpiresAt"].as_str().map(|at| at.parse().expect("a time"))
}

async fn keep(shop: &Shop, user: u64) -> Reply {
    shop.admin.call(Call::post(format!("/v1/admin/users/{user}/session/keep")).json(&json!({}))).await
}

async fn end(shop: &Shop, user: u64) -> Reply {
    let body = json!({"queue": "default"});
    shop.admin.call(Call::post(format!("/v1/admin/users/{user}/session/end")).json(&body)).await
}

/// To when a check says that the end may be put off.
async fn last_at(buyer: &Buyer) -> Option<Timestamp> {
    buyer.check().await["sessionMaxAt"].as_str().map(|at| at.parse().expect("a time"))
}

/// What was told is kept: through a kill, too.
#[tokio::test]
async fn who_reads_stays_and_no_end_is_taken_back() {
    let mut shop = shop().await;
    let buyers = line(&shop, 3).await;
    let first = ends_at(&buyers[0]).await.expect("inside");
    let mut told = first;
    eventually("the one who only asks how things stand is out", async || {
        buyers[0].seats(1).await.data();
        let now = ends_at(&buyers[0]).await.expect("inside still");
        assert!(now >= told, "{now} after {told}");
        told = now;
        buyers[1].status().await == "EXPIRED"
    })
    .await;
    assert!(told > first);
    assert_eq!(buyers[2].status().await, "PROGRESS");
    shop.server.kill();
    shop.come_back();
    let reader = buyers[0].through(&shop.client);
    if let Some(now) = ends_at(&reader).await {
        assert!(now >= told, "{now} after {told}");
    } else {
        assert!(Timestamp::now() >= told, "{told} was told");
    }
    assert!(shop.server.terminate().success());
    shop.server.assert_audit_clean();
}

#[tokio::test]
async fn a_word_of_the_page_s_or_the_shop_s_is_enough() {
    let shop = shop().await;
    let buyers = line(&shop, 3).await;
    tokio::time::sleep(TTL / 3).await;
    let before = ends_at(&buyers[0]).await.expect("inside");
    buyers[0].call(Call::post("/v1/api/queue/token/stay")).await.data();
    assert!(ends_at(&buyers[0]).await.expect("inside") > before);
    let kept = keep(&shop, 2).await.data();
    assert_eq!((&kept["userId"], &kept["queue"]), (&json!(2), &json!("default")));
    let until: Timestamp = kept["sessionExpiresAt"].as_str().expect("an end").parse().expect("a time");
    assert!(until > before);
    assert_eq!(ends_at(&buyers[1]).await, Some(until));
    keep(&shop, 3).await.refused(403, "NOT_ADMITTED");
    keep(&shop, 99).await.refused(403, "NOT_ADMITTED");
    let nowhere = Call::post("/v1/admin/users/2/session/keep").json(&json!({"queue": "nowhere"}));
    shop.admin.call(nowhere).await.refused(404, "QUEUE_NOT_FOUND");
}

#[tokio::test]
async fn a_session_that_is_ended_makes_room_and_what_is_held_can_be_paid() {
    let mut shop = Shop::open(setup().set("queue.active_limit", 1)).await;
    let buyer = shop.insider_with(1, 50_000).await;
    let waits = shop.visitor(2).await;
    let held = buyer.hold(1, 1).await;
    end(&shop, 2).await.refused(403, "NOT_ADMITTED");
    assert_eq!(end(&shop, 1).await.data(), json!({"userId": 1, "queue": "default"}));
    assert_eq!((buyer.status().await, waits.status().await), ("DONE".to_owned(), "PROGRESS".to_owned()));
    let record = shop.admin.call(Call::get("/v1/admin/levers")).await.data();
    assert_eq!((&record[0]["action"], &record[0]["target"]), (&json!("END_SESSION"), &json!("queue default, user 1")));
    assert_eq!(buyer.pay(held).await.data()["seatStatus"], "RESERVED");
    end(&shop, 1).await.refused(403, "NOT_ADMITTED");
    assert!(shop.server.terminate().success());
    shop.server.assert_audit_clean();
}

#[tokio::test]
async fn it_is_a_lever_of_its_level_and_no_shorter_than_a_session() {
    let shop = Shop::open(setup()).await;
    let max = async || shop.admin.call(Call::get("/v1/admin/queues")).await.data()[0]["sessionMax"].clone();
    assert_eq!(max().await, "0s");
    shop.admin.set_queue("default", json!({"sessionMax": "30m"})).await;
    assert_eq!(max().await, "30m");
    for wrong in [json!({"sessionMax": "599s"}), json!({"sessionTtl": "31m"}), json!({"sessionMax": null})] {
        let refused = shop.admin.call(Call::new("PATCH", "/v1/admin/queues/default").json(&wrong)).await;
        let problem = refused.refused(400, "BAD_REQUEST");
        assert!(problem.to_string().contains("sessionMax"), "{problem}");
    }
    assert_eq!(max().await, "30m");
    let older = Shop::open(setup().set("store.level_max", 8)).await;
    let change = Call::new("PATCH", "/v1/admin/queues/default").json(&json!({"sessionMax": "30m"}));
    older.admin.call(change).await.refused(409, "LEVEL_TOO_LOW");
    older.insider(1).await;
    keep(&older, 1).await.refused(409, "LEVEL_TOO_LOW");
    end(&older, 1).await.refused(409, "LEVEL_TOO_LOW");
}

/// A page has to know whether what its buyer does puts anything off.
#[tokio::test]
async fn a_check_and_the_stream_say_to_when_a_session_may_last() {
    let shop = Shop::open(setup().set("queue.active_limit", 1).set("queue.session_ttl", "10m")).await;
    let buyer = shop.insider(1).await;
    let waits = shop.visitor(2).await;
    assert_eq!(last_at(&buyer).await, None, "it ends when it was said to");
    let until = ends_at(&buyer).await.expect("inside");
    let mut stream = buyer.stream().await;
    stream.place(|place| place["status"] == "PROGRESS" && place.get("sessionMaxAt").is_none()).await;
    shop.admin.set_queue("default", json!({"sessionMax": "30m"})).await;
    let last = until + SignedDuration::from_mins(20);
    let told = stream.place(|place| place.get("sessionMaxAt").is_some()).await;
    assert_eq!(told["sessionMaxAt"].as_str().map(|at| at.parse::<Timestamp>().expect("a time")), Some(last));
    assert_eq!((ends_at(&buyer).await, last_at(&buyer).await), (Some(until), Some(last)));
    assert_eq!(last_at(&waits).await, None, "nobody knows before they are let in");
    // All that there is of it was told already.
    shop.admin.set_queue("default", json!({"sessionMax": "10m"})).await;
    assert_eq!((ends_at(&buyer).await, last_at(&buyer).await), (Some(until), None));
    stream.place(|place| place.get("sessionMaxAt").is_none()).await;
}
