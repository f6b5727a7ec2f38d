//! Schedules and seats as a buyer sees them.

use jiff::Timestamp;
use onsale_testkit::{Buyer, Call, Catalog, Kind, Schedule, Shop, assert_shape, assert_utc_instant};
use serde_json::{Value, json};

use crate::setup;

const SCHEDULE: [(&str, Kind); 12] = [
    ("scheduleId", Kind::Integer),
    ("concertTitle", Kind::Text),
    ("openDate", Kind::Text),
    ("startTime", Kind::Text),
    ("endTime", Kind::Text),
    ("seatStatus", Kind::Text),
    ("concertId", Kind::Integer),
    ("startsAt", Kind::Text),
    ("endsAt", Kind::Text),
    ("saleClosed", Kind::Boolean),
    ("totalSeats", Kind::Integer),
    ("availableSeats", Kind::Integer),
];

const SEAT: [(&str, Kind); 7] = [
    ("seatId", Kind::Integer),
    ("position", Kind::Integer),
    ("amount", Kind::Integer),
    ("seatStatus", Kind::Text),
    ("section", Kind::TextOrNull),
    ("row", Kind::TextOrNull),
    ("number", Kind::TextOrNull),
];

fn instant(value: &Value) -> Timestamp {
    assert_utc_instant(value);
    value.as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_schedule_has_exactly_its_fields() {
    let shop = Shop::open(setup()).await;
    let list = shop.insider(1).await.schedules().await.data();
    let schedules = list.as_array().unwrap();
    assert_eq!(schedules.len(), 2, "{list}");
    for schedule in schedules {
        assert_shape(schedule, &SCHEDULE);
        assert_eq!((&schedule["concertId"], &schedule["concertTitle"]), (&json!(1), &json!("First Light")));
        assert_eq!(schedule["seatStatus"], "AVAILABLE");
    }
    assert_eq!((&schedules[0]["totalSeats"], &schedules[0]["availableSeats"]), (&json!(50), &json!(50)));
    assert_eq!((&schedules[1]["totalSeats"], &schedules[1]["availableSeats"]), (&json!(5), &json!(5)));
}

#[tokio::test]
async fn dates_are_local_to_their_zone_and_have_exact_twins() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider(1).await;
    let seoul = buyer.schedule(1).await;
    assert_eq!([&seoul["openDate"], &seoul["startTime"], &seoul["endTime"]], ["2027-05-01", "19:00", "21:30"]);
    assert_eq!(instant(&seoul["startsAt"]), "2027-05-01T10:00:00Z".parse().unwrap());
    assert_eq!(instant(&seoul["endsAt"]), "2027-05-01T12:30:00Z".parse().unwrap());
    let new_york = buyer.schedule(2).await;
    assert_eq!([&new_york["openDate"], &new_york["startTime"], &new_york["endTime"]], ["2027-05-08", "19:00", "23:15"]);
    assert_eq!(instant(&new_york["startsAt"]), "2027-05-08T23:00:00Z".parse().unwrap());
    assert_eq!(instant(&new_york["endsAt"]), "2027-05-09T03:15:00Z".parse().unwrap());
}

#[tokio::test]
async fn a_schedule_without_a_zone_is_in_seoul() {
    let shop = Shop::open(setup()).await;
    let document = json!({"concerts": [{"concertId": 9, "title": "한밤의 콘서트 \"<&>\"", "schedules": [{
        "scheduleId": 9, "startsAt": "2027-06-01T23:30:00", "endsAt": "2027-06-02T01:00:00",
        "sections": [{"section": "A", "amount": 0, "rows": [{"row": "1", "seats": 1}]}],
    }]}]});
    let published = shop.admin.call(Call::post("/v1/admin/catalog").json(&document)).await;
    assert_eq!(published.status, 200, "{published}");
    let schedule = shop.insider(1).await.schedule(9).await;
    assert_eq!(instant(&schedule["startsAt"]), "2027-06-01T14:30:00Z".parse().unwrap());
    assert_eq!((&schedule["openDate"], &schedule["endTime"]), (&json!("2027-06-01"), &json!("01:00")));
    assert_eq!(schedule["concertTitle"], "한밤의 콘서트 \"<&>\"");
}

#[tokio::test]
async fn schedules_of_one_concert_may_be_asked_for() {
    let second = vec![Schedule::new(30).section("A", 1, 1, 1), Schedule::new(31).section("A", 1, 1, 1)];
    let catalog =
        Catalog::new().concert(1, "One", vec![Schedule::new(10).section("A", 1, 1, 1)]).concert(2, "Two", second);
    let shop = Shop::open_with(setup(), &catalog).await;
    let buyer = shop.insider(1).await;
    for (query, expected) in
        [("", vec![10, 30, 31]), ("?concertId=1", vec![10]), ("?concertId=2", vec![30, 31]), ("?concertId=3", vec![])]
    {
        let data = buyer.call(Call::get(format!("/v1/api/concerts/schedule{query}"))).await.data();
        let ids: Vec<_> =
            data.as_array().unwrap().iter().map(|schedule| schedule["scheduleId"].as_u64().unwrap()).collect();
        assert_eq!(ids, expected, "{query}");
    }
}

