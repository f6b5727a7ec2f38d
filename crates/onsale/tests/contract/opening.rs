//! Queues that open and close by themselves, and sales that do.

use std::time::Duration;

use jiff::Timestamp;
use onsale_testkit::{Buyer, Call, Catalog, Reply, Schedule, Shop, eventually};
use serde_json::{Value, json};

use crate::queue::line;
use crate::setup;

/// So many milliseconds from now, by the machine's clock, which is the store's.
fn from_now(ms: i64) -> String {
    let at = Timestamp::now().as_millisecond() + ms;
    Timestamp::from_millisecond(at).expect("it is soon").to_string()
}

fn now_ms() -> i64 {
    Timestamp::now().as_millisecond()
}

fn ms_of(text: &Value) -> i64 {
    text.as_str().expect("a moment").parse::<Timestamp>().expect("RFC 3339").as_millisecond()
}

const HOUR_MS: i64 = 3_600_000;

async fn change(shop: &Shop, path: &str, body: &Value) -> Reply {
    shop.admin.call(Call::patch(format!("/v1/admin/{path}")).json(body)).await
}

/// All that a place's owner can be told of it.
async fn told(buyer: &Buyer) -> (Value, Value) {
    let mut stream = buyer.stream().await;
    (buyer.check().await, stream.next_of("place").await)
}

#[tokio::test]
async fn before_its_pre_queue_a_queue_takes_nobody_in_and_says_when() {
    let shop = Shop::open(setup()).await;
    let (prequeue, opens) = (from_now(HOUR_MS), from_now(2 * HOUR_MS));
    let changed = change(&shop, "queues/default", &json!({"prequeueAt": prequeue, "opensAt": opens})).await.data();
    assert_eq!((&changed["phase"], &changed["mode"]), (&json!("CLOSED"), &json!("OPEN")));
    assert_eq!(ms_of(&changed["prequeueAt"]), ms_of(&json!(prequeue)));
    assert_eq!(changed["closesAt"], Value::Null);
    let refused = Buyer::ask(&shop.client, 1).await;
    let problem = refused.refused(409, "QUEUE_NOT_YET_OPEN");
    assert_eq!(ms_of(&problem["opensAt"]), ms_of(&json!(prequeue)));
    let wait_s: i64 = refused.header("retry-after").expect("it says when").parse().expect("a number");
    assert!((3_500..=3_600).contains(&wait_s), "{wait_s}");
    let sale = shop.client.call(Call::get("/v1/sale")).await.data();
    let queue = sale["queues"].as_array().unwrap().iter().find(|queue| queue["queue"] == "default").unwrap().clone();
    assert_eq!((&queue["phase"], ms_of(&queue["opensAt"])), (&json!("CLOSED"), ms_of(&json!(opens))));
    assert_eq!(shop.client.call(Buyer::issue(1)).await.status, 409, "nothing is to be had by asking again");
    let vip = json!({"userId": 1, "queue": "vip"});
    assert_eq!(
        shop.client.call(Call::post("/v1/api/queue/token").json(&vip)).await.status,
        200,
        "another queue is open"
    );
}

