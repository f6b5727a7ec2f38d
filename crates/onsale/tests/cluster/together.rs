//! Nodes that are well.

use std::collections::BTreeSet;
use std::time::Duration;

use onsale_testkit::postgres::Database;
use onsale_testkit::{Buyer, Call, Port, Reply, Setup, Shop, eventually, storm};
use serde_json::json;

use crate::nodes::Nodes;
use crate::setup;

#[tokio::test]
async fn what_one_node_does_all_show_at_once_to_who_has_seen_it_and_to_who_has_not() {
    let database = Database::fresh();
    let nodes = Nodes::on(&database).await;
    let clients = nodes.clients();
    for round in 0..30 {
        let (one, other, third) = (&clients[round % 3], &clients[(round + 1) % 3], &clients[(round + 2) % 3]);
        let user = 100 + round as u64;
        let buyer = Buyer::join(one, user).await;
        // A poll of a ticket that this node has not heard of yet.
        assert_eq!(buyer.through(other).status().await, "PROGRESS");
        let seat = round as u64 + 1;
        let reservation = buyer.through(other).hold(1, seat).await;
        assert_eq!(buyer.through(third).seat(1, seat).await["seatStatus"], "TEMP_RESERVED");
        buyer.through(third).reserve(1, seat).await.refused(409, "SEAT_NOT_AVAILABLE");
        buyer.through(one).charge(1_000).await.data();
        assert_eq!(buyer.through(other).balance().await, 1_000);
        buyer.through(third).pay(reservation).await.data();
        buyer.through(one).reserve(1, seat).await.refused(403, "SESSION_DONE");
    }
    nodes.assert_agreed().await;
}

#[tokio::test]
async fn who_sends_back_what_it_has_seen_is_answered_from_no_older_state() {
    let database = Database::fresh();
    let nodes = Nodes::on(&database).await;
    let clients = nodes.clients();
    let buyer = Buyer::join(&clients[0], 1).await;
    for round in 1..=50_u64 {
        let charged = buyer.through(&clients[round as usize % 3]).charge(1).await;
        let seq = charged.header("onsale-seq").expect("a write says what it has come to").to_owned();
        let cookie = charged.header("set-cookie").expect("as a cookie too").split(';').next().unwrap_or_default();
        assert_eq!(cookie, format!("onsale-seq={seq}"));
        let other = buyer.through(&clients[(round as usize + 1) % 3]);
        let balance = other.call(Call::get("/v1/api/user/amount").header("cookie", cookie)).await.data();
        assert_eq!(balance, json!({"amount": round}));
    }
    let look = |name: &str, value: &str| buyer.call(Call::get("/v1/api/user/amount").header(name, value));
    // Another store's is nobody's business, and neither is a cookie that is nonsense.
    assert_eq!(look("onsale-seq", "0000000000000001.99999999.00000000").await.data(), json!({"amount": 50}));
    assert_eq!(look("cookie", "onsale-seq=x").await.data(), json!({"amount": 50}));
    for nonsense in ["x", "", "1.2.3"] {
        let refused = look("onsale-seq", nonsense).await.refused(400, "BAD_REQUEST");
        assert_eq!(refused["field"], "Onsale-Seq", "{refused}");
    }
    // A number that the journal has not come to, and one that has another hash, are of a history that is lost: whoever has
    // seen it is told, and of where the store stands.
    let charged = buyer.charge(1).await;
    let seq = charged.header("onsale-seq").expect("a write says what it has come to");
    let (place, hash) = seq.rsplit_once('.').expect("a hash at its end");
    let (store, number) = place.split_once('.').expect("a store before the number");
    let other_hash = format!("{:08x}", !u32::from_str_radix(hash, 16).expect("hexadecimal"));
    for lost in [format!("{store}.99999999.{hash}"), format!("{store}.{number}.{other_hash}")] {
        for call in [Call::get("/v1/api/user/amount"), Call::post("/v1/api/queue/token/check"), Buyer::charging(1)] {
            let told = buyer.call(call.header("onsale-seq", &lost)).await;
            let problem = told.refused(503, "UNAVAILABLE");
            assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains("has seen")), "{problem}");
            let now = told.header("onsale-seq").expect("where the store stands");
            assert_eq!(look("onsale-seq", now).await.data(), json!({"amount": 51}), "{lost}");
        }
    }
}

fn count(replies: &[Reply], status: u16) -> usize {
    replies.iter().filter(|reply| reply.status == status).count()
}

