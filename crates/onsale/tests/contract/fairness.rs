//! The fairness record, checked as an outsider would.

use std::process::Command;

use onsale_testkit::{Buyer, Call, Script, Server, Shop};
use serde_json::{Value, json};
use tokio::time::{Duration, sleep};

use crate::draw::from_now;
use crate::entry::by_secret;
use crate::setup;
use crate::tiers::{join, open, prequeue};

/// The record of a stopped store, and the hash that the command prints.
fn record(server: &Server) -> (String, String) {
    let output = server.run("fairness", &[]);
    let said = String::from_utf8(output.stderr).expect("text");
    assert!(output.status.success(), "{said}");
    let hash = said.split("the last line has the hash ").nth(1).expect("the hash").split(':').next();
    (String::from_utf8(output.stdout).expect("text"), hash.expect("the hash").to_owned())
}

/// An outsider with a file and, where they know it, the hash that was published.
struct Outsider {
    script: Script,
    directory: tempfile::TempDir,
}

impl Outsider {
    fn new() -> Self {
        let script = Script::of(include_str!("../../../../docs/fairness.md"), "python");
        Self { script, directory: tempfile::tempdir().expect("a directory") }
    }

    /// What they say of it, if it does not hold.
    async fn doubts(&self, record: &str, hash: Option<&str>) -> Option<String> {
        let file = self.directory.path().join("fairness.jsonl");
        std::fs::write(&file, record).expect("a file");
        let arguments = [file.to_str().expect("text")].into_iter().chain(hash);
        let output = self.script.run(&arguments.collect::<Vec<_>>()).await;
        (!output.status.success()).then(|| String::from_utf8_lossy(&output.stderr).into_owned())
    }

    /// The same of one who made all hashes anew after a change, and published the last.
    async fn doubts_forged(&self, lines: &[Value]) -> Option<String> {
        let file = self.directory.path().join("lines.json");
        std::fs::write(&file, serde_json::to_vec(lines).expect("it is JSON")).expect("a file");
        let forge = "import hashlib, json, sys\nbefore = '0' * 64\nfor line in json.load(open(sys.argv[1])):\n    \
                     text = json.dumps({**line, 'before': before})\n    print(text)\n    \
                     before = hashlib.sha256(text.encode()).hexdigest()";
        let output = Command::new("python3").args(["-c", forge]).arg(file).output().expect("it runs");
        self.doubts(&String::from_utf8(output.stdout).expect("text"), None).await
    }
}

fn events(record: &str) -> Vec<Value> {
    record.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect()
}

fn of<'a>(events: &'a [Value], what: &'a str) -> impl Iterator<Item = usize> + 'a {
    events.iter().enumerate().filter(move |(_, event)| event["event"] == what).map(|(at, _)| at)
}

async fn change(shop: &Shop, body: Value) {
    shop.admin.call(Call::patch("/v1/admin/queues/default").json(&body)).await.data();
}

/// Everybody's number is greater than any other figure in a record: it cannot be in one by chance.
const FIRST_USER: u64 = 9_000_000_000_000_001;

/// The store of a queue with a draw, stopped: somebody left before the opening, one came late, two fell silent and were passed over,
/// of whom one came back.
async fn sold() -> Shop {
    let mut shop = Shop::open(setup().set("queue.active_limit", 1).set("queue.waiting_ttl", "3s")).await;
    change(&shop, json!({"order": "draw", "prequeueAt": from_now(-1_000), "opensAt": from_now(3_600_000)})).await;
    change(&shop, json!({"beacon": "drand quicknet 1: 5f"})).await;
    let mut buyers = Vec::new();
    for user in FIRST_USER..FIRST_USER + 12 {
        buyers.push(shop.visitor(user).await);
    }
    buyers[4].leave().await;
    shop.crash();
    change(&shop, json!({"opensAt": from_now(-1)})).await;
    let mut buyers: Vec<_> = buyers.iter().map(|buyer| buyer.through(&shop.client)).collect();
    buyers.push(Buyer::join(&shop.client, FIRST_USER + 12).await);
    let mut silent = Vec::new();
    for (nth, buyer) in buyers.iter().enumerate() {
        if silent.len() < 2 && buyer.status().await == "WAITING" {
            silent.push(nth);
        }
    }
    for _ in 0..5 {
        sleep(Duration::from_secs(1)).await;
        for nth in (0..buyers.len()).filter(|nth| !silent.contains(nth)) {
            buyers[nth].check().await;
        }
    }
    change(&shop, json!({"activeLimit": 100})).await;
    buyers[silent[0]].wait_for("PROGRESS").await;
    buyers[12].leave().await;
    assert!(shop.server.terminate().success());
    shop
}