#[tokio::test]
async fn in_the_pre_queue_all_are_told_the_same_and_at_the_opening_they_go_in_as_they_came() {
    let mut shop = Shop::open(setup().set("queue.active_limit", 1)).await;
    let times = json!({"prequeueAt": from_now(-1_000), "opensAt": from_now(HOUR_MS)});
    assert_eq!(change(&shop, "queues/default", &times).await.data()["phase"], "PREQUEUE");
    let mut issued = Vec::new();
    for user in 1..=3 {
        let mut issue = Buyer::ask(&shop.client, user).await.data();
        issue.as_object_mut().unwrap().remove("queueToken");
        issued.push(issue);
    }
    let buyers = line(&shop, 3).await;
    assert_eq!(issued[0]["status"], "WAITING");
    assert_eq!((&issued[0]["queuePosition"], &issued[0]["estimatedWaitSeconds"]), (&json!(0), &Value::Null));
    assert!(issued.iter().all(|one| *one == issued[0]), "{issued:?}");
    let mut all = Vec::new();
    for buyer in &buyers {
        all.push(told(buyer).await);
    }
    assert!(all.iter().all(|one| *one == all[0]), "nobody can tell where they are: {all:?}");
    shop.crash();
    let [first, second, third] = [0, 1, 2].map(|at| buyers[at].through(&shop.client));
    assert_eq!((second.check().await, third.check().await), (all[0].0.clone(), all[0].0.clone()));

    // Nobody is at the desk when it opens; the moment is said beforehand.
    let mut stream = third.stream().await;
    stream.place(|place| place["queuePosition"] == 0).await;
    let opens = now_ms() + 1_500;
    let opens_at = Timestamp::from_millisecond(opens).unwrap().to_string();
    change(&shop, "queues/default", &json!({"opensAt": opens_at})).await.data();
    assert_eq!(first.status().await, "WAITING");
    first.wait_for("PROGRESS").await;
    assert!(now_ms() >= opens, "not a millisecond early");
    assert_eq!((second.position().await, third.position().await), (1, 2));
    assert_eq!(stream.place(|place| place["queuePosition"] != 0).await["queuePosition"], 2, "with no reload");
    let news = third.call(Call::get("/v1/api/queue/news")).await.data();
    assert_eq!(news[0]["kind"], "QUEUE_OPEN", "{news}");
    assert!(ms_of(&news[0]["at"]) >= opens);
    assert!(shop.server.terminate().success());
    shop.server.assert_audit_clean();
}

#[tokio::test]
async fn at_its_end_a_queue_keeps_who_is_inside_and_nobody_else() {
    let shop = Shop::open(setup().set("queue.active_limit", 1)).await;
    let buyers = line(&shop, 2).await;
    change(&shop, "queues/default", &json!({"closesAt": from_now(1_000)})).await.data();
    buyers[1].wait_for("EXPIRED").await;
    assert_eq!(buyers[1].check().await["pollAfterMillis"], Value::Null, "there is nothing more to ask");
    Buyer::ask(&shop.client, 3).await.refused(409, "QUEUE_OVER");
    assert_eq!(buyers[0].status().await, "PROGRESS");
    assert_eq!(buyers[0].reserve(1, 1).await.status, 200);
    assert_eq!(change(&shop, "queues/default", &json!({"closesAt": null})).await.data()["phase"], "OPEN");
    assert_eq!(shop.visitor(3).await.position().await, 1);
    let levers = shop.admin.call(Call::get("/v1/admin/levers")).await.data();
    let [last, first] = [&levers[0], &levers[1]];
    assert_eq!((&last["action"], &last["target"]), (&json!("CHANGE_QUEUE"), &json!("queue default")));
    assert!(last["after"].as_str().unwrap().contains("closesAt none, phase OPEN"), "{last}");
    assert!(first["before"].as_str().unwrap().contains("closesAt none"), "{first}");
}

#[tokio::test]
async fn moments_that_are_none_are_refused_by_name_and_change_nothing() {
    let shop = Shop::open(setup()).await;
    let [soon, later] = [from_now(HOUR_MS), from_now(2 * HOUR_MS)];
    for (field, body) in [
        ("opensAt", json!({"opensAt": "soon"})),
        ("opensAt", json!({"opensAt": "2037-05-01T10:00:00"})),
        ("opensAt", json!({"opensAt": 5})),
        ("prequeueAt", json!({"prequeueAt": "2037-05-01T10:00:00[Moon/Sea]"})),
        ("opensAt", json!({"prequeueAt": later, "opensAt": soon})),
        ("closesAt", json!({"opensAt": later, "closesAt": later})),
        ("closesAt", json!({"closesAt": from_now(-1_000)})),
        ("activeLimit", json!({"opensAt": soon, "activeLimit": 0})),
    ] {
        let problem = change(&shop, "queues/default", &body).await.refused(400, "BAD_REQUEST");
        assert_eq!(problem["field"], field, "{body}");
    }
    for (field, body) in [
        ("onSaleAt", json!({"onSaleAt": "soon"})),
        ("offSaleAt", json!({"onSaleAt": later, "offSaleAt": soon})),
        ("closed", json!({})),
        ("closed", json!({"closed": null})),
    ] {
        let problem = change(&shop, "schedules/1", &body).await.refused(400, "BAD_REQUEST");
        assert_eq!(problem["field"], field, "{body}");
    }
    change(&shop, "schedules/77", &json!({"onSaleAt": soon})).await.refused(404, "SCHEDULE_NOT_FOUND");
    let queues = shop.admin.call(Call::get("/v1/admin/queues")).await.data();
    assert_eq!((&queues[0]["phase"], &queues[0]["opensAt"]), (&json!("OPEN"), &Value::Null));
    let zoned = json!({"opensAt": "2037-05-01T10:00:00[Asia/Seoul]"});
    assert_eq!(change(&shop, "queues/default", &zoned).await.data()["opensAt"], "2037-05-01T01:00:00.000Z");
}

