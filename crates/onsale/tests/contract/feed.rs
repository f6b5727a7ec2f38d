//! What happened, as events: all of it, in one order, for those whom it is for.

use std::collections::{BTreeMap, BTreeSet};

use onsale_testkit::{ADMIN_KEY, Buyer, Call, Client, Events, Reply, Shop, eventually};
use serde_json::{Value, json};

use crate::setup;

const PATH: &str = "/v1/admin/events";
const CURSOR: &str = "Onsale-Feed-Cursor";
/// Who moves levers here: no event has a name.
const NAME: &str = "Kim Minji";

/// Somebody who reads events with a key.
struct Reader<'a> {
    client: &'a Client,
    key: String,
}

impl<'a> Reader<'a> {
    fn new(shop: &'a Shop) -> Self {
        Self { client: &shop.client, key: ADMIN_KEY.to_owned() }
    }

    async fn of_role(shop: &'a Shop, role: &str) -> Self {
        let new = json!({"name": role.to_lowercase(), "role": role});
        let made = shop.admin.call(Call::post("/v1/admin/operators").json(&new)).await.data();
        Self { client: &shop.client, key: made["key"].as_str().expect("a key").to_owned() }
    }

    async fn ask(&self, query: &str) -> Reply {
        self.client.call(Call::get(format!("{PATH}?{query}")).bearer(&self.key)).await
    }

    async fn page(&self, query: &str) -> (Vec<Value>, String) {
        let reply = self.ask(query).await;
        assert_eq!(reply.status, 200, "{reply}");
        assert_eq!(reply.header("Content-Type"), Some("application/cloudevents-batch+json"), "{reply}");
        let cursor = reply.header(CURSOR).unwrap_or_else(|| panic!("no cursor: {reply}")).to_owned();
        (reply.json().as_array().expect("a list").clone(), cursor)
    }

    /// All events there are, in pages of `limit`.
    async fn all(&self, limit: usize, types: &str) -> Vec<Value> {
        let (mut all, mut after) = (Vec::new(), String::new());
        loop {
            let place = if after.is_empty() { String::new() } else { format!("&after={after}") };
            let (events, cursor) = self.page(&format!("limit={limit}{types}{place}")).await;
            assert!(events.len() <= limit);
            all.extend(events);
            if cursor == after {
                return all;
            }
            after = cursor;
        }
    }

    async fn follow(&self, query: &str, last: Option<&str>) -> Result<Events, Box<Reply>> {
        let call = Call::get(format!("{PATH}/stream?{query}")).bearer(&self.key);
        let call = last.map_or(call.clone(), |last| call.header("Last-Event-ID", last));
        Events::open(self.client, call).await
    }
}

fn types(events: &[Value]) -> Vec<&str> {
    events.iter().filter_map(|event| event["type"].as_str()?.strip_prefix("onsale.")).collect()
}

fn id(event: &Value) -> &str {
    event["id"].as_str().expect("an id")
}

/// One of everything that operators and a buyer do.
async fn something_happens(shop: &Shop) -> Buyer {
    let buyer = shop.insider_with(7, 500_000).await;
    let dropped = buyer.hold(1, 1).await;
    buyer.cancel(dropped).await.data();
    let paid = buyer.hold(1, 2).await;
    let by_kim = |call: Call| call.header("Onsale-Operator", &format!("UTF-8''{}", NAME.replace(' ', "%20")));
    let seats = json!({"seatIds": [8, 9], "reason": format!("for {NAME}")});
    shop.admin.call(by_kim(Call::post("/v1/admin/schedules/1/withhold")).json(&seats)).await.data();
    let credit = json!({"reference": "gift-1", "amount": 1_000});
    shop.admin.call(by_kim(Call::post("/v1/admin/users/7/credit")).json(&credit)).await.data();
    shop.admin.call(by_kim(Call::patch("/v1/admin/queues/default")).json(&json!({"mode": "PAUSED"}))).await.data();
    buyer.pay(paid).await.data();
    shop.admin.projected().await;
    buyer
}

