//! What may be sent: ids and their limits, unknown members, Content-Type, body sizes, methods.

use onsale_testkit::{Call, Kind, Shop, assert_shape};
use serde_json::{Value, json};

use crate::{EIGHT, INTEGER_MAX, setup};

/// Values that are no id, as JSON text.
const NO_IDS: [&str; 12] =
    ["0", "-1", "1.5", "9007199254740992", "18446744073709551616", "\"1\"", "true", "null", "[]", "{}", "[1]", "\"\""];

#[tokio::test]
async fn what_is_no_id_is_refused_by_name() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider(1).await;
    let bodies = [
        ("/v1/api/queue/token", "userId", "{\"userId\":?}"),
        ("/v1/api/concerts/reserve", "scheduleId", "{\"scheduleId\":?,\"seatId\":1}"),
        ("/v1/api/concerts/reserve", "seatId", "{\"scheduleId\":1,\"seatId\":?}"),
        ("/v1/api/concerts/payment", "reservationId", "{\"reservationId\":?}"),
        ("/v1/api/concerts/reserve/cancel", "reservationId", "{\"reservationId\":?}"),
    ];
    for (path, field, body) in bodies {
        for value in NO_IDS {
            let reply = buyer.call(Call::post(path).body(body.replace('?', value))).await;
            let document = reply.refused(400, "BAD_REQUEST");
            assert!(document["detail"].as_str().unwrap().contains(field), "which field? {reply}");
        }
    }
}

#[tokio::test]
async fn a_missing_member_is_refused_by_name() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider(1).await;
    let bodies = [
        ("/v1/api/queue/token", "userId", json!({"queue": "default"})),
        ("/v1/api/user/amount", "amount", json!({})),
        ("/v1/api/concerts/reserve", "scheduleId", json!({"seatId": 1})),
        ("/v1/api/concerts/reserve", "seatId", json!({"scheduleId": 1})),
        ("/v1/api/concerts/payment", "reservationId", json!({"reservationid": 1})),
    ];
    for (path, field, body) in bodies {
        let reply = buyer.call(Call::post(path).json(&body)).await;
        let document = reply.refused(400, "BAD_REQUEST");
        assert!(document["detail"].as_str().unwrap().contains(field), "which field? {reply}");
    }
}

#[tokio::test]
async fn a_queue_that_is_no_name_is_refused_by_name() {
    let shop = Shop::open(setup()).await;
    for value in ["5", "-1", "0.5", "true", "null", "[]", "{}", "[\"vip\"]"] {
        let call = Call::post("/v1/api/queue/token").body(format!("{{\"userId\":1,\"queue\":{value}}}"));
        let document = shop.client.call(call).await.refused(400, "BAD_REQUEST");
        assert_eq!(
            (&document["field"], &document["detail"]),
            (&json!("queue"), &json!("queue must be a string.")),
            "{value}"
        );
    }
    let unknown = Call::post("/v1/api/queue/token").json(&json!({"userId": 1, "queue": ""}));
    shop.client.call(unknown).await.refused(404, "QUEUE_NOT_FOUND");
}

#[tokio::test]
async fn malformed_json_is_refused() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider(1).await;
    let posts = EIGHT.iter().filter(|(method, path)| *method == "POST" && !path.ends_with("/check"));
    for (_, path) in posts {
        for body in ["", "{", "nonsense", "[]", "null", "1", "\"text\"", "{\"a\":1}}", "{'userId':1}", "\u{feff}{}"] {
            buyer.call(Call::post(*path).body(body)).await.refused(400, "BAD_REQUEST");
        }
        buyer.call(Call::post(*path).body(vec![b'{', b'"', 0xff, b'"'])).await.refused(400, "BAD_REQUEST");
        // Valid JSON, but a number that nothing here can hold.
        let members = ["userId", "amount", "scheduleId", "reservationId"].map(|name| format!("\"{name}\":1e400"));
        buyer.call(Call::post(*path).body(format!("{{{}}}", members.join(",")))).await.refused(400, "BAD_REQUEST");
        let deep = "[".repeat(8_000);
        buyer.call(Call::post(*path).body(deep)).await.refused(400, "BAD_REQUEST");
    }
}

