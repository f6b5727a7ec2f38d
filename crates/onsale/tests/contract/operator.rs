//! What operators say and do: heard by those who wait, and on record.

use onsale_testkit::{Call, Events, Shop, assert_utc_instant};
use serde_json::{Value, json};

use crate::queue::line;
use crate::setup;

fn message(body: &Value) -> Call {
    Call::post("/v1/admin/messages").json(body)
}

async fn levers(shop: &Shop) -> Vec<Value> {
    let list = shop.admin.call(Call::get("/v1/admin/levers")).await.data();
    list.as_array().expect("a list").clone()
}

async fn news(events: &mut Events) -> Value {
    events.next_of("news").await
}

#[tokio::test]
async fn a_message_reaches_those_who_wait_and_those_who_poll() {
    let shop = Shop::open(setup().set("queue.active_limit", 1)).await;
    let buyers = line(&shop, 3).await;
    let mut stream = buyers[2].stream().await;
    stream.next_of("place").await;
    let text = json!({"en": "Ten more minutes.", "ko": "10분만 더 기다려 주세요."});
    let sent = shop.admin.call(message(&json!({"queue": "default", "text": text}))).await.data();
    assert_eq!(sent, json!({"queue": "default", "text": text}));
    let told = news(&mut stream).await;
    assert_eq!((&told["kind"], &told["text"], &told["scheduleId"]), (&json!("MESSAGE"), &text, &Value::Null));
    assert_utc_instant(&told["at"]);
    let polled = buyers[1].call(Call::get("/v1/api/queue/news")).await;
    assert_eq!(polled.data(), json!([told]));
    let tag = polled.header("etag").expect("a tag").to_owned();
    let again = buyers[1].call(Call::get("/v1/api/queue/news").header("if-none-match", &tag)).await;
    assert_eq!(again.status, 304);
}

#[tokio::test]
async fn one_language_stands_for_both_and_another_queue_is_not_told() {
    let shop = Shop::open(setup()).await;
    shop.admin.call(message(&json!({"queue": "vip", "text": {"ko": "곧 시작합니다."}}))).await.data();
    shop.admin.call(message(&json!({"text": {"en": "Soon."}}))).await.data();
    let buyer = shop.visitor(1).await;
    let list = buyer.call(Call::get("/v1/api/queue/news")).await.data();
    assert_eq!(list.as_array().map(Vec::len), Some(1), "{list}");
    assert_eq!(list[0]["text"], json!({"en": "Soon.", "ko": "Soon."}));
}

#[tokio::test]
async fn who_lost_the_stream_hears_what_was_missed_and_nothing_twice() {
    let shop = Shop::open(setup().set("queue.active_limit", 1)).await;
    let buyers = line(&shop, 2).await;
    for word in ["One.", "Two.", "Three."] {
        shop.admin.call(message(&json!({"text": {"en": word}}))).await.data();
    }
    let mut stream = buyers[1].stream().await;
    let mut ids = Vec::new();
    for word in ["One.", "Two.", "Three."] {
        let event = loop {
            let event = stream.next().await.expect("news");
            if event.name == "news" {
                break event;
            }
        };
        assert_eq!(event.data["text"]["en"], word);
        assert_eq!(event.id, Some(event.data["id"].to_string()), "what a client sends back");
        ids.push(event.id.unwrap());
    }
    let again = Call::get("/v1/api/queue/stream").token(buyers[1].token()).header("last-event-id", &ids[1]);
    let mut stream = Events::open(&shop.client, again).await.unwrap_or_else(|reply| panic!("{reply}"));
    assert_eq!(news(&mut stream).await["text"]["en"], "Three.");
    shop.admin.call(message(&json!({"text": {"en": "Four."}}))).await.data();
    assert_eq!(news(&mut stream).await["text"]["en"], "Four.");
}

