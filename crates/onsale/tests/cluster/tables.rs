//! The tables in trouble while the journal is well: no node ends for it, and what they miss is made from the journal.

use std::time::Duration;

use onsale_testkit::postgres::{Database, Postgres, Stop};
use onsale_testkit::{Buyer, Call, eventually};

use crate::nodes::Nodes;

/// Whether the tables hold all that the journal has.
fn are_up_to_date(database: &Database) -> bool {
    database.run("select (select seq from mark) = (select max(seq) from journal_entry)").trim() == "t"
}

fn said(nodes: &Nodes, what: &str) -> usize {
    nodes.servers.iter().filter(|server| server.output().contains(what)).count()
}

#[tokio::test]
async fn what_a_crash_of_the_database_takes_back_from_the_tables_is_made_from_the_journal() {
    let mut postgres = Postgres::start();
    // What nobody waits for stays in memory until somebody's commit takes it to the disk along.
    postgres.configure("wal_writer_delay = '10s'");
    postgres.reload();
    let database = postgres.database();
    let mut nodes = Nodes::on(&database).await;
    let clients = nodes.clients();
    let buyer = Buyer::join(&clients[0], 1).await;
    // Somebody else may commit at the wrong moment, so it is tried more than once.
    let mut charged = 0;
    for _ in 0..5 {
        eventually("the database takes a charge", async || buyer.charge(1).await.status == 200).await;
        charged += 1;
        eventually("it is in the tables", async || are_up_to_date(&database)).await;
        postgres.stop(Stop::Immediate);
        postgres.start_again();
        if said(&nodes, "has lost what was projected last") > 0 {
            break;
        }
    }
    eventually("a node finds out", async || {
        let _ = buyer.charge(1).await;
        said(&nodes, "has lost what was projected last") > 0
    })
    .await;
    eventually("the tables are whole again", async || are_up_to_date(&database)).await;
    for server in &mut nodes.servers {
        assert!(server.ended().is_none(), "{}", server.output());
    }
    assert!(buyer.balance().await >= charged);
    nodes.assert_agreed().await;
}

#[tokio::test]
async fn tables_that_refuse_rows_stand_and_sales_go_on() {
    let database = Database::fresh();
    let mut nodes = Nodes::on(&database).await;
    let clients = nodes.clients();
    let buyer = Buyer::join(&clients[0], 1).await;
    database.run("alter table wallets add constraint none check (balance < 0) not valid");
    buyer.charge(1).await.data();
    // One that stood by has taken over meanwhile, and fares no better.
    eventually("two nodes have tried", async || said(&nodes, "the tables stand") >= 2).await;
    for (server, client) in nodes.servers.iter_mut().zip(&clients) {
        assert!(server.ended().is_none(), "{}", server.output());
        assert_eq!(client.call(Call::get("/readyz")).await.status, 200);
        buyer.through(client).charge(1).await.data();
    }
    eventually("the metrics say so", async || {
        let mut stands = false;
        for client in &clients {
            let metrics = client.call(Call::get("/metrics")).await;
            stands |= String::from_utf8_lossy(&metrics.body).contains("onsale_tables_stand 1");
        }
        stands
    })
    .await;
    database.run("alter table wallets drop constraint none");
    eventually("the tables are whole again", async || are_up_to_date(&database)).await;
    nodes.assert_agreed().await;
}

#[tokio::test]
async fn a_node_that_stood_still_asks_before_it_answers() {
    let database = Database::fresh();
    let nodes = Nodes::on(&database).await;
    let clients = nodes.clients();
    let buyer = Buyer::join(&clients[0], 1).await;
    assert_eq!(buyer.through(&clients[1]).status().await, "PROGRESS");
    nodes.servers[1].pause();
    let mut seq = String::new();
    for _ in 0..20 {
        seq = buyer.charge(1).await.header("onsale-seq").expect("a place").to_owned();
    }
    buyer.leave().await.data();
    // Longer than from when on a node tells that it is old.
    tokio::time::sleep(Duration::from_secs(3)).await;
    nodes.servers[1].resume();
    let there = buyer.through(&clients[1]);
    assert_eq!(there.status().await, "DONE", "a poll, which is else answered from memory");
    let balance = there.call(Call::get("/v1/api/user/amount").header("onsale-seq", &seq)).await.data();
    assert_eq!(balance["amount"], 20);
    nodes.assert_agreed().await;
}
