//! The operator's API: publishing, editing, limits.

use onsale_testkit::{ADMIN_KEY, Buyer, Call, Catalog, Schedule, Shop, eventually};
use serde_json::{Value, json};

use crate::setup;

fn one(schedule: u64, seats: u32) -> Catalog {
    Catalog::new().concert(1, "First Light", vec![Schedule::new(schedule).section("A", 10, 1, seats)])
}

#[tokio::test]
async fn publishing_says_what_it_made() {
    let shop = Shop::open_with(setup(), &one(1, 3)).await;
    let published = shop.admin.publish(&Shop::catalog()).await.data();
    assert_eq!(published["schedules"], 3, "{published}");
    assert!(published["seats"].is_u64(), "{published}");
    assert_eq!(shop.insider(1).await.seats(1).await.data().as_array().unwrap().len(), 50);
}

#[tokio::test]
async fn a_catalog_is_published_as_a_whole_or_not_at_all() {
    let shop = Shop::open_with(setup(), &one(1, 3)).await;
    let buyer = shop.insider(1).await;
    let before = buyer.schedules().await.data();
    let good = json!({"scheduleId": 2, "startsAt": "2027-05-01T19:00:00", "endsAt": "2027-05-01T21:00:00",
        "seats": [{"seatId": 1, "position": 1, "amount": 5}]});
    let bad: Vec<(&str, Value)> = vec![
        ("endsAt", json!("2027-05-01T18:00:00")),
        ("startsAt", json!("yesterday")),
        ("zone", json!("Mars/Olympus")),
        ("scheduleId", json!(0)),
        ("seats", json!([{"seatId": 1, "position": 1, "amount": 5}, {"seatId": 1, "position": 2, "amount": 5}])),
        ("seats", json!([{"seatId": 1, "position": 1, "amount": 5}, {"seatId": 2, "position": 1, "amount": 5}])),
        ("seats", json!([{"seatId": 1, "position": 1, "amount": -5}])),
        ("seats", json!([{"seatId": 1, "position": 1}])),
    ];
    for (member, value) in bad {
        let mut broken = good.clone();
        broken["scheduleId"] = json!(3);
        broken[member] = value;
        let document = json!({"concerts": [{"concertId": 2, "title": "Two", "schedules": [good, broken]}]});
        let reply = shop.admin.call(Call::post("/v1/admin/catalog").json(&document)).await;
        assert!((400..500).contains(&reply.status), "{reply}");
        reply.problem();
        assert_eq!(buyer.schedules().await.data(), before, "{reply}");
    }
    let document = json!({"concerts": [{"concertId": 2, "title": "Two", "schedules": [good]}]});
    assert_eq!(shop.admin.call(Call::post("/v1/admin/catalog").json(&document)).await.status, 200);
    assert_eq!(buyer.schedules().await.data().as_array().unwrap().len(), 2);
}

/// Seats without ids are numbered in order, so a row that is put in front would be everybody's who bought one behind it.
#[tokio::test]
async fn a_seat_that_somebody_has_keeps_its_name() {
    let hall = |rows: &[&str]| {
        let rows: Vec<_> = rows.iter().map(|row| json!({"row": row, "seats": 2})).collect();
        json!({"concerts": [{"concertId": 1, "title": "One", "schedules": [{"scheduleId": 1, "zone": "Asia/Seoul",
            "startsAt": "2027-05-01T19:00:00", "endsAt": "2027-05-01T21:00:00",
            "sections": [{"section": "A", "amount": 5, "rows": rows}]}]}]})
    };
    let shop = Shop::open(setup()).await;
    let publish = async |rows: &[&str]| shop.admin.call(Call::post("/v1/admin/catalog").json(&hall(rows))).await;
    assert_eq!(publish(&["2", "3"]).await.status, 200);
    let buyer = shop.insider_with(1, 1_000).await;
    let reservation = buyer.hold(1, 1).await;
    let refused = publish(&["1", "2", "3"]).await;
    assert!(
        refused.refused(409, "CATALOG_IN_USE")["detail"].as_str().unwrap().contains("another section, row or number")
    );
    buyer.pay(reservation).await.data();
    publish(&["1", "2", "3"]).await.refused(409, "CATALOG_IN_USE");
    assert_eq!(publish(&["2", "3", "4"]).await.status, 200, "behind them there is room");
}

