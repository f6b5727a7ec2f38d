//! Seats that an operator holds back: nobody gets them before they are given back, and both are on record with a reason.

use onsale_testkit::{Buyer, Call, Reply, Shop};
use serde_json::{Value, json};

use crate::setup;

async fn change(shop: &Shop, what: &str, seats: &[u64], reason: &str) -> Reply {
    let body = json!({"seatIds": seats, "reason": reason});
    shop.admin.call(Call::post(format!("/v1/admin/schedules/1/{what}")).json(&body)).await
}

async fn listed(shop: &Shop, query: &str) -> Vec<Value> {
    let reply = shop.admin.call(Call::get(format!("/v1/admin/schedules/1/seats{query}"))).await;
    reply.data().as_array().expect("a list").clone()
}

#[tokio::test]
async fn what_is_held_back_is_nobody_s_until_it_is_given_back() {
    let mut shop = Shop::open(setup()).await;
    let buyer = shop.insider(1).await;
    let before = buyer.schedule(1).await["availableSeats"].as_u64().unwrap();
    let done = change(&shop, "withhold", &[1, 2], "Camera").await.data();
    assert_eq!(done, json!({"scheduleId": 1, "withheldSeats": 2, "availableSeats": before - 2}));
    buyer.reserve(1, 1).await.refused(409, "SEAT_NOT_AVAILABLE");
    let refused = buyer.reserve_all(1, &[1, 3]).await;
    assert_eq!(refused.refused(409, "SEAT_NOT_AVAILABLE")["seatIds"], json!([1]));
    let best = buyer.call(Buyer::wishing(1, &json!({"count": 2}))).await.data();
    assert!(!best["seats"].to_string().contains("\"seatId\":1,"), "{best}");
    // To a buyer they are gone, and to an operator held back.
    assert_eq!(buyer.seat(1, 1).await["seatStatus"], "RESERVED");
    assert_eq!(buyer.schedule(1).await["availableSeats"], before - 4);
    let seats = listed(&shop, "?status=WITHHELD").await;
    let shown: Vec<_> = seats.iter().map(|seat| (&seat["seatId"], &seat["status"], &seat["reason"])).collect();
    let (state, reason) = (json!("WITHHELD"), json!("Camera"));
    assert_eq!(shown, [(&json!(1), &state, &reason), (&json!(2), &state, &reason)]);
    let now = shop.admin.call(Call::get("/v1/admin/ops/now")).await.data();
    let date = now["schedules"].as_array().unwrap().iter().find(|date| date["scheduleId"] == 1).unwrap().clone();
    let counts = ["totalSeats", "availableSeats", "heldSeats", "soldSeats", "withheldSeats"];
    assert_eq!(counts.map(|count| date[count].as_u64().unwrap()), [before, before - 4, 2, 0, 2]);
    let hall = shop.admin.call(Call::get("/v1/admin/ops/seats?scheduleId=1")).await.data();
    assert!(hall["sections"][0]["rows"][0]["seats"].as_str().unwrap().starts_with("WW"), "{hall}");
    assert_eq!(hall["sections"][0]["withheldSeats"], 2);

    // From the tables, and one more from the journal alone.
    shop.admin.projected().await;
    change(&shop, "withhold", &[2, 9], "House seats").await.data();
    shop.crash();
    let reasons: Vec<_> = listed(&shop, "?status=WITHHELD").await.iter().map(|seat| seat["reason"].clone()).collect();
    assert_eq!(reasons, ["Camera", "House seats", "House seats"]);
    let left = change(&shop, "giveback", &[1, 9], "No camera").await.data();
    assert_eq!(left["withheldSeats"], 1);
    shop.insider(2).await.hold(1, 1).await;

    let record = shop.admin.call(Call::get("/v1/admin/levers")).await.data();
    let words =
        |at: usize| ["action", "target", "before", "after"].map(|name| record[at][name].as_str().unwrap().to_owned());
    assert_eq!(
        words(0),
        ["GIVE_SEATS_BACK", "schedule 1, seats 1, 9", "state withheld", "state on sale, seats 2, reason: No camera"]
    );
    assert_eq!(words(1)[3], "state withheld, seats 2, reason: House seats");
    assert_eq!(words(2)[..2], ["WITHHOLD_SEATS", "schedule 1, seats 1-2"]);
    let metrics = shop.admin.call(Call::get("/metrics")).await.body;
    assert!(String::from_utf8_lossy(&metrics).contains("onsale_seats_withheld{schedule=\"1\"} 1"));
    assert!(shop.server.terminate().success());
    shop.server.assert_audit_clean();
}

