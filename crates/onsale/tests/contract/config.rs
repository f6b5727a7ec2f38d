//! What the command line, the environment and the data directory may say.

use std::time::Duration;

use onsale_testkit::{Call, Shop};
use serde_json::json;
use tokio::task::JoinSet;

use crate::setup;

#[test]
fn an_impossible_value_is_refused_by_its_key() {
    let values = [
        ("queue.active_limit", "0"),
        ("queue.active_limit", "many"),
        ("queue.session_ttl", "soon"),
        ("queue.waiting_ttl", "-1s"),
        ("hold.ttl", "0s"),
        ("hold.limit_per_user", "0"),
        ("store.commit_interval", "2s"),
        ("store.trust_clock", "maybe"),
        ("admin.key", "short"),
    ];
    for (key, value) in values {
        let (status, printed) = setup().set(key, value).refused();
        assert!(!status.success());
        assert!(printed.contains(key), "{key}={value}: {printed}");
    }
}

#[test]
fn an_unknown_key_is_refused_by_its_name() {
    let (status, printed) = setup().set("queue.activ_limit", 5).refused();
    assert!(!status.success());
    assert!(printed.contains("activ_limit"), "{printed}");
}

#[tokio::test]
async fn a_data_directory_has_one_owner() {
    let shop = Shop::open(setup().in_directory()).await;
    let (status, printed) = setup().in_directory().data(shop.server.data()).refused();
    assert!(!status.success());
    assert!(!printed.is_empty(), "it says why");
    assert_eq!(shop.insider(1).await.charge(5).await.data()["amount"], 5, "the owner goes on");
}

#[tokio::test]
async fn a_restart_with_the_same_configuration_moves_no_lever_back() {
    let mut shop = Shop::open(setup().in_directory().set("queue.active_limit", 2)).await;
    let narrower = json!({"activeLimit": 1});
    shop.admin.call(Call::patch("/v1/admin/queues/default").json(&narrower)).await.data();
    assert!(shop.server.terminate().success());
    shop.come_back();
    let queues = shop.admin.call(Call::get("/v1/admin/queues")).await.data();
    assert_eq!(queues[0]["activeLimit"], 1, "the operator's word, not the flag's: {queues}");
    let now = shop.admin.call(Call::get("/v1/admin/ops/now")).await.data();
    let expected = json!([{"key": "queue.active_limit", "given": "2", "inForce": "1"}]);
    assert_eq!(now["settingsNotInForce"], expected);

    assert!(shop.server.terminate().success());
    shop.server.reconfigure(|setup| setup.flag("--force-settings"));
    shop.come_back();
    let queues = shop.admin.call(Call::get("/v1/admin/queues")).await.data();
    assert_eq!(queues[0]["activeLimit"], 2, "{queues}");
    let levers = shop.admin.call(Call::get("/v1/admin/levers")).await.data();
    assert!(levers.to_string().contains("\"operator\":\"configuration\""), "it is on record: {levers}");
}

#[tokio::test]
async fn a_store_keeps_the_currency_of_its_first_start() {
    let mut shop = Shop::open(setup().in_directory().set("store.currency", "USD")).await;
    assert!(shop.server.terminate().success());
    let (status, printed) = setup().in_directory().data(shop.server.data()).set("store.currency", "KRW").refused();
    assert_eq!(status.code(), Some(2), "{printed}");
    assert!(printed.contains("store.currency") && printed.contains("USD"), "{printed}");
    shop.server.reconfigure(|setup| setup.unset("store.currency"));
    shop.come_back();
    assert_eq!(shop.client.call(Call::get("/v1/catalog")).await.data()["currency"], "USD", "nobody says otherwise");
}

/// How many entries the journal of this server has taken.
async fn entries(shop: &Shop) -> u64 {
    let reply = shop.client.call(Call::get("/metrics")).await;
    let text = String::from_utf8(reply.body.to_vec()).expect("metrics are text");
    let count = text.lines().find_map(|line| line.strip_prefix("onsale_journal_batch_commands_count "));
    count.and_then(|count| count.parse().ok()).expect("the entries are counted")
}

#[tokio::test]
async fn what_comes_within_the_commit_interval_is_committed_together() {
    let shop = Shop::open(setup().in_directory().set("store.commit_interval", "600ms")).await;
    let buyer = shop.visitor(1).await;
    let before = entries(&shop).await;
    let mut charges = JoinSet::new();
    for number in 0..20 {
        let buyer = buyer.clone();
        charges.spawn(async move {
            tokio::time::sleep(Duration::from_millis(10 * number)).await;
            buyer.charge(1).await.data();
        });
    }
    charges.join_all().await;
    let made = entries(&shop).await - before;
    assert!((1..=8).contains(&made), "20 charges within 200 ms were {made} entries");
    assert_eq!(buyer.balance().await, 20);
}

#[test]
fn a_process_that_may_open_next_to_nothing_does_not_start() {
    let (status, output) = setup().under(&["sh", "-c", "ulimit -n 64 && exec \"$0\" \"$@\""]).refused();
    assert!(!status.success() && output.contains("the system allows 64 file descriptors"), "{output}");
}

/// Whoever starts it again finds it the same: a supervisor that tries for ever would not help.
#[test]
fn a_file_that_is_named_and_cannot_be_used_ends_the_start_as_a_wrong_setting_does() {
    let nowhere = "/nowhere/a-file";
    let signed = || {
        let signed = setup().set("access.users", "signed").set("entry.issuer", "https://shop.example");
        signed.set("entry.audience", "tickets")
    };
    let login = || {
        let login = setup().set("login.issuer", "https://id.example").set("login.client_id", "onsale");
        let login =
            login.set("login.buyers", "off").set("login.role_claim", "groups").set("login.roles", "staff=admin");
        login.set("login.admin_origin", "https://ops.example")
    };
    for (setup, named) in [
        (signed().set("entry.keys", nowhere), "entry.keys"),
        (signed().set("entry.keys", "/dev/null"), "entry.keys"),
        (setup().set("tls.cert", nowhere).set("tls.key", nowhere), nowhere),
        (login().set("login.client_secret_file", nowhere), "login.client_secret_file: /nowhere/a-file cannot be read"),
    ] {
        let (status, printed) = setup.refused();
        assert_eq!(status.code(), Some(2), "{printed}");
        assert!(printed.contains(named), "{printed}");
    }
}
