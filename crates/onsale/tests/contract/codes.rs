//! Codes that open a queue: by whom they are taken, when they come back, and what somebody who guesses is told.

use onsale_testkit::{Buyer, Call, Client, Reply, Shop};
use serde_json::{Value, json};

use crate::draw::from_now;
use crate::entry::{Key, by_secret, claims};
use crate::setup;

async fn join(shop: &Shop, user: u64, code: &str) -> Reply {
    shop.client.call(Buyer::issue_with(user, code)).await
}

/// Somebody who came in with a code.
async fn member(shop: &Shop, user: u64, code: &str) -> Buyer {
    let reply = join(shop, user, code).await;
    assert_eq!(reply.data()["codeTaken"], true, "{reply}");
    Buyer::from_issue(&shop.client, user, &reply)
}

async fn fans(shop: &Shop) -> Value {
    shop.admin.call(Call::get("/v1/admin/campaigns")).await.data()[0].clone()
}

#[tokio::test]
async fn a_use_comes_back_with_the_place_and_is_used_up_by_a_payment() {
    let mut shop = Shop::open(setup()).await;
    let made = shop.admin.set_campaign("fans", json!({"uses": 1})).await;
    assert_eq!((&made["codes"], &made["queue"], &made["keyKnown"]), (&json!(0), &json!("default"), &json!(true)));
    let added = shop.admin.add_codes("fans", 1, &["K7QX-2M9D-RT4W", "gold 0001"]).await.data();
    assert_eq!(added, json!({"campaign": "fans", "codes": 2, "added": 2}));
    let first = member(&shop, 1, "k7qx 2m9d rt4w").await;
    join(&shop, 2, "K7QX2M9DRT4W").await.refused(409, "CODE_USED_UP");
    // The same place again, whatever is sent with it; and who knows nothing of codes is answered as ever.
    for again in [join(&shop, 1, "nonsense").await, Buyer::ask(&shop.client, 1).await] {
        assert_eq!(again.data()["queueToken"], first.token());
    }
    let plain = Buyer::ask(&shop.client, 7).await.data();
    assert!(plain.get("codeTaken").is_none(), "{plain}");
    assert_eq!(join(&shop, 7, "GOLD0001").await.data()["codeTaken"], false, "a code is for joining");
    assert_eq!((&fans(&shop).await["held"], &fans(&shop).await["spent"]), (&json!(1), &json!(0)));

    // From the tables, and what came after them from the journal alone.
    shop.admin.projected().await;
    first.leave().await.data();
    let second = member(&shop, 2, "K7QX-2M9D-RT4W").await;
    shop.crash();
    let second = second.through(&shop.client);
    join(&shop, 1, "K7QX-2M9D-RT4W").await.refused(409, "CODE_USED_UP");
    let held = second.hold(1, 1).await;
    second.leave().await.data();
    join(&shop, 1, "K7QX-2M9D-RT4W").await.refused(409, "CODE_USED_UP");
    second.charge(50_000).await.data();
    second.pay(held).await.data();
    join(&shop, 1, "K7QX-2M9D-RT4W").await.refused(409, "CODE_USED_UP");
    assert_eq!((&fans(&shop).await["held"], &fans(&shop).await["spent"]), (&json!(0), &json!(1)));
    let levers = shop.admin.call(Call::get("/v1/admin/levers")).await.data();
    let actions: Vec<_> = levers.as_array().unwrap().iter().map(|lever| lever["action"].as_str().unwrap()).collect();
    assert_eq!(actions[..2], ["ADD_CODES", "CHANGE_CAMPAIGN"]);
    assert!(!levers.to_string().contains("K7QX"), "a code is told to nobody");
    assert!(shop.server.terminate().success());
    shop.server.assert_audit_clean();
}

