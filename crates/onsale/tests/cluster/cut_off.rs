//! A node that lost its way to the database, with clients who still reach it.

use std::net::SocketAddr;

use onsale_testkit::postgres::Postgres;
use onsale_testkit::{Buyer, Call, Proxy, eventually};

use crate::nodes::Nodes;

const POLL: &str = "/v1/api/queue/token/check";

#[tokio::test]
async fn who_waits_at_a_node_that_is_cut_off_is_sent_on_and_sees_no_place_rise() {
    let postgres = Postgres::start();
    let database = postgres.database();
    let proxy = Proxy::start(SocketAddr::from(([127, 0, 0, 1], postgres.port())));
    let direct = database.url().to_owned();
    let through = direct.replace(&format!(":{}", postgres.port()), &format!(":{}", proxy.address().port()));
    let nodes = Nodes::open(&[direct, through], |setup| {
        setup.set("queue.active_limit", 1).set("queue.waiting_ttl", "4s").set("queue.waiting_grace", "4s")
    })
    .await;
    let clients = nodes.clients();
    let first = Buyer::admitted(&clients[0], 1).await;
    let second = Buyer::join(&clients[0], 2).await;
    let third = Buyer::join(&clients[0], 3).await;
    let there = third.through(&clients[1]);
    let mut stream = there.stream().await;
    assert_eq!(stream.next_of("place").await["queuePosition"], 2);
    proxy.cut();
    // Heard from, it is let in; then the third is next.
    second.check().await;
    first.leave().await.data();
    second.wait_for("PROGRESS").await;
    let poll = third.call(Call::post(POLL)).await;
    assert_eq!(poll.data()["queuePosition"], 1);
    let seq = poll.header("onsale-seq").expect("a poll says what it has come to").to_owned();
    let cookie = poll.header("set-cookie").expect("as a cookie too");
    assert!(cookie.starts_with(&format!("onsale-seq={seq};")), "{cookie}");
    there.call(Call::post(POLL).header("onsale-seq", &seq)).await.refused(503, "UNAVAILABLE");
    while let Some(event) = stream.next().await {
        assert!(event.name != "place" || event.data["queuePosition"] == 2, "it can know of nothing else: {event:?}");
    }
    let mut stream = third.stream().await;
    eventually("another stream is refused here", async || match there.try_stream().await {
        Ok(_) => false,
        Err(reply) => reply.status == 503,
    })
    .await;
    eventually("its connections end, so that a balancer takes another node", async || {
        let poll = there.call(Call::post(POLL)).await;
        poll.header("onsale-staleness").is_some() && poll.header("connection") == Some("close")
    })
    .await;
    // Its turn comes while the node that it waited at is away.
    second.leave().await.data();
    stream.place(|place| place["status"] == "PROGRESS").await;
    proxy.heal();
    eventually("the node comes back by itself", async || clients[1].call(Call::get("/readyz")).await.status == 200)
        .await;
    assert_eq!(there.status().await, "PROGRESS");
    nodes.assert_agreed().await;
}
