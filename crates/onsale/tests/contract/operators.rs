//! Operators with keys of their own, and what each role opens.

use onsale_testkit::{Buyer, Call, Shop, assert_utc_instant};
use serde_json::{Value, json};

use crate::setup;

async fn add(shop: &Shop, name: &str, role: &str) -> String {
    let made = shop.admin.call(Call::post("/v1/admin/operators").json(&json!({"name": name, "role": role}))).await;
    let made = made.data();
    assert_eq!((&made["name"], &made["role"]), (&json!(name), &json!(role)));
    made["key"].as_str().expect("a key").to_owned()
}

/// What is refused to a key: none of these changes anything where it is carried out.
async fn closed(shop: &Shop, key: &str) -> Vec<&'static str> {
    let calls: [(&str, Call); 6] = [
        ("state", Call::get("/v1/admin/state")),
        ("tickets", Call::get("/v1/admin/users/1/tickets")),
        ("purchases", Call::get("/v1/admin/users/1/reservations")),
        ("people", Call::post("/v1/admin/reservations/77/release")),
        ("settings", Call::patch("/v1/admin/settings").json(&json!({}))),
        ("operators", Call::get("/v1/admin/operators")),
    ];
    let mut closed = Vec::new();
    for (name, call) in calls {
        let reply = shop.client.call(call.bearer(key)).await;
        if reply.status == 403 {
            reply.refused(403, "ROLE_FORBIDDEN");
            closed.push(name);
        }
    }
    closed
}

#[tokio::test]
async fn each_role_opens_what_it_says_and_the_record_shows_whose_key_it_was() {
    let mut shop = Shop::open(setup()).await;
    let [viewer, gate, desk, finance, admin] =
        [("Ann", "VIEWER"), ("Bob", "GATE"), ("김철수", "DESK"), ("Dee", "FINANCE"), ("Eve/2", "ADMIN")];
    let mut keys = Vec::new();
    for (name, role) in [viewer, gate, desk, finance, admin] {
        keys.push(add(&shop, name, role).await);
    }
    let asserted = async |shop: &Shop| {
        assert_eq!(closed(shop, &keys[0]).await, ["tickets", "purchases", "people", "settings", "operators"]);
        assert_eq!(closed(shop, &keys[1]).await, ["purchases", "people", "settings", "operators"]);
        assert_eq!(closed(shop, &keys[2]).await, ["settings", "operators"]);
        assert_eq!(closed(shop, &keys[3]).await, ["tickets", "people", "settings", "operators"]);
        assert_eq!(closed(shop, &keys[4]).await, [""; 0]);
    };
    asserted(&shop).await;
    let oneself = shop.client.call(Call::get("/v1/admin/whoami").bearer(&keys[2])).await.data();
    assert_eq!((&oneself["name"], &oneself["role"]), (&json!("김철수"), &json!("DESK")));

    // Nobody with a key of their own says that they are somebody else.
    let buyer = Buyer::join(&shop.client, 9).await;
    let held = buyer.reserve(1, 2).await.data()["reservationId"].clone();
    let release = Call::post(format!("/v1/admin/reservations/{held}/release")).header("onsale-operator", "Eve");
    shop.client.call(release.bearer(&keys[2])).await.data();
    let record = shop.admin.call(Call::get("/v1/admin/levers")).await.data();
    assert_eq!((&record[0]["action"], &record[0]["operator"]), (&json!("RELEASE_HOLD"), &json!("김철수")));
    assert_eq!(record[0]["keyId"], oneself["keyId"]);
    assert_eq!((&record[1]["action"], &record[1]["target"]), (&json!("ADD_OPERATOR"), &json!("operator Eve/2")));

    // What starts now loads them from the tables, and from the journal.
    shop.admin.projected().await;
    shop.crash();
    asserted(&shop).await;
    let listed = shop.client.call(Call::get("/v1/admin/operators").bearer(&keys[4])).await.data();
    assert_eq!(listed.as_array().map(Vec::len), Some(5));
    assert_eq!((&listed[0]["name"], &listed[0]["role"]), (&json!("Ann"), &json!("VIEWER")));
    assert_utc_instant(&listed[0]["madeAt"]);
    assert!(!listed.to_string().contains(&keys[0]), "a key is shown once");

    shop.admin.call(Call::delete("/v1/admin/operators/Eve%2F2")).await.data();
    shop.client.call(Call::get("/v1/admin/state").bearer(&keys[4])).await.refused(401, "ADMIN_UNAUTHORIZED");
    shop.admin.call(Call::delete("/v1/admin/operators/Eve%2F2")).await.refused(404, "OPERATOR_NOT_FOUND");
    shop.crash();
    shop.client.call(Call::get("/v1/admin/state").bearer(&keys[4])).await.refused(401, "ADMIN_UNAUTHORIZED");
}

#[tokio::test]
async fn a_name_is_somebody_s_alone_and_can_be_read() {
    let shop = Shop::open(setup()).await;
    add(&shop, "Kim", "DESK").await;
    let post = async |body: Value| shop.admin.call(Call::post("/v1/admin/operators").json(&body)).await;
    post(json!({"name": "Kim", "role": "ADMIN"})).await.refused(409, "OPERATOR_EXISTS");
    for name in ["", " ", " Lee", "\u{202e}eeL", "a\nb", &"x".repeat(65)] {
        let refused = post(json!({"name": name, "role": "DESK"})).await;
        refused.refused(400, "BAD_REQUEST");
        assert_eq!(refused.json()["field"], "name", "{name:?}");
    }
    for wrong in [json!({"name": "Lee"}), json!({"name": "Lee", "role": "desk"}), json!({"role": "DESK"})] {
        post(wrong).await.refused(400, "BAD_REQUEST");
    }
    let listed = shop.admin.call(Call::get("/v1/admin/operators")).await.data();
    assert_eq!(listed.as_array().map(Vec::len), Some(1));
}
