//! Alerts and the dashboard, against a real Prometheus that scrapes real servers.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use onsale_testkit::postgres::Database;
use onsale_testkit::{Call, Setup, Shop, eventually};
use serde_json::Value;

use crate::prometheus::Prometheus;
use crate::{run, top};

const RULES: &str = "deploy/prometheus/onsale.rules.yml";

fn text(path: &str) -> String {
    fs::read_to_string(top().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn strings<'a>(values: &'a Value, pointer: &str) -> Vec<&'a str> {
    let values = values.as_array().unwrap_or_else(|| panic!("a list was expected: {values}"));
    let found = values.iter().map(|value| value.pointer(pointer).and_then(Value::as_str));
    found.map(|found| found.unwrap_or_else(|| panic!("no {pointer} in {values:?}"))).collect()
}

/// The configuration that the runbook shows, with the rules where they are here and other targets, in a shorter time.
fn configuration(shops: &[(&str, &Shop)]) -> String {
    let runbook = text("docs/runbook.md");
    let shown = runbook.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
    let (before, after) = shown.split_once("  - job_name:").expect("a job");
    let job = format!("  - job_name:{after}");
    let jobs: String = shops
        .iter()
        .map(|(name, shop)| {
            let address = shop.server.address().to_string();
            job.replacen("onsale ", &format!("{name} "), 1).replace("127.0.0.1:8081", &address)
        })
        .collect();
    let text = format!("{before}{jobs}").replace("5s", "200ms");
    let text = text.replace("/etc/prometheus/onsale.rules.yml", &top().join(RULES).display().to_string());
    assert!(shops.iter().all(|(name, _)| text.contains(name)) && text.contains(RULES), "{text}");
    text
}

/// Somebody who has bought a seat; and one who was turned away, where nobody may have a stream.
async fn sell(shop: &Shop, user: u64, seat: u64) {
    let buyer = shop.insider_with(user, 50_000).await;
    let reservation = buyer.hold(1, seat).await;
    buyer.pay(reservation).await.data();
    assert_eq!(buyer.try_stream().await.err().map(|reply| reply.status), Some(503));
}

/// All names of metrics in a text.
fn metrics(text: &str) -> BTreeSet<&str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words.filter(|word| word.starts_with("onsale_")).collect()
}

/// Panics where a text has a metric that no server has.
async fn assert_known(shops: [&Shop; 2], text: &str) {
    let mut known = String::new();
    for shop in shops {
        let reply = shop.client.call(Call::get("/metrics")).await;
        known += &String::from_utf8_lossy(&reply.body);
    }
    let known: BTreeSet<&str> =
        known.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    let is_known = |name: &&str| {
        let ends = ["", "_total", "_bucket", "_sum", "_count"];
        ends.iter().any(|end| name.strip_suffix(end).is_some_and(|name| known.contains(name)))
    };
    let unknown: Vec<_> = metrics(text).into_iter().filter(|name| !is_known(name)).collect();
    assert!(unknown.is_empty(), "no server has {unknown:?}");
}

/// Which alerts can never be raised with a store of the other kind, as the runbook says.
async fn assert_silent_alerts_are_named(single: &Shop, node: &Shop) {
    let all = async |shop: &Shop| {
        let reply = shop.client.call(Call::get("/metrics")).await;
        metrics(&String::from_utf8_lossy(&reply.body)).into_iter().map(str::to_owned).collect::<BTreeSet<String>>()
    };
    let (of_directory, of_database) = (all(single).await, all(node).await);
    let runbook = text("docs/runbook.md");
    let named = |words: &str| -> BTreeSet<String> {
        let sentence = runbook.split(words).nth(1).and_then(|rest| rest.split(['.', ';']).next()).expect(words);
        let names = sentence.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| word.starts_with("Onsale"));
        names.map(str::to_owned).collect()
    };
    let rules = text(RULES);
    // Of several kinds in one rule, some may be left.
    let lacking = |have: &BTreeSet<String>, other: &BTreeSet<String>| -> BTreeSet<String> {
        let rules = rules.split("- alert: ").skip(1);
        let lacks = |rule: &&str| metrics(rule).iter().any(|name| !have.contains(*name) && other.contains(*name));
        rules.filter(lacks).map(|rule| rule.lines().next().unwrap_or_default().trim().to_owned()).collect()
    };
    assert_eq!(named("**Only with a store in PostgreSQL**"), lacking(&of_directory, &of_database));
    assert_eq!(named("**Only with a store in a directory**"), lacking(&of_database, &of_directory));
}

