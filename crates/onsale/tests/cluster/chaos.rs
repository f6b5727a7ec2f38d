//! Nodes, the database and the way between them, hurt under load. Afterwards every receipt counts once, all nodes have come
//! to the same state, and the audit is clean.

use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use onsale_testkit::postgres::{Database, Postgres, Stop};
use onsale_testkit::{Buyer, Call, Port, Proxy, Server, eventually, eventually_some};

use crate::nodes::Nodes;
use crate::till::Till;

/// What goes through before, between and after.
const SOME: u64 = 300;

#[tokio::test]
async fn any_node_may_be_killed_and_the_others_go_on() {
    let database = Database::fresh();
    let mut nodes = Nodes::crowded(&[database.url().to_owned()]).await;
    let clients = nodes.clients();
    let mut till = Till::open(&clients, 12).await;
    till.more(SOME).await;
    for node in [1, 0, 2] {
        nodes.servers[node].kill();
        till.more(SOME).await;
        nodes.servers[node].start_again(Port::Same);
        till.more(SOME).await;
    }
    till.close(&nodes.clients()).await;
    nodes.assert_agreed().await;
}

#[tokio::test]
async fn the_database_may_be_restarted_under_load() {
    let mut postgres = Postgres::start();
    let database = postgres.database();
    let nodes = Nodes::crowded(&[database.url().to_owned()]).await;
    let clients = nodes.clients();
    let mut till = Till::open(&clients, 12).await;
    for how in [Stop::Fast, Stop::Immediate] {
        till.more(SOME).await;
        postgres.stop(how);
        postgres.start_again();
        eprintln!("the database answers again");
        till.more(1).await;
    }
    till.more(SOME).await;
    till.close(&clients).await;
    nodes.assert_agreed().await;
}

#[tokio::test]
async fn everything_may_end_at_once_and_start_at_once() {
    let mut postgres = Postgres::start();
    let database = postgres.database();
    let mut nodes = Nodes::open(&[database.url().to_owned()], |setup| setup.set("queue.active_limit", 1)).await;
    let clients = nodes.clients();
    let first = Buyer::admitted(&clients[0], 1).await;
    first.charge(7).await.data();
    let second = Buyer::join(&clients[1], 2).await;
    postgres.stop(Stop::Immediate);
    nodes.servers.iter_mut().for_each(Server::kill);
    postgres.start_again();
    thread::scope(|scope| {
        for server in &mut nodes.servers {
            scope.spawn(|| server.start_again(Port::Any));
        }
    });
    for client in &nodes.clients() {
        assert_eq!(first.through(client).balance().await, 7);
        assert_eq!(second.through(client).status().await, "WAITING");
    }
    first.through(&nodes.clients()[2]).leave().await.data();
    second.through(&nodes.clients()[0]).wait_for("PROGRESS").await;
    nodes.assert_agreed().await;
}

#[tokio::test]
async fn while_the_database_is_away_reads_go_on_and_writes_are_refused_at_once() {
    let mut postgres = Postgres::start();
    let database = postgres.database();
    let nodes = Nodes::on(&database).await;
    let clients = nodes.clients();
    let buyer = Buyer::join(&clients[0], 1).await;
    buyer.charge(500).await.data();
    // What a node has not heard of before, it cannot show.
    for client in &clients {
        assert_eq!(buyer.through(client).balance().await, 500);
    }
    postgres.stop(Stop::Fast);
    for client in &clients {
        let buyer = buyer.through(client);
        eventually("the node says that it is not ready", async || {
            client.call(Call::get("/readyz")).await.status == 503
        })
        .await;
        let began = Instant::now();
        for _ in 0..20 {
            let refused = buyer.charge(1).await;
            refused.refused(503, "UNAVAILABLE");
            assert!(refused.header("retry-after").is_some(), "{refused}");
        }
        // Twenty refusals that each waited for the database would take far longer; it is no measurement.
        assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
        let balance = buyer.call(Call::get("/v1/api/user/amount")).await;
        assert!(balance.header("onsale-staleness").is_some(), "{balance}");
        assert_eq!(balance.data()["amount"], 500);
        assert_eq!(buyer.status().await, "PROGRESS");
        assert_eq!(buyer.seats(1).await.status, 200);
    }
    postgres.start_again();
    for client in &clients {
        eventually("the node comes back by itself", async || client.call(Call::get("/readyz")).await.status == 200)
            .await;
        buyer.through(client).charge(1).await.data();
    }
    nodes.assert_agreed().await;
}