#[tokio::test]
async fn what_somebody_has_is_named_and_nothing_is_changed() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider_with(1, 100_000).await;
    buyer.hold(1, 1).await;
    let other = shop.insider_with(2, 100_000).await;
    let bought = other.hold(1, 2).await;
    other.pay(bought).await.data();
    let refused = change(&shop, "withhold", &[3, 2, 1], "Camera").await.refused(409, "SEAT_NOT_AVAILABLE");
    assert_eq!(refused["seatIds"], json!([2, 1]));
    let refused = change(&shop, "giveback", &[3], "Camera").await.refused(409, "SEAT_NOT_WITHHELD");
    assert_eq!(refused["seatIds"], json!([3]));
    assert_eq!(listed(&shop, "?status=WITHHELD").await, Vec::<Value>::new());
    assert_eq!(listed(&shop, "?status=RESERVED").await[0]["seatId"], 2);
    let of_section = listed(&shop, "?section=A&status=TEMP_RESERVED").await;
    assert_eq!((of_section.len(), &of_section[0]["seatId"]), (1, &json!(1)));
    let record = shop.admin.call(Call::get("/v1/admin/levers")).await.data();
    assert!(!record.to_string().contains("WITHHOLD"), "{record}");
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_by_its_field() {
    let shop = Shop::open(setup()).await;
    let many: Vec<u64> = (1..=1_001).collect();
    for (body, field) in [
        (json!({"seatIds": [], "reason": "x"}), "seatIds"),
        (json!({"seatIds": [1, 1], "reason": "x"}), "seatIds"),
        (json!({"seatIds": [0], "reason": "x"}), "seatIds"),
        (json!({"seatIds": many, "reason": "x"}), "seatIds"),
        (json!({"seatIds": [1], "reason": ""}), "reason"),
        (json!({"seatIds": [1], "reason": " "}), "reason"),
        (json!({"seatIds": [1], "reason": "a\nb"}), "reason"),
        (json!({"seatIds": [1], "reason": "\u{202e}arema"}), "reason"),
        (json!({"seatIds": [1], "reason": "x".repeat(201)}), "reason"),
    ] {
        for what in ["withhold", "giveback"] {
            let call = Call::post(format!("/v1/admin/schedules/1/{what}")).json(&body);
            let refused = shop.admin.call(call).await;
            assert_eq!(refused.refused(400, "BAD_REQUEST")["field"], field, "{body}");
        }
    }
    change(&shop, "withhold", &[9_999], "x").await.refused(404, "SEAT_NOT_FOUND");
    let elsewhere = Call::post("/v1/admin/schedules/77/withhold").json(&json!({"seatIds": [1], "reason": "x"}));
    shop.admin.call(elsewhere).await.refused(404, "SCHEDULE_NOT_FOUND");
    shop.admin.call(Call::get("/v1/admin/schedules/77/seats")).await.refused(404, "SCHEDULE_NOT_FOUND");
    let wrong = shop.admin.call(Call::get("/v1/admin/schedules/1/seats?status=GONE")).await;
    assert_eq!(wrong.refused(400, "BAD_REQUEST")["field"], "status");
}

#[tokio::test]
async fn below_level_5_no_seat_is_held_back() {
    let shop = Shop::open(setup().set("store.level_max", 4)).await;
    let refused = change(&shop, "withhold", &[1], "Camera").await.refused(409, "LEVEL_TOO_LOW");
    assert!(refused["detail"].as_str().is_some_and(|detail| detail.contains("level 5")), "{refused}");
}
