//! A database that is replaced by another: with all that was acknowledged, or without.

use onsale_testkit::postgres::{Postgres, Stop};
use onsale_testkit::{Buyer, Call, Port, eventually};

use crate::nodes::Nodes;
use crate::till::Till;

fn both(one: &Postgres, other: &Postgres, database: &str) -> String {
    format!("postgres://onsale@127.0.0.1:{},127.0.0.1:{}/{database}", one.port(), other.port())
}

#[tokio::test]
async fn a_synchronous_standby_that_is_promoted_has_every_receipt() {
    let mut primary = Postgres::start();
    let database = primary.database();
    let standby = primary.standby("other");
    primary.configure("synchronous_standby_names = 'other'");
    primary.reload();
    let nodes = Nodes::crowded(&[both(&primary, &standby, database.name())]).await;
    let clients = nodes.clients();
    let mut till = Till::open(&clients, 12).await;
    till.more(300).await;
    primary.stop(Stop::Immediate);
    standby.promote();
    till.more(300).await;
    till.close(&clients).await;
    nodes.assert_agreed().await;
}

/// Of two that both take themselves for the primary, the old one still answers whoever reads.
#[tokio::test]
async fn a_node_at_a_primary_that_was_replaced_does_not_call_what_it_reads_current() {
    let mut primary = Postgres::start();
    let database = primary.database();
    let standby = primary.standby("other");
    primary.configure("synchronous_standby_names = 'other'");
    primary.reload();
    // The first node begins at the old one, the second at the new one, and the third knows the old one alone.
    let [old_first, new_first] = [both(&primary, &standby, database.name()), both(&standby, &primary, database.name())];
    let mut nodes = Nodes::open(&[old_first, new_first, database.url().to_owned()], |setup| setup).await;
    let clients = nodes.clients();
    let buyer = Buyer::admitted(&clients[1], 1).await;
    let there = buyer.through(&clients[2]);
    buyer.charge(1).await.data();
    assert_eq!(there.balance().await, 1);
    standby.promote();
    nodes.servers[1].kill();
    nodes.servers[1].start_again(Port::Same);
    let buyer = buyer.through(&nodes.clients()[1]);
    buyer.charge(1).await.data();
    let balance = async || there.call(Call::get("/v1/api/user/amount")).await;
    eventually("the node at the old one finds out, though nobody wrote there", async || {
        balance().await.header("onsale-staleness").is_some()
    })
    .await;
    eventually("it is not ready", async || clients[2].call(Call::get("/readyz")).await.status == 503).await;
    eventually("it takes no writes", async || there.charge(1).await.status == 503).await;
    // As long as nothing can be committed there, it stays so: some of its rounds, which would each take it for well.
    for _ in 0..20 {
        buyer.charge(1).await.data();
        assert!(balance().await.header("onsale-staleness").is_some());
        there.charge(1).await.refused(503, "UNAVAILABLE");
    }
    let first = buyer.through(&clients[0]);
    eventually("a node that knows the new one goes there, though the old one lives", async || {
        first.call(Call::get("/v1/api/user/amount")).await.header("onsale-staleness").is_none()
            && clients[0].call(Call::get("/readyz")).await.status == 200
    })
    .await;
    assert_eq!(first.balance().await, 22);
    first.charge(1).await.data();
    primary.stop(Stop::Immediate);
    nodes.servers.truncate(2);
    nodes.assert_agreed().await;
}

