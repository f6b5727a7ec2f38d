//! What stands beside the eight endpoints.

use onsale_testkit::{Call, Shop, eventually};
use serde_json::{Value, json};

use crate::{EIGHT, setup};

/// Every value of the members with this name, anywhere in a document.
fn members<'a>(document: &'a Value, name: &str) -> Vec<&'a Value> {
    match document {
        Value::Object(object) => {
            let own = object.get(name).into_iter();
            own.chain(object.values().flat_map(|value| members(value, name))).collect()
        }
        Value::Array(items) => items.iter().flat_map(|item| members(item, name)).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

#[tokio::test]
async fn a_user_sees_their_own_reservations() {
    let shop = Shop::open(setup()).await;
    let (buyer, other) = (shop.insider_with(1, 100_000).await, shop.insider(2).await);
    assert_eq!(buyer.reservations().await.data(), json!([]));
    let held = buyer.hold(1, 1).await;
    let paid = buyer.hold(2, 1).await;
    let dropped = buyer.hold(1, 2).await;
    other.hold(1, 3).await;
    buyer.pay(paid).await.data();
    buyer.cancel(dropped).await.data();
    let list = buyer.reservations().await.data();
    let ids: Vec<_> = members(&list, "reservationId").into_iter().filter_map(Value::as_u64).collect();
    assert!(ids.contains(&held) && ids.contains(&paid), "{list}");
    assert!(ids.iter().all(|id| [held, paid, dropped].contains(id)), "somebody else's: {list}");
}

#[tokio::test]
async fn the_catalog_is_public_and_says_nothing_live() {
    let shop = Shop::open(setup()).await;
    let reply = shop.client.call(Call::get("/v1/catalog")).await;
    assert_eq!(reply.status, 200, "{reply}");
    reply.assert_media_type("application/json");
    let document = reply.json();
    assert_eq!(members(&document, "concertId"), [&json!(1), &json!(2)]);
    assert_eq!(members(&document, "scheduleId"), [&json!(1), &json!(2), &json!(3)]);
    assert_eq!(members(&document, "queue"), [&json!("default"), &json!("vip")]);
    let text = document.to_string();
    for word in ["First Light", "Second Wind", "50000", "80000", "30000", "150000", "2027-05-08", "\"A\"", "\"C\""] {
        assert!(text.contains(word), "{word} is missing: {text}");
    }
    for name in ["seatStatus", "availableSeats", "seatId"] {
        assert!(members(&document, name).is_empty(), "{name} is live: {text}");
    }
    shop.insider(1).await.hold(1, 1).await;
    assert_eq!(shop.client.call(Call::get("/v1/catalog")).await.json(), document);
}

#[tokio::test]
async fn it_says_that_it_lives_and_is_ready() {
    let server = setup().start();
    for path in ["/healthz", "/readyz"] {
        let reply = server.client().call(Call::get(path)).await;
        assert_eq!(reply.status, 200, "{reply}");
    }
}

#[tokio::test]
async fn metrics_are_those_that_prometheus_reads() {
    let shop = Shop::open(setup().set("queue.active_limit", 1)).await;
    shop.insider(1).await.charge(5).await.data();
    shop.visitor(2).await;
    shop.admin.projected().await;
    eventually("the metrics show what happened", async || {
        let reply = shop.client.call(Call::get("/metrics")).await;
        assert_eq!(reply.status, 200, "{reply}");
        let media_type = reply.header("content-type").unwrap_or_default();
        assert!(
            media_type.starts_with("text/plain") || media_type.starts_with("application/openmetrics-text"),
            "{media_type}"
        );
        let text = String::from_utf8(reply.body.to_vec()).expect("metrics are text");
        for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            let (_, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("no sample: {line}"));
            assert!(value.parse::<f64>().is_ok(), "no number: {line}");
        }
        text.contains("# TYPE ") && text.contains("/v1/api/user/amount") && text.contains("200")
    })
    .await;
}

#[tokio::test]
async fn the_openapi_document_describes_the_eight() {
    let server = setup().start();
    let reply = server.client().call(Call::get("/openapi.json")).await;
    assert_eq!(reply.status, 200, "{reply}");
    let document = reply.json();
    assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.")), "{}", document["openapi"]);
    let beside = [
        ("POST", "/v1/api/queue/token/leave"),
        ("POST", "/v1/api/concerts/reserve/cancel"),
        ("GET", "/v1/api/user/reservations"),
        ("GET", "/v1/catalog"),
        ("POST", "/v1/admin/catalog"),
    ];
    for (method, path) in EIGHT.into_iter().chain(beside) {
        let operation = &document["paths"][path][method.to_lowercase()];
        assert!(operation["responses"]["200"].is_object(), "{method} {path}: {operation}");
    }
}

#[tokio::test]
async fn the_docs_are_a_page() {
    let server = setup().start();
    let reply = server.client().call(Call::get("/docs")).await;
    assert_eq!(reply.status, 200, "{reply}");
    reply.assert_media_type("text/html");
}

#[tokio::test]
async fn settings_may_come_from_the_environment() {
    let shop = Shop::open(setup().env("ONSALE_QUEUE__ACTIVE_LIMIT", "1").env("ONSALE_HOLD__LIMIT_PER_USER", "1")).await;
    let buyer = shop.insider(1).await;
    assert_eq!(shop.visitor(2).await.status().await, "WAITING");
    buyer.hold(1, 1).await;
    buyer.reserve(1, 2).await.refused(409, "HOLD_LIMIT_REACHED");
}
