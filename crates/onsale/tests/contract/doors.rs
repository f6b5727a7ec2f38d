//! What is open to everybody.

use onsale_testkit::{Call, Shop};
use serde_json::json;

use crate::setup;

#[tokio::test]
async fn where_wallets_are_not_charged_nobody_adds_to_one() {
    let shop = Shop::open(setup().set("access.charge", "off")).await;
    let buyer = shop.insider(1).await;
    buyer.charge(100).await.refused(403, "CHARGE_OFF");
    let keyed = Call::post("/v1/api/user/amount").json(&json!({"amount": 100})).key("once");
    buyer.call(keyed).await.refused(403, "CHARGE_OFF");
    // What is wrong with the call otherwise is not what matters.
    let wrong = Call::post("/v1/api/user/amount").json(&json!({"amount": "no"}));
    buyer.call(wrong).await.refused(403, "CHARGE_OFF");
    shop.client.call(Call::post("/v1/api/user/amount").json(&json!({"amount": 1}))).await.refused(401, "TOKEN_MISSING");
    assert_eq!(buyer.balance().await, 0);
    let sale = shop.client.call(Call::get("/v1/sale")).await.data();
    assert_eq!((&sale["chargeOpen"], &sale["entrySigned"]), (&json!(false), &json!(false)));
    let now = shop.admin.call(Call::get("/v1/admin/ops/now")).await.data();
    assert_eq!(now["openDoors"], json!(["access.users"]));
}

#[tokio::test]
async fn on_this_machine_alone_the_doors_are_open() {
    let shop = Shop::open(setup()).await;
    let sale = shop.client.call(Call::get("/v1/sale")).await.data();
    assert_eq!((&sale["chargeOpen"], &sale["entrySigned"]), (&json!(true), &json!(false)));
    let now = shop.admin.call(Call::get("/v1/admin/ops/now")).await.data();
    assert_eq!(now["openDoors"], json!(["access.users", "access.charge"]));
}

#[test]
fn signed_entry_without_what_it_needs_is_refused_by_its_keys() {
    let setup = setup().set("access.users", "signed");
    let (_, printed) = setup.clone().refused();
    for key in ["entry.issuer", "entry.audience", "entry.keys"] {
        assert!(printed.contains(key), "{key}: {printed}");
    }
    let setup = setup.set("entry.issuer", "https://shop.example").set("entry.audience", "tickets");
    for (key, value) in [
        ("entry.secret", "short"),
        ("entry.keys", "http://keys.example/jwks"),
        ("entry.keys", "/nowhere/keys.json"),
        ("entry.leeway", "1h"),
    ] {
        let (_, printed) = setup.clone().set(key, value).refused();
        assert!(printed.contains(key), "{key}={value}: {printed}");
    }
    let secret = "0123456789abcdef0123456789abcdef";
    let (_, printed) = setup.set("entry.keys", "keys.json").set("entry.secret", secret).refused();
    assert!(printed.contains("entry.secret is given with entry.keys") && !printed.contains(secret), "{printed}");
}