#[tokio::test]
async fn all_that_happens_is_told_in_one_order() {
    let mut shop = Shop::open(setup()).await;
    something_happens(&shop).await;
    let all = Reader::new(&shop).all(1_000, "").await;
    // What was published comes before what is bought of it.
    assert_eq!(types(&all)[0], "feed.began");
    let published = all.iter().find(|event| event["type"] == "onsale.schedule.seats_published").expect("seats");
    assert_eq!(published["data"], json!({"scheduleId": 1, "seatIdRuns": [[1, 50]]}));
    let bought: Vec<Value> = all
        .iter()
        .filter(|event| {
            let kind = event["type"].as_str().unwrap_or_default();
            ["hold", "payment", "ticket", "transfer", "seat", "queue"]
                .iter()
                .any(|of| kind.starts_with(&format!("onsale.{of}.")))
        })
        .cloned()
        .collect();
    assert_eq!(
        types(&bought),
        [
            "transfer.made",
            "hold.made",
            "hold.cancelled",
            "hold.made",
            "seat.withheld",
            "transfer.made",
            "queue.paused",
            "transfer.made",
            "payment.made",
            "ticket.issued",
        ]
    );
    let data = |nth: usize| bought[nth]["data"].clone();
    assert_eq!(data(0), json!({"transferId": 1, "debit": "CASH", "credit": "WALLET/7", "amount": 500_000}));
    assert_eq!((&data(2)["reservationId"], &data(2)["seatIds"]), (&json!(1), &json!([1])));
    assert_eq!(data(4), json!({"scheduleId": 1, "seatIds": [8, 9]}));
    assert_eq!(data(5)["reference"], "gift-1");
    assert_eq!(
        data(7),
        json!({"transferId": 3, "debit": "WALLET/7", "credit": "SALES", "amount": 50_000, "paymentId": 1})
    );
    let sold = json!({"paymentId": 1, "reservationId": 2, "userId": 7, "scheduleId": 1, "seatIds": [2]});
    assert_eq!(data(9), sold);
    assert_eq!((bought[8]["subject"].as_str(), data(8)["amount"].as_u64()), (Some("payments/1"), Some(50_000)));

    let mut numbers: BTreeMap<&str, u64> = BTreeMap::new();
    for event in &all {
        let (family, _) = event["type"].as_str().and_then(|kind| kind.rsplit_once('.')).expect("a family");
        let number = numbers.entry(family).or_default();
        *number += 1;
        assert_eq!(event["sequence"], format!("{number:016}"), "{event}");
        assert_eq!((&event["specversion"], &event["datacontenttype"]), (&json!("1.0"), &json!("application/json")));
        assert_eq!(event["source"], all[0]["source"]);
        assert!(event["time"].as_str().is_some_and(|time| time.ends_with('Z') && time.contains('T')), "{event}");
        let has_name = ["Kim", "Minji"].iter().any(|name| event.to_string().contains(name));
        assert!(!has_name, "{event}");
    }
    assert_eq!(all.iter().map(id).collect::<BTreeSet<_>>().len(), all.len(), "ids are unique");

    // By whatever pages, and after a crash.
    assert_eq!(Reader::new(&shop).all(3, "").await, all);
    let from = id(&all[5]).to_owned();
    assert_eq!(Reader::new(&shop).page(&format!("limit=1000&after={from}")).await.0, all[6..]);
    shop.crash();
    shop.admin.projected().await;
    assert_eq!(Reader::new(&shop).all(1_000, "").await, all);
}

#[tokio::test]
async fn who_asks_gets_what_is_for_them_and_is_told_what_is_wrong() {
    let shop = Shop::open(setup()).await;
    let buyer = something_happens(&shop).await;
    let reader = Reader::new(&shop);
    // People in the queue, where they are asked for.
    let usual = reader.all(1_000, "").await;
    assert!(!types(&usual).iter().any(|kind| kind.starts_with("token.")));
    let tokens = reader.all(2, "&types=onsale.token.*").await;
    assert_eq!(types(&tokens), ["feed.began", "token.issued", "token.admitted", "token.done"]);
    assert_eq!(tokens[1]["data"], json!({"queueId": 0, "number": 0, "userId": buyer.user()}));
    let some = reader.all(1_000, "&types=onsale.payment.made,onsale.queue.*").await;
    assert_eq!(types(&some), ["feed.began", "queue.paused", "payment.made"]);

    let unknown = reader.ask("types=onsale.hold.made,onsale.hold.sold").await.refused(400, "BAD_REQUEST");
    assert!(unknown["detail"].as_str().is_some_and(|detail| detail.contains("onsale.hold.sold")), "{unknown}");
    for (field, query) in [
        ("types", "types=onsale.hold"),
        ("types", "types="),
        ("after", "after=12"),
        ("after", "after="),
        ("after", "after=1-0-zzzzzzzz"),
        ("limit", "limit=0"),
        ("limit", "limit=1001"),
        ("wait", "wait=21"),
    ] {
        let refused = reader.ask(query).await.refused(400, "BAD_REQUEST");
        assert_eq!(refused["field"], field, "{query}: {refused}");
    }
    // A place that this store has never had: one of another history, and one that is yet to come.
    let (seq, rest) = id(&usual[3]).split_once('-').expect("a cursor");
    let (index, _) = rest.split_once('-').expect("a cursor");
    for place in [format!("{seq}-{index}-00000000"), format!("{}-0-00000000", 1_u64 << 60)] {
        reader.ask(&format!("after={place}")).await.refused(409, "FEED_OTHER_HISTORY");
    }

    // A shop's key opens what people bought, and not what operators did.
    let seller = Reader::of_role(&shop, "SHOP").await;
    shop.admin.projected().await;
    let sold = seller.all(1_000, "").await;
    assert!(types(&sold).contains(&"payment.made") && !types(&sold).contains(&"lever.moved"), "{:?}", types(&sold));
    seller.ask("types=onsale.lever.*").await.refused(403, "ROLE_FORBIDDEN");
    let books = Reader::of_role(&shop, "FINANCE").await;
    assert!(types(&books.all(1_000, "").await).contains(&"lever.moved"));
    for role in ["VIEWER", "GATE", "DESK"] {
        Reader::of_role(&shop, role).await.ask("").await.refused(403, "ROLE_FORBIDDEN");
    }
    Reader { client: &shop.client, key: "none".to_owned() }.ask("").await.refused(401, "ADMIN_UNAUTHORIZED");
}