#[tokio::test]
async fn pausing_opening_closing_and_a_sell_out_are_news() {
    let shop = Shop::open(setup().set("queue.active_limit", 1)).await;
    let buyers = line(&shop, 2).await;
    let mut stream = buyers[1].stream().await;
    for (mode, kind) in [("PAUSED", "QUEUE_PAUSED"), ("OPEN", "QUEUE_OPEN"), ("CLOSED", "QUEUE_CLOSED")] {
        shop.admin.set_queue("default", json!({"mode": mode})).await;
        let told = news(&mut stream).await;
        assert_eq!(told["kind"], kind);
        assert!(told["text"]["en"].is_string() && told["text"]["ko"].is_string(), "{told}");
    }
    shop.admin.close_schedule(2, true).await.data();
    let told = news(&mut stream).await;
    assert_eq!((&told["kind"], &told["scheduleId"]), (&json!("SALE_CLOSED"), &json!(2)));
    assert!(told["text"]["en"].as_str().unwrap().starts_with("First Light (2027-05-08 19:00): "), "{told}");
    shop.admin.set_queue("default", json!({"mode": "OPEN", "activeLimit": 10})).await;
    // The four seats of date 3 are sold to the queue that opens it, and it alone is told.
    for (user, seat) in [(11, 100), (12, 200), (13, 300), (14, 400)] {
        let buyer = onsale_testkit::Buyer::join_queue(&shop.client, user, "vip").await;
        buyer.wait_for("PROGRESS").await;
        buyer.charge(150_000).await.data();
        let hold = buyer.reserve(3, seat).await.data()["reservationId"].as_u64().expect("an id");
        buyer.pay(hold).await.data();
        let told = buyer.call(Call::get("/v1/api/queue/news")).await.data();
        let sold_out =
            told.as_array().unwrap().iter().any(|news| news["kind"] == "SOLD_OUT" && news["scheduleId"] == 3);
        assert_eq!(sold_out, seat == 400, "{told}");
    }
    let told = buyers[1].call(Call::get("/v1/api/queue/news")).await.data();
    assert!(told.as_array().unwrap().iter().all(|news| news["kind"] != "SOLD_OUT"), "{told}");
}

#[tokio::test]
async fn levers_are_on_record_with_who_moved_them_also_after_a_crash() {
    let mut shop = Shop::open(setup()).await;
    let change = json!({"mode": "PAUSED", "activeLimit": 5});
    let call = Call::patch("/v1/admin/queues/default").json(&change).header("onsale-operator", "Kim");
    assert_eq!(shop.admin.call(call).await.status, 200);
    shop.admin.close_schedule(77, true).await.refused(404, "SCHEDULE_NOT_FOUND");
    let before = levers(&shop).await;
    let [pause, publish] = before.as_slice() else { panic!("two levers: {before:?}") };
    assert_eq!(
        (&pause["action"], &pause["operator"], &pause["target"]),
        (&json!("CHANGE_QUEUE"), &json!("Kim"), &json!("queue default"))
    );
    assert_eq!(
        (&pause["before"], &pause["after"]),
        (&json!("mode OPEN, activeLimit 1000"), &json!("mode PAUSED, activeLimit 5"))
    );
    assert_eq!((&publish["action"], &publish["operator"]), (&json!("PUBLISH_CATALOG"), &Value::Null));
    assert_eq!(publish["keyId"], pause["keyId"]);
    shop.admin.call(message(&json!({"text": {"en": "Soon."}}))).await.data();
    let before = levers(&shop).await;
    shop.crash();
    assert_eq!(levers(&shop).await, before, "from the journal");
    shop.admin.projected().await;
    assert!(shop.server.terminate().success());
    shop.server.assert_audit_clean();
    shop.come_back();
    assert_eq!(levers(&shop).await, before, "from the tables");
    let buyer = shop.visitor(1).await;
    let told = buyer.call(Call::get("/v1/api/queue/news")).await.data();
    assert_eq!(
        told.as_array().map(|list| list.iter().map(|news| &news["kind"]).collect::<Vec<_>>()),
        Some(vec![&json!("QUEUE_PAUSED"), &json!("MESSAGE")])
    );
}

#[tokio::test]
async fn what_is_no_message_or_no_name_is_refused_by_field() {
    let shop = Shop::open(setup()).await;
    let turning = json!({"en": "Soon.", "ko": "\u{202E}.nooS"});
    let none = [json!({}), json!({"en": " "}), json!({"en": "\u{200B}"}), json!({"ko": "x".repeat(1_001)}), turning];
    for text in none {
        let refused = shop.admin.call(message(&json!({"text": text}))).await.refused(400, "BAD_REQUEST");
        assert_eq!(refused["field"], "text");
    }
    shop.admin.call(message(&json!({"text": {"en": "x", "de": "x"}}))).await.refused(400, "BAD_REQUEST");
    let nobody = json!({"queue": "nobody", "text": {"en": "x"}});
    shop.admin.call(message(&nobody)).await.refused(404, "QUEUE_NOT_FOUND");
    for name in ["Kim\u{202E}", "\u{3164}"] {
        let escaped: String = name.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let named = message(&json!({"text": {"en": "x"}})).header("onsale-operator", &format!("UTF-8''{escaped}"));
        assert_eq!(shop.admin.call(named).await.refused(400, "BAD_REQUEST")["field"], "Onsale-Operator");
    }
    let unnamed = message(&json!({"text": {"en": "x"}})).header("onsale-operator", &"x".repeat(65));
    assert_eq!(shop.admin.call(unnamed).await.refused(400, "BAD_REQUEST")["field"], "Onsale-Operator");
    assert_eq!(levers(&shop).await.len(), 1, "nothing was done but the catalog's publication");
}
