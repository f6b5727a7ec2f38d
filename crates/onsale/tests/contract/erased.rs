//! People who are erased: what leads to them is gone, for good, and in whatever order things fail.

use std::fs;

use onsale_testkit::{Buyer, Call, Reply, Shop};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::entry::{Key, by_secret, claims, enter, user_of};
use crate::setup;

/// The first number that is given to somebody whose `sub` is none.
const FIRST: u64 = 1 << 52;

fn named(name: &str) -> String {
    Key::secret().sign(&claims(name))
}

fn erasing(body: &Value) -> Call {
    Call::post("/v1/admin/people/erase").json(body)
}

async fn erase(shop: &Shop, name: &str) -> Reply {
    shop.admin.call(erasing(&json!({"subject": name}))).await
}

async fn come_in(shop: &Shop, name: &str) -> u64 {
    user_of(&enter(shop, &named(name)).await)
}

/// What anybody can make of a name that they guess.
fn guessed(name: &str) -> [u8; 32] {
    let issuer = "https://shop.example";
    let length = (issuer.len() as u64).to_be_bytes();
    Sha256::new().chain_update("sub").chain_update(length).chain_update(issuer).chain_update(name).finalize().into()
}

fn is_in_files(shop: &Shop, bytes: &[u8]) -> bool {
    let files = fs::read_dir(shop.server.data()).expect("a directory").map(|entry| entry.expect("an entry").path());
    let contents = files.filter(|path| path.is_file()).map(|path| fs::read(path).expect("it can be read"));
    contents.into_iter().any(|content| content.windows(bytes.len()).any(|window| window == bytes))
}

#[tokio::test]
async fn nothing_leads_to_whom_was_erased() {
    let mut shop = Shop::open(by_secret()).await;
    let first = enter(&shop, &named("anna")).await;
    assert_eq!(user_of(&first), FIRST);
    let anna = Buyer::from_issue(&shop.client, FIRST, &first);
    anna.hold(1, 1).await;
    assert_eq!(erase(&shop, "anna").await.data(), json!({"userId": FIRST, "before": false}));
    anna.reserve(1, 2).await.refused(401, "TOKEN_INVALID");
    anna.call(Call::get("/v1/api/user/amount")).await.refused(401, "TOKEN_INVALID");
    let ben = Buyer::from_issue(&shop.client, FIRST + 1, &enter(&shop, &named("ben")).await);
    assert_eq!(ben.seat(1, 1).await["seatStatus"], "AVAILABLE");
    ben.hold(1, 1).await;
    shop.admin.call(Call::get("/v1/admin/users?subject=anna")).await.refused(404, "USER_NOT_FOUND");
    assert!(shop.admin.user(FIRST).await["erasedAt"].is_string());
    assert!(shop.admin.user(FIRST + 1).await["erasedAt"].is_null());
    let place = Call::post(format!("/v1/admin/users/{FIRST}/token")).json(&json!({}));
    shop.admin.call(place).await.refused(404, "USER_NOT_FOUND");
    // Once more is done already, and nobody is not.
    assert_eq!(erase(&shop, "anna").await.data(), json!({"userId": null, "before": true}));
    erase(&shop, "carl").await.refused(404, "USER_NOT_FOUND");
    // Who comes again is somebody new, and is erased as such.
    assert_eq!(come_in(&shop, "anna").await, FIRST + 2);
    shop.admin.projected().await;
    shop.crash();
    assert_eq!(come_in(&shop, "anna").await, FIRST + 2);
    assert_eq!(come_in(&shop, "ben").await, FIRST + 1);
    assert_eq!(erase(&shop, "anna").await.data(), json!({"userId": FIRST + 2, "before": false}));
    assert_eq!(come_in(&shop, "anna").await, FIRST + 3);
    let levers = shop.admin.call(Call::get("/v1/admin/levers")).await.data();
    let erased: Vec<&Value> =
        levers.as_array().expect("a list").iter().filter(|lever| lever["action"] == "ERASE_PERSON").collect();
    assert_eq!(erased.len(), 2, "what changed nothing is on no record: {levers}");
    shop.admin.projected().await;
    let told = shop.admin.events().await;
    let told: Vec<&Value> = told.iter().filter(|event| event["type"] == "onsale.user.erased").collect();
    assert_eq!(told.iter().map(|event| &event["data"]["userId"]).collect::<Vec<_>>(), [FIRST, FIRST + 2]);
    assert!(shop.server.terminate().success());
    shop.server.assert_audit_clean();
    for name in ["anna", "ben"] {
        assert!(!is_in_files(&shop, &guessed(name)), "whoever guesses {name} finds nothing");
    }
}