#[tokio::test]
async fn one_seat_goes_to_one_of_hundreds_over_three_nodes() {
    let database = Database::fresh();
    let nodes = Nodes::on(&database).await;
    let clients = nodes.clients();
    let mut buyers = Vec::new();
    for user in 1..=300_u64 {
        buyers.push(Buyer::admitted(&clients[user as usize % 3], user).await);
    }
    let calls = |node: usize| -> Vec<Call> {
        let here = buyers.iter().filter(|buyer| buyer.user() as usize % 3 == node);
        here.map(|buyer| Buyer::reserving(1, 1).token(buyer.token())).collect()
    };
    let (a, b, c) =
        tokio::join!(storm(&clients[0], calls(0)), storm(&clients[1], calls(1)), storm(&clients[2], calls(2)));
    let replies = [a, b, c].concat();
    assert_eq!((count(&replies, 200), count(&replies, 409)), (1, 299));
    nodes.assert_agreed().await;
}

#[tokio::test]
async fn the_limit_holds_over_all_nodes_and_a_place_that_is_freed_goes_to_the_next() {
    let database = Database::fresh();
    let nodes = Nodes::open(&[database.url().to_owned()], |setup| setup.set("queue.active_limit", 2)).await;
    let clients = nodes.clients();
    let mut buyers = Vec::new();
    for user in 1..=9_u64 {
        buyers.push(Buyer::join(&clients[user as usize % 3], user).await);
    }
    let mut inside = BTreeSet::new();
    for buyer in &buyers {
        if buyer.status().await == "PROGRESS" {
            inside.insert(buyer.user());
        }
    }
    assert_eq!(inside, BTreeSet::from([1, 2]));
    buyers[0].through(&clients[2]).leave().await.data();
    buyers[2].through(&clients[1]).wait_for("PROGRESS").await;
    // Polls are answered from the node's memory, which may be a moment behind.
    let last = buyers[8].through(&clients[0]);
    eventually("the last moves up", async || last.position().await == 6).await;
    nodes.assert_agreed().await;
}

#[tokio::test]
async fn a_hold_lapses_on_every_node_when_nobody_does_anything() {
    let database = Database::fresh();
    let nodes = Nodes::open(&[database.url().to_owned()], |setup| setup.set("hold.ttl", "500ms")).await;
    let clients = nodes.clients();
    let buyer = Buyer::join(&clients[0], 1).await;
    buyer.hold(1, 5).await;
    for client in &clients {
        let buyer = buyer.through(client);
        eventually("the hold lapses", async || buyer.seat(1, 5).await["seatStatus"] == "AVAILABLE").await;
    }
    nodes.assert_agreed().await;
}

#[tokio::test]
async fn who_projects_goes_on_after_a_pause_in_which_there_was_nothing_to_do() {
    let database = Database::fresh();
    let nodes = Nodes::on(&database).await;
    let took_over = || {
        let said =
            nodes.servers.iter().map(|server| server.output().matches("this node projects from here on").count());
        said.sum::<usize>()
    };
    let all_projected = || {
        eventually("every node knows that the tables have it all", async || {
            let mut all = true;
            for node in 0..3 {
                let state = nodes.admin(node).state().await;
                all &= state["projectedSeq"] == state["seq"];
            }
            all
        })
    };
    let buyer = Buyer::join(&nodes.clients()[0], 1).await;
    all_projected().await;
    let before = took_over();
    assert!(before >= 1, "nobody projects");
    for _ in 0..3 {
        // Longer than those who stand by wait for one that has stopped.
        tokio::time::sleep(Duration::from_millis(2_000)).await;
        buyer.charge(1).await.data();
        all_projected().await;
    }
    assert_eq!(took_over(), before);
}

#[tokio::test]
async fn all_nodes_take_up_a_new_key_before_it_signs() {
    let database = Database::fresh();
    let nodes = Nodes::on(&database).await;
    let clients = nodes.clients();
    let old = Buyer::join(&clients[0], 1).await;
    let rotated = nodes.admin(1).rotate_keys().await;
    assert_eq!(rotated.status, 200, "{rotated}");
    let new = Buyer::join(&clients[1], 2).await;
    for client in &clients {
        assert_eq!(new.through(client).status().await, "PROGRESS");
        assert_eq!(old.through(client).status().await, "PROGRESS");
    }
}

