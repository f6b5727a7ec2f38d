//! The fairness record, checked as an outsider would.

use std::fmt::Write as _;

use onsale_testkit::{Buyer, Call, Script, Server, Shop};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
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

/// Runs the script that it is given once for each of the lists of arguments in a file, and prints what each run fails with, or null.
const JUDGE: &str = r"
import contextlib, io, json, sys, traceback
script, cases = sys.argv[1:]
code, doubts = compile(open(script).read(), script, 'exec'), []
for arguments in json.load(open(cases)):
    sys.argv = [script, *arguments]
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            exec(code, {'__name__': '__main__'})
        doubts.append(None)
    except BaseException:
        doubts.append(traceback.format_exc())
json.dump(doubts, sys.stdout)
";

/// An outsider with files and, where they know them, the hashes that were published.
struct Outsider {
    script: Script,
    directory: tempfile::TempDir,
}

impl Outsider {
    fn new() -> Self {
        let script = Script::of(include_str!("../../../../docs/fairness.md"), "python");
        Self { script, directory: tempfile::tempdir().expect("a directory") }
    }

    /// What they say of a record, if it does not hold.
    async fn doubts(&self, record: &str, hash: Option<&str>) -> Option<String> {
        let file = self.directory.path().join("fairness.jsonl");
        std::fs::write(&file, record).expect("a file");
        let arguments = [file.to_str().expect("text")].into_iter().chain(hash);
        let output = self.script.run(&arguments.collect::<Vec<_>>()).await;
        (!output.status.success()).then(|| String::from_utf8_lossy(&output.stderr).into_owned())
    }

    /// The same of many, by one process.
    async fn doubts_of_all(&self, records: &[String], hash: Option<&str>) -> Vec<Option<String>> {
        let path = |name: String| self.directory.path().join(name).to_str().expect("text").to_owned();
        let mut cases = Vec::new();
        for (nth, record) in records.iter().enumerate() {
            let file = path(format!("{nth}.jsonl"));
            std::fs::write(&file, record).expect("a file");
            cases.push([&file].into_iter().map(String::as_str).chain(hash).map(str::to_owned).collect::<Vec<_>>());
        }
        let file = path("cases.json".to_owned());
        std::fs::write(&file, serde_json::to_vec(&cases).expect("it is JSON")).expect("a file");
        let doubts = self.script.with(JUDGE, &[&file]).await;
        let doubts: Vec<_> = serde_json::from_str(&doubts).expect("what each run came to");
        assert_eq!(doubts.len(), records.len());
        doubts
    }

    /// Somebody changed something, made all hashes anew and published the last: all but the first of these are found to be so.
    async fn assert_found(&self, cases: &[Forged]) {
        let records: Vec<String> = cases.iter().map(|(.., lines)| with_hashes(lines)).collect();
        let doubts = self.doubts_of_all(&records, None).await;
        assert_eq!(doubts[0], None, "its hashes are made anew as they must be");
        for ((what, doubt, _), said) in cases.iter().zip(doubts).skip(1) {
            let said = said.unwrap_or_else(|| panic!("{what}: nothing is found"));
            assert!(said.contains(doubt), "{what}: {said}");
        }
    }
}

/// What was changed in a record, what is to be said of it, and its lines.
type Forged = (&'static str, &'static str, Vec<Value>);

/// A record of these lines whose hashes are made anew.
fn with_hashes(lines: &[Value]) -> String {
    let (mut before, mut text) = ("0".repeat(64), String::new());
    for line in lines {
        let mut line = line.clone();
        line["before"] = json!(before);
        let line = line.to_string();
        before = Sha256::digest(&line).iter().map(|byte| format!("{byte:02x}")).collect();
        writeln!(text, "{line}").expect("a string takes any text");
    }
    text
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
    let mut records = vec![text.clone()];
    for at in 0..lines.len() {
        let changed = lines[at].replacen("\"entry\":", "\"entry\":1", 1).replacen("fairness-1", "fairness-2", 1);
        assert_ne!(changed, lines[at]);
        let mut other = lines.clone();
        other[at] = &changed;
        records.push(joined(&other));
        records.push(joined(&[&lines[..at], &lines[at + 1..]].concat()));
    }
    let doubts = outsider.doubts_of_all(&records, Some(&hash)).await;
    assert_eq!(doubts[0], None, "one process for all of them finds the same");
    for (record, doubt) in records.iter().zip(&doubts).skip(1) {
        let doubt = doubt.as_ref().unwrap_or_else(|| panic!("nothing is found in {record}"));
        let is_of_a_hash = ["the line before is not what it was", "the last line has the hash"];
        assert!(is_of_a_hash.iter().any(|said| doubt.contains(said)), "{doubt}");
    }
    let said = outsider.doubts(&records[1], Some(&hash)).await;
    assert!(said.expect("as whoever reads it runs it").contains("is not what it was"));
}

#[tokio::test]
async fn a_record_that_was_made_up_does_not_hold_though_its_hashes_do() {
    let shop = sold().await;
    let (text, _) = record(&shop.server);
    let (outsider, events) = (Outsider::new(), events(&text));
    let forge = |change: &dyn Fn(&mut Vec<Value>)| {
        let mut forged = events.clone();
        change(&mut forged);
        forged
    };
    let at = |what, nth| of(&events, what).nth(nth).expect("there are so many");
    let drawn = at("drawn", 0);
    let cases = [
        ("nothing", "", events.clone()),
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
    outsider.assert_found(&cases).await;
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
    let mut cases = vec![("nothing", "", events.clone())];
    for line in of(&events, "joined").take(4) {
        let mut forged = events.clone();
        forged[line]["tier"] = json!(if events[line]["tier"] == 1 { 2 } else { 1 });
        cases.push(("another tier", "or of others", forged));
    }
    outsider.assert_found(&cases).await;
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

    let forge = |change: &dyn Fn(&mut Vec<Value>)| {
        let mut forged = events.clone();
        change(&mut forged);
        forged
    };
    let mut cases = vec![("nothing", "", events.clone())];
    for nth in 0..4 {
        let line = at("joined", nth);
        let tier = if events[line]["tier"] == 1 { 2 } else { 1 };
        cases.push(("another tier", "was not next", forge(&|lines| lines[line]["tier"] = json!(tier))));
    }
    cases.push(("no places", "was not next", forge(&|lines| drop(lines.remove(placed)))));
    cases.push(("one less", "was not next", forge(&|lines| lines[placed]["tickets"] = json!(15))));
    let late = forge(&|lines| lines.swap(placed, placed + 1));
    cases.push(("after the opening", "no places were to be given", late));
    outsider.assert_found(&cases).await;

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
