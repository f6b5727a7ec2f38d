//! Somebody looks at the tables and leaves the transaction open.

use std::time::{Duration, Instant};

use onsale_testkit::postgres::{Database, Session};
use onsale_testkit::{Admin, eventually};

use crate::nodes::Nodes;
use crate::till::Till;

/// What an analyst's tool does before its owner goes to lunch.
const LOOK: &str =
    "begin isolation level repeatable read; select count(*) from reservations; select count(*) from mark;";

#[tokio::test]
async fn a_transaction_that_is_left_open_stops_neither_sales_nor_tables_nor_nodes_that_join() {
    let database = Database::fresh();
    let mut nodes = Nodes::crowded(&[database.url().to_owned()]).await;
    let mut till = Till::open(&nodes.clients(), 12).await;
    till.more(300).await;
    let analyst = Session::open(database.url(), LOOK);
    let projected = || database.run("select coalesce(max(seq), 0) from mark").trim().parse::<u64>().expect("a number");
    // With figures of the tables, as autovacuum gathers them after a minute, every append still finds its place by an index.
    database.run("analyze");
    let scans = || database.run("select seq_scan from pg_stat_user_tables where relname = 'journal_entry'");
    till.more(300).await;
    let before_all = scans();
    for _ in 0..3 {
        let before = projected();
        till.more(300).await;
        eventually("the tables go on", async || projected() > before).await;
        // An append's row is written once: there is nothing that an old snapshot could keep.
        let dead =
            database.run("select n_tup_upd + n_tup_del from pg_stat_user_tables where relname = 'journal_entry'");
        assert_eq!(dead.trim(), "0");
    }
    assert_eq!(scans(), before_all, "the whole journal was read");
    nodes.servers[1].kill();
    nodes.servers[1].start_again(onsale_testkit::Port::Same);
    till.more(300).await;
    let open = "select count(*) from pg_stat_activity
        where datname = current_database() and application_name = 'psql' and state = 'idle in transaction'";
    assert_eq!(database.run(open).trim(), "1", "the analyst's transaction was ended");
    drop(analyst);
    till.close(&nodes.clients()).await;
    nodes.assert_agreed().await;
}

/// How long each line of the measurement takes, and how long it goes on without the analyst.
const LINE: Duration = Duration::from_secs(10);
const ALONE: Duration = Duration::from_secs(20);
/// For how many seconds it goes on beside the analyst. Without it there is no measurement.
const SECONDS: &str = "TESTKIT_ANALYST_S";

/// Prints rates, and asserts nothing of time. See `scripts/measure-open-transaction`.
#[tokio::test]
async fn appends_beside_a_transaction_that_is_left_open_can_be_measured() {
    let Some(seconds) = std::env::var(SECONDS).ok().and_then(|text| text.parse().ok()) else { return };
    let database = Database::fresh();
    let nodes = Nodes::crowded(&[database.url().to_owned()]).await;
    let mut till = Till::open(&nodes.clients(), 24).await;
    till.more(3_000).await;
    let admin = nodes.admin(0);
    measure("alone ", ALONE, &admin, &till, &database).await;
    let analyst = Session::open(database.url(), LOOK);
    measure("beside", Duration::from_secs(seconds), &admin, &till, &database).await;
    drop(analyst);
    // The seats are gone by now: this is what the end of that is to be held against.
    measure("after ", ALONE, &admin, &till, &database).await;
    till.close(&nodes.clients()).await;
    nodes.assert_agreed().await;
}

async fn measure(what: &str, during: Duration, admin: &Admin, till: &Till, database: &Database) {
    let began = Instant::now();
    while began.elapsed() < during {
        let (line, receipts, seq) = (Instant::now(), till.receipts(), seq(admin).await);
        tokio::time::sleep(LINE).await;
        let per_second = |count: u64| count as f64 / line.elapsed().as_secs_f64();
        let (appends, receipts) = (per_second(self::seq(admin).await - seq), per_second(till.receipts() - receipts));
        let dead = database.run("select relname, n_dead_tup from pg_stat_user_tables order by 2 desc limit 3");
        let dead = dead.trim().replace('\n', " ");
        eprintln!(
            "{what} {:>4} s: {appends:>6.0} appends/s {receipts:>6.0} receipts/s; dead rows: {dead}",
            began.elapsed().as_secs()
        );
    }
}

async fn seq(admin: &Admin) -> u64 {
    admin.state().await["seq"].as_u64().expect("a number")
}