#[tokio::test]
async fn the_query_of_a_seat_list_is_checked() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider(1).await;
    for query in [
        "",
        "?scheduleId=",
        "?scheduleId=abc",
        "?scheduleId=0",
        "?scheduleId=-1",
        "?scheduleId=1.5",
        "?scheduleId=9007199254740992",
        "?section=A",
    ] {
        let reply = buyer.call(Call::get(format!("/v1/api/concerts/seat{query}"))).await;
        let document = reply.refused(400, "BAD_REQUEST");
        assert!(document["detail"].as_str().unwrap().contains("scheduleId"), "which parameter? {reply}");
    }
    for query in ["?concertId=abc", "?concertId=0", "?concertId=9007199254740992"] {
        let reply = buyer.call(Call::get(format!("/v1/api/concerts/schedule{query}"))).await;
        let document = reply.refused(400, "BAD_REQUEST");
        assert!(document["detail"].as_str().unwrap().contains("concertId"), "which parameter? {reply}");
    }
}

#[tokio::test]
async fn the_largest_ids_are_ids() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider(INTEGER_MAX).await;
    assert_eq!(buyer.balance().await, 0);
    buyer.reserve(INTEGER_MAX, 1).await.refused(404, "SCHEDULE_NOT_FOUND");
    buyer.reserve(1, INTEGER_MAX).await.refused(404, "SEAT_NOT_FOUND");
    buyer.pay(INTEGER_MAX).await.refused(404, "RESERVATION_NOT_FOUND");
    buyer.seats(INTEGER_MAX).await.refused(404, "SCHEDULE_NOT_FOUND");
}

#[tokio::test]
async fn unknown_members_and_parameters_are_ignored() {
    let shop = Shop::open(setup()).await;
    let client = &shop.client;
    let issue = json!({"userId": 1, "colour": "red", "nested": {"userId": 2}, "list": [null, 1.5]});
    let buyer = onsale_testkit::Buyer::from_issue(
        client,
        1,
        &client.call(Call::post("/v1/api/queue/token?a=b").json(&issue)).await,
    );
    buyer.wait_for("PROGRESS").await;
    let charge = Call::post("/v1/api/user/amount?amount=7").json(&json!({"amount": 60_000, "currency": "KRW"}));
    assert_eq!(buyer.call(charge).await.data(), json!({"amount": 60_000}));
    assert_eq!(buyer.call(Call::get("/v1/api/user/amount?x=1&x=2&=&%20")).await.data(), json!({"amount": 60_000}));
    assert!(buyer.call(Call::get("/v1/api/concerts/schedule?page=1")).await.data().is_array());
    let seats = buyer.call(Call::get("/v1/api/concerts/seat?utm=x&scheduleId=1&y")).await.data();
    assert_eq!(seats.as_array().unwrap().len(), 50);
    let reserve = json!({"scheduleId": 1, "seatId": 1, "userId": 99});
    let held = buyer.call(Call::post("/v1/api/concerts/reserve").json(&reserve)).await.data();
    let pay = json!({"reservationId": held["reservationId"], "amount": 1});
    let paid = buyer.call(Call::post("/v1/api/concerts/payment").json(&pay)).await.data();
    assert_eq!(paid["paymentAmount"], 50_000);
}

