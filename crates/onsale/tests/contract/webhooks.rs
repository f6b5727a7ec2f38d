//! What happened, sent to whom operators have named.

use onsale_testkit::{Buyer, Call, Receiver, Reply, Setup, Shop, Tongue, assert_utc_instant, eventually};
use serde_json::{Value, json};

use crate::setup;

const PATH: &str = "/v1/admin/webhooks";

/// One that may send to this machine.
fn near() -> Setup {
    setup().set("webhooks.private", "allow")
}

async fn add(shop: &Shop, new: Value) -> Reply {
    shop.admin.call(Call::post(PATH).json(&new)).await
}

async fn show(shop: &Shop, id: u64) -> Value {
    shop.admin.call(Call::get(format!("{PATH}/{id}"))).await.data()
}

async fn change(shop: &Shop, id: u64, change: Value) -> Reply {
    shop.admin.call(Call::patch(format!("{PATH}/{id}")).json(&change)).await
}

/// Number and key of a new one.
async fn made(shop: &Shop, new: Value) -> (u64, String) {
    let made = add(shop, new).await.data();
    (made["id"].as_u64().expect("a number"), made["key"].as_str().expect("a key").to_owned())
}

fn ids(events: &[Value]) -> Vec<String> {
    events.iter().map(|event| event["id"].as_str().expect("an id").to_owned()).collect()
}

/// All that the feed has for whoever is sent all.
async fn told(shop: &Shop) -> Vec<String> {
    shop.admin.projected().await;
    ids(&shop.admin.events().await)
}

/// Those that were answered with 2xx, each once.
fn delivered(receiver: &mut Receiver) -> Vec<String> {
    let mut seen = Vec::new();
    for message in receiver.messages(&[]) {
        let id = message["id"].as_str().expect("an id").to_owned();
        if message["status"] == 204 && !seen.contains(&id) {
            seen.push(id);
        }
    }
    seen
}

async fn buys(shop: &Shop, user: u64, seat: u64) -> Buyer {
    let buyer = shop.insider_with(user, 50_000).await;
    let held = buyer.hold(1, seat).await;
    buyer.pay(held).await.data();
    buyer
}

#[tokio::test]
async fn each_event_is_sent_and_verified_by_the_official_libraries() {
    let shop = Shop::open(near()).await;
    let (mut python, mut node) = (Receiver::start(Tongue::Python), Receiver::start(Tongue::Node));
    let (first, hmac) = made(&shop, json!({"url": python.url(), "from": "OLDEST"})).await;
    let new = json!({"url": node.url(), "from": "OLDEST", "order": "PARALLEL", "signature": "ED25519"});
    let (second, public) = made(&shop, new).await;
    assert!(hmac.starts_with("whsec_") && public.starts_with("whpk_"), "{hmac} {public}");
    buys(&shop, 7, 1).await;
    let all = told(&shop).await;
    eventually("both have all", async || delivered(&mut python) == all && delivered(&mut node).len() == all.len())
        .await;
    let feed = shop.admin.events().await;
    let sent = python.messages(&[&hmac, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]);
    let events: Vec<Value> = sent.iter().map(|message| message["event"].clone()).collect();
    assert_eq!(events, feed, "in order, each once, as the feed has it");
    for message in &sent {
        assert_eq!((&message["id"], &message["signatures"]), (&message["event"]["id"], &json!(1)));
        assert_eq!(message["verified"], json!([true, false]), "{message}");
        assert_eq!(message["contentType"], "application/cloudevents+json; charset=utf-8");
    }
    assert!(node.messages(&[&public]).iter().all(|message| message["verified"] == json!([true])));
    eventually("it has no lag", async || show(&shop, second).await["lagSeconds"] == 0).await;
    let shown = show(&shop, second).await;
    assert_eq!((&shown["keys"][0]["publicKey"], &shown["key"]), (&json!(public), &Value::Null));
    assert!(!shown.to_string().contains("whsec_"));

    // While a key follows another, both verify; and of one that had to go at once, nothing does.
    let rotated = shop.admin.call(Call::post(format!("{PATH}/{first}/rotate")).json(&json!({}))).await.data();
    let next = rotated["key"].as_str().expect("a key").to_owned();
    assert_eq!(rotated["keys"].as_array().map(Vec::len), Some(2));
    assert_utc_instant(&rotated["keys"][1]["until"]);
    let buyer = shop.insider(8).await;
    // Until the node that sends has seen it.
    let mut signed = async |keys: &[&str], signatures: usize, verified: Value| {
        eventually("it is signed so", async || {
            buyer.charge(1).await.data();
            let last = python.messages(keys).pop().expect("a message");
            (last["signatures"] == signatures, &last["verified"]) == (true, &verified)
        })
        .await;
    };
    signed(&[&hmac, &next], 2, json!([true, true])).await;
    let now = json!({"keepFor": "0s"});
    let rotated = shop.admin.call(Call::post(format!("{PATH}/{first}/rotate")).json(&now)).await.data();
    let last = rotated["key"].as_str().expect("a key").to_owned();
    assert_eq!(rotated["keys"].as_array().map(Vec::len), Some(1));
    signed(&[&hmac, &next, &last], 1, json!([false, false, true])).await;
}