#[tokio::test]
async fn a_store_moves_from_a_directory_into_a_database_as_it_is() {
    let directory = tempfile::tempdir().expect("a directory");
    let data = directory.path().join("data");
    let onsale = env!("CARGO_BIN_EXE_onsale");
    let run = |arguments: &[&str]| {
        let output = std::process::Command::new(onsale).args(arguments).output().expect("it can be run");
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&said).into_owned())
    };
    let mut shop = Shop::open(setup().in_directory().data(&data).set("store.currency", "USD")).await;
    let buyer = shop.insider_with(1, 60_000).await;
    let reservation = buyer.hold(1, 3).await;
    buyer.pay(reservation).await.data();
    let waiting = shop.visitor(2).await;
    let state = shop.admin.state().await;
    assert!(shop.server.terminate().success());
    let database = Database::fresh();
    let path = data.to_str().expect("a path that is text").to_owned();
    let moved = run(&["migrate-store", "--data", &path, "--store", database.url()]);
    assert!(moved.0, "{}", moved.1);
    let audit = run(&["audit", "--store", database.url()]);
    assert!(audit.0, "{}", audit.1);
    let (status, said) = setup().in_directory().data(&data).refused();
    assert!(!status.success() && said.contains("was moved to") && said.contains("hint: "), "{said}");
    let again = run(&["migrate-store", "--data", &path, "--store", database.url()]);
    assert!(!again.0 && again.1.contains("has a journal already"), "{}", again.1);
    // One store is in one place.
    let elsewhere = Database::fresh();
    let twice = run(&["migrate-store", "--data", &path, "--store", elsewhere.url()]);
    assert!(!twice.0 && twice.1.contains("was moved to"), "{}", twice.1);
    let compacted = run(&["compact", "--data", &path]);
    assert!(!compacted.0 && compacted.1.contains("was moved to"), "{}", compacted.1);
    // As a run leaves it that was broken off before its last step: no server may begin a new store there.
    database.run("drop table journal_store, journal_base, journal_node, journal_entry, journal_vote");
    let (status, said) = setup().store_url(database.url()).refused();
    assert!(!status.success() && said.contains("the tables of a store and no journal"), "{said}");
    let again = run(&["migrate-store", "--data", &path, "--store", database.url()]);
    assert!(again.0, "{}", again.1);
    let server = setup().store_url(database.url()).start();
    let client = server.client();
    let admin = onsale_testkit::Admin::new(client.clone());
    assert_eq!(admin.state().await["storeId"], state["storeId"]);
    // Nobody has to say it again: amounts mean what they meant.
    assert_eq!(client.call(onsale_testkit::Call::get("/v1/catalog")).await.data()["currency"], "USD");
    assert_eq!(buyer.through(&client).balance().await, 10_000);
    assert_eq!(buyer.through(&client).status().await, "DONE");
    assert_eq!(waiting.through(&client).seat(1, 3).await["seatStatus"], "RESERVED");
    // Time for what is projected behind the answers.
    tokio::time::sleep(Duration::from_millis(10)).await;
    let audit = run(&["audit", "--store", database.url()]);
    assert!(audit.0, "{}", audit.1);
}

#[tokio::test]
async fn keys_that_are_deleted_under_the_nodes_are_neither_forgotten_nor_replaced() {
    let database = Database::fresh();
    let nodes = Nodes::on(&database).await;
    let clients = nodes.clients();
    let buyer = Buyer::join(&clients[0], 1).await;
    database.run("delete from secrets");
    eventually("it is told", async || nodes.servers[1].output().contains("the keys were deleted")).await;
    for client in &clients {
        assert_eq!(buyer.through(client).status().await, "PROGRESS");
    }
    nodes.admin(1).rotate_keys().await.refused(503, "UNAVAILABLE");
    assert_eq!(database.run("select count(*) from secrets").trim(), "0");
}

/// A node that comes and goes says nothing of anybody's silence: the others' entries show that there was no downtime.
#[tokio::test]
async fn a_node_in_a_crash_loop_does_not_make_the_silent_count_as_seen() {
    let database = Database::fresh();
    let change = |setup: Setup| setup.set("queue.active_limit", 1).set("queue.waiting_ttl", "3s");
    let mut nodes = Nodes::open(&[database.url().to_owned()], change).await;
    let clients = nodes.clients();
    let inside = Buyer::admitted(&clients[0], 1).await;
    let silent = Buyer::join(&clients[0], 2).await;
    let polling = Buyer::join(&clients[0], 3).await;
    let begun = std::time::Instant::now();
    while begun.elapsed() < std::time::Duration::from_secs(5) {
        nodes.servers[1].kill();
        nodes.servers[1].start_again(Port::Any);
        polling.check().await;
    }
    inside.leave().await.data();
    polling.wait_for("PROGRESS").await;
    assert_eq!(silent.status().await, "WAITING", "it is back, behind who came in its place");
}

/// The ways of a newcomer: three servers on an empty database, all with the demo, all at once.
#[tokio::test]
async fn nodes_that_start_at_once_publish_one_demo() {
    let database = Database::fresh();
    let start = || setup().store_url(database.url()).flag("--demo").start();
    let servers: Vec<_> = std::thread::scope(|scope| {
        let starts: Vec<_> = (0..3).map(|_| scope.spawn(start)).collect();
        starts.into_iter().map(|starting| starting.join().expect("it has started")).collect()
    });
    let published = servers.iter().filter(|server| server.output().contains("published the demo")).count();
    assert_eq!(published, 1);
    let figure = |sql: &str| database.run(sql).trim().to_owned();
    eventually("the tables have it", async || figure("select count(*) > 50000 from seats") == "t").await;
    eventually("nothing is left over", async || figure("select count(*) from staged") == "0").await;
}