#[tokio::test]
async fn a_missing_content_type_means_json() {
    let shop = Shop::open(setup()).await;
    let client = &shop.client;
    let bare = client.call(Call::post("/v1/api/queue/token").body(r#"{"userId":1}"#)).await;
    assert!(bare.data()["queueToken"].is_string());
    for media_type in ["application/json", "application/json; charset=utf-8", "APPLICATION/JSON"] {
        let call = Call::post("/v1/api/queue/token").header("content-type", media_type).body(r#"{"userId":1}"#);
        assert_eq!(client.call(call).await.data()["queueToken"], bare.data()["queueToken"], "{media_type}");
    }
}

#[tokio::test]
async fn a_content_type_that_is_not_json_is_refused_where_there_is_a_body() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider(1).await;
    for media_type in ["text/plain", "application/x-www-form-urlencoded", "application/xml", "nonsense"] {
        for path in
            ["/v1/api/queue/token", "/v1/api/user/amount", "/v1/api/concerts/reserve", "/v1/api/concerts/payment"]
        {
            let body = r#"{"userId":1,"amount":1,"scheduleId":1,"seatId":1,"reservationId":1}"#;
            let reply = buyer.call(Call::post(path).header("content-type", media_type).body(body)).await;
            assert_eq!(reply.status, 415, "{reply}");
            reply.problem();
        }
        // Without a body it is ignored.
        let check = Call::post("/v1/api/queue/token/check").header("content-type", media_type);
        assert_eq!(buyer.call(check).await.data()["status"], "PROGRESS");
        let balance = Call::get("/v1/api/user/amount").header("content-type", media_type);
        assert_eq!(buyer.call(balance).await.data(), json!({"amount": 0}));
    }
}

#[tokio::test]
async fn a_check_takes_an_empty_body() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider(1).await;
    for body in ["", "{}", "{\"anything\":1}"] {
        let reply = buyer.call(Call::post("/v1/api/queue/token/check").body(body)).await;
        assert_eq!(reply.data()["status"], "PROGRESS", "{body:?}");
    }
}

#[tokio::test]
async fn a_body_over_16_kib_is_refused() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider(1).await;
    let padded = |length: usize| format!("{:<length$}", r#"{"amount":1}"#);
    assert_eq!(
        buyer.call(Call::post("/v1/api/user/amount").body(padded(16 * 1024))).await.data(),
        json!({"amount": 1})
    );
    for (_, path) in EIGHT.iter().filter(|(method, _)| *method == "POST") {
        let reply = buyer.call(Call::post(*path).body(padded(16 * 1024 + 1))).await;
        assert_eq!(reply.status, 413, "{reply}");
        reply.problem();
    }
    assert_eq!(buyer.balance().await, 1);
}

#[tokio::test]
async fn another_method_is_refused_with_those_that_there_are() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider(1).await;
    for path in EIGHT.map(|(_, path)| path) {
        let allowed: Vec<_> = EIGHT.iter().filter(|(_, known)| *known == path).map(|(method, _)| *method).collect();
        for method in ["PUT", "PATCH", "DELETE", "GET", "POST"].into_iter().filter(|method| !allowed.contains(method)) {
            let reply = buyer.call(Call::new(method, path)).await;
            assert_eq!(reply.status, 405, "{reply}");
            reply.problem();
            let listed: Vec<_> = reply.header("allow").expect("Allow").split(',').map(str::trim).collect();
            assert!(allowed.iter().all(|method| listed.contains(method)), "{listed:?}: {reply}");
            assert!(!listed.contains(&method), "{listed:?}: {reply}");
        }
    }
}

#[tokio::test]
async fn an_unknown_path_is_not_found() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider(1).await;
    for path in
        ["/v1/api", "/v1/api/queue", "/v1/api/queue/tokens", "/v2/api/queue/token", "/v1/api/user/amount/1", "/%00"]
    {
        let document = buyer.call(Call::get(path)).await.refused(404, "NOT_FOUND");
        assert_shape(&document["data"], &[]);
    }
}

#[tokio::test]
async fn users_need_no_registration() {
    let shop = Shop::open(setup()).await;
    let data: Value = shop.visitor(424_242).await.call(Call::get("/v1/api/user/amount")).await.data();
    assert_shape(&data, &[("amount", Kind::Integer)]);
    assert_eq!(data["amount"], 0);
}