#[tokio::test]
async fn a_record_holds_and_no_line_of_it_can_be_changed() {
    let shop = sold().await;
    let (text, hash) = record(&shop.server);
    let outsider = Outsider::new();
    assert_eq!(outsider.doubts(&text, Some(&hash)).await, None, "{text}");
    let events = events(&text);
    let count = |what| of(&events, what).count();
    assert_eq!((count("joined"), count("drawn"), count("beacon"), count("order")), (13, 1, 1, 1), "{text}");
    assert_eq!((count("admitted"), count("passedOver"), count("returned"), count("done")), (11, 2, 1, 2), "{text}");
    let names = (FIRST_USER..FIRST_USER + 13).map(|user| user.to_string()).find(|user| text.contains(user));
    assert_eq!(names, None, "nobody's number is in it");

    let lines: Vec<&str> = text.lines().collect();
    let joined = |lines: &[&str]| lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    for at in 0..lines.len() {
        let changed = lines[at].replacen("\"entry\":", "\"entry\":1", 1).replacen("fairness-1", "fairness-2", 1);
        assert_ne!(changed, lines[at]);
        let mut other = lines.clone();
        other[at] = &changed;
        assert!(outsider.doubts(&joined(&other), Some(&hash)).await.is_some(), "{changed}");
        let missing = [&lines[..at], &lines[at + 1..]].concat();
        assert!(outsider.doubts(&joined(&missing), Some(&hash)).await.is_some(), "without {}", lines[at]);
    }
}

#[tokio::test]
async fn a_record_that_was_made_up_does_not_hold_though_its_hashes_do() {
    let shop = sold().await;
    let (text, _) = record(&shop.server);
    let (outsider, events) = (Outsider::new(), events(&text));
    assert_eq!(outsider.doubts_forged(&events).await, None, "its hashes are made anew as they must be");
    let forge = |change: &dyn Fn(&mut Vec<Value>)| {
        let mut forged = events.clone();
        change(&mut forged);
        forged
    };
    let at = |what, nth| of(&events, what).nth(nth).expect("there are so many");
    let drawn = at("drawn", 0);
    let cases = [
        (
            "another time",
            "or of others",
            forge(&|lines| lines[at("joined", 3)]["joinedAt"] = json!(1_800_000_000_000_u64)),
        ),
        ("another beacon", "was not next", forge(&|lines| lines[at("beacon", 0)]["beacon"] = json!("round 2"))),
        ("another seed", "of another seed", forge(&|lines| lines[drawn]["seed"] = json!("00".repeat(32)))),
        ("somebody jumps the line", "was not next", forge(&|lines| lines.swap(at("admitted", 2), at("admitted", 3)))),
        (
            "one is passed over for another",
            "was not next",
            forge(&|lines| lines.swap(at("passedOver", 0), at("admitted", 4))),
        ),
        ("somebody is inside before", "was not next", forge(&|lines| lines.swap(at("phase", 2), at("admitted", 0)))),
        ("whoever came back is forgotten", "was not next", forge(&|lines| drop(lines.remove(at("returned", 0))))),
        ("another place", "was not next", forge(&|lines| lines[at("admitted", 1)]["place"] = json!(12))),
    ];
    for (what, doubt, forged) in cases {
        let said = outsider.doubts_forged(&forged).await.unwrap_or_else(|| panic!("{what}: nothing is found"));
        assert!(said.contains(doubt), "{what}: {said}");
    }
}

#[tokio::test]
async fn a_shortened_journal_tells_who_is_there_and_not_since_when() {
    let shop = sold().await;
    let output = shop.server.run("compact", &[]);
    assert!(output.status.success(), "{output:?}");
    let (text, hash) = record(&shop.server);
    assert_eq!(Outsider::new().doubts(&text, Some(&hash)).await, None, "{text}");
    let events = events(&text);
    assert_eq!((of(&events, "joined").count(), of(&events, "drawn").count()), (13, 1), "{text}");
    assert!(events[1..].iter().all(|event| event["at"].is_null() && event["entry"] == 0), "{text}");
}

/// The store of a queue with three tiers and people without one, stopped: somebody left before the opening, and one of tier 1 came
/// after it.
async fn sold_by_tier(order: &str) -> Shop {
    let mut shop = Shop::open(by_secret().set("queue.active_limit", 1)).await;
    prequeue(&shop, order).await;
    let mut buyers = Vec::new();
    for (user, tier) in (1..).zip([None, Some(2), Some(9), Some(1)].into_iter().cycle().take(16)) {
        buyers.push(join(&shop, user, tier).await);
    }
    buyers.remove(5).leave().await;
    shop.crash();
    open(&shop).await;
    shop.crash();
    buyers.push(join(&shop, 17, Some(1)).await);
    change(&shop, json!({"activeLimit": 100})).await;
    for buyer in &buyers {
        buyer.through(&shop.client).wait_for("PROGRESS").await;
    }
    assert!(shop.server.terminate().success());
    shop
}

