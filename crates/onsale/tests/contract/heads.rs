//! Heads that a proxy may read otherwise than the server, and those that browsers send for pages of other sites.

use onsale_testkit::{Call, Shop, exchange};
use serde_json::json;

use crate::setup;

/// The status of the one answer.
async fn status(shop: &Shop, request: String) -> String {
    let answer = exchange(shop.server.address(), request.as_bytes()).await;
    String::from_utf8_lossy(&answer).split(' ').nth(1).unwrap_or("none").to_owned()
}

#[tokio::test]
async fn what_could_be_read_in_two_ways_is_refused() {
    let shop = Shop::open(setup()).await;
    let (one, two) = (shop.insider(1).await, shop.insider(2).await);
    let (one, two) = (one.token(), two.token());
    let get = |path: &str, headers: &str| format!("GET {path} HTTP/1.1\r\n{headers}connection: close\r\n\r\n");
    let amount = "/v1/api/user/amount";
    let seats = "/v1/api/concerts/seat?scheduleId=1";
    let token = format!("host: x\r\nauthorization: {one}\r\n");
    let post = |headers: &str, body: &str| {
        let length = if headers.contains("transfer-encoding") {
            String::new()
        } else {
            format!("content-length: {}\r\n", body.len())
        };
        format!("POST /v1/api/queue/token HTTP/1.1\r\nhost: x\r\n{headers}{length}connection: close\r\n\r\n{body}")
    };
    let user = r#"{"userId":1}"#;
    let chunks = format!("c\r\n{user}\r\n0\r\n\r\n");
    for (request, expected) in [
        (get("/healthz", "host: x\r\n"), "200"),
        (get("/healthz", ""), "400"),
        (get("/healthz", "host: x\r\nhost: y\r\n"), "400"),
        (get("/", "host: a b@c/\r\n"), "400"),
        ("GET /healthz HTTP/1.0\r\n\r\n".to_owned(), "200"),
        (get(amount, &token), "200"),
        (get(amount, &format!("{token}authorization: {two}\r\n")), "400"),
        (get("/v1/admin/state", "host: x\r\nauthorization: a\r\nauthorization: b\r\n"), "400"),
        (get(seats, &token), "200"),
        (get(&format!("{seats}&scheduleId=2"), &token), "400"),
        (get(&format!("{seats}&section=A&section=B"), &token), "400"),
        (get("/v1/api/concerts/seat?scheduleId=01", &token), "400"),
        (post("", user), "200"),
        (post("transfer-encoding: chunked\r\n", &chunks), "200"),
        (post("transfer-encoding: gzip, chunked\r\n", &chunks), "400"),
        (post("transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n", &chunks), "400"),
        (post("content-encoding: gzip\r\n", user), "415"),
        (post("expect: x\r\n", user), "400"),
    ] {
        assert_eq!(status(&shop, request.clone()).await, expected, "{request}");
    }
}

#[tokio::test]
async fn pages_of_other_sites_cannot_join_for_their_visitors() {
    let shop = Shop::open(setup()).await;
    let join = || Call::post("/v1/api/queue/token").body(r#"{"userId":778899}"#);
    // What `fetch` sends with mode `no-cors` and a body without a type.
    for (name, value) in
        [("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site"), ("origin", "https://evil.example")]
    {
        shop.client.call(join().header(name, value)).await.refused(415, "UNSUPPORTED_MEDIA_TYPE");
    }
    // k6, curl and the like say nothing of a site, and need no type.
    assert_eq!(shop.client.call(join()).await.status, 200);
    let own = join().header("sec-fetch-site", "same-origin").header("origin", "https://behind.a.proxy");
    assert_eq!(shop.client.call(own).await.status, 200);
    // What needs the browser to ask first is as it was.
    let asked = Call::post("/v1/api/queue/token").json(&json!({"userId": 1})).header("sec-fetch-site", "cross-site");
    assert_eq!(shop.client.call(asked).await.status, 200);
}

#[tokio::test]
async fn numbers_are_what_they_are_written_as() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider(1).await;
    for amount in ["1.0000000000000000001", "0.99999999999999999999", "99999999.9999999999", "1e-400"] {
        let charge = Call::post("/v1/api/user/amount").body(format!(r#"{{"amount":{amount}}}"#)).token(buyer.token());
        shop.client.call(charge).await.refused(400, "AMOUNT_INVALID");
    }
    let join = Call::post("/v1/api/queue/token").body(r#"{"userId":9007199254740990.6}"#);
    shop.client.call(join).await.refused(400, "BAD_REQUEST");
    assert_eq!(buyer.balance().await, 0);
}

#[tokio::test]
async fn answers_say_that_nothing_keeps_them_and_what_they_are() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider(1).await;
    for (call, kept) in [
        (Call::post("/v1/api/queue/token").json(&json!({"userId": 1})), "no-store"),
        (Call::get("/v1/api/user/amount").token("x"), "no-store"),
        (Call::get("/v1/admin/state").bearer(onsale_testkit::ADMIN_KEY), "no-store"),
        (Call::get("/v1/api/user/amount").token(buyer.token()), "private, no-cache"),
    ] {
        let reply = shop.client.call(call).await;
        assert_eq!(reply.header("cache-control"), Some(kept), "{reply}");
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"), "{reply}");
    }
}