#[tokio::test]
async fn a_staged_catalog_shows_when_it_is_published() {
    let mut shop = Shop::open_with(setup(), &one(1, 3)).await;
    let stage =
        |catalog: Catalog, id: u64| Call::put(format!("/v1/admin/catalog/uploads/{id}")).json(&catalog.document());
    assert_eq!(shop.admin.call(stage(one(2, 5), 7)).await.status, 200);
    assert_eq!(shop.admin.call(stage(one(3, 5), 7)).await.status, 200);
    assert_eq!(shop.admin.call(stage(one(4, 5), 8)).await.status, 200);
    let ids = async |shop: &Shop| -> Vec<u64> {
        let list = shop.insider(1).await.schedules().await.data();
        list.as_array().unwrap().iter().map(|schedule| schedule["scheduleId"].as_u64().unwrap()).collect()
    };
    assert_eq!(ids(&shop).await, [1]);
    shop.crash();
    assert_eq!(shop.admin.call(Call::delete("/v1/admin/catalog/uploads/8")).await.status, 200);
    let published = shop.admin.call(Call::post("/v1/admin/catalog/uploads/7/publish")).await.data();
    assert_eq!((&published["schedules"], &published["seats"]), (&json!(2), &json!(10)));
    assert_eq!(ids(&shop).await, [1, 2, 3]);
    let nothing = shop.admin.call(Call::post("/v1/admin/catalog/uploads/8/publish")).await;
    assert!((400..500).contains(&nothing.status), "{nothing}");
}

#[tokio::test]
async fn a_large_catalog_is_published() {
    let stadium = Schedule::new(1).section("North", 90_000, 100, 200).section("South", 60_000, 50, 100);
    let shop = Shop::open_with(setup(), &Catalog::new().concert(1, "Arena", vec![stadium])).await;
    let buyer = shop.insider(1).await;
    assert_eq!(buyer.schedule(1).await["totalSeats"], 25_000);
    assert_eq!(buyer.seats(1).await.data().as_array().unwrap().len(), 25_000);
    assert_eq!(buyer.reserve(1, 25_000).await.data()["amount"], 60_000);
}

#[tokio::test]
async fn a_date_in_use_is_not_removed() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider_with(1, 100_000).await;
    let removal = |schedule: u64| Call::delete(format!("/v1/admin/schedules/{schedule}"));
    let held = buyer.hold(1, 1).await;
    shop.admin.call(removal(1)).await.refused(409, "SCHEDULE_IN_USE");
    buyer.pay(held).await.data();
    shop.admin.call(removal(1)).await.refused(409, "SCHEDULE_IN_USE");
    assert_eq!(shop.admin.call(removal(2)).await.status, 200);
    let other = shop.insider(2).await;
    other.seats(2).await.refused(404, "SCHEDULE_NOT_FOUND");
    other.reserve(2, 1).await.refused(404, "SCHEDULE_NOT_FOUND");
    shop.admin.call(removal(99)).await.refused(404, "SCHEDULE_NOT_FOUND");
}

#[tokio::test]
async fn queues_are_listed_and_made() {
    let shop = Shop::open(setup()).await;
    assert_eq!(shop.admin.open_queue("backstage").await.status, 200);
    assert_eq!(shop.admin.open_queue("backstage").await.status, 200, "making it twice is making it once");
    let list = shop.admin.call(Call::get("/v1/admin/queues")).await.data().to_string();
    for name in ["default", "vip", "backstage"] {
        assert!(list.contains(&format!("\"{name}\"")), "{name}: {list}");
    }
    Buyer::join_queue(&shop.client, 1, "backstage").await.wait_for("PROGRESS").await;
    let named_badly = shop.admin.open_queue("no blanks, please").await;
    assert_eq!(named_badly.status, 400, "{named_badly}");
    let unknown = shop.admin.call(Call::patch("/v1/admin/queues/nowhere").json(&json!({"mode": "OPEN"}))).await;
    unknown.refused(404, "QUEUE_NOT_FOUND");
}

