//! Places by a draw, checked as an outsider would.

use std::collections::BTreeMap;

use jiff::Timestamp;
use onsale_testkit::{Buyer, Call, Reply, Script, Shop};
use serde_json::{Value, json};

use crate::setup;

pub(crate) fn from_now(ms: i64) -> String {
    Timestamp::from_millisecond(Timestamp::now().as_millisecond() + ms).expect("it is soon").to_string()
}

pub(crate) async fn change(shop: &Shop, body: &Value) -> Reply {
    shop.admin.call(Call::patch("/v1/admin/queues/default").json(body)).await
}

pub(crate) async fn draw(shop: &Shop, path: &str) -> Reply {
    shop.client.call(Call::get(format!("/v1/queues/{path}"))).await
}

/// The script of the document in this language, and what it prints of the server: places by number.
pub(crate) async fn recomputed(shop: &Shop, language: &str) -> BTreeMap<u64, u64> {
    let script = Script::of(include_str!("../../../../docs/draw.md"), language);
    let text = script.print(&[&format!("http://{}", shop.server.address()), "default"]).await;
    let pair = |line: &str| {
        let (number, place) = line.split_once(' ').expect("two numbers");
        (number.parse().expect("a number"), place.parse().expect("a place"))
    };
    text.lines().map(pair).collect()
}

#[tokio::test]
async fn everybody_s_place_is_drawn_at_the_opening_and_two_scripts_find_the_same() {
    const PEOPLE: u64 = 60;
    let mut shop = Shop::open(setup().set("queue.active_limit", 1)).await;
    draw(&shop, "default/draw").await.refused(404, "DRAW_NOT_FOUND");
    draw(&shop, "nowhere/draw").await.refused(404, "QUEUE_NOT_FOUND");
    let times = json!({"order": "draw", "prequeueAt": from_now(-1_000), "opensAt": from_now(3_600_000)});
    let set = change(&shop, &times).await.data();
    assert_eq!((&set["order"], &set["drawn"]), (&json!("draw"), &json!(false)));
    let before = draw(&shop, "default/draw").await.data();
    assert_eq!((&before["commitment"], &before["drawn"]), (&set["drawCommitment"], &Value::Null));
    draw(&shop, "default/draw/joins").await.refused(409, "DRAW_NOT_YET");
    assert_eq!(
        change(&shop, &json!({"beacon": "drand quicknet 1: 5f"})).await.data()["drawBeacon"],
        "drand quicknet 1: 5f"
    );
    change(&shop, &json!({"beacon": "another"})).await.refused(409, "BEACON_GIVEN");
    change(&shop, &json!({"beacon": ""})).await.refused(400, "BAD_REQUEST");
    let mut buyers = Vec::new();
    for user in 1..=PEOPLE {
        buyers.push(shop.visitor(user).await);
    }
    assert!(buyers[3].check().await.get("draw").is_none(), "nobody is told anything before");
    change(&shop, &json!({"order": "fifo"})).await.refused(409, "QUEUE_IN_USE");
    buyers[7].leave().await;
    shop.crash();
    let sale = shop.client.call(Call::get("/v1/sale")).await.data();
    let order =
        sale["queues"].as_array().unwrap().iter().find(|queue| queue["queue"] == "default").unwrap()["order"].clone();
    assert_eq!(order, "draw");

    assert_eq!(change(&shop, &json!({"opensAt": from_now(-1)})).await.data()["drawn"], true);
    let late = Buyer::join(&shop.client, 9_000).await;
    let after = draw(&shop, "default/draw").await.data();
    assert_eq!((&after["commitment"], &after["algorithm"]), (&before["commitment"], &json!("onsale-draw-1")));
    assert_eq!(after["drawn"]["tickets"], PEOPLE);
    let page = draw(&shop, "default/draw/joins?limit=25&after=24").await.data();
    assert_eq!((page["joins"].as_array().unwrap().len(), &page["nextAfter"]), (25, &json!(49)));
    assert_eq!(page["joins"][0]["number"], 25);

    let places = recomputed(&shop, "python").await;
    assert_eq!(places, recomputed(&shop, "js").await);
    assert_eq!(places.len(), PEOPLE as usize);
    let mut waiting = BTreeMap::new();
    for (number, buyer) in buyers.iter().enumerate() {
        let place = buyer.through(&shop.client).check().await;
        assert_eq!(place["draw"], json!({"place": places[&(number as u64)], "of": PEOPLE, "number": number}));
        match place["status"].as_str().unwrap() {
            "WAITING" => drop(waiting.insert(places[&(number as u64)], place["queuePosition"].as_u64().unwrap())),
            "PROGRESS" => assert!(places[&(number as u64)] <= 2, "the first who is there"),
            status => assert_eq!((status, number), ("DONE", 7)),
        }
    }
    assert!(waiting.into_values().eq(1..PEOPLE - 1), "who waits stands as it was drawn");
    assert!(late.check().await.get("draw").is_none());
    assert_eq!(late.position().await, PEOPLE - 1, "behind all who were drawn");
    assert!(shop.server.terminate().success());
    shop.server.assert_audit_clean();
}