#[tokio::test]
async fn a_code_has_its_time_and_its_queue_and_a_queue_may_need_one() {
    let shop = Shop::open(setup()).await;
    shop.admin.open_queue("vip").await.data();
    let sale = async || shop.client.call(Call::get("/v1/sale")).await.data()["queues"].clone();
    assert_eq!(sale().await[0]["codes"], "NONE");
    shop.admin.set_campaign("later", json!({"from": from_now(3_600_000)})).await;
    shop.admin.set_campaign("past", json!({"until": from_now(-1)})).await;
    shop.admin.set_campaign("others", json!({"queue": "vip"})).await;
    shop.admin.set_campaign("now", json!({"seats": 1, "uses": 2, "required": true})).await;
    for (name, code) in [("later", "LATER"), ("past", "PAST1"), ("others", "OTHER"), ("now", "NOW12")] {
        shop.admin.add_codes(name, 1, &[code]).await.data();
    }
    Buyer::ask(&shop.client, 1).await.refused(403, "CODE_REQUIRED");
    let early = join(&shop, 1, "LATER").await;
    assert!(early.header("retry-after").is_some() && early.refused(409, "CODE_NOT_YET")["opensAt"].is_string());
    join(&shop, 1, "PAST1").await.refused(409, "CODE_OVER");
    for unknown in ["OTHER", "NOW13", "x", "코드를 주세요", ""] {
        join(&shop, 1, unknown).await.refused(403, "CODE_UNKNOWN");
    }
    let buyer = member(&shop, 1, "NOW12").await;
    buyer.hold(1, 1).await;
    buyer.reserve(1, 2).await.refused(409, "SEAT_LIMIT_REACHED");
    let stopped = shop.admin.set_campaign("now", json!({"stopped": true})).await;
    assert_eq!((&stopped["uses"], &stopped["required"], &stopped["held"]), (&json!(2), &json!(true), &json!(1)));
    join(&shop, 2, "NOW12").await.refused(409, "CODE_OVER");
    Buyer::ask(&shop.client, 2).await.refused(403, "CODE_REQUIRED");
    shop.admin.set_campaign("now", json!({"required": false})).await;
    Buyer::ask(&shop.client, 2).await.data();
    onsale_testkit::eventually("the sale says so", async || sale().await[0]["codes"] == "OPTIONAL").await;
}

#[tokio::test]
async fn what_cannot_be_is_told_with_its_field_and_changes_nothing() {
    let shop = Shop::open(setup()).await;
    let change = async |body: Value| shop.admin.call(Call::patch("/v1/admin/campaigns/fans").json(&body)).await;
    for (body, field) in [
        (json!({"uses": 0}), "uses"),
        (json!({"uses": 10_000_001}), "uses"),
        (json!({"tier": 10}), "tier"),
        (json!({"seats": 0}), "seats"),
        (json!({"from": from_now(1_000), "until": from_now(0)}), "until"),
        (json!({"from": "noon"}), "from"),
        (json!({"stopped": null}), "stopped"),
        (json!({"limit": 1}), "limit"),
    ] {
        assert_eq!(change(body.clone()).await.refused(400, "BAD_REQUEST")["field"], field, "{body}");
    }
    change(json!({"queue": "none"})).await.refused(404, "QUEUE_NOT_FOUND");
    let named = shop.admin.call(Call::patch("/v1/admin/campaigns/Fan%20club").json(&json!({}))).await;
    let refused = named.refused(400, "BAD_REQUEST");
    assert_eq!(refused["field"], "name");
    assert!(refused["detail"].as_str().is_some_and(|detail| detail.contains("a-z")), "{refused}");
    assert_eq!(shop.admin.call(Call::get("/v1/admin/campaigns")).await.data(), json!([]));
    shop.admin.add_codes("fans", 1, &["ABCD"]).await.refused(404, "CAMPAIGN_NOT_FOUND");
    shop.admin.set_campaign("fans", json!({})).await;
    for (first, codes, code, field) in [
        (1, &["ABCD", "AB!"][..], "BAD_REQUEST", "codes[1]"),
        (1, &[], "BAD_REQUEST", "codes"),
        (0, &["ABCD"], "BAD_REQUEST", "first"),
        (4_194_305, &["ABCD"], "BAD_REQUEST", "first"),
        (2, &["ABCD"], "CODES_MISSING", "first"),
        (1, &["ABCD", "ab-cd"], "CODE_TWICE", "codes[1]"),
    ] {
        let reply = shop.admin.add_codes("fans", first, codes).await;
        let status = if code == "BAD_REQUEST" { 400 } else { 409 };
        assert_eq!(reply.refused(status, code)["field"], field, "{codes:?}");
    }
    shop.admin.add_codes("fans", 1, &["ABCD"]).await.data();
    shop.admin.open_queue("vip").await.data();
    change(json!({"queue": "vip"})).await.refused(409, "CAMPAIGN_IN_USE");
    for body in [json!({"userId": 1, "code": 7}), json!({"userId": 1, "code": ["ABCD"]})] {
        let reply = shop.client.call(Call::post("/v1/api/queue/token").json(&body)).await;
        assert_eq!(reply.refused(400, "BAD_REQUEST")["field"], "code");
    }
    assert_eq!((&fans(&shop).await["codes"], &fans(&shop).await["held"]), (&json!(1), &json!(0)));
}