#[tokio::test]
async fn what_would_be_lost_has_to_be_given_up_by_word() {
    let mut shop = Shop::open(by_secret()).await;
    let anna = Buyer::from_issue(&shop.client, FIRST, &enter(&shop, &named("anna")).await);
    anna.charge(100_000).await.data();
    let held = anna.hold(1, 1).await;
    let problem = erase(&shop, "anna").await.refused(409, "ERASURE_LOSES");
    assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains("100000")), "{problem}");
    anna.pay(held).await.data();
    let left = anna.balance().await;
    let problem = erase(&shop, "anna").await.refused(409, "ERASURE_LOSES");
    let detail = problem["detail"].as_str().expect("a text");
    assert!(detail.contains(&left.to_string()) && detail.contains("1 tickets"), "{problem}");
    assert_eq!(come_in(&shop, "anna").await, FIRST, "nothing was done");
    let forced = erasing(&json!({"subject": "anna", "issuer": "https://shop.example", "force": true}));
    assert_eq!(shop.admin.call(forced).await.data()["userId"], FIRST);
    assert_eq!(shop.admin.user(FIRST).await["balance"], left, "books are kept");
    let wrong = [
        (json!({"subject": "anna", "userId": 7}), "subject"),
        (json!({"userId": FIRST + 1}), "subject"),
        (json!({}), "userId"),
        (json!({"userId": 0}), "userId"),
        (json!({"subject": ""}), "subject"),
        (json!({"subject": "anna", "force": "yes"}), "force"),
    ];
    for (body, field) in wrong {
        let problem = shop.admin.call(erasing(&body)).await.refused(400, "BAD_REQUEST");
        assert_eq!(problem["field"], field, "{body}: {problem}");
    }
    // A shop's own number stays the shop's: whoever has it may come again.
    let seven = enter(&shop, &named("7")).await;
    assert_eq!(shop.admin.call(erasing(&json!({"userId": 7}))).await.data()["userId"], 7);
    Buyer::from_issue(&shop.client, 7, &seven).reserve(1, 3).await.refused(401, "TOKEN_INVALID");
    assert_eq!(come_in(&shop, "7").await, 7);
    assert_eq!(erase(&shop, "7").await.data()["userId"], 7, "by what the token says, too");
    assert!(shop.server.terminate().success());
    shop.server.assert_audit_clean();
}

/// As after a crash between the two, or with the keys of a backup: the record has it, and the key has it not.
#[tokio::test]
async fn a_key_that_is_older_than_the_record_is_mended() {
    let mut shop = Shop::open(by_secret().in_directory()).await;
    for name in ["anna", "ben", "carl"] {
        come_in(&shop, name).await;
    }
    let keys = shop.server.data().join("keys.toml");
    let before = fs::read(&keys).expect("it is there");
    for name in ["anna", "ben"] {
        erase(&shop, name).await.data();
    }
    shop.server.kill();
    assert_ne!(fs::read(&keys).expect("it is there"), before, "it was stored before the answer");
    fs::write(&keys, &before).expect("it can be written");
    shop.come_back();
    // By doing it again,
    assert_eq!(erase(&shop, "anna").await.data(), json!({"userId": null, "before": true}));
    let mended = fs::read(&keys).expect("it is there");
    assert_ne!(mended, before);
    // and by whoever comes again.
    assert_eq!(come_in(&shop, "ben").await, FIRST + 3);
    assert_ne!(fs::read(&keys).expect("it is there"), mended);
    assert_eq!(come_in(&shop, "carl").await, FIRST + 2);
    assert_eq!(come_in(&shop, "anna").await, FIRST + 4);
    shop.crash();
    assert_eq!(come_in(&shop, "ben").await, FIRST + 3);
}

/// A copy of them knows everybody who comes later, and none is taken that does not.
#[tokio::test]
async fn keys_are_whole_from_the_first_start_on() {
    let mut shop = Shop::open(by_secret().in_directory()).await;
    let keys = shop.server.data().join("keys.toml");
    let first = fs::read_to_string(&keys).expect("it is there");
    assert_eq!(come_in(&shop, "anna").await, FIRST);
    shop.server.kill();
    fs::write(&keys, &first).expect("it can be written");
    shop.come_back();
    assert_eq!(come_in(&shop, "anna").await, FIRST);
    shop.server.kill();
    let (rest, _) = first.split_once("[people]").expect("what pseudonyms are made with");
    fs::write(&keys, rest).expect("it can be written");
    let (status, output) = by_secret().in_directory().data(shop.server.data()).refused();
    assert!(!status.success() && output.contains("[people]") && output.contains("--new-keys"), "{output}");
    assert_eq!(fs::read_to_string(&keys).expect("it is there"), rest, "nothing was made");
    fs::write(&keys, &first).expect("it can be written");
    shop.come_back();
    assert_eq!(come_in(&shop, "anna").await, FIRST);
}

/// Nodes of before could not make a pseudonym, and must find the same numbers.
#[tokio::test]
async fn who_came_before_the_level_is_found_until_they_are_erased() {
    let mut shop = Shop::open(by_secret().set("store.level_max", 8)).await;
    assert_eq!(come_in(&shop, "anna").await, FIRST);
    assert_eq!(come_in(&shop, "ben").await, FIRST + 1);
    erase(&shop, "anna").await.refused(409, "LEVEL_TOO_LOW");
    shop.server.terminate();
    shop.server.reconfigure(|setup| setup.unset("store.level_max"));
    shop.come_back();
    onsale_testkit::eventually("the store is raised", async || {
        shop.admin.state().await["level"].as_u64().is_some_and(|level| level >= 9)
    })
    .await;
    assert_eq!(come_in(&shop, "anna").await, FIRST);
    assert_eq!(erase(&shop, "anna").await.data()["userId"], FIRST);
    assert_eq!(come_in(&shop, "anna").await, FIRST + 2);
    assert_eq!(come_in(&shop, "ben").await, FIRST + 1);
    assert!(shop.server.terminate().success());
    shop.server.assert_audit_clean();
}

#[tokio::test]
async fn where_anybody_is_any_user_people_are_numbers() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider(1).await;
    assert_eq!(shop.admin.call(erasing(&json!({"userId": 1}))).await.data(), json!({"userId": 1, "before": false}));
    buyer.reserve(1, 1).await.refused(401, "TOKEN_INVALID");
    let problem = shop.admin.call(erasing(&json!({"subject": "anna"}))).await.refused(400, "BAD_REQUEST");
    assert_eq!(problem["field"], "subject");
}
