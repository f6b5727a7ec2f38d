//! Single seats that a choice would leave. Which choices leave one, and need not, is tested beside the engine.

use onsale_testkit::{Buyer, Call, Catalog, Reply, Shop};
use serde_json::{Value, json};

use crate::setup;

async fn set(shop: &Shop, change: Value) -> Reply {
    shop.admin.call(Call::patch("/v1/admin/schedules/1").json(&change)).await
}

/// What a page is told before anybody chooses.
async fn told(shop: &Shop) -> Value {
    let catalog = shop.client.call(Call::get("/v1/catalog")).await.data();
    let concerts = catalog["concerts"].as_array().expect("a list").iter();
    let dates = concerts.flat_map(|concert| concert["schedules"].as_array().expect("a list"));
    dates.filter(|date| date["scheduleId"] == 1).map(|date| date["orphans"].clone()).next().expect("the date")
}

#[tokio::test]
async fn a_choice_that_leaves_a_single_seat_is_refused_where_the_date_refuses() {
    let mut shop = Shop::open(setup().set("hold.limit_per_user", 50)).await;
    let buyer = shop.insider(1).await;
    assert_eq!(told(&shop).await, "prefer");
    let set_to = set(&shop, json!({"orphans": "refuse"})).await.data();
    assert_eq!((&set_to["closed"], &set_to["orphans"]), (&json!(false), &json!("refuse")));
    assert_eq!(told(&shop).await, "refuse");
    for call in [Buyer::reserving_all(1, &[2, 3]), Buyer::reserving_all(1, &[3, 2]).key("k")] {
        let document = buyer.call(call).await.refused(409, "SEAT_LEFT_ALONE");
        assert_eq!(document["seatIds"], json!([1]), "{document}");
    }
    let document = buyer.reserve(1, 9).await.refused(409, "SEAT_LEFT_ALONE");
    assert_eq!(document["seatIds"], json!([10]), "of one seat too: {document}");
    assert_eq!(buyer.schedule(1).await["availableSeats"], 50, "nothing was held");
    shop.crash();
    let buyer = buyer.through(&shop.client);
    buyer.reserve_all(1, &[2, 3]).await.refused(409, "SEAT_LEFT_ALONE");
    buyer.hold_all(1, &[1, 2, 3]).await;
    assert_eq!(set(&shop, json!({"orphans": "allow"})).await.status, 200);
    buyer.hold(1, 5).await;
    assert_eq!(buyer.seat(1, 4).await["seatStatus"], "AVAILABLE");
}

#[tokio::test]
async fn a_catalog_says_it_and_one_that_does_not_changes_nothing() {
    let shop = Shop::open(setup()).await;
    let date = |orphans: Option<&str>| {
        let mut date = json!({"scheduleId": 1, "startsAt": "2027-05-01T19:00:00", "endsAt": "2027-05-01T21:30:00"});
        if let Some(orphans) = orphans {
            date["orphans"] = json!(orphans);
        }
        json!({"concerts": [{"concertId": 1, "title": "First Light", "schedules": [date]}]})
    };
    let publish = async |document: Value| shop.admin.call(Call::post("/v1/admin/catalog").json(&document)).await;
    for (orphans, expected) in [(Some("refuse"), "refuse"), (None, "refuse"), (Some("allow"), "allow")] {
        assert_eq!(publish(date(orphans)).await.status, 200);
        assert_eq!(told(&shop).await, expected, "{orphans:?}");
    }
    let document = publish(date(Some("never"))).await.refused(400, "BAD_REQUEST");
    assert_eq!(document["problems"][0]["at"], "concerts[0].schedules[0].orphans", "{document}");
    assert_eq!(told(&shop).await, "allow");
    for change in [json!({}), json!({"orphans": "never"}), json!({"orphans": null})] {
        set(&shop, change).await.refused(400, "BAD_REQUEST");
    }
    let missing = Call::patch("/v1/admin/schedules/77").json(&json!({"orphans": "refuse"}));
    shop.admin.call(missing).await.refused(404, "SCHEDULE_NOT_FOUND");
}

#[tokio::test]
async fn below_level_5_nobody_is_asked() {
    let shop = Shop::open(setup().set("store.level_max", 4)).await;
    let document = set(&shop, json!({"orphans": "refuse"})).await.refused(409, "LEVEL_TOO_LOW");
    assert!(document["detail"].as_str().is_some_and(|detail| detail.contains("level 5")), "{document}");
    let mut document = Catalog::hall(3, 1_000).document();
    document["concerts"][0]["schedules"][0]["orphans"] = json!("refuse");
    shop.admin.call(Call::post("/v1/admin/catalog").json(&document)).await.refused(409, "LEVEL_TOO_LOW");
    let part = Call::put("/v1/admin/catalog/uploads/7").json(&document);
    shop.admin.call(part).await.refused(409, "LEVEL_TOO_LOW");
    assert_eq!(told(&shop).await, "prefer");
    assert_eq!(set(&shop, json!({"closed": true})).await.status, 200);
}
