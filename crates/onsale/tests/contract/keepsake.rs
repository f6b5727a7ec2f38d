//! Tickets of who has an entry token and no place: the queue may be closed for good.

use onsale_testkit::{Buyer, Call, Reply, Shop};
use serde_json::json;

use crate::entry::{Key, by_secret, claims, enter, user_of, with};
use crate::setup;

async fn tickets(shop: &Shop, token: &str) -> Reply {
    shop.client.call(Call::get("/v1/api/user/tickets").bearer(token)).await
}

/// Somebody who comes with this entry token buys seat 1, and the queue is closed.
async fn bought(shop: &Shop, token: &str) {
    let issued = enter(shop, token).await;
    let buyer = Buyer::from_issue(&shop.client, user_of(&issued), &issued);
    buyer.wait_for("PROGRESS").await;
    buyer.charge(100_000).await.data();
    let held = buyer.hold(1, 1).await;
    buyer.pay(held).await.data();
    shop.admin.set_queue("default", json!({"mode": "CLOSED"})).await;
}

#[tokio::test]
async fn an_entry_token_shows_its_person_s_tickets_and_opens_nothing_else() {
    let mut shop = Shop::open(by_secret().set("access.charge", "open")).await;
    let anna = Key::secret().sign(&claims("anna"));
    bought(&shop, &anna).await;
    enter(&shop, &anna).await.refused(409, "QUEUE_CLOSED");
    let list = tickets(&shop, &anna).await.data();
    assert_eq!((list.as_array().unwrap().len(), &list[0]["seatId"]), (1, &json!(1)));
    shop.admin.projected().await;
    shop.crash();
    assert_eq!(tickets(&shop, &anna).await.data(), list);
    // Others have theirs, which are none.
    for name in ["ben", "7"] {
        assert_eq!(tickets(&shop, &Key::secret().sign(&claims(name))).await.data(), json!([]), "{name}");
    }
    for path in ["/v1/api/user/amount", "/v1/api/user/reservations", "/v1/api/concerts/schedule"] {
        shop.client.call(Call::get(path).bearer(&anna)).await.refused(401, "TOKEN_INVALID");
    }
    let mut late = claims("anna");
    late["exp"] = json!(1_000_000_000);
    tickets(&shop, &Key::secret().sign(&late)).await.refused(401, "ENTRY_TOKEN_EXPIRED");
    let mut elsewhere = claims("anna");
    elsewhere["aud"] = json!("newsletter");
    tickets(&shop, &Key::secret().sign(&elsewhere)).await.refused(401, "ENTRY_TOKEN_AUDIENCE");
    for none in ["nonsense", "a.b.c", &format!("{anna}x")] {
        tickets(&shop, none).await.refused(401, "TOKEN_INVALID");
    }
}

#[tokio::test]
async fn one_that_is_good_once_shows_them_until_it_is_used() {
    let shop = Shop::open(by_secret().set("access.charge", "open")).await;
    let used = Key::secret().sign(&with("jti", json!("visit-1")));
    bought(&shop, &used).await;
    tickets(&shop, &used).await.refused(401, "ENTRY_TOKEN_REPLAYED");
    let fresh = Key::secret().sign(&with("jti", json!("visit-2")));
    for _ in 0..2 {
        assert_eq!(tickets(&shop, &fresh).await.data().as_array().unwrap().len(), 1, "looking uses nothing up");
    }
}

#[tokio::test]
async fn where_anybody_is_any_user_it_is_no_token() {
    let shop = Shop::open(setup()).await;
    tickets(&shop, &Key::secret().sign(&claims("7"))).await.refused(401, "TOKEN_INVALID");
}

#[tokio::test]
async fn the_desk_finds_a_person_by_what_their_shop_calls_them() {
    let shop = Shop::open(by_secret()).await;
    let find = async |query: &str| shop.admin.call(Call::get(format!("/v1/admin/users?{query}"))).await;
    find("subject=anna").await.refused(404, "USER_NOT_FOUND");
    let anna = user_of(&enter(&shop, &Key::secret().sign(&claims("anna"))).await);
    for query in ["subject=anna", "subject=anna&issuer=https%3A%2F%2Fshop.example"] {
        assert_eq!(find(query).await.data()["userId"], anna, "{query}");
    }
    assert_eq!(find("subject=4711").await.data()["userId"], 4_711, "a number is what it says");
    find("subject=anna&issuer=https%3A%2F%2Fother.example").await.refused(404, "USER_NOT_FOUND");
    for query in ["", "subject=", "subject=0", &format!("subject={}", "x".repeat(256))] {
        assert_eq!(find(query).await.refused(400, "BAD_REQUEST")["field"], "subject", "{query}");
    }
    let open = Shop::open(setup()).await;
    let refused = open.admin.call(Call::get("/v1/admin/users?subject=anna")).await;
    assert_eq!(refused.refused(400, "BAD_REQUEST")["field"], "subject");
}
