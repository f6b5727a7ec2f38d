//! `onsale compact --store`: a shorter journal in the database, under nodes that serve; and a shortened one that moves there.

use std::process::{Command, Stdio};
use std::time::Duration;

use onsale_testkit::postgres::Database;
use onsale_testkit::{Port, Shop};

use crate::nodes::Nodes;
use crate::setup;
use crate::till::Till;

fn onsale(arguments: &[&str]) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_onsale")).args(arguments).output().expect("it can be run");
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

#[track_caller]
fn expect(arguments: &[&str]) -> String {
    let (done, said) = onsale(arguments);
    assert!(done, "{arguments:?}: {said}");
    said
}

fn number(database: &Database, sql: &str) -> u64 {
    database.run(sql).trim().parse().expect("a number")
}

const BASE: &str = "select seq from journal_base";
const COVERED: &str = "select count(*) from journal_entry where seq <= (select seq from journal_base)";
const KEPT: &str = "select string_agg(nspname, ' ') from pg_namespace where nspname like 'onsale_checkpoint_%'";

#[tokio::test]
async fn the_journal_is_cut_under_nodes_that_serve_and_others_join_from_there() {
    let database = Database::fresh();
    let mut nodes = Nodes::crowded(&[database.url().to_owned()]).await;
    let mut till = Till::open(&nodes.clients(), 12).await;
    let mark = || number(&database, "select coalesce(max(seq), 0) from mark");
    let mut base = 0;
    for node in 0..2 {
        till.more(300).await;
        onsale_testkit::eventually("the tables go on", async || mark() > base).await;
        nodes.servers[node].kill();
        expect(&["compact", "--store", database.url()]);
        let cut = number(&database, BASE);
        assert!(cut > base, "{cut} and {base}");
        base = cut;
        assert_eq!(number(&database, COVERED), 0, "entries are left that the checkpoint covers");
        assert_eq!(database.run(KEPT).trim(), format!("onsale_checkpoint_{cut}"));
        till.more(300).await;
        nodes.servers[node].start_again(Port::Same);
        till.more(300).await;
        nodes.assert_audit_clean(database.url());
    }
    till.close(&nodes.clients()).await;
    nodes.assert_agreed().await;
    // The sealed state is part of the proof: without it, or with another, an audit cannot say that everything holds.
    database.run(&format!("update onsale_checkpoint_{base}.wallets set balance = balance + 1"));
    let (holds, said) = onsale(&["audit", "--store", database.url()]);
    assert!(!holds && said.contains("holds no state"), "{said}");
    database.run(&format!("drop schema onsale_checkpoint_{base} cascade"));
    let (holds, said) = onsale(&["audit", "--store", database.url()]);
    assert!(!holds && said.contains("the state at the journal's beginning"), "{said}");
}

#[tokio::test]
async fn compacting_may_be_killed_at_any_moment() {
    let database = Database::fresh();
    let nodes = Nodes::crowded(&[database.url().to_owned()]).await;
    let mut till = Till::open(&nodes.clients(), 12).await;
    for delay_ms in (0..200).step_by(20) {
        till.more(100).await;
        let mut command = Command::new(env!("CARGO_BIN_EXE_onsale"));
        command.args(["compact", "--store", database.url()]).stdout(Stdio::null()).stderr(Stdio::null());
        let mut compacting = command.spawn().expect("it can be run");
        tokio::time::sleep(Duration::from_millis(delay_ms)).await;
        // It may have come to its end.
        let _ = compacting.kill();
        compacting.wait().expect("it can be waited for");
        nodes.assert_audit_clean(database.url());
    }
    till.close(&nodes.clients()).await;
    // The server may not have noticed yet that the last one is gone, and keep its lock.
    onsale_testkit::eventually("it is compacted", async || onsale(&["compact", "--store", database.url()]).0).await;
    assert_eq!(database.run(KEPT).split_whitespace().count(), 1);
    nodes.assert_agreed().await;
}

#[tokio::test]
async fn a_store_whose_journal_was_cut_moves_into_a_database_with_its_beginning() {
    let directory = tempfile::tempdir().expect("a directory");
    let data = directory.path().join("data");
    let path = data.to_str().expect("a path that is text").to_owned();
    let mut shop = Shop::open(setup().in_directory().data(&data)).await;
    let buyer = shop.insider_with(1, 60_000).await;
    let reservation = buyer.hold(1, 3).await;
    assert!(shop.server.terminate().success());
    expect(&["compact", "--data", &path]);
    shop.server.start_again(Port::Any);
    buyer.through(&shop.server.client()).pay(reservation).await.data();
    assert!(shop.server.terminate().success());
    let database = Database::fresh();
    expect(&["migrate-store", "--data", &path, "--store", database.url()]);
    assert!(number(&database, BASE) > 0);
    let said = expect(&["audit", "--store", database.url()]);
    assert!(said.contains("the replay began at entry"), "{said}");
    let server = setup().store_url(database.url()).start();
    assert_eq!(buyer.through(&server.client()).balance().await, 10_000);
    drop(server);
    expect(&["compact", "--store", database.url()]);
    expect(&["audit", "--store", database.url()]);
}

#[tokio::test]
async fn what_is_no_store_is_not_compacted() {
    let database = Database::fresh();
    let (done, said) = onsale(&["compact", "--store", database.url()]);
    assert!(!done && said.contains("there is no store to be compacted"), "{said}");
    assert_eq!(number(&database, "select count(*) from pg_tables where schemaname = 'public'"), 0);
    let (done, said) = onsale(&["compact"]);
    assert!(!done && said.contains("name the store with --data or --store"), "{said}");
}
