//! What an entry token says of a person beyond a number: a name, that it is good once, how many seats they may have.

use std::collections::BTreeSet;

use onsale_testkit::{Buyer, Call, Reply, Shop};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::entry::{Key, TOKEN, by_secret, claims, enter, now, user_of, with};

/// The first number that is given to somebody whose `sub` is none.
const GIVEN_OUT_FROM: u64 = 1 << 52;

fn named(name: &str) -> String {
    Key::secret().sign(&claims(name))
}

fn asking(token: &str, more: &[(&str, Value)]) -> Call {
    let mut body = json!({"entryToken": token});
    for (name, value) in more {
        body[*name] = value.clone();
    }
    Call::post(TOKEN).json(&body)
}

#[tokio::test]
async fn a_name_becomes_a_number_of_its_own_for_ever() {
    let mut shop = Shop::open(by_secret()).await;
    let longest = "x".repeat(255);
    let names = ["anna", "ANNA", "07", "+7", "google|110169484474386276334", "110169484474386276334", "김", &longest];
    let mut numbers = Vec::new();
    for name in names {
        numbers.push(user_of(&enter(&shop, &named(name)).await));
    }
    let expected: Vec<u64> = (GIVEN_OUT_FROM..).take(names.len()).collect();
    assert_eq!(numbers, expected, "in the order in which they came");
    // A number is what it says, up to where those that are given out begin.
    assert_eq!(user_of(&enter(&shop, &named("4503599627370495")).await), GIVEN_OUT_FROM - 1);
    for wrong in ["4503599627370496", "9007199254740991", "0", "", &"x".repeat(256)] {
        enter(&shop, &named(wrong)).await.refused(401, "ENTRY_TOKEN_INVALID");
    }
    // The number may be said, once it is known, and nobody else's.
    let anna = named("anna");
    assert_eq!(user_of(&shop.client.call(asking(&anna, &[("userId", json!(GIVEN_OUT_FROM))])).await), GIVEN_OUT_FROM);
    for other in [7, GIVEN_OUT_FROM + 1] {
        let call = asking(&anna, &[("userId", json!(other))]);
        shop.client.call(call).await.refused(403, "ENTRY_TOKEN_OTHER_USER");
    }
    shop.client.call(asking(&named("new"), &[("userId", json!(7))])).await.refused(403, "ENTRY_TOKEN_OTHER_USER");
    // From the tables, and one more from the journal alone.
    shop.admin.projected().await;
    let ben = user_of(&enter(&shop, &named("ben")).await);
    assert_eq!(ben, GIVEN_OUT_FROM + names.len() as u64, "who was refused got none");
    shop.crash();
    for (name, number) in names.iter().zip(numbers).chain([(&"ben", ben)]) {
        assert_eq!(user_of(&enter(&shop, &named(name)).await), number, "{name}");
    }
    assert!(shop.server.terminate().success());
    shop.server.assert_audit_clean();
}

#[tokio::test]
async fn however_many_clients_a_name_has_one_place() {
    const SUBJECTS: usize = 100;
    let shop = Shop::open(by_secret().set("queue.active_limit", 1)).await;
    let mut clients = JoinSet::new();
    for client in 0..SUBJECTS * 10 {
        let (to, call) = (shop.client.clone(), asking(&named(&format!("buyer-{}", client % SUBJECTS)), &[]));
        clients.spawn(async move { to.call(call).await });
    }
    let replies = clients.join_all().await;
    let places: BTreeSet<String> = replies.iter().map(|reply| reply.data()["queueToken"].to_string()).collect();
    let people: BTreeSet<u64> = replies.iter().map(user_of).collect();
    assert_eq!((places.len(), people.len()), (SUBJECTS, SUBJECTS));
}

#[tokio::test]
async fn a_token_with_an_id_is_good_once() {
    let mut shop = Shop::open(by_secret()).await;
    let token = Key::secret().sign(&with("jti", json!("visit-1")));
    // What is refused uses it up no more than what never came.
    shop.client.call(asking(&token, &[("queue", json!("none"))])).await.refused(404, "QUEUE_NOT_FOUND");
    shop.client.call(asking(&token, &[("userId", json!(8))])).await.refused(403, "ENTRY_TOKEN_OTHER_USER");
    shop.admin.set_queue("default", json!({"mode": "CLOSED"})).await;
    enter(&shop, &token).await.refused(409, "QUEUE_CLOSED");
    shop.admin.set_queue("default", json!({"mode": "OPEN"})).await;
    let mut clients = JoinSet::new();
    for _ in 0..200 {
        let (to, call) = (shop.client.clone(), asking(&token, &[]));
        clients.spawn(async move { to.call(call).await });
    }
    let replies = clients.join_all().await;
    let (good, others): (Vec<&Reply>, Vec<&Reply>) = replies.iter().partition(|reply| reply.status == 200);
    assert_eq!(good.len(), 1);
    for other in others {
        other.refused(401, "ENTRY_TOKEN_REPLAYED");
    }
    // Another person's of the same id is the same token: ids are the signer's.
    let mut other = claims("8");
    other["jti"] = json!("visit-1");
    enter(&shop, &Key::secret().sign(&other)).await.refused(401, "ENTRY_TOKEN_REPLAYED");
    // A crash forgets nothing, of the tables or of the journal alone.
    shop.admin.projected().await;
    let second = Key::secret().sign(&with("jti", json!("visit-2")));
    assert_eq!(enter(&shop, &second).await.data()["queueToken"], good[0].data()["queueToken"], "the same person");
    shop.crash();
    enter(&shop, &token).await.refused(401, "ENTRY_TOKEN_REPLAYED");
    let korean = asking(&second, &[]).header("accept-language", "ko");
    let reply = shop.client.call(korean).await;
    reply.refused(401, "ENTRY_TOKEN_REPLAYED");
    assert!(reply.problem()["message"].as_str().is_some_and(|message| message.contains("이미 사용한")), "{reply}");
    let metrics = shop.admin.call(Call::get("/metrics")).await.body;
    assert!(String::from_utf8_lossy(&metrics).contains("onsale_entry_tokens_used 2"));
}

