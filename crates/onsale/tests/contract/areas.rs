//! Places to stand: so many of an area, any that are free, alone or beside seats.

use onsale_testkit::{Buyer, Call, Catalog, Reply, Schedule, Shop};
use serde_json::{Value, json};

use crate::setup;

/// Ten seats, ids 1 to 10, then 30 places on the floor and 2 in the pit.
fn catalog() -> Catalog {
    let date = Schedule::new(1).section("A", 50_000, 1, 10).area("Floor", 30_000, 30).area("Pit", 40_000, 2);
    Catalog::new().concert(1, "First Light", vec![date])
}

async fn shop() -> Shop {
    Shop::open_with(setup().set("hold.limit_per_user", 40), &catalog()).await
}

fn ids(reply: &Reply) -> Vec<Value> {
    let data = reply.data();
    data["seats"].as_array().expect("a list").iter().map(|seat| seat["seatId"].clone()).collect()
}

/// What is left of each section.
async fn left(buyer: &Buyer) -> Value {
    let sections = buyer.call(Call::get("/v1/api/concerts/section?scheduleId=1")).await.data();
    sections.as_array().expect("a list").iter().map(|section| section["availableSeats"].clone()).collect()
}

#[tokio::test]
async fn places_are_held_paid_and_shown_at_the_gate_as_seats_are() {
    let mut shop = shop().await;
    let buyer = shop.insider_with(1, 200_000).await;
    let asked =
        Buyer::standing(1, &[3], &json!([{"areaId": "Floor", "quantity": 2}, {"areaId": "Pit", "quantity": 1}]));
    let held = buyer.call(asked.clone().key("k")).await;
    assert_eq!(ids(&held), [3, 11, 12, 41]);
    let data = held.data();
    assert_eq!((&data["amount"], &data["seats"][3]["amount"]), (&json!(150_000), &json!(40_000)));
    assert_eq!(left(&buyer).await, json!([9, 28, 1]));
    shop.crash();
    let buyer = buyer.through(&shop.client);
    assert_eq!(buyer.call(asked.key("k")).await.data(), data, "replayed as it was");
    let other = Buyer::standing(1, &[], &json!([{"areaId": "Floor", "quantity": 2}]));
    buyer.call(other.key("k")).await.refused(422, "IDEMPOTENCY_KEY_REUSED");
    assert_eq!(
        buyer.seat(1, 12).await,
        json!({"seatId": 12, "position": 12, "amount": 30_000, "seatStatus": "TEMP_RESERVED", "section": "Floor", "row": null, "number": "2"})
    );
    let paid = buyer.pay(data["reservationId"].as_u64().expect("a number")).await.data();
    assert_eq!(paid["seats"], data["seats"]);
    let tickets = buyer.call(Call::get("/v1/api/user/tickets")).await.data();
    assert_eq!((tickets.as_array().map(Vec::len), &tickets[1]["section"]), (Some(4), &json!("Floor")));
    let gate = Call::post("/v1/tickets/verify").json(&json!({"ticket": tickets[1]["ticket"]}));
    assert_eq!(shop.client.call(gate).await.data()["verdict"], "VALID");
    assert!(shop.server.terminate().success());
    shop.server.assert_audit_clean();
}

#[tokio::test]
async fn a_client_that_knows_no_areas_holds_a_place_by_its_id() {
    let shop = shop().await;
    let buyer = shop.insider(1).await;
    buyer.hold(1, 11).await;
    assert_eq!(ids(&buyer.call(Buyer::standing(1, &[], &json!([{"areaId": "Floor", "quantity": 1}]))).await), [12]);
    assert_eq!(
        ids(&buyer.call(Buyer::wishing(1, &json!({"count": 2}))).await),
        [5, 6],
        "side by side is where people sit"
    );
    assert_eq!(ids(&buyer.call(Buyer::wishing(1, &json!({"count": 2, "section": "Floor"}))).await), [13, 14]);
}

#[tokio::test]
async fn the_catalog_says_where_people_stand() {
    let shop = shop().await;
    let catalog = shop.client.call(Call::get("/v1/catalog")).await.data();
    assert_eq!(
        catalog["concerts"][0]["schedules"][0]["sections"],
        json!([
            {"section": "A", "seats": 10, "amountMin": 50_000, "amountMax": 50_000, "standing": false},
            {"section": "Floor", "seats": 30, "amountMin": 30_000, "amountMax": 30_000, "standing": true},
            {"section": "Pit", "seats": 2, "amountMin": 40_000, "amountMax": 40_000, "standing": true},
        ])
    );
}

