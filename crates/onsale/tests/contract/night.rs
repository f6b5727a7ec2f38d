//! What an operator watches: the night as it is, as it was, and seat by seat.

use std::time::{SystemTime, UNIX_EPOCH};

use onsale_testkit::{Call, Kind, Shop, assert_shape, eventually, eventually_some};
use serde_json::{Value, json};

use crate::setup;

async fn get(shop: &Shop, path: &str) -> Value {
    shop.admin.call(Call::get(format!("/v1/admin/ops/{path}"))).await.data()
}

#[tokio::test]
async fn the_night_as_it_is() {
    let shop = Shop::open(setup().set("queue.active_limit", 2)).await;
    let buyer = shop.insider_with(1, 100_000).await;
    let reservation = buyer.hold(1, 1).await;
    let other = shop.insider(2).await;
    other.hold(1, 2).await;
    other.reserve(1, 2).await.refused(409, "SEAT_NOT_AVAILABLE");
    buyer.pay(reservation).await.data();
    shop.visitor(3).await;
    shop.visitor(4).await;
    // The figures are a second's, so they follow.
    let now = eventually_some("the figures follow", async || {
        let now = get(&shop, "now").await;
        let figures = &now["figures"];
        (figures["soldSeats"] == 1.0 && figures["heldSeats"] == 1.0 && figures["waiting"] == 1.0).then_some(now)
    })
    .await;
    let lists = ["queues", "schedules", "routes", "refusals", "nodes", "settingsNotInForce", "openDoors", "gates"]
        .map(|name| (name, Kind::Array));
    let rest = [
        ("at", Kind::Integer),
        ("historyFrom", Kind::Integer),
        ("currency", Kind::Text),
        ("currencyDigits", Kind::Integer),
        ("figures", Kind::Object),
        ("newestLeverId", Kind::Integer),
    ];
    assert_shape(&now, &rest.into_iter().chain(lists).collect::<Vec<_>>());
    assert_eq!((&now["figures"]["revenue"], &now["figures"]["active"]), (&json!(50_000.0), &json!(2.0)), "{now}");
    let sale = &now["schedules"][0];
    let seats = ["totalSeats", "availableSeats", "heldSeats", "soldSeats"].map(|name| sale[name].as_u64());
    assert_eq!(seats, [Some(50), Some(48), Some(1), Some(1)]);
    assert_eq!((&now["queues"][0]["queue"], &now["queues"][0]["waiting"]), (&json!("default"), &json!(1)));
    let routes = now["routes"].as_array().unwrap();
    let issue = routes.iter().find(|route| route["route"] == "POST /v1/api/queue/token").expect("the route is listed");
    assert!(issue["requestsPerSecond"].as_f64() > Some(0.0) && issue["p99Ms"].as_f64() > Some(0.0), "{issue}");
    let refusals = now["refusals"].as_array().unwrap();
    let taken = refusals.iter().find(|refusal| refusal["code"] == "SEAT_NOT_AVAILABLE").expect("the code is listed");
    assert_eq!((&taken["status"], &taken["total"]), (&json!(409), &json!(1)));
    let node = &now["nodes"][0];
    assert_eq!(node["node"].as_str().map(str::len), Some(16), "{node}");
    let [answers, counted, ready] = ["answers", "counted", "ready"].map(|name| &node[name]);
    assert_eq!([answers, counted, ready], [&json!(true); 3], "{node}");
    assert_eq!((&node["behind"], &node["silentMs"]), (&json!(0), &json!(0)));
    assert_eq!(node["seq"], shop.admin.state().await["seq"]);
}

#[tokio::test]
async fn the_night_as_it_was_also_before_a_restart() {
    let mut shop = Shop::open(setup()).await;
    shop.insider(1).await;
    let sum = |past: &Value| past["series"]["active"].as_array().unwrap().iter().filter_map(Value::as_f64).sum::<f64>();
    let before = eventually_some("a second passes", async || {
        let past = get(&shop, "history").await;
        (sum(&past) > 0.0).then_some(past)
    })
    .await;
    assert_eq!(before["stepSeconds"], 1);
    let at = before["at"].as_array().unwrap();
    assert!(
        before["series"].as_object().unwrap().values().all(|values| values.as_array().map(Vec::len) == Some(at.len()))
    );
    let last = at.last().and_then(Value::as_u64).unwrap();
    assert!(shop.server.terminate().success());
    // It writes down what it has seen as it ends, in a second of its own, however late it ends.
    let ended = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970").as_secs();
    assert!(ended >= last);
    shop.come_back();
    eventually("what was before the restart is remembered", async || {
        let past = get(&shop, &format!("history?from=0&to={ended}")).await;
        past["at"].as_array().is_some_and(|at| !at.is_empty()) && sum(&past) > 0.0
    })
    .await;
    let few = get(&shop, "history?points=1").await;
    assert_eq!(few["at"].as_array().map(Vec::len), Some(1), "{few}");
    let none = get(&shop, "history?from=1&to=2").await;
    assert_eq!(none["at"], json!([]));
}

