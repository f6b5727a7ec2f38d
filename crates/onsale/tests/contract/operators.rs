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

/// What each role opens, by the names that the document has for the calls. One that is not here opens to nobody but `ADMIN`.
const OPENED: [(&str, &[&str]); 6] = [
    ("VIEWER", FIGURES),
    ("GATE", &["listUserTickets"]),
    (
        "DESK",
        &[
            "listUserTickets",
            "getUser",
            "listUserReservations",
            "findUser",
            "releaseReservation",
            "reissueTickets",
            "withholdSeats",
            "giveSeatsBack",
            "revokeTokens",
            "keepSession",
            "endSession",
            "letSilentGo",
            "givePlace",
            "listArrivals",
            "sendMessage",
            "makeGateLink",
            "withdrawGateLink",
        ],
    ),
    (
        "FINANCE",
        &[
            "findUser",
            "getUser",
            "listUserReservations",
            "creditUser",
            "debitUser",
            "listPayments",
            "listEvents",
            "followEvents",
        ],
    ),
    ("ADMIN", &[]),
    (
        "SHOP",
        &[
            "findUser",
            "listUserTickets",
            "getUser",
            "listUserReservations",
            "creditUser",
            "debitUser",
            "listPayments",
            "listEvents",
            "followEvents",
            "startBuyer",
            "keepSession",
            "endSession",
            "reissueTickets",
            "sayGateFigure",
        ],
    ),
];

/// What everybody sees but a shop.
const FIGURES: &[&str] = &[
    "listQueues",
    "getSettings",
    "listLevers",
    "getState",
    "getOpsNow",
    "getOpsHistory",
    "getOpsSeats",
    "getOpsHolds",
    "listScheduleSeats",
    "listCampaigns",
];

fn is_opened(role: &str, call: &str) -> bool {
    let own = OPENED.iter().find(|(name, _)| *name == role).expect("a role").1;
    match role {
        "ADMIN" => true,
        _ => call == "whoAmI" || own.contains(&call) || (role != "SHOP" && FIGURES.contains(&call)),
    }
}

/// The operators' calls as the document has them: name, method, and a path to something that is not there.
async fn calls(shop: &Shop) -> Vec<(String, String, String)> {
    let document = shop.client.call(Call::get("/openapi.json")).await.json();
    let mut calls = Vec::new();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, call) in methods.as_object().expect("methods") {
            if path.starts_with("/v1/admin/") {
                let name = call["operationId"].as_str().expect("a name").to_owned();
                let path = path.replace("{id}", "77").replace("{name}", "nobody");
                // It would not end.
                let path = if name == "followEvents" { path + "?types=none" } else { path };
                calls.push((name, method.to_uppercase(), path));
            }
        }
    }
    calls
}

/// What is refused to a key, of all that there is.
async fn assert_opens(shop: &Shop, role: &str, key: &str) {
    for (name, method, path) in calls(shop).await {
        // Without a body, or for what is not there, it changes nothing where it is carried out; new keys hurt nobody.
        let reply = shop.client.call(Call::new(&method, path).bearer(key)).await;
        assert_eq!(reply.status != 403, is_opened(role, &name), "{role} {name}: {reply}");
        if reply.status == 403 {
            reply.refused(403, "ROLE_FORBIDDEN");
        }
    }
}

#[tokio::test]
async fn each_role_opens_what_it_says_and_the_record_shows_whose_key_it_was() {
    let mut shop = Shop::open(setup()).await;
    let all = [
        ("Ann", "VIEWER"),
        ("Bob", "GATE"),
        ("김철수", "DESK"),
        ("Dee", "FINANCE"),
        ("Eve/2", "ADMIN"),
        ("Shop", "SHOP"),
    ];
    let mut keys = Vec::new();
    for (name, role) in all {
        keys.push(add(&shop, name, role).await);
    }
    for ((_, role), key) in all.iter().zip(&keys) {
        assert_opens(&shop, role, key).await;
    }
    let oneself = shop.client.call(Call::get("/v1/admin/whoami").bearer(&keys[2])).await.data();
    assert_eq!((&oneself["name"], &oneself["role"]), (&json!("김철수"), &json!("DESK")));

    // Nobody with a key of their own says that they are somebody else.
    let buyer = Buyer::join(&shop.client, 9).await;
    let held = buyer.reserve(1, 2).await.data()["reservationId"].clone();
    let path = format!("/v1/admin/reservations/{held}/release");
    for unsaid in [Call::post(path.clone()), Call::post(path.clone()).json(&json!({"reason": " "}))] {
        let refused = shop.client.call(unsaid.bearer(&keys[2])).await;
        assert_eq!(refused.refused(400, "BAD_REQUEST")["field"], "reason");
    }
    let release = Call::post(path).json(&json!({"reason": "Wrong seat"})).header("onsale-operator", "Eve");
    shop.client.call(release.bearer(&keys[2])).await.data();
    let record = shop.admin.call(Call::get("/v1/admin/levers")).await.data();
    assert_eq!((&record[0]["action"], &record[0]["operator"]), (&json!("RELEASE_HOLD"), &json!("김철수")));
    assert_eq!(
        (&record[0]["keyId"], &record[0]["after"]),
        (&oneself["keyId"], &json!("state released, reason: Wrong seat"))
    );
    let added = record.as_array().into_iter().flatten().find(|lever| lever["target"] == "operator Shop");
    assert_eq!(added.map(|lever| &lever["action"]), Some(&json!("ADD_OPERATOR")));

    // What starts now loads them from the tables, and from the journal.
    shop.admin.projected().await;
    shop.crash();
    for ((name, role), key) in all.iter().zip(&keys) {
        let oneself = shop.client.call(Call::get("/v1/admin/whoami").bearer(key)).await.data();
        assert_eq!((&oneself["name"], &oneself["role"]), (&json!(name), &json!(role)));
    }
    let listed = shop.client.call(Call::get("/v1/admin/operators").bearer(&keys[4])).await.data();
    assert_eq!(listed.as_array().map(Vec::len), Some(6));
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
    for (wrong, field) in [
        (json!({"name": "Lee"}), "role"),
        (json!({"name": "Lee", "role": "desk"}), "role"),
        (json!({"role": "DESK"}), "name"),
    ] {
        assert_eq!(post(wrong).await.refused(400, "BAD_REQUEST")["field"], field);
    }
    let listed = shop.admin.call(Call::get("/v1/admin/operators")).await.data();
    assert_eq!(listed.as_array().map(Vec::len), Some(1));
}
