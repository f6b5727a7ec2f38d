//! Who is inside and does nothing: whose slot is freed, what counts as doing something, and what a crash is not.

use std::time::Duration;

use jiff::Timestamp;
use onsale_testkit::{Buyer, Call, Poller, Shop, eventually};
use serde_json::{Value, json};

use crate::queue::line;
use crate::setup;

const IDLE: Duration = Duration::from_secs(4);

async fn shop() -> Shop {
    Shop::open(setup().set("queue.active_limit", 2).set("queue.session_idle", "4s")).await
}

/// When the server would end the session; times of one format are in the order of their texts.
pub(crate) async fn idle_at(buyer: &Buyer) -> Option<String> {
    buyer.check().await["sessionIdleAt"].as_str().map(str::to_owned)
}

async fn stay(buyer: &Buyer) -> Value {
    buyer.call(Call::post("/v1/api/queue/token/stay")).await.data()
}

#[tokio::test]
async fn who_does_nothing_but_poll_makes_room_and_who_reads_stays() {
    let mut shop = shop().await;
    let buyers = line(&shop, 4).await;
    assert!(idle_at(&buyers[0]).await.is_some());
    assert_eq!(idle_at(&buyers[2]).await, None, "who waits is not idle");
    let _poller = Poller::start(&buyers.iter().collect::<Vec<_>>());
    let _stream = buyers[1].stream().await;
    eventually("the slot of the idle one is the next one's", async || {
        buyers[0].seats(1).await.data();
        let active = shop.admin.call(Call::get("/v1/admin/queues")).await.data()[0]["active"].clone();
        assert!(active.as_u64().is_some_and(|active| active <= 2), "{active} inside");
        buyers[1].status().await == "EXPIRED"
    })
    .await;
    assert_eq!(buyers[2].status().await, "PROGRESS");
    assert_eq!(buyers[3].status().await, "WAITING");
    buyers[1].reserve(1, 1).await.refused(403, "SESSION_EXPIRED");
    assert_eq!(buyers[0].status().await, "PROGRESS");
    assert!(shop.server.terminate().success());
    shop.server.assert_audit_clean();
}

#[tokio::test]
async fn what_a_page_asks_by_itself_is_nothing_and_one_word_is_enough() {
    let shop = shop().await;
    let buyers = line(&shop, 2).await;
    let passive = Call::get("/v1/api/concerts/seat?scheduleId=1").header("onsale-passive", "1");
    let first = idle_at(&buyers[0]).await;
    eventually("the one who only looks is gone", async || {
        let seen = buyers[0].call(passive.clone()).await;
        let said = stay(&buyers[1]).await;
        assert_eq!(said["status"], "PROGRESS");
        seen.status == 403
    })
    .await;
    assert_eq!(buyers[0].status().await, "EXPIRED");
    assert!(idle_at(&buyers[1]).await > first);
    assert_eq!(stay(&buyers[0]).await["status"], "EXPIRED", "it is too late");
    shop.client.call(Call::post("/v1/api/queue/token/stay")).await.refused(401, "TOKEN_MISSING");
}

#[tokio::test]
async fn whoever_holds_a_seat_stays_and_pays() {
    let shop = shop().await;
    let buyer = shop.insider_with(1, 50_000).await;
    let held = buyer.hold(1, 1).await;
    assert_eq!(idle_at(&buyer).await, None);
    tokio::time::sleep(IDLE * 2).await;
    assert_eq!(buyer.status().await, "PROGRESS");
    let other = buyer.hold(1, 2).await;
    buyer.cancel(other).await.data();
    assert_eq!(idle_at(&buyer).await, None, "one is still held");
    buyer.cancel(held).await.data();
    assert!(idle_at(&buyer).await.is_some(), "from here on there is all of the time");
    let last = buyer.hold(1, 1).await;
    assert_eq!(buyer.pay(last).await.data()["seatStatus"], "RESERVED");
    assert_eq!(buyer.status().await, "DONE");
}

/// After an outage nobody has lost a moment: all have the whole time.
#[tokio::test]
async fn an_outage_is_nobodys_idleness() {
    let idle = Duration::from_secs(20);
    let mut shop = Shop::open(setup().set("queue.active_limit", 2).set("queue.session_idle", "20s")).await;
    let buyers = line(&shop, 2).await;
    let held = buyers[1].hold(1, 1).await;
    shop.server.kill();
    // Where many nodes share the store, no more than a quarter of the time is no outage.
    tokio::time::sleep(idle / 4 + Duration::from_secs(1)).await;
    let back = Timestamp::now();
    shop.come_back();
    let [reader, holder] = [0, 1].map(|at| buyers[at].through(&shop.client));
    let at: Timestamp = idle_at(&reader).await.expect("still inside").parse().expect("a time");
    assert!(at >= back + idle, "{at}, and it was back at {back}");
    assert_eq!(idle_at(&holder).await, None);
    holder.cancel(held).await.data();
    assert!(idle_at(&holder).await.is_some(), "a hold that was there before is over too");
    assert!(shop.server.terminate().success());
    shop.server.assert_audit_clean();
}

#[tokio::test]
async fn it_is_a_lever_and_off_unless_it_is_set() {
    let shop = Shop::open(setup().set("queue.active_limit", 1)).await;
    let queue = async || shop.admin.call(Call::get("/v1/admin/queues")).await.data()[0]["sessionIdle"].clone();
    assert_eq!(queue().await, "0s");
    let buyer = shop.insider(1).await;
    assert_eq!(idle_at(&buyer).await, None);
    assert_eq!(stay(&buyer).await["status"], "PROGRESS", "there is nothing to say, and it is no mistake");
    shop.admin.set_queue("default", json!({"sessionIdle": "90s"})).await;
    assert_eq!(queue().await, "1m30s");
    assert!(idle_at(&buyer).await.is_some(), "who was inside before has the time from here on");
    let record = shop.admin.call(Call::get("/v1/admin/levers")).await.data();
    assert_eq!((&record[0]["before"], &record[0]["after"]), (&json!("sessionIdle 0s"), &json!("sessionIdle 90s")));
    for wrong in [json!("99ms"), json!("9000h"), json!(null), json!(90)] {
        let change = Call::new("PATCH", "/v1/admin/queues/default").json(&json!({"sessionIdle": wrong}));
        let refused = shop.admin.call(change).await;
        let problem = refused.refused(400, "BAD_REQUEST");
        assert!(problem.to_string().contains("sessionIdle"), "{problem}");
    }
    shop.admin.set_queue("default", json!({"sessionIdle": "0s"})).await;
    assert_eq!(idle_at(&buyer).await, None);
}

#[tokio::test]
async fn below_its_level_nobody_is_idle() {
    let shop = Shop::open(setup().set("store.level_max", 6)).await;
    let change = Call::new("PATCH", "/v1/admin/queues/default").json(&json!({"sessionIdle": "90s"}));
    let refused = shop.admin.call(change).await.refused(409, "LEVEL_TOO_LOW");
    assert!(refused["detail"].as_str().is_some_and(|detail| detail.contains("level 7")), "{refused}");
}
