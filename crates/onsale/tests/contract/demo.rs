//! `--demo`: the catalog that a newcomer meets, and the way through it with curl.

use onsale_testkit::{Buyer, Call, Port};
use serde_json::json;

use crate::setup;

#[tokio::test]
async fn a_newcomer_gets_from_the_queue_to_a_ticket() {
    let server = setup().flag("--demo").start();
    let client = server.client();
    let buyer = Buyer::join(&client, 1).await;
    buyer.wait_for("PROGRESS").await;
    let schedules = buyer.schedules().await.data();
    assert!(schedules.as_array().unwrap().len() > 1, "several dates: {schedules}");
    let seats = buyer.seats(1).await.data();
    let positions: Vec<_> = seats.as_array().unwrap().iter().map(|seat| seat["position"].as_u64().unwrap()).collect();
    assert_eq!(positions, (1..=50).collect::<Vec<_>>(), "schedule 1 has 50 seats");
    let held = buyer.reserve(1, seats[0]["seatId"].as_u64().unwrap()).await.data();
    assert_eq!(buyer.seats(1).await.data()[0]["seatStatus"], "TEMP_RESERVED");
    let amount = held["amount"].as_u64().unwrap();
    assert_eq!(buyer.charge(amount).await.data(), json!({"amount": amount}));
    let paid = buyer.pay(held["reservationId"].as_u64().unwrap()).await.data();
    assert_eq!(paid["paymentAmount"], amount);
    assert_eq!(buyer.status().await, "DONE");
    let next = Buyer::admitted(&client, 2).await;
    assert_eq!(next.seats(1).await.data()[0]["seatStatus"], "RESERVED");
}

#[tokio::test]
async fn it_has_several_concerts_and_a_stadium() {
    let server = setup().flag("--demo").start();
    let catalog = server.client().call(Call::get("/v1/catalog")).await;
    assert_eq!(catalog.status, 200);
    let concerts = catalog.json().to_string().matches("\"concertId\"").count();
    assert!(concerts >= 3, "several concerts: {catalog}");
    let buyer = Buyer::admitted(&server.client(), 1).await;
    let schedules = buyer.schedules().await.data();
    let sizes: Vec<_> =
        schedules.as_array().unwrap().iter().map(|schedule| schedule["totalSeats"].as_u64().unwrap()).collect();
    assert!(sizes.contains(&50) && sizes.contains(&50_000), "{sizes:?}");
}

#[tokio::test]
async fn it_is_published_into_an_empty_directory_only() {
    let mut server = setup().flag("--demo").start();
    let buyer = Buyer::admitted(&server.client(), 1).await;
    buyer.hold(1, 1).await;
    server.kill();
    server.start_again(Port::Any);
    let buyer = buyer.through(&server.client());
    assert_eq!(buyer.seat(1, 1).await["seatStatus"], "TEMP_RESERVED");
}