#[tokio::test]
async fn a_seat_has_exactly_its_fields() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider(1).await;
    let list = buyer.seats(1).await.data();
    let seats = list.as_array().unwrap();
    assert_eq!(seats.len(), 50);
    for (at, seat) in seats.iter().enumerate() {
        assert_shape(seat, &SEAT);
        assert_eq!((&seat["seatId"], &seat["position"]), (&json!(at + 1), &json!(at + 1)));
        assert_eq!((&seat["amount"], &seat["seatStatus"]), (&json!(50_000), &json!("AVAILABLE")));
        assert_eq!((&seat["section"], &seat["row"]), (&json!("A"), &json!((at / 10 + 1).to_string())));
    }
}

#[tokio::test]
async fn seats_given_one_by_one_keep_their_ids_and_show_what_they_lack_as_null() {
    let shop = Shop::open(setup()).await;
    let vip = Buyer::join_queue(&shop.client, 1, "vip").await;
    vip.wait_for("PROGRESS").await;
    let list = vip.seats(3).await.data();
    for (at, seat) in list.as_array().unwrap().iter().enumerate() {
        assert_shape(seat, &SEAT);
        assert_eq!((&seat["seatId"], &seat["position"]), (&json!((at + 1) * 100), &json!(at + 1)));
        assert_eq!([&seat["section"], &seat["row"], &seat["number"]], [&Value::Null; 3], "{seat}");
    }
    assert_eq!(list.as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn the_seats_of_one_section_may_be_asked_for() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider(1).await;
    for (section, expected) in [("B", vec![1, 2]), ("C", vec![3, 4, 5]), ("Z", vec![]), ("b", vec![])] {
        let data = buyer.call(Call::get(format!("/v1/api/concerts/seat?scheduleId=2&section={section}"))).await.data();
        let seats = data.as_array().unwrap();
        let ids: Vec<_> = seats.iter().map(|seat| seat["seatId"].as_u64().unwrap()).collect();
        assert_eq!(ids, expected, "section {section}");
        assert!(seats.iter().all(|seat| seat["section"] == section));
    }
}

#[tokio::test]
async fn a_section_s_name_may_be_any_text() {
    let name = "1층 A&B=\"스탠딩\" 100%";
    let catalog = Catalog::new().concert(1, "One", vec![Schedule::new(1).section(name, 5, 1, 3).section("A", 5, 1, 2)]);
    let shop = Shop::open_with(setup(), &catalog).await;
    let encoded: String = name.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let buyer = shop.insider(1).await;
    let data = buyer.call(Call::get(format!("/v1/api/concerts/seat?scheduleId=1&section={encoded}"))).await.data();
    assert_eq!(data.as_array().unwrap().len(), 3);
    assert_eq!(data[0]["section"], name);
}

#[tokio::test]
async fn a_seat_goes_from_available_to_held_to_sold() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider_with(1, 50_000).await;
    let watcher = shop.insider(2).await;
    assert_eq!(watcher.seat(1, 7).await["seatStatus"], "AVAILABLE");
    let reservation = buyer.hold(1, 7).await;
    assert_eq!(buyer.seat(1, 7).await["seatStatus"], "TEMP_RESERVED", "own writes are seen in the next read");
    assert_eq!(watcher.seat(1, 7).await["seatStatus"], "TEMP_RESERVED");
    assert_eq!(watcher.schedule(1).await["availableSeats"], 49);
    buyer.pay(reservation).await.data();
    assert_eq!(watcher.seat(1, 7).await["seatStatus"], "RESERVED");
    assert_eq!(watcher.schedule(1).await["availableSeats"], 49);
    assert_eq!(watcher.seat(1, 8).await["seatStatus"], "AVAILABLE");
}

#[tokio::test]
async fn a_schedule_is_sold_out_while_no_seat_is_available() {
    let shop = Shop::open_with(setup(), &Catalog::hall(3, 10)).await;
    let buyer = shop.insider_with(1, 100).await;
    let holds = [buyer.hold(1, 1).await, buyer.hold(1, 2).await, buyer.hold(1, 3).await];
    let full = buyer.schedule(1).await;
    assert_eq!(
        (&full["seatStatus"], &full["availableSeats"], &full["totalSeats"]),
        (&json!("SOLD_OUT"), &json!(0), &json!(3))
    );
    let late = shop.insider(2).await;
    let refused = late.reserve(1, 2).await;
    assert_eq!(refused.status, 409, "{refused}");
    assert!(["SEAT_NOT_AVAILABLE", "SOLD_OUT"].contains(&refused.code().unwrap().as_str()), "{refused}");
    assert_eq!(buyer.cancel(holds[1]).await.status, 200);
    let again = late.schedule(1).await;
    assert_eq!((&again["seatStatus"], &again["availableSeats"]), (&json!("AVAILABLE"), &json!(1)));
    late.hold(1, 2).await;
    assert_eq!(late.schedule(1).await["seatStatus"], "SOLD_OUT");
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider(1).await;
    buyer.seats(99).await.refused(404, "SCHEDULE_NOT_FOUND");
    buyer.reserve(99, 1).await.refused(404, "SCHEDULE_NOT_FOUND");
    buyer.reserve(1, 51).await.refused(404, "SEAT_NOT_FOUND");
}
