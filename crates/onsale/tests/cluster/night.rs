//! What an operator sees of all nodes, whichever is asked.

use onsale_testkit::postgres::Database;
use onsale_testkit::{Buyer, Call, Port, eventually, eventually_some};
use serde_json::{Value, json};

use crate::nodes::{Nodes, SEATS};

async fn now(nodes: &Nodes, node: usize) -> Value {
    nodes.admin(node).call(Call::get("/v1/admin/ops/now")).await.data()
}

fn of<'a>(now: &'a Value, name: &str) -> Vec<&'a Value> {
    now["nodes"].as_array().expect("a list").iter().map(|node| &node[name]).collect()
}

#[tokio::test]
async fn every_node_lists_all_and_says_who_is_silent_and_who_has_left() {
    let database = Database::fresh();
    let mut nodes = Nodes::on(&database).await;
    let mut seen = Vec::new();
    for node in 0..3 {
        let now = eventually_some("the node hears of the others", async || {
            let now = now(&nodes, node).await;
            (of(&now, "counted") == [&json!(true); 3] && of(&now, "ready") == [&json!(true); 3]).then_some(now)
        })
        .await;
        assert_eq!(of(&now, "answers"), [&json!(true), &json!(false), &json!(false)]);
        let name = now["nodes"][0]["name"].as_str().expect("a name").to_owned();
        assert!(name.ends_with(&nodes.servers[node].address().to_string()), "{name}");
        let mut numbers: Vec<_> = of(&now, "node").into_iter().cloned().collect();
        seen.push((numbers[0].clone(), name));
        numbers.sort_by_key(Value::to_string);
        numbers.dedup();
        assert_eq!(numbers.len(), 3, "{now}");
    }
    assert!(seen[0].0 != seen[1].0 && seen[1].0 != seen[2].0 && seen[0].1 != seen[1].1, "{seen:?}");

    nodes.servers[1].kill();
    eventually("who was killed is silent", async || {
        let now = now(&nodes, 0).await;
        let gone = now["nodes"].as_array().expect("a list").iter().find(|node| node["node"] == seen[1].0);
        gone.is_some_and(|gone| {
            gone["counted"] == false && gone["ready"] == false && gone["silentMs"].as_u64() > Some(5_000)
        })
    })
    .await;
    assert!(nodes.servers[2].terminate().success());
    eventually("who stops in good order is not listed any more", async || {
        let now = now(&nodes, 0).await;
        let mut left: Vec<_> = of(&now, "node").into_iter().cloned().collect();
        left.sort_by_key(Value::to_string);
        let mut expected = vec![seen[0].0.clone(), seen[1].0.clone()];
        expected.sort_by_key(Value::to_string);
        left == expected
    })
    .await;
}

#[tokio::test]
async fn requests_refusals_and_streams_are_the_sum_of_all_nodes() {
    let database = Database::fresh();
    let nodes = Nodes::open(&[database.url().to_owned()], |setup| setup.set("queue.active_limit", 1)).await;
    let clients = nodes.clients();
    let holder = Buyer::admitted(&clients[0], 1).await;
    holder.hold(1, 1).await;
    let mut streams = Vec::new();
    for (node, client) in clients.iter().enumerate() {
        streams.push(Buyer::join(client, 10 + node as u64).await.stream().await);
        holder.through(client).reserve(1, 1).await;
        holder.through(client).reserve(1, u64::from(SEATS) + 1).await.refused(404, "SEAT_NOT_FOUND");
    }
    for node in 0..3 {
        eventually("the node adds up what all say", async || {
            let now = now(&nodes, node).await;
            let refused =
                now["refusals"].as_array().expect("a list").iter().find(|one| one["code"] == "SEAT_NOT_FOUND");
            now["figures"]["streams"] == 3.0
                && now["figures"]["waiting"] == 3.0
                && refused.is_some_and(|refused| refused["total"] == 3)
        })
        .await;
    }
}

#[tokio::test]
async fn a_node_that_starts_knows_the_night_so_far() {
    let database = Database::fresh();
    let mut nodes = Nodes::on(&database).await;
    Buyer::admitted(&nodes.servers[0].client(), 1).await;
    let path = |from: u64, to: u64| Call::get(format!("/v1/admin/ops/history?from={from}&to={to}"));
    let spans = async |nodes: &Nodes, node: usize, from: u64, to: u64| {
        nodes.admin(node).call(path(from, to)).await.data()["at"].as_array().expect("a list").len()
    };
    let kept = eventually_some("a span of the night is kept", async || {
        database.run("SELECT max(at) FROM night").trim().parse::<u64>().ok()
    })
    .await;
    // As a crash: nothing is written at its end.
    nodes.servers[2].kill();
    nodes.servers[2].start_again(Port::Any);
    eventually("what was before it is there", async || spans(&nodes, 2, kept - 9, kept).await > 0).await;
}