#[tokio::test]
async fn impossible_settings_are_refused() {
    let shop = Shop::open(setup()).await;
    let before = shop.admin.call(Call::get("/v1/admin/queues")).await.data();
    for change in [
        json!({"activeLimit": 0}),
        json!({"activeLimit": -1}),
        json!({"mode": "AJAR"}),
        json!({"sessionTtl": "soon"}),
        json!({"waitingTtl": "0s"}),
        json!({"admitPerSecond": 0}),
    ] {
        let reply = shop.admin.call(Call::patch("/v1/admin/queues/default").json(&change)).await;
        reply.refused(400, "BAD_REQUEST");
    }
    assert_eq!(shop.admin.call(Call::get("/v1/admin/queues")).await.data(), before);
    for change in [
        json!({"holdTtl": "0s"}),
        json!({"holdLimitPerUser": 0}),
        json!({"chargeLimit": -1}),
        json!({"holdTtl": 5.5}),
        json!({"seatsPerUser": 0}),
        json!({"seatsPerUserPerConcert": "4"}),
    ] {
        let reply = shop.admin.call(Call::patch("/v1/admin/settings").json(&change)).await;
        reply.refused(400, "BAD_REQUEST");
    }
}

#[tokio::test]
async fn settings_are_read_back_and_kept() {
    let mut shop = Shop::open(setup()).await;
    shop.admin.set_settings(json!({"holdTtl": "90s", "holdLimitPerUser": 2, "chargeLimit": 77})).await;
    let settings = shop.admin.call(Call::get("/v1/admin/settings")).await.data();
    assert_eq!((&settings["holdLimitPerUser"], &settings["chargeLimit"]), (&json!(2), &json!(77)), "{settings}");
    shop.admin.set_queue("vip", json!({"activeLimit": 1})).await;
    shop.crash();
    assert_eq!(shop.admin.call(Call::get("/v1/admin/settings")).await.data(), settings);
    Buyer::join_queue(&shop.client, 1, "vip").await.wait_for("PROGRESS").await;
    assert_eq!(Buyer::join_queue(&shop.client, 2, "vip").await.status().await, "WAITING");
}

#[tokio::test]
async fn the_state_counts_who_is_where() {
    let shop = Shop::open(setup().set("queue.active_limit", 2)).await;
    for user in 1..=5 {
        shop.visitor(user).await;
    }
    shop.admin.projected().await;
    let state = shop.admin.state().await;
    assert_eq!((&state["active"], &state["waiting"]), (&json!(2), &json!(3)), "{state}");
    assert!(state["seq"].is_u64() && !state["fingerprint"].is_null(), "{state}");
}

/// Nobody is locked out, as operators share an address with others; but it is heard of, once for many, and whoever goes on is told to wait.
#[tokio::test]
async fn admin_keys_that_are_none_are_counted_and_told() {
    const GUESSES: u32 = 20;
    let server = setup().start();
    let client = server.client();
    let mut codes = Vec::new();
    for _ in 0..GUESSES {
        let guess = Call::get("/v1/admin/state").bearer("0123456789abcdef0123456789abcdef");
        let reply = client.call(guess).await;
        assert_eq!(reply.status == 429, reply.header("retry-after").is_some(), "{reply}");
        codes.push(reply.code().unwrap());
    }
    assert!(codes[..10].iter().all(|code| code == "ADMIN_UNAUTHORIZED"), "{codes:?}");
    // Six seconds for one more: however slow this is, some come too early.
    assert!(codes.iter().any(|code| code == "RATE_LIMITED"), "{codes:?}");
    client.call(Call::get("/v1/admin/state").bearer(ADMIN_KEY)).await.data();
    // Who comes without a key guesses none.
    client.call(Call::get("/v1/admin/state")).await.refused(401, "ADMIN_UNAUTHORIZED");
    let metrics = client.call(Call::get("/metrics")).await.body;
    let metrics = String::from_utf8_lossy(&metrics);
    let counted = metrics.lines().find_map(|line| line.strip_prefix("onsale_admin_key_refused_total "));
    assert_eq!(counted.and_then(|count| count.parse().ok()), Some(f64::from(GUESSES)), "{metrics}");
    let lines = || server.output().matches("somebody used an admin key that is none").count();
    eventually("the log has it", async || lines() > 0).await;
    assert!(server.output().contains("client=127.0.0.1"), "whose it was: {}", server.output());
    assert!(lines() < GUESSES as usize, "{}", server.output());
}