/// Down, slow, too busy, elsewhere, and back; and the server is killed in between.
#[tokio::test]
async fn whatever_a_receiver_does_it_has_each_event_at_least_once_and_in_order() {
    let mut shop = Shop::open(near()).await;
    let mut receiver = Receiver::start(Tongue::Python);
    let (id, key) = made(&shop, json!({"url": receiver.url(), "from": "OLDEST"})).await;
    let answers = [
        json!({"status": 500}),
        json!({"status": 0}),
        json!({"status": 429, "retryAfter": "1"}),
        json!({"status": 307}),
        json!({"status": 204, "slow": 0.2}),
    ];
    for (answer, user) in answers.into_iter().zip(10..) {
        receiver.answer(&answer);
        let before = receiver.messages(&[]).len();
        buys(&shop, user, user - 9).await;
        eventually("it was tried", async || receiver.messages(&[]).len() > before).await;
        if answer["status"] == 0 {
            eventually("no answer is noted", async || {
                let shown = show(&shop, id).await;
                shown["attempts"].as_array().into_iter().flatten().any(|attempt| attempt["error"].is_string())
            })
            .await;
        }
        shop.crash();
    }
    let failed = show(&shop, id).await;
    assert_eq!(failed["state"], "ON", "{failed}");
    receiver.answer(&json!({"status": 204}));
    let all = told(&shop).await;
    eventually("it has all", async || delivered(&mut receiver).len() == all.len()).await;
    // What was sent again came where it stood: the first of each is in order, and so is what follows each first.
    assert_eq!(delivered(&mut receiver), all);
    let messages = receiver.messages(&[&key]);
    assert!(messages.iter().all(|message| message["verified"] == json!([true])));
    assert!(!messages.iter().any(|message| message["event"]["id"] != message["id"]), "nobody was followed elsewhere");
    eventually("that is kept", async || {
        let shown = show(&shop, id).await;
        shown["pending"] == 0 && shown["failures"] == 0 && shown["lagSeconds"] == 0
    })
    .await;
    let shown = show(&shop, id).await;
    let statuses: Vec<&Value> =
        shown["attempts"].as_array().expect("attempts").iter().map(|attempt| &attempt["status"]).collect();
    assert!(statuses.contains(&&json!(204)), "{statuses:?}");
}