#[tokio::test]
async fn a_date_is_sold_between_its_moments_and_shows_them() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider(1).await;
    let state = change(&shop, "schedules/1", &json!({"onSaleAt": "2037-05-01T10:00:00"})).await.data();
    assert_eq!((&state["onSaleAt"], &state["closed"]), (&json!("2037-05-01T10:00:00+09:00"), &json!(false)));
    for call in [Buyer::reserving(1, 1), Buyer::reserving(1, 1).key("with-a-key")] {
        let refused = buyer.call(call).await;
        assert_eq!(refused.refused(409, "SALE_NOT_YET_OPEN")["opensAt"], "2037-05-01T01:00:00.000Z");
        assert!(refused.header("retry-after").is_some());
    }
    let date = buyer.schedule(1).await;
    assert_eq!((&date["saleClosed"], &date["onSaleAt"]), (&json!(true), &json!("2037-05-01T10:00:00+09:00")));
    assert!(buyer.schedule(2).await.get("onSaleAt").is_none(), "where nothing was set, nothing is new");
    assert_eq!(buyer.reserve(2, 1).await.status, 200, "the other date is on sale");

    let times = json!({"onSaleAt": from_now(800), "offSaleAt": from_now(60_000)});
    change(&shop, "schedules/1", &times).await.data();
    eventually("the sale begins by itself", async || buyer.schedule(1).await["saleClosed"] == false).await;
    let held = buyer.hold(1, 1).await;
    change(&shop, "schedules/1", &json!({"offSaleAt": from_now(500)})).await.data();
    eventually("the sale ends by itself", async || buyer.schedule(1).await["saleClosed"] == true).await;
    buyer.reserve(1, 2).await.refused(409, "SALE_OVER");
    buyer.charge(50_000).await.data();
    assert_eq!(buyer.pay(held).await.status, 200, "who holds a seat can pay it");
}

#[tokio::test]
async fn a_catalog_says_when_a_date_is_sold_and_what_it_leaves_out_stays() {
    let plain = Schedule::new(1).section("A", 50_000, 1, 5);
    let sold = plain.clone().sold("2037-05-01T10:00:00", "2037-06-01T10:00:00+09:00");
    let shop = Shop::open_with(setup(), &Catalog::new().concert(1, "First Light", vec![sold])).await;
    let shown = async || shop.client.call(Call::get("/v1/catalog")).await.data()["concerts"][0]["schedules"][0].clone();
    let date = shown().await;
    assert_eq!((&date["onSaleAt"], &date["saleClosed"]), (&json!("2037-05-01T10:00:00+09:00"), &json!(true)));
    assert_eq!(shop.admin.publish(&Catalog::new().concert(1, "First Light", vec![plain.clone()])).await.status, 200);
    assert_eq!(shown().await["offSaleAt"], "2037-06-01T10:00:00+09:00");
    let backwards = plain.sold("2037-05-01T10:00:00", "2037-05-01T10:00:00");
    let refused = shop.admin.publish(&Catalog::new().concert(1, "First Light", vec![backwards])).await;
    assert_eq!(refused.refused(400, "BAD_REQUEST")["problems"][0]["at"], "concerts[0].schedules[0].offSaleAt");
    change(&shop, "schedules/1", &json!({"onSaleAt": null, "offSaleAt": null})).await.data();
    tokio::time::sleep(Duration::from_millis(10)).await;
    assert_eq!(shop.insider(1).await.reserve(1, 1).await.status, 200);
}