/// Whether all were let in tier by tier, but for the last, who came late.
fn is_by_tier(events: &[Value]) -> bool {
    let tier = |ticket: &Value| {
        let joined = of(events, "joined").find(|&at| events[at]["ticket"] == *ticket).expect("they joined before");
        events[joined]["tier"].as_u64().unwrap_or(10)
    };
    let mut tiers: Vec<_> = of(events, "admitted").map(|at| tier(&events[at]["ticket"])).collect();
    tiers.pop() == Some(1) && tiers.is_sorted()
}

#[tokio::test]
async fn a_record_of_a_draw_has_tiers_and_none_can_be_changed() {
    let shop = sold_by_tier("draw").await;
    let (text, hash) = record(&shop.server);
    let (outsider, events) = (Outsider::new(), events(&text));
    assert_eq!(outsider.doubts(&text, Some(&hash)).await, None, "{text}");
    let count = |what| of(&events, what).count();
    assert_eq!((count("joined"), count("drawn"), count("placed"), count("admitted")), (17, 1, 0, 16), "{text}");
    assert!(is_by_tier(&events), "{text}");
    for nth in 0..4 {
        let mut forged = events.clone();
        let line = &mut forged[of(&events, "joined").nth(nth).expect("there are so many")];
        line["tier"] = json!(if line["tier"] == 1 { 2 } else { 1 });
        let said = outsider.doubts_forged(&forged).await.expect("another tier is found");
        assert!(said.contains("or of others"), "{said}");
    }
}

#[tokio::test]
async fn a_record_of_a_queue_in_order_says_where_tiers_gave_places() {
    let shop = sold_by_tier("fifo").await;
    let (text, hash) = record(&shop.server);
    let (outsider, events) = (Outsider::new(), events(&text));
    assert_eq!(outsider.doubts(&text, Some(&hash)).await, None, "{text}");
    let count = |what| of(&events, what).count();
    assert_eq!((count("joined"), count("drawn"), count("placed"), count("admitted")), (17, 0, 1, 16), "{text}");
    assert!(is_by_tier(&events), "{text}");
    let at = |what, nth| of(&events, what).nth(nth).expect("there are so many");
    let placed = at("placed", 0);
    assert_eq!((&events[placed]["first"], &events[placed]["tickets"]), (&json!(0), &json!(16)));
    let places: Vec<_> = of(&events, "admitted").map(|at| events[at]["place"].as_u64()).collect();
    // The one of tier 2 who left would have been the sixth.
    assert_eq!(places, (1..=16).filter(|&place| place != 6).map(Some).chain([None]).collect::<Vec<_>>());

    let doubt = async |what: &str, change: &dyn Fn(&mut Vec<Value>)| {
        let mut forged = events.clone();
        change(&mut forged);
        outsider.doubts_forged(&forged).await.unwrap_or_else(|| panic!("{what}: nothing is found"))
    };
    assert_eq!(outsider.doubts_forged(&events).await, None, "its hashes are made anew as they must be");
    for nth in 0..4 {
        let line = at("joined", nth);
        let tier = if events[line]["tier"] == 1 { 2 } else { 1 };
        let said = doubt("another tier", &|lines| lines[line]["tier"] = json!(tier)).await;
        assert!(said.contains("was not next"), "{nth}: {said}");
    }
    let said = doubt("no places", &|lines| drop(lines.remove(placed))).await;
    assert!(said.contains("was not next"), "{said}");
    let said = doubt("one less", &|lines| lines[placed]["tickets"] = json!(15)).await;
    assert!(said.contains("was not next"), "{said}");
    let said = doubt("after the opening", &|lines| lines.swap(placed, placed + 1)).await;
    assert!(said.contains("no places were to be given"), "{said}");

    let output = shop.server.run("compact", &[]);
    assert!(output.status.success(), "{output:?}");
    let (text, hash) = record(&shop.server);
    assert_eq!(outsider.doubts(&text, Some(&hash)).await, None, "{text}");
}

#[tokio::test]
async fn a_queue_in_order_has_a_record_and_one_that_is_not_there_has_none() {
    let mut shop = Shop::open(setup().set("queue.active_limit", 2)).await;
    for user in 1..=6 {
        shop.visitor(user).await;
    }
    assert!(shop.server.terminate().success());
    let (text, hash) = record(&shop.server);
    assert_eq!(Outsider::new().doubts(&text, Some(&hash)).await, None, "{text}");
    let events = events(&text);
    assert_eq!((of(&events, "joined").count(), of(&events, "admitted").count()), (6, 2), "{text}");
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("record.jsonl");
    let name = file.to_str().expect("text");
    let output = shop.server.run("fairness", &["--queue", "nowhere", "--output", name]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains("no queue with the name nowhere"), "{said}");
    assert!(!file.exists(), "nothing is left of it");
    assert!(shop.server.run("fairness", &["--output", name]).status.success());
    assert_eq!(std::fs::read_to_string(&file).expect("the file"), text);
    assert!(!shop.server.run("fairness", &["--output", name]).status.success(), "it is there already");
}
