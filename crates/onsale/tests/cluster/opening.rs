//! A queue opens by itself on three nodes, of which one is killed in the very moment.

use std::time::Duration;

use jiff::Timestamp;
use onsale_testkit::postgres::Database;
use onsale_testkit::{Call, Client, Port, eventually};
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::nodes::Nodes;

/// How often it is tried, unless the environment says more.
const ROUNDS: usize = 4;
const ROUNDS_VARIABLE: &str = "ONSALE_OPENINGS";
/// How long after the opening the node is killed, in milliseconds: each round another.
pub(crate) const KILLED_MS: [i64; 8] = [-10, 3, -45, 20, 0, 45, -2, 8];
/// Who joins through each node at the same time.
pub(crate) const JOINERS: u64 = 4;
pub(crate) const SLOTS: u64 = 5;

pub(crate) fn rounds() -> usize {
    std::env::var(ROUNDS_VARIABLE).ok().map_or(ROUNDS, |text| text.parse().expect("a number of rounds"))
}

pub(crate) fn now_ms() -> i64 {
    Timestamp::now().as_millisecond()
}

pub(crate) fn text(ms: i64) -> String {
    Timestamp::from_millisecond(ms).expect("it is soon").to_string()
}

pub(crate) async fn sleep_until(ms: i64) {
    sleep(Duration::from_millis(u64::try_from(ms - now_ms()).unwrap_or(0))).await;
}

/// A place that was acknowledged: whose it is, and whether it was said to be one before the opening.
pub(crate) type Acknowledged = (u64, bool);

/// Joins, one user after the other, until so late. Who is not answered may have a place or not.
pub(crate) async fn join_until(client: Client, queue: String, first: u64, end_ms: i64) -> Vec<Acknowledged> {
    let mut acknowledged = Vec::new();
    for user in first.. {
        if now_ms() >= end_ms {
            break;
        }
        let call = Call::post("/v1/api/queue/token").json(&json!({"userId": user, "queue": queue}));
        match client.send(&call).await {
            Ok(reply) if reply.status == 200 => {
                let data = reply.data();
                acknowledged.push((user, data["status"] == "WAITING" && data["queuePosition"] == 0));
            }
            Ok(_) | Err(_) => sleep(Duration::from_millis(5)).await,
        }
    }
    acknowledged
}

#[tokio::test]
async fn a_node_that_is_killed_at_the_opening_takes_nothing_with_it() {
    let rounds = rounds();
    let database = Database::fresh();
    let mut nodes = Nodes::on(&database).await;
    eventually("the store is at the level", async || nodes.admin(0).state().await["level"].as_u64() >= Some(5)).await;
    for round in 0..rounds {
        let queue = format!("round-{round}");
        assert_eq!(nodes.admin(0).open_queue(&queue).await.status, 200);
        let opens = now_ms() + 1_500;
        let change = json!({"prequeueAt": text(opens - 3_000), "opensAt": text(opens), "activeLimit": SLOTS});
        nodes.admin(1).set_queue(&queue, change).await;
        let mut joiners = JoinSet::new();
        for (at, client) in (0..).zip(nodes.clients()) {
            for joiner in 0..JOINERS {
                let first = (at * JOINERS + joiner + 1) * 1_000_000;
                joiners.spawn(join_until(client.clone(), queue.clone(), first, opens + 400));
            }
        }
        let killed = round % 3;
        sleep_until(opens + KILLED_MS[round % KILLED_MS.len()]).await;
        nodes.servers[killed].kill();
        let acknowledged = joiners.join_all().await.concat();
        nodes.servers[killed].start_again(Port::Same);
        nodes.admin(killed).projected().await;
        check(&database, &queue, opens, &acknowledged);
    }
    nodes.assert_agreed().await;
}

/// One opening, one order, and nobody early who came late.
fn check(database: &Database, queue: &str, opens: i64, acknowledged: &[Acknowledged]) {
    let opened = database.run(&format!("SELECT at FROM news_detail WHERE queue = '{queue}' AND kind = 'QUEUE_OPEN'"));
    assert_eq!(opened.lines().count(), 1, "{queue} opened so often:\n{opened}");
    let at = opened.trim().parse::<Timestamp>().expect("a moment").as_millisecond();
    assert!(at >= opens, "{queue} opened {} ms early", opens - at);
    eprintln!("{queue} opened {} ms after its moment; {} places", at - opens, acknowledged.len());
    let sql =
        format!("SELECT number, user_id, issued_at, status FROM tickets_now WHERE queue = '{queue}' ORDER BY number");
    let rows = database.run(&sql);
    let tickets: Vec<(u64, u64, i64, &str)> = rows
        .lines()
        .map(|line| {
            let [number, user, issued, status] = line.split('|').collect::<Vec<_>>()[..] else { panic!("{line}") };
            let issued = issued.parse::<Timestamp>().expect("a moment").as_millisecond();
            (number.parse().expect("a number"), user.parse().expect("a user"), issued, status)
        })
        .collect();
    assert!(tickets.is_sorted_by_key(|&(_, _, issued, _)| issued), "one order of joining");
    for &(user, was_early) in acknowledged {
        let ticket = tickets.iter().find(|ticket| ticket.1 == user);
        let &(number, _, issued, _) = ticket.unwrap_or_else(|| panic!("user {user} was told a place and has none"));
        assert!(!was_early || issued < at, "ticket {number} joined with the opening or later and was told to be early");
    }
    for &(number, _, _, status) in &tickets {
        assert_eq!(status == "PROGRESS", number < SLOTS, "ticket {number} is {status}: the first {SLOTS} are inside");
    }
    assert!(tickets.iter().any(|&(_, _, issued, _)| issued < at), "somebody came before it");
    assert!(tickets.iter().any(|&(_, _, issued, _)| issued >= at), "and somebody after");
}