#[tokio::test]
async fn what_happens_next_is_told_as_it_happens() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider(7).await;
    shop.admin.projected().await;
    let reader = Reader::new(&shop);
    let all = reader.all(1_000, "").await;
    let last = id(all.last().expect("events")).to_owned();
    let moved = |event: &Value, amount: u64| event["data"]["amount"] == amount;

    // Whoever waits is answered by the next event.
    let query = format!("wait=20&types=onsale.transfer.*&after={last}");
    let (waited, charged) = tokio::join!(reader.page(&query), buyer.charge(1_000));
    charged.data();
    assert!(matches!(&waited.0[..], [event] if moved(event, 1_000)), "{waited:?}");

    // A stream begins where it is told to, goes on, and begins again behind what was seen.
    let mut stream = reader.follow("types=onsale.transfer.*", None).await.unwrap_or_else(|reply| panic!("{reply}"));
    let first = stream.next().await.expect("an event");
    assert_eq!(first.data["type"], "onsale.feed.began");
    let second = stream.next().await.expect("an event");
    assert!(moved(&second.data, 1_000), "{second:?}");
    assert_eq!(second.id.as_deref(), second.data["id"].as_str());
    buyer.charge(2_000).await.data();
    let third = stream.next().await.expect("an event");
    assert!(moved(&third.data, 2_000), "{third:?}");
    drop(stream);
    let again = reader.follow("types=onsale.transfer.*", second.id.as_deref()).await;
    let again = again.unwrap_or_else(|reply| panic!("{reply}")).next().await.expect("an event");
    assert_eq!(again, third);
    let refused = reader.follow("", Some("nothing")).await.err().expect("a refusal");
    assert_eq!(refused.refused(400, "BAD_REQUEST")["field"], "Last-Event-ID");
}

/// On each node: among three they would be others.
#[tokio::test]
async fn one_key_has_so_many_calls_open_and_what_is_given_up_is_there_again() {
    let shop = Shop::open(setup()).await;
    shop.admin.projected().await;
    let reader = Reader::new(&shop);
    let mut open = Vec::new();
    while let Ok(stream) = reader.follow("", None).await {
        open.push(stream);
    }
    assert_eq!(open.len(), 4);
    reader.ask("").await.refused(429, "TOO_MANY_REQUESTS");
    let other = Reader::of_role(&shop, "FINANCE").await;
    other.page("").await;
    drop(open);
    eventually("a place for a call", async || reader.ask("").await.status == 200).await;
}

#[tokio::test]
async fn what_is_not_kept_any_more_is_refused_and_so_is_a_store_without_events() {
    let shop = Shop::open(setup().set("feed.keep", "1s")).await;
    let reader = Reader::new(&shop);
    shop.admin.projected().await;
    let first = id(&reader.all(1_000, "").await[0]).to_owned();
    // Enough that the beginning is a piece of its own.
    let text = json!({"text": {"en": "x".repeat(1_000), "ko": "y".repeat(1_000)}});
    let refused = std::cell::OnceCell::new();
    eventually("the beginning is let go", async || {
        shop.admin.call(Call::post("/v1/admin/messages").json(&text)).await.data();
        let reply = reader.ask(&format!("after={first}")).await;
        reply.status != 200 && refused.set(reply).is_ok()
    })
    .await;
    let refused = refused.into_inner().expect("a refusal").refused(410, "FEED_TRIMMED");
    let oldest = id(&reader.page("limit=1").await.0[0]).to_owned();
    let (seq, _) = oldest.split_once('-').expect("a cursor");
    let detail = refused["detail"].as_str().expect("a detail");
    let begins = detail.split_whitespace().find(|word| word.matches('-').count() == 2).expect("where it begins");
    let (begins, _) = begins.split_once('-').expect("a cursor");
    assert!(begins.parse::<u64>().unwrap() <= seq.parse::<u64>().unwrap(), "{detail}, and then {oldest}");

    let older = Shop::open(setup().set("store.level_max", 7)).await;
    Reader::new(&older).ask("").await.refused(409, "LEVEL_TOO_LOW");
}
