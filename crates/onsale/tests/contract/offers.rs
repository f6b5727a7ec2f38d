//! Seats at several prices, and wheelchair places, as clients see them. The hall is that of `examples/catalog/prices.json`.

use onsale_testkit::{Buyer, Call, Shop};
use serde_json::{Value, json};

use crate::setup;

const CATALOG: &str = include_str!("../../../../examples/catalog/prices.json");

fn publishing(document: &Value) -> Call {
    Call::post("/v1/admin/catalog").json(document)
}

fn document() -> Value {
    serde_json::from_str(CATALOG).expect("the example is JSON")
}

async fn shop() -> Shop {
    let shop = Shop::open(setup().set("hold.limit_per_user", 16)).await;
    let published = shop.admin.call(publishing(&document())).await.data();
    assert_eq!(published, json!({"schedules": 1, "seats": 36}));
    shop
}

fn asking(seats: &Value) -> Call {
    Call::post("/v1/api/concerts/reserve").json(&json!({"scheduleId": 1, "seats": seats}))
}

#[tokio::test]
async fn lists_say_what_seats_cost_and_for_whom() {
    let shop = shop().await;
    let buyer = shop.insider(1).await;
    let seat = buyer.seat(1, 22).await;
    let prices = json!([{"priceType": "child", "amount": 50_000}, {"priceType": "senior", "amount": 70_000}]);
    let told = ["amount", "category", "prices", "attributes"].map(|field| seat[field].clone());
    assert_eq!(told, [json!(99_000), json!("P2"), prices, json!(["companion"])]);
    let plain = buyer.seat(1, 29).await;
    assert_eq!((&plain["amount"], plain.as_object().expect("an object").len()), (&json!(80_000), 7), "{plain}");
    let catalog = shop.client.call(Call::get("/v1/catalog")).await.data();
    let date = &catalog["concerts"][0]["schedules"][0];
    assert_eq!(date["priceTypes"][1], json!({"priceType": "child", "title": "Child, to 12"}));
    assert_eq!(date["accessibleUntil"], "2027-04-30T12:00:00+09:00");
}

#[tokio::test]
async fn each_seat_is_held_paid_and_shown_at_its_price() {
    let mut shop = shop().await;
    let buyer = shop.insider_with(1, 300_000).await;
    let ask = asking(&json!([{"seatId": 1}, {"seatId": 2, "priceType": "child"}])).key("k");
    let held = buyer.call(ask.clone()).await.data();
    let seats = json!([
        {"seatId": 1, "amount": 150_000, "priceType": "adult"},
        {"seatId": 2, "amount": 75_000, "priceType": "child"},
    ]);
    assert_eq!((&held["amount"], &held["seats"]), (&json!(225_000), &seats));
    shop.crash();
    let buyer = buyer.through(&shop.client);
    assert_eq!(buyer.call(ask).await.data(), held, "replayed as it was");
    let other = asking(&json!([{"seatId": 1}, {"seatId": 2, "priceType": "adult"}])).key("k");
    buyer.call(other).await.refused(422, "IDEMPOTENCY_KEY_REUSED");
    let mine = buyer.reservations().await.data();
    assert_eq!(mine[0]["seats"], seats, "before it is paid, too");
    let paid = buyer.pay(held["reservationId"].as_u64().expect("a number")).await.data();
    assert_eq!((&paid["paymentAmount"], &paid["seats"]), (&json!(225_000), &seats));
    let tickets = buyer.call(Call::get("/v1/api/user/tickets")).await.data();
    let words = |ticket: &Value| [ticket["priceType"].clone(), ticket["priceTypeTitle"].clone()];
    assert_eq!(words(&tickets[1]), ["child", "Child, to 12"], "{tickets}");
    let gate = Call::post("/v1/tickets/verify").json(&json!({"ticket": tickets[1]["ticket"]}));
    assert_eq!(words(&shop.client.call(gate).await.data()), ["child", "Child, to 12"]);
}

#[tokio::test]
async fn one_seat_alone_says_for_whom_it_is_and_nothing_more_where_there_is_one_price() {
    let shop = shop().await;
    let buyer = shop.insider_with(1, 150_000).await;
    let held = buyer.reserve(1, 1).await.data();
    assert_eq!(held.get("seats"), None, "one seat, and its price beside it: {held}");
    let seats = json!([{"seatId": 1, "amount": 150_000, "priceType": "adult"}]);
    assert_eq!(buyer.reservations().await.data()[0]["seats"], seats);
    let paid = buyer.pay(held["reservationId"].as_u64().expect("a number")).await.data();
    assert_eq!(paid["seats"], seats);
    let date = json!({"scheduleId": 2, "startsAt": "2027-05-02T19:00:00", "endsAt": "2027-05-02T21:00:00",
        "sections": [{"section": "A", "amount": 7, "rows": [{"row": "1", "seats": 1}]}]});
    let plain = json!({"concerts": [{"concertId": 2, "title": "One price", "schedules": [date]}]});
    shop.admin.call(publishing(&plain)).await.data();
    let other = shop.insider_with(2, 7).await;
    let held = other.reserve(2, 1).await.data();
    assert_eq!(other.reservations().await.data()[0].get("seats"), None);
    let paid = other.pay(held["reservationId"].as_u64().expect("a number")).await.data();
    assert_eq!(paid.get("seats"), None, "{paid}");
}