#[tokio::test]
async fn an_area_that_has_too_few_says_how_many_and_nothing_is_held() {
    let shop = shop().await;
    let (first, buyer) = (shop.insider(1).await, shop.insider(2).await);
    first.call(Buyer::standing(1, &[], &json!([{"areaId": "Pit", "quantity": 1}]))).await.data();
    let both = Buyer::standing(1, &[1], &json!([{"areaId": "Floor", "quantity": 2}, {"areaId": "Pit", "quantity": 2}]));
    // From the views, and, since a key is looked up before any refusal, from the engine.
    for call in [both.clone(), both.key("k")] {
        let document = buyer.call(call).await.refused(409, "AREA_TOO_FEW");
        assert_eq!(document["areas"], json!([{"areaId": "Pit", "left": 1}]), "{document}");
    }
    assert_eq!(left(&buyer).await, json!([10, 30, 1]));
    first.hold(1, 1).await;
    let document = buyer.call(Buyer::standing(1, &[1, 2], &json!([{"areaId": "Pit", "quantity": 1}]))).await;
    assert_eq!(document.refused(409, "SEAT_NOT_AVAILABLE")["seatIds"], json!([1]));
    buyer.call(Buyer::standing(1, &[2], &json!([{"areaId": "Pit", "quantity": 1}]))).await.data();
    let document = buyer.call(Buyer::standing(1, &[], &json!([{"areaId": "Pit", "quantity": 1}]))).await;
    assert_eq!(document.refused(409, "AREA_TOO_FEW")["areas"][0]["left"], 0);
}

#[tokio::test]
async fn what_is_no_wish_is_refused_by_name() {
    let shop = shop().await;
    let buyer = shop.insider(1).await;
    for (areas, field) in [
        (json!(null), "areas"),
        (json!([]), "areas"),
        (json!([{"areaId": "Floor"}]), "areas[0].quantity"),
        (json!([{"areaId": "Floor", "quantity": 0}]), "areas[0].quantity"),
        (json!([{"areaId": "Floor", "quantity": 1}, {"areaId": "Roof", "quantity": 1}]), "areas[1].areaId"),
        (json!([{"areaId": "A", "quantity": 1}]), "areas[0].areaId"),
    ] {
        let plain = Buyer::standing(1, &[], &areas);
        for call in [plain.clone(), plain.key("k")] {
            let document = buyer.call(call).await.refused(400, "BAD_REQUEST");
            assert_eq!(document["field"], field, "{document}");
        }
    }
    buyer
        .call(Buyer::standing(2, &[], &json!([{"areaId": "A", "quantity": 1}])))
        .await
        .refused(404, "SCHEDULE_NOT_FOUND");
    assert_eq!(left(&buyer).await, json!([10, 30, 2]));
    assert_eq!(shop.admin.close_schedule(1, true).await.status, 200);
    buyer.call(Buyer::standing(1, &[], &json!([{"areaId": "Floor", "quantity": 1}]))).await.refused(409, "SALE_CLOSED");
}

#[tokio::test]
async fn the_limit_counts_places_as_seats() {
    let shop = Shop::open_with(setup().set("hold.limit_per_user", 4), &catalog()).await;
    let buyer = shop.insider(1).await;
    let wish = |quantity: u32| Buyer::standing(1, &[1], &json!([{"areaId": "Floor", "quantity": quantity}]));
    buyer.call(wish(4)).await.refused(409, "HOLD_LIMIT_REACHED");
    buyer.call(wish(3)).await.data();
    assert_eq!(left(&buyer).await, json!([9, 27, 2]));
}

#[tokio::test]
async fn below_level_5_there_are_no_areas() {
    let shop = Shop::open(setup().set("store.level_max", 4)).await;
    let buyer = shop.insider(1).await;
    let wish = Buyer::standing(1, &[], &json!([{"areaId": "Floor", "quantity": 1}]));
    let document = buyer.call(wish).await.refused(503, "UNAVAILABLE");
    assert!(document["detail"].as_str().is_some_and(|detail| detail.contains("level 5")), "{document}");
    shop.admin.publish(&catalog()).await.refused(409, "LEVEL_TOO_LOW");
}