#[tokio::test]
async fn it_ends_with_410_pauses_when_tried_for_long_and_goes_on_from_where_it_is_told() {
    let mut shop = Shop::open(near().set("webhooks.retry_for", "2s")).await;
    let mut receiver = Receiver::start(Tongue::Python);
    receiver.answer(&json!({"status": 410}));
    shop.admin.projected().await;
    let (id, _) = made(&shop, json!({"url": receiver.url(), "types": ["onsale.transfer.*"]})).await;
    let buyer = shop.insider_with(7, 1_000).await;
    eventually("it is gone", async || show(&shop, id).await["state"] == "GONE").await;
    assert_eq!(show(&shop, id).await["why"], Value::Null);
    buyer.charge(2_000).await.data();

    receiver.answer(&json!({"status": 503}));
    change(&shop, id, json!({"state": "ON"})).await.data();
    eventually("it is paused", async || show(&shop, id).await["why"] == "RETRIES_EXHAUSTED").await;
    let shown = show(&shop, id).await;
    assert_eq!(
        (&shown["state"], &shown["pending"], &shown["nextAttemptAt"]),
        (&json!("PAUSED"), &json!(1), &Value::Null)
    );
    assert!(shown["lagSeconds"].as_u64() >= Some(1), "{shown}");
    receiver.answer(&json!({"status": 204}));
    // Not before somebody says so, also after a crash.
    shop.crash();
    let buyer = buyer.through(&shop.client);
    let before = receiver.messages(&[]).len();
    shop.admin.projected().await;
    assert_eq!((show(&shop, id).await["state"].clone(), receiver.messages(&[]).len()), (json!("PAUSED"), before));

    change(&shop, id, json!({"state": "ON"})).await.data();
    let amounts = |receiver: &mut Receiver| -> Vec<Value> {
        let messages = receiver.messages(&[]);
        let good = messages.iter().filter(|message| message["status"] == 204);
        good.map(|message| message["event"]["data"]["amount"].clone()).collect()
    };
    eventually("it has what it missed", async || amounts(&mut receiver) == [1_000, 2_000]).await;
    // From an event on, once more; from the oldest; and from now.
    let first = receiver.messages(&[])[0]["id"].as_str().expect("an id").to_owned();
    change(&shop, id, json!({"from": first})).await.data();
    eventually("it has the rest again", async || amounts(&mut receiver) == [1_000, 2_000, 2_000]).await;
    change(&shop, id, json!({"from": "OLDEST"})).await.data();
    // The beginning of the feed is in every answer's types.
    eventually("it has all again", async || amounts(&mut receiver)[3..] == [Value::Null, json!(1_000), json!(2_000)])
        .await;
    change(&shop, id, json!({"state": "PAUSED"})).await.data();
    buyer.charge(3_000).await.data();
    shop.admin.projected().await;
    change(&shop, id, json!({"state": "ON", "from": "NOW", "types": ["onsale.transfer.made"]})).await.data();
    buyer.charge(4_000).await.data();
    eventually("it has what came then", async || amounts(&mut receiver).last() == Some(&json!(4_000))).await;
    assert!(!amounts(&mut receiver).contains(&json!(3_000)));

    let levers = shop.admin.call(Call::get("/v1/admin/levers")).await.data();
    let moved: Vec<(&str, &str)> = levers
        .as_array()
        .expect("a list")
        .iter()
        .filter(|lever| lever["action"] == "CHANGE_WEBHOOK")
        .map(|lever| (lever["before"].as_str().expect("a text"), lever["after"].as_str().expect("a text")))
        .collect();
    let host = receiver.url().replace("/events", "");
    let begun = format!("state ON, order ORDERED, url {host}, types onsale.transfer.*");
    assert_eq!(moved.last(), Some(&("", begun.as_str())));
    assert_eq!(moved[0], ("state PAUSED, types onsale.transfer.*", "state ON, types onsale.transfer.made, from NOW"));
    assert!(moved.contains(&("state GONE", "state ON")), "{moved:?}");
    shop.admin.call(Call::delete(format!("{PATH}/{id}"))).await.data();
    shop.admin.call(Call::get(format!("{PATH}/{id}"))).await.refused(404, "WEBHOOK_NOT_FOUND");
    let again = made(&shop, json!({"url": receiver.url()})).await.0;
    assert!(again > id, "a number is never given twice");
}

async fn send(shop: &Shop, id: u64, event: &str) -> Reply {
    shop.admin.call(Call::post(format!("{PATH}/{id}/send")).json(&json!({"event": event}))).await
}

/// What came of the attempts that operators wanted, the oldest first.
async fn again(shop: &Shop, id: u64) -> Vec<Value> {
    let shown = show(shop, id).await;
    let attempts = shown["attempts"].as_array().expect("a list").iter().rev();
    attempts.filter(|attempt| attempt["again"] == true).map(|attempt| attempt["status"].clone()).collect()
}

