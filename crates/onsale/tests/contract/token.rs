//! The token itself: a JWT that a standard library verifies, and that only the key's owner can make.

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Validation, decode, decode_header, encode};
use onsale_testkit::{Buyer, Call, Shop};
use serde_json::{Map, Value};

use crate::setup;

const KEY: &str = "a-token-key-for-tests-0123456789abcdef";

fn validation() -> Validation {
    let mut validation = Validation::new(Algorithm::HS256);
    // The ticket's state decides when it ends, not the token.
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation
}

fn claims(token: &str) -> Map<String, Value> {
    let key = DecodingKey::from_secret(KEY.as_bytes());
    decode::<Map<String, Value>>(token, &key, &validation()).expect("a standard library verifies it").claims
}

#[tokio::test]
async fn any_standard_library_verifies_it() {
    let shop = Shop::open(setup().set("token.key", KEY)).await;
    let buyer = shop.visitor(7).await;
    let header = decode_header(buyer.token()).unwrap();
    assert_eq!(header.alg, Algorithm::HS256);
    assert!(header.kid.is_some_and(|id| !id.is_empty()), "the header names the key");
    let claims = claims(buyer.token());
    assert!(!claims.contains_key("exp"), "{claims:?}");
    let wrong = DecodingKey::from_secret(b"another-token-key-0123456789abcdef");
    decode::<Map<String, Value>>(buyer.token(), &wrong, &validation()).expect_err("another key does not verify it");
}

#[tokio::test]
async fn forged_tokens_are_invalid() {
    let shop = Shop::open(setup().set("token.key", KEY)).await;
    let buyer = shop.insider(7).await;
    let header = decode_header(buyer.token()).unwrap();
    let claims = claims(buyer.token());
    let other_key = EncodingKey::from_secret(b"another-token-key-0123456789abcdef");
    let right_key = EncodingKey::from_secret(KEY.as_bytes());
    let mut unknown_key_id = header.clone();
    unknown_key_id.kid = Some("deadbeef".to_owned());
    let mut other_algorithm = header.clone();
    other_algorithm.alg = Algorithm::HS512;
    let forged = [
        encode(&header, &claims, &other_key).unwrap(),
        encode(&header, &claims, &EncodingKey::from_secret(b"")).unwrap(),
        encode(&unknown_key_id, &claims, &other_key).unwrap(),
        encode(&other_algorithm, &claims, &right_key).unwrap(),
        unsigned(buyer.token()),
    ];
    for token in forged {
        shop.client.call(Call::get("/v1/api/user/amount").token(&token)).await.refused(401, "TOKEN_INVALID");
    }
}

#[tokio::test]
async fn claims_of_another_user_need_the_key() {
    let shop = Shop::open(setup().set("token.key", KEY)).await;
    let rich = shop.insider_with(7, 1_000).await;
    let thief = shop.insider(8).await;
    let parts: Vec<&str> = rich.token().split('.').collect();
    let own: Vec<&str> = thief.token().split('.').collect();
    let mixed = format!("{}.{}.{}", parts[0], parts[1], own[2]);
    shop.client.call(Call::get("/v1/api/user/amount").token(&mixed)).await.refused(401, "TOKEN_INVALID");
}

#[tokio::test]
async fn another_store_s_token_opens_nothing_whatever_its_key() {
    let elsewhere = Shop::open(setup().set("token.key", KEY)).await;
    let there = elsewhere.visitor(8).await;
    let shop = Shop::open(setup().set("token.key", KEY)).await;
    let owner = shop.insider_with(8, 1_000).await;
    assert_eq!(claims(there.token())["jti"], claims(owner.token())["jti"], "both are the first of their store");
    let hold = owner.hold(1, 1).await;
    let stranger = there.through(&shop.client);
    for refused in [
        stranger.call(Call::post("/v1/api/queue/token/check")).await,
        stranger.call(Call::get("/v1/api/user/amount")).await,
        stranger.call(Call::get("/v1/api/user/tickets")).await,
        stranger.charge(1).await,
        stranger.seats(1).await,
        stranger.reserve(1, 2).await,
        stranger.pay(hold).await,
        stranger.cancel(hold).await,
        stranger.reservations().await,
        stranger.leave().await,
    ] {
        refused.refused(401, "TOKEN_INVALID");
    }
    assert_eq!((owner.status().await.as_str(), owner.balance().await), ("PROGRESS", 1_000));
}

#[tokio::test]
async fn a_place_outlives_the_key_of_its_token() {
    let mut shop = Shop::open(setup().set("token.key", KEY)).await;
    let before = shop.insider(1).await;
    shop.server.terminate();
    let other = "another-token-key-0123456789abcdef";
    shop.server.reconfigure(|setup| setup.set("token.key", other).flag("--new-keys"));
    shop.come_back();
    before.through(&shop.client).seats(1).await.refused(401, "TOKEN_INVALID");
    let again = Buyer::join(&shop.client, 1).await;
    assert_ne!(again.token(), before.token());
    assert_eq!(again.status().await, "PROGRESS");
    assert_eq!(Buyer::join(&shop.client, 1).await.token(), again.token());
    let key = DecodingKey::from_secret(b"another-token-key-0123456789abcdef");
    let claims_again = decode::<Map<String, Value>>(again.token(), &key, &validation()).unwrap().claims;
    assert_eq!(claims_again, claims(before.token()), "the same ticket");
}

#[tokio::test]
async fn a_re_issue_gives_the_same_token_also_after_a_key_rotation() {
    let mut shop = Shop::open(setup()).await;
    let before = shop.insider(1).await;
    let key_before = decode_header(before.token()).unwrap().kid;
    assert_eq!(shop.admin.rotate_keys().await.status, 200);
    assert_eq!(shop.visitor(1).await.token(), before.token());
    assert_eq!(before.status().await, "PROGRESS");
    let after = shop.visitor(2).await;
    assert_ne!(decode_header(after.token()).unwrap().kid, key_before, "a new ticket is signed with the new key");
    shop.crash();
    let again = before.through(&shop.client);
    assert_eq!(again.status().await, "PROGRESS");
    assert_eq!(Buyer::join(&shop.client, 1).await.token(), before.token());
    assert_eq!(Buyer::join(&shop.client, 2).await.token(), after.token());
}

/// The same claims under `"alg": "none"` and without a signature.
fn unsigned(token: &str) -> String {
    let claims = token.split('.').nth(1).unwrap();
    // {"typ":"JWT","alg":"none"}
    format!("eyJ0eXAiOiJKV1QiLCJhbGciOiJub25lIn0.{claims}.")
}