#[tokio::test]
async fn what_is_not_offered_is_refused_by_its_code_and_seats() {
    let shop = shop().await;
    let buyer = shop.insider(1).await;
    for (seats, code, named) in [
        (json!([{"seatId": 1, "priceType": "senior"}, {"seatId": 21}]), "PRICE_TYPE_NOT_OFFERED", json!([1])),
        (json!([{"seatId": 21}, {"seatId": 22}]), "WHEELCHAIR_PLACE", json!([21])),
        (json!([{"seatId": 22}]), "COMPANION_SEAT", json!([22])),
        (
            json!([{"seatId": 21, "accessible": true}, {"seatId": 25, "accessible": true}]),
            "NOT_WHEELCHAIR_PLACE",
            json!([25]),
        ),
    ] {
        let document = buyer.call(asking(&seats)).await.refused(409, code);
        assert_eq!(document["seatIds"], named, "{document}");
    }
    buyer.reserve(1, 21).await.refused(409, "WHEELCHAIR_PLACE");
    let wrong = asking(&json!([{"seatId": 1, "priceType": "Child"}]));
    let document = buyer.call(wrong).await.refused(400, "BAD_REQUEST");
    assert_eq!(document["field"], "seats[0].priceType");
    assert_eq!(buyer.schedule(1).await["availableSeats"], 36, "nothing was held");
    buyer.call(asking(&json!([{"seatId": 22, "priceType": "child"}, {"seatId": 21, "accessible": true}]))).await.data();
}

#[tokio::test]
async fn a_wish_says_of_which_category_for_whom_and_with_which_places() {
    let shop = shop().await;
    let buyer = shop.insider(1).await;
    let wish = async |best: Value| buyer.call(Buyer::wishing(1, &best)).await;
    let two =
        wish(json!({"count": 2, "accessible": 1, "priceTypes": [{"priceType": "child", "count": 2}]})).await.data();
    let place = |seat: u64| json!({"seatId": seat, "amount": 50_000, "priceType": "child"});
    assert_eq!(two["seats"], json!([place(23), place(24)]), "nearer to the middle than 21 and 22");
    let mixed = json!([{"priceType": "adult", "count": 1}, {"priceType": "senior", "count": 1}]);
    let senior = wish(json!({"count": 2, "category": "P2", "priceTypes": mixed})).await.data();
    let expected = json!([
        {"seatId": 25, "amount": 99_000, "priceType": "adult"},
        {"seatId": 26, "amount": 70_000, "priceType": "senior"},
    ]);
    assert_eq!(senior["seats"], expected, "places beside them are kept");
    let document = wish(json!({"count": 1, "category": "P3"})).await.refused(400, "BAD_REQUEST");
    assert_eq!(document["field"], "best.category");
    let nobody = json!({"count": 1, "priceTypes": [{"priceType": "nobody", "count": 1}]});
    let refused = wish(nobody).await.refused(409, "PRICE_TYPE_NOT_OFFERED");
    assert_eq!(refused["field"], "best.priceTypes");
    // A wish names no seats, and none are promised.
    let detail = refused["detail"].as_str().unwrap_or_default();
    assert!(detail.contains("best.priceTypes") && !detail.contains("seatIds"), "{refused}");
    wish(json!({"count": 2, "accessible": 2})).await.refused(409, "SEATS_TOO_FEW");
}

#[tokio::test]
async fn from_its_moment_on_a_wheelchair_place_is_a_seat() {
    let shop = shop().await;
    let mut document = document();
    document["concerts"][0]["schedules"][0]["accessibleUntil"] = json!("2026-01-01T00:00:00");
    shop.admin.call(publishing(&document)).await.data();
    let buyer = shop.insider(1).await;
    buyer.hold(1, 22).await;
    buyer.hold(1, 21).await;
}

#[tokio::test]
async fn a_document_whose_prices_do_not_fit_is_refused_by_place() {
    let shop = shop().await;
    let date = "/concerts/0/schedules/0";
    for (pointer, value, at) in [
        ("/priceTypes/1/priceType", json!("adult"), "priceTypes[1].priceType"),
        ("/categories/0/prices", json!({"adult": 1}), "categories[0].prices"),
        ("/sections/0/category", json!("P9"), "sections[0].category"),
        (
            "/sections/0/rows/1/attributes/restrictedView",
            json!([11]),
            "sections[0].rows[1].attributes.restrictedView[0]",
        ),
    ] {
        let mut document = document();
        *document.pointer_mut(&format!("{date}{pointer}")).expect("it is there") = value;
        let refused = shop.admin.call(publishing(&document)).await.refused(400, "BAD_REQUEST");
        assert_eq!(refused["problems"][0]["at"], format!("concerts[0].schedules[0].{at}"), "{refused}");
    }
    let mut document = document();
    *document.pointer_mut(&format!("{date}/sections/1/rows/0/attributes/companion")).expect("it is there") = json!([8]);
    let refused = shop.admin.call(publishing(&document)).await.refused(400, "BAD_REQUEST");
    assert_eq!(refused["field"], "attributes", "{refused}");
}

#[tokio::test]
async fn below_level_5_there_is_one_price() {
    let shop = Shop::open(setup().set("store.level_max", 4)).await;
    let refused = shop.admin.call(publishing(&document())).await.refused(409, "LEVEL_TOO_LOW");
    assert!(refused["detail"].as_str().is_some_and(|detail| detail.contains("level 5")), "{refused}");
    let buyer = shop.insider(1).await;
    buyer.call(asking(&json!([{"seatId": 1, "priceType": "adult"}]))).await.refused(503, "UNAVAILABLE");
    buyer.call(Buyer::wishing(1, &json!({"count": 1, "accessible": 1}))).await.refused(503, "UNAVAILABLE");
    buyer.hold(1, 1).await;
}