/// The hall of `examples/catalog/areas.json`: ten seats, a floor at two price types, and a pit that is for adults.
async fn families() -> Shop {
    const CATALOG: &str = include_str!("../../../../examples/catalog/areas.json");
    let shop = Shop::open(setup().set("hold.limit_per_user", 40)).await;
    let document: Value = serde_json::from_str(CATALOG).expect("the example is JSON");
    let published = shop.admin.call(Call::post("/v1/admin/catalog").json(&document)).await.data();
    assert_eq!(published, json!({"schedules": 1, "seats": 314}));
    shop
}

#[tokio::test]
async fn an_area_is_had_for_several_in_one_hold_and_each_ticket_says_for_whom() {
    let shop = families().await;
    let catalog = shop.client.call(Call::get("/v1/catalog")).await.data();
    let sections = &catalog["concerts"][0]["schedules"][0]["sections"];
    assert_eq!(sections[1]["prices"], json!([{"priceType": "child", "amount": 30_000}]), "{sections}");
    assert_eq!((sections[0].get("prices"), sections[2].get("prices")), (None, None), "{sections}");
    let buyer = shop.insider_with(1, 180_000).await;
    let family = json!([
        {"areaId": "Floor", "quantity": 2},
        {"areaId": "Floor", "quantity": 2, "priceType": "child"},
    ]);
    let held = buyer.call(Buyer::standing(1, &[], &family)).await.data();
    let place = |seat: u64, amount: u64, whom: &str| json!({"seatId": seat, "amount": amount, "priceType": whom});
    let seats = json!([
        place(11, 60_000, "adult"),
        place(12, 60_000, "adult"),
        place(13, 30_000, "child"),
        place(14, 30_000, "child"),
    ]);
    assert_eq!((&held["amount"], &held["seats"]), (&json!(180_000), &seats));
    assert_eq!(buyer.reservations().await.data()[0]["seats"], seats);
    assert_eq!(buyer.pay(held["reservationId"].as_u64().expect("a number")).await.data()["seats"], seats);
    let tickets = buyer.call(Call::get("/v1/api/user/tickets")).await.data();
    let whom: Vec<&Value> = tickets.as_array().expect("a list").iter().map(|ticket| &ticket["priceType"]).collect();
    assert_eq!(whom, ["adult", "adult", "child", "child"]);
}

#[tokio::test]
async fn an_area_at_several_price_types_is_refused_once_and_by_name() {
    let shop = families().await;
    let buyer = shop.insider(1).await;
    let pit = json!([{"areaId": "Pit", "quantity": 5}]);
    let named = json!([{"areaId": "Floor", "quantity": 1}, {"areaId": "Floor", "quantity": 1, "priceType": "adult"}]);
    let twice = json!([{"areaId": "Pit", "quantity": 1}, {"areaId": "Pit", "quantity": 1}]);
    let child = json!([{"areaId": "Pit", "quantity": 1, "priceType": "child"}]);
    let key = |call: Call, is_keyed: bool| if is_keyed { call.key("k") } else { call };
    for is_keyed in [false, true] {
        let document = buyer.call(key(Buyer::standing(1, &[], &pit), is_keyed)).await.refused(409, "AREA_TOO_FEW");
        assert_eq!(document["areas"], json!([{"areaId": "Pit", "left": 4}]), "{document}");
        let document = buyer.call(key(Buyer::standing(1, &[], &twice), is_keyed)).await.refused(400, "AREA_TWICE");
        assert_eq!(document["field"], "areas[1].areaId", "{document}");
        // Who names no price type names the first.
        let document = buyer.call(key(Buyer::standing(1, &[], &named), is_keyed)).await.refused(400, "AREA_TWICE");
        assert_eq!(document["field"], "areas[1].areaId", "{document}");
    }
    let document = buyer.call(Buyer::standing(1, &[], &child)).await.refused(409, "AREA_PRICE_NOT_OFFERED");
    assert_eq!(document["areas"], json!([{"areaId": "Pit", "left": 4}]), "{document}");
    assert_eq!(left(&buyer).await, json!([10, 300, 4]), "nothing was held");
}
