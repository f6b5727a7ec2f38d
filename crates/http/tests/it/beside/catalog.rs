//! Publishing, and what the public sees of it.

use axum::body::Body;
use http::header::{ETAG, IF_NONE_MATCH};
use http::{Request, StatusCode};
use onsale_domain::command::Command;
use onsale_domain::ids::{KeyId, QueueId, ScheduleId, SeatId, UserId};
use onsale_domain::reply::Reply;
use serde_json::{Value, json};

use super::store::Store;

fn date(schedule: u64, seats: u32) -> Value {
    json!({"scheduleId": schedule, "startsAt": "2027-05-01T19:00:00", "endsAt": "2027-05-01T21:30:00",
        "sections": [{"section": "A", "amount": 50_000, "rows": [{"row": "1", "seats": seats}]}]})
}

fn concert(schedules: &[Value]) -> Value {
    json!({"concerts": [{"concertId": 1, "title": "First Light", "queue": "vip", "schedules": schedules}]})
}

/// What the page shows of a shop where nothing is configured.
fn no_shop() -> Value {
    json!({"title": null, "color": null, "logo": null, "welcome": null, "ticket": null, "imprint": null, "returns": [], "joinOpen": true, "signIn": false})
}

#[tokio::test]
async fn what_is_published_is_in_the_public_catalog() {
    let store = Store::open();
    assert_eq!(
        store.get("/v1/catalog").await.data(),
        json!({"currency": "KRW", "currencyDigits": 0, "demo": false, "shop": no_shop(), "concerts": []})
    );
    let published = store.admin("POST", "/catalog", &concert(&[date(1, 50)])).await.data();
    assert_eq!(published, json!({"schedules": 1, "seats": 50}));
    let page = store.get("/v1/catalog").await;
    let expected = json!({"currency": "KRW", "currencyDigits": 0, "demo": false, "shop": no_shop(), "concerts": [{
        "concertId": 1, "title": "First Light", "queue": "vip",
        "schedules": [{
            "scheduleId": 1, "openDate": "2027-05-01", "startTime": "19:00", "endTime": "21:30",
            "startsAt": "2027-05-01T19:00:00+09:00", "endsAt": "2027-05-01T21:30:00+09:00", "zone": "Asia/Seoul",
            "saleClosed": false, "onSaleAt": null, "offSaleAt": null, "orphans": "prefer", "totalSeats": 50,
            "sections": [{"section": "A", "seats": 50, "amountMin": 50_000, "amountMax": 50_000, "standing": false}],
        }],
    }]});
    assert_eq!(page.data(), expected);
    let again = Request::get("/v1/catalog").header(IF_NONE_MATCH, &page.headers[ETAG]).body(Body::empty()).unwrap();
    assert_eq!(store.send(again).await.status, StatusCode::NOT_MODIFIED);
    store.admin("PATCH", "/schedules/1", &json!({"closed": true})).await.data();
    assert_eq!(store.get("/v1/catalog").await.data()["concerts"][0]["schedules"][0]["saleClosed"], true);
}

#[tokio::test]
async fn a_large_document_counts_each_date_once() {
    let store = Store::open();
    let published = store.admin("POST", "/catalog", &concert(&[date(1, 12_000), date(2, 3)])).await.data();
    assert_eq!(published, json!({"schedules": 2, "seats": 12_003}));
}

#[tokio::test]
async fn all_problems_of_a_document_are_listed() {
    let store = Store::open();
    let mut document = concert(&[date(1, 5), date(0, 5)]);
    document["concerts"][0]["title"] = json!("");
    document["concerts"][0]["schedules"][0]["zone"] = json!("Mars/Olympus");
    document["concerts"][0]["colour"] = json!("red");
    let problem = store.admin("POST", "/catalog", &document).await.refused(400, "BAD_REQUEST");
    let places: Vec<_> =
        problem["problems"].as_array().unwrap().iter().map(|one| one["at"].as_str().unwrap()).collect();
    for place in
        ["concerts[0]", "concerts[0].title", "concerts[0].schedules[0].zone", "concerts[0].schedules[1].scheduleId"]
    {
        assert!(places.contains(&place), "{place}: {problem}");
    }
    assert!(problem["detail"].as_str().unwrap().ends_with("and 1 more."), "{problem}");
    assert_eq!(store.get("/v1/catalog").await.data()["concerts"], json!([]));
    store.admin("POST", "/catalog", &json!({"concerts": []})).await.refused(400, "BAD_REQUEST");
}

#[tokio::test]
async fn an_upload_shows_when_it_is_published() {
    let store = Store::open();
    let staged = store.admin("PUT", "/catalog/uploads/7", &concert(&[date(1, 5)])).await.data();
    assert_eq!(staged, json!({"schedules": 1, "seats": 5}));
    store.admin("PUT", "/catalog/uploads/7", &concert(&[date(2, 6)])).await.data();
    store.admin("PUT", "/catalog/uploads/8", &concert(&[date(3, 7)])).await.data();
    assert_eq!(store.get("/v1/catalog").await.data()["concerts"], json!([]));
    assert_eq!(store.admin("DELETE", "/catalog/uploads/8", &Value::Null).await.data(), json!({}));
    store.admin("POST", "/catalog/uploads/8/publish", &Value::Null).await.refused(400, "BAD_REQUEST");
    let published = store.admin("POST", "/catalog/uploads/7/publish", &Value::Null).await.data();
    assert_eq!(published, json!({"schedules": 2, "seats": 11}));
    for id in ["0", "-1", "%2B1", "x", "9007199254740992"] {
        store.admin("DELETE", &format!("/catalog/uploads/{id}"), &Value::Null).await.refused(400, "BAD_REQUEST");
    }
}

#[tokio::test]
async fn what_is_held_is_neither_removed_nor_lost() {
    let store = Store::open();
    store.admin("POST", "/catalog", &concert(&[date(1, 5)])).await.data();
    let (user, queue) = (UserId(1), QueueId(1));
    let Reply::Joined(joined) = store.lane.submit(Command::Join { user, queue, key: KeyId(1) }).await.unwrap() else {
        panic!("a place was expected");
    };
    let seats = vec![SeatId(1)];
    let hold = Command::Reserve { ticket: joined.ticket, user, schedule: ScheduleId(1), seats, key: None };
    let Reply::Reserved(held) = store.lane.submit(hold).await.unwrap() else { panic!("a hold was expected") };
    store.admin("DELETE", "/schedules/1", &Value::Null).await.refused(409, "SCHEDULE_IN_USE");
    let mut without = concert(&[date(1, 5)]);
    without["concerts"][0]["schedules"][0]["sections"][0]["rows"] = json!([{"row": "1", "seats": 1}]);
    store.admin("POST", "/catalog", &without).await.data();
    let id = held.value.reservation.0;
    let released = store.admin("POST", &format!("/reservations/{id}/release"), &json!({"reason": "x"})).await.data();
    assert_eq!(released, json!({"reservationId": id, "seatStatus": "AVAILABLE"}));
    assert_eq!(store.admin("DELETE", "/schedules/1", &Value::Null).await.data(), json!({"scheduleId": 1}));
    store.admin("DELETE", "/schedules/1", &Value::Null).await.refused(404, "SCHEDULE_NOT_FOUND");
    store
        .admin("POST", "/reservations/99/release", &json!({"reason": "x"}))
        .await
        .refused(404, "RESERVATION_NOT_FOUND");
}
