//! A draw on three nodes, with a node or the database killed in the very moment of the opening.

use std::collections::BTreeMap;

use jiff::Timestamp;
use onsale_testkit::postgres::{Database, Postgres, Stop};
use onsale_testkit::{Call, Port, Script, eventually};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::nodes::Nodes;
use crate::opening::{Acknowledged, JOINERS, KILLED_MS, SLOTS, join_until, now_ms, rounds, sleep_until, text};

/// For so long after the opening people go on to join: longer than the database takes to come back.
const AFTER_MS: i64 = 2_000;

/// What is killed: each of the nodes in turn, and then the database.
fn kill(round: usize, nodes: &mut Nodes, postgres: &mut Postgres) {
    match round % 4 {
        3 => {
            postgres.stop(Stop::Immediate);
            postgres.start_again();
        }
        node => nodes.servers[node].kill(),
    }
}

#[tokio::test]
async fn a_draw_is_sealed_once_whatever_is_killed_at_the_opening() {
    let mut postgres = Postgres::start();
    let database = postgres.database();
    let mut nodes = Nodes::on(&database).await;
    eventually("the store is at the level", async || nodes.admin(0).state().await["level"].as_u64() >= Some(5)).await;
    for round in 0..rounds() {
        let queue = format!("draw-{round}");
        assert_eq!(nodes.admin(0).open_queue(&queue).await.status, 200);
        let opens = now_ms() + 1_500;
        let change = json!({
            "order": "draw",
            "prequeueAt": text(opens - 3_000),
            "opensAt": text(opens),
            "activeLimit": SLOTS,
        });
        nodes.admin(1).set_queue(&queue, change).await;
        let before = draw(&nodes, 0, &queue).await;
        assert_eq!(before["drawn"], Value::Null);
        let mut joiners = JoinSet::new();
        for (at, client) in (0..).zip(nodes.clients()) {
            for joiner in 0..JOINERS {
                let first = (at * JOINERS + joiner + 1) * 1_000_000;
                joiners.spawn(join_until(client.clone(), queue.clone(), first, opens + AFTER_MS));
            }
        }
        sleep_until(opens + KILLED_MS[(round / 4 + round) % KILLED_MS.len()]).await;
        kill(round, &mut nodes, &mut postgres);
        let acknowledged = joiners.join_all().await.concat();
        if let Some(killed) = nodes.servers.get_mut(round % 4) {
            killed.start_again(Port::Same);
        }
        nodes.admin(round % 3).projected().await;
        let sealed = one_seal(&nodes, &queue, &before).await;
        let places = one_order(&nodes, round, &queue).await;
        assert_eq!(sealed["tickets"], places.len());
        check(&database, &queue, &places, &acknowledged);
    }
    nodes.assert_agreed().await;
}

async fn draw(nodes: &Nodes, node: usize, queue: &str) -> Value {
    nodes.servers[node].client().call(Call::get(format!("/v1/queues/{queue}/draw"))).await.data()
}

/// What was drawn, the same on every node, and of what was committed to.
async fn one_seal(nodes: &Nodes, queue: &str, before: &Value) -> Value {
    let mut draws = Vec::new();
    eventually("every node has drawn", async || {
        draws.clear();
        for node in 0..nodes.servers.len() {
            draws.push(draw(nodes, node, queue).await);
        }
        draws.iter().all(|draw| draw["drawn"] != Value::Null)
    })
    .await;
    for draw in &draws {
        assert_eq!(draw, &draws[0], "{queue} was drawn otherwise elsewhere");
        assert_eq!(draw["commitment"], before["commitment"], "{queue}");
    }
    draws.swap_remove(0)["drawn"].take()
}

/// Everybody's place by the scripts of the document, each run against another node.
async fn one_order(nodes: &Nodes, round: usize, queue: &str) -> BTreeMap<u64, u64> {
    let document = include_str!("../../../../docs/draw.md");
    let mut orders = Vec::new();
    for (language, node) in [("python", round % 3), ("js", (round + 1) % 3)] {
        let url = format!("http://{}", nodes.servers[node].address());
        let text = Script::of(document, language).print(&[&url, queue]).await;
        let pair = |line: &str| {
            let (number, place) = line.split_once(' ').expect("two numbers");
            (number.parse().expect("a number"), place.parse().expect("a place"))
        };
        orders.push(text.lines().map(pair).collect::<BTreeMap<u64, u64>>());
    }
    assert_eq!(orders[0], orders[1], "two nodes tell two orders of {queue}");
    orders.swap_remove(0)
}

/// One opening; who came before it takes part, who came with it or later does not; and the first that were drawn are inside.
fn check(database: &Database, queue: &str, places: &BTreeMap<u64, u64>, acknowledged: &[Acknowledged]) {
    let opened = database.run(&format!("SELECT at FROM news_detail WHERE queue = '{queue}' AND kind = 'QUEUE_OPEN'"));
    assert_eq!(opened.lines().count(), 1, "{queue} opened so often:\n{opened}");
    let at: Timestamp = opened.trim().parse().expect("a moment");
    let drawn = database.run(&format!("SELECT drawn_at FROM queues_now WHERE name = '{queue}'"));
    assert_eq!(drawn.trim().parse::<Timestamp>().expect("a moment"), at, "it is drawn when it opens");
    let sql =
        format!("SELECT number, user_id, issued_at, status FROM tickets_now WHERE queue = '{queue}' ORDER BY number");
    let rows = database.run(&sql);
    let mut line: Vec<(u64, u64, &str)> = Vec::new();
    let mut numbers = BTreeMap::new();
    for row in rows.lines() {
        let [number, user, issued, status] = row.split('|').collect::<Vec<_>>()[..] else { panic!("{row}") };
        let number: u64 = number.parse().expect("a number");
        let is_early = issued.parse::<Timestamp>().expect("a moment") < at;
        assert_eq!(places.contains_key(&number), is_early, "{queue}: ticket {number}, issued {issued}, opened {at}");
        numbers.insert(user.parse::<u64>().expect("a user"), number);
        line.push((places.get(&number).map_or(u64::MAX, |place| *place), number, status));
    }
    for (user, was_early) in acknowledged {
        let number = numbers.get(user).unwrap_or_else(|| panic!("user {user} was told a place and has none"));
        assert!(!was_early || places.contains_key(number), "{queue}: ticket {number} was said to be early");
    }
    line.sort_unstable();
    for (nth, (place, number, status)) in (0..).zip(&line) {
        assert_eq!(*status == "PROGRESS", nth < SLOTS, "{queue}: ticket {number}, place {place}, is {status}");
    }
    let late = line.len() - places.len();
    // Where the database was killed it may be that nobody gets through for a while after it.
    assert!(!places.is_empty(), "{queue}: somebody came before it");
    eprintln!("{queue}: {} were drawn at {at}, {late} came later", places.len());
}
