//! A database whose clock is wrong, at a start and later.

use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use onsale_testkit::postgres::Database;
use onsale_testkit::{Call, Shop, eventually};

use crate::setup;

const YEAR_S: i64 = 31_557_600;

/// A database whose clock is away from the machine's by what is in a table, for who connects to it.
fn stepping() -> Database {
    let database = Database::fresh();
    database.run(&format!(
        "create schema shim;
        create table shim.step as select 0::bigint as seconds;
        create function shim.clock_timestamp() returns timestamptz language sql volatile as
            $$ select pg_catalog.clock_timestamp() + make_interval(secs => seconds) from shim.step $$;
        alter database {} set search_path = shim, pg_catalog, public;",
        database.name()
    ));
    database
}

fn step(database: &Database, seconds: i64) {
    database.run(&format!("update shim.step set seconds = {seconds}"));
}

#[tokio::test]
async fn a_start_with_a_clock_that_cannot_be_right_is_refused() {
    let database = stepping();
    let refused = |seconds| {
        step(&database, seconds);
        let (status, printed) = setup().store_url(database.url()).refused();
        assert!(!status.success());
        assert!(printed.contains("store.trust_clock") && printed.contains("the clock"), "{printed}");
    };
    refused(-50 * YEAR_S);
    refused(100 * YEAR_S);

    // Behind the end of 32 bits of seconds, a new store sells like any other.
    let now_s = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock").as_secs();
    let in_2038 = 2_150_000_000 - i64::try_from(now_s).expect("it fits");
    step(&database, in_2038);
    let mut shop = Shop::open(setup().store_url(database.url())).await;
    let buyer = shop.insider_with(1, 50_000).await;
    let held = buyer.hold(1, 1).await;
    buyer.pay(held).await.data();
    assert!(shop.server.terminate().success());

    refused(in_2038 + 2 * YEAR_S);
    refused(0);
    shop.server.reconfigure(|setup| setup.set("store.trust_clock", true));
    shop.come_back();
    let buyer = buyer.through(&shop.client);
    assert_eq!(buyer.charge(5).await.data()["amount"], 5, "the operator says that it is right");
}

#[tokio::test]
async fn a_clock_that_steps_back_makes_no_hold_last_and_no_storm_of_entries() {
    let database = stepping();
    let shop = Shop::open(setup().store_url(database.url()).set("hold.ttl", "2s")).await;
    let buyer = shop.insider(1).await;
    let entries = || database.run("select max(seq) from journal_entry").trim().parse::<u64>().expect("a number");
    step(&database, -3_600);
    buyer.hold(1, 1).await;
    let before = entries();
    eventually("the hold lapses", async || buyer.seat(1, 1).await["seatStatus"] == "AVAILABLE").await;
    let appended = entries() - before;
    assert!(appended <= 20, "{appended} entries while nobody wrote");
}

/// By the journal alone, a clock that has stepped looks like one that is right after a pause.
#[tokio::test]
async fn a_node_that_starts_beside_another_takes_no_step_of_the_clock_for_time() {
    let database = stepping();
    let shop = Shop::open(setup().store_url(database.url())).await;
    let buyer = shop.insider(1).await;
    buyer.hold(1, 1).await;
    let last_ms = || database.run("select max(time_ms) from journal_entry").trim().parse::<u64>().expect("a time");
    for seconds in [5 * 3_600, -2 * 86_400, 2 * YEAR_S] {
        step(&database, seconds);
        let before_ms = last_ms();
        let other = setup().store_url(database.url()).start();
        assert!(other.output().contains("the store's time goes on as theirs"), "{}", other.output());
        let through = buyer.through(&other.client());
        through.charge(1).await.data();
        let metrics = other.client().call(Call::get("/metrics")).await;
        let metrics = String::from_utf8_lossy(&metrics.body).into_owned();
        let ahead = metrics.lines().find_map(|line| line.strip_prefix("onsale_clock_ahead_seconds "));
        let ahead: f64 = ahead.and_then(|ahead| ahead.parse().ok()).unwrap_or_else(|| panic!("{metrics}"));
        assert!(ahead.abs() > 3_000.0 && (ahead > 0.0) == (seconds < 0), "{ahead} s");
        // What passes here is minutes at most, however slow the machine is; the clock has lied by hours.
        assert!(last_ms() - before_ms < 1_800_000, "{} ms have passed", last_ms() - before_ms);
        assert_eq!(through.seat(1, 1).await["seatStatus"], "TEMP_RESERVED");
    }
}

/// Holds end by the database's time: a page that counted by the machine's would say that they are over, or last longer.
#[tokio::test]
async fn answers_have_the_stores_time_where_date_is_another() {
    let database = stepping();
    step(&database, -600);
    let shop = Shop::open(setup().store_url(database.url())).await;
    let buyer = shop.insider(1).await;
    let hold = buyer.reserve(1, 1).await.data();
    let until: Timestamp = hold["reservedUntil"].as_str().expect("a moment").parse().expect("RFC 3339");
    eventually("the store's time is told", async || {
        let reply = shop.client.call(Call::post("/v1/api/queue/token/check").token(buyer.token())).await;
        let Some(time_ms) = reply.header("onsale-time") else { return false };
        let time = Timestamp::from_millisecond(time_ms.parse().expect("milliseconds")).expect("a time");
        let left = until.duration_since(time).as_secs();
        assert!((200..=301).contains(&left), "{left} s are left of five minutes");
        true
    })
    .await;
    let beside = shop.client.call(Call::get("/v1/catalog")).await;
    assert!(beside.header("onsale-time").is_some(), "the same on all that a page asks for");
}
