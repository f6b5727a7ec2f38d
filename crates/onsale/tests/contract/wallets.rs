//! Money that a shop or an operator moves into wallets and out of them.

use onsale_testkit::{Buyer, Call, Reply, Shop};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::setup;

async fn adjust(shop: &Shop, which: &str, user: u64, body: Value) -> Reply {
    shop.admin.call(Call::post(format!("/v1/admin/users/{user}/{which}")).json(&body)).await
}

fn payment(amount: u64, reference: &str) -> Value {
    json!({"amount": amount, "reference": reference})
}

#[tokio::test]
async fn where_operators_credit_wallets_buyers_charge_none() {
    let mut shop = Shop::open(setup().set("access.charge", "operator")).await;
    let buyer = shop.insider(1).await;
    buyer.charge(100).await.refused(403, "CHARGE_OFF");
    let sale = shop.client.call(Call::get("/v1/sale")).await.data();
    assert_eq!(sale["chargeOpen"], false);
    let now = shop.admin.call(Call::get("/v1/admin/ops/now")).await.data();
    assert_eq!(now["openDoors"], json!(["access.users"]));
    let credited = adjust(&shop, "credit", 1, payment(100_000, "payment-1")).await.data();
    assert_eq!(credited, json!({"userId": 1, "balance": 100_000, "reference": "payment-1", "replayed": false}));
    let reserved = buyer.reserve(1, 1).await.data();
    buyer.pay(reserved["reservationId"].as_u64().unwrap()).await.data();
    // What is left goes back, and no more.
    let left = buyer.balance().await;
    adjust(&shop, "debit", 1, payment(left + 1, "refund-1")).await.refused(402, "INSUFFICIENT_BALANCE");
    let back = adjust(&shop, "debit", 1, payment(left, "refund-1")).await.data();
    assert_eq!((&back["balance"], &back["replayed"]), (&json!(0), &json!(false)));
    assert_eq!(buyer.balance().await, 0);
    assert!(shop.server.terminate().success());
    shop.server.assert_audit_clean();
}

#[tokio::test]
async fn a_reference_counts_once_through_a_crash_and_stands_for_one_thing() {
    let mut shop = Shop::open(setup()).await;
    let buyer = Buyer::join(&shop.client, 7).await;
    let mut storm = JoinSet::new();
    for _ in 0..20 {
        let (admin, call) = (shop.admin.clone(), Call::post("/v1/admin/users/7/credit").json(&payment(500, "p-1")));
        storm.spawn(async move { admin.call(call).await });
    }
    let replies = storm.join_all().await;
    let fresh = replies.iter().filter(|reply| reply.data()["replayed"] == json!(false)).count();
    assert_eq!((fresh, buyer.balance().await), (1, 500));
    for (which, user, body) in
        [("credit", 7, payment(501, "p-1")), ("credit", 8, payment(500, "p-1")), ("debit", 7, payment(500, "p-1"))]
    {
        adjust(&shop, which, user, body).await.refused(409, "REFERENCE_REUSED");
    }
    let korean = Call::post("/v1/admin/users/8/credit").json(&payment(500, "p-1")).header("accept-language", "ko");
    let reply = shop.admin.call(korean).await;
    assert!(reply.problem()["message"].as_str().is_some_and(|message| message.contains("참조 번호")), "{reply}");
    adjust(&shop, "debit", 7, payment(200, "r-1")).await.data();
    // Once from the tables, and once more from the journal alone.
    shop.admin.projected().await;
    adjust(&shop, "credit", 7, payment(1, "p-2")).await.data();
    shop.crash();
    for (which, amount, reference) in [("credit", 500, "p-1"), ("debit", 200, "r-1"), ("credit", 1, "p-2")] {
        let again = adjust(&shop, which, 7, payment(amount, reference)).await.data();
        assert_eq!(again, json!({"userId": 7, "balance": 301, "reference": reference, "replayed": true}));
    }
    let metrics = shop.admin.call(Call::get("/metrics")).await.body;
    assert!(String::from_utf8_lossy(&metrics).contains("onsale_wallet_references 3"));
}

#[tokio::test]
async fn what_is_wrong_with_an_adjustment_is_named() {
    let shop = Shop::open(setup().set("access.charge", "off")).await;
    for (body, field) in [
        (payment(0, "p"), "amount"),
        (json!({"amount": -1, "reference": "p"}), "amount"),
        (json!({"amount": 1.5, "reference": "p"}), "amount"),
        (json!({"amount": 9_007_199_254_740_992_u64, "reference": "p"}), "amount"),
        (json!({"amount": 1, "reference": 7}), "reference"),
        (payment(1, ""), "reference"),
        (payment(1, " p"), "reference"),
        (payment(1, "a\nb"), "reference"),
        (payment(1, "\u{202e}p"), "reference"),
        (payment(1, &"x".repeat(65)), "reference"),
        (json!({"amount": 1, "reference": "p", "more": 1}), "more"),
    ] {
        let refused = adjust(&shop, "debit", 7, body.clone()).await;
        refused.refused(400, "BAD_REQUEST");
        assert_eq!(refused.json()["field"], field, "{body}");
    }
    for missing in [json!({"amount": 1}), json!({"reference": "p"}), json!([1, "p"])] {
        adjust(&shop, "debit", 7, missing).await.refused(400, "BAD_REQUEST");
    }
    adjust(&shop, "debit", 0, payment(1, "p")).await.refused(400, "BAD_REQUEST");
    adjust(&shop, "credit", 7, payment(1, "p")).await.refused(403, "CHARGE_OFF");
    adjust(&shop, "debit", 7, payment(1, "p")).await.refused(402, "INSUFFICIENT_BALANCE");
}

#[tokio::test]
async fn money_is_moved_by_those_whose_key_opens_it() {
    let shop = Shop::open(setup()).await;
    for (role, opens) in [("VIEWER", false), ("GATE", false), ("DESK", false), ("FINANCE", true)] {
        let new = json!({"name": role, "role": role});
        let made = shop.admin.call(Call::post("/v1/admin/operators").json(&new)).await.data();
        let key = made["key"].as_str().unwrap();
        for (which, reference) in [("credit", format!("c-{role}")), ("debit", format!("d-{role}"))] {
            let call = Call::post(format!("/v1/admin/users/7/{which}")).json(&payment(5, &reference)).bearer(key);
            let reply = shop.client.call(call).await;
            if opens {
                assert_eq!(reply.data()["replayed"], false, "{role}");
            } else {
                reply.refused(403, "ROLE_FORBIDDEN");
            }
        }
    }
}