#[tokio::test]
async fn no_node_goes_on_with_a_database_that_has_lost_what_it_has_seen() {
    let mut primary = Postgres::start();
    let database = primary.database();
    let mut standby = primary.standby("other");
    let urls = [both(&primary, &standby, database.name())];
    let mut nodes = Nodes::open(&urls, |setup| setup).await;
    let clients = nodes.clients();
    let buyer = Buyer::join(&clients[0], 1).await;
    buyer.charge(1).await.data();
    eventually("the standby has it", async || {
        let answer = standby.run(database.name(), "select count(*) from journal_entry");
        answer == database.run("select count(*) from journal_entry")
    })
    .await;
    // It hears of nothing more.
    standby.stop(Stop::Fast);
    for _ in 0..20 {
        buyer.charge(1).await.data();
    }
    for client in &clients {
        assert_eq!(buyer.through(client).balance().await, 21);
    }
    let lost = Buyer::join(&clients[0], 2).await;
    primary.stop(Stop::Immediate);
    standby.start_again();
    standby.promote();
    for node in 0..3 {
        let server = &mut nodes.servers[node];
        eventually("the node stops", async || server.ended().is_some()).await;
        assert!(server.output().contains("this node stops serving"), "{}", server.output());
    }
    // A start builds them anew from what there is.
    for server in &mut nodes.servers {
        server.start_again(Port::Same);
    }
    // Whoever has a receipt of what is lost is told so once, by whichever node, and goes on.
    let ask = Call::get("/v1/api/user/amount").token(buyer.token());
    // The connections of before are gone, which a client finds out when it uses one.
    let told = loop {
        if let Ok(reply) = clients[0].send(&ask).await {
            break reply;
        }
    };
    let problem = told.refused(503, "UNAVAILABLE");
    assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains("lacks it")), "{problem}");
    let buyer = buyer.through(&nodes.clients()[0]);
    assert_eq!(buyer.balance().await, 1);
    // The ticket's number is another's now, and whoever had it before has no hand in it.
    let next = Buyer::join(&nodes.clients()[0], 3).await;
    for client in &nodes.clients() {
        let fresh = Buyer::from_token(client, 2, lost.token());
        assert_eq!(fresh.leave().await.data()["status"], "EXPIRED");
        assert_eq!(fresh.status().await, "EXPIRED");
        assert_eq!(next.through(client).status().await, "PROGRESS");
    }
    for client in &nodes.clients() {
        assert_eq!(buyer.through(client).balance().await, 1);
        assert_eq!(client.call(Call::get("/readyz")).await.status, 200);
    }
    nodes.assert_agreed().await;
}

#[tokio::test]
async fn nodes_whose_states_differ_find_out_when_nobody_does_anything() {
    let database = onsale_testkit::postgres::Database::fresh();
    let mut nodes = Nodes::on(&database).await;
    let client = nodes.clients()[0].clone();
    let buyer = Buyer::join(&client, 1).await;
    // Nodes that are not there have voted already, whatever the last number will be.
    database.run(
        "insert into journal_vote (seq, node, fingerprint)
         select seq, node, 1 from generate_series(1, 1000) seq, generate_series(1, 5) node",
    );
    // An entry that nobody has voted on yet. The node may be gone before it answers, where a vote on another fell due meanwhile.
    let _ = client.send(&Buyer::charging(1).token(buyer.token())).await;
    for server in &mut nodes.servers {
        eventually("the node stops", async || server.ended().is_some()).await;
        assert!(server.output().contains("fingerprint"), "{}", server.output());
    }
}

#[tokio::test]
async fn a_node_whose_state_differs_from_that_of_the_others_stops() {
    let database = onsale_testkit::postgres::Database::fresh();
    let mut nodes = Nodes::on(&database).await;
    let clients = nodes.clients();
    // Two nodes that are not there say of the next numbers that the state is another.
    database.run(
        "insert into journal_vote (seq, node, fingerprint)
         select seq * 256, node, 1 from generate_series(1, 20) seq, generate_series(1, 5) node",
    );
    let buyer = Buyer::join(&clients[0], 1).await;
    let mut charging = tokio::task::JoinSet::new();
    let client = clients[0].clone();
    charging.spawn(async move {
        // Until the node is gone.
        while client.send(&Buyer::charging(1).token(buyer.token())).await.is_ok() {}
    });
    for server in &mut nodes.servers {
        eventually("the node stops", async || server.ended().is_some()).await;
        assert!(server.output().contains("fingerprint"), "{}", server.output());
    }
}
