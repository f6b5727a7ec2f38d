//! What is kept of a person: all of it, and nobody else's.

use std::process::{Command, Output};

use onsale_testkit::{ADMIN_KEY, Buyer, Call, Reply, Shop};
use serde_json::{Value, json};

use crate::entry::{Key, by_secret, claims, enter, user_of};
use crate::setup;

/// The first number that is given to somebody whose `sub` is none.
const FIRST: u64 = 1 << 52;

async fn export(shop: &Shop, whom: Value) -> Reply {
    shop.admin.call(Call::post("/v1/admin/people/export").json(&whom)).await
}

async fn come_in(shop: &Shop, name: &str, user: u64) -> Buyer {
    let issue = enter(shop, &Key::secret().sign(&claims(name))).await;
    assert_eq!(user_of(&issue), user);
    Buyer::from_issue(&shop.client, user, &issue)
}

async fn credit(shop: &Shop, user: u64, reference: &str) {
    let body = json!({"amount": 70_000, "reference": reference});
    shop.admin.call(Call::post(format!("/v1/admin/users/{user}/credit")).json(&body)).await.data();
}

#[tokio::test]
async fn all_that_is_kept_of_somebody_is_told_and_nobody_elses() {
    let mut shop = Shop::open(by_secret()).await;
    let anna = come_in(&shop, "anna", FIRST).await;
    let ben = come_in(&shop, "ben", FIRST + 1).await;
    credit(&shop, FIRST, "for-anna").await;
    credit(&shop, FIRST + 1, "for-ben").await;
    anna.charge(100_000).await.data();
    let dropped = anna.hold(1, 3).await;
    let why = json!({"reason": "Wrong seat"});
    shop.admin.call(Call::post(format!("/v1/admin/reservations/{dropped}/release")).json(&why)).await.data();
    let held = anna.hold(1, 1).await;
    let paid = anna.pay(held).await.data();
    ben.hold(1, 2).await;

    let kept = export(&shop, json!({"subject": "anna"})).await.data();
    assert_eq!(kept["userId"], FIRST);
    assert_eq!(kept["balance"], anna.balance().await);
    assert_eq!((&kept["erasedAt"], &kept["tokensValidSince"], &kept["more"]), (&Value::Null, &Value::Null, &json!([])));
    let movements = kept["movements"].as_array().expect("a list");
    let told: Vec<_> = movements.iter().map(|one| (one["kind"].as_str().unwrap(), one["reference"].as_str())).collect();
    assert_eq!(told, [("CREDIT", Some("for-anna")), ("CHARGE", None), ("PAYMENT", None)]);
    assert_eq!(
        movements.iter().filter_map(|one| one["amount"].as_i64()).sum::<i64>(),
        kept["balance"].as_i64().unwrap()
    );
    assert_eq!(movements[2]["paymentId"], paid["paymentId"]);
    let reservations = kept["reservations"].as_array().expect("a list");
    let told: Vec<_> = reservations.iter().map(|one| (&one["status"], &one["seats"][0]["seatId"])).collect();
    assert_eq!(told, [(&json!("RELEASED"), &json!(3)), (&json!("RESERVED"), &json!(1))]);
    assert_eq!(reservations[1]["paymentId"], paid["paymentId"]);
    assert_eq!(kept["tickets"].as_array().map(Vec::len), Some(1));
    assert_eq!((&kept["tickets"][0]["seatId"], kept["tickets"][0]["ticket"].is_string()), (&json!(1), true));
    let places = kept["places"].as_array().expect("a list");
    assert_eq!((places.len(), &places[0]["queue"], &places[0]["status"]), (1, &json!("default"), &json!("DONE")));
    assert_eq!(kept["pseudonyms"].as_array().map(Vec::len), Some(1));
    let levers = kept["levers"].as_array().expect("a list");
    assert_eq!((levers.len(), &levers[0]["action"]), (1, &json!("RELEASE_HOLD")), "{levers:?}");
    let text = kept.to_string();
    assert!(!text.contains("for-ben") && !text.contains(&(FIRST + 1).to_string()), "{text}");
    assert_eq!(export(&shop, json!({"userId": FIRST})).await.data()["movements"], kept["movements"]);

    let erase = json!({"subject": "anna", "force": true});
    shop.admin.call(Call::post("/v1/admin/people/erase").json(&erase)).await.data();
    export(&shop, json!({"subject": "anna"})).await.refused(404, "USER_NOT_FOUND");
    // The books stay under a number that nothing leads to.
    let left = export(&shop, json!({"userId": FIRST})).await.data();
    assert!(left["erasedAt"].is_string() && left["tokensValidSince"].is_string(), "{left}");
    assert_eq!((&left["pseudonyms"], &left["movements"]), (&json!([]), &kept["movements"]));
    export(&shop, json!({"subject": "carl"})).await.refused(404, "USER_NOT_FOUND");
    export(&shop, json!({"userId": FIRST + 9})).await.refused(404, "USER_NOT_FOUND");
    for (body, field) in
        [(json!({}), "userId"), (json!({"userId": 0}), "userId"), (json!({"userId": 7, "subject": "x"}), "subject")]
    {
        assert_eq!(export(&shop, body).await.refused(400, "BAD_REQUEST")["field"], field);
    }
    assert!(shop.server.terminate().success());
}

