//! Limits of how often who may write.
//!
//! A bucket of one a minute gives nothing back while a test runs.

use onsale_testkit::{Buyer, Call, Client, Reply, Shop};
use serde_json::json;

use crate::setup;

async fn join(client: &Client, user: u64, via: &str) -> Reply {
    let call = Call::post("/v1/api/queue/token").header("x-forwarded-for", via).json(&json!({ "userId": user }));
    client.call(call).await
}

/// How often `by` was refused, by the metrics.
async fn refused(client: &Client, by: &str) -> String {
    let metrics = client.call(Call::get("/metrics")).await;
    let metrics = String::from_utf8_lossy(&metrics.body).into_owned();
    let name = format!("onsale_rate_limited_total{{by=\"{by}\"}} ");
    let found = metrics.lines().find_map(|line| line.strip_prefix(&name));
    found.unwrap_or_else(|| panic!("{metrics}")).to_owned()
}

#[tokio::test]
async fn a_user_writes_so_often_and_reads_as_often_as_they_like() {
    let shop = Shop::open(setup().set("rate.user_per_minute", 1).set("rate.user_burst", 4)).await;
    let (buyer, other) = (shop.insider(1).await, shop.insider(2).await);
    for _ in 0..2 {
        buyer.charge(50_000).await.data();
    }
    let held = buyer.hold(1, 1).await;
    // Refusals count too: what would write is not known before it is tried.
    buyer.reserve(1, 1).await.refused(409, "SEAT_NOT_AVAILABLE");
    let early = buyer.charge(50_000).await;
    let wait_s: u64 = early.header("retry-after").expect("when to come again").parse().expect("seconds");
    assert!((1..=60).contains(&wait_s), "{wait_s}");
    early.refused(429, "RATE_LIMITED");
    buyer.pay(held).await.refused(429, "RATE_LIMITED");
    buyer.reserve(1, 2).await.refused(429, "RATE_LIMITED");
    assert_eq!(buyer.balance().await, 100_000, "nothing was done");
    assert_eq!(buyer.seat(1, 2).await["seatStatus"], "AVAILABLE");
    for _ in 0..50 {
        assert_eq!(buyer.status().await, "PROGRESS");
    }
    buyer.call(Call::post("/v1/api/queue/token/stay")).await.data();
    other.charge(5).await.data();
    assert_eq!(refused(&shop.client, "user").await, "3.0");
    let korean =
        buyer.call(Call::post("/v1/api/user/amount").header("accept-language", "ko").json(&json!({"amount": 1}))).await;
    assert!(korean.refused(429, "RATE_LIMITED")["title"].as_str().is_some_and(|title| title.contains("제한")));
}

#[tokio::test]
async fn a_client_is_whom_the_last_proxy_names() {
    let shop = Shop::open(setup().set("rate.client_per_minute", 1).set("rate.client_burst", 2)).await;
    let joins = async |user, via| join(&shop.client, user, via).await.status;
    assert_eq!([joins(1, "198.51.100.7").await, joins(2, "198.51.100.7").await], [200, 200]);
    join(&shop.client, 3, "198.51.100.7").await.refused(429, "RATE_LIMITED");
    // What a client says itself comes first in the list, and changes nothing.
    join(&shop.client, 3, "203.0.113.1, 198.51.100.7").await.refused(429, "RATE_LIMITED");
    // Another has not been seen yet, and one with a network of its own is one client.
    assert_eq!(joins(3, "198.51.100.8").await, 200);
    assert_eq!(
        [joins(4, "2001:db8::1").await, joins(5, "2001:db8::2").await, joins(6, "2001:db8::3").await],
        [200, 200, 429]
    );
    assert_eq!(refused(&shop.client, "client").await, "3.0");
    // Polls do not look.
    let buyer = Buyer::join(&shop.client, 1).await;
    for _ in 0..20 {
        let poll =
            Call::post("/v1/api/queue/token/check").token(buyer.token()).header("x-forwarded-for", "198.51.100.7");
        assert_eq!(shop.client.call(poll).await.status, 200);
    }
}
