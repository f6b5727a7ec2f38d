//! Entry tokens and references over three nodes: one number, one use, one movement of money.

use std::collections::BTreeSet;
use std::time::{SystemTime, UNIX_EPOCH};

use jsonwebtoken::{EncodingKey, Header, encode};
use onsale_testkit::postgres::Database;
use onsale_testkit::{Call, Reply, eventually, storm};
use serde_json::{Value, json};

use crate::nodes::Nodes;

const SECRET: &str = "a-shop-s-secret-for-tests-0123456789abcdef";

fn entry(subject: &str, id: Option<&str>) -> Call {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let mut claims =
        json!({"iss": "https://shop.example", "aud": "tickets", "sub": subject, "exp": now + 3_600, "nbf": now - 60});
    if let Some(id) = id {
        claims["jti"] = json!(id);
    }
    let token = encode(&Header::default(), &claims, &EncodingKey::from_secret(SECRET.as_bytes())).unwrap();
    Call::post("/v1/api/queue/token").json(&json!({"entryToken": token}))
}

async fn everywhere(nodes: &Nodes, call: impl Fn(usize) -> Call) -> Vec<Reply> {
    let clients = nodes.clients();
    let calls = |node: usize| (0..334).map(|n| call(3 * n + node)).collect::<Vec<_>>();
    let (a, b, c) =
        tokio::join!(storm(&clients[0], calls(0)), storm(&clients[1], calls(1)), storm(&clients[2], calls(2)));
    [a, b, c].concat()
}

#[tokio::test]
async fn a_name_has_one_place_an_id_is_good_once_and_a_reference_moves_money_once() {
    let database = Database::fresh();
    let nodes = Nodes::open(&[database.url().to_owned()], |setup| {
        let setup = setup.set("access.users", "signed").set("entry.secret", SECRET).set("queue.active_limit", 1);
        setup.set("entry.issuer", "https://shop.example").set("entry.audience", "tickets")
    })
    .await;
    eventually("the store is at the newest level", async || nodes.admin(0).state().await["level"].as_u64() >= Some(4))
        .await;

    let replies = everywhere(&nodes, |n| entry(&format!("buyer-{}", n % 100), None)).await;
    let places: BTreeSet<String> = replies.iter().map(|reply| reply.data()["queueToken"].to_string()).collect();
    assert_eq!(places.len(), 100);

    let replies = everywhere(&nodes, |_| entry("buyer-0", Some("visit-1"))).await;
    let good: Vec<&Reply> = replies.iter().filter(|reply| reply.status == 200).collect();
    assert_eq!(good.len(), 1);
    assert!(places.contains(&good[0].data()["queueToken"].to_string()), "a person has one place");
    let replayed = replies.iter().filter(|reply| reply.code().as_deref() == Some("ENTRY_TOKEN_REPLAYED")).count();
    assert_eq!(replayed, replies.len() - 1);

    let admins = [0, 1, 2].map(|node| nodes.admin(node));
    let body = json!({"amount": 500, "reference": "payment-1"});
    let credit = async |node: usize| -> Vec<Value> {
        let mut told = Vec::new();
        for _ in 0..20 {
            told.push(admins[node].call(Call::post("/v1/admin/users/7/credit").json(&body)).await.data());
        }
        told
    };
    let (a, b, c) = tokio::join!(credit(0), credit(1), credit(2));
    let told = [a, b, c].concat();
    assert!(told.iter().all(|told| told["balance"] == 500), "{told:?}");
    assert_eq!(told.iter().filter(|told| told["replayed"] == false).count(), 1);
    nodes.assert_agreed().await;
}