#[tokio::test]
async fn the_way_to_the_database_may_be_cut_slow_or_half_open() {
    let postgres = Postgres::start();
    let database = postgres.database();
    let direct = database.url().to_owned();
    let address = SocketAddr::from(([127, 0, 0, 1], postgres.port()));
    let proxy = Proxy::start(address);
    let through = direct.replace(&format!(":{}", postgres.port()), &format!(":{}", proxy.address().port()));
    // The first and the last reach it directly, the second by way of the proxy.
    let nodes = Nodes::crowded(&[direct.clone(), through, direct]).await;
    let clients = nodes.clients();
    let mut till = Till::open(&clients, 12).await;
    till.more(SOME).await;
    proxy.cut();
    till.more(SOME).await;
    proxy.heal();
    till.more(SOME).await;
    proxy.slow(Duration::from_millis(80));
    till.more(SOME / 4).await;
    proxy.heal();
    proxy.stall();
    till.more(SOME).await;
    proxy.heal();
    eventually("the node comes back by itself", async || clients[1].call(Call::get("/readyz")).await.status == 200)
        .await;
    till.more(SOME).await;
    till.close(&clients).await;
    nodes.assert_agreed().await;
}

#[tokio::test]
async fn a_node_that_is_cut_off_calls_no_ticket_expired_that_it_has_not_heard_of() {
    let postgres = Postgres::start();
    let database = postgres.database();
    let proxy = Proxy::start(SocketAddr::from(([127, 0, 0, 1], postgres.port())));
    let direct = database.url().to_owned();
    let through = direct.replace(&format!(":{}", postgres.port()), &format!(":{}", proxy.address().port()));
    let nodes = Nodes::crowded(&[direct, through]).await;
    let clients = nodes.clients();
    let known = Buyer::join(&clients[0], 1).await;
    assert_eq!(known.through(&clients[1]).status().await, "PROGRESS");
    proxy.cut();
    let unknown = Buyer::join(&clients[0], 2).await;
    for call in [Call::post("/v1/api/queue/token/check"), Call::get("/v1/api/concerts/schedule")] {
        unknown.through(&clients[1]).call(call.clone()).await.refused(503, "UNAVAILABLE");
        eventually("it answers from memory", async || {
            let answer = known.through(&clients[1]).call(call.clone()).await;
            answer.status == 200 && answer.header("onsale-staleness").is_some()
        })
        .await;
        unknown.through(&clients[1]).call(call).await.refused(503, "UNAVAILABLE");
    }
    // A key that it could not look at signs the next token; what is no token is none in any case.
    assert_eq!(nodes.admin(0).rotate_keys().await.status, 200);
    let newer = Buyer::join(&clients[0], 3).await;
    let mut forged = newer.token().to_owned();
    forged.replace_range(0..1, "f");
    for call in [Call::post("/v1/api/queue/token/check"), Call::get("/v1/api/user/amount")] {
        newer.through(&clients[1]).call(call.clone()).await.refused(503, "UNAVAILABLE");
        clients[1].call(call.token(&forged)).await.refused(401, "TOKEN_INVALID");
    }
    proxy.heal();
    eventually("it knows the key", async || {
        newer.through(&clients[1]).call(Call::get("/v1/api/user/amount")).await.status == 200
    })
    .await;
    eventually("it hears of it", async || {
        let poll = Call::post("/v1/api/queue/token/check");
        unknown.through(&clients[1]).call(poll).await.status == 200
    })
    .await;
    assert_eq!(unknown.through(&clients[1]).status().await, "PROGRESS");
    nodes.assert_agreed().await;
}

/// Of three, the one that projects and another stand still at the same time, for as long as an operator may need to notice.
#[tokio::test]
async fn nodes_that_stood_still_do_no_harm_when_they_go_on() {
    let database = Database::fresh();
    let nodes = Nodes::crowded(&[database.url().to_owned()]).await;
    let clients = nodes.clients();
    let mut till = Till::open(&clients, 12).await;
    till.more(SOME).await;
    let projects = |node: &usize| nodes.servers[*node].output().contains("this node projects from here on");
    let projecting = eventually_some("a node projects", async || (0..3).find(projects)).await;
    let (other, left) = ((projecting + 1) % 3, (projecting + 2) % 3);
    let paused = [projecting, other];
    paused.iter().for_each(|node| nodes.servers[*node].pause());
    let until = Instant::now() + Duration::from_secs(30);
    till.more(SOME).await;
    eventually("the node that is left projects", async || projects(&left)).await;
    tokio::time::sleep_until(until.into()).await;
    paused.iter().for_each(|node| nodes.servers[*node].resume());
    for node in paused {
        let client = &clients[node];
        eventually("it is ready again", async || client.call(Call::get("/readyz")).await.status == 200).await;
    }
    till.more(SOME).await;
    till.close(&clients).await;
    nodes.assert_agreed().await;
}
