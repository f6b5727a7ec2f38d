//! The correct server does what it should, and each fault is there.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Fault, PlantedServer, Rules};
use crate::{Buyer, Call, Client, eventually};

fn rules() -> Rules {
    Rules { active_limit: 2, seats_per_section: 40, sections: 1, schedules: 1, ..Rules::default() }
}

fn start(fault: Option<Fault>) -> (PlantedServer, Client) {
    let server = PlantedServer::start(&Rules { active_limit: 100, ..rules() }, fault);
    let client = Client::new(server.address());
    (server, client)
}

/// Charges a buyer, and holds and pays a seat.
async fn buy(buyer: &Buyer, seat: u64) -> u64 {
    buyer.charge(150_000).await.data();
    let reservation = buyer.hold(1, seat).await;
    assert_eq!(buyer.pay(reservation).await.data()["paymentAmount"], 50_000);
    reservation
}

#[tokio::test]
async fn the_correct_server_sells_a_seat_once() {
    let (_server, client) = start(None);
    let (winner, loser) = (Buyer::admitted(&client, 1).await, Buyer::admitted(&client, 2).await);
    let reservation = buy(&winner, 3).await;
    assert_eq!(winner.balance().await, 100_000);
    assert_eq!(winner.status().await, "DONE");
    winner.pay(reservation).await.refused(409, "ALREADY_PAID");
    loser.reserve(1, 3).await.refused(409, "SEAT_NOT_AVAILABLE");
    assert_eq!(loser.seat(1, 3).await["seatStatus"], "RESERVED");
    assert_eq!(loser.schedules().await.data()[0]["availableSeats"], 39);
    assert_eq!(winner.reservations().await.data()[0]["status"], "RESERVED");
}

#[tokio::test]
async fn the_correct_server_admits_in_order_and_frees_what_lapses() {
    let server = PlantedServer::start(&Rules { hold: Duration::from_millis(50), ..rules() }, None);
    let client = Client::new(server.address());
    let mut buyers = Vec::new();
    for user in 1..=5 {
        buyers.push(Buyer::join(&client, user).await);
    }
    assert_eq!(buyers[4].position().await, 3);
    assert_eq!(buyers[0].hold(1, 1).await, 1);
    eventually("the hold lapses", async || buyers[1].seat(1, 1).await["seatStatus"] == "AVAILABLE").await;
    buyers[0].pay(1).await.refused(410, "HOLD_EXPIRED");
    buyers[3].leave().await.data();
    buyers[0].leave().await.data();
    assert_eq!((buyers[2].status().await, buyers[4].position().await), ("PROGRESS".to_owned(), 1));
    buyers[4].reserve(1, 1).await.refused(403, "NOT_ADMITTED");
}

#[tokio::test]
async fn a_retry_is_answered_unless_that_is_the_fault() {
    for (fault, balance) in [(None, 10), (Some(Fault::RepeatsWhatIsRetried), 20)] {
        let (_server, client) = start(fault);
        let buyer = Buyer::admitted(&client, 1).await;
        for _ in 0..2 {
            buyer.call(Buyer::charging(10).key("k")).await.data();
        }
        assert_eq!(buyer.balance().await, balance);
    }
}

#[tokio::test]
async fn money_goes_wrong_where_that_is_the_fault() {
    for fault in [Fault::DebitsTwice, Fault::LosesACharge, Fault::LosesAPayment, Fault::LosesAReservation] {
        let (_server, client) = start(Some(fault));
        let mut is_wrong = false;
        for user in 1..=20 {
            let buyer = Buyer::admitted(&client, user).await;
            buyer.charge(150_000).await.data();
            let reservation = buyer.hold(1, user).await;
            let paid = buyer.pay(reservation).await;
            is_wrong |= paid.status != 200 || buyer.balance().await != 100_000;
        }
        assert!(is_wrong, "{fault}");
    }
}

#[tokio::test]
async fn a_seat_is_held_twice_where_that_is_the_fault() {
    let (_server, client) = start(Some(Fault::SellsASeatTwice));
    let mut held = 0;
    for user in 1..=6 {
        held += u32::from(Buyer::admitted(&client, user).await.reserve(1, 1).await.status == 200);
    }
    assert_eq!(held, 2);
}

#[tokio::test]
async fn the_queue_goes_wrong_where_that_is_the_fault() {
    for (fault, inside) in
        [(None, vec![3, 4]), (Some(Fault::ExceedsTheLimit), vec![3, 4, 5]), (Some(Fault::AdmitsOutOfOrder), vec![3, 6])]
    {
        let server = PlantedServer::start(&rules(), fault);
        let client = Client::new(server.address());
        let mut buyers = Vec::new();
        for user in 1..=6 {
            buyers.push(Buyer::join(&client, user).await);
        }
        for gone in &buyers[..2] {
            gone.leave().await.data();
        }
        let mut found = Vec::new();
        for buyer in &buyers {
            if buyer.status().await == "PROGRESS" {
                found.push(buyer.user());
            }
        }
        assert_eq!(found, inside, "{fault:?}");
    }
}

#[tokio::test]
async fn lists_lie_where_that_is_the_fault() {
    for (fault, available, second) in [
        (None, 39, "TEMP_RESERVED"),
        (Some(Fault::ServesAStaleSchedule), 40, "TEMP_RESERVED"),
        (Some(Fault::TearsSeatLists), 39, "AVAILABLE"),
    ] {
        let (_server, client) = start(fault);
        let buyer = Buyer::admitted(&client, 1).await;
        assert_eq!(buyer.schedules().await.data()[0]["availableSeats"], 40);
        assert_eq!(buyer.seat(1, 2).await["seatStatus"], "AVAILABLE");
        buyer.hold(1, 2).await;
        assert_eq!(buyer.schedules().await.data()[0]["availableSeats"], available, "{fault:?}");
        assert_eq!(buyer.seat(1, 2).await["seatStatus"], second, "{fault:?}");
    }
}

#[tokio::test]
async fn a_failure_goes_out_as_a_success_where_that_is_the_fault() {
    let (_server, client) = start(Some(Fault::HidesAFailure));
    let buyer = Buyer::admitted(&client, 1).await;
    let mut hidden = Vec::new();
    for _ in 0..25 {
        let reply = buyer.charge(1).await;
        assert_eq!(reply.status, 200);
        hidden.extend(Some(reply.json()).filter(|body: &Value| body["resultType"] == "FAIL"));
    }
    assert_eq!(hidden.iter().map(|body| &body["status"]).collect::<Vec<_>>(), [&json!(500)]);
}

#[tokio::test]
async fn lists_have_tags_and_metrics_are_told() {
    let (_server, client) = start(None);
    let buyer = Buyer::admitted(&client, 1).await;
    let first = buyer.seats(1).await;
    let tag = first.header("etag").expect("a seat list has a tag").to_owned();
    let again = Call::get("/v1/api/concerts/seat?scheduleId=1").header("if-none-match", &tag);
    assert_eq!(buyer.call(again).await.status, 304);
    let metrics = client.call(Call::get("/metrics")).await;
    let text = String::from_utf8_lossy(&metrics.body);
    assert!(text.contains("onsale_queue_active{queue=\"default\"} 1\n"), "{text}");
    assert_eq!(client.call(Call::get("/v1/catalog")).await.data()["concerts"][0]["schedules"][0]["totalSeats"], 40);
}