#[tokio::test]
async fn one_event_is_sent_once_more_out_of_its_turn_and_nothing_else_changes() {
    let shop = Shop::open(near()).await;
    let mut receiver = Receiver::start(Tongue::Python);
    shop.admin.projected().await;
    let (id, key) = made(&shop, json!({"url": receiver.url(), "types": ["onsale.transfer.*"]})).await;
    let buyer = shop.insider_with(7, 1_000).await;
    buyer.charge(2_000).await.data();
    eventually("both are kept as delivered", async || {
        let shown = show(&shop, id).await;
        shown["attempts"].as_array().map(Vec::len) == Some(2) && shown["pending"] == 0
    })
    .await;
    let came = ids(&receiver.messages(&[]).iter().map(|message| message["event"].clone()).collect::<Vec<_>>());
    let sent = send(&shop, id, &came[0]).await.data();
    assert_eq!(sent["again"], json!([came[0]]));
    eventually("it came once more", async || again(&shop, id).await == [204]).await;
    assert_eq!(show(&shop, id).await["again"], json!([]));
    let messages = receiver.messages(&[&key]);
    assert!(messages.iter().all(|message| message["verified"] == json!([true])));
    assert_eq!(messages[2..].iter().map(|message| &message["event"]).collect::<Vec<_>>(), [&messages[0]["event"]]);

    // Also while it is paused, and tried once alone; what is due in its turn stays so.
    change(&shop, id, json!({"state": "PAUSED"})).await.data();
    buyer.charge(3_000).await.data();
    let third = told(&shop).await.pop().expect("the last charge");
    receiver.answer(&json!({"status": 503}));
    send(&shop, id, &came[1]).await.data();
    eventually("it was tried", async || again(&shop, id).await == [204, 503]).await;
    receiver.answer(&json!({"status": 204}));
    send(&shop, id, &came[0]).await.data();
    eventually("the next was tried", async || again(&shop, id).await == [204, 503, 204]).await;
    assert_eq!(receiver.messages(&[]).len(), 5, "what failed was not tried again");
    let shown = show(&shop, id).await;
    assert_eq!((&shown["state"], &shown["failures"], &shown["pending"]), (&json!("PAUSED"), &json!(0), &json!(0)));

    let feed = shop.admin.events().await;
    let other = feed.iter().find(|event| event["type"] == "onsale.lever.moved").expect("a lever")["id"].clone();
    for (event, why) in [(third.as_str(), "turn"), (other.as_str().expect("an id"), "types")] {
        let refused = send(&shop, id, event).await.refused(409, "EVENT_NOT_SENT");
        assert!(refused["detail"].as_str().is_some_and(|detail| detail.contains(why)), "{refused}");
    }
    for wrong in ["", "OLDEST", "12"] {
        assert_eq!(send(&shop, id, wrong).await.refused(400, "BAD_REQUEST")["field"], "event", "{wrong}");
    }
    let (entry, proof) = (came[0].split('-').next().expect("an entry"), &came[0][came[0].len() - 8..]);
    for never in [format!("{entry}-99-{proof}"), format!("{entry}-0-00000000")] {
        send(&shop, id, &never).await.refused(409, "FEED_OTHER_HISTORY");
    }
    send(&shop, id + 1, &came[0]).await.refused(404, "WEBHOOK_NOT_FOUND");

    change(&shop, id, json!({"state": "ON"})).await.data();
    eventually("the third came in its turn", async || delivered(&mut receiver).last() == Some(&third)).await;
    let levers = shop.admin.call(Call::get("/v1/admin/levers")).await.data();
    let on_record = |lever: &&Value| lever["after"].as_str().is_some_and(|after| after.ends_with(" again"));
    let moved: Vec<_> = levers.as_array().expect("a list").iter().filter(on_record).collect();
    assert_eq!(moved.len(), 3, "{moved:?}");
    assert_eq!(moved[0]["after"], format!("event {} again", came[0]));

    // So many wait at most, whatever the receiver does.
    receiver.answer(&json!({"status": 410, "slow": 10}));
    for _ in 0..8 {
        send(&shop, id, &came[1]).await.data();
    }
    let full = send(&shop, id, &came[1]).await;
    assert!(full.header("retry-after").is_some(), "{full}");
    full.refused(429, "TOO_MANY_REQUESTS");
    eventually("it wants no more", async || show(&shop, id).await["state"] == "GONE").await;
    send(&shop, id, &came[0]).await.refused(409, "EVENT_NOT_SENT");
    eventually("nor those that wait", async || show(&shop, id).await["again"] == json!([])).await;
}