#[tokio::test]
async fn whoever_lost_the_answer_gets_it_again_and_nobody_else() {
    let shop = Shop::open(by_secret()).await;
    let token = Key::secret().sign(&with("jti", json!("visit-1")));
    let sent = |key: &str| shop.client.call(asking(&token, &[]).key(key));
    let first = sent("mine").await;
    let again = sent("mine").await;
    assert_eq!(again.data()["queueToken"], first.data()["queueToken"]);
    sent("another's").await.refused(401, "ENTRY_TOKEN_REPLAYED");
    enter(&shop, &token).await.refused(401, "ENTRY_TOKEN_REPLAYED");
    // The place is over, and with it what the token was for.
    Buyer::from_issue(&shop.client, 7, &first).leave().await.data();
    sent("mine").await.refused(401, "ENTRY_TOKEN_REPLAYED");
}

#[tokio::test]
async fn a_token_that_expires_is_forgotten_and_opens_nothing() {
    let shop = Shop::open(by_secret().set("entry.leeway", "0s")).await;
    let mut short = with("jti", json!("short"));
    short["exp"] = json!(now() + 5);
    let token = Key::secret().sign(&short);
    enter(&shop, &token).await.data();
    onsale_testkit::eventually("it has expired, and is forgotten", async || {
        // Any entry of the journal has the engine look at what is over.
        Buyer::from_issue(&shop.client, 9, &enter(&shop, &named("9")).await).charge(1).await.data();
        let metrics = shop.admin.call(Call::get("/metrics")).await.body;
        String::from_utf8_lossy(&metrics).contains("onsale_entry_tokens_used 0")
    })
    .await;
    enter(&shop, &token).await.refused(401, "ENTRY_TOKEN_EXPIRED");
}

#[tokio::test]
async fn a_token_may_allow_a_person_fewer_seats() {
    let mut shop = Shop::open(by_secret().set("limit.seats_per_user", 3)).await;
    let entering = async |shop: &Shop, limit: Value| {
        let token = Key::secret().sign(&with("limit", limit));
        Buyer::from_issue(&shop.client, 7, &enter(shop, &token).await)
    };
    let buyer = entering(&shop, json!(1)).await;
    buyer.hold(1, 1).await;
    buyer.reserve(1, 2).await.refused(409, "SEAT_LIMIT_REACHED");
    // A token that says nothing of it changes nothing, and a crash neither.
    enter(&shop, &named("7")).await.data();
    shop.crash();
    let buyer = buyer.through(&shop.client);
    buyer.reserve(1, 2).await.refused(409, "SEAT_LIMIT_REACHED");
    let buyer = entering(&shop, json!(2)).await;
    buyer.hold(1, 2).await;
    buyer.reserve(1, 3).await.refused(409, "SEAT_LIMIT_REACHED");
    // More than everybody may have nobody gets.
    let buyer = entering(&shop, json!(100)).await;
    buyer.hold(1, 3).await;
    buyer.reserve(1, 4).await.refused(409, "SEAT_LIMIT_REACHED");
    // Another person has what everybody has.
    let other = Buyer::from_issue(&shop.client, 8, &enter(&shop, &named("8")).await);
    for seat in 11..14 {
        other.hold(1, seat).await;
    }
    for (name, value) in [
        ("limit", json!(0)),
        ("limit", json!(-1)),
        ("limit", json!(1.5)),
        ("limit", json!("2")),
        ("jti", json!("")),
        ("jti", json!(7)),
    ] {
        let reply = enter(&shop, &Key::secret().sign(&with(name, value.clone()))).await;
        assert_eq!(reply.code().as_deref(), Some("ENTRY_TOKEN_INVALID"), "{name}={value}: {reply}");
    }
    let mut long = with("jti", json!("long"));
    long["exp"] = json!(now() + 100_000);
    enter(&shop, &Key::secret().sign(&long)).await.refused(401, "ENTRY_TOKEN_INVALID");
}

/// Nodes of before could not read it.
#[tokio::test]
async fn below_its_level_a_token_that_says_more_than_a_number_waits() {
    let shop = Shop::open(by_secret().set("store.level_max", 3)).await;
    assert_eq!(user_of(&enter(&shop, &named("7")).await), 7);
    for token in
        [named("anna"), Key::secret().sign(&with("jti", json!("a"))), Key::secret().sign(&with("limit", json!(2)))]
    {
        enter(&shop, &token).await.refused(503, "UNAVAILABLE");
    }
    let body = json!({"amount": 1, "reference": "p"});
    let credit = Call::post("/v1/admin/users/7/credit").json(&body);
    shop.admin.call(credit).await.refused(409, "LEVEL_TOO_LOW");
}