#[tokio::test]
async fn a_prometheus_takes_the_rules_and_has_data_for_each_panel() {
    let setup =
        || Setup::new(env!("CARGO_BIN_EXE_onsale")).set("http.streams_max", 0).set("rate.user_per_minute", 6_000);
    let mut single = Shop::open(setup().in_directory()).await;
    let database = Database::fresh();
    let node = Shop::open(setup().store_url(database.url())).await;
    let prometheus = Prometheus::start(&configuration(&[("onsale", &single), ("onsale-cluster", &node)])).await;

    let dashboard: Value = serde_json::from_str(&text("deploy/grafana/onsale.json")).expect("JSON");
    let panels = dashboard["panels"].as_array().expect("panels");
    let queries: Vec<String> = panels
        .iter()
        .filter(|panel| panel["type"] != "row")
        .flat_map(|panel| strings(&panel["targets"], "/expr"))
        .map(|query| query.replace("$job", ".*").replace("$instance", ".*").replace("$__rate_interval", "1m"))
        .collect();
    assert!(queries.len() > 30, "{queries:?}");
    let rules = text(RULES);
    assert_known([&single, &node], &format!("{rules}{}{}", queries.join("\n"), text("docs/runbook.md"))).await;

    assert_silent_alerts_are_named(&single, &node).await;

    // Something has to have been counted, and to be counted again.
    for round in 1..=2 {
        sell(&single, round, round).await;
        sell(&node, round, round).await;
        let seen = format!("sum by (job) (onsale_queue_issued_total) == {round}");
        eventually("Prometheus has seen it", async || prometheus.query(&seen).await.len() == 2).await;
    }
    for query in &queries {
        eventually(query, async || !prometheus.query(query).await.is_empty()).await;
    }

    let groups = prometheus.get("/api/v1/rules").await;
    let rules: Vec<&Value> = groups["groups"]
        .as_array()
        .expect("groups")
        .iter()
        .flat_map(|group| group["rules"].as_array().expect("rules"))
        .collect();
    let state = |name: &str| {
        let path = format!("/api/v1/rules?rule_name[]={name}");
        let prometheus = &prometheus;
        async move { prometheus.get(&path).await["groups"].to_string() }
    };
    eventually("all rules are evaluated", async || {
        !prometheus.get("/api/v1/rules").await.to_string().contains("unknown")
    })
    .await;
    let groups = prometheus.get("/api/v1/rules").await.to_string();
    assert!(!groups.contains(r#""health":"err""#), "{groups}");
    let healthy = state("OnsaleDown").await;
    assert!(healthy.contains(r#""state":"inactive""#), "{healthy}");
    single.server.kill();
    eventually("it is down", async || state("OnsaleDown").await.contains(r#""state":"pending""#)).await;

    let names: BTreeSet<&str> = rules.iter().map(|rule| rule["name"].as_str().expect("a name")).collect();
    let runbook = text("docs/runbook.md");
    let headings: BTreeSet<&str> = runbook.lines().filter_map(|line| line.strip_prefix("### ")).collect();
    assert_eq!(headings, names, "the runbook has a heading for each alert, and no other");
    for rule in rules {
        let name = rule["name"].as_str().expect("a name");
        let anchor = format!("docs/runbook.md#{}", name.to_lowercase());
        assert_eq!(rule["annotations"]["runbook_url"], anchor.as_str(), "{name}");
    }
}

#[test]
fn promtool_finds_nothing_wrong() {
    let directory = top().join("deploy/prometheus");
    let promtool = |words: &[&str]| run(Command::new("promtool").current_dir(&directory).args(words));
    promtool(&["check", "rules", "onsale.rules.yml"]);
    promtool(&["test", "rules", "onsale.rules.test.yml"]);
}
