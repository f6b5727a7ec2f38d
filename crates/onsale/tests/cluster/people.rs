//! Entry tokens and references over three nodes: one number, one use, one movement of money.

use std::collections::BTreeSet;
use std::time::{SystemTime, UNIX_EPOCH};

use jsonwebtoken::{EncodingKey, Header, encode};
use onsale_testkit::postgres::Database;
use onsale_testkit::{Buyer, Call, Port, Reply, eventually, storm};
use serde_json::{Value, json};
use tokio::task::JoinSet;

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

/// A node dies while a thousand try: whoever was told that they have a use has it, and no more have one than there are.
#[tokio::test]
async fn a_code_for_five_is_had_by_five_through_three_nodes_of_which_one_is_killed() {
    let database = Database::fresh();
    let mut nodes = Nodes::on(&database).await;
    eventually("the store is at the newest level", async || nodes.admin(0).state().await["level"].as_u64() >= Some(9))
        .await;
    nodes.admin(0).set_campaign("fans", json!({"uses": 5})).await;
    nodes.admin(1).add_codes("fans", 1, &["K7QX-2M9D-RT4W"]).await.data();
    let clients = nodes.clients();
    let mut race = JoinSet::new();
    for user in 1..=1_000_u64 {
        let client = clients[user as usize % 3].clone();
        race.spawn(async move { (user, client.send(&Buyer::issue_with(user, "K7QX2M9DRT4W")).await.ok()) });
    }
    let mut won = Vec::new();
    let mut answered = 0;
    while let Some(answer) = race.join_next().await {
        let (user, reply) = answer.expect("no racer panics");
        answered += 1;
        if answered == 20 {
            nodes.servers[1].kill();
        }
        match reply.as_ref().map(|reply| reply.status) {
            Some(200) => won.push(user),
            Some(409) => drop(reply.expect("it was answered").refused(409, "CODE_USED_UP")),
            // Its node was killed, or the answer was not to be had from the others at that moment.
            None | Some(503 | 504) => {}
            Some(other) => panic!("user {user} was answered {other}"),
        }
    }
    assert!(won.len() <= 5, "{won:?}");
    nodes.servers[1].start_again(Port::Same);
    for node in 0..3 {
        let campaigns = nodes.admin(node).call(Call::get("/v1/admin/campaigns")).await.data();
        assert_eq!((&campaigns[0]["held"], &campaigns[0]["spent"]), (&json!(5), &json!(0)), "at node {node}");
    }
    let clients = nodes.clients();
    for (seat, &user) in (1..).zip(&won) {
        let again = clients[user as usize % 3].call(Buyer::issue_with(user, "K7QX2M9DRT4W")).await;
        assert_eq!(again.data()["codeTaken"], true, "user {user} was told so");
        let buyer = Buyer::from_issue(&clients[(user as usize + 1) % 3], user, &again);
        buyer.charge(1_000).await.data();
        let held = buyer.hold(1, seat).await;
        buyer.pay(held).await.data();
    }
    let campaigns = nodes.admin(2).call(Call::get("/v1/admin/campaigns")).await.data();
    assert_eq!((&campaigns[0]["held"], &campaigns[0]["spent"]), (&json!(5 - won.len()), &json!(won.len())));
    nodes.assert_agreed().await;
}
