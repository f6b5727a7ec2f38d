//! Who closed the tab inside: counted, and let go by an operator, with what they hold kept for them.

use onsale_testkit::{Buyer, Call, Poller, Reply, Shop, eventually};
use serde_json::{Value, json};

use crate::queue::line;
use crate::setup;

async fn queue(shop: &Shop) -> Value {
    shop.admin.call(Call::get("/v1/admin/queues")).await.data()[0].clone()
}

async fn let_go(shop: &Shop, queue: &str, body: &Value) -> Reply {
    shop.admin.call(Call::post(format!("/v1/admin/queues/{queue}/let-go")).json(body)).await
}

/// Users 1 to 3 of whom 1 and 2 are inside; 2 holds a seat. 1 and 3 are heard from, and 2 is not.
async fn one_is_silent() -> (Shop, Vec<Buyer>, u64, Poller) {
    let shop = Shop::open(setup().set("queue.active_limit", 2).set("queue.waiting_ttl", "2s")).await;
    let buyers = line(&shop, 3).await;
    buyers[1].charge(50_000).await.data();
    let held = buyers[1].hold(1, 1).await;
    let poller = Poller::start(&[&buyers[0], &buyers[2]]);
    eventually("the silent one is counted", async || queue(&shop).await["silent"] == 1).await;
    (shop, buyers, held, poller)
}

#[tokio::test]
async fn who_is_silent_inside_is_let_go_and_the_next_comes_in() {
    let (shop, buyers, held, _poller) = one_is_silent().await;
    assert_eq!(shop.admin.state().await["silent"], 1);
    let metrics = shop.client.call(Call::get("/metrics")).await;
    let text = String::from_utf8(metrics.body.to_vec()).unwrap();
    assert!(text.contains("onsale_queue_silent{queue=\"default\"} 1"), "{text}");

    let gone = let_go(&shop, "default", &json!({})).await.data();
    assert_eq!(gone, json!({"queue": "default", "letGo": 1, "holding": 1}));
    buyers[2].wait_for("PROGRESS").await;
    let now = queue(&shop).await;
    assert_eq!((&now["silent"], &now["active"], &now["waiting"]), (&json!(0), &json!(2), &json!(0)));
    assert_eq!(buyers[0].status().await, "PROGRESS", "who is there stays");
    assert_eq!(buyers[1].status().await, "EXPIRED");
    buyers[1].reserve(1, 2).await.refused(403, "SESSION_EXPIRED");
    assert_eq!(buyers[1].pay(held).await.data()["seatStatus"], "RESERVED", "what was held is kept and can be paid");

    let lever = shop.admin.call(Call::get("/v1/admin/levers")).await.data()[0].clone();
    assert_eq!((&lever["action"], &lever["target"]), (&json!("LET_SILENT_GO"), &json!("queue default, silent for 4s")));
    assert_eq!(lever["after"], "let go 1, of them 1 who hold a seat");
}

/// Any call with the token is word from its owner, not only a poll; and after a crash everybody begins anew.
#[tokio::test]
async fn whoever_asks_for_anything_is_heard_and_a_start_hears_everybody() {
    let (mut shop, buyers, _, _poller) = one_is_silent().await;
    eventually("reading a list is word enough", async || {
        buyers[1].seats(1).await.data();
        queue(&shop).await["silent"] == 0
    })
    .await;
    assert_eq!(let_go(&shop, "default", &json!({})).await.data()["letGo"], 0);
    eventually("silent again", async || queue(&shop).await["silent"] == 1).await;
    shop.crash();
    assert_eq!(let_go(&shop, "default", &json!({"silentFor": "1h"})).await.data()["letGo"], 0);
    assert_eq!(buyers[1].through(&shop.client).status().await, "PROGRESS");
}

#[tokio::test]
async fn what_cannot_be_meant_is_refused() {
    let shop = Shop::open(setup().set("queue.waiting_ttl", "90s")).await;
    let_go(&shop, "nowhere", &json!({})).await.refused(404, "QUEUE_NOT_FOUND");
    for body in [json!({"silentFor": "89s"}), json!({"silentFor": null}), json!({"silentFor": 7}), json!({"for": "2m"})]
    {
        let_go(&shop, "default", &body).await.refused(400, "BAD_REQUEST");
    }
    let short = let_go(&shop, "default", &json!({"silentFor": "89s"})).await;
    assert!(short.problem()["detail"].as_str().unwrap().contains("at least 1m30s"), "{short}");
}

#[tokio::test]
async fn below_level_2_nobody_is_let_go() {
    let shop = Shop::open(setup().set("store.level_max", 1)).await;
    let refused = let_go(&shop, "default", &json!({})).await;
    refused.refused(409, "LEVEL_TOO_LOW");
    assert!(refused.problem()["detail"].as_str().unwrap().contains("level 2"), "{refused}");
}