#[tokio::test]
async fn a_hall_seat_by_seat() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider_with(1, 100_000).await;
    let reservation = buyer.hold(2, 1).await;
    buyer.hold(2, 4).await;
    buyer.pay(reservation).await.data();
    let hall = get(&shop, "seats?scheduleId=2").await;
    let section = |name: &str, [available, held, sold]: [u32; 3], amount: u64, seats: &str| {
        json!({"section": name, "availableSeats": available, "heldSeats": held, "soldSeats": sold, "withheldSeats": 0,
               "soldAmount": amount,
               "rows": [{"row": "1", "seats": seats}]})
    };
    let sections = [section("B", [1, 0, 1], 80_000, "SA"), section("C", [2, 1, 0], 0, "AHA")];
    assert_eq!(hall, json!({"scheduleId": 2, "soldAmount": 80_000, "sections": sections}));
    let holds = get(&shop, "holds?scheduleId=2").await;
    let hold = &holds["holds"][0];
    assert_eq!((&holds["total"], &hold["userId"], &hold["amount"]), (&json!(1), &json!(1), &json!(30_000)));
    assert_eq!(hold["seats"], json!([{"seatId": 4, "section": "C", "row": "1", "number": "2"}]));
    shop.admin.release(hold["reservationId"].as_u64().unwrap()).await.data();
    assert_eq!(get(&shop, "holds?scheduleId=2").await["total"], 0);
}

#[tokio::test]
async fn what_was_paid_counts_whatever_the_seats_cost_now() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider_with(1, 100_000).await;
    let reservation = buyer.hold(1, 1).await;
    buyer.pay(reservation).await.data();
    let paid = get(&shop, "seats?scheduleId=1").await["soldAmount"].clone();
    let mut catalog = Shop::catalog().document();
    for seat in catalog["concerts"][0]["schedules"][0]["sections"].as_array_mut().expect("sections") {
        seat["amount"] = json!(seat["amount"].as_u64().expect("a price") * 3);
    }
    shop.admin.call(Call::post("/v1/admin/catalog").json(&catalog)).await.data();
    let other = shop.insider(2).await;
    assert_eq!(other.seat(1, 2).await["amount"].as_u64(), paid.as_u64().map(|paid| paid * 3));
    assert_eq!(get(&shop, "seats?scheduleId=1").await["soldAmount"], paid);
    // The figures are a second's, so they follow.
    let revenue = async || get(&shop, "now").await["figures"]["revenue"].as_f64();
    eventually("the revenue is what was paid", async || revenue().await == paid.as_f64()).await;
}

#[tokio::test]
async fn nobody_watches_without_the_key_and_what_makes_no_sense_is_refused() {
    let shop = Shop::open(setup()).await;
    for path in ["now", "history", "seats?scheduleId=1", "nothing"] {
        let path = format!("/v1/admin/ops/{path}");
        shop.client.call(Call::get(&path)).await.refused(401, "ADMIN_UNAUTHORIZED");
    }
    for (query, field) in [("from=x", "from"), ("to=-1", "to"), ("points=0", "points"), ("points=4001", "points")] {
        let reply = shop.admin.call(Call::get(format!("/v1/admin/ops/history?{query}"))).await;
        assert_eq!(reply.refused(400, "BAD_REQUEST")["field"], field);
    }
    let reply = shop.admin.call(Call::get("/v1/admin/ops/seats")).await;
    assert_eq!(reply.refused(400, "BAD_REQUEST")["field"], "scheduleId");
    shop.admin.call(Call::get("/v1/admin/ops/seats?scheduleId=77")).await.refused(404, "SCHEDULE_NOT_FOUND");
    let page = shop.client.call(Call::get("/ops")).await;
    assert_eq!(page.status, 200, "the page itself tells nothing");
    assert!(page.header("content-security-policy").is_some_and(|policy| policy.starts_with("default-src 'none'")));
}
