//! A node that has lost one of its ways to the database, and has the others: no half of it pretends to be the whole.

use std::net::SocketAddr;

use onsale_testkit::postgres::Postgres;
use onsale_testkit::{Buyer, Call, Client, Proxy, Way, eventually};

use crate::nodes::Nodes;

async fn is_ready(client: &Client) -> bool {
    client.call(Call::get("/readyz")).await.status == 200
}

/// What a node says of a balance, where it does not say that it may be old.
async fn balance_now(buyer: &Buyer) -> Option<u64> {
    let reply = buyer.call(Call::get("/v1/api/user/amount")).await;
    (reply.status == 200 && reply.header("onsale-staleness").is_none())
        .then(|| reply.data()["amount"].as_u64())
        .flatten()
}

async fn seq(nodes: &Nodes, node: usize) -> u64 {
    nodes.admin(node).state().await["seq"].as_u64().expect("a number")
}

#[tokio::test]
async fn a_node_that_has_lost_one_of_its_sessions_does_no_half_work() {
    let postgres = Postgres::start();
    let database = postgres.database();
    let proxy = Proxy::start(SocketAddr::from(([127, 0, 0, 1], postgres.port())));
    let direct = database.url().to_owned();
    let through = direct.replace(&format!(":{}", postgres.port()), &format!(":{}", proxy.address().port()));
    let nodes = Nodes::open(&[direct, through], |setup| setup.set("hold.ttl", "1s")).await;
    let clients = nodes.clients();
    let (well, hurt) = (&clients[0], &clients[1]);
    let buyer = Buyer::admitted(well, 1).await;
    let there = buyer.through(hurt);
    let mut charged = 0;
    let is_back = async || eventually("the node comes back by itself", async || is_ready(hurt).await).await;

    // It appends, and does not hear what others append. A hold that ends meanwhile is not its to end, again and again.
    buyer.hold(1, 1).await;
    // A list is as new as the request: it knows of the hold.
    there.balance().await;
    proxy.stall_sessions("onsale tail", Way::ToClient);
    charged += 1;
    buyer.charge(1).await.data();
    let waiting = tokio::spawn({
        let there = buyer.through(hurt);
        async move { there.charge(1_000).await }
    });
    eventually("it finds out", async || {
        let told = balance_now(&there).await;
        assert!(told.is_none_or(|told| told >= charged), "an old balance for a new one: {told:?}");
        !is_ready(hurt).await
    })
    .await;
    // What it appended before it found out is in, or it is not: nobody is left waiting for it.
    let late = waiting.await.expect("it is answered");
    assert!(matches!(late.status, 503 | 504), "{late}");
    let mut unknown = 0;
    eventually("it takes nothing that it could not answer", async || {
        let status = there.charge(1).await.status;
        unknown += u64::from(status == 504);
        status == 503
    })
    .await;
    let before = seq(&nodes, 0).await;
    charged += 10;
    for _ in 0..10 {
        buyer.charge(1).await.data();
    }
    let more = seq(&nodes, 0).await - before;
    assert!(more < 100, "{more} entries for ten charges: somebody appends for nothing");
    proxy.heal();
    is_back().await;
    let known = there.balance().await;
    assert!(
        (charged..=charged + unknown).contains(&(known % 1_000)) && known < 2_000,
        "{known}, of {charged} and {unknown}"
    );
    charged = known;

    // It hears, and cannot append.
    proxy.stall_sessions("onsale journal", Way::ToServer);
    eventually("it finds out before anybody asks it to", async || !is_ready(hurt).await).await;
    there.charge(1).await.refused(503, "UNAVAILABLE");
    charged += 1;
    buyer.charge(1).await.data();
    assert_eq!(balance_now(&there).await, Some(charged), "reading goes on as it was");
    proxy.heal();
    is_back().await;

    // Neither its tables nor what it tells the others is what sales need.
    for name in ["onsale tables", "onsale nodes", "onsale keys"] {
        proxy.stall_sessions(name, Way::ToClient);
        for buyer in [&buyer, &there] {
            buyer.charge(1).await.data();
            charged += 1;
            assert_eq!(buyer.balance().await, charged);
        }
        assert!(is_ready(hurt).await);
        eventually("the tables are brought up to date", async || {
            database.run("select (select seq from mark) = (select max(seq) from journal_entry)").trim() == "t"
        })
        .await;
        proxy.heal();
    }
    nodes.assert_agreed().await;
}
