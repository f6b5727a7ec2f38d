//! The wallet.

use onsale_testkit::{Buyer, Call, Kind, Shop, assert_shape};
use serde_json::json;

use crate::{INTEGER_MAX, setup};

#[tokio::test]
async fn a_charge_answers_with_the_balance_after_it() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.visitor(1).await;
    let mut expected = 0;
    for amount in [1, 50_000, 7, 99_999_999] {
        expected += amount;
        let data = buyer.charge(amount).await.data();
        assert_shape(&data, &[("amount", Kind::Integer)]);
        assert_eq!(data["amount"], expected);
        assert_eq!(buyer.balance().await, expected, "own writes are seen");
    }
}

#[tokio::test]
async fn a_wallet_is_one_user_s_own_in_every_queue() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.visitor(1).await;
    let same_user = Buyer::join_queue(&shop.client, 1, "vip").await;
    let other = shop.visitor(2).await;
    buyer.charge(100).await.data();
    assert_eq!(same_user.charge(11).await.data(), json!({"amount": 111}));
    assert_eq!((buyer.balance().await, other.balance().await), (111, 0));
}

#[tokio::test]
async fn impossible_amounts_are_refused() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.visitor(1).await;
    buyer.charge(10).await.data();
    for amount in ["0", "-1", "-9007199254740991", "1.5", "0.1", "-0.5", "1e-3"] {
        let call = Call::post("/v1/api/user/amount").body(format!("{{\"amount\":{amount}}}"));
        buyer.call(call).await.refused(400, "AMOUNT_INVALID");
    }
    for amount in ["\"50000\"", "null", "true", "[]", "{}", "[50000]", "NaN", "0x10", "01", "+1", "1,000", ""] {
        let call = Call::post("/v1/api/user/amount").body(format!("{{\"amount\":{amount}}}"));
        buyer.call(call).await.refused(400, "BAD_REQUEST");
    }
    for amount in ["9007199254740992", "18446744073709551615", "18446744073709551616", "1e30", "1e400"] {
        let reply = buyer.call(Call::post("/v1/api/user/amount").body(format!("{{\"amount\":{amount}}}"))).await;
        assert_eq!(reply.status, 400, "{reply}");
        reply.problem();
    }
    assert_eq!(buyer.balance().await, 10);
}

#[tokio::test]
async fn a_repeated_member_is_never_counted_twice() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.visitor(1).await;
    let reply = buyer.call(Call::post("/v1/api/user/amount").body(r#"{"amount":5,"amount":7}"#)).await;
    let balance = buyer.balance().await;
    match reply.status {
        400 => assert_eq!((reply.code().as_deref(), balance), (Some("BAD_REQUEST"), 0)),
        _ => assert!([5, 7].contains(&balance) && reply.data()["amount"] == balance, "{reply}, then {balance}"),
    }
}

#[tokio::test]
async fn the_limit_of_one_charge_is_a_setting() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.visitor(1).await;
    shop.admin.set_settings(json!({"chargeLimit": 1_000})).await;
    buyer.charge(1_001).await.refused(400, "AMOUNT_INVALID");
    assert_eq!(buyer.charge(1_000).await.data(), json!({"amount": 1_000}));
    assert_eq!(buyer.charge(1_000).await.data(), json!({"amount": 2_000}), "it is of one charge, not of the wallet");
}

#[tokio::test]
async fn a_wallet_never_overflows() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.visitor(1).await;
    shop.admin.set_settings(json!({"chargeLimit": INTEGER_MAX})).await;
    assert_eq!(buyer.charge(INTEGER_MAX - 1).await.data(), json!({"amount": INTEGER_MAX - 1}));
    buyer.charge(2).await.refused(400, "AMOUNT_INVALID");
    buyer.charge(INTEGER_MAX).await.refused(400, "AMOUNT_INVALID");
    assert_eq!(buyer.charge(1).await.data(), json!({"amount": INTEGER_MAX}));
    buyer.charge(1).await.refused(400, "AMOUNT_INVALID");
    assert_eq!(buyer.balance().await, INTEGER_MAX);
}

#[tokio::test]
async fn two_full_wallets_are_possible() {
    let shop = Shop::open(setup()).await;
    shop.admin.set_settings(json!({"chargeLimit": INTEGER_MAX})).await;
    for user in [1, 2, 3] {
        let buyer = shop.visitor(user).await;
        assert_eq!(buyer.charge(INTEGER_MAX).await.data(), json!({"amount": INTEGER_MAX}));
    }
}