#[tokio::test]
async fn nothing_is_sent_into_a_private_network_and_what_is_wrong_is_named() {
    let shop = Shop::open(setup()).await;
    let hosts = [
        "http://shop.example/",
        "https://127.0.0.1/",
        "https://localhost:8443/a",
        "https://[fd00::1]/",
        "https://a:b@shop.example/",
    ];
    for url in hosts {
        assert_eq!(add(&shop, json!({"url": url})).await.refused(400, "BAD_REQUEST")["field"], "url", "{url}");
    }
    let url = "https://shop.example/events";
    for (wrong, field) in [
        (json!({}), "url"),
        (json!({"url": 7}), "url"),
        (json!({"url": url, "types": []}), "types"),
        (json!({"url": url, "types": ["onsale.hold.made", "onsale.hold.sold"]}), "types[1]"),
        (json!({"url": url, "types": null}), "types"),
        (json!({"url": url, "order": "SORTED"}), "order"),
        (json!({"url": url, "order": null}), "order"),
        (json!({"url": url, "signature": null}), "signature"),
        (json!({"url": url, "signature": 7}), "signature"),
        (json!({"url": url, "signature": "RSA"}), "signature"),
        (json!({"url": url, "from": "YESTERDAY"}), "from"),
        (json!({"url": url, "secret": "whsec_"}), "secret"),
    ] {
        assert_eq!(add(&shop, wrong.clone()).await.refused(400, "BAD_REQUEST")["field"], field, "{wrong}");
    }
    add(&shop, json!({"url": url, "from": "1-0-00000000"})).await.refused(409, "FEED_OTHER_HISTORY");
    change(&shop, 1, json!({"state": "ON"})).await.refused(404, "WEBHOOK_NOT_FOUND");
    assert_eq!(shop.admin.call(Call::get(PATH)).await.data(), json!([]), "nothing was made");

    // Only its resolver knows what such a name is.
    let (id, _) = made(&shop, json!({"url": "https://2130706433/events", "from": "OLDEST"})).await;
    eventually("it was tried", async || show(&shop, id).await["failures"].as_u64() > Some(0)).await;
    let attempt = show(&shop, id).await["attempts"][0].clone();
    assert_eq!(attempt["status"], Value::Null, "{attempt}");
    assert!(attempt["error"].as_str().is_some_and(|error| error.contains("private network")), "{attempt}");
    assert_eq!(change(&shop, id, json!({"state": "GONE"})).await.refused(400, "BAD_REQUEST")["field"], "state");
    assert_eq!(
        change(&shop, id, json!({"url": "https://10.0.0.1/"})).await.refused(400, "BAD_REQUEST")["field"],
        "url"
    );
    let month = json!({"keepFor": "745h"});
    let refused = shop.admin.call(Call::post(format!("{PATH}/{id}/rotate")).json(&month)).await;
    assert_eq!(refused.refused(400, "BAD_REQUEST")["field"], "keepFor");
    for _ in 1..16 {
        add(&shop, json!({"url": url})).await.data();
    }
    let full = add(&shop, json!({"url": url})).await;
    assert!(full.header("retry-after").is_none(), "no wait makes room: {full}");
    assert!(full.refused(409, "LIMIT_REACHED")["detail"].as_str().is_some_and(|detail| detail.contains("16")));
    let state = change(&shop, id, json!({"state": null})).await.refused(400, "BAD_REQUEST");
    assert_eq!(state["field"], "state");

    let older = Shop::open(setup().set("store.level_max", 8)).await;
    add(&older, json!({"url": url})).await.refused(409, "LEVEL_TOO_LOW");
    send(&older, 1, "1-0-00000000").await.refused(409, "LEVEL_TOO_LOW");
}
