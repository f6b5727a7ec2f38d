//! Who is inside and does something, through any node, stays; what a node had heard when it was killed is not lost.

use std::time::Duration;

use onsale_testkit::postgres::Database;
use onsale_testkit::{Buyer, Client, eventually};

use crate::nodes::Nodes;

/// Long, as three nodes on a busy machine take seconds for what is nothing elsewhere.
const IDLE: Duration = Duration::from_secs(16);

async fn open(database: &Database) -> Nodes {
    let settings = |setup: onsale_testkit::Setup| setup.set("queue.active_limit", 2).set("queue.session_idle", "16s");
    Nodes::open(&[database.url().to_owned()], settings).await
}

/// Times of one format are in the order of their texts.
async fn idle_at(buyer: &Buyer, node: &Client) -> Option<String> {
    buyer.through(node).check().await["sessionIdleAt"].as_str().map(str::to_owned)
}

#[tokio::test]
async fn what_is_done_through_any_node_counts_on_all() {
    let database = Database::fresh();
    let nodes = open(&database).await;
    let clients = nodes.clients();
    let reads = Buyer::join(&clients[0], 1).await;
    let idles = Buyer::join(&clients[1], 2).await;
    let waits = Buyer::join(&clients[2], 3).await;
    let mut round = 0;
    eventually("who only polls makes room", async || {
        round += 1;
        reads.through(&clients[round % 3]).seats(1).await.data();
        assert_ne!(waits.through(&clients[(round + 1) % 3]).status().await, "EXPIRED");
        idles.through(&clients[(round + 2) % 3]).status().await == "EXPIRED"
    })
    .await;
    assert_eq!(waits.status().await, "PROGRESS");
    assert_eq!(reads.status().await, "PROGRESS");
    nodes.assert_agreed().await;
}

/// In the second half of their time an answer means that it is journaled: the node may be killed with the next breath.
#[tokio::test]
async fn what_was_done_in_the_second_half_outlives_the_node() {
    let database = Database::fresh();
    let mut nodes = open(&database).await;
    let clients = nodes.clients();
    let buyer = Buyer::join(&clients[0], 1).await;
    let before = idle_at(&buyer, &clients[0]).await;
    tokio::time::sleep(IDLE * 5 / 8).await;
    buyer.through(&clients[1]).seats(1).await.data();
    nodes.servers[1].kill();
    assert!(idle_at(&buyer, &clients[2]).await > before);
}
