//! Tokens that are none any more: an operator revoked them, or their time is over.

use onsale_testkit::{Buyer, Call, Shop, assert_utc_instant, eventually};
use serde_json::json;

use crate::queue::line;
use crate::setup;

async fn assert_opens_nothing(shop: &Shop, buyer: &Buyer) {
    let buyer = buyer.through(&shop.client);
    for refused in [
        buyer.call(Call::post("/v1/api/queue/token/check")).await,
        buyer.call(Call::get("/v1/api/queue/stream")).await,
        buyer.call(Call::get("/v1/api/queue/news")).await,
        buyer.call(Call::get("/v1/api/user/amount")).await,
        buyer.call(Call::get("/v1/api/user/tickets")).await,
        buyer.charge(1).await,
        buyer.schedules().await,
        buyer.seats(1).await,
        buyer.reserve(1, 2).await,
        buyer.pay(1).await,
        buyer.cancel(1).await,
        buyer.reservations().await,
        buyer.leave().await,
    ] {
        refused.refused(401, "TOKEN_INVALID");
    }
}

#[tokio::test]
async fn a_revoked_token_opens_nothing_and_the_place_goes_on_under_another() {
    let mut shop = Shop::open(setup().set("queue.active_limit", 1)).await;
    let buyers = line(&shop, 4).await;
    let (inside, stolen, behind) = (&buyers[0], &buyers[2], &buyers[3]);
    assert_eq!(stolen.position().await, 2);
    let mut stream = stolen.stream().await;
    stream.next_of("place").await;
    let user = 3;
    let nothing = json!({"userId": user, "balance": 0, "tokensValidSince": null, "erasedAt": null});
    assert_eq!(shop.admin.user(user).await, nothing);
    let revoked = shop.admin.revoke(user).await.data();
    assert_eq!(revoked["userId"], user);
    assert_utc_instant(&revoked["validSince"]);
    assert_eq!(shop.admin.user(user).await["tokensValidSince"], revoked["validSince"]);
    assert_opens_nothing(&shop, stolen).await;
    // What it had open ends, too.
    while stream.next().await.is_some() {}
    let again = Buyer::join(&shop.client, user).await;
    assert_ne!(again.token(), stolen.token());
    assert_eq!(Buyer::join(&shop.client, user).await.token(), again.token());
    assert_eq!((again.position().await, behind.position().await), (2, 3), "nobody's place has changed");
    assert_eq!(inside.status().await, "PROGRESS");
    let record = shop.admin.call(Call::get("/v1/admin/levers")).await.data();
    assert_eq!((&record[0]["action"], &record[0]["target"]), (&json!("REVOKE_TOKENS"), &json!("user 3")));
    // What starts now loads it from the tables.
    shop.admin.projected().await;
    shop.crash();
    assert_opens_nothing(&shop, stolen).await;
    let again = again.through(&shop.client);
    assert_eq!(again.position().await, 2);
    assert_eq!(shop.admin.revoke(user).await.status, 200);
    assert_opens_nothing(&shop, &again).await;
}

#[tokio::test]
async fn the_tokens_of_places_that_have_ended_are_revoked_as_well() {
    let mut shop = Shop::open(setup()).await;
    let ended = shop.insider_with(1, 1_000).await;
    let admitted = async || shop.admin.call(Call::get("/v1/admin/queues")).await.data()[0]["admitted"].clone();
    let before = admitted().await;
    assert_eq!(shop.admin.revoke(1).await.status, 200);
    assert_opens_nothing(&shop, &ended).await;
    let ended = Buyer::join(&shop.client, 1).await;
    assert_eq!((ended.status().await.as_str(), admitted().await), ("PROGRESS", before), "they were inside already");
    ended.leave().await.data();
    assert_eq!(shop.admin.revoke(1).await.status, 200);
    assert_opens_nothing(&shop, &ended).await;
    // In the same second, perhaps.
    let again = Buyer::join(&shop.client, 1).await;
    assert_eq!((again.status().await.as_str(), again.balance().await), ("PROGRESS", 1_000));
    assert!(shop.server.terminate().success());
    shop.server.assert_audit_clean();
}

#[tokio::test]
async fn a_token_ends_some_time_after_its_place_and_not_before_a_hold_that_can_be_paid() {
    let shop = Shop::open(setup().set("token.ttl", "1s")).await;
    let (holds, stays) = (shop.insider_with(1, 1_000_000).await, shop.insider(2).await);
    let hold = holds.hold(1, 1).await;
    holds.leave().await.data();
    let gone = shop.insider(3).await;
    gone.leave().await.data();
    let is_over =
        async |buyer: &Buyer| buyer.call(Call::get("/v1/api/user/amount")).await.refused(401, "TOKEN_INVALID");
    eventually("the token's time is over", async || {
        // By the journal's time, which goes on with its entries.
        stays.charge(1).await.data();
        gone.call(Call::get("/v1/api/user/amount")).await.status == 401
    })
    .await;
    is_over(&gone).await;
    assert_eq!(stays.status().await, "PROGRESS", "a place that goes on keeps its token");
    assert_eq!(holds.pay(hold).await.status, 200, "a hold can be paid by its owner until it lapses");
    is_over(&holds).await;
    // Whoever asks has a place, and a token, again.
    assert_eq!(Buyer::join(&shop.client, 3).await.status().await, "PROGRESS");
}

#[tokio::test]
async fn a_store_that_older_nodes_may_share_refuses_to_revoke() {
    let shop = Shop::open(setup().set("store.level_max", 1)).await;
    let buyer = shop.visitor(1).await;
    let problem = shop.admin.revoke(1).await.refused(409, "LEVEL_TOO_LOW");
    assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains("level 2")), "{problem}");
    assert_eq!(buyer.balance().await, 0);
}
