//! What a shop's server does with a key of its own: it starts its buyers, and reads what was paid in order.

use onsale_testkit::{Buyer, Call, Reply, Shop};
use serde_json::{Value, json};

use crate::setup;

/// A shop's server, by its key.
struct Partner<'s> {
    shop: &'s Shop,
    key: String,
}

impl<'s> Partner<'s> {
    async fn of(shop: &'s Shop) -> Self {
        let new = json!({"name": "the shop", "role": "SHOP"});
        let made = shop.admin.call(Call::post("/v1/admin/operators").json(&new)).await.data();
        Self { shop, key: made["key"].as_str().expect("a key").to_owned() }
    }

    async fn call(&self, call: Call) -> Reply {
        self.shop.client.call(call.bearer(&self.key)).await
    }

    async fn start(&self, user: u64, body: Value) -> Reply {
        self.call(Call::post(format!("/v1/admin/users/{user}/token")).json(&body)).await
    }

    async fn payments(&self, query: &str) -> Vec<Value> {
        let listed = self.call(Call::get(format!("/v1/admin/payments{query}"))).await.data();
        listed.as_array().expect("a list").clone()
    }
}

#[tokio::test]
async fn a_shop_starts_a_buyer_where_nobody_else_may_say_who_they_are() {
    let signed = setup()
        .set("access.users", "signed")
        .set("entry.issuer", "shop")
        .set("entry.audience", "tickets")
        .set("entry.secret", "a-shop-s-secret-for-tests-0123456789abcdef");
    let shop = Shop::open(signed).await;
    shop.admin.open_queue("vip").await.data();
    let partner = Partner::of(&shop).await;
    Buyer::ask(&shop.client, 7).await.refused(401, "ENTRY_TOKEN_MISSING");
    let started = partner.start(7, json!({})).await.data();
    assert_eq!((&started["userId"], &started["queue"]), (&json!(7), &json!("default")));
    let token = started["queueToken"].as_str().expect("a token");
    let buyer = Buyer::from_token(&shop.client, 7, token);
    assert_eq!((buyer.status().await.as_str(), buyer.balance().await), ("PROGRESS", 0));
    // Again the same place, and another one in another queue.
    assert_eq!(partner.start(7, json!({"queue": "default"})).await.data(), started);
    let vip = partner.start(7, json!({"queue": "vip"})).await.data();
    assert_eq!(vip["queue"], "vip");
    assert_ne!(vip["queueToken"], started["queueToken"]);

    partner.start(7, json!({"queue": "nobody"})).await.refused(404, "QUEUE_NOT_FOUND");
    for wrong in [json!({"queue": null}), json!({"queue": 1}), json!({"userId": 8})] {
        partner.start(7, wrong.clone()).await.refused(400, "BAD_REQUEST");
    }
    partner.start(0, json!({})).await.refused(400, "BAD_REQUEST");
    shop.admin.set_queue("vip", json!({"mode": "CLOSED"})).await;
    partner.start(8, json!({"queue": "vip"})).await.refused(409, "QUEUE_CLOSED");
}

#[tokio::test]
async fn payments_are_listed_in_order_from_any_place_and_after_a_crash_too() {
    let mut shop = Shop::open(setup()).await;
    let mut paid = Vec::new();
    let mut holds = Vec::new();
    for user in 1..=4 {
        let buyer = shop.insider_with(user, 500_000).await;
        holds.push((buyer.hold(1, user).await, buyer));
    }
    // Not in the order in which they were held.
    for (reservation, buyer) in holds.iter().rev() {
        buyer.pay(*reservation).await.data();
        paid.push(json!([paid.len() + 1, reservation, buyer.user(), buyer.user()]));
    }
    let told = |list: &[Value]| -> Vec<Value> {
        let of = |one: &Value| json!([one["paymentId"], one["reservationId"], one["userId"], one["seatIds"][0]]);
        list.iter().map(of).collect()
    };
    let from_tables_too = [false, true];
    for is_restarted in from_tables_too {
        if is_restarted {
            shop.admin.projected().await;
            shop.crash();
        }
        let partner = Partner { shop: &shop, key: onsale_testkit::ADMIN_KEY.to_owned() };
        assert_eq!(told(&partner.payments("").await), paid);
        assert_eq!(told(&partner.payments("?limit=3").await), paid[..3]);
        assert_eq!(told(&partner.payments("?after=2&limit=1").await), paid[2..3]);
        assert_eq!(told(&partner.payments("?after=3").await), paid[3..]);
        assert_eq!(partner.payments("?after=4").await, [json!(null); 0]);
        for (query, field) in
            [("?after=-1", "after"), ("?after=x", "after"), ("?limit=0", "limit"), ("?limit=1001", "limit")]
        {
            let refused = partner.call(Call::get(format!("/v1/admin/payments{query}"))).await;
            refused.refused(400, "BAD_REQUEST");
            assert_eq!(refused.json()["field"], field, "{query}");
        }
    }
    let first = &Partner::of(&shop).await.payments("?limit=1").await[0];
    assert_eq!((&first["scheduleId"], &first["amount"]), (&json!(1), &json!(50_000)));
    onsale_testkit::assert_utc_instant(&first["paidAt"]);
}