/// Codes, keys and what an entry token allows, each under the number that has them.
#[tokio::test]
async fn codes_and_keys_and_limits_are_told() {
    let shop = Shop::open(setup()).await;
    shop.admin.set_campaign("fans", json!({})).await;
    shop.admin.add_codes("fans", 1, &["ABCD-EFGH"]).await.data();
    let join = json!({"userId": 7, "code": "abcd efgh"});
    let issue = shop.client.call(Call::post("/v1/api/queue/token").json(&join)).await;
    let buyer = Buyer::from_issue(&shop.client, 7, &issue);
    buyer.call(Buyer::charging(500).key("once")).await.data();
    let kept = export(&shop, json!({"userId": 7})).await.data();
    assert_eq!((&kept["codeUses"][0]["campaign"], &kept["codeUses"][0]["number"]), (&json!("fans"), &json!(1)));
    assert_eq!(kept["codeUses"][0]["status"], "HELD");
    assert_eq!(kept["keyedCalls"][0]["call"], "CHARGE");
    let nobody = export(&shop, json!({"userId": 8})).await.data();
    assert_eq!((&nobody["codeUses"], &nobody["keyedCalls"], &nobody["places"]), (&json!([]), &json!([]), &json!([])));
}

/// By the program itself, which takes a name from a file.
#[tokio::test]
async fn the_program_exports_and_erases() {
    let shop = Shop::open(by_secret()).await;
    come_in(&shop, "anna", FIRST).await.charge(900).await.data();
    let file = shop.server.data().join("anna.txt");
    std::fs::write(&file, "anna\n").unwrap();
    let person = |what: &str, more: &[&str]| -> Output {
        Command::new(env!("CARGO_BIN_EXE_onsale"))
            .args(["person", what, "--server", &format!("http://{}", shop.server.address())])
            .args(more)
            .env("ONSALE_ADMIN__KEY", ADMIN_KEY)
            .output()
            .unwrap()
    };
    let anna = ["--subject-file", file.to_str().unwrap()];
    let kept: Value = serde_json::from_slice(&person("export", &anna).stdout).expect("JSON");
    assert_eq!((&kept["userId"], &kept["balance"]), (&json!(FIRST), &json!(900)));
    let refused = person("erase", &anna);
    let words = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(refused.status.code() == Some(1) && words.contains("900"), "{words}");
    let erased = person("erase", &[&anna[..], &["--force"]].concat());
    assert_eq!(String::from_utf8_lossy(&erased.stdout), format!("Erased: nothing leads to number {FIRST} any more.\n"));
    assert_eq!(String::from_utf8_lossy(&person("erase", &anna).stdout), "They were erased before.\n");
    assert_eq!(person("export", &anna).status.code(), Some(1));
    let number: Value =
        serde_json::from_slice(&person("export", &["--user", &FIRST.to_string()]).stdout).expect("JSON");
    assert!(number["erasedAt"].is_string(), "{number}");
    for wrong in [&[][..], &["--user", "0"], &["--user", "7", "--subject-file", "-"]] {
        assert_eq!(person("export", wrong).status.code(), Some(2), "{wrong:?}");
    }
}