/// Whoever guesses is not looked at for a while, be the next one right; others are, and so is who sends right ones alone.
#[tokio::test]
async fn who_tries_too_many_that_are_none_waits() {
    let limits =
        |setup: onsale_testkit::Setup| setup.set("rate.wrong_codes_per_minute", 1).set("rate.wrong_codes_burst", 3);
    let shop = Shop::open(limits(setup())).await;
    shop.admin.set_campaign("fans", json!({"uses": 100})).await;
    shop.admin.add_codes("fans", 1, &["K7QX-2M9D-RT4W"]).await.data();
    let via = async |client: &Client, user: u64, code: &str, via: &str| {
        client.call(Buyer::issue_with(user, code).header("x-forwarded-for", via)).await
    };
    for user in 1..=20 {
        via(&shop.client, user, "K7QX2M9DRT4W", "198.51.100.7").await.data();
    }
    for user in 101..=103 {
        via(&shop.client, user, "K7QX2M9DRT4X", "198.51.100.7").await.refused(403, "CODE_UNKNOWN");
    }
    for code in ["K7QX2M9DRT4Y", "K7QX2M9DRT4W"] {
        let early = via(&shop.client, 104, code, "198.51.100.7").await;
        let wait_s: u64 = early.header("retry-after").expect("when to come again").parse().expect("seconds");
        assert!((1..=60).contains(&wait_s), "{wait_s}");
        early.refused(429, "RATE_LIMITED");
    }
    // Whoever has a place has it still, and their own code takes none away from them.
    let again = via(&shop.client, 7, "K7QX2M9DRT4W", "198.51.100.7").await.data();
    assert_eq!(again["codeTaken"], true);
    via(&shop.client, 104, "K7QX2M9DRT4W", "198.51.100.8").await.data();
    Buyer::ask(&shop.client, 105).await.data();

    // Where tokens say who somebody is, others behind their address are others.
    let shop = Shop::open(limits(by_secret())).await;
    shop.admin.set_campaign("fans", json!({"uses": 100})).await;
    shop.admin.add_codes("fans", 1, &["K7QX-2M9D-RT4W"]).await.data();
    let with = async |sub: &str, code: &str| {
        let body = json!({"entryToken": Key::secret().sign(&claims(sub)), "code": code});
        shop.client.call(Call::post("/v1/api/queue/token").json(&body)).await
    };
    for _ in 0..3 {
        with("anna", "NONE").await.refused(403, "CODE_UNKNOWN");
    }
    with("anna", "K7QX2M9DRT4W").await.refused(429, "RATE_LIMITED");
    assert_eq!(with("bert", "K7QX2M9DRT4W").await.data()["codeTaken"], true);
    assert_eq!(with("17", "K7QX2M9DRT4W").await.data()["codeTaken"], true);
}

/// From a file, by the program itself, and again after it was broken off.
#[tokio::test]
async fn the_program_makes_codes_and_adds_them() {
    let shop = Shop::open(setup()).await;
    shop.admin.set_campaign("fans", json!({})).await;
    let made =
        std::process::Command::new(env!("CARGO_BIN_EXE_onsale")).args(["codes", "make", "20000"]).output().unwrap();
    let text = String::from_utf8(made.stdout).expect("text");
    let codes: Vec<&str> = text.lines().collect();
    assert_eq!(codes.len(), 20_000);
    assert!(codes.iter().all(|code| code.len() == 14 && code.split('-').all(|part| part.len() == 4)), "{}", codes[0]);
    let file = shop.server.data().join("codes.txt");
    std::fs::write(&file, format!("code\n{text}")).unwrap();
    let add = |more: &[&str]| {
        let server = format!("http://{}", shop.server.address());
        std::process::Command::new(env!("CARGO_BIN_EXE_onsale"))
            .args(["codes", "add", "fans", file.to_str().unwrap(), "--server", &server])
            .args(more)
            .env("ONSALE_ADMIN__KEY", onsale_testkit::ADMIN_KEY)
            .output()
            .unwrap()
    };
    // As if it had been broken off after some.
    shop.admin.add_codes("fans", 1, &codes[..5]).await.data();
    for added in [19_995, 0] {
        let output = add(&[]);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(said, format!("Added {added} of 20000 codes to fans.\n"), "{output:?}");
    }
    member(&shop, 1, codes[19_999]).await;
    // What is wrong with --first is told of it, and no code is said to be there that is not.
    for (first, status, said) in [("-1", 2, "--first <N>"), ("0", 2, "--first <N>"), ("30000", 1, "hint: --first is")] {
        let output = add(&["--first", first]);
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(status), "{words}");
        assert!(words.contains(said) && !words.contains("before them were"), "{words}");
    }
}
